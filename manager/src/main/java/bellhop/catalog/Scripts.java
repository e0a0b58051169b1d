package bellhop.catalog;

import bellhop.definition.FileVersion;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.RegularFile;
import bellhop.linux.Stat;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the scripts of a service directory and what would keep the kernel from running them. */
final class Scripts {
    private static final int LONGEST_FIRST_LINE = 256;
    private static final int EXECUTE_BITS = 0111;

    private Scripts() {}

    /**
     * The command line of each script that there is.
     *
     * @param directory the service directory as messages name it
     * @param problems where a line goes for each script that cannot be run
     * @param versions where it goes which file each of them is
     */
    static Map<Script, List<String>> commands(
            Path directory, ServiceName name, List<Problem> problems, Map<Script, FileVersion> versions) {
        Map<Script, List<String>> commands = new EnumMap<>(Script.class);
        for (Script script : Script.values()) {
            Path file = directory.resolve(script.fileName());
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                Optional<Stat> stat = stat(file);
                whatIsWrongWith(file, stat).ifPresent(what -> problems.add(Problem.with(file, what)));
                stat.ifPresent(it -> versions.put(script, new FileVersion(it.ino(), it.size(), it.mtime())));
                commands.put(script, List.of(file.toAbsolutePath().toString(), name.argument()));
            }
        }
        return commands;
    }

    /** Empty if it leads nowhere or cannot be looked at. */
    private static Optional<Stat> stat(Path file) {
        try {
            return Optional.of(Fd.stat(file));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> whatIsWrongWith(Path file, Optional<Stat> stat) {
        try {
            if (stat.isEmpty() || !stat.get().isRegular()) {
                boolean leadsNowhere = Files.isSymbolicLink(file) && !Files.exists(file);
                return Optional.of(
                        leadsNowhere
                                ? "a link to " + Quote.onOneLine(Files.readSymbolicLink(file))
                                        + ", which does not exist"
                                : "not a regular file; expected a script or a program");
            }
            int mode = stat.get().permissions();
            if ((mode & EXECUTE_BITS) == 0) {
                return Optional.of(String.format("not executable (mode %04o); chmod +x it", mode));
            }
            if (!Files.isExecutable(file)) {
                return Optional.of(String.format("not executable by this user (mode %04o)", mode));
            }
            return whatIsWrongWithStart(start(file));
        } catch (AccessDeniedException e) {
            // A program may be executable without being readable; the kernel judges it then.
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.of("disappeared while it was read");
        } catch (IOException e) {
            return Optional.of(FileErrors.of(e));
        }
    }

    private static String start(Path file) throws IOException {
        return new String(RegularFile.read(file, LONGEST_FIRST_LINE), StandardCharsets.ISO_8859_1);
    }

    /** The kernel refuses both with errors that nobody understands: ENOEXEC and, for the second, ENOENT. */
    private static Optional<String> whatIsWrongWithStart(String start) {
        if (start.isEmpty()) {
            return Optional.of("empty; expected a script or a program");
        }
        if (!start.startsWith("#!") && !start.startsWith("\177ELF")) {
            return Optional.of("begins neither with #! nor as a program (ELF); expected a first line like #!/bin/sh");
        }
        int end = start.indexOf('\n');
        if (start.startsWith("#!") && end > 0 && start.charAt(end - 1) == '\r') {
            return Optional.of("its lines end with CR LF, which hides the interpreter; expected LF alone");
        }
        return Optional.empty();
    }
}
