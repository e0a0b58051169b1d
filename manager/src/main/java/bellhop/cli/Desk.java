package bellhop.cli;

import bellhop.definition.ServiceDirectories;
import bellhop.engine.Engine;
import bellhop.log.LogPump;

/** What requests work with. */
record Desk(Engine engine, ServiceDirectories directories, LogPump pump, Journal journal) {}
