# SPDX-License-Identifier: BSD-2-Clause
"""kldsim ddb: scripts, options, and DDB's grammar by a second evaluator.

The evaluator here was written from docs/inspect-semantics.md, B-41 to B-49,
and descends level by level, which ours does not.
"""

import ctypes.util
import json
import os
import pathlib
import pty
import random
import select
import struct
import subprocess
import tempfile
import unittest

import cli
from sample import FULL, sample
from cli import HOST, OK, REFUSED, USAGE

KERNEL = cli.FIXTURES / "boot/kernel/kernel"
MODULE = cli.FIXTURES / "boot/kernel/fx_vnet.ko"
CACHE = pathlib.Path(os.environ["KLDSIM_BUILD"], "CMakeCache.txt").read_text()
LATE = "\nKLDSIM_LATE:BOOL=ON\n" in CACHE
EDITS = ("\nKLDSIM_LIBEDIT:BOOL=ON\n" in CACHE and
         "KLDSIM_edit_INCLUDE-NOTFOUND" not in CACHE and
         ctypes.util.find_library("edit"))


class Refused(Exception):
    """DDB complains, and goes back to its prompt."""


class Unknown(Exception):
    """It depends on where the kernel is."""


class Ddb:
    """An evaluator of expressions without names."""

    LEVELS = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">="],
              ["<<", ">>"], ["+", "-", "|"], ["*", "/", "%", "#", "&"]]
    LEVELS_9 = [["<<", ">>"], ["+", "-"], ["*", "/", "%", "#"]]

    def __init__(self, bits, old, dot, prev):
        self.bits, self.old, self.dot, self.prev = bits, old, dot, prev
        self.levels = self.LEVELS_9 if old else self.LEVELS
        self.prefixes = "-*" if old else "-!~*"

    def wrap(self, value):
        value &= (1 << self.bits) - 1
        return value - (value >> self.bits - 1 << self.bits)

    def complain(self, operator):
        raise Refused("Syntax error" if self.old else
                      f"Expression syntax error after '{operator}'")

    def evaluate(self, tokens):
        """The value, None if there is no expression."""
        self.tokens = list(tokens)
        return self.level(0)

    def take(self, wanted):
        if self.tokens and self.tokens[0] in wanted:
            return self.tokens.pop(0)
        return None

    def level(self, n):
        if n == len(self.levels):
            return self.unary()
        left = self.level(n + 1)
        if left is None:
            return None
        while operator := self.take(self.levels[n]):
            last = n == len(self.levels) - 1
            right = self.term() if last else self.level(n + 1)
            if right is None:
                self.complain(operator)
            left = self.wrap(self.compute(operator, left, right))
        return left

    def unary(self):
        operator = self.take(self.prefixes)
        if operator is None:
            return self.term()
        value = self.unary()
        if value is None:
            self.complain(operator)
        if operator == "*":
            address = value & (1 << self.bits) - 1
            if address >= 4096:
                raise Unknown
            raise Refused(f"*** error reading from address {address:x} ***")
        return self.wrap({"-": -value, "!": int(value == 0),
                          "~": ~value}[operator])

    def term(self):
        if self.take("("):
            value = self.level(0)
            if value is None:
                self.complain("(")
            if not self.take(")"):
                raise Refused("Syntax error" if self.old else
                              "Expression syntax error -- expected ')'")
            return value
        if not self.tokens:
            return None
        token = self.tokens[0]
        if token in (".", "+", "..", '"'):
            self.tokens.pop(0)
            return self.prev if token == ".." else self.dot
        if not token[0].isdigit():
            return None
        self.tokens.pop(0)
        base = {"0x": 16, "0t": 10, "0o": 8}.get(token[:2].lower())
        return self.wrap(int(token[2:], base) if base else int(token, 16))

    def compute(self, operator, a, b):
        mask = (1 << self.bits) - 1
        if operator in ("<<", ">>"):
            if b < 0:
                raise Refused("Negative shift amount" +
                              ("" if self.old else f" {b}"))
            b &= self.bits - 1
            if operator == "<<":
                return a << b
            return (a & 0xffffffff) >> (b & 31) if self.old else (a & mask) >> b
        if operator in ("/", "%", "#"):
            if b == 0:
                raise Refused("Divide by 0" if self.old else "Division by 0")
            if operator == "#":
                a = self.wrap(self.wrap(a + b) - 1)
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return {"/": quotient, "%": a - quotient * b,
                    "#": self.wrap(quotient) * b}[operator]
        return {"||": int(a != 0 or b != 0), "&&": int(a != 0 and b != 0),
                "==": int(a == b), "!=": int(a != b), "<": int(a < b),
                "<=": int(a <= b), ">": int(a > b), ">=": int(a >= b),
                "+": a + b, "-": a - b, "|": a | b, "*": a * b,
                "&": a & b}[operator]


