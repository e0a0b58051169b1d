"""The page: tables in Markdown, and plots."""

import os
import statistics
import textwrap
from datetime import datetime, timezone

UNITS = {"memory": "MiB", "idle": "", "image": "MB", "logs": "MB/s"}

EXPLANATIONS = {
    "boot": """The time from the launch of the supervisor until every one of its services is up. Each service is a
script that opens a FIFO of the benchmark, writes a line into it, and becomes `sleep`; the last line ends the
measurement.""",
    "stop": """The time until the command that stops everything returns, and until no process of a service is left,
when the FIFO has no writer any more. `bh-stopall`, `sv -w 60 stop` and `supervisorctl stop all` wait until everything
is stopped, and the supervisor stays; `s6-svscanctl -t`, `dinitctl shutdown` and `nitroctl Shutdown` end the
supervisor, too, and may return before.""",
    "one": """The time that a command takes while so many services run: `bh-status`, `bh-stop`, `bh-start`; `sv
status`, `stop`, `start`; `s6-svstat`, `s6-svc -wD -d`, `s6-svc -wu -u`; `supervisorctl`, `dinitctl` and `nitroctl`,
which wait as well. Stops and starts are measured until the service is stopped or started, as each supervisor sees it;
for nitro and supervisord, it is started after 2 s and 1 s. *The first status* is asked for as soon as
all services are up.""",
    "restart": """The time from `kill -9` of a service until its next process is up. *Settled*: it had lived for 3 s
or more, and had not died before. *Quick*: it is killed again as soon as it is up. Each supervisor has a delay of its
own for this: Bellhop, from launch to launch, 100 ms for the first death and 200 ms for the second, dinit 200 ms, runit,
s6 and nitro 1 s.""",
    "chain": """Fifty services of which each requires the one before: from the request that starts the last one until
all are up, and from the request that stops it until all are gone (with s6-rc, of the first one). Runit, supervisord,
nitro, and s6 without s6-rc have no requirements.""",
    "logs": """A service writes lines of 100 bytes as fast as they are taken, {log} MB in all, until the last one is
in its log, which is rotated at a quarter of that. More is better. Nitro logs by `svlogd`; dinit does not rotate
logs.""",
    "memory": """The memory of all processes of the supervisor, without the services: Pss, which counts a page that
several processes share once, and the anonymous part of it, which no file backs. The services do not write, and no
logger runs; with one each, runit and s6 need another process for each service. Before it is measured, the supervisor
gets a request of each kind (Bellhop: `bh-status`, `bh status`, `bh-stop`, `bh-start`, `bh logs`), and then has time
to give memory back: Bellhop a minute, the others, in which nothing happens later, at least 5 s.""",
    "idle": """With {middle} services that do nothing: the processes and threads of the supervisor, and how often
these wake up, as voluntary context switches. *Own* are the threads that are not the JVM's.""",
    "image": """All files of Bellhop's image, with its Java runtime and the caches, and the same packed. (1 MB is
1,000,000 bytes.)""",
    "clients": """The time that programs take that ask one question, and of others for comparison.""",
    "check": """The time of `bh check`: the whole command without a manager, and what a running manager takes that has
done it once before, which is the command without the client.""",
    "board": """Boot and stop as on a small board: the supervisor and its services have one core (`taskset`),
{memory}. *Cold caches*: the page cache was dropped before, so that everything is read from disk.""",
}

HOW_TO_READ = """How to read it: a figure is the median, with the least and the greatest value in brackets, and –
stands for what a supervisor does not have. Less is better unless stated otherwise. The supervisors take turns in each
repeat, so if the machine becomes slower, it does so for all of them. Times depend on the machine: compare the columns
of a row. Each supervisor is set up according to its manual, with a higher limit of open files, and all of them run
the same services, in a PID namespace of their own, with all files on a tmpfs. The output of each service is kept, with
time stamps, 1 MiB a file: by `svlogd` of runit and nitro and `s6-log` of s6, one for each service, and by the
others themselves; dinit has no limit and supervisord no time stamps."""

