"""Shows that lint can fail: every rule gets samples that it must report and samples that it must let pass.

Prints one PASS or FAIL line a rule. The samples of clang-format and clang-tidy are given to those programs.
"""

import subprocess
import sys
import tempfile
import os

import house
import layers

HEADER = "// Says what the room does.\n#pragma once\n"
BODY = "    work();\n"


def function_of(lines, head="void f() {\n", end="}\n"):
    return head + BODY * (lines - 2) + end


# rule -> (samples it reports, samples it lets pass); a sample is (path, text)
FILES = {
    "file-size": ([("src/net/a.cc", "int a;\n" * 501), ("tests/e2e/a.test.mjs", "f();\n" * 501),
                   ("scripts/x", "#!/bin/bash\n" + "true\n" * 500)],
                  [("src/net/a.cc", "int a;\n" * 500), ("tests/e2e/a.json", "1\n" * 501)]),
    "function-size": ([("src/net/a.cc", function_of(61)),
                       ("src/net/a.cc", "namespace weir {\n" + function_of(61) + "}\n"),
                       ("src/net/a.cc", "A::A(int b)\n    : b_(b),\n      c_{b} {\n" + BODY * 60 + "}\n"),
                       ("src/net/a.cc", "void f() {\n    const int a = 1;\n    if (a) {\n" + BODY * 60 + "    }\n}\n"),
                       ("src/net/a.cc", "struct A {\n    int f() const {\n" + BODY * 60 + "    }\n};\n"),
                       ("src/net/a.cc", 'const char* s = R"(\n}\n)";\n' + function_of(61, "bool operator==(A a, A b) {\n")),
                       ("src/net/a.cc", function_of(61, "static const auto f = [](int a) {\n", "};\n")),
                       ("tests/unit/net/a_test.cc", function_of(61, 'TEST_CASE("a brace { in a name") {\n')),
                       ("tests/e2e/a.test.mjs", function_of(61, "test('a', async () => {\n", "});\n")),
                       ("tests/e2e/a.mjs", function_of(61, "export async function f(a) {\n")),
                       ("scripts/x", "#!/bin/bash\n" + function_of(61, "f() {\n")),
                       ("scripts/x.py", "def f():\n" + BODY * 60)],
                      [("src/net/a.cc", function_of(60)),
                       ("src/net/a.cc", "const Row rows[] = {\n" + "    {f(), 1},\n" * 80 + "};\n"),
                       ("src/net/a.cc", "namespace weir {\n" + "int a();\n" * 80 + "}\n"),
                       ("tests/e2e/a.test.mjs", "describe('a', () => {\n" + "    t();\n" * 80 + "});\n"),
                       ("src/net/a.cc", "void f() {\n    static const Row rows[] = {\n" + "        {f(), {1}},\n" * 80 + "    };\n}\n"),
                       ("scripts/x.py", "def f():\n" + BODY * 59)]),
    "tabs": ([("src/net/a.cc", "\tint a;\n")], [("src/net/a.cc", "    int a;\n")]),
    "unfinished": ([("src/net/a.cc", "// TO" + "DO: more\n"), ("scripts/x.py", "# FIX" + "ME\n")],
                   [("src/net/a.cc", "// done\n")]),
    "macros": ([("src/net/a.cc", "#define FAST 1\n")],
               [("src/base/check.h", HEADER + "#define CHECK(x) f(x)\n"),
                ("tests/unit/main.cc", "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n")]),
    "conditionals": ([("src/http/a.cc", "#ifdef __linux__\n"), ("src/base/text.cc", "#  if 1\n")],
                     [("src/net/a.cc", "#ifdef __linux__\n"), ("src/base/scan.h", HEADER + "#if 1\n")]),
    "names": ([("src/net/a.h", HEADER + "class PoolManager final {\n"), ("src/net/a.h", HEADER + "using AddrInfo = int;\n"),
               ("src/net/a.h", HEADER + "enum class Common : int { a };\n"), ("src/net/a.h", HEADER + "struct Base;\n")],
              [("src/net/a.h", HEADER + "class Database {\n"), ("src/net/a.h", HEADER + "// a class Manager\nint data;\n")]),
    "version": ([("src/proxy/a.cc", "if (request.minor_version == 0) f();\n")],
                [("src/http/a.cc", "if (request.minor_version == 0) f();\n"),
                 ("src/proxy/a.cc", "// no minor_version here\n")]),
    "sleep": ([("tests/unit/net/a_test.cc", "std::this_thread::sleep_for(1ms);\n")],
              [("tests/unit/net/a_test.cc", "// no sleep(1) here\n")]),
    "opening": ([("src/net/a.h", "#pragma once\n"), ("src/net/a.h", "// Says it.\nint a;\n")], [("src/net/a.h", HEADER)]),
    "layers": ([("src/http/a.cc", '#include "net/loop.h"\n'), ("src/net/a.cc", '#include "http/message.h"\n'),
                ("src/base/a.cc", '#include "net/loop.h"\n'), ("src/telemetry/a.cc", '#include "config/config.h"\n'),
                ("src/admin/a.cc", '#include "server/server.h"\n'), ("src/main.cc", '#include "server/server.h"\n'),
                ("src/net/a.cc", '#include "loop.h"\n'), ("src/util/a.cc", "int a;\n"),
                ("src/http/a.cc", "#include <sys/socket.h>\n")],
               [("src/proxy/a.cc", '#include "proxy/b.h"\n#include "net/loop.h"\n#include "http/stream.h"\n'),
                ("src/main.cc", '#include "cli/run.h"\n'), ("src/net/a.cc", "#include <sys/socket.h>\n")]),
    "libraries": ([("src/proxy/a.cc", "#include <event2/event.h>\n"), ("src/net/loop.cc", "#include <openssl/ssl.h>\n"),
                   ("src/cli/a.cc", "#include <yaml-cpp/yaml.h>\n"), ("src/net/a.cc", "#include <ares.h>\n"),
                   ("src/net/a.cc", "#include <boost/asio.hpp>\n"), ("src/admin/a.cc", "#include <prometheus/counter.h>\n")],
                  [("src/net/a.cc", "#include <event2/event.h>\n"), ("src/net/tls_record.cc", "#include <openssl/ssl.h>\n"),
                   ("src/http/a.cc", "#include <string_view>\n#include <sys/uio.h>\n#include <fmt/format.h>\n")]),
    "headers": ([("src/net/a.cc", "#include <format>\n"), ("src/net/a.cc", "#include <source_location>\n")],
                [("src/net/a.cc", "#include <string>\n")]),
}

