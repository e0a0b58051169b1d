package bellhop.cli;

import bellhop.control.Client;
import bellhop.control.RequestHandler;
import bellhop.core.Caller;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes what clients ask: finds out who asks and what, and has it done. */
final class Dispatcher implements RequestHandler {

    private static final String CALLER = "--caller=";

    private final ManagerParts desk;
    /** Belongs to the thread that calls {@link #handle}. */
    private @Nullable BhCommandLine commandLine;

    Dispatcher(ManagerParts desk) {
        this.desk = desk;
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
                client.exit(LocalCommands.USAGE);
                return;
            }
            rest = words.subList(1, words.size());
        }
        BhCommandLine.ParsedCommand understood = commandLine().parse(rest);
        if (understood.verb().isEmpty()) {
            understood.out().forEach(client::out);
            understood.err().forEach(client::err);
            client.exit(understood.status());
            return;
        }
        understood.verb().get().act(new Session(desk, client, caller, rest));
    }

    /** Loads and makes it, where the first request has not done so yet. */
    BhCommandLine commandLine() {
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
