# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: kernels of several files, as ctfmerge(1) folds their types (C-32).

Which of several types of one tag it takes where only the tag is known depends on
the order of the files, and is no difference.
"""

import json
import os
import pathlib
import unittest

import ctf
import ctfmerge
import dwarf
import kbi

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_merged.c"
IMPORTS = ("first", "second", "third", "third_either", "first_common",
           "second_common", "third_common")


class Merged(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.units = {file: cls.unit(file) for file in "123"}
        cls.units["n"] = cls.unit("2", "-DNEW")
        cls.old = cls.kernel("old", "123", 3)
        cls.modules = {name: cls.module(name) for name in IMPORTS}
        cls.modules["first-second"] = cls.module("first", "second")

    @classmethod
    def unit(cls, file, *flags):
        source = cls.tmp / f"driver{file}.c"
        source.write_text(SOURCE.read_text())
        made = cls.tmp / f"{file}{''.join(flags)}.o"
        kbi.compile_unit(source, made, f"-DFILE={file}",
                         f"-DOSRELDATE={kbi.OSRELDATE}", *flags)
        return made

    @classmethod
    def kernel(cls, name, order, version):
        made = cls.tmp / name
        kbi.run("ld.lld", "-Bdynamic", "--export-dynamic", "-dynamic-linker",
                "/red/herring", "--image-base=0xffffffff80200000", "-o", made,
                *(cls.units[file] for file in order))
        return kbi.put_ctf(ctfmerge.make(made, version), made)

    @classmethod
    def module(cls, *names):
        source = cls.tmp / "uses.c"
        source.write_text("".join(
            f"extern char {name}[];\n__attribute__((used)) static char "
            f"*const use_{name} = {name};\n" for name in names))
        return kbi.module(cls.tmp / f"{'-'.join(names)}.ko", source=source,
                          types=None)

    def ask(self, old, new, modules, status=0):
        document = json.loads(kbi.run(
            KLDSIM, "kbi", "--json", "-v", "--against", old, new, *modules,
            status=status))
        return {pathlib.Path(found["name"]).stem:
                [(one["tag"], one["level"], one["module"]["size"],
                  one["kernel"]["size"])
                 for one in found["findings"]]
                for found in document["modules"]}

    def test_what_is_there(self):
        """Two struct softc, and each has a struct common that leads to it."""
        found = ctf.read(self.old.read_bytes())
        tags = [(one["kind"], one["name"]) for one in found["types"]
                if one["name"] in ("softc", "either", "common")]
        self.assertEqual(sorted(tags), [
            ("struct", "common"), ("struct", "common"), ("struct", "softc"),
            ("struct", "softc"), ("union", "either")])
        self.assertEqual(
            sorted(len(ids) for name, _, ids in found["functions"]
                   if name == "attach"), [0, 1, 2])

    def test_not_merged(self):
        """C-31: what ld makes of the files' CTF names the wrong symbols."""
        objects = []
        for file in "12":
            section, _, _ = dwarf.make(self.units[file], 3, 0)
            (self.tmp / "ctf").write_bytes(section)
            objects.append(self.tmp / f"with-{file}.o")
            # As where EXPORT_SYMS is not set: all are local.
            kbi.run("llvm-objcopy", "--wildcard", "--localize-symbol=*",
                    "--add-section", f".SUNW_ctf={self.tmp / 'ctf'}",
                    "--strip-debug", self.units[file], objects[-1])
        made = self.tmp / "joined.ko"
        kbi.run("ld.lld", "-r", "-o", made, *objects)
        told = json.loads(kbi.run(KLDSIM, "types", "--json", made, "*"))
        self.assertEqual((told["functions"], told["variables"]), ([], []))
        self.assertIn("ctfmerge(1) was not run", told["remarks"][0]["text"])
        self.assertIn("softc", [one["name"] for one in told["types"]])

    def test_another_order(self):
        for order, version in (("312", 3), ("231", 2), ("213", 3)):
            with self.subTest(order, version=version):
                other = self.kernel("other", order, version)
                self.assertEqual(
                    self.ask(self.old, other, self.modules.values()),
                    {name: [] for name in self.modules})

    def test_one_of_several(self):
        """I-30: that of whoever names it is another, and the other's is not."""
        for order in ("1n3", "3n1"):
            with self.subTest(order):
                new = self.kernel("new", order, 3)
                found = self.ask(self.old, new, self.modules.values(),
                                 status=1)
                for name in "second", "first-second":
                    self.assertEqual(found.pop(name), [("softc", 3, 64, 72)])
                self.assertEqual(set(map(str, found.values())), {"[]"})

    def test_a_driver_that_is_in_the_kernel_too(self):
        """C-32: what a function that knows the tag alone takes may be another's."""
        for flags, told in ((), []), (("-DNEW",), ["softc"]):
            made = self.tmp / "driver.o"
            kbi.compile_unit(SOURCE, made, "-DFILE=2", "-DCALL=third",
                             "-fstandalone-debug", *flags)
            section, _, _ = dwarf.make(made, 3, 1)
            module = kbi.put_ctf(section, made, self.tmp / "driver.ko")
            document = json.loads(kbi.run(KLDSIM, "kbi", "--json", self.old,
                                          module, status=None))
            found, = document["modules"]
            with self.subTest(flags=flags):
                self.assertEqual(found["compared"]["types"], 1)
                self.assertEqual([one["tag"] for one in found["findings"]],
                                 told)

    def test_text(self):
        """I-93: the same of the interface as text."""
        for order, fails in (("123", []), ("213", []), ("1n3", ["second"])):
            other = self.kernel("other", order, 3)
            said = kbi.run(KLDSIM, "kbi", "--compare", self.old, other,
                           status=1 if fails else 0)
            with self.subTest(order):
                self.assertEqual([line for line in said.splitlines()
                                  if line.startswith("fail")],
                                 [f"fail: {name} differs: s#softc"
                                  for name in fails])
        said = kbi.run(KLDSIM, "kbi", "--compare", "--explain", "second",
                       self.old, other)
        self.assertRegex(said, r"\* +added s64@384")
        self.assertNotIn("first", said)


if __name__ == "__main__":
    unittest.main()
