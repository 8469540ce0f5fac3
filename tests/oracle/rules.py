# SPDX-License-Identifier: BSD-2-Clause
"""Rules of docs/linker-semantics.md that decide places and order, restated.

No code is shared with kldsim.
"""

import elf

MASK64 = (1 << 64) - 1
PAGE = 4096
SUPERPAGE = 2 << 20
POINTER = 8

# osreldate of the releases that --release names, and what holds there.
OSRELDATE = {"12.1": 1201000, "13.0": 1300139, "14.0": 1400097,
             "15.0": 1500068, "15.1": 1501000}

# alignof(max_align_t): <sys/_types.h> of 15.1, compiled by clang.
MAX_ALIGN = {"amd64": 16, "amd64-dyn": 16, "i386": 4, "arm64": 16, "armv7": 8,
             "riscv64": 16, "powerpc": 8, "powerpc64": 8, "powerpc64le": 8}


def modspace_unit(section, osreldate, machine, pointer):
    """A-10, V-67: what the allocator rounds to."""
    if section == "set_vnet" and osreldate >= 1501000:
        return MAX_ALIGN[machine]
    return pointer


def loads_init_arrays(release):
    """V-19: not in 12 and 13.0, in 14 from 1400006 on."""
    return OSRELDATE[release] >= 1400000


def propagates_relocated_vnets(release):
    """V-38, A-31: in 15, not in 14.0."""
    return OSRELDATE[release] >= 1500000


def colours_superpages(release):
    """V-29."""
    return OSRELDATE[release] >= 1300000


def up(value, unit):
    return (value + unit - 1) // unit * unit


# --- Layout ------------------------------------------------------------------

def census(file, release):
    """O-04: the sections that are loaded, in the order of the progtab."""
    types = {elf.PROGBITS, elf.NOBITS, elf.UNWIND}
    if loads_init_arrays(release):
        types |= {elf.INIT_ARRAY, elf.FINI_ARRAY}
    return [s for s in file.sections
            if s.size and s.type in types and s.flags & elf.ALLOC]


def advance(cursor, section):
    """O-10, O-14: the cursor before a section; the mask is a C int."""
    mask = (section.align - 1) & 0xffffffff
    if mask & 0x80000000:
        mask -= 1 << 32
    return (cursor + mask) & ~mask & MASK64


def mapsize(sections):
    """O-10."""
    size = 0
    for section in sections:
        size = advance(size, section) + section.size & MASK64
    return size


def places(sections, base):
    """O-14: the address of each section in the mapping, by index."""
    cursor, found = base, {}
    for section in sections:
        cursor = advance(cursor, section)
        found[section.index] = cursor
        cursor += section.size
    return found


class KernelMap:
    """O-12: first fit above the kernel, lowest gap first."""

    def __init__(self, start, colours):
        self.start, self.colours = start, colours
        self.taken = []             # (start, end), ascending

    def first_fit(self, length, candidate, unit=PAGE):
        candidate = up(candidate, unit)
        for start, end in self.taken:
            if end <= candidate:
                continue
            if candidate + length <= start:
                break
            candidate = up(end, unit)
        return candidate if candidate + length <= MASK64 else None

    def find(self, size):
        length = up(size, PAGE)
        if self.colours and length >= SUPERPAGE:
            found = self.first_fit(length, self.start, SUPERPAGE)
            if found is not None:
                return found
        return self.first_fit(length, self.start)

    def take(self, start, size):
        self.taken.append((start, start + up(size, PAGE)))
        self.taken.sort()

    def release(self, start, size):
        self.taken.remove((start, start + up(size, PAGE)))


class Modspace:
    """A-03, A-10, A-11: the free list of DPCPU or VNET module space."""

    def __init__(self, start, size, unit):
        self.extents = [[start, size]]
        self.unit = unit

    def alloc(self, size):
        """The address, or None (O-21)."""
        size = up(size, self.unit)
        for extent in self.extents:
            start, length = extent
            if length < size:
                continue
            if length == size:
                self.extents.remove(extent)
            else:
                extent[:] = [start + size, length - size]
            return start
        return None

    def free(self, start, size):
        size = up(size, self.unit)
        end = start + size
        for at, extent in enumerate(self.extents):
            if extent[0] > end:
                self.extents.insert(at, [start, size])
                return
            if sum(extent) == start:
                extent[1] += size
                follower = self.extents[at + 1]     # may not be there
                if sum(extent) == follower[0]:
                    extent[1] += follower[1]
                    del self.extents[at + 1]
                return
            if extent[0] == end:
                extent[:] = [start, extent[1] + size]
                return
        self.extents.append([start, size])


# --- Relocations -------------------------------------------------------------

def relocated(kind, symbol, addend, place):
    """Section 6.1: the bytes that a relocation stores (all wraps, R-04)."""
    if kind == elf.R_64:
        return (symbol + addend & MASK64).to_bytes(8, "little")
    if kind in (elf.R_PC32, elf.R_PLT32):
        return (symbol + addend - place & 0xffffffff).to_bytes(4, "little")
    if kind == elf.R_32S:
        return (symbol + addend & 0xffffffff).to_bytes(4, "little")
    raise ValueError(f"relocation type {kind} has no formula here")


# --- SYSINIT -----------------------------------------------------------------

def exchange_sort(entries, key):
    """M-30: whenever a later entry's key is smaller the two change places."""
    entries = list(entries)
    for i in range(len(entries)):
        for j in range(i + 1, len(entries)):
            if key(entries[i]) > key(entries[j]):
                entries[i], entries[j] = entries[j], entries[i]
    return entries
