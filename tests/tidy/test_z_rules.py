# SPDX-License-Identifier: BSD-2-Clause
"""tests/fuzz/z-rules.txt has every hazard, each with an input or a reason."""

import tidy

LIST = "tests/fuzz/z-rules.txt"


def check(root):
    known = [rule for rule in tidy.rules(root) if rule.startswith("Z-")]
    seen = set()
    for number, line in enumerate((root / LIST).read_text().splitlines(), 1):
        words = line.split("#")[0].split(None, 2)
        if not words:
            continue
        if words[0] not in known:
            yield f"{LIST}:{number}: there is no rule {words[0]}"
        if words[0] in seen:
            yield f"{LIST}:{number}: {words[0]} again"
        seen.add(words[0])
        if len(words) < 3:
            yield f"{LIST}:{number}: neither an input nor a reason"
    for rule in known:
        if rule not in seen:
            yield f"{LIST}: {rule} is missing"


def bad(semantics, text, words):
    return check(tidy.sample({**tidy.ONE_BOOK,
                              "docs/linker-semantics.md": semantics,
                              LIST: text})), words


# Put together here, so that this file does not cite what does not exist.
ABSENT = "Z-" + "999"
ONE = "| Z-01 | x |\n"
tidy.main(check(tidy.ROOT), [
    bad(ONE, "", "Z-01 is missing"),
    bad(ONE, f"{ABSENT} - why\n", "there is no rule"),
    bad(ONE, "Z-01 -\n", "neither"),
    bad(ONE, "Z-01 - a\nZ-01 - b\n", "again"),
])
