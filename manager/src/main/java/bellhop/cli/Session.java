package bellhop.cli;

import bellhop.catalog.Catalog;
import bellhop.catalog.Finding;
import bellhop.catalog.NameFiles;
import bellhop.catalog.ServiceDirectories;
import bellhop.control.Client;
import bellhop.control.RequestLine;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.InvalidNameException;
import bellhop.definition.NamePattern;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.engine.record.EventLog;
import bellhop.log.LogPump;
import bellhop.manager.ExitCode;
import bellhop.manager.ManagerParts;
import bellhop.manager.ServiceRequests;
import bellhop.manager.ServiceWatchers;
import bellhop.manager.TriggeredServices;
import bellhop.trigger.TriggerReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One request on its way: who asks, and how to answer. Every way through it ends with one {@link #exit}. */
final class Session {

    private final ManagerParts parts;
    private final Client client;
    private final Caller caller;
    private final VerbName verb;
    private final List<String> words;
    private final boolean wantsFacts;
    /** What is masked; belongs to the loop's thread, and null before it was looked at. */
    private @Nullable Set<ServiceName> masks;

    Session(ManagerParts parts, Client client, Caller caller, VerbName verb, List<String> words, boolean wantsFacts) {
        this.parts = parts;
        this.client = client;
        this.caller = caller;
        this.verb = verb;
        this.words = words;
        this.wantsFacts = wantsFacts;
    }

    /** Whether the client draws the answer itself, of {@link #fact facts}. */
    boolean wantsFacts() {
        return wantsFacts;
    }

    /**
     * Adds a fact to the answer of a client that draws it.
     *
     * @param kind what it is about
     * @param entries what there is to know, each {@code KEY=VALUE}; a list has its key several times
     */
    void fact(String kind, List<String> entries) {
        List<String> fact = new ArrayList<>();
        fact.add(kind);
        fact.addAll(entries);
        client.fact(fact);
    }

    /**
     * Adds facts, no faster than the client reads them, and ends the answer.
     *
     * @param facts what each is about, and its entries
     */
    void facts(List<List<String>> facts, int status) {
        Iterator<List<String>> left = facts.iterator();
        client.factAll(
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return left.hasNext();
                    }

                    @Override
                    public byte[] next() {
                        return RequestLine.format(left.next()).getBytes(StandardCharsets.UTF_8);
                    }
                },
                () -> client.exit(status));
    }

    void fact(String kind, String... entries) {
        fact(kind, List.of(entries));
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

    LogPump pump() {
        return parts.pump();
    }

    /** Whether what is to go to a file goes to the console instead. */
    boolean isOnConsole() {
        return parts.console();
    }

    /** What has happened; on the loop's thread. */
    EventLog events() {
        return parts.events();
    }

    Engine engine() {
        return parts.engine();
    }

    ServiceWatchers watchers() {
        return parts.watchers();
    }

    NameFiles enabled() {
        return parts.enabled();
    }

    NameFiles masked() {
        return parts.masked();
    }

    ServiceRequests requests() {
        return parts.requests();
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
        begin(texts, question, this::answerBegun);
    }

    /**
     * The same, with something else done than to answer once all is done.
     *
     * @param then gets what failed, a line each; on the loop's thread
     */
    void begin(List<String> texts, ServiceRequests.ServiceQuestion question, Consumer<List<String>> then) {
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
                announce(names);
                ask(reply -> parts.requests().ask(origin(), findings, question, reply), List.of(), then);
            } else {
                whyNot.forEach(this::complain);
                client.exit(ExitCode.FAILED);
            }
        });
    }

    /** A client that draws says what takes long. */
    private void announce(List<ServiceName> names) {
        if (wantsFacts) {
            List<String> renderer = new ArrayList<>(List.of("name=progress"));
            names.forEach(name -> renderer.add("service=" + name));
            fact("render", renderer);
        }
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

    /** As {@link #isThere}, for all of them; if one is not, the request is answered. */
    boolean areThere(List<ServiceName> names, Supervisor services) {
        long missing = names.stream().filter(name -> !isThere(name, services)).count();
        if (missing > 0) {
            client.exit(ExitCode.FAILED);
        }
        return missing == 0;
    }

    /**
     * The services that a text names: the one of that name, or of those that the manager knows each that it is a
     * pattern of. If there is none, says so.
     */
    List<ServiceName> there(String text, Supervisor services) {
        if (!NamePattern.isPattern(text)) {
            return name(text).filter(name -> isThere(name, services)).stream().toList();
        }
        NamePattern pattern = new NamePattern(text);
        List<ServiceName> found = services.services().stream()
                .map(Service::name)
                .filter(name -> pattern.matches(name.toString()))
                .toList();
        if (found.isEmpty()) {
            complain("no service is called " + Quote.of(text));
        }
        return found;
    }

    /** Looks at the services as they are, on the loop's thread. */
    void look(Consumer<Supervisor> look) {
        onLoop(() -> look.accept(parts.engine().services()));
    }

    /** Whether nobody may start a service; on the loop's thread. The directory is read once for each request. */
    boolean isMasked(ServiceName name) {
        if (masks == null) {
            masks = parts.masked().names(problem -> {});
        }
        return masks.contains(name) || masks.contains(new ServiceName(name.template(), Optional.empty()));
    }

    /** What there is to tell of a service; on the loop's thread. */
    ServiceStatus status(ServiceName name, Supervisor services) {
        return new ServiceStatus(name, services.service(name), services, parts, isMasked(name), System.nanoTime());
    }

    /** Has this done on the loop's thread. */
    void onLoop(Runnable action) {
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
        ask(reply -> parts.engine().request(origin(), input, reply), named, this::answer);
    }

    /**
     * {@code request} is carried out on the loop's thread, if those that are named are there; returns its number.
     *
     * @param then gets what failed, a line each
     */
    private void ask(ToLongFunction<Engine.Completion> request, List<ServiceName> named, Consumer<List<String>> then) {
        AtomicLong number = new AtomicLong(Input.NOBODY);
        onLoop(() -> {
            Supervisor services = parts.engine().services();
            if (!areThere(named, services)) {
                return;
            }
            audit();
            number.set(request.applyAsLong((failures, notes) -> {
                if (wantsFacts) {
                    fact("answered"); // what says how long it takes makes way for what follows
                }
                notes.forEach(this::complain);
                then.accept(failures);
            }));
        });
        // Comes to the loop after what is above, so that the number is known by then.
        client.onGone(() -> onLoop(() -> parts.engine().gone(number.get())));
    }

    /** Answers a request that has started services: if they failed, their logs may say more. */
    private void answerBegun(List<String> failures) {
        if (!failures.isEmpty() && caller instanceof Caller.Operator) {
            FailureLogs.show(this, failures);
        } else { // what a script prints is a log again
            answer(failures);
        }
    }

    private void answer(List<String> failures) {
        failures.forEach(this::complain);
        client.exit(failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED);
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

    /** Who asks for what, as the events have it. */
    private Origin origin() {
        String who = caller instanceof Caller.ScriptCaller(ServiceName service, long incarnation)
                ? service + "#" + incarnation + ", " + client.peer()
                : client.peer().toString();
        return new Origin(who, "bh " + String.join(" ", words));
    }

    /** Reads the last lines of a log; they come on the pump's thread. */
    void tail(ServiceName service, int lines, Consumer<byte[]> taker) {
        parts.pump().tail(service.toString(), lines, bytes -> answering(() -> taker.accept(bytes)));
    }
}
