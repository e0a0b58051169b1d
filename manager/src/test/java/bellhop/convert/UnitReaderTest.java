package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.ServiceWriter;
import bellhop.catalog.ServiceDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what becomes of the keys of a unit. */
class UnitReaderTest {
    private static final String CARRIED = "carried over";
    private static final String OTHERWISE = "behaves otherwise";
    private static final String LOST = "not carried over";
    private static final String ESSENTIAL = "change this before the first start";

    @TempDir
    Path root;

    private ImportTrial unit(String... lines) throws ImportException {
        return new ImportTrial(root).file("web.service", lines).run();
    }

    @Test
    void aSimpleUnitNeedsNoScript() throws Exception {
        ImportTrial trial = unit("[Unit]", "Description=The shop", "[Service]", "ExecStart=/bin/sleep 1000");

        assertThat(trial.outcome().usable()).isTrue();
        assertThat(trial.made()).containsExactly("web/service.yaml");
        assertThat(trial.made("web/service.yaml"))
                .containsExactly(
                        "description: \"The shop\"",
                        "command: [/bin/sleep, \"1000\"]",
                        "restart: \"no\"",
                        "stop_grace_period: 1m30s",
                        "working_dir: /");
        assertThat(trial.report()).endsWith("2 carried over, 0 otherwise, 0 not carried over");
    }

