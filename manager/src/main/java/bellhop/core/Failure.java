package bellhop.core;

import bellhop.definition.ServiceName;

/**
 * The failure of a service, for which another one was started.
 *
 * @param service the one that has failed
 * @param detail what happened, {@code run exited 3 after 0.1 s}
 * @param end how its {@code run} ended last; its result is none of a good end
 */
public record Failure(ServiceName service, String detail, RunEnd end) {}
