/**
 * The state that outlives the manager: a record for each service, in the run dir.
 *
 * <p>Begin with {@link bellhop.engine.record.Records}. A {@link bellhop.engine.record.RecordFile} is the text of one, the
 * core's own values written leaf by leaf by {@link bellhop.engine.record.RecordText}, which also keeps the names under
 * which they are written; a {@code ServiceRecord} is what the next manager reads. {@link
 * bellhop.engine.record.EventLog} has what happened to services, and why.
 */
@NullMarked
package bellhop.engine.record;

import org.jspecify.annotations.NullMarked;
