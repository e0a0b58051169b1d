/**
 * What the program {@code bh} draws for people: a manager gives facts, and the renderers here make tables, sentences, trees
 * and JSON of them. Runs in the client and nowhere else; the manager loads none of it. The only package that knows
 * JLine.
 *
 * <p>{@link bellhop.terminal.Drawing} asks and has a {@link bellhop.terminal.Renderer} draw the answer; {@link
 * bellhop.terminal.Look} is what the output can show.
 */
@NullMarked
package bellhop.terminal;

import org.jspecify.annotations.NullMarked;
