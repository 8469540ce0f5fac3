# SPDX-License-Identifier: BSD-2-Clause
"""A rule id that is cited exists in docs/linker-semantics.md."""

import tidy


def check(root):
    known = tidy.rules(root)
    if not known:
        yield "docs/linker-semantics.md: no rules found"
    for path, text in tidy.sources(root, "include", "lib", "tools", "tests",
                                   suffixes=tidy.TEXT):
        for rule in sorted(set(tidy.RULE_ID.findall(text)) - known.keys()):
            yield f"{path}: there is no rule {rule}"


def bad(semantics, text, words):
    return check(tidy.sample({"docs/linker-semantics.md": semantics,
                              "lib/util/a.c": text})), words


# Put together here, so that this file does not cite what does not exist.
ABSENT = "O-" + "99"
tidy.main(check(tidy.ROOT), [
    bad("**O-01** x\n", f"/* {ABSENT} */", ABSENT),
    bad("| Z-01 | x |\n", f"/* Z-01, {ABSENT} */", ABSENT),
    bad("", "", "no rules"),
])
