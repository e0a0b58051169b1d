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

    /**
     * What a plugin finds present; its holds go when it does. Not the same as a label with that text: what an operator
     * holds no plugin lets go of.
     */
    record Device(String plugin, String target) implements Owner {
        @Override
        public String toString() {
            return plugin + ":" + target;
        }
    }

    /** A name that lives until its holds are released: the operator, {@code --owner}. */
    record Label(String text) implements Owner {
        @Override
        public String toString() {
            return text;
        }
    }
}
