package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.Quote;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps root's manager from running what others can change. A script, its directory and every parent up to
 * {@code /}, symbolic links on the way followed as the kernel follows them, must belong to root and be writable
 * for nobody else; parents may be writable where they are sticky, as {@code /tmp} is. The same holds for the directories
 * that a manager writes into, also for one of an ordinary user, whose own count as root's do. Immutable; it is asked at
 * each launch and looks at the disk each time.
 */
public final class TrustCheck {
    private static final int ROOT = 0;
    private static final int WRITABLE_FOR_OTHERS = 0022;
    private static final int WRITABLE_FOR_THE_GROUP = 0020;
    private static final int STICKY = 01000;
    private static final int MOST_LINKS = 40;
    private static final int NOBODYS = -1;

    /** What is judged, for the message, and how. */
    private enum Purpose {
        RUN("root runs only files that belong to root", "root runs nothing that others can change", ""),
        WRITE(
                "a manager writes only into what belongs to root or to its own user",
                "a manager writes into nothing that others can change",
                ", or name another directory");

        final String owner;
        final String mode;
        final String otherwise;

        Purpose(String owner, String mode, String otherwise) {
            this.owner = owner;
            this.mode = mode;
            this.otherwise = otherwise;
        }
    }

    private final boolean trustsAll;
    private final int ownGroup;
    private final Set<Integer> trustedUids = new TreeSet<>(Set.of(ROOT));
    private final List<String> announcements = new ArrayList<>();

    private TrustCheck(boolean trustsAll, int ownGroup) {
        this.trustsAll = trustsAll;
        this.ownGroup = ownGroup;
    }

    /** Finds nothing wrong with anything that is to be run. */
    public static TrustCheck none() {
        return new TrustCheck(true, NOBODYS);
    }

    /**
     * For a manager of an ordinary user: it may run what that user wants, who can harm but himself.
     *
     * @param group the user's own, which nobody else is expected to be in: many systems have such users make what the
     *     group may write to
     */
    public static TrustCheck ofUser(int uid, int group) {
        TrustCheck check = new TrustCheck(true, group);
        check.trustedUids.add(uid);
        return check;
    }

