package bellhop.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Run by {@link WaitTest}: becomes a subreaper, inherits many orphans at once from a leader whose zombie it keeps,
 * kills them all through the group whose number the zombie holds, and reaps them while children of its own end.
 */
final class Subreaper {

    private Subreaper() {}

    public static void main(String[] arguments) throws Exception {
        int orphans = Integer.parseInt(arguments[0]);
        int ownedChildren = Integer.parseInt(arguments[1]);
        Prctl.becomeSubreaper();
        Path folder = Files.createTempDirectory("bellhop-subreaper");
        Path gate = folder.resolve("gate");
        Fd.mkfifo(gate, 0600);
        Set<Integer> owned = new HashSet<>();

        int leader =
                sh("i=0; while [ $i -lt " + orphans + " ]; do read line < " + gate + " & i=$((i+1)); done; exit 9");
        owned.add(leader);
        int leaderFd = Pidfd.open(leader);
        awaitReadable(leaderFd);

        List<Integer> pids = new ArrayList<>();
        for (int i = 0; i < ownedChildren / 2; i++) {
            pids.add(sh("exit " + i));
        }
        owned.addAll(pids);
        Signals.killGroup(leader, Signals.KILL);
        int reaped = Wait.reapOrphans(owned::contains, dead -> {});
        for (int i = ownedChildren / 2; i < ownedChildren; i++) {
            int pid = sh("exit " + i);
            pids.add(pid);
            owned.add(pid);
            reaped += Wait.reapOrphans(owned::contains, dead -> {});
        }
        for (int unowned = unownedChild(owned); unowned > 0; unowned = unownedChild(owned)) {
            awaitReadable(Pidfd.open(unowned));
            reaped += Wait.reapOrphans(owned::contains, dead -> {});
        }

        System.out.println("orphans reaped: " + reaped);
        System.out.println("leader: " + Wait.reap(leaderFd));
        for (int pid : pids) {
            System.out.println("owned: " + Wait.reapPid(pid));
        }
        System.out.println("children left: " + (Wait.peekAnyChild().isPresent() ? "some" : "0"));
        Files.delete(gate);
        Files.delete(folder);
    }

    private static int unownedChild(Set<Integer> owned) throws PosixException {
        return Proc.census().stream()
                .filter(task -> task.ppid() == Proc.self() && !owned.contains(task.pid()))
                .mapToInt(Proc.Task::pid)
                .findFirst()
                .orElse(0);
    }

    private static int sh(String script) throws SpawnException {
        return Spawn.start(
                new Spawn.Command(List.of("/bin/sh", "-c", script), List.of("PATH=/usr/bin:/bin"), Path.of("/"), 2, 2));
    }

    private static void awaitReadable(int fd) throws PosixException {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fd, Epoll.IN, 0);
            epoll.await(-1, (token, events) -> {});
        }
    }
}
