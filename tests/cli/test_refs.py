# SPDX-License-Identifier: BSD-2-Clause
"""kldsim refs: what it shows, what it takes for a kernel, how it ends
(F-06, F-07, F-09, F-10, F-11, F-12)."""

import json
import pathlib
import tarfile
import tempfile
import unittest

import cli
from cli import HOST, OK, REFUSED, USAGE

TYPES = """\
types:
  - {kind: integer, name: u_short, size: 2}
  - {kind: integer, name: u_int, size: 4}
  - {kind: struct, name: ifnet, size: 8, members: [{name: if_next, type: struct ifnet *, bit: 0}]}
object-types:
  - {symbol: vnet_entry_if_index, type: %s}
  - {symbol: vnet_entry_loif, type: struct ifnet *}
"""
# N-20, and modules that notice each change.
SPECS = {
    "old": """\
machine: amd64
kind: kernel
vnet: [{name: if_index, size: 2}, {name: loif, size: 8}, {name: tcbinfo, size: 16},
  {name: ip_forwarding, size: 4}]
""" + TYPES % "u_short",
    "new": """\
machine: amd64
kind: kernel
objects: [{name: ip_forwarding, size: 4}]
vnet: [{name: if_index, size: 4}, {name: added, size: 8}, {name: loif, size: 8}]
""" + TYPES % "u_int",
    "if_foo.ko": """\
machine: amd64
kind: rel
functions: [foo_output]
vnet: [{name: foo_limit, int: 5}]
relocs:
  - {in: .text, at: 4, type: R_X86_64_32S, symbol: vnet_entry_loif}
  - {in: .text, at: 8, type: R_X86_64_32S, symbol: vnet_entry_if_index}
  - {in: .text, at: 12, type: R_X86_64_32S, symbol: vnet_entry_loif}
""",
    "if_lo.ko": """\
machine: amd64
kind: rel
sections: [{name: .data, size: 8}]
relocs: [{in: .data, at: 0, type: R_X86_64_64, symbol: vnet_entry_loif}]
""",
    "tcp_x.ko": """\
machine: amd64
kind: rel
sections: [{name: .data, size: 16}]
relocs:
  - {in: .data, at: 0, type: R_X86_64_64, symbol: vnet_entry_tcbinfo}
  - {in: .data, at: 8, type: R_X86_64_64, symbol: vnet_entry_ip_forwarding}
""",
    "hook.ko": """\
machine: amd64
kind: rel
functions: [hook]
vnet-sysinits: [{name: hook, subsystem: 1, func: hook}]
""",
    "plain.ko": """\
machine: amd64
kind: rel
functions: [plain]
""",
}

ALONE = """\
modules/if_foo.ko  2 imports  3 references; 1 own  0 references
  vnet_entry_if_index  1 reference, .text+0x8 in foo_output+0x8
  vnet_entry_loif  2 references, first .text+0x4 in foo_output+0x4
  own vnet_entry_foo_limit  +0x0, 4 bytes  0 references
modules/if_lo.ko  1 import  1 reference
  vnet_entry_loif  1 reference, .data+0x0
modules/tcp_x.ko  2 imports  2 references
  vnet_entry_ip_forwarding  1 reference, .data+0x8
  vnet_entry_tcbinfo  1 reference, .data+0x0
modules/hook.ko  hooks
3 of 5 files have VNET or DPCPU variables
"""
FOOT = ("Not seen here: members of struct pcpu, and plain variables that are "
        "plain in both.\n")
TWO = """\
modules/if_foo.ko  rebuild  2 imports  3 references; 1 own  0 references
  vnet_entry_if_index  resized: 2 bytes, now 4  1 reference, .text+0x8 in foo_output+0x8
modules/if_lo.ko  no difference found  1 import  1 reference
modules/tcp_x.ko  will not load  2 imports  2 references
  vnet_entry_ip_forwarding  devirtualized: the kernel has a plain ip_forwarding  1 reference, .data+0x8
  vnet_entry_tcbinfo  removed  1 reference, .data+0x0
modules/hook.ko  hooks
3 of 5 files have VNET or DPCPU variables
""" + FOOT
CHANGES = """\
vnet_entry_added  added
vnet_entry_if_index  resized: 2 bytes, now 4
vnet_entry_ip_forwarding  devirtualized: the kernel has a plain ip_forwarding
vnet_entry_loif  moved
vnet_entry_tcbinfo  removed
"""


