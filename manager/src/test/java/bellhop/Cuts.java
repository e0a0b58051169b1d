package bellhop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program, run again and again, that is cut off at one system call after the other of those that change certain
 * files, or that is told there that there is no room: by strace(1).
 *
 * @param command the program with its arguments
 * @param files what it changes
 */
public record Cuts(List<String> command, List<Path> files) {

    private static final Pattern CALL = Pattern.compile("^(?:\\d+ +)?(\\w+)\\(.*");
    /** Calls that change nothing. */
    private static final Set<String> LOOKS =
            Set.of("access", "close", "fstat", "lseek", "lstat", "newfstatat", "read", "readlink", "stat", "statx");

    /** The exit status of a program that was cut off. */
    public static final int KILLED = 128 + 9;

    /** One of the calls. */
    public record Call(String name, int nth) {}

    /** Skips the test where there is no strace, or where it may do nothing. */
    public static void assumePossible() throws IOException, InterruptedException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/strace"))
                        && new ProcessBuilder("strace", "-qq", "-o", "/dev/null", "true")
                                        .start()
                                        .waitFor()
                                == 0,
                "skipped: strace is missing, or may not be used here");
    }

    /** Runs it to its end; returns the calls that change the files. */
    public List<Call> calls(Path trace) throws IOException, InterruptedException {
        Outcome ended = run("-o", trace.toString());
        if (ended.status() != 0) {
            throw new AssertionError(ended.toString());
        }
        List<Call> calls = new ArrayList<>();
        Map<String, Integer> counts = new TreeMap<>();
        for (String line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
            Matcher call = CALL.matcher(line);
            if (call.matches() && !LOOKS.contains(call.group(1))) {
                calls.add(new Call(call.group(1), counts.merge(call.group(1), 1, Integer::sum)));
            }
        }
        return calls;
    }

    /** Kills it at that call, which is not carried out any more. */
    public Outcome killAt(Call call) throws IOException, InterruptedException {
        return inject(call, "signal=KILL");
    }

    /** Has that call fail. */
    public Outcome withoutRoomAt(Call call) throws IOException, InterruptedException {
        return inject(call, "error=ENOSPC");
    }

    private Outcome inject(Call call, String what) throws IOException, InterruptedException {
        return run("-o", "/dev/null", "-e", "inject=" + call.name() + ":" + what + ":when=" + call.nth());
    }

    private Outcome run(String... options) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("strace", "-f", "-qq", "-e", "signal=none"));
        for (Path file : files) {
            words.addAll(List.of("-P", file.toString()));
        }
        words.addAll(List.of(options));
        words.addAll(command);
        Process process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), "", err);
    }
}
