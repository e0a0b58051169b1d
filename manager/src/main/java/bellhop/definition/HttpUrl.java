package bellhop.definition;

/**
 * A page that is asked for by HTTP, without TLS.
 *
 * @param host a literal address without brackets, or {@code localhost}
 * @param port 1 to 65535
 * @param path what the server gets after {@code GET}: begins with a slash, has printable ASCII characters and no blank
 */
public record HttpUrl(String host, int port, String path) {

    /** The port of a URL that names none. */
    public static final int DEFAULT_PORT = 80;

    /** Host and port as in a URL: {@code 127.0.0.1:8080}, {@code [::1]}. */
    public String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == DEFAULT_PORT ? name : name + ":" + port;
    }

    @Override
    public String toString() {
        return "http://" + authority() + path;
    }
}
