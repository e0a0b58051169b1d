package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.yaml.EnvFile;
import bellhop.yaml.EnvFileException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where programs are found: a service's own on the path that it has, and the tools by which its settings are made. */
public final class Programs {
    private static final List<String> USUAL_PATH =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final List<String> MANAGERS_PATH = managersPath();
    private static final List<String> TOOLS_PATH = toolsPath();

    private Programs() {}

    private static List<String> managersPath() {
        List<String> path = new ArrayList<>();
        path.add(Path.of(System.getProperty("bellhop.home", "/usr/lib/bellhop"), "bin")
                .toString());
        String inherited = System.getenv("PATH");
        path.addAll(inherited == null || inherited.isEmpty() ? USUAL_PATH : List.of(inherited.split(":")));
        return List.copyOf(path);
    }

    private static List<String> toolsPath() {
        Set<String> path = new LinkedHashSet<>(MANAGERS_PATH.subList(1, MANAGERS_PATH.size()));
        path.addAll(USUAL_PATH);
        path.removeIf(directory -> !directory.startsWith("/"));
        return List.copyOf(path);
    }

    /** Where the service's own programs are looked for, as the launch does. */
    static List<String> path(Definition definition) {
        String path = definition.environment().variables().get("PATH");
        for (EnvironmentSettings.File file : definition.environment().files().reversed()) {
            if (path == null) {
                path = inFile(file);
            }
        }
        return path == null ? MANAGERS_PATH : List.of(path.split(":"));
    }

    private static @Nullable String inFile(EnvironmentSettings.File file) {
        try {
            return EnvFile.read(file).get("PATH");
        } catch (EnvFileException _) {
            // Whoever needs the file says what is wrong with it.
            return null;
        }
    }

    /**
     * The file that a service's command executes.
     *
     * @param program the first word of the command
     * @return a file that is there; empty if none is
     * @throws InvalidPathException if it is no name of a file in this locale
     */
    static Optional<Path> file(Definition definition, String program) {
        if (program.contains("/")) {
            Path start = definition.process().workingDir().orElse(definition.directory());
            return Optional.of(start.resolve(program)).filter(Files::exists);
        }
        return on(path(definition), program);
    }

    /** The first executable file of that name in a list of directories. */
    static Optional<Path> on(List<String> path, String name) {
        return path.stream()
                .map(directory -> Path.of(directory).resolve(name))
                .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
                .findFirst();
    }

    /** The absolute path of a program of the system that makes a setting; the service's own path does not count. */
    public static Optional<Path> tool(String name) {
        return on(TOOLS_PATH, name);
    }

    /** What is to be said of a tool that is not there. */
    public static String missing(String tool) {
        return "needs the program " + tool + ", which is not in " + String.join(":", TOOLS_PATH) + "; install it";
    }
}
