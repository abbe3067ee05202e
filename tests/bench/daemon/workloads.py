"""What the proxies are asked to do, and the figures that come of it.

A Load keeps a proxy busy for some seconds and is measured in rounds; a Hold opens something, keeps it and is measured
once; a Trial lets peers of any temper in, and looks at what they cost and how others are served meanwhile. The bars that
weir must hold stand beside the workload that they belong to.
"""

import statistics
import sys
import time
from dataclasses import dataclass, field

from .client import ask, connect
from .crowd import READ_BYTES, SLOW, run_crowd, serve
from .generators import ab, wrk
from .peers import BIG_BYTES
from .processes import Apart, BenchError, cpu_seconds, memory_bytes, tcp_memory_bytes

IDLE_CONNECTIONS = 5000
IDLE_WARM_UP = 50
MIB = 1024 * 1024
SHOWN = 5  # complaints


@dataclass(frozen=True)
class Bar:
    """weir's `figure` is at most `limit` (times that of `peer`, where one is named)."""
    figure: str
    limit: float
    peer: str = ""


@dataclass(frozen=True)
class Load:
    name: str
    about: str
    path: str
    connections: int
    bars: tuple = field(default=())
    upload_bytes: int = 0
    tls: bool = False
    headers: tuple = field(default=())
    generator: object = wrk
    columns = ("cpu_us", "user_us", "system_us", "requests_per_second", "p50_us", "p99_us", "bad")
    backend = "plain"
    rounds_matter = True

    def warm_up(self, port, cpu):
        with connect(port, self.tls) as connection:
            ask(connection)
        self.generator(self, port, 1, cpu)

    def measure(self, process, port, seconds, cpu):
        user_before, system_before = cpu_seconds(process.pid)
        row = self.generator(self, port, seconds, cpu)
        user_after, system_after = cpu_seconds(process.pid)
        if row["requests"] == 0:
            raise BenchError("not one request was answered")
        row["user_us"] = (user_after - user_before) / row["requests"] * 1e6
        row["system_us"] = (system_after - system_before) / row["requests"] * 1e6
        row["cpu_us"] = row["user_us"] + row["system_us"]
        return row


def open_kept(port, count, tls=False):
    """So many connections that each had an answer."""
    opened = []
    for _ in range(count):
        opened.append(connect(port, tls))
        ask(opened[-1])
    return opened


def warm_memory(port, tls=False):
    """What a proxy allocates once is there before the first look."""
    for connection in open_kept(port, IDLE_WARM_UP, tls):
        connection.close()
    time.sleep(0.5)


@dataclass(frozen=True)
class Hold:
    name: str
    about: str
    connections: int
    bars: tuple = field(default=())
    tls: bool = False
    columns = ("bytes_per_connection",)
    backend = "plain"
    rounds_matter = False

    def warm_up(self, port, _cpu):
        warm_memory(port, self.tls)

    def measure(self, process, port, _seconds, _cpu):
        before = memory_bytes(process.pid)
        opened = open_kept(port, self.connections, self.tls)
        time.sleep(1.5)  # what was lent for a request has been given back
        after = memory_bytes(process.pid)
        for connection in opened:
            connection.close()
        return {"bytes_per_connection": (after - before) / len(opened)}


@dataclass(frozen=True)
class Trial:
    name: str
    about: str
    bars: tuple = field(default=())
    tls = False
    columns = ("grown_mib", "kernel_mib", "left_mib", "p50_us", "p99_us", "cpu_percent", "heads_ended", "bad")
    backend = "thrifty"
    rounds_matter = False

    def warm_up(self, port, _cpu):
        warm_memory(port)

    def measure(self, process, port, seconds, cpu):
        memory_before, kernel_before = memory_bytes(process.pid), tcp_memory_bytes()
        with Apart(cpu, run_crowd, port) as crowd:
            crowd.hear()
            cpu_before = sum(cpu_seconds(process.pid))
            with Apart(cpu, serve, port) as served:
                time.sleep(seconds)
                memory, kernel = memory_bytes(process.pid), tcp_memory_bytes()
                latencies, complaints = served.end()
            cpu_used = sum(cpu_seconds(process.pid)) - cpu_before
            tally, more_complaints = crowd.end()
        time.sleep(5)  # what was held for them has been given back
        memory_left = memory_bytes(process.pid)
        if tally["read_bytes"] < SLOW * READ_BYTES * seconds / 2:
            raise BenchError(f"the readers starved: {tally}")
        complaints += more_complaints + ([] if tally["heads_ended"] else ["a head a byte a second may last for ever"])
        for complaint in complaints[:SHOWN]:
            print(f"{self.name}: {complaint}", file=sys.stderr)
        percentiles = statistics.quantiles(latencies, n=100)
        return {
            "grown_mib": (memory - memory_before) / MIB,
            "kernel_mib": (kernel - kernel_before) / MIB,
            "left_mib": (memory_left - memory_before) / MIB,
            "p50_us": percentiles[49] * 1e6,
            "p99_us": percentiles[98] * 1e6,
            "cpu_percent": cpu_used / seconds * 100,
            "heads_ended": tally["heads_ended"],
            "bad": len(complaints),
        }


WORKLOADS = {workload.name: workload for workload in (
    Load("h1", "keep-alive, 1 KiB answers, browser-like headers, 64 connections", "/api/items?page=2", 64,
         (Bar("cpu_us", 0.92, "nginx"), Bar("cpu_us", 1.20, "relay"))),
    Load("h1tls", "the same over TLS 1.3", "/api/items?page=2", 64, (Bar("cpu_us", 0.95, "nginx"),), tls=True),
    Load("handshake", "a full TLS 1.3 handshake, one request and the end, 32 clients", "/", 32, (Bar("cpu_us", 0.85, "nginx"),),
         tls=True, generator=ab),
    Load("resume", "the same, with the session of before", "/", 32, tls=True, headers=("Connection: close",)),
    Load("big", "10 MiB answers of known length, 8 connections", "/big", 8, (Bar("cpu_us", 0.35, "nginx"),)),
    Load("bigtls", "the same over TLS 1.3", "/big", 8, tls=True),
    Load("upload", "10 MiB request bodies of known length, 8 connections", "/upload", 8, upload_bytes=BIG_BYTES),
    Hold("idle", "memory (PSS) of a plain idle connection, 5,000 of them", IDLE_CONNECTIONS,
         (Bar("bytes_per_connection", 700),)),
    Hold("idletls", "the same over TLS 1.3", IDLE_CONNECTIONS, (Bar("bytes_per_connection", 0.95, "nginx"),), tls=True),
    Trial("slow", "200 readers of 100 MiB at 10 KiB/s, 200 heads at a byte a second, 10,000 idle, beside 400 requests/s",
          (Bar("grown_mib", 40), Bar("kernel_mib", 0.5, "nginx"), Bar("left_mib", 2), Bar("p99_us", 50_000))),
)}
