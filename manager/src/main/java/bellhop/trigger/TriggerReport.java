package bellhop.trigger;

import java.util.List;

/**
 * The report about plugins and triggers.
 *
 * @param plugins each jar that was found, by name of the jar
 * @param triggers each use of a plugin by a service
 * @param problems what is wrong in the files that say so, with positions
 */
public record TriggerReport(List<PluginLine> plugins, List<TriggerLine> triggers, List<String> problems) {

    /**
     * A jar.
     *
     * @param name the plugin's; empty if it was not loaded
     * @param jar the file
     * @param problem why it was left out, or how it is with its present call; empty if all is well
     * @param used how many services use it
     */
    public record PluginLine(String name, String jar, String problem, int used) {}

    /**
     * A use of a plugin.
     *
     * @param service the template
     * @param problem what is wrong, and since when; empty if all is well
     * @param targets what is present, and how it is with each
     * @param refused what the plugin said and does not count, and why
     */
    public record TriggerLine(
            String service, String plugin, String problem, List<TargetLine> targets, List<String> refused) {}

    /**
     * A target.
     *
     * @param present whether the last answer has it
     * @param hold how it is with the hold: a word or two
     * @param detail why it failed; empty if it did not
     */
    public record TargetLine(String name, boolean present, String hold, String detail) {}
}
