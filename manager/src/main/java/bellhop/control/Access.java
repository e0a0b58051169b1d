package bellhop.control;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;

/**
 * Access to the manager: its owner may send requests and, if it is root's and the group {@code
 * bellhop} exists, the members of that group.
 */
public final class Access {

    private static final String GROUP = "bellhop";

    private final Optional<GroupPrincipal> group;

    private Access(Optional<GroupPrincipal> group) {
        this.group = group;
    }

    /** For a manager that runs as this user. */
    public static Access ofManager(int uid) throws IOException {
        return uid == 0 ? ofGroup(GROUP) : ofOwner();
    }

    /** For the owner alone, and root. */
    public static Access ofOwner() {
        return new Access(Optional.empty());
    }

    static Access ofGroup(String name) throws IOException {
        try {
            return new Access(Optional.of(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name)));
        } catch (UserPrincipalNotFoundException e) {
            return ofOwner();
        }
    }

    /** Lets all who may send requests read and write {@code file}: 0660 or 0600. */
    void allowReadingAndWriting(Path file) throws IOException {
        apply(file, 0660, 0600);
    }

    /** Lets them put files of their own into {@code directory}, and see no others: 1730 or 0700. */
    void allowAdding(Path directory) throws IOException {
        apply(directory, 01730, 0700);
    }

    private void apply(Path file, int withGroup, int without) throws IOException {
        if (group.isPresent()) {
            Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setGroup(group.get());
        }
        Files.setAttribute(file, "unix:mode", group.isPresent() ? withGroup : without);
    }
}
