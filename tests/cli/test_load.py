# SPDX-License-Identifier: BSD-2-Clause
"""kldsim load with the real library, on the kernels and modules of fixtures.

Nothing here depends on an address: outputs are compared with each other.
"""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import cli
from cli import HOST, OK, REFUSED, USAGE

BOOT = cli.FIXTURES / "boot"
ROW = re.compile(r"^ *(\d+) +(\d+) +(0x[0-9a-f]+) +([0-9a-f]+) (\S+)$", re.M)


def kernel(name="kernel"):
    return BOOT / name / "kernel"


def module(name, folder="kernel"):
    return BOOT / folder / f"{name}.ko"


def number(text):
    return int(text, 16)


class Load(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def load(self, status, *args):
        done = cli.run("load", *args)
        self.assertEqual(done.status, status, done.err + done.out)
        return done

    def json(self, status, *args):
        document = self.load(status, "--json", *args).json()
        cli.validate(document)
        return document

    def test_boot_alone(self):
        for name in ("kernel", "kernel-novimage", "kernel-13", "kernel-14",
                     "kernel-15", "kernel-stripped", "kernel-big"):
            with self.subTest(name):
                document = self.json(OK, kernel(name))
                self.assertEqual(
                    [file["name"] for file in document["files"]], ["kernel"])
                self.assertEqual(document["files"][0]["path"],
                                 "/boot/kernel/kernel")
                self.assertEqual(document["kernel"]["machine"], "amd64")
                self.assertEqual(document["results"], [])

    def test_releases(self):
        for name, release in [("kernel", "12.1"), ("kernel-13", "13.0"),
                              ("kernel-14", "14.0"), ("kernel-15", "15.0")]:
            with self.subTest(name):
                document = self.json(OK, kernel(name), module("fx_hello", name))
                self.assertEqual(document["release"], release)
        document = self.json(OK, "-r", "13.0", kernel())
        self.assertEqual(document["release"], "13.0")

    def test_no_vimage(self):
        document = self.json(OK, kernel("kernel-novimage"),
                             module("fx_pcpu", "kernel-novimage"))
        self.assertEqual(document["vnet"], {
            "present": False, "reference": None, "modspace": None,
            "free": [], "sets": [], "instances": []})
        self.assertIn("(no VIMAGE)",
                      self.load(OK, kernel("kernel-novimage")).out)

    def test_vimage_explains_undefined_symbols(self):
        """A-41: one finding for all of them, and none for each."""
        for name, folder, code in [
                ("kernel-novimage", "fx_vnet", "module-needs-vimage"),
                ("kernel", "fx_novimage", "module-lacks-vimage")]:
            with self.subTest(name):
                document = self.json(REFUSED, kernel(name), module(folder))
                found = [f for f in document["findings"] if f["symbol"]]
                self.assertEqual([f["code"] for f in found], [code])
                self.assertIn("undefined for that reason", found[0]["text"])
                self.assertIn(f"symbol {found[0]['symbol']} undefined",
                              document["console"][0])

    def test_text_and_json_agree(self):
        args = ["-n", "3", kernel(), module("fx_pcpu"), module("fx_vnet")]
        document = self.json(OK, *args)
        text = self.load(OK, *args).out
        table = text.split("\n\n")[0]
        self.assertEqual(
            [(int(i), int(refs), address, number(size), name)
             for i, refs, address, size, name in ROW.findall(table)],
            [(file["id"], file["refs"], file["address"], file["size"],
              file["name"]) for file in document["files"]])
        for file in document["files"][1:]:
            for section in file["sections"]:
                self.assertRegex(text, r"(?m)^ *%d +%s +%x +%s +%s$" % (
                    section["index"], section["address"], section["size"],
                    section["region"], re.escape(section["name"])))
        self.assertEqual(
            [result["status"] for result in document["results"]],
            ["loaded", "loaded"])
        self.assertIn(f"{module('fx_vnet')}: loaded, id 3", text)

    def test_names_in_json(self):
        """Names of files have what JSON escapes, and what has no letters."""
        names = ['a"b\\c.ko', "\u00e9\u4e2d.ko", "\x01\x7f.ko"]
        for name in names:
            shutil.copy(module("fx_hello"), self.tmp / name)
        document = self.json(REFUSED, kernel(),
                             *(self.tmp / name for name in names))
        self.assertEqual([file["name"] for file in document["files"]][1:],
                         names[:1])
        self.assertEqual([result["name"] for result in document["results"]],
                         [str(self.tmp / name) for name in names[:2]] +
                         [f"{self.tmp}/\\x01\\x7f.ko"])

    def test_sets(self):
        """What files were given and what is free make up modspace."""
        document = self.json(OK, "-c", "3", "-n", "2", kernel(),
                             module("fx_pcpu"), module("fx_vnet"),
                             module("fx_odd1c"), module("fx_odd02"))
        for name, count in [("dpcpu", 3), ("vnet", 2)]:
            sets = document[name]
            used = sum((part["size"] + 7) // 8 * 8 for part in sets["sets"])
            free = sum(extent["size"] for extent in sets["free"])
            self.assertEqual(used + free, sets["modspace"]["size"])
            self.assertEqual(len(sets["instances"]), count)
            self.assertEqual(
                [(part["file"], part["section_index"], part["start"])
                 for part in sets["sets"]],
                [(file["name"], section["index"], section["address"])
                 for file in document["files"]
                 for section in file["sections"]
                 if section["region"] == name])
            start = number(sets["reference"]["start"])
            for instance in sets["instances"]:
                self.assertEqual((start + number(instance["base"])) % 2**64,
                                 number(instance["area"]))

    def test_verbose(self):
        text = self.load(OK, "-v", "-c", "3", kernel(),
                         module("fx_pcpu")).out
        for words in ("  depends on  kernel\n", "    cpu2  ", "  cpu2  "):
            self.assertIn(words, text)

    def test_refused(self):
        document = self.json(REFUSED, kernel(), module("fx_undef"),
                             module("fx_hello"))
        refused, loaded = document["results"]
        self.assertEqual(refused["status"], "refused")
        self.assertEqual(refused["errno"], {"name": "ENOEXEC", "number": 8})
        self.assertEqual(loaded["status"], "loaded")
        self.assertEqual(loaded["file_id"], 2)
        span = refused["console"]
        said = document["console"][span["first"]:][:span["count"]]
        self.assertTrue(any("undefined" in line for line in said), said)
        undefined = [finding for finding in document["findings"]
                     if finding["code"] == "undefined-symbol"]
        self.assertEqual(len({f["symbol"] for f in undefined}), 4)
        quiet = self.load(REFUSED, "-q", kernel(), module("fx_undef"),
                          module("fx_hello")).out
        self.assertIn(f"{module('fx_undef')}: ENOEXEC (8)", quiet)
        self.assertNotIn("fx_hello", quiet)

    def test_no_such_module(self):
        document = self.json(REFUSED, kernel(), self.tmp / "no.ko")
        self.assertEqual(document["results"][0]["errno"],
                         {"name": "ENOENT", "number": 2})

    def test_reasons(self):
        """O-01, O-03: one errno in the kernel, a reason of its own here."""
        good = module("fx_hello").read_bytes()
        headers = int.from_bytes(good[40:48], "little")  # e_shoff
        cases = {
            "text.ko": (b"no module at all\n", "it is a text file"),
            "odd.ko": (b"\1\0\0\0", "not an ELF file"),
            "bits.ko": (good[:4] + b"\1" + good[5:], "32-bit"),
            "arm64.ko": (good[:18] + b"\xb7\0" + good[20:],
                         "AArch64 (arm64), e_machine 183"),
            "core.ko": (good[:16] + b"\4\0" + good[18:], "a core dump"),
            "type.ko": (good[:16] + b"\5\0" + good[18:], "e_type is 5"),
            "short.ko": (good[:headers], "lie outside the file"),
        }
        for name, (data, reason) in cases.items():
            with self.subTest(name):
                path = self.tmp / name
                path.write_bytes(data)
                document = self.json(REFUSED, kernel(), path)
                self.assertEqual(document["results"][0]["errno"],
                                 {"name": "ENOEXEC", "number": 8})
                self.assertEqual([finding["code"] for finding
                                  in document["findings"]], ["file-format"])
                self.assertIn(reason, document["findings"][0]["text"])

    def test_at_for_nobody(self):
        done = self.load(OK, "--at", "fx_helo.ko=0xffffffff90000000",
                         kernel(), module("fx_hello"))
        self.assertIn("no file fx_helo.ko was loaded", done.err)
        # The name of a file has its .ko, whatever is asked for.
        done = self.load(OK, "--at", "fx_hello=0xffffffff90000000", kernel(),
                         "fx_hello")
        self.assertIn("no file fx_hello was loaded", done.err)
        # That it was not loaded is said once.
        done = self.load(HOST, "--at", "fx_hello.ko=0x1", kernel(),
                         "fx_hello")
        self.assertNotIn("option --at", done.err)
        done = self.load(OK, "--at", "fx_hello.ko=0xffffffff90000000",
                         kernel(), module("fx_hello"))
        self.assertNotIn("was loaded", done.err)

    def test_no_module_at_all(self):
        self.load(REFUSED, kernel(), pathlib.Path(__file__))

    def test_unusable_kernel(self):
        for path in (self.tmp / "none", self.tmp, pathlib.Path(__file__),
                     "/dev/null", module("fx_hello")):
            with self.subTest(path):
                done = self.load(HOST, path, module("fx_hello"))
                self.assertEqual(done.out, "")
                self.assertRegex(done.err, f"^kldsim: {re.escape(str(path))}: "
                                 r".+\n$")

    def test_limit(self):
        """The message has what --limit takes: that much more is enough."""
        # The kernel has 3 of its own.
        command = kernel(), module("fx_vnet"), "--limit"
        done = self.load(HOST, *command, "relocs=4")
        needed = re.search(r"fx_vnet\.ko: relocations: (\d+), "
                           r"over the limit relocs=4\n", done.err)
        self.assertTrue(needed, done.err)
        needed = int(needed[1])
        self.load(HOST, *command, f"relocs={needed - 1}")
        self.load(OK, *command, f"relocs={needed}")

    def test_limit_of_the_kernel(self):
        """Its own are told of it, by the name that it has on the host."""
        for limit, what in (("map_bytes=1000", "bytes of the kernel's segments"),
                            ("sections=3", "sections of the kernel"),
                            ("symbols=3", "symbols of the kernel"),
                            ("relocs=1", "relocations of the kernel")):
            for tool in "load", "run":
                with self.subTest(limit=limit, tool=tool):
                    words = [kernel()] if tool == "load" else ["-", kernel()]
                    done = cli.run(tool, "--limit", limit, *words)
                    self.assertEqual(done.status, HOST)
                    self.assertRegex(
                        done.err, f"^kldsim: {re.escape(str(kernel()))}: "
                        rf"{what}: \d+, over the limit {limit}\n$")

    def test_limit_of_findings(self):
        """Those over it are counted, for people and for programs."""
        command = kernel(), module("fx_undef"), "--limit", "findings=1"
        text = ("undefined-symbol: 3 more, left out as they are over the "
                "limit findings=1")  # of four symbols
        self.assertIn(f"  warning: {text} [findings-left-out]\n",
                      self.load(REFUSED, "-q", *command).out)
        document = self.json(REFUSED, *command)
        last = document["findings"][-1]
        self.assertEqual((last["code"], last["text"], last["rules"],
                          last["file"]), ("findings-left-out", text, [], None))
        self.assertEqual(document["results"][0]["findings"],
                         {"first": 0, "count": 3})  # and what they share

    def test_answer(self):
        """M-21; and whoever is not there to answer is told of."""
        done = self.load(REFUSED, "-q", "--answer", "fx_hello:load=ENODEV",
                         kernel(), module("fx_hello"))
        self.assertIn("error 19\n", done.out)
        self.assertEqual(done.err, "")
        done = self.load(OK, "--answer=fx_hello:unload=EIO",
                         "--answer=devfs:quiesce=0",
                         "--answer=fx_helo:load=EIO", kernel(),
                         module("fx_hello"))
        self.assertEqual(done.err, "kldsim: option --answer: there is no "
                         "module fx_helo\n")
        done = self.load(USAGE, "--answer=fx_hello:unload=ERESTART", kernel())
        self.assertIn("ERESTART (-1) is an answer to MOD_LOAD only", done.err)

    def test_stripped(self):
        """Modspace is told by options, or the load is a host failure."""
        args = kernel("kernel-stripped"), module("fx_pcpu"), module("fx_hello")
        document = self.json(HOST, *args)
        self.assertEqual([r["status"] for r in document["results"]],
                         ["failed", "not tried"])
        full = self.json(OK, kernel())
        for name in "dpcpu", "vnet":
            space = full[name]["modspace"]
            args = (f"--{name}-modspace={space['start']}:{space['size']}",
                    *args)
        self.json(OK, *args)

    def test_wrong_options(self):
        """What only the library can judge is a usage error all the same."""
        self.load(USAGE, "--cpus", "100000", kernel())

    def test_at(self):
        document = self.json(OK, "--at", "fx_hello.ko=0xffffffff90000000",
                             kernel(), module("fx_hello"))
        self.assertEqual(document["files"][1]["address"],
                         "0xffffffff90000000")

    def test_kernel_end(self):
        document = self.json(OK, "--kernel-end", "0xffffffff90000000",
                             kernel(), module("fx_hello"))
        self.assertEqual(document["files"][1]["address"],
                         "0xffffffff90000000")

    def test_dump(self):
        """Sizes are those of the report, and the same bytes are the same."""
        folder = self.tmp / "dump"
        document = self.json(OK, "-n", "2", "--dump", folder, kernel(),
                             module("fx_pcpu"), module("fx_vnet"))
        listed = cli.read_dump(folder)
        memory = {path: (folder / path).read_bytes() for path in listed}
        for file in document["files"][1:]:
            for section in file["sections"]:
                if section["size"] == 0:
                    continue
                path = (f"files/{file['name']}/{section['index']:02}."
                        f"{section['name']}.bin")
                self.assertEqual(len(memory[path]), section["size"])
                region = section["region"]
                if region in ("dpcpu", "vnet"):
                    start = number(document[region]["reference"]["start"])
                    offset = number(section["address"]) - start
                    whole = memory[f"{region}/reference.bin"]
                    self.assertEqual(
                        whole[offset:offset + section["size"]], memory[path])
        for name, one in [("dpcpu", "cpu"), ("vnet", "vnet")]:
            sets = document[name]
            size = (number(sets["reference"]["stop"]) -
                    number(sets["reference"]["start"]))
            self.assertEqual(len(memory[f"{name}/reference.bin"]), size)
            for instance in sets["instances"]:
                path = f"{name}/{one}{instance['id']}.bin"
                self.assertEqual(len(memory[path]), size)
                self.assertEqual(listed[path]["address"], instance["area"])


if __name__ == "__main__":
    if not pathlib.Path(cli.KLDSIM).exists() or not kernel().exists():
        print(f"skipped: no {cli.KLDSIM} or no {kernel()}")
        sys.exit(77)
    unittest.main()
