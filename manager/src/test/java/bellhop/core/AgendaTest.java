package bellhop.core;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies in which order, and how often, services are looked at. */
class AgendaTest {

    private static final ServiceName A = Draft.name("a");
    private static final ServiceName B = Draft.name("b");
    private static final ServiceName C = Draft.name("c");

    private final Agenda agenda = new Agenda();
    private final List<ServiceName> looked = new ArrayList<>();

    @Test
    void eachIsLookedAtOnceByName() {
        agenda.add(C);
        agenda.add(A);
        agenda.add(C);

        assertThat(agenda.isEmpty()).isFalse();
        agenda.pass(this::look);
        assertThat(agenda.isEmpty()).isTrue();
        agenda.pass(this::look);

        assertThat(looked).containsExactly(A, C);
    }

    @Test
    void whoComesBeforeThePassHasItsTurnInItAndWhoComesBehindInTheNext() {
        agenda.add(B);

        agenda.pass(name -> {
            if (name.equals(B)) {
                List.of(A, B, C).forEach(agenda::add);
            }
            look(name);
        });

        assertThat(looked).containsExactly(B, C);
        looked.clear();
        agenda.pass(this::look);
        assertThat(looked).containsExactly(A, B);
    }

    private void look(ServiceName name) {
        looked.add(name);
    }
}
