package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceYamlTest {

    @TempDir
    Path directory;

    private Path file;
    private Values values = Values.NONE;
    private boolean template;
    private ServiceName name = new ServiceName("web", Optional.empty());

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("service.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# nothing but this\n", "---\n", "{}", "~", "\uFEFF# with a byte order mark\n"})
    void fileThatSaysNothingLeavesTheDefaults(String text) throws IOException {
        assertThat(problemsOf(text)).isEmpty();

        assertThat(values.get(ServiceKeys.RESTART).policy()).isEqualTo(RestartPolicy.ALWAYS);
        assertThat(values.get(ServiceKeys.RESTART_DELAY)).isEqualTo(Duration.ofMillis(100));
        assertThat(values.get(ServiceKeys.AUTOSTART)).isFalse();
        assertThat(values.get(ServiceKeys.KILL_MODE)).isEqualTo(KillMode.ALL);
        assertThat(values.get(ServiceKeys.STOP_GRACE_PERIOD)).isEqualTo(Duration.ofSeconds(10));
        assertThat(values.get(ServiceKeys.CONTROL_SOCKET)).isFalse();
        assertThat(template).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "always, ALWAYS",
        "'\"always\"', ALWAYS",
        "on-failure, ON_FAILURE",
        "no, NO",
        "'\"no\"', NO",
        "unless-stopped, ALWAYS"
    })
    void restartIsRead(String written, RestartPolicy read) throws IOException {
        assertThat(problemsOf("restart: " + written)).isEmpty();
        assertThat(values.get(ServiceKeys.RESTART).policy()).isEqualTo(read);
    }

    @ParameterizedTest
    @EnumSource(KillMode.class)
    void killModeIsRead(KillMode mode) throws IOException {
        assertThat(problemsOf("kill_mode: " + mode.name().toLowerCase(Locale.ROOT)))
                .isEmpty();
        assertThat(values.get(ServiceKeys.KILL_MODE)).isEqualTo(mode);
    }

    @Test
    void truthValuesAreRead() throws IOException {
        assertThat(problemsOf("autostart: true\ncontrol_socket: True\ntemplate: false\n"))
                .isEmpty();
        assertThat(values.get(ServiceKeys.AUTOSTART)).isTrue();
        assertThat(values.get(ServiceKeys.CONTROL_SOCKET)).isTrue();
        assertThat(template).isFalse();
    }

    @Test
    void aliasStandsForWhatItNames() throws IOException {
        assertThat(problemsOf("autostart: &yes true\ncontrol_socket: *yes\n")).isEmpty();
        assertThat(values.get(ServiceKeys.CONTROL_SOCKET)).isTrue();
    }

    @Test
    void allProblemsAreToldAtOnceEachWithItsPlace() throws IOException {
        assertThat(problemsOf("""
                        # a service
                        restrat: always
                        autostart: yes
                          # more
                        restart:  alway
                        kill_mode: [group]
                        ready: {fd: 1, notfy: true, path: [x]}
                        autostart: true
                        zzz: 1
                        """))
                .containsExactly(
                        file + ":2:1: restrat: unknown key; did you mean \"restart\"?",
                        file + ":3:12: autostart: \"yes\"; expected true or false; did you mean true?",
                        file + ":5:11: restart: \"alway\" is not one of always, on-failure, no;"
                                + " did you mean \"always\"?",
                        file + ":6:12: kill_mode: a list; expected one of all, group, process",
                        file + ":7:13: ready.fd: 1; expected a descriptor from 3 to 255",
                        file + ":7:16: ready.notfy: unknown key; did you mean \"notify\"?",
                        file + ":7:35: ready.path: a list; expected the path of a file",
                        file + ":8:1: autostart: given twice; the first is on line 3",
                        file + ":9:1: zzz: unknown key; service.yaml(5) has the keys");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            restart:                | :1:9: restart: no value; expected one of always, on-failure, no
            restart: ~              | :1:10: restart: ~; expected one of always, on-failure, no
            restart: true           | :1:10: restart: "true" is not one of always, on-failure, no
            restart: 3              | :1:10: restart: "3" is not one of always, on-failure, no
            restart: on             | :1:10: restart: "on" is not one of always, on-failure, no
            restart: No             | :1:10: restart: "No" is not one of always, on-failure, no; did you mean "no"?
            restart: on_failure     | :1:10: restart: "on_failure" is not one of always, on-failure, no; did you mean "on-failure"?
            restart: on-failure:0   | :1:10: restart: "on-failure:0": expected a number from 1 after the colon
            restart: {a: b}         | :1:10: restart: a map; expected one of always, on-failure, no
            kill_mode: "a\\nb"      | :1:12: kill_mode: "a\\x0ab" is not one of all, group, process
            autostart: "true"       | :1:12: autostart: "true"; expected true or false, without quotes
            autostart: off          | :1:12: autostart: "off"; expected true or false; did you mean false?
            autostart: 1            | :1:12: autostart: 1; expected true or false
            autostart:              | :1:11: autostart: no value; expected true or false
            autostart: []           | :1:12: autostart: a list; expected true or false
            template: !x true       | :1:11: template: true; expected true or false
            "a b": 1                | :1:1: "a b": unknown key; service.yaml(5) has the keys
            "autostart ": true      | :1:1: "autostart ": unknown key; did you mean "autostart"?
            3: 1                    | :1:1: 3 is not a key; expected a word
            ? [a]                   | :1:3: a list is not a key; expected a word
            << : {autostart: true}  | :1:1: "<<": unknown key; service.yaml(5) has the keys
            - autostart             | :1:1: a list; expected lines of the form key: value
            autostart               | :1:1: "autostart"; expected lines of the form key: value
            """)
    void problemIsTold(String text, String problem) throws IOException {
        assertThat(problemsOf(text)).containsExactly(file + problem);
    }

    @Test
    void everyKeyIsExplained() {
        assertThat(ServiceKeys.KEYS).allSatisfy(key -> {
            assertThat(key.meaning()).endsWith(".");
            assertThat(key.form().expected()).isNotEmpty();
        });
    }

    @Test
    void templateDoesNotStartByItself() throws IOException {
        assertThat(problemsOf("template: true\nautostart: true\n"))
                .containsExactly(file + ":2:12: autostart: a template does not start automatically; expected it in the"
                        + " directory of an instance, NAME@TARGET");
    }

    @Test
    void instanceOfATemplateMayStartByItself() throws IOException {
        file = Files.createDirectory(directory.resolve("getty@tty1")).resolve("service.yaml");

        assertThat(problemsOf("template: true\nautostart: true\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'restart: always\n bad: 1'       | :2:5: mapping values are not allowed here
            'restart: [always\n'             | :2:1: expected ',' or ']', but got <stream end>
            'a: *b'                          | :1:4: found undefined alias b
            'restart: \u0007'                | :1:10: the character U+0007 is not allowed in YAML
            '---\na: 1\n---\nb: 1\n'         | :3:1: but found another document
            'a: [1,\n}'                      | :2:1: expected the node content, but found '}'
            """)
    void whatIsNoYamlIsOneLine(String text, String problem) throws IOException {
        assertThat(problemsOf(text)).containsExactly(file + problem);
    }

    @Test
    void bytesThatAreNoUtf8ArePointedAt() throws IOException {
        byte[] bytes = "# é\nrestart: x".getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 1] = (byte) 0xff;

        assertThat(problemsOf(bytes)).containsExactly(file + ":2:10: these bytes are not UTF-8");
    }

    @Test
    void longFileIsRefusedUnread() throws IOException {
        assertThat(problemsOf("#".repeat(ServiceYaml.MAX_BYTES))).isEmpty();
        assertThat(problemsOf("#".repeat(ServiceYaml.MAX_BYTES + 1)))
                .containsExactly(file + ": too long; expected at most 65536 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{", "- ", "? ", "{a: ", "[{"})
    void deepNestingIsRefused(String level) throws IOException {
        assertThat(problemsOf(level.repeat(ServiceYaml.MAX_BYTES / level.length())))
                .containsExactly(file + ":1:" + (1 + 32 * level.length() / (level.equals("[{") ? 2 : 1))
                        + ": nested too deeply; expected at most 32 levels");
    }

    @Test
    void manyAliasesAreRefused() throws IOException {
        String laughs = "a: &a [x]\nb: [" + "*a, ".repeat(40) + "]\n";

        assertThat(problemsOf(laughs)).hasSize(1).first().asString().contains("aliases");
    }

    @Test
    void recursiveAliasIsAWrongType() throws IOException {
        assertThat(problemsOf("restart: &a [*a]"))
                .containsExactly(file + ":1:10: restart: a list; expected one of always, on-failure, no");
    }

    @Test
    void anyGarbageEndsAsOneLinersAndNeverAsAnException() throws IOException {
        Random random = new Random(1);
        String alphabet = "restart: always\n-[]{}&*!|>'\"%@`#?,:~\t no<<\u0000\u00e9\ud83d\ude00";
        for (int i = 0; i < 3_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(problemsOf(text.toString()))
                    .as(text.toString())
                    .allMatch(line -> line.startsWith(file.toString()) && !line.contains("\n"));
        }
    }

    private List<String> problemsOf(String text) throws IOException {
        return problemsOf(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> problemsOf(byte[] bytes) throws IOException {
        Files.deleteIfExists(file);
        Files.write(file, bytes);
        List<Problem> problems = new ArrayList<>();
        ServiceYaml yaml = ServiceYaml.read(file, name, problems);
        values = yaml.values();
        template = yaml.isTemplate();
        return problems.stream().map(Problem::toString).toList();
    }
}
