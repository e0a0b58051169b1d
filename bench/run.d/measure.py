"""What is measured, and by what: services that report themselves, the processes of a supervisor, commands."""

import contextlib
import os
import select
import shutil
import signal
import time

# Seconds for anything that the benchmark waits for; what takes longer is reported, and the rest goes on.
LIMIT = 120


class BenchError(Exception):
    """Why something could not be measured, in one line."""


class Services:
    """The running services, by a FIFO: each opens it, writes its name and process into it, and keeps it open.

    So the lines say which services have come up, and its end says that every one of them is gone.
    """

    def __init__(self, path):
        self.path = path
        self.pids = {}
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._rest = b""

    def script(self, name, then="exec sleep 1000000"):
        """The `run` of a service, the same for every supervisor."""
        return f"#!/bin/sh\nexec 3>{self.path}\necho {name} $$ >&3\n{then}\n"

    def wait_up(self, count, supervisor=None):
        """Waits for that many further lines; returns when the last one arrived."""
        end = time.monotonic() + LIMIT
        arrived = 0
        while arrived < count:
            lines = self._read(min(end, time.monotonic() + 1))
            if lines is None and supervisor and not is_alive(supervisor):
                raise BenchError(f"it ended with {arrived} of {count} services up")
            if lines is None and time.monotonic() > end:
                raise BenchError(f"only {arrived} of {count} services came up within {LIMIT} s")
            if lines is None:
                continue
            arrived += len(lines)
            if not lines:  # Nobody has it open between a death and the next launch.
                time.sleep(0.0002)
        return time.perf_counter()

    def wait_gone(self):
        """Waits until no process of a service is left; returns when the last one was gone."""
        end = time.monotonic() + LIMIT
        while True:
            lines = self._read(end)
            if lines is None:
                raise BenchError(f"some services were still there after {LIMIT} s")
            if not lines and self._is_closed():
                return time.perf_counter()

    def _is_closed(self):
        return any(event & select.POLLHUP for _, event in self._poll.poll(0))

    def _read(self, end):
        """The lines that are there; None once the time is over."""
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return None
            if not self._poll.poll(left * 1000):
                continue
            try:
                block = os.read(self._descriptor, 65536)
            except BlockingIOError:
                continue
            *lines, self._rest = (self._rest + block).split(b"\n")
            for line in lines:
                name, pid = line.decode().split()
                self.pids[name] = int(pid)
            return lines

    def close(self):
        os.close(self._descriptor)


def spawn(command, environment, output, session=False):
    """Starts a command by posix_spawn, which costs the same whatever the benchmark has in its memory."""
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise BenchError(f"{command[0]} is not there")
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(program, command, environment, file_actions=actions, setsid=session)


def timed(command, environment, output):
    """The milliseconds that a command takes, from its launch to its end."""
    start = time.perf_counter()
    status = end_of(spawn(command, environment, output))
    taken = time.perf_counter() - start
    if status != 0:
        raise BenchError(f"{' '.join(command)[:80]}: exit status {status}: {last_line(output)}")
    return taken * 1000


def end_of(pid):
    """Waits for the end of a command, and returns its exit status."""
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(LIMIT * 1000):
            raise BenchError(f"a command had not returned after {LIMIT} s")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(descriptor)


def last_line(path):
    with contextlib.suppress(OSError), open(path, errors="replace") as file:
        lines = file.read().split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")
    return ""


def processes():
    """All processes of the namespace but this one, which is its first."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]


def is_alive(pid):
    """Whether it runs: what has ended and was not reaped has no command line."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read(1) != b""
    return False


def end_everything():
    """Ends all processes of the namespace, which holds nothing but what this benchmark has started."""
    if os.getpid() != 1:
        raise BenchError("not the first process of a namespace")
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            if not processes():
                return


def memory(pids):
    """Pss and anonymous memory of some processes, in MiB."""
    sums = {"Pss:": 0, "Anonymous:": 0}
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                words = line.split()
                if words[0] in sums:
                    sums[words[0]] += int(words[1])
    return sums["Pss:"] / 1024, sums["Anonymous:"] / 1024


# Threads that every JVM of this kind has. The launcher's first thread only waits for the second one, which is `main`.
JVM_THREADS = (
    "VM ",
    "Reference Handl",
    "Finalizer",
    "Signal Dispatch",
    "Service Thread",
    "Monitor Deflati",
    "C1 ",
    "C2 ",
    "Common-Cleaner",
    "Training replay",
    "Native Heap Tri",
    "Notification Th",
    "Attach Listener",
    "GC ",
    "G1 ",
)


def wake_ups(pids):
    """The voluntary context switches of each thread so far, as (process, thread, whether it is the JVM's): count."""
    counts = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/comm") as file:
                is_jvm = file.read().strip() == "java"
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/status") as file:
                    fields = dict(line.split(":", 1) for line in file if ":" in line)
                    name = fields["Name"].lstrip("\t").rstrip("\n")
                    jvms = is_jvm and (int(thread) == pid or name.startswith(JVM_THREADS))
                    counts[pid, int(thread), jvms] = int(fields["voluntary_ctxt_switches"])
    return counts