def number(rng):
    value = rng.choice([rng.randrange(10), rng.randrange(1 << 16),
                        rng.randrange(1 << 34), (1 << 63) - 1, 1 << 31, 0])
    form = rng.choice(["{:x}", "0x{:x}", "0X{:X}", "0t{}", "0o{:o}"])
    text = form.format(value)
    return text if text[0].isdigit() else "0" + text


def expression(rng, old, size):
    """Some tokens, most of which make sense."""
    operators = [text for level in (Ddb.LEVELS_9 if old else Ddb.LEVELS)
                 for text in level]
    tokens = []
    while True:
        while rng.random() < 0.25:
            tokens.append(rng.choice("--(" if old else "--!~("))
        tokens.append(number(rng) if rng.random() < 0.93 else
                      rng.choice([".", "..", "+", '"', ")", "*"]))
        while rng.random() < 0.5 and tokens.count("(") > tokens.count(")"):
            tokens.append(")")
        if len(tokens) >= size:
            if rng.random() < 0.05:
                tokens.append(rng.choice(operators))
            return tokens
        tokens.append(rng.choice(operators))


def ask(lines, kernel):
    """What each line prints."""
    with tempfile.NamedTemporaryFile("w", suffix=".ddb") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        done = cli.run("ddb", "--script", file.name, kernel)
    answers = [""]
    for line in done.out.splitlines(keepends=True):
        if line.startswith("db> "):
            answers.append("")
        else:
            answers[-1] += line
    return answers[1:]


class Symbols:
    """What sys/ddb does with the two tables, by a walk over all symbols.

    Written from B-14 to B-17 and O-64, for a kernel that is alone.
    """

    def __init__(self, path):
        data = path.read_bytes()
        wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
        at = struct.unpack_from(order + ("Q" if wide else "I"), data,
                                40 if wide else 32)[0]
        number = struct.unpack_from(order + "H", data, 60 if wide else 48)[0]
        header = struct.Struct(order + ("IIQQQQIIQQ" if wide else "10I"))
        headers = [header.unpack_from(data, at + i * header.size)
                   for i in range(number)]
        [table] = [row for row in headers if row[1] == 2]
        names = headers[table[6]][4]
        entry = struct.Struct(order + ("IBBHQQ" if wide else "IIIBBH"))
        self.rows = []
        for at in range(table[4], table[4] + table[5], entry.size):
            row = entry.unpack_from(data, at)
            name, info, section, value = (
                (row[0], row[1], row[3], row[4]) if wide else
                (row[0], row[3], row[5], row[1]))
            end = data.index(b"\0", names + name)
            self.rows.append((data[names + name:end].decode(), info >> 4,
                              info & 15, section, value))

    def elf(self, address):
        best = None
        for row in self.rows:
            name, bind, kind, section, value = row
            if not name or not section or kind > 2 or value > address:
                continue
            if best is None or value > best[4] or (
                    value == best[4] and best[1] == 0 and bind != 0):
                best = row
        return best

    def kld(self, address):
        best = None
        for row in self.rows:
            if not row[0] or not 0 < row[4] <= address:
                continue
            if best is None or row[4] >= best[4]:
                best = row
            if best[4] == address:
                break
        return best

    def text(self, address):
        elf, kld = self.elf(address), self.kld(address)
        found = kld if elf is None or kld[4] > elf[4] else elf
        offset = address - found[4]
        return found[0] + (f"+{offset:#x}" if offset else "")

    def value(self, name):
        return next(row[4] for row in self.rows if row[0] == name)


