# SPDX-License-Identifier: BSD-2-Clause
"""The layers of lib/ (docs/DESIGN.md, Layers), for the tests of its walls."""

# Each line may include the lines below it; neighbours on a line may not
# include each other.  include/kldsim is open to all.
LAYERS = [
    ["reduce"],
    ["check", "ddb", "gdb", "spec", "test", "world"],
    ["value"],
    ["boot", "core", "inspect", "refs", "stale", "synth"],
    ["link"],
    ["link_elf", "link_elf_obj", "loader"],
    ["compare", "linker_class", "search", "vnet"],
    ["kbi", "who_has"],
    ["kern", "kldxref", "differ"],
    ["reloc", "sym", "meta", "types"],
    ["mem", "source"],
    ["elf", "arch"],
    ["report", "release"],
    ["util"],
]

# What a room shows of itself to others; the rest of it is its own.
FACES = {
    "boot": [],
    "link_elf": ["class.h"],
    "link_elf_obj": ["class.h"],
}

# What of a lower room is not for all above it: the boot loader knows the
# kernel by its memory and the metadata block, and none of its objects.
CLOSED = {
    "loader": {"kern": ["bad_news.h", "foreign_file.h", "sim.h"]},
}


def level(room):
    """The line that a room is on, from the top; None: it is on none."""
    return next((n for n, line in enumerate(LAYERS) if room in line), None)


def below(room, other):
    """Whether a room may use another one: itself, or one that lies lower."""
    own, its = level(room), level(other)
    return room == other or None not in (own, its) and own < its
