package bellhop.definition;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * Under which user, limits and priorities {@code run} and its probes run. {@code pre} and {@code post} do not: they
 * prepare what needs the manager's rights.
 *
 * @param workingDir where they start; empty: in the service directory
 * @param umask 0 to 0777
 * @param user a user's name or number
 * @param group the main group, a name or number; empty: the user's own
 * @param groupAdd further groups, names or numbers
 * @param ulimits the limits of resources, by their names as {@code prlimit(1)} has them
 * @param nice -20 to 19
 * @param oomScoreAdj -1000 to 1000
 * @param capDrop capabilities as {@code capabilities(7)} has them, small letters and without {@code cap_}; {@code all}
 * @param noNewPrivileges whether no program may gain rights by being executed
 */
public record ProcessSettings(
        Optional<Path> workingDir,
        OptionalInt umask,
        Optional<String> user,
        Optional<String> group,
        List<String> groupAdd,
        SequencedMap<String, Ulimit> ulimits,
        OptionalInt nice,
        OptionalInt oomScoreAdj,
        List<String> capDrop,
        boolean noNewPrivileges) {

    /** As the manager itself runs, in the service directory. */
    public static final ProcessSettings NONE = new ProcessSettings(
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            new java.util.LinkedHashMap<>(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            List.of(),
            false);

    public ProcessSettings {
        groupAdd = List.copyOf(groupAdd);
        ulimits = java.util.Collections.unmodifiableSequencedMap(new java.util.LinkedHashMap<>(ulimits));
        capDrop = List.copyOf(capDrop);
    }

    boolean isNone() {
        return workingDir.isEmpty()
                && umask.isEmpty()
                && user.isEmpty()
                && group.isEmpty()
                && groupAdd.isEmpty()
                && ulimits.isEmpty()
                && nice.isEmpty()
                && oomScoreAdj.isEmpty()
                && capDrop.isEmpty()
                && !noNewPrivileges;
    }

    /**
     * One limit, {@code setrlimit(2)}.
     *
     * @param soft what is in force
     * @param hard how far it may be raised; never less than {@code soft}
     */
    public record Ulimit(long soft, long hard) {
        /** No limit. */
        public static final long UNLIMITED = Long.MAX_VALUE;
    }
}
