package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
                .tells(LOST, "all.conf:7: files=conf.d/*.conf: there is no file conf.d/*.conf")
                .tells(LOST, "all.conf:9: programs=web,other: there are no groups")
                .tells(LOST, "all.conf:10: [eventlistener:x]: there are no event listeners");
    }

    @Test
    void includedFilesAreRead() throws Exception {
        ImportTrial trial = new ImportTrial(root);
        trial.beside("conf.d/b.conf", "[program:b]", "command=%(here)s/b", "[include]", "files=c.conf");
        trial.beside("conf.d/a.conf", "[program:a]", "command=/bin/sleep 1", "[program:web]", "user=daemon");
        trial.beside("conf.d/.hidden.conf", "[program:hidden]", "command=/bin/sleep 1");
        trial.beside("conf.d/c.conf.off", "[program:c]", "command=/bin/sleep 1");
        trial.beside("more/x1/own.ini", "[program:own]", "command=/bin/sleep 1");
        trial.file(
                        "all.conf",
                        "[supervisord]",
                        "environment=LANG=\"C\"",
                        "[include]",
                        "files = conf.d/*.conf %(here)s/mo?e/x[0-9]/own.ini",
                        "  absent.conf *.conf",
                        "[program:web]",
                        "command=%(here)s/web",
                        "user=nobody")
                .run();

        assertThat(trial.made())
                .containsExactly("a/service.yaml", "b/service.yaml", "own/service.yaml", "web/service.yaml");
        assertThat(trial.made("b/service.yaml"))
                .contains("command: [" + root + "/source/conf.d/b]", "environment: {LANG: C}");
        assertThat(trial.made("web/service.yaml")).contains("command: [" + root + "/source/web]", "user: daemon");
        trial.tells(CARRIED, "conf.d/a.conf is read")
                .tells(CARRIED, "all.conf:8: user=nobody: replaced by conf.d/a.conf:4")
                .tells(LOST, "there is no file absent.conf")
                .tells(OTHERWISE, "all.conf is read once")
                .tells(LOST, "conf.d/b.conf:4: files=c.conf: an included file includes nothing, as in supervisord");
    }

    @Test
    void anIncludedFileThatCannotBeReadIsOneLine() throws Exception {
        ImportTrial trial = new ImportTrial(root);
        Files.write(trial.beside("b.conf"), new byte[] {(byte) 0xff, '\n'});
        trial.file("all.conf", "[include]", "files=b.conf", "[program:web]", "command=/bin/sleep 1");

        assertThatThrownBy(trial::run)
                .isInstanceOf(ImportException.class)
                .hasMessage(root + "/source/b.conf: not UTF-8; expected a text");
    }

    /** As the file with the secret, others cannot read what is made of it. */
    @Test
    void aServiceOfAPrivateFileIsPrivate() throws Exception {
        ImportTrial trial = new ImportTrial(root);
        Path included = trial.beside("b.conf", "[program:b]", "command=/bin/sleep 1", "environment=KEY=\"x\"");
        Files.setPosixFilePermissions(included, PosixFilePermissions.fromString("rw-------"));
        trial.file("all.conf", "[include]", "files=b.conf", "[program:web]", "command=/bin/sleep 1")
                .run();

        assertThat(Importer.isReadableByAll(trial.services().resolve("b/service.yaml")))
                .isFalse();
        assertThat(Importer.isReadableByAll(trial.services().resolve("web/service.yaml")))
                .isTrue();
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
