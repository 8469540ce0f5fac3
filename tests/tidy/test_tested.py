# SPDX-License-Identifier: BSD-2-Clause
"""Every rule of what the kernel does with a file is named by a test.

The rules are those that something is built from (fidelity.BUILT).
untested.list has the ones that cannot be simulated, one a line, each with its
reason.
"""

import re

import fidelity
import tidy

# Letters of which not every rule asks for a test here: shared objects,
# relocations, vectors, differences and hazards (test_z_rules.py), debuggers and,
# but for DDB's lookup, what is not built yet.
NOT_ALL = "BDERTVZ"
DDB = {"B-10", "B-11", "B-12", "B-13"}


def wanted(root):
    """The rules that a test has to name."""
    return {rule for rule in fidelity.built(root)
            if rule[0] not in NOT_ALL or rule in DDB}


def exceptions(root):
    """(line, rule, reason) of each line of untested.list that says one."""
    path = root / "tests/tidy/untested.list"
    text = path.read_text() if path.exists() else ""
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith("#"):
            rule, _, reason = line.partition(" ")
            yield number, rule, reason.strip()


def check(root):
    want = wanted(root)
    tested = fidelity.cited(root, fidelity.TESTS).keys()
    excepted = set()
    if not want:
        yield "no rules found"
    for number, rule, reason in exceptions(root):
        where = f"tests/tidy/untested.list:{number}: {rule}"
        excepted.add(rule)
        if rule not in want:
            yield f"{where} is no rule that needs a test"
        elif rule in tested:
            yield f"{where} has a test: take the line out"
        if not re.search(r"\w+ \w+", reason):
            yield f"{where} needs a reason"
    for rule in sorted(want - tested - excepted, key=fidelity.order):
        yield f"no test names {rule}"


RULES = "**K-02** order\n**K-44** kldconfig\n**D-01** not asked for\n"


def bad(words, exception="", cites="", rules=RULES):
    return check(tidy.sample({
        **tidy.ONE_BOOK,
        "docs/linker-semantics.md": rules,
        "tests/tidy/untested.list": exception,
        "tests/unit/test_a.c": cites})), words


def good():
    """Says so if a sample with nothing amiss is complained of."""
    found = list(bad("", "# why\n\nK-44 a program\n", "/* K-02 */")[0])
    if not found:
        yield "quiet"


tidy.main(check(tidy.ROOT), [
    (good(), "quiet"),
    bad("no test names K-02", cites="/* K-44 */"),
    bad("K-44 has a test", "K-44 a program\n", "/* K-02, K-44 */"),
    bad("D-01 is no rule", "D-01 a program\n", "/* K-02, K-44 */"),
    bad("K-44 needs a reason", "K-44\n", "/* K-02 */"),
    bad("no rules found", rules=""),
])
