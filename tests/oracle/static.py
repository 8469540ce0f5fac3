# SPDX-License-Identifier: BSD-2-Clause
"""What a linker makes of a module's .kld when all addresses are known.

The .kld is linked twice: with -shared, as kmod.mk does, for kldsim to load;
and statically, each section at the address that the load gave it, the sets at
their parts of modspace.  What the kernel's relocation made of the first is
then what a linker makes of the second, wherever both say an address or a
distance directly:

* compared are all bytes of all loaded sections but those named next, with the
  sets' bytes where the file has them;
* words of code that go through tables (GOT, PLT, TOC), which a static link
  has none of; the tables' words themselves are compared with where the static
  link has put what they name;
* distances between code and the module's own sets, and the sets' ends, which
  the kernel does not move (D-53, D-71);
* absolute symbols, which it moves as if they were addresses (D-63), common
  ones, the module's own ifuncs and what is in empty sections: the link with
  -shared has put these where it pleased.
"""

import itertools
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import elf
import kld
import shared

SETS = {"set_pcpu", "set_vnet"}


@dataclass
class Machine:
    """How linkers are called, and which relocation types are compared.

    direct: with whatever symbol; own: with symbols of the module only.  The
    others' bytes, from before the place to after it, are left out.
    """

    bfd: str
    emulation: str
    direct: set
    own: set
    left_out: tuple = (0, 4)


MACHINES = {
    "amd64-dyn": Machine("x86_64", "elf_x86_64", {1}, {2, 4}, (-3, 4)),
    "i386": Machine("i686", "elf_i386", {1, 2}, {4}, (-3, 4)),
    "arm64": Machine("aarch64", "aarch64linux", {257},
                     {275, 277, 278, 282, 283, 284, 285, 286}),
    "armv7": Machine("arm", "armelf_linux_eabi", {2}, {28, 29}),
    "riscv64": Machine("riscv64", "elf64lriscv", {2}, {19}, (0, 8)),
    "powerpc": Machine("powerpc", "elf32ppc", {1}, {10, 26}, (0, 8)),
    "powerpc64": Machine("powerpc64", "elf64ppc", {38}, set(), (-2, 8)),
    "powerpc64le": Machine("powerpc64le", "elf64lppc", {38}, set(), (-2, 8)),
}
HARMLESS = re.compile(
    r"cannot find entry symbol|RWX permissions|is not a multiple of alignment"
    r"|missing \.note\.GNU-stack|this behaviour is deprecated|^$")
_runs = itertools.count()
_links = {}             # what linkers made, by what they were given


def linkers(machine):
    """{name: program} of those that are there."""
    tried = {"ld.lld": ["ld.lld"] + [f"ld.lld-{n}" for n in range(20, 12, -1)],
             "ld.bfd": [f"{MACHINES[machine].bfd}-linux-gnu{abi}-ld.bfd"
                        for abi in ("", "eabihf", "eabi")]}
    found = {name: next(filter(None, map(shutil.which, programs)), None)
             for name, programs in tried.items()}
    return {name: path for name, path in found.items() if path}


class LinkError(Exception):
    pass


