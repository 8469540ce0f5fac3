# SPDX-License-Identifier: BSD-2-Clause
"""kldsim types --types dwarf shows what the compiler made.

W-01, W-03, W-04, W-06, W-07: layout.c by clang and gcc, in versions 2 to 5 of DWARF, compressed and not,
relocatable (W-30) and linked (W-31), of both byte orders: compared DIE by DIE with
llvm-dwarfdump, line by line with pahole(1), and with CTF of the same DIEs.
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

import dwarf
import kbi
import test_layout
from sample import sample
from test_layout import KLDSIM, SRC, Graph, run

# compiler, target, version of DWARF, compressed by, linked
VARIANTS = [("clang", "x86_64", 4, None, False),
            ("clang", "x86_64", 2, "zlib", False),
            ("clang", "x86_64", 5, "zlib-gnu", False),
            ("clang", "x86_64", 5, "zstd", False),
            ("clang", "x86_64", 4, "zlib", True),
            ("clang", "powerpc64", 2, None, False),
            ("clang", "powerpc64", 5, "zlib", False),
            ("clang", "powerpc64", 4, None, True),
            ("clang", "powerpc", 4, "zlib", False),
            ("clang", "i386", 2, None, False),
            ("clang", "aarch64", 5, None, True),
            ("clang", "armv7", 4, None, False),
            ("gcc", None, 2, None, False), ("gcc", None, 4, "zlib", False),
            ("gcc", None, 5, None, True)]


class Dies(Graph):
    """DWARF has nothing for void, where CTF has an integer; and char's sign."""

    def encoding(self, die):
        return dwarf.ENCODINGS[die.attributes["encoding"]]

    def same(self, die, number):
        if die is None:
            self.test.assertFalse(number)
        else:
            super().same(die, number)


def zdebug(path):
    """W-32: .debug_* become .zdebug_*, as GNU tools of old compressed them."""
    elf = dwarf.Elf(path)
    names = elf.sections()
    strings = names[elf.unpack("H", 0x3e)[0]][4]
    for section in names:
        start = strings + section[0]
        name = elf.bytes[start:elf.bytes.index(b"\0", start)].decode()
        if name not in (".debug_info", ".debug_str", ".debug_abbrev"):
            continue
        data = elf.bytes[section[4]:section[4] + section[5]]
        part = path.with_suffix(".part")
        part.write_bytes(b"ZLIB" + struct.pack(">Q", len(data)) +
                         zlib.compress(data))
        run("llvm-objcopy", f"--update-section={name}={part}", path)
        run("llvm-objcopy",
            f"--rename-section={name}={name.replace('.d', '.zd', 1)}", path)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def compile(self, source, compiler, target, version, *more):
        made = self.tmp / f"{source.stem}-{compiler}-{target}-{version}.o"
        run(compiler, *([f"--target={target}-unknown-freebsd13"] if target
                        else []), "-std=gnu11", "-w", "-ffreestanding",
            "-fno-stack-protector", "-fno-pic", f"-gdwarf-{version}", "-O0",
            "-c", source, "-o", made, *more)
        return made

    def build(self, compiler, target, version, packed, linked):
        """The file to be read, and a plain one for tools that read less."""
        plain = self.compile(SRC, compiler, target, version)
        if linked:
            made = plain.with_suffix(".so")
            run("ld.lld", "-shared", "-z", "notext", plain, "-o", made)
            plain = made
        made = plain.with_suffix(".packed")
        if packed == "zlib":
            run("llvm-objcopy", "--compress-debug-sections=zlib", plain, made)
        elif packed == "zlib-gnu":
            shutil.copy(plain, made)
            zdebug(made)
        elif packed == "zstd":
            run("clang", "-x", "c", "-std=gnu11", "-w", "-c", SRC, "-o", made,
                f"--target={target}-unknown-freebsd13", f"-gdwarf-{version}",
                "-ffreestanding", "-O0")
            if not zstd(made):
                self.skipTest("no zstd(1)")
        else:
            made = plain
        return made, plain

    def document(self, file, *more):
        return json.loads(run(KLDSIM, "types", "--json", "--all", *more, file))


