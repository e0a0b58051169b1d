"""How each supervisor is set up, as its manual has it, and the commands by which it is asked."""

import os
import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """How the output of a service is kept, if that is measured."""

    max_size: int
    timestamps: bool


@dataclass(frozen=True)
class Service:
    name: str
    script: str
    requires: str | None = None
    starts: bool = True
    log: Log | None = None


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def package(name):
    """The version of a package of Debian; empty if it is not installed."""
    query = subprocess.run(["dpkg-query", "-Wf", "${Version}", name], capture_output=True, text=True, check=False)
    return query.stdout if query.returncode == 0 else ""


class Peer:
    """A supervisor in a directory of its own. What a peer lacks is None, and its place in the table empty."""

    name = ""
    programs = ()
    # What its manual says of how many services it takes.
    most = 1_000_000
    has_requirements = False
    # The ways in which it keeps a log that is rotated: without time stamps, with them.
    logs = ()
    # Seconds until its memory is measured: where nothing happens by itself later, a few.
    memory_settles = 5

    def __init__(self, work, environment):
        self.work = work
        self.environment = environment
        self.setup = f"{work}/sv"

    def log_directory(self, name):
        return f"{self.work}/log/{name}"

    @classmethod
    def missing(cls, path):
        """The first of its programs that is not found."""
        return next((program for program in cls.programs if shutil.which(program, path=path) is None), None)

    def prepare(self, services):
        """Writes all files, before the clock runs."""

    def supervisor(self):
        """The command that is the supervisor, in the foreground."""

    def status(self, name): ...

    def stop(self, name): ...

    def start(self, name): ...

    def stop_all(self, names):
        """The command that stops everything."""

    def asked(self, name):
        """One each of its commands, before its memory is measured."""
        return [self.status(name), self.stop(name), self.start(name)]

    def chain_up(self, names):
        return self.start(names[-1])

    def chain_down(self, names):
        return self.stop(names[-1])

    def is_there(self, names):
        """A command that succeeds as soon as the supervisor answers."""
        return self.status(names[0])

    def prepare_chain(self, names):
        """Commands after the supervisor's launch, before the clock runs."""
        return [self.is_there(names)]


class Bellhop(Peer):
    name = "bellhop"
    has_requirements = True
    logs = (False, True)
    # A JVM gives memory back after a while.
    memory_settles = 60
    image = ""

    def __init__(self, work, environment):
        super().__init__(work, environment)
        environment.update(
            BELLHOP_SERVICES=self.setup,
            BELLHOP_RUNDIR=f"{work}/run",
            BELLHOP_LOGDIR=f"{work}/log",
            BELLHOP_ENABLED=f"{work}/enabled",
        )

    @classmethod
    def version(cls, _):
        said = subprocess.run([f"{cls.image}/bin/bh", "--version"], capture_output=True, text=True, check=True)
        return said.stdout.split()[-1]

    def program(self, name):
        return f"{self.image}/bin/{name}"

    def prepare(self, services):
        for service in services:
            write(f"{self.setup}/{service.name}/run", service.script, 0o755)
            keys = []
            if service.starts:
                keys.append("autostart: true")
            if service.requires:
                keys.append(f"requires: [{service.requires}]")
            if service.log:
                stamps = "true" if service.log.timestamps else "false"
                keys.append(f"log: {{max_size: {service.log.max_size}, timestamps: {stamps}}}")
            if keys:
                write(f"{self.setup}/{service.name}/service.yaml", "\n".join(keys) + "\n")

    def supervisor(self):
        return [self.program("bh"), "run"]

    def status(self, name):
        return [self.program("bh-status"), name]

    def stop(self, name):
        return [self.program("bh-stop"), name]

    def start(self, name):
        return [self.program("bh-start"), name]

    def stop_all(self, names):
        return [self.program("bh-stopall")]

    def is_there(self, names):
        return self.status(names[0]) if names else [self.program("bh-status")]

    def prepare_chain(self, names):
        # That of one stopped service reports it by its exit status, too.
        return [[self.program("bh-status")]]

    def asked(self, name):
        bh = self.program("bh")
        return [self.status(name), [bh, "status", name], self.stop(name), self.start(name), [bh, "logs", name]]


