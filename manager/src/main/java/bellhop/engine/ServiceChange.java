package bellhop.engine;

import bellhop.core.Service;

/**
 * A change of a service's word or detail, and why it came.
 *
 * @param service as it is now
 * @param incarnation the life that it belongs to, also if that life ends with it; 0 if there is none
 * @param cause a phrase; one of those of {@link Causes}
 * @param origin who asked for it, or for what led to it at once; {@link Origin#NONE} if nobody did
 */
public record ServiceChange(Service service, long incarnation, String cause, Origin origin) {}
