# SPDX-License-Identifier: BSD-2-Clause
"""CTF of a file of several units, as ctfmerge(1) folds them into one (C-32).

Units come one after the other.  A type is one that is there already if its name
and all that it leads to agree, where a tag that is only declared agrees with
whatever is defined under its name, be it structure, union or enum: so several
types of one tag stay, and who only declares it gets any of them.
"""

import struct

import dwarf

SOUS = ("structure_type", "union_type")
ALIASES = ("typedef", "const_type", "volatile_type", "restrict_type",
           "pointer_type")
TYPES = SOUS + ALIASES + ("enumeration_type", "base_type", "array_type",
                          "subroutine_type")


class Merger:
    def __init__(self, dies):
        self.dies = dies
        self.names = {}      # name: offsets of what there is so far
        self.became = {}     # offset: the one that it was taken for

    def of(self, offset):
        while offset in self.became:
            offset = self.became[offset]
        return offset

    def is_forward(self, offset):
        return "declaration" in self.dies[offset].attributes

    def parts(self, offset):
        """What it refers to, each with what has to agree of it."""
        die = self.dies[offset]
        if die.tag in SOUS:
            return [((m.name(), *dwarf.member_bits(self.dies, m, False)),
                     m.type()) for m in die.of("member")]
        if die.tag == "subroutine_type":
            return [("", die.type())] + [
                (child.tag, child.type()) for child in die.children]
        return [("", die.type())]

    def own(self, offset):
        """What else of it has to agree."""
        die = self.dies[offset]
        if die.tag == "base_type":
            return [die.number("byte_size"), die.attributes["encoding"]]
        if die.tag == "array_type":
            return [(bound.number("count", -1), bound.number("upper_bound", -1))
                    for bound in die.of("subrange_type")]
        if die.tag == "enumeration_type":
            return [(value.name(), value.number("const_value"))
                    for value in die.of("enumerator")]
        return []

    def same(self, one, other, open_):
        if one is None or other is None:
            return one is other
        other = self.of(other)
        if one in open_:
            return open_[one] == other
        if self.of(one) == other:
            return True
        dies = self.dies[one], self.dies[other]
        if dies[0].name() != dies[1].name():
            return False
        if self.is_forward(one) or self.is_forward(other):
            return all(die.tag in SOUS + ("enumeration_type",)
                       for die in dies)
        if dies[0].tag != dies[1].tag or self.own(one) != self.own(other):
            return False
        open_[one] = other
        mine, its = self.parts(one), self.parts(other)
        return len(mine) == len(its) and all(
            a == b and self.same(x, y, open_)
            for (a, x), (b, y) in zip(mine, its))

    def take(self, offset, taken):
        """What it leads to first, then it."""
        if offset is None or offset in taken or offset in self.became:
            return
        taken.add(offset)
        if not self.is_forward(offset):
            for _, part in self.parts(offset):
                self.take(part, taken)
        there = self.names.setdefault(self.dies[offset].name(), [])
        for other in there:
            if self.of(other) == other and self.same(offset, other, {}):
                if self.is_forward(other) and not self.is_forward(offset):
                    self.became[other] = offset
                    break
                self.became[offset] = other
                return
        there.append(offset)

    def unit(self, unit):
        taken = set()
        for die in unit.children:
            if die.tag in SOUS + ("typedef", "enumeration_type"):
                self.take(die.offset, taken)
        for die in unit.children:
            if die.tag in TYPES:
                self.take(die.offset, taken)


class Maker(dwarf.Maker):
    """Of types that were folded."""

    def __init__(self, merger, ctf, big):
        super().__init__(merger.dies, ctf, big)
        self.merger = merger

    def type(self, offset):
        return super().type(None if offset is None else
                            self.merger.of(offset))


def symbols(elf):
    """(name, type, file or None if it is global) of what has a record."""
    sections = elf.sections()
    table = next(section for section in sections if section[1] == 2)
    strings, file = sections[table[6]][4], None
    for at in range(table[4], table[4] + table[5], struct.calcsize("=IBBHQQ")):
        name, info, _, index, _, _ = elf.unpack("IBBHQQ", at)
        end = elf.bytes.index(b"\0", strings + name)
        text = elf.bytes[strings + name:end].decode()
        if info & 0xf == 4:
            file = text.split("/")[-1]
        elif info & 0xf in (1, 2) and name and index:
            yield text, info & 0xf, None if info >> 4 else file


def make(linked, version, compress=1):
    """The CTF of a file of 64 bits, least byte first."""
    elf = dwarf.Elf(linked)
    dies, _ = dwarf.dump(linked)
    units = [die for die in dies.values() if die.tag == "compile_unit"]
    merger = Merger(dies)
    for unit in units:
        merger.unit(unit)
    ctf = dwarf.Ctf(version, False, 8)
    maker = Maker(merger, ctf, False)
    records = {1: {}, 2: {}}
    for unit in units:
        file = unit.name().split("/")[-1]
        for die in unit.children:
            if die.tag in TYPES:
                maker.type(die.offset)
            key = (die.name(), None if "external" in die.attributes else file)
            if die.tag == "variable":
                records[1][key] = maker.type(die.type())
            if die.tag == "subprogram" and \
                    "declaration" not in die.attributes:
                records[2][key] = maker.prototype(die)
    all_ = list(symbols(elf))
    return ctf.finish(
        [records[1].get((name, file), 0) for name, kind, file in all_
         if kind == 1],
        [records[2].get((name, file)) for name, kind, file in all_
         if kind == 2], "VERSION", compress)
