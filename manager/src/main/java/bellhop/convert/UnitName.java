package bellhop.convert;

import java.util.Optional;

/**
 * The name of a unit: {@code PREFIX.TYPE}, the template {@code PREFIX@.TYPE} or its instance {@code PREFIX@INSTANCE.TYPE}.
 *
 * @param instance empty in a template
 * @param type with its dot, such as {@code .service}
 */
record UnitName(String prefix, Optional<String> instance, String type) {

    /** Takes a name apart, whose type is what follows the last dot. */
    static UnitName of(String name) {
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String type = dot < 0 ? "" : name.substring(dot);
        int at = stem.indexOf('@');
        return at < 0
                ? new UnitName(stem, Optional.empty(), type)
                : new UnitName(stem.substring(0, at), Optional.of(stem.substring(at + 1)), type);
    }

    boolean isTemplate() {
        return instance.isPresent() && instance.get().isEmpty();
    }

    /** The name of the service directory: that of a template has no {@code @}. */
    String service() {
        return prefix + instance.filter(it -> !it.isEmpty()).map(it -> "@" + it).orElse("");
    }

    @Override
    public String toString() {
        return prefix + instance.map(it -> "@" + it).orElse("") + type;
    }
}
