# SPDX-License-Identifier: BSD-2-Clause
"""A small reader of little-endian ELF64 files: kernels and modules."""

import functools
import struct
from pathlib import Path

PROGBITS, SYMTAB, RELA, NOBITS, REL, DYNSYM = 1, 2, 4, 8, 9, 11
INIT_ARRAY, FINI_ARRAY, UNWIND = 14, 15, 0x70000001
ALLOC, MERGE, STRINGS = 2, 0x10, 0x20
UNDEF, LORESERVE, ABS, COMMON = 0, 0xff00, 0xfff1, 0xfff2
LOCAL, GLOBAL, WEAK = 0, 1, 2
FUNC, IFUNC = 2, 10
ET_REL, ET_EXEC = 1, 2
PT_LOAD = 1
R_64, R_PC32, R_PLT32, R_32S, R_NONE = 1, 2, 4, 11, 0

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
SHDR = struct.Struct("<IIQQQQIIQQ")
SYM = struct.Struct("<IBBHQQ")
RELA_ENTRY = struct.Struct("<QQq")


def string(table, offset):
    """The NUL-terminated name at an offset of a string table."""
    return table[offset:table.index(b"\0", offset)].decode()


class Section:
    """A section header, with the section's name."""

    def __init__(self, index, fields):
        self.index = index
        (self.name_offset, self.type, self.flags, self.address, self.offset,
         self.size, self.link, self.info, self.align, self.entsize) = fields
        self.name = ""


class Symbol:
    """A symbol table entry, with its name."""

    def __init__(self, index, fields, strings):
        name, info, self.other, self.shndx, self.value, self.size = fields
        self.index = index
        self.name = string(strings, name)
        self.binding = info >> 4
        self.type = info & 15


class Reloc:
    """One RELA entry; `at` is its own place in the file."""

    def __init__(self, section, at, fields):
        self.section, self.at = section, at
        self.offset, info, self.addend = fields
        self.symbol, self.type = info >> 32, info & 0xffffffff


class Elf:
    def __init__(self, path):
        self.path = Path(path)
        self.data = self.path.read_bytes()
        header = EHDR.unpack_from(self.data)
        if header[0][:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path}: not a little-endian ELF64 file")
        self.type = header[1]
        self.phoff, self.shoff = header[5:7]
        self.phnum, _, self.shnum, self.shstrndx = header[10:14]
        self.sections = [
            Section(i, SHDR.unpack_from(self.data, self.shoff + i * SHDR.size))
            for i in range(self.shnum)]
        names = self.bytes_of(self.sections[self.shstrndx])
        for section in self.sections:
            section.name = string(names, section.name_offset)
        self.dynsym = self.symbols_of(DYNSYM)
        self.symbols = self.symbols_of(SYMTAB)

    def bytes_of(self, section):
        """A section's contents in memory before any relocation."""
        if section.type == NOBITS:
            return bytes(section.size)
        return self.data[section.offset:section.offset + section.size]

    def symbols_of(self, kind):
        """The symbols of the only table of that type; [] without one."""
        for section in self.sections:
            if section.type == kind and section.size:
                strings = self.bytes_of(self.sections[section.link])
                table = self.bytes_of(section)
                return [Symbol(i, fields, strings) for i, fields
                        in enumerate(SYM.iter_unpack(table))]
        return []

    @functools.cached_property
    def relocs(self):
        """Every RELA entry of an ET_REL file, in file order."""
        return list(self.read_relocs())

    def read_relocs(self):
        for table in self.sections:
            if table.type == REL and table.size:
                raise ValueError(f"{self.path}: REL tables are not handled")
            if table.type != RELA:
                continue
            for i, fields in enumerate(
                    RELA_ENTRY.iter_unpack(self.bytes_of(table))):
                yield Reloc(table.info, table.offset + i * RELA_ENTRY.size,
                            fields)

    def segments(self):
        """(address, file bytes, size in memory) of each PT_LOAD."""
        for i in range(self.phnum):
            kind, _, offset, address, _, filesz, memsz, _ = PHDR.unpack_from(
                self.data, self.phoff + i * PHDR.size)
            if kind == PT_LOAD:
                yield address, self.data[offset:offset + filesz], memsz

    def memory(self, start, size):
        """The bytes of a linked file at an address."""
        for address, content, memsz in self.segments():
            if address <= start and start + size <= address + memsz:
                at = start - address
                return content[at:at + size].ljust(size, b"\0")
        raise ValueError(f"{self.path}: no segment at {start:#x}")


@functools.lru_cache(maxsize=None)
def load(path):
    """A file is read once, however many runs it takes part in."""
    return Elf(path)