TITLES = {
    "boot": "Boot",
    "stop": "Stopping everything",
    "one": "One service",
    "restart": "Restart",
    "chain": "Requirements",
    "logs": "Logs",
    "memory": "Memory",
    "idle": "At rest",
    "image": "Size of the image",
    "clients": "Clients",
    "check": "Checking",
    "board": "On a board",
}

GROWTH_EXPLANATION = """The same with more and more services. The time of boot and of the stop of everything should
grow as the number of services does, or less. Memory is measured 2 s after the boot; that of a service is what the
supervisor needs for each beyond the first. By their manuals, runit takes at most 1000 services, and nitro 500."""

GROWTH = {
    "boot": ("Boot", "ms", "milliseconds from launch to all services up"),
    "stop": ("Stopping everything", "ms", "milliseconds until the command has returned and all services are gone"),
    "memory": ("Memory", "MiB", "Pss of the supervisor, in MiB"),
}


def number(value):
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def cell(values):
    if not values:
        return "–"
    middle, least, most = (number(value) for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def table(head, rows):
    lines = [f"|---|{'--:|' * (len(head) - 1)}"] + [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", *lines]) + "\n"


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False) + "\n"


def part(name, rows, columns, words):
    """The section of a part: rows is {row: {peer: [value]}}."""
    unit = UNITS.get(name, "ms")
    columns = [column for column in columns if any(column in values for values in rows.values())]
    lines = [[row] + [cell(values.get(column)) for column in columns] for row, values in rows.items()]
    text = paragraph(EXPLANATIONS[name].format(**words))
    return f"## {TITLES[name]}\n\n{text}\n{table([unit or ' ', *columns], lines)}\n"


def growth(figures, columns, plots):
    """figures is {measure: {peer: {count: [value]}}}."""
    text = f"## Growth\n\n{paragraph(GROWTH_EXPLANATION)}\n"
    for name, peers in figures.items():
        if not peers:
            continue
        title, unit, _ = GROWTH[name]
        present = [column for column in columns if column in peers]
        counts = sorted({count for values in peers.values() for count in values})
        lines = [[str(count)] + [cell(peers[peer].get(count)) for peer in present] for count in counts]
        text += f"### {title}\n\n{table([f'services; {unit}', *present], lines)}\n"
        if name == "memory":
            each = []
            for count in counts[1:]:
                line = [str(count)]
                for peer in present:
                    values, first = peers[peer].get(count), peers[peer].get(counts[0])
                    more = statistics.median(values) - statistics.median(first) if values and first else None
                    line.append("–" if more is None else f"{more * 1024 / (count - counts[0]):.1f}")
                each.append(line)
            text += table(["services; KiB for each", *present], each) + "\n"
        if name in plots:
            text += f"![{title}, from {counts[0]} to {counts[-1]} services]({plots[name]})\n\n"
    return text


def plot(figures, columns, directory):
    """Writes the plots, and returns {measure: file}."""
    import matplotlib

    matplotlib.use("svg")
    # The same figures make the same file.
    matplotlib.rcParams["svg.hashsalt"] = "bellhop"
    from matplotlib import pyplot

    os.makedirs(directory, exist_ok=True)
    files = {}
    for name, peers in figures.items():
        if not peers:
            continue
        title, _, axis = GROWTH[name]
        figure, axes = pyplot.subplots(figsize=(7, 4.5))
        for column in columns:
            if column in peers:
                points = sorted((count, statistics.median(values)) for count, values in peers[column].items())
                width = 2.5 if column == "bellhop" else 1.2
                axes.plot(*zip(*points), marker="o", markersize=4, linewidth=width, label=column)
        axes.set(xscale="log", yscale="log", xlabel="services", ylabel=axis, title=title)
        axes.grid(visible=True, which="major", linewidth=0.4)
        axes.legend()
        figure.tight_layout()
        files[name] = f"{directory}/{name}.svg"
        figure.savefig(files[name], metadata={"Date": None})
        pyplot.close(figure)
    return files


def introduction(machine, command):
    return f"""# Performance

Bellhop beside other supervisors. This page is written by `bench/run --write`, which measures all of it in one run.

{paragraph(HOW_TO_READ)}
{machine}
{paragraph(f"By `{command}` as root; `bench/run --help` explains the details.")}
"""


def today():
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
