# SPDX-License-Identifier: BSD-2-Clause
"""kldsim types: what it shows, and of what it complains."""

import gzip
import json
import pathlib
import re
import tarfile
import tempfile
import unittest

import cli
from cli import HOST, OK, REFUSED, USAGE

# Offsets, holes and bit-fields of each kind; sizes worked out by hand.
SPEC = """\
machine: amd64
kind: module
options: {ctf-compress: no}
functions: [{name: foo_output, bind: local}, {name: foo_init, bind: local}]
objects: [{name: foo_count, int: 0, bind: local}]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
  - {kind: integer, name: unsigned int, size: 4}
  - {kind: integer, name: char, size: 1, encoding: signed char}
  - kind: struct
    name: foo
    size: 80
    members:
      - {name: next, type: struct foo *, bit: 0}
      - {name: flags, type: unsigned int, bit: 64, bits: 3}
      - {name: mode, type: enum mode, bit: 96}
      - {name: output, type: output_t *, bit: 128}
      - {name: name, type: 9, bit: 192}
      - {type: 8, bit: 384}
      - {name: count, type: int, bit: 576}
  - {kind: enum, name: mode, constants: [OFF, ON, {name: BROKEN, value: -1}]}
  - {kind: typedef, name: output_t, type: 7}
  - {kind: function, type: int, arguments: [struct foo *, int, 0]}
  - kind: union
    size: 16
    members:
      - {name: word, type: unsigned int, bit: 0}
      - {name: bytes, type: 9, bit: 0}
  - {kind: array, type: char, index: int, elements: 16, size: 16}
  - {kind: float, name: double, size: 8, encoding: double}
  - {kind: forward, name: bar}
  - {kind: typedef, name: either_t, type: 8}
object-types: [{symbol: foo_count, type: int}]
function-types: [{symbol: foo_output, returns: int, arguments: [struct foo *, int]}]
type-labels: [FreeBSD 12.1-RELEASE]
"""

FOO = """\
struct foo {
	struct foo *               next;                 /*     0     8 */
	unsigned int               flags:3;              /*     8: 0  4 */

	/* XXX 29 bits hole, try to pack */

	enum mode                  mode;                 /*    12     4 */
	output_t *                 output;               /*    16     8 */
	char                       name[16];             /*    24    16 */

	/* XXX 8 bytes hole, try to pack */

	union {
		unsigned int       word;                 /*    48     4 */
		char               bytes[16];            /*    48    16 */
	};                                               /*    48    16 */

	/* XXX 8 bytes hole, try to pack */

	/* --- cacheline 1 boundary (64 bytes) was 8 bytes ago --- */
	int                        count;                /*    72     4 */

	/* size: 80, cachelines: 2, members: 7 */
	/* sum members: 56, holes: 2, sum holes: 16 */
	/* sum bitfield members: 3 bits, bit holes: 1, sum bit holes: 29 bits */
	/* padding: 4 */
	/* last cacheline: 16 bytes */
};
"""
MODE = """\
enum mode {
	OFF = 0,
	ON = 1,
	BROKEN = -1,
}; /* 4 bytes, 3 values */
"""
EITHER = """\
typedef union {
	unsigned int               word;                 /*     0     4 */
	char                       bytes[16];            /*     0    16 */

	/* size: 16, cachelines: 1, members: 2 */
	/* last cacheline: 16 bytes */
} either_t;
"""