def call(program, arguments):
    done = subprocess.run([program, *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    odd = [line for line in done.stdout.splitlines()
           if not HARMLESS.search(line)]
    if odd or done.returncode:
        raise LinkError(f"{Path(program).name}: " + "\n".join(odd[:5]))


def shared_link(path, flags, emulation, out):
    """The module again, from a .kld whose sections have their own names."""
    file = kld.Kld(path)
    relocatable = out.with_suffix(".kld")
    relocatable.write_bytes(file.copy())
    call(linkers("i386")["ld.lld"],
         ["-m", emulation, "-shared", "-z", "notext", "--hash-style=both",
          *flags, "-o", out, relocatable])
    return file


def is_own(file, symbol):
    return (symbol.binding == elf.LOCAL and symbol.type != elf.IFUNC
            and 0 < symbol.shndx < elf.LORESERVE
            and file.sections[symbol.shndx].name not in SETS)


def is_compared(file, machine, reloc):
    symbol = file.symbols[reloc.symbol]
    if (symbol.shndx != elf.UNDEF and symbol.shndx not in file.places
            or symbol.type == elf.IFUNC
            or symbol.name in {"__stop_" + name for name in SETS}):
        return False
    return (reloc.type in machine.direct
            or reloc.type in machine.own and is_own(file, symbol))


class Static:
    """A loaded module and its static links."""

    def __init__(self, machine, file, loaded):
        """file: the Kld; loaded: shared.File of what kldsim loaded."""
        self.machine, self.file, self.loaded = MACHINES[machine], file, loaded
        self.linked = kld.Kld(loaded.path)
        found = {s.name: s for s in self.linked.sections}
        self.before = {s.index: found[file.name_in_copy(s)].address
                       for s in file.loaded}
        self.placed = {s.index: loaded.bases.get(
            s.name, loaded.address + self.before[s.index])
            for s in file.loaded}
        self.undone = [r for r in file.relocs
                       if not is_compared(file, self.machine, r)]

    def assignments(self, world):
        """{name: address} of what the module leaves undefined."""
        found = {}
        for reloc in self.file.relocs:
            symbol = self.file.symbols[reloc.symbol]
            if (reloc in self.undone or symbol.shndx != elf.UNDEF
                    or not symbol.name or self.bounds(symbol.name)):
                continue
            value = resolve(self.loaded, world, symbol.name)
            if value is not None:
                found[symbol.name] = value
        return found

    def bounds(self, name):
        """Of a set that the module has: linkers know."""
        return any(name in ("__start_" + s.name, "__stop_" + s.name)
                   for s in self.file.loaded)

    def script(self, values):
        """A segment for each section: they are far from each other."""
        lines = [f'"{n}" = {value:#x};' for n, value in values.items()]
        lines.append("PHDRS {")
        lines += [f"  p{s.index} PT_LOAD;" for s in self.file.loaded]
        lines.append("}\nSECTIONS {")
        for s in sorted(self.file.loaded,
                        key=lambda s: self.placed[s.index]):
            name = self.file.name_in_copy(s)
            lines.append(f"  {name} {self.placed[s.index]:#x} : "
                         f"SUBALIGN(1) {{ *({name}) }} :p{s.index}")
        lines.append("  .got : { *(.got) *(.got.plt) }")
        lines.append("  /DISCARD/ : { *(.note.*) *(.ARM.exidx*) *(.eh_frame)"
                     " *(.branch_lt) *(.comment) *(.llvm_addrsig) }\n}\n")
        return "\n".join(lines)

    def link(self, program, world, folder):
        """{section index: bytes} as this linker makes them."""
        copy = self.file.copy(self.undone)
        text = self.script(self.assignments(world))
        key = program, copy, text
        if key not in _links:
            _links[key] = self.linked_anew(program, copy, text, folder)
        return _links[key]

    def linked_anew(self, program, copy, text, folder):
        stem = f"{folder}/{self.loaded.name}.{next(_runs)}"
        object_, script, out = (Path(stem + end) for end in
                                (".o", ".ld", ".out"))
        object_.write_bytes(copy)
        script.write_text(text)
        call(program, ["-m", self.machine.emulation, "-n", "--no-relax",
                       "--noinhibit-exec", "-e", "0", "-T", script,
                       "-o", out, object_])
        linked = kld.Kld(out)
        found = {s.name: s for s in linked.sections}
        result = {}
        for section in self.file.loaded:
            got = found.get(self.file.name_in_copy(section))
            if got is None or got.address != self.placed[section.index]:
                raise LinkError(f"{self.loaded.name}: {section.name} is not "
                                f"at {self.placed[section.index]:#x}")
            result[section.index] = linked.content(got)
        return result

    def left_out(self):
        """{section index: places of bytes that are not compared}."""
        found = {s.index: set() for s in self.file.loaded}
        for reloc in self.undone:
            before, after = ((0, self.loaded.pointer)
                             if reloc.type in self.machine.direct
                             else self.machine.left_out)
            found[reloc.section].update(range(reloc.offset + before,
                                              reloc.offset + after))
        return found

    def moved(self, address):
        """Where the static link has what was linked for an address."""
        for section in self.file.loaded:
            at = address - self.before[section.index]
            if 0 <= at < section.size:
                return self.placed[section.index] + at
        return self.loaded.address + address

    def table_words(self, world):
        """(place, value) of each word that the dynamic linker made."""
        symbols = self.loaded.tables[".dynsym"]
        memory = shared.Memory(self.loaded)
        for reloc in self.loaded.relocs:
            if any(0 <= reloc.place - self.before[s.index] < s.size
                   for s in self.file.loaded):
                continue
            place = self.loaded.address + reloc.place
            if reloc.symbol:
                name = symbols[reloc.symbol].name
                yield reloc, resolve(self.loaded, world, name) or 0
            else:
                addend = (memory.load(place, self.loaded.pointer)
                          if reloc.addend is None else reloc.addend)
                yield reloc, self.moved(addend)


def resolve(loaded, world, name):
    """A symbol's address, in modspace if it is in a set; None: nobody's."""
    address = world.find(loaded, name)
    if address is None:
        return None
    for file in (loaded, *world.files):
        for section, base in file.bases.items():
            start, stop = file.set_range(section)
            if start <= address < stop:
                return base + address - start
    return address
