package bellhop.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A function of the C library, called with integers and pointers only.
 *
 * <p>All of them are called by one handle of six 64-bit arguments, because every further shape of call
 * costs a program some 15 ms when it starts. On x86-64 and aarch64 (the procedure call standards of
 * both, chapters on parameters) such arguments go to the same registers one after the other whatever
 * their width, a callee looks at no more of them than it declares, and the bits above a 32-bit one may
 * be anything. A variadic function takes them there too: on Linux {@code firstVariadicArg} would change no register,
 * and the linker would take 7 ms longer. A 32-bit result has undefined bits above it as well: hence {@link #call} and {@link #callLong}.
 *
 * <p>Pointers go as numbers: who passes one keeps its memory reachable until the call is over.
 */
final class CFunction {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup C_LIBRARY = LINKER.defaultLookup();

    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));

    /** For a pointer to nothing. */
    static final long NULL = 0;

    private final MemorySegment address;

    private CFunction(MemorySegment address) {
        this.address = address;
    }

    /**
     * The function of that name.
     *
     * @throws UnsatisfiedLinkError if the C library has none; it is named
     */
    static CFunction named(String name) {
        Optional<MemorySegment> address = C_LIBRARY.find(name);
        if (address.isEmpty()) {
            throw new UnsatisfiedLinkError(
                    "the C library has no function " + name + "; Bellhop needs glibc 2.36 or newer");
        }
        return new CFunction(address.get());
    }

    /** The function at an address that the kernel or the C library returned. */
    static CFunction at(long address) {
        return new CFunction(MemorySegment.ofAddress(address));
    }

    /** Where it is. */
    long address() {
        return address.address();
    }

    /** Calls a function that returns a {@code long} or {@code ssize_t}; the frame gets its {@code errno}. */
    long callLong(CallFrame frame, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(address, frame.errno, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    long callLong(CallFrame frame, long a, long b, long c, long d) {
        return callLong(frame, a, b, c, d, 0, 0);
    }

    long callLong(CallFrame frame, long a, long b, long c) {
        return callLong(frame, a, b, c, 0, 0, 0);
    }

    /** Calls a function that returns an {@code int}; the frame gets its {@code errno}. */
    int call(CallFrame frame, long a, long b, long c, long d, long e, long f) {
        return (int) callLong(frame, a, b, c, d, e, f);
    }

    int call(CallFrame frame, long a, long b, long c, long d, long e) {
        return call(frame, a, b, c, d, e, 0);
    }

    int call(CallFrame frame, long a, long b, long c, long d) {
        return call(frame, a, b, c, d, 0, 0);
    }

    int call(CallFrame frame, long a, long b, long c) {
        return call(frame, a, b, c, 0, 0, 0);
    }

    int call(CallFrame frame, long a, long b) {
        return call(frame, a, b, 0, 0, 0, 0);
    }

    int call(CallFrame frame, long a) {
        return call(frame, a, 0, 0, 0, 0, 0);
    }

    int call(CallFrame frame) {
        return call(frame, 0, 0, 0, 0, 0, 0);
    }
}
