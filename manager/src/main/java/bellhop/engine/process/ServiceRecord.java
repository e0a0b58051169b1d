package bellhop.engine.process;

import bellhop.core.Effect;

/**
 * A service that an earlier manager left.
 *
 * @param saved what was on record of it last
 * @param process its script's process, as far as it was on record
 */
public record ServiceRecord(Effect.Save saved, ProcessId process) {}
