package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that whatever is in a {@code service.yaml}, and in what overrides it, ends as a definition or as problems with
 * places, and never otherwise. {@code -Dfuzz.seed=N} tries another seed, {@code -Dfuzz.files=N} more or fewer files.
 */
class RandomServiceYamlTest {
    private static final long MOST_NANOS = 10_000_000_000L;
    private static final String SEED = """
            description: A web server
            command: [sleep, 1, "{target}"]
            requires: ["db@{target}", {cache: optional}]
            autostart: false
            restart: on-failure
            restart_delay: 100ms
            restart_max_delay: 10s
            restart_limit: {times: 5, within: 60s}
            success_exit_status: [3, SIGTERM]
            restart_prevent: 78
            on_failure: [mail, "log@{service}"]
            stop_signal: SIGTERM
            stop_grace_period: 1m30s
            kill_mode: group
            timeouts: {pre: 10s, ready: 60s, post: 10s}
            user: nobody
            group_add: [audio, 7]
            working_dir: /var/empty
            umask: "022"
            environment: {LANG: C, N: 3, PATH: }
            env_file: [/etc/a, {path: b, required: false}]
            ulimits: {nofile: 1024, nproc: {soft: 1, hard: -1}}
            nice: -5
            oom_score_adj: 5
            cap_drop: [ALL]
            no_new_privileges: true
            mem_limit: 64MiB
            cpus: 0.5
            pids_limit: 10
            ready: {notify: true, watchdog: 30s}
            healthcheck: {test: ["CMD", "true"], interval: 30s, retries: 3, disable: false}
            linger: 0s
            log: {to: file, max_size: 1MiB, keep: 5}
            triggers:
              wifi: &a {interfaces: "wlan*"}
              getty: *a
            """;
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ": ",
            ", ",
            "- ",
            "\n",
            "  ",
            "\"",
            "'",
            "&a ",
            "*a",
            "!!int ",
            "!x ",
            "| ",
            "> ",
            "? ",
            "~",
            "-1",
            "0",
            "99999999999999999999",
            "0x",
            "0o",
            "1e999",
            ".nan",
            "true",
            "{target}",
            "{service}",
            "\t",
            "\u0000",
            "é",
            "\ud83d",
            "\ud83d\ude00",
            "%YAML 1.1\n",
            "---\n",
            "...\n",
            "<<: ",
            "#",
            "\\",
            "\\x",
            "@",
            "CMD",
            "10s",
            "1h1h1h",
            ": ~",
            "64m",
            "\r\n",
            "\uFEFF",
            "\u2028");

    @TempDir
    Path directory;

    @Test
    void anyFileIsADefinitionOrProblemsWithPlaces() throws IOException {
        areDefinitionsOrProblems(0);
    }

    /** Of a service that is right or wrong itself, or that has no file. */
    @Test
    void anyOverridesMakeADefinitionOrProblemsWithPlaces() throws IOException {
        areDefinitionsOrProblems(2);
    }

    private void areDefinitionsOrProblems(int mostOverrides) throws IOException {
        long seed = Long.getLong("fuzz.seed", 20251125);
        int most = Integer.getInteger("fuzz.files", 20_000);
        Random random = new Random(seed);
        List<String> lines = SEED.lines().toList();
        long begin = System.nanoTime();
        int files = 0;
        int good = 0;
        for (; files < most && System.nanoTime() - begin < MOST_NANOS; files++) {
            StringBuilder shown = new StringBuilder("seed " + seed + ", file " + files + ":\n");
            Optional<Path> file = mostOverrides == 0 || random.nextInt(5) > 0
                    ? Optional.of(written("service.yaml", file(random, lines), shown))
                    : Optional.empty();
            List<Path> overrides = new ArrayList<>();
            for (int i = mostOverrides == 0 ? 0 : 1 + random.nextInt(mostOverrides); i > 0; i--) {
                overrides.add(written("override" + i + ".yaml", file(random, lines), shown));
            }
            List<Problem> problems = new ArrayList<>();
            ServiceName name = new ServiceName("web", random.nextBoolean() ? Optional.of("eth0") : Optional.empty());
            try {
                ServiceYaml yaml = ServiceYaml.read(directory, file, overrides, name, problems);
                yaml.checkThereIsARun(random.nextBoolean());
                if (problems.isEmpty()) {
                    good++;
                    Reading reading = Reading.of(name, directory, Map.of(), Map.of(), Optional.of(yaml));
                    assertThat(Explanation.of(reading).entries()).isNotEmpty();
                }
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(shown.toString(), e);
            }
            assertThat(problems).as(shown.toString()).allSatisfy(problem -> {
                assertThat(Stream.concat(file.stream(), overrides.stream()))
                        .contains(problem.file().orElseThrow());
                assertThat(problem.line()).isPositive();
                assertThat(problem.column()).isPositive();
                assertThat(problem.toString()).doesNotContain("\n", "\r", "Exception");
            });
        }
        System.out.println("fuzz: " + files + " files, " + good + " of them good, in "
                + (System.nanoTime() - begin) / 1_000_000 + " ms, seed " + seed);
        assertThat(good).isPositive().isLessThan(files);
    }

    private Path written(String name, byte[] bytes, StringBuilder shown) throws IOException {
        shown.append(name)
                .append(":\n")
                .append(new String(bytes, StandardCharsets.UTF_8))
                .append('\n');
        return Files.write(directory.resolve(name), bytes);
    }

    /** Lines of a good file, some of them changed; or pieces alone. */
    private static byte[] file(Random random, List<String> lines) {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(10) == 0) {
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
        } else {
            for (String line : lines) {
                if (random.nextInt(3) > 0) {
                    text.append(line).append('\n');
                }
            }
        }
        for (int i = random.nextInt(4); i > 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                default -> text.insert(random.nextInt(text.length()), text.substring(at, end));
            }
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(20) == 0 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
