"""Where functions begin and end, for the rule on their size: C++, JavaScript, shell and Python.

Not a parser: it knows what clang-format's and our own layout guarantee, and says so where it leans on that.
"""

import ast
import re

LITERALS = re.compile(
    r'R"(?P<mark>[^(\s]*)\((?:.|\n)*?\)(?P=mark)"'  # raw strings first
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'"  # not the ' of 1'000
    r"|//[^\n]*|/\*(?:.|\n)*?\*/")


def blank(text):
    """C++ without comments and without what stands in literals; every line stays where it is."""
    def empty(match):
        inner = re.sub(r"[^\n]", " ", match.group(0))
        return '""' + inner[2:] if match.group(0)[0] in "\"R'" and len(inner) >= 2 else inner
    return LITERALS.sub(empty, text)


SCOPE = re.compile(r"^(template\s*<[^{]*>\s*)?(\[\[\w+\]\]\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b")


def opens_function(head):
    """Whether a brace behind `head`, at namespace or class scope, opens a body. A list of values does not."""
    if "(" not in head or re.match(r"^(template\s*<[^{]*>\s*)?(class|struct|union|enum|namespace)\b[^(]*$", head):
        return False
    before_equals = re.split(r"(?<![=!<>+\-*/%&|^])=(?!=)", head)[0]
    if before_equals == head or "operator" in before_equals or before_equals.count("(") > before_equals.count(")"):
        return not SCOPE.match(head) or re.search(r"\)\s*(const|noexcept|override|final|->|:|$)", head) is not None
    return re.search(r"=\s*\[", head) is not None  # a lambda with a name


# What may stand in a function without counting: a table of values.
TABLE = re.compile(r"^\s*(static\s+)?(const|constexpr)\b[^;]*=\s*$")


def cpp(text):
    """Yields (name, first line, lines) of every function at namespace or class scope; what is within one, such as a
    lambda, is no longer than it. Tables of values within it do not count. `text` comes from blank()."""
    text = re.sub(r"(?m)^\s*#(?:.*\\\n)*.*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)
    head, head_line, line, stack, tables = "", 1, 1, [], 0
    for position, char in enumerate(text):
        line += char == "\n"
        inside = stack and stack[-1][0] != "scope"
        if char == "{":
            kind = kind_of(head, inside)
            if kind == "function":
                tables = 0
            stack.append((kind, head.strip(), line if kind == "table" else head_line))
            if kind in ("scope", "function"):
                head = ""
        elif char == "}" and stack:
            kind, name, begin = stack.pop()
            continues = text[position + 1:position + 60].lstrip()[:1] in (",", "{")  # a_{1} of a constructor's list
            if kind == "table":
                tables += line - begin
            elif kind == "function" and continues:
                head, head_line = name, begin
            elif kind == "function":
                yield name, begin, line - begin + 1 - tables
            if not continues:
                head = ""
        elif char == ";" and head.count("(") <= head.count(")"):
            head = ""
        elif not head.strip():
            head, head_line = char, line if char != "\n" else line + 1
        else:
            head += char
        if not inside and re.fullmatch(r"\s*(public|private|protected)\s*:", head):
            head = ""


def kind_of(head, inside):
    """What a brace behind `head` opens, `inside` a function or a list of values or not."""
    if inside:
        return "table" if TABLE.match(head) else "inner"
    if opens_function(head.strip()):
        return "function"
    return "inner" if "=" in head else "scope"


def by_indent(text, opens):
    """Yields (name, first line, lines) of blocks whose first line matches `opens` and whose closing line is the
    next one that begins with a closing bracket at the same depth."""
    lines = text.split("\n")
    for begin, line in enumerate(lines):
        if not opens.search(line):
            continue
        depth = len(line) - len(line.lstrip())
        for end in range(begin + 1, len(lines)):
            if lines[end].startswith(" " * depth + "}") or lines[end].startswith(" " * depth + "]"):
                yield line.strip(), begin + 1, end - begin + 1
                break


JAVASCRIPT = re.compile(r"^(?!.*\b(describe|suite)\().*(\bfunction\b.*|=>\s*|^\s*(async\s+)?\*?#?\w+\([^)]*\)\s*)\{$")
SHELL = re.compile(r"^\s*\w+\(\)\s*\{")


def python(text):
    """Yields (name, first line, lines) of Python functions."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def spans(path, text, language):
    """Yields (name, first line, lines) of the functions of a file."""
    if language == "c++":
        return cpp(blank(text))
    if language == "javascript":
        return by_indent(text, JAVASCRIPT)
    if language == "shell":
        return by_indent(text, SHELL)
    if language == "python":
        return python(text)
    return iter(())
