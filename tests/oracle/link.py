# SPDX-License-Identifier: BSD-2-Clause
"""Asks another linker what a module's bytes are at given addresses.

The module goes to the linker as a copy in which nothing is left that linkers
treat in a way of their own: no merging, no names that they know, no two
sections of one name, and relocations only where they agree with the kernel
(handwork.py has the others).  A script of one line a section says where each
goes; assignments say what undefined symbols are.
"""

import itertools
import re
import shutil
import struct
import subprocess
from pathlib import Path

import elf
import handwork

# Name -> where it is found, by preference.  -m is what both know it by.
LINKERS = {
    "ld.lld": ["ld.lld"] + [f"ld.lld-{n}" for n in range(20, 12, -1)],
    "ld.bfd": ["ld.bfd", "x86_64-linux-gnu-ld.bfd"],
}
# --noinhibit-exec: what does not fit is cut off, as the kernel does.
OPTIONS = ["-m", "elf_x86_64", "-n", "--noinhibit-exec", "--no-relax",
           "-e", "0"]
# What a linker may say and still have done what it was asked for.
HARMLESS = re.compile(
    r"out of range|relocation truncated to fit|cannot find entry symbol"
    r"|RWX permissions|address of .* is not a multiple of alignment"
    r"|>>> (referenced by|defined in)|additional relocation overflows omitted"
    r"|in function `|^$")
EI_OSABI = 7


def programs():
    """{name: path} of the linkers; None where there is none."""
    return {name: next(filter(None, map(shutil.which, tried)), None)
            for name, tried in LINKERS.items()}


class LinkError(Exception):
    pass


def section_names(module):
    """Names in the copy.  C names stay, since linkers define their bounds."""
    names, taken = {}, {"COMMON"}
    loaded = {s.index for s in module.sections}
    for section in module.elf.sections:
        name = section.name
        if section.index not in loaded:
            name = f".drop.{section.index}"
        elif not re.fullmatch(r"[A-Za-z_]\w*", name) or name in taken:
            name = f".keep.{section.index}"
        taken.add(name)
        names[section.index] = name
    return names


def handworked(module):
    """[(relocation, its symbol's value)] that no linker is asked about."""
    values = {index: handwork.value_for(module, module.elf.symbols[index])
              for index in module.used}
    return [(reloc, values[reloc.symbol]) for reloc in module.relocs
            if values[reloc.symbol] is not None]


def assignments(module):
    """{name: value} for what the module leaves undefined and refers to."""
    found = {}
    for index in sorted(module.used):
        symbol = module.elf.symbols[index]
        if (symbol.shndx != elf.UNDEF or not symbol.name
                or index in module.bounds
                or handwork.kind_of(module, symbol)):
            continue
        value = module.resolve(symbol)
        if value is None:
            raise LinkError(f"{module.name}: {symbol.name} is undefined, "
                            "the kernel should have refused the module")
        if value != 0:          # a weak symbol that nobody has: linkers know
            found[symbol.name] = value
    return found


def copy_for_linkers(module, hand):
    """The bytes of the normalised copy."""
    data = bytearray(module.elf.data)
    data[EI_OSABI] = 0
    names, table = section_names(module), bytearray(b"\0")
    loaded = {s.index for s in module.sections}
    for section in module.elf.sections[1:]:
        at = module.elf.shoff + section.index * elf.SHDR.size
        kind, align = section.type, section.align
        if section.index in loaded:
            kind = elf.NOBITS if kind == elf.NOBITS else elf.PROGBITS
            align = 1           # a set may lie where its alignment is not kept
        struct.pack_into("<IIQ", data, at, len(table), kind,
                         section.flags & ~(elf.MERGE | elf.STRINGS))
        struct.pack_into("<Q", data, at + 48, align)
        table += names[section.index].encode() + b"\0"
    at = module.elf.shoff + module.elf.shstrndx * elf.SHDR.size
    struct.pack_into("<QQ", data, at + 24, len(data), len(table))
    data += table
    for reloc, _ in hand:
        struct.pack_into("<Q", data, reloc.at + 8, elf.R_NONE)
    tame_symbols(module, data)
    return data


def tame_symbols(module, data):
    """No common is to be allocated, no ifunc to get a PLT entry."""
    table = next(s for s in module.elf.sections if s.type == elf.SYMTAB)
    for symbol in module.elf.symbols:
        at = table.offset + symbol.index * elf.SYM.size
        if symbol.shndx == elf.COMMON:
            data[at + 4] = symbol.binding << 4
            struct.pack_into("<H", data, at + 6, elf.ABS)
        elif symbol.type == elf.IFUNC:
            data[at + 4] = symbol.binding << 4 | elf.FUNC


def script(module, symbols):
    """One line a section, in the order of addresses."""
    names = section_names(module)
    lines = [f'"{name}" = {value:#x};' for name, value in symbols.items()]
    lines.append("SECTIONS {")
    for section in sorted(module.sections,
                          key=lambda s: module.addresses[s.index]):
        name = names[section.index]
        lines.append(f"  {name} {module.addresses[section.index]:#x} : "
                     f"SUBALIGN(1) {{ *({name}) }}")
    lines += ["  /DISCARD/ : { *(.drop.*) }", "}", ""]
    return "\n".join(lines)


_cache = {}
_runs = itertools.count()


def link(program, module, hand, folder):
    """{section index: bytes} as this linker makes them."""
    copy = copy_for_linkers(module, hand)
    text = script(module, assignments(module))
    key = program, bytes(copy), text
    if key not in _cache:
        _cache[key] = run(program, module, copy, text, folder)
    return _cache[key]


def run(program, module, copy, text, folder):
    stem = folder / f"{module.stem}.{next(_runs)}"
    paths = [Path(f"{stem}{suffix}") for suffix in (".o", ".ld", ".out")]
    paths[0].write_bytes(copy)
    paths[1].write_text(text)
    done = subprocess.run(
        [program, *OPTIONS, "-T", paths[1], "-o", paths[2], paths[0]],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace")
    odd = [line for line in done.stdout.splitlines()
           if not HARMLESS.search(line)]
    if odd or not paths[2].exists():
        raise LinkError(f"{program} {module.name}: "
                        + ("\n".join(odd) or f"exit {done.returncode}"))
    linked = elf.Elf(paths[2])
    found = {section.name: section for section in linked.sections}
    result = {}
    for index, name in section_names(module).items():
        if index not in module.addresses:
            continue
        section = found.get(name)
        if section is None or section.address != module.addresses[index]:
            raise LinkError(f"{program} {module.name}: {name} is not at "
                            f"{module.addresses[index]:#x}")
        result[index] = linked.bytes_of(section)
    for path in paths:
        path.unlink()
    return result
