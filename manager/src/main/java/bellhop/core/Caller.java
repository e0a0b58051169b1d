package bellhop.core;

import bellhop.definition.ServiceName;

/** Who sends a request. */
public sealed interface Caller {

    /** Anybody who is not a script of a service. */
    record Operator() implements Caller {}

    /** A script, by the {@code BELLHOP_SERVICE} and {@code BELLHOP_INCARNATION} of its environment. */
    record ScriptCaller(ServiceName service, long incarnation) implements Caller {}
}
