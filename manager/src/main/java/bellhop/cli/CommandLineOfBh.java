package bellhop.cli;

import bellhop.cli.Verbs.Verb;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The words of {@code bh}, understood by picocli. Not for two threads at once. */
final class CommandLineOfBh {

    private final CommandLine commandLine = new CommandLine(new Verbs.Bh());
    private final PrintWriter out;
    private final PrintWriter err;

    /** Help goes to {@code out}, complaints to {@code err}. */
    CommandLineOfBh(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
        CommandSpec spec = commandLine.getCommandSpec();
        spec.addOption(CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this text and exit.")
                .build());
        spec.addOption(CommandLine.Model.OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Show the version and exit.")
                .build());
        spec.version("bh (Bellhop) " + version());
        commandLine.setUsageHelpAutoWidth(false);
    }

    static String version() {
        String version = CommandLineOfBh.class.getPackage().getImplementationVersion();
        return version == null ? "(built here)" : version;
    }

    /** What is to be done, or the exit status of what was said instead. */
    record Understood(Optional<Verb> verb, int status) {}

    /** Understands words; help and complaints have been written when it returns without a verb. */
    Understood parse(List<String> words) {
        try {
            ParseResult result = commandLine.parseArgs(words.toArray(String[]::new));
            ParseResult last = result;
            while (last.hasSubcommand()) {
                last = last.subcommand();
            }
            if (last.isUsageHelpRequested()) {
                last.commandSpec().commandLine().usage(out);
                out.flush();
                return new Understood(Optional.empty(), Cli.OK);
            }
            if (result.isVersionHelpRequested()) {
                commandLine.printVersionHelp(out);
                out.flush();
                return new Understood(Optional.empty(), Cli.OK);
            }
            if (last.commandSpec().userObject() instanceof Verb verb) {
                return new Understood(Optional.of(verb), Cli.OK);
            }
            return complain(commandLine, "a verb is missing");
        } catch (ParameterException e) {
            return complain(e.getCommandLine(), String.valueOf(e.getMessage()));
        }
    }

    private Understood complain(CommandLine at, String what) {
        String program = at.getParent() == null ? "bh" : "bh-" + at.getCommandName();
        err.println(program + ": " + what.lines().findFirst().orElse(""));
        err.println(at.getUsageMessage().lines().findFirst().orElse("").replaceFirst("^Usage:", "usage:"));
        err.flush();
        return new Understood(Optional.empty(), Cli.USAGE);
    }

    /** Where no manager answers: help, or a complaint. */
    int withoutManager(List<String> words) {
        Understood understood = parse(words);
        if (understood.verb().isPresent()) {
            err.println("bh: no manager is running; start one with: bh run");
            err.flush();
            return Cli.NO_MANAGER;
        }
        return understood.status();
    }
}
