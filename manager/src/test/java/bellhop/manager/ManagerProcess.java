package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.Statuses;
import bellhop.control.Dialog;
import bellhop.control.RequestLine;
import bellhop.control.RunDir;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A manager in a process of its own, from the classes of this module, with folders of its own, and the
 * programs that talk to it. Nothing is shared between two of them.
 *
 * <p>Closing it stops the manager as a terminal would, unless it was killed, and fails if it did not end
 * well, left a process or a file behind, or spoke of an error inside. What was left is killed all the
 * same, by its process number.
 */
public final class ManagerProcess implements ServiceWriter<ManagerProcess>, Statuses, AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int NOBODY = 65534;

    private final Path root;
    private final Map<String, String> environment = new TreeMap<>();
    private final Transcript transcript = new Transcript();
    private List<String> asUser = List.of();
    private List<String> inNamespace = List.of();
    private @Nullable Path output;
    private String classPath = Jvm.classPath();
    private final List<Path> disks = new ArrayList<>();
    private @Nullable Running running;
    private boolean killed;
    private boolean isWhole = true;
    private boolean terminal;

    /** A manager's process, and the thread that takes its output. */
    private record Running(Process process, Thread reader) {

        boolean hasEnded() {
            try {
                return process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) && reader.join(LIMIT);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Folders without a manager; short ones, for the path of a socket has 106 bytes at most. */
    public ManagerProcess() throws IOException {
        root = Files.createTempDirectory(Path.of("/tmp"), "bh");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(services());
        environment.put("BELLHOP_SERVICES", services().toString());
        environment.put("BELLHOP_RUNDIR", runDir().path().toString());
        environment.put("BELLHOP_LOGDIR", root.resolve("log").toString());
        Jvm.makePrograms(bin(), classPath, root);
    }

    /** A folder that tests may put files in, and that is removed with the rest. */
    public Path root() {
        return root;
    }

    /** The folder of the service directories. */
    public Path services() {
        return root.resolve("services");
    }

    /** The run dir, which the manager makes. */
    public RunDir runDir() {
        return new RunDir(root.resolve("run"));
    }

    /** The log of a service. */
    public Path log(String service) {
        return root.resolve("log").resolve(service).resolve("current");
    }

    /** Puts a variable into the environment of the manager and of all programs. */
    public ManagerProcess with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Has the manager and the programs run as a user without privileges, who owns the folders. */
    public ManagerProcess asOrdinaryUser() throws IOException {
        if (Self.euid() == 0) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
            asUser = List.of("/usr/bin/setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
            classPath = Jvm.copyOfClassPath(root.resolve("classes"));
            Jvm.makePrograms(bin(), classPath, root);
            for (Path folder : List.of(root, services())) {
                Files.setAttribute(folder, "unix:uid", NOBODY);
            }
        }
        return this;
    }

    /** Has the manager and the programs run under this umask. */
    public ManagerProcess withUmask(String umask) {
        asUser = List.of("/bin/sh", "-c", "umask " + umask + " && exec \"$@\"", "sh");
        return this;
    }

    /** Has the programs be such that services of another user can execute them. */
    public ManagerProcess forEveryUser() throws IOException {
        classPath = Jvm.copyOfClassPath(root.resolve("classes"));
        Jvm.makePrograms(bin(), classPath, root);
        return this;
    }

    /** Has the manager have no more descriptors than this. */
    public ManagerProcess withDescriptors(int most) throws IOException {
        classPath = Jvm.classPathOfJars(root.resolve("jars"));
        asUser = List.of("/usr/bin/prlimit", "--nofile=" + most + ":" + most);
        return this;
    }

    /** Has the manager, and the programs, begin in a session of the kernel's keys with one of root's in it. */
    public ManagerProcess withKey(String name, String secret) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/keyctl")), "SKIPPED: there is no keyctl here");
        String add = "keyctl add user " + name + " " + secret + " @s >/dev/null && exec \"$@\"";
        asUser = List.of("/usr/bin/keyctl", "session", "-", "/bin/sh", "-c", add, "sh");
        return this;
    }

    /** Has the manager run without a library of which the path has this in it, and say so as it will. */
    public ManagerProcess without(String library) {
        classPath = Stream.of(classPath.split(File.pathSeparator, -1))
                .filter(element -> !element.contains(library))
                .collect(Collectors.joining(File.pathSeparator));
        isWhole = false;
        return this;
    }

    /** Has the manager run without classes, named by their files, and say so when they are needed. */
    public ManagerProcess withoutClasses(String... files) throws IOException {
        classPath = Jvm.copyOfClassPath(root.resolve("classes"));
        for (String element : classPath.split(File.pathSeparator, -1)) {
            for (String file : files) {
                if (Files.exists(Path.of(element, file))) {
                    Files.delete(Path.of(element, file));
                }
            }
        }
        isWhole = false;
        return this;
    }

    /** Has the manager run as process 1 of a namespace of its own, as in a container. */
    public ManagerProcess asProcess1() {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can make a namespace for processes");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "SKIPPED: there is no unshare here");
        inNamespace = List.of("/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
        return this;
    }

    /** Has the manager run on a terminal of its own, which hangs up with {@link #process}. */
    public ManagerProcess onTerminal() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "SKIPPED: there is no script here");
        terminal = true;
        return this;
    }

    /** Has the manager write to this file, and nobody read it. */
    public ManagerProcess writingTo(Path file) {
        output = file;
        return this;
    }

    @Override
    public ManagerProcess write(String path, boolean isExecutable, String content) {
        ServiceWriter.write(services().resolve(path), isExecutable, content);
        return this;
    }

    /** Starts the manager and returns once it answers at its socket. */
    public ManagerProcess start(String... options) throws IOException {
        begin(options);
        return awaitAnswer();
    }

    /** Starts the manager and returns at once. */
    public void begin(String... options) throws IOException {
        List<String> command = new ArrayList<>(inNamespace);
        command.addAll(asUser);
        command.add(root.resolve("bin/keeping3").toString());
        command.addAll(Jvm.command(classPath, root));
        command.add("bellhop.program.Bh");
        command.add("run");
        command.addAll(List.of(options));
        if (terminal) {
            String line = "exec " + String.join(" ", command);
            command = List.of("/usr/bin/script", "--quiet", "--command", line, "/dev/null");
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        if (output != null) {
            builder.redirectOutput(output.toFile());
        }
        killed = false;
        Process process = builder.start();
        process.getOutputStream().close();
        BufferedReader output = process.inputReader();
        running = new Running(process, Thread.ofPlatform().daemon().start(() -> transcript.take(output)));
    }

    /** Returns once the manager answers at its socket. */
    public ManagerProcess awaitAnswer() {
        await("the manager answers", () -> {
            try {
                ask("status");
                return true;
            } catch (IOException e) {
                return false; // there is no socket yet; or no mode of it, and who connects then is thrown out
            }
        });
        return this;
    }

    /** Starts the manager, which is going to end by itself. */
    public Outcome refuses(String... options) throws Exception {
        return run(Stream.concat(Stream.of("bh", "run"), Stream.of(options)).toArray(String[]::new));
    }

    /** What the manager wrote so far, the lines of those before it included. */
    public String said() {
        return transcript.toString();
    }

    /** Waits until the manager has written a line with this in it, and returns it. */
    public String awaitLine(String text) {
        return awaitLine(text, 1);
    }

    /** Waits until the manager has written that many lines with this in them, and returns the last. */
    public String awaitLine(String text, int times) {
        return transcript.await(text, times);
    }

    /** The manager's process. */
    public Process process() {
        return running().process;
    }

    /** The manager itself, where its process is that of a program which runs it. */
    public ProcessHandle manager() {
        ProcessHandle outer = process().toHandle();
        return inNamespace.isEmpty() ? outer : outer.children().findFirst().orElse(outer);
    }

    /** Signals the manager. */
    public void signal(int signal) throws IOException {
        Signals.kill((int) manager().pid(), signal);
    }

    /** Waits for the end of the manager, which was asked for it or ends by itself, and returns its exit status. */
    public int awaitEnd() {
        assertThat(running().hasEnded())
                .as("the manager ends within %s: %s", LIMIT, said())
                .isTrue();
        killed = true;
        return process().exitValue();
    }

    private Running running() {
        return Objects.requireNonNull(running, "the manager was not started");
    }

    /** Sends one request over the socket, and waits for its answer. */
    @Override
    public Outcome ask(String... words) throws IOException {
        try (Dialog dialog = new Dialog(runDir().socket())) {
            dialog.send(RequestLine.format(List.of(words)) + "\n");
            return answer(dialog);
        }
    }

    /** The rest of the answer that is being read. */
    public static Outcome answer(Dialog dialog) throws IOException {
        StringBuilder out = new StringBuilder();
        StringBuilder err = new StringBuilder();
        for (String line = dialog.line(); line != null; line = dialog.line()) {
            String text = line.substring(Math.min(2, line.length()));
            switch (line.charAt(0)) {
                case 'o' -> out.append(text).append('\n');
                case 'e' -> err.append(text).append('\n');
                case 'x' -> {
                    return new Outcome(Integer.parseInt(text), out.toString(), err.toString());
                }
                default -> throw new IOException("no line of an answer: " + line);
            }
        }
        throw new IOException("the connection ended without an answer");
    }

    /** Runs a program of Bellhop, or another by its path, to its end. */
    public Outcome run(String... words) throws Exception {
        return program(words).outcome();
    }

    /** Starts a program of Bellhop, or another by its path. */
    public Execution program(String... words) throws IOException {
        List<String> command = new ArrayList<>(asUser);
        command.add(bin().resolve(words[0]).toString()); // itself if it is a path
        command.addAll(List.of(words).subList(1, words.length));
        ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
        builder.environment().putAll(environment);
        return new Execution(builder, root);
    }

    private Path bin() {
        return root.resolve("bin");
    }

    /** The state word of a service. */
    public String state(String service) throws IOException {
        return ask("status", service).out().strip();
    }

    /** Waits until a file is there. */
    public void awaitFile(Path file) {
        await("there is " + file, () -> Files.exists(file, LinkOption.NOFOLLOW_LINKS));
    }

    /** Waits until a file has this in it. */
    public void awaitText(Path file, String text) throws IOException {
        await(
                file + " has " + text,
                () -> Files.exists(file) && Files.readString(file).contains(text));
    }

    /** Waits until something is so, and fails if the manager ends before. */
    public <E extends Exception> void await(String what, Await.Condition<E> condition) throws E {
        Await.until(() -> what + "; the manager said: " + said(), () -> {
            boolean isAlive = running == null || process().isAlive();
            boolean holds = condition.holds();
            assertThat(holds || isAlive)
                    .as("the manager ended before %s; it said: %s", what, said())
                    .isTrue();
            return holds;
        });
    }

    /** Every living process that the manager's services have started. */
    public List<Proc.Task> processes() throws IOException {
        List<Proc.Task> found = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            if (!task.isDead()
                    && task.pid() != ProcessHandle.current().pid()
                    && (running == null
                            || (task.pid() != process().pid()
                                    && task.pid() != manager().pid()))
                    && Proc.environment(task.pid(), "BELLHOP_INCARNATION").isPresent()
                    && Proc.environment(task.pid(), "BELLHOP_RUNDIR")
                            .filter(runDir().path().toString()::equals)
                            .isPresent()) {
                found.add(task);
            }
        }
        return found;
    }

    /** Kills the manager alone, so that it can do nothing about it; as process 1 it takes all others with it. */
    public void kill() {
        process().toHandle().destroyForcibly();
        assertThat(running().hasEnded()).isTrue();
        killed = true;
    }

    /** Stops the manager as a terminal would. */
    public void stop() {
        manager().destroy(); // unlike that of Process it leaves the output open
        assertThat(awaitEnd()).as("exit status of the manager: %s", said()).isZero();
    }

    /** Ends the processes that services of a killed manager left. */
    public void endLeftovers() throws IOException {
        for (Proc.Task left : processes()) {
            Signals.kill(left.pid(), Signals.KILL);
        }
        Await.until("what was left has ended", () -> processes().isEmpty());
    }

    @Override
    public void close() throws IOException {
        List<String> faults = new ArrayList<>();
        try {
            if (running != null && !killed) {
                stop();
                processes().forEach(left -> faults.add("left alive: " + left));
                if (Files.exists(runDir().path())) {
                    try (Stream<Path> left = Files.list(runDir().path())) {
                        left.forEach(file -> faults.add("left behind: " + file));
                    }
                }
            }
            said().lines()
                    .filter(line -> isWhole)
                    .filter(line ->
                            line.contains("internal error") || line.contains("\tat ") || line.contains("Exception"))
                    .forEach(faults::add);
        } finally {
            if (running != null) {
                process().toHandle().destroyForcibly();
                assertThat(running().hasEnded()).isTrue();
            }
            endLeftovers();
            removeFolders();
        }
        assertThat(faults).as("a clean end; the manager said:%n%s", said()).isEmpty();
    }

    private void removeFolders() throws IOException {
        for (Path disk : disks) {
            succeeds("umount", "-l", disk.toString());
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Puts a small disk at a folder, with the mount options of {@code tmpfs(5)}. */
    public Path withSmallDisk(Path folder, String options) throws IOException {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can mount a small disk");
        Files.createDirectories(folder);
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "mode=700," + options, "none", folder.toString()),
                "SKIPPED: no tmpfs can be mounted here");
        disks.add(folder);
        return folder;
    }

    private static boolean succeeds(String... words) throws IOException {
        try {
            return new ProcessBuilder(words).start().waitFor() == 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
