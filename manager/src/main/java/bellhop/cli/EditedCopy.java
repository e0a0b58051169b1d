package bellhop.cli;

import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.ExitStatus;
import bellhop.linux.Fd;
import bellhop.linux.Foreground;
import bellhop.linux.PosixException;
import bellhop.linux.Signals;
import bellhop.manager.TriggeredServices;
import bellhop.trigger.TriggerUse;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The copy of a file that an editor changes. It is in a private directory of services that is otherwise like the one of the
 * file, by links, so that it can be checked as if it were in its place. Closing it removes it.
 */
final class EditedCopy implements AutoCloseable {

    /** What has come of an edit. */
    enum Result {
        UNCHANGED,
        /** It is right, or is to be used all the same. */
        GOOD,
        /** It was said why. */
        FAILED
    }

    /** By the exit status of the question. */
    private static final String ANSWERS = "euk";

    /** Reads a line, and nothing of what comes after it, which is the editor's. */
    private static final String QUESTION = """
            while printf '%s' 'e: edit again, u: undo, k: keep it with these problems [e] ' >&2; read -r line; do
                case $line in
                    '' | e | E) exit 0 ;;
                    u | U) exit 1 ;;
                    k | K) exit 2 ;;
                esac
            done
            exit 1
            """;

    private final ServiceName service;
    private final EditedFile original;
    private final LocalVerb.Here here;
    private final Path root;
    private final Path copy;
    private boolean isKept;

    EditedCopy(ServiceName service, EditedFile original, LocalVerb.Here here) throws IOException {
        this.service = service;
        this.original = original;
        this.here = here;
        // A script must be on a file system from which it may be executed, which that for temporary files need not be.
        root = (original.isScript()
                        ? Files.createTempDirectory(original.root(), ".edit-")
                        : Files.createTempDirectory("bh-edit-"))
                .toRealPath();
        Path directory = Files.createDirectory(root.resolve(service.toString()));
        copy = directory.resolve(String.valueOf(original.path().getFileName()));
        links(original.root(), root);
        links(original.root().resolve(service.toString()), directory);
        StagedDirectory.write(copy, original.isScript() ? 0700 : 0600, Optional.empty(), original.start());
    }

    /** Links to all that is there, but to what this has itself. */
    private void links(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(from)) {
            for (Path entry : entries) {
                Path link = to.resolve(String.valueOf(entry.getFileName()));
                if (!entry.equals(root) && !link.equals(copy) && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(link, entry.toAbsolutePath());
                }
            }
        }
    }

    byte[] content() throws IOException {
        return Files.readAllBytes(copy);
    }

    /** Leaves it where it is. */
    Path keep() {
        isKept = true;
        return copy;
    }

    /** Has it edited until it is right, or whoever edits it gives up. */
    Result edit() throws IOException {
        while (true) {
            Optional<String> failure = runEditor();
            if (failure.isPresent()) {
                return givenUp(failure.get() + "; " + service + " is as it was");
            }
            if (Arrays.equals(original.start(), content())) {
                return Result.UNCHANGED;
            }
            List<String> problems = problems();
            problems.forEach(here.err());
            if (problems.isEmpty()) {
                return Result.GOOD;
            }
            if (!Fd.isatty(0) || !Fd.isatty(2)) {
                return givenUp(service + " is as it was");
            }
            switch (answer()) {
                case 'k' -> {
                    return Result.GOOD;
                }
                case 'u' -> {
                    here.err().accept(service + " is as it was");
                    return Result.FAILED;
                }
                default -> {}
            }
        }
    }

    /** Why the editor did not do its work; empty if it did. */
    private Optional<String> runEditor() {
        Map<String, String> environment = System.getenv();
        String editor = environment.getOrDefault("VISUAL", "");
        editor = editor.isBlank() ? environment.getOrDefault("EDITOR", "") : editor;
        editor = editor.isBlank() ? "vi" : editor;
        // The variable may have options in it, and is split as other programs do it.
        List<String> command = List.of("/bin/sh", "-c", editor + " \"$@\"", "bh-edit", copy.toString());
        try {
            return switch (Foreground.run(command, variables())) {
                case ExitStatus.NormalExit(int code) when code == 0 -> Optional.empty();
                case ExitStatus.NormalExit(int code) ->
                    Optional.of("the editor (" + Quote.onOneLine(editor) + ") exited " + code);
                case ExitStatus.KilledBySignal(int signal, boolean _) ->
                    Optional.of(
                            "the editor (" + Quote.onOneLine(editor) + ") was killed by SIG" + Signals.name(signal));
            };
        } catch (PosixException e) {
            return Optional.of("the editor (" + Quote.onOneLine(editor) + ") could not be started: " + e.reason());
        }
    }

    private static List<String> variables() {
        List<String> variables = new ArrayList<>();
        System.getenv().forEach((name, value) -> variables.add(name + "=" + value));
        return variables;
    }

    /** As {@code bh check} reports them, with the names of the files that they would be in. */
    private List<String> problems() {
        ServiceDirectories directories = here.directories().replacing(original.root(), root);
        ServiceReader reader = new ServiceReader(directories);
        List<Problem> problems = new ArrayList<>(reader.check(List.of(service)));
        List<TriggerUse> uses =
                reader.readable(service).map(TriggeredServices::uses).orElse(List.of());
        if (!uses.isEmpty()) {
            problems.addAll(here.plugins().check(uses, List.of()));
        }
        String shown = original.root().toString();
        return problems.stream()
                .map(problem -> problem.toString().replace(root.toString(), shown))
                .toList();
    }

    /** Leaves what was written, since nobody has asked for its end. */
    private Result givenUp(String why) throws IOException {
        boolean isWritten = Files.exists(copy) && !Arrays.equals(original.start(), content());
        here.err().accept(why + (isWritten ? "; what you have written is in " + keep() : ""));
        return Result.FAILED;
    }

    /** What to do about problems, as one letter; the interrupt key and the end of the input mean undo. */
    private static char answer() throws PosixException {
        // The key ends this shell, and not the program that has a directory to remove.
        ExitStatus status = Foreground.run(List.of("/bin/sh", "-c", QUESTION), variables());
        return status instanceof ExitStatus.NormalExit(int code) && code < ANSWERS.length()
                ? ANSWERS.charAt(code)
                : 'u';
    }

    @Override
    public void close() throws IOException {
        if (!isKept) {
            StagedDirectory.remove(root);
        }
    }
}
