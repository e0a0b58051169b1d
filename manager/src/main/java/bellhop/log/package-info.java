/**
 * The output of services: captured, stamped, rotated, read back. It knows names, FIFOs and marks, and nothing
 * of services; one thread, {@code bellhop-log}, moves everything.
 *
 * <p>On disk, in a directory for each name: {@code current}, which is appended to, and {@code current.1}
 * (the youngest) to {@code current.5}. Read from the highest number down to {@code current} they are one
 * text. A line is {@code 2026-11-23T21:41:10.123Z text}, or {@code 2026-11-23T21:41:10.123Z [pre] text} of
 * a script with a mark; the text is the bytes that were written, whatever they are.
 *
 * <p>The manager's own lines are a log like these, {@code .manager}, which can be no service's name.
 */
@NullMarked
package bellhop.log;

import org.jspecify.annotations.NullMarked;