# NAMEs, and what is shown
SHOWN = [
    (["foo"], FOO),
    (["struct foo"], FOO),
    (["struct   fo?"], FOO),
    (["mode"], MODE),
    (["either_t"], EITHER),
    (["int"], "int; /* integer, 4 bytes, 32 bits, signed */\n"),
    (["char"], "char; /* integer, 1 byte, 8 bits, signed, char */\n"),
    (["double"], "double; /* float, 8 bytes, 64 bits */\n"),
    (["typedef output_t"], "typedef int output_t(struct foo *, int, ...);\n"),
    (["struct bar"], "struct bar; /* or union, or enum: a tag without members "
     "here */\n"),
    (["foo_count"], "int foo_count; /* 4 bytes */\n"),
    (["foo_output"], "int foo_output(struct foo *, int);\n"),
    (["foo_*"], "int foo_count; /* 4 bytes */\n"
     "int foo_output(struct foo *, int);\n"),
    (["foo_output", "mode", "foo_*", "mode"], MODE +
     "\nint foo_output(struct foo *, int);\nint foo_count; /* 4 bytes */\n"),
    (["mode", "foo"], MODE + "\n" + FOO),
    (["[di]*"], "int; /* integer, 4 bytes, 32 bits, signed */\n"
     "double; /* float, 8 bytes, 64 bits */\n"),
]

# arguments, exit status, what the message has
WRONG = [
    ([], USAGE, "which FILE?"),
    (["--nonsense", "{file}"], USAGE, "unknown option --nonsense"),
    (["-x", "{file}"], USAGE, "unknown option -x"),
    (["{file}", "-c"], USAGE, "option --cacheline needs a value"),
    (["-c", "0", "{file}"], USAGE, "option --cacheline: '0' is not"),
    (["--cacheline=x", "{file}"], USAGE, "option --cacheline: 'x' is not"),
    (["--limit", "types", "{file}"], USAGE, "option --limit: 'types' is not"),
    (["--limit", "types=0", "{file}"], USAGE, "'types=0' is not NAME=N"),
    (["--limit", "type=1", "{file}"], USAGE, "'type=1' is not NAME=N"),
    (["/missing"], HOST, "/missing: No such file"),
    ([__file__], HOST, "test_types.py: not an ELF file"),
    (["--limit", "types=3", "{file}"], HOST, "over the limit types=3"),
    (["{file}", "nobody"], REFUSED,
     "{file}: no type, variable or function nobody"),
    (["{file}", "union foo"], REFUSED, "no type, variable or function union"),
    (["{file}", "foo_init"], REFUSED, "function foo_init"),  # has no type
    (["{bare}"], REFUSED, "{bare}: no types: there is no section .SUNW_ctf"),
    (["{broken}"], HOST, ".SUNW_ctf, offset 0x3c: type 1 has kind 14"),
]