class Dinit(Peer):
    """dinit 0.17 or later. A service needs `boot`, which is what dinit starts. Its logs are files that only grow."""

    name = "dinit"
    programs = ("dinit", "dinitctl")
    has_requirements = True

    def __init__(self, work, environment):
        super().__init__(work, environment)
        self.socket = f"{work}/socket"

    @classmethod
    def version(cls, path):
        said = subprocess.run(
            [shutil.which("dinit", path=path), "--version"], capture_output=True, text=True, check=False
        ).stdout.split("\n")[0]
        return next((word.rstrip(".,") for word in said.split() if word[:1].isdigit()), said)

    def prepare(self, services):
        # `boot` waits for them and does not depend on them, so that one of them can be stopped; and without any,
        # dinit would end, as it does when nothing is left to run.
        boot = ["type = internal"] + [f"waits-for = {service.name}" for service in services if service.starts]
        write(f"{self.setup}/boot", "\n".join(boot) + "\n")
        os.makedirs(f"{self.work}/log")
        for service in services:
            run = f"{self.work}/scripts/{service.name}"
            write(run, service.script, 0o755)
            keys = [
                "type = process",
                f"command = {run}",
                "restart = true",
                "smooth-recovery = true",
                # The services are killed more often than an ordinary one may fail.
                "restart-limit-count = 0",
            ]
            if service.requires:
                keys.append(f"depends-on = {service.requires}")
            if service.log:
                keys.append(f"logfile = {self.log_directory(service.name)}")
            write(f"{self.setup}/{service.name}", "\n".join(keys) + "\n")

    def supervisor(self):
        return [
            "dinit",
            "--user",
            "--quiet",
            "--services-dir",
            self.setup,
            "--socket-path",
            self.socket,
            "--log-file",
            f"{self.work}/dinit.log",
            "boot",
        ]

    def _control(self, *words):
        return ["dinitctl", "--socket-path", self.socket, *words]

    def status(self, name):
        return self._control("status", name)

    def stop(self, name):
        return self._control("stop", name)

    def start(self, name):
        return self._control("start", name)

    def stop_all(self, names):
        return self._control("shutdown")

    def is_there(self, names):
        return self._control("list")


class Nitro(Peer):
    """nitro: directories as runit's; `log` is a link to the service that takes the output."""

    name = "nitro"
    programs = ("nitro", "nitroctl")
    # MAXSV in nitro.c.
    most = 500

    def __init__(self, work, environment):
        super().__init__(work, environment)
        environment["NITRO_SOCK"] = f"{work}/nitro/socket"
        if shutil.which("svlogd", path=environment["PATH"]):
            # It has no logger of its own: its manual leaves that to another program.
            self.logs = (False, True)

    @classmethod
    def version(cls, path):
        return f"at {shutil.which('nitro', path=path)} (it reports no version)"

    def prepare(self, services):
        # No directory for messages is made where the socket's directory could not be.
        os.makedirs(f"{self.work}/nitro/notify", exist_ok=True)
        for service in services:
            write(f"{self.setup}/{service.name}/run", service.script, 0o755)
            if not service.starts:
                write(f"{self.setup}/{service.name}/down", "")
            if service.log:
                svlogd(f"{self.setup}/{service.name}-log/run", service.log, self.log_directory(service.name))
                os.symlink(f"../{service.name}-log", f"{self.setup}/{service.name}/log")

    def supervisor(self):
        return ["nitro", self.setup]

    def status(self, name):
        return ["nitroctl", "check", name]

    def stop(self, name):
        return ["nitroctl", "stop", name]

    def start(self, name):
        return ["nitroctl", "start", name]

    def stop_all(self, names):
        return ["nitroctl", "Shutdown"]


def svlogd(run, log, directory):
    write(f"{directory}/config", f"s{log.max_size}\nn10\n")
    write(run, f"#!/bin/sh\nexec svlogd {'-ttt ' if log.timestamps else ''}{directory}\n", 0o755)


class Runit(Peer):
    name = "runit"
    programs = ("runsvdir", "runsv", "sv", "svlogd")
    # runsvdir(8): "up to a limit of 1000 subdirectories".
    most = 1000
    logs = (False, True)

    def __init__(self, work, environment):
        super().__init__(work, environment)
        environment["SVDIR"] = self.setup

    @classmethod
    def version(cls, _):
        return package("runit")

    def prepare(self, services):
        os.makedirs(self.setup)
        for service in services:
            write(f"{self.setup}/{service.name}/run", service.script, 0o755)
            if service.log:
                svlogd(f"{self.setup}/{service.name}/log/run", service.log, self.log_directory(service.name))

    def supervisor(self):
        return ["runsvdir", "-P", self.setup]

    def status(self, name):
        return ["sv", "status", name]

    def stop(self, name):
        return ["sv", "stop", name]

    def start(self, name):
        return ["sv", "start", name]

    def stop_all(self, names):
        return ["sv", "-w", "60", "stop", *names]


