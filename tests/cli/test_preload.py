# SPDX-License-Identifier: BSD-2-Clause
"""kldsim load --preload with the real library, on kernels and modules of
fixtures."""

import gzip
import pathlib
import re
import struct
import sys
import tempfile
import unittest

import cli
from cli import HOST, OK, PANIC, REFUSED, USAGE

BOOT = cli.FIXTURES / "boot"
PAGE = 4096
KERNELS = ("kernel", "kernel-13", "kernel-14", "kernel-15")


def kernel(name="kernel"):
    return BOOT / name / "kernel"


def module(name, folder="kernel"):
    return BOOT / folder / f"{name}.ko"


def number(text):
    return int(text, 16)


def page_after(file):
    """The first page behind a file of the report."""
    end = number(file["address"]) + file["size"]
    return (end + PAGE - 1) // PAGE * PAGE


def header_in_no_segment(source, target, behind=0x10000):
    """A copy (ELF64, little-endian) whose content begins that far behind its
    header, as lld may lay it out."""
    old = source.read_bytes()
    phoff, shoff = struct.unpack_from("<QQ", old, 32)
    phnum, _, shnum = struct.unpack_from("<HHH", old, 56)
    headers = phoff + 56 * phnum
    new = bytearray(old[:headers].ljust(behind, b"\0"))
    new += old[headers:].rjust(len(old), b"\xcc")
    for at in ([40] + [phoff + 56 * i + 8 for i in range(phnum)]
               + [behind + shoff + 64 * i + 24 for i in range(shnum)]):
        struct.pack_into("<Q", new, at,
                         struct.unpack_from("<Q", new, at)[0] + behind)
    target.write_bytes(new)


