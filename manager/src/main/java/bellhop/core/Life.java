package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.KillMode;
import bellhop.definition.Ready;
import java.time.Duration;
import java.util.Optional;

/**
 * One incarnation.
 *
 * @param incarnation its number, never reused
 * @param definition what it began with, used to its end
 * @param secret what only its own processes and root know; an earlier image began lives without one
 * @param end how its last launch of {@code run} ended, or is ending; empty if it has not, or never was one
 * @param failure for whose failure it was begun; empty if it was begun otherwise
 */
public record Life(
        long incarnation,
        Definition definition,
        Optional<String> secret,
        Optional<RunEnd> end,
        Optional<Failure> failure) {
    /** One that was not begun for a failure. */
    public Life(long incarnation, Definition definition, Optional<String> secret, Optional<RunEnd> end) {
        this(incarnation, definition, secret, end, Optional.empty());
    }

    /** One that begins. */
    public Life(long incarnation, Definition definition, Optional<String> secret) {
        this(incarnation, definition, secret, Optional.empty());
    }

    /** One without a secret. */
    public Life(long incarnation, Definition definition) {
        this(incarnation, definition, Optional.empty());
    }

    /** The same, begun for this. */
    Life startedFor(Optional<Failure> newFailure) {
        return new Life(incarnation, definition, secret, end, newFailure);
    }

    /** The same, of which {@code run} is ended for this reason. */
    Life ending(RunResult result) {
        return with(new RunEnd(result, Optional.empty()));
    }

    /** The same, of which {@code run} has ended by itself. */
    Life ended(Exit exit, boolean isSuccess) {
        return with(new RunEnd(RunResult.of(exit, isSuccess), Optional.of(exit)));
    }

    /** The same, of which {@code run} has ended like this after it was ended. */
    Life seen(Exit exit) {
        return end.map(it -> with(new RunEnd(it.result(), Optional.of(exit)))).orElse(this);
    }

    /** The same; if nothing is known of an end of {@code run}, what the end of the life says of it. */
    Life endedAs(Ending ending) {
        return end.isPresent() ? this : ending(RunResult.of(ending));
    }

    private Life with(RunEnd newEnd) {
        return new Life(incarnation, definition, secret, Optional.of(newEnd), failure);
    }

    /** Without the secret: it is nobody's to read. */
    @Override
    public String toString() {
        return "Life[incarnation=" + incarnation + ", definition=" + definition + "]";
    }

    KillMode reach() {
        return definition.stop().killMode();
    }

    long graceNanos() {
        return definition.stop().gracePeriod().toNanos();
    }

    /** How long {@code run} may give no sign of life once it is up; {@link Lifecycle#NEVER} without a watchdog. */
    long watchdogNanos() {
        return definition.ready().orElse(null) instanceof Ready.Notify(Optional<Duration> watchdog)
                ? watchdog.map(Duration::toNanos).orElse(Lifecycle.NEVER)
                : Lifecycle.NEVER;
    }

    /** Whether {@code run} has done what it had to do, if it ends like this. */
    boolean isSuccess(Exit exit) {
        boolean isNamed = definition
                .exits()
                .filter(rules -> exit.isAmong(rules.success()))
                .isPresent();
        return exit.success() || (isNamed && !(exit instanceof Exit.OutOfMemory));
    }

    /** Whether {@code run} is not started again, if it ends like this. */
    boolean preventsRestart(Exit exit) {
        return definition.exits().filter(rules -> exit.isAmong(rules.prevent())).isPresent();
    }

    /** Whether {@code run} has to say that it is ready, or to end for it. */
    boolean saysReady() {
        return definition.ready().isPresent();
    }

    /** Whether {@code run} is a job: the service is up once it has ended well. */
    boolean isJob() {
        return definition.ready().orElse(null) instanceof Ready.Finished;
    }
}
