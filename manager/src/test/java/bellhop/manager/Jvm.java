package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import bellhop.cli.LocalCommands;
import bellhop.spi.TriggerPlugin;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** How a program of this module is run in a process of its own. */
final class Jvm {

    /** Of the libraries on the class path, those that programs need and tests alone do not. */
    private static final Pattern NEEDED = Pattern.compile("(picocli|snakeyaml|junixsocket|jspecify)[^/]*\\.jar$");

    private static final List<String> SHELL_CLIENTS =
            List.of("bh-start", "bh-stop", "bh-stopall", "bh-status", "bh-require", "bh-release");
    private static final Map<String, String> JAVA_PROGRAMS = Map.of(
            "bh", "bellhop.program.Bh",
            "escort", "bellhop.program.Escort",
            "connect", "bellhop.program.Connect",
            "semaphore", "bellhop.program.Semaphore",
            "state", "bellhop.program.StateFile");

    private Jvm() {}

    /** Makes the programs that an image has in its {@code bin}, and one that runs a manager. */
    static void makePrograms(Path bin, String classPath, Path home) throws IOException {
        ServiceWriter.write(bin.resolve("keeping3"), true, ServiceWriter.shell("exec \"$@\" 3</dev/null"));
        String shell = Files.readString(Path.of("..", "dist", "src", "main", "bin", "bh-start"));
        SHELL_CLIENTS.forEach(name -> ServiceWriter.write(bin.resolve(name), true, shell));
        String java = String.join(" ", command(classPath, home));
        JAVA_PROGRAMS.forEach((name, main) -> {
            String small = name.equals("escort") ? java : java + " -Xint";
            ServiceWriter.write(
                    bin.resolve(name),
                    true,
                    ServiceWriter.shell(
                            "[ \"$1\" = run ] && exec " + java + " " + main + " \"$@\" 3</dev/null",
                            "exec " + small + " " + main + " \"$@\""));
        });
    }

    /** The command line up to the name of the class. */
    static List<String> command(String classPath, Path home) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:-MaxFDLimit",
                "--enable-native-access=ALL-UNNAMED",
                "-Dbellhop.home=" + home,
                "-cp",
                classPath);
    }

    /** The classes of this module and the libraries that they need. */
    static String classPath() {
        return String.join(File.pathSeparator, needed());
    }

    /** The same, copied to where every user can read them. */
    static String copyOfClassPath(Path folder) throws IOException {
        Files.createDirectory(folder);
        List<String> copies = new ArrayList<>();
        for (String element : needed()) {
            Path copy = folder.resolve(Integer.toString(copies.size()));
            copy(Path.of(element), copy);
            copies.add(copy.toString());
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return String.join(File.pathSeparator, copies);
    }

    /** The same with the classes in a jar, which stays open: from a folder no class is loaded without a descriptor. */
    static String classPathOfJars(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<String> jars = new ArrayList<>();
        for (String element : needed()) {
            if (Files.isDirectory(Path.of(element))) {
                String jar = folder.resolve(jars.size() + ".jar").toString();
                ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
                int status = tool.run(
                        System.out, System.err, "--create", "--no-compress", "--file", jar, "-C", element, ".");
                assertThat(status).isZero();
                jars.add(jar);
            } else {
                jars.add(element);
            }
        }
        return String.join(File.pathSeparator, jars);
    }

    private static List<String> needed() {
        String main = placeOf(LocalCommands.class);
        List<String> needed = new ArrayList<>(List.of(main, placeOf(TriggerPlugin.class)));
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(element -> NEEDED.matcher(element).find())
                .forEach(needed::add);
        return needed;
    }

    private static String placeOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Path copy = to.resolve(from.relativize(file).toString());
                    Files.copy(file, copy);
                    Files.setPosixFilePermissions(
                            copy, PosixFilePermissions.fromString(Files.isDirectory(copy) ? "rwxr-xr-x" : "rw-r--r--"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
