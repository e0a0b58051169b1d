package bellhop.control;

/**
 * The process at the other end.
 *
 * @param uid the user: from the kernel for a socket, the owner of the reply FIFO otherwise
 * @param gid the group, from the same source
 * @param pid the process, 0 if it is not known
 * @param pidIsClaimed whether {@code pid} is only what the client says: so it is over the FIFO
 */
public record Peer(int uid, int gid, int pid, boolean pidIsClaimed) {

    /** As a log shows it: {@code uid 1000, pid 4711} or {@code uid 1000, pid 4711 (claimed)}. */
    @Override
    public String toString() {
        if (pid == 0) {
            return "uid " + uid;
        }
        return "uid " + uid + ", pid " + pid + (pidIsClaimed ? " (claimed)" : "");
    }
}
