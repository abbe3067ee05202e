"""What makes load. Each runs one for so many seconds on a CPU and says what came of it: requests, their rate, percentiles of
the latency in microseconds, and how many answers were bad.
"""

import re
import subprocess
from pathlib import Path

BROWSER_HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br",
    "Cookie: session=4f1c9f0e7d2b4a6c8e1f; theme=dark; _ga=GA1.2.1234567890.1700000000",
)
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6}
WITHOUT_END = 100_000_000  # requests


def wrk(load, port, seconds, cpu):
    command = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--latency"]
    for header in BROWSER_HEADERS + load.headers:
        command += ["-H", header]
    command.append(f"{'https' if load.tls else 'http'}://127.0.0.1:{port}{load.path}")
    if load.upload_bytes:
        command += ["-s", str(Path(__file__).with_name("upload.lua")), "--", str(load.upload_bytes)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

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


def ab(load, port, seconds, cpu):
    """A connection a request. Over TLS each is a full handshake: wrk would resume its sessions."""
    command = ["taskset", "-c", str(cpu), "ab", "-q", f"-c{load.connections}", "-t", str(seconds), "-n", str(WITHOUT_END)]
    for header in BROWSER_HEADERS + load.headers:
        command += ["-H", header]
    if load.tls:
        command += ["-f", "TLS1.3"]
    command.append(f"{'https' if load.tls else 'http'}://127.0.0.1:{port}{load.path}")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def figure(name):
        found = re.search(rf"{name}:?\s+([\d.]+)", said)
        return float(found[1]) if found else 0.0

    return {
        "requests": int(figure("Complete requests")),
        "requests_per_second": figure("Requests per second"),
        "p50_us": figure("50%") * 1e3,
        "p99_us": figure("99%") * 1e3,
        "bad": int(figure("Failed requests") + figure("Non-2xx responses")),
    }
