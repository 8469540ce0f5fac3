# SPDX-License-Identifier: BSD-2-Clause
"""Code asks for every fact of lib/release, and for none that is not played.

A fact that nobody asks for changes no answer, and the note of what is not
known of a release would say that one hangs on it.
"""

import re

import fidelity
import tidy


def asked(root):
    """The words of the code, without those of the table itself."""
    return {word for path, text in tidy.sources(root, "lib", "tools")
            if not path.startswith("lib/release/")
            for word in re.findall(r"\w+", text)}


def check(root):
    words = asked(root)
    rows = list(fidelity.facts(root))
    if not rows:
        yield "lib/release: no facts found"
    for row in rows:
        if row.why is None and row.name not in words:
            yield f"{row.name}: nobody asks for it; UNPLAYED says why"
        elif row.why is not None and row.name in words:
            yield f"{row.name}: is asked for, but UNPLAYED"


def bad(words, rows):
    return check(tidy.sample({
        "lib/release/release.c": "/* busy_waits */",
        "lib/release/facts.def": rows,
        "lib/link/a.c": "int a = sim->facts.obj_wx;\n"})), words


tidy.main(check(tidy.ROOT), [
    bad("no facts found", ""),
    bad("busy_waits: nobody asks",
        'FLAG(busy_waits, KERNEL, "", "V-01", "it waits", ALWAYS)'),
    bad("obj_wx: is asked for",
        'UNPLAYED(obj_wx, "V-01", "it is", "it is not", ALWAYS)'),
])