# rule -> trees
CMAKE = "weir_room({} ROOMS {} LIBS event)\n"
TREES = {
    "links": ([{"src/http/CMakeLists.txt": CMAKE.format("http", "base net")},
               {"src/upstream/CMakeLists.txt": CMAKE.format("upstream", "http"),
                "src/http/CMakeLists.txt": CMAKE.format("http", "base"),
                "src/upstream/a.cc": '#include "net/loop.h"\n'}],
              [{"src/routing/CMakeLists.txt": CMAKE.format("routing", "http"),
                "src/http/CMakeLists.txt": CMAKE.format("http", "base"),
                "src/routing/a.cc": '#include "base/text.h"\n'}]),
}

# program -> (samples it reports, samples it lets pass)
PROGRAMS = {
    "format": ([["clang-format-14", "--dry-run", "-Werror"], ["int  a ;\n"], ["int a;\n"]]),
    "tidy": ([["clang-tidy-14", "--quiet"],
              ["#include <string>\nbool f(const std::string& s) {\n    return s.size() == 0;\n}\n",
               "struct A {\n    virtual void f();\n};\nstruct B : A {\n    virtual void f();\n};\n"],
              ["bool f() {\n    return true;\n}\n"]]),
}


def rules_of(tree):
    return {rule for _, _, rule, _ in house.check_tree(tree)}


def program_reports(command, text):
    with tempfile.TemporaryDirectory(dir="build") as folder:
        path = os.path.join(folder, "a.cc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        tail = ["--", "-std=c++20"] if "tidy" in command[0] else []
        return subprocess.run(command + [path] + tail, capture_output=True, check=False).returncode != 0


def wrong_samples():
    """Yields (rule, sample that was judged wrongly or None)."""
    for rule, (bad, good) in FILES.items():
        for path, text in bad:
            yield rule, None if rule in rules_of({path: text}) else f"not reported: {path} {text[:60]!r}"
        for path, text in good:
            yield rule, f"reported: {path} {text[:60]!r}" if rule in rules_of({path: text}) else None
    for rule, (bad, good) in TREES.items():
        for tree in bad:
            yield rule, None if rule in rules_of(tree) else f"not reported: {tree}"
        for tree in good:
            yield rule, f"reported: {tree}" if rule in rules_of(tree) else None
    for rule, (command, bad, good) in PROGRAMS.items():
        for text in bad:
            yield rule, None if program_reports(command, text) else f"not reported: {text!r}"
        for text in good:
            yield rule, f"reported: {text!r}" if program_reports(command, text) else None


def main():
    os.makedirs("build", exist_ok=True)
    wrong = {}
    for rule, problem in wrong_samples():
        wrong.setdefault(rule, []).extend([problem] if problem else [])
    # The table is one way: a row names only rows above it.
    order = list(layers.ROOMS)
    wrong["one way"] = [f"{room} -> {below}" for room in order for below in layers.ROOMS[room]
                        if order.index(below) >= order.index(room)]
    for rule, problems in wrong.items():
        print(f"FAIL lint {rule}: {'; '.join(problems)}" if problems else f"PASS lint {rule}")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
