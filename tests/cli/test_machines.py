# SPDX-License-Identifier: BSD-2-Clause
"""The whole command line with the fixtures of every machine.

Modules are named as kldload(8) names them, and found by a linker.hints that
`kldsim hints` wrote in the target's byte order; scenarios read variables of
either word size and byte order.
"""

import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

import cli
from cli import OK, REFUSED

# Word bits and byte order.
MACHINES = {"amd64-dyn": (64, "<"), "i386": (32, "<"), "arm64": (64, "<"),
            "armv7": (32, "<"), "riscv64": (64, "<"), "powerpc": (32, ">"),
            "powerpc64": (64, ">"), "powerpc64le": (64, "<")}
CLASSES = {32: "elf32", 64: "elf64"}

SCENARIO = """\
kldload fx_pcpu
kldload fx_vnet
vnet create
x hz 4
expect ENOENT print fx_stats
kldunload fx_vnet
kldstat
"""


class Machines(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def folders(self, kernel):
        """A copy of each machine's folder, to write to."""
        for machine in MACHINES:
            folder = self.tmp / machine / kernel
            shutil.copytree(cli.FIXTURES / machine / "boot" / kernel, folder)
            yield machine, folder

    def hints(self, folder, release="main"):
        done = cli.run("hints", "-q", "-r", release, folder)
        self.assertEqual(done.status, OK, done.err)
        return folder / "linker.hints"

    def load(self, folder, *names, status=OK):
        done = cli.run("load", "--json", folder / "kernel", *names)
        self.assertEqual(done.status, status, done.err + done.out)
        document = done.json()
        cli.validate(document)
        return document

    def test_an_interface_is_found_by_hints(self):
        """K-13, H-08: fxd is in fx_driver.ko, which only hints know."""
        for machine, folder in self.folders("kernel"):
            with self.subTest(machine):
                document = self.load(folder, "fxd", status=REFUSED)
                self.assertEqual(document["results"][0]["errno"]["name"],
                                 "ENOENT")
                hints = self.hints(folder).read_bytes()
                bits, order = MACHINES[machine]
                self.assertEqual(hints[:4], struct.pack(order + "I", 1))
                document = self.load(folder, "fxd")
                self.assertEqual(document["kernel"]["word_bits"], bits)
                file = document["files"][1]
                self.assertEqual((file["name"], file["class"]),
                                 ("fx_driver.ko", CLASSES[bits]))

    def test_hints_of_the_other_byte_order(self):
        """K-13, step 4: the version reads as 1 << 24, with the old prefix."""
        for kernel, prefix in ("kernel", ""), ("kernel-13", "linker."):
            for machine, folder in self.folders(kernel):
                with self.subTest(machine, kernel=kernel):
                    path = self.hints(folder)
                    hints = path.read_bytes()
                    path.write_bytes(hints[3::-1] + hints[4:])
                    # By its file's name it is found all the same (step 8).
                    document = self.load(folder, "fx_hello")
                    self.assertEqual(document["files"][1]["name"],
                                     "fx_hello.ko")
                    self.assertEqual(
                        document["console"],
                        [f"{prefix}hints file version mismatch 16777216"])

    def test_hints_of_the_old_tool_load_too(self):
        """H-07: it ran on the target itself, so the order is the target's."""
        for machine, folder in self.folders("kernel-15"):
            with self.subTest(machine):
                old = self.hints(folder, "13.0").read_bytes()
                self.assertEqual(old[:4],
                                 struct.pack(MACHINES[machine][1] + "I", 1))
                document = self.load(folder, "fx_vnet", "fx_pcpu")
                self.assertEqual([f["name"] for f in document["files"]],
                                 ["kernel", "fx_vnet.ko", "fx_pcpu.ko"])

    def test_dependencies_by_hints(self):
        """K-30: fx_libb's fx_liba comes by itself, under its own name."""
        for machine, folder in self.folders("kernel"):
            with self.subTest(machine):
                (folder / "fx_liba.ko").rename(folder / "renamed.ko")
                self.hints(folder)
                document = self.load(folder, "fx_libb")
                self.assertEqual([f["name"] for f in document["files"]],
                                 ["kernel", "fx_libb.ko", "renamed.ko"])

    def test_scenarios(self):
        """hz is an int of 1000; what a module has in its own mapping is no
        DPCPU variable for DDB, which asks where the reference copy is."""
        script = self.tmp / "script"
        script.write_text(SCENARIO)
        for machine, folder in self.folders("kernel"):
            with self.subTest(machine):
                done = cli.run("run", "--json", script, folder / "kernel")
                self.assertEqual(done.status, OK, done.err + done.out)
                commands = done.json()["commands"]
                number = struct.pack(MACHINES[machine][1] + "i", 1000)
                self.assertIn(f"  {number.hex(' ')}  ",
                              commands[3]["output"][0])
                listed = "\n".join(commands[6]["output"])
                self.assertIn("fx_pcpu.ko", listed)
                self.assertNotIn("fx_vnet.ko", listed)

    def test_dumps(self):
        """image.bin is address to address + size, sets are their parts."""
        for machine, folder in self.folders("kernel"):
            with self.subTest(machine):
                dump = folder / "dump"
                done = cli.run("load", "--json", "--dump", dump, "-n", "2",
                               folder / "kernel", folder / "fx_dyn.ko")
                self.assertEqual(done.status, OK, done.err)
                document, listed = done.json(), cli.read_dump(dump)
                file = document["files"][1]
                image = listed["files/fx_dyn.ko/image.bin"]
                self.assertEqual((image["address"], image["size"]),
                                 (file["address"], file["size"]))
                self.assertIsNone(image["section"])
                for key, section in ("dpcpu", "set_pcpu"), ("vnet",
                                                            "set_vnet"):
                    part, = document[key]["sets"]
                    item = listed[f"files/fx_dyn.ko/{section}.bin"]
                    self.assertEqual(
                        (item["address"], item["size"], item["section"],
                         item["set"], item["instance"]),
                        (part["start"], part["size"], section, key, None))
                    whole = (dump / key / "reference.bin").read_bytes()
                    at = (int(part["start"], 16)
                          - int(document[key]["reference"]["start"], 16))
                    self.assertEqual(
                        (dump / item["path"]).read_bytes(),
                        whole[at:at + part["size"]])
                self.assertEqual(
                    {path for path in listed if path.startswith("files/")
                     and "/kernel/" not in path},
                    {f"files/fx_dyn.ko/{name}.bin" for name in
                     ("image", "set_pcpu", "set_vnet")})


if __name__ == "__main__":
    if not (cli.FIXTURES / "amd64-dyn/boot/kernel/fx_dyn.ko").exists():
        print(f"skipped: no fixtures in {cli.FIXTURES}")
        sys.exit(77)
    unittest.main()
