# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: declarations that come to the same, and those that do not.

Each row of kbi_shapes.c is compared with CTF 2 and 3 on either side, for a
package without types by two kernels, and for a module by its own types.
"""

import json
import os
import unittest

import dwarf
import kbi

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_shapes.c"

# Level, and the first change: I-33 to I-46, I-50; X-10 has the like.
TYPES = {
    "note_hole": (7, "added", "added"),
    "note_sign": (7, "sign", "a"),
    "note_spare": (7, "reused", "spare"),
    "note_renamed": (7, "renamed", "b"),
    "note_grown": (7, "added", "added"),
    "note_bool": (7, "sign", "a"),
    "note_address": (7, "sign", "a"),
    "note_unnamed": (7, "added", "c"),
    "note_tags": (7, "sign", "p"),
    "differ_moved": (3, "moved", "b"),
    "differ_aligned": (3, "moved", "b"),
    "differ_packed": (3, "moved", "b"),
    "differ_size": (3, "resized", "a"),
    "differ_callback": (2, "retyped", "f"),
    "differ_called": (2, "retyped", "f"),
    "differ_bits": (3, "resized", "a"),
    "differ_bits_moved": (3, "moved", "b"),
    "differ_union": (3, "added", "c"),
    "differ_inner": (2, "added", "b"), # by_value() is passed it
    "differ_t": (3, "added", "b"),
    "differ_nameless": (3, "added", "in.b"),
    "differ_array": (3, "resized", "a"),
    "differ_arrays": (3, "resized", "a"),
    "differ_8k": (3, "moved", "b"),
    "differ_values": (5, "value", "D_TWO"),
    "differ_width": (3, "value", "W_ONE"),
    "differ_bool": (3, "resized", "a"),
    "differ_float": (3, "retyped", "a"),
    "differ_held": (3, "retyped", "a"),
    "differ_pointee": (3, "added", "b"),
}
# CTF has these of who defines them alone (C-23).
SYMBOLS = {
    "note_argument": (7, "argument", ""),
    "note_longer": (7, "resized", ""),
    "differ_set": (2, "argument", ""),
    "differ_argument": (2, "argument", ""),
    "differ_arguments": (2, "arguments", ""),
    "differ_number": (2, "argument", ""),
    "differ_result": (2, "result", ""),
    "differ_called_back": (2, "argument", ""),
    "differ_answer": (2, "argument", ""),
    "differ_variable": (3, "resized", ""),
    "differ_shorter": (3, "resized", ""),
    "differ_hook": (2, "retyped", ""),
}


class Shapes(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        for name, flags in (("old", []), ("new", ["-DNEW"])):
            kbi.kernel(cls.tmp / name, source=SOURCE, flags=flags,
                       types=None)
            kbi.module(cls.tmp / f"of-{name}.ko", source=SOURCE, types=None,
                       flags=["-DMODULE", "-fstandalone-debug", *flags])
            for version in (2, 3):
                cls.with_types(cls.tmp / name, version)
                cls.with_types(cls.tmp / f"of-{name}.ko", version)

    @classmethod
    def with_types(cls, plain, version):
        """A copy with CTF of a version: old2, of-old2.ko."""
        section, _, _ = dwarf.make(plain.with_suffix(".o"), version, 1, plain)
        (cls.tmp / "ctf").write_bytes(section)
        kbi.run("llvm-objcopy", "--add-section",
                f".SUNW_ctf={cls.tmp / 'ctf'}", plain,
                cls.tmp / f"{plain.stem}{version}{plain.suffix}")

    def ask(self, *words):
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json", *words,
                                      status=None))
        found, = document["modules"]
        return found, {
            one["tag"]: (one["level"], one["changes"][0]["kind"],
                         one["changes"][0]["member"])
            for one in found["findings"]}

    def test_two_kernels(self):
        for old, new in ((2, 2), (2, 3), (3, 3), (3, 2)):
            with self.subTest(old=old, new=new):
                found, told = self.ask(
                    "--against", self.tmp / f"old{old}",
                    self.tmp / f"new{new}", self.tmp / "of-old.ko")
                self.assertEqual(found["compared"]["typed"],
                                 found["compared"]["imports"])
                self.assertEqual(told, TYPES | SYMBOLS)
                self.assertEqual(
                    [one["text"] for one in found["findings"]
                     if one["tag"] == "differ_set"],
                    ["differ_set: argument 1 is struct _set * in the old "
                     "kernel, struct __set * in the new one"])

    def test_a_module(self):
        for built, new in ((2, 3), (3, 3)):
            with self.subTest(built=built, new=new):
                _, told = self.ask(self.tmp / f"new{new}",
                                   self.tmp / f"of-old{built}.ko")
                self.assertEqual(told, TYPES)

    def test_dwarf(self):
        """A module's DWARF, of a machine whose char is unsigned, and CTF."""
        if kbi.without_dwarf(KLDSIM):
            self.skipTest("built without DWARF")
        for name, flags in (("old", []), ("new", ["-DNEW"])):
            for version in (2, 4):
                unit = self.tmp / f"dwarf{version}-{name}.o"
                kbi.compile_unit(SOURCE, unit, "-DMODULE", "-funsigned-char",
                                 "-fstandalone-debug", f"-gdwarf-{version}",
                                 *flags)
                with self.subTest(name, version=version):
                    found, told = self.ask(self.tmp / f"{name}3", unit)
                    self.assertEqual(told, {})
                    self.assertEqual(found["types"]["version"], version)
                    _, told = self.ask(self.tmp / "new3", unit)
                    self.assertEqual(told, TYPES if name == "old" else {})

    def test_another_version_of_the_format(self):
        """Of one source nothing differs, whichever version says it."""
        for name in ("old", "new"):
            for one, other in ((2, 3), (3, 2)):
                with self.subTest(name, one=one, other=other):
                    kernels = [self.tmp / f"{name}{version}"
                               for version in (one, other)]
                    found, told = self.ask("--against", *kernels,
                                           self.tmp / f"of-{name}.ko")
                    self.assertEqual((told, found["verdict"]),
                                     ({}, "no difference found"))
                    _, told = self.ask(kernels[0],
                                       self.tmp / f"of-{name}{other}.ko")
                    self.assertEqual(told, {})


if __name__ == "__main__":
    unittest.main()
