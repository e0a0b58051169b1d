package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what becomes of the sections of a configuration of supervisord. */
class SupervisordReaderTest {
    private static final String CARRIED = "carried over";
    private static final String OTHERWISE = "behaves otherwise";
    private static final String LOST = "not carried over";
    private static final String ESSENTIAL = "change this before the first start";

    @TempDir
    Path root;

    private ImportTrial conf(String... lines) throws ImportException {
        return new ImportTrial(root).file("all.conf", lines).run();
    }

    @Test
    void aProgramBecomesAService() throws Exception {
        ImportTrial trial = conf("[program:web]", "command=/bin/sleep 1000 ; a comment", "; another");

        assertThat(trial.outcome().usable()).isTrue();
        assertThat(trial.made("web/service.yaml"))
                .containsExactly(
                        "command: [/bin/sleep, \"1000\"]", "autostart: true", "restart: on-failure", "working_dir: /");
        trial.tells(OTHERWISE, "all.conf:1: [program:web]: supervisord gives up after 3 quick failures");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "autostart=false          | autostart: false",
                "autorestart=true         | restart: always",
                "autorestart=false        | restart: \"no\"",
                "autorestart=unexpected   | restart: on-failure",
                "startretries=7           | restart_limit: {times: 7, within: 1m}",
                "stopsignal=QUIT          | stop_signal: SIGQUIT",
                "stopwaitsecs=30          | stop_grace_period: 30s",
                "stopasgroup=true         | kill_mode: group",
                "user=daemon              | user: daemon",
                "directory=/tmp           | working_dir: /tmp",
                "directory=%(here)s/../x  | working_dir:",
                "umask=022                | umask: \"022\"",
                "environment=A=\"1, 2\",B='x',C=z | environment: {A: \"1, 2\", B: x, C: z}",
                "environment=A=\"%(program_name)s-%(process_num)02d\" | environment: {A: web-00}",
                "stdout_logfile=NONE      | log: {to: none}",
                "stdout_logfile=/dev/stdout | log: {to: console}",
                "stdout_logfile_maxbytes=5MB | log: {max_size: \"5mb\"}",
                "stdout_logfile_backups=3 | log: {keep: 3}",
            })
    void aKeyHasItsCounterpart(String key, String line) throws Exception {
        ImportTrial trial = conf("[program:web]", "command=/bin/sleep 1000", key);

        assertThat(trial.made("web/service.yaml"))
                .anySatisfy(it -> assertThat(it).startsWith(line));
        assertThat(trial.report()).anySatisfy(it -> assertThat(it).startsWith("all.conf:3: "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "priority=5               | order comes from requires alone",
                "exitcodes=0,2            | an exit status of 0 is success",
                "serverurl=AUTO           | there is no HTTP",
                "environment=A=\"%(ENV_B)s\" | service.yaml has no variables of the manager here",
                "stdout_logfile_maxbytes=0 | a log is always rotated",
                "nonsense=1               | unknown to this import",
            })
    void aKeyWithoutCounterpartIsReported(String key, String why) throws Exception {
        conf("[program:web]", "command=/bin/sleep 1000", key).tells(LOST, why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "/bin/echo %(ENV_HOME)s/x \"%(ENV_A)s b\"   | exec /bin/echo ${HOME}/x \"${A}\"' b'",
                "/srv/%(ENV_APP)s_worker                    | exec /srv/${APP}_worker",
                "/bin/echo '%(host_node_name)s'             | exec /bin/echo \"$(uname -n)\"",
            })
    void whatIsKnownAtTheLaunchIsAScript(String command, String line) throws Exception {
        assertThat(conf("[program:web]", "command=" + command).made("web/run")).endsWith(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%(ENV_USR)s", "%(nonsense)s", "a b"})
    void aUserThatIsLostIsEssential(String user) throws Exception {
        ImportTrial trial = conf("[program:web]", "command=/bin/sleep 1000", "user=" + user);

        trial.tells(ESSENTIAL, "it would run as the manager's user");
        assertThat(trial.outcome().usable()).isFalse();
        assertThat(trial.outcome().made()).isTrue();
        conf("[supervisord]", "user=" + user, "[program:api]", "command=/bin/sleep 1000")
                .tells(ESSENTIAL, "all.conf:2: user=" + user);
    }

    @Test
    void aWidthHasThreeDigitsAtMost() throws Exception {
        ImportTrial trial = conf("[program:web]", "command=/bin/echo %(program_name)99999999999s %(program_name)5s");

        assertThat(trial.made("web/service.yaml"))
                .contains("command: [/bin/echo, \"%(program_name)99999999999s\", web]");
        trial.tells(LOST, "%(program_name)99999999999s stands for nothing that is known");
    }

    @Test
    void eachProcessIsAServiceOfItsOwn() throws Exception {
        ImportTrial trial = conf(
                "[program:work]",
                "command=/bin/echo %(process_num)d 100%%",
                "numprocs=3",
                "numprocs_start=5",
                "process_name=%(program_name)s-%(process_num)02d");

        assertThat(trial.made())
                .containsExactly("work-05/service.yaml", "work-06/service.yaml", "work-07/service.yaml");
        assertThat(trial.made("work-06/service.yaml")).contains("command: [/bin/echo, \"6\", \"100%\"]");
        trial.tells(CARRIED, "numprocs=3: 3 services, each with a directory of its own");
    }

    @Test
    void otherSectionsAreReportedKeyByKey() throws Exception {
        ImportTrial trial = conf(
                "[supervisord]",
                "environment=LANG=\"C\"",
                "logfile=/var/log/supervisord.log",
                "[unix_http_server]",
                "file=/run/supervisor.sock",
                "[include]",
                "files=conf.d/*.conf",
                "[group:both]",
                "programs=web,other",
                "[eventlistener:x]",
                "command=/bin/false",
                "[program:web]",
                "command=/bin/sleep 1000");

        assertThat(trial.made("web/service.yaml")).contains("environment: {LANG: C}");
        trial.tells(LOST, "all.conf:3: logfile=/var/log/supervisord.log: a setting of supervisord itself")
                .tells(LOST, "all.conf:5: file=/run/supervisor.sock: there is no HTTP")
                .tells(LOST, "all.conf:7: files=conf.d/*.conf: not followed; import these files as well")
                .tells(LOST, "all.conf:9: programs=web,other: there are no groups")
                .tells(LOST, "all.conf:10: [eventlistener:x]: there are no event listeners");
    }

    @Test
    void aProgramWithoutACommandMakesNothing() throws Exception {
        ImportTrial trial = conf("[program:web]", "user=daemon");

        assertThat(trial.outcome().made()).isFalse();
        trial.tells(ESSENTIAL, "[program:web]: there is no command").tells(LOST, "all.conf:2: user=daemon");
    }

    @Test
    void anIndentedLineGoesOn() throws Exception {
        ImportTrial trial =
                conf("[program:web]", "command=/bin/echo one", "    two", "environment=A=\"1\",", "    B=\"2\"");

        assertThat(trial.made("web/service.yaml"))
                .contains("command: [/bin/echo, one, two]", "environment: {A: \"1\", B: \"2\"}");
    }
}
