#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""check_snippets.py ROOT: the code in the headers' comments and in README is compiled by the tests.

A snippet is a run of comment lines that starts five blanks behind its slashes, or a block of C++ in
README. All its lines stand, in their order, in one file of tests/ or examples/, where checks may
stand between them; white space and comments do not count. A line that a snippet has commented out
and calls an error stands in tests/fail/.
"""
import pathlib
import re
import sys
import tempfile


def bare(line):
    """A line's code, without white space and comment."""
    return "".join(re.sub(r"(^|\s)//.*", "", line).split())


def snippets_in(path):
    """The snippets of a header or of README, as lists of (line's number, line)."""
    found, inside = [[]], False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if path.suffix == ".md":
            inside = line != "```" if inside else bool(re.match(r"```c(pp|\+\+)$", line))
            code = line if inside and not line.startswith("```") else None
        else:
            comment = re.match(r"\s*///?     ( *)(\S.*)", line)
            inside = comment and (inside or not comment[1])
            code = comment[2] if inside else None
        if code is None:
            found.append([])
        else:
            found[-1].append((number, code))
    # A table has no line that ends as code does.
    return [lines for lines in found if any(re.search(r"[;{}]$", bare(line)) for _, line in lines)]


def first_missing(lines, text):
    """The index of the first line that does not follow those before it in the text; or None."""
    at = 0
    for index, (_, line) in enumerate(lines):
        found = text.find(bare(line), at)
        if found < 0:
            return index
        at = found + len(bare(line))
    return None


def check(root):
    """How many snippets there are, and the lines that are in no file: (path, number, line)."""
    compiled, refused = [], []
    for path in sorted(p for d in ("tests", "examples") for p in root.glob(d + "/**/*.[ch]pp")):
        text = "".join(map(bare, path.read_text().splitlines()))
        (refused if path.parent == root / "tests/fail" else compiled).append(text)
    count, missing = 0, []
    for path in [root / "README.md", *sorted(root.glob("include/**/*.hpp"))]:
        for lines in snippets_in(path):
            count += 1
            stood = [first_missing(lines, text) for text in compiled]
            wrong = [] if None in stood else [lines[max(stood)]]
            for number, line in lines:
                # What the snippet calls a type is its own affair.
                mistake = re.match(r"// (?:\w+::)?(.*?);?\s+error: ", line)
                if mistake and not any(bare(mistake[1]) in text for text in refused):
                    wrong.append((number, line))
            missing += [(str(path.relative_to(root)), *where) for where in wrong]
    return count, missing


MADE_UP = {  # what is wrong says so
    "README.md": """
```c++
int r = 1;
```
```
not code;
```
```cpp
int missing;
```
""",
    "include/a.hpp": """
//     int a = 1;   // a comment
//     int b  = 2;
//
//     int b = 2;
//     int a = 1;   // missing: behind b only in another file than b, or where nothing compiles
//
//     a table   of what; there is
/// Fails: not_found  a docstring;
///        busy       goes on;
///     f(
///         a);      // as one line
///     // T::g(1);   error: not for T
///     // T::g(2)    error: missing
///     missing();
""",
    "tests/a.cpp": "int r = 1; int a = 1;\nCHECK(a);\nint b = 2; f(a); // missing();\n",
    "examples/b.cpp": "int b = 2;\n",
    "tests/fail/c.cpp": "int x = U::g(1);\nint missing, b = 2;\nint a = 1;\n",
}


def self_check():
    """Whether exactly what is missing is found in a made-up repository."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in MADE_UP.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        count, found = check(root)
    wrong = {(path, number) for path in ("README.md", "include/a.hpp")
             for number, line in enumerate(MADE_UP[path].splitlines(), 1) if "missing" in line}
    return count == 5 and wrong == {(path, number) for path, number, _ in found}


if __name__ == "__main__":
    if not self_check():
        sys.exit("check_snippets.py does not find what is missing in a made-up repository")
    COUNT, MISSING = check(pathlib.Path(sys.argv[1]))
    for where in MISSING:
        print("{}:{}: in no test: {}".format(*where))
    print(f"{COUNT} snippets, {len(MISSING)} lines in no test")
    sys.exit(bool(MISSING) or COUNT == 0)
