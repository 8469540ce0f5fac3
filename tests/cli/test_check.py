# SPDX-License-Identifier: BSD-2-Clause
"""kldsim check: what it says of a module is what load says of it, wherever the
module is and however many threads are at work.
"""

import collections
import gzip
import json
import lzma
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import cli
from cli import FIXTURES, HOST, OK, PANIC, REFUSED, USAGE
from sample import sample
from test_places import PACKINGS, tar_of, zstd

SCRATCH = tempfile.TemporaryDirectory()
TMP = pathlib.Path(SCRATCH.name)
BOOT = FIXTURES / "boot"
KERNEL = BOOT / "kernel/kernel"
WAYS = {"kldload": [], "preload": ["--preload-dependencies"]}
# Of an answer, what load calls it.
STATUS = {"ok": "loaded", "in kernel": "refused", "refused": "refused",
          "no module": "refused", "panic": "panic", "failed": "failed"}

SPECS = {
    # The module vesa is compiled in, with and without MODULE_VERSION.
    "kernel": """
machine: amd64
kind: kernel
options: {osreldate: 1300139}
functions: [printf, vesa_modevent, cuse_modevent]
modules: [{name: vesa, handler: vesa_modevent},
          {name: cuse, handler: cuse_modevent}]
versions: [{name: cuse, version: 1}]
""",
    "mods/vesa.ko": """
machine: amd64
kind: module
options: {osreldate: 1300139}
functions: [vesa_modevent]
modules: [{name: vesa, handler: vesa_modevent}]
""",
    "mods/cuse.ko": """
machine: amd64
kind: module
options: {osreldate: 1300139}
functions: [cuse_modevent]
modules: [{name: cuse, handler: cuse_modevent}]
versions: [{name: cuse, version: 1}]
""",
    "mods/needs.ko": """
machine: amd64
kind: module
options: {osreldate: 1300139}
functions: [f]
depends: [{name: far, minimum: 1, preferred: 1, maximum: 1}]
""",
    "mods/sub/far_away.ko": """
machine: amd64
kind: module
options: {osreldate: 1300139}
functions: [far]
versions: [{name: far, version: 1}]
""",
}


def setUpModule():
    (TMP / "mods/sub").mkdir(parents=True)
    for name, spec in SPECS.items():
        (TMP / "spec.yaml").write_text(spec)
        done = cli.run("synth", TMP / "spec.yaml", "-o", TMP / name)
        if done.status != OK:
            raise AssertionError(done.err)
    # What is no module at all, whatever its name says.
    (TMP / "mods/text.ko").write_text("#!/bin/sh\n")
    shutil.copy(TMP / "kernel", TMP / "mods/sub/program.ko")


def tearDownModule():
    SCRATCH.cleanup()


def run(*words, **more):
    return cli.run("check", *words, cwd=TMP, **more)


def check(*words):
    """What it says as one document, which is as the schema has it."""
    document = run("--json", *words).json()
    cli.validate(document, "check")
    return document


def verdicts(document):
    return {module["name"]: (module["kldload"]["verdict"],
                             module["preload"]["verdict"])
            for module in document["modules"]}


def without(findings, others):
    """Findings, in their order, without one of each of the others."""
    left = collections.Counter(repr(finding) for finding in others)
    rest = []
    for finding in findings:
        if left[repr(finding)] > 0:
            left[repr(finding)] -= 1
        else:
            rest.append(finding)
    return rest


