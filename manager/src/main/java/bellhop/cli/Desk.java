package bellhop.cli;

import bellhop.definition.Catalog;
import bellhop.engine.Engine;
import bellhop.log.LogPump;

/** What requests work with. */
record Desk(Engine engine, Catalog catalog, Enabled enabled, LogPump pump, Journal journal, TriggerDesk triggers) {}
