package bellhop.cli;

import bellhop.cli.ServiceWait.Progress;
import bellhop.core.Life;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.readiness.SelfReport;
import bellhop.manager.ExitCode;
import bellhop.yaml.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has services reload: each gets its signal, and one that reports {@code RELOADING=1} upon that is waited for until it
 * reports {@code READY=1}. Confined to the loop's thread.
 */
final class ServiceReload implements ServiceWait.Goal {

    /** How long a service may take to report that it reloads: one that never does is not to be waited for. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(2);

    /** How long it may take to reload, if its definition has no limit for it to get ready. */
    private static final Duration LONGEST_RELOAD = Duration.ofSeconds(60);

    private final Session request;
    private final Map<ServiceName, Long> launches = new HashMap<>();
    private final Set<ServiceName> reloaded = new HashSet<>();
    private final long signalled = System.nanoTime();
    private boolean silenceIsOver;

    private ServiceReload(Session request) {
        this.request = request;
    }

    /** Signals all, if all can reload; the request is answered by this. */
    static void begin(Session request, List<ServiceName> services, Supervisor all) {
        if (!request.areThere(services, all)) {
            return;
        }
        List<String> whyNot = new ArrayList<>();
        for (ServiceName name : services) {
            whyNot(all.service(name)).ifPresent(why -> whyNot.add(name + ": " + why));
        }
        if (whyNot.isEmpty()) {
            request.audit();
            new ServiceReload(request).signal(services, all);
        } else {
            whyNot.forEach(request::complain);
            request.exit(ExitCode.FAILED);
        }
    }

    /** Why it cannot; a service that is not up may not know the signal yet, and die of it. */
    private static Optional<String> whyNot(Optional<Service> service) {
        Optional<Definition> definition = service.flatMap(Service::life).map(Life::definition);
        if (service.isEmpty() || definition.isEmpty() || !(service.get().state() instanceof State.Up)) {
            Word word = service.map(Service::word).orElse(Word.STOPPED);
            return Optional.of("cannot be reloaded: it is " + word.text());
        }
        return definition.get().reloadSignal().isPresent()
                ? Optional.empty()
                : Optional.of("cannot be reloaded: it was started without reload_signal in its service.yaml");
    }

    private void signal(List<ServiceName> services, Supervisor all) {
        List<ServiceName> waited = new ArrayList<>();
        Duration longest = Duration.ZERO;
        boolean failed = false;
        for (ServiceName name : services) {
            Definition definition = definition(name, all);
            Optional<String> why =
                    request.engine().signal(name, definition.reloadSignal().orElseThrow());
            why.ifPresent(phrase -> request.complain(name + ": " + phrase));
            failed |= why.isPresent();
            if (why.isEmpty() && definition.ready().orElse(null) instanceof Ready.Notify) {
                Duration limit = definition.timeouts().getOrDefault(Script.RUN, LONGEST_RELOAD);
                longest = limit.compareTo(longest) > 0 ? limit : longest;
                launches.put(name, launch(all.service(name)));
                waited.add(name);
            }
        }
        if (failed || waited.isEmpty()) {
            request.exit(failed ? ExitCode.FAILED : ExitCode.OK);
            return;
        }
        await(waited, longest);
    }

    private static Definition definition(ServiceName name, Supervisor all) {
        return all.service(name).flatMap(Service::life).map(Life::definition).orElseThrow();
    }

    private static long launch(Optional<Service> service) {
        return service.flatMap(Service::run).map(Run::launch).orElse(0L);
    }

    private void await(List<ServiceName> waited, Duration limit) {
        ServiceWait wait = new ServiceWait(request, waited, this);
        wait.begin();
        wait.limit(
                limit,
                ExitCode.FAILED,
                name -> "reloads since " + Durations.seconds(limit) + " (RELOADING=1), and did not report READY=1");
        wait.after(limit.compareTo(LONGEST_SILENCE) < 0 ? limit : LONGEST_SILENCE, () -> {
            silenceIsOver = true;
            wait.lookAgain();
        });
    }

    @Override
    public Progress of(ServiceName name, Optional<Service> service) {
        if (reloaded.contains(name)) {
            return Progress.THERE;
        }
        boolean isSame = service.filter(it -> it.state() instanceof State.Up).isPresent()
                && Long.valueOf(launch(service)).equals(launches.get(name));
        if (!isSame) {
            String detail = service.map(Service::detail).orElse("");
            Word word = service.map(Service::word).orElse(Word.STOPPED);
            return Progress.never(
                    "has ended instead of reloading" + (detail.isEmpty() ? ", and is " + word.text() : ": " + detail));
        }
        SelfReport report = request.engine().report(name);
        boolean hasBegun = report.reloadBegun() - signalled >= 0 && report.reloadBegun() != 0;
        if (hasBegun ? !report.reloading() : silenceIsOver) {
            if (!hasBegun) {
                request.complain(name + ": signalled; does not report when it has reloaded (RELOADING=1)");
            }
            reloaded.add(name);
            return Progress.THERE;
        }
        return Progress.ON_THE_WAY;
    }
}
