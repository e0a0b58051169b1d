package bellhop.engine.record;

import bellhop.definition.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The definitions of one service that are on record, each in a file of its own, {@code definition.N}: the one that its
 * directory says, and the one that its living incarnation began with, which is mostly the same. Immutable.
 */
final class DefinitionFiles implements RecordText.PartNames {

    static final DefinitionFiles NONE = new DefinitionFiles(List.of());

    private static final String PREFIX = "definition.";
    private static final Pattern NAME = Pattern.compile("definition\\.[1-9][0-9]{0,8}");

    private final List<DefinitionFile> files;

    /** One of them; its content never changes. */
    record DefinitionFile(Definition definition, int number) {
        String name() {
            return PREFIX + number;
        }
    }

    private DefinitionFiles(List<DefinitionFile> files) {
        this.files = files;
    }

    /** Whether a file in the directory of a service can be one of these. */
    static boolean isName(String file) {
        return NAME.matcher(file).matches();
    }

    /** These, where each that is on record stays in its file. */
    DefinitionFiles with(List<Definition> definitions) {
        List<DefinitionFile> next = new ArrayList<>(definitions.size());
        for (Definition definition : definitions) {
            if (file(next, definition).isEmpty()) {
                next.add(file(files, definition).orElseGet(() -> new DefinitionFile(definition, free(next))));
            }
        }
        return new DefinitionFiles(List.copyOf(next));
    }

    private int free(List<DefinitionFile> next) {
        int number = 1;
        while (isTaken(files, number) || isTaken(next, number)) {
            number++;
        }
        return number;
    }

    private static boolean isTaken(List<DefinitionFile> files, int number) {
        return files.stream().anyMatch(file -> file.number() == number);
    }

    private static Optional<DefinitionFile> file(List<DefinitionFile> files, Definition definition) {
        for (DefinitionFile file : files) {
            // Mostly it is the same object, which Objects.equals finds first: to compare definitions takes long.
            if (Objects.equals(file.definition(), definition)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** Also one that was found on record. */
    DefinitionFiles and(String name, Definition definition) {
        List<DefinitionFile> more = new ArrayList<>(files);
        more.add(new DefinitionFile(definition, Integer.parseInt(name.substring(PREFIX.length()))));
        return new DefinitionFiles(List.copyOf(more));
    }

    List<DefinitionFile> files() {
        return files;
    }

    /** Whether a file is one of these. */
    boolean has(DefinitionFile file) {
        return isTaken(files, file.number());
    }

    /** Those whose files others do not have. */
    List<DefinitionFile> without(DefinitionFiles others) {
        return files.stream().filter(file -> !others.has(file)).toList();
    }

    /** The one in the file of that name. */
    Optional<Definition> in(String name) {
        return files.stream()
                .filter(file -> file.name().equals(name))
                .map(DefinitionFile::definition)
                .findFirst();
    }

    @Override
    public Optional<String> name(Record tree) {
        return tree instanceof Definition definition
                ? file(files, definition).map(DefinitionFile::name)
                : Optional.empty();
    }
}
