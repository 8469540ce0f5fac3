# SPDX-License-Identifier: BSD-2-Clause
"""Cores of every machine's fixtures in gdb, and of two in LLDB: every variable
of every CPU and vnet is where it should be and shows what it should (E-40 to
E-43, E-80 to E-84)."""

import gzip
import os
import pathlib
import re
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

import debuggers
from debuggers import cli

TYPED = ["fx_vnet", "fx_pcpu", "fx_dyn"]


class Cores(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name).resolve()

    def world(self, machine, **more):
        folder = self.tmp / machine
        folder.mkdir()
        return debuggers.World(machine, folder, **more)

    def test_every_variable_in_gdb(self):
        for machine in debuggers.MACHINES:
            with self.subTest(machine):
                world = self.world(machine)
                expected = world.expected()
                self.assertGreater(len(expected), 100)
                self.assertEqual(debuggers.ask_gdb(
                    world, "-x", f"{world.core}.gdb"), expected)

    def test_gdb_says_nothing_bad(self):
        world = self.world("amd64")
        text = debuggers.gdb("-x", f"{world.core}.gdb",
                             "-ex", "vprint fx_enabled 2",
                             "-ex", "vprint fx_enabled 3",
                             "-ex", "dprint fx_dyn_hits")
        self.assertNotRegex(text, r"(?i)warning|not found|unknown")
        self.assertRegex(text, r"\$\d+ = 1\n.*there is no such copy: 3\n"
                               r"\$\d+ = 3\n")

    def test_a_set_that_the_kernel_leaves_where_it_is(self):
        """Nothing in fx_nobits refers to its sets' bounds (D-32)."""
        world = self.world("amd64-dyn")
        text = debuggers.gdb("-x", f"{world.core}.gdb",
                             "-ex", "vprint fx_nobits 1")
        self.assertRegex(text, "the kernel has one vnet_entry_fx_nobits, at 0x")

    def test_a_symbol_in_an_empty_section(self):
        """E-10: of a shared object it is the file's address and st_value."""
        for machine in "arm64", "i386":
            with self.subTest(machine):
                world = self.world(machine, modules=["fx_symbols"])
                elf = debuggers.Elf(world.modules[0])
                value, = (value for name, _, value, _ in elf.symbols
                          if name == "fx_in_empty")
                base = int(world.loaded["files"][1]["address"], 16)
                ask = ["-ex", "print &fx_in_empty"]
                text = (debuggers.gdb("-x", f"{world.core}.gdb", *ask) +
                        debuggers.gdb(*world.remote(), *ask))
                self.assertEqual(
                    [int(at, 16) for at in re.findall(r"\*\) (0x\w+)", text)],
                    [base + value] * 2, text)

    def test_packed_files(self):
        """No debugger opens these, so that the scripts do not stop there."""
        boot = cli.FIXTURES / "boot/kernel"
        packed = self.tmp / "kernel.gz"
        packed.write_bytes(gzip.compress((boot / "kernel").read_bytes()))
        archive = self.tmp / "k.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(boot / "fx_vnet.ko", "fx_vnet.ko")
        core = self.tmp / "core"
        for kernel, module, left_out in (
                (boot / "kernel", f"{archive}:fx_vnet.ko", ["fx_vnet.ko"]),
                (packed, boot / "fx_vnet.ko", ["kernel"])):
            done = cli.run("load", "--core", core, kernel, module)
            self.assertEqual(done.status, cli.OK)
            self.assertEqual(
                re.findall(r"warning: (\S+): .* is packed: .*debugger-packed",
                           done.err), left_out)
            text = debuggers.gdb("-x", f"{core}.gdb", "-ex", "help vprint")
            self.assertNotRegex(text, "No such file|not in executable format")
            self.assertIn("vprint", text)
            self.assertNotIn("Undefined command", text)

    def typed(self):
        """The same kernel and modules, with DWARF."""
        wrapper = self.tmp / "clang-g"
        wrapper.write_text('#!/bin/sh\nexec clang -g "$@"\n')
        wrapper.chmod(0o755)
        keep = self.tmp / "objcopy-g"
        keep.write_text('#!/bin/sh\nfor word do shift\n'
                        '[ "$word" = --strip-debug ] || set -- "$@" "$word"\n'
                        'done\nexec llvm-objcopy "$@"\n')
        keep.chmod(0o755)
        subprocess.run(["sh", cli.SRC / "tests/fixtures/build.sh",
                        self.tmp / "g", "kernel",
                        *(f"kernel/{name}" for name in TYPED)], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**os.environ, "CLANG": str(wrapper),
                            "LLVM_OBJCOPY": str(keep)})
        return self.world("amd64", modules=TYPED, fixtures=self.tmp / "g")

    def test_types(self):
        """E-81: with Python and, as the script has it too, without."""
        world = self.typed()
        ask = ["-ex", "vprint fx_name 1", "-ex", "vprint fx_dyn_limit 2",
               "-ex", "vprint fx_output_fn 1", "-ex", "dprint fx_dyn_hits 1"]
        for more in [], ["-ex", "set $kldsim_python = 0"]:
            text = debuggers.gdb("-x", f"{world.core}.gdb", *more, *ask)
            self.assertRegex(text, r'= "fixture0\\000\\000\\000"\n\$\d+ = 5\n'
                             r"\$\d+ = \(output_t \*\) 0x[0-9a-f]+.*"
                             r"\n\$\d+ = 3\n")

        # E-53: and in a kernel that is asked, of both kinds of modules.
        text = debuggers.gdb(*world.remote(), "-ex", "print vnet_entry_fx_name",
                             "-ex", "print vnet_entry_fx_dyn_limit",
                             "-ex", "print pcpu_entry_fx_dyn_hits")
        self.assertRegex(text, r'= "fixture0\\000\\000\\000"\n\$\d+ = 5\n'
                               r"\$\d+ = 3\n")

    def test_zeros_are_holes(self):
        world = self.world("amd64")
        self.assertLess(world.core.stat().st_blocks * 512,
                        world.core.stat().st_size)

    def test_what_the_kernel_only_reads_is_left_to_its_file(self):
        world = self.world("amd64")
        text = debuggers.gdb("-x", f"{world.core}.gdb",
                             "-ex", "info files", "-ex", "x/8xb printf")
        core = re.findall(r"(0x\w+) - (0x\w+) is load", text)
        self.assertTrue(core)
        symbols = {name: value for name, _, value, _ in
                   debuggers.Elf(world.kernel).symbols}
        at = symbols["printf"]
        self.assertFalse([1 for start, end in core
                          if int(start, 16) <= at < int(end, 16)])
        self.assertRegex(text, r"<printf>:\t0x")

    def test_a_scenario_writes_one(self):
        world = self.world("amd64")
        script = self.tmp / "script"
        script.write_text(f"kldload {world.modules[0]}\ncore early\n"
                          f"kldload {world.modules[2]}\n")
        done = cli.run("run", "--core", "late", *world.options, script,
                       world.kernel, cwd=self.tmp)
        self.assertEqual((done.status, done.out), (0, ""), done.err)
        for name, count in ("early", 1), ("late", 2):
            text = (self.tmp / f"{name}.gdb").read_text()
            self.assertEqual(text.count("add-symbol-file"), count)
            self.assertIn(f"core-file {self.tmp}/{name}\n", text)

    def test_a_file_that_cannot_be_written(self):
        world = self.world("amd64")
        for name, why in ((self.tmp / "nowhere/core", "No such file"),
                          (self.tmp, "Is a directory")):
            done = cli.run("load", "-q", "--core", name, world.kernel)
            self.assertEqual(done.status, cli.HOST)
            self.assertRegex(done.err, f"{name}: .*({why})")
        script = self.tmp / "script"
        script.write_text(f"core {self.tmp}/nowhere/core\nkldstat\n")
        done = cli.run("run", script, world.kernel)
        self.assertEqual((done.status, done.out), (cli.HOST, ""))

    def test_names_cannot_give_commands(self):
        """A module's name ends up in a debugger's script, or does not."""
        world = self.world("amd64")
        for name in ('a"\nshell touch bad\n', "a`touch bad`", "a'b", "a\\b"):
            path = self.tmp / (name + ".ko")
            path.write_bytes(world.modules[0].read_bytes())
            done = cli.run("load", "-q", "--core", self.tmp / "odd",
                           world.kernel, path)
            self.assertEqual(done.status, 0, done.err)
            for suffix in ".gdb", ".lldb":
                text = (self.tmp / ("odd" + suffix)).read_text()
                self.assertIn("# File 2 is left out", text)
                self.assertNotIn("touch", text)

    def test_every_variable_in_lldb(self):
        if not debuggers.FULL:
            self.skipTest("with KLDSIM_FULL")
        self.assertIsNotNone(debuggers.LLDB)
        if debuggers.run(debuggers.LLDB, "-b", "-o",
                         "script print(6 * 7)").split()[-1] != "42":
            self.skipTest("this LLDB has no Python")
        for machine in "amd64", "arm64", "amd64-dyn":
            with self.subTest(machine):
                world = self.world(machine)
                self.check_lldb(world)

    def check_lldb(self, world):
        script = world.tmp / "ask"
        questions = world.questions()
        script.write_text("".join(f"{command} {name} {number}\n" for
                          _, command, name, _, number in questions))
        text = debuggers.run(debuggers.LLDB, "--no-lldbinit", "-b", "-s",
                             f"{world.core}.lldb", "-s", script)
        shown = re.findall(r"^\(lldb\) [vd]print .*\n(\w+) = (.*)$", text, re.M)
        self.assertEqual(len(shown), len(questions), text[-2000:])
        expected = world.expected()
        for (_, _, name, symbol, number), answer in zip(questions, shown):
            content = expected[symbol, number][1]
            want = (str(int.from_bytes(content, world.order))
                    if len(content) in (1, 2, 4, 8) else content.hex(" "))
            self.assertEqual(answer, (name, want))


if __name__ == "__main__":
    if debuggers.GDB is None:
        print("skipped: no gdb-multiarch")
        sys.exit(77)
    unittest.main()
