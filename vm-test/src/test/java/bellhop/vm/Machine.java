package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.Statuses;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One emulated machine: what is plugged into it and asked of it while it runs. Its own clock, in seconds since its boot,
 * gives all times, for it may run slowly.
 */
final class Machine implements ServiceWriter<Machine>, Statuses, AutoCloseable {

    /** How long anything may take when the host is busy, in seconds; much longer without the image's caches. */
    static final int LIMIT = Guest.isOfAnotherArchitecture() ? 1200 : 240;

    /** What is written here in the guest is in the {@link #journal}. */
    static final String JOURNAL = "/run/journal";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVICES = "/etc/bellhop/services.d/";

    private final Path directory;
    private final Process emulator;
    private final Lines agent;
    private final Lines journal;
    private final Lines monitor;
    private int asked;
    private double began;
    private double ended;

    private Machine(Path directory, Process emulator) throws IOException {
        this.directory = directory;
        this.emulator = emulator;
        monitor = connected("monitor");
        agent = connected("agent");
        journal = connected("journal");
    }

    /** A line that the manager, or a test, has written in the guest, and when. */
    record Entry(double at, String text) {}

    /** Starts the emulator and waits for the guest. See {@link Guest}. */
    static Machine boot(Path directory, List<String> command) throws IOException {
        Process emulator = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("emulator").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        boolean booted = false;
        try {
            Machine machine = new Machine(directory, emulator);
            machine.qmp("qmp_capabilities", Map.of());
            machine.await(machine.agent, 0, "ready");
            booted = true;
            return machine;
        } finally {
            if (!booted) {
                emulator.destroyForcibly();
            }
        }
    }

