# SPDX-License-Identifier: BSD-2-Clause
"""What memory of an ET_DYN module holds after kldload, worked out apart.

llvm-readelf reads the files; the psABIs' formulas, with what the kernel does
otherwise (section 6), say what each relocation stores.  Addresses of files and
of their parts of modspace are given, as kldsim reports them.
"""

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import rules
import tools

SETS = (("dpcpu", "set_pcpu"), ("vnet", "set_vnet"))
SYMBOL = re.compile(r"\s*\d+: ([0-9a-f]+)\s+(\S+)\s+(\S+)\s+(\S+)\s+\S+\s+"
                    r"(?:\[[^]]*\]\s+)?(\S+) ?(\S*)")
RELOC = re.compile(r"([0-9a-f]{8,16})\s+([0-9a-f]{8,16})\s+R_\S+\s*(.*)")
ADDEND = re.compile(r"(?:^|\s)([+-]?)\s*([0-9a-f]+)$")


_said = {}              # what llvm-readelf said, by path


def read_ahead(paths):
    """These files will be read."""
    _said.update(tools.of_each(
        ["llvm-readelf", "-W", "--file-header", "--program-headers",
         "--dyn-symbols", "--symbols", "--dynamic", "--relocations"],
        [path for path in paths if path not in _said], r"^File: (.*)$"))


def readelf(path):
    read_ahead([path])
    return _said[path]


@dataclass
class Symbol:
    value: int
    size: int
    type: str
    binding: str
    defined: bool
    name: str


@dataclass
class Reloc:
    place: int
    type: int
    symbol: int
    addend: int         # None: in place (REL)


@dataclass
class File:
    """A kernel or a module; address is what its symbols' values count from."""

    path: object
    address: int = 0
    name: str = ""
    deps: list = field(default_factory=list)
    bases: dict = field(default_factory=dict)       # set: part of modspace
    sets: tuple = ("set_pcpu", "set_vnet")          # that the kernel has

    def __post_init__(self):
        self.bytes = Path(self.path).read_bytes()
        text = readelf(self.path)
        self.wide = "ELF64" in text
        self.machine = re.search(r"Machine: +(.*)", text)[1]
        self.pointer = 8 if self.wide else 4
        self.order = ">" if "big endian" in text else "<"
        self.mask = (1 << 8 * self.pointer) - 1
        self.loads, self.relocs, self.ppc_got = [], [], None
        self.tables = {".dynsym": [], ".symtab": []}
        self.parse(text)
        self.by_name = {}
        for symbol in self.tables[".dynsym"] + self.tables[".symtab"]:
            if symbol.name and symbol.defined:
                self.by_name.setdefault(symbol.name, symbol)
        self.own = {s.name: s for s in self.tables[".dynsym"] if s.defined}

    def parse(self, text):
        table, rela = None, False
        for line in text.splitlines():
            if line.startswith("Symbol table"):
                table = self.tables[line.split("'")[1]]
            elif line.startswith("Relocation section"):
                rela = line.split("'")[1].startswith(".rela")
            elif line.split()[:1] == ["LOAD"]:
                self.loads.append([int(w, 16) for w in line.split()[1:6]])
            elif "(PPC_GOT)" in line:
                self.ppc_got = int(line.split()[-1], 16)
            elif match := RELOC.match(line):
                self.relocs.append(self.reloc(*match.groups(), rela))
            elif table is not None and (match := SYMBOL.match(line)):
                value, size, kind, binding, index, name = match.groups()
                table.append(Symbol(int(value, 16), int(size, 0), kind,
                                    binding, index != "UND", name))

    def reloc(self, place, info, rest, rela):
        info = int(info, 16)
        shift = 32 if self.wide else 8
        addend = None
        if rela:
            sign, digits = ADDEND.search(rest or "0").groups()
            addend = -int(digits, 16) if sign == "-" else int(digits, 16)
        return Reloc(int(place, 16), info & ((1 << shift) - 1),
                     info >> shift, addend)

    def set_range(self, name):
        """[start, stop) of a set, by its bounds (D-30); empty without."""
        start = self.own.get("__start_" + name)
        stop = self.own.get("__stop_" + name)
        if start is None or stop is None:
            return 0, 0
        return self.address + start.value, self.address + stop.value

    def relocaddr(self, address):
        """D-53: into a set of this file means into its part of modspace."""
        for name in self.sets:
            start, stop = self.set_range(name)
            if start <= address < stop:
                return address - start + self.bases.get(name, 0)
        return address & self.mask

    @property
    def mapsize(self):
        """D-04: from the first segment's page to behind the last."""
        _, last, _, _, memsz = self.loads[-1]
        return (rules.up(last + memsz, rules.PAGE)
                - (self.loads[0][1] & ~(rules.PAGE - 1)))

    def allotted(self, name, release):
        """D-31 to D-33: bytes of modspace for a set."""
        start, stop = self.set_range(name)
        only_padding = (self.machine == "Intel 80386" and release >= 1300000
                        and stop - start == 4)
        return 0 if name not in self.sets or only_padding else stop - start

    def image(self):
        """{address: bytes} of the segments, as they are in the file (D-06).

        A kernel, at address 0, is where it was linked.
        """
        base = self.loads[0][1] & ~(rules.PAGE - 1) if self.address else 0
        return {self.address - base + vaddr: bytearray(
                    self.bytes[offset:offset + filesz].ljust(memsz, b"\0"))
                for offset, vaddr, _, filesz, memsz in self.loads}


