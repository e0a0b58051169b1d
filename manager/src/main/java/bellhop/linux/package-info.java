/**
 * The kernel, by the Foreign Function and Memory API: small functions whose failures carry errno.
 *
 * <p>A class for each facility, named for it and for its manual page: {@link bellhop.linux.Spawn}, {@link bellhop.linux.Wait},
 * {@link bellhop.linux.Pidfd}, {@link bellhop.linux.Epoll}, {@link bellhop.linux.Fd} and so on. {@link
 * bellhop.linux.CFunction} calls, {@link bellhop.linux.CallFrame} is the memory of one call, {@link
 * bellhop.linux.PosixException} what went wrong. Services are not known here.
 */
@NullMarked
package bellhop.linux;

import org.jspecify.annotations.NullMarked;
