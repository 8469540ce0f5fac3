# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: what the linker says of each module is what it says of it alone.

kbi loads modules beside what those before have brought, and tries alone only those
of which there is something to be said; kldsim check tries each of them alone.
"""

import json
import os
import random
import unittest

import kbi

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
MODULE = "machine: amd64\nkind: module\n"
CALL = ("functions: [own]\nrelocs: [{in: .text, at: 1, type: R_X86_64_PLT32, "
        "symbol: wanted, addend: -4}]\n")


class Load(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        # A world's kernel has room for the world's sets: one for one module.
        for count, folder in ((1, cls.tmp / "one"), (48, cls.tmp)):
            folder.mkdir(exist_ok=True)
            kbi.run(KLDSIM, "synth", "--seed", 3, "-r", "15.0", "--modules",
                    count, "--symbols", 60, "--deps", "chain", "--set-bytes",
                    64, "-d", folder)
        cls.kernel = cls.tmp / "one/kernel"

    def make(self, name, text):
        spec = self.tmp / f"{name}.yaml"
        spec.write_text(MODULE + text)
        made = self.tmp / f"{name}.ko"
        kbi.run(KLDSIM, "synth", spec, "-o", made)
        return made

    def both(self, *modules):
        """Which are refused: all at once, and each alone."""
        told = json.loads(kbi.run(KLDSIM, "kbi", "--json", self.kernel,
                                  *modules, status=None))["modules"]
        alone = json.loads(kbi.run(KLDSIM, "check", "--json", self.kernel,
                                   *modules, status=None))["modules"]
        return ({one["name"]: one["load"]["refused"] for one in told},
                {one["name"]: one["kldload"]["verdict"] == "refused"
                 for one in alone})

    def test_a_random_world(self):
        """Its sets do not fit all together, and later ones need all before."""
        modules = sorted(self.tmp.glob("mod*.ko"))
        for seed in range(2):
            random.Random(seed).shuffle(modules)
            told, alone = self.both(*modules)
            with self.subTest(seed):
                self.assertEqual(told, alone)
                # 0x800 bytes for modules, 0x40 each: 32 of a chain fit.
                self.assertEqual(sum(alone.values()), 48 - 32)

    def test_what_would_not_be_found(self):
        """It is there for another reason, and not by the name that is asked."""
        provider = self.make("bar", "versions: [{name: foo, version: 1}]\n")
        user = self.make("user", "depends: [{name: foo}]\n")
        told, alone = self.both(provider, user)
        self.assertEqual(told, alone)
        self.assertEqual(list(alone.values()), [False, True])

    def test_what_has_another_name_as_well(self):
        """It is there by one of its names, and would not be by the other."""
        self.make("one", "versions: [{name: one, version: 1}, "
                  "{name: other, version: 1}]\n")
        users = [self.make(f"uses_{name}", f"depends: [{{name: {name}}}]\n")
                 for name in ("one", "other")]
        told, alone = self.both(*users)
        self.assertEqual(told, alone)
        self.assertEqual(list(alone.values()), [False, True])

    def test_what_needs_what_has_another_name(self):
        """Who brings another brings what it needs as well, or does not load."""
        self.make("first_of", "versions: [{name: first_of, version: 1}]\n")
        second = self.make("odd_name", "versions: [{name: second_of, version: "
                           "1}]\ndepends: [{name: first_of}]\n")
        self.make("third_of", "versions: [{name: third_of, version: 1}]\n"
                  "depends: [{name: second_of}]\n")
        user = self.make("fourth", "depends: [{name: third_of}]\n")
        told, alone = self.both(second, user)
        self.assertEqual(told, alone)
        self.assertEqual(list(alone.values()), [False, True])

    def test_who_is_found_elsewhere(self):
        """One loads that is named; its name alone leads to one that fails."""
        for folder in "first", "second":
            (self.tmp / folder).mkdir()
        both = "versions: [{name: dep, version: 1}]\ndepends: [{name: base}]\n"
        self.make("first/dep", both + CALL)
        self.make("second/base", "versions: [{name: base, version: 1}]\n")
        modules = (self.make("first/any", "versions: [{name: any, version: 1}]\n"), self.make("second/dep", both),
                   self.make("first/user", "depends: [{name: dep}]\n"))
        told, alone = self.both(*modules)
        self.assertEqual(told, alone)
        self.assertEqual(list(alone.values()), [False, False, True])

    def test_who_does_not_say_what_he_needs(self):
        """Another module has the name, and a lookup does not ask it (O-60)."""
        provider = self.make("has", "versions: [{name: has, version: 1}]\n"
                             "functions: [wanted]\n")
        silent = self.make("silent", CALL)
        says = self.make("says", "depends: [{name: has}]\n" + CALL)
        told, alone = self.both(provider, says, silent)
        self.assertEqual(told, alone)
        self.assertEqual(list(alone.values()), [False, False, True])


if __name__ == "__main__":
    unittest.main()
