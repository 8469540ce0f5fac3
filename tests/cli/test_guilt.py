# SPDX-License-Identifier: BSD-2-Clause
"""What a folder of modules is guilty of, one kind after the other, and a clean
one, which nothing is said of.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import cli
from cli import FIXTURES, OK, REFUSED

NM = next(filter(shutil.which, "llvm-nm nm".split()))

SCRATCH = tempfile.TemporaryDirectory()
TMP = pathlib.Path(SCRATCH.name)
KERNEL = "functions: [printf, firmware_get, firmware_put]\n"
# The kernel has firmware(9), compiled in; the other one is without.
GENERIC = KERNEL + "versions: [{name: firmware, version: 1}]\n"
MINIMAL = "functions: [printf]\n"


def tearDownModule():
    SCRATCH.cleanup()


def synth(path, kind, body, osreldate):
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = TMP / "spec.yaml"
    spec.write_text(f"machine: amd64\nkind: {kind}\n"
                    f"options: {{osreldate: {osreldate}}}\n{body}")
    done = cli.run("synth", spec, "-o", path)
    if done.status != OK:
        raise AssertionError(done.err)


def module(*parts, uses=(), depends=(), provides=()):
    """A spec: calls of functions, MODULE_DEPEND and MODULE_VERSION 1."""
    lines = [*parts]
    if not any("functions:" in part for part in parts):
        lines.insert(0, "functions: [f]")
    # 16 bytes of .text at least; a call is one byte, and its distance.
    lines += ["relocs:"] + [
        f"  - {{in: .text, at: {1 + 5 * at}, type: R_X86_64_PLT32, "
        f"symbol: {name}, addend: -4}}" for at, name in enumerate(uses)
    ] if uses else []
    lines += ["depends:"] + [
        f"  - {{name: {name}, minimum: 1, preferred: 1, maximum: 1}}"
        for name in depends] if depends else []
    lines += ["versions:"] + [f"  - {{name: {name}, version: 1}}"
                              for name in provides] if provides else []
    return "\n".join(lines) + "\n"


FIRMWARE = module("functions: [firmware_get, firmware_put]",
                  provides=["firmware"])


@functools.lru_cache(maxsize=None)
def exports(path):
    """The global symbols of a file, as another tool sees them."""
    done = subprocess.run([NM, "--defined-only", path], text=True,
                          stdout=subprocess.PIPE, check=True)
    # An upper-case letter is a global one's; W and V are weak.
    return {line.split()[-1] for line in done.stdout.splitlines()
            if line.split()[-2] in "ABCDGRST"}


class Guilt(unittest.TestCase):
    """Each test has a folder of its own."""

    def folder(self, files, kernel=GENERIC, osreldate=1500068):
        place = TMP / self.id().split(".")[-1]
        shutil.rmtree(place, ignore_errors=True)
        synth(place / "kernel", "kernel", kernel, osreldate)
        for name, body in files.items():
            synth(place / "mods" / name, "module", body, osreldate)
        cli.run("hints", place / "mods")
        return place

    def check(self, place, *words):
        done = cli.run("check", "--json", "-p", "", *words, "kernel", "mods",
                       cwd=place)
        document = done.json()
        cli.validate(document, "check")
        self.assertIsNone(document["error"])
        return document

    def guilt(self, place, *words):
        """Which file is guilty of what, for which symbol."""
        document = self.check(place, *words)
        for one in document["guilt"]:
            if one["module"] is not None:
                named = document["modules"][one["module"]]
                self.assertEqual((one["name"], one["path"]),
                                 (named["name"], named["path"]))
        return [(one["finding"]["file"], one["finding"]["code"],
                 one["finding"]["symbol"]) for one in document["guilt"]]

    def text(self, place, *words):
        """The lines of the list, without the rest of what is said."""
        lines = cli.run("check", *words, "-p", "", "kernel", "mods",
                        cwd=place).out.splitlines()
        title = "what is wrong besides, the worst first:"
        if title not in lines:
            return []
        lines = lines[lines.index(title) + 1:]
        return [line for line in lines if line.startswith("  ")
                and not line.startswith(("  kldload", "  preload"))]


class Clean(Guilt):
    def test_clean(self):
        place = self.folder({
            "firmware.ko": FIRMWARE,  # in the kernel, too: as releases are
            "a.ko": module("vnet: [{name: limit, int: 5}]",
                           uses=["printf"], provides=["a"]),
            "b.ko": module(uses=["firmware_get", "f2"],
                           depends=["firmware", "c"], provides=["b"]),
            # Versions are told apart: both can be loaded.
            "c.ko": module("functions: [f2]", provides=["c"]),
            "c2.ko": module("versions: [{name: c, version: 2}]"),
        })
        self.assertEqual(self.guilt(place), [])
        self.assertEqual(self.text(place), [])
        done = cli.run("check", "--strict", "-p", "", "kernel", "mods",
                       cwd=place)
        self.assertEqual(done.status, OK)
        modules = self.check(place)["modules"]
        self.assertEqual([one["without_leaks"] for one in modules],
                         [None] * 5)


class Leaks(Guilt):
    FILES = {
        "owner.ko": module("functions: [open, {name: shut, bind: local}, "
                           "{name: frail, bind: weak}]", provides=["owner"]),
        "user.ko": module(uses=["open", "shut", "frail"], depends=["owner"],
                          provides=["user"]),
        # It has nothing of that kind, and needs one that has.
        "third.ko": module(depends=["user"]),
        # Its table has the name, and no relocation asks for it.
        "quiet.ko": module("symbols: [{name: shut}]", depends=["owner"]),
    }

    def test_leaks(self):
        place = self.folder(self.FILES)
        self.assertEqual(self.guilt(place), [
            ("third.ko", "local-symbol-leaks", None),
            ("user.ko", "local-symbol-leaks", "shut"),
            ("user.ko", "local-symbol-leaks", "frail")])
        without = {one["name"]: one["without_leaks"]
                   for one in self.check(place)["modules"]}
        # What is said of the switch is what the kernel says with it.
        strict = {one["name"]: one["kldload"]["verdict"] for one in
                  self.check(place, "--leak-locals", "0")["modules"]}
        self.assertEqual(strict, {"owner.ko": "ok", "user.ko": "refused",
                                  "third.ko": "refused", "quiet.ko": "ok"})
        self.assertEqual(without, {"owner.ko": None, "user.ko": "refused",
                                   "third.ko": "refused", "quiet.ko": "ok"})
        self.assertEqual(self.guilt(place, "--leak-locals", "0"), [])
        third, line = self.text(place)
        self.assertIn("third.ko: it is refused where local symbols do not "
                      "leak, as a file that it needs is [", third)
        self.assertIn("note: user.ko: ", line)
        self.assertIn("not global in owner.ko", line)
        self.assertIn("debug.link_elf_obj_leak_locals=0 it is refused: "
                      "shut, frail [local-symbol-leaks", line)
        self.assertEqual(self.text(place, "-q"), [])  # a note

    def test_no_switch(self):
        """12.1 always lets them leak."""
        place = self.folder(self.FILES, osreldate=1201000)
        self.assertEqual(len(self.guilt(place)), 2)
        self.assertIn("this release allows that", self.text(place)[0])
        self.assertEqual({one["without_leaks"] for one in
                          self.check(place)["modules"]}, {None})

    def test_kernel(self):
        """A static function of the kernel, and one that another has, too."""
        kernel = ("functions: [printf, {name: hidden, bind: local}, "
                  "{name: both, bind: local}]\n")
        place = self.folder({
            "owner.ko": module("functions: [both]", provides=["owner"]),
            "user.ko": module(uses=["hidden"]),
            "other.ko": module(uses=["both"], depends=["owner"]),
        }, kernel)
        self.assertEqual(self.guilt(place), [
            ("other.ko", "local-symbol-leaks", "both"),
            ("user.ko", "local-symbol-leaks", "hidden")])
        other, user = self.text(place)
        self.assertIn("debug.link_elf_leak_locals=0 it has that of owner.ko",
                      other)
        self.assertIn("debug.link_elf_leak_locals=0 it is refused", user)


    def test_fixtures(self):
        """Files of both linker classes: what is said without the switch is
        what is said with it off; and what leaks is no global of its owner.
        """
        for boot in (FIXTURES / "boot", FIXTURES / "arm64/boot"):
            words = ["--json", "-r", "15.0", boot / "kernel/kernel"]
            loose, strict = (cli.run("check", *more, *words).json()
                             for more in ([], ["--leak-locals", "0"]))
            same = [(one["name"], one["kldload"]["verdict"],
                     one["without_leaks"]) for one in strict["modules"]]
            self.assertEqual(same, [
                (one["name"], one["without_leaks"] or
                 one["kldload"]["verdict"], None)
                for one in loose["modules"]])
            leaks = [one["finding"] for one in loose["guilt"]
                     if one["finding"]["code"] == "local-symbol-leaks"]
            self.assertGreater(len(leaks), 5)
            for leak in leaks:
                if leak["symbol"] is None:
                    continue
                owner = re.search(r"not global in (\S+);", leak["text"])[1]
                with self.subTest(leak["file"], symbol=leak["symbol"]):
                    self.assertNotIn(leak["symbol"], exports(
                        boot / "kernel" / owner))


class Undeclared(Guilt):
    def test_compiled_in(self):
        """It is loaded, as the kernel happens to have what it uses."""
        place = self.folder({
            "firmware.ko": FIRMWARE,
            "user.ko": module(uses=["firmware_get", "firmware_put"],
                              provides=["user"]),
            "weak.ko": module("relocs: [{in: .text, at: 8, symbol: "
                              "firmware_get, weak: yes}]"),
        })
        self.assertEqual(self.guilt(place), [
            ("user.ko", "undeclared-dependency", "firmware_get"),
            ("user.ko", "undeclared-dependency", "firmware_put")])
        line, = self.text(place, "-q")
        self.assertIn("MODULE_DEPEND(user, firmware, 1, 1, 1)", line)
        self.assertIn(": firmware_get, firmware_put [", line)
        done = cli.run("check", "-p", "", "kernel", "mods", cwd=place)
        self.assertEqual(done.status, OK)
        self.assertIn("3 modules, 2 warnings", done.out)
        done = cli.run("check", "--strict", "-p", "", "kernel", "mods",
                       cwd=place)
        self.assertEqual(done.status, REFUSED)

    def test_refused(self):
        """The same where it is a module; what a dependency has is no help."""
        place = self.folder({
            "firmware.ko": FIRMWARE,
            "middle.ko": module(depends=["firmware"], provides=["middle"]),
            "user.ko": module(uses=["firmware_get"], depends=["middle"]),
        }, MINIMAL)
        self.assertEqual(self.guilt(place), [
            ("user.ko", "undeclared-dependency", "firmware_get")])
        line, = self.text(place)
        self.assertIn("firmware (firmware.ko)", line)
        self.assertIn("that middle depends on it is not enough", line)
        # It is why it was refused, and counts once.
        self.assertIn("3 modules\n", cli.run(
            "check", "-p", "", "kernel", "mods", cwd=place).out)


    def test_a_dependency_is_guilty(self):
        """Who only depends on it is refused for the same reason, not for one of
        its own."""
        place = self.folder({
            "firmware.ko": FIRMWARE,
            "lib.ko": module(uses=["firmware_get"], provides=["lib"]),
            "user.ko": module(depends=["lib"]),
        }, MINIMAL)
        self.assertEqual(self.guilt(place), [
            ("lib.ko", "undeclared-dependency", "firmware_get")])


    def test_nothing_to_declare(self):
        """The kernel would meet it, or both would wait for each other."""
        place = self.folder({
            "firmware.ko": module("functions: [firmware_load]",
                                  provides=["firmware"]),
            "user.ko": module(uses=["firmware_load"]),
            "left.ko": module(uses=["right_call"], provides=["left"]),
            "right.ko": module("functions: [right_call]", depends=["left"],
                               provides=["right"]),
        })
        self.assertEqual(self.guilt(place), [])


class Twice(Guilt):
    def test_files(self):
        place = self.folder({"a/x.ko": module(), "b/x.ko": module(),
                             "b/y.ko": module()})
        cli.run("hints", place / "mods/a", place / "mods/b")
        self.assertEqual(self.guilt(place),
                         [("x.ko", "file-name-twice", None)])
        # Folders are in the module path in this order, unless it says so.
        line, = self.text(place)
        self.assertIn("warning: b/x.ko: mods/a/x.ko has", line)
        line, = [line for line in cli.run(
            "check", "-p", "mods/b;mods/a", "kernel", "mods",
            cwd=place).out.splitlines() if "file-name-twice" in line]
        self.assertIn("warning: a/x.ko: mods/b/x.ko has", line)

    def test_interfaces(self):
        place = self.folder({"x.ko": module(provides=["i", "j"]),
                             "y.ko": module(provides=["k", "i"])})
        self.assertEqual(self.guilt(place),
                         [("y.ko", "interface-in-files", None)])
        line, = self.text(place)
        self.assertIn("provides i 1, and so does mods/x.ko", line)

    def test_in_kernel(self):
        """A module without MODULE_VERSION, which the loader does not know."""
        vesa = ("functions: [vesa_modevent]\n"
                "modules: [{name: vesa, handler: vesa_modevent}]\n")
        place = self.folder({"vesa.ko": vesa}, vesa)
        self.assertEqual(self.guilt(place), [("vesa.ko", "module-twice",
                                              None)])
        document = self.check(place)
        self.assertTrue(document["guilt"][0]["told"])
        self.assertEqual(document["guilt"][0]["finding"],
                         [finding for finding in
                          document["modules"][0]["preload"]["findings"]
                          if finding["code"] == "module-twice"][0])
        self.assertIn("1 module, 1 warning\n", cli.run(
            "check", "-p", "", "kernel", "mods", cwd=place).out)


class Hints(Guilt):
    def test_hints(self):
        place = self.folder({name: module(provides=[name[0]]) for name in
                             ("a.ko", "b.ko", "c.ko", "d.ko")})
        mods = place / "mods"
        os.rename(mods / "d.ko", mods / "d.ko.bak")
        cli.run("hints", "-r", "12.1", mods)  # which takes any file
        (mods / "a.ko").write_text("#!/bin/sh\n")
        os.remove(mods / "b.ko")
        self.assertEqual(self.guilt(place), [
            ("a.ko", "hints-no-module", None),
            ("b.ko", "hints-file-gone", None),
            ("d.ko.bak", "hints-leftover", None)])
        for line in self.text(place):
            self.assertIn("mods/linker.hints has ", line)
        # The kernel beside its modules is in the hints, too (H-08).
        boot = place / "boot"
        os.rename(mods, boot)
        for name in ("a.ko", "d.ko.bak"):
            os.remove(boot / name)
        shutil.copy(place / "kernel", boot / "kernel")
        cli.run("hints", "-r", "12.1", boot)
        self.assertIn(b"kernel", (boot / "linker.hints").read_bytes())
        done = cli.run("check", "--json", "boot/kernel", cwd=place)
        self.assertEqual(done.json()["guilt"], [])
        os.rename(boot, mods)
        # Of a folder that was not asked for nothing is said.
        done = cli.run("check", "--json", "-p", "", "kernel", "mods/c.ko",
                       cwd=place)
        self.assertEqual(done.json()["guilt"], [])


class Modspace(Guilt):
    # 12.1 has 8 pages for VNET, and the builder's kernels are like it; all
    # is rounded to 8 bytes there.
    FILES = {
        "large.ko": module("vnet: [{name: a, size: 20001}]"),
        "larger.ko": module("vnet: [{name: b, size: 20100}]",
                            provides=["larger"]),
        "small.ko": module("vnet: [{name: c, size: 90}]", uses=["f"],
                           depends=["larger"]),
        "little.ko": module("dpcpu: [{name: d, size: 12}]"),
    }

    def test_together(self):
        place = self.folder(self.FILES, osreldate=1201000)
        document = self.check(place)
        sets = {one["name"]: one["sets"] for one in document["modules"]}
        size = document["modspace"]["vnet"]["size"]
        self.assertEqual(sets["large.ko"]["vnet"], {
            "size": 20001, "modspace": 20008, "with_dependencies": 20008})
        self.assertEqual(sets["small.ko"]["vnet"], {
            "size": 90, "modspace": 96, "with_dependencies": 20104 + 96})
        self.assertEqual(sets["little.ko"]["dpcpu"], {
            "size": 12, "modspace": 16, "with_dependencies": 16})
        self.assertEqual(document["modspace"]["dpcpu"]["left"], [])
        self.assertEqual(document["modspace"]["vnet"], {
            "size": size, "free": size, "wanted": 20008 + 20104 + 96,
            "left": [1, 3]})
        self.assertLess(size, 40000)
        # larger.ko and what needs it do not fit beside large.ko, and the
        # simulated kernel says so, too.
        self.assertEqual(self.guilt(place), [
            ("larger.ko", "modspace-together", None),
            ("small.ko", "modspace-together", None)])
        together = {one["name"]: one["together"]["verdict"] for one in
                    self.check(place, "--together")["modules"]}
        self.assertEqual(together, {"large.ko": "ok", "larger.ko": "refused",
                                    "little.ko": "ok", "small.ko": "refused"})
        self.assertIn("and large.ko 20008: they cannot be loaded together",
                      self.text(place)[0])

    def test_table(self):
        place = self.folder(self.FILES, osreldate=1201000)
        out = cli.run("check", "--sets", "-p", "", "kernel", "mods",
                      cwd=place).out
        rows = [line.split() for line in out.splitlines()
                if len(line.split()) == 7 and ".ko " in line]
        self.assertEqual(rows, [
            ["small.ko", "0", "0", "0", "90", "96", "20200"],
            ["larger.ko", "0", "0", "0", "20100", "20104", "20104"],
            ["large.ko", "0", "0", "0", "20001", "20008", "20008"],
            ["little.ko", "12", "16", "16", "0", "0", "0"]])
        self.assertNotIn("with deps", cli.run(
            "check", "-p", "", "kernel", "mods", cwd=place).out)

    def test_fits(self):
        """Without one of them nothing is wrong."""
        files = {name: body for name, body in self.FILES.items()
                 if name != "large.ko"}
        place = self.folder(files, osreldate=1201000)
        self.assertEqual(self.guilt(place), [])


if __name__ == "__main__":
    unittest.main()
