/**
 * One event loop for the owner of a thread: descriptors with handlers, tasks from other threads, timers and a wake-up.
 *
 * <p>{@link bellhop.loop.EventLoop} is all that others see. {@code Timers} knows until when it waits, {@code StandStill}
 * notices that nobody waited. What it is used for is not known here.
 */
@NullMarked
package bellhop.loop;

import org.jspecify.annotations.NullMarked;
