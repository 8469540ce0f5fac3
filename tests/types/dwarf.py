# SPDX-License-Identifier: BSD-2-Clause
"""What llvm-dwarfdump prints of an object file's types, and CTF made from it.

The CTF is as FreeBSD's own tools make it (docs/kbi-semantics.md, C-10 to C-24):
void is an integer, arrays are indexed by long, a bit-field's type is a clone of
its integer with fewer bits.
"""

import re
import struct
import subprocess
import zlib

DIE = re.compile(r"^0x([0-9a-f]+):( +)DW_TAG_(\w+)$")
ATTRIBUTE = re.compile(r"^ +DW_AT_(\w+)\t\((.*)\)$")


class Die:
    def __init__(self, offset, tag):
        self.offset, self.tag = offset, tag
        self.attributes, self.children = {}, []

    def name(self):
        return self.attributes.get("name", "").strip('"')

    def number(self, attribute, default=0):
        text = self.attributes.get(attribute)
        return default if text is None else int(text.split()[0], 0)

    def type(self):
        """The offset of what it refers to; None: void."""
        text = self.attributes.get("type")
        return None if text is None else int(text.split()[0], 0)

    def of(self, tag):
        return [child for child in self.children if child.tag == tag]


def dump(path, tool="llvm-dwarfdump"):
    """The DIEs of a unit by offset, and the unit."""
    text = subprocess.run([tool, "--debug-info", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    dies, stack, unit = {}, [], None
    for line in text.splitlines():
        if match := DIE.match(line):
            die = Die(int(match[1], 16), match[3])
            depth = len(match[2]) // 2
            del stack[depth:]
            if stack and stack[-1]:
                stack[-1].children.append(die)
            stack += [None] * (depth - len(stack)) + [die]
            dies[die.offset] = die
            unit = unit or (die if die.tag == "compile_unit" else None)
        elif match := ATTRIBUTE.match(line):
            die.attributes[match[1]] = match[2]
    return dies, unit


def member_bits(dies, member, big):
    """(first bit, bits or 0) of a member, by W-06."""
    # A number, or the operation DW_OP_plus_uconst with one.
    location = int(member.attributes.get("data_member_location",
                                         "0").split()[-1], 0)
    bits = member.number("bit_size")
    if not bits:
        return location * 8, 0
    if "data_bit_offset" in member.attributes:
        return member.number("data_bit_offset"), bits
    unit = member.number("byte_size") or size_of(dies, member.type())
    at = member.number("bit_offset")
    at -= (at >> 63) << 64  # it may begin before its unit
    return (location * 8 + at if big else
            location * 8 + unit * 8 - at - bits), bits


def size_of(dies, offset):
    die = dies[offset]
    if die.tag in ("typedef", "const_type", "volatile_type"):
        return size_of(dies, die.type())
    return die.number("byte_size")


# --- CTF ----------------------------------------------------------------------

KINDS = {"pointer_type": 3, "typedef": 10, "volatile_type": 11,
         "const_type": 12, "restrict_type": 13}
ENCODINGS = {"DW_ATE_signed": 1, "DW_ATE_unsigned": 0,
             "DW_ATE_signed_char": 3, "DW_ATE_unsigned_char": 2,
             "DW_ATE_boolean": 5}


def integer_encoding(die):
    """By name where that says it: "char" is signed, whatever the machine."""
    if die.name() == "char":
        return 3
    return ENCODINGS[die.attributes["encoding"]]


class Ctf:
    """A section of a version and byte order, filled type by type."""

    def __init__(self, version, big, pointer):
        self.version, self.pointer = version, pointer
        self.order = ">" if big else "<"
        self.word = "H" if version == 2 else "I"
        self.large = 8192 if version == 2 else 1 << 29
        self.most = 0x3ff if version == 2 else 0xffffff
        self.strings, self.places = b"\0", {"": 0}
        self.records = []

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def string(self, text):
        if text not in self.places:
            self.places[text] = len(self.strings)
            self.strings += text.encode() + b"\0"
        return self.places[text]

    def info(self, kind, count, root):
        if self.version == 2:
            return kind << 11 | root << 10 | count
        return kind << 26 | root << 25 | count

    def record(self, kind, name="", count=0, size=None, ref=0, tail=b"",
               root=None):
        """Append a type; its id."""
        most = (1 << (16 if self.version == 2 else 32)) - 1
        value = ref if size is None else min(size, most)
        head = self.pack("I" + 2 * self.word, self.string(name),
                         self.info(kind, count,
                                   bool(name) if root is None else root),
                         value)
        if size is not None and size >= most:
            head += self.pack("II", size >> 32, size & 0xffffffff)
        self.records.append(head + tail)
        return len(self.records)

    def reserve(self):
        self.records.append(None)
        return len(self.records)

    def fill(self, number, *arguments, **more):
        """Make the record of an id that was reserved."""
        self.record(*arguments, **more)
        self.records[number - 1] = self.records.pop()

    def member(self, size, name, kind, bit):
        if size >= self.large:
            pad = "HH" if self.version == 2 else "I"
            kinds = (kind, 0) if self.version == 2 else (kind,)
            return self.pack("I" + pad + "II", self.string(name), *kinds,
                             bit >> 32, bit & 0xffffffff)
        return self.pack("I" + 2 * self.word, self.string(name), kind, bit)

    def arguments(self, ids):
        pad = len(ids) % 2 if self.version == 2 else 0
        return self.pack(f"{len(ids) + pad}{self.word}", *ids, *[0] * pad)

    def finish(self, objects, functions, label, compress):
        """The section; objects are ids, functions (return, arguments)."""
        labels = self.pack("II", self.string(label), len(self.records))
        data = self.pack(f"{len(objects)}{self.word}", *objects)
        offsets = [0, len(labels), len(labels) + len(data)]
        for function in functions:
            if function is None:
                data += self.pack(self.word, 0)
                continue
            returns, ids = function
            data += self.pack(f"{2 + len(ids)}{self.word}",
                              self.info(5, len(ids), 1), returns, *ids)
        data = labels + data
        data += bytes(-len(data) % 4)
        offsets.append(len(data))
        data += b"".join(self.records)
        offsets.append(len(data))
        data += self.strings
        head = self.pack("HBB8I", 0xcff1, self.version, compress, 0, 0,
                         *offsets, len(self.strings))
        return head + (zlib.compress(data, 9) if compress else data)


class Maker:
    """Turns DIEs into CTF, each once."""

    def __init__(self, dies, ctf, big):
        self.dies, self.ctf, self.big = dies, ctf, big
        self.ids, self.clones = {}, {}
        self.void = ctf.record(1, "void", 1, 0, tail=ctf.pack("I", 0))
        self.long = ctf.record(1, "long", 1, ctf.pointer,
                               tail=ctf.pack("I", 1 << 24 | ctf.pointer * 8))

    def type(self, offset):
        if offset is None:
            return self.void
        if offset not in self.ids:
            die = self.dies[offset]
            self.ids[offset] = self.ctf.reserve()
            getattr(self, die.tag, self.reference)(die, self.ids[offset])
        return self.ids[offset]

    def reference(self, die, number):
        self.ctf.fill(number, KINDS[die.tag], die.name(),
                      ref=self.type(die.type()))

    def base_type(self, die, number):
        size, name = die.number("byte_size"), die.name()
        encoding = die.attributes["encoding"]
        if encoding == "DW_ATE_float":
            word = {4: 1, 8: 2}.get(size, 6) << 24 | size * 8
            self.ctf.fill(number, 2, name, 1, size,
                          tail=self.ctf.pack("I", word))
            return
        self.ctf.fill(number, 1, name, 1, size, tail=self.ctf.pack(
            "I", integer_encoding(die) << 24 | size * 8))

    def clone(self, offset, bits):
        """An integer of fewer bits (C-13); an enum stays what it is."""
        die = self.dies[offset]
        while die.tag != "base_type":
            if die.tag == "enumeration_type":
                return self.type(die.offset)
            die = self.dies[die.type()]
        if (die.offset, bits) not in self.clones:
            word = integer_encoding(die) << 24 | bits
            self.clones[die.offset, bits] = self.ctf.record(
                1, die.name(), 1, die.number("byte_size"),
                tail=self.ctf.pack("I", word), root=False)
        return self.clones[die.offset, bits]

    def structure_type(self, die, number, kind=6):
        if "declaration" in die.attributes:
            self.ctf.fill(number, 9, die.name())
            return
        size, tail, count = die.number("byte_size"), b"", 0
        for member in die.of("member"):
            bit, bits = member_bits(self.dies, member, self.big)
            if bits and not member.name():
                continue  # what C calls unnamed is not told
            if bits == 8 * size_of(self.dies, member.type()):
                bits = 0
            of = (self.clone(member.type(), bits) if bits else
                  self.type(member.type()))
            tail += self.ctf.member(size, member.name(), of, bit)
            count += 1
        self.ctf.fill(number, kind, die.name(), count, size, tail=tail)

    def union_type(self, die, number):
        self.structure_type(die, number, 7)

    def enumeration_type(self, die, number):
        values = die.of("enumerator")[:self.ctf.most]  # C-17
        tail = b"".join(
            self.ctf.pack("Ii", self.ctf.string(value.name()),
                          signed(value.number("const_value")))
            for value in values)
        self.ctf.fill(number, 8, die.name(), len(values),
                      die.number("byte_size"), tail=tail)

    def array_type(self, die, number):
        """Dimensions from the last to the first are arrays of arrays."""
        counts = [bound.number("count", bound.number("upper_bound", -1) + 1)
                  for bound in die.of("subrange_type")]
        of = self.type(die.type())
        size = size_of_any(self.dies, die.type(), self.ctf.pointer)
        for count in reversed(counts[1:]):
            size *= count
            of = self.ctf.record(4, "", 1, size,
                                 tail=self.array(of, count))
        self.ctf.fill(number, 4, "", 1, size * counts[0],
                      tail=self.array(of, counts[0]))

    def array(self, of, count):
        return self.ctf.pack(2 * self.ctf.word + "I", of, self.long, count)

    def prototype(self, die):
        ids = [self.type(argument.type())
               for argument in die.of("formal_parameter")]
        return self.type(die.type()), ids

    def subroutine_type(self, die, number):
        returns, ids = self.prototype(die)
        if ids and die.of("unspecified_parameters"):
            ids.append(0)
        self.ctf.fill(number, 5, "", len(ids), ref=returns,
                      tail=self.ctf.arguments(ids))


def signed(value):
    """The low 32 bits as C has them (C-17)."""
    value &= 0xffffffff
    return value - (1 << 32) if value >> 31 else value


def size_of_any(dies, offset, pointer):
    die = dies[offset] if offset is not None else None
    if die is None:
        return 0
    if die.tag in ("typedef", "const_type", "volatile_type",
                   "restrict_type"):
        return size_of_any(dies, die.type(), pointer)
    if die.tag == "pointer_type":
        return pointer
    if die.tag == "array_type":
        size = size_of_any(dies, die.type(), pointer)
        for bound in die.of("subrange_type"):
            size *= bound.number("count", bound.number("upper_bound", -1) + 1)
        return size
    return die.number("byte_size")


# --- the object file ----------------------------------------------------------

class Elf:
    """What of an object's header and symbols is needed here."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        self.wide = self.bytes[4] == 2
        self.big = self.bytes[5] == 2
        self.order = ">" if self.big else "<"
        self.pointer = 8 if self.wide else 4

    def unpack(self, form, at):
        return struct.unpack_from(self.order + form, self.bytes, at)

    def sections(self):
        shoff, = self.unpack("Q" if self.wide else "I",
                             0x28 if self.wide else 0x20)
        shnum, = self.unpack("H", 0x3c if self.wide else 0x30)
        form = "IIQQQQIIQQ" if self.wide else "10I"
        each = struct.calcsize("=" + form)
        return [self.unpack(form, shoff + each * i) for i in range(shnum)]

    def symbols(self):
        """(name, type) of the symbols that have a record (C-21)."""
        sections = self.sections()
        table = next(s for s in sections if s[1] == 2)
        strings = sections[table[6]][4]
        form = "IBBHQQ" if self.wide else "IIIBBH"
        for at in range(table[4], table[4] + table[5],
                        struct.calcsize("=" + form)):
            fields = self.unpack(form, at)
            name, info, index = (
                (fields[0], fields[1], fields[3]) if self.wide else
                (fields[0], fields[3], fields[5]))
            if info & 0xf in (1, 2) and name and index:
                start = strings + name
                end = self.bytes.index(b"\0", start)
                yield self.bytes[start:end].decode(), info & 0xf


def make(path, version, compress, linked=None, crossed=False):
    """The CTF of an object file, and the DIEs that it is from; in the order of
    the symbols of the file that it was linked into, if that is given; crossed:
    made on a machine of the other byte order."""
    elf = Elf(linked or path)
    dies, unit = dump(path)
    ctf = Ctf(version, elf.big != crossed, elf.pointer)
    maker = Maker(dies, ctf, elf.big)
    for die in list(dies.values()):
        if die.tag in ("structure_type", "union_type", "enumeration_type",
                       "typedef", "base_type"):
            maker.type(die.offset)
    variables = {die.name(): maker.type(die.type())
                 for die in unit.of("variable")}
    functions = {die.name(): maker.prototype(die)
                 for die in unit.of("subprogram")}
    symbols = list(elf.symbols())
    section = ctf.finish(
        [variables.get(name, 0) for name, kind in symbols if kind == 1],
        [functions.get(name) for name, kind in symbols if kind == 2],
        "from DWARF", compress)
    return section, dies, unit
