package bellhop.core;

import bellhop.definition.ServiceName;

/** Whose a hold is. */
public sealed interface Owner {

    /** Who types commands; also the owner of what comes from no script. */
    Owner OPERATOR = new Label("operator");

    /** One life of a service; its holds go with it. */
    record Incarnation(ServiceName service, long number) implements Owner {
        @Override
        public String toString() {
            return service.toString();
        }
    }

    /** A name that lives until its holds are released: the operator, a trigger's target, {@code --owner}. */
    record Label(String text) implements Owner {
        @Override
        public String toString() {
            return text;
        }
    }
}
