package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is known of one service but its holds.
 *
 * @param latest what its directory said when it was last read; the next incarnation begins with it
 * @param pinned whether it was started manually and not stopped since
 * @param heldDown whether it was stopped manually although somebody holds it
 * @param attempt how often it was tried to bring it up; a request waits for one attempt
 * @param leftAlive how many processes the last stop left alive on purpose
 * @param lingersUntil when it goes down though it is up, because its last hold went; {@link Lifecycle#NEVER} while
 *     somebody wants it
 * @param history the failures that count
 * @param failure for whose failure it was started last; empty if it was started otherwise since
 */
public record Service(
        ServiceName name,
        Definition latest,
        boolean pinned,
        boolean heldDown,
        long attempt,
        int leftAlive,
        long lingersUntil,
        History history,
        State state,
        Optional<Failure> failure) {

    /** One that was not started for a failure. */
    public Service(
            ServiceName name,
            Definition latest,
            boolean pinned,
            boolean heldDown,
            long attempt,
            int leftAlive,
            long lingersUntil,
            History history,
            State state) {
        this(name, latest, pinned, heldDown, attempt, leftAlive, lingersUntil, history, state, Optional.empty());
    }

    static Service of(Definition definition) {
        return new Service(
                definition.name(),
                definition,
                false,
                false,
                0,
                0,
                Lifecycle.NEVER,
                History.NONE,
                new State.Down(Ending.STOPPED, false));
    }

    /** Once it is down, it was not started for a failure any more. */
    Service in(State newState) {
        boolean isOver = newState instanceof State.Down down && !down.again();
        Optional<Failure> reason = isOver ? Optional.empty() : failure;
        return new Service(name, latest, pinned, heldDown, attempt, leftAlive, lingersUntil, history, newState, reason);
    }

    Service with(History newHistory) {
        return new Service(
                name, latest, pinned, heldDown, attempt, leftAlive, lingersUntil, newHistory, state, failure);
    }

    Service read(Definition newest) {
        return new Service(name, newest, pinned, heldDown, attempt, leftAlive, lingersUntil, history, state, failure);
    }

    Service pinned(boolean isPinned) {
        return new Service(name, latest, isPinned, heldDown, attempt, leftAlive, lingersUntil, history, state, failure);
    }

    Service heldDown(boolean isHeldDown) {
        return new Service(name, latest, pinned, isHeldDown, attempt, leftAlive, lingersUntil, history, state, failure);
    }

    Service attempting() {
        return new Service(name, latest, pinned, heldDown, attempt + 1, 0, lingersUntil, history, state, failure);
    }

    Service leaving(int newLeftAlive) {
        return new Service(
                name, latest, pinned, heldDown, attempt, newLeftAlive, lingersUntil, history, state, failure);
    }

    Service lingering(long until) {
        return new Service(name, latest, pinned, heldDown, attempt, leftAlive, until, history, state, failure);
    }

    Service startedFor(Optional<Failure> newFailure) {
        return new Service(
                name, latest, pinned, heldDown, attempt, leftAlive, lingersUntil, history, state, newFailure);
    }

    /** Whether a start for a failure has anything to do: neither is it up, nor will it be; or it is a job that has finished. */
    boolean canBeStartedForFailure() {
        return !headsUp() || (state instanceof State.Up(Life life, Optional<Run> run) && run.isEmpty() && life.isJob());
    }

    /** Whether nothing was ever asked of it: all that is known is what its directory says. */
    boolean isUntouched() {
        return equals(of(latest));
    }

    /** As {@code equals}, but rarely as slow as that: it compares all that a state knows by a chain of method handles. */
    @SuppressWarnings("ReferenceEquality")
    boolean isStill(Service before) {
        boolean isSame = latest == before.latest && history == before.history && state == before.state;
        return pinned == before.pinned
                && heldDown == before.heldDown
                && attempt == before.attempt
                && leftAlive == before.leftAlive
                && lingersUntil == before.lingersUntil
                && failure.equals(before.failure)
                && (isSame || (state.getClass() == before.state.getClass() && equals(before)));
    }

    /** Whether its directory says something else by now than what the living incarnation began with. */
    public boolean isNewerOnDisk() {
        return life().filter(life -> !Objects.equals(life.definition(), latest)).isPresent();
    }

    /** How much longer it is kept though nobody holds it; empty while somebody wants it, or if it is not up. */
    public Optional<Duration> lingers(long now) {
        return isLingering() ? Optional.of(Duration.ofNanos(Math.max(0, lingersUntil - now))) : Optional.empty();
    }

    boolean isLingering() {
        return lingersUntil != Lifecycle.NEVER;
    }

    /** How long it is kept once its last hold has gone, nanoseconds; 0 if it is not up. */
    long lingerNanos() {
        return state instanceof State.Up up ? up.life().definition().linger().toNanos() : 0;
    }

    /** The word that users see. */
    public Word word() {
        return switch (state) {
            case State.Down(Ending ending, boolean again, Optional<RunEnd> _) -> again ? Word.STARTING : ending.word();
            case State.Requiring _, State.Preparing _, State.Launching _ -> Word.STARTING;
            case State.Up s -> s.life().isJob() ? Word.FINISHED : Word.STARTED;
            case State.Clearing s ->
                s.after() instanceof After.Finish
                        ? Word.STARTING
                        : s.after().leadsUp() ? Word.RESTARTING : Word.STOPPING;
            case State.Leaving _, State.CleaningUp _ -> Word.STOPPING;
            case State.Restarting _ -> Word.RESTARTING;
        };
    }

    /** The incarnation that lives, if one does. */
    public Optional<Life> life() {
        return switch (state) {
            case State.Down _ -> Optional.empty();
            case State.Requiring s -> Optional.of(s.life());
            case State.Preparing s -> Optional.of(s.life());
            case State.Launching s -> Optional.of(s.life());
            case State.Up s -> Optional.of(s.life());
            case State.Leaving s -> Optional.of(s.life());
            case State.Clearing s -> Optional.of(s.life());
            case State.CleaningUp s -> Optional.of(s.life());
            case State.Restarting s -> s.life();
        };
    }

    /** The script that was last told to run and is not done with. */
    public Optional<Run> run() {
        return switch (state) {
            case State.Down _, State.Requiring _, State.Restarting _ -> Optional.empty();
            case State.Preparing s -> Optional.of(s.pre());
            case State.Launching s -> Optional.of(s.run());
            case State.Up s -> s.run();
            case State.Leaving s -> Optional.of(s.run());
            case State.Clearing s -> Optional.of(s.of());
            case State.CleaningUp s -> Optional.of(s.post());
        };
    }

    /** The number of {@link #life()}, 0 if there is none. */
    long incarnation() {
        return life().map(Life::incarnation).orElse(0L);
    }

    /** The number of {@link #run()}, 0 if there is none. */
    long launch() {
        return run().map(Run::launch).orElse(0L);
    }

    /** What happened last, if there is something to say; else empty text. */
    public String detail() {
        return switch (state) {
            case State.Down s -> s.ending().detail();
            case State.Restarting s -> s.death().detail();
            case State.Clearing s ->
                s.after() instanceof After.Finish ? "" : s.after().ending().detail();
            case State.CleaningUp s -> s.ending().detail();
            case State.Up s -> s.life().isJob() ? lastExit() : "";
            case State.Requiring _, State.Preparing _, State.Launching _, State.Leaving _ -> "";
        };
    }

    private String lastExit() {
        return end().flatMap(RunEnd::exit).map(exit -> "run " + exit.phrase()).orElse("");
    }

    /** How {@code run} ended last, in the life that it has or had last; empty if that is not known. */
    public Optional<RunEnd> end() {
        return state instanceof State.Down down ? down.end() : life().flatMap(Life::end);
    }

    /** When something is due in its state though nothing happens; {@link Lifecycle#NEVER} if nothing is. */
    public long deadline() {
        return switch (state) {
            case State.Preparing s -> s.pre().limit().deadline();
            case State.Launching s -> s.run().limit().deadline();
            case State.CleaningUp s -> s.post().limit().deadline();
            case State.Up s -> s.run().map(run -> run.limit().deadline()).orElse(Lifecycle.NEVER);
            case State.Leaving s -> s.deadline();
            case State.Clearing s -> s.deadline();
            case State.Restarting s -> s.deadline();
            case State.Down _, State.Requiring _ -> Lifecycle.NEVER;
        };
    }

    /** Whether it is up, on its way up, or will be without being asked again. */
    boolean headsUp() {
        return switch (state) {
            case State.Down s -> s.again();
            case State.Clearing s -> s.again() || s.after().leadsUp() || s.after() instanceof After.Finish;
            case State.CleaningUp s -> s.again();
            case State.Requiring _, State.Preparing _, State.Launching _, State.Up _, State.Restarting _ -> true;
            case State.Leaving _ -> true; // as far as one knows
        };
    }

    /** Whether a way up that was begun is still open: a request of now waits for this attempt. */
    boolean attemptIsOpen() {
        return word() == Word.STARTING && !isDown();
    }

    /** Whether it was told to stop and is down, or will be, with no way back up. */
    boolean isStopped() {
        return !headsUp()
                && switch (state) {
                    case State.Down s -> s.ending().word() == Word.STOPPED;
                    case State.Clearing s -> s.after().ending().word() == Word.STOPPED;
                    case State.CleaningUp s -> s.ending().word() == Word.STOPPED;
                    case State.Requiring _, State.Preparing _, State.Launching _ -> false;
                    case State.Up _, State.Leaving _, State.Restarting _ -> false;
                };
    }

    boolean isUp() {
        return state instanceof State.Up;
    }

    /** Whether it has no process and is not about to get one: it is down, or a job that has finished. */
    public boolean isAtEnd() {
        return isDown() || hasFinished();
    }

    /** Whether a job has finished, so that it is up, and a start manually is another launch all the same. */
    boolean hasFinished() {
        return state instanceof State.Up up && up.life().isJob();
    }

    /** Whether it is down because something failed, and does not begin again. */
    boolean hasFailedForGood() {
        return isDown() && word() == Word.FAILED;
    }

    boolean isDown() {
        return state instanceof State.Down;
    }

    /** Whether the clock of its script stands still because of a waiting request. */
    boolean clockStands() {
        return run().map(r -> r.limit().stopped()).orElse(false);
    }

    /** Whether its script has a clock that a waiting request may stop. */
    boolean hasClock() {
        return switch (state) {
            case State.Preparing _, State.CleaningUp _ -> true;
            case State.Launching s -> !s.run().limit().isNone();
            case State.Down _, State.Requiring _, State.Up _ -> false;
            case State.Leaving _, State.Clearing _, State.Restarting _ -> false;
        };
    }
}
