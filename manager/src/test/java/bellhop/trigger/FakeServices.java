package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.ServiceName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Services that keep what they are asked, and answer as they are told to. */
final class FakeServices implements Services {
    private static final long PATIENCE_SECONDS = 60;

    final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    final Map<String, Set<ServiceName>> inherited = new HashMap<>();
    /** Why the start of a service fails. */
    final Map<String, String> failures = new ConcurrentHashMap<>();

    /** What goes wrong at the next question for uses. */
    final AtomicReference<@Nullable Error> error = new AtomicReference<>();

    private volatile List<TriggerUse> uses = List.of();

    void use(TriggerUse... them) {
        uses = List.of(them);
    }

    /** What is asked next. */
    String next() throws InterruptedException {
        String next = asked.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("something that is asked").isNotNull();
        return String.valueOf(next);
    }

    @Override
    public List<TriggerUse> uses() {
        Error wrong = error.getAndSet(null);
        if (wrong != null) {
            throw wrong;
        }
        return uses;
    }

    @Override
    public Map<String, Set<ServiceName>> held() {
        return Map.copyOf(inherited);
    }

    @Override
    public void require(ServiceName instance, String plugin, Consumer<Optional<String>> outcome) {
        // The answer first: whoever has seen what was asked finds it answered.
        outcome.accept(Optional.ofNullable(failures.get(instance.toString())));
        asked.add("require " + instance + " for " + plugin + ":"
                + instance.target().orElseThrow());
    }

    @Override
    public void release(ServiceName instance, String plugin) {
        asked.add("release " + instance + " of " + plugin + ":"
                + instance.target().orElseThrow());
    }

    @Override
    public void restart(ServiceName service) {
        asked.add("restart " + service);
    }
}
