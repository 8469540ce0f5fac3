# SPDX-License-Identifier: BSD-2-Clause
"""kldsim types and kbi, of a kernel and modules of FreeBSD's own headers.

The compiler is asked for the size of each structure and the place of each
member, and which of them an option changes.
"""

import json
import os
import pathlib
import sys
import unittest

import freebsd

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "types"))

# pylint: disable=wrong-import-position
import ctfmerge
import dwarf
import kbi

KLDSIM = os.environ.get("KLDSIM", str(HERE.parents[1] /
                                      "build/gcc/bin/kldsim"))
# What a kernel is built with, and a structure that it changes.
OPTIONS = {"EPOCH_TRACE": "struct thread", "DEBUG_LOCKS": "struct lock"}


def reports(kernel, modules, *options):
    """What kbi says of each; its status tells the same."""
    return json.loads(kbi.run(KLDSIM, "kbi", "--json", *options, kernel,
                              *modules, status=None))["modules"]


def told(found):
    """What structures they speak of; prototypes may change besides."""
    return {finding["text"].split(":")[0] for report in found
            for finding in report["findings"]
            if finding["text"].startswith(("struct", "union"))}


class Kernel(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tree = freebsd.Tree(kbi.scratch(cls))
        cls.kernel = cls.tree.kernel()
        cls.modules = cls.tree.modules()
        cls.packages = [made.with_suffix(".pkg.ko") for made in cls.modules]
        for module, package in zip(cls.modules, cls.packages):
            kbi.run("llvm-objcopy", "--strip-debug", module, package)
        cls.types = [type_ for type_ in json.loads(kbi.run(
            KLDSIM, "types", "--all", "--json", cls.kernel))["types"]
                     if type_["kind"] in ("struct", "union") and
                     type_["name"] not in (None, "__va_list_tag")]

    def assert_alike(self, kernel, modules, *options):
        """Nothing is said, and all of them were looked at."""
        found = reports(kernel, modules, *options)
        self.assertEqual(
            {report["name"]: (report["verdict"], report["why"])
             for report in found
             if report["verdict"] != "no difference found" or
             report["load"]["findings"] or report["findings"] or
             report["compared"]["typed"] != report["compared"]["imports"]},
            {})
        self.assertEqual(len(found), len(modules))
        self.assertGreater(sum(report["compared"]["types"]
                               for report in found), 500)

    def test_layouts(self):
        claims = []
        for type_ in self.types:
            of = f"{type_['kind']} {type_['name']}"
            claims.append((of, f"sizeof({of}) == {type_['size']}"))
            claims += [(f"{of}.{member['name']}",
                        f"8 * __builtin_offsetof({of}, {member['name']}) == "
                        f"{member['bit_offset']}")
                       for member in type_["members"]
                       if member["name"] and member["bits"] is None]
        self.assertGreater(len(claims), 2500)
        self.assertEqual(self.tree.denied(claims), set())

    def test_alike(self):
        self.assert_alike(self.kernel, self.modules)
        self.assert_alike(self.kernel, self.packages, "--against",
                          self.kernel)

    def test_options(self):
        sizes = [(f"{type_['kind']} {type_['name']}",
                  f"sizeof({type_['kind']} {type_['name']}) == "
                  f"{type_['size']}") for type_ in self.types]
        for option, of in OPTIONS.items():
            with self.subTest(option=option):
                tree = freebsd.Tree(kbi.scratch(type(self)), option)
                kernel = tree.kernel()
                changed = tree.denied(sizes)
                self.assertIn(of, changed)
                found = reports(kernel, self.modules)
                for those in found, reports(kernel, self.packages,
                                            "--against", self.kernel):
                    self.assertIn(of, told(those))
                    self.assertLessEqual(told(those), changed)
                self.assertEqual(
                    {cause["text"] for report in found
                     for cause in report["causes"]},
                    {f"options {option} in the kernel, not in the module"})
                self.assert_alike(kernel, tree.modules())

    def test_ctf(self):
        """I-13: CTF as ctfmerge(1) makes it tells the same as DWARF."""
        sys.setrecursionlimit(10000)
        kernel = kbi.put_ctf(ctfmerge.make(self.kernel, 3), self.kernel,
                             self.tree.scratch / "kernel.ctf")
        self.assertIn("\n0 fail, 0 notes", kbi.run(
            KLDSIM, "kbi", "--compare", self.kernel, kernel))
        modules = []
        for module in self.modules:
            section, _, _ = dwarf.make(module, 3, 1)
            modules.append(kbi.put_ctf(section, module,
                                       module.with_suffix(".ctf.ko")))
        self.assert_alike(kernel, modules)


def main():
    if not freebsd.folders():
        print("skipped: KLDSIM_HEADERS names no headers of FreeBSD's kernel")
        return 77
    return kbi.main(KLDSIM, "clang", "ld.lld", "llvm-dwarfdump",
                    "llvm-objcopy")


if __name__ == "__main__":
    sys.exit(main())
