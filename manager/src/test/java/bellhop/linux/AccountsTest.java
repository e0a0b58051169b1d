package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Verifies the lists of users and groups beside what is in the files of this machine. */
class AccountsTest {

    @Test
    void everyUserOfTheFileIsFoundByNameAndNumber() throws Exception {
        Path passwd = Path.of("/etc/passwd");
        assumeTrue(Files.isReadable(passwd), "SKIPPED: there is no /etc/passwd here");
        for (String line : Files.readAllLines(passwd)) {
            String[] fields = line.split(":", -1);
            if (fields.length == 7 && fields[0].matches("[a-z].*")) {
                Accounts.Account account = Accounts.user(fields[0]).orElseThrow();
                assertThat(account)
                        .isEqualTo(new Accounts.Account(
                                fields[0],
                                Integer.parseUnsignedInt(fields[2]),
                                Integer.parseUnsignedInt(fields[3]),
                                fields[5],
                                fields[6]));
                assertThat(Accounts.user(account.uid()).orElseThrow().uid()).isEqualTo(account.uid());
                assertThat(Accounts.groups(account, account.gid())).contains(account.gid());
            }
        }
    }

    @Test
    void groupsAreFoundByName() throws Exception {
        for (String line : Files.readAllLines(Path.of("/etc/group"))) {
            String[] fields = line.split(":", -1);
            if (fields.length == 4 && fields[0].matches("[a-z].*")) {
                assertThat(Accounts.group(fields[0])).hasValue(Integer.parseUnsignedInt(fields[2]));
            }
        }
    }

    @Test
    void whoIsNotThereIsNotFound() throws Exception {
        assertThat(Accounts.user("no-such-user")).isEmpty();
        assertThat(Accounts.user(2_000_000_011)).isEmpty();
        assertThat(Accounts.group("no-such-group")).isEmpty();
    }

    @Test
    void ownGroupsAreThoseOfTheKernel() throws Exception {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(l -> l.startsWith("Groups:"))
                .findFirst()
                .orElseThrow();
        assertThat(Self.groups().stream().map(String::valueOf).collect(Collectors.joining(" ")))
                .isEqualTo(line.substring("Groups:".length()).strip());
    }
}
