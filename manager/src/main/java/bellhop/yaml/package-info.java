/**
 * The language of {@code service.yaml}: a file read into a definition, or into errors with positions. The only
 * package that knows SnakeYAML.
 *
 * <p>Begin with {@link bellhop.yaml.ServiceKeys}: the keys, each a {@link bellhop.yaml.YamlKey} with its
 * {@link bellhop.yaml.Syntax}. {@link bellhop.yaml.ServiceYaml} reads a file by them, {@link bellhop.yaml.DefinitionMaker}
 * makes a definition of what was read, {@link bellhop.yaml.YamlCursor} is where it reads, {@link
 * bellhop.yaml.Problem} one thing that is wrong; {@link bellhop.yaml.Explanation} says what is in force and why. {@link
 * bellhop.yaml.EnvFile} reads files of variables. Directories are not known here.
 */
@NullMarked
package bellhop.yaml;

import org.jspecify.annotations.NullMarked;
