# SPDX-License-Identifier: BSD-2-Clause
"""Files that are something else: what is said of them, and what is not changed.

Whatever a file is, the simulated kernel's answer is its own (K-21, O-01): only
a finding is added.  A KERNEL that is something else is refused, with what to
give instead.
"""

import bz2
import gzip
import lzma
import os
import pathlib
import shutil
import socket
import subprocess
import tarfile
import tempfile
import unittest

import cli
from cli import HOST, OK, PANIC, REFUSED, USAGE

BOOT = cli.FIXTURES / "boot/kernel"
KERNEL = BOOT / "kernel"
HELLO = BOOT / "fx_hello.ko"
# Machines whose modules are shared objects, as programs and libraries are.
SHARED = ["arm64", "armv7", "i386", "powerpc", "powerpc64", "powerpc64le",
          "riscv64"]


def tool(*words):
    subprocess.run([str(word) for word in words], check=True,
                   stdout=subprocess.DEVNULL)


class Foreign(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def path(self, name, data):
        path = self.tmp / name
        path.write_bytes(data)
        return path

    def refused(self, module, *words, kernel=KERNEL, options=(), code="file-format",
                errno="ENOEXEC"):
        """The module is refused, and the first finding says why."""
        done = cli.run("load", "--json", *options, kernel, module)
        self.assertEqual(done.status, REFUSED, done.err)
        document = done.json()
        cli.validate(document)
        self.assertEqual(document["results"][0]["errno"]["name"], errno)
        finding = document["findings"][0]
        self.assertEqual(finding["code"], code)
        for word in words:
            self.assertIn(word, finding["text"])
        return document

    def not_kernel(self, kernel, *words):
        for command in (["load", kernel], ["run", "-", kernel]):
            done = cli.run(*command)
            self.assertEqual((done.status, done.out), (HOST, ""))
            self.assertEqual(len(done.err.splitlines()), 1)
            for word in words:
                self.assertIn(word, done.err)

    def test_packed(self):
        hello = HELLO.read_bytes()
        for suffix, pack, unpack in [("gz", gzip.compress, "gunzip -k"),
                                     ("bz2", bz2.compress, "bunzip2 -k"),
                                     ("xz", lzma.compress, "unxz -k")]:
            with self.subTest(suffix):
                module = self.path(f"a.ko.{suffix}", pack(hello))
                self.refused(module, "compressed with", f"{unpack} {module}")
                if suffix != "gz":  # that one the boot loader unpacks
                    self.refused(module, f"{unpack} {module}",
                                 options=["--preload"], errno="EFTYPE")

    @unittest.skipUnless(shutil.which("zstd"), "no zstd(1) to pack with")
    def test_zstd(self):
        packed = self.tmp / "a.ko.zst"
        tool("zstd", "-q", HELLO, "-o", packed)
        self.refused(packed, "compressed with zstd", f"unzstd {packed}")

    def test_archives(self):
        """On the path they are files, which the kernel reads as they are."""
        for name, mode in [("a.tar", "w"), ("a.txz", "w:xz"), ("a.tgz", "w:gz"),
                           ("a.tar.bz2", "w:bz2")]:
            with self.subTest(name), \
                    tarfile.open(self.tmp / name, mode) as archive:
                archive.add(HELLO, "boot/modules/fx_hello.ko")
                archive.close()
                self.refused(name, f"tar -xf {self.tmp / name}",
                             "the .ko files in it",
                             options=["-p", str(self.tmp)])

    def test_no_regular_files(self):
        folder, fifo = self.tmp / "folder", self.tmp / "fifo"
        folder.mkdir()
        os.mkfifo(fifo)
        (self.tmp / "loop").symlink_to("loop")
        self.refused(folder, "a folder", ".ko files in it", "module path")
        self.refused(fifo, "a fifo", "regular files")
        self.refused("/dev/null", "a device")
        self.refused(self.tmp / "loop", "leads back to itself")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.tmp / "socket"))
            self.refused(self.tmp / "socket", "a socket")
        self.refused(folder, "a folder", options=["--preload"], errno="EISDIR")
        self.not_kernel(fifo, "a fifo")
        self.not_kernel(folder, "a folder")

    def test_exchanged(self):
        """MODULE before KERNEL, KERNEL before SCRIPT."""
        self.not_kernel(HELLO, "a kernel module", "the kernel comes first")
        for machine in SHARED:
            with self.subTest(machine):
                boot = cli.FIXTURES / machine / "boot/kernel"
                done = cli.run("load", boot / "fx_hello.ko", boot / "kernel")
                self.assertEqual(done.status, HOST)
                self.assertIn("the kernel comes first", done.err)
        script = self.path("s.kld", b"kldstat\n")
        done = cli.run("run", KERNEL, script)
        self.assertEqual((done.status, done.out), (USAGE, ""))
        self.assertIn(f"{KERNEL}: it is an ELF file", done.err)
        self.assertIn("SCRIPT comes first", done.err)
        self.not_kernel(script, "a text file", "before KERNEL")

    def test_kernel_for_a_module(self):
        other = self.path("other.ko", KERNEL.read_bytes())
        document = self.refused(other, "a kernel", "modules are the .ko")
        self.assertEqual(len(document["findings"]), 1)

    def test_debug_files(self):
        """What objcopy --only-keep-debug leaves: loaded, and never silently."""
        debug = self.tmp / "fx_hello.ko.debug"
        tool("llvm-objcopy", "--only-keep-debug", HELLO, debug)
        done = cli.run("load", "--json", KERNEL, debug)
        self.assertEqual(done.status, OK)
        first = done.json()["findings"][0]
        self.assertEqual((first["code"], first["severity"]),
                         ("debug-file", "warning"))
        self.assertIn("separate debug file", first["text"])
        self.assertTrue(first["text"].endswith(", fx_hello.ko"), first["text"])
        for machine in SHARED:
            with self.subTest(machine):
                boot = cli.FIXTURES / machine / "boot/kernel"
                tool("llvm-objcopy", "--only-keep-debug", boot / "fx_hello.ko",
                     debug)
                done = cli.run("load", "--json", boot / "kernel", debug)
                self.assertEqual(done.json()["findings"][0]["code"],
                                 "debug-file")
        kernel = self.tmp / "kernel.debug"
        tool("llvm-objcopy", "--only-keep-debug", KERNEL, kernel)
        self.not_kernel(kernel, "separate debug file", "belongs to, kernel")

    def test_programs(self):
        """The test's own interpreter, whatever format this host has."""
        program = pathlib.Path(os.path.realpath("/bin/ls"))
        if program.read_bytes()[:4] != b"\x7fELF":
            self.skipTest("programs of this host are not ELF")
        for kernel in (KERNEL, cli.FIXTURES / "arm64/boot/kernel/kernel"):
            self.refused(program, "a program", ".ko that was built",
                         kernel=kernel)
        self.not_kernel(program, "a program", "/boot/kernel/kernel")

    def test_libraries(self):
        """A shared object like a module of this machine, for programs."""
        source = self.path("a.c", b"int getpid(void);\n"
                           b"int f(void) { return getpid(); }\n")
        library = self.tmp / "liba.so"
        tool("clang", "--target=aarch64-unknown-freebsd12.1", "-fPIC", "-c", "-o",
             self.tmp / "a.o", source)
        tool("ld.lld", "-m", "aarch64elf", "-shared", "-soname", "liba.so.1",
             "-o", library, self.tmp / "a.o")
        self.refused(library, "a shared library", ".ko that was built",
                     errno="ENOENT", kernel=cli.FIXTURES / "arm64/boot/kernel/kernel")
        self.not_kernel(library, "a shared library")

    def test_modules_are_not_spoken_of(self):
        """No fixture is taken for anything but what it is."""
        for kernel in sorted(cli.FIXTURES.glob("**/kernel*/kernel")):
            modules = sorted(kernel.parent.glob("fx_*.ko"))
            done = cli.run("load", "--json", kernel, *modules)
            self.assertIn(done.status, (OK, REFUSED, PANIC), done.err)
            for finding in done.json()["findings"]:
                self.assertNotIn(finding["code"], ("file-format", "debug-file"),
                                 f"{kernel}: {finding}")


if __name__ == "__main__":
    unittest.main()
