package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The structs and constants of this package, beside what the C compiler says of them. */
class LayoutTest {

    private final Children children = new Children();

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @Test
    void epollEventIsPackedOnX8664Only() {
        assertThat(EpollEvent.of(Architecture.X86_64)).isEqualTo(new EpollEvent(12, 4));
        assertThat(EpollEvent.of(Architecture.AARCH64)).isEqualTo(new EpollEvent(16, 8));
    }

    @Test
    void theMachineIsKnownByTheNamesThatJavaGivesIt() {
        assertThat(Architecture.of("amd64")).isEqualTo(Architecture.X86_64);
        assertThat(Architecture.of("aarch64")).isEqualTo(Architecture.AARCH64);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Architecture.of("riscv64")))
                .hasMessage("Bellhop runs on x86-64 and aarch64; this machine reports riscv64");
    }

    @Test
    void sizesOffsetsAndConstantsAreThoseOfTheCCompiler() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct epoll_event)", (long)
                EpollEvent.of(Architecture.THIS).size());
        expected.put("offsetof(struct epoll_event, events)", (long) EpollEvent.EVENTS);
        expected.put("offsetof(struct epoll_event, data)", (long)
                EpollEvent.of(Architecture.THIS).data());
        expected.put("offsetof(struct passwd, pw_uid)", (long) Accounts.UID);
        expected.put("offsetof(struct passwd, pw_gid)", (long) Accounts.GID);
        expected.put("offsetof(struct passwd, pw_dir)", (long) Accounts.DIR);
        expected.put("offsetof(struct passwd, pw_shell)", (long) Accounts.SHELL);
        expected.put("offsetof(struct group, gr_gid)", (long) Accounts.GROUP_GID);
        expected.put("sizeof(siginfo_t)", (long) Wait.SIGINFO_SIZE);
        expected.put("offsetof(siginfo_t, si_code)", (long) Wait.SI_CODE);
        expected.put("offsetof(siginfo_t, si_pid)", (long) Wait.SI_PID);
        expected.put("offsetof(siginfo_t, si_status)", (long) Wait.SI_STATUS);
        expected.put("sizeof(struct statx)", (long) Statx.SIZE);
        expected.put("offsetof(struct statx, stx_nlink)", (long) Statx.NLINK);
        expected.put("offsetof(struct statx, stx_uid)", (long) Statx.UID);
        expected.put("offsetof(struct statx, stx_gid)", (long) Statx.GID);
        expected.put("offsetof(struct statx, stx_mode)", (long) Statx.MODE);
        expected.put("offsetof(struct statx, stx_ino)", (long) Statx.INO);
        expected.put("offsetof(struct statx, stx_size)", (long) Statx.LENGTH);
        expected.put("offsetof(struct statx, stx_ctime.tv_sec)", (long) Statx.CTIME_SEC);
        expected.put("offsetof(struct statx, stx_ctime.tv_nsec)", (long) Statx.CTIME_NSEC);
        expected.put("offsetof(struct statx, stx_mtime.tv_sec)", (long) Statx.MTIME_SEC);
        expected.put("offsetof(struct statx, stx_mtime.tv_nsec)", (long) Statx.MTIME_NSEC);
        expected.put("offsetof(struct statx, stx_dev_major)", (long) Statx.DEV_MAJOR);
        expected.put("offsetof(struct statx, stx_dev_minor)", (long) Statx.DEV_MINOR);
        expected.put("sizeof(struct sigaction)", (long) Spawn.SIGACTION_SIZE);
        expected.put("offsetof(struct sigaction, sa_handler)", (long) Spawn.SA_HANDLER);
        expected.put("sizeof(posix_spawnattr_t)", (long) Spawn.SPAWNATTR_SIZE);
        expected.put("sizeof(posix_spawn_file_actions_t)", (long) Spawn.FILE_ACTIONS_SIZE);
        expected.put("sizeof(sigset_t)", (long) Spawn.SIGSET_SIZE);
        expected.put("sizeof(struct sockaddr_nl)", (long) Netlink.SOCKADDR_NL_SIZE);
        expected.put("offsetof(struct sockaddr_nl, nl_family)", (long) Netlink.NL_FAMILY);
        expected.put("offsetof(struct sockaddr_nl, nl_pid)", (long) Netlink.NL_PID);
        expected.put("offsetof(struct sockaddr_nl, nl_groups)", (long) Netlink.NL_GROUPS);
        addConstants(expected, Netlink.class, "", "(AF|SOCK|SOL|SO|MSG|NETLINK)_[A-Z_]+(?<!SIZE)");
        addSockets(expected);
        addConstants(expected, Fd.class, "", "(O|LOCK|SPLICE|F|R|W|X|AT)_[A-Z_]+");
        addConstants(expected, Statx.class, "", "(AT|STATX)_[A-Z_]+");
        addConstants(expected, Wait.class, "", "P_[A-Z]+|W[A-Z]+|CLD_[A-Z]+");
        addConstants(expected, Spawn.class, "(long) ", "POSIX_SPAWN_[A-Z]+|SIG_[A-Z]+");
        addConstants(expected, Prctl.class, "", "PR_[A-Z_]+");
        addConstants(expected, Epoll.class, "", "EPOLL_CTL_[A-Z]+");
        addConstants(expected, Epoll.class, "(int) EPOLL", "IN|OUT|ERR|HUP|RDHUP|ET");
        addConstants(expected, Inotify.class, "", "IN_[A-Z_]+");
        expected.put("sizeof(struct inotify_event)", (long) Inotify.EVENT_SIZE);
        expected.put("offsetof(struct inotify_event, wd)", (long) Inotify.WD);
        expected.put("offsetof(struct inotify_event, mask)", (long) Inotify.MASK);
        expected.put("offsetof(struct inotify_event, len)", (long) Inotify.LEN);
        addConstants(expected, Signals.class, "SIG", "[A-Z0-9]{2,5}");
        addConstants(expected, Errno.class, "", "E[A-Z0-9]+");

        Map<String, String> actual = compiled(expected.keySet().stream()
                .map(expression -> "printf(\"%s\\t%ld\\n\", \"" + expression + "\", (long) (" + expression + "));")
                .toList());

        assertThat(expected).hasSizeGreaterThan(120);
        expected.forEach((expression, value) ->
                assertThat(actual).as(expression).containsEntry(expression, Long.toString(value)));
    }

    private static void addSockets(Map<String, Long> expected) throws IllegalAccessException {
        expected.put("sizeof(struct sockaddr_un)", (long) SocketAddress.UNIX_SIZE);
        expected.put("offsetof(struct sockaddr_un, sun_path)", (long) SocketAddress.UNIX_PATH);
        expected.put("sizeof(struct sockaddr_in)", (long) SocketAddress.INET_SIZE);
        expected.put("offsetof(struct sockaddr_in, sin_port)", (long) SocketAddress.INET_PORT);
        expected.put("offsetof(struct sockaddr_in, sin_addr)", (long) SocketAddress.INET_ADDRESS);
        expected.put("sizeof(struct sockaddr_in6)", (long) SocketAddress.INET6_SIZE);
        expected.put("offsetof(struct sockaddr_in6, sin6_port)", (long) SocketAddress.INET_PORT);
        expected.put("offsetof(struct sockaddr_in6, sin6_addr)", (long) SocketAddress.INET6_ADDRESS);
        expected.put("sizeof(struct msghdr)", (long) DatagramReader.MSGHDR_SIZE);
        expected.put("offsetof(struct msghdr, msg_iov)", (long) DatagramReader.MSG_IOV);
        expected.put("offsetof(struct msghdr, msg_iovlen)", (long) DatagramReader.MSG_IOVLEN);
        expected.put("offsetof(struct msghdr, msg_control)", (long) DatagramReader.MSG_CONTROL);
        expected.put("offsetof(struct msghdr, msg_controllen)", (long) DatagramReader.MSG_CONTROLLEN);
        expected.put("offsetof(struct msghdr, msg_flags)", (long) DatagramReader.MSG_FLAGS);
        expected.put("sizeof(struct iovec)", (long) DatagramReader.IOVEC_SIZE);
        expected.put("offsetof(struct iovec, iov_len)", (long) DatagramReader.IOV_LEN);
        expected.put("sizeof(struct cmsghdr)", (long) DatagramReader.CMSGHDR_SIZE);
        expected.put("CMSG_LEN(0)", (long) DatagramReader.CMSGHDR_SIZE);
        expected.put("offsetof(struct cmsghdr, cmsg_level)", (long) DatagramReader.CMSG_LEVEL);
        expected.put("offsetof(struct cmsghdr, cmsg_type)", (long) DatagramReader.CMSG_TYPE);
        expected.put("sizeof(struct ucred)", (long) DatagramReader.UCRED_SIZE);
        expected.put("offsetof(struct ucred, pid)", (long) DatagramReader.UCRED_PID);
        expected.put("offsetof(struct ucred, uid)", (long) DatagramReader.UCRED_UID);
        addConstants(expected, Sockets.class, "", "(AF|SOCK|SOL|SO)_[A-Z0-9]+");
        addConstants(expected, DatagramReader.class, "", "SCM_[A-Z]+|MSG_(TRUNC|CMSG_CLOEXEC)");
    }

    @Test
    void theWordsForErrorsAreThoseOfTheCLibrary() throws Exception {
        Map<String, Long> errors = new LinkedHashMap<>();
        addConstants(errors, Errno.class, "", "E[A-Z0-9]+");

        Map<String, String> actual = compiled(errors.keySet().stream()
                .map(name -> "printf(\"%s\\t%s\\n\", \"" + name + "\", strerror(" + name + "));")
                .toList());

        errors.forEach((name, errno) -> {
            assertThat(Errno.name(errno.intValue())).isEqualTo(name);
            assertThat(Errno.text(errno.intValue())).isEqualTo(actual.get(name));
        });
    }

    @Test
    void anUnknownErrorIsShownByItsNumber() {
        assertThat(Errno.describe(12345)).isEqualTo("Unknown error (errno 12345)");
    }

    private static void addConstants(Map<String, Long> expected, Class<?> type, String prefix, String names)
            throws IllegalAccessException {
        for (Field field : type.getDeclaredFields()) {
            if (field.getName().matches(names) && field.getType().isPrimitive()) {
                field.setAccessible(true);
                expected.put(prefix + field.getName(), ((Number) field.get(null)).longValue());
            }
        }
    }

    private Map<String, String> compiled(Iterable<String> statements) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "skipped: gcc is not installed");
        Path source =
                Files.writeString(folder.resolve("layout.c"), """
                #define _GNU_SOURCE
                #include <errno.h>
                #include <fcntl.h>
                #include <linux/netlink.h>
                #include <netinet/in.h>
                #include <signal.h>
                #include <spawn.h>
                #include <stddef.h>
                #include <stdio.h>
                #include <string.h>
                #include <sys/epoll.h>
                #include <sys/file.h>
                #include <sys/inotify.h>
                #include <pwd.h>
                #include <grp.h>
                #include <sys/prctl.h>
                #include <sys/socket.h>
                #include <sys/stat.h>
                #include <sys/uio.h>
                #include <sys/un.h>
                #include <sys/wait.h>
                #include <unistd.h>
                int main(void) {
                """ + String.join("\n", statements) + "\nreturn 0;\n}\n");
        String program = folder.resolve("layout").toString();
        assertThat(children.start("gcc", "-o", program, source.toString()).rest())
                .as("what gcc says")
                .isEmpty();
        Map<String, String> values = new LinkedHashMap<>();
        children.start(program)
                .rest()
                .lines()
                .forEach(line ->
                        values.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1)));
        return values;
    }
}
