/**
 * The processes of scripts: launched, watched, ended with all that they started, and found again by the next manager.
 *
 * <p>Begin with {@link bellhop.engine.process.Processes}. {@link bellhop.engine.process.ScriptCommand} says how a script is
 * executed, {@link bellhop.engine.process.ScriptProcess} is one that was, {@link bellhop.engine.process.Sweeper} ends them
 * by a {@link bellhop.engine.process.Census} of all processes, {@link bellhop.engine.process.LeftProcesses} are those of
 * an earlier manager, {@link bellhop.engine.process.Cgroups} their limits, {@link bellhop.engine.process.Probes} the
 * commands that ask services how they are. When and why is the core's; a {@link bellhop.engine.process.LaunchObserver}
 * takes the reports of a launch about itself.
 */
@NullMarked
package bellhop.engine.process;

import org.jspecify.annotations.NullMarked;
