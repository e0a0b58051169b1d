/**
 * What an event loop is made of: descriptors with what to call, and timers.
 *
 * <p>{@link bellhop.loop.Poller} waits, {@link bellhop.loop.Timers} knows until when, {@link bellhop.loop.StandStill} notices
 * that nobody waited. What it is used for is not known here.
 */
@NullMarked
package bellhop.loop;

import org.jspecify.annotations.NullMarked;
