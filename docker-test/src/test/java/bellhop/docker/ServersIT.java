package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.containers.Network;

/** Verifies real servers, reached over the network or the terminal of their container. */
@Timeout(300)
class ServersIT {

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** The sshd that Bellhop brings lets another container in over their network. */
    @Test
    void sshdLetsAnotherContainerIn() {
        Network network = boxes.network();
        Box server = boxes.box()
                .readyMade("sshd")
                .file("/etc/bellhop/enabled/sshd", "")
                .withNetwork(network)
                .withNetworkAliases("server");
        Box client = boxes.box().withNetwork(network);
        server.start();
        client.start();
        server.awaitState("sshd", "started");
        String key = client.shell("ssh-keygen -q -t ed25519 -N '' -f /root/key && cat /root/key.pub")
                .succeeds()
                .out();
        server.shell("mkdir -p -m 700 /root/.ssh", "echo '%s' >/root/.ssh/authorized_keys".formatted(key.strip()))
                .succeeds();

        Outcome login = client.run(
                "ssh",
                "-i",
                "/root/key",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "ConnectionAttempts=30",
                "root@server",
                "PATH=/usr/lib/bellhop/bin:$PATH; bh-status sshd");

        assertThat(login.exits(0).out()).isEqualTo("started\n");
    }

    /** nginx counts as started once it takes connections, and what requires it starts after that. */
    @Test
    void nginxIsStartedOnceItTakesConnections() {
        Box box = boxes.box()
                .file("/etc/nginx/nginx.conf", """
                        daemon off;
                        events {}
                        http {
                            server {
                                listen 8081;
                                location / { return 200 "real nginx\\n"; }
                            }
                        }
                        """)
                // Late, so that a start that did not wait would be seen.
                .script("nginx", "run", "sleep 1", "exec nginx")
                .yaml("nginx", "ready: {tcp: \"127.0.0.1:8081\"}")
                .script("visitor", "run", "busybox wget -qO /tmp/page http://127.0.0.1:8081/", "exec sleep 1000")
                .yaml("visitor", "requires: [nginx]", "restart: \"no\"");
        box.start();

        box.run("bh-start", "visitor").succeeds();

        box.awaitThat("grep 'real nginx' /tmp/page");
        assertThat(box.run("bh-status", "visitor").out()).isEqualTo("started\n");
        box.run("bh-stopall").succeeds();
        box.run("pgrep", "-x", "nginx").exits(1);
    }

    /** A getty on the container's terminal asks who is there, and the login that follows for the password. */
    @Test
    void aGettyOnTheContainersTerminalAsksForTheLogin() throws IOException {
        Box box = boxes.box().withTerminal().readyMade("getty");
        box.start();

        try (Terminal terminal = box.terminal()) {
            box.run("bh-start", "getty@console").succeeds();

            terminal.awaitText(" login: ");
            terminal.type("root");
            terminal.awaitText("Password: ");
        }
        box.run("bh-stop", "getty@console").succeeds();
        box.shell("pgrep -x agetty || pgrep -x login").exits(1);
    }
}
