#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What of lib/ has run, by folder, and what has not and has no reason.

usage: coverage.py PROFILES OBJECT...

PROFILES is a folder of raw profiles, OBJECT a program or library built with
-fprofile-instr-generate -fcoverage-mapping; LLVM_PROFDATA and LLVM_COV name the
tools.  Exit status 1: too little has run of all or of one folder, or
uncovered.txt knows something that is no longer there.

Lines that follow each other in one function and have all not run are a gap.
uncovered.txt knows a gap by its file, its function, and the text of its first
line, so that other changes of the file do not matter.  The gaps that it does not
know are written beside PROFILES, to gaps.txt, in the form of that file; most of
them are what happens when memory runs out.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REASONS = "tests/coverage/uncovered.txt"
LINES, BRANCHES = 97, 88  # percent of all of lib/ that has to run
FOLDER = 92  # percent of the lines of each folder


class Source:
    """What ran of one file, from the records of lcov's format."""

    def __init__(self):
        self.lines = {}  # number: how often it ran
        self.branches = {}  # (line, block, branch): how often it was taken
        self.functions = []  # (first line, name)

    def add(self, record, fields):
        if record == "DA":
            self.lines[int(fields[0])] = int(fields[1])
        elif record == "BRDA":
            taken = 0 if fields[3] == "-" else int(fields[3])
            self.branches[tuple(fields[:3])] = taken
        elif record == "FN":
            # A static function's name has its file's in front of it.
            self.functions.append((int(fields[0]), fields[1].split(":")[-1]))

    def function(self, line):
        return max((f for f in self.functions if f[0] <= line),
                   default=(0, "-"))[1]

    def gaps(self):
        """(function, first line) of each run of lines that did not run."""
        last = None
        for line, count in sorted(self.lines.items()):
            gap = None if count else self.function(line)
            if gap is not None and gap != last:
                yield gap, line
            last = gap


def parse(text, root):
    """{path relative to root: Source} of lcov's format, lib/ only."""
    sources = {}
    source = Source()
    for line in text.splitlines():
        record, _, rest = line.partition(":")
        if record == "SF":
            path = os.path.relpath(os.path.normpath(rest), root)
            source = sources.setdefault(path, Source())
        else:
            source.add(record, rest.split(","))
    return {path: source for path, source in sources.items()
            if path.startswith("lib/")}


def reasons(root):
    """{(path, function, text of the line): reason} of uncovered.txt."""
    found, reason = {}, ""
    for line in (root / REASONS).read_text().splitlines():
        if line.startswith("\t"):
            where, _, text = line.strip().partition(": ")
            path, _, function = where.partition(" ")
            found[path, function, text] = reason
        elif not line.startswith("#"):
            reason = line.strip()
    return found


def unexplained(root, sources):
    """Gaps without a reason, in the form of uncovered.txt."""
    known = reasons(root)
    for path, source in sorted(sources.items()):
        text = (root / path).read_text().splitlines()
        for function, line in source.gaps():
            key = path, function, text[line - 1].strip()
            # A macro counts where it is used.
            if not known.get(key) and not key[2].startswith("#define"):
                yield "\t{} {}: {}".format(*key)


def stale(root):
    """Reasons for what is no longer in the file."""
    for (path, function, text), reason in reasons(root).items():
        source = root / path
        have = source.read_text() if source.exists() else ""
        lines = {line.strip() for line in have.splitlines()}
        if not re.search(rf"\b{re.escape(function)}\(", have):
            yield f"{REASONS}: {path} has no function {function}"
        elif text not in lines:
            yield f"{REASONS}: {path} {function} has no line '{text}'"
        if not re.search(r"\w+ \w+", reason):
            yield f"{REASONS}: {path} {function} needs a reason"


def share(counts):
    """(how many ran, of how many)"""
    counts = list(counts)
    return sum(1 for count in counts if count), len(counts)


def table(sources):
    """[folder, lines run, lines, branches taken, branches], the total last."""
    folders = {}
    for path, source in sources.items():
        row = (*share(source.lines.values()),
               *share(source.branches.values()))
        for folder in (os.path.dirname(path), "lib"):
            old = folders.get(folder, (0, 0, 0, 0))
            folders[folder] = tuple(map(sum, zip(old, row)))
    total = folders.pop("lib", (0, 0, 0, 0))
    return [(name, *row) for name, row in sorted(folders.items())] + [
        ("lib", *total)]


def percent(part, whole):
    return 100 * part / whole if whole else 0


def check(root, text):
    """(the table as text, complaints, unexplained gaps) of lcov's format."""
    sources = parse(text, root)
    rows = table(sources)
    shown = "{:14}{:>18}{:>20}\n".format("", "lines", "branches")
    for name, *n in rows:
        shown += "{:14}{:6.1f}% of {:6}{:8.1f}% of {:6}\n".format(
            name, percent(*n[:2]), n[1], percent(*n[2:]), n[3])
    complaints = list(stale(root))
    for what, wanted, n in (("lines", LINES, rows[-1][1:3]),
                            ("branches", BRANCHES, rows[-1][3:])):
        if n[1] == 0 or percent(*n) < wanted:
            complaints.append(f"{percent(*n):.1f}% of all {what} of lib/ have "
                              f"run; {wanted}% have to")
    for name, *n in rows[:-1]:
        if percent(*n[:2]) < FOLDER:
            complaints.append(f"{percent(*n[:2]):.1f}% of the lines of {name} "
                              f"have run; {FOLDER}% have to")
    return shown, complaints, list(unexplained(root, sources))


def export(profiles, objects):
    """The profiles of all programs, in lcov's format."""
    with tempfile.TemporaryDirectory() as folder:
        merged = os.path.join(folder, "all.profdata")
        subprocess.run([os.environ.get("LLVM_PROFDATA", "llvm-profdata"),
                        "merge", "-sparse", "-o", merged,
                        *map(str, pathlib.Path(profiles).iterdir())],
                       check=True)
        first, *more = objects
        return subprocess.run(
            [os.environ.get("LLVM_COV", "llvm-cov"), "export", "-format=lcov",
             f"-instr-profile={merged}", first,
             *(word for name in more for word in ("-object", name))],
            check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    shown, complaints, gaps = check(ROOT, export(sys.argv[1], sys.argv[2:]))
    where = pathlib.Path(sys.argv[1]).parent / "gaps.txt"
    where.write_text("".join(f"{gap}\n" for gap in gaps))
    print(f"{shown}{len(gaps)} gaps have no reason: {where}")
    print(*complaints, sep="\n", end="\n" if complaints else "")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