    /** One key of a unit, the key of service.yaml that it becomes, and its value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Restart=always                | restart: always",
                "Restart=on-failure            | restart: on-failure",
                "Restart=on-abnormal           | restart: on-failure",
                "Restart=no                    | restart: \"no\"",
                "TimeoutStopSec=5              | stop_grace_period: 5s",
                "TimeoutStopSec=1min 30s       | stop_grace_period: 90s",
                "TimeoutStopSec=infinity       | stop_grace_period: 100000h",
                "TimeoutSec=7                  | stop_grace_period: 7s",
                "KillMode=process              | kill_mode: process",
                "KillSignal=SIGQUIT            | stop_signal: SIGQUIT",
                "KillSignal=INT                | stop_signal: SIGINT",
                "ExecReload=/bin/kill -HUP $MAINPID | reload_signal: SIGHUP",
                "ExecReload=/bin/kill -s USR1 ${MAINPID} | reload_signal: SIGUSR1",
                "ExecStop=/bin/kill -INT $MAINPID | stop_signal: SIGINT",
                "User=daemon                   | user: daemon",
                "Group=daemon                  | group: daemon",
                "SupplementaryGroups=tty disk  | group_add: [tty, disk]",
                "UMask=0027                    | umask: \"027\"",
                "UMask=7                       | umask: \"007\"",
                "WorkingDirectory=/tmp         | working_dir: /tmp",
                "WorkingDirectory=%t           | working_dir: /run",
                "Nice=5                        | nice: 5",
                "OOMScoreAdjust=-100           | oom_score_adj: -100",
                "LimitNOFILE=1024              | ulimits: {nofile: 1024}",
                "LimitNOFILE=1024:2048         | ulimits: {nofile: {soft: 1024, hard: 2048}}",
                "LimitCORE=infinity            | ulimits: {core: unlimited}",
                "LimitFSIZE=1K                 | ulimits: {fsize: 1024}",
                "LimitCPU=2min                 | ulimits: {cpu: 120}",
                "NoNewPrivileges=yes           | no_new_privileges: true",
                "CapabilityBoundingSet=        | cap_drop: [ALL]",
                "CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_KILL | cap_drop: [KILL, SYS_ADMIN]",
                "MemoryMax=64M                 | mem_limit: 67108864",
                "CPUQuota=20%                  | cpus: \"0.2\"",
                "TasksMax=10                   | pids_limit: 10",
                "SuccessExitStatus=3 SIGKILL TEMPFAIL TERM | success_exit_status: [3, SIGKILL, 75, SIGTERM]",
                "RestartPreventExitStatus=3    | restart: \"no\"",
                "StandardOutput=null           | log: {to: none}",
                "Environment=A=1 \"B=two words\" | environment: {A: \"1\", B: \"two words\"}",
                "EnvironmentFile=/dev/null     | env_file: [/dev/null]",
                "EnvironmentFile=-/no/such     | env_file: [{path: /no/such, required: false}]",
            })
    void aKeyHasItsCounterpart(String key, String line) throws Exception {
        ImportTrial trial = unit("[Service]", "ExecStart=/bin/sleep 1000", key);

        assertThat(trial.made("web/service.yaml")).contains(line);
        assertThat(trial.report()).anySatisfy(it -> assertThat(it).startsWith("web.service:3: "));
    }

    @Test
    void endsThatPreventARestartAreCarriedOver() throws Exception {
        ImportTrial trial = unit(
                "[Service]",
                "ExecStart=/bin/sleep 1000",
                "Restart=always",
                "RestartPreventExitStatus=1",
                "RestartPreventExitStatus=",
                "RestartPreventExitStatus=CONFIG SEGV");

        assertThat(trial.made("web/service.yaml")).contains("restart_prevent: [78, SIGSEGV]");
    }

    /** What cannot be carried over says so with its place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ProtectSystem=strict          | there is no sandbox",
                "RestartForceExitStatus=3      | an end restarts run as restart says",
                "SuccessExitStatus=3 SIGTRM    | neither an exit code nor a signal: SIGTRM",
                "RuntimeMaxSec=1h              | nothing limits how long",
                "WatchdogSec=30                | there is a watchdog only with ready",
                "ExecStartPost=/bin/true       | nothing is run once a service is up",
                "ExecReload=/bin/false         | bh reload sends a signal",
                "ExecStop=/bin/false           | a stop sends stop_signal and runs nothing before",
                "WorkingDirectory=~            | write the directory itself",
                "EnvironmentFile=/etc/*.conf   | env_file takes no patterns",
                "IOSchedulingClass=idle        | only nice and oom_score_adj are set",
                "PIDFile=/run/web.pid          | Bellhop knows the process",
                "RestartSec=5                  | there is no restart of run that it could delay",
                "Nice=100                      | not a number from -20 to 19",
                "NoSuchKey=1                   | unknown to this import",
                "nonsense                      | not an assignment",
            })
    void aKeyWithoutCounterpartIsReported(String key, String why) throws Exception {
        unit("[Service]", "ExecStart=/bin/sleep 1000", key)
                .tells(LOST, "web.service:3: " + (key.contains("=") ? key : key + "=") + ": " + why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Type=forking                        | run must stay in the foreground",
                "User=%u                             | web.service:3: User=%u: User: service.yaml cannot express this text; it would run as the manager's user",
                "Group=%g                            | it would run as the manager's group",
                "User=a b                            | it would run as the manager's user",
                "DynamicUser=yes                     | there are no dynamic users",
                "StandardInput=socket                | there is no socket activation",
                "User=daemon~AmbientCapabilities=CAP_NET_BIND_SERVICE | a user gets no capabilities",
            })
    void whatIsEssentialIsSaidLast(String keys, String why) throws Exception {
        ImportTrial trial = unit(("[Service]~ExecStart=/bin/sleep 1000~" + keys).split("~"));

        trial.tells(ESSENTIAL, why);
        assertThat(trial.outcome().usable()).isFalse();
        assertThat(trial.outcome().made()).isTrue();
    }

    @Test
    void forkingNamesTheOptionOfTheProgram() throws Exception {
        unit("[Service]", "Type=forking", "ExecStart=/usr/sbin/nginx -g 'daemon on;'")
                .tells(
                        ESSENTIAL,
                        "web.service:2: Type=forking: run must stay in the foreground, and this one forks away; change"
                                + " command in service.yaml so that the program does not become a daemon: nginx -g 'daemon off;'");
    }

    @Test
    void notifyIsWaitedForAndWatched() throws Exception {
        ImportTrial trial = unit(
                "[Service]",
                "Type=notify",
                "ExecStart=/bin/sleep 1000",
                "WatchdogSec=30s",
                "TimeoutStartSec=20",
                "NotifyAccess=all");

        assertThat(trial.made("web/service.yaml"))
                .contains("ready: {notify: true, watchdog: 30s}", "timeouts: {ready: 20s}");
        trial.tells(CARRIED, "TimeoutStartSec=20: timeouts.ready");
    }

    @Test
    void theDelayDoesNotDouble() throws Exception {
        ImportTrial trial = unit(
                "[Unit]",
                "StartLimitBurst=4",
                "StartLimitIntervalSec=1min",
                "[Service]",
                "ExecStart=/bin/sleep 1000",
                "Restart=always",
                "RestartSec=5");

        assertThat(trial.made("web/service.yaml"))
                .contains("restart_delay: 5s", "restart_max_delay: 5s", "restart_limit: {times: 3, within: 60s}");
        trial.tells(OTHERWISE, "RestartSec=5: restart_delay: it counts from the launch");
    }

    /** Systemd's rules of variables, quotes, escapes and specifiers, and the words of a shell. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "/bin/echo $OPTS                 | exec /bin/echo ${OPTS}",
                "/bin/echo ${OPTS}               | exec /bin/echo \"${OPTS}\"",
                "/bin/echo --opt=${A}-$B         | exec /bin/echo --opt=\"${A}\"'-$B'",
                "/bin/echo \"a b\" $X            | exec /bin/echo 'a b' ${X}",
                "/bin/echo 'it is' ${X}          | exec /bin/echo 'it is' \"${X}\"",
                "/bin/echo a\\x20b ${X}          | exec /bin/echo 'a b' \"${X}\"",
                "/bin/echo {target} x            | exec /bin/echo '{target}' x",
                "/bin/echo %H                    | exec /bin/echo \"$(uname -n)\"",
                "/bin/echo \"\" $X               | exec /bin/echo '' ${X}",
            })
    void aCommandThatIsNotPlainIsAScript(String command, String line) throws Exception {
        assertThat(unit("[Service]", "ExecStart=" + command).made("web/run")).endsWith(line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "/bin/echo $$HOME %%n            | [/bin/echo, \"$HOME\", \"%n\"]",
                ":/bin/echo $HOME ${X}           | [/bin/echo, \"$HOME\", \"${X}\"]",
                "/bin/echo \"two words\" 'x'     | [/bin/echo, \"two words\", x]",
                "/bin/echo %n %N %p %t %%        | [/bin/echo, web.service, web, web, /run, \"%\"]",
                "@/bin/echo name arg             | [/bin/echo, arg]",
                "/bin/echo \\; a                 | [/bin/echo, \";\", a]",
            })
    void aPlainCommandStaysOne(String command, String words) throws Exception {
        assertThat(unit("[Service]", "ExecStart=" + command).made("web/service.yaml"))
                .contains("command: " + words);
    }

    @Test
    void aLineGoesOnAfterABackslash() throws Exception {
        ImportTrial trial = unit("[Service]", "ExecStart=/bin/echo \\", "# a comment", "  one \\", "  two", "Nice=1");

        assertThat(trial.made("web/service.yaml")).contains("command: [/bin/echo, one, two]", "nice: 1");
        trial.tells(CARRIED, "web.service:6: Nice=1: nice");
    }

    @Test
    void anEmptyAssignmentBeginsAgain() throws Exception {
        ImportTrial trial = unit("[Service]", "ExecStart=/bin/false", "ExecStart=", "ExecStart=/bin/sleep 9");

        assertThat(trial.made("web/service.yaml")).contains("command: [/bin/sleep, \"9\"]");
        trial.tells(CARRIED, "web.service:2: ExecStart=/bin/false: replaced by web.service:3");
    }

    @Test
    void preHasTheRightsOfTheUnit() throws Exception {
        ImportTrial trial = unit(
                "[Unit]",
                "ConditionPathExists=/bin/sh",
                "[Service]",
                "User=daemon",
                "RuntimeDirectory=web",
                "RuntimeDirectoryMode=0750",
                "StateDirectory=web",
                "ExecStartPre=-/bin/first",
                "ExecStartPre=+/bin/second $ARG",
                "ExecStart=/bin/sleep 1000",
                "ExecStopPost=/bin/last");

        assertThat(trial.made("web/pre"))
                .containsExactly(
                        "#!/bin/sh",
                        "set -e -f",
                        "test -e /bin/sh || { echo 'missing, so this is not started: /bin/sh' >&2; exit 1; }",
                        "install -d -m 0750 -o daemon -g \"$(id -g daemon)\" /run/web",
                        "install -d -m 0755 -o daemon -g \"$(id -g daemon)\" /var/lib/web",
                        "cd /",
                        "setpriv --reuid=daemon --regid=\"$(id -g daemon)\" --init-groups -- /bin/first || true",
                        "/bin/second ${ARG}");
        assertThat(trial.made("web/post"))
                .containsExactly(
                        "#!/bin/sh",
                        "cd /",
                        "setpriv --reuid=daemon --regid=\"$(id -g daemon)\" --init-groups -- /bin/last",
                        "rm -rf /run/web");
        assertThat(trial.made("web/service.yaml"))
                .contains(
                        "environment: {RUNTIME_DIRECTORY: /run/web, STATE_DIRECTORY: /var/lib/web}",
                        "timeouts: {pre: 1m30s, post: 1m30s}");
    }

    @Test
    void aRestartRunsNeitherPreNorPost() throws Exception {
        unit(
                        "[Service]",
                        "ExecStart=/bin/sleep 1",
                        "Restart=always",
                        "ExecStartPre=/bin/true",
                        "ExecStopPost=/bin/true")
                .tells(OTHERWISE, "web.service:4: ExecStartPre=/bin/true: pre; a restart of run does not run it again")
                .tells(
                        OTHERWISE,
                        "web.service:5: ExecStopPost=/bin/true: post; a restart of run does not run it again");
    }

    @Test
    void aOneshotThatRemainsIsADirectoryWithoutRun() throws Exception {
        ImportTrial trial = unit(
                "[Service]",
                "Type=oneshot",
                "RemainAfterExit=yes",
                "LimitNOFILE=64",
                "ExecStart=/bin/echo one",
                "ExecStart=-/bin/echo two",
                "ExecStop=/bin/echo stop");

        assertThat(trial.outcome().usable()).isTrue();
        assertThat(trial.made()).containsExactly("web/post", "web/pre", "web/service.yaml");
        assertThat(trial.made("web/pre"))
                .containsExactly(
                        "#!/bin/sh",
                        "set -e",
                        "cd /",
                        "prlimit --nofile=64 -- /bin/echo one",
                        "prlimit --nofile=64 -- /bin/echo two || true");
        assertThat(trial.made("web/service.yaml"))
                .containsExactly("restart: \"no\"", "timeouts: {pre: 100000h, post: 1m30s}");
    }

    @Test
    void aOneshotThatEndsIsARunOfAllItsCommands() throws Exception {
        ImportTrial trial = unit("[Service]", "Type=oneshot", "ExecStart=/bin/echo one ; /bin/echo two");

        assertThat(trial.made("web/run")).containsExactly("#!/bin/sh", "set -e", "/bin/echo one", "/bin/echo two");
        trial.tells(OTHERWISE, "a service that requires it does not wait for its end");
    }

    @Test
    void aPrefixOfOneCommandLeavesTheUserToTheOthers() throws Exception {
        ImportTrial trial = unit(
                "[Service]",
                "Type=oneshot",
                "User=nobody",
                "CapabilityBoundingSet=~CAP_KILL",
                "ExecStart=+/bin/echo a",
                "ExecStart=/usr/bin/id",
                "ExecStart=-!/bin/echo b");

        assertThat(trial.made("web/run"))
                .containsExactly(
                        "#!/bin/sh",
                        "set -e",
                        "/bin/echo a",
                        "setpriv --reuid=nobody --regid=\"$(id -g nobody)\" --init-groups --bounding-set=-kill --"
                                + " /usr/bin/id",
                        "setpriv --bounding-set=-kill -- /bin/echo b || true");
        assertThat(trial.made("web/service.yaml")).noneMatch(line -> line.matches("(user|cap_drop):.*"));
        trial.tells(OTHERWISE, "User=nobody: the prefix of ExecStart keeps the manager's user for it; other commands")
                .tells(OTHERWISE, "web.service:6: ExecStart=/usr/bin/id: run, which the manager's user executes")
                .tells(CARRIED, "a setting of the commands that have no prefix +");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RestartSec=0", "RestartSec=50ms", "RestartSec=100ms", "Nice=1"})
    void theDefaultLimitOfStartsIsKept(String key) throws Exception {
        ImportTrial trial = unit("[Service]", "ExecStart=/bin/sleep 1000", "Restart=always", key);

        assertThat(trial.made("web/service.yaml")).contains("restart_limit: {times: 4, within: 10s}");
        trial.tells(OTHERWISE, "web.service:3: Restart=always: restart_limit: systemd's default, 5 starts in 10s");
    }

    @ParameterizedTest
    @CsvSource({"0, StartLimitIntervalSec=0", "1ms, StartLimitBurst=0", "99ms, StartLimitIntervalSec=0"})
    void aServiceWithoutALimitOfStartsDoesNotSpin(String delay, String limit) throws Exception {
        ImportTrial trial =
                unit("[Unit]", limit, "[Service]", "ExecStart=/bin/false", "Restart=always", "RestartSec=" + delay);

        assertThat(trial.made("web/service.yaml"))
                .contains("restart_delay: 100ms", "restart_max_delay: 100ms")
                .noneMatch(line -> line.startsWith("restart_limit"));
        trial.tells(
                OTHERWISE, "RestartSec=" + delay + ": restart_delay: 100ms, because the unit has no limit of starts");
    }

    @Test
    void aLongerDelayWithoutALimitIsKept() throws Exception {
        assertThat(unit(
                                "[Unit]",
                                "StartLimitIntervalSec=0",
                                "[Service]",
                                "ExecStart=/bin/false",
                                "Restart=always",
                                "RestartSec=200ms")
                        .made("web/service.yaml"))
                .contains("restart_delay: 200ms");
    }

    @ParameterizedTest
    @CsvSource({
        "RuntimeDirectory, install -d -m 0755 -g daemon /run/web",
        "StateDirectory, install -d -m 0755 -g daemon /var/lib/web",
        "ConfigurationDirectory, install -d -m 0755 /etc/web",
    })
    void aDirectoryHasTheGroupIfThereIsNoUser(String key, String line) throws Exception {
        assertThat(unit("[Service]", "ExecStart=/bin/sleep 1", "Group=daemon", key + "=web")
                        .made("web/pre"))
                .contains(line);
    }

    @Test
    void thereIsNoLimitIfTheUnitHasNone() throws Exception {
        assertThat(unit("[Unit]", "StartLimitIntervalSec=0", "[Service]", "ExecStart=/bin/sleep 1", "Restart=always")
                        .made("web/service.yaml"))
                .noneMatch(line -> line.startsWith("restart_limit"));
        assertThat(new ImportTrial(root.resolve("other"))
                        .file("web.service", "[Service]", "ExecStart=/bin/sleep 1", "Restart=no")
                        .run()
                        .made("web/service.yaml"))
                .noneMatch(line -> line.startsWith("restart_limit"));
    }

    /** The owner of the outer one could have put a link into it. */
    @Test
    void aDirectoryInAnotherIsMadeByItsOwner() throws Exception {
        ImportTrial trial = unit(
                "[Service]",
                "ExecStart=/bin/sleep 1",
                "User=daemon",
                "StateDirectory=foo/bar foo// ./foobar other/deep",
                "RuntimeDirectory=foo foo/a/b",
                "CacheDirectory=. a/../b");

        assertThat(trial.made("web/pre"))
                .containsExactly(
                        "#!/bin/sh",
                        "set -e",
                        "install -d -m 0755 -o daemon -g \"$(id -g daemon)\" /run/foo",
                        "setpriv --reuid=daemon --regid=\"$(id -g daemon)\" --clear-groups -- mkdir -p -m 0755"
                                + " /run/foo/a/b",
                        "install -d -m 0755 -o daemon -g \"$(id -g daemon)\" /var/lib/foo",
                        "setpriv --reuid=daemon --regid=\"$(id -g daemon)\" --clear-groups -- mkdir -p -m 0755"
                                + " /var/lib/foo/bar",
                        "install -d -m 0755 -o daemon -g \"$(id -g daemon)\" /var/lib/foobar",
                        "install -d -m 0755 -o daemon -g \"$(id -g daemon)\" /var/lib/other/deep");
        assertThat(trial.made("web/post")).containsExactly("#!/bin/sh", "rm -rf /run/foo");
        trial.tells(LOST, "CacheDirectory=. a/../b: not a relative path");
    }