class Preload(unittest.TestCase):
    maxDiff = None

    def load(self, status, *args):
        done = cli.run("load", *args)
        self.assertEqual(done.status, status, done.err + done.out)
        return done

    def preload(self, status, *args):
        document = self.load(status, "--json", "--preload", *args).json()
        cli.validate(document)
        return document

    def test_compressed_modules(self):
        """P-18: FILE.gz is FILE to the boot loader, and to nobody else."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for stem in "fx_liba", "fx_libb":
                (folder / f"{stem}.ko.gz").write_bytes(
                    gzip.compress(module(stem).read_bytes()))
            packed = folder / "fx_liba.ko.gz"
            plain = self.preload(OK, kernel(), module("fx_liba"))
            document = self.preload(OK, kernel(), packed)
            self.assertEqual(document["files"][1]["path"],
                             str(folder / "fx_liba.ko"))
            for key in "name", "address", "size", "sections":
                self.assertEqual(document["files"][1][key],
                                 plain["files"][1][key])
            document = self.preload(OK, "--preload-dependencies",
                                    "--module-path", folder, kernel(),
                                    "fx_libb")
            self.assertEqual([file["name"] for file in document["files"]],
                             ["kernel", "fx_libb.ko", "fx_liba.ko"])
            done = self.load(REFUSED, "-q", kernel(), packed)
            self.assertIn("compressed with gzip", done.out)

    def test_one_behind_the_other(self):
        """P-10: the kernel and its symbols first, then page by page."""
        for name in KERNELS:
            with self.subTest(name):
                document = self.preload(
                    OK, kernel(name), module("fx_hello", name),
                    module("fx_pcpu", name), module("fx_vnet", name))
                files = document["files"]
                self.assertEqual(
                    [file["name"] for file in files],
                    ["kernel", "fx_hello.ko", "fx_pcpu.ko", "fx_vnet.ko"])
                self.assertEqual([file["id"] for file in files], [1, 2, 3, 4])
                for before, file in zip(files, files[1:]):
                    self.assertEqual(number(file["address"]),
                                     page_after(before))
                    self.assertEqual(file["userrefs"], 1)
                    self.assertEqual(file["refs"], 1)
                self.assertEqual(
                    [(result["status"], result["file_id"], result["errno"])
                     for result in document["results"]],
                    [("loaded", 2, None), ("loaded", 3, None),
                     ("loaded", 4, None)])

    def test_kernel_userrefs(self):
        """V-12: up to 14.0 the kernel is counted too."""
        for name, userrefs in zip(KERNELS, (1, 1, 1, 0)):
            with self.subTest(name):
                document = self.preload(OK, kernel(name),
                                        module("fx_hello", name))
                self.assertEqual(document["files"][0]["userrefs"], userrefs)

    def test_dependencies_in_any_order(self):
        """P-26: the consumers first; P-27: their providers in the list."""
        names = ["fx_libc", "fx_libb", "fx_liba"]
        document = self.preload(OK, kernel(), *map(module, names))
        files = {file["name"]: file for file in document["files"]}
        self.assertEqual(list(files), ["kernel", *(f"{n}.ko" for n in names)])
        self.assertEqual([result["status"] for result in document["results"]],
                         ["loaded"] * 3)
        self.assertEqual(set(files["fx_liba.ko"]["deps"]), {"kernel"})
        self.assertEqual(files["fx_libb.ko"]["deps"],
                         ["kernel", "kernel", "fx_liba.ko"])
        self.assertIn("fx_libb.ko", files["fx_libc.ko"]["deps"])
        # One for itself, and one for each entry of somebody's list.
        for file in files.values():
            entries = sum(other["deps"].count(file["name"])
                          for other in files.values())
            self.assertEqual(file["refs"], 1 + entries)
        # Registered as they were resolved, before the kernel's own.
        ids = [files[name]["modules"][0]["id"] for name in
               ("fx_liba.ko", "fx_libb.ko", "fx_libc.ko")]
        self.assertEqual(ids, [1, 2, 3])
        self.assertEqual(
            [item["id"] for item in files["kernel"]["modules"]], [4, 5])

    def test_a_provider_is_not_searched_for(self):
        """P-26: what is not preloaded is missing, wherever else it lies."""
        document = self.preload(REFUSED, "--module-path", BOOT / "kernel",
                                kernel(), module("fx_libb"))
        self.assertEqual(document["console"],
                         ["KLD file fx_libb.ko is missing dependencies"])
        result = document["results"][0]
        self.assertEqual(result["status"], "refused")
        self.assertEqual(result["errno"], {"name": "ENOENT", "number": 2})
        self.assertIsNone(result["file_id"])
        self.assertEqual(len(document["files"]), 1)

    def test_the_loader_searches_if_told(self):
        """P-15: behind the file, what it depends on; fx_libc names fx_liba
        and fx_libb, which needs fx_liba too."""
        document = self.preload(OK, "--preload-dependencies", kernel(),
                                module("fx_libc"))
        names = [file["name"] for file in document["files"]]
        self.assertEqual(names[:2], ["kernel", "fx_libc.ko"])
        self.assertEqual(set(names[2:]), {"fx_liba.ko", "fx_libb.ko"})
        self.assertEqual(document["console"], [])
        self.assertEqual([result["name"] for result in document["results"]],
                         [str(module("fx_libc"))])
        for before, file in zip(document["files"], document["files"][1:]):
            self.assertEqual(number(file["address"]), page_after(before))
        # P-16: what it cannot find it does not load for.
        document = self.preload(REFUSED, "--preload-dependencies", kernel(),
                                module("fx_needsmissing"))
        self.assertEqual(document["console"], [])
        self.assertEqual(len(document["files"]), 1)

    def test_the_loader_cannot_read_powerpc_kernels(self):
        """P-12: their metadata are zeros in the file, so the kernel is version
        1, and what depends on it is not loaded; until D56457."""
        for machine in ("powerpc", "powerpc64", "powerpc64le"):
            for name in "kernel", "kernel-13", "kernel-15":
                folder = cli.FIXTURES / machine / "boot" / name
                files = folder / "kernel", folder / "fx_hello.ko"
                document = self.preload(REFUSED, "--preload-dependencies",
                                        *files)
                self.assertEqual(document["results"][0]["errno"],
                                 {"name": "ENOENT", "number": 2}, machine)
                self.assertEqual(len(document["files"]), 1)
                text = [finding["text"] for finding in document["findings"]
                        if finding["code"] == "dependency"][0]
                self.assertIn("takes it for version 1", text)
            # As main's loader does it.  The kernel's own linker never minds.
            self.preload(OK, "--preload-dependencies", "-r", "main", *files)
            self.preload(OK, *files)
        # Elsewhere the kernel is linked where it runs.
        folder = cli.FIXTURES / "arm64" / "boot" / "kernel-15"
        self.preload(OK, "--preload-dependencies", folder / "kernel",
                     folder / "fx_hello.ko")

    def test_arm64_reads_a_header_in_front_of_the_file(self):
        """Z-100, V-32: fx_hello.ko with its header in no segment."""
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "fx_hello.ko"
            for name, panics in ("kernel-13", False), ("kernel-15", True):
                folder = cli.FIXTURES / "arm64" / "boot" / name
                header_in_no_segment(folder / "fx_hello.ko", path)
                document = self.preload(PANIC if panics else OK,
                                        folder / "kernel", path)
                self.assertEqual("FILEHDR" in str(document["findings"]), panics)
                document = self.load(OK, "--json", folder / "kernel", path).json()
                self.assertEqual("FILEHDR" in str(document["findings"]), panics)

    def test_a_failure_among_others(self):
        """P-27: fx_undef does not link; the rest does not care."""
        document = self.preload(REFUSED, kernel(), module("fx_hello"),
                                module("fx_undef"), module("fx_pcpu"))
        self.assertEqual([result["status"] for result in document["results"]],
                         ["loaded", "refused", "loaded"])
        self.assertEqual(document["results"][1]["errno"],
                         {"name": "ENOENT", "number": 2})
        self.assertEqual([file["name"] for file in document["files"]],
                         ["kernel", "fx_hello.ko", "fx_pcpu.ko"])
        # fx_undef had its id until it failed.
        self.assertEqual([file["id"] for file in document["files"]],
                         [1, 2, 4])
        self.assertRegex(document["console"][0],
                         r"^link_elf_obj: symbol fx_\w+ undefined$")
        self.assertEqual(document["console"][1:], [
            "KLD file fx_undef.ko - could not finalize loading"])

    def test_duplicates(self):
        """P-26: an interface that is there drops the file."""
        document = self.preload(REFUSED, kernel(), module("fx_liba"),
                                module("fx_liba"))
        self.assertEqual(document["console"],
                         ["module fx_liba already present!"])
        self.assertEqual([result["status"] for result in document["results"]],
                         ["loaded", "refused"])
        self.assertEqual(document["results"][1]["errno"]["name"], "EEXIST")

    def test_another_kernels_module(self):
        """P-26, M-11: the kernel interface of 13.0 is not there."""
        document = self.preload(REFUSED, kernel(), module("fx_newkernel"))
        self.assertEqual(document["console"],
                         ["KLD file fx_newkernel.ko is missing dependencies"])

    def test_what_the_loader_refuses(self):
        """EFTYPE, without a word; what is not there is ENOENT."""
        here = pathlib.Path(__file__)
        document = self.preload(REFUSED, kernel(), here, module("fx_hello"),
                                here.parent / "nothing.ko")
        self.assertEqual(document["console"], [])
        self.assertEqual(
            [result["errno"] for result in document["results"]],
            [{"name": "EFTYPE", "number": 79}, None,
             {"name": "ENOENT", "number": 2}])
        file = document["files"][1]
        self.assertEqual(file["id"], 2)
        self.assertEqual(number(file["address"]),
                         page_after(document["files"][0]))

    def test_all_failed(self):
        self.preload(REFUSED, kernel(), module("fx_undef"))

    def test_what_cpu_0_lacks(self):
        """A-23: said once of fx_pcpu, which has values the others get."""
        document = self.preload(OK, "-c", "3", kernel(), module("fx_pcpu"))
        self.assertEqual(
            [finding["rules"] for finding in document["findings"]
             if finding["code"] == "dpcpu-value-lost"],
            [["A-22", "A-23", "P-23"]])

    def test_cpu_0_on_every_machine(self):
        """A-23: its part of the module's set is the kernel file's zeros."""
        for machine in ("", "amd64-dyn", "arm64", "armv7", "i386", "powerpc",
                        "powerpc64", "powerpc64le", "riscv64"):
            boot = cli.FIXTURES / machine / "boot" / "kernel"
            with self.subTest(machine), tempfile.TemporaryDirectory() as tmp:
                dpcpu = self.preload(OK, "--dump", tmp, boot / "kernel",
                                     boot / "fx_pcpu.ko")["dpcpu"]
                reference, cpu0, cpu1 = (
                    (pathlib.Path(tmp) / "dpcpu" / f"{name}.bin").read_bytes()
                    for name in ("reference", "cpu0", "cpu1"))
                part, = dpcpu["sets"]
                start = (number(part["start"])
                         - number(dpcpu["reference"]["start"]))
                stop = start + part["size"]
                self.assertEqual(cpu1, reference)
                self.assertTrue(any(reference[start:stop]))
                self.assertEqual(
                    cpu0, reference[:start] + bytes(part["size"])
                    + reference[stop:])

    def test_exhaustion(self):
        """P-23: the message is of link_elf_link_preload; ENOSPC."""
        document = self.preload(REFUSED, kernel(), module("fx_bigpcpu1"),
                                module("fx_bigpcpu2"))
        self.assertRegex(
            document["console"][0],
            r"^link_elf_link_preload: pcpu module space is out of space; "
            r"cannot allocate 0x[0-9a-f]+ for .*fx_bigpcpu2\.ko$")
        self.assertEqual(document["results"][1]["errno"],
                         {"name": "ENOSPC", "number": 28})
        # The freed load address, above the kernel.
        last = document["dpcpu"]["free"][-1]
        self.assertGreater(number(last["start"]),
                           page_after(document["files"][0]))

    def test_a_refused_file_keeps_its_place(self):
        """P-10: the loader knows nothing of what the kernel refuses."""
        one = self.preload(OK, kernel(), module("fx_bigpcpu1"))
        document = self.preload(REFUSED, kernel(), module("fx_bigpcpu1"),
                                module("fx_bigpcpu2"), module("fx_hello"))
        behind = page_after(one["files"][1])
        self.assertGreater(number(document["files"][2]["address"]), behind)

    def test_protections(self):
        """O-70: gaps of preloaded files are rw- from 13 on."""
        self.assertEqual(self.preload(OK, kernel(), module("fx_hello"))
                         ["files"][1]["protections"], [])
        document = self.preload(OK, kernel("kernel-13"),
                                module("fx_hello", "kernel-13"))
        runs = document["files"][1]["protections"]
        self.assertTrue(runs)
        self.assertEqual(runs[0]["start"], document["files"][1]["address"])
        self.assertEqual(number(runs[-1]["start"]) + runs[-1]["size"],
                         page_after(document["files"][1]))

    def test_options(self):
        document = self.preload(
            OK, "--kernel-end", "0xffffffff90000001", "--at",
            "fx_pcpu.ko=0xffffffff98000000", kernel(), module("fx_hello"),
            module("fx_pcpu"))
        self.assertEqual([file["address"] for file in document["files"][1:]],
                         ["0xffffffff90001000", "0xffffffff98000000"])
        self.load(HOST, "--preload", module("fx_hello"), module("fx_hello"))
        self.load(USAGE, "--preload")

    def test_a_panic_is_the_modules(self):
        """Z-95: the loader divides by sh_addralign; the boot is told up to
        there, whether the file was asked for or came as a dependency."""
        with tempfile.TemporaryDirectory() as folder:
            bad = pathlib.Path(folder) / "bad.ko"
            for path, spec in [
                    (bad, "versions: [{name: bad, version: 1}]\n"
                     "functions: [f]\n"
                     "overrides: {'shdr[.text].sh_addralign': 0}\n"),
                    (bad.with_name("user.ko"), "functions: [f]\n"
                     "depends: [{name: bad, minimum: 1, preferred: 1, "
                     "maximum: 1}]\n")]:
                spec = f"machine: amd64\nkind: module\n{spec}"
                path.with_suffix(".yaml").write_text(spec)
                done = cli.run("synth", path.with_suffix(".yaml"), "-o", path)
                self.assertEqual(done.status, OK, done.err)
            for options, name in [(["--preload"], bad),
                                  (["--preload-dependencies", "-p", folder],
                                   bad.with_name("user.ko"))]:
                with self.subTest(name):
                    done = cli.run("load", "--json", *options, kernel(),
                                   module("fx_hello"), name,
                                   module("fx_pcpu"))
                    self.assertEqual(done.status, PANIC, done.err)
                    document = done.json()
                    cli.validate(document)
                    self.assertEqual(
                        [result["status"] for result in document["results"]],
                        ["not tried", "panic", "not tried"])
                    self.assertIsNone(document["error"])
                    self.assertEqual([file["name"] for file in
                                      document["files"]], ["kernel"])
                    panics = [(found["file"], found["rules"])
                              for found in document["findings"]
                              if found["severity"] == "panic"]
                    self.assertEqual(len(panics), 1)
                    self.assertEqual(panics[0][0], "bad.ko")
            text = self.load(PANIC, "-q", "--preload", kernel(),
                             module("fx_hello"), bad).out
            self.assertIn(f"{bad}: panic", text)
            (bad.with_name("s")).write_text("kldstat\n")
            done = cli.run("run", "--json", "--preload", bad.with_name("s"),
                           kernel(), bad)
            self.assertEqual(done.status, PANIC, done.err)
            cli.validate(done.json(), "run")
            self.assertEqual(done.json()["commands"][0]["status"],
                             "not tried")

    def test_text(self):
        text = self.load(REFUSED, "--preload", kernel(), module("fx_hello"),
                         module("fx_undef")).out
        self.assertIn(f"{module('fx_hello')}: loaded, id 2", text)
        self.assertIn("KLD file fx_undef.ko - could not finalize loading",
                      text)
        self.assertRegex(text, r"(?m)^ *1 +\d+ +0x[0-9a-f]+ +[0-9a-f]+ "
                         r"kernel$")
        quiet = self.load(REFUSED, "-q", "--preload", kernel(),
                          module("fx_hello"), module("fx_undef")).out
        self.assertIn(f"{module('fx_undef')}: ENOENT (2)", quiet)
        self.assertIsNone(re.search("fx_hello", quiet))


if __name__ == "__main__":
    if not pathlib.Path(cli.KLDSIM).exists() or not kernel().exists():
        print(f"skipped: no {cli.KLDSIM} or no {kernel()}")
        sys.exit(77)
    unittest.main()