class Memory:
    """Loads and stores at addresses, in one file's byte order."""

    def __init__(self, file):
        self.file = file
        self.parts, self.order = file.image(), file.order

    def at(self, address, size):
        for start, content in self.parts.items():
            if start <= address <= start + len(content) - size:
                return content, address - start
        raise ValueError(f"{address:#x} is in no segment")

    def read(self, address, size):
        content, at = self.at(address, size)
        return bytes(content[at:at + size])

    def whole(self):
        """The mapping: what is in no segment stays zero."""
        image = bytearray(self.file.mapsize)
        for start, content in self.parts.items():
            at = start - self.file.address
            image[at:at + len(content)] = content
        return bytes(image)

    def load(self, address, size):
        content, at = self.at(address, size)
        return int.from_bytes(content[at:at + size], ENDIAN[self.order])

    def store(self, address, size, value):
        content, at = self.at(address, size)
        content[at:at + size] = (value & ((1 << 8 * size) - 1)).to_bytes(
            size, ENDIAN[self.order])


ENDIAN = {"<": "little", ">": "big"}

# --- Formulas: S symbol, A addend, P place, B the file's address -----------


def word(formula, size=None):
    """Store a value; of a pointer's size unless said otherwise."""
    def apply(r):
        r.memory.store(r.P, size or r.file.pointer, formula(r))
    return apply


def nothing(_):
    pass


def high(value):
    """What lui or auipc adds when a signed 12-bit part follows."""
    return (value + 0x800) & 0xfffff000


def insn(mask, bits):
    """Replace bits of a 32-bit instruction."""
    def apply(r):
        old = r.memory.load(r.P, 4)
        r.memory.store(r.P, 4, old & ~mask | bits(r) & mask)
    return apply


def branch26(r):
    """R-13: or-ed into the instruction."""
    old = r.memory.load(r.P, 4)
    r.memory.store(r.P, 4, old | (r.S + r.A - r.P) >> 2 & 0x3ffffff)


def store_type(r):
    """The immediate of a RISC-V store."""
    return (r.S >> 5 & 0x7f) << 25 | (r.S & 0x1f) << 7


def ppc_half(r):
    """6.5: a symbol between B and B + A stands for the file itself."""
    symbol = r.B if r.B < r.S <= r.B + r.A else r.S
    return r.file.relocaddr(symbol + r.A & 0xffffffff)


def ppc64_slot(r):
    """ELFv2: 12 copied the word that is where the function is."""
    value = r.S if r.release >= 1300000 else r.peek(r.S, 8)
    r.memory.store(r.P, 8, value)


RELATIVE = word(lambda r: r.file.relocaddr(r.B + r.A))
RESOLVED = word(lambda r: r.B + r.A)    # an ifunc that nobody answers
S = word(lambda r: r.S)
S_A = word(lambda r: r.S + r.A)

