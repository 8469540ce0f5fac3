# SPDX-License-Identifier: BSD-2-Clause
"""Stale offsets for assembler: a header, an object, a module (S-01 to S-20).

Objects are compiled by clang as genassym.c makes them; headers are written from
what llvm-nm says of them, as genassym.sh does.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import kbi
from test_kbi import KLDSIM, cli

# S-01: five common arrays for a number.
ASSYM = """#define offsetof(t, m) __builtin_offsetof(t, m)
#define SIZE(v) ((unsigned long)((v) < 0 ? -(v) : (v)))
#define ASSYM(n, v) char n##sign[0x10000 + ((long)(v) < 0)], \\
    n##w0[0x10000 + (SIZE((long)(v)) & 0xffff)], \\
    n##w1[0x10000 + (SIZE((long)(v)) >> 16 & 0xffff)], \\
    n##w2[0x10000 + (SIZE((long)(v)) >> 32 & 0xffff)], \\
    n##w3[0x10000 + (SIZE((long)(v)) >> 48)]
"""
THREAD = "struct thread {{ char a[0x138]; unsigned char td_owepreempt;" \
    " char b[0x17c - 0x139]; int td_pinned; char c[0x3fa - 0x180];" \
    " unsigned char td_priority; char d[{critnest} - 0x3fb];" \
    " unsigned td_critnest; }};\n"
PCPU = "struct pcpu {{ void *pc_curthread; char x[{x}]; void *pc_curpcb; }};\n"
VMX = "struct vmx {{ char x[{x}]; long eptgen[4]; }};\n"
KERNEL = f'#define thread thread_of_kbi\n#include "{kbi.HERE}/kbi_kernel.c"\n' \
    "#undef thread\n{0}{1}" \
    "__attribute__((used)) struct thread thread0;\n" \
    "__attribute__((used)) struct pcpu pcpu0;\n"
# X-31: four offsets of amd64's GENERIC of 15.
LITE = {"td_owepreempt": 0x138, "td_pinned": 0x17c, "td_priority": 0x3fa,
        "td_critnest": 0x4fc}
TYPES = {"td_owepreempt": "u_char", "td_pinned": "int",
         "td_priority": "u_char", "td_critnest": "u_int"}


class Stale(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.kernel = cls.make_kernel("kernel", 0x4fc, 24)

    @classmethod
    def make_kernel(cls, name, critnest, x):
        source = cls.tmp / f"{name}.c"
        source.write_text(KERNEL.format(THREAD.format(critnest=critnest),
                                        PCPU.format(x=x)))
        return kbi.kernel(cls.tmp / name, source=source)

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=self.tmp))

    def object(self, name, text, source=False):
        """NAME.o; NAME.c stays only if it is to be found there."""
        path = self.dir / f"{name}.c"
        path.write_text(text)
        unit = self.dir / "unit.c"
        unit.write_text(ASSYM + text)
        kbi.run("clang", f"--target={kbi.TARGET}", "-fcommon", "-w", "-c",
                unit, "-o", self.dir / f"{name}.o")
        unit.unlink()
        if not source:
            path.unlink()

    def sizes(self, name):
        """nm's lines of class C: S-02."""
        return {line.split()[2]: int(line.split()[0], 16) for line in
                kbi.run("llvm-nm", self.dir / f"{name}.o").splitlines()
                if line.split()[1] == "C"}

    def header(self, name, header):
        sizes = self.sizes(name)
        lines = []
        for symbol in sizes:
            if not symbol.endswith("sign"):
                continue
            n = symbol[:-4]
            value = sum((sizes[f"{n}w{w}"] & 0xffff) << 16 * w
                        for w in range(4))
            sign = "-" if sizes[symbol] & 1 else ""
            lines.append(f"#define\t{n}\t{sign}{hex(value) if value else 0}\n")
        (self.dir / header).write_text("".join(lines))

    def ask(self, kernel=None, status=0):
        document = json.loads(kbi.run(
            KLDSIM, "kbi", "--json", "--build-dir", self.dir,
            kernel or self.kernel, status=status))
        cli.validate(document, "kbi")
        return [(one["kind"], one["file"], one["name"])
                for one in document["stale"]]

    def vmm(self, x, assym=0x1060):
        """A folder as vmm's is: own types, own source."""
        self.object("vmx_genassym", VMX.format(x=assym) +
                    "ASSYM(VMX_EPTGEN, offsetof(struct vmx, eptgen));\n"
                    "ASSYM(BELOW, -8);\nASSYM(FAR, 0x123456789);\n", True)
        unit = self.dir / "vmx.c"
        unit.write_text(VMX.format(x=x) +
                        "__attribute__((used)) static struct vmx vmx0;\n")
        kbi.module(self.dir / "vmm.ko", source=unit)

    def test_a_fresh_build_is_silent(self):
        self.vmm(0x1060)
        self.header("vmx_genassym", "vmx_assym.h")
        self.assertIn("0x11060", [hex(s) for s in self.sizes(
            "vmx_genassym").values()])
        self.assertIn("BELOW\t-0x8\n", (self.dir / "vmx_assym.h").read_text())
        self.object("genassym", PCPU.format(x=24) + "ASSYM(PC_CURPCB, "
                    "offsetof(struct pcpu, pc_curpcb));\n"
                    "ASSYM(PAGE_SIZE, 4096);\n")
        self.header("genassym", "assym.inc")
        self.assertEqual(self.ask(), [])
        said = kbi.run(KLDSIM, "kbi", "--build-dir", self.dir, self.kernel)
        self.assertIn("2 objects with 5 numbers for assembler, 2 of them "
                      "compared with types: 0 stale", said)

    def test_a_stale_header(self):
        """S-05, S-10, S-11: the object was made anew, the header was not."""
        self.vmm(0x1060)
        self.header("vmx_genassym", "vmx_assym.h")
        self.vmm(0x1068, 0x1068)
        self.assertEqual(self.ask(status=1), [
            ("header", "vmx_assym.h", "VMX_EPTGEN")])
        text = (self.dir / "vmx_assym.h").read_text()
        (self.dir / "vmx_assym.h").write_text(text.replace(
            "FAR", "NEAR").replace("0x1060", "0x1068"))
        self.assertEqual(self.ask(status=1), [
            ("lacking", "vmx_assym.h", "FAR")])

    def test_a_stale_object(self):
        """S-12: by its source, the module's own types; S-04: by known names."""
        self.vmm(0x1068, 0x1060)
        self.header("vmx_genassym", "vmx_assym.h")
        self.assertEqual(self.ask(status=1), [
            ("object", "vmx_genassym.o", "VMX_EPTGEN")])
        said = kbi.run(KLDSIM, "kbi", "--build-dir", self.dir, self.kernel,
                       status=1)
        self.assertIn("VMX_EPTGEN is 0x1060, and struct vmx has eptgen at "
                      "0x1068 by", said)
        self.vmm(0x1060)
        self.object("genassym", PCPU.format(x=24) + "ASSYM(PC_CURPCB, "
                    "offsetof(struct pcpu, pc_curpcb));\n")
        self.assertEqual(self.ask(), [])
        other = self.make_kernel("kernel-pcpu", 0x4fc, 32)
        self.assertEqual(self.ask(other, status=1), [
            ("object", "genassym.o", "PC_CURPCB")])

    def test_what_a_source_says_otherwise(self):
        """S-12: of alternatives the compiler took one, and a sum of an offset
        and something else is no offset."""
        text = (VMX.format(x=0x1060) + """
            #ifdef ALTERNATIVE
            ASSYM(VMX_EITHER, offsetof(struct vmx, x));
            #else
            ASSYM(VMX_EITHER, offsetof(struct vmx, eptgen));
            #endif
            /* ASSYM(VMX_EPTGEN, offsetof(struct vmx, x)); */
            ASSYM(VMX_EPTGEN, offsetof(struct vmx, eptgen));
            ASSYM(VMX_SECOND, offsetof(struct vmx, eptgen) + 8);
            ASSYM(VMX_WORDS, offsetof(struct vmx, eptgen) / 8);
            """)
        self.vmm(0x1060)
        self.object("vmx_genassym", text, True)
        self.assertEqual(self.ask(), [])
        self.vmm(0x1068)
        self.object("vmx_genassym", text, True)
        self.assertEqual(set(self.ask(status=1)), {
            ("object", "vmx_genassym.o", name)
            for name in ("VMX_EITHER", "VMX_EPTGEN")})

    def test_what_is_no_such_object(self):
        """S-10: all five arrays have to be there, and no larger than they can;
        S-02: with -fno-common there are none."""
        self.object("genassym", "char Aw0[0x10008]; char Aw1[0x10000];"
                    "char Bsign[0x30000];\n")
        done = subprocess.run([KLDSIM, "kbi", "--build-dir", self.dir,
                               self.kernel], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertIn("no numbers for assembler (S-10)", done.stderr)
        self.assertIn("0 objects", done.stdout)

    def offsets(self, critnest):
        """genoffset.o and offset.inc of 15 (S-03)."""
        at = {**LITE, "td_critnest": critnest}
        self.object("genoffset", "".join(
            f"char __assym_offset__thread__{n}__{TYPES[n]}[{at[n]}];\n"
            for n in at))
        end, text = "0", "struct thread_lite {\n"
        for n, offset in at.items():
            text += f"\tu_char\tpad_{n}[{offset:#x} - {end}];\n" \
                f"\t{TYPES[n]}\t{n};\n"
            end = f"({offset:#x} + sizeof({TYPES[n]}))"
        (self.dir / "offset.inc").write_text(text + "};\n")

    def test_offset_inc(self):
        """X-31, X-32"""
        self.offsets(0x4fc)
        self.assertEqual(self.ask(), [])
        text = (self.dir / "offset.inc").read_text()
        self.offsets(0x504)
        (self.dir / "offset.inc").write_text(text)
        self.assertEqual(self.ask(status=1), [
            ("header", "offset.inc", "td_critnest"),
            ("object", "genoffset.o", "td_critnest")])

    def test_a_stale_module(self):
        """S-20, X-31: thread_lite of a module, struct thread of the kernel."""
        self.offsets(0x4fc)
        unit = self.dir / "tied.c"
        unit.write_text("typedef unsigned char u_char;\n"
                        "typedef unsigned int u_int;\n" +
                        (self.dir / "offset.inc").read_text() +
                        "struct vnode;\nvoid vref(struct vnode *);\n"
                        "__attribute__((used)) static void "
                        "f(struct thread_lite *td) { td->td_critnest++;"
                        " vref(0); }\n")
        module = kbi.module(self.dir / "tied.ko", source=unit)
        by_dwarf = kbi.module(self.dir / "dwarf.ko", source=unit,
                              types="DWARF")
        moved = self.make_kernel("kernel-thread", 0x504, 24)
        files = [module] if kbi.without_dwarf(KLDSIM) else [module, by_dwarf]
        for file in files:
            with self.subTest(file.name):
                document = json.loads(kbi.run(KLDSIM, "kbi", "--json",
                                              self.kernel, file))
                self.assertEqual(document["modules"][0]["findings"], [])
                document = json.loads(kbi.run(KLDSIM, "kbi", "--json", moved,
                                              file, status=1))
                only, = document["modules"][0]["findings"]
                self.assertEqual((only["tag"], only["level"], only["severity"],
                                  only["code"]),
                                 ("thread_lite", 3, "warning", "kbi-layout"))
                self.assertEqual(only["text"], "struct thread_lite: "
                                 "td_critnest at 0x4fc in the module, at 0x504 "
                                 "in the kernel")


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in ("clang", "ld.lld", "llvm-nm",
                                               "llvm-objcopy",
                                               "llvm-dwarfdump")):
        print("skipped: no clang, lld or llvm")
        sys.exit(77)
    unittest.main()
