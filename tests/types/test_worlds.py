# SPDX-License-Identifier: BSD-2-Clause
"""The types of random worlds, by the independent reader."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import ctf

# C-02: from 13.1 on, and in main from 1400054 on, version 3 is written.
VERSIONS = [("12.1", 2), ("1300139", 2), ("1301000", 3), ("1400053", 2),
            ("1400054", 3), ("15.0", 3)]


class Worlds(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def world(self, *options):
        """What the reader finds in each file of a world."""
        subprocess.run([os.environ["KLDSIM"], "synth", "--seed", "7", "-d",
                        self.folder, *options], check=True)
        return {name: ctf.read((self.folder / name).read_bytes())
                for name in ("kernel", "mod0.ko", "mod2.ko")}

    def test_every_file(self):
        for machine in ["amd64", "i386", "powerpc", "powerpc64", "riscv64"]:
            files = self.world("--types", "500", "--symbols", "40", "-m",
                               machine)
            kernel = files["kernel"]
            self.assertEqual({found["kind"] for found in kernel["types"]},
                             {"integer", "struct", "union", "enum", "array",
                              "pointer", "function", "typedef", "const",
                              "volatile"})
            for name, found in files.items():
                with self.subTest(machine=machine, file=name):
                    # Members lie in their structs, arrays have their sizes.
                    self.assertEqual(found["warnings"], [])
                    self.assertEqual(len(found["types"]), 500)
                    self.assertEqual(found["labels"], [["world", 500]])
                    self.assertEqual(found["types"], kernel["types"])
                    self.assertGreater(self.typed(found), 30)

    @staticmethod
    def typed(found):
        """How many symbols have a type."""
        return (sum(1 for name, known in found["objects"] if known)
                + sum(1 for record in found["functions"]
                      if record[1] is not None))

    def test_releases(self):
        for release, version in VERSIONS:
            for found in self.world("--types", "9", "-r", release).values():
                self.assertEqual(found["version"], version, release)

    def test_without_types(self):
        """Types change nothing else of a world."""
        self.assertEqual(set(map(str, self.world().values())), {"None"})
        told = (self.folder / "expected.json").read_text()
        self.world("--types", "50")
        self.assertEqual((self.folder / "expected.json").read_text(), told)


if __name__ == "__main__":
    unittest.main()
