package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verifies the completion of the image in real shells, beside a manager with 300 services. */
@Timeout(180)
class CompletionIT {

    private static final Path BIN = ImageManager.IMAGE.resolve("bin");
    private static final Path SHARE = ImageManager.IMAGE.resolve("share");
    private static final Path BASH = SHARE.resolve("bash-completion/completions/bh");
    private static final Path ZSH = SHARE.resolve("zsh/site-functions");
    private static final Path FISH = SHARE.resolve("fish/vendor_completions.d/bh.fish");
    private static final String BASH_COMPLETION = "/usr/share/bash-completion/bash_completion";
    private static final int SERVICES = 300;

    private static ImageManager manager;

    @BeforeAll
    static void startManager() throws Exception {
        manager = new ImageManager();
        for (String service : List.of("db", "getty", "web")) {
            manager.script(service, "run", "exec sleep 1000");
        }
        manager.yaml("getty", "template: true");
        for (int i = 3; i < SERVICES; i++) {
            manager.script("unused-" + i, "run", "exec sleep 1000");
        }
        manager.start();
        manager.run("bh-start", "web", "getty@tty1").succeeds();
    }

    @AfterAll
    static void stopManager() throws IOException {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({
        "bh sto, stop stopall",
        "bh stop _, getty@tty1 web",
        "bh stop web _, getty@tty1",
        "bh start w, ''",
        "bh start d, db",
        "bh start ge, getty@",
        "bh stop getty@t, getty@tty1",
        "bh list --l, --long",
        "bh list _, ''",
        "bh logs -n _, ''",
        "bh logs -n 5 we, web",
        "bh show web _, ''",
        "bh run --exit-with=w, --exit-with=web",
        "bh --rundir /nowhere st, start status stop stopall",
        "bh --rundir /nowhere stop _, ''",
        "bh-stop we, web",
        "bh-status --j, --json",
        "BIN/bh stop we, web",
        "bh nosuchverb _, ''"
    })
    void whatIsOffered(String typed, String offered) throws Exception {
        String line = typed.replace("BIN", BIN.toString()).replace("_", "");

        assertThat(bash(line)).as("bash").isEqualTo(offered);
        assertThat(fish(line)).as("fish").isEqualTo(offered);
    }

    /** The words that the function of bash offers for a line. */
    private static String bash(String line) throws Exception {
        return shell(
                "bash",
                "--norc",
                "-c",
                ". \"$1\"; COMP_LINE=$2 COMP_POINT=${#2}; _bh \"${2%% *}\" \"${2##* }\"; printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash",
                BASH.toString(),
                line);
    }

    private static String fish(String line) throws Exception {
        return shell("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", FISH.toString(), line);
    }

    /** The first words of the lines that a shell prints, which are to be nothing else. */
    private static String shell(String shell, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Programs.needed("env", "coreutils"),
                "HOME=" + manager.root(),
                "PATH=" + BIN + ":" + System.getenv("PATH"),
                Programs.needed(shell, shell)));
        command.addAll(List.of(words));
        return manager.run(command)
                .succeeds()
                .out()
                .lines()
                .map(offered -> offered.replaceAll("\t.*", ""))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** Types into a shell at a terminal, and has it print what the key for completion made of that. */
    @ParameterizedTest
    @CsvSource({"bash, false", "bash, true", "zsh, false"})
    void theKeyCompletesTheLine(String program, boolean withPackage) throws Exception {
        if (withPackage) {
            Programs.neededThat(Files.exists(Path.of(BASH_COMPLETION)), "there is no bash-completion here; install it");
        }
        String begins = (program.equals("zsh")
                        ? "bindkey -e; fpath+=(" + ZSH + "); autoload -U compinit; compinit -u -D\n"
                        : (withPackage ? ". " + BASH_COMPLETION + "; " : "") + ". " + BASH + "\n")
                + "stty cols 200\n";
        ProcessBuilder builder = new ProcessBuilder(
                Programs.needed("script", "bsdutils"),
                "-qec",
                Programs.needed(program, program) + (program.equals("zsh") ? " -f -i" : " --norc --noprofile -i"),
                "/dev/null");
        manager.environment(builder);
        builder.environment().put("HOME", manager.root().toString());
        builder.environment().put("TERM", "vt100");
        builder.environment().put("PATH", BIN + ":" + System.getenv("PATH"));
        try (Typist typist = new Typist(builder, !program.equals("zsh"))) {
            typist.type(begins + "echo rea''dy\n").sees("ready");

            typist.completes("bh res", "bh restart ");
            typist.completes("bh stop w", "bh stop web ");
            typist.completes("bh start d", "bh start db ");
            typist.completes("bh start ge", "bh start getty@");
            typist.completes("bh stop getty@", "bh stop getty@tty1 ");
            typist.completes("bh stop web ge", "bh stop web getty@tty1 ");
            typist.completes("bh run --exit-with=w", "bh run --exit-with=web ");
            typist.completes("bh logs -n 5 we", "bh logs -n 5 web ");
            typist.completes("bh list --lo", "bh list --long ");
            typist.completes("bh-stop we", "bh-stop web ");
            typist.completes("bh --rundir /nowhere stop we", "bh --rundir /nowhere stop we");
            typist.completes("bh run --services " + SHARE + "/sche", "bh run --services " + SHARE + "/schema/");
            typist.type("exit\n").ends();
        }
    }

