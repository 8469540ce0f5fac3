# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: small files that ask for more than anybody has.

Each is one number times another: what of it is left out is said, and the answer
comes at once.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

KLDSIM = os.environ.get("KLDSIM", str(
    pathlib.Path(__file__).resolve().parents[2] / "build/gcc/bin/kldsim"))
KERNEL = """\
machine: amd64
kind: kernel
options: {osreldate: 1500068, ctf-version: 3}
functions: [f]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
"""
MODULE = """\
machine: amd64
kind: module
options: {osreldate: 1500068, ctf-version: 3}
functions: [g]
relocs: [{in: .text, at: 1, type: R_X86_64_PLT32, symbol: f, addend: -4}]
modules: [foo]
versions: [{name: foo, version: 1}]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
"""


def struct(name, *members):
    return "  - {kind: struct, %ssize: 8, members: [%s]}\n" % (
        f"name: {name}, " if name else "", ", ".join(
            "{%stype: %s, bit: 0}" % (f"name: {member}, " if member else "",
                                      of) for member, of in members))


class Hostile(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def make(self, name, spec):
        (self.tmp / "spec.yaml").write_text(spec)
        subprocess.run([KLDSIM, "synth", "-o", self.tmp / name,
                        self.tmp / "spec.yaml"], check=True)
        return self.tmp / name

    def ask(self, *words):
        done = subprocess.run([KLDSIM, "kbi", "--json", *words], check=False,
                              stdout=subprocess.PIPE, timeout=60)
        found, = json.loads(done.stdout)["modules"]
        return found

    def test_structures_without_a_name_in_each_other(self):
        """S-20: 2^24 members are looked through for a name that none has."""
        nested = [struct("", ("a", "int"))] + [
            struct("", ("", 2 + i), ("", 2 + i)) for i in range(24)]
        kernel = self.make("kernel", KERNEL + "".join(nested) +
                           struct("thread", ("", 2 + 24)) +
                           "function-types: [{symbol: f, returns: int}]\n")
        module = self.make("m.ko", MODULE + struct("thread_lite",
                                                   ("td_x", "int")))
        found = self.ask(kernel, module)
        self.assertEqual(found["verdict"], "cannot tell")
        self.assertEqual(found["compared"]["too_large"], 1)

    def test_arguments_of_callbacks(self):
        """I-34: 2000 arguments, each a function that has 2000."""
        calls = ("  - {kind: function, type: int, arguments: [%s]}\n" %
                 ", ".join(["int *"] * 2000) +
                 "  - {kind: typedef, name: b_t, type: 2}\n")
        ends = ("function-types: [{symbol: f, returns: int, arguments: [%s]}]"
                "\n" % ", ".join(["b_t *"] * 2000))
        kernel = self.make("kernel", KERNEL + calls + ends)
        found = self.ask(kernel, self.make("m.ko", MODULE))
        self.assertEqual(found["verdict"], "cannot tell")
        self.assertEqual(found["compared"]["too_large"], 1)

    def test_types_of_one_name(self):
        """I-30: each of one side with each of the other."""
        def variants(first):
            return "".join("  - {kind: struct, name: s, size: %d, members: []}"
                           "\n" % (first + i) for i in range(100))
        kernel = self.make("kernel", KERNEL + variants(1) +
                           "function-types: [{symbol: f, returns: int, "
                           "arguments: [struct s *]}]\n")
        module = self.make("m.ko", MODULE + variants(1001))
        found = self.ask("--limit", "work=5000", kernel, module)
        self.assertEqual(found["compared"]["too_large"], 1)
        found = self.ask("--limit", "work=50000", kernel, module)
        self.assertEqual(found["compared"]["too_large"], 0)

    def test_members_of_one_place(self):
        """I-35: of each that has another size, what is in it is looked for."""
        def union(of):
            return (struct("u", *((f"m{i}", of) for i in range(300)))
                    .replace("struct", "union"))
        word = "  - {kind: integer, name: long, size: 8, encoding: signed}\n"
        kernel = self.make("kernel", KERNEL + word + union("long") +
                           "function-types: [{symbol: f, returns: int, "
                           "arguments: [union u *]}]\n")
        module = self.make("m.ko", MODULE + word + union("int"))
        found = self.ask("--limit", "work=20000", kernel, module)
        self.assertEqual(found["compared"]["too_large"], 1)
        found = self.ask("--limit", "work=200000", kernel, module)
        self.assertEqual(found["compared"]["too_large"], 0)


if __name__ == "__main__":
    unittest.main()
