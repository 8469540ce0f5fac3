# SPDX-License-Identifier: BSD-2-Clause
"""docs/fidelity.md is what fidelity.py makes of the sources."""

import fidelity
import tidy

SOURCES = tidy.sample({
    **tidy.ONE_BOOK,
    "docs/linker-semantics.md": "**O-22** PROGBITS: bytes\n| V-12 | refs | x |\n"
                                "**X-01** of a book that nothing is built from\n",
    "docs/fidelity.md": "",
    "lib/link/a.c": "/* O-22, X-01.  FIDELITY: we do\n * less. */\n",
    "lib/release/b.c": "#define B14 1400000\n",
    "lib/release/facts.def": """
/* FLAG(name) */
FLAG(obj_wx, OBJ, "amd64", "V-12",
    "says \\"so\\", "
    "or not",
    NARROWED(1200501, 1200512, 1), MERGED(1200512, 1300000), SINCE(B14))
FLAG(first, KERNEL, "", "V-12", "it", UNTIL(B14), NARROWED(B14, 1400009, 0))
NUMBER(sort, KERNEL, "", "V-12", "how", SORT_A, VALUE(0, 1400000, SORT_B))
UNPLAYED(busy, "V-12", "one, at a time", "of course (here)", ALWAYS)
""",
    "tests/unit/test_a.c": "/* O-22 */\n",
})


def has(line):
    """Says so if the page made of SOURCES has the line, as it must."""
    if line in fidelity.text_of(SOURCES).splitlines():
        yield f"has {line}"


def leaves_out(words):
    """Says so if the page made of SOURCES has no such words, as it must not."""
    if words not in fidelity.text_of(SOURCES):
        yield f"leaves out {words}"


def expect(line):
    return has(line), line


tidy.main(fidelity.check(tidy.ROOT), [
    (fidelity.check(SOURCES), "stale"),
    expect("| O-22 | PROGBITS: bytes | link/a.c | unit/test_a.c |  |"),
    expect("| V-12 | refs |  |  | obj_wx, first, sort, busy |"),
    expect('| obj_wx | says "so", or not (amd64) | V-12 '
           "| from 1200512 to 1300000; from 1400000 "
           "| 1200501 to 1200512: yes is taken |"),
    expect("| first | it | V-12 | before 1400000 | 1400000 to 1400009: no is taken |"),
    expect("| sort | how | V-12 | before 1400000: sort_b; else sort_a |  |"),
    expect("| busy | one, at a time | V-12 | of course (here) | always |  |"),
    expect("- lib/link/a.c: we do less."),
    expect("| O | 1 | 1 | 1 |"),
    (leaves_out("X-01"), "leaves out"),
])
