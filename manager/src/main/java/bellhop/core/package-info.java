/**
 * The state machine of services and holds: inputs in, effects out. No input or output, no thread, no clock, no
 * chance.
 *
 * <p>Begin with {@link bellhop.core.Lifecycle}, the machine of one service, then {@link bellhop.core.Supervisor}, all of them
 * together. {@link bellhop.core.Holds} counts who holds what, {@link bellhop.core.Pending} knows who waits for whom. {@link
 * bellhop.core.Input} goes into the supervisor, {@link bellhop.core.Event} into the machine of one service, {@link
 * bellhop.core.Effect} comes out of both; {@link bellhop.core.Service} and what it consists of is what goes on record.
 * Of other packages only the values of {@code definition} are known.
 */
@NullMarked
package bellhop.core;

import org.jspecify.annotations.NullMarked;
