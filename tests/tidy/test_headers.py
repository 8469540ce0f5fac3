# SPDX-License-Identifier: BSD-2-Clause
"""Public headers: every function is documented, every header stands alone."""

import os
import re
import shutil
import subprocess
from itertools import chain

import tidy

TAGS = ["Units", "Ownership", "Thread", "Errors", "Kernel"]

# Headers that say once, at their head, what holds for all their functions.
TERSE = ["include/kldsim/synth_ctf.h", "include/kldsim/types.h"]

# A declaration's pieces: comments, braces, semicolons, and what is between.
PIECE = re.compile(r"/\*.*?\*/|[{};]|[^/{};]+|/", re.S)


def functions(text):
    """(name, statement, comment before it) of each function of a header."""
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*", "", text, flags=re.M)
    comment, statement, depth = "", "", 0
    for piece in PIECE.findall(text):
        if piece.startswith("/*"):
            if not statement.strip():
                comment = piece
        elif piece == "{":
            depth += 1
        elif depth == 0 and piece != ";":
            statement += piece
        elif piece == "}":
            depth -= 1
        # A statement is over at its semicolon, or a body's closing brace.
        if depth == 0 and (piece == ";" or piece == "}" and ")" in statement):
            name = re.search(r"(\w+)\s*\(", statement.replace(
                "__attribute__", ""))
            if name and not statement.lstrip().startswith("typedef"):
                yield name[1], statement, comment
            comment, statement = "", ""


def documented(root):
    for path, text in tidy.sources(root, "include", suffixes=(".h",)):
        for name, statement, comment in functions(text):
            if "KLDSIM_API" not in statement and "inline" not in statement:
                yield f"{path}: {name} is not marked KLDSIM_API"
            if not comment.startswith("/**"):
                yield f"{path}: {name} has no /** comment"
                continue
            for tag in [] if path in TERSE else TAGS:
                if not re.search(rf"^ \* {tag}: *\S", comment, re.M):
                    yield f"{path}: {name}: its comment has no {tag}:"


def alone(root):
    """Each header compiles as the only one, in C11 and in C++."""
    cc = os.environ.get("CC", "cc")
    cxx = next(filter(shutil.which, ["c++", "clang++", "g++"]), "c++")
    strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]
    for path, _ in tidy.sources(root, "include", suffixes=(".h",)):
        name = path.split("/", 1)[1]
        for compiler, language, standard in [(cc, "c", "c11"),
                                             (cxx, "c++", "c++11")]:
            done = subprocess.run(
                [compiler, "-x", language, f"-std={standard}", *strict,
                 "-I", root / "include", "-"],
                input=f"#include <{name}>\n", text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                yield f"{path} as {standard}: {done.stdout}"


def bad(check, text, words):
    return check(tidy.sample({"include/kldsim/a.h": text})), words


DOCUMENT = "/**\n" + "".join(f" * {tag}: x.\n" for tag in TAGS) + " */\n"
DECLARE = "KLDSIM_API int kldsim_a(int x);\n"
tidy.main(chain(documented(tidy.ROOT), alone(tidy.ROOT)), [
    bad(documented, DECLARE, "kldsim_a has no /** comment"),
    bad(documented, DOCUMENT + DECLARE + DECLARE, "no /** comment"),
    bad(documented, DOCUMENT.replace("Units: x.", "Units:") + DECLARE,
        "no Units:"),
    bad(documented, DOCUMENT + "int kldsim_a(int x);\n", "KLDSIM_API"),
    bad(documented, "struct kldsim_s {\n\tint x;\n};\n" + DECLARE, "kldsim_a"),
    bad(documented, "static inline int f(void) { return 1; }\n" + DECLARE,
        "f has no"),
    bad(alone, "int kldsim_a(size_t x);\n", "size_t"),
    bad(alone, "struct s { int class; };\n", "as c++11"),
])
