package bellhop.definition;

import java.time.Duration;
import java.util.Map;

/** What a {@code service.yaml} sets, begun with what holds where it says nothing. */
final class Settings {
    RestartPolicy restart = RestartPolicy.ALWAYS;
    Duration restartDelay = Duration.ofMillis(100);
    Duration restartMaxDelay = Duration.ofSeconds(10);
    boolean autostart;
    KillMode killMode = KillMode.ALL;
    Duration stopGracePeriod = Duration.ofSeconds(10);
    Map<Script, Duration> timeouts = Map.of(Script.PRE, Duration.ofSeconds(10), Script.POST, Duration.ofSeconds(10));
    boolean controlSocket;
    boolean template;
}
