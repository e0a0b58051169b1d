package bellhop.core;

import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static bellhop.definition.Script.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Lifecycle.Step;
import bellhop.definition.Definition;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies the machine cell by cell: what becomes of a service in each state by each event. */
class LifecycleTest {

    private static final Duration NOW = Duration.ofHours(1);
    private static final long INCARNATION = 7;
    private static final long LAUNCH = 8;
    private static final long FRESH = 99;
    private static final String SECRET = "secret";

    /**
     * A section for each state, a line for each event that does something: what the state becomes, and what is to be
     * done. Of an event without a line nothing may come. A state that becomes itself has only other times or numbers.
     * The service has all three scripts and is always restarted.
     */
    private static final String TABLE = """
            # down
              begin           | preparing                               | launch pre
              begin by hand   | preparing                               | launch pre

            # down, failed
              begin           | preparing                               | launch pre
              begin by hand   | preparing                               | launch pre
              halt            | down                                    |

            # down, to begin again
              begin           | preparing                               | launch pre
              begin by hand   | preparing                               | launch pre
              halt            | down                                    |

            # requiring
              halt            | down                                    |
              provided        | preparing                               | launch pre
              lacking         | restarting with pre                     |

            # preparing
              halt            | clearing, then abandon                  | STOP pre
              spawned         | preparing as 42                         |
              spawn failed    | clearing, then retry                    | STOP pre
              exits 0         | launching                               | reap pre, launch run
              exits 1         | clearing, then retry                    | STOP pre
              is gone         | clearing, then clean up, failed, again  | STOP pre
              deadline        | clearing, then retry                    | STOP pre
              clock stops     | preparing, clock stands                 |

            # preparing, clock stands
              halt            | clearing, then abandon                  | STOP pre
              spawned         | preparing as 42, clock stands           |
              spawn failed    | clearing, then retry                    | STOP pre
              exits 0         | launching                               | reap pre, launch run
              exits 1         | clearing, then retry                    | STOP pre
              is gone         | clearing, then clean up, failed, again  | STOP pre
              deadline        | clearing, then retry                    | STOP pre
              clock resumes   | preparing                               |

            # launching
              halt            | clearing, then clean up                 | STOP run
              spawned         | up as 42                                |
              spawn failed    | clearing, then relaunch                 | STOP run
              exits 0         | clearing, then relaunch                 | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              ready           | up                                      |
              extended        | launching                               |
              leaving         | clearing, then relaunch                 | STOP run
              deadline        | clearing, then relaunch                 | STOP run
              clock stops     | launching, clock stands                 |

            # launching, to say ready
              halt            | clearing, then clean up                 | STOP run
              spawned         | launching as 42, to say ready           |
              spawn failed    | clearing, then relaunch                 | STOP run
              exits 0         | clearing, then relaunch                 | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              ready           | up, watched                             |
              extended        | launching, to say ready                 |
              leaving         | clearing, then relaunch                 | STOP run
              deadline        | clearing, then relaunch                 | STOP run
              clock stops     | launching, to say ready, clock stands   |

            # launching, a job
              halt            | clearing, then clean up                 | STOP run
              spawned         | launching as 42, a job                  |
              spawn failed    | clearing, then relaunch                 | STOP run
              exits 0         | clearing, then up, finished             | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              extended        | launching, a job                        |
              leaving         | clearing, then relaunch                 | STOP run
              deadline        | clearing, then relaunch                 | STOP run
              clock stops     | launching, a job, clock stands          |

            # up
              halt            | clearing, then clean up                 | STOP run
              spawned         | up as 42                                |
              exits 0         | clearing, then relaunch                 | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              leaving         | leaving                                 |
              unhealthy       | clearing, then relaunch                 | STOP run

            # up, watched
              halt            | clearing, then clean up                 | STOP run
              spawned         | up as 42, watched                       |
              exits 0         | clearing, then relaunch                 | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              pinged          | up, watched                             |
              leaving         | leaving                                 |
              unhealthy       | clearing, then relaunch                 | STOP run
              deadline        | clearing, then relaunch, aborted        | ABORT run

            # up, one-shot
              halt            | cleaning up                             | launch post

            # up, a job
              begin by hand   | cleaning up, again                      | launch post
              halt            | cleaning up                             | launch post

            # leaving
              begin           | leaving, again                          |
              begin by hand   | leaving, again                          |
              halt            | clearing, then clean up                 | STOP run
              spawned         | leaving as 42                           |
              exits 0         | clearing, then relaunch                 | STOP run
              exits 1         | clearing, then relaunch                 | STOP run
              is gone         | clearing, then relaunch                 | STOP run
              extended        | leaving                                 |
              deadline        | clearing, then relaunch, killing        | KILL run

            # leaving, again
              halt            | clearing, then clean up                 | STOP run
              spawned         | leaving as 42, again                    |
              exits 0         | clearing, then relaunch, again          | STOP run
              exits 1         | clearing, then relaunch, again          | STOP run
              is gone         | clearing, then relaunch, again          | STOP run
              extended        | leaving, again                          |
              deadline        | clearing, then relaunch, again, killing | KILL run

            # clearing, then relaunch
              begin by hand   | clearing, then relaunch, again          |
              halt            | clearing, then clean up                 |
              spawned         | clearing as 42, then relaunch           | STOP run
              cleared         | restarting                              |
              extended        | clearing, then relaunch                 |
              deadline        | clearing, then relaunch, killing        | KILL run

            # clearing, then relaunch, again
              halt            | clearing, then clean up                 |
              spawned         | clearing as 42, then relaunch, again    | STOP run
              cleared         | launching                               | launch run
              extended        | clearing, then relaunch, again          |
              deadline        | clearing, then relaunch, again, killing | KILL run

            # clearing, then relaunch, aborted
              begin by hand   | clearing, then relaunch, again, aborted |
              halt            | clearing, then clean up, aborted        |
              spawned         | clearing as 42, then relaunch, aborted  | ABORT run
              cleared         | restarting                              |
              extended        | clearing, then relaunch, aborted        |
              deadline        | clearing, then relaunch, killing        | KILL run

            # clearing, then up, finished
              halt            | clearing, then clean up                 |
              spawned         | clearing as 42, then up, finished       | STOP run
              cleared         | up, a job                               |
              extended        | clearing, then up, finished             |
              deadline        | clearing, then up, finished, killing    | KILL run

            # clearing, then retry
              begin by hand   | clearing, then retry, again             |
              halt            | clearing, then rest                     |
              spawned         | clearing as 42, then retry              | STOP pre
              cleared         | restarting with pre                     |
              deadline        | clearing, then retry, killing           | KILL pre

            # clearing, then retry, again
              halt            | clearing, then rest                     |
              spawned         | clearing as 42, then retry, again       | STOP pre
              cleared         | preparing                               | launch pre
              deadline        | clearing, then retry, again, killing    | KILL pre

            # clearing, then abandon
              begin           | clearing, then abandon, again           |
              begin by hand   | clearing, then abandon, again           |
              spawned         | clearing as 42, then abandon            | STOP pre
              spawn failed    | clearing, then rest                     |
              exits 0         | clearing, then clean up                 |
              exits 1         | clearing, then rest                     |
              is gone         | clearing, then clean up                 |
              cleared         | down                                    |
              deadline        | clearing, then abandon, killing         | KILL pre

            # clearing, then abandon, again
              halt            | clearing, then abandon                  |
              spawned         | clearing as 42, then abandon, again     | STOP pre
              spawn failed    | clearing, then rest, again              |
              exits 0         | clearing, then clean up, again          |
              exits 1         | clearing, then rest, again              |
              is gone         | clearing, then clean up, again          |
              cleared         | down, to begin again                    |
              deadline        | clearing, then abandon, again, killing  | KILL pre

            # clearing, then clean up
              begin           | clearing, then clean up, again          |
              begin by hand   | clearing, then clean up, again          |
              spawned         | clearing as 42, then clean up           | STOP run
              cleared         | cleaning up                             | launch post
              extended        | clearing, then clean up                 |
              deadline        | clearing, then clean up, killing        | KILL run

            # clearing, then clean up, again
              halt            | clearing, then clean up                 |
              spawned         | clearing as 42, then clean up, again    | STOP run
              cleared         | cleaning up, again                      | launch post
              extended        | clearing, then clean up, again          |
              deadline        | clearing, then clean up, again, killing | KILL run

            # clearing, then clean up, killing
              begin           | clearing, then clean up, again, killing |
              begin by hand   | clearing, then clean up, again, killing |
              spawned         | clearing as 42, then clean up, killing  | KILL run
              cleared         | cleaning up                             | launch post
              deadline        | clearing, then clean up, killing        | KILL run

            # clearing, then rest
              begin           | clearing, then rest, again              |
              begin by hand   | clearing, then rest, again              |
              spawned         | clearing as 42, then rest               | STOP post
              cleared         | down                                    |
              deadline        | clearing, then rest, killing            | KILL post

            # clearing, then rest, again
              halt            | clearing, then rest                     |
              spawned         | clearing as 42, then rest, again        | STOP post
              cleared         | down, to begin again                    |
              deadline        | clearing, then rest, again, killing     | KILL post

            # cleaning up
              begin           | cleaning up, again                      |
              begin by hand   | cleaning up, again                      |
              spawned         | cleaning up as 42                       |
              spawn failed    | clearing, then rest, failed             | STOP post
              exits 0         | clearing, then rest                     | STOP post
              exits 1         | clearing, then rest, failed             | STOP post
              is gone         | cleaning up                             | reap post, launch post
              deadline        | clearing, then rest, failed             | STOP post
              clock stops     | cleaning up, clock stands               |

            # cleaning up, again
              halt            | cleaning up                             |
              spawned         | cleaning up as 42, again                |
              spawn failed    | clearing, then rest, failed, again      | STOP post
              exits 0         | clearing, then rest, again              | STOP post
              exits 1         | clearing, then rest, failed, again      | STOP post
              is gone         | cleaning up, again                      | reap post, launch post
              deadline        | clearing, then rest, failed, again      | STOP post
              clock stops     | cleaning up, clock stands, again        |

            # restarting
              begin by hand   | launching                               | launch run
              halt            | cleaning up                             | launch post
              deadline        | launching                               | launch run

            # restarting with pre
              begin by hand   | preparing                               | launch pre
              halt            | down                                    |
              deadline        | preparing                               | launch pre
            """;

