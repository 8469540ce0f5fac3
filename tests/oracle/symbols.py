# SPDX-License-Identifier: BSD-2-Clause
"""Who a name is: the kernel's symbols, a module's, the lookup across files."""

import struct

import elf
import rules


def answer(file, target):
    """What a resolver answers: an address, or a symbol of its own file."""
    return target if isinstance(target, int) else file.value(target)


class Kernel:
    """A kernel file at its link addresses; by-name lookup of D-60."""

    name = "kernel"

    def __init__(self, path, answers=None):
        self.elf = elf.load(path)
        self.answers = answers or {}
        self.by_name = {}
        # The dynamic symbols come first, whatever they say; within a table
        # the first of a name counts.
        for symbol in [*self.elf.dynsym, *self.elf.symbols]:
            if symbol.name:
                self.by_name.setdefault(symbol.name, symbol)
        self.end = rules.up(max(address + size for address, _, size
                                in self.elf.segments()), rules.PAGE)

    def find(self, name):
        symbol = self.by_name.get(name)
        if symbol is None:
            return None
        if symbol.shndx == elf.UNDEF and not (
                symbol.value and symbol.type in (elf.FUNC, elf.IFUNC)):
            return None
        return symbol

    def value(self, name):
        """The address that other files get for a name; None without one."""
        symbol = self.find(name)
        if symbol is None:
            return None
        if symbol.type == elf.IFUNC and name in self.answers:
            return answer(self, self.answers[name])
        return symbol.value

    def section(self, name):
        """(start, stop) of a linker set by its bounds (A-01); None without."""
        start = self.value("__start_" + name)
        stop = self.value("__stop_" + name)
        return (start, stop) if start is not None else None

    def variable(self, name):
        """(address, size) of a variable; None without one."""
        symbol = self.find(name)
        return (symbol.value, symbol.size) if symbol else None


class Module:
    """An ET_REL file whose sections have been given addresses."""

    def __init__(self, file, release, addresses, answers=None):
        self.elf = file
        self.name = file.path.name
        self.stem = file.path.stem
        self.sections = rules.census(file, release)
        self.addresses = addresses          # by section index
        self.answers = answers or {}
        self.deps = []                      # Kernel and Modules, in order
        self.bounds = self.find_bounds()
        self.by_name = {}
        for symbol in file.symbols:         # O-61: the lowest index counts
            if symbol.name and self.defined(symbol):
                self.by_name.setdefault(symbol.name, symbol)

        # What is relocated, and the symbols that this takes.
        self.relocs = [r for r in file.relocs if r.section in addresses]
        self.used = {r.symbol for r in self.relocs}

    def find_bounds(self):
        """O-32: undefined __start_X and __stop_X of own sections: value."""
        found = {}
        for symbol in self.elf.symbols:
            if symbol.shndx != elf.UNDEF or symbol.index == 0:
                continue
            for prefix in "__start_", "__stop_":
                if not symbol.name.startswith(prefix):
                    continue
                section = next((s for s in self.sections if s.name
                                == symbol.name[len(prefix):]), None)
                # Entry 0 of the progtab looks like SHN_UNDEF afterwards.
                if section and section is not self.sections[0]:
                    found[symbol.index] = (
                        self.addresses[section.index]
                        + (section.size if prefix == "__stop_" else 0))
                break
        return found

    def defined(self, symbol):
        return symbol.shndx != elf.UNDEF or symbol.index in self.bounds

    def value_of(self, symbol):
        """O-30, O-51, O-56: the address of a symbol that is defined here."""
        if symbol.index in self.bounds:
            return self.bounds[symbol.index]
        if symbol.type == elf.IFUNC and symbol.name in self.answers:
            return answer(self, self.answers[symbol.name])
        # A section that is not loaded adds nothing; so do ABS and COMMON.
        return (self.addresses.get(symbol.shndx, 0) + symbol.value
                & rules.MASK64)

    def value(self, name):
        symbol = self.by_name.get(name)
        return None if symbol is None else self.value_of(symbol)

    def resolve(self, symbol):
        """O-53, O-60: the address of an undefined symbol; None without one."""
        for file in [self, *self.deps]:
            value = file.value(symbol.name)
            if value:
                return value
        return 0 if symbol.binding == elf.WEAK else None


# --- Metadata ----------------------------------------------------------------

DEPEND, VERSION = 1, 3


def module_metadata(file):
    """M-01, M-02: (type, name, data bytes) of an ET_REL file, in set order.

    Done on section and offset, as long as nothing has an address.
    """
    section = next((s for s in file.sections
                    if s.name == "set_modmetadata_set" and s.size), None)
    if section is None:
        return
    targets = {}
    for reloc in file.relocs:
        symbol = file.symbols[reloc.symbol]
        targets[reloc.section, reloc.offset] = (
            symbol.shndx, symbol.value + reloc.addend)
    for offset in range(0, section.size, rules.POINTER):
        home, at = targets[section.index, offset]
        content = file.bytes_of(file.sections[home])
        kind, = struct.unpack_from("<i", content, at + 4)
        data_home, data_at = targets[home, at + 8]
        name_home, name_at = targets[home, at + 16]
        data = file.bytes_of(file.sections[data_home])[data_at:]
        yield kind, elf.string(file.bytes_of(file.sections[name_home]),
                            name_at), data


def kernel_metadata(kernel):
    """The same of a linked kernel."""
    bounds = kernel.section("set_modmetadata_set")
    if bounds is None:
        return
    for at in range(*bounds, rules.POINTER):
        where, = struct.unpack("<Q", kernel.elf.memory(at, rules.POINTER))
        _, kind, data, name = struct.unpack("<iiQQ",
                                            kernel.elf.memory(where, 24))
        text = b""
        while not text.endswith(b"\0"):
            text += kernel.elf.memory(name + len(text), 1)
        size = 12 if kind == DEPEND else 4
        yield kind, elf.string(text, 0), kernel.elf.memory(data, size)


class Interfaces:
    """L-13, K-30: what loaded files provide, and who a dependency is."""

    def __init__(self, kernel):
        self.provided = []                  # (name, version, file)
        self.kernel = kernel
        self.add(kernel, kernel_metadata(kernel))

    def add(self, file, metadata):
        for kind, name, data in metadata:
            if kind == VERSION:
                version, = struct.unpack_from("<i", data)
                self.provided.append((name, version, file))

    def lookup(self, wanted, minimum, preferred, maximum):
        best = None
        for name, version, file in self.provided:
            if name != wanted:
                continue
            if version == preferred:
                return file
            if minimum <= version <= maximum and (
                    best is None or version > best[0]):
                best = version, file
        return best and best[1]

    def dependencies(self, file):
        """The files that a module's deps hold; None for what is missing."""
        metadata = list(module_metadata(file))
        own = {name for kind, name, _ in metadata if kind == VERSION}
        return [self.kernel] + [
            self.lookup(name, *struct.unpack_from("<iii", data))
            for kind, name, data in metadata
            if kind == DEPEND and name not in own]
