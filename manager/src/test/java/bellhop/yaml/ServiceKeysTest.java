package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.ExitRules;
import bellhop.definition.HealthCheck;
import bellhop.definition.HttpUrl;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Ready;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verifies each key of {@code service.yaml}: its forms, and what is said of those that it does not have. */
class ServiceKeysTest {

    @TempDir
    Path directory;

    private ServiceName name = new ServiceName("web", Optional.of("eth0"));

    @Test
    void commandIsAListOrALineThatIsSplit() throws IOException {
        assertThat(command("[sleep, 1, true, '{target}']")).containsExactly("sleep", "1", "true", "eth0");
        assertThat(command("sleep 1")).containsExactly("sleep", "1");
        assertThat(command("sh -c 'a b' \"c $d \\\" e\" f\\ g ''"))
                .containsExactly("sh", "-c", "a b", "c $d \" e", "f g", "");
    }

    @Test
    void onlyServiceAndTargetExpand() throws IOException {
        assertThat(command("[echo, '{service} {target} {other} ${x} {{target}}']"))
                .containsExactly("echo", "web@eth0 eth0 {other} ${x} {eth0}");
        assertThat(read("description: 'DHCP on {target}'").description()).isEqualTo("DHCP on eth0");
        assertThat(read("requires: ['wpa@{target}', db]").requires())
                .extracting(ServiceName::toString)
                .containsExactly("wpa@eth0", "db");
        assertThat(read("environment: {A: 'x{target}'}").environment().variables())
                .containsExactly(entry("A", "xeth0"));
        assertThat(read("env_file: 'env.{target}'").environment().files())
                .containsExactly(new EnvironmentSettings.File(directory.resolve("env.eth0"), true));
        assertThat(read("working_dir: 'w/{target}'").process().workingDir()).contains(directory.resolve("w/eth0"));
        assertThat(read("command: x\nready: {path: '/run/{target}.sock'}").ready())
                .contains(new Ready.Appears(Path.of("/run/eth0.sock")));
        assertThat(read("command: x\nready: {test: [CMD, ping, '{target}']}").ready())
                .contains(new Ready.Test(List.of("ping", "eth0")));
        assertThat(read("command: x\nhealthcheck: {test: 'ping {target}'}")
                        .health()
                        .orElseThrow()
                        .test())
                .containsExactly("/bin/sh", "-c", "ping eth0");
    }

    @Test
    void whatIsShownIsExpandedAsItIsRead() throws IOException {
        ServiceYaml yaml = yaml("""
                description: "{service}, the first"
                triggers: {wifi: {interfaces: "{service}*"}}
                """);
        Reading reading = reading(yaml);
        Definition definition = reading.definition();

        assertThat(Explanation.of(reading).entries())
                .extracting(Explanation.ExplainedKey::value)
                .contains("\"web@eth0, the first\"", "{wifi: {interfaces: \"{service}*\"}}");
        assertThat(definition.description()).isEqualTo("web@eth0, the first");
        assertThat(definition.triggers()).asString().contains("{service}*");
    }

    @Test
    void whatUsesATargetOrATriggerIsATemplate() throws IOException {
        name = new ServiceName("web", Optional.empty());

        assertThat(yaml("command: [a, '{target}']").isTemplate()).isTrue();
        assertThat(yaml("triggers: {wifi: {interfaces: 'wlan*'}}").isTemplate()).isTrue();
        assertThat(yaml("command: [a, '{service}']").isTemplate()).isFalse();
        assertThat(command("[a, '{target}']\ntemplate: false")).containsExactly("a", "web");
    }

