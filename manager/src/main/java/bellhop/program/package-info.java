/** The programs that start as processes of their own: the client {@code bh}, and the four that need no manager. */
@NullMarked
package bellhop.program;

import org.jspecify.annotations.NullMarked;
