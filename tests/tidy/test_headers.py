# SPDX-License-Identifier: BSD-2-Clause
"""Public headers: every function says what there is to say, and no more; every
header stands alone.

A comment has the purpose first, then those of TAGS that apply, in their order:
Units where a number of the function has one, Ownership where something to free
is handed over, Errors where the function can fail, Kernel where its source keeps
a rule or its name is a system call's.  What holds for all functions of a header
stands at its head, Thread always.
"""

import os
import re
import shutil
import subprocess
from itertools import chain

import tidy

TAGS = ["Units", "Ownership", "Thread", "Errors", "Kernel", "Since"]
TAG = re.compile(r"^ \* ([A-Z][a-z]+): *(.*(?:\n \* (?![A-Z][a-z]+: ).+)*)", re.M)

# A declaration's pieces: comments, braces, semicolons, and what is between.
PIECE = re.compile(r"/\*.*?\*/|[{};]|[^/{};]+|/", re.S)

# Numbers that count something, or lie somewhere; what kldsim_x_count() counts,
# its name says.
UNIT = re.compile(r"\b(?:kldsim_addr|kldsim_size|size_t)\b|\b(?:u?int\d*_t|int"
                  r"|unsigned) \**(?:\w+_)?(?:offset|size|align|width)(?:_ret)?\b")
# What the caller may write to, he has to free or give back.
HANDED = re.compile(r"(?:API|CHECK)\s+(?:struct \w+|void|char) \*"
                    r"|(?<!const )\b(?:struct \w+|void|char) \*\*\w")
# The status, or NULL: a function of ours returns it, or its source does.
FAILS = re.compile(r"\benum kldsim_status kldsim_|\breturn\b[^;]*\bNULL\)?;")
# Words that say nothing: what is meant is the head's to say.
NOISE = re.compile(r"(?:none|nothing|no (?!more)|any|plain data|never fails"
                   r"|it cannot|cannot fail|the simulated kernel's own"
                   r"|a constant string|a number\.|not applicable)\b", re.I)
# A rule, a manual page, a function, a source, a name of the kernel's.
SOURCE = re.compile(r"[A-Z]-\d\d|\w\(\w?\)|\w\.[ch]\b|docs/|[A-Z]{3}_[A-Z]|DATA_SET")
SYSTEM_CALL = re.compile(r"kldsim_(?:kld|mod(?:find|stat|f?next))")


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


def definitions(root):
    """{name: what is said before it, and its body} of the library's functions."""
    body = re.compile(r"((?:^/\*(?:(?!\*/).)*\*/\n)?)^[a-z][^\n;{}]*\n"
                      r"(kldsim_[a-z]\w*)\(((?:.|\n)*?)^\}", re.M | re.S)
    return {name: before + rest for _, text in tidy.sources(root, "lib")
            for before, name, rest in body.findall(text)}


def head(text):
    """The comment that a header begins with."""
    match = re.search(r"#define \w+_H\s*(/\*.*?\*/)", text, re.S)
    return match[1] if match else ""


def wanted(name, statement, source):
    """The tags that a function cannot do without."""
    if UNIT.search(statement) and not name.endswith("_count"):
        yield "Units"
    if HANDED.search(statement):
        yield "Ownership"
    if FAILS.search(statement) or FAILS.search(source):
        yield "Errors"
    if tidy.RULE_ID.search(source) or SYSTEM_CALL.match(name):
        yield "Kernel"


def said(comment, tags):
    """Complaints of one comment's tags."""
    if [tag for tag, _ in tags] != [t for t in TAGS if t in dict(tags)]:
        yield f"its tags are not {', '.join(TAGS)}, each once"
    if not re.match(r"/\*\*(?:\n \*)? (?![A-Z][a-z]+: )\S", comment):
        yield "its comment does not begin with its purpose"
    for tag, text in tags:
        if NOISE.match(text) or not text.strip():
            yield f"{tag}: '{text.strip()}' says nothing"
        if tag == "Kernel" and not SOURCE.search(text):
            yield "Kernel: names no rule, page or part of FreeBSD"
        if tag == "Since" and not re.fullmatch(r"\d+\.[1-9]\d*\.", text):
            yield "Since: is no version as in '0.2.'"


