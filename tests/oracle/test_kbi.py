# SPDX-License-Identifier: BSD-2-Clause
"""Was this module built for that kernel?  Modules are made here by clang; for
each finding there is one that it is made for and one that is alike and fits.
And no fixture that was built for its kernel is told to be another's.

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import tools

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
KLDSIM = os.environ["KLDSIM"]
MACHINES = ("amd64", "amd64-dyn", "arm64", "armv7", "i386", "powerpc",
            "powerpc64", "powerpc64le", "riscv64")
VIMAGE = "module-needs-vimage"

# Those that are built for another kernel, and say so in fixtures.list.
OTHERS = {"kernel-novimage/fx_odd16", "kernel-novimage/fx_vimage"}

# The kernel of 12.1: its words are X-11's, its all_cpus is 32 bytes (G-22).
KERNEL = """
machine: amd64
kind: kernel
options: {osreldate: 1201000}
sections:
  - {name: kern_conf, type: progbits, flags: alloc, text: "%s"}
functions: [printf, malloc_init, vfs_modevent, __mtx_lock_sleep,
  __mtx_lock_flags, rm_init_flags]
objects:
  - {name: M_TEMP, bytes: 0000000000000000 e9f8543400000000 0000000000000000}
  - {name: devfs_vfsconf, bytes: 04051820 00000000}
  - {name: all_cpus, size: %d}
modules:
  - {name: devfs, handler: vfs_modevent, priv: devfs_vfsconf,
    declare: no}
"""

# What a module has of headers: set entries, SYSINIT (M-05), moduledata.
HEADERS = """
#define SET(set, sym) static const void *set_##sym \\
    __attribute__((section("set_" #set), used)) = &sym
struct sysinit { unsigned sub, order; void (*func)(const void *);
    const void *udata; };
struct data { const char *name; int (*handler)(void *, int, void *);
    void *priv; };
struct depend { int minimum, preferred, maximum; };
struct metadata { int version, type; const void *data; const char *cval; };
void module_register_init(const void *);
int vfs_modevent(void *, int, void *);
void malloc_init(const void *);
int printf(const char *, ...);
extern char all_cpus[];
#define KERNEL(last) \\
    static const struct depend on = { 1201000, 1201000, last }; \\
    static const struct metadata md = { 1, 1, &on, "kernel" }; \\
    SET(modmetadata_set, md)
"""

MALLOC = """
static struct { void *next; unsigned long word; const char *text; }
    M_FOO[1] = { { 0, %d, "foo" } };
static struct sysinit foo = { 0x1800000, 1, malloc_init, M_FOO };
SET(sysinit_set, foo);
"""

VFS = """
static struct { unsigned word; char rest[60]; } conf = { 0x%x, "" };
static struct data foo = { "foo", vfs_modevent, &conf };
static struct metadata foo_md = { 1, 2, &foo, "foo" };
SET(modmetadata_set, foo_md);
static struct sysinit foo_init = { 0x3800000, 1, module_register_init, &foo };
SET(sysinit_set, foo_init);
"""

CALL = "void %s(void *, long); void f(void *p) { %s(p, 0); }"
CPUS = """
KERNEL(%d);
int first_cpu(void) { return (all_cpus[0]); }
"""

PLAIN = "options\\tVIMAGE\\n"
DEBUG = PLAIN + "options\\tWITNESS\\n"

# Name, source, kern_conf, bytes of all_cpus, the findings.
CASES = [
    ("I-60: malloc of 15", MALLOC % 2024073001, PLAIN, 32,
     ["kbi-version-word"]),
    ("I-60: malloc of 12", MALLOC % 877983977, PLAIN, 32, []),
    ("I-60: vfsconf of 9", VFS % 0x19660120, PLAIN, 32, ["kbi-version-word"]),
    ("I-60: vfsconf of 12", VFS % 0x20180504, PLAIN, 32, []),
    ("G-12: inline locks, WITNESS", CALL % (("__mtx_lock_sleep",) * 2), DEBUG,
     32, ["kbi-prototype"]),
    ("G-12: inline locks", CALL % (("__mtx_lock_sleep",) * 2), PLAIN, 32, []),
    ("G-12: functions, WITNESS", CALL % (("__mtx_lock_flags",) * 2), DEBUG,
     32, []),
    ("G-20: WITNESS alone", CALL % (("witness_warn",) * 2), PLAIN, 32,
     ["kbi-option", "undefined-symbol"]),
    ("G-20: nobody's", CALL % (("foo_warn",) * 2), PLAIN, 32,
     ["undefined-symbol"]),
    ("G-22: no SMP", CPUS % 1299999, PLAIN, 8, ["kbi-size"]),
    ("G-22: the same", CPUS % 1299999, PLAIN, 32, []),
    ("G-22: tied", CPUS % 1201000, PLAIN, 8, []),
]


def load(kernel, *modules):
    done = subprocess.run([KLDSIM, "load", "--json", kernel, *modules],
                          capture_output=True, check=False)
    return json.loads(done.stdout)["findings"]


class Modules(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = Path(scratch.name)

    def kernel(self, conf, size):
        spec, kernel = self.tmp / "kernel.yaml", self.tmp / "kernel"
        spec.write_text(KERNEL % (conf, size))
        subprocess.run([KLDSIM, "synth", spec, "-o", kernel], check=True)
        return kernel

    def module(self, source):
        text, module = self.tmp / "m.c", self.tmp / "m.ko"
        text.write_text(HEADERS + source)
        subprocess.run(["clang", "--target=x86_64-unknown-freebsd12.1", "-O2",
                        "-mcmodel=kernel", "-ffreestanding", "-w", "-c", text,
                        "-o", module], check=True)
        return module

    def test_each_finding_and_its_like(self):
        for name, source, conf, size, want in CASES:
            with self.subTest(name):
                found = load(self.kernel(conf, size), self.module(source))
                self.assertEqual(sorted(f["code"] for f in found), want,
                                 found)


class Fixtures(unittest.TestCase):
    def test_nobody_is_told_to_be_anothers(self):
        """I-47: what is built for its kernel is not suspected."""
        seen, told = 0, set()
        for machine in MACHINES:
            boot = FIXTURES / ("" if machine == "amd64" else machine) / "boot"
            for folder in sorted(boot.glob("kernel*")):
                modules = sorted(folder.glob("*.ko"))
                seen += len(modules)
                told |= {f"{folder.name}/{Path(f['file']).stem}"
                         for f in load(folder / "kernel", *modules)
                         if f["code"].startswith("kbi-")
                         or f["code"] == VIMAGE}
        self.assertGreater(seen, 400)
        self.assertEqual(told, OTHERS)


if __name__ == "__main__":
    tools.need("clang")
    tools.main()
