/** The two ways in, the socket and the FIFO, and who may use them. */
@NullMarked
package bellhop.control;

import org.jspecify.annotations.NullMarked;
