package bellhop.manager;

import bellhop.engine.Engine;
import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.QuitSignal;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * The signals that the manager gets. The JVM takes them on a thread of its own; here they only become tasks
 * for the loop.
 *
 * <p>{@code sun.misc.Signal} is the one way to take a signal in a JVM (one that is blocked in a thread kills
 * the process through another), but for QUIT, which it refuses. It is called by reflection, because the compiler warns
 * of its name in a way that cannot be silenced for one class.
 */
public final class ProcessSignals {

    private static final List<String> ENDING = List.of("TERM", "INT", "HUP");

    private ProcessSignals() {}

    /**
     * Calls {@code end} with the name of each TERM, INT and HUP, and {@code child} at each CHLD, on the JVM's thread
     * for signals. From now on QUIT waits for {@link #handleQuit}.
     */
    public static void handle(Consumer<String> end, Runnable child) throws PosixException {
        var _ = QuitSignal.take();
        for (String name : ENDING) {
            handle(name, () -> end.accept(name));
        }
        handle("CHLD", child);
    }

    /** Calls {@code end} at each QUIT, on the loop's thread. Does nothing if the JVM was not started so that it can. */
    public static void handleQuit(Engine engine, Runnable end) throws IOException {
        QuitSignal quit = QuitSignal.take();
        if (quit == null) {
            return;
        }
        engine.watch(quit.fd(), Epoll.IN, _ -> {
            try {
                if (quit.asksForTheEnd()) {
                    end.run();
                }
            } catch (PosixException e) {
                throw new IllegalStateException("QUIT cannot be received any more", e);
            }
        });
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler act = (proxy, method, arguments) -> {
                action.run();
                return null;
            };
            Object instance = signal.getConstructor(String.class).newInstance(name);
            Object handling = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, act);
            var _ = signal.getMethod("handle", signal, handler).invoke(null, instance, handling);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this runtime cannot take the signal " + name + ", jdk.unsupported is missing", e);
        }
    }
}
