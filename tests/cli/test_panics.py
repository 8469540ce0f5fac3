# SPDX-License-Identifier: BSD-2-Clause
"""kldsim load of modules that the kernel refuses early or does not survive:
what it prints, and of what it dies; loaded and preloaded, by 12.1 and 15.0."""

import json
import struct
import subprocess
import sys
import unittest

import cli
from cli import OK, PANIC, REFUSED

MACHINES = ("", "i386", "arm64", "powerpc64")
OLD, NEW = "kernel", "kernel-15"
PRELOAD = "--preload"


def folders(machines=MACHINES):
    """Where the kernels of both releases are, for each machine."""
    return [cli.FIXTURES / machine / "boot" / name
            for machine in machines for name in (OLD, NEW)]


def machine_of(folder):
    """A machine's name, "" for amd64."""
    return str(folder.relative_to(cli.FIXTURES)).partition("boot")[0].strip("/")


def place(folder, name):
    """A module's file; what is no proper module lies somewhere else."""
    path = folder / f"{name}.ko"
    if path.exists():
        return path
    machine = machine_of(folder)
    return (cli.FIXTURES / (f"broken-{machine}" if machine else "broken") /
            "boot" / folder.name / path.name)


class Panics(unittest.TestCase):
    maxDiff = None

    def load(self, status, folder, *words):
        """JSON of a load; words are options, or names of modules."""
        done = cli.run("load", "--json", *(word for word in words
                                           if word.startswith("-")),
                       folder / "kernel",
                       *(place(folder, word) for word in words
                         if not word.startswith("-")))
        where = f"{folder} {words}: {done.err}{done.out}"
        self.assertEqual(done.status, status, where)
        document = done.json()
        cli.validate(document)
        return document

    def warnings(self, document):
        return [(finding["code"], finding["file"])
                for finding in document["findings"]
                if finding["severity"] == "warning"]

    def panics(self, document):
        """The text of the only finding of that kind."""
        texts = [(finding["code"], finding["text"])
                 for finding in document["findings"]
                 if finding["severity"] == "panic"]
        self.assertEqual(len(texts), 1, document["findings"])
        return texts[0]

    def names(self, document):
        return [file["name"] for file in document["files"]]

    # --- sysctls ---

    def test_the_number_of_a_sysctl(self):
        """V-71: a line up to 14, a panic from 15.0 on; if_gre and if_me."""
        line = "sysctl: OID number(131) is already in use for 'fx_me'"
        for folder in folders():
            for options in [], [PRELOAD]:
                words = [*options, "fx_gre", "fx_me"]
                if folder.name == OLD:
                    document = self.load(OK, folder, *words)
                    self.assertEqual(document["console"], [line])
                    self.assertEqual(self.warnings(document),
                                     [("sysctl-number", "fx_me.ko")])
                    continue
                document = self.load(PANIC, folder, *words)
                self.assertEqual(self.panics(document),
                                 ("sysctl-number", f"kernel panic: {line}"))
                # Of a boot that ends in a panic nothing is left.
                self.assertEqual(self.names(document), ["kernel"]
                                 if options else ["kernel", "fx_gre.ko"])
            self.load(OK, folder, "fx_me")

    def test_the_name_of_a_sysctl(self):
        """M-44: a leaf that is there, and a node with a leaf below it."""
        for folder in folders():
            for options in [], [PRELOAD]:
                document = self.load(OK, folder, *options, "fx_order",
                                     "fx_sysdup")
                prefix = "sysctl_warn_reuse" if folder.name == OLD else \
                    "sysctl_register_oid"
                self.assertEqual(
                    document["console"],
                    [f"{prefix}: can't re-use a leaf (debug.fx_const)!"])
                self.assertEqual(self.warnings(document),
                                 2 * [("sysctl-name", "fx_sysdup.ko")])
                self.assertIn("hidden the first, cannot be reached",
                              document["findings"][-1]["text"])

    def test_a_sysctl_that_never_was(self):
        """M-45: one is without a number; of a tree the other is the end."""
        script = ("kldload fx_order\nkldload fx_sysdup\n"
                  "kldunload fx_sysdup\n")
        lines = [f"sysctl_unregister_oid: failed({error}) to unregister "
                 f"sysctl({name})"
                 for error, name in ((22, "fx_order"), (2, "fx_const"))]
        for folder in folders():
            done = subprocess.run(
                [cli.KLDSIM, "run", "--json", "-", folder / "kernel"],
                input=script.encode(), stdout=subprocess.PIPE, timeout=60)
            document = json.loads(done.stdout)
            cli.validate(document, "run")
            self.assertEqual(document["exit_status"], OK)
            lost = [finding["text"] for finding in document["findings"]
                    if finding["code"] == "sysctl-list-lost"]
            if folder.name == OLD:
                self.assertEqual((document["console"][1:], lost), (lines, []))
                continue
            self.assertEqual(document["console"][1:], lines[:1])
            # The two of fx_order below debug.
            self.assertEqual(lost, ["fx_const was never entered and is taken "
                                    "out: the kernel loses the 2 other "
                                    "sysctls below its node"])

    # --- a refused file, while sdt.ko is loaded ---

    def test_a_refused_file_and_sdt(self):
        """L-25: its pointers are still 0, and sdt.ko follows them."""
        start = "kernel panic: page fault in sdt_kld_unload_try: "
        for folder in folders():
            # powerpc looks up any symbol of its own at once (D-40).
            machine = machine_of(folder)
            if machine == "powerpc64":
                self.load(REFUSED, folder, "fx_sdt", "fx_probe")
                continue
            code, text = self.panics(self.load(PANIC, folder, "fx_sdt",
                                               "fx_probe"))
            self.assertEqual(code, "sdt-unload")
            self.assertTrue(text.startswith(start), text)
            # Nothing in a shared object names the bounds of its tracepoints.
            what = ("set_sdt_tracepoint_set a probe"
                    if folder.name == NEW and machine == ""
                    else "set_sdt_providers_set a provider")
            self.assertTrue(text.endswith(
                f"in {what} is 0x0, where nothing is"), text)

    def test_a_refused_file_alone(self):
        """Without sdt.ko, before its SYSINIT, and from 15.1 on (V-09)."""
        for folder in folders():
            document = self.load(REFUSED, folder, "fx_probe")
            self.assertEqual(document["results"][0]["errno"]["name"],
                             "ENOEXEC" if machine_of(folder) == "" else
                             "ENOENT")
            self.load(REFUSED, folder, "fx_probe", "fx_sdt")
            document = self.load(REFUSED, folder, PRELOAD, "fx_sdt", "fx_probe")
            self.assertEqual(document["console"],
                             ["KLD file fx_probe.ko is missing dependencies"])
            if folder.name == NEW:
                self.load(REFUSED, folder, "--release=15.1", "fx_sdt",
                          "fx_probe")

    # --- a relocatable file that a careless strip(1) has been at ---

    def test_a_file_without_its_tables(self):
        """U-14: relocation tables are counted, and not there yet."""
        texts = {"fx_nosymtab": "file must have exactly one symbol table",
                 "fx_nostrtab": "file has invalid symbol strings"}
        for folder in folders([""]):
            for name, line in texts.items():
                document = self.load(PANIC, folder, name)
                self.assertEqual(document["console"],
                                 [f"kldload: {place(folder, name)}: {line}"])
                code, text = self.panics(document)
                self.assertEqual(code, "half-loaded")
                self.assertIn("NULL dereference in link_elf_unload_file", text)
                self.assertIn(f"its {self.tables(place(folder, name))} "
                              "relocation tables", text)
                document = self.load(REFUSED, folder, PRELOAD, name)
                self.assertEqual(self.names(document), ["kernel"])

    def tables(self, path):
        """How many RELA of the file are for a section that is loaded."""
        data = path.read_bytes()
        start, = struct.unpack_from("<Q", data, 40)
        count, = struct.unpack_from("<H", data, 60)
        headers = [struct.unpack_from("<IIQQQQIIQQ", data, start + 64 * i)
                   for i in range(count)]
        return sum(header[1] == 4 and headers[header[7]][2] & 2 != 0
                   for header in headers)

    def test_a_file_without_any(self):
        """O-05, U-15: refused; sdt.ko looks for sets by names not there."""
        line = "file must have exactly one symbol table"
        for folder in folders([""]):
            document = self.load(REFUSED, folder, "fx_stripped")
            path = place(folder, "fx_stripped")
            self.assertEqual(document["console"], [
                f"kldload: {path}: {line}",
                f"linker_load_file: {path} - unsupported file type"])
            code, text = self.panics(self.load(PANIC, folder, "fx_sdt",
                                               "fx_stripped"))
            self.assertEqual(code, "half-loaded")
            self.assertIn("NULL dereference in link_elf_lookup_set", text)
            self.load(REFUSED, folder, PRELOAD, "fx_sdt", "fx_stripped")

    def test_no_room_for_a_set_and_sdt(self):
        """U-15: sections behind the one without room have no names yet."""
        folder = cli.FIXTURES / "boot" / OLD
        big = ["fx_bigpcpu1", "fx_bigpcpu2"]
        self.load(REFUSED, folder, *big)
        code, text = self.panics(self.load(PANIC, folder, "fx_sdt", *big))
        self.assertEqual(code, "half-loaded")
        self.assertIn("NULL dereference in link_elf_lookup_set", text)

    # --- a shared object whose header is in no segment ---

    def test_a_file_without_its_header(self):
        """Z-100: 15.0 looks for it where a preloaded file begins.

        https://github.com/freebsd/freebsd-src/pull/2228
        """
        old, new = folders(["arm64"])
        for options in [], [PRELOAD]:
            document = self.load(OK, old, *options, "fx_nohdr")
            self.assertEqual(self.warnings(document), [])
        document = self.load(OK, new, "fx_nohdr")
        self.assertEqual(self.warnings(document), [("preload", "fx_nohdr.ko")])
        code, text = self.panics(self.load(PANIC, new, PRELOAD, "fx_nohdr"))
        self.assertEqual(code, "preload")
        self.assertIn("does not hold its headers", text)

    # --- malloc types of other headers ---

    def test_a_malloc_type(self):
        """V-74: 877983977 in 12, 2024073001 in 15.0."""
        says = {OLD: "bad malloc type magic",
                NEW: "type fixture with unsupported version 877983977"}
        for folder in folders():
            for options in [], [PRELOAD]:
                document = self.load(OK, folder, *options, "fx_malloc")
                self.assertEqual(self.warnings(document), [])
                code, text = self.panics(self.load(PANIC, folder, *options,
                                                   "fx_oldmalloc"))
                self.assertEqual(code, "kbi-version-word")
                self.assertTrue(text.startswith("kernel panic: malloc_init: "
                                                f"{says[folder.name]}"), text)

    # --- a module that the kernel has, too ---

    def test_a_module_twice(self):
        """M-20, M-21: both SYSINITs call its handler, which fails."""
        for folder in folders():
            self.load(REFUSED, folder, "fx_twice")
            document = self.load(OK, folder, PRELOAD, "fx_twice")
            self.assertEqual(self.warnings(document),
                             [("module-twice", "fx_twice.ko")])
            document = self.load(PANIC, folder, PRELOAD,
                                 "--answer=root/nexus:load=ENXIO", "fx_twice")
            self.assertEqual(self.panics(document), (
                "module-name", "kernel panic: module_register_init: module "
                "named root/nexus not found"))


if __name__ == "__main__":
    if not (cli.FIXTURES / "boot/kernel/fx_sdt.ko").exists():
        print(f"skipped: no fixtures in {cli.FIXTURES}, or old ones")
        sys.exit(77)
    unittest.main()
