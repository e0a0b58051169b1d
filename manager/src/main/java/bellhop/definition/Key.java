package bellhop.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A key of {@code service.yaml}. All that is to be known of a key is its one declaration in {@link #ALL}.
 *
 * @param name the key as users write it
 * @param meaning a sentence for users
 * @param byDefault the value that holds without the key, as users would write it
 * @param form what its value may be
 * @param store keeps a value that has been read
 */
record Key<T>(String name, String meaning, String byDefault, Form<T> form, BiConsumer<Settings, T> store) {

    /** The keys that are read, in the order of the manual. */
    static final List<Key<?>> ALL = List.of(
            new Key<>(
                    "autostart",
                    "Whether the service is pinned when the manager starts.",
                    "false",
                    new Form.Flag(),
                    (settings, value) -> settings.autostart = value),
            new Key<>(
                    "restart",
                    "What to do once run has ended by itself.",
                    "always",
                    new Form.Word<>(
                            words(
                                    "always", RestartPolicy.ALWAYS,
                                    "on-failure", RestartPolicy.ON_FAILURE,
                                    "no", RestartPolicy.NO),
                            Map.of("unless-stopped", RestartPolicy.ALWAYS),
                            Key::restartWithLimit),
                    (settings, value) -> settings.restart = value),
            new Key<>(
                    "kill_mode",
                    "How far a stop reaches: every process of the service, the process group of its script,"
                            + " or the script's process alone.",
                    "all",
                    new Form.Word<>(
                            words("all", KillMode.ALL, "group", KillMode.GROUP, "process", KillMode.PROCESS),
                            Map.of(),
                            word -> Optional.empty()),
                    (settings, value) -> settings.killMode = value),
            new Key<>(
                    "control_socket",
                    "Whether NAME/socket in the run dir stops the service for whoever connects to it.",
                    "false",
                    new Form.Flag(),
                    (settings, value) -> settings.controlSocket = value),
            new Key<>(
                    "template",
                    "Whether the service can only be started with a target, NAME@TARGET.",
                    "false",
                    new Form.Flag(),
                    (settings, value) -> settings.template = value));

    /** The keys that have their place in the format already and are refused until they do something. */
    static final Set<String> NOT_YET = Set.of(
            "description",
            "command",
            "requires",
            "restart_delay",
            "restart_max_delay",
            "restart_limit",
            "stop_signal",
            "stop_grace_period",
            "timeouts",
            "user",
            "group",
            "group_add",
            "working_dir",
            "umask",
            "environment",
            "env_file",
            "ulimits",
            "nice",
            "oom_score_adj",
            "cap_drop",
            "no_new_privileges",
            "mem_limit",
            "cpus",
            "pids_limit",
            "ready",
            "healthcheck",
            "linger",
            "log",
            "triggers");

    /** The key of this name that is read, if there is one. */
    static Optional<Key<?>> named(String name) {
        for (Key<?> key : ALL) {
            if (key.name.equals(name)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** The names of all keys that are read, in the order of the manual. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        ALL.forEach(key -> names.add(key.name));
        return names;
    }

    /** Reads a value and keeps it, or complains. */
    void read(Node node, Settings settings, Form.Complaints complaints) {
        form.read(node, complaints).ifPresent(value -> store.accept(settings, value));
    }

    /** The Compose specification has {@code on-failure:3}. */
    private static Optional<String> restartWithLimit(String word) {
        return word.startsWith("on-failure:")
                ? Optional.of(Quote.of(word) + ": a limit is not supported yet by this version; expected on-failure")
                : Optional.empty();
    }

    private static <T> SequencedMap<String, T> words(String a, T first, String b, T second, String c, T third) {
        SequencedMap<String, T> words = new LinkedHashMap<>();
        words.put(a, first);
        words.put(b, second);
        words.put(c, third);
        return words;
    }
}
