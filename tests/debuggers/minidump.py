# SPDX-License-Identifier: BSD-2-Clause
"""A reader of FreeBSD's minidumps, by rules E-30 to E-35 alone.

It is as strict as a reader can be: each page of the file has to be asked for by
one entry or be in the direct map, once, and what lies between the parts has to
be zero.
"""

import struct

PAGE = 4096


class Format:
    """What one machine's dumps look like."""

    def __init__(self, version, fields, entry, frame, span, tables=False,
                 dmap=False):
        self.version = version  # the oldest that its libkvm reads
        self.fields = fields    # behind the version and three sizes
        self.entry = entry      # bytes of one
        self.frame = frame      # from an entry to a physical address
        self.span = span        # bytes of memory that an entry is for
        self.tables = tables    # an entry leads to a page of entries
        self.dmap = dmap


def x86_frame(entry):
    if entry & 3 != 3:
        raise ValueError(f"entry {entry:#x} is not valid and writable")
    return entry & 0x000ffffffffff000


def arm64_frame(entry):
    if entry & 3 != 3:
        raise ValueError(f"entry {entry:#x} is no page")
    return entry & 0x0003fffffffff000


def riscv_frame(entry):
    if entry & 0xff != 0xcf:
        raise ValueError(f"entry {entry:#x} does not end in 0xcf")
    return entry >> 10 << 12


# E-30, E-31: by what stands behind "minidump FreeBSD/".
FORMATS = {
    "amd64": Format(2, "QQQ", 8, x86_frame, 1 << 21, tables=True),
    "arm64": Format(1, "QQQQ", 8, arm64_frame, PAGE, dmap=True),
    "riscv": Format(1, "QQQQ", 8, riscv_frame, PAGE, dmap=True),
    "i386": Format(1, "II", 4, x86_frame, PAGE),
}


def round_page(size):
    return -(-size // PAGE) * PAGE


class Minidump:
    def __init__(self, data):
        self.data = data
        magic = data[:24].rstrip(b"\0").decode()
        start, self.machine = magic.split("/")
        if start != "minidump FreeBSD":
            raise ValueError(f"magic {magic}")
        self.format = FORMATS[self.machine]
        self.header()
        self.places()
        self.frames = self.bitmap()
        if len(data) != self.first + len(self.frames) * PAGE:
            raise ValueError(f"{len(data)} bytes for {len(self.frames)} pages")
        self.pages = {}   # virtual address -> offset in the file
        self.used = set()
        self.walk()
        if self.used != set(self.frames):
            raise ValueError("pages that nobody asks for")

    def header(self):
        words = struct.unpack_from("<IIII" + self.format.fields, self.data, 24)
        self.version, self.msgbuf, self.bits, self.map = words[:4]
        if self.version != self.format.version:
            raise ValueError(f"version {self.version}")
        rest = words[4:]
        self.kernbase = rest[0]
        self.dmap = None
        if self.format.dmap:
            self.dmap = rest[1:]  # physical, start, end
        if self.machine == "i386" and rest[1] != 0:
            raise ValueError("PAE")
        size = 24 + struct.calcsize("<IIII" + self.format.fields)
        if any(self.data[size:PAGE]):
            raise ValueError("something behind the header")

    def places(self):
        """Where the parts are, each from a page on."""
        at = PAGE + round_page(self.msgbuf)
        self.bits_at, at = at, at + round_page(self.bits)
        self.map_at, at = at, at + round_page(self.map)
        self.first = at
        if self.bits % 8 or self.map % PAGE:
            raise ValueError(f"sizes {self.bits:#x} and {self.map:#x}")

    def bitmap(self):
        """{physical page: offset in the file}, in the order of the file."""
        frames = {}
        for byte, value in enumerate(self.data[self.bits_at:
                                               self.bits_at + self.bits]):
            for bit in range(8) if value else ():
                if value >> bit & 1:
                    frames[byte * 8 + bit] = self.first + len(frames) * PAGE
        if not frames or 0 in frames:
            raise ValueError("no page, or page 0")
        return frames

    def take(self, physical):
        """The place of a page that an entry leads to, for the first time."""
        frame = physical // PAGE
        if frame in self.used:
            raise ValueError(f"page {frame:#x} is used twice")
        self.used.add(frame)
        return self.frames[frame]

    def entries(self, at, size):
        """(index, entry) of those that are not empty."""
        width = self.format.entry
        zeros = bytes(PAGE)
        for page in range(0, size, PAGE):
            part = self.data[at + page:at + page + PAGE]
            if part == zeros:
                continue
            for i in range(0, PAGE, width):
                entry = int.from_bytes(part[i:i + width], "little")
                if entry:
                    yield (page + i) // width, entry

    def walk(self):
        for index, entry in self.entries(self.map_at, self.map):
            address = self.kernbase + index * self.format.span
            place = self.take(self.format.frame(entry))
            if not self.format.tables:
                self.pages[address] = place
                continue
            for low, inner in self.entries(place, PAGE):
                self.pages[address + low * PAGE] = self.take(
                    self.format.frame(inner))
        if self.dmap:
            self.walk_dmap(*self.dmap)

    def walk_dmap(self, physical, start, end):
        for frame in self.frames:
            address = start + frame * PAGE - physical
            if start <= address < end:
                self.pages[address] = self.take(frame * PAGE)

    def read(self, address, size):
        """What kvm_read(3) gives; None: it does not translate."""
        found = b""
        while len(found) < size:
            place = self.pages.get(address // PAGE * PAGE)
            if place is None:
                return None
            place += address % PAGE
            n = min(size - len(found), PAGE - address % PAGE)
            found += self.data[place:place + n]
            address += n
        return found

    def messages(self):
        return self.data[PAGE:PAGE + self.msgbuf].rstrip(b"\0").decode()
