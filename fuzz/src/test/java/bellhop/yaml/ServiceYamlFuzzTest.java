package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.ServiceName;
import bellhop.fuzz.Messages;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Verifies that whatever is in a {@code service.yaml} ends as a definition or as problems with places; and that what
 * {@code bh show} prints of a definition is YAML that says the same. So it is with an {@code override.yaml} over it, whose
 * bytes come after a NUL, which is in no YAML file.
 */
class ServiceYamlFuzzTest {
    private static final List<ServiceName> NAMES =
            List.of(new ServiceName("web", Optional.empty()), new ServiceName("web", Optional.of("eth0")));

    private Path directory;
    private Path file;
    private Path override;
    private Path again;

    @BeforeEach
    void makeFolder() throws IOException {
        directory = Files.createTempDirectory("fuzz");
        file = directory.resolve("service.yaml");
        override = directory.resolve("override.yaml");
        again = directory.resolve("again.yaml");
    }

    @AfterEach
    void deleteFolder() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(override);
        Files.deleteIfExists(again);
        Files.deleteIfExists(directory);
    }

    @DictionaryEntries({
        "\\x00",
        ": ~\\x0A",
        "{target}",
        "{service}",
        "!!int ",
        "&a ",
        "*a",
        "<<: ",
        "%YAML 1.1\\x0A",
        "---\\x0A",
        "? ",
        "| ",
        "> ",
        "\\x",
        "\\u",
        "\\U",
        "description: ",
        "command: ",
        "requires: ",
        "autostart: ",
        "restart: ",
        "restart_delay: ",
        "restart_max_delay: ",
        "restart_limit: ",
        "times: ",
        "within: ",
        "stop_signal: ",
        "stop_grace_period: ",
        "kill_mode: ",
        "timeouts: ",
        "user: ",
        "group: ",
        "group_add: ",
        "working_dir: ",
        "umask: ",
        "environment: ",
        "env_file: ",
        "ulimits: ",
        "nofile: ",
        "soft: ",
        "hard: ",
        "nice: ",
        "oom_score_adj: ",
        "cap_drop: ",
        "no_new_privileges: ",
        "mem_limit: ",
        "cpus: ",
        "pids_limit: ",
        "ready: ",
        "notify: ",
        "watchdog: ",
        "path: ",
        "tcp: ",
        "http: ",
        "fd: ",
        "test: ",
        "CMD-SHELL",
        "healthcheck: ",
        "interval: ",
        "retries: ",
        "linger: ",
        "control_socket: ",
        "log: ",
        "to: ",
        "max_size: ",
        "keep: ",
        "timestamps: ",
        "direct: ",
        "triggers: ",
        "template: ",
        "64MiB",
        "1h30m",
        "on-failure:3",
        "SIGRTMIN+1"
    })
    @FuzzTest
    void anyFileIsADefinitionOrProblemsWithPlaces(byte[] bytes) throws IOException {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        byte[] own = Arrays.copyOf(bytes, end);
        Files.write(file, own);
        boolean isOverridden = end < bytes.length;
        byte[] above = isOverridden ? Arrays.copyOfRange(bytes, end + 1, bytes.length) : new byte[0];
        List<Path> overrides = isOverridden ? List.of(override) : List.of();
        for (ServiceName name : NAMES) {
            Files.write(override, above);
            List<Problem> problems = new ArrayList<>();
            Optional<Explanation> read = read(file, overrides, name, problems);
            for (Problem problem : problems) {
                Messages.assertOneLine(problem.toString());
                Path of = problem.file().orElseThrow();
                assertThat(of).isIn(file, override);
                boolean ofAll = (of.equals(file) ? own : above).length > ServiceYaml.MAX_BYTES;
                assertThat(problem.line()).isGreaterThanOrEqualTo(ofAll ? 0 : 1);
                assertThat(problem.column()).isGreaterThanOrEqualTo(ofAll ? 0 : 1);
            }
            read.ifPresent(explanation -> assertSaysTheSame(name, overrides, explanation));
        }
    }

    private Optional<Explanation> read(Path from, List<Path> overrides, ServiceName name, List<Problem> problems) {
        ServiceYaml yaml = ServiceYaml.read(directory, Optional.of(from), overrides, name, problems);
        yaml.checkThereIsARun(true);
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Explanation.of(Reading.of(name, directory, Map.of(), Map.of(), Optional.of(yaml))));
    }

    private void assertSaysTheSame(ServiceName name, List<Path> overrides, Explanation explanation) {
        StringBuilder text = new StringBuilder("{");
        String open = "";
        for (Explanation.ExplainedKey entry : explanation.entries()) {
            if (entry.position().isEmpty()) {
                continue;
            }
            int dot = entry.key().indexOf('.');
            String around = dot < 0 ? "" : entry.key().substring(0, dot);
            if (!around.equals(open)) {
                text.append(open.isEmpty() ? "" : "},\n");
                text.append(around.isEmpty() ? "" : around + ": {");
                open = around;
            }
            text.append(entry.key().substring(dot + 1))
                    .append(": ")
                    .append(entry.value())
                    .append(",\n");
        }
        text.append(open.isEmpty() ? "" : "},\n").append("}\n");
        List<Problem> problems = new ArrayList<>();
        Optional<Explanation> second;
        try {
            Files.write(again, text.toString().getBytes(StandardCharsets.UTF_8));
            // A definition names its overrides: this one is still there, and changes nothing.
            Files.write(override, new byte[0]);
            second = read(again, overrides, name, problems);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(problems).as("%s", text).isEmpty();
        assertThat(second.map(Explanation::definition)).as("%s", text).contains(explanation.definition());
    }
}