def documented(root):
    defined = definitions(root)
    for path, text in tidy.sources(root, "include", suffixes=(".h",)):
        found = list(functions(text))
        if found and " * Thread: " not in head(text):
            yield f"{path}: its head has no Thread:"
        for name, statement, comment in found:
            if "KLDSIM_API" not in statement and "inline" not in statement:
                yield f"{path}: {name} is not marked KLDSIM_API"
            if not comment.startswith("/**"):
                yield f"{path}: {name} has no /** comment"
                continue
            tags = TAG.findall(comment)
            for tag in wanted(name, statement, defined.get(name, "")):
                if tag not in dict(tags):
                    yield f"{path}: {name}: its comment has no {tag}:"
            for complaint in said(comment, tags):
                yield f"{path}: {name}: {complaint}"


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


HEAD = "#define A_H\n\n/*\n * Words.\n *\n * Thread: one at a time.\n */\n"
DECLARE = "KLDSIM_API int kldsim_a(int x);\n"


def bad(check, text, words, source=""):
    return check(tidy.sample({"include/kldsim/a.h": text,
                              "lib/kern/a.c": source})), words


def comment(*tags):
    return "/**\n * Does it.\n" + "".join(f" * {tag}\n" for tag in tags) + " */\n"


def of(words, *tags, declare=DECLARE, source=""):
    """A function's comment is told of."""
    return bad(documented, HEAD + comment(*tags) + declare, words, source)


def quiet():
    """All is said here, some of it after a comment of an internal function."""
    text = (HEAD + comment() + DECLARE + comment("Units: bytes.", "Kernel: K-01.")
            + "KLDSIM_API void kldsim_b(\n    size_t n);\n")
    source = ("/* K-01: first. */\nvoid\nkldsim_b(size_t n)\n{\n}\n\n"
              "/* K-02. */\nstatic int\nother(void)\n{\n\treturn (0);\n}\n\n"
              "int\nkldsim_a(int x)\n{\n\treturn (x);\n}\n")
    complaints = documented(tidy.sample({"include/kldsim/a.h": text,
                                         "lib/kern/a.c": source}))
    return (f"self-test: of a good header: {words}" for words in complaints)


STATUS = "KLDSIM_API enum kldsim_status kldsim_a(void);\n"
tidy.main(chain(documented(tidy.ROOT), alone(tidy.ROOT), quiet()), [
    bad(documented, HEAD + DECLARE, "kldsim_a has no /** comment"),
    bad(documented, HEAD + comment() + DECLARE + DECLARE, "no /** comment"),
    bad(documented, HEAD + comment() + "int kldsim_a(int x);\n", "KLDSIM_API"),
    bad(documented, HEAD + "struct s {\n\tint x;\n};\n" + DECLARE, "kldsim_a"),
    bad(documented, "static inline int f(void) { return 1; }\n" + DECLARE,
        "f has no"),
    bad(documented, comment() + DECLARE, "its head has no Thread:"),
    of("no Units:", declare="KLDSIM_API void kldsim_a(kldsim_addr *x_ret);\n"),
    of("no Units:", declare="KLDSIM_API void kldsim_a(uint64_t offset);\n"),
    of("no Ownership:", declare="KLDSIM_API void kldsim_a(void **x_ret);\n"),
    of("no Ownership:", declare="KLDSIM_API struct s *kldsim_a(void);\n"),
    of("no Errors:", declare=STATUS),
    of("no Errors:", source="void *\nkldsim_a(int x)\n{\n\treturn (NULL);\n}\n"),
    of("no Errors:", source="char *\nkldsim_a(int x)\n{\n\treturn (x != 0 ? "
       "name :\n\t    NULL);\n}\n"),
    of("no Kernel:", source="/* U-10. */\nint\nkldsim_a(int x)\n{\n}\n"),
    of("no Kernel:", source="int\nkldsim_a(int x)\n{\n\tf(x); /* U-10 */\n}\n"),
    of("no Kernel:", declare="KLDSIM_API int kldsim_kldnext(int x);\n"),
    of("Errors: 'none.' says nothing", "Errors: none."),
    of("says nothing", "Ownership: nothing is handed over."),
    of("says nothing", "Thread: the simulated kernel's own."),
    of("says nothing", "Thread: any."),
    of("says nothing", "Kernel: nothing of the kernel's."),
    of("names no rule", "Kernel: as one would think."),
    of("its tags are not", "Errors: NULL.", "Units: bytes."),
    of("its tags are not", "Errors: NULL.", "Errors: 0."),
    bad(documented, HEAD + "/**\n * Units: bytes.\n */\n" + DECLARE,
        "does not begin with its purpose"),
    bad(alone, "int kldsim_a(size_t x);\n", "size_t"),
    bad(alone, "struct s { int class; };\n", "as c++11"),
])
