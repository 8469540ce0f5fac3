# SPDX-License-Identifier: BSD-2-Clause
"""A reader of CTF, made from the rules C-01 to C-54 alone.

It shares nothing with the library or with its builder, so that it can judge
both.  `read` takes an ELF file and gives a plain dictionary; as a program it
prints that as JSON:

    python3 ctf.py FILE
"""

import json
import struct
import sys
import zlib

MAGIC = 0xcff1
HEADER = 36
COMPRESSED = 1
MAX_DATA = 64 << 20
MAX_TYPES = 1 << 20
MAX_STRINGS = 32 << 20
MAX_MEMBERS = 1 << 24

# C-11, by number.
KINDS = ["unknown", "integer", "float", "pointer", "array", "function", "struct",
         "union", "enum", "forward", "typedef", "volatile", "const",
         "restrict"]
SIZED = {"unknown", "integer", "float", "array", "struct", "union", "enum",
         "forward"}
# What is the same thing as what it refers to, or holds it.
BY_VALUE = {"array", "typedef", "volatile", "const", "restrict"}


class Malformed(Exception):
    """What the rules refuse, and where."""


class Form:
    """C-10, C-12: a version's widths."""

    def __init__(self, version):
        self.version = version
        if version == 2:
            self.info, self.id, self.sentinel = "H", "H", 0xffff
            self.kind_shift, self.vlen, self.large = 11, 0x3ff, 8192
        else:
            self.info, self.id, self.sentinel = "I", "I", 0xffffffff
            self.kind_shift, self.vlen, self.large = 26, 0xffffff, 1 << 29
        self.root = 1 << (self.kind_shift - 1)


class Cursor:
    """Bounded reads, one after the other."""

    def __init__(self, data, at, end, order, what):
        self.data, self.at, self.end = data, at, end
        self.order, self.what = order, what

    def take(self, fields):
        size = struct.calcsize(self.order + fields)
        if size > self.end - self.at:
            raise Malformed(f"{self.what}: 0x{self.at:x}: {size} bytes cross "
                            f"the end at 0x{self.end:x}")
        found = struct.unpack_from(self.order + fields, self.data, self.at)
        self.at += size
        return found[0] if len(found) == 1 else found


class Elf:
    """What CTF needs of the file: its section, and the symbols (C-01)."""

    def __init__(self, data):
        if data[:4] != b"\x7fELF":
            raise Malformed("no ELF file")
        self.data = data
        self.is64 = data[4] == 2
        self.order = ">" if data[5] == 2 else "<"
        if self.is64:
            fields = struct.unpack_from(self.order + "HHIQQQIHHHHHH", data, 16)
        else:
            fields = struct.unpack_from(self.order + "HHIIIIIHHHHHH", data, 16)
        offset, (size, count, names) = fields[5], fields[10:13]
        form = self.order + ("IIQQQQIIQQ" if self.is64 else "IIIIIIIIII")
        self.sections = [struct.unpack_from(form, data, offset + i * size)
                         for i in range(count)]
        strings = self.bytes_of(names)
        self.names = [text(strings, section[0]) for section in self.sections]

    def bytes_of(self, index):
        offset, size = self.sections[index][4:6]
        return self.data[offset:offset + size]

    def ctf(self):
        """The index of the section, or None."""
        return next((i for i, name in enumerate(self.names)
                     if name == ".SUNW_ctf"), None)

    def symbols(self):
        """(name, bind, type, shndx, value) of C-01's table, but the first."""
        link = self.sections[self.ctf()][6]
        if not 0 < link < len(self.sections) or self.sections[link][1] != 2:
            link = next((i for i, name in enumerate(self.names)
                         if name == ".symtab"), None)
        if link is None:
            return []
        table, strings = self.bytes_of(link), self.bytes_of(
            self.sections[link][6])
        form = self.order + ("IBBHQQ" if self.is64 else "IIIBBH")
        found = []
        for fields in struct.iter_unpack(form, table):
            if self.is64:
                name, info, _, shndx, value, _ = fields
            else:
                name, value, _, info, _, shndx = fields
            found.append((text(strings, name), info >> 4, info & 15, shndx,
                          value))
        return found[1:]


