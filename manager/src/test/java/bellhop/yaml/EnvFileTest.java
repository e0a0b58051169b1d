package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.definition.EnvironmentSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {

    @TempDir
    Path directory;

    @Test
    void variablesAreReadInTheirOrder() throws Exception {
        Path file = write("""
                # secrets of the shop
                PASSWORD=s3cret # not this
                export USER_NAME = shop

                HASH=a#b
                EMPTY=
                SINGLE='$HOME and \\n "stay"'
                DOUBLE="a\\tb \\"q\\" \\$HOME \\x"   # a comment
                LINES='one
                two'
                AFTER=x=y\r
                PASSWORD=last
                """);

        assertThat(EnvFile.read(file))
                .containsEntry("USER_NAME", "shop")
                .containsEntry("HASH", "a#b")
                .containsEntry("EMPTY", "")
                .containsEntry("SINGLE", "$HOME and \\n \"stay\"")
                .containsEntry("DOUBLE", "a\tb \"q\" $HOME \\x")
                .containsEntry("LINES", "one\ntwo")
                .containsEntry("AFTER", "x=y")
                .containsEntry("PASSWORD", "last")
                .hasSize(8);
    }

    /** In a line of the table ␊, ␍ and ␉ stand for what they show, and ␠ for a blank at an end. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            VAR=VAL                             | VAL
            VAR="VAL"                           | VAL
            VAR='VAL'                           | VAL
            VAR = VAL                           | VAL
            VAR: VAL                            | VAL
            VAR:VAL                             | VAL
            VAR : "VAL"                         | VAL
            VAR=a:b=c                           | a:b=c
            export VAR=VAL                      | VAL
            export VAR: VAL                     | VAL
            ␠␉VAR=␉VAL␠␉                        | VAL
            \uFEFFVAR=VAL                       | VAL
            VAR=VAL␍␊                           | VAL
            VAR="VAL"␍␊                         | VAL
            ␍␊# a comment␍␊VAR=VAL␍␊            | VAL
            VAR=                                | ``
            VAR:                                | ``
            VAR=""                              | ``
            VAR=''                              | ``
            VAR= # a comment                    | ``
            VAR=VAL # comment                   | VAL
            VAR=VAL# not a comment              | VAL# not a comment
            VAR="VAL # not a comment"           | VAL # not a comment
            VAR="VAL" # comment                 | VAL
            VAR="VAL"# comment                  | VAL
            VAR='VAL # not a comment' # comment | VAL # not a comment
            VAR='$OTHER'                        | $OTHER
            VAR='${OTHER}'                      | ${OTHER}
            VAR='Let\\'s go!'                   | Let's go!
            VAR='the dog\\'s bowl' # comment    | the dog's bowl
            VAR='\\''                           | '
            VAR='a "b" c'                       | a "b" c
            VAR="the dog's bowl"                | the dog's bowl
            VAR="the dog\\'s bowl"              | the dog\\'s bowl
            VAR="{\\"hello\\": \\"json\\"}"     | {"hello": "json"}
            VAR="some\\tvalue"                  | some␉value
            VAR='some\\tvalue'                  | some\\tvalue
            VAR=some\\tvalue                    | some\\tvalue
            VAR="a\\nb\\rc\\\\n"                | a␊b␍c\\n
            VAR="C:\\\\"                        | C:\\
            VAR='C:\\\\'                        | C:\\\\
            VAR='SOME␊VALUE'                    | SOME␊VALUE
            VAR="SOME␊VALUE"                    | SOME␊VALUE
            VAR='SOME␍␊VALUE'␍␊                 | SOME␍␊VALUE
            VAR="\\$OTHER"                      | $OTHER
            VAR="\\x \\a \\061"                 | \\x \\a \\061
            VAR=$OTHER                          | $OTHER
            VAR="${OTHER:-d}"                   | ${OTHER:-d}
            VAR=${OTHER:?error}                 | ${OTHER:?error}
            VAR=$$OTHER                         | $$OTHER
            VAR=a"b c"                          | a"b c"
            VAR=VAL␉# comment                   | VAL
            VAR=one␊VAR=two                     | two
            """)
    void formIsReadAsComposeDocumentsItOrAsTheListOfDifferencesSays(String line, String value) throws Exception {
        assertThat(EnvFile.read(write(shown(line)))).containsExactly(Map.entry("VAR", shown(value)));
    }

    private static String shown(String text) {
        return text.replace('␊', '\n').replace('␍', '\r').replace('␉', '\t').replace('␠', ' ');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A=1\\n  s3cret\\nB=2        | :2:3: not an assignment; expected NAME=VALUE
            s3cret                      | :1:1: not an assignment; expected NAME=VALUE
            export s3cret               | :1:1: not an assignment; expected NAME=VALUE
            s3[cret]=A                  | :1:1: not an assignment; expected NAME=VALUE
            A='s3cret\\'                | :1:3: this quote is not closed; expected '
            1s3cret=A                   | :1:1: not an assignment; expected NAME=VALUE
            A=1\\nB= "s3cret\\nmore     | :2:4: this quote is not closed; expected "
            A='x\\ny' s3cret            | :2:3: text follows the closing quote; expected the end of the line, or a comment
            NOTIFY_SOCKET=s3cret        | :1:1: NOTIFY_SOCKET is set by the manager; expected another name
            export BELLHOP_X=s3cret     | :1:8: BELLHOP_X is set by the manager; expected another name
            """)
    void problemHasItsPlaceAndNothingOfTheSecret(String text, String problem) throws IOException {
        Path file = write(text.replace("\\n", "\n"));

        assertThatThrownBy(() -> EnvFile.read(file)).hasMessage(file + problem);
    }

    @Test
    void fileThatIsMissingIsAnErrorWhereItIsRequired() throws Exception {
        Path missing = directory.resolve("missing");

        assertThatThrownBy(() -> EnvFile.read(missing)).hasMessageStartingWith(missing + ": no such file");
        assertThatThrownBy(() -> EnvFile.read(new EnvironmentSettings.File(missing, true)))
                .isInstanceOf(EnvFileException.class);
        assertThat(EnvFile.read(new EnvironmentSettings.File(missing, false))).isEmpty();
    }

    @Test
    void whatIsNoTextFileIsRefused() throws Exception {
        Path latin = Files.write(directory.resolve("latin"), new byte[] {'A', '=', (byte) 0xe9});
        Path long_ = Files.writeString(directory.resolve("long"), "#".repeat(EnvFile.MAX_BYTES + 1));

        assertThatThrownBy(() -> EnvFile.read(latin)).hasMessage(latin + ": not UTF-8");
        assertThatThrownBy(() -> EnvFile.read(directory)).hasMessage(directory + ": not a regular file");
        assertThatThrownBy(() -> EnvFile.read(long_)).hasMessage(long_ + ": too long; expected at most 65536 bytes");
        assertThatThrownBy(() -> EnvFile.read(write("A=\0"))).hasMessageContaining(":1:3: the value has a NUL");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("env"), text);
    }
}
