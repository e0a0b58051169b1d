package bellhop.cli;

import bellhop.control.Client;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Supervisor;
import bellhop.definition.Definition;
import bellhop.definition.DefinitionException;
import bellhop.definition.InvalidNameException;
import bellhop.definition.NoSuchServiceException;
import bellhop.definition.ServiceDirectories;
import bellhop.definition.ServiceName;
import bellhop.definition.TargetMissingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** One request on its way: who asks, and how to answer. Every way through it ends with one {@link #exit}. */
final class Request {

    private final Desk desk;
    private final Client client;
    private final Caller caller;
    private final List<String> words;
    private final String program;

    Request(Desk desk, Client client, Caller caller, List<String> words) {
        this.desk = desk;
        this.client = client;
        this.caller = caller;
        this.words = words;
        this.program = "bh-" + words.get(0);
    }

    Client client() {
        return client;
    }

    Caller caller() {
        return caller;
    }

    ServiceDirectories directories() {
        return desk.directories();
    }

    void exit(int code) {
        client.exit(code);
    }

    /** Answers with one line of complaint. */
    void fail(String what, int code) {
        complain(what);
        client.exit(code);
    }

    private void complain(String what) {
        client.err(program + ": " + what);
    }

    /** What these names stand for now; if one stands for nothing all is said and the request is answered. */
    Optional<List<Definition>> definitions(List<String> texts) {
        List<Definition> definitions = new ArrayList<>();
        int wrong = 0;
        for (String text : texts) {
            try {
                definitions.add(directories().find(ServiceName.parse(text)));
            } catch (InvalidNameException e) {
                complain(String.valueOf(e.getMessage()));
                wrong++;
            } catch (DefinitionException e) {
                e.problems().forEach(this::complain);
                wrong++;
            }
        }
        if (wrong > 0) {
            client.exit(Cli.FAILED);
            return Optional.empty();
        }
        return Optional.of(definitions);
    }

    /** These names, if each is one; whether there are such services is seen by {@link #change}. */
    Optional<List<ServiceName>> known(List<String> texts) {
        List<ServiceName> names = new ArrayList<>();
        int wrong = 0;
        for (String text : texts) {
            try {
                names.add(ServiceName.parse(text));
            } catch (InvalidNameException e) {
                complain(String.valueOf(e.getMessage()));
                wrong++;
            }
        }
        if (wrong > 0) {
            client.exit(Cli.FAILED);
            return Optional.empty();
        }
        return Optional.of(names);
    }

    /** The service of that name, if the manager knows it or there is a directory for it; else says that there is none. */
    Optional<ServiceName> existing(String text, Supervisor services) {
        try {
            ServiceName name = ServiceName.parse(text);
            if (services.service(name).isEmpty()) {
                checkDirectory(name);
            }
            return Optional.of(name);
        } catch (InvalidNameException e) {
            complain(String.valueOf(e.getMessage()));
        } catch (DefinitionException e) {
            e.problems().forEach(this::complain);
        }
        return Optional.empty();
    }

    /** Whatever else may be wrong with it, it is there. */
    private void checkDirectory(ServiceName name) throws DefinitionException {
        try {
            directories().find(name);
        } catch (NoSuchServiceException | TargetMissingException e) {
            throw e;
        } catch (DefinitionException e) {
            return;
        }
    }

    /** Looks at the services as they are, on the loop's thread. */
    void look(Consumer<Supervisor> look) {
        onLoop(() -> look.accept(desk.engine().services()));
    }

    /** Whatever goes wrong there, the client does not wait for ever. */
    private void onLoop(Runnable action) {
        desk.engine().execute(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                fail("internal error: " + e, Cli.FAILED);
                throw e;
            }
        });
    }

    /** Has the core asked, and the client told how it went; those that are named must be there. */
    void change(List<ServiceName> named, LongFunction<Input> input) {
        onLoop(() -> {
            Supervisor services = desk.engine().services();
            long missing = named.stream()
                    .filter(name -> existing(name.toString(), services).isEmpty())
                    .count();
            if (missing > 0) {
                client.exit(Cli.FAILED);
                return;
            }
            change(input);
        });
    }

    /** Has the core asked, and the client told how it went. */
    void change(LongFunction<Input> input) {
        onLoop(() -> {
            desk.journal().say("asked by " + asker() + ": " + String.join(" ", words));
            long id = desk.engine().request(input, (failures, notes) -> {
                notes.forEach(this::complain);
                failures.forEach(this::complain);
                client.exit(failures.isEmpty() ? Cli.OK : Cli.FAILED);
            });
            client.onGone(() -> desk.engine().execute(() -> desk.engine().gone(id)));
        });
    }

    private String asker() {
        return switch (caller) {
            case Caller.Operator o -> client.peer().toString();
            case Caller.Script(ServiceName service, long incarnation) -> service + ", " + client.peer();
        };
    }

    /** Sends the last lines of a log, and if asked what is added, until the client goes away. */
    void logs(ServiceName service, int lines, boolean follow) {
        look(services -> {
            if (existing(service.toString(), services).isEmpty()) {
                client.exit(Cli.FAILED);
            } else if (follow) {
                LogStream stream = new LogStream(client);
                Runnable end = desk.pump().follow(service.toString(), lines, stream::add);
                stream.from(end);
                client.onGone(() -> {
                    end.run();
                    client.exit(Cli.OK);
                });
            } else {
                desk.pump().tail(service.toString(), lines, bytes -> {
                    LogStream stream = new LogStream(client);
                    stream.add(bytes);
                    stream.end();
                });
            }
        });
    }
}
