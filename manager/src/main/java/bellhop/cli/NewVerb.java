package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.cli.Verbs.Common;
import bellhop.control.ControlException;
import bellhop.control.RunDir;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.FileErrors;
import bellhop.manager.ExitCode;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bh new}: makes a service directory for a command. */
@Command(description = "Make a service of a command.")
final class NewVerb extends Common implements LocalVerb {
    /** What the kernel makes of bytes that are not text in this locale. */
    private static final char REPLACEMENT = '\uFFFD';

    private static final int SCRIPT = 0755;
    private static final int SETTINGS = 0644;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "The directory of services to make it in; the first that this user can write to if not given.")
    @Nullable
    String directory;

    @Option(names = "--description", paramLabel = "TEXT", description = "A description for people.")
    @Nullable
    String description;

    @Option(names = "--user", paramLabel = "USER", description = "The user that executes the command.")
    @Nullable
    String user;

    @Option(names = "--requires", paramLabel = "NAME", description = "A service that it requires; repeatable.")
    @Nullable
    List<String> requires;

    @Option(
            names = "--ready",
            paramLabel = "KIND",
            description =
                    "How it reports that it is ready: notify, fd=N, path=FILE, tcp=ADDRESS:PORT, http=URL or test=COMMAND.")
    @Nullable
    String ready;

    @Option(
            names = "--restart",
            paramLabel = "WHEN",
            description = "Whether it is started again after it ended: always, on-failure or no.")
    @Nullable
    String restart;

    @Option(names = "--pre", paramLabel = "COMMAND", description = "A line for the shell, executed before it.")
    @Nullable
    String pre;

    @Option(names = "--post", paramLabel = "COMMAND", description = "A line for the shell, executed after it.")
    @Nullable
    String post;

    @Parameters(index = "0", paramLabel = "NAME", description = "The service.")
    String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The program and its arguments, kept as they are.")
    List<String> command = List.of();

    /**
     * The words with a {@code --} before the command, where none stands before it: its options are its own.
     *
     * @param words those of the verb, with it
     */
    static List<String> separated(List<String> words) {
        boolean hasName = false;
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                return words;
            }
            if (word.startsWith("-") && word.length() > 1) {
                boolean hasNoValue = word.contains("=") || word.equals("-h") || word.equals("--help");
                i += hasNoValue ? 0 : 1;
            } else if (hasName) {
                List<String> separated = new ArrayList<>(words);
                separated.add(i, "--");
                return separated;
            } else {
                hasName = true;
            }
        }
        return words;
    }

    @Override
    public LocalTask task() {
        String asked = name;
        String named = directory;
        String settings = settings();
        List<String> words = new ArrayList<>(command);
        words.add(settings);
        String before = pre;
        String after = post;
        return here -> {
            Optional<ServiceName> service = here.name(asked);
            if (service.isEmpty()) {
                return ExitCode.FAILED;
            }
            if (words.stream().anyMatch(word -> word.indexOf(REPLACEMENT) >= 0)) {
                here.err().accept(asked + ": its words are not text in this locale; write them into a run script");
                return ExitCode.FAILED;
            }
            try {
                return make(service.get(), named, settings, before, after, here);
            } catch (ControlException e) {
                here.err().accept(String.valueOf(e.getMessage()));
            } catch (FileAlreadyExistsException e) {
                here.err().accept(exists(service.get(), Path.of(e.getFile())));
            } catch (IOException e) {
                here.err().accept(asked + ": cannot be made: " + Quote.onOneLine(FileErrors.withFile(e)));
            }
            return ExitCode.FAILED;
        };
    }

    private static String exists(ServiceName service, Path place) {
        return service + ": exists: " + Quote.onOneLine(place) + "; change it with: bh edit " + service;
    }

    private static int make(
            ServiceName service,
            @Nullable String named,
            String settings,
            @Nullable String pre,
            @Nullable String post,
            Here here)
            throws IOException {
        List<Path> roots = here.directories().roots();
        for (Path root : named == null ? roots : List.<Path>of()) {
            Path there = root.resolve(service.toString());
            if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
                here.err().accept(exists(service, there));
                return ExitCode.FAILED;
            }
        }
        Optional<Path> services = named == null
                ? roots.stream().filter(NewVerb::isWritable).findFirst()
                : Optional.of(RunDir.path("directory", named));
        if (services.isEmpty()) {
            here.err()
                    .accept(service + ": cannot be made: none of "
                            + String.join(
                                    ", ", roots.stream().map(Quote::onOneLine).toList())
                            + " can be written to; name another with --directory");
            return ExitCode.FAILED;
        }
        Path place = services.get().resolve(service.toString());
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        try (StagedDirectory staged = StagedDirectory.in(services.get(), service.toString())) {
            staged.write(ServiceDirectories.YAML, SETTINGS, settings);
            if (pre != null) {
                staged.write("pre", SCRIPT, script(pre));
            }
            if (post != null) {
                staged.write("post", SCRIPT, script(post));
            }
            if (!isGood(service, staged, services.get(), here)) {
                here.err().accept(service + ": not made");
                return ExitCode.FAILED;
            }
            staged.publish(place);
        }
        here.out()
                .accept("made " + Quote.onOneLine(place) + "; start it with: " + start(service, services.get(), here));
        return ExitCode.OK;
    }

    /** Whether files can be made in it, or in what it would be made in. */
    private static boolean isWritable(Path directory) {
        Path there = directory.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            there = there.getParent();
        }
        return Files.isDirectory(there) && Files.isWritable(there) && Files.isExecutable(there);
    }

    private static String script(String line) {
        return "#!/bin/sh\n" + line + "\n";
    }

    /** A program that is missing may be installed later; anything else that {@code bh check} finds is in the way. */
    private static boolean isGood(ServiceName service, StagedDirectory staged, Path services, Here here) {
        ServiceReader reader =
                new ServiceReader(here.directories().after(services).after(staged.root()));
        List<Problem> problems = reader.check(List.of(service));
        boolean couldBeRead = reader.readable(service).isPresent();
        boolean good = true;
        for (Problem problem : problems) {
            boolean isProgram = couldBeRead && problem.key().equals("command");
            good &= isProgram;
            String text = problem.key().isEmpty() ? problem.message() : problem.key() + ": " + problem.message();
            here.err()
                    .accept((isProgram ? "warning: " : "")
                            + text.replace(staged.root().toString(), services.toString()));
        }
        return good;
    }

    private static String start(ServiceName service, Path services, Here here) {
        Path root = services.toAbsolutePath().normalize();
        boolean isFound = here.directories().roots().stream()
                .anyMatch(it -> it.toAbsolutePath().normalize().equals(root));
        boolean isTemplate = here.directories().after(services).find(service) instanceof Finding.Template;
        return "bh start " + service + (isTemplate ? "@TARGET" : "")
                + (isFound ? "" : " (of a manager with --services " + Quote.onOneLine(root) + ")");
    }

    private String settings() {
        StringBuilder yaml = new StringBuilder();
        if (description != null) {
            yaml.append("description: ").append(quoted(description)).append('\n');
        }
        yaml.append("command: ").append(list(command)).append('\n');
        if (requires != null) {
            yaml.append("requires: ").append(list(requires)).append('\n');
        }
        if (user != null) {
            yaml.append("user: ").append(quoted(user)).append('\n');
        }
        if (restart != null) {
            yaml.append("restart: ").append(quoted(restart)).append('\n');
        }
        if (ready != null) {
            yaml.append("ready: {").append(ready(ready)).append("}\n");
        }
        return yaml.toString();
    }

    /** {@code tcp=127.0.0.1:80} is {@code tcp: "127.0.0.1:80"}; what the reader does not know it complains of. */
    private static String ready(String kind) {
        int sign = kind.indexOf('=');
        String key = sign < 0 ? kind : kind.substring(0, sign);
        String value = sign < 0 ? "true" : kind.substring(sign + 1);
        boolean isNumber = key.equals("fd") && value.matches("[0-9]{1,9}");
        return quoted(key) + ": " + (sign < 0 || isNumber ? value : quoted(value));
    }

    private static String list(List<String> words) {
        return "[" + String.join(", ", words.stream().map(NewVerb::quoted).toList()) + "]";
    }

    /** A word of YAML that stands for exactly this text, with quotes if it needs any. */
    static String quoted(String text) {
        if (text.matches("[A-Za-z/][\\w/.-]*") && !text.matches("(?i)null|true|false")) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (Quote.isHarmless(c)) {
                        quoted.appendCodePoint(c);
                    } else {
                        quoted.append(String.format("\\U%08x", c));
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}