class S6(Peer):
    name = "s6"
    programs = ("s6-svscan", "s6-supervise", "s6-svc", "s6-svstat", "s6-svscanctl", "s6-log")
    logs = (False, True)

    def __init__(self, work, environment):
        super().__init__(work, environment)
        # Requirements are s6-rc's, a package of its own.
        self.has_requirements = all(
            shutil.which(program, path=environment["PATH"]) for program in ("s6-rc", "s6-rc-compile", "s6-rc-init")
        )
        self.size = 0

    @classmethod
    def version(cls, _):
        rc = package("s6-rc")
        return package("s6") + (f" with s6-rc {rc}" if rc else "")

    def prepare(self, services):
        os.makedirs(self.setup)
        for service in services:
            # A chain is s6-rc's, which makes the directories for s6 itself.
            chained = not service.starts
            directory = f"{self.work}/source/{service.name}" if chained else f"{self.setup}/{service.name}"
            write(f"{directory}/run", service.script, 0o755)
            if chained:
                write(f"{directory}/type", "longrun\n")
                if service.requires:
                    write(f"{directory}/dependencies.d/{service.requires}", "")
            if service.log:
                how = f"{'T ' if service.log.timestamps else ''}n10 s{service.log.max_size}"
                logger = f"#!/bin/sh\nexec s6-log {how} {self.log_directory(service.name)}\n"
                os.makedirs(self.log_directory(service.name))
                write(f"{directory}/log/run", logger, 0o755)
        self.size = len(services)

    def supervisor(self):
        # Two for each service, as a logger counts as one; the default, 500, is too few.
        return ["s6-svscan", "-c", str(max(500, 2 * self.size + 10)), self.setup]

    def status(self, name):
        return ["s6-svstat", f"{self.setup}/{name}"]

    def stop(self, name):
        return ["s6-svc", "-wD", "-d", f"{self.setup}/{name}"]

    def start(self, name):
        return ["s6-svc", "-wu", "-u", f"{self.setup}/{name}"]

    def stop_all(self, names):
        return ["s6-svscanctl", "-t", self.setup]

    def prepare_chain(self, names):
        compiled, live = f"{self.work}/compiled", f"{self.work}/live"
        return [
            ["s6-rc-compile", compiled, f"{self.work}/source"],
            ["s6-rc-init", "-c", compiled, "-l", live, self.setup],
        ]

    def chain_up(self, names):
        return ["s6-rc", "-l", f"{self.work}/live", "-u", "change", names[-1]]

    def chain_down(self, names):
        return ["s6-rc", "-l", f"{self.work}/live", "-d", "change", names[0]]


class Supervisord(Peer):
    name = "supervisord"
    programs = ("supervisord", "supervisorctl")
    logs = (False,)

    @classmethod
    def version(cls, _):
        return package("supervisor")

    def prepare(self, services):
        self.configuration = f"{self.work}/conf"
        os.makedirs(f"{self.work}/childlog")
        # Three for each service. A child closes this many, so it should not be much too high.
        descriptors = max(1024, 3 * len(services) + 200)
        parts = [
            f"[supervisord]\nnodaemon=true\nlogfile={self.work}/supervisord.log\npidfile={self.work}/pid\n"
            f"childlogdir={self.work}/childlog\nminfds={descriptors}\n",
            f"[unix_http_server]\nfile={self.work}/socket\n",
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
            f"[supervisorctl]\nserverurl=unix://{self.work}/socket\n",
        ]
        for service in services:
            run = f"{self.work}/scripts/{service.name}"
            write(run, service.script, 0o755)
            part = f"[program:{service.name}]\ncommand={run}\nautorestart=true\nredirect_stderr=true\n"
            if service.log:
                os.makedirs(self.log_directory(service.name))
                part += f"stdout_logfile={self.log_directory(service.name)}/current\n"
                part += f"stdout_logfile_maxbytes={service.log.max_size}\nstdout_logfile_backups=10\n"
            parts.append(part)
        write(self.configuration, "\n".join(parts))

    def supervisor(self):
        return ["supervisord", "-c", self.configuration]

    def _control(self, *words):
        return ["supervisorctl", "-c", self.configuration, *words]

    def status(self, name):
        return self._control("status", name)

    def stop(self, name):
        return self._control("stop", name)

    def start(self, name):
        return self._control("start", name)

    def stop_all(self, names):
        return self._control("stop", "all")


PEERS = {peer.name: peer for peer in (Bellhop, Dinit, Nitro, Runit, S6, Supervisord)}