    @Test
    void restartHasTheFormsOfCompose() throws IOException {
        assertThat(read("restart: on-failure:3").restart().limit()).contains(new Restart.Limit(3, Optional.empty()));
        assertThat(read("restart: unless-stopped").restart().policy()).isEqualTo(RestartPolicy.ALWAYS);
        assertThat(read("restart_delay: 1s\nrestart_max_delay: 1m30s\nrestart_limit: {times: 5, within: 60s}")
                        .restart())
                .isEqualTo(new Restart(
                        RestartPolicy.ALWAYS,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(90),
                        Optional.of(new Restart.Limit(5, Optional.of(Duration.ofMinutes(1))))));
        assertThat(read("restart_delay: 30s").restart().maxDelay()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void endsOfRunAreNumbersAndSignals() throws IOException {
        assertThat(read("command: x\nsuccess_exit_status: [3, SIGTERM, KILL, RTMAX]")
                        .exits())
                .contains(new ExitRules(List.of("3", "TERM", "KILL", "RTMIN+30"), List.of()));
        assertThat(read("command: x\nrestart_prevent: 78").exits()).contains(new ExitRules(List.of(), List.of("78")));
        assertThat(read("command: x\nrestart_prevent: []").exits()).isEmpty();
    }

    @Test
    void whatIsRequiredMayBeOptional() throws IOException {
        Definition read = read("requires: [db, {'syslog@{target}': optional}, {cache: required}, {db: optional}]");

        assertThat(read.requires())
                .extracting(ServiceName::toString)
                .containsExactly("db", "syslog@eth0", "cache", "db");
        assertThat(read.requires())
                .filteredOn(read::isOptional)
                .containsExactly(read.requires().get(1));
        assertThat(read("requires: [db]").optional()).isEmpty();
    }

    @Test
    void aJobIsRestartedOnFailureAndHasNoLimitUnlessItSaysSo() throws IOException {
        Definition job = read("command: x\nready: {finished: true}");
        Definition limited = read("command: x\nready: {finished: true}\nrestart: no\ntimeouts: {ready: 2s}");

        assertThat(job.ready()).contains(new Ready.Finished());
        assertThat(job.restart().policy()).isEqualTo(RestartPolicy.ON_FAILURE);
        assertThat(job.timeouts()).doesNotContainKey(Script.RUN);
        assertThat(limited.restart().policy()).isEqualTo(RestartPolicy.NO);
        assertThat(limited.timeouts()).containsEntry(Script.RUN, Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "100ms, PT0.1S",
        "10s, PT10S",
        "1m30s, PT1M30S",
        "1h, PT1H",
        "2d, PT48H",
        "500us, PT0.0005S",
        "1.5s, PT1.5S",
        "0s, PT0S"
    })
    void durationIsRead(String written, Duration read) throws IOException {
        assertThat(read("stop_grace_period: " + written).stop().gracePeriod()).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({
        "64m, 67108864",
        "64MiB, 67108864",
        "10MB, 10485760",
        "1gb, 1073741824",
        "512k, 524288",
        "4096, 4096",
        "1.5g, 1610612736",
        "4096b, 4096",
        "'\"64 MB\"', 67108864"
    })
    void sizeIsRead(String written, long read) throws IOException {
        assertThat(read("mem_limit: " + written).resources().memLimit()).isEqualTo(OptionalLong.of(read));
    }

    @ParameterizedTest
    @CsvSource({"SIGINT, 2", "INT, 2", "2, 2", "SIGRTMIN+3, 37", "'\"15\"', 15", "RTMAX, 64"})
    void stopSignalIsRead(String written, int read) throws IOException {
        assertThat(read("stop_signal: " + written).stop().signal()).isEqualTo(read);
    }

    @Test
    void environmentHasTheFormsOfCompose() throws IOException {
        assertThat(read("environment: {A: b, N: 010, T: true, E: '', PATH: , NOBODY_HAS_THIS: ~}")
                        .environment()
                        .variables())
                .containsExactly(
                        entry("A", "b"),
                        entry("N", "010"),
                        entry("T", "true"),
                        entry("E", ""),
                        entry("PATH", System.getenv("PATH")));
        assertThat(read("environment: [A=b=c, E=, PATH, NOBODY_HAS_THIS]")
                        .environment()
                        .variables())
                .containsExactly(entry("A", "b=c"), entry("E", ""), entry("PATH", System.getenv("PATH")));
        assertThat(read("env_file: [a, /b, {path: c, required: false}]")
                        .environment()
                        .files())
                .containsExactly(
                        new EnvironmentSettings.File(directory.resolve("a"), true),
                        new EnvironmentSettings.File(Path.of("/b"), true),
                        new EnvironmentSettings.File(directory.resolve("c"), false));
        assertThat(read("env_file: {path: c}").environment().files()).hasSize(1);
    }

    @Test
    void userAndItsRightsAreRead() throws IOException {
        ProcessSettings process = read("""
                        user: nobody
                        group: 12
                        group_add: [audio, 7]
                        umask: "027"
                        nice: -5
                        oom_score_adj: 500
                        cap_drop: [ALL, NET_RAW, cap_sys_time]
                        no_new_privileges: true
                        ulimits: {nofile: 1024, nproc: {soft: 10, hard: unlimited}, core: -1}
                        """).process();

        assertThat(process.user()).contains("nobody");
        assertThat(process.group()).contains("12");
        assertThat(process.groupAdd()).containsExactly("audio", "7");
        assertThat(process.umask()).isEqualTo(OptionalInt.of(027));
        assertThat(process.nice()).isEqualTo(OptionalInt.of(-5));
        assertThat(process.oomScoreAdj()).isEqualTo(OptionalInt.of(500));
        assertThat(process.capDrop()).containsExactly("all", "net_raw", "sys_time");
        assertThat(process.noNewPrivileges()).isTrue();
        assertThat(process.ulimits())
                .containsEntry("nofile", new ProcessSettings.Ulimit(1024, 1024))
                .containsEntry("nproc", new ProcessSettings.Ulimit(10, ProcessSettings.Ulimit.UNLIMITED))
                .containsEntry(
                        "core",
                        new ProcessSettings.Ulimit(ProcessSettings.Ulimit.UNLIMITED, ProcessSettings.Ulimit.UNLIMITED));
        assertThat(read("user: 'www:web'").process().group()).contains("web");
        assertThat(read("user: 33").process().user()).contains("33");
    }

    @Test
    void limitsOfAllProcessesAreRead() throws IOException {
        assertThat(read("mem_limit: 64m\ncpus: 0.5\npids_limit: 10").resources())
                .isEqualTo(new ResourceLimits(
                        OptionalLong.of(64 << 20), Optional.of(new BigDecimal("0.5")), OptionalLong.of(10)));
        assertThat(read("cpus: '2'\npids_limit: -1").resources())
                .isEqualTo(new ResourceLimits(
                        OptionalLong.empty(), Optional.of(new BigDecimal("2")), OptionalLong.empty()));
    }

    @Test
    void readyHasFiveWaysAndALimit() throws IOException {
        Definition notify = read("command: x\nready: {notify: true, watchdog: 30s}");

        assertThat(notify.ready()).contains(new Ready.Notify(Optional.of(Duration.ofSeconds(30))));
        assertThat(notify.timeouts()).containsEntry(Script.RUN, Duration.ofSeconds(60));
        assertThat(read("ready: {fd: 3}\ntimeouts: {ready: 5s, pre: 1m}").timeouts())
                .containsOnly(
                        entry(Script.PRE, Duration.ofMinutes(1)),
                        entry(Script.RUN, Duration.ofSeconds(5)),
                        entry(Script.POST, Duration.ofSeconds(10)));
        assertThat(read("ready: {fd: 3}").ready()).contains(new Ready.Descriptor(3));
        assertThat(read("ready: {path: x.sock}").ready()).contains(new Ready.Appears(directory.resolve("x.sock")));
        assertThat(read("ready: {tcp: '127.0.0.1:53'}").ready()).contains(new Ready.Tcp("127.0.0.1", 53));
        assertThat(read("ready: {tcp: '[::1]:53'}").ready()).contains(new Ready.Tcp("::1", 53));
        assertThat(read("ready: {http: 'http://127.0.0.1:8080/health?deep=1'}").ready())
                .contains(new Ready.Http(new HttpUrl("127.0.0.1", 8080, "/health?deep=1")));
        assertThat(read("ready: {http: 'http://[::1]'}").ready()).contains(new Ready.Http(new HttpUrl("::1", 80, "/")));
        assertThat(read("healthcheck: {http: 'http://localhost:8080'}")
                        .health()
                        .orElseThrow()
                        .http())
                .contains(new HttpUrl("localhost", 8080, "/"));
        assertThat(read("ready: {test: [CMD-SHELL, 'a b']}").ready())
                .contains(new Ready.Test(List.of("/bin/sh", "-c", "a b")));
    }

    @Test
    void healthCheckHasTheFormsAndDefaultsOfCompose() throws IOException {
        assertThat(read("healthcheck: {test: [CMD, 'true']}").health())
                .contains(new HealthCheck(
                        List.of("true"),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        3,
                        Duration.ZERO,
                        Duration.ofSeconds(5),
                        Optional.empty()));
        assertThat(read("healthcheck: {test: [NONE]}").health()).isEmpty();
        assertThat(read("healthcheck: {test: x, disable: true}").health()).isEmpty();
        assertThat(read("healthcheck: {disable: true}").health()).isEmpty();
    }

    @Test
    void theRestIsRead() throws IOException {
        Definition definition = read("""
                        description: A web server
                        autostart: false
                        linger: 5s
                        control_socket: true
                        log: {to: console, timestamps: false}
                        triggers:
                          wifi:
                            interfaces: ["wlan*", 3]
                          getty:
                        """);

        assertThat(definition.description()).isEqualTo("A web server");
        assertThat(definition.linger()).isEqualTo(Duration.ofSeconds(5));
        assertThat(definition.controlSocket()).isTrue();
        assertThat(definition.log()).isEqualTo(new LogSettings(LogSettings.To.CONSOLE, 1 << 20, 5, false, false));
        assertThat(definition.triggers()).containsOnlyKeys("wifi", "getty");
        Value.Mapping wifi =
                (Value.Mapping) Objects.requireNonNull(definition.triggers().get("wifi"));
        Value.Sequence interfaces = (Value.Sequence)
                Objects.requireNonNull(wifi.entries().get("interfaces")).value();
        assertThat(interfaces.items().get(1))
                .isEqualTo(new Value.Scalar("3", Value.Kind.INTEGER, new Value.Position(1, 1)));
        assertThat(interfaces.position().line()).isEqualTo(8);
        assertThat(interfaces.position().column()).isEqualTo(17);
        assertThat(read("log: {direct: true}").log().timestamps()).isFalse();
        assertThat(read("log: {max_size: 100k, keep: 0}").log())
                .isEqualTo(new LogSettings(LogSettings.To.FILE, 100 << 10, 0, true, false));
        assertThat(read("log: {max_age: 1d, full: block}").log())
                .isEqualTo(new LogSettings(
                        LogSettings.To.FILE,
                        1 << 20,
                        5,
                        true,
                        false,
                        Optional.of(Duration.ofDays(1)),
                        Optional.of(LogSettings.WhenFull.BLOCK)));
        assertThat(read("log: {full: drop}").log().waitsWhenFull()).isFalse();
        assertThat(read("log: {}").log().waitsWhenFull()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            description: 3                  | :1:14: description: 3; expected a text
            command: []                     | :1:10: command: empty; expected a program
            command: ''                     | :1:10: command: empty; expected a program
            command: 3                      | :1:10: command: 3; expected a command line
            command: {a: b}                 | :1:10: command: a map; expected a list of words, or one text
            command: "a 'b"                 | :1:10: command: "a 'b": a quote is not closed; expected '
            command: [a, [b]]               | :1:14: command: a list; expected a word
            command: [a, "\\0"]              | :1:14: command: "\\x00": a NUL character cannot be given to a program
            requires: db                    | :1:11: requires: "db"; expected a list of services
            on_failure: mail                | :1:13: on_failure: "mail"; expected a list of services
            requires: [{db: soft}]          | :1:17: requires: "soft" is not one of optional, required
            requires: [{a: optional, b: optional}] | :1:12: requires: a map; expected the name of a service, or {NAME: optional}
            requires: [{a b: optional}]     | :1:13: requires: "a b": not a service name: expected a letter or digit, then letters, digits and . _ + -, at most 64 characters
            requires: [db, a b]             | :1:16: requires: "a b": not a service name: expected a letter or digit, then letters, digits and . _ + -, at most 64 characters
            restart_delay: 10               | :1:16: restart_delay: 10; expected a duration such as 10s, 100ms or 1m30s, at least 1ms; did you mean 10s?
            restart_delay: 0s               | :1:16: restart_delay: "0s"; expected a duration such as 10s, 100ms or 1m30s, at least 1ms
            linger: 1 h                     | :1:9: linger: "1 h"; expected a duration such as 10s, 100ms or 1m30s
            linger: -1s                     | :1:9: linger: "-1s"; expected a duration such as 10s, 100ms or 1m30s
            linger: 999999999999h           | :1:9: linger: "999999999999h": too long; expected at most 100000h
            restart_delay: 20s\\nrestart_max_delay: 10s | :2:20: restart_max_delay: shorter than restart_delay; expected at least as much
            restart: on-failure:3\\nrestart_limit: {times: 3} | :2:16: restart_limit: restart has a limit already; expected only one of the two
            restart: no\\nrestart_limit: {times: 3} | :2:16: restart_limit: there are no restarts to limit; expected restart: always or on-failure
            command: a\\nready: {finished: true}\\nrestart: always | :3:10: restart: a job (ready: {finished: true}) is not restarted once it has finished; expected on-failure or no
            command: a\\nready: {finished: true}\\nlinger: 1s | :3:9: linger: a job (ready: {finished: true}) has no process to be kept once it is up; expected only one of the two
            command: a\\nready: {finished: true}\\nhealthcheck: {test: x} | :3:14: healthcheck: a job (ready: {finished: true}) has no process to be checked once it is up; expected only one of the two
            command: a\\nready: {finished: true, watchdog: 1s} | :2:8: ready: watchdog also needs notify: true
            command: a\\nready: {finished: false} | :2:8: ready: finished: false has no effect; expected true, or another way
            restart_limit: {within: 3s}     | :1:16: restart_limit: times is missing
            restart_limit: {times: 0}       | :1:24: restart_limit.times: 0; expected a number from 1 to 1000000
            success_exit_status: 256        | :1:22: success_exit_status: 256; expected an exit code from 0 to 255, or a signal such as SIGTERM
            success_exit_status: [SIGTRM]   | :1:23: success_exit_status: "SIGTRM": no such signal; expected an exit code from 0 to 255, or a signal such as SIGTERM; did you mean "SIGTERM"?
            restart_prevent: {a: b}         | :1:18: restart_prevent: a map; expected an exit code from 0 to 255, or a signal such as SIGTERM
            restart: no\\nrestart_prevent: 3 | :2:18: restart_prevent: there are no restarts to prevent; expected restart: always or on-failure
            stop_signal: SIGTRM             | :1:14: stop_signal: "SIGTRM": no such signal; expected one such as SIGTERM, TERM or 15; did you mean "SIGTERM"?
            stop_signal: 0                  | :1:14: stop_signal: 0; expected a signal such as SIGTERM, TERM or 15
            timeouts: {run: 3s}             | :1:12: timeouts.run: unknown key; expected one of pre, ready, post
            timeouts: {ready: 3s}           | :1:19: timeouts.ready: there is no ready for it to limit
            timeouts: 3s                    | :1:11: timeouts: "3s"; expected a map of pre, ready, post
            user: a b                       | :1:7: user: "a b"; expected a user's name or number, or user:group
            user: 4294967295                | :1:7: user: 4294967295; expected a user's name or number, or user:group
            user: a:b\\ngroup: c             | :2:8: group: user has a group already; expected only one of the two
            umask: 022                      | :1:8: umask: 022; expected three octal digits in quotes, such as "022"; without quotes YAML takes it for a decimal number
            umask: "999"                    | :1:8: umask: "999"; expected three octal digits in quotes, such as "022"
            environment: [A B=c]            | :1:15: environment: "A B=c": not the name of a variable; expected letters, digits and _ . -, no digit first
            environment: {BELLHOP_X: c}     | :1:15: environment.BELLHOP_X: "BELLHOP_X": set by the manager; expected another name
            environment: [NOTIFY_SOCKET=c]  | :1:15: environment: "NOTIFY_SOCKET=c": set by the manager; expected another name
            environment: {A: [b]}           | :1:18: environment.A: a list; expected a text, number or truth value, or nothing for the manager's own
            environment: A=b                | :1:14: environment: "A=b"; expected a map or a list of NAME=VALUE
            env_file: {required: false}     | :1:11: env_file: path is missing
            env_file: [3]                   | :1:12: env_file: 3; expected the path of a file of variables
            ulimits: {nofiles: 3}           | :1:11: ulimits.nofiles: "nofiles": not a limit; did you mean "nofile"?
            ulimits: {nofile: {soft: 3, hard: 2}} | :1:19: ulimits.nofile: soft is above hard; expected at most as much
            ulimits: {nofile: {soft: 3}}    | :1:19: ulimits.nofile: expected both soft and hard
            ulimits: {nofile: -2}           | :1:19: ulimits.nofile: -2; expected a number, -1 or unlimited
            nice: 20                        | :1:7: nice: 20; expected a number from -20 to 19
            nice: 1.5                       | :1:7: nice: 1.5; expected a number from -20 to 19
            oom_score_adj: 1001             | :1:16: oom_score_adj: 1001; expected a number from -1000 to 1000
            cap_drop: [NET_ROW]             | :1:12: cap_drop: "NET_ROW": not a capability; did you mean "net_raw"?
            cap_drop: ALL                   | :1:11: cap_drop: "ALL"; expected a list of capabilities, such as [NET_RAW] or [ALL]
            mem_limit: lots                 | :1:12: mem_limit: "lots"; expected a size such as 64m, 512KiB or 1gb, at least 1
            mem_limit: 0                    | :1:12: mem_limit: 0; expected a size such as 64m, 512KiB or 1gb, at least 1
            mem_limit: 999999999999999t     | :1:12: mem_limit: "999999999999999t": too big
            cpus: 0                         | :1:7: cpus: 0; expected a number of processors above 0, such as 0.5
            pids_limit: 0                   | :1:13: pids_limit: 0; expected a number from 1, or -1 for no limit
            ready: {}                       | :1:8: ready: expected exactly one of notify, fd, path, tcp, http, test, finished
            ready: {fd: 3, notify: true}    | :1:8: ready: expected exactly one of notify, fd, path, tcp, http, test, finished
            ready: {fd: 3, watchdog: 3s}    | :1:8: ready: watchdog also needs notify: true
            ready: {notify: false}          | :1:8: ready: notify: false has no effect; expected true, or another way
            ready: {tcp: "web:80"}          | :1:14: ready.tcp: "web:80"; expected ADDRESS:PORT with a literal address or localhost, such as 127.0.0.1:53 or [::1]:53
            ready: {tcp: "1.2.3.4:70000"}   | :1:14: ready.tcp: "1.2.3.4:70000": no port has the number 70000; expected 1 to 65535
            ready: {http: "https://127.0.0.1/"} | :1:15: ready.http: "https://127.0.0.1/": https is not supported; expected http, or a test such as curl -fsS URL
            ready: {http: "http://web/"}    | :1:15: ready.http: "http://web/"; expected http://ADDRESS:PORT/PATH with a literal address or localhost, such as http://127.0.0.1:8080/health
            ready: {http: "http://[::1]:0/"} | :1:15: ready.http: "http://[::1]:0/": no port has the number 0; expected 1 to 65535
            ready: {http: "http://1.2.3.400/"} | :1:15: ready.http: "http://1.2.3.400/": not an address: 1.2.3.400; expected one such as 127.0.0.1 or [::1]
            ready: {http: "http://localhost/a b"} | :1:15: ready.http: "http://localhost/a b"; expected http://ADDRESS:PORT/PATH with a literal address or localhost, such as http://127.0.0.1:8080/health
            healthcheck: {http: "http://localhost/", test: "true"} | :1:14: healthcheck: expected one of test and http, not both
            ready: {tcp: "1.2.3.400:70"}    | :1:14: ready.tcp: "1.2.3.400:70": not an address: 1.2.3.400; expected one such as 127.0.0.1 or [::1]
            ready: {test: [a]}              | :1:15: ready.test: a list that begins with "a"; expected CMD or CMD-SHELL there
            ready: {test: [NONE]}           | :1:15: ready.test: a list that begins with NONE; expected CMD or CMD-SHELL
            healthcheck: {interval: 3s}     | :1:14: healthcheck: test or http is missing
            healthcheck: {test: [CMD]}      | :1:21: healthcheck.test: expected a program after CMD
            healthcheck: {test: x, retries: 0} | :1:33: healthcheck.retries: 0; expected a number from 1 to 1000000
            log: {to: stdout}               | :1:11: log.to: "stdout" is not one of file, console, none
            log: {to: none, direct: true}   | :1:6: log: direct needs to: file
            log: {direct: true, keep: 3}    | :1:6: log: direct excludes max_size, max_age, keep, timestamps and full: the manager does not write this file
            log: {direct: true, full: drop} | :1:6: log: direct excludes max_size, max_age, keep, timestamps and full: the manager does not write this file
            log: {max_age: 500ms}           | :1:16: log.max_age: "500ms"; expected a duration such as 10s, 100ms or 1m30s, at least 1s
            log: {full: wait}               | :1:13: log.full: "wait" is not one of drop, block
            triggers: {wifi: [a]}           | :1:18: triggers.wifi: a list; expected a map of the plugin's own keys
            triggers: {Wifi: {}}            | :1:12: triggers.Wifi: "Wifi"; expected the name of a plugin: small letters, digits and -
            triggers: {wifi: {a: 1, a: 2}}  | :1:25: triggers.wifi.a: given twice; the first is on line 1
            description:                    | :1:13: description: no value; expected a text
            working_dir: ''                 | :1:14: working_dir: ""; expected the path of a directory
            """)
    void problemIsTold(String text, String problem) throws IOException {
        assertThat(problemsOf(text.replace("\\n", "\n"))).containsExactly(directory.resolve("service.yaml") + problem);
    }

    @Test
    void fewAliasesThatStandForALotAreRefused() throws IOException {
        StringBuilder bomb = new StringBuilder("triggers:\n  wifi:\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i <= 10; i++) {
            bomb.append("    a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(3) + "]\n");
        }

        assertThat(problemsOf(bomb.toString()))
                .hasSize(1)
                .first()
                .asString()
                .contains("its aliases expand to too much");
        assertThat(problemsOf("triggers: {wifi: &a {b: *a}}"))
                .hasSize(1)
                .first()
                .asString()
                .contains("contains itself");
    }

    private List<String> command(String text) throws IOException {
        return List.copyOf(read("command: " + text).commands().get(Script.RUN));
    }

    private Definition read(String text) throws IOException {
        ServiceYaml yaml = yaml(text);
        assertThat(yaml.problems()).as(text).isEmpty();
        return reading(yaml).definition();
    }

    private Reading reading(ServiceYaml yaml) {
        return Reading.of(name, directory, Map.of(), Map.of(), Optional.of(yaml));
    }

    private List<String> problemsOf(String text) throws IOException {
        return yaml(text).problems().stream().map(Problem::toString).toList();
    }

    private ServiceYaml yaml(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("service.yaml"), text);
        return ServiceYaml.read(file, name, new ArrayList<>());
    }
}