class Types(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)
        self.file = self.make("foo.ko", SPEC)

    def make(self, name, spec):
        (self.tmp / "spec.yaml").write_text(spec)
        done = cli.run("synth", self.tmp / "spec.yaml", "-o", self.tmp / name)
        self.assertEqual(done.status, OK, done.err)
        return self.tmp / name

    def types(self, status, *args):
        done = cli.run("types", *args)
        self.assertEqual(done.status, status, done.err + done.out)
        return done

    def test_names(self):
        for names, shown in SHOWN:
            with self.subTest(names):
                done = self.types(OK, self.file, *names)
                self.assertEqual(done.out, shown)
                self.assertEqual(done.err, "")

    def test_summary(self):
        first, rest = self.types(OK, self.file).out.split("\n", 1)
        self.assertRegex(first, rf"^{self.file}: CTF v2, \d+ bytes$")
        self.assertEqual(rest, """\
  label      FreeBSD 12.1-RELEASE
  types      15
    integer    4
    float      1
    pointer    2
    array      1
    function   1
    struct     1
    union      1
    enum       1
    forward    1
    typedef    2
  variables  1 of 1 with a type
  functions  1 of 2 with a type
""")

    def test_what_a_file_is_in(self):
        """A kernel may be compressed, or in a folder or archive; so may be FILE."""
        kernel = self.make("kernel", SPEC.replace("kind: module", "kind: kernel"))
        want = self.types(OK, kernel, "foo").out
        places = [self.tmp]
        packed = self.tmp / "k.gz"
        packed.write_bytes(gzip.compress(kernel.read_bytes()))
        if "built without libarchive" not in cli.run("types", packed).err:
            with tarfile.open(self.tmp / "k.tar", "w") as archive:
                archive.add(kernel, "boot/kernel/kernel")
                archive.add(self.file, "boot/kernel/foo.ko")
            places += [packed, self.tmp / "k.tar",
                       f"{self.tmp}/k.tar:boot/kernel/foo.ko"]
        for place in places:
            with self.subTest(place):
                self.assertEqual(self.types(OK, place, "foo").out, want)

    def test_compressed_and_verbose(self):
        file = self.make("b.ko", SPEC.replace(
            "ctf-compress: no", "ctf-compress: yes, ctf-version: 3"))
        out = self.types(OK, file).out
        self.assertRegex(out, r"^\S+: CTF v3, \d+ bytes compressed, \d+ bytes "
                         "without that\n")
        done = self.types(OK, "-v", file, "unsigned*")
        self.assertRegex(done.out, re.compile(
            r"^/\* type 2, at 0x\w+ \*/\n"
            r"unsigned int; /\* integer, 4 bytes, 32 bits \*/\n"
            r"/\* type \d+, at 0x\w+ \*/\n"
            r"unsigned int bitfield; /\* integer, 4 bytes, 3 bits \*/\n$"))
        done = self.types(OK, "-v", file, "foo_output")
        self.assertRegex(done.out, r"^/\* symbol \d+, type 16 \*/\n"
                         r"int foo_output\(struct foo \*, int\);\n$")

    def test_cache_lines(self):
        out = self.types(OK, "-c", "32", self.file, "foo").out
        self.assertIn("/* --- cacheline 1 boundary (32 bytes) was 16 bytes ago "
                      "--- */\n\tunion {\n", out)
        self.assertIn("/* --- cacheline 2 boundary (64 bytes) was 8 bytes ago "
                      "--- */\n\tint  ", out)
        self.assertIn("/* size: 80, cachelines: 3, members: 7 */", out)

    def test_all(self):
        lines = self.types(OK, "-a", self.file).out.splitlines()
        for line in ("struct foo *; /* 8 bytes */", "char[16]; /* 16 bytes */",
                     "int (struct foo *, int, ...);", "union {",
                     "int foo_output(struct foo *, int);",
                     "int foo_count; /* 4 bytes */"):
            self.assertIn(line, lines)

    def test_remarks(self):
        """C-51: told with -v, counted without."""
        file = self.make("odd.ko", SPEC.replace(
            "name: foo\n    size: 80", "name: foo\n    size: 76"))
        self.assertNotIn("remark", self.types(OK, file).out)
        file = self.make("odd.ko", SPEC.replace(
            "name: foo\n    size: 80", "name: foo\n    size: 72"))
        self.assertIn("  remarks    1, which -v tells\n",
                      self.types(OK, file).out)
        self.assertNotIn("remark", self.types(OK, "-q", file).out)
        self.assertRegex(self.types(OK, "-v", file).out,
                         r"\nremark: 0x\w+: struct foo: member count ends at "
                         r"bit 608 of 576 \(C-51\)\n$")

    def test_symbols_in_another_order(self):
        """C-24: they have no types, and it is said why."""
        file = self.make("b.ko", SPEC.replace(
            "{name: foo_init, bind: local}", "foo_init"))
        self.assertIn("  variables  0 of 1 with a type: some of its symbols are "
                      "local and some are not, so they may stand in another "
                      "order than their types (C-24)\n",
                      self.types(OK, file).out)
        self.types(REFUSED, file, "foo_output")
        self.assertEqual(self.types(OK, file, "foo").out, FOO)

    def test_wrong(self):
        files = {"file": self.file,
                 "bare": self.make("bare.ko", "machine: amd64\nkind: module\n"),
                 "broken": self.make("broken.ko", SPEC + "overrides: "
                                     "{'ctf_type[1].kind': 14}\n")}
        for words, status, message in WRONG:
            with self.subTest(words):
                done = self.types(status, *[word.format(**files)
                                            for word in words])
                self.assertEqual(done.out, "")
                self.assertIn(message.format(**files), done.err)
                self.assertTrue(done.err.startswith("kldsim: "))
                if words[-1:] == ["{broken}"]:
                    self.failure(files["broken"], done.err)

    def failure(self, file, complaint):
        """The same as JSON; the offset is that of the info word."""
        done = self.types(HOST, "--json", file)
        cli.validate(done.json(), "types")
        error = done.json()["error"]
        self.assertEqual(error["status"], "malformed file")
        self.assertEqual(f"kldsim: {file}: {error['message']}\n", complaint)
        at = int(error["offset"], 0)
        self.assertEqual(file.read_bytes()[at:at + 2], b"\x01\x74")
        done = self.types(REFUSED, "--json", file.with_name("bare.ko"))
        cli.validate(done.json(), "types")
        self.assertEqual(done.json()["error"]["offset"], None)

    def test_help(self):
        done = self.types(OK, "--help")
        self.assertIn("usage: kldsim types [options] FILE [NAME...]\n",
                      done.out)
        for option in ("-a, --all", "-c, --cacheline N", "--json",
                       "--limit NAME=N", "-q, --quiet", "-v, --verbose"):
            self.assertIn(option, done.out)

    def test_hostile_names(self):
        """Nothing unprintable comes out, and columns stay."""
        file = self.make("h.ko", "machine: amd64\nkind: module\ntypes:\n"
                         "  - {kind: struct, name: \"a\\e[1m\\n(\", size: 4, "
                         "members: [{name: \"\\x01(\", type: 2, bit: 0}]}\n"
                         "  - {kind: integer, name: \"\\tint\", size: 4}\n")
        out = self.types(OK, file, "*").out
        self.assertIn("struct a\\x1b[1m\\x0a( {\n\t\\x09int ", out)
        self.assertIn(" \\x01(;", out)

    def test_what_is_long_or_deep(self):
        """A name of many columns, an enum that may have more (C-17), members
        that are more than there are."""
        types = ["{kind: integer, name: int, size: 4, encoding: signed}",
                 f"{{kind: struct, name: {1000 * 'x'}, size: 4}}",
                 "{kind: struct, name: holder, size: 24, members: ["
                 "{name: m, type: LONG, bit: 0}, {name: p, type: 4, bit: 64}, "
                 "{name: e, type: enum many, bit: 128}]}",
                 "{kind: pointer, type: 4}",
                 "{kind: enum, name: many, constants: ["
                 + ", ".join(f"A{i}" for i in range(1023)) + "]}",
                 "{kind: struct, name: top, size: 4, members: ["
                 "{type: 7, bit: 0}]}"]
        for number in range(7, 27):
            types.append("{kind: struct, size: 4, members: [{type: %d, bit: 0}, "
                         "{type: %d, bit: 0}]}" % (number + 1, number + 1))
        types.append("{kind: struct, size: 4, members: [{name: a, type: int, "
                     "bit: 0}]}")
        # Five names of 1000 are more than a line has.
        types.append("{kind: function, type: int, arguments: [2, 2, 2, 2, 2]}")
        types.append("{kind: pointer, type: %d}" % len(types))
        types[2] = types[2].replace("LONG", str(len(types)))
        file = self.make("long.ko", "machine: amd64\nkind: module\n"
                         "type-parent: {label: L, name: kernel}\ntypes:\n"
                         + "".join(f"  - {kind}\n" for kind in types))
        self.assertIn("\n  parent     kernel, which has some of the types\n",
                      self.types(OK, file).out)
        out = self.types(OK, file, "holder").out
        self.assertRegex(out, r"\tint +\(\*m\)\((struct x{1000}, )+struct "
                         r"x+\.\.\.; +/\* +0 +8 \*/\n")
        self.assertRegex(out, r"\t\.\.\. \*+ p; +/\* +8 +8 \*/\n")
        self.assertIn("\tA1022 = 1022,\n/* and maybe more: version 2 of CTF has "
                      "room for so many */\n",
                      self.types(OK, file, "many").out)
        self.assertTrue(self.types(OK, file, "top").out.endswith(
            "\t/* and so on: more than 100000 members */\n};\n"))

    def test_bit_fields_without_holes(self):
        file = self.make("b.ko", "machine: arm64\nkind: module\ntypes:\n"
                         "  - {kind: integer, name: int, size: 4}\n"
                         "  - {kind: struct, name: s, size: 4, members: ["
                         "{name: a, type: int, bit: 0, bits: 30}, "
                         "{name: b, type: int, bit: 30, bits: 2}]}\n")
        self.assertEqual(self.types(OK, file, "s").out, """\
struct s {
	int                        a:30;                 /*     0: 0  4 */
	int                        b:2;                  /*     0:30  4 */

	/* size: 4, cachelines: 1, members: 2 */
	/* sum members: 0 */
	/* sum bitfield members: 32 bits */
	/* last cacheline: 4 bytes */
};
""")

    # --- JSON ---

    def json(self, status, *args):
        done = self.types(status, "--json", *args)
        cli.validate(done.json(), "types")
        return done.json()

    def test_json(self):
        document = self.json(OK, self.file, "foo", "mode", "foo_*")
        foo, mode = document["types"]
        self.assertEqual(
            [(m["name"], m["bit_offset"], m["bits"], m["size"],
              m["hole_bits"], m["hole_bytes"]) for m in foo["members"]],
            [("next", 0, None, 8, 0, 0), ("flags", 64, 3, 4, 0, 0),
             ("mode", 96, None, 4, 29, 0), ("output", 128, None, 8, 0, 0),
             ("name", 192, None, 16, 0, 0), (None, 384, None, 16, 0, 8),
             ("count", 576, None, 4, 0, 8)])
        self.assertEqual(foo["layout"], {
            "cachelines": 2, "sum_members": 56, "sum_bitfield_bits": 3,
            "holes": 2, "sum_holes": 16, "bit_holes": 1, "sum_bit_holes": 29,
            "padding": 4, "bit_padding": 0})
        self.assertEqual(mode["values"], [{"name": "OFF", "value": 0},
                                          {"name": "ON", "value": 1},
                                          {"name": "BROKEN", "value": -1}])
        self.assertEqual([v["text"] for v in document["variables"]],
                         ["int foo_count"])
        self.assertEqual([f["text"] for f in document["functions"]],
                         ["int foo_output(struct foo *, int)"])
        self.assertEqual(document["counts"], {
            "types": 15, "variables": 1, "untyped_variables": 0,
            "functions": 1, "untyped_functions": 1})
        self.assertEqual(document["source"]["label"], "FreeBSD 12.1-RELEASE")

    def test_json_of_everything(self):
        document = self.json(OK, "-a", self.file)
        self.assertEqual([found["id"] for found in document["types"]],
                         list(range(1, 17)))
        self.assertEqual({found["kind"] for found in document["types"]},
                         {"integer", "float", "pointer", "array", "function",
                          "struct", "union", "enum", "forward", "typedef"})
        self.assertEqual([found["made"] for found in document["types"]],
                         [False] * 15 + [True])

    def test_json_of_nothing(self):
        document = self.json(OK, self.file)
        self.assertEqual(document["types"], [])
        document = self.json(REFUSED, self.file, "nobody", "foo")
        self.assertEqual(document["missing"], ["nobody"])
        self.assertEqual(len(document["types"]), 1)

    def test_example(self):
        """The document that people are shown is what is written today."""
        text = (cli.SRC / "docs/kldsim.types.example.json").read_text()
        document = self.json(OK, self.file, "foo", "foo_*")
        document["file"] = "foo.ko"
        self.assertEqual(json.loads(text), document)


if __name__ == "__main__":
    unittest.main()
