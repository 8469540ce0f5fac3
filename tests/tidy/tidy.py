# SPDX-License-Identifier: BSD-2-Clause
"""What the checks of structure share.

A check is a function that yields complaints, one sentence each.  Every check
also shows that it can fail: it is fed bad samples, and must complain of them.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("KLDSIM_SRC", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("KLDSIM_BUILD", ROOT / "build/gcc"))

# Names of text files that a person writes.
TEXT = (".c", ".h", ".def", ".S", ".sh", ".awk", ".py", ".list", ".txt", ".md",
        ".json", ".yaml")
RULE_ID = re.compile(r"\b[A-Z]-\d\d+\b")


def main(complaints, bad):
    """Print the complaints; prove on bad samples that there can be some.

    bad: pairs (complaints of a bad sample, words that one of them must have).
    """
    complaints = list(complaints)
    for found, words in bad:
        found = list(found)
        if not any(words in complaint for complaint in found):
            complaints.append(
                f"self-test: nothing said of '{words}', only {found}")
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)


_samples = []


def sample(files):
    """A source tree of {path: text}, gone at exit."""
    _samples.append(tempfile.TemporaryDirectory())
    root = Path(_samples[-1].name)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def sources(root, *dirs, suffixes=(".c", ".h")):
    """(path relative to root, text) of each source file below the folders."""
    for folder in dirs:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text()


# Comments, strings and characters of C.
_WORDS = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
                    re.S)


def code(text):
    """What the compiler makes of a C source: no comments, empty strings."""
    return _WORDS.sub(lambda match: '""' if match[0][0] == '"' else " " +
                      "\n" * match[0].count("\n"), text)


def allowed(name):
    """The words of a list beside this file, but for its comments."""
    text = (ROOT / "tests/tidy" / name).read_text()
    return set(re.sub(r"^#.*", "", text, flags=re.M).split())


def nm(*arguments):
    """What nm prints; silence would make a check pass that looked at nothing."""
    text = subprocess.run(["nm", *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    if not text.strip():
        sys.exit(f"nm {arguments}: no symbols")
    return text


# The rule books, and the letters of their rules, as docs/sources.md has them.
SOURCES = "docs/sources.md"
BOOK = re.compile(r"^\| \[([\w-]+\.md)\]\(\1\) \|[^|]*\| ([A-Z ]+) \|$", re.M)

# For samples: one book that has every letter.
ONE_BOOK = {SOURCES: "| [linker-semantics.md](linker-semantics.md) | x "
                     "| A B C D E F G H I J K L M N O P Q R S T U V W X Y Z |\n"}


def books(root):
    """(path, letters) of each rule book."""
    for name, letters in BOOK.findall((root / SOURCES).read_text()):
        yield f"docs/{name}", letters.split()


def definitions(root):
    """(path, line number, id, text) of each rule: a paragraph or a row."""
    for path, _ in books(root):
        lines = (root / path).read_text().splitlines()
        for number, line in enumerate(lines, 1):
            match = (re.match(r"\*\*([A-Z]-\d\d+)\*\* *(.*)", line)
                     or re.match(r"\| *([A-Z]-\d\d+) *\| *([^|]*)", line))
            if match:
                yield path, number, match[1], match[2].strip()


def rules(root):
    """Every rule of the books: id -> text."""
    return {rule: text for _, _, rule, text in definitions(root)}
