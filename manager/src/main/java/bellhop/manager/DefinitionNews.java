package bellhop.manager;

import bellhop.catalog.Catalog;
import bellhop.catalog.Catalog.Change;
import bellhop.catalog.ServiceDirectories;
import bellhop.core.Service;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes what the catalog finds to the core, and says so in the journal. */
final class DefinitionNews implements Catalog.Observer {

    private final ServiceDirectories directories;
    private final Engine engine;
    private final ServiceRequests requests;
    private final Journal journal;
    private final TriggeredServices triggers;

    DefinitionNews(
            ServiceDirectories directories,
            Engine engine,
            ServiceRequests requests,
            Journal journal,
            TriggeredServices triggers) {
        this.directories = directories;
        this.engine = engine;
        this.requests = requests;
        this.journal = journal;
        this.triggers = triggers;
    }

    @Override
    public void complete() {
        triggers.reload();
    }

    @Override
    public void changed(List<Change> changes) {
        engine.execute(() -> take(changes));
        triggers.reload();
    }

    @Override
    public void warn(String line) {
        journal.warn(line);
    }

    private void take(List<Change> changes) {
        List<Definition> definitions = new ArrayList<>();
        Map<ServiceName, String> unusable = new LinkedHashMap<>();
        for (Change change : changes) {
            Optional<Service> service = engine.services().service(change.name());
            if (service.isPresent()) {
                change.reading()
                        .usable()
                        .ifPresentOrElse(definitions::add, () -> unusable.put(change.name(), whyNot(change)));
                directories.mask(change.name()).ifPresent(mask -> unusable.put(change.name(), mask.summary()));
            }
            boolean lives = service.flatMap(Service::life).isPresent();
            say(change, lives ? "; " + change.name() + " keeps the definition that it was started with" : "");
        }
        requests.tell(definitions, unusable);
    }

    private static String whyNot(Change change) {
        return change.kind() == Catalog.ChangeKind.REMOVED
                ? "its directory is gone"
                : String.join("; ", change.reading().whyNot());
    }

    private void say(Change change, String goesOn) {
        String subject = "definition of " + change.name() + ": ";
        switch (change.kind()) {
            case ADDED -> journal.say(subject + "added");
            case CHANGED -> journal.say(subject + "changed; used at its next start");
            case REMOVED -> journal.say(subject + "removed" + goesOn);
            case UNUSABLE -> {
                change.reading().whyNot().forEach(journal::warn);
                if (!goesOn.isEmpty()) {
                    journal.say(subject + "has a problem" + goesOn);
                }
            }
        }
    }
}
