# SPDX-License-Identifier: BSD-2-Clause
"""Relocatable files of either word size and byte order, to change and to link.

A linker gets a copy in which each section that counts has a name of its own
and nothing is merged, so that places before and after the link correspond.
"""

import re
import struct
from pathlib import Path

import elf

# What linkers make anew.
OWN_WAYS = (".ARM.exidx", ".eh_frame", ".branch_lt", "COMMON")
EI_OSABI = 7


class Layout:
    """Where the fields are, and the structures of a table's entries."""

    def __init__(self, data):
        self.wide, self.order = data[4] == 2, "<" if data[5] == 1 else ">"
        self.pointer = 8 if self.wide else 4
        word = "Q" if self.wide else "I"
        self.word = struct.Struct(self.order + word)
        self.section = struct.Struct(self.order + "II" + 4 * word + "II"
                                     + 2 * word)
        self.symbol = struct.Struct(self.order + (
            "IBBHQQ" if self.wide else "IIIBBH"))
        self.rela = struct.Struct(self.order + 2 * word + word.lower())
        self.rel = struct.Struct(self.order + 2 * word)
        self.info_shift = 32 if self.wide else 8
        self.tables = (0x28, 0x3a) if self.wide else (0x20, 0x2e)
        # Of a section header: flags, alignment.
        self.flags_at, self.align_at = (8, 48) if self.wide else (8, 32)


class Section:
    def __init__(self, index, fields):
        self.index = index
        (self.name, self.type, self.flags, self.address, self.offset,
         self.size, self.link, self.info, self.align, self.entsize) = fields


class Symbol:
    def __init__(self, layout, fields):
        if layout.wide:
            name, info, _, self.shndx, self.value, _ = fields
        else:
            name, self.value, _, info, _, self.shndx = fields
        self.name, self.type, self.binding = name, info & 15, info >> 4


class Reloc:
    """A relocation of a section; `at` is its own place in the file."""

    def __init__(self, layout, section, at, fields):
        self.section, self.at, self.offset = section, at, fields[0]
        self.symbol = fields[1] >> layout.info_shift
        self.type = fields[1] & ((1 << layout.info_shift) - 1)


class Kld:
    def __init__(self, path):
        self.data = Path(path).read_bytes()
        self.layout = Layout(self.data)
        order = self.layout.order
        shoff_at, number_at = self.layout.tables
        self.shoff = self.number(shoff_at)
        self.shentsize, count, self.names_index = struct.unpack_from(
            order + "HHH", self.data, number_at)
        self.sections = [Section(i, self.layout.section.unpack_from(
            self.data, self.shoff + i * self.shentsize))
            for i in range(count)]
        names = self.sections[self.names_index].offset
        for section in self.sections:
            section.name = self.string(names + section.name)
        # What is compared: loaded, and the same for each linker.
        self.loaded = [s for s in self.sections
                       if s.size and s.flags & elf.ALLOC
                       and s.type in (elf.PROGBITS, elf.NOBITS)
                       and not s.name.startswith(OWN_WAYS)]
        self.places = {s.index for s in self.loaded}
        self.symbols, self.relocs = [], []
        for section in self.sections:
            if section.type == elf.SYMTAB:
                self.read_symbols(section)
        for section in self.sections:
            if section.type in (elf.REL, elf.RELA):
                self.read_relocs(section)

    def number(self, at):
        return self.layout.word.unpack_from(self.data, at)[0]

    def string(self, at):
        return self.data[at:self.data.index(b"\0", at)].decode()

    def entries(self, section, structure):
        for at in range(section.offset, section.offset + section.size,
                        structure.size):
            yield at, structure.unpack_from(self.data, at)

    def read_symbols(self, section):
        strings = self.sections[section.link].offset
        for _, fields in self.entries(section, self.layout.symbol):
            symbol = Symbol(self.layout, fields)
            symbol.name = self.string(strings + symbol.name)
            self.symbols.append(symbol)

    def read_relocs(self, section):
        structure = (self.layout.rela if section.type == elf.RELA
                     else self.layout.rel)
        for at, fields in self.entries(section, structure):
            if section.info in self.places:
                self.relocs.append(Reloc(self.layout, section.info, at,
                                         fields))

    def content(self, section):
        if section.type == elf.NOBITS:
            return bytes(section.size)
        return self.data[section.offset:section.offset + section.size]

    def name_in_copy(self, section):
        """C names stay, since linkers define their bounds."""
        if section in self.loaded and not re.fullmatch(
                r"[A-Za-z_]\w*|\.got2|\.toc", section.name):
            return f".keep.{section.index}"
        return section.name

    def copy(self, undone=()):
        """Bytes for linkers; some relocations undone."""
        data, names = bytearray(self.data), bytearray(b"\0")
        data[EI_OSABI] = 0
        word = self.layout.word
        for section in self.sections[1:]:
            at = self.shoff + section.index * self.shentsize
            struct.pack_into(self.layout.order + "I", data, at, len(names))
            names += self.name_in_copy(section).encode() + b"\0"
            if section in self.loaded:
                word.pack_into(data, at + self.layout.flags_at,
                               section.flags & ~(elf.MERGE | elf.STRINGS))
        at = self.shoff + self.names_index * self.shentsize
        offset_at = self.layout.flags_at + 2 * self.layout.pointer
        word.pack_into(data, at + offset_at, len(data))
        word.pack_into(data, at + offset_at + self.layout.pointer, len(names))
        data += names
        for reloc in undone:
            word.pack_into(data, reloc.at + self.layout.pointer, 0)
        return bytes(data)
