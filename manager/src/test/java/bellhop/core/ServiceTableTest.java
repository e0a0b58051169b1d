package bellhop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Verifies what a change of a service leads to. */
class ServiceTableTest {

    private static final ServiceName A = Draft.name("a");
    private static final ServiceName B = Draft.name("b");
    private static final Ending DEATH = Ending.failed("run exited 1");

    private final ServiceTable services = new ServiceTable();

    @Test
    void nothingIsDueAtFirst() {
        services.learn(service(A));

        assertThat(services.nextDue()).isEqualTo(Lifecycle.NEVER);
        assertThat(services.dueBy(Lifecycle.NEVER - 1)).isEmpty();
    }

    @Test
    void theLeastDeadlineIsDueNext() {
        services.store(restarting(B, 5));
        services.store(restarting(A, 7));

        assertThat(services.nextDue()).isEqualTo(5);
    }

    @Test
    void soIsTheEndOfLingering() {
        services.store(restarting(A, 7).lingering(3));

        assertThat(services.nextDue()).isEqualTo(3);
    }

    @Test
    void aDeadlineThatHasChangedIsDueNoMore() {
        services.store(restarting(A, 5));

        services.store(restarting(A, 9));

        assertThat(services.nextDue()).isEqualTo(9);
        assertThat(services.dueBy(8)).isEmpty();
        services.store(service(A));
        assertThat(services.nextDue()).isEqualTo(Lifecycle.NEVER);
    }

    @Test
    void allThatAreDueByAnInstantAreListedByName() {
        services.store(restarting(B, 5));
        services.store(restarting(A, 6));
        services.store(restarting(Draft.name("c"), 7));

        assertThat(services.dueBy(6)).containsExactly(A, B);
        assertThat(services.dueBy(4)).isEmpty();
    }

    @Test
    void whatHasChangedIsToGoOnRecordOnceInTheOrderOfTheChanges() {
        services.learn(service(A));
        services.learn(service(B));
        assertThat(services.unsaved()).isEmpty();

        services.store(service(A));
        assertThat(services.unsaved()).isEmpty();
        services.store(service(B).pinned(true));
        services.store(service(A).pinned(true));
        services.markUnsaved(B);

        assertThat(services.unsaved()).containsExactly(B, A);
        assertThat(services.takeUnsaved(B)).isTrue();
        assertThat(services.takeUnsaved(B)).isFalse();
        assertThat(services.unsaved()).containsExactly(A);
    }

    @Test
    void whatHasChangedIsLookedAt() {
        services.learn(service(A));
        assertThat(looked(services.waysUp())).containsExactly(A);
        assertThat(looked(services.waysDown())).containsExactly(A);

        services.store(service(A));
        assertThat(looked(services.waysUp())).isEmpty();
        services.store(service(A).pinned(true));
        assertThat(looked(services.waysUp())).containsExactly(A);
        services.touch(B);
        assertThat(looked(services.waysDown())).containsExactly(A, B);
    }

    @Test
    void allAreDownOnceEachIsAndStaysSo() {
        assertThat(services.areAllDown()).isTrue();
        services.store(restarting(A, 5));
        services.store(restarting(A, 6));
        services.store(service(B).in(new State.Down(DEATH, true)));
        assertThat(services.areAllDown()).isFalse();

        services.store(service(A));
        assertThat(services.areAllDown()).isFalse();
        services.store(service(B));

        assertThat(services.areAllDown()).isTrue();
    }

    @Test
    void aServiceIsFoundByItsName() {
        services.store(restarting(B, 5));
        services.learn(service(A));

        assertThat(services.names()).containsExactly(A, B);
        assertThat(services.all()).containsExactly(service(A), restarting(B, 5));
        assertThat(services.find(A)).contains(service(A));
        assertThat(services.find(Draft.name("c"))).isEmpty();
        assertThat(services.contains(A)).isTrue();
        assertThat(services.contains(Draft.name("c"))).isFalse();
        assertThat(services.get(B)).isEqualTo(restarting(B, 5));
        assertThatThrownBy(() -> services.get(Draft.name("c"))).hasMessage("no service c");
    }

    private static Service service(ServiceName name) {
        return Service.of(Draft.of(name).definition());
    }

    private static Service restarting(ServiceName name, long deadline) {
        return service(name).in(new State.Restarting(Optional.empty(), DEATH, deadline));
    }

    private static List<ServiceName> looked(Agenda agenda) {
        List<ServiceName> looked = new ArrayList<>();
        agenda.pass(looked::add);
        return looked;
    }
}
