package bellhop.cli;

import bellhop.cli.Verbs.Verb;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

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
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this text and exit.")
                .build());
        spec.addOption(OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Show the version and exit.")
                .build());
        spec.version("bh (Bellhop) " + version());
        commandLine.setUsageHelpAutoWidth(false);
        // The words come from whoever asks: none of them names a file that the manager is to read.
        commandLine.setExpandAtFiles(false);
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
            return complain(e.getCommandLine(), whatIsWrong(e));
        }
    }

    private static String whatIsWrong(ParameterException e) {
        return switch (e) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing ->
                missing(missing.getMissing().getFirst());
            default ->
                e.getArgSpec() != null && e.getValue() != null
                        ? unexpected(e.getArgSpec(), e.getValue())
                        : Quote.onOneLine(String.valueOf(e.getMessage()));
        };
    }

    private static String unexpected(ArgSpec argument, String value) {
        String expected = argument.type() == int.class
                ? "a number of " + argument.paramLabel().toLowerCase(Locale.ROOT)
                : "one line of 1 to 200 characters";
        return name(argument) + ": " + Quote.of(value) + " is not " + expected;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        CommandLine at = e.getCommandLine();
        String word = e.getUnmatched().getFirst();
        if (e.isUnknownOption()) {
            return "unknown option " + Quote.of(word)
                    + Nearest.hint(word, at.getCommandSpec().optionsMap().keySet());
        }
        return at.getParent() == null
                ? "unknown verb " + Quote.of(word)
                        + Nearest.hint(word, at.getSubcommands().keySet())
                : "unexpected operand " + Quote.of(word);
    }

    private static String missing(ArgSpec argument) {
        return (argument instanceof OptionSpec ? name(argument) + ": " : "") + argument.paramLabel() + " is missing";
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private Understood complain(CommandLine at, String what) {
        String program = at.getParent() == null ? "bh" : "bh-" + at.getCommandName();
        err.println(program + ": " + what);
        err.println("usage: " + at.getHelp().synopsis(0).strip().replaceAll("\\s+", " "));
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
