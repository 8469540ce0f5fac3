# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: modules against the modules that they are linked to (I-25)."""

import json
import os
import sys
import unittest

import kbi

sys.path.insert(0, str(kbi.HERE.parent / "cli"))
import cli  # noqa: E402 (its place is known by now)

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_linked.c"


class Linked(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.kernel = kbi.kernel(cls.tmp / "kernel")
        cls.user = kbi.module(cls.tmp / "user.ko", source=SOURCE)

    def provider(self, *options, types="CTF"):
        return kbi.module(self.tmp / "lkpi.ko", "PROVIDER", *options,
                          source=SOURCE, types=types)

    def ask(self, status=0, kernel=None):
        """Only the user is asked about: the other one is found for it."""
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json",
                                      kernel or self.kernel, self.user,
                                      status=status))
        cli.validate(document, "kbi")
        found, = document["modules"]
        return found

    def test_from_the_same_headers(self):
        self.provider()
        found = self.ask()
        self.assertEqual(found["findings"], [])
        self.assertEqual(found["verdict"], "no difference found")
        compared = found["compared"]
        # vref is the kernel's, lkpi_register the other module's.
        self.assertEqual([compared[key] for key in
                          ("imports", "in_kernel", "in_linked")], [2, 1, 1])

    def test_from_others(self):
        """lock has 32 bytes in both; unit and release are behind devt."""
        self.provider("WIDE")
        found = self.ask(status=1)
        only, = found["findings"]
        self.assertEqual((only["tag"], only["level"], only["imports"]),
                         ("lkpi_dev", 3, ["lkpi_register"]))
        self.assertEqual(
            [(change["kind"], change["member"], change["kernel"]["bit"])
             for change in only["changes"]],
            [("added", "devt", 32 * 8), ("moved", "unit", 40 * 8)])
        self.assertEqual(only["text"], "struct lkpi_dev: 48 bytes in the "
                         "module, 56 in lkpi.ko")
        cause, = found["causes"]
        self.assertEqual(cause["linked"], "lkpi.ko")
        self.assertEqual(found["options"], [])
        self.assertEqual(found["verdict"], "rebuild")
        lines = kbi.run(KLDSIM, "kbi", self.kernel, self.user,
                        status=1).splitlines()
        self.assertIn("with lkpi.ko, which it is linked to:", lines)
        self.assertIn("      unit at 0x20 in the module, at 0x28 in the other "
                      "module, and 1 member behind it as far", lines)

    def test_page(self):
        """The other module's column is named after it."""
        self.provider("WIDE")
        page = self.tmp / "page.html"
        kbi.run(KLDSIM, "kbi", "--html", page, self.kernel, self.user,
                status=1)
        text = page.read_text()
        self.assertIn('<th scope="col">In lkpi.ko</th>', text)
        self.assertNotIn('<th scope="col">In the kernel</th>', text)

    def test_findings_of_load_and_check(self):
        self.provider("WIDE")
        for words in (("load", "--kbi"), ("check", "--json")):
            text = kbi.run(KLDSIM, *words, self.kernel, self.user)
            with self.subTest(words[0]):
                self.assertIn("56 in lkpi.ko (devt (long) at 0x20 ", text)
                self.assertIn("kbi-layout", text)

    def test_what_the_other_has_no_types_for(self):
        """I-22: a prototype alone says nothing; and bare files nothing at all."""
        self.provider("LONG")
        self.assertEqual(self.ask()["findings"], [])
        self.provider("WIDE", types=None)
        found = self.ask()
        self.assertEqual(found["findings"], [])
        self.assertEqual(found["compared"]["in_linked"], 0)

    def test_what_the_other_has_no_type_for(self):
        """Types, and none that is this function's: with nothing compared."""
        self.provider("MIXED", "WIDE")
        found = self.ask()
        self.assertEqual(found["findings"], [])
        self.assertEqual(found["compared"]["in_linked"], 0)

    def test_the_kernel_comes_first(self):
        """What differs from the kernel is told of the kernel, and once."""
        self.provider()
        other = kbi.kernel(self.tmp / "kernel-locks", "DEBUG_LOCKS")
        found = self.ask(status=1, kernel=other)
        self.assertEqual([(one["tag"], one["level"]) for one in
                          found["findings"]], [("lock", 3)])
        self.assertEqual([cause["linked"] for cause in found["causes"]],
                         [None])


if __name__ == "__main__":
    unittest.main()