FORMULAS = {
    "amd64": {0: nothing, 1: S_A, 2: word(lambda r: r.S + r.A - r.P, 4),
              6: S, 7: S, 37: RESOLVED,
              8: word(lambda r: r.file.relocaddr(r.B + r.A)
                      if r.release >= 1300000 else r.B + r.A)},
    "i386": {0: nothing, 1: S_A, 2: word(lambda r: r.S + r.A - r.P),
             6: S, 7: S, 8: RELATIVE, 42: RESOLVED},
    "arm64": {0: nothing, 257: S_A, 1025: S_A, 1026: S_A, 1027: RELATIVE,
              1032: RESOLVED, 282: branch26, 283: branch26},
    "armv7": {0: nothing, 2: S_A, 22: S, 23: RELATIVE},
    "riscv64": {
        0: nothing, 3: RELATIVE, 5: S,
        2: word(lambda r: r.S + (r.A if r.release >= 1400081 else 0)),  # V-48
        23: insn(0xfffff000, lambda r: high(r.S - r.P)),
        24: insn(0xfff00000, lambda r: r.S << 20),
        25: insn(0xfe000f80, store_type),
        26: insn(0xfffff000, lambda r: high(r.S)),
        27: insn(0xfff00000, lambda r: r.S << 20),
        28: insn(0xfe000f80, store_type)},
    "powerpc": {
        0: nothing, 1: word(lambda r: r.file.relocaddr(r.S + r.A)),
        4: word(ppc_half, 2), 22: RELATIVE, 248: RESOLVED,
        6: word(lambda r: (ppc_half(r) + 0x8000) >> 16, 2),
        21: word(lambda r: r.file.relocaddr(r.S + r.A))},
    "powerpc64": {0: nothing, 38: S_A, 22: RELATIVE, 21: ppc64_slot,
                  248: RESOLVED},
}
FORMULAS["powerpc64le"] = FORMULAS["powerpc64"]
FORMULAS["amd64-dyn"] = FORMULAS["amd64"]


class Unresolved(Exception):
    pass


class Work:
    """One relocation with all that its formula asks for."""

    def __init__(self, reloc, file, memory, world, release):
        self.file, self.memory, self.release = file, memory, release
        self.reloc, self.world = reloc, world
        self.P, self.B = file.address + reloc.place, file.address
        self.A = (memory.load(self.P, file.pointer)
                  if reloc.addend is None else reloc.addend)

    @property
    def S(self):
        """D-50: who it is, and into which part of modspace."""
        symbol = self.file.tables[".dynsym"][self.reloc.symbol]
        if symbol.binding == "LOCAL":
            return self.file.address + symbol.value
        address = self.world.find(self.file, symbol.name)
        if address is None:
            if symbol.binding == "WEAK":
                return 0
            raise Unresolved(f"{self.file.name}: {symbol.name}")
        for _, name in SETS:
            for file in self.world.with_sets(self.file):
                start, stop = file.set_range(name)
                if start <= address < stop and name in file.bases:
                    return address - start + file.bases[name]
        return address & self.file.mask

    def peek(self, address, size):
        for file in (self.world.kernel, *self.world.files):
            try:
                return Memory(file).load(address, size)
            except ValueError:
                pass
        return 0


@dataclass
class World:
    """The kernel and the modules before this one, in load order."""

    kernel: File
    files: list = field(default_factory=list)

    def with_sets(self, file):
        return [*self.files, file] if file not in self.files else self.files

    def find(self, file, name):
        """O-60, D-60: own dynamic symbols, then all those of dependencies."""
        if name in file.own:
            return file.address + file.own[name].value
        for dependency in file.deps:
            for other in (self.kernel, *self.files):
                if other.name == dependency and name in other.by_name:
                    return other.address + other.by_name[name].value
        return None


def sort_sysinits(file, memory):
    """M-30: kldload leaves set_sysinit_set sorted."""
    start, stop = file.set_range("set_sysinit_set")
    places = range(start, stop, file.pointer)
    entries = [memory.load(p, file.pointer) for p in places]
    for place, entry in zip(places, rules.exchange_sort(
            entries, lambda e: (memory.load(e, 4), memory.load(e + 4, 4)))):
        memory.store(place, file.pointer, entry)


def relocated(machine, file, world, release):
    """Memory of a file, or of a kernel that relocates itself (L-18)."""
    memory = Memory(file)
    for reloc in file.relocs:
        FORMULAS[machine][reloc.type](
            Work(reloc, file, memory, world, release))
    return memory


def loaded(machine, file, world, release):
    """Memory of a module after the load."""
    memory = relocated(machine, file, world, release)
    if file.ppc_got is not None and release >= 1300000:
        # D-11: a function for words 1 and 2; no fixture kernel has it.
        memory.store(file.address + file.ppc_got + 4, 8, 0)
    sort_sysinits(file, memory)
    return memory


def initial_set(file, name):
    """D-34, D-36: modspace holds the set as it is in the file."""
    start, stop = file.set_range(name)
    return Memory(file).read(start, stop - start)
