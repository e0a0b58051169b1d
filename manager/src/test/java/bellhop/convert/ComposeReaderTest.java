package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what becomes of the services of a Compose file. */
class ComposeReaderTest {
    private static final String CARRIED = "carried over";
    private static final String OTHERWISE = "behaves otherwise";
    private static final String LOST = "not carried over";
    private static final String ESSENTIAL = "change this before the first start";

    @TempDir
    Path root;

    private ImportTrial compose(String... lines) throws ImportException {
        return new ImportTrial(root).file("compose.yaml", lines).run();
    }

    @Test
    void aServiceWithACommandBecomesOne() throws Exception {
        ImportTrial trial = compose(
                "services:",
                "  web:",
                "    entrypoint: [/bin/sleep]",
                "    command: \"'1000'\"",
                "    restart: unless-stopped",
                "    environment:",
                "      A: 1",
                "      OWN:");

        assertThat(trial.outcome().usable()).isTrue();
        assertThat(trial.made("web/service.yaml"))
                .containsExactly(
                        "command: [/bin/sleep, \"1000\"]",
                        "restart: always",
                        "working_dir: /",
                        "environment: {A: \"1\"}");
        trial.tells(CARRIED, "compose.yaml:8: services.web.environment.OWN=: the manager's own variable is passed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "restart: on-failure:3                 | restart: \"on-failure:3\"",
                "user: \"1000:1000\"                   | user: \"1000:1000\"",
                "working_dir: /tmp                     | working_dir: /tmp",
                "stop_signal: SIGINT                   | stop_signal: SIGINT",
                "stop_grace_period: 1m30s              | stop_grace_period: 1m30s",
                "mem_limit: 64m                        | mem_limit: 64m",
                "cpus: 0.5                             | cpus: \"0.5\"",
                "pids_limit: 10                        | pids_limit: \"10\"",
                "ulimits: {nofile: {soft: 1, hard: 2}} | ulimits: {nofile: {soft: 1, hard: 2}}",
                "group_add: [tty]                      | group_add: [tty]",
                "cap_drop: [ALL]                       | cap_drop: [ALL]",
                "security_opt: [\"no-new-privileges:true\"] | no_new_privileges: true",
                "environment: [\"A=1$$2\"]             | environment: {A: \"1$2\"}",
                "environment: {A: \"${B:-3}\"}         | environment: {A: \"3\"}",
                "env_file: {path: /no/such, required: false} | env_file: [{path: /no/such, required: false}]",
                "healthcheck: {test: [CMD, \"true\"], interval: 5s, retries: 2} | healthcheck: {test: [CMD, \"true\"], interval: 5s, retries: 2}",
                "logging: {driver: none}               | log: {to: none}",
                "logging: {options: {max-size: 1m, max-file: \"3\"}} | log: {max_size: 1m, keep: 2}",
                "deploy: {resources: {limits: {memory: 64m}}} | mem_limit: 64m",
            })
    void aKeyHasItsCounterpart(String key, String line) throws Exception {
        ImportTrial trial = compose("services:", "  web:", "    command: /bin/sleep 1000", "    " + key);

        assertThat(trial.made("web/service.yaml")).contains(line);
        assertThat(trial.report()).anySatisfy(it -> assertThat(it).startsWith("compose.yaml:4: "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "ports: [\"80:80\"]                    | listens on the machine's own addresses",
                "volumes: [/a:/b]                      | uses the machine's own files",
                "container_name: x                     | there is no container",
                "environment: {A: \"$B\"}              | nothing is interpolated here; write the value of B",
                "working_dir: \"/x/{target}\"          | cannot express {service} and {target}",
                "deploy: {replicas: 3}                 | of a cluster",
                "nonsense: 1                           | unknown to this import",
            })
    void aKeyWithoutCounterpartIsReported(String key, String why) throws Exception {
        compose("services:", "  web:", "    command: /bin/sleep 1000", "    " + key)
                .tells(LOST, why);
    }

    @Test
    void variablesOfACommandAreThoseOfTheLaunch() throws Exception {
        ImportTrial trial = compose(
                "services:",
                "  web:",
                "    command: [/bin/echo, \"${A:-x y}\", $$HOME]",
                "  api:",
                "    command: /bin/echo $A \"$B\"");

        assertThat(trial.made("web/run")).endsWith("exec /bin/echo \"${A:-x y}\" '$HOME'");
        assertThat(trial.made("api/run")).endsWith("set -f", "exec /bin/echo ${A} \"${B}\"");
    }

    /** What a shell makes of the variables is what Compose makes of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "--port ${PORT}0            | exec /bin/echo --port ${PORT}0        | --port 80",
                "$PORT\"0\"                  | exec /bin/echo ${PORT}0               | 80",
                "${MSG:-it's}               | exec /bin/echo ${MSG:-it\\'s}          | it's",
                "${MSG:-two words}          | exec /bin/echo ${MSG:-two words}      | two words",
                "${MSG:-$(id) `id` * ~}     | exec /bin/echo ${MSG:-\\$\\(id\\) \\`id\\` \\* \\~} | $(id) `id` * ~",
                "\"${MSG:-it's $(id)}\"     | exec /bin/echo \"${MSG:-it's \\$(id)}\" | it's $(id)",
                "${EMPTY:-x}                | exec /bin/echo ${EMPTY:-x}            | x",
                "a${EMPTY-x}b               | exec /bin/echo a${EMPTY-x}b           | ab",
                "a${MSG-x}b                 | exec /bin/echo a${MSG-x}b             | axb",
            })
    void aVariableKeepsItsEndAndItsDefault(String arguments, String line, String said) throws Exception {
        ImportTrial trial = compose("services:", "  web:", "    command: |-", "      /bin/echo " + arguments);

        assertThat(trial.made("web/run")).endsWith(line);
        ProcessBuilder run = new ProcessBuilder(
                        "/bin/sh", trial.services().resolve("web/run").toString())
                .redirectErrorStream(true);
        run.environment().putAll(Map.of("PORT", "8", "EMPTY", ""));
        run.environment().remove("MSG");
        Process shell = run.start();
        shell.getOutputStream().close();
        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(said + "\n");
        assertThat(shell.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"${UID}", "\"${UID}:${GID}\"", "\"{target}\"", "[root]", "a b", "\"a:b:c\""})
    void aUserThatIsLostIsEssential(String user) throws Exception {
        ImportTrial trial = compose("services:", "  web:", "    command: /bin/sleep 1000", "    user: " + user);

        trial.tells(ESSENTIAL, "it would run as the manager's user");
        assertThat(trial.outcome().usable()).isFalse();
        assertThat(trial.outcome().made()).isTrue();
    }

    @Test
    void dependenciesAreRequirements() throws Exception {
        ImportTrial trial = compose(
                "services:",
                "  web:",
                "    command: /bin/sleep 1",
                "    depends_on:",
                "      database: {condition: service_healthy, restart: true}",
                "      setup: {condition: service_completed_successfully}",
                "      cache: {condition: service_started, required: false}",
                "      none: {condition: service_started, required: false}",
                "  database:",
                "    command: /bin/sleep 1",
                "    healthcheck: {test: \"true\"}",
                "  cache: {command: /bin/sleep 1}",
                "  setup:",
                "    command: /bin/true",
                "    depends_on: [database]");

        assertThat(trial.outcome().usable()).isTrue();
        assertThat(trial.made("web/service.yaml")).contains("requires: [database, setup, {cache: optional}]");
        assertThat(trial.made("database/service.yaml"))
                .contains("healthcheck: {test: \"true\"}", "ready: {test: \"true\"}");
        assertThat(trial.made("setup/service.yaml")).contains("requires: [database]", "ready: {finished: true}");
        trial.tells(LOST, "compose.yaml:5: services.web.depends_on.database.restart=true: the restart of a required")
                .tells(CARRIED, "requires, and ready.finished of setup, for all that depend on it");
    }

    @Test
    void whatIsRestartedOrCheckedIsNoJob() throws Exception {
        compose(
                        "services:",
                        "  web:",
                        "    command: /bin/sleep 1",
                        "    depends_on: {setup: {condition: service_completed_successfully}}",
                        "  setup: {command: /bin/true, restart: always}")
                .tells(OTHERWISE, "it does not wait for the end of setup; for that give it ready: {finished: true}");
    }

    @Test
    void aServiceInAnImageIsReported() throws Exception {
        ImportTrial trial = compose(
                "services:",
                "  web: {command: /bin/sleep 1}",
                "  cache:",
                "    image: redis",
                "    ports: [\"6379\"]",
                "networks: {front: {}}",
                "x-own: 1");

        assertThat(trial.made()).containsExactly("web/service.yaml");
        assertThat(trial.outcome().made()).isTrue();
        assertThat(trial.outcome().usable()).isFalse();
        trial.tells(ESSENTIAL, "compose.yaml:3: services.cache=redis: it runs in an image")
                .tells(LOST, "compose.yaml:5: services.cache.ports=[6379]: no service was made of cache")
                .tells(LOST, "compose.yaml:6: networks=")
                .tells(LOST, "compose.yaml:7: x-own=1: an extension");
    }

    @Test
    void aServiceHasTheKeysOfTheOneThatItExtends() throws Exception {
        ImportTrial trial = new ImportTrial(root);
        trial.beside(
                "common/base.yaml",
                "services:",
                "  all:",
                "    restart: always",
                "    env_file: all.env",
                "    environment: [A=all, B=all, C]",
                "  worker:",
                "    extends: all",
                "    command: [/bin/echo, worker]",
                "    user: nobody",
                "    group_add: [tty]",
                "    healthcheck: {test: [CMD, \"false\"], retries: 2}",
                "    depends_on: [database]",
                "    logging: {driver: none}");
        trial.file(
                        "compose.yaml",
                        "services:",
                        "  web:",
                        "    extends: {service: worker, file: common/base.yaml, odd: 1}",
                        "    command: [/bin/echo, web]",
                        "    env_file: [web.env]",
                        "    environment: {B: web}",
                        "    user: daemon",
                        "    group_add: [disk]",
                        "    healthcheck: {test: [CMD, \"true\"]}",
                        "    logging: {options: {max-size: 1m}}",
                        "    depends_on: {database: {condition: service_healthy}, cache: }",
                        "  database:",
                        "    extends: {service: cache}",
                        "    healthcheck: {test: \"true\"}",
                        "  cache:",
                        "    command: /bin/sleep 1",
                        "    environment: {C: }")
                .run();

        // A list that is long, as one of long paths, has a line for each of its items.
        String yaml = String.join("\n", trial.made("web/service.yaml"))
                .replace(root + "/source", "ROOT")
                .replaceAll("env_file:\n {2}- (.*)\n {2}- (.*)\n", "env_file: [$1, $2]\n");
        assertThat(yaml.lines())
                .containsExactly(
                        "command: [/bin/echo, web]",
                        "requires: [database, cache]",
                        "restart: always",
                        "user: daemon",
                        "group_add: [tty, disk]",
                        "working_dir: /",
                        "environment: {A: all, B: web}",
                        "env_file: [ROOT/common/all.env, ROOT/web.env]",
                        "healthcheck: {test: [CMD, \"true\"], retries: 2}",
                        "log: {to: none, max_size: 1m}");
        assertThat(trial.made("database/service.yaml"))
                .contains("command: [/bin/sleep, \"1\"]", "ready: {test: \"true\"}");
        trial.tells(CARRIED, "compose.yaml:3: services.web.extends={service: worker, file: common/base.yaml, odd: 1}:")
                .tells(CARRIED, "common/base.yaml:3: services.web.restart=always: restart")
                .tells(CARRIED, "common/base.yaml:5: services.web.environment.C=: the manager's own variable is passed")
                .tells(CARRIED, "common/base.yaml:9: services.web.user=nobody: replaced by compose.yaml:7")
                .tells(LOST, "compose.yaml:3: services.web.extends.odd=1: unknown to this import");
    }

    /** The options of one driver mean nothing to another one. */
    @Test
    void anotherLogDriverHasItsOwnOptions() throws Exception {
        ImportTrial trial = compose(
                "services:",
                "  base:",
                "    command: /bin/sleep 1",
                "    logging: {driver: none, options: {max-file: \"3\"}}",
                "  web:",
                "    extends: base",
                "    logging: {driver: json-file}");

        assertThat(trial.made("web/service.yaml")).noneMatch(line -> line.startsWith("log:"));
    }

    @Test
    void anImageIsInheritedAsWell() throws Exception {
        ImportTrial trial = compose(
                "services:", "  base: {image: redis}", "  web:", "    extends: base", "    command: /bin/sleep 1");

        assertThat(trial.outcome().made()).isFalse();
        trial.tells(ESSENTIAL, "compose.yaml:3: services.web=redis: it runs in an image");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "extends: web                                 | a service cannot extend itself: web in compose.yaml extends web in compose.yaml",
                "extends: other                               | other in compose.yaml extends web in compose.yaml extends other in compose.yaml",
                "extends: nobody                              | compose.yaml:6: services.web.extends=nobody: there is no service nobody in compose.yaml",
                "extends: {file: b.yaml}                      | compose.yaml:6: services.web.extends={file: b.yaml}: it names no service",
                "extends: {service: x, file: absent.yaml}     | compose.yaml:6: services.web.extends={service: x, file: absent.yaml}: absent.yaml",
                "extends: {service: x, file: empty.yaml}      | empty.yaml has no services",
                "extends: {service: back, file: b.yaml}       | web in compose.yaml extends back in b.yaml extends web in compose.yaml",
            })
    void aBaseThatCannotBeReadIsOneLine(String key, String why) {
        ImportTrial trial = new ImportTrial(root);
        trial.beside("b.yaml", "services:", "  back:", "    extends: {service: web, file: compose.yaml}");
        trial.beside("empty.yaml", "networks: {}");
        trial.file(
                "compose.yaml",
                "services:",
                "  other:",
                "    command: /bin/sleep 1",
                "    " + (key.equals("extends: other") ? "extends: web" : "init: true"),
                "  web:",
                "    " + key);

        assertThatThrownBy(trial::run)
                .isInstanceOf(ImportException.class)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).replace(root + "/source/", ""))
                        .contains(why)
                        .hasLineCount(1));
    }

    @Test
    void aServiceThatExtendsAPrivateOneIsPrivate() throws Exception {
        ImportTrial trial = new ImportTrial(root);
        Path base = trial.beside("base.yaml", "services: {base: {command: /bin/sleep 1, environment: {KEY: x}}}");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rw-------"));
        trial.file("compose.yaml", "services: {web: {extends: {service: base, file: base.yaml}}}")
                .run();

        assertThat(Importer.isReadableByAll(trial.services().resolve("web/service.yaml")))
                .isFalse();
    }

    @Test
    void mergeKeysAreFollowed() throws Exception {
        ImportTrial trial = compose(
                "x-common: &common",
                "  restart: always",
                "  user: daemon",
                "services:",
                "  web:",
                "    <<: *common",
                "    user: nobody",
                "    command: /bin/sleep 1");

        assertThat(trial.made("web/service.yaml")).contains("restart: always", "user: nobody");
    }

    @Test
    void whatIsNoYamlIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> compose("services: ["))
                .isInstanceOf(ImportException.class)
                .hasMessageContaining("compose.yaml:2:1: ");
    }
}