    /** Somebody at a terminal. */
    private static final class Typist implements AutoCloseable {
        private final Path seen = Files.createTempFile(manager.root(), "seen", "");
        private final Process shell;
        private final OutputStream keys;
        private final boolean keepsSuffix;

        /** Zsh removes the space or slash behind a completed word again, if nothing follows it. */
        Typist(ProcessBuilder builder, boolean keepsSuffix) throws IOException {
            this.keepsSuffix = keepsSuffix;
            shell = builder.redirectErrorStream(true)
                    .redirectOutput(seen.toFile())
                    .start();
            keys = shell.getOutputStream();
        }

        Typist type(String text) throws IOException {
            keys.write(text.getBytes(StandardCharsets.US_ASCII));
            keys.flush();
            return this;
        }

        void completes(String typed, String completed) throws IOException {
            type(typed + "\t\u0001echo '<\u0005>'\n")
                    .sees("<" + (keepsSuffix ? completed : completed.replaceAll("[ /]$", "")) + ">");
        }

        /** Waits for a line. */
        void sees(String line) {
            Await.until(() -> line + " in: " + read(), () -> read().lines().anyMatch(line::equals));
        }

        private String read() {
            try {
                return Files.readString(seen, StandardCharsets.ISO_8859_1)
                        .replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]|\u001b[=>]", "")
                        .replace("\r", "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void ends() throws InterruptedException {
            assertThat(shell.waitFor(Await.LIMIT_S, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void close() throws IOException {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
            Files.delete(seen);
        }
    }

    /** Prints what is published; what it takes is not judged here. */
    @Test
    void theTimeOfOneCompletion() throws Exception {
        String timed = """
                . "$1"
                COMP_LINE='bh start unused-2' COMP_POINT=17
                _bh bh unused-2
                least=999999
                for i in 1 2 3 4 5 6 7 8 9 10; do
                    t=${EPOCHREALTIME/[^0-9]/}
                    _bh bh unused-2
                    t=$((${EPOCHREALTIME/[^0-9]/} - t))
                    ((t > least)) || least=$t
                done
                printf '%s\\n' ${#COMPREPLY[@]} $least
                """;
        List<String> said = manager.run(List.of(
                        Programs.needed("env", "coreutils"),
                        "PATH=" + BIN + ":" + System.getenv("PATH"),
                        Programs.needed("bash", "bash"),
                        "--norc",
                        "-c",
                        timed,
                        "bash",
                        BASH.toString()))
                .succeeds()
                .out()
                .lines()
                .toList();

        assertThat(said.getFirst()).isEqualTo("110"); // -20 to -29, -200 to -299
        System.out.println("completion in bash beside " + SERVICES + " services: " + said.getLast() + " us");
    }
}
