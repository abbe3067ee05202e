"""The layers of src/, in one table, and the rules that hold includes and link lines to it.

A room may include and link what its row names, and itself. Third-party headers belong to one room each. A path of the
tables is a prefix of a file's path below src/.
"""

import re

# Bottom up. What stands in a row may be included; the link lines of CMake must lead to it.
ROOMS = {
    "base": [],
    "net": ["base"],
    "http": ["base"],
    "config": ["base"],
    "telemetry": ["base"],
    "routing": ["base", "http"],
    "upstream": ["base", "http", "net", "telemetry"],
    "policy": ["base", "http", "net", "telemetry"],
    "proxy": ["base", "http", "net", "telemetry", "routing", "upstream", "policy"],
    "admin": ["base"],
    "server": ["base", "http", "net", "config", "telemetry", "routing", "upstream", "policy", "proxy", "admin"],
    "cli": ["base", "net", "config", "server"],
    "main.cc": ["cli"],
}

# Header prefix -> where it may be included.
LIBRARIES = {
    "event2/": ["net/", "admin/"],
    "openssl/": ["net/tls", "base/crypto"],
    "ares.h": ["net/resolver"],
    "nghttp2/": ["http/h2_codec"],
    "yaml-cpp/": ["config/"],
    "prometheus/": ["telemetry/"],
    "re2/": ["routing/"],
    "CLI/": ["cli/"],
    "hiredis/": ["policy/rate_limit"],
    "zlib.h": ["policy/compression"],
    "zstd.h": ["policy/compression"],
    "brotli/": ["policy/compression"],
    "maxminddb.h": ["policy/access"],
    "crypt.h": ["policy/auth"],
    "nlohmann/": ["upstream/health_json"],
    "fmt/": [""],
}

# The rest never sees a socket. (log_output writes to what stderr is, and under systemd that is one.)
SOCKET_HEADERS = ("sys/socket.h", "sys/epoll.h", "netinet/", "netdb.h")
SOCKET_PLACES = ("net/", "upstream/", "proxy/", "admin/", "server/", "cli/", "base/log_output")

# What is neither C++ nor the system is a library, and every library has its room.
SYSTEM = re.compile(
    r"^([a-z0-9_]+|(sys|netinet|arpa|linux|net|bits|asm)/\w+\.h|[a-z]*intrin\.h|arm_neon\.h|cpuid\.h|"
    r"(dirent|dlfcn|errno|fcntl|fnmatch|getopt|glob|grp|limits|locale|netdb|poll|pthread|pwd|sched|signal|stdio|stdlib|"
    r"string|strings|syslog|termios|time|unistd|utime|wchar|math|inttypes|stdint|stddef|spawn|semaphore|malloc|"
    r"execinfo|ifaddrs|endian|byteswap|wordexp|ucontext|elf|link)\.h)$")

# Not there, or not usable, with g++ 12 and clang 14 on libstdc++ 12.
BANNED = ("format", "expected", "ranges", "source_location", "print", "stacktrace", "regex", "iostream")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def room_of(path):
    """The room of a file below src/: its folder, or main.cc itself."""
    return path.removeprefix("src/").split("/")[0]


def check_includes(path, text):
    """Yields (line, rule, message) for the includes of one file of src/."""
    room = room_of(path)
    inner = path.removeprefix("src/")
    if room not in ROOMS:
        yield 1, "layers", f"{room} is a room that scripts/lint.d/layers.py does not know"
        return
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        kind, header = match.groups()
        if kind == '"':
            target = header.split("/")[0]
            if "/" not in header:
                yield line, "layers", f'"{header}": write includes from src/ on, as "room/file.h"'
            elif target != room and target not in ROOMS[room]:
                yield line, "layers", f"{room} may not include {header}: it stands on {', '.join(ROOMS[room]) or 'nothing'}"
        else:
            yield from check_library(inner, header, line)


def check_library(inner, header, line):
    """The rules for one <header> in the file `inner` (its path below src/)."""
    if header in BANNED:
        yield line, "headers", f"<{header}> is not used here (CONTRIBUTING.md)"
    if header.startswith(SOCKET_HEADERS) and not inner.startswith(SOCKET_PLACES):
        yield line, "layers", f"<{header}>: {inner} never sees a socket"
    for prefix, places in LIBRARIES.items():
        if header.startswith(prefix):
            if not inner.startswith(tuple(places)):
                yield line, "libraries", f"<{header}> may only be seen in {', '.join(places)}"
            return
    if not SYSTEM.match(header):
        yield line, "libraries", f"<{header}> is of a library without a room; give it one in scripts/lint.d/layers.py"


def linked_rooms(cmake):
    """The ROOMS of a room's CMakeLists.txt."""
    match = re.search(r"weir_room\((\w+)([^)]*)\)", cmake)
    if match is None:
        return []
    words = match.group(2).split()
    if "ROOMS" not in words:
        return []
    rooms = words[words.index("ROOMS") + 1:]
    return rooms[:rooms.index("LIBS")] if "LIBS" in rooms else rooms


def reachable(room, links):
    """The rooms that linking `room` leads to."""
    found, todo = set(), [room]
    while todo:
        for below in links.get(todo.pop(), []):
            if below not in found:
                found.add(below)
                todo.append(below)
    return found


def check_links(cmakes, includes):
    """cmakes: {room: text of its CMakeLists.txt}; includes: {room: rooms it includes}. Yields (path, line, rule,
    message): a link line may name only what stands below, and must lead to everything that is included."""
    links = {room: linked_rooms(text) for room, text in cmakes.items()}
    for room, linked in links.items():
        path = f"src/{room}/CMakeLists.txt"
        for other in linked:
            if other not in ROOMS.get(room, []):
                yield path, 1, "links", f"{room} may not link {other}"
        for other in sorted(includes.get(room, set()) - reachable(room, links) - {room}):
            if other in ROOMS.get(room, []):
                yield path, 1, "links", f"{room} includes {other} and its link line does not lead there"
