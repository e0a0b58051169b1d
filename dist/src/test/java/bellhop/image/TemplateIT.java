package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that one directory serves many targets, each with a life of its own. */
@Timeout(120)
class TemplateIT {

    @Test
    void eachTargetIsAServiceOfItsOwn() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            manager.yaml("echo", "template: true")
                    .script(
                            "echo",
                            "run",
                            "echo \"$BELLHOP_SERVICE $BELLHOP_TARGET $1 $(basename \"$PWD\")\"",
                            "exec sleep 1000")
                    .script("echo@three", "run", "echo \"a directory of its own for $1\"", "exec sleep 1000")
                    .start();

            manager.run("bh-start", "echo@one", "echo@two", "echo@three").succeeds();

            manager.awaitLog("echo@one", 1, " echo@one one one echo");
            manager.awaitLog("echo@two", 1, " echo@two two two echo");
            manager.awaitLog("echo@three", 1, " a directory of its own for three");
            assertThat(manager.processes("echo@one")).hasSize(1);

            manager.run("bh-stop", "echo@one").succeeds();
            assertThat(manager.processes("echo@one")).isEmpty();
            assertThat(manager.run("bh-status", "echo@one", "echo@two").exits(3).out())
                    .contains("echo@one")
                    .contains("stopped")
                    .contains("echo@two")
                    .contains("started");
        }
    }

    @Test
    void withoutATargetItIsRefused() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            manager.yaml("echo", "template: true")
                    .script("echo", "run", "exec sleep 1000")
                    .start();

            assertThat(manager.run("bh-start", "echo").exits(1).err())
                    .startsWith("bh-start: echo ")
                    .contains("template", "echo@TARGET")
                    .hasLineCount(1);
        }
    }

    @Test
    void aWebServerListensOnThePortItIsStartedFor() throws IOException, InterruptedException {
        String busybox = Programs.needed("busybox", "busybox");
        try (ImageManager manager = new ImageManager()) {
            Path site = Files.createDirectory(manager.root().resolve("site"));
            Files.writeString(site.resolve("index.html"), "welcome\n");
            int port = freePort();
            String web = "httpd@" + port;
            // The port listens before httpd says so to anybody: the request waits for its own answer.
            manager.yaml("httpd", "template: true")
                    .script("httpd", "pre", "exec test -r '" + site + "/index.html'")
                    .script("httpd", "run", "exec '" + busybox + "' httpd -f -vv -p 127.0.0.1:\"$1\" -h '" + site + "'")
                    .start();

            manager.run("bh-start", web).succeeds();

            assertThat(get(port)).isEqualTo("welcome\n");
            manager.run("bh-stop", web).succeeds();
            assertThat(manager.processes(web)).isEmpty();
        }
    }

    /** Asks again while nobody listens yet: to be started is not to be ready. */
    private static String get(int port) throws IOException {
        URL url = URI.create("http://127.0.0.1:" + port + "/index.html").toURL();
        StringBuilder page = new StringBuilder();
        Await.until("somebody listens at " + url, () -> {
            try (InputStream body = url.openStream()) {
                page.append(new String(body.readAllBytes(), StandardCharsets.UTF_8));
                return true;
            } catch (ConnectException e) {
                return false;
            }
        });
        return page.toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