class SameAsLoad(unittest.TestCase):
    """Result, console and findings of each are those of load."""

    def compare(self, kernel, document, module, boot):
        for way, options in WAYS.items():
            answer = module[way]
            load = cli.run("load", "--json", *options, "-p",
                           document["module_path"], kernel, module["path"],
                           cwd=TMP).json()
            with self.subTest(way, module=module["path"]):
                if load["error"]: # a boot with it has failed, on this host
                    self.assertEqual(answer["verdict"], "failed")
                    self.assertEqual(answer["failure"]["text"],
                                     load["error"]["message"])
                    continue
                result = load["results"][0]
                self.assertEqual(STATUS[answer["verdict"]], result["status"])
                # load has an errno for refused alone, and so have we.
                self.assertEqual(answer["errno"], result["errno"])
                self.assertEqual(answer["console"],
                                 without(load["console"], boot["console"]))
                self.assertEqual(answer["findings"],
                                 without(load["findings"], boot["findings"]))

    @staticmethod
    def verdicts(module):
        return [(way, module[way]["verdict"]) for way in WAYS]

    @staticmethod
    def findings(module):
        """Verdicts, and what was found: each once at least."""
        return [(way, module[way]["verdict"], finding["code"])
                for way in WAYS
                for finding in module[way]["findings"] or [{"code": None}]]

    def all_of(self, kernel, *what, every, kinds=verdicts):
        document = check(kernel, *what)
        boot = cli.run("load", "--json", kernel, cwd=TMP).json()
        for module in sample(document["modules"], every, kinds):
            self.compare(kernel, document, module, boot)
        return document

    def test_fixtures(self):
        document = self.all_of(KERNEL, KERNEL.parent, every=16,
                               kinds=self.findings)
        self.assertEqual(len(document["modules"]),
                         len(list(KERNEL.parent.glob("*.ko"))))
        totals = document["totals"]["kldload"]
        self.assertGreater(totals["ok"], 20)
        self.assertGreater(totals["refused"], 5)

    def test_other_kernels(self):
        for kernel in sample(sorted(FIXTURES.glob("*/boot/kernel*/kernel")) +
                             sorted(FIXTURES.glob("boot/kernel-*/kernel")),
                             4, lambda path: [path.parts[-4]]):
            with self.subTest(kernel):
                self.all_of(kernel, *[folder for folder in [
                    kernel.parent, kernel.parents[2] / "kld"]
                    if list(folder.glob("*.ko"))] or [KERNEL.parent],
                    every=1000)

    def test_odd_ones(self):
        document = self.all_of("kernel", "mods", every=1)
        self.assertEqual(verdicts(document), {
            "cuse.ko": ("in kernel", "in kernel"),
            # Nobody looks below the folders of kern.module_path; but a
            # folder with modules is one of them.  far is in a file of
            # another name, and there is no linker.hints.
            "needs.ko": ("refused", "refused"),
            "text.ko": ("no module", "no module"),
            "vesa.ko": ("in kernel", "ok"),
            "sub/far_away.ko": ("ok", "ok"),
            "sub/program.ko": ("no module", "no module")})
        self.assertEqual(document["module_path"], "mods;mods/sub;.")
        self.assertEqual(document["totals"]["preload"], {
            "ok": 2, "in kernel": 1, "refused": 1, "panic": 0,
            "no module": 2, "failed": 0})
        stale = [finding["text"].split()[0]
                 for finding in document["findings"]
                 if finding["code"] == "hints-stale"]
        self.assertEqual(stale, ["mods", "mods/sub"])

    def test_reason(self):
        """The finding that a line tells of is one that says why."""
        document = check(KERNEL, KERNEL.parent)
        for module in document["modules"]:
            for way in WAYS:
                answer = module[way]
                self.assertEqual(answer["reason"] is None,
                                 answer["verdict"] == "ok")
                if answer["reason"] is not None:
                    finding = answer["findings"][answer["reason"]]
                    self.assertTrue(finding["refusal"] or
                                    finding["severity"] == "panic")

    def test_panic(self):
        """One that panics does not keep the others from being tried."""
        # P-27: at boot the kernel's own vesa panics if this one refuses.
        document = check("--answer", "vesa:load=ENODEV", "kernel", "mods")
        self.assertEqual(verdicts(document)["vesa.ko"][1], "panic")
        self.assertEqual(verdicts(document)["sub/far_away.ko"], ("ok", "ok"))
        done = run("--answer", "vesa:load=ENODEV", "kernel", "mods/vesa.ko")
        self.assertEqual(done.status, PANIC)


