"""The parts of the benchmark. Each measures all peers in turn, again in each repeat, so that a drift of the
machine reaches all of them alike."""

import contextlib
import io
import lzma
import os
import shutil
import struct
import tarfile
import time
import zipfile

import measure
from measure import BenchError, Services, timed
from peers import Log, Service, write

# How long a service has lived when it is killed "settled".
SETTLED = 3
# How many services are asked, stopped, started, and killed; the seconds after which no further one is.
ASKED, ASKED_SECONDS, KILLED = 10, 4, 3
CHAIN = 50


class Session:
    """One supervisor with its services, from its launch to the end of all processes."""

    def __init__(self, bench, peer_class, services, prefix=()):
        self.bench = bench
        self.work = f"{bench.work}/{bench.next_session()}"
        os.mkdir(self.work)
        self.output = f"{self.work}/output"
        self.environment = dict(bench.environment)
        self.services = Services(f"{self.work}/up")
        self.peer = peer_class(self.work, self.environment)
        self.specifications = services(self.services)
        self.peer.prepare(self.specifications)
        # As on a machine where they were made long ago: runsvdir waits a second for what was changed just now.
        long_ago = time.time() - 86400
        if os.path.isdir(self.peer.setup):
            os.utime(self.peer.setup, (long_ago, long_ago))
        self.names = [service.name for service in self.specifications]
        self.prefix = list(prefix)

    def __enter__(self):
        return self

    def __exit__(self, _, failure, __):
        """One peer that fails does not take the others' figures with it: it is reported."""
        if isinstance(failure, BenchError | OSError):
            said = measure.last_line(self.output)
            self.bench.failed(f"{self.peer.name} with {len(self.names)}: {failure}" + (f" ({said})" if said else ""))
        measure.end_everything()
        self.services.close()
        shutil.rmtree(self.work, ignore_errors=True)
        return isinstance(failure, BenchError | OSError)

    def boot(self):
        """Milliseconds from the launch of the supervisor until every service is up."""
        expected = sum(service.starts for service in self.specifications)
        start = time.perf_counter()
        self.pid = measure.spawn(self.prefix + self.peer.supervisor(), self.environment, self.output, session=True)
        up = self.services.wait_up(expected, self.pid) if expected else start
        self.booted = time.monotonic()
        return (up - start) * 1000

    def ask(self, command):
        return timed(command, self.environment, f"{self.work}/asked")

    def answers(self, limit=20):
        """Waits until the supervisor answers, and returns the milliseconds of the first answer."""
        return self.ask_at_last(self.peer.is_there(self.names), limit)

    def ask_at_last(self, command, limit=20):
        end = time.monotonic() + limit
        while True:
            try:
                return self.ask(command)
            except BenchError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def stop_all(self):
        """Milliseconds until the command that stops everything returns, and until all services are gone."""
        start = time.perf_counter()
        pid = measure.spawn(self.peer.stop_all(self.names), self.environment, f"{self.work}/asked")
        gone = self.services.wait_gone()
        measure.end_of(pid)
        returned = time.perf_counter()
        return (returned - start) * 1000, (gone - start) * 1000

    def own_processes(self):
        """The supervisor's processes: all but the services."""
        services = set(self.services.pids.values())
        return [pid for pid in measure.processes() if pid not in services and measure.is_alive(pid)]


# Of each service, as a supervisor without logs leaves half of the work to somebody else.
KEPT = Log(max_size=1 << 20, timestamps=True)


def equal(count):
    return lambda fifo: [Service(f"s{i}", fifo.script(f"s{i}"), log=KEPT) for i in range(count)]


def chain(length):
    def services(fifo):
        names = [f"c{i:02}" for i in range(length)]
        return [
            Service(name, fifo.script(name), requires=names[i - 1] if i else None, starts=False)
            for i, name in enumerate(names)
        ]

    return services


