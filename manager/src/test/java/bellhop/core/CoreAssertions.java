package bellhop.core;

import bellhop.core.Workbench.Ticket;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;

/** What tests of the core say about services and requests. */
final class CoreAssertions {

    private CoreAssertions() {}

    static ServiceAssert assertThat(Workbench bench, String service) {
        return new ServiceAssert(bench, service);
    }

    static TicketAssert assertThat(Ticket ticket) {
        return new TicketAssert(ticket);
    }

    static final class ServiceAssert extends AbstractAssert<ServiceAssert, Service> {
        private final Workbench bench;
        private final String name;

        ServiceAssert(Workbench bench, String name) {
            super(bench.serviceNow(name), ServiceAssert.class);
            this.bench = bench;
            this.name = name;
            as(name);
        }

        ServiceAssert is(Word word) {
            Assertions.assertThat(actual.word())
                    .as("%s: %s", name, actual.state())
                    .isEqualTo(word);
            return this;
        }

        ServiceAssert isStopped() {
            return is(Word.STOPPED);
        }

        ServiceAssert isStarting() {
            return is(Word.STARTING);
        }

        ServiceAssert isStarted() {
            return is(Word.STARTED);
        }

        ServiceAssert isRestarting() {
            return is(Word.RESTARTING);
        }

        ServiceAssert isStopping() {
            return is(Word.STOPPING);
        }

        ServiceAssert isFailed() {
            return is(Word.FAILED);
        }

        ServiceAssert isFinished() {
            return is(Word.FINISHED);
        }

        ServiceAssert says(String detail) {
            Assertions.assertThat(actual.detail()).as(name).isEqualTo(detail);
            return this;
        }

        ServiceAssert isPinned() {
            Assertions.assertThat(actual.pinned()).as("%s is pinned", name).isTrue();
            return this;
        }

        ServiceAssert isNotPinned() {
            Assertions.assertThat(actual.pinned()).as("%s is pinned", name).isFalse();
            return this;
        }

        ServiceAssert isHeldDown() {
            Assertions.assertThat(actual.heldDown()).as("%s is held down", name).isTrue();
            return this;
        }

        ServiceAssert isNotHeldDown() {
            Assertions.assertThat(actual.heldDown()).as("%s is held down", name).isFalse();
            return this;
        }

        ServiceAssert isHeldBy(String... owners) {
            Assertions.assertThat(bench.supervisor().holders(Draft.name(name)))
                    .as("holders of %s", name)
                    .extracting(Owner::toString)
                    .containsExactlyInAnyOrder(owners);
            return this;
        }

        ServiceAssert isHeldByNobody() {
            return isHeldBy();
        }

        /** The scripts that were ever told to run, in order. */
        ServiceAssert launched(String... scripts) {
            Assertions.assertThat(bench.launches(name))
                    .as("launches of %s", name)
                    .extracting(launch -> launch.script().fileName())
                    .containsExactly(scripts);
            return this;
        }
    }

    static final class TicketAssert extends AbstractAssert<TicketAssert, Ticket> {
        TicketAssert(Ticket ticket) {
            super(ticket, TicketAssert.class);
        }

        TicketAssert isWaiting() {
            Assertions.assertThat(actual.answer()).isEmpty();
            return this;
        }

        TicketAssert succeeded() {
            Assertions.assertThat(answer().failures()).isEmpty();
            return this;
        }

        TicketAssert failed(String... failures) {
            Assertions.assertThat(answer().failures()).containsExactly(failures);
            return this;
        }

        TicketAssert notes(String... notes) {
            Assertions.assertThat(answer().notes()).isEqualTo(List.of(notes));
            return this;
        }

        private Effect.Answer answer() {
            return actual.answer().orElseThrow(() -> new AssertionError("request is not answered yet"));
        }
    }
}
