"""What the proxies are asked to do, and the figures that come of it.

A Load keeps a proxy busy for some seconds and is measured in rounds; a Hold opens something, keeps it and is measured
once. The bars that weir must hold stand beside the workload that they belong to.
"""

import re
import socket
import subprocess
import time
from dataclasses import dataclass, field

from .peers import ANSWER_BYTES
from .processes import BenchError, cpu_seconds, memory_bytes

BROWSER_HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br",
    "Cookie: session=4f1c9f0e7d2b4a6c8e1f; theme=dark; _ga=GA1.2.1234567890.1700000000",
)
IDLE_CONNECTIONS = 5000
IDLE_WARM_UP = 50
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6}


def ask(connection):
    """One request on a kept connection; its answer must be the backend's."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    got = b""
    while len(got.partition(b"\r\n\r\n")[2]) < ANSWER_BYTES:
        more = connection.recv(65536)
        if not more:
            raise BenchError(f"the connection was closed within an answer: {got[:200]!r}")
        got += more
    if not got.startswith(b"HTTP/1.1 200 ") or not got.endswith(b"x" * ANSWER_BYTES):
        raise BenchError(f"not the backend's answer: {got[:200]!r}")


def connect(port):
    return socket.create_connection(("127.0.0.1", port), 5)


def wrk(port, path, seconds, connections, cpu):
    command = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in BROWSER_HEADERS:
        command += ["-H", header]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout

    def latency(percent):
        value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", said).groups()
        return float(value) * MICROSECONDS[unit]

    errors = re.findall(r"(?:connect|read|write|timeout) (\d+)", said) + re.findall(r"Non-2xx or 3xx responses: (\d+)", said)
    return {
        "requests": int(re.search(r"(\d+) requests in", said)[1]),
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        "p50_us": latency(50),
        "p99_us": latency(99),
        "bad": sum(map(int, errors)),
    }


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
    columns = ("cpu_us", "user_us", "system_us", "requests_per_second", "p50_us", "p99_us", "bad")
    rounds_matter = True

    def warm_up(self, port, cpu):
        with connect(port) as connection:
            ask(connection)
        wrk(port, self.path, 1, self.connections, cpu)

    def measure(self, process, port, seconds, cpu):
        user_before, system_before = cpu_seconds(process.pid)
        row = wrk(port, self.path, seconds, self.connections, cpu)
        user_after, system_after = cpu_seconds(process.pid)
        if row["requests"] == 0:
            raise BenchError("not one request was answered")
        row["user_us"] = (user_after - user_before) / row["requests"] * 1e6
        row["system_us"] = (system_after - system_before) / row["requests"] * 1e6
        row["cpu_us"] = row["user_us"] + row["system_us"]
        return row


@dataclass(frozen=True)
class Hold:
    name: str
    about: str
    connections: int
    bars: tuple = field(default=())
    columns = ("bytes_per_connection",)
    rounds_matter = False

    def warm_up(self, port, _cpu):
        """What a proxy allocates once is there before the first look."""
        opened = self._open(port, IDLE_WARM_UP)
        for connection in opened:
            connection.close()
        time.sleep(0.5)

    def measure(self, process, port, _seconds, _cpu):
        before = memory_bytes(process.pid)
        opened = self._open(port, self.connections)
        time.sleep(1.5)  # what was lent for a request has been given back
        after = memory_bytes(process.pid)
        for connection in opened:
            connection.close()
        return {"bytes_per_connection": (after - before) / len(opened)}

    @staticmethod
    def _open(port, count):
        opened = []
        for _ in range(count):
            opened.append(connect(port))
            ask(opened[-1])
        return opened


WORKLOADS = {workload.name: workload for workload in (
    Load("h1", "keep-alive, 1 KiB answers, browser-like headers, 64 connections", "/api/items?page=2", 64,
         (Bar("cpu_us", 0.92, "nginx"), Bar("cpu_us", 1.20, "relay"))),
    Hold("idle", "memory (PSS) of a plain idle connection, 5,000 of them", IDLE_CONNECTIONS,
         (Bar("bytes_per_connection", 700),)),
)}
