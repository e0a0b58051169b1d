package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.Output;
import bellhop.convert.CommandWord.Part;
import bellhop.convert.CommandWord.Target;
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
    List<Part> parts(String text, Consumer<String> complain) {
        List<Part> parts = new ArrayList<>();
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
            for (Part part : parts(specifier, complain)) {
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

    private static void keep(StringBuilder literal, List<Part> parts) {
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

    private List<Part> parts(char specifier, Consumer<String> complain) {
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
                List<Part> parts = new ArrayList<>(literal("/"));
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
            case 'u' -> List.of(new Output("id -un"));
            case 'U' -> List.of(new Output("id -u"));
            case 'g' -> List.of(new Output("id -gn"));
            case 'G' -> List.of(new Output("id -g"));
            case 'H', 'q' -> List.of(new Output("uname -n"));
            case 'l' -> List.of(new Output("uname -n | cut -d. -f1"));
            case 'v' -> List.of(new Output("uname -r"));
            case 'm' -> List.of(new Output("cat /etc/machine-id"));
            case 'b' -> List.of(new Output("tr -d - </proc/sys/kernel/random/boot_id"));
            default -> {
                complain.accept("%" + specifier + " stands for itself here: no such specifier is known");
                yield literal("%" + specifier);
            }
        };
    }

    private List<Part> instance() {
        return name.isTemplate()
                ? List.of(new Target())
                : literal(name.instance().orElse(""));
    }

    private List<Part> whole(String type) {
        if (!name.isTemplate()) {
            return literal(name.service() + type);
        }
        return List.of(new Literal(name.prefix() + "@"), new Target(), new Literal(type));
    }

    private static List<Part> literal(String text) {
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
