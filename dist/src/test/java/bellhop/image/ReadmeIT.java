package bellhop.image;

import bellhop.Paper;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that the session in the README is what its commands print, but for times, sizes and the numbers of
 * processes.
 * {@code -Dgenerate=true} runs them and writes it again.
 */
@Timeout(120)
class ReadmeIT {

    private static final String BEGIN = "<!-- session: made by ReadmeIT -->\n```console\n";
    private static final String END = "```\n<!-- end of session -->\n";
    private static final String PROMPT = "$ ";

    @Test
    void theSessionIsWhatItsCommandsPrint() throws Exception {
        Paper readme = new Paper(Path.of("..", "README.md"), "-pl dist verify -Dit.test=ReadmeIT");
        String written = readme.between(BEGIN, END);
        List<String> commands =
                written.lines().filter(line -> line.startsWith(PROMPT)).toList();
        StringBuilder printed = new StringBuilder();
        try (ImageManager manager = new ImageManager()) {
            manager.script("database", "run", "exec sleep 1000")
                    .script("shop", "run", "exec sleep 1000")
                    .yaml("shop", "description: The shop", "requires: [database]")
                    .script("mail", "pre", manager.logged("mail", "there is no mail.conf"), "exit 1")
                    .script("mail", "run", "exec sleep 1000")
                    .yaml("mail", "restart: no")
                    .with("PATH", ImageManager.IMAGE.resolve("bin") + ":" + System.getenv("PATH"))
                    .with("TERM", "vt100")
                    .with("LC_ALL", "C.UTF-8")
                    .with("NO_COLOR", "1")
                    .with("BELLHOP_ENABLED", manager.root().resolve("enabled").toString())
                    .start();
            for (String command : commands) {
                printed.append(command).append('\n').append(said(manager, command.substring(PROMPT.length())));
            }
        }

        readme.hasBetween(
                BEGIN, END, settled(printed.toString()).equals(settled(written)) ? written : printed.toString());
    }

    /** What a command says on a terminal of 100 columns. */
    private static String said(ImageManager manager, String command) throws Exception {
        if (command.matches("bh (start|stop) .*")) {
            // If they take long, they say on a terminal what they wait for.
            return manager.run("/bin/sh", "-c", "exec 2>&1\n" + command).said();
        }
        return manager.run(
                        Programs.needed("script", "bsdutils"), "-qec", "stty cols 100 rows 24; " + command, "/dev/null")
                .said()
                .replace("\r", "");
    }

    /** Without what is different each time: times, sizes, numbers of processes, and the width of columns with them. */
    private static String settled(String session) {
        return session.replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("\\b\\d+(\\.\\d+)? ?(ms|s|min)\\b", "TIME")
                .replaceAll("\\b\\d+(\\.\\d+)?[KM]\\b", "SIZE")
                .replaceAll("\\b\\d{2,}\\b", "PID")
                .replaceAll(" +", " ");
    }
}
