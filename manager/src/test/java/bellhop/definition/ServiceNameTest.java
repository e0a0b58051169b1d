package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sshd",
                "0",
                "a.b_c+d-e",
                "getty@ttyS0",
                "a@b@c",
                "mount@\\x2fhome",
                "wifi@é",
                "a@.hidden",
                "a@:;|&$(rm)",
                "a@..."
            })
    void nameIsReadAndWrittenAlike(String text) throws InvalidNameException {
        assertThat(ServiceName.parse(text)).hasToString(text);
    }

    @Test
    void targetIsWhatFollowsTheFirstAt() throws InvalidNameException {
        ServiceName name = ServiceName.parse("a@b@c");

        assertThat(name.template()).isEqualTo("a");
        assertThat(name.target()).contains("b@c");
        assertThat(name.argument()).isEqualTo("b@c");
        assertThat(ServiceName.parse("sshd").argument()).isEqualTo("sshd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a b", ".", "..", ".a", "-a", "_a", "a/b", "a\0", "é", "a\n", "a\uFFFD"})
    void whatIsNoNameIsRefused(String text) {
        assertThatThrownBy(() -> ServiceName.parse(text))
                .isInstanceOf(InvalidNameException.class)
                .hasMessageEndingWith(" is not a service name: expected a letter or digit, then letters, digits and"
                        + " . _ + -, at most 64 characters");
    }

    @Test
    void refusalNamesTheTextOnOneLine() {
        assertRefused(
                "../x",
                "\"../x\" is not a service name: expected a letter or digit, then letters, digits and"
                        + " . _ + -, at most 64 characters");
        assertRefused(
                "a\n\033b",
                "\"a\\x0a\\x1bb\" is not a service name: expected a letter or digit, then letters,"
                        + " digits and . _ + -, at most 64 characters");
    }

    @Test
    void emptyNameIsRefused() {
        assertRefused("", "\"\" is not a service name: it is empty");
    }

    @Test
    void atAloneIsRefused() {
        assertRefused(
                "@",
                "\"@\" is not a service name: expected a letter or digit, then letters, digits and"
                        + " . _ + -, at most 64 characters, before the @");
        assertRefused(
                "@tty",
                "\"@tty\" is not a service name: expected a letter or digit, then letters, digits and"
                        + " . _ + -, at most 64 characters, before the @");
        assertRefused("getty@", "\"getty@\" is not a service name: nothing follows the @");
    }

    @Test
    void templateHasAtMost64Characters() throws InvalidNameException {
        assertThat(ServiceName.parse("a".repeat(64)).template()).hasSize(64);
        assertThatThrownBy(() -> ServiceName.parse("a".repeat(65))).isInstanceOf(InvalidNameException.class);
        assertRefused(
                "a".repeat(300),
                "\"" + "a".repeat(80) + "…\" is not a service name: expected a letter or digit,"
                        + " then letters, digits and . _ + -, at most 64 characters");
    }

    @Test
    void targetHasAtMost128Bytes() throws InvalidNameException {
        assertThat(ServiceName.parse("a@" + "b".repeat(128)).argument()).hasSize(128);
        assertThat(ServiceName.parse("a@" + "é".repeat(64)).argument()).hasSize(64);
        assertRefused(
                "a@" + "é".repeat(65),
                "\"a@" + "é".repeat(65) + "\" is not a service name: a target has at most 128 bytes");
        assertThatThrownBy(() -> ServiceName.parse("a@" + "b".repeat(129))).isInstanceOf(InvalidNameException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b/c", "a@/", "a@b c", "a@\u00a0", "a@\t", "a@\n", "a@\0", "a@\u007f", "a@\u0085"})
    void targetHasNoSlashWhiteSpaceOrControlCharacters(String text) {
        assertThatThrownBy(() -> ServiceName.parse(text))
                .isInstanceOf(InvalidNameException.class)
                .hasMessageEndingWith(
                        " is not a service name: a target must not contain /, white space or control characters");
    }

    @Test
    void targetIsNoWayUpAndNoOption() {
        assertRefused("a@.", "\"a@.\" is not a service name: a target must not be . or ..");
        assertRefused("a@..", "\"a@..\" is not a service name: a target must not be . or ..");
        assertRefused("a@-x", "\"a@-x\" is not a service name: a target must not begin with -");
    }

    @Test
    void bytesThatWereNoUtf8AreRefused() {
        assertRefused("a@\uFFFD", "\"a@\uFFFD\" is not a service name: a target is UTF-8");
        assertThatThrownBy(() -> ServiceName.parse("a@\uD800")).isInstanceOf(InvalidNameException.class);
    }

    @Test
    void partsThatAreNoNameMakeNone() {
        assertThatThrownBy(() -> new ServiceName("../x", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ServiceName("x", Optional.of("../y")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesSortAsUsersReadThem() throws InvalidNameException {
        assertThat(ServiceName.parse("a")).isLessThan(ServiceName.parse("a@b"));
        assertThat(ServiceName.parse("a@b")).isLessThan(ServiceName.parse("b"));
    }

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> ServiceName.parse(text))
                .isInstanceOf(InvalidNameException.class)
                .hasMessage(message);
    }
}
