/**
 * The assembly of a manager: what {@code bh run} is made of, how it begins and how it ends.
 *
 * <p>Begin with {@link bellhop.manager.Manager}: it makes the parts, starts what starts by itself, and at a signal stops
 * everything. {@link bellhop.manager.ServiceRequests} is how all of them ask the core for services, and
 * {@link bellhop.manager.ServiceWatchers} how they hear what becomes of them. {@link bellhop.manager.RunOptions} and {@link bellhop.manager.DefaultPaths} say with what; {@link
 * bellhop.manager.Journal} and {@link bellhop.manager.StandardOutput} are what it says; {@link bellhop.manager.Upgrade} has
 * another program take its place, and {@link bellhop.manager.OwnImage} keeps the files of that one apart until then. {@link bellhop.manager.LogOutlet}, {@link bellhop.manager.TriggeredServices}, {@link
 * bellhop.manager.ServiceSockets} and {@link bellhop.manager.DefinitionNews} join two parts that know nothing of each
 * other. How a part does its work is not known here, nor any verb: what carries those out is handed in.
 */
@NullMarked
package bellhop.manager;

import org.jspecify.annotations.NullMarked;
