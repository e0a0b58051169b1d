/**
 * The verbs of {@code bh}: words in, lines and an exit status out. The only package that knows picocli.
 *
 * <p>Begin with {@link bellhop.cli.VerbName}, the table of the verbs, and {@link bellhop.cli.Verbs}, what they do. {@link
 * bellhop.cli.BhCommandLine} parses the words; {@link bellhop.cli.Dispatcher} takes requests in a manager, each of which is a {@link bellhop.cli.Session}; {@link
 * bellhop.cli.LocalCommands} carries out, in the client, what needs no manager. A {@link bellhop.cli.LocalVerb} works in
 * both. Nothing here knows a process.
 */
@NullMarked
package bellhop.cli;

import org.jspecify.annotations.NullMarked;
