# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi by DWARF: what CTF says too, and what it does not (W-20 to W-25).

Kernel and module are those of test_kbi.py; here they keep their DWARF.
"""

import functools
import json
import subprocess
import sys
import unittest

import kbi
from test_kbi import KLDSIM, cli

OBJ = "/usr/obj/usr/src/amd64.amd64/sys/GENERIC"
INCLUDED = f'#include "{kbi.HERE}/kbi_kernel.c"\n'
USED = "__attribute__((used))"


kernel_of = functools.partial(kbi.kernel, types="DWARF")
module_of = functools.partial(kbi.module, types="DWARF")


class Dwarf(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.kernel_ctf = kbi.kernel(cls.tmp / "kernel-ctf")
        cls.module_ctf = kbi.module(cls.tmp / "ctf.ko")
        cls.kernel = kernel_of(cls.tmp / "kernel")
        cls.module = module_of(cls.tmp / "m.ko")

    def ask(self, *words, status=0):
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json", *words,
                                      status=status))
        cli.validate(document, "kbi")
        found, = document["modules"]
        return found

    def levels(self, found):
        return {(one["tag"], one["level"]) for one in found["findings"]}

    def test_nothing_against_itself_whoever_tells(self):
        """I-13, I-47: two readers of one source make no difference."""
        for kernel in self.kernel, self.kernel_ctf:
            for module in self.module, self.module_ctf:
                with self.subTest(kernel=kernel.name, module=module.name):
                    found = self.ask(kernel, module)
                    self.assertEqual(found["findings"], [])
                    self.assertEqual(found["verdict"], "no difference found")
                    self.assertEqual(found["compared"]["typed"], 14)
                    self.assertEqual(found["types"]["format"], "CTF" if module
                                     is self.module_ctf else "DWARF")
        written = [kbi.run(KLDSIM, "kbi", "--compare", a, b) for a, b in (
            (self.kernel, self.kernel_ctf), (self.kernel, self.kernel))]
        for text in written:
            self.assertIn("0 fail, 0 notes", text)
        self.assertIn("dwarf4", written[0])

    def test_load(self):
        """load --kbi: its findings are of DWARF, too."""
        other = kernel_of(self.tmp / "kernel-load", "DEBUG_LOCKS")
        for kernel, told in (self.kernel, False), (other, True):
            said = kbi.run(KLDSIM, "load", "--kbi", kernel, self.module)
            self.assertEqual("kbi-layout" in said, told)

    def test_options_are_found(self):
        for option, tags in (("DEBUG_LOCKS", {("lock", 3)}),
                             ("BUF_TRACKING", {("bio", 3), ("buf", 3)})):
            other = kernel_of(self.tmp / f"kernel-{option}", option)
            with self.subTest(option):
                found = self.ask(other, self.module, status=1)
                self.assertEqual(self.levels(found), tags)

    def write(self, name, text):
        path = self.tmp / name
        path.write_text(text)
        return path

    def test_how_the_module_calls_the_kernel(self):
        """W-21, I-21: CTF has no prototypes of what is not defined (C-23)."""
        kernel = kernel_of(self.tmp / "kernel-w21", source=self.write(
            "w21k.c", INCLUDED + f"{USED} int w21(struct mtx *m, int n)"
            " { return (n + (m != 0)); }\n"))
        source = ('#include "kbi.h"\nextern int w21({0});\n' + USED +
                  " static int call(struct mtx *m) { return w21({1}); }\n")
        same = module_of(self.tmp / "same.ko", source=self.write(
            "same.c", source.replace("{0}", "struct mtx *, int").replace(
                "{1}", "m, 1")))
        found = self.ask(kernel, same)
        self.assertEqual((found["verdict"], found["findings"]),
                         ("no difference found", []))
        other = module_of(self.tmp / "other.ko", source=self.write(
            "other.c", source.replace(
                "{0}", "struct mtx *, int, const char *").replace(
                "{1}", "m, 1, 0")))
        found = self.ask(kernel, other, status=1)
        only, = found["findings"]
        self.assertEqual((only["tag"], only["kind"], only["level"]),
                         ("w21", "function", 2))
        self.assertIn("3 arguments in the module, 2 in the kernel",
                      only["text"] + str(only["changes"]))
        # With CTF alone nobody can tell.
        kbi.tell(kernel, kernel.with_suffix(".o"), "CTF")
        kbi.tell(other, other.with_suffix(".o"), "CTF")
        self.assertEqual(self.ask(kernel, other)["findings"], [])

    def test_imported_variables(self):
        """W-22: gcc tells their types, clang does not; nobody's instances."""
        source = self.write("w22.c", '#include "kbi.h"\n' + USED +
                            " long get(void) { return all_cpus.__bits[0]; }\n")
        made = self.tmp / "w22.ko"
        kbi.run("gcc", "-std=gnu11", "-w", "-g", "-O1", "-fno-pic",
                "-ffreestanding", f"-I{kbi.HERE}", "-c", source, "-o", made)
        said = json.loads(kbi.run(KLDSIM, "types", "--json", made,
                                  "all_cpus"))
        self.assertEqual([v["name"] for v in said["variables"]], ["all_cpus"])
        self.assertEqual(self.ask(self.kernel, made)["findings"], [])

    def test_called_without_a_prototype(self):
        """W-21"""
        made = module_of(self.tmp / "implicit.ko", source=self.write(
            "implicit.c", USED + " static int f(void)"
            " { return vn_lock(0, 1); }\n"))
        said = kbi.run(KLDSIM, "types", "-v", made)
        # clang has no DIE for it; gcc has one that is not prototyped.
        kbi.run("gcc", "-std=gnu11", "-w", "-g", "-O1", "-c",
                self.tmp / "implicit.c", "-o", made)
        said = kbi.run(KLDSIM, "types", "-v", made)
        self.assertIn("vn_lock is called without a prototype in sight (W-21)",
                      said)
        self.assertEqual(self.ask(self.kernel, made)["findings"], [])

    INLINE = ('static inline int {0}(struct ucred *cr)'
              ' {{ return (cr->cr_ref); }}\n')

    def test_what_of_headers_was_compiled_in(self):
        """W-23: what an inline takes is reached, though nothing imports it."""
        self.write("inline.h", self.INLINE.format("cred_refs"))
        source = self.write("inlines.c", '#include "kbi.h"\n'
                            f'#include "{self.tmp}/inline.h"\n' +
                            self.INLINE.format("own") + USED +
                            " int f(struct ucred *cr)"
                            " { vref(0); return (cred_refs(cr) + own(cr)); }\n")
        module = module_of(self.tmp / "inlines.ko", source=source)
        found = self.ask(self.kernel, module)
        inline, = found["dwarf"]["inlines"]
        self.assertEqual((inline["name"], inline["places"]), ("cred_refs", 1))
        self.assertTrue(inline["file"].endswith("/inline.h"))
        self.assertIn("compiled in: cred_refs of",
                      kbi.run(KLDSIM, "kbi", "-v", self.kernel, module))
        changed = module_of(self.tmp / "changed.ko", source=self.write(
            "changed.c", "#define cr_ref cr_first; int cr_ref\n"
            '#include "kbi.h"\n#undef cr_ref\n' +
            source.read_text().replace('#include "kbi.h"\n', "")))
        found = self.ask(self.kernel, changed, status=1)
        only, = (one for one in found["findings"] if one["tag"] == "ucred")
        self.assertEqual((only["rank"], only["reached"]),
                         (1, "cred_refs, compiled in"))

    def test_flags_and_folders(self):
        """W-20, W-24, W-25, W-90"""
        module = module_of(self.tmp / "flags.ko", flags=(
            "-grecord-command-line", "-DINVARIANTS", "-UWITNESS",
            f"-fdebug-compilation-dir={OBJ}/modules/usr/src/sys/modules/foo"))
        dwarf = self.ask(self.kernel, module)["dwarf"]
        self.assertIn("clang version", dwarf["compiler"])
        self.assertEqual(dwarf["flags"], ["-DINVARIANTS", "-UWITNESS"])
        self.assertEqual(dwarf["configuration"], "GENERIC")
        self.assertEqual(dwarf["source"], f"DWARF 4 in {module}")
        said = kbi.run(KLDSIM, "kbi", self.kernel, module)
        self.assertIn("configuration GENERIC (by its folder), DWARF v4", said)
        alone = module_of(self.tmp / "alone.ko", flags=(
            "-fdebug-compilation-dir=/usr/src/sys/modules/foo",))
        dwarf = self.ask(self.kernel, alone)["dwarf"]
        self.assertIsNone(dwarf["configuration"])
        self.assertEqual(dwarf["folder"], "/usr/src/sys/modules/foo")

    def test_debug_files(self):
        """W-33, I-05: of kernel and module, by name and by --debug-root."""
        stripped = []
        for file in self.kernel, self.module:
            debug = self.tmp / f"root{self.tmp}/{file.name}.debug"
            debug.parent.mkdir(parents=True, exist_ok=True)
            stripped.append(self.tmp / f"stripped-{file.name}")
            kbi.run("llvm-objcopy", "--only-keep-debug", file, debug)
            kbi.run("llvm-objcopy", "--strip-debug",
                    f"--add-gnu-debuglink={debug}", file, stripped[-1])
        found = self.ask(*stripped)
        self.assertEqual(found["verdict"], "cannot tell")
        found = self.ask("--debug-root", self.tmp / "root", *stripped)
        self.assertEqual((found["verdict"], found["compared"]["typed"]),
                         ("no difference found", 14))
        self.assertIn("(checked by its CRC)", found["dwarf"]["source"])


if __name__ == "__main__":
    sys.exit(kbi.main(KLDSIM, "clang", "ld.lld", "llvm-objcopy",
                      "llvm-dwarfdump", "gcc"))
