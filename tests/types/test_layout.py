# SPDX-License-Identifier: BSD-2-Clause
"""kldsim types shows what the compiler made.

layout.c is compiled by clang for several machines; its DWARF becomes CTF
(dwarf.py), and what kldsim reads of that is compared type by type with what
llvm-dwarfdump printed, and line by line with what pahole(1) shows of the
compiler's own DWARF.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import dwarf
import test_agree

SRC = pathlib.Path(__file__).resolve().parent / "layout.c"
KLDSIM = os.environ.get("KLDSIM", str(SRC.parents[2] / "build/gcc/bin/kldsim"))

# target, version of CTF, compressed, version of DWARF
VARIANTS = [("x86_64", 2, 0, 4), ("x86_64", 3, 1, 2), ("i386", 3, 0, 4),
            ("aarch64", 2, 1, 5), ("riscv64", 3, 1, 4), ("armv7", 2, 0, 2),
            ("powerpc64", 2, 1, 4), ("powerpc64", 3, 0, 2),
            ("powerpc", 3, 1, 5), ("powerpc64le", 2, 0, 4)]

ALIASES = {"typedef": "typedef", "const_type": "const",
           "volatile_type": "volatile", "restrict_type": "restrict",
           "pointer_type": "pointer"}
SOUS = {"structure_type": "struct", "union_type": "union"}


def run(*command):
    return subprocess.run([str(word) for word in command], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


class Graph:
    """Types of kldsim's, compared with DIEs: a pair each, once."""

    def __init__(self, test, document, dies, big):
        self.test, self.dies, self.big = test, dies, big
        self.types = {found["id"]: found for found in document["types"]}
        self.seen = {}

    def same(self, die, number):
        """A DIE's offset, or None for void, and an id."""
        test = self.test
        if (die, number) in self.seen:
            return
        self.seen[die, number] = True
        found = self.types[number]
        if die is None:
            test.assertEqual((found["kind"], found["name"], found["size"]),
                             ("integer", "void", 0))
            return
        die = self.dies[die]
        with test.subTest(die=f"{die.tag} {die.name()}", id=number):
            getattr(self, die.tag, self.alias)(die, found)

    def alias(self, die, found):
        self.test.assertEqual(found["kind"], ALIASES[die.tag])
        self.test.assertEqual(found["name"] or "", die.name())
        self.same(die.type(), found["target"])

    def base_type(self, die, found):
        self.test.assertEqual(found["name"], die.name())
        self.test.assertEqual(found["size"], die.number("byte_size"))
        floating = die.attributes["encoding"] == "DW_ATE_float"
        self.test.assertEqual(found["kind"],
                              "float" if floating else "integer")
        if not floating:
            self.test.assertEqual(
                found["encoding"]["number"], self.encoding(die))

    def encoding(self, die):
        return dwarf.integer_encoding(die)

    def structure_type(self, die, found):
        test = self.test
        test.assertEqual(found["name"] or "", die.name())
        if "declaration" in die.attributes:
            test.assertEqual(found["kind"], "forward")
            return
        test.assertEqual(found["kind"], SOUS[die.tag])
        test.assertEqual(found["size"], die.number("byte_size"))
        members = [member for member in die.of("member")
                   if member.name() or not member.number("bit_size")]
        test.assertEqual(len(found["members"]), len(members))
        for member, mine in zip(members, found["members"]):
            self.member(member, mine)

    union_type = structure_type

    def member(self, member, mine):
        bit, bits = dwarf.member_bits(self.dies, member, self.big)
        self.test.assertEqual(mine["name"] or "", member.name())
        self.test.assertEqual(mine["bit_offset"], bit)
        if bits == 8 * mine["size"]:
            bits = 0  # all of its type
        self.test.assertEqual(mine["bits"] or 0, bits)
        if not bits:
            self.same(member.type(), mine["type"])

    def enumeration_type(self, die, found):
        self.test.assertEqual(found["name"] or "", die.name())
        self.test.assertEqual(found["size"], die.number("byte_size"))
        self.test.assertEqual(
            [(value["name"], value["value"]) for value in found["values"]],
            [(value.name(), dwarf.signed(value.number("const_value")))
             for value in die.of("enumerator")])

    def array_type(self, die, found):
        for bound in die.of("subrange_type"):
            count = bound.number("count", bound.number("upper_bound", -1) + 1)
            self.test.assertEqual(found["kind"], "array")
            self.test.assertEqual(found["elements"], count)
            number = found["target"]
            found = self.types[number]
        self.same(die.type(), number)

    def subroutine_type(self, die, found):
        self.test.assertEqual(found["kind"], "function")
        self.test.assertEqual(found["variadic"],
                              bool(die.of("unspecified_parameters")))
        arguments = die.of("formal_parameter")
        self.test.assertEqual(len(found["arguments"]), len(arguments))
        for argument, number in zip(arguments, found["arguments"]):
            self.same(argument.type(), number)
        self.same(die.type(), found["target"])

    subprogram = subroutine_type


# --- pages --------------------------------------------------------------------

PLACE = re.compile(r"/\* +(\d+)(?:: *(\d+))? +(\d+) \*/$")
# What pahole says besides, of how it came about.
BESIDES = re.compile(r"Bitfield combined|Force alignment|last struct has"
                     r"|paddings:|orced alignment|Force padding|BRAIN FART")


