# SPDX-License-Identifier: BSD-2-Clause
"""The library keeps no state of its own: every object in it is constant.

What a simulated kernel knows is in its struct kldsim and the image's bytes;
threads share nothing else (docs/DESIGN.md, "Objects").
"""

import re

import tidy

CONSTANT = re.compile(r"\.(rodata|data\.rel\.ro)\b")


def writable(text):
    """Of the lines NAME|VALUE|CLASS|TYPE|SIZE|LINE|SECTION of nm, the objects
    that are not in a section for constants."""
    for line in text.splitlines():
        words = [word.strip() for word in line.split("|")]
        if len(words) == 7 and words[3] in ("OBJECT", "TLS") and \
                not CONSTANT.match(words[6]):
            yield f"libkldsim.a: {words[0]} is in {words[6] or 'no section'}"


def objects(path):
    return tidy.nm("-f", "sysv", "--defined-only", path)


ROW = "%s |0000000000000000|   d  |            %s|08|     |%s\n"
tidy.main(writable(objects(tidy.BUILD / "lib/libkldsim.a")), [
    (writable(ROW % ("count", "OBJECT", ".bss")), "count is in .bss"),
    (writable(ROW % ("cache", "OBJECT", ".data.rel.local")), "cache"),
    (writable(ROW % ("per_thread", "TLS", ".tbss")), "per_thread"),
    (writable(ROW % ("shared", "OBJECT", "*COM*")), "shared"),
])
