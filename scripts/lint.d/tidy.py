"""Runs clang-tidy over src/, one file a core. A file is not looked at again while it, the headers of ours that it
includes, its compile command, .clang-tidy and clang-tidy itself are as they were: build/lint/ remembers.

usage: tidy.py BUILD_DIR     (one with a compile_commands.json)
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

TIDY = "clang-tidy-14"
REMEMBERED = "build/lint"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def with_headers(path, seen):
    """Adds to `seen` {path: text} of a source and of our headers it includes, directly or not."""
    if path in seen or not os.path.exists(path):
        return
    seen[path] = read(path)
    for header in INCLUDE.findall(seen[path]):
        with_headers(os.path.join("src", header), seen)


def fingerprint(entry, settings):
    digest = hashlib.sha256(settings.encode())
    digest.update(entry["command"].encode())
    seen = {}
    with_headers(os.path.relpath(entry["file"]), seen)
    for path in sorted(seen):
        digest.update(f"{path}\0{seen[path]}\0".encode())
    return digest.hexdigest()


def tidy(entry, build_dir, settings):
    """(path, what clang-tidy has to say or nothing)"""
    path = os.path.relpath(entry["file"])
    mark = os.path.join(REMEMBERED, fingerprint(entry, settings))
    if os.path.exists(mark):
        return path, ""
    run = subprocess.run([TIDY, "--quiet", "-p", build_dir, "--extra-arg=-Wno-unknown-warning-option", path],
                         capture_output=True, text=True, check=False)
    if run.returncode == 0:
        with open(mark, "w", encoding="utf-8") as file:
            file.write(path + "\n")
        return path, ""
    return path, run.stdout or run.stderr


def main():
    build_dir = sys.argv[1]
    os.makedirs(REMEMBERED, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    settings = version + read(".clang-tidy")
    entries = [entry for entry in json.loads(read(os.path.join(build_dir, "compile_commands.json")))
               if os.path.relpath(entry["file"]).startswith("src/")]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, said in pool.map(lambda entry: tidy(entry, build_dir, settings), entries):
            if said:
                found = [line for line in said.split("\n") if re.search(r": (error|warning): ", line)]
                print("\n".join(found or [said]).replace(os.getcwd() + "/", ""))
                failed += 1
    if not entries:
        print("tidy: no source in compile_commands.json")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
