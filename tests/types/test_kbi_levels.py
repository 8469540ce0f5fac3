# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: whole reports, worked out by hand, for each level of I-50.

kbi_levels.c has the two sides of each.  The kernel is of a later version, 1500070,
so that "another source version" is the cause of what types show.
"""

import json
import os
import pathlib
import sys
import unittest

import kbi

sys.path.insert(0, str(kbi.HERE.parent / "cli"))
import cli  # noqa: E402 (its place is known by now)

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_levels.c"
HEAD = "m.ko: built for 1500068, CTF v3; kernel: 1500070 LEVELS, CTF v3\n"
CAUSE = ("cause: another source version (1500068 in the module, 1500070 in the "
         "kernel)\n")
REBUILD = ("  what to do: install the package that belongs to this kernel, or "
           "build the module with this kernel's sources and KERNBUILDDIR\n")
TAIL = ("Not compared: how a module calls the kernel, inlines and macros in it, "
        "assembler; CTF does not say.\n")

# level -> exit status, verdict, and what is between the first and last line: what
# differs, where it bites, why, and what to do (I-51), in the form of I-52.
# Sizes are those of LP64: a long after an int begins at 8, and ends at 16.
REPORTS = {
    # Nobody defines gone().
    "1": (1, "will not load",
          "  warning: m.ko .text+0x5 in use: gone is defined neither here nor "
          "by the kernel or any dependency; 1 reference; no file of . exports "
          "gone [undefined-symbol O-46,O-53]\n"
          "  what to do: Load or build what defines the name, and say "
          "MODULE_DEPEND on it in the module. If the kernel used to have it, "
          "build the module from the sources of this kernel, or the kernel with "
          "the option that the name belongs to.\n"
          "compared: 1 type reached from 1 import\n"),
    # A word of the headers (I-60): the module loads and its driver does not work.
    "1_WORD": (1, "rebuild",
               "  warning: m.ko (its_cdevsw): a struct cdevsw has the version "
               "0x17122009, this kernel's own have 0x5c48c353: \"WARNING: "
               "Device driver ... has wrong version and is disabled\", though "
               "the load succeeds [kbi-version-word I-60,M-46,V-74]\n"
               "  what to do: As a rule it was left in /boot/modules over an "
               "upgrade. Install the package that belongs to the running "
               "release, or remove the file; one of your own has to be compiled "
               "again.\n"
               "compared: 1 type reached from 0 imports\n"),
    # The kernel calls attach with one argument more than the module's takes.
    "2": (1, "rebuild", CAUSE +
          "  warning: struct ops: attach is int (*)(int) in the module, int "
          "(*)(int, long) in the kernel [kbi-prototype, level 2]\n"
          "      attach is int (*)(int) in the module, int (*)(int, long) in "
          "the kernel\n"
          "      reached from: ops_register\n" + REBUILD +
          "compared: 2 types reached from 1 import\n"),
    # since is where packages was.
    "3": (1, "rebuild", CAUSE +
          "  warning: struct stats: 16 bytes in the module, 24 in the kernel "
          "[kbi-layout, level 3]\n"
          "      since (long) at 0x8 in the kernel alone\n"
          "      packets at 0x8 in the module, at 0x10 in the kernel\n"
          "      reached from: stats_add\n" + REBUILD +
          "compared: 2 types reached from 1 import\n"),
    # Growth alone, and the kernel writes behind the module's tracker.
    "4": (1, "rebuild", CAUSE +
          "  warning: struct tracker: 8 bytes in the module, 16 in the kernel "
          "[kbi-size, level 4]\n"
          "      last (void *) at 0x8 in the kernel alone\n"
          "      the module has it in a struct its_own of its own\n"
          "      reached from: track\n" + REBUILD +
          "compared: 2 types reached from 1 import\n"),
    # The same where a structure of the kernel's has it in it (I-42).
    "4_IN": (1, "rebuild", CAUSE +
             "  warning: struct tracker: 8 bytes in the module, 16 in the "
             "kernel [kbi-size, level 4]\n"
             "      last (void *) at 0x8 in the kernel alone\n"
             "      by value in: struct holder\n"
             "      the module has it in a struct holder of its own\n"
             "      reached from: hold\n" + REBUILD +
             "compared: 3 types reached from 1 import\n"),
    # I-23: by a set.  0xf000000 and 0x2900000: when the module's SYSINIT runs.
    "5": (0, "no difference found", CAUSE +
          "  warning: enum sysinit_sub_id: SI_SUB_SMP is 251658240 in the "
          "module, 42991616 in the kernel [kbi-enum, level 5]\n"
          "      SI_SUB_SMP is 251658240 in the module, 42991616 in the kernel\n"
          "      by value in: struct sysinit\n"
          "      reached from: set_sysinit_set\n" + REBUILD +
          "compared: 3 types reached from 0 imports\n"),
    # Tied by what it calls, and not by what it says of itself (G-04).
    "6": (1, "rebuild",
          "  warning: m.ko: __mtx_lock_sleep is what the inline locks of one "
          "kernel call, so that the module is tied to that kernel, and yet it "
          "says that any of 1500068 to 1599999 will do: it was compiled without "
          "KLD_MODULE, or by headers of both kinds [kbi-tied G-04,G-11,I-61]\n"
          "  what to do: Give every source of the module KLD_MODULE and the "
          "same KLD_TIED, as bsd.kmod.mk does: none for a module that is built "
          "on its own, MODULE_TIED=yes with the KERNBUILDDIR of this very "
          "kernel for one that is to be tied to it.\n"
          "compared: 1 type reached from 1 import\n"),
    # The kernel makes it, and hands it over by its address (I-41).
    "7": (0, "no difference found", CAUSE +
          "  note: struct report: 4 bytes in the module, 16 in the kernel "
          "[kbi-size, level 7]\n"
          "      more (long) at 0x8 in the kernel alone\n"
          "      reached from: report\n"
          "compared: 2 types reached from 1 import\n"),
}


class Levels(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.before = os.getcwd()
        os.chdir(cls.tmp)
        cls.kernel = kbi.kernel(pathlib.Path("kernel"), source=SOURCE,
                                flags=["-DKERNEL"], osreldate=1500070)

    @classmethod
    def tearDownClass(cls):
        os.chdir(cls.before)

    def test_reports(self):
        """As text, and as JSON with its codes (I-53, I-54)."""
        for level, (status, verdict, report) in REPORTS.items():
            kbi.module(pathlib.Path("m.ko"), f"LEVEL_{level}", source=SOURCE)
            with self.subTest(level):
                self.assertEqual(
                    kbi.run(KLDSIM, "kbi", "kernel", "m.ko", status=status),
                    HEAD + report + TAIL)
                document = json.loads(kbi.run(
                    KLDSIM, "kbi", "--json", "kernel", "m.ko",
                    status=status))
                cli.validate(document, "kbi")
                found, = document["modules"]
                self.assertEqual(found["verdict"], verdict)
                self.assertEqual(
                    {one["level"] for one in found["findings"] +
                     found["load"]["findings"]}, {int(level[0])})

    def test_a_name_for_two_things(self):
        """I-30: no source is so unlike itself; another version may be."""
        for headers, levels, unrelated in ((1500070, [], 1),
                                           (1500068, [3], 0)):
            kbi.module(pathlib.Path("two.ko"), "LEVEL_0", source=SOURCE,
                       flags=[f"-DHEADERS={headers}"])
            found, = json.loads(kbi.run(
                KLDSIM, "kbi", "--json", "kernel", "two.ko",
                status=1 if levels else 0))["modules"]
            with self.subTest(headers):
                self.assertEqual([one["level"] for one in
                                  found["findings"]], levels)
                self.assertEqual(found["compared"]["unrelated"], unrelated)

    def test_what_is_missing(self):
        """I-83: a name that is spelt like it, and a module that has it."""
        source = pathlib.Path("near.c")
        source.write_text("int stats_ad(void *);\n__attribute__((used)) static "
                          "int use(void) { return (stats_ad(0)); }\n")
        kbi.module(pathlib.Path("near.ko"), source=source, types=None)
        text = kbi.run(KLDSIM, "kbi", "kernel", "near.ko", status=1)
        self.assertIn("stats_add", text)

    def test_a_warning_of_level_5_counts_by_strict(self):
        """I-55: of itself it does not; with --strict all warnings do."""
        for level, status in (("5", 1), ("7", 0)):
            kbi.module(pathlib.Path("s.ko"), f"LEVEL_{level}", source=SOURCE)
            with self.subTest(level):
                kbi.run(KLDSIM, "kbi", "--strict", "kernel", "s.ko",
                        status=status)


if __name__ == "__main__":
    unittest.main()
