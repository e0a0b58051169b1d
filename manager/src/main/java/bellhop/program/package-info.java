/**
 * The programs that start as processes of their own: the client {@code bh}, and the four that need no manager.
 *
 * <p>{@link bellhop.program.Bh} carries words to a manager and its answer back; {@link bellhop.program.Escort}, {@link
 * bellhop.program.Connect}, {@link bellhop.program.Semaphore} and {@link bellhop.program.StateFile} are the programs of
 * those names. They start in the time of a JVM: neither picocli nor YAML is loaded by a client.
 */
@NullMarked
package bellhop.program;

import org.jspecify.annotations.NullMarked;