def lives(bench):
    """Boot, the requests for one service, restarts, and the stop of everything, with 1, 100 and 1000 services."""
    sizes = bench.sizes
    if not bench.only & {"boot", "stop"}:
        sizes = sizes[1:] if bench.wants("one") else sizes[1:2]
    for _ in bench.repeats("lives", bench.count):
        for count in sizes:
            for peer in bench.able(count):
                with Session(bench, peer, equal(count)) as session:
                    bench.add("boot", f"boot of {count}", peer, session.boot())
                    if count >= bench.sizes[1]:
                        if bench.wants("one"):
                            one(bench, session, peer, count)
                        if bench.wants("restart") and count == bench.sizes[1]:
                            restarts(bench, session, peer)
                    if bench.wants("stop"):
                        session.answers()
                        returned, gone = session.stop_all()
                        bench.add("stop", f"stop all {count}: the command", peer, returned)
                        bench.add("stop", f"stop all {count}: all gone", peer, gone)


def one(bench, session, peer, count):
    status, stop, start = (f"{verb} of one, {count} there" for verb in ("status", "stop", "start"))
    first = session.answers()
    end = time.monotonic() + ASKED_SECONDS
    for i in range(min(ASKED, count)):
        name = f"s{i}"
        bench.add("one", status, peer, session.ask(session.peer.status(name)))
        bench.add("one", stop, peer, session.ask(session.peer.stop(name)))
        bench.add("one", start, peer, session.ask(session.peer.start(name)))
        session.services.wait_up(1)
        if time.monotonic() > end:
            break
    bench.add("one", f"the first status, at once after boot, {count} there", peer, first)


def restarts(bench, session, peer):
    time.sleep(max(0, session.booted + SETTLED - time.monotonic()))
    for i in range(KILLED):
        name = session.names[-1 - i]
        for row in ("restart after kill -9, settled", "restart after kill -9, quick"):
            start = time.perf_counter()
            os.kill(session.services.pids[name], 9)
            bench.add("restart", row, peer, (session.services.wait_up(1) - start) * 1000)


def chains(bench):
    """A chain of services by requirements, all started by a request for the last one."""
    for _ in bench.repeats("chain", bench.count):
        for peer in bench.peers:
            with Session(bench, peer, chain(CHAIN)) as session:
                if not session.peer.has_requirements:
                    continue
                session.boot()
                for command in session.peer.prepare_chain(session.names):
                    session.ask_at_last(command)
                start = time.perf_counter()
                pid = measure.spawn(session.peer.chain_up(session.names), session.environment, session.output)
                bench.add("chain", f"chain of {CHAIN}, up", peer, (session.services.wait_up(CHAIN) - start) * 1000)
                measure.end_of(pid)
                start = time.perf_counter()
                pid = measure.spawn(session.peer.chain_down(session.names), session.environment, session.output)
                bench.add("chain", f"chain of {CHAIN}, down", peer, (session.services.wait_gone() - start) * 1000)
                measure.end_of(pid)


