package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Optional;

/** What a service directory said when it was read. */
public sealed interface Finding {

    /** Reads the directory of a service now. */
    static Finding of(ServiceDirectories directories, ServiceName name) {
        return of(directories, name, DirectoryFingerprint.NONE);
    }

    /** Reads it; {@code files} is what tells one content of a template from another. */
    static Finding of(ServiceDirectories directories, ServiceName name, DirectoryFingerprint files) {
        try {
            return new Good(directories.find(name));
        } catch (NoSuchServiceException e) {
            return new Absent(e.problems());
        } catch (TargetMissingException e) {
            return new Template(e.problems(), files);
        } catch (DefinitionException e) {
            return new Bad(e.problems());
        }
    }

    /** It can be used. */
    record Good(Definition definition) implements Finding {}

    /** Nothing is wrong with it, and only instances of it have a definition. */
    record Template(List<String> problems, DirectoryFingerprint files) implements Finding {}

    /** It cannot be used, and these lines say why. */
    record Bad(List<String> problems) implements Finding {}

    /** There is no such directory; the line says where it was looked for. */
    record Absent(List<String> problems) implements Finding {}

    /** The definition, if it can be used. */
    default Optional<Definition> good() {
        return this instanceof Good(Definition definition) ? Optional.of(definition) : Optional.empty();
    }

    /** Why there is no definition, a line each; empty if there is one. */
    default List<String> whyNot() {
        return switch (this) {
            case Good good -> List.of();
            case Template template -> template.problems();
            case Bad bad -> bad.problems();
            case Absent absent -> absent.problems();
        };
    }

    /** Whether the directory is as somebody wants it to be. */
    default boolean isSound() {
        return switch (this) {
            case Good good -> true;
            case Template template -> true;
            case Bad bad -> false;
            case Absent absent -> false;
        };
    }
}
