# SPDX-License-Identifier: BSD-2-Clause
"""docs/fidelity.md: which rules of the kernel linker are kept, and where.

usage: fidelity.py --check | --write

Made from the sources: rule ids cited in code and tests, FIDELITY: comments
(where we differ from the kernel on purpose), and the rows of lib/release.
"""

import difflib
import re
import sys

import tidy

# The letters of the rules that something is built from: the kernel linker's,
# DDB's and debuggers'.  Whoever builds from another book adds its letters here, and then
# docs/fidelity.md and test_tested.py have its rules too.
BUILT = "ABCDEFGHIJKLMOPQRSTUVWYZ"

TITLE = 64  # columns that the rule's first words may take


def title(text):
    """The first words of a rule, safe in a table."""
    text = text.replace("*", "").replace("|", "\\|").strip()
    if len(text) > TITLE:
        text = text[:TITLE].rsplit(" ", 1)[0]
        if text.count("`") % 2:
            text = text.rsplit("`", 1)[0]
        text = text.rstrip(" :;,.=(") + " ..."
    return text


def order(rule):
    return rule[0], int(rule[2:])


# A citation in a public header explains, in a fixture it is input; neither
# implements the rule, and neither shows it.
# The table of facts has a column of its own.
CODE = ["lib", "tools"]
TESTS = ["tests/unit", "tests/oracle", "tests/cli", "tests/fuzz",
         "tests/debuggers", "tests/types"]


def cited(root, dirs):
    """rule id -> files that cite it."""
    found = {}
    for path, text in tidy.sources(root, *dirs, suffixes=tidy.TEXT):
        if path.startswith("lib/release/"):
            continue
        for rule in set(tidy.RULE_ID.findall(text)):
            found.setdefault(rule, []).append(path)
    return found


