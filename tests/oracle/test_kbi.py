# SPDX-License-Identifier: BSD-2-Clause
"""Was this module built for that kernel?  Modules are made here by clang; for
each finding there is one that it is made for and one that is alike and fits.
And no fixture that was built for its kernel is told to be another's.

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import json
import os
import re
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
options: {osreldate: %d}
sections:
  - {name: kern_conf, type: progbits, flags: alloc, text: "%s"}
functions: [printf, malloc_init, vfs_modevent, __mtx_lock_sleep,
  __mtx_lock_flags, rm_init_flags%s]
objects:
  - {name: M_TEMP, bytes: 0000000000000000 e9f8543400000000 0000000000000000}
  - {name: devfs_vfsconf, bytes: 04051820 00000000}
  - {name: started_cpus, size: 128}
%smodules:
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
extern char started_cpus[];
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
int first_cpu(void) { return (started_cpus[0]); }
"""

# G-20 to G-04: a symbol for each option of lib/kbi/options.def that has any.
OPTIONS = {
    "WITNESS": "witness_save", "KTR": "ktr_tracepoint",
    "LOCK_PROFILING": "lock_profile_obtain_lock_success",
    "INVARIANT_SUPPORT": "_rm_assert", "VNET_DEBUG": "vnet_log_recursion",
    "SMP": "ipi_selected", "RSS": "rss_gethashconfig",
    "KDTRACE_HOOKS": "sdt_probe", "MAC": "mac_socket_check_send",
    "AUDIT": "audit_arg_fd", "RATELIMIT": "in_pcbattach_txrtlmt",
    "RACCT": "racct_add", "RCTL": "rctl_enforce", "INET": "in_pcblookup",
    "INET6": "in6_sprintf", "KASAN": "__asan_load4_noabort",
    "KMSAN": "__msan_warning", "KCSAN": "__tsan_func_entry",
    "COVERAGE": "__sanitizer_cov_trace_pc",
    "KUBSAN": "__ubsan_handle_out_of_bounds", "COMPAT_43": "ofstat",
    "COMPAT_FREEBSD32": "freebsd32_ioctl",
} | {f"COMPAT_FREEBSD{n}": f"freebsd{n}_mmap"
     for n in (4, 5, 6, 7, 9, 10, 11, 12, 13, 14)}

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
    ("G-22: MAXCPU", CPUS % 1299999, PLAIN + "options\\tMAXCPU=512\\n", 0,
     ["kbi-size"]),
    ("G-22: the usual MAXCPU", CPUS % 1299999,
     PLAIN + "options\\tMAXCPU=256\\n", 0, []),
    ("G-04: tied code, for any kernel", "KERNEL(1299999);" +
     CALL % (("__mtx_lock_sleep",) * 2), PLAIN, 32, ["kbi-tied"]),
    ("G-04: tied code", "KERNEL(1201000);" +
     CALL % (("__mtx_lock_sleep",) * 2), PLAIN, 32, []),
    ("G-10: functions", "KERNEL(1299999);" +
     CALL % (("__mtx_lock_flags",) * 2), PLAIN, 32, []),
    ("I-61: tied to another", "KERNEL(1201000);", None, 32,
     ["dependency", "kbi-tied"]),
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

    def kernel(self, conf, size, osreldate=1201000, functions=()):
        spec, kernel = self.tmp / "kernel.yaml", self.tmp / "kernel"
        names = "".join(f", {name}" for name in functions)
        cpus = f"  - {{name: all_cpus, size: {size}}}\n" if size else ""
        spec.write_text(KERNEL % (osreldate, conf, names, cpus))
        subprocess.run([KLDSIM, "synth", spec, "-o", kernel], check=True)
        return kernel

    def test_kbi_tells_it_too(self):
        """I-50, I-55: what is wrong and loads is of a level that counts."""
        kernel = self.kernel(PLAIN, 32)
        for last, status in (1299999, 1), (1201000, 0):
            module = self.module(f"KERNEL({last});" +
                                 CALL % (("__mtx_lock_sleep",) * 2))
            done = subprocess.run([KLDSIM, "kbi", kernel, module], text=True,
                                  stdout=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, status, done.stdout)
            self.assertEqual("[kbi-tied" in done.stdout, status == 1)

    def test_each_option(self):
        """A module that imports a symbol of every option (G-20)."""
        module = self.module("".join(
            CALL.replace("void f", f"void f_{name}") % (name, name)
            for name in OPTIONS.values()))
        every = "".join(f"options\\t{name}\\n" for name in OPTIONS)
        for conf, functions, want in [(PLAIN, (), set(OPTIONS) - {"SMP"}),
                                      (every, (), set()),
                                      (PLAIN, OPTIONS.values(), set())]:
            kernel = self.kernel(conf, 32, functions=functions)
            found = load(kernel, module)
            told = {re.search(r"kernel is without options (\w+)",
                              f["text"]).group(1)
                    for f in found if f["code"] == "kbi-option"}
            self.assertEqual(told, want)
            self.assertEqual("undefined-symbol" in
                             {f["code"] for f in found}, not functions)

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
                kernel = self.kernel(conf or PLAIN, size,
                                     1201000 if conf else 1201517)
                found = load(kernel, self.module(source))
                self.assertEqual(sorted(f["code"] for f in found
                                        if f["severity"] != "note"), want,
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
