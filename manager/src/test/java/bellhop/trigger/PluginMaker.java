package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.spi.TriggerPlugin;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles plugins of a test and packs them into jars. */
public final class PluginMaker {

    /**
     * A plugin that finds a target for each file in {@code targets/NAME} under its sysfs, with the file's text as
     * identity, and goes wrong as a file {@code fault-NAME} says, for as long as that is there.
     */
    static final String OBEDIENT = """
            package p;

            import bellhop.spi.*;
            import java.io.IOException;
            import java.nio.file.*;
            import java.util.*;

            public final class Plugin implements TriggerPlugin {
                public String name() {
                    return "NAME";
                }

                public Trigger open(Settings settings, Host host) {
                    if (!settings.string("color").orElse("red").equals("red")) {
                        throw new SettingsException("color", "is not red");
                    }
                    host.wakeOn("net");
                    Path targets = host.sysfs().resolve("targets/NAME");
                    Path fault = host.sysfs().resolve("fault-NAME");
                    return () -> {
                        Set<Target> found = new HashSet<>();
                        if (Files.isDirectory(targets)) {
                            try (DirectoryStream<Path> files = Files.newDirectoryStream(targets, "[!.]*")) {
                                for (Path file : files) {
                                    String name = file.getFileName().toString();
                                    found.add(new Target(name, Files.readString(file), Map.of("DRIVER", "d-" + name)));
                                }
                            }
                        }
                        String how = Files.exists(fault) ? Files.readString(fault) : "";
                        switch (how) {
                            case "throws" -> throw new IllegalStateException("broken");
                            case "io" -> throw new IOException("unreadable");
                            case "error" -> throw new AssertionError("impossible");
                            case "stack" -> recurse(0);
                            case "null" -> found = null;
                            case "null in it" -> found.add(null);
                            case "many" -> {
                                for (int i = 0; i < 100_000; i++) {
                                    found.add(new Target("t" + i, "", Map.of()));
                                }
                            }
                            case "twice" -> {
                                found.add(new Target("twin", "1", Map.of()));
                                found.add(new Target("twin", "2", Map.of()));
                            }
                            case "bare" -> {
                                for (Target it : List.copyOf(found)) {
                                    found.remove(it);
                                    found.add(new Target(it.name(), it.identity(), Map.of()));
                                }
                            }
                            case "forbidden" -> found.add(new Target("../etc", "", Map.of()));
                            case "changes" -> {
                                Set<Target> changing = new HashSet<>(found);
                                changing.add(new Target("x", "", Map.of()));
                                changing.add(new Target("y", "", Map.of()));
                                found = new AbstractSet<>() {
                                    public int size() {
                                        return changing.size();
                                    }

                                    public Iterator<Target> iterator() {
                                        Iterator<Target> all = changing.iterator();
                                        changing.add(new Target("z" + System.nanoTime(), "", Map.of()));
                                        return all;
                                    }
                                };
                            }
                            case "hangs" -> {
                                while (Files.exists(fault)) {
                                    try {
                                        Thread.sleep(5);
                                    } catch (InterruptedException e) {
                                        // Does not listen.
                                    }
                                }
                            }
                            default -> {}
                        }
                        return found;
                    };
                }

                private static int recurse(int depth) {
                    return recurse(depth + 1) + 1;
                }
            }
            """;

    private final Path folder;
    private int made;

    /** Works in this folder. */
    public PluginMaker(Path folder) {
        this.folder = folder;
    }

    static String obedient(String name) {
        return OBEDIENT.replace("NAME", name);
    }

    /** A jar with these classes, of which {@code p.Plugin} is the plugin. */
    public Path jar(Path jar, String... sources) throws IOException {
        return jar(jar, "p.Plugin", Map.of(), sources);
    }

    /**
     * A jar.
     *
     * @param provider what the file for the service loader says; no such file if empty
     * @param attributes what the manifest says
     */
    Path jar(Path jar, String provider, Map<String, String> attributes, String... sources) throws IOException {
        Path work = Files.createDirectories(folder.resolve("made-" + ++made));
        return pack(jar, provider, attributes, compiled(work, List.of(sources)));
    }

    private static Path pack(Path jar, String provider, Map<String, String> attributes, Map<String, byte[]> compiled)
            throws IOException {
        Map<String, byte[]> entries = new TreeMap<>(compiled);
        if (!provider.isEmpty()) {
            entries.put(
                    "META-INF/services/" + TriggerPlugin.class.getName(), provider.getBytes(StandardCharsets.UTF_8));
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach(manifest.getMainAttributes()::putValue);
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entriesOut = new JarOutputStream(out, manifest)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                entriesOut.putNextEntry(new ZipEntry(entry.getKey()));
                entriesOut.write(entry.getValue());
            }
        }
        return jar;
    }

    /**
     * A jar of a plugin of this project.
     *
     * @param name {@code wifi}
     */
    public Path jarOf(Path jar, String name) throws IOException {
        Path module = Path.of("..", "plugins", name, "src", "main");
        String provider =
                Files.readString(module.resolve("resources/META-INF/services").resolve(TriggerPlugin.class.getName()));
        List<Path> files;
        try (Stream<Path> walk = Files.walk(module.resolve("java"))) {
            files = walk.filter(file -> file.toString().endsWith(".java")).toList();
        }
        Path classes = Files.createDirectories(folder.resolve("made-" + ++made));
        return pack(jar, provider, Map.of(), compiledFiles(classes, files));
    }

    private static Map<String, byte[]> compiled(Path work, List<String> sources) throws IOException {
        Path classes = Files.createDirectories(work.resolve("classes"));
        List<Path> files = new ArrayList<>();
        for (String source : sources) {
            String name = source.replaceFirst("(?s).*?public (?:final )?(?:class|interface) (\\w+).*", "$1");
            String inPackage = source.replaceFirst("(?s)\\s*package (\\w+);.*", "$1");
            Path file = Files.createDirectories(work.resolve(inPackage)).resolve(name + ".java");
            files.add(Files.writeString(file, source));
        }
        return compiledFiles(classes, files);
    }

    private static Map<String, byte[]> compiledFiles(Path classes, List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            boolean done = files.isEmpty()
                    || compiler.getTask(
                                    said,
                                    manager,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-d",
                                            classes.toString(),
                                            "-cp",
                                            System.getProperty("java.class.path")),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files))
                            .call();
            assertThat(done).as("compiled: %s", said).isTrue();
        }
        Map<String, byte[]> entries = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(classes)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                entries.put(classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return entries;
    }
}
