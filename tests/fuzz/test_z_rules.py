# SPDX-License-Identifier: BSD-2-Clause
"""The inputs of z-rules.txt: corpus.py makes them, and what loading them finds
is what the file says."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import corpus  # noqa: E402

BUILD = pathlib.Path(os.environ.get("KLDSIM_BUILD", HERE.parents[1]
                                    / "build/gcc"))
FIXTURES = pathlib.Path(os.environ.get("KLDSIM_FIXTURES", HERE.parents[1]
                                       / "build/fixtures"))
KERNEL_END = "0xffffffff82000000"  # that of the malformed tables
PRELOAD = {"preload": ["--preload"],
           "preload13": ["--preload", "-r", "13.0"]}
STATUSES = (0, 1, 3, 4)  # loaded, refused, no kernel, would have panicked


def rows():
    for line in (HERE / "z-rules.txt").read_text().splitlines():
        words = line.split("#")[0].split(None, 3)
        if words and words[1] != "-":
            yield (words + ["-"])[:4]


class ZRules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.tmp = pathlib.Path(scratch.name)
        cls.counts = corpus.make(BUILD, FIXTURES, cls.tmp / "corpus")
        cls.kernel = cls.tmp / "corpus/boot/good-kernel"

    def test_no_target_without_seeds(self):
        for target, n in self.counts.items():
            self.assertGreater(n, 3, target)

    def test_every_machine_has_seeds(self):
        for machine in corpus.MACHINES:
            for target, kind in (("load_rel", "rel"), ("load_dyn", "dyn"),
                                 ("boot", "kernel")):
                path = self.tmp / "corpus" / target / f"{machine}-{kind}"
                self.assertEqual(path.read_bytes()[:4], b"\x7fELF", path)

    def command(self, path, how):
        """What meets the input in this way."""
        if how == "boot":
            module = self.tmp / "corpus/load_rel/amd64-module"
            return [path, module]
        if how == "hints":
            folder = self.tmp / "hints"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            shutil.copy(path, folder / "linker.hints")
            return ["-p", folder, self.kernel, "uartx"]
        copies = [path]
        if how == "again":
            copies.append(self.tmp / f"again-{path.name}")
            shutil.copy(*copies)
        return [*PRELOAD.get(how, []), "--kernel-end", KERNEL_END,
                self.kernel, *copies]

    def replay(self, path):
        done = subprocess.run(
            [BUILD / f"fuzz/replay_{path.parent.name}", path],
            capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def load(self, path, how):
        done = subprocess.run(
            [BUILD / "bin/kldsim", "load", "--json",
             *self.command(path, how)], capture_output=True, timeout=60)
        self.assertIn(done.returncode, STATUSES, done.stderr.decode())
        return done

    def test_inputs(self):
        for rule, name, how, finding in rows():
            path = self.tmp / "corpus" / name
            with self.subTest(rule=rule, input=name):
                self.assertTrue(path.is_file(), f"there is no {name}")
                if how == "target":
                    self.replay(path)
                    continue
                done = self.load(path, how)
                found = {one["code"]: one["rules"] for one in
                         json.loads(done.stdout or '{"findings": []}')
                         ["findings"]}
                if finding != "-":
                    self.assertIn(finding, found)
                    self.assertIn(rule, found[finding])
                else:
                    cited = [code for code in found if rule in found[code]]
                    self.assertEqual(cited, [])


if __name__ == "__main__":
    unittest.main()
