package bellhop.engine;

import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.isAlive;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.core.State;
import bellhop.core.Word;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies the loop against the real kernel: scripts run, signals are sent, nothing is left. */
public final class EngineTest {

    @TempDir
    Path home;

    LiveEngine engine;

    @BeforeEach
    void startEngine() throws Exception {
        engine = new LiveEngine(home);
    }

    @org.junit.jupiter.api.AfterEach
    void stopEngine() throws Exception {
        engine.close();
        assertThat(home.resolve("run")).doesNotExist();
    }

    @Test
    void runsPreThenRunThenPostInOneIncarnation() throws Exception {
        String note = "echo \"${0##*/} $1 $BELLHOP_SERVICE $BELLHOP_INCARNATION $PWD\" >> said";
        engine.script("a@t", Script.PRE, note)
                .script("a@t", Script.RUN, note, "exec sleep 1000")
                .script("a@t", Script.POST, note);

        succeeds(engine.start("a@t"));
        long incarnation = engine.service("a@t").life().orElseThrow().incarnation();
        Path directory = engine.directory("a@t");
        awaitLine(directory.resolve("said"), "run t a@t " + incarnation + " " + directory);
        succeeds(engine.stop("a@t"));

        assertThat(Files.readAllLines(directory.resolve("said")))
                .containsExactly(
                        "pre t a@t " + incarnation + " " + directory,
                        "run t a@t " + incarnation + " " + directory,
                        "post t a@t " + incarnation + " " + directory);
    }

    @Test
    void failedPreIsToldWithItsCodeAndRunsNothingElse() throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .script("a", Script.PRE, "exit 42")
                .script("a", Script.RUN, "touch ran; exec sleep 1000")
                .script("a", Script.POST, "touch posted");

