# SPDX-License-Identifier: BSD-2-Clause
"""Minidumps as libkvm reads them, and nothing that it would not accept.

Written from E-30 to E-36 of docs/inspect-semantics.md and from libkvm, by
somebody who had not seen the writer (lib/core).  A dump that is not as these
rules have it raises Bad.
"""

import struct

PAGE = 4096
NO_PAGE = bytes(PAGE)


class Bad(Exception):
    """What is wrong with a dump."""


def check(holds, *what):
    if not holds:
        raise Bad(" ".join(f"{word:#x}" if isinstance(word, int) else word
                           for word in what))


class Machine:
    """What E-30 and E-32 say of one machine's dumps."""

    # What all have behind the magic; later fields differ.
    COMMON = "version msgbufsize bitmapsize mapsize "

    def __init__(self, version, more, sizes, entry, valid, frame, shift=0):
        self.version = version
        self.fields = (self.COMMON + more).split()
        self.header = struct.Struct("<4I" + sizes)
        self.entry = struct.Struct("<" + entry)
        # The bits of an entry beside the frame; where the frame's are, and how
        # far left they have to go to be an address.
        self.valid, self.frame, self.shift = valid, frame, shift

    def address(self, entry):
        """The physical address in an entry of a map or table."""
        pa = (entry & self.frame) << self.shift
        check(entry & ~self.frame == self.valid and pa, "entry", entry)
        return pa


MACHINES = {
    "amd64": Machine(2, "kernbase dmapbase dmapend", "3Q",
                     "Q", 3, 0x000ffffffffff000),
    "arm64": Machine(1, "kernbase dmapphys dmapbase dmapend", "4Q",
                     "Q", 3, 0x0003fffffffff000),
    "riscv": Machine(1, "kernbase dmapphys dmapbase dmapend", "4Q",
                     "Q", 0xcf, 0x003ffffffffffc00, 2),
    "i386": Machine(1, "kernbase paemode", "2I", "I", 3, 0xfffff000),
}
MAGIC = 24


