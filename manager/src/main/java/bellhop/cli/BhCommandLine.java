package bellhop.cli;

import bellhop.cli.Verbs.NamedVerb;
import bellhop.cli.Verbs.Verb;
import bellhop.definition.InvalidNameException;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import bellhop.manager.RunOption;
import bellhop.yaml.Durations;
import java.time.Duration;
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
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The words of {@code bh}, understood by picocli. Not for two threads at once. Made once and used again, as
 * picocli takes milliseconds to look through its annotations; so a verb's fields are those of the last words.
 */
public final class BhCommandLine {

    private final CommandLine commandLine = withVerbs();

    public BhCommandLine() {
        commandLine.setUsageHelpAutoWidth(false);
        // The words come from whoever asks: none of them names a file that the manager is to read.
        commandLine.setExpandAtFiles(false);
    }

    static CommandLine withVerbs() {
        CommandLine commandLine = new CommandLine(new Verbs.BhVerb());
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
        for (VerbName verb : VerbName.values()) {
            CommandLine command = new CommandLine(Verbs.command(verb));
            if (verb == VerbName.RUN) {
                List.of(RunOption.values())
                        .forEach(option -> command.getCommandSpec().addOption(spec(option)));
            }
            commandLine.addSubcommand(verb.word(), command);
        }
        // Last, as those who are added later would not have them.
        commandLine.registerConverter(ServiceName.class, BhCommandLine::name);
        commandLine.registerConverter(
                Duration.class, text -> Durations.parse(text).orElseThrow(() -> new TypeConversionException(text)));
        return commandLine;
    }

    private static OptionSpec spec(RunOption option) {
        OptionSpec.Builder spec = OptionSpec.builder(option.text())
                .type(option.type())
                .description(option.description())
                .hidden(option.description().isEmpty());
        if (option.type() == List.class) {
            spec.auxiliaryTypes(String.class);
        }
        if (!option.label().isEmpty()) {
            spec.paramLabel(option.label()).arity("1");
        }
        return spec.build();
    }

    private static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new TypeConversionException(text);
        }
    }

    static String version() {
        String version = BhCommandLine.class.getPackage().getImplementationVersion();
        return version == null ? "(built here)" : version;
    }

    /** What is to be done, or what to say instead and the exit status. */
    record ParsedCommand(Optional<NamedVerb> named, int status, List<String> out, List<String> err) {
        Optional<Verb> verb() {
            return named.map(NamedVerb::verb);
        }

        static ParsedCommand help(String text) {
            return new ParsedCommand(Optional.empty(), ExitCode.OK, text.lines().toList(), List.of());
        }
    }

    /** Understands words. */
    public ParsedCommand parse(List<String> words) {
        try {
            boolean isNew = VerbName.of(words).equals(Optional.of(VerbName.NEW));
            List<String> separated = isNew ? NewVerb.separated(words) : words;
            ParseResult result = commandLine.parseArgs(separated.toArray(String[]::new));
            ParseResult last = result;
            while (last.hasSubcommand()) {
                last = last.subcommand();
            }
            if (last.isUsageHelpRequested()) {
                return ParsedCommand.help(last.commandSpec().commandLine().getUsageMessage());
            }
            if (result.isVersionHelpRequested()) {
                return ParsedCommand.help(
                        String.join("\n", commandLine.getCommandSpec().version()));
            }
            if (last.commandSpec().userObject() instanceof Verb verb) {
                Optional<NamedVerb> named =
                        VerbName.of(List.of(last.commandSpec().name())).map(name -> new NamedVerb(name, verb));
                return new ParsedCommand(named, ExitCode.OK, List.of(), List.of());
            }
            return complain(commandLine, "a verb is missing");
        } catch (ParameterException e) { // not to be avoided: see docs/decisions/020
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
        return name(argument) + ": " + Quote.of(value) + " is not " + expected(argument);
    }

    private static String expected(ArgSpec argument) {
        Class<?> type = argument.type();
        if (type == int.class) {
            return "a number of " + argument.paramLabel().toLowerCase(Locale.ROOT);
        }
        if (type == Duration.class) {
            return Durations.EXPECTED;
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (argument.paramLabel().contains("|")) {
            return "one of " + argument.paramLabel().replace("|", ", ");
        }
        return type == ServiceName.class ? "the name of a service" : "one line of 1 to 200 characters";
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

    private ParsedCommand complain(CommandLine at, String what) {
        String program = at.getParent() == null ? "bh" : "bh-" + at.getCommandName();
        String usage = "usage: " + at.getHelp().synopsis(0).strip().replaceAll("\\s+", " ");
        return new ParsedCommand(Optional.empty(), ExitCode.USAGE, List.of(), List.of(program + ": " + what, usage));
    }
}
