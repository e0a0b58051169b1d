package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.ShellOutput;
import bellhop.convert.CommandWord.TargetPart;
import bellhop.convert.CommandWord.WordPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What stands for {@code %i}, {@code %n} and the like in the units of one name. */
final class Specifiers {
    private final UnitName name;
    private final SystemPlaces places;

    Specifiers(UnitName name, SystemPlaces places) {
        this.name = name;
        this.places = places;
    }

    /**
     * The parts of a text.
     *
     * @param complain takes what is not as systemd has it
     */
    List<WordPart> parts(String text, Consumer<String> complain) {
        List<WordPart> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%' || i + 1 == text.length()) {
                literal.append(c);
                continue;
            }
            char specifier = text.charAt(++i);
            if (specifier == '%') {
                literal.append('%');
                continue;
            }
            for (WordPart part : parts(specifier, complain)) {
                if (part instanceof Literal(String known)) {
                    literal.append(known);
                } else {
                    keep(literal, parts);
                    parts.add(part);
                }
            }
        }
        keep(literal, parts);
        return parts;
    }

    private static void keep(StringBuilder literal, List<WordPart> parts) {
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    /** The text in which {@code {target}} stands for the target; empty if more is known only at a launch. */
    Optional<String> text(String text, Consumer<String> complain) {
        CommandWord word = new CommandWord(parts(text, complain));
        if (word.fitsYaml()) {
            return Optional.of(word.yaml());
        }
        complain.accept("service.yaml cannot express this text");
        return Optional.empty();
    }

    private List<WordPart> parts(char specifier, Consumer<String> complain) {
        return switch (specifier) {
            case 'i' -> instance();
            case 'I' -> {
                if (name.isTemplate()) {
                    complain.accept("%I is {target}, as it is; systemd would make its - a /");
                }
                yield name.isTemplate()
                        ? instance()
                        : literal(unescaped(name.instance().orElse("")));
            }
            case 'f' -> {
                if (name.isTemplate()) {
                    complain.accept("%f is / and {target}, as it is; systemd would make its - a /");
                }
                List<WordPart> parts = new ArrayList<>(literal("/"));
                parts.addAll(
                        name.isTemplate()
                                ? instance()
                                : literal(unescaped(name.instance().orElse(name.prefix()))));
                yield parts;
            }
            case 'n' -> whole(name.type());
            case 'N' -> whole("");
            case 'p' -> literal(name.prefix());
            case 'P' -> literal(unescaped(name.prefix()));
            case 'j' -> literal(name.prefix().substring(name.prefix().lastIndexOf('-') + 1));
            case 't' -> literal(places.run());
            case 'S' -> literal(places.state());
            case 'C' -> literal(places.cache());
            case 'L' -> literal(places.logs());
            case 'E' -> literal(places.configuration());
            case 'h' -> literal(places.home());
            case 'T' -> literal("/tmp");
            case 'V' -> literal("/var/tmp");
            case 'u' -> List.of(new ShellOutput("id -un"));
            case 'U' -> List.of(new ShellOutput("id -u"));
            case 'g' -> List.of(new ShellOutput("id -gn"));
            case 'G' -> List.of(new ShellOutput("id -g"));
            case 'H', 'q' -> List.of(new ShellOutput("uname -n"));
            case 'l' -> List.of(new ShellOutput("uname -n | cut -d. -f1"));
            case 'v' -> List.of(new ShellOutput("uname -r"));
            case 'm' -> List.of(new ShellOutput("cat /etc/machine-id"));
            case 'b' -> List.of(new ShellOutput("tr -d - </proc/sys/kernel/random/boot_id"));
            default -> {
                complain.accept("%" + specifier + " stands for itself here: no such specifier is known");
                yield literal("%" + specifier);
            }
        };
    }

    private List<WordPart> instance() {
        return name.isTemplate()
                ? List.of(new TargetPart())
                : literal(name.instance().orElse(""));
    }

    private List<WordPart> whole(String type) {
        if (!name.isTemplate()) {
            return literal(name.service() + type);
        }
        return List.of(new Literal(name.prefix() + "@"), new TargetPart(), new Literal(type));
    }

    private static List<WordPart> literal(String text) {
        return List.of(new Literal(text));
    }

    /** As systemd-escape(1) undoes it. */
    static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("\\x", i)
                    && text.length() >= i + 4
                    && text.substring(i + 2, i + 4).matches("[0-9a-f]{2}")) {
                plain.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                plain.append(text.charAt(i) == '-' ? '/' : text.charAt(i));
            }
        }
        return plain.toString();
    }
}