def blocks(text):
    """What is between braces in column 0: its first line -> the others."""
    found, lines = {}, None
    for line in text.splitlines():
        if lines is None and re.match(r"(struct|union) \w+ \{$", line):
            lines = found.setdefault(line[:-2], [])
        elif line.startswith("}"):
            lines = None
        elif lines is not None:
            lines.append(line)
    return found


def page(lines):
    """The facts of a block: places of members, comments between them.

    pahole repeats members without a tag, from 0 and without a place."""
    facts, begun = [], []
    for line in lines:
        line = re.sub(r"^(\t+)}.*?(/\*.*)?$", r"\1} \2", line)
        if line.endswith("{"):
            begun.append(len(facts))
            continue
        place = PLACE.search(line)
        ended = line.strip().startswith("}")
        if ended and begun:
            start = begun.pop()
            if place is None or not begun and repeated(facts, start, place):
                del facts[start:]
                continue
        if place:
            byte, bit, size = (int(n or 0) for n in place.groups())
            facts.append((8 * byte + bit, size))
        elif line.strip().startswith("/*") and not BESIDES.search(line):
            facts.append(line.strip())
    return facts


def repeated(facts, start, place):
    """The same thing has been there, at another place: it is its repetition."""
    return (int(place[1]) == 0 and start > 0 and facts[start - 1][0] != 0
            and not isinstance(facts[start - 1], str)
            and facts[start - 1][1] == int(place[3]))


class Layout(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def build(self, target, version, compress, debug, crossed=False):
        made = self.tmp / f"{target}-{version}-{debug}-{crossed}.o"
        run("clang", f"--target={target}-unknown-freebsd12", "-std=gnu11", "-w",
            f"-gdwarf-{debug}", "-O0", "-c", SRC, "-o", made)
        section, dies, unit = dwarf.make(made, version, compress,
                                         crossed=crossed)
        (self.tmp / "ctf").write_bytes(section)
        with_types = made.with_suffix(".ko")
        run("llvm-objcopy", "--add-section", f".SUNW_ctf={self.tmp}/ctf", made,
            with_types)
        return made, with_types, dies, unit

    def symbols(self, graph, document, unit):
        """Functions and variables have the types of their DIEs."""
        for kind, tag in (("variables", "variable"),
                          ("functions", "subprogram")):
            dies = {die.name(): die for die in unit.of(tag)}
            self.assertEqual({symbol["name"] for symbol in document[kind]},
                             set(dies))
            for symbol in document[kind]:
                die = dies[symbol["name"]]
                graph.same(die.type() if tag == "variable" else die.offset,
                           symbol["type"])

    def test_every_type_is_as_dwarf_has_it(self):
        compared = 0
        for variant in VARIANTS:
            with self.subTest(variant):
                _, file, dies, unit = self.build(*variant)
                document = json.loads(run(KLDSIM, "types", "--json", "--all",
                                          file))
                self.assertEqual(document["remarks"], [])
                self.assertEqual(document["source"]["version"], variant[1])
                graph = Graph(self, document, dies,
                              document["source"]["big_endian"])
                self.symbols(graph, document, unit)
                compared += len(graph.seen)
                self.assertTrue(test_agree.Agree().agree(file))
        self.assertGreater(compared, 80 * len(VARIANTS))

    def test_made_on_another_machine(self):
        """C-01: in the byte order of the machine that the kernel was built on."""
        for variant in [v for v in VARIANTS if v[0] == "powerpc64"][:1]:
            told = []
            for crossed in (False, True):
                _, file, _, _ = self.build(*variant, crossed)
                told.append(json.loads(run(KLDSIM, "types", "--json", "--all",
                                           file)))
                self.assertTrue(test_agree.Agree().agree(file))
            remark, = told[1]["remarks"]
            self.assertIn("of the other byte order, least significant first",
                          remark["text"])
            for part in "types", "functions", "variables":
                self.assertEqual(*(document[part] for document in told))
                self.assertTrue(told[0][part])

    @unittest.skipUnless(shutil.which("pahole"), "no pahole")
    def test_pages_are_as_pahole_has_them(self):
        for variant in VARIANTS:
            made, file, _, _ = self.build(*variant)
            theirs = blocks(run("pahole", made))
            mine = blocks(run(KLDSIM, "types", file, "*"))
            self.assertEqual(set(mine), set(theirs))
            self.assertGreater(len(mine), 10)
            for name, lines in theirs.items():
                with self.subTest(variant=variant, name=name):
                    facts = page(mine[name])
                    if name.startswith("union "):  # pahole sums up none
                        facts = [fact for fact in facts if fact[0] != "/"]
                    self.assertEqual(facts, page(lines))


def main():
    missing = [tool for tool in ("clang", "llvm-dwarfdump", "llvm-objcopy",
                                 "pahole") if not shutil.which(tool)]
    if missing and missing != ["pahole"]:
        print(f"skipped: no {', '.join(missing)}")
        return 77
    done = unittest.main(exit=False).result
    if not done.wasSuccessful():
        return 1
    if missing:
        print("skipped: a part, for there is no pahole")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
