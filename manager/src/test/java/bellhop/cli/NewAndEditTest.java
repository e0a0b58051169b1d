package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.linux.Self;
import bellhop.manager.ManagerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies {@code bh new} and {@code bh edit}, with real programs and a shell script as the editor. */
@Timeout(120)
class NewAndEditTest {

    private ManagerProcess manager;
    private Path vendor;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        vendor = Files.createDirectory(manager.root().resolve("vendor"));
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path service(String file) {
        return manager.services().resolve(file);
    }

    private List<String> there() throws Exception {
        try (Stream<Path> files = Files.list(manager.services())) {
            return files.map(it -> String.valueOf(it.getFileName())).sorted().toList();
        }
    }

    private Outcome bh(String... words) throws Exception {
        return manager.run(Stream.concat(Stream.of("bh"), Stream.of(words)).toArray(String[]::new));
    }

    @Test
    void newServicePassesTheCheckAndStarts() throws Exception {
        manager.script("db", "run", "exec sleep 1000");

        Outcome made = bh(
                "new",
                "--description",
                "A \"web\" server: #1",
                "--requires",
                "db",
                "--ready",
                "path=up",
                "--restart",
                "on-failure",
                "web",
                "--pre",
                "echo pre >> did",
                "--post",
                "echo post >> did",
                "--",
                "sh",
                "-c",
                "touch up; exec sleep 1000");

        assertThat(made).isEqualTo(new Outcome(0, "made " + service("web") + "; start it with: bh start web\n", ""));
        bh("check", "web").isSilent(0);
        assertThat(service("web/service.yaml")).hasContent("""
                description: "A \\"web\\" server: #1"
                command: [sh, "-c", "touch up; exec sleep 1000"]
                requires: [db]
                restart: on-failure
                ready: {path: up}
                """);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(service("web/pre"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(there()).containsExactly("db", "web");
        manager.start();
        manager.ask("start", "web").succeeds();
        assertThat(manager.state("db")).isEqualTo("started");
        manager.ask("stop", "web").succeeds();
        assertThat(service("web/did")).hasContent("pre\npost\n");
    }

    @Test
    void wordsOfTheCommandAreKeptAsTheyAre() throws Exception {
        List<String> words = List.of(
                "",
                " ",
                "a b",
                "it's",
                "\"q\"",
                "back\\slash",
                "two\nlines\n",
                "tab\t",
                "#x",
                "{a: b}",
                "[x]",
                "- x",
                "null",
                "true",
                "1e3",
                "0x10",
                "~",
                "é€😀",
                "\u0001\u007f\u0085\u2028",
                "$HOME",
                "`id`",
                "--",
                "--user",
                "-h",
                "%s",
                "a: b",
                "*x",
                "&x",
                "!x",
                "@x",
                "|",
                ">");
        String out = manager.root().resolve("words").toString();

        for (String separator : List.of("", "--")) {
            Stream<String> before =
                    separator.isEmpty() ? Stream.of("bh", "new", "plain") : Stream.of("bh", "new", "marked", separator);
            Stream<String> program = Stream.of("/bin/sh", "-c", "for w; do printf '%s|' \"$w\"; done > \"$0\"", out);
            manager.with("LC_ALL", "C.UTF-8")
                    .run(Stream.concat(Stream.concat(before, program), words.stream())
                            .toArray(String[]::new))
                    .succeeds();
        }

        manager.start();
        for (String name : List.of("plain", "marked")) {
            Files.deleteIfExists(Path.of(out));
            manager.ask("start", name).succeeds();
            manager.await(
                    "the words are there",
                    () -> Files.exists(Path.of(out))
                            && Files.readString(Path.of(out)).endsWith(">|"));
            assertThat(Path.of(out)).hasContent(String.join("|", words) + "|");
            manager.ask("stop", name).succeeds();
        }
    }

    @Test
    void whatExistsIsNotTouched() throws Exception {
        manager.script("web", "run", "exec sleep 1000");

        assertThat(bh("new", "web", "sleep", "1"))
                .isEqualTo(new Outcome(
                        1, "", "bh-new: web: exists: " + service("web") + "; change it with: bh edit web\n"));
        assertThat(service("web/service.yaml")).doesNotExist();
        assertThat(bh("new", "--directory", vendor.toString(), "web", "sleep", "1")
                        .out())
                .isEqualTo("made " + vendor + "/web; start it with: bh start web (of a manager with --services "
                        + vendor + ")\n");
        assertThat(bh("new", "--directory", vendor.toString(), "web", "sleep", "1")
                        .status())
                .isEqualTo(1);
    }

    @Test
    void serviceWithAMistakeIsNotMade() throws Exception {
        assertThat(bh("new", "--restart", "alway", "--requires", "nobody", "web", "sleep", "1")
                        .err())
                .contains("bh-new: restart: \"alway\" is not one of", "bh-new: web: not made\n")
                .doesNotContain(".new-");
        assertThat(bh("new", "--ready", "udp=1", "web", "sleep", "1").err()).contains("ready.udp: unknown key");
        assertThat(bh("new", "--requires", "nobody", "web", "sleep", "1").err()).contains("no such service: nobody");
        assertThat(bh("new", "a/b", "sleep").status()).isEqualTo(1);
        assertThat(bh("new", "..", "sleep").status()).isEqualTo(1);
        assertThat(bh("new", "web").status()).isEqualTo(64);
        assertThat(bh("new", "--usr", "x", "web", "sleep").status()).isEqualTo(64);
        assertThat(there()).isEmpty();
    }

    @Test
    void programThatIsMissingIsAWarning() throws Exception {
        Outcome made = bh("new", "web", "no-such-program", "-x");

        assertThat(made.status()).isZero();
        assertThat(made.err()).startsWith("bh-new: warning: command: \"no-such-program\": no such program in ");
        assertThat(there()).containsExactly("web");
    }

    @Test
    void commandWithATargetMakesATemplate() throws Exception {
        assertThat(bh("new", "tail", "sleep", "{target}").out()).endsWith("start it with: bh start tail@TARGET\n");
        manager.start();
        manager.ask("start", "tail@1000").succeeds();
    }

    @Test
    void newNeedsARoomThatCanBeWrittenTo() throws Exception {
        manager.with(
                "BELLHOP_SERVICES",
                manager.root().resolve("bin/bh/no") + ":" + manager.root().resolve("more/services"));

        assertThat(bh("new", "web", "sleep", "1").out()).startsWith("made " + manager.root() + "/more/services/web;");

        manager.with("BELLHOP_SERVICES", manager.root().resolve("bin/bh/no").toString());
        assertThat(bh("new", "web", "sleep", "1").err())
                .isEqualTo("bh-new: web: cannot be made: none of " + manager.root()
                        + "/bin/bh/no can be written to; name another with" + " --directory\n");
    }

    /** An editor that writes this, however often it is asked. */
    private void editor(String... lines) {
        Path editor = manager.root().resolve("editor");
        ServiceWriter.write(editor, true, ServiceWriter.shell(lines));
        manager.with("EDITOR", editor.toString()).with("VISUAL", "");
    }

    @Test
    void editReplacesTheFileAndKeepsOwnerAndPermissions() throws Exception {
        manager.script("web", "run", "exec sleep 1000").yaml("web", "restart: no");
        Files.setPosixFilePermissions(service("web/service.yaml"), PosixFilePermissions.fromString("rw-r-----"));
        if (Self.euid() == 0) {
            Files.setAttribute(service("web/service.yaml"), "unix:uid", 12345);
        }
        editor("printf 'linger: 3s\\n' >> \"$1\"");

        assertThat(bh("edit", "web"))
                .isEqualTo(new Outcome(
                        0, "web: " + service("web/service.yaml") + " changed; used at its next start\n", ""));

        assertThat(service("web/service.yaml")).hasContent("restart: no\nlinger: 3s");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(service("web/service.yaml"))))
                .isEqualTo("rw-r-----");
        if (Self.euid() == 0) {
            assertThat(Files.getAttribute(service("web/service.yaml"), "unix:uid"))
                    .isEqualTo(12345);
        }
        try (Stream<Path> files = Files.list(service("web"))) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void mistakeLeavesTheOldFileAsItIs() throws Exception {
        manager.script("web", "run", "exec sleep 1000").yaml("web", "restart: no");
        editor("echo 'restrat: no' > \"$1\"");

        Outcome outcome = bh("edit", "web");

        Path written = written(outcome);
        assertThat(outcome)
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "bh-edit: " + service("web/service.yaml") + ":1:1: restrat: unknown key; did you mean"
                                + " \"restart\"?\nbh-edit: web is as it was; what you have written is in " + written
                                + "\n"));
        assertThat(service("web/service.yaml")).hasContent("restart: no");
    }

    /** Where the text is that was not used; it is removed. */
    private static Path written(Outcome outcome) throws IOException {
        String err = outcome.err();
        Path written =
                Path.of(err.substring(err.lastIndexOf(" in ") + " in ".length()).strip());
        assertThat(written).isNotEmptyFile();
        Path directory = written.resolve("../..").normalize();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return written;
    }

    @Test
    void nothingChangedIsSaidAndWritesNothing() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        editor("exit 0");
        assertThat(bh("edit", "web")).isEqualTo(new Outcome(0, "web: nothing changed\n", ""));
        assertThat(service("web/service.yaml")).doesNotExist();

        editor("echo 'nice: 1' > \"$1\"; exit 3");
        Outcome failed = bh("edit", "web");
        assertThat(failed.err()).contains(" exited 3; web is as it was; what you have written is in ");
        written(failed);
        manager.with("EDITOR", "/no/such/editor");
        assertThat(bh("edit", "web").err()).contains("the editor (/no/such/editor) exited 127");
        assertThat(service("web/service.yaml")).doesNotExist();
    }

    @Test
    void scriptsAreEditedToo() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        editor("echo 'echo hello' >> \"$1\"");

        bh("edit", "web", "pre").succeeds();
        assertThat(service("web/pre")).hasContent("#!/bin/sh\necho hello").isExecutable();
        bh("edit", "web", "run").succeeds();
        assertThat(service("web/run")).content().endsWith("echo hello\n");
        editor("echo no script > \"$1\"");
        assertThat(bh("edit", "web", "pre").err()).contains(service("web/pre") + ": begins neither with #! nor");
        assertThat(bh("edit", "web", "passwd").err()).contains("\"passwd\" is no file of a service");
        assertThat(bh("edit", "nobody").err()).contains("no such service: nobody");
    }

    @Test
    void serviceOfTheVendorIsEditedAsAnOverride() throws Exception {
        manager.with("BELLHOP_SERVICES", manager.services() + ":" + vendor);
        ServiceWriter.write(vendor.resolve("web/run"), true, ServiceWriter.shell("exec sleep 1000"));
        ServiceWriter.write(vendor.resolve("web/service.yaml"), false, "restart: no\nlinger: 1s\n");
        editor("cp \"$1\" " + manager.root() + "/shown; echo 'linger: 9s' >> \"$1\"");

        assertThat(bh("edit", "web").out()).startsWith("web: " + service("web/override.yaml") + " changed; ");

        assertThat(manager.root().resolve("shown"))
                .content()
                .startsWith("# Changes single keys of " + vendor + "/web:\n")
                .contains("#   restart: no\n#   linger: 1s\n");
        assertThat(vendor.resolve("web/service.yaml")).hasContent("restart: no\nlinger: 1s\n");
        assertThat(bh("show", "web").out())
                .contains(
                        "# overridden by " + service("web/override.yaml"),
                        "linger: 9s  # " + service("web/override.yaml") + ":",
                        "restart: no  # " + vendor + "/web/service.yaml:1:10");
        assertThat(there()).containsExactly("web");

        editor("sed -i 's/9s/8s/' \"$1\"");
        bh("edit", "web").succeeds();
        assertThat(bh("show", "web").out()).contains("linger: 8s");
        editor("echo 'nice: lots' > \"$1\"");
        assertThat(bh("edit", "web").err()).contains(service("web/override.yaml") + ":1:7: nice: \"lots\"; expected");
        assertThat(bh("edit", "web", "run").err()).contains("web: run is in " + vendor + "/web, and an override");
    }

    @Test
    void runningServiceKeepsWhatItHasAndEditSaysSo() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        manager.start();
        manager.ask("start", "web").succeeds();
        editor("echo 'linger: 3s' > \"$1\"");

        assertThat(bh("edit", "web").out())
                .endsWith(" changed; web keeps the former until the next start: bh restart web\n");
        manager.awaitLine("definition of web: changed; used at its next start");
        for (String verb : List.of("new", "edit")) {
            assertThat(manager.ask(verb, "web", "sleep").status()).isEqualTo(64);
        }
    }

    @Test
    void changeOfSomebodyElseMeanwhileIsNotLost() throws Exception {
        manager.script("web", "run", "exec sleep 1000").yaml("web", "restart: no");
        editor("echo 'nice: 1' > \"$1\"; echo 'nice: 2' > " + service("web/service.yaml"));

        String err = bh("edit", "web").err();

        assertThat(err).contains(service("web/service.yaml") + ": was changed meanwhile; what you wrote is in ");
        Path kept = Path.of(err.strip().substring(err.indexOf(" is in ") + " is in ".length()));
        assertThat(kept).hasContent("nice: 1");
        StagedDirectory.remove(Path.of("/").resolve(kept.subpath(0, kept.getNameCount() - 2)));
        assertThat(service("web/service.yaml")).hasContent("nice: 2");
    }

    @Test
    void onATerminalAMistakeCanBeCorrected() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "SKIPPED: there is no script here");
        manager.script("web", "run", "exec sleep 1000");
        Path tries = manager.root().resolve("tries");
        editor(
                "test -t 0 && test -t 1 || exit 9",
                "echo x >> " + tries,
                "case $(wc -l < " + tries
                        + ") in 1) echo 'restrat: no' ;; 2) echo 'nice: 1' ;; *) echo 'bad: 1' ;; esac > \"$1\"");
        String bh = manager.root().resolve("bin/bh").toString();

        Outcome again = manager.run("/bin/sh", "-c", "echo e | script -qec '" + bh + " edit web' /dev/null");
        assertThat(again.out()).contains("restrat: unknown key", "e: edit again, u: undo, k: keep", " changed; ");
        assertThat(again.status()).isZero();
        assertThat(service("web/service.yaml")).hasContent("nice: 1");

        Outcome undone = manager.run("/bin/sh", "-c", "echo u | script -qec '" + bh + " edit web' /dev/null");
        assertThat(undone.status()).isEqualTo(1);
        assertThat(service("web/service.yaml")).hasContent("nice: 1");
        Outcome kept = manager.run("/bin/sh", "-c", "echo k | script -qec '" + bh + " edit web' /dev/null");
        assertThat(kept.status()).isZero();
        assertThat(service("web/service.yaml")).hasContent("bad: 1");
    }

    /** Interrupted at the question, it is undone, and nothing is left behind. */
    @Test
    void interruptAtTheQuestionUndoes() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "SKIPPED: there is no script here");
        manager.script("web", "run", "exec sleep 1000").yaml("web", "nice: 1");
        Path seen = manager.root().resolve("seen");
        editor("echo 'restrat: no' > \"$1\"", "dirname \"$(dirname \"$1\")\" > " + seen);
        String bh = manager.root().resolve("bin/bh").toString();
        // What is typed before the question is asked is no key yet, but the next character of the file.
        String typed = "until grep -q 'k: keep' " + manager.root().resolve("shown")
                + " 2>/dev/null; do sleep 0.02; done; printf '\\003'";

        Outcome interrupted = manager.run(
                "/bin/sh",
                "-c",
                "{ " + typed + "; } | script -qefc 'exec " + bh + " edit web' "
                        + manager.root().resolve("shown"));

        assertThat(interrupted.status()).as(interrupted.toString()).isEqualTo(1);
        assertThat(interrupted.out()).contains("web is as it was");
        assertThat(service("web/service.yaml")).hasContent("nice: 1");
        assertThat(Path.of(Files.readString(seen).strip())).doesNotExist();
    }
}
