/**
 * The ways in to a manager, the socket and the FIFO, and who may use them.
 *
 * <p>Begin with {@link bellhop.control.ControlLoop}, the thread {@code bellhop-control}, then {@link
 * bellhop.control.ControlFifo} and {@link bellhop.control.ControlServer}. {@link bellhop.control.Access} says who may,
 * {@link bellhop.control.RequestLine} what a request looks like, {@link bellhop.control.Exchange} is one request and its
 * answer. {@link bellhop.control.TerminalOutput} keeps from a terminal what would steer it. What the words mean is not known here: a {@link bellhop.control.RequestHandler} is given.
 */
@NullMarked
package bellhop.control;

import org.jspecify.annotations.NullMarked;
