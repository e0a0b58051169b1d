/** The kernel, by the Foreign Function and Memory API: small functions whose failures carry errno. */
@NullMarked
package bellhop.linux;

import org.jspecify.annotations.NullMarked;
