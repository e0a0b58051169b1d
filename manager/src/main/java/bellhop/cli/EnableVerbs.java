package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.cli.Verbs.Common;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The verbs that choose what is started with the manager. */
final class EnableVerbs {

    private EnableVerbs() {}

    @Command(description = "Start services together with the manager from now on.")
    static final class Enable extends Common implements LocalVerb {
        @Parameters(paramLabel = "NAME", arity = "1..*", description = "The services.")
        List<String> names = List.of();

        @Override
        public boolean changes() {
            return true;
        }

        @Override
        public LocalTask task() {
            List<String> asked = List.copyOf(names);
            return here -> {
                List<ServiceName> there = new ArrayList<>();
                for (String text : asked) {
                    here.name(text).filter(name -> isThere(name, here)).ifPresent(there::add);
                }
                return there.size() < asked.size()
                        ? ExitCode.FAILED
                        : outcome(here.enabled().add(there), here);
            };
        }

        /** A directory that has something wrong is there all the same, and may be mended until it is needed. */
        private static boolean isThere(ServiceName name, Here here) {
            Finding finding = here.directories().find(name);
            finding.whyNot().forEach(here.err());
            return switch (finding) {
                case Finding.Usable _, Finding.Broken _ -> true;
                case Finding.Template _, Finding.Missing _, Finding.Masked _ -> false;
            };
        }
    }

    @Command(description = "No longer start services together with the manager.")
    static final class Disable extends Common implements LocalVerb {
        @Parameters(paramLabel = "NAME", arity = "1..*", description = "The services.")
        List<String> names = List.of();

        @Override
        public boolean changes() {
            return true;
        }

        @Override
        public LocalTask task() {
            List<String> asked = List.copyOf(names);
            return here -> {
                List<ServiceName> services =
                        asked.stream().map(here::name).flatMap(Optional::stream).toList();
                return services.size() < asked.size()
                        ? ExitCode.FAILED
                        : outcome(here.enabled().remove(services, here.err()), here);
            };
        }
    }

    static int outcome(List<String> failures, LocalVerb.Here here) {
        failures.forEach(here.err());
        return failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }
}
