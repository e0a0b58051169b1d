package bellhop.cli;

import bellhop.catalog.NameFiles;
import bellhop.catalog.TrustCheck;
import bellhop.control.ControlException;
import bellhop.definition.Quote;
import bellhop.linux.Self;
import bellhop.manager.DefaultPaths;
import bellhop.manager.ExitCode;
import bellhop.manager.Manager;
import bellhop.manager.RunOptions;
import bellhop.trigger.PluginCheck;
import bellhop.trigger.Triggers;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The command line of {@code bh} where no manager answers: {@code run}, help, and verbs that work on files alone. */
public final class LocalCommands {

    public static final int OK = 0;
    public static final int FAILED = 1;
    static final int USAGE = 64;
    static final int NO_MANAGER = 69;

    private LocalCommands() {}

    /** Carries out, in this process, what needs no manager; returns the exit status. */
    public static int local(List<String> words) {
        if (VerbName.of(words).equals(Optional.of(VerbName.RUN))) {
            try {
                var options = RunOptions.parse(words.subList(1, words.size()), System.getenv());
                if (options.isPresent()) {
                    if (options.get().trial()) {
                        // What is missing would be missed too late.
                        var _ = new BhCommandLine().parse(List.of("status"));
                    }
                    return Manager.run(options.get(), Dispatcher::new);
                }
            } catch (ControlException e) {
                System.err.println("bh-run: " + e.getMessage());
                return ExitCode.FAILED;
            }
        }
        BhCommandLine.ParsedCommand understood = new BhCommandLine().parse(words);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        understood.out().forEach(out::println);
        out.flush();
        understood.err().forEach(System.err::println);
        if (understood.verb().orElse(null) instanceof LocalVerb verb) {
            return locally(verb, "bh-" + words.get(0), out);
        }
        if (understood.verb().isPresent()) {
            System.err.println("bh: no manager is running; start one with: bh run");
            return ExitCode.NO_MANAGER;
        }
        return understood.status();
    }

    private static int locally(LocalVerb verb, String program, PrintStream out) {
        try {
            boolean root = Self.euid() == 0;
            Map<String, String> environment = System.getenv();
            RunOptions options = RunOptions.parse(List.of(), environment).orElseThrow();
            TrustCheck trust = root ? TrustCheck.forRoot(options.services()) : TrustCheck.none();
            return verb.task()
                    .run(new LocalVerb.Here(
                            DefaultPaths.directories(options, root, environment),
                            NameFiles.enabled(DefaultPaths.enabled(options, root, environment), trust),
                            NameFiles.masked(DefaultPaths.masked(options, root, environment), trust),
                            (uses, folders) -> PluginCheck.load(new Triggers.Setting(
                                            DefaultPaths.plugins(folders),
                                            options.sysfs(),
                                            trust,
                                            Triggers.CALL_LIMIT,
                                            false,
                                            jar -> Optional.empty(),
                                            line -> System.err.println(program + ": " + Quote.onLines(line))))
                                    .check(uses),
                            text -> out.println(Quote.onLines(text)),
                            line -> System.err.println(program + ": " + Quote.onLines(line))));
        } catch (ControlException e) {
            System.err.println(program + ": " + e.getMessage());
            return ExitCode.FAILED;
        } finally {
            out.flush();
        }
    }
}