def logs(bench):
    """A service that writes lines as fast as they are taken, until the last one is in the log."""
    line = b"the quick brown fox jumps over the lazy dog, and the lazy dog does not so much as open an eye: 1234\n"
    text, last = f"{bench.work}/lines", b"this is the last line"
    with open(text, "wb") as file:
        for _ in range(bench.log_bytes // len(line) // 1000):
            file.write(line * 1000)
    size = os.path.getsize(text)
    for _ in bench.repeats("logs", bench.count):
        for stamps in (False, True):
            for peer in bench.peers:
                log = Log(bench.log_bytes // 4, stamps)
                then = f"cat {text}\necho {last.decode()}\nexec sleep 1000000"
                with Session(
                    bench, peer, lambda fifo: [Service("writer", fifo.script("writer", then), log=log)]
                ) as session:
                    if stamps not in session.peer.logs:
                        continue
                    start = time.perf_counter() + session.boot() / 1000
                    wait_logged(session.peer.log_directory("writer"), last)
                    row = f"log lines, {'with' if stamps else 'without'} time stamps"
                    bench.add("logs", row, peer, size / (time.perf_counter() - start) / 1e6)
    os.remove(text)


def wait_logged(directory, last):
    end = time.monotonic() + measure.LIMIT
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            for entry in os.scandir(directory):
                if entry.is_file() and entry.stat().st_size >= len(last):
                    with open(entry.path, "rb") as file:
                        file.seek(max(0, entry.stat().st_size - 100))
                        if last in file.read():
                            return
        time.sleep(0.001)
    raise BenchError(f"not all lines were in the log within {measure.LIMIT} s")


def memory(bench):
    """The memory of the supervisor's own processes, their threads, and what wakes them up."""
    sizes = bench.sizes if bench.wants("memory") else bench.sizes[1:2]
    for _ in bench.repeats("memory", bench.few):
        for count in sizes:
            for peer in bench.able(count):
                with Session(bench, peer, equal(count)) as session:
                    session.boot()
                    session.answers()
                    for command in session.peer.asked("s0"):
                        session.ask(command)
                    session.services.wait_up(1)
                    rest(bench, session, peer, count)
                    pss, anonymous = measure.memory(session.own_processes())
                    bench.add("memory", f"memory with {count}: Pss", peer, pss)
                    bench.add("memory", f"memory with {count}: of it anonymous", peer, anonymous)


def rest(bench, session, peer, count):
    settles = min(session.peer.memory_settles, bench.most_rest)
    if count != bench.sizes[1] or not bench.wants("idle"):
        time.sleep(settles)
        return
    time.sleep(max(5, settles - bench.idle))
    pids = session.own_processes()
    before = measure.wake_ups(pids)
    time.sleep(bench.idle)
    after = measure.wake_ups(pids)
    own = [thread for thread in after if not thread[2]]
    woken = {thread: after[thread] - before.get(thread, 0) for thread in after}
    bench.add("idle", "processes", peer, len(pids))
    bench.add("idle", "threads, own", peer, len(own))
    bench.add("idle", "threads, the JVM's", peer, len(after) - len(own))
    bench.add("idle", f"wake-ups in {bench.idle} s, own", peer, sum(woken[thread] for thread in own))
    bench.add("idle", f"wake-ups in {bench.idle} s, all", peer, sum(woken.values()))


def growth(bench):
    """Boot, memory, and the stop of everything, with ever more services."""
    for _ in bench.repeats("growth", bench.few):
        for count in bench.growing:
            for peer in bench.able(count):
                with Session(bench, peer, equal(count)) as session:
                    bench.add_growth("boot", count, peer, session.boot())
                    session.answers()
                    time.sleep(2)
                    bench.add_growth("memory", count, peer, measure.memory(session.own_processes())[0])
                    returned, gone = session.stop_all()
                    bench.add_growth("stop", count, peer, max(returned, gone))


def board(bench):
    """One core, 256 MiB for everything, nothing in the page cache."""
    limit, procs = bench.memory_limit
    core = ["taskset", "-c", "0"]
    prefix = (["sh", "-c", 'echo 0 >"$0" && exec "$@"', procs] if procs else []) + core
    how = f"one core, {limit}"
    for _ in bench.repeats("board", bench.count):
        for count in bench.sizes[:2]:
            for peer in bench.able(count):
                with Session(bench, peer, equal(count), prefix) as session:
                    cold = drop_caches()
                    row = f"boot of {count}, {how}, {'cold' if cold else 'warm'} caches"
                    bench.add("board", row, peer, session.boot())
                    if count > 1:
                        session.answers()
                        returned, gone = session.stop_all()
                        bench.add("board", f"stop all {count}, {how}", peer, max(returned, gone))


def drop_caches():
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
    except OSError:
        return False
    return True


def image(bench):
    """The size of Bellhop's image."""
    bellhop = bench.bellhop()
    if bellhop is None:
        return
    for _ in bench.repeats("image", 1):
        files = [os.path.join(directory, name) for directory, _, names in os.walk(bellhop.image) for name in names]
        size = sum(os.lstat(file).st_size for file in files if not os.path.islink(file))
        bench.add("image", "on disk", bellhop, size / 1e6)

        class Counter(io.RawIOBase):
            count = 0

            def writable(self):
                return True

            def write(self, block):
                self.count += len(block)
                return len(block)

        packed = Counter()
        with lzma.open(packed, "wb") as compressed, tarfile.open(fileobj=compressed, mode="w|") as tar:
            tar.add(bellhop.image, "bellhop")
        bench.add("image", "packed (tar.xz)", bellhop, packed.count / 1e6)


def clients(bench):
    """Programs that ask one question and end."""
    bellhop = bench.bellhop()
    if bellhop is None:
        return
    commands = {
        "`bh-status`, a shell script": [f"{bellhop.image}/bin/bh-status", "s0"],
        "`bh status`, a Java program": [f"{bellhop.image}/bin/bh", "status", "s0"],
        "`bh --version`": [f"{bellhop.image}/bin/bh", "--version"],
        "for comparison: a Java program that does nothing": empty_program(bench, f"{bellhop.image}/runtime/bin/java"),
        "for comparison: `sh -c :`": ["sh", "-c", ":"],
        "for comparison: `true`": ["true"],
    }
    for _ in bench.repeats("clients", bench.count):
        with Session(bench, bellhop, equal(1)) as session:
            session.boot()
            time.sleep(1)
            bench.add("clients", "`bh-status`, the first one, 1 s after boot", bellhop, session.answers())
            for row, command in commands.items():
                for _ in range(ASKED):
                    bench.add("clients", row, bellhop, session.ask(command))


def empty_program(bench, java):
    """The command of the least Java program, on the image's runtime, with a cache of its own as the clients have."""

    def text(word):
        return b"\1" + struct.pack(">H", len(word)) + word.encode()

    # A class file, byte by byte, as no compiler is here: its `main` returns.
    constants = [text("Empty"), b"\7\0\1", text("java/lang/Object"), b"\7\0\3"]
    constants += [text("main"), text("([Ljava/lang/String;)V"), text("Code")]
    body = struct.pack(">HHIBHH", 0, 1, 1, 0xB1, 0, 0)
    main = struct.pack(">HHHHHI", 9, 5, 6, 1, 7, len(body)) + body
    version = struct.pack(">IHHH", 0xCAFEBABE, 0, 69, len(constants) + 1)
    content = version + b"".join(constants) + struct.pack(">HHHHHH", 0x21, 2, 4, 0, 0, 1) + main + b"\0\0"
    jar, cache = f"{bench.work}/empty.jar", f"{bench.work}/empty.aot"
    with zipfile.ZipFile(jar, "w") as file:
        file.writestr("Empty.class", content)
    options = [
        "-Xlog:disable",
        "-Xmx16m",
        "-Xint",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "-XX:-UsePerfData",
    ]
    timed(
        [java, *options, f"-XX:AOTCacheOutput={cache}", "-cp", jar, "Empty"], bench.environment, f"{bench.work}/asked"
    )
    return [java, *options, f"-XX:AOTCache={cache}", "-cp", jar, "Empty"]


def check(bench):
    """`bh check` over a thousand directories of all kinds."""
    bellhop = bench.bellhop()
    if bellhop is None:
        return
    count = bench.sizes[-1]
    with Session(bench, bellhop, lambda fifo: []) as session:
        for i in range(count):
            various(f"{session.peer.setup}/s{i}", i)
        command = [f"{bellhop.image}/bin/bh", "check"]
        alone, warm = f"`bh check` of {count}, no manager", f"`bh check` of {count}, in the manager"
        for _ in bench.repeats("check", bench.count):
            bench.add("check", alone, bellhop, session.ask(command))
        session.boot()
        session.answers()
        session.ask(command)
        for _ in bench.repeats("check", bench.count):
            # What the client itself takes is not the manager's.
            bench.add("check", warm, bellhop, session.ask(command) - session.ask([*command, "s0"]))


def various(directory, i):
    if i % 5 in (0, 4):
        write(f"{directory}/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    text = (
        "",
        f'command: [sleep, "1000"]\nrequires: [s{i - 1}]\nrestart: on-failure:3\nlinger: 5s\n',
        "command: sleep 1000\nuser: nobody\nulimits: {nofile: 1024}\nnice: 5\nno_new_privileges: true\n",
        'command: sleep 1000\nenvironment: {A: 1}\nready: {tcp: "127.0.0.1:80"}\nhealthcheck: {test: "true"}\n',
        f'requires: [s{i - 1}, s{i - 2}]\nlog: {{max_size: 64KiB}}\numask: "027"\nworking_dir: /tmp\n',
    )[i % 5]
    if text:
        write(f"{directory}/service.yaml", text)
