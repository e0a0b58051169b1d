/**
 * One event loop for the owner of a thread: descriptors with handlers, tasks from other threads, timers and a wake-up.
 *
 * <p>{@link bellhop.loop.EventLoop} is all that others see. {@code Timers} knows until when it waits, {@code StandStill}
 * notices a stand-still. This package does not know its users.
 */
@NullMarked
package bellhop.loop;

import org.jspecify.annotations.NullMarked;