    /** There a file overrides Environment=, here environment overrides files. */
    @Test
    void filesOverrideTheVariablesOfTheUnit() throws Exception {
        ImportTrial trial = unit(
                "[Service]", "ExecStart=/bin/sleep 1000", "Environment='A=a \"b\" $c'", "EnvironmentFile=-/no/such");

        assertThat(trial.made("web/service.yaml")).contains("env_file: [variables, {path: /no/such, required: false}]");
        assertThat(trial.made("web/variables")).containsExactly("A=\"a \\\"b\\\" \\$c\"");
        assertThat(trial.outcome().usable()).isTrue();
    }

    @Test
    void aTemplateHasATarget() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file(
                        "net@.service",
                        "[Unit]",
                        "Description=Net of %i",
                        "[Service]",
                        "ExecStart=/bin/echo -i %i %n",
                        "ExecStartPre=/bin/echo %I",
                        "WorkingDirectory=/srv/%i",
                        "RuntimeDirectory=net-%i",
                        "[Install]",
                        "WantedBy=multi-user.target",
                        "DefaultInstance=eth0")
                .run();

        assertThat(trial.made("net/service.yaml"))
                .contains(
                        "description: \"Net of {target}\"",
                        "command: [/bin/echo, \"-i\", \"{target}\", \"net@{target}.service\"]",
                        "working_dir: \"/srv/{target}\"",
                        "template: true");
        assertThat(trial.made("net/pre"))
                .contains("install -d -m 0755 /run/net-\"$1\"", "cd /srv/\"$1\"", "/bin/echo \"$1\"");
        trial.tells(OTHERWISE, "bh enable net@TARGET starts it with the manager");
        trial.tells(LOST, "bh enable net@eth0");
    }

    @Test
    void anInstanceIsADirectoryOfItsOwn() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file("net@a-b.service", "[Service]", "ExecStart=/bin/echo %i %I %p %f")
                .run();

        assertThat(trial.made("net@a-b/service.yaml")).contains("command: [/bin/echo, a-b, a/b, net, /a/b]");
    }

    @Test
    void dropInsComeAfterTheUnitInTheOrderOfTheirNames() throws Exception {
        ImportTrial trial = new ImportTrial(root).file("web.service", "[Service]", "ExecStart=/bin/sleep 1", "Nice=1");
        trial.beside("web.service.d/20-b.conf", "[Service]", "Nice=3");
        trial.beside("web.service.d/10-a.conf", "[Service]", "Nice=2", "ExecStart=", "ExecStart=/bin/sleep 2");
        trial.beside("web.service.d/ignored", "[Service]", "Nice=4");
        trial.run();

        assertThat(trial.made("web/service.yaml")).contains("nice: 3", "command: [/bin/sleep, \"2\"]");
        trial.tells(CARRIED, "web.service.d/10-a.conf:2: Nice=2: replaced by");
    }

    @Test
    void whatIsRequiredMustBeThere() throws Exception {
        ServiceWriter.write(root.resolve("services.d/database/run"), true, ServiceWriter.shell("exec sleep 1"));
        ImportTrial trial = new ImportTrial(root)
                .file(
                        "web.service",
                        "[Unit]",
                        "Requires=database.service cache.service gone.service",
                        "After=database.service network.target",
                        "Wants=cache.service syslogd.service none.service",
                        "OnFailure=cache@%n.service none.service",
                        "[Service]",
                        "ExecStart=/bin/sleep 1")
                .file("cache.service", "[Service]", "ExecStart=/bin/sleep 1")
                .file("syslogd.service", "[Service]", "ExecStart=/bin/sleep 1")
                .run();

        assertThat(trial.made("web/service.yaml")).contains("requires: [database, cache, {syslogd: optional}]");
        trial.tells(LOST, "there is no service gone here");
        trial.tells(
                OTHERWISE,
                "requires: database is up before this one is started; if it stops or fails, this one goes on");
        trial.tells(CARRIED, "After=database.service network.target: requires");
        trial.tells(OTHERWISE, "requires: {syslogd: optional} is waited for, whatever After says, and held");
        trial.tells(LOST, "there is no service none here");
        trial.tells(OTHERWISE, "on_failure: cache is started, and pinned until bh stop cache");
        assertThat(trial.made("web/service.yaml")).contains("on_failure: [cache]");
        assertThat(trial.outcome().usable()).isTrue();
    }

    @Test
    void aTimerIsReportedAndMakesNothing() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file(
                        "web.timer",
                        "[Unit]",
                        "Description=Daily",
                        "[Timer]",
                        "OnCalendar=daily",
                        "[Install]",
                        "WantedBy=timers.target")
                .run();

        assertThat(trial.outcome().made()).isFalse();
        assertThat(trial.made()).isEmpty();
        trial.tells(LOST, "web.timer:4: OnCalendar=daily: there are no timers yet; a cron can run: bh start NAME");
        assertThat(trial.report()).contains("no service was made", "0 carried over, 0 otherwise, 3 not carried over");
    }

    @Test
    void theTimerBesideAServiceIsReported() throws Exception {
        ImportTrial trial =
                new ImportTrial(root).file("web.service", "[Service]", "Type=oneshot", "ExecStart=/bin/true");
        trial.beside("web.timer", "[Timer]", "OnCalendar=daily");

        trial.run().tells(LOST, "web.timer:2: OnCalendar=daily");
    }

    @Test
    void aUnitWithoutACommandMakesNothing() throws Exception {
        ImportTrial trial = unit("[Unit]", "Description=Nothing");

        assertThat(trial.outcome().made()).isFalse();
        trial.tells(ESSENTIAL, "there is no ExecStart");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.createDirectories(root.resolve("source"));
        assertThatThrownBy(() -> Importer.run(
                        new Importer.Request(
                                List.of(root + "/source/no.service"),
                                Optional.empty(),
                                Optional.empty(),
                                root.resolve("services.d"),
                                false,
                                true,
                                Map.of()),
                        ServiceDirectories.named(List.of())))
                .isInstanceOf(ImportException.class)
                .hasMessage(root + "/source/no.service: no such file or directory");
    }
}
