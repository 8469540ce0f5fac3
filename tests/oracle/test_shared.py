# SPDX-License-Identifier: BSD-2-Clause
"""Memory of ET_DYN modules after kldload, every byte of it and of the sets.

shared.py works out what it is to be; kldsim loads the fixtures of each machine
and dumps its memory, which shared_run.py compares.  Before that shared.py
itself is tried on numbers that are worked out by hand; and spoiled runs
(shared_spoil.py) must be noticed.

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import copy
import os
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import run as runs
import shared
import shared_run
import shared_spoil
import tools

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])

B = 0x40000000          # where modules are in the tests by hand
PART = 0x12345000       # their part of modspace


def module(machine, name):
    kernel = shared.File(FIXTURES / machine / "boot" / name.split("/")[0]
                         / "kernel", name="kernel")
    file = shared.File(FIXTURES / machine / "boot" / f"{name}.ko", B,
                       deps=["kernel"], bases={"set_pcpu": PART})
    return file, shared.World(kernel)


class ByHand(unittest.TestCase):
    """Of the fixtures' sources, with the arithmetic shown."""

    def words(self, machine, name, symbol, number, release, size=None):
        file, world = module(machine, name)
        memory = shared.loaded(machine, file, world, release)
        size = size or file.pointer
        start = B + file.by_name[symbol].value
        self.kernel = {n: s.value for n, s in world.kernel.by_name.items()}
        self.file, self.memory, self.start = file, memory, start
        return [memory.load(start + i * file.pointer, size)
                for i in range(number)]

    def test_edges_of_a_set(self):
        """D-53: [start, stop) moves, its end and its neighbours stay."""
        for machine in ("arm64", "riscv64", "powerpc", "powerpc64", "armv7"):
            got = self.words(machine, "kernel/fx_edge", "fx_edge_results", 9,
                             1201000)
            start = B + self.file.own["__start_set_pcpu"].value
            behind = start + 16
            self.assertEqual(
                got, [PART, PART + 15, behind, behind + 3, behind + 4,
                      start - 1, PART, behind, PART + 16 - self.file.pointer],
                machine)

    def test_padding_keeps_the_edge_inside(self):
        """D-32, D-72: 16 bytes and a word of padding."""
        got = self.words("i386", "kernel-13/fx_edge", "fx_edge_results", 9,
                         1300139)
        start = B + self.file.own["__start_set_pcpu"].value
        self.assertEqual(got, [PART, PART + 15, PART + 16, PART + 19,
                               start + 20, start - 1, PART, start + 20,
                               PART + 16])

    def test_a_set_of_padding_only(self):
        """D-32: nothing is allotted, so base is 0."""
        file, world = module("i386", "kernel-13/fx_padonly")
        file.bases = {}
        memory = shared.loaded("i386", file, world, 1300139)
        at = B + file.by_name["fx_padonly_results"].value
        self.assertEqual([memory.load(at + i, 4) for i in (0, 4)], [0, 3])

    def test_arm64(self):
        got = self.words("arm64", "kernel-13/fx_machine", "fx_machine_slots",
                         9, 1300139)
        k = self.kernel
        fn = B + self.file.by_name["fx_machine_fn"].value
        self.assertEqual(
            got, [0, k["hz"] + 4, k["hz"] + 8, k["printf"] + 12, fn + 4,
                  PART + 4, fn,
                  0x14000000 | (k["printf"] - self.start - 56) >> 2
                  & 0x3ffffff,
                  0x94000000 | (k["printf"] + 8 - self.start - 64) >> 2
                  & 0x3ffffff])

    def test_riscv64(self):
        got = self.words("riscv64", "kernel-13/fx_machine",
                         "fx_machine_slots", 11, 1300139, 4)
        hz = self.kernel["hz"] & 0xffffffff
        upper = hz >> 12 << 12
        if hz & 0x800:          # the 12 bits that follow are negative then
            upper = upper + 0x1000 & 0xffffffff
        low = hz & 0xfff
        self.assertEqual(got[1], hz)            # without its addend of 4
        self.assertEqual(got[8], upper | 0x537)             # lui a0
        self.assertEqual(got[9], low << 20 | 0x52583)       # lw a1,(a0)
        self.assertEqual(got[10], 0xb52023 | (low & 0xfe0) << 20
                         | (low & 0x1f) << 7)               # sw a1,(a0)

    def test_powerpc(self):
        got = self.words("powerpc", "kernel-13/fx_machine",
                         "fx_machine_slots", 8, 1300139)
        hz = self.kernel["hz"]
        value = hz + 0x8004
        self.assertEqual(got[1], hz + 4)
        # Big-endian: the first two bytes of the word, the rest was 0.
        self.assertEqual(got[2], (value & 0xffff) << 16)
        self.assertEqual(got[3], (value + 0x8000 >> 16) << 16)
        self.assertEqual(got[5:7], [PART + 4, self.kernel["printf"]])

    def test_i386(self):
        got = self.words("i386", "kernel/fx_machine", "fx_machine_slots", 7,
                         1201000)
        k = self.kernel
        fn = B + self.file.by_name["fx_machine_fn"].value
        self.assertEqual(got, [
            0x11, k["hz"] + 4,
            (k["printf"] - 4 - (self.start + 8)) & 0xffffffff, k["hz"],
            fn + 4, PART + 4, fn])

    def test_armv7(self):
        got = self.words("armv7", "kernel/fx_machine", "fx_machine_slots", 6,
                         1201000)
        k = self.kernel
        fn = B + self.file.by_name["fx_machine_fn"].value
        self.assertEqual(got, [0x11, k["hz"] + 4, k["printf"], k["printf"],
                               fn + 4, PART + 4])

    def test_powerpc64_slots(self):
        """ELFv2: 12 copies what is at the function, 13 its address."""
        for machine, order in (("powerpc64", "big"), ("powerpc64le",
                                                      "little")):
            new = self.words(machine, "kernel-13/fx_machine",
                             "fx_machine_slots", 5, 1300139)
            self.assertEqual(new[4], self.kernel["printf"])
            file, world = module(machine, "kernel/fx_pltcall")
            memory = shared.loaded(machine, file, world, 1201000)
            place = next(r.place for r in file.relocs if r.type == 21)
            old = memory.load(B + place, 8)
            path = FIXTURES / machine / "boot/kernel/kernel"
            at = world.kernel.by_name["printf"].value
            code = next(path.read_bytes()[offset + at - vaddr:][:8]
                        for offset, vaddr, _, filesz, _ in
                        shared.File(path).loads
                        if vaddr <= at < vaddr + filesz)
            self.assertEqual(old, int.from_bytes(code, order))

    def test_sets_keep_the_bytes_of_the_file(self):
        """D-34, D-36: the relocation goes to the image, not to modspace."""
        file, world = module("arm64", "kernel/fx_vnet")
        file.bases = {"set_vnet": PART}
        memory = shared.loaded("arm64", file, world, 1201000)
        at = file.by_name["vnet_entry_fx_enabled_ptr"].value
        start = file.own["__start_set_vnet"].value
        target = file.by_name["vnet_entry_fx_enabled"].value
        self.assertEqual(memory.load(B + at, 8), PART + target - start)
        self.assertEqual(
            shared.initial_set(file, "set_vnet")[at - start:][:8], bytes(8))


