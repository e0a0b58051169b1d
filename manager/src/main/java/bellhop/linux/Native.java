package bellhop.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The linker: C functions bound by name. Every facility binds its own functions when it is first
 * used, so that a program pays for those alone.
 */
final class Native {

    /** {@code int}, {@code pid_t}, {@code uid_t}, {@code mode_t}: 32 bits on both machines. */
    static final ValueLayout.OfInt INT = JAVA_INT;
    /** {@code long}, {@code size_t}, {@code ssize_t}: 64 bits on both machines. */
    static final ValueLayout.OfLong LONG = JAVA_LONG;

    static final MemoryLayout POINTER = ADDRESS;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup C_LIBRARY = LINKER.defaultLookup();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    private Native() {}

    /**
     * Binds a function that reports failure in {@code errno}. The handle takes {@link CallFrame#errno}
     * before the arguments of C.
     *
     * @throws UnsatisfiedLinkError if the C library has no such function; it is named
     */
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                C_LIBRARY.find(name).orElseThrow(() -> missing(name)),
                FunctionDescriptor.of(result, parameters),
                CAPTURE_ERRNO);
    }

    /** As {@link #function}, for one declared with {@code ...}: {@code fixed} parameters come before it. */
    static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                C_LIBRARY.find(name).orElseThrow(() -> missing(name)),
                FunctionDescriptor.of(result, parameters),
                CAPTURE_ERRNO,
                Linker.Option.firstVariadicArg(fixed));
    }

    /** Binds a function that returns its error, or that cannot fail: nothing is captured. */
    static MethodHandle plainFunction(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                C_LIBRARY.find(name).orElseThrow(() -> missing(name)), FunctionDescriptor.of(result, parameters));
    }

    private static UnsatisfiedLinkError missing(String name) {
        return new UnsatisfiedLinkError(
                "the C library has no function " + name + "; Bellhop needs glibc 2.36 or newer");
    }

    /** For what {@code invokeExact} declares and a downcall never throws. */
    static AssertionError unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return new AssertionError(thrown);
    }
}
