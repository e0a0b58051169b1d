package bellhop.cli;

import bellhop.catalog.Catalog;
import bellhop.catalog.Finding;
import bellhop.catalog.NameFiles;
import bellhop.catalog.ServiceDirectories;
import bellhop.control.Client;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.LogSettings;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.manager.ExitCode;
import bellhop.manager.ManagerParts;
import bellhop.manager.ServiceRequests;
import bellhop.manager.TriggeredServices;
import bellhop.trigger.TriggerReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** One request on its way: who asks, and how to answer. Every way through it ends with one {@link #exit}. */
final class Session {

    private final ManagerParts parts;
    private final Client client;
    private final Caller caller;
    private final VerbName verb;
    private final List<String> words;

    Session(ManagerParts parts, Client client, Caller caller, VerbName verb, List<String> words) {
        this.parts = parts;
        this.client = client;
        this.caller = caller;
        this.verb = verb;
        this.words = words;
    }

    Client client() {
        return client;
    }

    Caller caller() {
        return caller;
    }

    boolean namesFiles() {
        return verb.namesFiles(words);
    }

    ServiceDirectories directories() {
        return parts.catalog().directories();
    }

    Catalog catalog() {
        return parts.catalog();
    }

    NameFiles enabled() {
        return parts.enabled();
    }

    NameFiles masked() {
        return parts.masked();
    }

    TriggeredServices triggers() {
        return parts.triggers();
    }

    void exit(int code) {
        client.exit(code);
    }

    /** Answers with one line of complaint. */
    void fail(String what, int code) {
        complain(what);
        client.exit(code);
    }

    /** Adds one line of complaint to the answer. */
    void complain(String what) {
        client.err("bh-" + verb.word() + ": " + what);
    }

    /**
     * Has these begun, once their directories have been read; if one of them cannot be used all is said and the
     * request is answered.
     */
    void begin(List<String> texts, ServiceRequests.ServiceQuestion question) {
        List<ServiceName> names = new ArrayList<>();
        Map<String, List<String>> complaints = new LinkedHashMap<>();
        for (String text : texts) {
            try {
                names.add(ServiceName.parse(text));
                complaints.put(text, List.of());
            } catch (InvalidNameException e) {
                complaints.put(text, List.of(String.valueOf(e.getMessage())));
            }
        }
        goOn(parts.catalog().read(names), findings -> {
            findings.asked().forEach((name, finding) -> complaints.put(name.toString(), finding.whyNot()));
            List<String> whyNot = new ArrayList<>();
            complaints.values().forEach(whyNot::addAll);
            findings.circles().forEach(circle -> whyNot.add(circle.toString()));
            if (whyNot.isEmpty()) {
                ask(reply -> parts.requests().ask(origin(), findings, question, reply), List.of());
            } else {
                whyNot.forEach(this::complain);
                client.exit(ExitCode.FAILED);
            }
        });
    }

    /** Has all directories read now, and goes on with what has changed. */
    void reload(Consumer<Catalog.ReloadReport> then) {
        goOn(parts.catalog().reload(), then);
    }

    /** Whatever goes wrong there, the client does not wait for ever. */
    private <T> void goOn(CompletableFuture<T> future, Consumer<T> then) {
        var _ = future.thenAccept(then).exceptionally(e -> {
            fail("internal error: " + e.getCause(), ExitCode.FAILED);
            return null;
        });
    }

    /** These names, if each is one; whether there are such services is seen by {@link #change}. */
    Optional<List<ServiceName>> known(List<String> texts) {
        List<ServiceName> names = names(texts);
        if (names.size() < texts.size()) {
            client.exit(ExitCode.FAILED);
            return Optional.empty();
        }
        return Optional.of(names);
    }

    private List<ServiceName> names(List<String> texts) {
        return texts.stream().map(this::name).flatMap(Optional::stream).toList();
    }

    /** Reads a name, or says that it is none. */
    Optional<ServiceName> name(String text) {
        try {
            return Optional.of(ServiceName.parse(text));
        } catch (InvalidNameException e) {
            complain(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Whether the manager knows a service, or there is a directory for it; else says that there is none. */
    boolean isThere(ServiceName name, Supervisor services) {
        if (services.service(name).isPresent()) {
            return true;
        }
        return switch (directories().find(name)) {
            case Finding.Usable _, Finding.Broken _ -> true;
            case Finding.Unusable none -> {
                none.whyNot().forEach(this::complain);
                yield false;
            }
        };
    }

    /** Looks at the services as they are, on the loop's thread. */
    void look(Consumer<Supervisor> look) {
        onLoop(() -> look.accept(parts.engine().services()));
    }

    /** A table to show services in; on the loop's thread. */
    StatusTable table(Supervisor services) {
        return new StatusTable(services, parts, System.nanoTime());
    }

    private void onLoop(Runnable action) {
        parts.engine().execute(() -> answering(action));
    }

    /** Whatever goes wrong on another thread, the client does not wait for ever. */
    void answering(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            fail("internal error: " + e, ExitCode.FAILED);
            throw e;
        }
    }

    /** Looks at what there is to tell of triggers, on their thread. */
    void report(Consumer<TriggerReport> reader) {
        parts.triggers().report(report -> answering(() -> reader.accept(report)));
    }

    /** Has the core asked, and the client told how it went; those that are named must be there. */
    void change(List<ServiceName> named, LongFunction<Input> input) {
        ask(reply -> parts.engine().request(origin(), input, reply), named);
    }

    /** {@code request} is carried out on the loop's thread, if those that are named are there; returns its number. */
    private void ask(ToLongFunction<Engine.Completion> request, List<ServiceName> named) {
        AtomicLong number = new AtomicLong(Input.NOBODY);
        onLoop(() -> {
            Supervisor services = parts.engine().services();
            long missing =
                    named.stream().filter(name -> !isThere(name, services)).count();
            if (missing > 0) {
                client.exit(ExitCode.FAILED);
                return;
            }
            audit();
            number.set(request.applyAsLong((failures, notes) -> {
                notes.forEach(this::complain);
                failures.forEach(this::complain);
                client.exit(failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED);
            }));
        });
        // Comes to the loop after what is above, so that the number is known by then.
        client.onGone(() -> onLoop(() -> parts.engine().gone(number.get())));
    }

    /** Has the manager replaced; if that goes well it is gone before it answers. */
    void upgrade() {
        onLoop(() -> {
            audit();
            parts.upgrade().begin(origin(), parts.mayEnd(), why -> fail(why, ExitCode.FAILED));
        });
    }

    /** Says which manager it is that answers after an upgrade. */
    void outcomeOfUpgrade() {
        onLoop(() -> {
            if (parts.upgrade().hasFailedBefore()) {
                fail(
                        "the program could not be executed, see the output of the manager; the old one goes on",
                        ExitCode.FAILED);
            } else {
                client.out("the manager is now Bellhop " + BhCommandLine.version());
                client.exit(ExitCode.OK);
            }
        });
    }

    /** Writes down who asked for what. */
    void audit() {
        parts.journal().say("asked by " + asker() + ": " + String.join(" ", words));
    }

    private String asker() {
        return switch (caller) {
            case Caller.Operator o -> client.peer().toString();
            case Caller.ScriptCaller(ServiceName service, long incarnation) -> service + ", " + client.peer();
        };
    }

    /** Sends the last lines of a log, and if asked what is added, until the client goes away. */
    void logs(ServiceName service, int lines, boolean follow) {
        look(services -> {
            if (!isThere(service, services)) {
                client.exit(ExitCode.FAILED);
                return;
            }
            Optional<String> why = whyNoLog(service, services, follow);
            if (why.isPresent()) {
                complain(service + ": " + why.get());
                client.exit(ExitCode.FAILED);
            } else if (follow) {
                LogStream stream = new LogStream(client);
                Runnable end = parts.pump().follow(service.toString(), lines, stream::add);
                stream.from(end);
                client.onGone(() -> {
                    end.run();
                    client.exit(ExitCode.OK);
                });
            } else {
                parts.pump()
                        .tail(
                                service.toString(),
                                lines,
                                bytes -> answering(() -> {
                                    LogStream stream = new LogStream(client);
                                    stream.add(bytes);
                                    stream.end();
                                }));
            }
        });
    }

    /** Why there is no log to show, by the definition in use or else the one on disk. */
    private Optional<String> whyNoLog(ServiceName service, Supervisor services, boolean follow) {
        Optional<LogSettings> settings = services.service(service)
                .flatMap(Service::life)
                .map(Life::definition)
                .or(() -> directories().find(service).usable())
                .map(Definition::log);
        if (settings.isEmpty()) {
            return Optional.empty(); // what was logged before its directory was broken can still be shown
        }
        if (settings.get().to() == LogSettings.To.FILE && parts.console()) {
            return Optional.of("there is no log: the service writes to the manager's output (bh run --console)");
        }
        return switch (settings.get().to()) {
            case CONSOLE ->
                Optional.of("there is no log: the service writes to the manager's output (log: {to: console})");
            case NONE -> Optional.of("there is no log: the output is discarded (log: {to: none})");
            case FILE ->
                settings.get().direct() && follow
                        ? Optional.of("the service writes its log file itself (log: {direct: true}), which -f cannot"
                                + " follow; use tail -F")
                        : Optional.empty();
        };
    }

    /** Who asks for what, as the events have it. */
    private Origin origin() {
        String who = caller instanceof Caller.ScriptCaller(ServiceName service, long incarnation)
                ? service + "#" + incarnation + ", " + client.peer()
                : client.peer().toString();
        return new Origin(who, "bh " + String.join(" ", words));
    }
}
