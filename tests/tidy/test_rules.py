# SPDX-License-Identifier: BSD-2-Clause
"""A rule id that is cited is one rule, in the book that its letter says.

docs/sources.md says which letters are in which book.
"""

from itertools import chain

import tidy

CITE = ["include", "lib", "tools", "tests", "docs"]


def letters(root):
    """letter -> book; complains of a letter in two books."""
    owner, complaints = {}, []
    for path, its in tidy.books(root):
        for letter in its:
            if letter in owner:
                complaints.append(f"{tidy.SOURCES}: {letter} is in "
                                  f"{owner[letter]} and in {path}")
            owner[letter] = path
    return owner, complaints


def defined(root):
    owner, complaints = letters(root)
    yield from complaints
    for path in sorted((root / "docs").glob("*-semantics.md")):
        if f"docs/{path.name}" not in owner.values():
            yield f"{tidy.SOURCES}: docs/{path.name} is not in its table"
    first = {}
    for path, number, rule, _ in tidy.definitions(root):
        where = f"{path}:{number}"
        if owner.get(rule[0]) != path:
            yield f"{where}: {rule} has a letter of another book"
        if rule in first:
            yield f"{where}: {rule} again, first in {first[rule]}"
        first.setdefault(rule, where)
    if not first:
        yield "no rules found"


def cited(root):
    known = tidy.rules(root)
    pages = ((path.name, path.read_text()) for path in root.glob("*.md"))
    for path, text in chain(pages, tidy.sources(root, *CITE,
                                                suffixes=tidy.TEXT)):
        for rule in sorted(set(tidy.RULE_ID.findall(text)) - known.keys()):
            yield f"{path}: there is no rule {rule}"


def bad(check, words, files):
    return check(tidy.sample({**tidy.ONE_BOOK, **files})), words


def book(semantics):
    return {"docs/linker-semantics.md": semantics}


# Put together here, so that this file does not cite what does not exist.
ABSENT = "O-" + "99"
TWO = "".join(f"| [{name}.md]({name}.md) | x | {its} |\n"
              for name, its in [("a-semantics", "A B"), ("b-semantics", "C")])
tidy.main(chain(defined(tidy.ROOT), cited(tidy.ROOT)), [
    bad(cited, ABSENT, {**book("**O-01** x\n"),
                        "lib/util/a.c": f"/* {ABSENT} */"}),
    bad(cited, ABSENT, {**book("| Z-01 | x |\n"),
                        "README.md": f"Z-01, {ABSENT}"}),
    bad(cited, ABSENT, book(f"**O-01** as {ABSENT}\n")),
    bad(defined, "no rules", book("")),
    bad(defined, "O-01 again, first in docs/linker-semantics.md:1",
        book("**O-01** x\n\n| O-01 | y |\n")),
    bad(defined, "docs/b-semantics.md is not in its table",
        {**book("**O-01** x\n"), "docs/b-semantics.md": ""}),
    bad(defined, "C-01 has a letter of another book",
        {tidy.SOURCES: TWO, "docs/a-semantics.md": "**C-01** x\n",
         "docs/b-semantics.md": ""}),
    bad(defined, "C is in docs/a-semantics.md and in docs/b-semantics.md",
        {tidy.SOURCES: TWO.replace("A B", "A C"),
         "docs/a-semantics.md": "", "docs/b-semantics.md": ""}),
])
