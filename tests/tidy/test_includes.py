# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom (docs/DESIGN.md, Layers)."""

import re
from itertools import chain

import layers
import tidy

# Headers of libraries, and who may include them: docs/DESIGN.md, Libraries.
FOREIGN = {
    "libelf.h": ["lib/elf/", "tools/dwarf/"],
    "gelf.h": ["lib/elf/", "tools/dwarf/"],
    "elf.h": ["lib/elf/", "lib/synth/", "lib/spec/", "lib/world/"],
    "yaml.h": ["lib/spec/", "lib/reduce/"],
    "zlib.h": ["lib/types/", "lib/synth/", "lib/spec/", "lib/loader/",
               "lib/linker_class/", "tools/dwarf/"],
    "zstd.h": ["tools/dwarf/"],
    "libdeflate.h": ["lib/util/"],
    "archive.h": ["lib/source/"],
    "archive_entry.h": ["lib/source/"],
    "cmocka.h": ["lib/test/"],
    "jansson.h": ["tools/"],
    "elfutils/libdw.h": ["tools/dwarf/"],
    "dwarf.h": ["tools/dwarf/"],
    "histedit.h": ["tools/"],
    "link.h": [],
}

# All that a public header may ask of the system.
PUBLIC = ["stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h"]

# | library | `header.h` | `lib/room`, `tools` | ...
LIBRARY = re.compile(r"^\| [^|]+ \| ([^|]*\.h`) \| ([^|]*) \|", re.M)
QUOTED = re.compile(r"`([^`]+)`")

# The lines between two fences that begin with the tools.
BLOCK = re.compile(r"^```\n(tools .*?)^```$", re.M | re.S)
ROOM = re.compile(r"\blib/(\w+)")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def may_include(path, quote, header):
    """May the file include the header?  path is relative to the root."""
    place = path.split("/")
    if header.startswith("kldsim/"):
        return True
    if place[0] == "include":
        return header in PUBLIC if quote == "<" else "/" not in header
    if quote == "<":
        if header.startswith("sys/") and "elf" in header:
            return path.startswith("lib/elf/")
        homes = FOREIGN.get(header)
        return homes is None or path.startswith(tuple(homes))
    if "/" not in header:
        return True
    if place[0] == "tools":
        return header.split("/")[0] in (
            "check", "complete", "ddb", "dwarf", "explain", "html", "kbi",
            "options", "reduce", "refs", "report", "run", "sandbox", "types",
            "why")
    if place[0] != "lib":
        return False
    target, name = header.split("/", 1)
    if target == place[1]:
        return True
    return (layers.below(place[1], target)
            and name in layers.FACES.get(target, [name])
            and name in layers.CLOSED.get(place[1], {}).get(target, [name]))


def check(root):
    for path, text in tidy.sources(root, "include", "lib", "tools"):
        place = path.split("/")
        if place[0] == "lib" and layers.level(place[1]) is None:
            yield f"{path}: lib/{place[1]} is not a layer of the design"
        for quote, header in INCLUDE.findall(text):
            if not may_include(path, quote, header):
                yield f"{path}: may not include {header}"


def told(design, foreign):
    """The table of the design says the same."""
    rows = {header: [room + "/" for room in QUOTED.findall(rooms)]
            for headers, rooms in LIBRARY.findall(design)
            for header in QUOTED.findall(headers)}
    for header in sorted(rows.keys() | foreign.keys()):
        if rows.get(header) != foreign.get(header) and foreign.get(header):
            yield (f"docs/DESIGN.md: {header} is said to be for "
                   f"{rows.get(header)}, not for {foreign[header]}")
        elif header in rows and header not in foreign:
            yield f"docs/DESIGN.md: {header} is in no row of FOREIGN"


def drawn(design, lines):
    """The block of the design has the same rooms on the same lines."""
    block = BLOCK.search(design)
    rows = [ROOM.findall(row) for row in block[1].splitlines()[1:]] if block else []
    for number in range(max(len(rows), len(lines))):
        row, line = (sorted(all[number]) if number < len(all) else None
                     for all in (rows, lines))
        if row != line:
            yield (f"docs/DESIGN.md: line {number + 1} of the layers below tools "
                   f"is {row}, not {line}")


def bad(path, include):
    return (check(tidy.sample({path: f"#include {include}\n"})),
            include.strip('<>"'))


LAYERS, LIBRARIES = (tidy.ROOT / "docs/DESIGN.md").read_text().split(
    "## Layers")[1].split("## Libraries")

tidy.main(chain(check(tidy.ROOT), told(LIBRARIES, FOREIGN),
                drawn(LAYERS, layers.LAYERS)), [
    bad("lib/util/a.c", '"elf/image.h"'),
    bad("lib/elf/a.c", '"arch/arch.h"'),
    bad("lib/link/a.c", '"synth/impl.h"'),
    bad("lib/link/a.c", '"boot/boot.h"'),
    bad("lib/link/a.c", '"link_elf/link_elf.h"'),
    bad("lib/link_elf/a.c", '"link_elf_obj/class.h"'),
    bad("lib/loader/a.c", '"kern/linker_file.h"'),
    bad("lib/sym/a.c", "<libelf.h>"),
    bad("lib/link/a.c", "<sys/elf_common.h>"),
    bad("lib/link/a.c", "<jansson.h>"),
    bad("lib/link/a.c", '"../tools/a.h"'),
    bad("tools/a.c", '"link/link.h"'),
    bad("tools/a.c", "<yaml.h>"),
    bad("include/kldsim/a.h", "<gelf.h>"),
    bad("include/kldsim/a.h", "<sys/param.h>"),
    (check(tidy.sample({"lib/other/a.c": ""})), "not a layer"),
    (told("", {"yaml.h": ["lib/spec/"]}), "yaml.h is said to be for None"),
    (told("| libz | `z.h` | `lib/a`, `tools` | x |", {"z.h": ["lib/a/"]}),
     "z.h is said to be for ['lib/a/', 'tools/']"),
    (told("| libz | `z.h` | `lib/a` | x |", {}), "in no row of FOREIGN"),
    # Nothing is drawn, a room is elsewhere, a line more, a line less.
    (drawn("", [["a"]]), "line 1 of the layers below tools is None, not ['a']"),
    (drawn("```\ntools  (x)\nlib/a\nlib/c lib/b\n```\n", [["a", "b"], ["c"]]),
     "line 1 of the layers below tools is ['a'], not ['a', 'b']"),
    (drawn("```\ntools  (x)\nlib/a\nlib/b\n```\n", [["a"]]),
     "line 2 of the layers below tools is ['b'], not None"),
    (drawn("```\ntools  (x)\nlib/a\n```\n", [["a"], ["b"]]),
     "line 2 of the layers below tools is None, not ['b']"),
])
