package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The services that have to be looked at because something about them has changed. */
final class Agenda {

    private final NavigableSet<ServiceName> names = new TreeSet<>();

    void add(ServiceName name) {
        names.add(name);
    }

    /**
     * Looks once at each, in the order of their names. A name that is added meanwhile has its turn in this pass if the
     * pass has not gone by it yet, else in the next.
     *
     * @param look may add names
     */
    void pass(Consumer<ServiceName> look) {
        ServiceName name = names.isEmpty() ? null : names.first();
        while (name != null) {
            names.remove(name);
            look.accept(name);
            name = names.higher(name);
        }
    }

    boolean isEmpty() {
        return names.isEmpty();
    }
}