def zstd(path):
    """.debug_str becomes an ELFCOMPRESS_ZSTD section."""
    if not shutil.which("zstd"):
        return False
    data = bytearray(path.read_bytes())
    elf = dwarf.Elf(path)
    shoff, = elf.unpack("Q", 0x28)
    strings = elf.sections()[elf.unpack("H", 0x3e)[0]][4]
    for number, section in enumerate(elf.sections()):
        start = strings + section[0]
        if elf.bytes[start:start + 11] != b".debug_str\0":
            continue
        plain = elf.bytes[section[4]:section[4] + section[5]]
        packed = struct.pack("<IIQQ", 2, 0, len(plain), 1) + subprocess.run(
            ["zstd", "-c", "--no-check"], input=plain, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        # At the end of the file, with SHF_COMPRESSED.
        struct.pack_into("<Q", data, shoff + 64 * number + 8,
                         section[2] | 0x800)
        struct.pack_into("<QQ", data, shoff + 64 * number + 24, len(data),
                         len(packed))
        path.write_bytes(data + packed)
        return True
    return False


class Layout(Case):
    def test_every_type_is_as_llvm_dwarfdump_has_it(self):
        for variant in sample(VARIANTS, 6):
            with self.subTest(variant):
                file, plain = self.build(*variant)
                dies, unit = dwarf.dump(plain)
                document = self.document(file)
                self.assertEqual(document["source"]["format"], "DWARF")
                self.assertEqual(document["source"]["version"], variant[2])
                self.assertEqual(document["remarks"], [])
                graph = Dies(self, document, dies,
                             document["source"]["big_endian"])
                test_layout.Layout.symbols(self, graph, document, unit)
                self.types(graph, document, dies)
                self.assertGreater(len(graph.seen), 80)

    def types(self, graph, document, dies):
        """What has a tag or a name, has a type."""
        found = {(t["kind"], t["name"]): t["id"] for t in document["types"]
                 if t["name"]}
        kinds = {"structure_type": "struct", "union_type": "union",
                 "enumeration_type": "enum", "typedef": "typedef"}
        for die in list(dies.values()):
            if die.tag in kinds and die.name() and \
                    "declaration" not in die.attributes:
                graph.same(die.offset, found[kinds[die.tag], die.name()])

    @unittest.skipUnless(shutil.which("pahole"), "no pahole")
    def test_pages_are_as_pahole_has_them(self):
        for variant in sample([v for v in VARIANTS if not v[4]], 4):
            file, plain = self.build(*variant)
            theirs = test_layout.blocks(run("pahole", plain))
            mine = test_layout.blocks(run(KLDSIM, "types", file, "*"))
            self.assertEqual(set(mine), set(theirs))
            if variant[0] == "gcc":  # "int l : 32" is a bit-field there alone
                del theirs["struct bits"]
            for name, lines in theirs.items():
                with self.subTest(variant=variant, name=name):
                    facts = test_layout.page(mine[name])
                    if name.startswith("union "):  # pahole sums up none
                        facts = [fact for fact in facts if fact[0] != "/"]
                    self.assertEqual(facts, test_layout.page(lines))


class Agreement(Case):
    """I-13: CTF and DWARF of one source are one graph."""

    def facts(self, document):
        """Types by kind and name; what CTF cannot say is left out."""
        facts = {}
        for t in document["types"]:
            # void is CTF's integer; a bit-field's clone is CTF's alone.
            if not t["name"] or t["name"] == "void" or not t["root"]:
                continue
            # I-13: a tag without members has no kind in CTF.
            kind = "tag" if t["kind"] == "forward" else t["kind"]
            facts.setdefault((kind, t["name"]), []).append(
                # C-13: of char, CTF has another sign.
                (t["size"], None if t["name"] == "char" else t["encoding"],
                 [(m["name"], m["bit_offset"], m["bits"], m["size"],
                   # C-13: a bit-field's type has no typedef.
                   None if m["bits"] else m["text"]) for m in t["members"] or []],
                 t["values"], t["text"]))
        for kind in facts:  # what arrays are indexed by is CTF's alone
            facts[kind] = [fact for n, fact in enumerate(facts[kind])
                           if fact not in facts[kind][:n]]
        for kind in "variables", "functions":
            facts[kind] = sorted((symbol["name"], symbol["text"])
                                 for symbol in document[kind])
        return facts

    def test_one_graph(self):
        for target, version in sample([("x86_64", 4), ("powerpc64", 2),
                                       ("i386", 5)], 1):
            made = self.compile(SRC, "clang", target, version)
            section, _, _ = dwarf.make(made, 3, 1)
            (self.tmp / "ctf").write_bytes(section)
            run("llvm-objcopy", "--add-section",
                f".SUNW_ctf={self.tmp}/ctf", made)
            ctf = self.document(made)
            dies = self.document(made, "--types", "dwarf")
            self.assertEqual(ctf["source"]["format"], "CTF")
            self.assertEqual(dies["source"]["format"], "DWARF")
            self.assertEqual(self.facts(ctf), self.facts(dies))


BITS = "struct s { char pad[16]; unsigned a : 3, b : 5, c : 1; } s;\n"
UNIT = "struct {0} {{ int in_{0}; }} {0}; int f_{0}(struct {0} *p)" \
    "{{ return p->in_{0}; }}\n"


class Vectors(Case):
    def source(self, name, text):
        (self.tmp / name).write_text(text)
        return self.tmp / name

    def test_x05_bit_fields(self):
        """128, 131, 136: worked out in X-05, for both encodings."""
        source = self.source("bits.c", BITS)
        for compiler, target, version, attribute in (
                ("clang", "x86_64", 2, "bit_offset"),
                ("gcc", None, 5, "data_bit_offset")):
            made = self.compile(source, compiler, target, version)
            self.assertIn(f"DW_AT_{attribute}", run("llvm-dwarfdump", made))
            members = next(t["members"] for t in self.document(made)["types"]
                           if t["name"] == "s")
            self.assertEqual(
                [(m["name"], m["bit_offset"], m["bits"]) for m in members[1:]],
                [("a", 128, 3), ("b", 131, 5), ("c", 136, 1)])

    def test_type_units(self):
        """W-01: gcc says of a structure in one nothing but its signature."""
        source = self.source("units.c", "struct in { int a; };"
                             "struct out { struct in in; } out;"
                             "int f(struct out *p) { return (p->in.a); }")
        for version in 4, 5:
            made = self.tmp / "units.so"
            run("ld.bfd", "-shared", "-z", "notext", "-o", made, self.compile(
                source, "gcc", None, version, "-fdebug-types-section",
                "-fPIC"))
            document = self.document(made)
            self.assertEqual([symbol["text"] for symbol in
                              document["variables"] + document["functions"]],
                             ["struct out out", "int f(struct out *)"])

    def test_signs_of_constants(self):
        """W-03: as C has them, whoever has compiled it."""
        source = self.source("signs.c", """
            enum many { LAST = 0xffffffff } m;
            enum small { MOST = 255 } __attribute__((packed)) s;
            enum less { MINUS = -1, PLUS = 0x7fffffff } l;
            """)
        for compiler, version in (("clang", 4), ("gcc", 2), ("gcc", 5)):
            types = self.document(self.compile(
                source, compiler, "x86_64" if compiler == "clang" else None,
                version))["types"]
            self.assertEqual(
                {c["name"]: c["value"] for t in types
                 for c in t["values"] or []},
                {"LAST": 0xffffffff, "MOST": 255, "MINUS": -1,
                 "PLUS": 0x7fffffff}, (compiler, version))

    def test_x07_units_of_a_relocatable_file(self):
        """W-30, W-41: else both units would have the names of the first."""
        parts = [self.compile(self.source(f"{n}.c", UNIT.format(n)), "clang",
                              "x86_64", 4) for n in ("one", "two")]
        for merged in True, False:
            made = self.tmp / "both.o"
            run("ld.lld" if merged else "ld.bfd", "-r", "-O2", *parts, "-o",
                made)
            document = self.document(made)
            self.assertEqual(
                {t["name"]: [m["name"] for m in t["members"]]
                 for t in document["types"] if t["kind"] == "struct"},
                {"one": ["in_one"], "two": ["in_two"]})
            self.assertEqual(
                [symbol["text"] for symbol in document["functions"]],
                ["int f_one(struct one *)", "int f_two(struct two *)"])

    def broken(self, change):
        parts = [self.compile(self.source(f"{n}.c", UNIT.format(n)), "clang",
                              "x86_64", 4, "-fno-ident")
                 for n in ("one", "two", "three")]
        made = self.tmp / "three.so"
        run("ld.lld", "-shared", "-z", "notext", *parts, "-o", made)
        data = bytearray(made.read_bytes())
        elf = dwarf.Elf(made)
        strings = elf.sections()[elf.unpack("H", 0x3e)[0]][4]
        at = next(s[4] for s in elf.sections() if elf.bytes[
            strings + s[0]:][:12] == b".debug_info\0")
        second = at + 4 + elf.unpack("I", at)[0]
        change(data, second)
        made.write_bytes(data)
        return self.document(made)

    def test_one_bad_unit_is_said_and_the_rest_is_used(self):
        """W-44"""
        def version(data, unit):
            data[unit + 4] = 77

        def dies(data, unit):
            data[unit + 11] = 0x7f  # no such abbreviation

        for change, why in (version, "another version"), (dies, "DIE at"):
            document = self.broken(change)
            self.assertEqual({t["name"] for t in document["types"]
                              if t["kind"] == "struct"}, {"one", "three"})
            remark, = document["remarks"]
            self.assertIn("not readable", remark["text"])
            self.assertIn(why, remark["text"])
            self.assertEqual(remark["rules"], "W-44")

    def test_depth_has_an_end(self):
        """W-43: blocks in blocks, deeper than anybody writes."""
        deep = "".join(f"{{ volatile int v{n} = {n};" for n in range(240))
        parts = []
        for name, text in (("deep", deep + "{ volatile int w = 1;" * 60 +
                            "}" * 60), ("fine", deep)):
            parts.append(self.compile(self.source(
                f"{name}.c", f"struct {name} {{ int i; }} x_{name}; "
                f"void f_{name}(void) {{ {text} {'}' * 240} }}\n"), "clang",
                "x86_64", 4, "-fbracket-depth=500"))
        made = self.tmp / "deep.o"
        run("ld.lld", "-r", *parts, "-o", made)
        document = self.document(made)
        self.assertEqual([t["name"] for t in document["types"]
                          if t["kind"] == "struct"], ["fine"])
        self.assertIn("too deep", document["remarks"][0]["text"])

    def test_same_types_of_many_units_are_one(self):
        text = "struct shared {{ struct shared *next; int {0}; }};" \
            "struct shared *of_{1}(void) {{ return 0; }}\n"
        parts = [self.compile(self.source(f"m{n}.c", text.format(
            "odd" if n == 2 else "even", n)), "clang", "x86_64", 4)
            for n in range(4)]
        made = self.tmp / "many.o"
        run("ld.lld", "-r", *parts, "-o", made)
        shared = [t for t in self.document(made)["types"]
                  if t["kind"] == "struct"]
        self.assertEqual([[m["name"] for m in t["members"]] for t in shared],
                         [["next", "even"], ["next", "odd"]])  # I-30


    def test_a_whole_type_wins_over_a_declaration(self):
        """W-05"""
        texts = ("struct whole; int a(struct whole *p) { return p != 0; }\n",
                 "struct whole { int in; }; struct whole w;\n")
        parts = [self.compile(self.source(f"w{n}.c", text), "clang", "x86_64",
                              5) for n, text in enumerate(texts)]
        made = self.tmp / "whole.o"
        run("ld.lld", "-r", *parts, "-o", made)
        document = self.document(made)
        types = {t["id"]: t for t in document["types"]}
        argument, = types[document["functions"][0]["type"]]["arguments"]
        self.assertEqual(types[types[argument]["target"]]["kind"], "struct")
        self.assertFalse([t for t in types.values()
                          if t["kind"] == "forward"])


class DebugFiles(Case):
    """W-33"""

    def split(self):
        source = self.tmp / "m.c"
        source.write_text(UNIT.format("split"))
        file = self.tmp / "m.ko"
        debug = self.tmp / "m.ko.debug"
        made = self.compile(source, "clang", "x86_64", 4)
        run("llvm-objcopy", "--only-keep-debug", made, debug)
        run("llvm-objcopy", "--strip-debug", f"--add-gnu-debuglink={debug}",
            made, file)
        return file, debug

    def types(self, *words):
        done = subprocess.run([KLDSIM, "types", *map(str, words)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_where_it_is(self):
        file, debug = self.split()
        self.assertIn("functions  1 of 1", self.types(file)[1])
        for folder in (self.tmp / ".debug",
                       pathlib.Path(f"{self.tmp}/root{self.tmp}")):
            folder.mkdir(parents=True)
            debug = debug.rename(folder / debug.name)
            status, said = self.types("--debug-root", self.tmp / "root", file,
                                      "struct split")
            self.assertEqual((status, said.count("in_split")), (0, 1), said)
        other = debug.rename(self.tmp / "elsewhere")
        status, said = self.types(file)
        self.assertEqual(status, 1)
        self.assertIn("m.ko.debug", said)
        self.assertEqual(self.types("--debug-file", f"m.ko={other}", file)[0],
                         0)

    def test_of_another_build(self):
        file, debug = self.split()
        debug.write_bytes(debug.read_bytes() + b"\0")
        status, said = self.types(file)
        self.assertEqual(status, 1)
        self.assertIn("another build (CRC)", said)

    def test_by_build_id(self):
        made = self.compile(SRC, "clang", "x86_64", 4)
        linked = self.tmp / "k.so"
        run("ld.lld", "-shared", "-z", "notext", "--build-id=sha1", made,
            "-o", linked)
        number = run("llvm-readelf", "-n", linked).split("Build ID: ")[1][:40]
        debug = self.tmp / f"root/.build-id/{number[:2]}/{number[2:]}.debug"
        debug.parent.mkdir(parents=True)
        run("llvm-objcopy", "--only-keep-debug", linked, debug)
        run("llvm-objcopy", "--strip-debug", linked)
        status, said = self.types("--debug-root", self.tmp / "root", linked)
        self.assertEqual(status, 0, said)
        self.assertIn("DWARF v4", said)


if __name__ == "__main__":
    sys.exit(kbi.main(KLDSIM, "clang", "llvm-dwarfdump", "llvm-objcopy",
                      "ld.lld", "ld.bfd"))
