package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.control.Dialog;
import bellhop.control.RequestLine;
import bellhop.linux.Proc;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Verifies that no manager's death makes anything wrong: 50 services of all kinds under random requests, whose manager
 * is killed at random instants, also while it starts; after each start the process table is compared with what the
 * manager says, and ten services that no request concerns run in the processes that they had, held as they were. The
 * seed is printed; {@code -Dchaos.seed} brings its requests and instants back, {@code -Dchaos.kills} says how often (10
 * if nothing is said, and no longer than a minute).
 */
class ChaosTest {

    private static final int SERVICES = 50;
    /** The last of them, which no request concerns: whatever befalls the manager, they run as if nothing had. */
    private static final int UNTOUCHED = 10;

    private static final Duration LONGEST = Duration.ofSeconds(60);
    /** How long what is being stopped or started may take to come to rest. */
    private static final Set<String> MARKS =
            Set.of("BELLHOP_SERVICE", "BELLHOP_INCARNATION", "BELLHOP_RUNDIR", "BELLHOP_LAUNCH");

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Map<String, Long> greatest = new TreeMap<>();
    private final Deque<Dialog> clients = new ArrayDeque<>();

    /** What the manager says of one service. */
    private record Status(String state, Optional<Integer> pid) {}

    /** A living process of a service. */
    private record Marked(Proc.Task task, String service, long incarnation, boolean isRun) {}

    @Test
    void noManagersDeathMakesAnythingWrong() throws Exception {
        System.out.println("chaos: seed " + seed);
        int kills = Integer.getInteger("chaos.kills", 10);
        boolean asked = System.getProperty("chaos.kills") != null;
        long began = System.nanoTime();
        int done = 0;
        int requests = 0;
        try (ManagerProcess manager = new ManagerProcess()) {
            writeServices(manager);
            manager.start();
            for (int i = 0; i < SERVICES; i++) {
                if (i < SERVICES - UNTOUCHED) {
                    ask(manager, List.of("start", name(i)));
                } else {
                    manager.ask("start", name(i)).succeeds();
                }
            }
            Map<String, String> untouched = untouched(manager);
            while (done < kills && (asked || System.nanoTime() - began < LONGEST.toNanos())) {
                requests += load(manager, random.nextLong(1_500_000_000L));
                manager.kill();
                done++;
                while (random.nextInt(4) == 0 && done < kills) {
                    manager.begin();
                    LockSupport.parkNanos(random.nextLong(2_000_000_000L)); // the instant is what is tried here
                    manager.kill();
                    done++;
                }
                manager.begin();
                manager.awaitAnswer();
                assertThat(untouched(manager)).isEqualTo(untouched);
                check(manager);
            }
            manager.ask("stopall").succeeds();
            assertThat(marked(manager)).isEmpty();
            statuses(manager)
                    .forEach((name, status) -> assertThat(status.pid()).as(name).isEmpty());
        } catch (AssertionError | IOException e) {
            throw new AssertionError("seed " + seed + ", after " + done + " kills: " + e.getMessage(), e);
        } finally {
            leave();
        }
        System.out.printf(
                "chaos: %d kills, %d requests, %d services, in %.0f s: nothing lost, nothing twice%n",
                done, requests, SERVICES, (System.nanoTime() - began) / 1e9);
    }

    private static String name(int i) {
        return "s" + i;
    }

    private static void writeServices(ManagerProcess manager) throws IOException {
        for (int i = 0; i < SERVICES; i++) {
            String name = name(i);
            String run = "exec sleep 86400";
            switch (i % 10) {
                case 0 -> manager.script(name, "run", run);
                case 1 ->
                    manager.script(name, "pre", "sleep 0.2")
                            .script(name, "run", run)
                            .script(name, "post", "sleep 0.2");
                case 2 -> manager.script(name, "run", run).yaml(name, "requires: [" + name(i - 1) + "]");
                case 3 -> manager.script(name, "pre", "true").script(name, "post", "true");
                case 4 -> manager.script(name, "run", "sleep 86300 & setsid sleep 86300 & " + run);
                case 5 ->
                    manager.script(name, "run", "sleep 0.3", "echo >&3", run).yaml(name, "ready: {fd: 3}");
                case 6 ->
                    manager.script(name, "run", run)
                            .yaml(name, "ready: {test: [CMD, \"true\"]}", "control_socket: true");
                case 7 -> manager.script(name, "run", "sleep 0.7; exit 3").yaml(name, "restart_delay: 300ms");
                case 8 ->
                    manager.script(name, "pre", "bh-require " + name(i - 8))
                            .script(name, "run", run)
                            .script(name, "post", "bh-release " + name(i - 8));
                default ->
                    manager.script(name, "run", "trap '' TERM", "while :; do sleep 86300; done")
                            .yaml(name, "stop_grace_period: 500ms");
            }
        }
    }

    /** Asks for this and that, for so long; returns how often. */
    private int load(ManagerProcess manager, long nanos) {
        long end = System.nanoTime() + nanos;
        int requests = 0;
        while (System.nanoTime() < end) {
            String service = name(random.nextInt(SERVICES - UNTOUCHED));
            String owner = "owner" + random.nextInt(3);
            List<String> words = switch (random.nextInt(8)) {
                case 0, 1, 2 -> List.of("start", service);
                case 3 -> List.of("stop", service);
                case 4 -> List.of("restart", service);
                case 5, 6 -> List.of("require", "--owner", owner, service);
                default -> List.of("release", "--owner", owner, service);
            };
            try {
                ask(manager, words);
                manager.ask("status", service); // as fast as the manager answers
                requests++;
            } catch (IOException e) {
                throw new AssertionError("a manager that was not killed does not answer: " + manager.said(), e);
            }
        }
        return requests;
    }

