package bellhop.cli;

import bellhop.catalog.NameFiles;
import bellhop.catalog.ServiceDirectories;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import bellhop.trigger.TriggerUse;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A verb that works on files alone, and so needs no manager; where one runs it is carried out there, warm, unless it names
 * files.
 */
interface LocalVerb extends Verbs.Verb {

    /**
     * What it works with.
     *
     * @param directories where the services are
     * @param enabled what starts with the manager
     * @param masked what nobody may start
     * @param plugins finds what is wrong with uses of plugins, those of the directories given among them
     * @param out takes a line of the answer
     * @param err takes a line of complaint
     */
    record Here(
            ServiceDirectories directories,
            NameFiles enabled,
            NameFiles masked,
            Plugins plugins,
            Consumer<String> out,
            Consumer<String> err) {

        /** The same with other directories of services. */
        Here with(List<String> directories) {
            return directories.isEmpty() ? this : new Here(named(directories), enabled, masked, plugins, out, err);
        }

        private static ServiceDirectories named(List<String> directories) {
            return ServiceDirectories.named(directories.stream().map(Path::of).toList());
        }

        /** Reads a name, or says that it is none. */
        Optional<ServiceName> name(String text) {
            try {
                return Optional.of(ServiceName.parse(text));
            } catch (InvalidNameException e) {
                err.accept(String.valueOf(e.getMessage()));
                return Optional.empty();
            }
        }
    }

    /** Where plugins check what services say to them. */
    @FunctionalInterface
    interface Plugins {
        /**
         * Finds what is wrong.
         *
         * @param directories further directories of plugins; none where a manager has its own
         */
        List<Problem> check(List<TriggerUse> uses, List<Path> directories);
    }

    /** What is to be done; no longer tied to the words it was made of, good for any thread. */
    @FunctionalInterface
    interface LocalTask {
        /** Does it and returns the exit status. */
        int run(Here here);

        /** It was done in a manager: answers. */
        default void answer(Session request, int status) {
            request.exit(status);
        }
    }

    /** Takes from the words what is to be done. */
    LocalTask task();

    /** Whether it changes anything, so that it is to be known who asked for it. */
    default boolean changes() {
        return false;
    }

    @Override
    default void act(Session request) {
        if (request.namesFiles()) {
            request.fail("a request cannot name a file or directory; expected names of services", ExitCode.USAGE);
            return;
        }
        LocalTask task = task();
        if (changes()) {
            request.audit();
        }
        Here here = new Here(
                request.directories(),
                request.enabled(),
                request.masked(),
                (uses, directories) -> request.triggers().check(uses),
                request.client()::out,
                request::complain);
        // A thousand directories take a while, in which the others are not to wait.
        Runnable run = () -> request.answering(() -> task.answer(request, task.run(here)));
        Thread.ofPlatform().daemon().name("bellhop-check").start(run);
    }
}
