package bellhop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.stream.Stream;

/** What a manager says of its services as JSON. */
@FunctionalInterface
public interface Statuses {

    /** Asks the manager, in words that {@code bh} takes. */
    Outcome ask(String... words) throws IOException;

    /** What {@code bh status --json} says of some services, or of all. */
    default JsonNode statuses(String... services) throws IOException {
        Outcome answer = ask(Stream.concat(Stream.of("status", "--json"), Stream.of(services))
                .toArray(String[]::new));
        return new ObjectMapper().readTree(answer.out());
    }

    /** What it says of a service. */
    default JsonNode status(String service) throws IOException {
        return statuses(service).path(0);
    }

    /** The process of a service's script. */
    default int pid(String service) throws IOException {
        JsonNode status = status(service);
        assertThat(status.path("pid").isInt()).as("has a process: %s", status).isTrue();
        return status.path("pid").asInt();
    }

    /** Waits until a service is in a state. */
    default void awaitState(String service, String word) throws IOException {
        awaitStatus(service, "state", word);
    }

    /** Waits until a service has a process. */
    default void awaitPid(String service) throws IOException {
        Await.until(
                service + " has a process", () -> status(service).path("pid").isInt());
    }

    /** Waits until one of the notes on a service has this text in it. */
    default void awaitNote(String service, String text) throws IOException {
        Await.until(
                service + " has the note " + text,
                () -> status(service)
                        .path("notes")
                        .valueStream()
                        .anyMatch(note -> note.asText().contains(text)));
    }

    /** Waits until a key of a service's status has a value: a text, or anything else as JSON. */
    default void awaitStatus(String service, String key, String value) throws IOException {
        Await.until(service + " has " + key + " " + value, () -> {
            JsonNode is = status(service).path(key);
            return value.equals(is.isTextual() ? is.asText() : is.toString());
        });
    }
}
