/**
 * Values: the name of a service and what its directory says, as the core has it.
 *
 * <p>Begin with {@link bellhop.definition.Definition} and {@link bellhop.definition.ServiceName}. The others are its parts,
 * each of a key of {@code service.yaml}, and what makes a text fit for a message ({@link bellhop.definition.Quote},
 * {@link bellhop.definition.Nearest}). No input or output, no library, no other package.
 */
@NullMarked
package bellhop.definition;

import org.jspecify.annotations.NullMarked;
