# SPDX-License-Identifier: BSD-2-Clause
"""kldsim why: numbers worked out from what LLVM's tools say of the files."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import cli
from cli import HOST, OK, REFUSED, USAGE

MACHINES = [".", "amd64-dyn", "arm64", "armv7", "i386", "powerpc", "powerpc64",
            "powerpc64le", "riscv64"]
BIG = ("powerpc", "powerpc64")
RELOC = re.compile(r"^([0-9a-f]{8,16})\s+([0-9a-f]+)\s+(R_\w+)"
                   r"(?:\s+([0-9a-f]+)\s+(\S+)(?: ([+-]) ([0-9a-f]+))?)?", re.M)


def llvm(tool, *words):
    return subprocess.run([f"llvm-{tool}", *map(str, words)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


def boot(machine):
    return cli.FIXTURES / machine / "boot/kernel"


def why(*words, status=OK):
    done = cli.run("why", "--json", *words)
    if done.status != status:
        raise AssertionError(f"{done.status}: {done.err}")
    document = done.json()
    cli.validate(document, "why")
    return document


def number(text):
    return int(text, 16)


def relocations(path):
    """What llvm-readelf says: (offset, type, symbol, addend), by section."""
    return [(int(offset, 16), kind, symbol,
             int(addend or "0", 16) * (-1 if sign == "-" else 1))
            for offset, _, kind, _, symbol, sign, addend in
            RELOC.findall(llvm("readelf", "-rW", path))]


def address_of(path, name):
    for line in llvm("nm", path).splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == name:
            return int(words[0], 16)
    raise AssertionError(f"{path} has no {name}")


class Machines(unittest.TestCase):
    def test_import(self):
        """A function of the kernel: who is asked, and what lands in the code."""
        for machine in MACHINES:
            with self.subTest(machine=machine):
                kernel = boot(machine) / "kernel"
                module = boot(machine) / "fx_hello.ko"
                wanted = [r for r in relocations(module) if r[2] == "printf"]
                document = why(kernel, module, "printf")
                value = address_of(kernel, "printf")
                self.assertEqual(
                    [(step["kernel"], step["value"])
                     for step in document["lookup"]],
                    [(False, None), (True, hex(value))])
                done = [r for r in document["relocations"]
                        if r["outcome"] == "stored"]
                self.assertEqual([r["name"] for r in done],
                                 [kind for _, kind, _, _ in wanted])
                for reloc in done:
                    self.check(machine, reloc, value)

    def check(self, machine, reloc, value):
        """The formula, by hand, and its bytes in the machine's order."""
        self.assertEqual(reloc["S"], hex(value))
        bits = 8 * len(reloc["after"]) // 2
        value += {"S": 0, "S + A": number(reloc["A"]),
                  "S + A - P": number(reloc["A"]) - number(reloc["P"]),
                  }[reloc["formula"]]
        order = "big" if machine in BIG else "little"
        self.assertEqual(
            int.from_bytes(bytes.fromhex(reloc["after"]), order),
            value % (1 << bits))

    def test_memory(self):
        """The bytes after are those that a dump has at the place."""
        for machine in "arm64", "powerpc64", ".":
            with self.subTest(machine=machine), \
                 tempfile.TemporaryDirectory() as folder:
                kernel = boot(machine) / "kernel"
                module = boot(machine) / "fx_hello.ko"
                reloc = [r for r in why(kernel, module, "printf")
                         ["relocations"] if r["outcome"] == "stored"][-1]
                done = cli.run("load", "-q", "--dump", folder, kernel, module)
                self.assertEqual(done.status, OK, done.err)
                files = pathlib.Path(folder)
                manifest = json.loads((files / "manifest.json").read_text())
                place = number(reloc["P"])
                self.assertIn(reloc["after"], [
                    (files / entry["path"]).read_bytes()[
                        place - start:][:len(reloc["after"]) // 2].hex()
                    for entry in manifest["files"]
                    for start in [number(entry["address"])]
                    if start <= place < start + entry["size"]])


class Places(unittest.TestCase):
    KERNEL = boot(".") / "kernel"

    def test_all_of_a_symbol(self):
        """As many as llvm-readelf has, in its order; across a dependency."""
        module = boot(".") / "fx_libb.ko"
        name = "pcpu_entry_fx_liba_hits"
        document = why(self.KERNEL, module, name)
        self.assertEqual(
            [(r["offset"], r["name"]) for r in document["relocations"]],
            [(offset, kind) for offset, kind, symbol, _ in
             relocations(module) if symbol == name])
        self.assertEqual(document["lookup"][-1]["asked"],
                         str(boot(".") / "fx_liba.ko"))
        self.assertEqual([s["value"] for s in document["lookup"][:-1]],
                         [None] * 3)  # itself, the kernel, the kernel again

    def test_place(self):
        """One that covers a byte, and what each vnet has there."""
        module = boot(".") / "fx_vnet.ko"
        at = 0x1b  # the fourth byte of the pointer at 0x18
        document = why("-n", "3", self.KERNEL, module, f"set_vnet+{at:#x}")
        reloc, = document["relocations"]
        self.assertEqual((reloc["section"], reloc["offset"], reloc["symbol"]),
                         ("set_vnet", 0x18, "vnet_entry_fx_enabled"))
        self.assertTrue(reloc["defined"])
        self.assertEqual(document["lookup"], [])
        # O-22: the reference copy alone is relocated in 12.1.
        self.assertEqual([i["id"] for i in reloc["instances"]], [2, 1, 0])
        self.assertEqual({i["bytes"] for i in reloc["instances"]}, {"00" * 8})
        self.assertEqual(reloc["after"],
                         number(reloc["S"]).to_bytes(8, "little").hex())
        # A copy lies as far from the place's as the variable from the place.
        self.assertEqual(
            [number(c["address"]) - number(i["address"]) for c, i in
             zip(reloc["copies"], reloc["instances"])],
            [number(reloc["S"]) - number(reloc["P"])] * 3)

    def test_moved(self):
        """D-50: a variable of a shared object's set counts as its place in the
        kernel's; the pointer to it gets no farther than the file's own copy."""
        folder = boot("arm64")
        words = (folder / "kernel", folder / "fx_libb.ko",
                 "pcpu_entry_fx_liba_hits")
        document = why(*words)
        found = number(document["lookup"][-1]["value"])
        own = [int(line.split()[3], 16) for line in llvm(
            "readelf", "-SW", folder / "fx_liba.ko").replace("[ ", "[")
            .splitlines() if " set_pcpu " in line]
        self.assertEqual(len(own), 1)
        for reloc in document["relocations"]:
            self.assertNotEqual(number(reloc["S"]), found)
            self.assertEqual([c["id"] for c in reloc["copies"]], [0, 1])
        pointer, = [r for r in document["relocations"]
                    if r["section"] == "set_pcpu"]
        self.assertEqual({i["bytes"] for i in pointer["instances"]},
                         {"00" * 8})
        # As far into both sets, from where llvm-readelf says its own begins.
        start = address_of(folder / "fx_liba.ko", "pcpu_entry_fx_liba_hits")
        self.assertEqual(start - own[0], number(pointer["S"]) -
                         self.set_start(*words[:2]))
        self.assertIn("counts as its place", cli.run("why", *words).out)

    def set_start(self, *words):
        """Where fx_liba.ko's part of the kernel's set_pcpu begins."""
        document = cli.run("load", "--json", *words).json()
        part, = [p for p in document["dpcpu"]["sets"]
                 if p["file"] == "fx_liba.ko"]
        return number(part["start"])

    def test_undefined(self):
        """Who was asked in vain; a load ends with the first of them."""
        module = boot(".") / "fx_undef.ko"
        document = why(self.KERNEL, module, "fx_missing_call2",
                       status=REFUSED)
        self.assertEqual([(s["kernel"], s["value"])
                          for s in document["lookup"]][:2],
                         [(False, None), (True, None)])
        reloc, = document["relocations"]
        self.assertEqual((reloc["outcome"], reloc["before"]),
                         ("failed", reloc["after"]))
        self.assertEqual(document["status"], "refused")
        done = cli.run("why", self.KERNEL, module, "fx_missing_table")
        self.assertEqual(done.status, REFUSED)
        self.assertIn("as far as the load came", done.out)

    def test_others(self):
        """Files in sight that have it, and are not asked."""
        document = why(self.KERNEL, boot(".") / "fx_libb.ko", "fx_liba_add")
        self.assertEqual(document["lookup"][-1]["asked"],
                         str(boot(".") / "fx_liba.ko"))
        self.assertEqual(document["others"], [])
        document = why(self.KERNEL, boot(".") / "fx_hello.ko", "fx_liba_add",
                       status=REFUSED)  # no relocation names it
        self.assertEqual(document["others"], [
            {"path": str(boot(".") / "fx_liba.ko"), "loaded": False}])

    def test_text(self):
        """In words, with the formula's values in place of its letters."""
        out = cli.run("why", self.KERNEL, boot(".") / "fx_hello.ko",
                      "printf").out
        self.assertRegex(out, r"lookup of printf for fx_hello\.ko\n"
                         r"  1  .*fx_hello\.ko: not found .*\n"
                         r"  2  the kernel: 0x[0-9a-f]+, taken\n")
        for s, a, p, result in re.findall(
                r"S \+ A - P = 0x(\w+) \+ -0x(\w+) - 0x(\w+) = 0x(\w+)$", out,
                re.M):
            self.assertEqual((int(s, 16) - int(a, 16) - int(p, 16)) %
                             (1 << 64), int(result, 16))
        self.assertIn("S + A - P", out)

    def test_why_it_was_not_loaded(self):
        """Then that is the answer."""
        done = cli.run("why", boot("") / "kernel", "fx_helo", "printf")
        self.assertEqual(done.status, cli.REFUSED)
        self.assertRegex(done.out, r"fx_helo is refused: ENOENT .*\n"
                         r"  no folder has a file fx_helo\.ko .* near names: "
                         r"fx_hello ")

    def test_nothing_else(self):
        """A load that is told of is the load that it is otherwise."""
        for words in [], ["--preload"]:
            module = boot(".") / "fx_vnet.ko"
            done = cli.run("load", "--json", *words, self.KERNEL, module)
            document = why(*words, self.KERNEL, module,
                           "vnet_entry_fx_enabled")
            for key in "console", "findings":
                self.assertEqual(document[key], done.json()[key])

    def test_usage(self):
        for words, status in [((), USAGE), ((self.KERNEL,), USAGE),
                              ((self.KERNEL, "fx_hello"), USAGE),
                              ((self.KERNEL, "fx_hello", ".text+"), USAGE),
                              ((self.KERNEL, "fx_hello", "+1"), USAGE),
                              ((self.KERNEL, "fx_hello", ".text+1x"), USAGE),
                              ((cli.SRC / "README.md", "a", "b"), HOST)]:
            self.assertEqual(cli.run("why", *words).status, status, words)
        document = why(cli.SRC / "README.md", "a", "b", status=HOST)
        self.assertIsNotNone(document["error"])
        document = why("--limit", "work=50", self.KERNEL, "fx_hello",
                       "printf", status=HOST)
        self.assertEqual((document["error"]["status"], document["status"],
                          document["relocations"]),
                         ("limit reached", "failed", []))

    def test_example(self):
        """The document that people are shown is what is written today."""
        text = (cli.SRC / "docs/kldsim.why.example.json").read_text()
        done = cli.run("why", "--json", "boot/kernel/kernel",
                       "boot/kernel/fx_libb.ko", "fx_liba_add",
                       cwd=cli.FIXTURES)
        self.assertEqual(done.json(), json.loads(text))


if __name__ == "__main__":
    unittest.main()
