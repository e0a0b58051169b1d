package bellhop.terminal;

import java.util.ArrayList;
import java.util.List;

/** Facts as a manager tells them. */
final class Facts {

    private Facts() {}

    static Fact service(String name, String state, String... entries) {
        List<String> all = new ArrayList<>(List.of("name=" + name, "state=" + state));
        all.addAll(List.of(entries));
        return new Fact("service", all);
    }
}