class Places(unittest.TestCase):
    """The same files, the same words, wherever they are; paths aside."""

    @classmethod
    def setUpClass(cls):
        cls.boot = TMP / "boot/kernel"
        shutil.copytree(KERNEL.parent, cls.boot)
        names = [f"boot/kernel/{path.name}"
                 for path in sorted(cls.boot.iterdir())]
        modules = [name for name in names if name.endswith(".ko")]
        archive = tar_of(TMP, names)
        (TMP / "k.txz").write_bytes(lzma.compress(archive))
        (TMP / "k.tar.gz").write_bytes(gzip.compress(archive))
        cls.archives = ["k.txz", "k.tar.gz"]
        if "zst" in PACKINGS: # as pkg(8) does: all paths begin with a slash
            (TMP / "k.pkg").write_bytes(zstd(tar_of(TMP, modules, "/")))
        (TMP / "k.tar").write_bytes(tar_of(TMP, modules))
        (TMP / "kernel.gz").write_bytes(gzip.compress(KERNEL.read_bytes()))
        if "built without libarchive" in run("k.txz").err:
            raise unittest.SkipTest("built without libarchive")
        # In an archive a folder has the hints that kldxref(8) would write.
        cli.run("hints", "-r", "12.1", "boot", cwd=TMP)

    def plain(self, document, place=""):
        """A module a line, and what is not of one module."""
        document["kernel"]["path"] = document["module_path"] = None
        for one in document["guilt"]:
            one["name"] = one["name"].split("/")[-1]
        for module in document["modules"]:
            module["name"] = module["name"].split("/")[-1]
        modules = document.pop("modules")
        return [json.dumps(part).replace(f"{place}boot/kernel", "DIR")
                for part in [document, *modules]]

    def compare(self, want, have):
        for have_part, want_part in zip(have, want, strict=True):
            self.assertEqual(have_part, want_part)

    def test_equal(self):
        want = self.plain(check("-p", "", "boot/kernel", "boot"))
        self.assertNotIn("hints-stale", "".join(want))
        for name in self.archives:
            with self.subTest(name):
                self.compare(want, self.plain(check("-p", "", name, name),
                                              f"{name}:"))
        self.compare(want, self.plain(check("-p", "", "boot/kernel", *sorted(
            str(path.relative_to(TMP)) for path in self.boot.glob("*.ko")))))

    def test_package(self):
        """Modules without a kernel beside them, and a compressed kernel."""
        want = self.plain(check("-p", "", "kernel.gz", "k.tar"), "k.tar:")
        shutil.copy(KERNEL, TMP / "kernel.12")
        self.compare(want, self.plain(check("-p", "", "kernel.12", "k.tar"),
                                      "k.tar:"))
        if "zst" in PACKINGS:
            self.compare(want, self.plain(
                check("-p", "", "kernel.12", "k.pkg"), "k.pkg:"))

    def test_release(self):
        """An archive with a kernel alone is all that has to be said."""
        document = check("k.txz")
        self.assertEqual(document["module_path"], "k.txz:boot/kernel")
        self.assertEqual(len(document["modules"]),
                         len(list(self.boot.glob("*.ko"))))

    def test_hints(self):
        hints = self.boot / "linker.hints"
        before = hints.stat().st_mtime
        os.utime(self.boot / "fx_hello.ko", (before + 9, before + 9))
        stale = check("boot/kernel", "boot")["findings"]
        os.utime(self.boot / "fx_hello.ko", (before, before))
        self.assertEqual([finding["code"] for finding in stale],
                         ["hints-stale"])
        self.assertIn("fx_hello.ko is newer", stale[0]["text"])
        self.assertEqual(check("boot/kernel", "boot")["findings"], [])

    def test_names(self):
        """A path is tried once; a link to a folder is not followed."""
        links = TMP / "links"
        links.mkdir()
        (links / "a.ko").symlink_to(self.boot / "fx_hello.ko")
        (links / "gone.ko").symlink_to("nowhere")
        (links / "round").symlink_to(".")
        (links / ".ko").write_bytes(b"")
        (links / "b.ko.gz").write_bytes(b"")
        document = check("boot/kernel", "links/", "links", "links/a.ko",
                         "./links//", "./links/a.ko")
        self.assertEqual([module["name"] for module in document["modules"]],
                         ["a.ko"])


