/** The one loop: events from the kernel, the clock and the callers go to the core, and what it answers is carried out. */
@NullMarked
package bellhop.engine;

import org.jspecify.annotations.NullMarked;