class Grammar(unittest.TestCase):
    MACHINES = [("amd64", 64), ("i386", 32), ("powerpc", 32),
                ("powerpc64", 64)]

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def kernel(self, machine, osreldate):
        spec, file = self.folder / "spec", self.folder / "kernel"
        spec.write_text(f"machine: {machine}\nkind: kernel\n"
                        f"options: {{osreldate: {osreldate}}}\n")
        self.assertEqual(cli.run("synth", spec, "-o", file).status, OK)
        return file

    def compare(self, bits, old, seed, count, kernel):
        rng = random.Random(seed)
        lines, wanted, prev = [], [], 0
        while len(wanted) < count:
            tokens = expression(rng, old, rng.randrange(1, 9))
            # Blanks keep 1 and 2 from being 12, and < and < from being <<.
            line = "print/x " + " ".join(tokens)
            if len(line) > 119:
                continue
            dot = rng.randrange(1 << 30)
            ddb = Ddb(bits, old, dot, prev)
            try:
                value = ddb.evaluate(tokens)
                value = dot if value is None else value
                text = f"{value & (1 << bits) - 1:8x}"
            except Unknown:
                continue
            except Refused as why:
                text = str(why)
                prev = dot
            # Each begins at a dot of its own.
            lines += [f"print/x 0x{dot:x}", line]
            wanted.append(text + "\n")
        have = ask(lines, kernel)
        self.assertEqual(len(have), len(lines))
        for line, answer, text in zip(lines[1::2], have[1::2], wanted):
            self.assertEqual(answer, text, line)

    def test_random(self):
        count = 5000 if FULL else 400
        for seed, (machine, bits) in enumerate(self.MACHINES):
            self.compare(bits, False, seed, count,
                         self.kernel(machine, 1201000))

    def test_random_9(self):
        """B-49"""
        for seed, (machine, bits) in enumerate(self.MACHINES[:2]):
            self.compare(bits, True, 10 + seed, 300,
                         self.kernel(machine, 903000))