class Text(unittest.TestCase):
    def test_lines(self):
        done = run("kernel", "mods")
        self.assertEqual(done.status, REFUSED)
        lines = done.out.splitlines()
        self.assertIn("cuse.ko           in kernel        in kernel", lines)
        at = lines.index("text.ko           no module ENOEXEC"
                         " no module EFTYPE")
        self.assertTrue(lines[at + 1].startswith("    "))
        self.assertEqual(lines[-3:], [
            "6 modules, 1 warning",
            "  kldload   1 ok, 2 in kernel, 1 refused, 2 no module",
            "  preload   2 ok, 1 in kernel, 1 refused, 2 no module"])
        names = [line.split()[0] for line in lines
                 if ".ko " in line and not line.startswith(" ")]
        self.assertEqual(names, ["cuse.ko", "needs.ko", "text.ko", "vesa.ko",
                                 "sub/far_away.ko", "sub/program.ko"])

    def test_quiet(self):
        done = run("-q", "kernel", "mods")
        self.assertNotIn("cuse.ko", done.out)
        self.assertNotIn("hints-stale", done.out)
        self.assertIn("needs.ko", done.out)

    def test_verbose(self):
        out = run("-v", "kernel", "mods/cuse.ko").out
        self.assertIn("kldload console: ", out)
        self.assertIn("preload warning: ", out)
        self.assertIn("module path: mods;.\n", out)

    def test_status(self):
        self.assertEqual(run("kernel", "mods/cuse.ko").status, OK)
        # A warning: at boot there are two SYSINITs for one module.
        self.assertEqual(run("kernel", "mods/vesa.ko").status, OK)
        self.assertEqual(run("--strict", "kernel", "mods/vesa.ko").status,
                         REFUSED)
        self.assertEqual(run("--strict", "kernel", "mods/cuse.ko").status, OK)
        self.assertEqual(run("kernel", "mods/text.ko").status, REFUSED)
        done = run("--limit", "sections=1", "kernel", "mods/cuse.ko")
        self.assertEqual(done.status, HOST)

    def test_wrong(self):
        (TMP / "empty").mkdir()
        for words, status, message in [
                ([], USAGE, "which KERNEL?"),
                (["kernel", "./nowhere"], HOST, "nowhere"),
                (["kernel", "empty"], HOST, "no file in it ends in .ko"),
                (["empty"], HOST, "empty"),
                (["-j", "0", "kernel"], USAGE, "a number above 0"),
                (["--limit", "archive_members=3", "kernel", "mods"], HOST,
                 "archive_members")]:
            done = run(*words)
            self.assertEqual((done.status, done.out), (status, ""))
            self.assertIn(message, done.err)
            self.assertEqual(len(done.err.splitlines()), 1, done.err)
        document = check("kernel", "./nowhere")
        self.assertEqual(document["error"]["status"], "system call failed")

    def test_example(self):
        """The document that people are shown is what is written today."""
        text = (cli.SRC / "docs/kldsim.check.example.json").read_text()
        self.assertEqual(json.loads(text),
                         check("kernel", "mods/cuse.ko", "mods/text.ko"))


class Jobs(unittest.TestCase):
    """How many threads there are makes no difference."""

    def test_equal(self):
        for words in [[], ["--json"], ["-v", "--together"]]:
            one = run("-j", "1", *words, KERNEL, KERNEL.parent)
            for jobs in ("2", "8"):
                many = run("-j", jobs, *words, KERNEL, KERNEL.parent)
                self.assertEqual(many.out, one.out)
                self.assertEqual(many.status, one.status)