    private Lines connected(String name) throws IOException {
        List<Lines> lines = new ArrayList<>();
        Await.until("the emulator has opened " + name, () -> {
            if (!emulator.isAlive()) {
                throw new IOException("no emulator: " + Files.readString(directory.resolve("emulator")));
            }
            try {
                lines.add(Lines.of(directory.resolve(name)));
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return lines.getFirst();
    }

    private int await(Lines from, int first, String line) {
        try {
            return from.await(first, line::equals, LIMIT);
        } catch (TimeoutException e) {
            throw failure("waited for \"" + line + "\"", e);
        }
    }

    private AssertionError failure(String what, Exception why) {
        return new AssertionError(
                "%s: %s%nthe journal:%n%s%nthe console:%n%s"
                        .formatted(what, why.getMessage(), String.join("\n", journal.all()), console()),
                why);
    }

    /** Runs lines of shell in the guest, one such script at a time; standard error is in the standard output. */
    Outcome run(String... lines) {
        String script = String.join("\n", lines) + "\n";
        synchronized (agent) {
            agent.write(Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8)));
            try {
                String[] answer =
                        agent.get(agent.await(++asked, line -> true, LIMIT)).split(" ", -1);
                began = Double.parseDouble(answer[1]);
                ended = Double.parseDouble(answer[2]);
                String out = new String(Base64.getDecoder().decode(answer[3]), StandardCharsets.UTF_8);
                return new Outcome(Integer.parseInt(answer[0]), out, "");
            } catch (TimeoutException e) {
                throw failure("waited for the end of: " + script, e);
            }
        }
    }

    /** When the last script began, in seconds since the guest's boot. */
    double began() {
        return began;
    }

    /** When the last script had ended, in seconds since the guest's boot. */
    double ended() {
        return ended;
    }

    /** Waits until a shell in the guest finds that something is so, and returns when. */
    double awaitThat(String condition) {
        Outcome result = run(
                "read up rest </proc/uptime; end=$((${up%%.*} + %d))".formatted(LIMIT - 20),
                "until { %s; } >/dev/null 2>&1; do".formatted(condition),
                "read up rest </proc/uptime; [ ${up%.*} -lt $end ] || exit 9",
                // More often would hold up what is waited for: to start a process takes some 40 ms here.
                "sleep 0.2",
                "done");
        if (result.status() != 0) {
            throw failure("waited for " + condition, new TimeoutException("exited " + result.status() + result.out()));
        }
        return ended;
    }

    /** Puts a file into the guest. */
    Machine file(String path, String content) {
        run(
                        "mkdir -p \"$(dirname '%s')\"".formatted(path),
                        "base64 -d >'%s' <<'END'".formatted(path),
                        Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)),
                        "END")
                .succeeds();
        return this;
    }

    @Override
    public Machine write(String path, boolean isExecutable, String content) {
        file(SERVICES + path, content);
        if (isExecutable) {
            run("chmod 755 " + SERVICES + path).succeeds();
        }
        return this;
    }

    /** Puts services that Bellhop brings into the guest. */
    Machine readyMade(String... services) {
        run(
                        "mkdir -p " + SERVICES,
                        "cd /usr/lib/bellhop/share/services.d && cp -R " + String.join(" ", services) + " " + SERVICES)
                .succeeds();
        return this;
    }

    /** Starts a manager beside the first process and waits until it answers; returns its process. */
    long startManager(String... options) {
        run("setsid bh run " + String.join(" ", options) + " >" + JOURNAL + " 2>&1 &")
                .succeeds();
        return awaitManager();
    }

    /** Waits until a manager answers, and returns its process. */
    long awaitManager() {
        awaitThat("[ -p /run/bellhop/control ] && { bh-status; [ $? != 69 ]; }");
        return Long.parseLong(run("pgrep -o -x java").succeeds().out().strip());
    }

    @Override
    public Outcome ask(String... words) {
        return run("bh " + String.join(" ", words)).succeeds();
    }

    /** How many lines the journal has: where to look from for what is about to happen. */
    int mark() {
        return journal.count();
    }

    /** Waits until the journal says this, from a mark on, and returns when it said so. */
    double awaitJournal(int mark, String text) {
        try {
            return entry(journal.get(
                            journal.await(mark, line -> entry(line).text().contains(text), LIMIT)))
                    .at();
        } catch (TimeoutException e) {
            throw failure("waited for \"" + text + "\" in the journal", e);
        }
    }

    /** The journal from a mark on. */
    List<Entry> journal(int mark) {
        List<String> all = journal.all();
        return all.subList(mark, all.size()).stream().map(Machine::entry).toList();
    }

    private static Entry entry(String line) {
        int blank = line.indexOf(' ');
        return new Entry(Double.parseDouble(line.substring(0, blank)), line.substring(blank + 1));
    }

    /** What the kernel and others have written on the console so far. */
    String console() {
        try {
            return Files.readString(directory.resolve("console"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks the emulator itself, see the QEMU Machine Protocol; fails if it refuses. */
    JsonNode qmp(String command, Map<String, Object> arguments) {
        try {
            int first = monitor.count();
            monitor.write(JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments)));
            JsonNode answer = JSON.readTree(monitor.get(monitor.await(
                    first, line -> line.startsWith("{\"return\"") || line.startsWith("{\"error\""), LIMIT)));
            assertThat(answer.path("error").path("desc").asText()).as(command).isEmpty();
            return answer.path("return");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw failure("asked the emulator for " + command, e);
        }
    }

    /** The other end of a line that the emulator has. */
    SerialLine line(String name) {
        try {
            return new SerialLine(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Plugs a USB serial adapter in; returns when, and the other end of its line is {@link #line}. */
    double plugSerialAdapter(String name) {
        qmp(
                "chardev-add",
                Map.of(
                        "id",
                        name,
                        "backend",
                        Map.of(
                                "type",
                                "socket",
                                "data",
                                Map.of(
                                        "addr",
                                        Map.of(
                                                "type",
                                                "unix",
                                                "data",
                                                Map.of(
                                                        "path",
                                                        directory.resolve(name).toString())),
                                        "server",
                                        true,
                                        "wait",
                                        false))));
        double now = now();
        qmp("device_add", Map.of("driver", "usb-serial", "id", name + "-device", "chardev", name));
        return now;
    }

    /** Pulls a USB serial adapter; returns when. */
    double pullSerialAdapter(String name) {
        double now = now();
        int before = monitor.count();
        qmp("device_del", Map.of("id", name + "-device"));
        try {
            monitor.await(before, line -> line.contains("DEVICE_DELETED") && line.contains(name + "-device"), LIMIT);
        } catch (TimeoutException e) {
            throw failure("pulling " + name, e);
        }
        qmp("chardev-remove", Map.of("id", name));
        return now;
    }

    /** The guest's clock. */
    double now() {
        run(":").succeeds();
        return ended;
    }

    /** Waits until the guest has ended by itself. */
    void awaitEnd() {
        try {
            assertThat(emulator.waitFor(LIMIT, TimeUnit.SECONDS))
                    .as("the guest ends")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** As if its cable was pulled: nothing more is written anywhere. */
    @Override
    public void close() {
        emulator.destroyForcibly();
        awaitEnd();
        for (Lines lines : List.of(agent, journal, monitor)) {
            try {
                lines.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
