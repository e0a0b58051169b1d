package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import java.util.List;
import java.util.Optional;

/** What a service directory said when it was read. */
public sealed interface Finding {

    /** It can be used. */
    record Usable(Definition definition) implements Finding {
        @Override
        public boolean isSound() {
            return true;
        }
    }

    /** It has no definition, and these problems say why; never none. */
    sealed interface Unusable extends Finding {
        List<Problem> problems();

        /** The first problem, and how many more there are. */
        default String summary() {
            int more = problems().size() - 1;
            return problems().getFirst() + (more > 0 ? " (and " + more + " more)" : "");
        }
    }

    /**
     * Nothing is wrong with it, and only instances of it have a definition.
     *
     * @param files tells one content of the template from another
     */
    record Template(List<Problem> problems, DirectoryFingerprint files) implements Unusable {
        @Override
        public boolean isSound() {
            return true;
        }
    }

    /** It, or a directory on the way to it, has something wrong. */
    record Broken(List<Problem> problems) implements Unusable {
        @Override
        public boolean isSound() {
            return false;
        }
    }

    /** There is no such directory; the problem says which were looked into. */
    record Missing(List<Problem> problems) implements Unusable {
        @Override
        public boolean isSound() {
            return false;
        }
    }

    /**
     * Nobody may start it, whatever its directory says. Only what is read for a start is found to be masked.
     *
     * @param by the name that is masked: its own, or that of its template
     */
    record Masked(ServiceName name, ServiceName by) implements Unusable {
        @Override
        public List<Problem> problems() {
            return List.of(Problem.of(name + ": " + summary()));
        }

        @Override
        public String summary() {
            return "is masked (bh unmask " + by + ")";
        }

        @Override
        public boolean isSound() {
            return true;
        }
    }

    /** The definition, if it can be used. */
    default Optional<Definition> usable() {
        return this instanceof Usable(Definition usable) ? Optional.of(usable) : Optional.empty();
    }

    /** Why there is no definition, a line each; empty if there is one. */
    default List<String> whyNot() {
        return this instanceof Unusable unusable
                ? unusable.problems().stream().map(Problem::toString).toList()
                : List.of();
    }

    /** Whether the directory is as somebody wants it to be. */
    boolean isSound();
}
