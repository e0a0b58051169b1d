/** What services write: captured, stamped, rotated, read back. */
@NullMarked
package bellhop.log;

import org.jspecify.annotations.NullMarked;
