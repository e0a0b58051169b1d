package bellhop.engine.process;

import static bellhop.engine.LiveEngine.isAlive;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.DefinitionBuilder;
import bellhop.definition.Definition;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.EngineTest;
import bellhop.engine.LiveEngine;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what is written against a tree of plain files, and what it does in the kernel's own. */
final class CgroupsTest {

    private static final ServiceName WEB = LiveEngine.name("web");
    private static final ResourceLimits ALL =
            new ResourceLimits(OptionalLong.of(64 << 20), Optional.of(new BigDecimal("1.5")), OptionalLong.of(20));

    @TempDir
    Path home;

    private final List<String> warnings = new ArrayList<>();

    /** The tree of a container: Bellhop's own group is the one that is mounted. */
    private Cgroups cgroups(Path mount, String controllers) throws Exception {
        Files.createDirectories(mount);
        Files.writeString(mount.resolve("cgroup.controllers"), controllers + "\n");
        Files.writeString(mount.resolve("cgroup.procs"), "1\n");
        Files.writeString(mount.resolve("cgroup.type"), "domain\n");
        return cgroups(mount, "/", "/");
    }

    private Cgroups cgroups(Path mount, String root, String own) throws Exception {
        Path mounts = Files.writeString(
                home.resolve("mountinfo"),
                "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n" + "38 31 0:35 " + root + " "
                        + mount + " rw,relatime shared:9 - cgroup2 cgroup2 rw\n");
        Path self = Files.writeString(home.resolve("cgroup"), "4:memory:/else\n0::" + own + "\n");
        return new Cgroups(mounts, self, warnings::add);
    }

    private Definition definition(ResourceLimits resources) {
        return DefinitionBuilder.of(WEB, home, Map.of(Script.RUN, List.of("prog")))
                .resources(resources)
                .build();
    }

    @Test
    void eachIncarnationHasAGroupWithItsLimits() throws Exception {
        Path mount = home.resolve("tree");
        Cgroups cgroups = cgroups(mount, "cpuset cpu io memory pids");

        Path group = cgroups.enter(definition(ALL), 17).orElseThrow();

        assertThat(group).isEqualTo(mount.resolve("web.17"));
        assertThat(group.resolve("memory.max")).hasContent("67108864\n");
        assertThat(group.resolve("cpu.max")).hasContent("150000 100000\n");
        assertThat(group.resolve("pids.max")).hasContent("20\n");
        assertThat(mount.resolve("cgroup.subtree_control")).hasContent("+memory\n+cpu\n+pids\n");
        assertThat(mount.resolve("bellhop/cgroup.procs"))
                .content()
                .startsWith(ProcessHandle.current().pid() + "\n");
        assertThat(warnings).isEmpty();
    }

    @Test
    void onlyWhatIsAskedForIsWritten() throws Exception {
        Cgroups cgroups = cgroups(home.resolve("tree"), "cpu memory pids");

        assertThat(cgroups.enter(definition(ResourceLimits.NONE), 1)).isEmpty();
        assertThat(home.resolve("tree/bellhop")).doesNotExist();
        Path group = cgroups.enter(
                        definition(new ResourceLimits(
                                OptionalLong.empty(), Optional.of(new BigDecimal("0.001")), OptionalLong.empty())),
                        2)
                .orElseThrow();
        assertThat(group.resolve("cpu.max")).hasContent("1000 100000\n");
        assertThat(group.resolve("memory.max")).doesNotExist();
    }

    @Test
    void aGroupBelowTheMountIsFoundAndOnesOwnLeafIsLeft() throws Exception {
        Path unit = home.resolve("tree/system.slice/bellhop.service");
        cgroups(unit, "memory");
        Path mount = home.resolve("tree");

        for (String own : List.of("/system.slice/bellhop.service", "/system.slice/bellhop.service/bellhop")) {
            assertThat(cgroups(mount, "/", own).enter(definition(ALL), 3)).hasValue(unit.resolve("web.3"));
        }
        assertThat(cgroups(unit, "/system.slice/bellhop.service", "/system.slice/bellhop.service")
                        .enter(definition(ALL), 4))
                .hasValue(unit.resolve("web.4"));
        assertThat(unit.resolve("bellhop/bellhop")).doesNotExist();
    }

