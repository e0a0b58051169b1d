/**
 * The one loop: what comes from the kernel, the clock and the clients goes to the core, and what the core answers
 * is carried out.
 *
 * <p>Begin with {@link bellhop.engine.Engine}. Below it, {@code process} has the scripts, {@code readiness} what services say
 * of themselves and what they are asked, {@code record} what outlives the manager. Nothing is decided here.
 */
@NullMarked
package bellhop.engine;

import org.jspecify.annotations.NullMarked;