class Refs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        tmp = cls.tmp = pathlib.Path(cls.folder.name)
        (tmp / "modules").mkdir()
        for name, spec in SPECS.items():
            (tmp / "spec.yaml").write_text(spec)
            place = tmp / "modules" if name.endswith(".ko") else tmp
            done = cli.run("synth", tmp / "spec.yaml", "-o",
                           place / name)
            assert done.status == OK, done.err
        (tmp / "modules/linker.hints").write_bytes(b"\1\0\0\0")
        with tarfile.open(tmp / "modules.tar", "w") as archive:
            archive.add(tmp / "modules", "boot/modules")

    def run_(self, status, *words):
        done = cli.run("refs", *words, cwd=self.tmp)
        self.assertEqual(done.status, status, done.err)
        return done

    def json(self, status, *words):
        document = self.run_(status, "--json", *words).json()
        cli.validate(document, "refs")
        return document

    def test_files_alone(self):
        done = self.run_(OK, "modules")
        self.assertEqual(done.out, ALONE)
        self.assertEqual(done.err, "")

    def test_two_kernels(self):
        self.assertEqual(self.run_(REFUSED, "old", "new", "modules").out, TWO)
        out = self.run_(REFUSED, "-v", "old", "new", "modules").out
        self.assertIn("  vnet_entry_loif  moved  1 reference, .data+0x0\n",
                      out)
        self.assertIn("\nmodules/plain.ko  nothing\n", out)
        self.assertIn("\n" + CHANGES + "3 of 5", out)

    def test_one_kernel(self):
        out = self.run_(OK, "old", "modules").out
        self.assertEqual(out.count("  no difference found  "), 3)
        out = self.run_(REFUSED, "new", "modules/tcp_x.ko").out
        self.assertIn("will not load", out)
        self.assertIn("  vnet_entry_tcbinfo  missing  1 reference", out)

    def test_a_kernel_without_vnets(self):
        """J-10, J-12: what it has not, and what it does not look at."""
        specs = {"flat": "machine: amd64\nkind: kernel\n"
                 "options: {vimage: false}\n",
                 "modules2/own.ko": "machine: amd64\nkind: rel\n"
                 "vnet: [{name: x, int: 5}]\n"}
        (self.tmp / "modules2").mkdir()
        for name, spec in specs.items():
            (self.tmp / "spec.yaml").write_text(spec)
            cli.run("synth", self.tmp / "spec.yaml", "-o", self.tmp / name)
        words = ("modules/hook.ko", "modules/plain.ko", "modules2/own.ko")
        lines = self.run_(REFUSED, "flat", *words).out.splitlines()
        self.assertEqual(lines[:4], [
            "modules2/own.ko  rebuild  0 imports  0 references; 1 own  "
            "0 references",
            "  the kernel was built without VIMAGE: what is in set_vnet "
            "cannot be reached, the first access panics",
            "modules/hook.ko  will not load  hooks",
            "  the kernel was built without VIMAGE, and has no "
            "vnet_register_sysinit"])
        self.assertEqual([file["verdict"] for file in self.json(
            REFUSED, "old", "flat", *words)["files"]],
            ["will not load", "no difference found", "rebuild"])
        # As the linker says.
        self.assertIn("symbol vnet_register_sysinit undefined", cli.run(
            "load", "flat", "modules/hook.ko", cwd=self.tmp).out)
        self.assertIn("own.ko: loaded", cli.run(
            "load", "flat", "modules2/own.ko", cwd=self.tmp).out)

    def test_list(self):
        self.assertEqual(self.run_(OK, "-l", "modules").out,
                         "    if_foo.ko  if_lo.ko   tcp_x.ko\n")
        self.assertEqual(self.run_(OK, "-l", "modules/plain.ko").out, "")

    def test_columns(self):
        """Down, then across, in 80 columns (N: 30 names of 2009)."""
        names = ["modules/if_lo.ko"] * 20
        lines = self.run_(OK, "-l", *names).out.splitlines()
        self.assertEqual([len(line.split()) for line in lines], [7, 7, 6])
        self.assertLess(max(map(len, lines)), 80)

    def test_archive(self):
        if "built without libarchive" in cli.run(
                "refs", self.tmp / "modules.tar").err:
            self.skipTest("built without libarchive")
        out = self.run_(OK, "modules.tar").out
        self.assertEqual(out, ALONE.replace("modules/",
                                            "modules.tar:boot/modules/"))
        one = "modules.tar:boot/modules/if_lo.ko"
        self.assertIn(f"{one}  no difference found", self.run_(
            OK, "old", one).out)

    def test_bad_files(self):
        """What can be read is told all the same."""
        (self.tmp / "text").write_text("no module\n")
        done = self.run_(HOST, "text", "modules/if_lo.ko", "nowhere")
        self.assertIn("kldsim: text: not an ELF file\n", done.err)
        self.assertIn("kldsim: nowhere: No such file or directory\n", done.err)
        self.assertIn("modules/if_lo.ko  1 import", done.out)
        document = self.json(HOST, "text", "modules/if_lo.ko")
        self.assertEqual(document["files"][0]["error"]["message"],
                         "not an ELF file")
        self.assertIsNone(document["files"][0]["class"])
        self.assertIsNone(document["files"][1]["error"])

    def test_another_machine(self):
        """The kernel refuses the file, whatever is in it."""
        (self.tmp / "spec.yaml").write_text(
            "machine: arm64\nkind: kernel\nvnet: [{name: loif, size: 8}]\n")
        cli.run("synth", self.tmp / "spec.yaml", "-o", self.tmp / "arm")
        out = self.run_(REFUSED, "arm", "modules/if_lo.ko").out
        self.assertTrue(out.startswith("modules/if_lo.ko  will not load: it is "
                                       "for another machine\n"), out)
        self.assertIn("modules/plain.ko  will not load: it is for another "
                      "machine\n", self.run_(REFUSED, "arm",
                                             "modules/plain.ko").out)
        document = self.json(REFUSED, "arm", "modules/plain.ko")
        self.assertEqual(document["files"][0]["verdict"], "will not load")
        done = self.run_(USAGE, "old", "arm", "modules")
        self.assertIn("the two kernels are of different machines", done.err)

    def test_a_folder_without_modules(self):
        (self.tmp / "empty").mkdir()
        self.assertIn("empty", self.run_(HOST, "empty").err)

    def test_usage(self):
        for words in ([], ["old"], ["old", "new"], ["--nothing", "modules"]):
            done = self.run_(USAGE, *words)
            self.assertEqual(done.out, "")
            self.assertTrue(done.err.startswith("kldsim: "), done.err)
        self.assertIn("new is a kernel", self.run_(USAGE, "old", "new").err)

    def test_kernel_that_cannot_be_read(self):
        document = self.json(HOST, "--limit", "sections=3", "old", "modules")
        self.assertIn("over the limit sections=3",
                      document["error"]["message"])
        self.assertEqual(document["files"], [])

    def test_json_of_files_alone(self):
        document = self.json(OK, "modules")
        self.assertEqual([file["class"] for file in document["files"]],
                         ["hooks", "imports", "imports", "nothing",
                          "imports"])
        self.assertEqual(document["changes"], [])
        self.assertIsNone(document["files"][1]["verdict"])
        self.assertIsNone(document["files"][1]["imports"][0]["change"])

    def test_example(self):
        """The document that people are shown is what is written today."""
        text = (cli.SRC / "docs/kldsim.refs.example.json").read_text()
        document = self.json(REFUSED, "old", "new", "modules/if_foo.ko")
        self.assertEqual(json.loads(text), document)


if __name__ == "__main__":
    unittest.main()
