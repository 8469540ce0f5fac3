# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: of random structures, what was changed is found, and only that.

What a change moves in the structures around it is a consequence, and no finding
of theirs (I-35).
"""

import json
import os
import pathlib
import sys
import tempfile
import unittest

import kbi
import kbi_random

sys.path.insert(0, str(kbi.HERE.parent))
import sample  # noqa: E402 (its place is known by now)

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SEEDS = sample.sample(range(60), 30)


class Random(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def ask(self, kernel, module):
        text = kbi.run(KLDSIM, "kbi", "--json", kernel, module, status=None)
        found, = json.loads(text)["modules"]
        return found

    def build(self, name, text, make):
        source = self.tmp / f"{name}.c"
        source.write_text(text)
        return make(self.tmp / name, source=source)

    def holders(self, structures, number):
        """Those that have it in them, by value, however deep."""
        inside, found = {number}, set()
        for other, members in enumerate(structures.all):
            held = {int(word[1:]) for member in members if "*" not in member
                    for word in member.split() if word[0] == "r"
                    and word[1:].isdigit()}
            if held & inside:
                inside.add(other)
                found.add(f"r{other}")
        return found

    def test_one_change(self):
        for seed in SEEDS:
            structures = kbi_random.Structures(seed)
            other, number, how = structures.changed()
            kernel = self.build("kernel", other.kernel(), kbi.kernel)
            module = self.build("m.ko", structures.module(), kbi.module)
            with self.subTest(seed=seed, number=number, how=how):
                found = self.ask(kernel, module)
                only, = found["findings"]
                self.assertEqual(only["tag"], f"r{number}")
                self.assertEqual(found["compared"]["types"],
                                 len(structures.all))
                around = self.holders(structures, number)
                self.assertEqual(only["embeddings"], len(around))
                self.assertLessEqual({inside["tag"] for inside in
                                      only["embedded_in"]}, around)
                self.path(only, how)
                # Whoever has it in it has a way there.
                self.assertEqual(set(only["imports"]), {
                    f"take{tag[1:]}" for tag in around} | {f"take{number}"})
                same = self.build("same", structures.kernel(), kbi.kernel)
                self.assertEqual(self.ask(same, module)["findings"], [])

    def path(self, found, how):
        changes = {(change["kind"], change["member"])
                   for change in found["changes"]}
        if how in ("insert", "append"):
            self.assertIn(("added", "inserted"), changes)
        elif how == "widen":
            self.assertIn(("added", "widened"), changes)
        else:
            self.assertTrue(any(kind in ("removed", "renamed")
                                for kind, _ in changes), changes)


if __name__ == "__main__":
    unittest.main()
