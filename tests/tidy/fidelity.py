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

# The letters of the rules that something is built from: the kernel linker's
# and DDB's.  Whoever builds from another book adds its letters here, and then
# docs/fidelity.md and test_tested.py have its rules too.
BUILT = "ABDHKLMOPRTUVZ"

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
TESTS = ["tests/unit", "tests/oracle", "tests/cli", "tests/fuzz"]


def cited(root, dirs):
    """rule id -> files that cite it."""
    found = {}
    for path, text in tidy.sources(root, *dirs, suffixes=tidy.TEXT):
        if path.startswith("lib/release/"):
            continue
        for rule in set(tidy.RULE_ID.findall(text)):
            found.setdefault(rule, []).append(path)
    return found


FACT = re.compile(
    r'\b(FLAG|NUMBER)\((\w+),\s*"([^"]*)",\s*(ASSUMED|KNOWN),\s*(.*?)\),?\n',
    re.S)


def facts(root):
    """(name, rule ids, is it assumed, when) of each row of lib/release."""
    for _, text in tidy.sources(root, "lib/release", suffixes=(".c",)):
        values = dict(re.findall(r"^#define (\w+) (\d+)$", text, re.M))
        for kind, name, rules, how, when in FACT.findall(text):
            when = re.sub(r"\w+", lambda word: values.get(word[0], word[0]), when)
            yield (name, tidy.RULE_ID.findall(rules), how == "ASSUMED",
                   intervals(kind, when))


def intervals(kind, when):
    """The osreldates of a row, as a reader would write them."""
    when = " ".join(when.split())
    when = re.sub(r"MERGED\((\d+), (\d+)\)", r"{ \1, \2, 1 }", when)
    when = re.sub(r"SINCE\((\d+)\)", r"{ \1, END, 1 }", when)
    when = when.replace("ALWAYS", "{ 0, END, 1 }")
    words = []
    for start, end, value in re.findall(r"{ (\w+), (\w+), (\w+) }", when):
        until = "" if end == "END" else f" to {end}"
        since = f"from {start}" if start != "0" else "always"
        if start == "0" and until:
            since, until = "", f"before {end}"
        words.append(since + until + (f": {value}" if kind == "NUMBER" else ""))
    if kind == "NUMBER":
        words.append("else " + when.split(",")[0])
    return "; ".join(words) or "never"


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
        names = [name for name, ids, _, _ in rows if rule in ids]
        if where or shown or names:
            yield (f"| {rule} | {title(rules[rule])} | {', '.join(where)} "
                   f"| {', '.join(shown)} | {', '.join(names)} |")

    yield ""
    yield "## What differs between releases"
    yield ""
    yield "The facts of `lib/release` and the osreldates at which they hold."
    yield "*Assumed*: no source or date shows the point; the likelier was chosen."
    yield ""
    yield "| fact | rules | holds | |"
    yield "|---|---|---|---|"
    for name, ids, assumed, when in rows:
        yield (f"| {name} | {', '.join(ids)} | {when} "
               f"| {'*assumed*' if assumed else ''} |")

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