        assertThat(answer(engine.start("a")).failures())
                .singleElement()
                .asString()
                .matches("a: pre exited 42 after \\d+\\.\\d s \\(log: bh logs a\\)");
        assertThat(engine.await("a", Word.FAILED).pinned()).isTrue();
        assertThat(engine.directory("a").resolve("ran")).doesNotExist();
        assertThat(engine.directory("a").resolve("posted")).doesNotExist();
    }

    @Test
    void theObserverHearsInValues() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000")
                .restart("b", RestartPolicy.NO)
                .script("b", Script.PRE, "exit 42");

        succeeds(engine.start("a"));
        succeeds(engine.stop("a"));
        assertThat(answer(engine.start("b")).failures()).isNotEmpty();
        engine.guard((definition, script) -> {
            throw new IOException("not this one");
        });
        assertThat(answer(engine.start("b")).failures()).isNotEmpty();
        succeeds(engine.stopAll());

        assertThat(engine.heard())
                .containsExactly(
                        "stop of a, STOPPING",
                        "a exited in run: was killed by SIGTERM",
                        "b exited in pre: exited 42",
                        "b failed: not this one",
                        "stop of all");
    }

    @Test
    void theObserverDoesNotHearOfAStopThatIsRefused() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));

        assertThat(answer(engine.stopAllFrom("a")).failures())
                .singleElement()
                .asString()
                .contains("circular wait");

        assertThat(engine.heard()).isEmpty();
    }

    @Test
    void preThatTakesTooLongIsEnded() throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .limit("a", Duration.ofMillis(200))
                .script("a", Script.PRE, "exec sleep 1000");

        assertThat(answer(engine.start("a")).failures())
                .containsExactly("a: pre took longer than 0.2 s (log: bh logs a)");
    }

    @Test
    void workThatComesWithoutEndKeepsNobodyFromADeadline() throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .limit("a", Duration.ofMillis(200))
                .script("a", Script.PRE, "exec sleep 1000");

        engine.keepBusy();

        assertThat(answer(engine.start("a")).failures())
                .containsExactly("a: pre took longer than 0.2 s (log: bh logs a)");
    }

    @Test
    void killedServiceIsLaunchedAgainInTheSameIncarnation() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));
        int first = engine.pid("a");
        long incarnation = engine.service("a").life().orElseThrow().incarnation();

        assertThat(Signals.kill(first, Signals.KILL)).isTrue();

        engine.await("a", s -> s.word() == Word.STARTED && s.run().orElseThrow().pid() != first);
        assertThat(engine.service("a").life().orElseThrow().incarnation()).isEqualTo(incarnation);
    }

    @Test
    void batchJobFinishesOrFails() throws Exception {
        engine.restart("good", RestartPolicy.NO)
                .script("good", Script.RUN, "exit 0")
                .restart("bad", RestartPolicy.NO)
                .script("bad", Script.RUN, "exit 3");
        succeeds(engine.start("good", "bad"));

        engine.await("good", Word.FINISHED);
        assertThat(engine.await("bad", Word.FAILED).detail()).startsWith("run exited 3");
    }

    @Test
    void processThatIgnoresTermIsKilledAfterTheGrace() throws Exception {
        engine.grace("a", Duration.ofMillis(200))
                .script("a", Script.RUN, "trap '' TERM", "touch ready", "while :; do sleep 1000; done");
        succeeds(engine.start("a"));
        int pid = engine.pid("a");
        awaitFile(engine.directory("a").resolve("ready"));

        succeeds(engine.stop("a"));

        assertThat(isAlive(pid)).isFalse();
    }

    @Test
    void stopWaitsForTheGrandchildThatOutlivesItsLeader() throws Exception {
        engine.grace("a", Duration.ofMillis(200))
                .script(
                        "a",
                        Script.RUN,
                        "(trap '' TERM; echo $$ > leader; sh -c 'echo $PPID' > grandchild; touch ready; while :; do sleep 1; done) &",
                        "wait");
        succeeds(engine.start("a"));
        Path directory = engine.directory("a");
        awaitFile(directory.resolve("ready"));
        int grandchild = Integer.parseInt(
                Files.readString(directory.resolve("grandchild")).trim());

        succeeds(engine.stop("a"));

        assertThat(isAlive(grandchild)).isFalse();
    }

    @Test
    void killModeAllFindsThoseWhoLeftTheSession() throws Exception {
        engine.script("a", Script.RUN, "setsid -f sh -c 'echo $$ > daemon; exec sleep 1000'", "exec sleep 1000");
        succeeds(engine.start("a"));
        int daemon = pidIn(engine.directory("a").resolve("daemon"));

        succeeds(engine.stop("a"));

        assertThat(isAlive(daemon)).isFalse();
    }

    @Test
    void killModeGroupSparesThoseWhoLeftItAndCountsThem() throws Exception {
        engine.killMode("a", KillMode.GROUP)
                .script("a", Script.RUN, "setsid -f sh -c 'echo $$ > daemon; exec sleep 1000'", "exec sleep 1000");
        succeeds(engine.start("a"));
        int daemon = pidIn(engine.directory("a").resolve("daemon"));
        try {
            succeeds(engine.stop("a"));
            assertThat(isAlive(daemon)).isTrue();
            assertThat(engine.service("a").leftAlive()).isEqualTo(1);
        } finally {
            assertThat(Signals.kill(daemon, Signals.KILL)).isTrue();
        }
    }

    @Test
    void oneShotIsStartedWithoutAProcessAndItsPostRunsAtTheStop() throws Exception {
        engine.script("a", Script.PRE, "touch up").script("a", Script.POST, "rm up");
        succeeds(engine.start("a"));
        assertThat(engine.service("a").word()).isEqualTo(Word.STARTED);
        assertThat(engine.directory("a").resolve("up")).exists();

        succeeds(engine.stop("a"));
        assertThat(engine.directory("a").resolve("up")).doesNotExist();
    }

    @Test
    void failedPostMakesTheStopFail() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000").script("a", Script.POST, "exit 7");
        succeeds(engine.start("a"));

        assertThat(answer(engine.stop("a")).failures())
                .singleElement()
                .asString()
                .startsWith("a: post exited 7 after");
        assertThat(engine.service("a").word()).isEqualTo(Word.FAILED);
    }

    @Test
    void scriptThatIsNoProgramIsToldWithStageAndReason() throws Exception {
        engine.restart("a", RestartPolicy.NO).write("a/run", true, "#!/no/such/interpreter\n");

        assertThat(answer(engine.start("a")).failures())
                .singleElement()
                .asString()
                .startsWith("a: run could not be run: executing the interpreter")
                .contains("ENOENT");
    }

    @Test
    void holdKeepsAServiceUpUntilItIsReleased() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.require("me", "a"));
        succeeds(engine.require("you", "a"));
        succeeds(engine.release("me", "a"));
        assertThat(engine.service("a").word()).isEqualTo(Word.STARTED);

        succeeds(engine.release("you", "a"));

        assertThat(engine.service("a").word()).isEqualTo(Word.STOPPED);
        assertThat(answer(engine.release("you", "a")).failures())
                .containsExactly("a: not held by you, so there is nothing to release");
    }

    @Test
    void tenAtOnceEndInExactlyOneProcessOrNone() throws Exception {
        engine.script("a", Script.RUN, "echo $$ >> pids", "exec sleep 1000");
        for (int round = 0; round < 10; round++) {
            List<CompletableFuture<LiveEngine.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(
                        switch ((i + round) % 3) {
                            case 0 -> engine.start("a");
                            case 1 -> engine.stop("a");
                            default -> engine.restart("a");
                        });
            }
            for (CompletableFuture<LiveEngine.Answer> asked : answers) {
                assertThat(answer(asked).notes()).isEmpty();
            }
            boolean up = engine.await("a", s -> s.word() == Word.STARTED || s.word() == Word.STOPPED)
                            .word()
                    == Word.STARTED;
            if (up) {
                awaitLine(engine.directory("a").resolve("pids"), Integer.toString(engine.pid("a")));
            }
            assertThat(alive(engine.directory("a").resolve("pids"))).isEqualTo(up ? 1 : 0);
        }
    }

    @Test
    void recordAndViewsTellWhatScriptsWantToKnow() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));
        Path files = engine.runDirPath.resolve("a");
        assertThat(files.resolve("state")).hasContent("started\n");
        assertThat(files.resolve("require")).hasContent("0\n");
        assertThat(Files.readString(files.resolve("record"))).contains("\nprocess.pid " + engine.pid("a") + "\n");

        succeeds(engine.require("me", "a"));
        assertThat(files.resolve("require")).hasContent("1\n");
        succeeds(engine.stop("a"));
        assertThat(files.resolve("state")).hasContent("stopped\n");
    }

    @Test
    void stopDuringTheRestartDelayLeavesNobodyAndStartsNobody() throws Exception {
        engine.restartDelay("a", Duration.ofHours(1)).script("a", Script.RUN, "echo $$ >> pids", "exit 1");
        succeeds(engine.start("a"));
        engine.await("a", Word.RESTARTING);
        engine.await("a", s -> s.state() instanceof State.Restarting);

        succeeds(engine.stop("a"));

        assertThat(engine.service("a").word()).isEqualTo(Word.STOPPED);
        assertThat(engine.directory("a").resolve("pids")).content().hasLineCount(1);
    }

    @Test
    void serviceThatDiesBeforeItsStopIsStopped() throws Exception {
        for (int round = 0; round < 20; round++) {
            engine.script("a", Script.RUN, "exec sleep 1000");
            succeeds(engine.start("a"));
            int pid = engine.pid("a");

            CompletableFuture<LiveEngine.Answer> stopped = engine.inOneRound(() -> {
                assertThat(Signals.kill(pid, Signals.KILL)).isTrue();
                return engine.stop("a");
            });

            succeeds(stopped);
            assertThat(isAlive(pid)).isFalse();
            assertThat(engine.service("a").word()).isEqualTo(Word.STOPPED);
        }
    }

    @Test
    void crashOfWhatAServiceRequiresDoesNotStopIt() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000").script("b", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));
        succeeds(engine.require("a", "b"));
        int requirer = engine.pid("a");
        int crashed = engine.pid("b");

        assertThat(Signals.kill(crashed, Signals.KILL)).isTrue();

        engine.await("b", s -> s.word() == Word.STARTED && s.run().orElseThrow().pid() != crashed);
        assertThat(engine.pid("a")).isEqualTo(requirer);
        assertThat(engine.service("a").word()).isEqualTo(Word.STARTED);
    }

    @Test
    void stopOfOneEndOfAChainReleasesTheRestOfIt() throws Exception {
        for (String name : List.of("a", "b", "c", "d")) {
            engine.script(name, Script.RUN, "exec sleep 1000");
        }
        succeeds(engine.start("a"));
        succeeds(engine.require("a", "b"));
        succeeds(engine.require("b", "c"));
        succeeds(engine.require("c", "d"));

        succeeds(engine.stop("a"));

        for (String name : List.of("b", "c", "d")) {
            engine.await(name, Word.STOPPED);
        }
    }

    @Test
    void hundredServicesStartTenTimesAndStopInTheOrderOfTheirHolds() throws Exception {
        String[] names = IntStream.range(0, 100)
                .mapToObj(i -> String.format(Locale.ROOT, "s%02d", i))
                .toArray(String[]::new);
        Path stops = home.resolve("stops");
        for (String name : names) {
            engine.script(name, Script.RUN, "exec sleep 1000");
        }
        for (String name : List.of("s96", "s97", "s98", "s99")) {
            engine.script(name, Script.POST, "echo $1 >> " + stops);
        }
        for (int round = 0; round < 10; round++) {
            Files.writeString(stops, "");
            succeeds(engine.start(names));
            succeeds(engine.require("s98", "s99"));
            succeeds(engine.require("s97", "s98"));
            succeeds(engine.require("s96", "s97"));

            succeeds(engine.stopAll());

            assertThat(Files.readAllLines(stops)).containsExactly("s96", "s97", "s98", "s99");
        }
    }

    @Test
    void stopSignalComesOnceToEachProcessOfTheGroup() throws Exception {
        engine.script(
                "a",
                Script.RUN,
                "(trap 'echo told >> told' TERM; touch ready; until [ -e told ]; do sleep 0.01; done; sleep 0.3) &",
                "until [ -e ready ]; do sleep 0.01; done",
                "exec sleep 1000");
        succeeds(engine.start("a"));
        awaitFile(engine.directory("a").resolve("ready"));

        succeeds(engine.stop("a"));

        assertThat(engine.directory("a").resolve("told")).content().isEqualTo("told\n");
    }

    @Test
    void processThatExecutesOneProgramAfterAnotherIsFound() throws Exception {
        engine.script("a", "restless", "echo $$ > daemon", "exec \"$0\"")
                .script("a", Script.RUN, "setsid -f \"$PWD/restless\"", "exec sleep 1000");
        for (int round = 0; round < 40; round++) {
            succeeds(engine.start("a"));
            awaitFile(engine.directory("a").resolve("daemon"));
            succeeds(engine.stop("a"));

            String daemon =
                    Files.readString(engine.directory("a").resolve("daemon")).trim();
            if (!daemon.isEmpty()) {
                assertThat(isAlive(Integer.parseInt(daemon))).isFalse();
            }
            Files.delete(engine.directory("a").resolve("daemon"));
        }
    }

    @Test
    void nothingIsBegunOnceTheLoopIsToldToEnd() throws Exception {
        engine.script("a", Script.RUN, "exec sleep 1000");

        succeeds(engine.startBehindTheEnd("a"));
    }

    @Test
    void requestOnWhichTheCoreFailsIsAnswered() throws Exception {
        assertThat(answer(engine.startNonsense()).failures())
                .containsExactly("internal error: java.lang.IllegalStateException: nonsense");
        engine.script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));
    }

    @Test
    void scriptThatFailsInsideTheGuardCouldNotBeRun() throws Exception {
        engine.restart("a", RestartPolicy.NO).script("a", Script.RUN, "exec sleep 1000");
        engine.guard((definition, script) -> {
            throw new IllegalStateException("the guard is confused");
        });

        assertThat(answer(engine.start("a")).failures())
                .containsExactly("a: run could not be run: the guard is confused (log: bh logs a)");
    }

    private static long alive(Path pids) throws IOException {
        long alive = 0;
        if (Files.exists(pids)) {
            for (String pid : Files.readAllLines(pids)) {
                alive += isAlive(Integer.parseInt(pid)) ? 1 : 0;
            }
        }
        return alive;
    }

    private static int pidIn(Path file) throws Exception {
        awaitFile(file);
        return Integer.parseInt(Files.readString(file).trim());
    }

    private static void awaitLine(Path file, String line) throws Exception {
        awaitFile(file);
        Await.until(file + " has " + line, () -> Files.readAllLines(file).contains(line));
    }

    /** A file that a script makes; its content is there when its last byte is. */
    public static void awaitFile(Path file) throws Exception {
        Await.until(
                file + " is written",
                () -> Files.exists(file)
                        && (file.endsWith("ready") || Files.readString(file).endsWith("\n")));
    }
}