def round_page(size):
    return -(-size // PAGE) * PAGE


class Minidump:
    """machine; header's fields as attributes; message_buffer (bytes); offsets:
    where in the file each physical page is."""

    def __init__(self, data):
        self.data = data
        magic = bytes(data[:MAGIC]).rstrip(b"\0").decode("ascii", "replace")
        check(magic.startswith("minidump FreeBSD/"), "magic", magic)
        self.machine = magic.partition("/")[2]
        check(self.machine in MACHINES, "machine", self.machine)
        self.format = MACHINES[self.machine]
        self.dmapphys = self.dmapbase = self.dmapend = self.paemode = 0
        self.read_header()
        self.offsets = dict(self.read_bitmap())
        check(self.offsets, "no page")
        check(0 not in self.offsets, "page 0")
        check(len(data) == self.first + len(self.offsets) * PAGE,
              "size", len(data), "of", len(self.offsets), "pages")

    def read_header(self):
        """The header, and where the parts behind it begin."""
        header = self.format.header
        values = header.unpack_from(self.data, MAGIC)
        vars(self).update(zip(self.format.fields, values))
        check(self.version == self.format.version, "version", self.version)
        check(not self.paemode, "PAE")
        used = MAGIC + header.size
        check(not any(self.data[used:PAGE]), "more than a header")
        # Older libkvm takes 64 bit words of the bitmap, and does not round the
        # map up to a page.
        check(self.bitmapsize % 8 == 0, "bitmapsize", self.bitmapsize)
        check(self.mapsize % PAGE == 0 and self.mapsize, "map", self.mapsize)
        bitmap = PAGE + round_page(self.msgbufsize)
        self.message_buffer = bytes(self.data[PAGE:PAGE + self.msgbufsize])
        self.bitmap_at = bitmap
        self.map_at = bitmap + round_page(self.bitmapsize)
        self.first = self.map_at + self.mapsize
        check(self.first < len(self.data), "cut off before the first page")

    def read_bitmap(self):
        """(physical address, offset) of each page, ascending."""
        bitmap = self.data[self.bitmap_at:self.map_at]
        check(not any(bitmap[self.bitmapsize:]), "bits behind the bitmap")
        offset = self.first
        for index, byte in enumerate(bitmap):
            for bit in range(8) if byte else ():
                if byte >> bit & 1:
                    yield (index * 8 + bit) * PAGE, offset
                    offset += PAGE

    def messages(self):
        return self.message_buffer.rstrip(b"\0").decode()

    def entry(self, at):
        """The frame in the entry at this offset of the file; None: no page."""
        value, = self.format.entry.unpack_from(self.data, at)
        return self.format.address(value) if value else None

    def offset(self, pa, what):
        check(pa in self.offsets, what, pa, "is not in the dump")
        return self.offsets[pa]

    def direct(self, va):
        """The physical address by the direct map; None: it is not in it."""
        if self.dmapbase <= va < self.dmapend:
            return va - self.dmapbase + self.dmapphys
        return None

    def walk(self, va):
        """The physical address of a page by the map; None: there is none."""
        index = va - self.kernbase >> (21 if self.machine == "amd64" else 12)
        if not 0 <= index < self.mapsize // self.format.entry.size:
            return None
        pa = self.entry(self.map_at + index * self.format.entry.size)
        if pa is None or self.machine != "amd64":
            return pa
        # A map of amd64 has the directory's entries, each for a table of 512.
        return self.entry(self.offset(pa, "table") + (va >> 12) % 512 * 8)

    def page(self, va):
        """The 4096 bytes of a page of the kernel; None: there is none."""
        if self.machine in ("amd64", "i386"):
            pa = self.walk(va) if va >= self.kernbase else self.direct(va)
        else:
            pa = self.direct(va)
            pa = self.walk(va) if pa is None else pa
        if pa is None or pa not in self.offsets:
            return None
        return bytes(self.data[self.offsets[pa]:][:PAGE])

    def read(self, va, size):
        """Bytes of the kernel's memory, all of them in the dump."""
        start = va // PAGE * PAGE
        pages = [self.page(at) for at in range(start, va + size, PAGE)]
        check(None not in pages, "no memory at", va)
        return b"".join(pages)[va - start:][:size]

    def entries(self, start, size):
        """(number, frame) of what is in a map or table."""
        length = self.format.entry.size
        for at in range(start, start + size, PAGE):
            page = self.data[at:at + PAGE]
            for inside in range(0, PAGE, length) if page != NO_PAGE else ():
                pa = self.entry(at + inside)
                if pa is not None:
                    yield (at + inside - start) // length, pa

    def leaves(self):
        """(virtual, physical) of pages in the map; tables' addresses first."""
        if self.machine != "amd64":
            for number, pa in self.entries(self.map_at, self.mapsize):
                yield self.kernbase + number * PAGE, pa
            return
        for number, table in self.entries(self.map_at, self.mapsize):
            yield None, table
            at = self.offset(table, "table")
            for inside, pa in self.entries(at, PAGE):
                yield self.kernbase + (number * 512 + inside) * PAGE, pa

    def everything(self):
        """({virtual address: physical} of all pages that can be reached, what
        is in the dump and cannot)."""
        left = dict(self.offsets)
        found = {}
        direct = range(self.dmapphys,
                       self.dmapphys + self.dmapend - self.dmapbase, PAGE)
        reached = [(self.dmapbase + pa - self.dmapphys, pa)
                   for pa in left if pa in direct]
        for va, pa in [*self.leaves(), *reached]:
            check(pa in left, "page", pa, "is missing or there twice")
            del left[pa]
            if va is not None:
                check(va not in found, "address", va, "is there twice")
                found[va] = pa
        return found, sorted(left)
