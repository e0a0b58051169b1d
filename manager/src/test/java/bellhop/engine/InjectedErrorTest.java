package bellhop.engine;

import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Word;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.linux.Epoll;
import bellhop.linux.Wakeup;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that an error inside fails the one service that it concerns, is told with its cause, and ends nothing else. */
@Timeout(120)
class InjectedErrorTest {

    @TempDir
    Path home;

    private LiveEngine engine;

    @BeforeEach
    void startEngine() throws Exception {
        engine = new LiveEngine(home);
        engine.script("good", Script.RUN, "exec sleep 1000").script("bad", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("good"));
    }

    @AfterEach
    void closeEngine() throws Exception {
        engine.close();
    }

    static Stream<Throwable> errors() {
        return Stream.of(
                new IllegalStateException("injected"),
                new StackOverflowError("injected"),
                new NoClassDefFoundError("injected"),
                new AssertionError("injected"));
    }

    /** Lets the loop fail once, when the record of a service that is like this is to be written. */
    private void failOnce(Predicate<Service> when, Throwable error) {
        AtomicInteger times = new AtomicInteger();
        engine.beforeSaving(service -> {
            if (service.name().toString().equals("bad") && when.test(service) && times.getAndIncrement() == 0) {
                if (error instanceof Error e) {
                    throw e;
                }
                throw (RuntimeException) error;
            }
        });
    }

    private void goesOn() throws Exception {
        assertThat(engine.service("good").word()).isEqualTo(Word.STARTED);
        engine.script("next", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("next"));
        succeeds(engine.stop("next"));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatCannotBeCarriedOutFailsTheService(Throwable error) throws Exception {
        engine.restart("bad", RestartPolicy.NO);
        failOnce(service -> service.state() instanceof State.Up, error);

        succeeds(engine.start("bad"));

        Service failed = engine.await("bad", Word.FAILED);
        assertThat(failed.detail()).contains("internal error at bad: Save: " + error);
        assertThat(engine.warnings())
                .anyMatch(line -> line.startsWith("internal error at bad: Save: " + error + " at "));
        goesOn();
        succeeds(engine.start("bad"));
        engine.await("bad", Word.STARTED);
    }

    @Test
    void aServiceThatIsRestartedIsRestartedAfterAnErrorInsideToo() throws Exception {
        failOnce(service -> service.state() instanceof State.Up, new IllegalStateException("injected"));

        succeeds(engine.start("bad"));
        engine.await("bad", Word.RESTARTING);

        engine.await("bad", Word.STARTED);
        goesOn();
    }

    @Test
    void aStartThatAnErrorMeetsIsAnswered() throws Exception {
        engine.restart("bad", RestartPolicy.NO).script("bad", Script.PRE, "sleep 1000");
        failOnce(service -> service.state() instanceof State.Preparing, new IllegalStateException("injected"));

        assertThat(answer(engine.start("bad")).failures())
                .singleElement()
                .asString()
                .contains("bad: pre could not be run: internal error at bad: Save");
        goesOn();
    }

    @Test
    void anEventThatCannotBeToldFailsTheService() throws Exception {
        engine.restart("bad", RestartPolicy.NO).script("bad", Script.RUN, "exit 0");
        engine.onExit(name -> {
            if (name.toString().equals("bad")) {
                throw new IllegalStateException("injected");
            }
        });

        succeeds(engine.start("bad"));

        assertThat(engine.await("bad", Word.FAILED).detail()).contains("internal error at bad: ScriptExited: ");
        goesOn();
    }

    @Test
    void aHandlerThatFailsIsAskedAgainLaterAndTheOthersAtOnce() throws Exception {
        CountDownLatch calls = new CountDownLatch(2);
        try (Wakeup wakeup = Wakeup.open()) {
            wakeup.wake();
            Runnable end = engine.inOneRound(() -> engine.watch(wakeup.fd(), Epoll.IN, events -> {
                calls.countDown();
                throw new IllegalStateException("injected");
            }));
            goesOn();

            assertThat(calls.await(60, TimeUnit.SECONDS)).isTrue();
            engine.inOneRound(() -> {
                end.run();
                return true;
            });
        }
        assertThat(engine.warnings())
                .allMatch(line -> line.startsWith("internal error at an event of descriptor "))
                .hasSizeLessThan(100);
    }
}
