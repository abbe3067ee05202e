"""Turns rounds into medians, tables and verdicts. Tables are Markdown, ready for docs/performance.md."""

import os
import platform
import re
import statistics
import subprocess
from pathlib import Path

TITLES = {
    "cpu_us": "CPU us/request", "user_us": "user", "system_us": "system", "requests_per_second": "requests/s",
    "p50_us": "p50 us", "p99_us": "p99 us", "bad": "bad", "bytes_per_connection": "bytes/connection",
    "grown_mib": "PSS MiB", "kernel_mib": "kernel MiB", "left_mib": "PSS MiB left", "cpu_percent": "CPU %",
    "heads_ended": "heads ended",
}
DECIMALS = {"cpu_us": 2, "user_us": 2, "system_us": 2, "grown_mib": 2, "kernel_mib": 1, "left_mib": 2, "cpu_percent": 1}


def medians(workload, rounds):
    """One row of `rounds`; what went wrong is summed, for a median would hide it."""
    row = {column: statistics.median(one[column] for one in rounds) for column in workload.columns}
    if "bad" in row:
        row["bad"] = sum(one["bad"] for one in rounds)
    return row


def table(workload, rows):
    cells = [["proxy", *(TITLES[column] for column in workload.columns)]]
    for peer, row in rows.items():
        cells.append([peer, *(f"{row[column]:.{DECIMALS.get(column, 0)}f}" for column in workload.columns)])
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    lines = ["| " + " | ".join(f"{cell:<{widths[0]}}" if i == 0 else f"{cell:>{widths[i]}}" for i, cell in enumerate(line))
             + " |" for line in cells]
    rule = "|" + "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths)) + "|"
    return "\n".join([f"{workload.name}: {workload.about}", "", lines[0], rule, *lines[1:]])


def verdicts(workload, rows):
    """(line, held) for each bar of which both sides were measured."""
    found = []
    for bar in workload.bars:
        if "weir" not in rows or (bar.peer and bar.peer not in rows):
            continue
        value = rows["weir"][bar.figure]
        if bar.peer:
            value /= rows[bar.peer][bar.figure]
        held = value <= bar.limit
        shown = f"{value:.3f} x {bar.peer}" if bar.peer else f"{value:.0f}"
        limit = f"{bar.limit:.2f} x {bar.peer}" if bar.peer else f"{bar.limit:.0f}"
        found.append((f"{workload.name}: weir {TITLES[bar.figure]} {shown}, bar {limit}: {'within' if held else 'MISSED'}", held))
    return found


def machine():
    """One line that says where and what was measured."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False,
                            cwd=Path(__file__).parent).stdout.strip()
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
            f"commit {commit or 'unknown'}")
