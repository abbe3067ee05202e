"""Starts, pins, measures and stops the processes of a run.

Everything that is started is stopped again, also after Ctrl-C or a failure. Ports come from the kernel, so nothing that
already listens is disturbed. What a process costs is read from /proc and counts its children too.
"""

import multiprocessing
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_DEADLINE = 10.0
STOP_DEADLINE = 5.0


class BenchError(Exception):
    """The comparison can not be made; the message says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpus():
    """The CPU of the proxy, and the one that load generator and backend share."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise BenchError("two CPUs are needed: one for the proxy, one for load and backend")
    return usable[0], usable[1]


class Processes:
    """The processes of one run; a context manager that leaves none behind."""

    def __init__(self, log):
        self._log = log
        self._live = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._live:
            self.stop(self._live[-1])

    def start(self, command, port, cpu):
        """Runs `command` on `cpu` and waits until it listens on `port`."""
        with open(self._log, "ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we end it in order.
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        self._live.append(process)
        end = time.monotonic() + START_DEADLINE
        while time.monotonic() < end:
            if process.poll() is not None:
                raise BenchError(f"{command[0]} ended with {process.returncode} at start:\n{self._log_tail()}")
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                return process
            except OSError:
                time.sleep(0.02)
        raise BenchError(f"{command[0]} does not listen on port {port} after {START_DEADLINE:.0f} s:\n{self._log_tail()}")

    def stop(self, process):
        self._live.remove(process)
        if process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _log_tail(self):
        return Path(self._log).read_text(errors="replace")[-2000:]


class Apart:
    """`work(pipe, *arguments)` in a process of its own on `cpu`; a context manager that leaves none behind."""

    def __init__(self, cpu, work, *arguments):
        fork = multiprocessing.get_context("fork")
        self._pipe, self._theirs = fork.Pipe()
        self._process = fork.Process(target=self._run, args=(cpu, work, arguments), daemon=True)

    def _run(self, cpu, work, arguments):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # we are ended in order
        self._pipe.close()
        os.sched_setaffinity(0, {cpu})
        work(self._theirs, *arguments)

    def __enter__(self):
        self._process.start()
        self._theirs.close()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()

    def hear(self):
        """The next that it sends."""
        try:
            return self._pipe.recv()
        except EOFError:
            raise BenchError("a part of the load has failed; what it said stands above") from None

    def end(self):
        """Asks it for its end; what it sends then."""
        self._pipe.send("enough")
        return self.hear()


def family(pid):
    """The process and all of its descendants."""
    children = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        member = queue.pop()
        found.append(member)
        queue += children.get(member, [])
    return found


def cpu_seconds(pid):
    """User and system time that the family has used so far."""
    user = system = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        user += int(fields[11])
        system += int(fields[12])
    return user / TICKS_PER_SECOND, system / TICKS_PER_SECOND


def memory_bytes(pid):
    """Proportional set size of the family: what is shared counts once."""
    kib = 0
    for member in family(pid):
        kib += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{member}/smaps_rollup").read_text(), re.M)[1])
    return kib * 1024


def tcp_memory_bytes():
    """What the sockets of this machine hold in the kernel, all of them."""
    pages = int(re.search(r"^TCP: .* mem (\d+)", Path("/proc/net/sockstat").read_text(), re.M)[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
