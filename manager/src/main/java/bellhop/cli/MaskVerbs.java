package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.cli.LocalVerb.Here;
import bellhop.cli.LocalVerb.LocalTask;
import bellhop.cli.Verbs.Common;
import bellhop.core.Service;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The verbs that choose what nobody may start. */
final class MaskVerbs {

    private MaskVerbs() {}

    /** What both have. */
    abstract static class OfMasks extends Common implements LocalVerb {
        @Parameters(
                paramLabel = "NAME",
                arity = "1..*",
                description = "The services; a template for all its instances.")
        List<String> names = List.of();

        private final boolean masks;

        OfMasks(boolean masks) {
            this.masks = masks;
        }

        @Override
        public boolean changes() {
            return true;
        }

        @Override
        public LocalTask task() {
            return new MaskTask(List.copyOf(names), masks);
        }
    }

    @Command(description = "Keep services from being started by anybody from now on.")
    static final class Mask extends OfMasks {
        Mask() {
            super(true);
        }
    }

    @Command(description = "Let services be started again.")
    static final class Unmask extends OfMasks {
        Unmask() {
            super(false);
        }
    }

    private record MaskTask(List<String> asked, boolean masks) implements LocalTask {

        @Override
        public int run(Here here) {
            List<ServiceName> services =
                    asked.stream().map(here::name).flatMap(Optional::stream).toList();
            if (services.size() < asked.size()) {
                return ExitCode.FAILED;
            }
            if (!masks) {
                return EnableVerbs.outcome(here.masked().remove(services, here.err()), here);
            }
            List<String> failures = here.masked().add(services);
            if (failures.isEmpty()) {
                services.forEach(name -> noteIfMissing(name, here));
            }
            return EnableVerbs.outcome(failures, here);
        }

        /** It may be installed later. */
        private static void noteIfMissing(ServiceName name, Here here) {
            if (here.directories().find(name) instanceof Finding.Missing missing) {
                here.err().accept("masked, but " + missing.problems().getFirst());
            }
        }

        /** The core is told, for what starts without being asked for: a service that is tried again, with what it requires. */
        @Override
        public void answer(Session request, int status) {
            request.look(all -> {
                List<ServiceName> concerned = new ArrayList<>();
                for (Service service : all.services()) {
                    if (isNamed(service.name())) {
                        concerned.add(service.name());
                        noteIfItGoesOn(service, request);
                    }
                }
                request.requests().readAgain(concerned, request.directories());
                request.exit(status);
            });
        }

        private boolean isNamed(ServiceName name) {
            return asked.contains(name.toString()) || asked.contains(name.template());
        }

        private void noteIfItGoesOn(Service service, Session request) {
            if (masks && service.life().isPresent()) {
                request.complain(
                        service.name() + ": is " + service.word().text() + ", and goes on until it is stopped");
            }
        }
    }
}
