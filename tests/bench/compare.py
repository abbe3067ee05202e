#!/usr/bin/env python3
"""What scripts/bench runs: compares weir with nginx, HAProxy and a bare relay, side by side in one run.

The proxy has one CPU to itself and one worker; load generator (wrk) and backend (nginx) share another one. Rounds are
interleaved, so that a drift of the machine hits all alike. The figure that counts is the proxy's CPU microseconds per
request: it holds still where requests/s do not. docs/performance.md explains the method. Exit: 0 when every bar is held,
1 when one is missed or answers were bad, 2 for wrong usage, 3 when the comparison could not be made.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests" / "bench"))

from daemon import peers as proxies  # noqa: E402
from daemon import report  # noqa: E402
from daemon.processes import BenchError, Processes, cpus, free_port  # noqa: E402
from daemon.workloads import WORKLOADS  # noqa: E402

BUILD = TOP / "build" / "release"
DESCRIPTORS = 65536
os.environ["PATH"] += ":/usr/sbin"  # where Debian has proxies, and not in every user's PATH


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Compares weir with other proxies, side by side.")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of each load (default 5)")
    parser.add_argument("--secs", type=int, default=4, help="seconds of a round (default 4)")
    parser.add_argument("--slow-secs", type=int, default=60, help="seconds that slow lasts (default 60)")
    parser.add_argument("--only", default=",".join(WORKLOADS), help=f"workloads, of {','.join(WORKLOADS)} (default all)")
    parser.add_argument("--peers", default="weir,nginx,haproxy,relay", help="proxies (default weir,nginx,haproxy,relay)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every round there")
    parser.add_argument("--weir", type=Path, metavar="PATH", help="this binary instead of building build/release/weir")
    chosen = parser.parse_args()
    chosen.only, chosen.peers = chosen.only.split(","), chosen.peers.split(",")
    for name in chosen.only:
        if name not in WORKLOADS:
            parser.error(f"no workload '{name}'; there are {', '.join(WORKLOADS)}")
    known = proxies.all_peers("", "")
    for name in chosen.peers:
        if name not in known:
            parser.error(f"no peer '{name}'; there are {', '.join(known)}")
    if min(chosen.rounds, chosen.secs, chosen.slow_secs) < 1:
        parser.error("--rounds, --secs and --slow-secs are at least 1")
    return chosen


def missing_tools(peer_names):
    wanted = {"nginx", "wrk", "openssl", "taskset", "cmake", "ninja", "g++"} | ({"haproxy"} & set(peer_names))
    return sorted(tool for tool in wanted if shutil.which(tool) is None)


def prepare(chosen):
    """Installs and builds what is missing; the peers by name."""
    if missing_tools(chosen.peers):
        subprocess.run([TOP / "scripts" / "setup", "bench"], check=False)
    if missing := missing_tools(chosen.peers):
        raise BenchError(f"not installed: {', '.join(missing)}")
    targets = [name for name in ("weir", "relay") if name in chosen.peers and not (name == "weir" and chosen.weir)]
    if targets:
        for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", *targets]):
            done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise BenchError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    known = proxies.all_peers((chosen.weir or BUILD / "weir").resolve(), BUILD / "tests" / "bench" / "relay")
    for name in chosen.peers:
        if not known[name].installed():
            raise BenchError(f"no program {known[name].binary}")
    return [known[name] for name in chosen.peers]


def compare(workload, chosen, peers, processes, folder, backend_port):
    """Every peer's rounds of one workload."""
    proxy_cpu, load_cpu = cpus()
    live = {}

    def start(peer):
        site = proxies.Site(free_port(), free_port(), backend_port, folder, workload.tls)
        process = processes.start(peer.command(peer.binary, site), site.port, proxy_cpu)
        workload.warm_up(site.port, load_cpu)
        return process, site.port

    rounds = {peer.name: [] for peer in peers}
    if workload.rounds_matter:
        live = {peer.name: start(peer) for peer in peers}
        for number in range(chosen.rounds):
            for peer in peers:
                progress(f"{workload.name}: round {number + 1} of {chosen.rounds}, {peer.name}")
                process, port = live[peer.name]
                rounds[peer.name].append(workload.measure(process, port, chosen.secs, load_cpu))
        for process, _ in live.values():
            processes.stop(process)
    else:
        for peer in peers:
            progress(f"{workload.name}: {peer.name}")
            process, port = start(peer)
            rounds[peer.name].append(workload.measure(process, port, chosen.slow_secs, load_cpu))
            processes.stop(process)
    progress("")
    return rounds


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run(chosen):
    peers = prepare(chosen)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    print(report.machine())
    for peer in peers:
        print(f"  {peer.name}: {peer.version()}")
    everything, lines, good = {}, [], True
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as name, Processes(f"{name}/output.log") as processes:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker is another user when we are root
        proxies.make_certificate(folder)
        ports = {"plain": free_port(), "thrifty": free_port()}
        processes.start(proxies.backend("nginx", folder, *ports.values()), ports["plain"], cpus()[1])
        for workload in (WORKLOADS[name] for name in chosen.only):
            able = [peer for peer in peers if workload.name in peer.workloads]
            rounds = compare(workload, chosen, able, processes, folder, ports[workload.backend])
            rows = {peer: report.medians(workload, measured) for peer, measured in rounds.items()}
            everything[workload.name] = {peer: {"median": rows[peer], "rounds": rounds[peer]} for peer in rows}
            print("\n" + report.table(workload, rows), flush=True)
            good = good and not any(row.get("bad") for row in rows.values())
            lines += report.verdicts(workload, rows)
    print()
    for line, held in lines:
        print(line)
        good = good and held
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": report.machine(), "workloads": everything}, indent=1) + "\n")
    return 0 if good else 1


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with INT ignored
    try:
        return run(options())
    except BenchError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


sys.exit(main())