class Loads(unittest.TestCase):
    """kldsim's memory."""

    maxDiff = None

    def check(self, run):
        with tempfile.TemporaryDirectory() as folder:
            return [f"{run.machine} {run.kernel} {run.release}: {complaint}"
                    for complaint in shared_run.complaints(run, folder)]

    def test_fixtures(self):
        planned = list(shared_run.planned(FIXTURES))
        print(len(planned), "runs,", sum(len(r.modules) for r in planned),
              "loads of modules on", ", ".join(shared_run.MACHINES))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(self.check, planned)
            self.assertEqual([c for run in found for c in run], [])

    def test_every_module_is_in_a_run(self):
        """What is in none is refused, by name; and nothing else is."""
        seen = {(run.machine, path.parent.name + "/" + path.stem)
                for run in shared_run.planned(FIXTURES)
                for path in run.modules}
        for machine in shared_run.MACHINES:
            for kernel in shared_run.KERNELS:
                for path in (FIXTURES / machine / "boot" / kernel).glob(
                        "*.ko"):
                    name = f"{kernel}/{path.stem}"
                    self.assertNotEqual((machine, name) in seen,
                                        shared_run.refused(name), name)

    def test_spoiling_is_noticed(self):
        """Each kind of it, by the words that are to be said."""
        for machine in "arm64", "powerpc":
            run = next(r for r in shared_run.planned(FIXTURES)
                       if (r.machine, r.kernel) == (machine, "kernel-13"))
            with tempfile.TemporaryDirectory() as folder:
                result = shared_run.call(run, folder)
                for spoil, words in shared_spoil.SPOILERS:
                    with self.subTest(machine, words=words):
                        spoiled = runs.Result(copy.deepcopy(result.document),
                                              result.folder, result.status)
                        spoil(spoiled)
                        found = list(shared_run.compare_result(run, spoiled))
                        self.assertTrue(any(words in c for c in found),
                                        found)


if __name__ == "__main__":
    tools.need("llvm-readelf")
    tools.main()