class Watched(unittest.TestCase):
    """Who waits sees how far it is, and ends it when she has enough.

    Nobody reads what is written, so the check stands still when the pipe is
    full; it goes on, or ends, when somebody does.
    """

    @classmethod
    def setUpClass(cls):
        cls.folders = []
        for number in range(12):
            cls.folders.append(TMP / f"links{number}")
            cls.folders[-1].mkdir()
            for path in KERNEL.parent.glob("*.ko"):
                (cls.folders[-1] / path.name).symlink_to(path)
        cls.count = sum(len(list(folder.iterdir()))
                        for folder in cls.folders)

    def start(self, stderr):
        process = subprocess.Popen(
            [cli.KLDSIM, "check", "-v", KERNEL, *self.folders],
            stdout=subprocess.PIPE, stderr=stderr, bufsize=0)
        self.addCleanup(process.stdout.close)
        self.assertNotEqual(process.stdout.read(1), b"")
        return process

    def test_progress(self):
        mine, its = pty.openpty()
        process = self.start(its)
        os.close(its)
        time.sleep(1.1)
        self.assertIn(f"{self.count} modules".encode(),
                      process.stdout.readall())
        # FreeBSD forgets in a second what nobody has read.
        shown = ""
        try:
            while part := os.read(mine, 65536):
                shown += part.decode()
        except OSError: # nobody has the other end any more
            pass
        os.close(mine)
        self.assertEqual(process.wait(), PANIC)
        self.assertRegex(shown, rf"^\r[1-9]\d* of {self.count} modules\033\[K")
        # And nothing is left of it.
        self.assertTrue(shown.endswith("\r\033[K"), shown[-40:])

    def test_no_terminal(self):
        process = self.start(subprocess.PIPE)
        time.sleep(1.1)
        _, messages = process.communicate(timeout=60)
        self.assertEqual(messages, b"")

    def test_interrupt(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start(subprocess.PIPE)
            time.sleep(0.1)
            process.send_signal(number)
            out, messages = process.communicate(timeout=60)
            self.assertEqual(process.returncode, -number)
            told = re.fullmatch(r"kldsim: interrupted: (\d+) of (\d+) modules "
                                r"were tried\n", messages.decode())
            self.assertEqual(int(told[2]), self.count)
            lines = out.decode().splitlines()
            tried = [line for line in lines if re.match(r"fx_\w+\.ko ", line)]
            self.assertEqual(len(tried), int(told[1]))
            self.assertLess(len(tried), self.count)
            # The totals of what was tried.
            counts = [int(n) for n in re.findall(r"(\d+) [a-z]", lines[-1])]
            self.assertEqual(sum(counts), len(tried))


class Together(unittest.TestCase):
    def together(self, *words):
        return {module["name"]: module["together"]
                for module in check("--together", *words)["modules"]}

    def test_modspace(self):
        """Two that load alone do not fit into modspace together (O-21)."""
        done = run("--together", "-q", KERNEL, KERNEL.parent)
        block = done.out.split("other than alone:\n")[1]
        self.assertIn("fx_bigvnet2.ko ", block)
        self.assertNotIn("fx_bigvnet1.ko ", block)
        answers = self.together(KERNEL, KERNEL.parent)
        self.assertEqual(answers["fx_bigvnet1.ko"]["verdict"], "ok")
        self.assertEqual(answers["fx_bigvnet2.ko"]["verdict"], "refused")
        # What it was loaded for is there: that is no refusal.
        self.assertEqual(answers["fx_liba.ko"]["verdict"], "ok")
        self.assertEqual(answers["fx_libc.ko"]["verdict"], "ok")

    def test_dependency_first(self):
        """One that was loaded for another is not refused for being there."""
        answers = self.together(KERNEL, KERNEL.parent / "fx_libc.ko",
                                KERNEL.parent / "fx_liba.ko")
        self.assertEqual([answer["verdict"] for answer in answers.values()],
                         ["ok", "ok"])

    def test_not_asked_for(self):
        document = check("kernel", "mods")
        self.assertIsNone(document["totals"]["together"])
        self.assertIsNone(document["modules"][0]["together"])


if __name__ == "__main__":
    unittest.main()