class Session(unittest.TestCase):
    def setUp(self):
        if not MODULE.exists():
            self.skipTest("no fixtures")

    def test_execute(self):
        done = cli.run("ddb", "-e", "print 10", "-e", "print/d 0t12", KERNEL)
        self.assertEqual((done.status, done.out, done.err),
                         (OK, "db> print 10\n      10\ndb> print/d 0t12\n"
                          "         12\n", ""))

    def test_quiet(self):
        done = cli.run("ddb", "-q", "-e", "print 10", KERNEL)
        self.assertEqual(done.out, "      10\n")

    def test_standard_input(self):
        done = subprocess.run([cli.KLDSIM, "ddb", KERNEL], text=True,
                              input="print 1\nfoo\ncontinue\nprint 2\n",
                              stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, "db> print 1\n       1\ndb> foo\n"
                         "No such command; use \"help\" to list available "
                         "commands\ndb> continue\n")
        self.assertEqual(done.returncode, OK)

    def test_module(self):
        done = cli.run("ddb", "-n", "2", "--curvnet", "1", "-q",
                       "-e", "print/x *fx_enabled&0ff", KERNEL, MODULE)
        self.assertEqual((done.status, done.out), (OK, "       1\n"))
        self.assertIn("pointer-not-propagated", done.err)

    def test_shared_object(self):
        """B-13, Y-21: DDB does not find its variables, value does."""
        folder = cli.FIXTURES / "arm64/boot/kernel"
        if not folder.exists():
            self.skipTest("no fixtures of arm64")
        done = cli.run("ddb", "-q", "-n", "2", "-e", "print fx_enabled",
                       "-e", "value fx_enabled", folder / "kernel",
                       folder / "fx_vnet.ko")
        self.assertEqual(
            done.out, "Symbol 'fx_enabled' not found\n"
            "fx_enabled (nobody says of which type): VNET variable of "
            "fx_vnet.ko, 4 bytes\nreference copy, vnet 0 to 1: 1\n")

    def typed(self, *lines):
        """What lines print, of a module whose VNET variable has a type."""
        spec = """
machine: amd64
kind: module
vnet: [{name: foo_conf, bind: local, size: 24, bytes: 0500000061620000}]
relocs: [{in: set_vnet, at: 8, type: R_X86_64_64, symbol: printf, addend: 2}]
modules: [foo]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
  - {kind: integer, name: char, size: 1, encoding: signed char}
  - {kind: array, type: char, index: int, elements: 4}
  - {kind: function, type: int, arguments: [0]}
  - {kind: pointer, type: 4}
  - kind: struct
    name: conf
    size: 24
    members:
      - {name: count, type: int, bit: 0}
      - {name: name, type: 3, bit: 32}
      - {name: output, type: 5, bit: 64}
object-types: [{symbol: vnet_entry_foo_conf, type: struct conf}]
"""
        with tempfile.TemporaryDirectory() as folder:
            module = pathlib.Path(folder, "foo.ko")
            pathlib.Path(folder, "spec").write_text(spec)
            done = cli.run("synth", f"{folder}/spec", "-o", module)
            self.assertEqual((done.status, done.err), (OK, ""))
            return cli.run("ddb", "-q", "-n", "2", *(word for line in lines
                           for word in ("-e", line)), KERNEL, module).out

    def test_value(self):
        """Y-21, V-40: a relocation reaches the reference copy alone."""
        out = self.typed("value/d foo_conf", "value/o struct conf 1")
        self.assertRegex(
            out, "^struct conf foo_conf: VNET variable of foo.ko, 24 bytes\n"
            r"foo_conf.output: 0x[0-9a-f]{16} <printf\+0x2> "
            r"\(reference copy\), 0x0 \(vnet 0 to 1\)\n"
            r"\*\*\* nothing is mapped at 0x1 \*\*\*\n$")

    def test_value_json(self):
        for line in self.typed("value/j foo_conf",
                               "value/dj foo_conf").splitlines():
            document = json.loads(line)
            cli.validator("value").validate(document)
            if "differences" in document:
                [part] = document["differences"]
            else:
                self.assertEqual(len(document["values"]), 2)
                value = document["values"][0]["value"]["value"]
                self.assertEqual([part["type"] for part in value],
                                 ["int", "char[4]", "int (*)(...)"])
                example = json.loads((cli.SRC / "docs/kldsim.value.example"
                                      ".json").read_text())
                self.assertEqual(document, example)
        self.assertEqual((part["name"], part["offset"]), (".output", 8))
        reference, vnets = part["values"]
        self.assertEqual((reference["symbol"], reference["symbol_offset"]),
                         ("printf", 2))
        self.assertEqual([copy["copy"] for copy in vnets["copies"]],
                         ["vnet", "vnet"])

    def test_value_bounds(self):
        """C-13: a bound of an enum's bit-field is not said to be its width."""
        spec = """machine: amd64
kind: module
functions: [f]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
  - {kind: enum, name: color, constants: [RED, GREEN, BLUE]}
  - kind: struct
    name: bf
    size: 8
    members:
      - {name: a, type: enum color, bit: 0}
      - {name: b, type: enum color, bit: 4}
      - {name: c, type: int, bit: 32}
objects: [{name: v, bytes: 4200000007000000}]
object-types: [{symbol: v, type: struct bf}]
"""
        with tempfile.TemporaryDirectory() as folder:
            module = pathlib.Path(folder, "foo.ko")
            pathlib.Path(folder, "spec").write_text(spec)
            self.assertEqual(cli.run("synth", f"{folder}/spec", "-o",
                                     module).status, OK)
            document = json.loads(cli.run("ddb", "-q", "-e", "value/j v",
                                          KERNEL, module).out)
        cli.validator("value").validate(document)
        [value] = document["values"]
        self.assertEqual(
            [(part["value"], part.get("bits"), part.get("bits_at_most"))
             for part in value["value"]["value"]],
            [(2, None, 4), (None, None, 28), (7, None, None)])

    def test_symbols(self):
        """B-14 to B-17: names and places of kernels, and two tables."""
        for machine in "", "arm64", "armv7", "powerpc":
            kernel = cli.FIXTURES / machine / "boot/kernel-15/kernel"
            model = Symbols(kernel)
            rows = sample([row for row in model.rows
                           if row[0] and row[3] and row[4] >= 0x10000 and
                           all(letter.isalnum() or letter == "_"
                               for letter in row[0])], 7,
                          lambda row: row[1:3])
            lines, want = [], []
            for name, _, _, _, value in rows:
                lines += [f"print/a 0x{value:x}", f"print/a 0x{value + 3:x}",
                          f"print/x \\{name} == 0x{model.value(name):x}"]
                want += [model.text(value), model.text(value + 3), "1"]
            with tempfile.NamedTemporaryFile("w", suffix=".ddb") as file:
                file.write("\n".join(lines))
                file.flush()
                out = cli.run("ddb", "-q", "--script", file.name, kernel).out
            said = [line.strip() for line in out.splitlines()
                    if not line.startswith("db> ")]
            self.assertGreater(len(rows), 5)
            self.assertEqual(len(said), len(lines))
            self.assertEqual([*zip(lines, said)], [*zip(lines, want)])

    def test_verdict(self):
        done = cli.run("ddb", "-e", "print 1", KERNEL, "no_such_module")
        self.assertEqual(done.status, REFUSED)
        self.assertIn("       1\n", done.out)

    def test_usage(self):
        for options in (["--curvnet", "x"], ["--curvnet", "7"],
                        ["--curcpu", "9"], ["--json"], ["--script", ""]):
            done = cli.run("ddb", *options, "-e", "print 1", KERNEL)
            self.assertEqual((done.status, done.out), (USAGE, ""), options)
            self.assertNotEqual(done.err, "")

    def test_no_script(self):
        done = cli.run("ddb", "--script", "/nowhere", KERNEL)
        self.assertEqual((done.status, done.out), (HOST, ""))
        self.assertIn("/nowhere: No such file", done.err)

    def test_hostile_script(self):
        """Any bytes, lines without an end: complaints, and the next line."""
        with tempfile.NamedTemporaryFile(suffix=".ddb") as file:
            file.write(b"\0\xff\x80 x\nprint " + b"(" * 5000 + b"\n" +
                       b"\xff" * 300 + b"\nprint 7")
            file.flush()
            done = cli.run("ddb", "--script", file.name, KERNEL)
        self.assertEqual(done.status, OK)
        self.assertIn("Expression syntax error after '('\n", done.out)
        self.assertTrue(done.out.endswith("db> print 7\n       7\n"))


