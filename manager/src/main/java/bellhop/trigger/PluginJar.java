package bellhop.trigger;

import bellhop.catalog.TrustCheck;
import bellhop.definition.Quote;
import bellhop.linux.FileErrors;
import bellhop.spi.TriggerPlugin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;

/**
 * A jar that should have a plugin in it.
 *
 * @param file an absolute path
 */
record PluginJar(Path file) {
    private static final String SERVICES = "META-INF/services/" + TriggerPlugin.class.getName();

    /** In the manifest of a jar that says which version of the interface it needs; most do not. */
    private static final String VERSION_ATTRIBUTE = "Bellhop-Spi-Version";

    private static final int VERSION = 1;

    /** Classes of the JDK and of the plugin interface, and no others. */
    private static final class InterfaceOnly extends ClassLoader {
        private static final String PACKAGE = TriggerPlugin.class.getPackageName() + ".";

        InterfaceOnly() {
            super("bellhop-spi", ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith(PACKAGE) && name.indexOf('.', PACKAGE.length()) < 0) {
                return Class.forName(name, false, TriggerPlugin.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
        }
    }

    /** Says why a jar is left out. */
    static final class LeftOutException extends Exception {
        private static final long serialVersionUID = 1;

        LeftOutException(String why) {
            super(why);
        }
    }

    /** Its name for people. */
    String shown() {
        return Quote.onOneLine(file);
    }

    /**
     * Makes the plugin, by code that is the plugin's: on its own thread.
     *
     * @param opened why it is not to be used although it could be opened, if so
     * @throws LeftOutException if there is none, or it is not to be used, and why
     */
    TriggerPlugin load(TrustCheck trust, Function<Path, Optional<String>> opened) throws LeftOutException {
        check(trust.whatIsWrongWith(file));
        try {
            String name = nameOfClass();
            // Open as long as the plugin is there, which is until the manager ends.
            ClassLoader loader =
                    new URLClassLoader(shown(), new URL[] {file.toUri().toURL()}, new InterfaceOnly());
            Thread.currentThread().setContextClassLoader(loader);
            Class<?> type = Class.forName(name, false, loader);
            // Before any of its code runs, and not before it is open: it may be replaced until then.
            check(opened.apply(file));
            Object plugin = type.getConstructor().newInstance();
            if (plugin instanceof TriggerPlugin found) {
                return found;
            }
            throw new LeftOutException(name + " is not a " + TriggerPlugin.class.getName());
        } catch (ZipException e) {
            throw new LeftOutException("not a jar, or damaged: " + e.getMessage());
        } catch (IOException e) {
            throw new LeftOutException("cannot be read: " + FileErrors.withFile(e));
        } catch (UnsupportedClassVersionError e) {
            throw new LeftOutException("compiled for a newer Java than this runtime: " + e.getMessage());
        } catch (LinkageError e) {
            throw new LeftOutException("does not fit this version of Bellhop: " + Throwables.of(e));
        } catch (java.lang.reflect.InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw new LeftOutException("its constructor failed: " + Throwables.of(cause == null ? e : cause));
        } catch (ReflectiveOperationException e) {
            throw new LeftOutException("its class cannot be instantiated: " + Throwables.of(e)
                    + "; expected a public class with a public constructor without parameters");
        }
    }

    private static void check(Optional<String> wrong) throws LeftOutException {
        if (wrong.isPresent()) {
            throw new LeftOutException(wrong.get());
        }
    }

    private String nameOfClass() throws IOException, LeftOutException {
        try (JarFile jar = new JarFile(file.toFile())) {
            checkVersion(jar.getManifest());
            ZipEntry services = jar.getEntry(SERVICES);
            List<String> names = services == null ? List.of() : names(jar.getInputStream(services));
            if (names.size() != 1) {
                throw new LeftOutException(
                        names.isEmpty()
                                ? "has no plugin; expected the name of its class in " + SERVICES
                                : "has " + names.size() + " plugins; expected one in a jar");
            }
            return names.getFirst();
        }
    }

    private static void checkVersion(@org.jspecify.annotations.Nullable Manifest manifest) throws LeftOutException {
        String version = manifest == null ? null : manifest.getMainAttributes().getValue(VERSION_ATTRIBUTE);
        if (version != null && !version.strip().equals(Integer.toString(VERSION))) {
            throw new LeftOutException("made for version " + Quote.onOneLine(version.strip())
                    + " of the plugin interface; this is " + VERSION + ": install the Bellhop that it was made for");
        }
    }

    private static List<String> names(InputStream in) throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .distinct()
                    .toList();
        }
    }
}
