/** The commands: words in, lines and an exit code out. */
@NullMarked
package bellhop.cli;

import org.jspecify.annotations.NullMarked;
