# SPDX-License-Identifier: BSD-2-Clause
"""Modules made of fixtures by giving symbols other names.

No fixture refers to a name that its definer has twice (O-61, D-60).
"""

import struct

import elf

# Module, the fixture, {symbol: its new name}.
TABLE = [
    # Two files of the kernel have a static init_done: the first counts.
    ("fx_twostatics", "kernel/fx_hello", {"printf": "init_done"}),
    # A static before a global of its name hides it from other files.
    ("fx_hiding", "kernel/fx_export", {"fx_private": "fx_exported"}),
    ("fx_hidden", "kernel/fx_exportuser", {"fx_private": "strcmp"}),
]


def renamed(file, names):
    """The bytes of a file with some symbols' names changed."""
    data = bytearray(file.data)
    table = next(s for s in file.sections if s.type == elf.SYMTAB)
    strings = bytearray(file.bytes_of(file.sections[table.link]))
    changed = 0
    for symbol in file.symbols:
        if symbol.name in names:
            struct.pack_into("<I", data, table.offset + symbol.index
                             * elf.SYM.size, len(strings))
            strings += names[symbol.name].encode() + b"\0"
            changed += 1
    assert changed == len(names), (file.path, names)
    at = file.shoff + table.link * elf.SHDR.size
    struct.pack_into("<QQ", data, at + 24, len(data), len(strings))
    return bytes(data + strings)


def make(fixtures):
    """Writes the modules; their names, as folder/name."""
    for name, source, names in TABLE:
        path = fixtures.path(f"derived/{name}")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(renamed(elf.load(fixtures.path(source)), names))
        yield f"derived/{name}"
