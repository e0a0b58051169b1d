package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.definition.ServiceName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that no key of a unit is lost without a line of the report, and that what is made can be read, for random units
 * of keys and values, good and bad ones. {@code -Dimport.seed} repeats one.
 */
class EveryKeyTest {
    private static final int UNITS = 300;

    private static final List<String> KEYS = List.of(
            "Unit.Description",
            "Unit.Documentation",
            "Unit.Requires",
            "Unit.Wants",
            "Unit.After",
            "Unit.Before",
            "Unit.BindsTo",
            "Unit.PartOf",
            "Unit.Conflicts",
            "Unit.OnFailure",
            "Unit.DefaultDependencies",
            "Unit.ConditionPathExists",
            "Unit.AssertPathExists",
            "Unit.ConditionVirtualization",
            "Unit.StartLimitBurst",
            "Unit.StartLimitIntervalSec",
            "Unit.StopWhenUnneeded",
            "Unit.RequiresMountsFor",
            "Unit.X-Own",
            "Service.Type",
            "Service.RemainAfterExit",
            "Service.ExecStart",
            "Service.ExecStartPre",
            "Service.ExecStartPost",
            "Service.ExecCondition",
            "Service.ExecReload",
            "Service.ExecStop",
            "Service.ExecStopPost",
            "Service.RestartSec",
            "Service.Restart",
            "Service.TimeoutStartSec",
            "Service.TimeoutStopSec",
            "Service.TimeoutSec",
            "Service.RuntimeMaxSec",
            "Service.WatchdogSec",
            "Service.SuccessExitStatus",
            "Service.RestartPreventExitStatus",
            "Service.PIDFile",
            "Service.BusName",
            "Service.NotifyAccess",
            "Service.Sockets",
            "Service.KillMode",
            "Service.KillSignal",
            "Service.SendSIGKILL",
            "Service.User",
            "Service.Group",
            "Service.SupplementaryGroups",
            "Service.DynamicUser",
            "Service.UMask",
            "Service.WorkingDirectory",
            "Service.RootDirectory",
            "Service.Nice",
            "Service.OOMScoreAdjust",
            "Service.CPUSchedulingPolicy",
            "Service.LimitNOFILE",
            "Service.LimitCPU",
            "Service.LimitNICE",
            "Service.LimitMEMLOCK",
            "Service.CapabilityBoundingSet",
            "Service.AmbientCapabilities",
            "Service.NoNewPrivileges",
            "Service.ProtectSystem",
            "Service.PrivateTmp",
            "Service.Environment",
            "Service.EnvironmentFile",
            "Service.PassEnvironment",
            "Service.UnsetEnvironment",
            "Service.StandardOutput",
            "Service.StandardError",
            "Service.StandardInput",
            "Service.SyslogIdentifier",
            "Service.RuntimeDirectory",
            "Service.RuntimeDirectoryMode",
            "Service.RuntimeDirectoryPreserve",
            "Service.StateDirectory",
            "Service.ConfigurationDirectory",
            "Service.MemoryMax",
            "Service.CPUQuota",
            "Service.TasksMax",
            "Service.MemoryHigh",
            "Service.IgnoreSIGPIPE",
            "Service.Nonsense",
            "Service.ReloadSignal",
            "Install.WantedBy",
            "Install.Alias",
            "Install.Also",
            "Install.DefaultInstance",
            "Timer.OnCalendar",
            "Odd.Key");

    private static final List<String> VALUES = List.of(
            "",
            "yes",
            "no",
            "5",
            "0",
            "-1",
            "infinity",
            "10s",
            "1min 5s",
            "64M",
            "20%",
            "/bin/true",
            "-/bin/true x",
            "+/bin/echo $A ${B}",
            "!/bin/sleep 5",
            "@/bin/echo name x",
            "/bin/kill -HUP $MAINPID",
            "simple",
            "notify",
            "oneshot",
            "always",
            "on-failure",
            "process",
            "mixed",
            "SIGHUP",
            "HUP",
            "null",
            "journal",
            "file:/tmp/x",
            "daemon",
            "022",
            "0750",
            "~",
            "~CAP_KILL",
            "CAP_NET_ADMIN CAP_KILL",
            "A=b \"C=d e\"",
            "A={target}",
            "A=%H",
            "=x",
            "-/no/such",
            "/etc/*.x",
            "%i",
            "%n-%p",
            "%",
            "%Z",
            "/run/{service}",
            "network.target",
            "other.service",
            "a b",
            "../up",
            "a:b",
            "\"unclosed",
            "'",
            "\\x41\\q",
            "1024:2048",
            "2048:1024",
            "2147483648",
            "!/no/such",
            "|/no/such",
            "é\u202e",
            "$$",
            "99999999999999999999",
            "#x",
            ";",
            "a ; b",
            "\\");

    @TempDir
    Path root;

    @Test
    void eachKeyIsCarriedOverOrReported() throws Exception {
        long seed = Long.getLong("import.seed", System.nanoTime());
        for (int i = 0; i < UNITS; i++) {
            check(seed + i, root.resolve(Integer.toString(i)));
        }
    }

    private static void check(long seed, Path place) throws Exception {
        Random random = new Random(seed);
        String name = random.nextInt(4) == 0 ? "web@.service" : "web.service";
        List<String> lines = new ArrayList<>(List.of("[Service]", "ExecStart=/bin/sleep 1000"));
        List<Integer> numbers = new ArrayList<>(List.of(2));
        for (int i = random.nextInt(12); i >= 0; i--) {
            String key = KEYS.get(random.nextInt(KEYS.size()));
            String value = VALUES.get(random.nextInt(VALUES.size()));
            lines.add("[" + key.substring(0, key.indexOf('.')) + "]");
            lines.add(key.substring(key.indexOf('.') + 1) + "=" + value);
            // A backslash goes on with the next line, which must not be the next section.
            lines.add("");
            numbers.add(lines.size() - 1);
        }
        String unit = String.join("\n", lines);
        ImportTrial trial =
                new ImportTrial(place).file(name, lines.toArray(String[]::new)).run();

        for (int number : numbers) {
            assertThat(trial.report())
                    .as("line %s of seed %s:%n%s", number, seed, unit)
                    .anySatisfy(line -> assertThat(line).startsWith(name + ":" + number + ": "));
        }
        if (trial.outcome().made()) {
            ServiceReader reader = new ServiceReader(ServiceDirectories.named(List.of(trial.services())));
            assertThat(reader.readable(ServiceName.parse("web")))
                    .as(
                            "seed %s:%n%s%n%s%n%s",
                            seed,
                            unit,
                            Files.readString(trial.services().resolve("web/service.yaml")),
                            reader.check(List.of(ServiceName.parse("web"))))
                    .isPresent();
            for (String script : List.of("pre", "run", "post")) {
                Path file = trial.services().resolve("web").resolve(script);
                if (Files.exists(file)) {
                    Process shell = new ProcessBuilder("/bin/sh", "-n", file.toString())
                            .redirectErrorStream(true)
                            .start();
                    shell.getOutputStream().close();
                    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(shell.waitFor())
                            .as("seed %s:%n%s%n%s%n%s", seed, unit, Files.readString(file), said)
                            .isZero();
                }
            }
        }
    }
}
