package bellhop.definition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps root's manager from running what others can change. A script, its directory and every parent up to
 * {@code /}, symbolic links on the way followed as the kernel follows them, must belong to root and be writable
 * for nobody else; parents may be writable where they are sticky, as {@code /tmp} is. Immutable; it is asked at
 * each launch and looks at the disk each time.
 */
public final class TrustCheck {
    private static final int ROOT = 0;
    private static final int WRITABLE_FOR_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final int MOST_LINKS = 40;

    private final boolean trustsAll;
    private final Set<Integer> trustedUids = new TreeSet<>(Set.of(ROOT));
    private final List<String> announcements = new ArrayList<>();

    private TrustCheck(boolean trustsAll) {
        this.trustsAll = trustsAll;
    }

    /** For a manager of an ordinary user, who can harm but himself: finds nothing wrong. */
    public static TrustCheck none() {
        return new TrustCheck(true);
    }

    /**
     * For root's manager.
     *
     * @param namedFolders the folders named by {@code --services}: whoever owns one of them now is trusted as
     *     root is, from now on
     */
    public static TrustCheck forRoot(List<Path> namedFolders) {
        TrustCheck check = new TrustCheck(false);
        for (Path folder : namedFolders) {
            try {
                int owner = (int) Files.getAttribute(folder, "unix:uid");
                if (check.trustedUids.add(owner)) {
                    check.announcements.add(Quote.onOneLine(folder) + " belongs to uid " + owner
                            + ", who is trusted as root from now on");
                }
            } catch (IOException e) {
                // A folder that is not there makes nobody trusted; that it is missing is said elsewhere.
            }
        }
        return check;
    }

    /** A line for each user but root who is trusted, to be said once and loudly. */
    public List<String> announcements() {
        return List.copyOf(announcements);
    }

    /**
     * What keeps a script from being run: something about the script, or about what can change as much: the {@code
     * service.yaml} beside it, a file of variables, and for {@code run} the program of {@code command}, {@code
     * ready.test} and {@code healthcheck.test}.
     *
     * @return as {@link #whatIsWrongWith(Path)}
     */
    public Optional<String> whatIsWrongWith(Definition definition, Script script) {
        Path yaml = definition.directory().resolve(ServiceDirectories.YAML);
        Path file = definition.directory().resolve(script.fileName());
        boolean isCommand = script == Script.RUN && !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        Optional<String> wrong = isCommand ? Optional.empty() : whatIsWrongWith(file);
        if (script == Script.RUN && !trustsAll) {
            for (String program : programs(definition, isCommand)) {
                Optional<Path> executed = Programs.file(definition, program);
                if (wrong.isEmpty() && executed.isPresent()) {
                    wrong = whatIsWrongWith(executed.get());
                }
            }
        }
        if (wrong.isEmpty() && Files.exists(yaml, LinkOption.NOFOLLOW_LINKS)) {
            wrong = whatIsWrongWith(yaml);
        }
        for (EnvironmentSettings.File variables : definition.environment().files()) {
            if (wrong.isEmpty() && Files.exists(variables.path(), LinkOption.NOFOLLOW_LINKS)) {
                wrong = whatIsWrongWith(variables.path());
            }
        }
        return wrong;
    }

    /** The programs that are executed with {@code run}: what is not there is said by who executes it. */
    private static List<String> programs(Definition definition, boolean isCommand) {
        List<List<String>> commands = new ArrayList<>();
        if (isCommand) {
            commands.add(definition.commands().getOrDefault(Script.RUN, List.of()));
        }
        if (definition.ready().orElse(null) instanceof Ready.Test(List<String> test)) {
            commands.add(test);
        }
        definition.health().ifPresent(health -> commands.add(health.test()));
        return commands.stream()
                .filter(command -> !command.isEmpty())
                .map(List::getFirst)
                .toList();
    }

    /**
     * What keeps a file in a service directory from being used.
     *
     * @param file an absolute path
     * @return one line that names the path at fault, its mode and what to do; nothing if the file may be used
     */
    public Optional<String> whatIsWrongWith(Path file) {
        if (trustsAll) {
            return Optional.empty();
        }
        try {
            return walk(file);
        } catch (IOException e) {
            return Optional.of(Quote.onOneLine(file) + ": " + Reason.of(e));
        }
    }

    /** Goes from {@code /} to the file, link by link. */
    private Optional<String> walk(Path file) throws IOException {
        Deque<Path> ahead = new ArrayDeque<>();
        file.forEach(ahead::addLast);
        Path here = Path.of("/");
        Optional<String> wrong = whatIsWrongAt(here, true);
        int links = 0;
        while (wrong.isEmpty() && !ahead.isEmpty()) {
            String name = ahead.removeFirst().toString();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                Path parent = here.getParent();
                here = parent == null ? here : parent;
                continue;
            }
            Path next = here.resolve(name);
            // The file itself and the directory that holds it are to be nobody else's at all.
            wrong = whatIsWrongAt(next, ahead.size() > 1);
            if (wrong.isEmpty() && Files.isSymbolicLink(next)) {
                if (++links > MOST_LINKS) {
                    return Optional.of(Quote.onOneLine(file) + ": too many symbolic links");
                }
                Path target = Files.readSymbolicLink(next);
                here = target.isAbsolute() ? Path.of("/") : here;
                List<Path> names = new ArrayList<>();
                target.forEach(names::add);
                names.reversed().forEach(ahead::addFirst);
            } else {
                here = next;
            }
        }
        return wrong;
    }

    private Optional<String> whatIsWrongAt(Path path, boolean stickyPasses) throws IOException {
        int uid = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        String shown = Quote.onOneLine(path);
        if (!trustedUids.contains(uid)) {
            return Optional.of(String.format(
                    "%s: belongs to uid %d (mode %04o), and root runs only what belongs to root; chown root %s",
                    shown, uid, mode, shown));
        }
        boolean writable = (mode & WRITABLE_FOR_OTHERS) != 0 && !Files.isSymbolicLink(path);
        if (writable && !(stickyPasses && (mode & STICKY) != 0)) {
            return Optional.of(String.format(
                    "%s: writable by others than its owner (mode %04o), and root runs nothing that others can change;"
                            + " chmod go-w %s",
                    shown, mode, shown));
        }
        return Optional.empty();
    }
}
