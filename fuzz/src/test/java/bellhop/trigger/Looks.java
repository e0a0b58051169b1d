package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.fuzz.Messages;
import bellhop.spi.Target;
import bellhop.spi.Trigger;
import bellhop.spi.TriggerPlugin;
import bellhop.spi.testkit.FakeHost;
import bellhop.spi.testkit.SettingsOf;
import java.io.IOException;
import java.util.Set;

/** What a plugin has to do with any sysfs: to find targets, the same twice, or to say why it cannot look. */
final class Looks {
    private Looks() {}

    static void assertFindsTheSameTwice(TriggerPlugin plugin, SettingsOf settings, byte[] text) throws Exception {
        try (Tree tree = new Tree(text);
                Trigger trigger = plugin.open(settings, new FakeHost(tree.root()))) {
            Set<Target> targets;
            try {
                targets = trigger.present();
            } catch (IOException e) {
                Messages.assertNoControl(String.valueOf(e.getMessage()));
                return;
            }
            assertThat(trigger.present()).isEqualTo(targets);
            PresentTargets answer = PresentTargets.of(targets);
            answer.refused().forEach(Messages::assertOneLine);
            assertThat(answer.targets().values()).allSatisfy(target -> {
                assertThat(tree.root().resolve("class")).isDirectory();
                assertThat(target.facts()).containsKey("SYSPATH");
                target.facts().values().forEach(value -> assertThat(value).doesNotContain("\n", "\0"));
            });
        }
    }
}
