/** A service directory and its YAML, read into an immutable definition or into errors with positions. */
@NullMarked
package bellhop.definition;

import org.jspecify.annotations.NullMarked;