ROW = re.compile(r"^(FLAG|NUMBER|UNPLAYED)\(", re.M)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[(),]|[^\s"(),]+')


def arguments(text, start):
    """What stands between the parentheses of a row, cut at its commas."""
    found, depth = [[]], 0
    for token in TOKEN.findall(text[start:]):
        depth += (token == "(") - (token == ")")
        if depth < 0:
            break
        if token == "," and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return [" ".join(part) for part in found]


def words(literals):
    """A string of C, made of one literal or several."""
    return "".join(re.sub(r"\\(.)", r"\1", literal) for literal in
                   re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


class Fact:
    """A row of facts.def."""

    def __init__(self, kind, args, values):
        self.kind = kind
        self.name = args.pop(0)
        if kind != "UNPLAYED":
            args.pop(0)  # whose
            self.machines = words(args.pop(0))
        self.rules = tidy.RULE_ID.findall(words(args.pop(0)))
        self.says = words(args.pop(0)).replace("|", "\\|")
        self.why = words(args.pop(0)) if kind == "UNPLAYED" else None
        self.otherwise = args.pop(0) if kind == "NUMBER" else "no"
        self.known, self.narrowed = [], []
        for span in args:
            span = re.sub(r"\w+", lambda word: values.get(word[0], word[0]), span)
            form, *part = re.findall(r"\w+", span)
            self.add(form, part)

    def add(self, form, part):
        """One span, by the forms that release.c defines."""
        if form == "NARROWED":
            self.narrowed.append(
                f"{part[0]} to {part[1]}: {self.value(part[2])} is taken")
        elif form != "NEVER":
            self.known.append({
                "ALWAYS": lambda: "always",
                "SINCE": lambda start: f"from {start}",
                "UNTIL": lambda end: f"before {end}",
                "MERGED": lambda start, end: f"from {start} to {end}",
                "VALUE": lambda start, end, value: self.interval(start, end)
                + f": {self.value(value)}",
            }[form](*part))

    @staticmethod
    def interval(start, end):
        if start == "0":
            return f"before {end}"
        return f"from {start}" + (f" to {end}" if end != "END" else "")

    def value(self, value):
        if self.kind == "NUMBER":
            return value.removeprefix("KLDSIM__SORT_").lower()
        return {"0": "no", "1": "yes"}[value]

    def holds(self):
        known = list(self.known)
        if self.kind == "NUMBER":
            known.append("else " + self.value(self.otherwise))
        return "; ".join(known) or "never"


def facts(root):
    """Each row of the table of lib/release."""
    values = {}
    for _, text in tidy.sources(root, "lib/release", suffixes=(".c",)):
        values.update(re.findall(r"^#define (\w+) (\d+)$", text, re.M))
    for _, text in tidy.sources(root, "lib/release", suffixes=(".def",)):
        for row in ROW.finditer(text):
            yield Fact(row[1], arguments(text, row.end()), values)


def deviations(root):
    """(path, text) of each FIDELITY: comment, to its paragraph's end."""
    pattern = re.compile(r"FIDELITY:(.*?)(?:\*/|\n[ \t]*\*?[ \t]*\n|\Z)", re.S)
    for path, text in tidy.sources(root, "include", "lib", "tools"):
        for comment in pattern.findall(text):
            yield path, " ".join(re.sub(r"\n[ \t]*\*?", " ", comment).split())


def built(root):
    """The rules of BUILT: id -> text."""
    return {rule: text for rule, text in tidy.rules(root).items()
            if rule[0] in BUILT}


def page(root):
    rules = built(root)
    code = cited(root, CODE)
    tests = cited(root, TESTS)
    rows = list(facts(root))
    known = sorted(rules, key=order)

    yield "# Fidelity"
    yield ""
    yield "Made by `tests/tidy/fidelity.py --write`; do not edit. The rules are"
    yield "those of the books in [sources.md](sources.md), as far as something is"
    yield "built from them."
    yield ""
    yield "| rules | all | in code | shown by tests |"
    yield "|---|---|---|---|"
    for family in sorted({rule[0] for rule in known}):
        ids = {rule for rule in known if rule[0] == family}
        yield (f"| {family} | {len(ids)} | {len(ids & code.keys())} "
               f"| {len(ids & tests.keys())} |")

    yield ""
    yield "## Where each rule is"
    yield ""
    yield "Rules that nothing cites yet are left out."
    yield ""
    yield "| rule | about | implemented in | shown by | facts |"
    yield "|---|---|---|---|---|"
    for rule in known:
        where = [re.sub(r"^lib/", "", path) for path in code.get(rule, [])]
        shown = [path.split("/", 1)[1] for path in tests.get(rule, [])]
        names = [row.name for row in rows if rule in row.rules]
        if where or shown or names:
            yield (f"| {rule} | {title(rules[rule])} | {', '.join(where)} "
                   f"| {', '.join(shown)} | {', '.join(names)} |")

    yield ""
    yield "## What differs between releases"
    yield ""
    yield "The facts of `lib/release` and the osreldates at which they hold. A change"
    yield "that is *narrowed* lies in that range, and no source shows where; a kernel"
    yield "whose osreldate is in it, before its end, gets a note at boot that says"
    yield "which answers hang on it."
    yield ""
    yield "| fact | says | rules | holds | narrowed |"
    yield "|---|---|---|---|---|"
    for row in rows:
        if row.why is None:
            says = row.says + (f" ({row.machines})" if row.machines else "")
            yield (f"| {row.name} | {says} | {', '.join(row.rules)} "
                   f"| {row.holds()} | {'; '.join(row.narrowed)} |")

    yield ""
    yield "## Differences between releases that are not played"
    yield ""
    yield "| difference | says | rules | because | holds | narrowed |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        if row.why is not None:
            yield (f"| {row.name} | {row.says} | {', '.join(row.rules)} | {row.why} "
                   f"| {row.holds()} | {'; '.join(row.narrowed)} |")

    yield ""
    yield "## Where we differ on purpose"
    yield ""
    for path, text in deviations(root):
        yield f"- {path}: {text}"


def text_of(root):
    text = "\n".join(page(root))
    return re.sub(r"\n\n\n+", "\n\n", text).rstrip("\n") + "\n"


def check(root):
    path = root / "docs/fidelity.md"
    old = path.read_text() if path.exists() else ""
    new = text_of(root)
    if old != new:
        yield ("docs/fidelity.md is stale; run tests/tidy/fidelity.py --write\n"
               + "\n".join(difflib.unified_diff(
                   old.splitlines(), new.splitlines(), lineterm="", n=0)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (tidy.ROOT / "docs/fidelity.md").write_text(text_of(tidy.ROOT))
    elif sys.argv[1:] == ["--check"]:
        tidy.main(check(tidy.ROOT), [])
    else:
        sys.exit("usage: fidelity.py --check | --write")
