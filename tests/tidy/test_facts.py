# SPDX-License-Identifier: BSD-2-Clause
"""docs/release-facts.md has the evidence for each row of lib/release."""

import re

import fidelity
import tidy

PAGE = "docs/release-facts.md"


def check(root):
    rows = {row.name for row in fidelity.facts(root)}
    told = set(re.findall(r"\*\*([a-z]\w+)\*\*", (root / PAGE).read_text()))
    if not rows:
        yield "lib/release: no rows found"
    for name in sorted(rows - told):
        yield f"{PAGE}: nothing of {name}"
    for name in sorted(told - rows):
        yield f"{PAGE}: {name} is no row of lib/release"


def bad(page, words, row='FLAG(obj_wx, OBJ, "", "V-31", "it is", SINCE(1))\n'):
    return check(tidy.sample({PAGE: page, "lib/release/facts.def": row})), words


tidy.main(check(tidy.ROOT), [
    bad("", "nothing of obj_wx"),
    bad("**obj_wx** (V-31) seen. **obj_rx** too.", "obj_rx is no row"),
    bad("", "no rows found", row=""),
])