    /** Asks without waiting for the answer; of those who wait the first go away, which ends nothing. */
    private void ask(ManagerProcess manager, List<String> words) throws IOException {
        Dialog client = new Dialog(manager.runDir().socket());
        clients.add(client);
        client.send(RequestLine.format(words) + "\n");
        if (clients.size() > 8) {
            clients.remove().close();
        }
    }

    private void leave() throws IOException {
        for (Dialog client : clients) {
            client.close();
        }
        clients.clear();
    }

    /** What has to hold at once, and what has to hold as soon as everything under way has come to its end. */
    private void check(ManagerProcess manager) throws Exception {
        leave();
        List<String> faults = new ArrayList<>();
        Await.until(() -> "no faults: " + faults + "; the manager said: " + manager.said(), () -> {
            faults.clear();
            faults.addAll(faults(manager));
            return faults.isEmpty();
        });
    }

    /** The process of each service that no request concerns, by its start, and how many hold the service. */
    private static Map<String, String> untouched(ManagerProcess manager) throws IOException {
        List<Marked> processes = marked(manager);
        Map<String, Status> statuses = statuses(manager);
        Map<String, String> found = new TreeMap<>();
        for (int i = SERVICES - UNTOUCHED; i < SERVICES; i++) {
            String name = name(i);
            if (i % 10 == 7) {
                continue; // it ends and is started again
            }
            List<String> runs = processes.stream()
                    .filter(it -> it.isRun() && it.service().equals(name))
                    .map(it -> it.task().pid() + " since " + it.task().startTime())
                    .toList();
            Path holds = manager.runDir().path().resolve(name).resolve("require");
            found.put(
                    name,
                    Objects.requireNonNull(statuses.get(name)).state() + " " + runs + ", holds "
                            + Files.readString(holds).strip());
        }
        return found;
    }

    private List<String> faults(ManagerProcess manager) throws IOException {
        List<String> faults = new ArrayList<>();
        Map<String, Status> before = statuses(manager);
        List<Marked> processes = marked(manager);
        Map<String, Long> lives = incarnations(manager);
        Map<String, Status> after = statuses(manager);

        Map<String, List<Marked>> runs = new TreeMap<>();
        for (Marked process : processes) {
            if (process.isRun()) {
                runs.computeIfAbsent(process.service(), name -> new ArrayList<>())
                        .add(process);
            }
            long life = lives.getOrDefault(process.service(), 0L);
            if (process.incarnation() != life) {
                faults.add("no record knows of " + process + "; the one on record is " + life);
            }
        }
        runs.forEach((name, of) -> assertThat(of).as("runs of " + name).hasSizeLessThan(2));
        lives.forEach((name, life) -> {
            assertThat(life).as("incarnation of " + name).isGreaterThanOrEqualTo(greatest.getOrDefault(name, 0L));
            greatest.put(name, life);
        });
        after.forEach((name, status) -> {
            boolean hasRun = Integer.parseInt(name.substring(1)) % 10 != 3;
            boolean isSteady = status.equals(before.get(name));
            Optional<Integer> running = runs.getOrDefault(name, List.of()).stream()
                    .map(it -> it.task().pid())
                    .findFirst();
            if (!isSteady) {
                return;
            }
            if (status.state().equals("started") && hasRun && !running.equals(status.pid())) {
                faults.add(name + " is said to be " + status + ", and runs as " + running);
            }
            if (Set.of("stopped", "failed", "finished").contains(status.state()) && running.isPresent()) {
                faults.add(name + " is said to be " + status + ", and runs as " + running);
            }
        });
        return faults;
    }

    private static Map<String, Status> statuses(ManagerProcess manager) throws IOException {
        Map<String, Status> statuses = new TreeMap<>();
        for (JsonNode status : manager.statuses()) {
            JsonNode pid = status.path("pid");
            statuses.put(
                    status.path("name").asText(),
                    new Status(
                            status.path("state").asText(), pid.isInt() ? Optional.of(pid.asInt()) : Optional.empty()));
        }
        return statuses;
    }

    /** Every living process of this run dir. A run is what leads a session and sleeps, or ignores that it is to end. */
    private static List<Marked> marked(ManagerProcess manager) throws IOException {
        List<Marked> found = new ArrayList<>();
        for (Proc.Task task : manager.processes()) {
            Map<String, String> marks = Proc.environment(task.pid(), MARKS);
            if (marks.keySet().containsAll(MARKS)) {
                found.add(new Marked(
                        task,
                        marks.getOrDefault("BELLHOP_SERVICE", ""),
                        Long.parseLong(marks.getOrDefault("BELLHOP_INCARNATION", "0")),
                        task.session() == task.pid() && isRun(task.pid())));
            }
        }
        return found;
    }

    private static boolean isRun(int pid) {
        try {
            String command = Files.readString(Path.of("/proc", Integer.toString(pid), "cmdline"));
            return command.contains("/run\0") || command.startsWith("sleep\00086400");
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    private static Map<String, Long> incarnations(ManagerProcess manager) throws IOException {
        Map<String, Long> incarnations = new TreeMap<>();
        for (int i = 0; i < SERVICES; i++) {
            try {
                for (String line : Files.readAllLines(
                        manager.runDir().path().resolve(name(i)).resolve("record"))) {
                    if (line.startsWith("saved.service.state.life.incarnation ")) {
                        incarnations.put(name(i), Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
                    }
                }
            } catch (NoSuchFileException e) {
                // Nothing was asked of it.
            }
        }
        return incarnations;
    }
}
