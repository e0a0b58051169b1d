/** The state machine of services and holds: events in, effects out, no I/O, no threads, no clock. */
@NullMarked
package bellhop.core;

import org.jspecify.annotations.NullMarked;
