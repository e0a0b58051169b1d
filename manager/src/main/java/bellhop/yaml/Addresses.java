package bellhop.yaml;

import bellhop.definition.HttpUrl;
import bellhop.definition.Ready;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Forms of what is asked over TCP. A host is a literal address or {@code localhost}: no name is looked up. */
final class Addresses {
    private static final String HOST = "(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+|localhost)";
    private static final String PORT = ":([0-9]{1,5})";
    private static final String PATH = "(/[!-~&&[^#]]*)";

    /** The same without an intersection of classes, which is Java's alone. */
    private static final String SCHEMA_PATH = "(/[!-\"$-~]*)";

    private static final Pattern TCP = Pattern.compile(HOST + PORT);
    private static final Pattern HTTP = Pattern.compile("http://" + HOST + "(?:" + PORT + ")?" + PATH + "?");

    private Addresses() {}

    /** {@code 127.0.0.1:53}. */
    static Syntax<Ready.Tcp> tcp() {
        return new Syntax.TextSyntax<>(
                "ADDRESS:PORT with a literal address or localhost, such as 127.0.0.1:53 or [::1]:53",
                Scalars.STRING,
                Scalars.pattern("^" + HOST + PORT + "$"),
                (text, place) -> {
                    Matcher tcp = TCP.matcher(text);
                    if (!tcp.matches()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    int port = port(tcp.group(2));
                    return new Ready.Tcp(host(tcp.group(1)), port);
                });
    }

    /** {@code http://127.0.0.1:8080/health}. */
    static Syntax<HttpUrl> http() {
        return new Syntax.TextSyntax<>(
                "http://ADDRESS:PORT/PATH with a literal address or localhost, such as http://127.0.0.1:8080/health",
                Scalars.STRING,
                Scalars.pattern("^http://" + HOST + "(" + PORT + ")?" + SCHEMA_PATH + "?$"),
                (text, place) -> {
                    if (text.startsWith("https:")) {
                        throw new Syntax.InvalidValueException(
                                "https is not supported; expected http, or a test such as curl -fsS URL");
                    }
                    Matcher url = HTTP.matcher(text);
                    if (!url.matches()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    int port = url.group(2) == null ? HttpUrl.DEFAULT_PORT : port(url.group(2));
                    return new HttpUrl(host(url.group(1)), port, url.group(3) == null ? "/" : url.group(3));
                });
    }

    private static int port(String digits) throws Syntax.InvalidValueException {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new Syntax.InvalidValueException("no port has the number " + port + "; expected 1 to 65535");
        }
        return port;
    }

    private static String host(String text) throws Syntax.InvalidValueException {
        String host = text.replaceAll("[\\[\\]]", "");
        if (!host.equals("localhost") && !isAddress(host)) {
            throw new Syntax.InvalidValueException(
                    "not an address: " + host + "; expected one such as 127.0.0.1 or [::1]");
        }
        return host;
    }

    private static boolean isAddress(String host) {
        try {
            var _ = host.contains(":") ? Inet6Address.ofLiteral(host) : Inet4Address.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
