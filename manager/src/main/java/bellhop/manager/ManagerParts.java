package bellhop.manager;

import bellhop.catalog.Catalog;
import bellhop.catalog.NameFiles;
import bellhop.engine.Engine;
import bellhop.engine.record.EventLog;
import bellhop.log.LogPump;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What requests work with.
 *
 * @param console whether what is to go to a file goes to the console instead
 * @param mayEnd why the manager cannot be replaced now, if so; asked on the loop's thread
 */
public record ManagerParts(
        Engine engine,
        ServiceRequests requests,
        ServiceWatchers watchers,
        Catalog catalog,
        NameFiles enabled,
        NameFiles masked,
        LogPump pump,
        Journal journal,
        TriggeredServices triggers,
        Upgrade upgrade,
        EventLog events,
        boolean console,
        Supplier<Optional<String>> mayEnd) {}