    @Test
    void whatCannotBeInForceIsToldOnceAndTheRestIs() throws Exception {
        Path mount = home.resolve("tree");
        Cgroups cgroups = cgroups(mount, "memory hugetlb");

        assertThat(cgroups.enter(definition(ALL), 1)).isPresent();
        assertThat(cgroups.enter(definition(ALL), 2)).isPresent();

        assertThat(warnings)
                .containsExactly(
                        "cpus: not in force for any service: cgroup v2 at " + mount + " has no such controller",
                        "pids_limit: not in force for any service: cgroup v2 at " + mount + " has no such controller");
    }

    @Test
    void whoeverIsKilledForMemoryIsToldOfOnce() throws Exception {
        Cgroups cgroups = cgroups(home.resolve("tree"), "memory");
        assertThat(cgroups.killedForMemory(WEB)).as("without a group").isFalse();
        Path group = cgroups.enter(definition(ALL), 1).orElseThrow();
        assertThat(cgroups.killedForMemory(WEB)).as("without the file").isFalse();

        assertThat(killedForMemory(cgroups, group, 0)).isFalse();
        assertThat(killedForMemory(cgroups, group, 2)).isTrue();
        assertThat(killedForMemory(cgroups, group, 2)).isFalse();
        assertThat(killedForMemory(cgroups, group, 3)).isTrue();
        Path next = cgroups.enter(definition(ALL), 2).orElseThrow();
        assertThat(killedForMemory(cgroups, next, 1)).as("another incarnation").isTrue();
    }

    private static boolean killedForMemory(Cgroups cgroups, Path group, int count) throws Exception {
        Files.writeString(group.resolve("memory.events"), "max 9\noom 4\noom_kill " + count + "\noom_group_kill 0\n");
        return cgroups.killedForMemory(WEB);
    }

    @Test
    void withoutCgroupsServicesStartAllTheSame() throws Exception {
        LiveEngine engine = new LiveEngine(home);
        try {
            assumeTrue(
                    new Cgroups(line -> {}).enter(definition(ALL), 0).isEmpty(),
                    "SKIPPED: limits can be in force here");
            engine.script("web", Script.RUN, "exec sleep 1000").define("web", b -> b.resources(ALL));
            succeeds(engine.start("web"));
            succeeds(engine.restart("web"));
            assertThat(engine.warnings).hasSize(3).allMatch(line -> line.contains("not in force for any service: "));
        } finally {
            engine.close();
        }
    }

    @Test
    void whoeverHidesFromTheEngineIsFoundInTheGroup() throws Exception {
        Path kernels = Path.of("/sys/fs/cgroup/unified");
        if (!Files.exists(kernels.resolve("cgroup.procs"))) {
            kernels = Path.of("/sys/fs/cgroup");
        }
        Path mount = kernels.resolve("bellhop-test-" + ProcessHandle.current().pid());
        assumeTrue(
                Files.isWritable(kernels) && Files.exists(kernels.resolve("cgroup.procs")),
                "SKIPPED: cgroup v2 may not be written to here");
        Files.createDirectory(mount);
        // The group is the kernel's. That it can be divided is pretended, for few machines let a test do that.
        LiveEngine engine = new LiveEngine(home, warn -> new Cgroups(new Cgroups.Base(mount), warn));
        try {
            Path pids = home.resolve("pids");
            engine.define("web", b -> b.resources(ALL))
                    .script("web", Script.PRE, "cat /proc/self/cgroup > " + home + "/group-of-pre")
                    .script(
                            "web",
                            Script.RUN,
                            "cat /proc/self/cgroup > " + home + "/group-of-run",
                            "env -i setsid sh -c 'trap \"\" TERM; echo $$ > " + pids
                                    + "; while :; do sleep 1000; done' &",
                            "wait")
                    .grace("web", Duration.ofMillis(200));
            succeeds(engine.start("web"));
            EngineTest.awaitFile(pids);
            int hidden = Integer.parseInt(Files.readString(pids).strip());
            long incarnation = engine.service("web").life().orElseThrow().incarnation();
            Path group = mount.resolve("web." + incarnation);
            assertThat(Files.readAllLines(group.resolve("cgroup.procs")))
                    .contains(Integer.toString(hidden), Integer.toString(engine.pid("web")));
            for (String script : List.of("pre", "run")) {
                assertThat(home.resolve("group-of-" + script))
                        .content()
                        .contains("0::/" + mount.getFileName() + "/web.");
            }

            succeeds(engine.stop("web"));

            assertThat(isAlive(hidden)).isFalse();
            assertThat(group).doesNotExist();
        } finally {
            engine.close();
            Files.delete(mount);
        }
    }
}
