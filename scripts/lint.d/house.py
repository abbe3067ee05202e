"""The rules of the house: one line a finding, exit 1 if there is one. scripts/lint runs it; rules of layers stand in
layers.py, what a function is in functions.py, and a bad sample for every rule in self_test.py.
"""

import os
import re
import sys

import functions
import layers

FILE_LINES = 500
FUNCTION_LINES = 60
ROOTS = ("src", "tests", "scripts", ".ci", "cmake")
NOT_OURS = {"node_modules", "corpus", "__pycache__"}
LANGUAGES = {".cc": "c++", ".h": "c++", ".py": "python", ".js": "javascript", ".mjs": "javascript", ".sh": "shell",
             ".cmake": "cmake", ".txt": "cmake", ".c": "c"}
BANNED_WORDS = {"Manager", "Helper", "Util", "Utils", "Impl", "Base", "Context", "Data", "Info", "Common"}
TYPE_NAME = re.compile(r"\b(?:class|struct|union|enum(?:\s+class)?|concept|using)\s+(?:\[\[\w+\]\]\s*)?(\w+)\b(?!\s*::)")
DIRECTIVE = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else)\b")
MACRO = re.compile(r"^\s*#\s*define\s+(\w+)")
VERSION = re.compile(r"\bminor_version\b")
SLEEPS = re.compile(r"\bthis_thread::sleep_|\b(usleep|nanosleep|sleep)\(")


def language_of(path, text):
    """By suffix, or by the #! line of a file without one; None for what is not source."""
    suffix = os.path.splitext(path)[1]
    if suffix:
        return LANGUAGES.get(suffix)
    first = text.split("\n", 1)[0]
    for word, language in (("python", "python"), ("node", "javascript"), ("sh", "shell")):
        if first.startswith("#!") and word in first:
            return language
    return None


def check_sizes(path, text, language):
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield FILE_LINES, "file-size", f"{lines} lines; {FILE_LINES} are the limit, split it by its nouns"
    for name, begin, length in functions.spans(path, text, language):
        if length > FUNCTION_LINES:
            name = re.sub(r"\s+", " ", name)[:60]
            yield begin, "function-size", f"{length} lines; {FUNCTION_LINES} are the limit: {name}"


def check_text(path, text):
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME")))
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield number, "tabs", "a tab; indent with spaces"
        if words.search(line):
            yield number, "unfinished", "finish it, or leave it out"


def check_cpp(path, text):
    bare = functions.blank(text)
    for number, line in enumerate(bare.split("\n"), 1):
        macro = MACRO.match(line)
        if macro and macro.group(1) not in ("LOG", "CHECK") and not macro.group(1).startswith("DOCTEST_CONFIG_"):
            yield number, "macros", f"{macro.group(1)}: LOG and CHECK are the only macros"
        if DIRECTIVE.match(line) and not path.startswith(("src/net/", "src/base/scan.")):
            yield number, "conditionals", "#if stands in net/ only"
        for name in TYPE_NAME.findall(line):
            for word in set(re.findall(r"[A-Z][a-z0-9]*", name)) & BANNED_WORDS:
                yield number, "names", f"{name}: a type is not named {word}; say what it is"
        if path.startswith("src/") and not path.startswith("src/http/") and VERSION.search(line):
            yield number, "version", "only http/ knows the HTTP version; ask the stream for what you need"
        if path.startswith("tests/unit/") and SLEEPS.search(line):
            yield number, "sleep", "unit tests do not sleep; move the clock by hand"
    if path.endswith(".h") and path.startswith("src/"):
        if not text.startswith("//"):
            yield 1, "opening", "a header opens by saying what the room does, and what it does not"
        if "#pragma once" not in bare:
            yield 1, "opening", "#pragma once is missing"


def check_file(path, text):
    """Yields (line, rule, message) of everything that one file shows by itself."""
    language = language_of(path, text)
    if language is None:
        return
    yield from check_sizes(path, text, language)
    yield from check_text(path, text)
    if language == "c++":
        yield from check_cpp(path, text)
        if path.startswith("src/"):
            yield from layers.check_includes(path, text)


def read_tree():
    """{path: text} of what the rules look at."""
    found = {}
    for root in ROOTS:
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            for name in names:
                path = os.path.join(folder, name)
                try:
                    with open(path, encoding="utf-8") as file:
                        found[path] = file.read()
                except UnicodeDecodeError:
                    pass  # not text
    return found


def check_tree(tree):
    """Yields (path, line, rule, message) for {path: text}."""
    cmakes, includes = {}, {}
    for path, text in sorted(tree.items()):
        for finding in check_file(path, text):
            yield path, *finding
        if path.startswith("src/") and path.count("/") >= 2:
            room = layers.room_of(path)
            if path == f"src/{room}/CMakeLists.txt":
                cmakes[room] = text
            elif path.endswith((".cc", ".h")):
                rooms = {h.split("/")[0] for kind, h in layers.INCLUDE.findall(text) if kind == '"'}
                includes.setdefault(room, set()).update(rooms)
    yield from layers.check_links(cmakes, includes)


def main():
    count = 0
    for path, line, rule, message in check_tree(read_tree()):
        print(f"{path}:{line}: {rule}: {message}")
        count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
