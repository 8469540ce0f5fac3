# SPDX-License-Identifier: BSD-2-Clause
"""A page links files and headings that are there."""

import re

import tidy

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def anchors(text):
    """What the headings of a page are called in links, as GitHub does it."""
    for heading in re.findall(r"^#+ +(.*)", text, re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        yield words.strip().replace(" ", "-")


def pages(root):
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "examples", "tests"):
        yield from sorted((root / folder).rglob("*.md"))


def check(root):
    for page in pages(root):
        name = page.relative_to(root).as_posix()
        for link in LINK.findall(CODE.sub("", page.read_text())):
            if "://" in link:
                continue
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists():
                yield f"{name} links {link}, which is not there"
            elif anchor and anchor not in anchors(target.read_text()):
                yield f"{name} links {link}, and there is no such heading"


def bad(text, words):
    return check(tidy.sample({"docs/a.md": text, "b.c": ""})), words


tidy.main(check(tidy.ROOT), [
    bad("[x](b.c)\n", "docs/a.md links b.c, which is not there"),
    bad("## X y\n\n[x](../b.c) [y](#x-y) [z](#y-x)\n",
        "docs/a.md links #y-x, and there is no such heading"),
])
