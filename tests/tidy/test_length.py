# SPDX-License-Identifier: BSD-2-Clause
"""No function longer than 80 lines, no file longer than 800.

Functions are found by their style: the opening brace stands alone in column 0
(or ends the line of the parameters), the closing one stands alone in column 0.
"""

import tidy

FUNCTION = 80
FILE = 800


def functions(lines):
    """(line number, length) of each function body, braces included."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            if line == "{" or line[:1] not in " \t#" and line.endswith(") {"):
                start = number
        elif line == "}":
            yield start, number - start + 1
            start = None


def check(root):
    for path, text in tidy.sources(root, "include", "lib", "tools", "examples",
                                   "tests"):
        lines = text.splitlines()
        if len(lines) > FILE:
            yield f"{path}: {len(lines)} lines, more than {FILE}"
        for number, length in functions(lines):
            if length > FUNCTION:
                yield (f"{path}:{number}: a function of {length} lines, "
                       f"more than {FUNCTION}")


def bad(text, words):
    return check(tidy.sample({"lib/util/a.c": text})), words


LONG = "\tx();\n" * 79
tidy.main(check(tidy.ROOT), [
    bad(f"int\nf(void)\n{{\n{LONG}}}\n", "a.c:3: a function of 81 lines"),
    bad(f"int f(void) {{\n{LONG}}}\n", "a.c:1: a function of 81 lines"),
    bad("\n" * 801, "801 lines"),
])
