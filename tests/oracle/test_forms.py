# SPDX-License-Identifier: BSD-2-Clause
"""One source, linked as ET_REL and as ET_DYN: the sets' contents are equal.

All sources of amd64's fixtures that have a set.  Equal are the parts of every
CPU and every vnet, and of the reference copies, but for pointers: those of an
ET_REL module are relocated in the reference copy (O-25) and from 15 on in the
vnets (A-31); those of an ET_DYN module nowhere but in its own mapping (D-36).

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import os
import tempfile
import unittest
from pathlib import Path

import kld
import rules
import run as runs
import shared_run
import tools
from shared_run import CPUS, VNETS, Run

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
KINDS = (("dpcpu", "set_pcpu", "cpu", CPUS), ("vnet", "set_vnet", "vnet",
                                              VNETS))


# Nothing refers to the bounds of its sets, so no linker defines them, and as
# ET_DYN it has none (D-30).
NO_BOUNDS = {"fx_nobits.ko"}


def skipped(name):
    """ET_DYN in both; or not loaded as ET_REL (it has no set)."""
    return name == "kernel/fx_dyn" or name in runs.UNTIL


class Forms(unittest.TestCase):
    def setUp(self):
        self.seen = set()       # (module, set) that were compared
        self.pointers = 0       # words with a relocation among them

    def load(self, folder, kernel, release, dump):
        names = [path.name for path in shared_run.modules(
            FIXTURES / "amd64-dyn", kernel)
            if not skipped(f"{kernel}/{path.stem}")]
        run = Run("amd64", kernel, release, folder,
                  modules=[folder / "boot" / kernel / name for name in names
                           if (FIXTURES / "boot" / kernel / name).exists()])
        result = shared_run.call(run, dump)
        self.assertEqual([r["name"] for r in result.document["results"]
                          if r["status"] != "loaded"], [])
        return result

    def parts(self, result, key, kind, number):
        """{file: {copy: its part}}"""
        start = int(result.document[key]["reference"]["start"], 16)
        found = {}
        for part in result.document[key]["sets"]:
            at = int(part["start"], 16) - start
            found[part["file"]] = {
                copy: result.read(f"{key}/{copy}.bin")[at:at + part["size"]]
                for copy in ("reference",
                             *(f"{kind}{i}" for i in range(number)))}
        return found

    def relocated(self, kernel, file, section):
        """The words of the set that have a relocation."""
        module = kld.Kld(FIXTURES / "amd64-dyn/kld" / kernel
                         / (file[:-len(".ko")] + ".kld"))
        return [r.offset for r in module.relocs
                if module.sections[r.section].name == section]

    def compare(self, kernel, release, rel, dyn):
        for key, section, kind, number in KINDS:
            a, b = (self.parts(r, key, kind, number) for r in (rel, dyn))
            self.assertEqual([f for f in a if f not in NO_BOUNDS], list(b))
            for file in b:
                words = self.relocated(kernel, file, section)
                for copy in a[file]:
                    moved = copy == "reference" or (
                        kind == "vnet" and release >= 1500000)
                    self.compare_part(a[file][copy], b[file][copy],
                                      words if moved else [],
                                      f"{release} {file} {copy}")
                self.seen.add((file, section))
                self.pointers += len(words)

    def compare_part(self, a, b, words, what):
        a, b = bytearray(a), bytearray(b)
        for at in words:
            self.assertNotEqual(a[at:at + rules.POINTER], bytes(8), what)
            self.assertEqual(b[at:at + rules.POINTER], bytes(8), what)
            a[at:at + rules.POINTER] = bytes(8)
        self.assertEqual(a.hex(), b.hex(), what)

    def test_sets_are_equal(self):
        """O-22 to O-25, A-31, D-34, D-36."""
        for kernel, release in shared_run.KERNELS.items():
            if kernel.endswith("novimage"):
                continue
            with self.subTest(kernel), tempfile.TemporaryDirectory() as dump:
                rel, dyn = (self.load(folder, kernel, release,
                                      Path(dump) / folder.name)
                            for folder in (FIXTURES,
                                           FIXTURES / "amd64-dyn"))
                self.compare(kernel, release, rel, dyn)
        self.assertGreaterEqual(len(self.seen), 10, self.seen)
        self.assertGreater(self.pointers, 20)


if __name__ == "__main__":
    tools.need("llvm-readelf")
    tools.main()