def text(table, offset):
    end = table.find(b"\0", offset)
    if offset >= len(table):
        raise Malformed(f"string {offset} of {len(table)}")
    if end < 0:
        raise Malformed(f"string {offset} has no NUL")
    return table[offset:end].decode("utf-8", "backslashreplace")


def counts(symbol):
    """C-21: 'object' or 'function', or None for what has no record."""
    name, _, kind, shndx, value = symbol
    if kind not in (1, 2) or not name or shndx == 0 or \
            name in ("_START_", "_END_"):
        return None
    if kind == 1:
        return None if shndx == 0xfff1 and value == 0 else "object"
    return "function"


class Reader:
    def __init__(self, section, order, pointer, symbols):
        self.section, self.order, self.pointer = section, order, pointer
        self.symbols = symbols
        self.warnings = []
        self.types = []

    # --- the container ---

    def header(self):
        if len(self.section) < HEADER:
            raise Malformed(f"header: {len(self.section)} of 36 bytes")
        head = Cursor(self.section, 0, HEADER, self.order, "header")
        magic, version, self.flags = head.take("HBB")
        if magic == int.from_bytes(MAGIC.to_bytes(2, "big"), "little"):
            self.warnings.append("of the other byte order")
            self.order = head.order = "<" if self.order == ">" else ">"
        elif magic != MAGIC:
            raise Malformed(f"header: magic is 0x{magic:x}")
        if version not in (2, 3):
            raise Malformed(f"header: version is {version}")
        self.form = Form(version)
        if self.flags > 1:
            self.warnings.append(f"flags are 0x{self.flags:x}")
        (self.parlabel, self.parname, self.lbloff, self.objtoff, self.funcoff,
         self.typeoff, self.stroff, self.strlen) = head.take("8I")
        places = [self.lbloff, self.objtoff, self.funcoff, self.typeoff,
                  self.stroff]
        if places != sorted(places):
            raise Malformed(f"header: parts are out of order: {places}")
        if self.lbloff % 4 or self.typeoff % 4 or self.objtoff % 2 or \
                self.funcoff % 2:
            raise Malformed(f"header: a part is not aligned: {places}")

    def inflate(self):
        """C-04."""
        size = self.stroff + self.strlen
        self.data = self.section[HEADER:]
        if self.flags & COMPRESSED:
            if size > MAX_DATA or size > 1100 * len(self.section) + (64 << 10):
                raise Malformed(f"header: {size} bytes are more than zlib can "
                                "have made of this")
            stream = zlib.decompressobj()
            try:
                self.data = stream.decompress(self.data, size + 1)
            except zlib.error as error:
                raise Malformed(f"zlib: {error}") from error
            if len(self.data) != size or not stream.eof:
                raise Malformed(f"zlib: not the {size} bytes that the header "
                                "tells of")
        if size > len(self.data):
            raise Malformed(f"header: {size} bytes stated, "
                            f"{len(self.data)} there")
        if self.strlen > MAX_STRINGS:
            raise Malformed("header: too many strings")
        self.strings = self.data[self.stroff:size]
        if self.strings and self.strings[-1]:
            raise Malformed("strings: the last one has no NUL")

    def name(self, reference):
        """C-05."""
        if reference >> 31:
            raise Malformed("string of the external table")
        if reference == 0:
            return ""
        return text(self.strings, reference)

    def part(self, start, end, what):
        return Cursor(self.data, start, end, self.order, what)

    def labels(self):
        cursor = self.part(self.lbloff, self.objtoff, "labels")
        found = []
        while cursor.end - cursor.at >= 8:
            name, last = cursor.take("II")
            found.append([self.name(name), last])
        return found

    # --- types ---

    def own(self, reference):
        """C-30: an id as one of this file's, the parent's negative."""
        child = 0x8000 if self.form.version == 2 else 1 << 31
        if not self.parname or reference == 0:
            return reference
        return reference ^ child if reference & child else -reference

    def tail(self, kind, cursor, vlen, size):
        form = self.form
        if kind in ("integer", "float"):
            word = cursor.take("I")
            return {"encoding": word >> 24, "offset": word >> 16 & 0xff,
                    "bits": word & 0xffff}
        if kind == "array":
            contents, index, elements = cursor.take(2 * form.id + "I")
            return {"type": self.own(contents), "index": self.own(index),
                    "elements": elements}
        if kind == "function":
            found = [self.own(cursor.take(form.id)) for _ in range(vlen)]
            if form.version == 2 and vlen % 2:
                cursor.take("H")
            return {"arguments": found}
        if kind in ("struct", "union"):
            return {"members": [self.member(cursor, size)
                                for _ in range(vlen)]}
        if kind == "enum":
            found = [cursor.take("Ii") for _ in range(vlen)]
            return {"constants": [[self.name(name), value]
                                  for name, value in found]}
        return {}

    def member(self, cursor, size):
        form = self.form
        if size < form.large:
            name, member, bit = cursor.take("I" + 2 * form.id)
        elif form.version == 2:
            name, member, _, high, low = cursor.take("IHHII")
            bit = high << 32 | low
        else:
            name, member, high, low = cursor.take("IIII")
            bit = high << 32 | low
        return [self.name(name), self.own(member), bit]

    def type(self, cursor):
        form = self.form
        name, info, word = cursor.take("I" + form.info + form.id)
        kind = info >> form.kind_shift
        if kind >= len(KINDS):
            raise Malformed(f"types: 0x{cursor.at:x}: kind {kind}")
        kind = KINDS[kind]
        found = {"id": len(self.types) + 1, "kind": kind,
                 "name": self.name(name), "root": bool(info & form.root)}
        size = word
        if word == form.sentinel:
            if kind not in SIZED:
                raise Malformed(f"types: 0x{cursor.at:x}: {kind} with a long "
                                "size")
            high, low = cursor.take("II")
            size = high << 32 | low
        if kind in SIZED:
            found["size"] = size
        else:
            found["type"] = self.own(word)
        found.update(self.tail(kind, cursor, info & form.vlen, size))
        return found

    def read_types(self):
        cursor = self.part(self.typeoff, self.stroff, "types")
        members = 0
        while cursor.at < cursor.end:
            self.types.append(self.type(cursor))
            members += len(self.types[-1].get("members", []))
            if len(self.types) > MAX_TYPES or members > MAX_MEMBERS:
                raise Malformed("types: too many")
        if self.form.version == 2 and len(self.types) > 0xffff:
            raise Malformed("types: more than ids of version 2 can tell")
        for found in self.types:
            for reference in references(found):
                self.check(reference)
        self.check_values()
        self.check_sizes()

    def check(self, reference):
        if reference > len(self.types):
            raise Malformed(f"types: {reference} of {len(self.types)}")

    def check_values(self):
        """C-52: nothing holds itself."""
        done, open_ = set(), set()
        for start in range(1, len(self.types) + 1):
            stack = [(start, iter(self.held(start)))] * (start not in done)
            open_.update({start} - done)
            while stack:
                number, rest = stack[-1]
                below = next(rest, None)
                if below is None:
                    stack.pop()
                    open_.discard(number)
                    done.add(number)
                elif below in open_:
                    raise Malformed(f"types: {below} contains itself")
                elif below not in done:
                    open_.add(below)
                    stack.append((below, iter(self.held(below))))

    def held(self, number):
        found = self.types[number - 1]
        if found["kind"] in BY_VALUE:
            held = [found["type"]]
        else:
            held = [member[1] for member in found.get("members", [])]
        return [below for below in held if below > 0]

    def width(self, number):
        """Bits, or None where that is not known."""
        factor = 1
        while number > 0:
            found = self.types[number - 1]
            kind = found["kind"]
            if kind in ("integer", "float"):
                return factor * found["bits"]
            if kind == "pointer":
                return factor * self.pointer * 8
            if kind in ("struct", "union", "enum"):
                return factor * found["size"] * 8
            if kind not in BY_VALUE:
                return None
            if kind == "array":
                factor *= found["elements"]
            number = found["type"]
        return None

    def check_sizes(self):
        """C-51's warnings."""
        for found in self.types:
            if found["kind"] == "array":
                width = self.width(found["id"])
                if width and found["size"] and width != 8 * found["size"]:
                    self.warnings.append(
                        f"type {found['id']}: {width // 8} bytes of elements, "
                        f"size {found['size']}")
            for name, member, bit in found.get("members", []):
                end = bit + (self.width(member) or 0)
                if end > 8 * found["size"]:
                    self.warnings.append(f"member {name} ends at bit {end} of "
                                         f"{8 * found['size']}")

    # --- symbols ---

    def counted(self, sort):
        return [symbol[0] for symbol in self.symbols if counts(symbol) == sort]

    def rest_is_zero(self, cursor, what):
        if any(self.data[cursor.at:cursor.end]):
            raise Malformed(f"{what}: more records than symbols")

    def objects(self):
        """C-20: [name, type]; a symbol beyond the last record has no type."""
        cursor = self.part(self.objtoff, self.funcoff, "objects")
        size = struct.calcsize(self.form.id)
        found = []
        for name in self.counted("object"):
            known = 0
            if cursor.end - cursor.at >= size:
                known = self.own(cursor.take(self.form.id))
            self.check(known)
            found.append([name, known])
        self.rest_is_zero(cursor, "objects")
        return found

    def functions(self):
        """C-20: [name, None], or [name, what it returns, its arguments]."""
        form = self.form
        cursor = self.part(self.funcoff, self.typeoff, "functions")
        found = []
        for name in self.counted("function"):
            info = 0
            if cursor.end - cursor.at >= struct.calcsize(form.info):
                info = cursor.take(form.info)
            if info == 0:
                found.append([name, None])
                continue
            if info >> form.kind_shift != KINDS.index("function"):
                raise Malformed(f"functions: 0x{cursor.at:x}: info is "
                                f"0x{info:x}")
            ids = [self.own(cursor.take(form.id))
                   for _ in range(1 + (info & form.vlen))]
            for known in ids:
                self.check(known)
            found.append([name, ids[0], ids[1:]])
        self.rest_is_zero(cursor, "functions")
        return found

    def guarded(self, part):
        """C-53: a bad part leaves the others alone."""
        try:
            return part()
        except Malformed as error:
            self.warnings.append(str(error))
            return None

    def is_hazard(self):
        """C-24: both local and other symbols count."""
        local = {symbol[1] == 0 for symbol in self.symbols if counts(symbol)}
        return len(local) == 2

    def read(self):
        self.header()
        self.inflate()
        parent = [self.name(self.parlabel), self.name(self.parname)]
        self.read_types()
        return {
            "version": self.form.version,
            "compressed": bool(self.flags & COMPRESSED),
            "parent": parent, "labels": self.guarded(self.labels),
            "types": self.types, "objects": self.guarded(self.objects),
            "functions": self.guarded(self.functions),
            "order_hazard": self.is_hazard(), "warnings": self.warnings,
        }


def references(found):
    """The types that a type refers to."""
    yield from (found[key] for key in ("type", "index") if key in found)
    yield from found.get("arguments", [])
    yield from (member[1] for member in found.get("members", []))


def read_section(section, order="<", pointer=8, symbols=()):
    """The dictionary of a section; symbols as Elf.symbols gives them."""
    return Reader(section, order, pointer, symbols).read()


def read(data):
    """The dictionary of an ELF file; None if it has no CTF."""
    elf = Elf(data)
    index = elf.ctf()
    if index is None:
        return None
    return read_section(elf.bytes_of(index), elf.order, 8 if elf.is64 else 4,
                        elf.symbols())


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        json.dump(read(data), sys.stdout, indent=1)
        print()
    except Malformed as error:
        sys.exit(f"{sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
