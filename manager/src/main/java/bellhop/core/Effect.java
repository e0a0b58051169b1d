package bellhop.core;

import bellhop.definition.KillMode;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Optional;

/** What should be done; doing it is the engine's. */
public sealed interface Effect {
    /** Wanted by the machine of one service; records and answers are for all of them together to decide. */
    sealed interface OfService extends Effect {
        ServiceName service();
    }

    /**
     * Write down what is known of the service, before what follows is done.
     *
     * @param holders the owners of the holds on it, one entry per hold
     * @param unanswered those of them whose require was not answered yet: if this manager dies, whoever asked is
     *     told that it is gone, and the hold with it
     */
    record Save(Service service, List<Owner> holders, List<Owner> unanswered) implements Effect {
        public Save {
            holders = List.copyOf(holders);
            unanswered = List.copyOf(unanswered);
        }
    }

    /**
     * Look for the process of a script that an earlier manager launched, or was about to; answer, before anything
     * else happens, with {@link Event.Spawned} if it is there and {@link Event.ScriptExited} if it is not, and look after
     * it from then on.
     *
     * @param heard whether there is nothing more to be heard of its readiness
     */
    record Adopt(ServiceName service, Life life, Run run, boolean heard) implements OfService {}

    /** Tell the operator. {@code what}: a sentence whose subject is the service. */
    record Warn(ServiceName service, String what) implements OfService {}

    /** Run a script; answer with {@link Event.Spawned} or {@link Event.SpawnFailed}, later {@link Event.ScriptExited}. */
    record Launch(ServiceName service, Life life, long launch, Script script) implements OfService {}

    /**
     * Signal everything within reach of this launch, now and whenever more of it turns up, until
     * its process has ended and nobody is left; then answer with {@link Event.Cleared}.
     */
    record End(ServiceName service, Life life, long launch, KillMode reach, Signal signal) implements OfService {}

    /** {@code run} is up: ask for its health from now on, until its process has ended. */
    record CheckHealth(ServiceName service, Life life, long launch) implements OfService {}

    /** The script has ended well: forget its process, let what it started live. */
    record Reap(ServiceName service, long launch) implements OfService {}

    /** Answer a request: done if there are no failures; notes are for standard error either way. */
    record Answer(long request, List<String> failures, List<String> notes) implements Effect {
        private static final String LOG = " (log: bh logs ";

        /** How a failure ends, of which the log of a service says more. */
        static String seeLog(ServiceName service) {
            return LOG + service + ")";
        }

        /** The service whose log says more of a failure; empty if none does. */
        public static Optional<String> log(String failure) {
            int at = failure.lastIndexOf(LOG);
            return at >= 0 && failure.endsWith(")")
                    ? Optional.of(failure.substring(at + LOG.length(), failure.length() - 1))
                    : Optional.empty();
        }
    }
}