class Terminal(unittest.TestCase):
    """A prompt, an echo, pages of $lines, and the end of input leaves."""

    def converse(self, *typed, terminal="dumb", **environment):
        master, slave = pty.openpty()
        child = subprocess.Popen([cli.KLDSIM, "ddb", KERNEL], stdin=slave,
                                 stdout=slave, stderr=slave, close_fds=True,
                                 env={**os.environ, "TERM": terminal,
                                      "HOME": "/nonexistent",
                                      **environment})
        os.close(slave)
        seen = b""
        for waited, text in typed:
            seen += self.until(master, waited)
            os.write(master, text)
        # One that comes before the terminal is raw is lost.
        while not select.select([master], [], [], 0.3)[0]:
            os.write(master, b"\x04")
        seen += self.until(master, None)
        os.close(master)
        self.assertEqual(child.wait(timeout=30), OK)
        return seen.decode().replace("\r", "")

    def until(self, master, waited):
        """Read up to some text, or to the end."""
        seen = b""
        while waited is None or waited not in seen:
            if not select.select([master], [], [], 30)[0]:
                self.fail(f"no {waited} in {seen}")
            try:
                part = os.read(master, 4096)
            except OSError:
                part = b""
            if not part:
                self.assertIsNone(waited)
                break
            seen += part
        return seen

    def test_prompt(self):
        seen = self.converse((b"db> ", b"print 10\n"),
                             (b"10\r\ndb> ", b""))
        self.assertIn("      10\n", seen)

    @unittest.skipUnless(EDITS, "no libedit")
    def test_editing(self):
        """A letter is taken back, and the line before comes again."""
        seen = self.converse((b"db> ", b"print 1x\x082\n"),
                             (b"12\r\ndb> ", b"\x10\n"),
                             (b"      12\r\ndb> ", b"\x10\x01\x0bprint 7\n"),
                             (b"       7\r\ndb> ", b""), terminal="xterm")
        self.assertEqual(seen.count("      12\n"), 2)

    @unittest.skipUnless(EDITS, "no libedit")
    @unittest.skipUnless(LATE, "libedit is linked")
    def test_why_not_edited(self):
        """What the host's linker says of a libedit that is none, is told."""
        name = ctypes.util.find_library("edit")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, name).write_text("no library")
            seen = self.converse((b"db> ", b"print 10\n"),
                                 (b"10\r\ndb> ", b""),
                                 LD_LIBRARY_PATH=folder)
        self.assertRegex(seen, f"lines cannot be edited: .*{name}: .+")

    def test_pager(self):
        seen = self.converse((b"db> ", b"set $lines 2\n"),
                             (b"db> ", b"set\n"),
                             (b"--More--", b"j"), (b"--More--", b"q"),
                             (b"db> ", b"c\n"))
        self.assertIn("$radix", seen)
        self.assertIn("$maxwidth", seen)
        self.assertNotIn("$tabstops", seen)


if __name__ == "__main__":
    unittest.main()
