package bellhop.cli;

import bellhop.control.Client;
import bellhop.control.RequestHandler;
import bellhop.core.Caller;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import bellhop.manager.ManagerParts;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes what clients ask: finds out who asks and what, and has it done. */
public final class Dispatcher implements RequestHandler {

    private static final String CALLER = "--caller=";
    private static final String FACTS = "--facts";

    private final ManagerParts parts;
    /** Belongs to the thread that calls {@link #handle}. */
    private @Nullable BhCommandLine commandLine;

    public Dispatcher(ManagerParts parts) {
        this.parts = parts;
    }

    @Override
    public void handle(List<String> words, Client client) {
        Caller caller = new Caller.Operator();
        List<String> rest = words;
        if (!words.isEmpty() && words.get(0).startsWith(CALLER)) {
            try {
                caller = caller(words.get(0).substring(CALLER.length()));
            } catch (InvalidNameException | NumberFormatException e) {
                client.err("bh: refused: the caller \"" + words.get(0).substring(CALLER.length())
                        + "\" is not NAME#INCARNATION");
                client.exit(ExitCode.USAGE);
                return;
            }
            rest = words.subList(1, words.size());
        }
        boolean wantsFacts = !rest.isEmpty() && rest.getFirst().equals(FACTS);
        if (wantsFacts) {
            rest = rest.subList(1, rest.size());
        }
        Optional<Verbs.NamedVerb> plain = Verbs.plain(rest);
        if (plain.isPresent()) {
            act(plain.get(), new Session(parts, client, caller, plain.get().name(), rest, wantsFacts));
            return;
        }
        BhCommandLine.ParsedCommand understood = commandLine().parse(rest);
        if (understood.named().isEmpty()) {
            understood.out().forEach(client::out);
            understood.err().forEach(client::err);
            client.exit(understood.status());
            return;
        }
        Verbs.NamedVerb named = understood.named().get();
        act(named, new Session(parts, client, caller, named.name(), rest, wantsFacts));
    }

    /** Not for whoever needs a client that draws, and asks with another. */
    private static void act(Verbs.NamedVerb named, Session session) {
        if (named.name().drawn() == VerbName.Drawn.ALWAYS && !session.wantsFacts()) {
            session.fail("is answered to the program bh only", ExitCode.USAGE);
        } else {
            named.verb().act(session);
        }
    }

    private BhCommandLine commandLine() {
        if (commandLine == null) {
            commandLine = new BhCommandLine();
        }
        return commandLine;
    }

    private static Caller caller(String text) throws InvalidNameException {
        int mark = text.lastIndexOf('#');
        return new Caller.ScriptCaller(
                ServiceName.parse(text.substring(0, Math.max(0, mark))), Long.parseLong(text.substring(mark + 1)));
    }
}