    /**
     * For root's manager.
     *
     * @param namedDirectories the directories named by {@code --services}: whoever owns one of them now is trusted as
     *     root is, from now on
     */
    public static TrustCheck forRoot(List<Path> namedDirectories) {
        TrustCheck check = new TrustCheck(false, NOBODYS);
        for (Path directory : namedDirectories) {
            try {
                int owner = (int) Files.getAttribute(directory, "unix:uid");
                if (check.trustedUids.add(owner)) {
                    check.announcements.add(Quote.onOneLine(directory) + " belongs to uid " + owner
                            + ", who is trusted like root from now on");
                }
            } catch (IOException e) {
                // A directory that is not there makes nobody trusted; that it is missing is said elsewhere.
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
     * service.yaml} beside it, what overrides that, a file of variables, and for {@code run} the program of {@code command}, {@code
     * ready.test} and {@code healthcheck.test}.
     *
     * @return as {@link #whatIsWrongWith(Path)}
     */
    public Optional<String> whatIsWrongWith(Definition definition, Script script) {
        if (trustsAll) {
            return Optional.empty();
        }
        Map<Path, Boolean> right = new HashMap<>();
        Path yaml = definition.directory().resolve(ServiceDirectories.YAML);
        Path file = definition.directory().resolve(script.fileName());
        boolean isCommand = script == Script.RUN && !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        Optional<String> wrong = isCommand ? Optional.empty() : whatIsWrongWith(file, right);
        if (script == Script.RUN) {
            for (String program : programs(definition, isCommand)) {
                Optional<Path> executed = Programs.file(definition, program);
                if (wrong.isEmpty() && executed.isPresent()) {
                    wrong = whatIsWrongWith(executed.get(), right);
                }
            }
        }
        if (wrong.isEmpty() && Files.exists(yaml, LinkOption.NOFOLLOW_LINKS)) {
            wrong = whatIsWrongWith(yaml, right);
        }
        for (Path override : definition.overrides().orElse(List.of())) {
            if (wrong.isEmpty() && Files.exists(override, LinkOption.NOFOLLOW_LINKS)) {
                wrong = whatIsWrongWith(override, right);
            }
        }
        for (EnvironmentSettings.File variables : definition.environment().files()) {
            if (wrong.isEmpty() && Files.exists(variables.path(), LinkOption.NOFOLLOW_LINKS)) {
                wrong = whatIsWrongWith(variables.path(), right);
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
        return trustsAll ? Optional.empty() : whatIsWrongWith(file, new HashMap<>());
    }

    private Optional<String> whatIsWrongWith(Path file, Map<Path, Boolean> right) {
        try {
            // The file itself and the directory that holds it are to be nobody else's at all.
            return walk(file, Purpose.RUN, 2, right);
        } catch (IOException e) {
            return Optional.of(Quote.onOneLine(file) + ": " + FileErrors.of(e));
        }
    }

    /**
     * What keeps a manager from writing into a directory.
     *
     * @param directory an absolute path; as far as it is not there yet it is good
     * @return as {@link #whatIsWrongWith(Path)}
     */
    public Optional<String> whatIsWrongWithDirectory(Path directory) {
        return whatIsWrongIn(directory, 1);
    }

    /**
     * What keeps a manager from making something in a directory, and from relying on it afterwards: as {@link
     * #whatIsWrongWithDirectory}, but it may be sticky.
     */
    public Optional<String> whatIsWrongWithParent(Path directory) {
        return whatIsWrongIn(directory, 0);
    }

    private Optional<String> whatIsWrongIn(Path directory, int notSticky) {
        try {
            return walk(directory, Purpose.WRITE, notSticky, new HashMap<>());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Quote.onOneLine(directory) + ": " + FileErrors.of(e));
        }
    }

    /**
     * Goes from {@code /} to the file, link by link.
     *
     * @param notSticky how many at the end may not be writable for others though they are sticky
     * @param right what was found to be right just now, and gets what is found to be; with each, whether it would not
     *     be if it had to do without being sticky
     */
    private Optional<String> walk(Path file, Purpose use, int notSticky, Map<Path, Boolean> right) throws IOException {
        Deque<Path> ahead = new ArrayDeque<>();
        file.forEach(ahead::addLast);
        Path here = Path.of("/");
        Optional<String> wrong =
                right.containsKey(here) ? Optional.empty() : whatIsWrongAt(here, lstat(here), use, true);
        if (wrong.isEmpty()) {
            right.putIfAbsent(here, true);
        }
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
            boolean stickyPasses = ahead.size() >= notSticky;
            if (right.containsKey(next) && (stickyPasses || !right.get(next))) {
                here = next;
                continue;
            }
            Stat stat = lstat(next);
            wrong = whatIsWrongAt(next, stat, use, stickyPasses);
            if (wrong.isEmpty() && stat.isSymbolicLink()) {
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
                if (wrong.isEmpty()) {
                    right.merge(next, stickyPasses, Boolean::logicalAnd);
                }
            }
        }
        return wrong;
    }

    private static Stat lstat(Path path) throws IOException {
        try {
            return Fd.lstat(path);
        } catch (PosixException e) {
            throw FileErrors.on(path, e);
        }
    }

    private Optional<String> whatIsWrongAt(Path path, Stat stat, Purpose use, boolean stickyPasses) {
        int mode = stat.permissions();
        if (!trustedUids.contains(stat.uid())) {
            String shown = Quote.onOneLine(path);
            return Optional.of(String.format(
                    "%s: belongs to uid %d (mode %04o), and %s; chown root %s%s",
                    shown, stat.uid(), mode, use.owner, shown, use.otherwise));
        }
        int passes = trustsAll && stat.gid() == ownGroup ? WRITABLE_FOR_THE_GROUP : 0;
        boolean writable = (mode & WRITABLE_FOR_OTHERS & ~passes) != 0 && !stat.isSymbolicLink();
        if (writable && !(stickyPasses && (mode & STICKY) != 0)) {
            String shown = Quote.onOneLine(path);
            return Optional.of(String.format(
                    "%s: writable by others than its owner (mode %04o), and %s; chmod go-w %s%s",
                    shown, mode, use.mode, shown, use.otherwise));
        }
        return Optional.empty();
    }
}