    private static final Draft ALL_SCRIPTS = Draft.of("web").with(PRE, POST);

    /** What the table says of an event: what the state becomes, and what is to be done. */
    record Cell(String becomes, String todo) {}

    private static Map<String, Map<String, Cell>> table() {
        Map<String, Map<String, Cell>> table = new LinkedHashMap<>();
        Map<String, Cell> section = Map.of();
        for (String line : TABLE.lines().filter(l -> !l.isBlank()).toList()) {
            if (line.startsWith("# ")) {
                section = new LinkedHashMap<>();
                assertThat(table.put(line.substring(2), section)).isNull();
            } else {
                String[] columns = line.split("\\|", -1);
                Cell cell = new Cell(columns[1].strip(), columns[2].strip());
                assertThat(section.put(columns[0].strip(), cell)).isNull();
            }
        }
        return table;
    }

    static Stream<Arguments> cells() {
        Map<String, Map<String, Cell>> table = table();
        return states().keySet().stream()
                .flatMap(state -> events().keySet().stream()
                        .map(event -> Arguments.of(
                                state,
                                event,
                                Optional.ofNullable(
                                        table.getOrDefault(state, Map.of()).get(event)))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cells")
    void eachCell(String state, String event, Optional<Cell> cell) {
        Service service = serviceIn(state);

        Step step = next(service, event);

        if (cell.isEmpty()) {
            assertThat(step).isEqualTo(new Step(service, List.of()));
            return;
        }
        assertThat(step).isNotEqualTo(new Step(service, List.of()));
        assertThat(describe(step.service().state())).isEqualTo(cell.get().becomes());
        assertThat(todo(step)).isEqualTo(cell.get().todo());
    }

    @Test
    void theTableKnowsEachStateAndEventAndNoOther() {
        assertThat(table().keySet()).containsExactlyElementsOf(states().keySet());
        assertThat(table().values())
                .allSatisfy(section -> assertThat(events().keySet()).containsAll(section.keySet()));
        assertThat(kinds(states().values())).containsAll(kinds(State.class));
        assertThat(kinds(events().values())).containsAll(kinds(Event.class));
        assertThat(kinds(states().values().stream()
                        .filter(State.Clearing.class::isInstance)
                        .map(state -> ((State.Clearing) state).after())
                        .toList()))
                .containsAll(kinds(After.class));
    }

    private static Set<Class<?>> kinds(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses())
                        .flatMap(kind -> kinds(kind).stream())
                        .collect(Collectors.toSet())
                : Set.of(type);
    }

    private static Set<Class<?>> kinds(Collection<?> things) {
        return things.stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stateNames")
    void eachStateIgnoresWhatAnEarlierLaunchSays(String name) {
        Service service = serviceIn(name);
        List<Event> late = List.of(
                new Event.Spawned(LAUNCH - 1, 42),
                new Event.SpawnFailed(LAUNCH - 1, "late"),
                new Event.ScriptExited(LAUNCH - 1, new Exit.Exited(0)),
                new Event.ScriptExited(LAUNCH - 1, new Exit.Exited(1)),
                new Event.Cleared(LAUNCH - 1, 3),
                new Event.Provided(INCARNATION - 1),
                new Event.Lacking(INCARNATION - 1, "late"),
                new Event.BecameReady(LAUNCH - 1),
                new Event.Extended(LAUNCH - 1, 1),
                new Event.Pinged(LAUNCH - 1),
                new Event.StopAnnounced(LAUNCH - 1),
                new Event.Unhealthy(LAUNCH - 1, "late"));

        for (Event event : late) {
            assertThat(Lifecycle.next(service, event, NOW.toNanos(), FRESH, () -> SECRET))
                    .isEqualTo(new Step(service, List.of()));
        }
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            down                             | stopped
            down, failed                     | failed
            down, to begin again             | starting
            requiring                        | starting
            preparing                        | starting
            preparing, clock stands          | starting
            launching                        | starting
            launching, to say ready          | starting
            up                               | started
            up, watched                      | started
            up, one-shot                     | started
            leaving                          | stopping
            leaving, again                   | stopping
            clearing, then relaunch          | restarting
            clearing, then relaunch, again   | restarting
            clearing, then retry             | restarting
            clearing, then retry, again      | restarting
            clearing, then abandon           | stopping
            clearing, then abandon, again    | stopping
            clearing, then clean up          | stopping
            clearing, then clean up, again   | stopping
            clearing, then clean up, killing | stopping
            clearing, then rest              | stopping
            clearing, then rest, again       | stopping
            cleaning up                      | stopping
            cleaning up, again               | stopping
            restarting                       | restarting
            restarting with pre              | restarting
            """)
    void eachStateHasItsWord(String state, String word) {
        assertThat(serviceIn(state).word().text()).isEqualTo(word);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            ALWAYS     | preparing | exits 1      | clearing, then retry
            ALWAYS     | preparing | spawn failed | clearing, then retry
            ALWAYS     | preparing | deadline     | clearing, then retry
            ON_FAILURE | preparing | exits 1      | clearing, then retry
            ON_FAILURE | preparing | spawn failed | clearing, then retry
            ON_FAILURE | preparing | deadline     | clearing, then retry
            NO         | preparing | exits 1      | clearing, then rest, failed
            NO         | preparing | spawn failed | clearing, then rest, failed
            NO         | preparing | deadline     | clearing, then rest, failed
            ALWAYS     | up        | exits 0      | clearing, then relaunch
            ALWAYS     | up        | exits 1      | clearing, then relaunch
            ALWAYS     | launching | spawn failed | clearing, then relaunch
            ON_FAILURE | up        | exits 0      | clearing, then clean up, finished
            ON_FAILURE | up        | exits 1      | clearing, then relaunch
            ON_FAILURE | launching | spawn failed | clearing, then relaunch
            NO         | up        | exits 0      | clearing, then clean up, finished
            NO         | up        | exits 1      | clearing, then clean up, failed
            ALWAYS     | requiring | lacking      | restarting with pre
            ON_FAILURE | requiring | lacking      | restarting with pre
            NO         | requiring | lacking      | down, failed
            ON_FAILURE | up        | unhealthy    | clearing, then relaunch
            NO         | up        | unhealthy    | clearing, then clean up, failed
            ON_FAILURE | leaving   | exits 0      | clearing, then clean up, finished
            ON_FAILURE | leaving   | exits 1      | clearing, then relaunch
            ON_FAILURE | leaving   | deadline     | clearing, then relaunch, killing
            NO         | leaving   | exits 0      | clearing, then clean up, finished
            NO         | leaving   | deadline     | clearing, then clean up, failed, killing
            NO         | launching | spawn failed | clearing, then clean up, failed
            """)
    void thePolicyDecidesWhatFollows(RestartPolicy policy, String state, String event, String becomes) {
        Definition definition = Draft.of("web").with(PRE, POST).restart(policy).definition();
        Service service = serviceIn(state, definition);

        Step step = next(service, event);

        assertThat(describe(step.service().state())).isEqualTo(becomes);
    }

    /** Verifies the times that are set. */
    @Nested
    class Times {

        @Test
        void preAndPostBeginWithTheirLimit() {
            assertThat(deadlineAfter("down", "begin")).isEqualTo(NOW.plusSeconds(10));
            assertThat(deadlineAfter("restarting", "halt")).isEqualTo(NOW.plusSeconds(10));
        }

        @Test
        void runHasNoDeadline() {
            assertThat(deadlineAfter("preparing", "exits 0")).isEqualTo(Duration.ofNanos(Lifecycle.NEVER));
            assertThat(deadlineAfter("launching", "spawned")).isEqualTo(Duration.ofNanos(Lifecycle.NEVER));
            assertThat(deadlineAfter("up", "begin")).isEqualTo(Duration.ofNanos(Lifecycle.NEVER));
        }

        @Test
        void aStopHasItsGrace() {
            assertThat(deadlineAfter("up", "halt")).isEqualTo(NOW.plusSeconds(10));
        }

        @Test
        void killIsRepeatedAfterAnotherGrace() {
            assertThat(deadlineAfter("clearing, then clean up", "deadline")).isEqualTo(NOW.plusSeconds(10));
        }

        @Test
        void nothingThatHappensDuringAStopMovesItsGrace() {
            Duration grace =
                    Duration.ofNanos(serviceIn("clearing, then relaunch").deadline());

            for (String event : List.of("begin by hand", "halt", "spawned", "exits 0")) {
                assertThat(deadlineAfter("clearing, then relaunch", event)).isEqualTo(grace);
            }
        }

        @Test
        void whatIsDownWaitsForNothing() {
            assertThat(deadlineAfter("restarting with pre", "halt")).isEqualTo(Duration.ofNanos(Lifecycle.NEVER));
        }

        @Test
        void aClockThatStandsHasNoDeadlineAndGoesOnWithWhatWasLeft() {
            TimeLimit limit = TimeLimit.at(100);

            TimeLimit stopped = limit.stop(40);
            TimeLimit resumed = stopped.resume(1000);

            assertThat(stopped.deadline()).isEqualTo(Lifecycle.NEVER);
            assertThat(resumed).isEqualTo(TimeLimit.at(1060));
        }

        @Test
        void aClockThatStoodTooLateHasNothingLeft() {
            assertThat(TimeLimit.at(100).stop(140).resume(1000)).isEqualTo(TimeLimit.at(1000));
        }

        @Test
        void aClockThatRunsIsNotResumedAndWithoutALimitNotStopped() {
            assertThat(TimeLimit.at(100).resume(50)).isEqualTo(TimeLimit.at(100));
            assertThat(TimeLimit.NONE.stop(50)).isEqualTo(TimeLimit.NONE);
            assertThat(TimeLimit.NONE.stopped()).isFalse();
        }

        private Duration deadlineAfter(String state, String event) {
            Service service = serviceIn(state);
            Step step = next(service, event);
            return Duration.ofNanos(step.service().deadline());
        }
    }

    /** Verifies which numbers are given. */
    @Nested
    class Numbers {

        @Test
        void anIncarnationThatBeginsHasAFreshNumber() {
            Step step = step("down", "begin");

            assertThat(step.service().life()).map(Life::incarnation).contains(FRESH);
            assertThat(step.service().life()).flatMap(Life::secret).contains(SECRET);
            assertThat(step.service().launch()).isEqualTo(FRESH);
            assertThat(step.service().attempt()).isEqualTo(1);
        }

        @Test
        void aScriptOfTheSameLifeHasAFreshLaunchAlone() {
            for (Step step : List.of(step("preparing", "exits 0"), step("restarting", "deadline"))) {
                assertThat(step.service().life()).map(Life::incarnation).contains(INCARNATION);
                assertThat(step.service().launch()).isEqualTo(FRESH);
            }
        }

        @Test
        void aRetryOfPreIsANewIncarnation() {
            assertThat(step("restarting with pre", "deadline").service().life())
                    .map(Life::incarnation)
                    .contains(FRESH);
        }

        @Test
        void eachWayUpIsAnAttempt() {
            assertThat(step("restarting", "deadline").service().attempt()).isEqualTo(1);
            assertThat(step("restarting with pre", "begin by hand").service().attempt())
                    .isEqualTo(1);
            assertThat(step("preparing", "exits 0").service().attempt()).isZero();
        }

        @Test
        void pidsAreThoseThatTheKernelSaid() {
            assertThat(step("preparing", "spawned").service().run())
                    .map(Run::pid)
                    .contains(42);
            assertThat(step("launching", "spawned").service().run())
                    .map(Run::pid)
                    .contains(42);
            assertThat(step("cleaning up", "spawned").service().run())
                    .map(Run::pid)
                    .contains(42);
        }

        @Test
        void whoIsLeftAliveIsCounted() {
            assertThat(step("clearing, then rest", "cleared").service().leftAlive())
                    .isEqualTo(3);
        }

        private Step step(String state, String event) {
            return next(serviceIn(state), event);
        }
    }

    /** Verifies services that lack a script. */
    @Nested
    class MissingScripts {

        @Test
        void withoutPreRunComesFirst() {
            assertThat(next(Draft.of("web"), "down", "begin")).isEqualTo("launching: launch run");
        }

        @Test
        void withoutRunAServiceIsUpOncePreSucceeded() {
            assertThat(next(Draft.of("web").with(PRE, POST).without(RUN), "preparing", "exits 0"))
                    .isEqualTo("up, one-shot: reap pre");
        }

        @Test
        void withoutAnyScriptItIsUpAtOnce() {
            assertThat(next(Draft.of("web").without(RUN), "down", "begin")).isEqualTo("up, one-shot: ");
        }

        @Test
        void withoutPostAStopEndsWithTheClearing() {
            assertThat(next(Draft.of("web"), "clearing, then clean up", "cleared"))
                    .isEqualTo("down: ");
        }

        @Test
        void withoutPostAOneShotIsClearedOfWhatPreLeftBehind() {
            assertThat(next(Draft.of("web").with(PRE).without(RUN), "up, one-shot", "halt"))
                    .isEqualTo("clearing, then rest: STOP post");
        }

        @Test
        void withoutPostAStopWhileRestartingClearsWhatRunLeftBehind() {
            assertThat(next(Draft.of("web"), "restarting", "halt")).isEqualTo("clearing, then rest: STOP post");
        }

        private String next(Draft draft, String state, String event) {
            Step step = LifecycleTest.next(serviceIn(state, draft.definition()), event);
            return describe(step.service().state()) + ": " + todo(step);
        }
    }

    /** Verifies what users are told. */
    @Nested
    class Words {

        @Test
        void ofExits() {
            assertThat(new Exit.Exited(42).phrase()).isEqualTo("exited 42");
            assertThat(new Exit.Killed("SEGV").phrase()).isEqualTo("was killed by SIGSEGV");
            assertThat(new Exit.OutOfMemory(new Exit.Killed("KILL")).phrase())
                    .isEqualTo("was killed by SIGKILL (out of memory)");
            assertThat(new Exit.Unknown().phrase()).isEqualTo("ended with unknown exit status");
        }

        @Test
        void onlyExitZeroIsASuccess() {
            assertThat(new Exit.Exited(0).success()).isTrue();
            assertThat(new Exit.Exited(1).success()).isFalse();
            assertThat(new Exit.Killed("TERM").success()).isFalse();
            assertThat(new Exit.OutOfMemory(new Exit.Exited(1)).mayBeSuccess()).isFalse();
            assertThat(new Exit.Unknown().success()).isFalse();
        }

        @Test
        void ofAStopThatHidesNothing() {
            Ending unclean = new Ending(Word.FAILED, false, "post exited 1");

            assertThat(Ending.failed("run exited 1").halted()).isEqualTo(Ending.STOPPED);
            assertThat(unclean.halted()).isEqualTo(unclean);
            assertThat(new After.Rest(unclean).halted()).isEqualTo(new After.Rest(unclean));
            assertThat(new After.CleanUp(unclean).halted()).isEqualTo(new After.CleanUp(unclean));
        }

        @Test
        void whatHappenedIsSaidUntilTheNextAttempt() {
            assertThat(serviceIn("restarting").detail()).isEqualTo("it died");
            assertThat(serviceIn("clearing, then relaunch").detail()).isEqualTo("it died");
            assertThat(serviceIn("cleaning up").detail()).isEmpty();
            assertThat(serviceIn("down, failed").detail()).isEqualTo("it died");
            assertThat(serviceIn("preparing").detail()).isEmpty();
            assertThat(serviceIn("launching").detail()).isEmpty();
            assertThat(serviceIn("up").detail()).isEmpty();
        }
    }

    // The samples.

    private static Stream<String> stateNames() {
        return states().keySet().stream();
    }

    private static Service serviceIn(String state) {
        return serviceIn(state, ALL_SCRIPTS.definition());
    }

    private static Service serviceIn(String state, Definition definition) {
        return Service.of(definition)
                .in(Objects.requireNonNull(states(definition).get(state), state));
    }

    private static Step next(Service service, String event) {
        Event happened = Objects.requireNonNull(events(service.latest()).get(event), event);
        return Lifecycle.next(service, happened, NOW.toNanos(), FRESH, () -> SECRET);
    }

    private static Map<String, State> states() {
        return states(ALL_SCRIPTS.definition());
    }

    private static Map<String, State> states(Definition definition) {
        Life life = new Life(INCARNATION, definition);
        Life watched = new Life(
                INCARNATION,
                Draft.of("web")
                        .with(PRE, POST)
                        .saysReady(Duration.ofMinutes(1))
                        .watchdog(Duration.ofSeconds(30))
                        .definition());
        Life job = new Life(
                INCARNATION,
                Draft.of("web")
                        .with(PRE, POST)
                        .restart(RestartPolicy.ON_FAILURE)
                        .job()
                        .definition());
        Ending died = Ending.failed("it died");
        Ending finished = new Ending(Word.FINISHED, true, "run exited 0");
        Ending stopped = Ending.STOPPED;
        Map<String, State> states = new LinkedHashMap<>();
        states.put("down", new State.Down(stopped, false));
        states.put("down, failed", new State.Down(died, false));
        states.put("down, to begin again", new State.Down(stopped, true));
        states.put("requiring", new State.Requiring(life));
        states.put("preparing", new State.Preparing(life, script(PRE)));
        states.put(
                "preparing, clock stands", new State.Preparing(life, script(PRE).limited(limit().stop(0))));
        states.put("launching", new State.Launching(life, script(RUN)));
        states.put("launching, to say ready", new State.Launching(watched, script(RUN)));
        states.put("launching, a job", new State.Launching(job, script(RUN)));
        states.put("up", new State.Up(life, Optional.of(script(RUN).limited(TimeLimit.NONE))));
        states.put("up, watched", new State.Up(watched, Optional.of(script(RUN))));
        states.put("up, one-shot", new State.Up(life, Optional.empty()));
        states.put("up, a job", new State.Up(job, Optional.empty()));
        states.put("leaving", new State.Leaving(life, script(RUN), false, NOW.toNanos()));
        states.put("leaving, again", new State.Leaving(life, script(RUN), true, NOW.toNanos()));
        states.put(
                "clearing, then relaunch",
                clearing(life, RUN, new After.Relaunch(died, OptionalLong.empty()), false, Signal.STOP));
        states.put(
                "clearing, then relaunch, again",
                clearing(life, RUN, new After.Relaunch(died, OptionalLong.empty()), true, Signal.STOP));
        states.put(
                "clearing, then relaunch, aborted",
                clearing(life, RUN, new After.Relaunch(died, OptionalLong.empty()), false, Signal.ABORT));
        states.put("clearing, then up, finished", clearing(job, RUN, new After.Finish(finished), false, Signal.STOP));
        states.put("clearing, then retry", clearing(life, PRE, new After.Retry(died), false, Signal.STOP));
        states.put("clearing, then retry, again", clearing(life, PRE, new After.Retry(died), true, Signal.STOP));
        states.put("clearing, then abandon", clearing(life, PRE, new After.Abandon(stopped), false, Signal.STOP));
        states.put("clearing, then abandon, again", clearing(life, PRE, new After.Abandon(stopped), true, Signal.STOP));
        states.put("clearing, then clean up", clearing(life, RUN, new After.CleanUp(stopped), false, Signal.STOP));
        states.put(
                "clearing, then clean up, again", clearing(life, RUN, new After.CleanUp(stopped), true, Signal.STOP));
        states.put(
                "clearing, then clean up, killing",
                clearing(life, RUN, new After.CleanUp(stopped), false, Signal.KILL));
        states.put("clearing, then rest", clearing(life, POST, new After.Rest(stopped), false, Signal.STOP));
        states.put("clearing, then rest, again", clearing(life, POST, new After.Rest(stopped), true, Signal.STOP));
        states.put("cleaning up", new State.CleaningUp(life, script(POST), stopped, false));
        states.put("cleaning up, again", new State.CleaningUp(life, script(POST), stopped, true));
        states.put("restarting", new State.Restarting(Optional.of(life), died, NOW.toNanos()));
        states.put("restarting with pre", new State.Restarting(Optional.empty(), died, NOW.toNanos()));
        return states;
    }

    private static State clearing(Life life, Script script, After after, boolean again, Signal sent) {
        return new State.Clearing(
                life, script(script), after, again, sent, NOW.plusMillis(300).toNanos());
    }

    private static Run script(Script script) {
        return new Run(LAUNCH, script, 0, NOW.minusSeconds(1).toNanos(), limit());
    }

    private static TimeLimit limit() {
        return TimeLimit.at(NOW.plusSeconds(9).toNanos());
    }

    private static Map<String, Event> events() {
        return events(ALL_SCRIPTS.definition());
    }

    private static Map<String, Event> events(Definition definition) {
        Map<String, Event> events = new LinkedHashMap<>();
        events.put("begin", new Event.Begin(definition, false));
        events.put("begin by hand", new Event.Begin(definition, true));
        events.put("halt", new Event.Halt());
        events.put("provided", new Event.Provided(INCARNATION));
        events.put("lacking", new Event.Lacking(INCARNATION, "requires db: it died"));
        events.put("spawned", new Event.Spawned(LAUNCH, 42));
        events.put("spawn failed", new Event.SpawnFailed(LAUNCH, "no such file"));
        events.put("exits 0", new Event.ScriptExited(LAUNCH, new Exit.Exited(0)));
        events.put("exits 1", new Event.ScriptExited(LAUNCH, new Exit.Exited(1)));
        events.put("is gone", new Event.ScriptExited(LAUNCH, new Exit.Unknown()));
        events.put("cleared", new Event.Cleared(LAUNCH, 3));
        events.put("ready", new Event.BecameReady(LAUNCH));
        events.put("extended", new Event.Extended(LAUNCH, 20_000_000_000L));
        events.put("pinged", new Event.Pinged(LAUNCH));
        events.put("leaving", new Event.StopAnnounced(LAUNCH));
        events.put("unhealthy", new Event.Unhealthy(LAUNCH, "it is ill"));
        events.put("deadline", new Event.DeadlinePassed());
        events.put("clock stops", new Event.ClockStopped());
        events.put("clock resumes", new Event.ClockResumed());
        return events;
    }

    // The words of the table.

    private static String describe(State state) {
        return switch (state) {
            case State.Down(Ending ending, boolean again, Optional<RunEnd> _) ->
                "down" + describe(ending) + (again ? ", to begin again" : "");
            case State.Requiring s -> "requiring";
            case State.Preparing s -> "preparing" + describe(s.pre());
            case State.Launching(Life life, Run run, boolean unheard) ->
                "launching" + process(run)
                        + (life.isJob() ? ", a job" : life.definition().ready().isPresent() ? ", to say ready" : "")
                        + clock(run);
            case State.Up s ->
                "up"
                        + s.run()
                                .map(run -> process(run) + (run.limit().equals(TimeLimit.NONE) ? "" : ", watched"))
                                .orElse(s.life().isJob() ? ", a job" : ", one-shot");
            case State.Leaving s -> "leaving" + process(s.run()) + (s.again() ? ", again" : "");
            case State.Clearing s ->
                "clearing" + process(s.of()) + ", then " + describe(s.after()) + (s.again() ? ", again" : "")
                        + switch (s.sent()) {
                            case STOP -> "";
                            case ABORT -> ", aborted";
                            case KILL -> ", killing";
                        };
            case State.CleaningUp s -> "cleaning up" + describe(s.post()) + (s.again() ? ", again" : "");
            case State.Restarting s -> "restarting" + (s.life().isPresent() ? "" : " with pre");
        };
    }

    private static String describe(Run run) {
        return process(run) + clock(run);
    }

    private static String clock(Run run) {
        return run.limit().stopped() ? ", clock stands" : "";
    }

    private static String process(Run run) {
        return run.pid() == 0 ? "" : " as " + run.pid();
    }

    private static String describe(After after) {
        return switch (after) {
            case After.Relaunch(Ending ending, OptionalLong launched) -> "relaunch";
            case After.Retry(Ending ending) -> "retry";
            case After.Abandon(Ending ending) -> "abandon" + describe(ending);
            case After.Finish(Ending ending) -> "up" + describe(ending);
            case After.CleanUp(Ending ending) -> "clean up" + describe(ending);
            case After.Rest(Ending ending) -> "rest" + describe(ending);
        };
    }

    private static String describe(Ending ending) {
        return ending.word() == Word.STOPPED ? "" : ", " + ending.word().text();
    }

    private static String todo(Step step) {
        Service service = step.service();
        return step.effects().stream()
                .map(effect -> switch (effect) {
                    case Effect.CheckHealth check -> "check health";
                    case Effect.Launch launch -> "launch " + launch.script().fileName();
                    case Effect.End end ->
                        end.signal() + " "
                                + service.run().orElseThrow().script().fileName();
                    case Effect.Reap reap -> service.state() instanceof State.CleaningUp ? "reap post" : "reap pre";
                    case Effect.Adopt adopt -> "adopt " + adopt.run().script().fileName();
                    case Effect.Warn warn -> "warn: " + warn.what();
                })
                .collect(Collectors.joining(", "));
    }
}
