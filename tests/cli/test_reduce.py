# SPDX-License-Identifier: BSD-2-Clause
"""kldsim reduce: what is left shows the same, is small, and tells no names."""

import gzip
import os
import re
import shlex
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

import cli
from cli import HOST, OK, REFUSED, USAGE
from sample import sample

FEW_LINES = 60  # of all specs together, whichever fixture it is

KERNEL = cli.FIXTURES / "boot/kernel/kernel"


def machines():
    """Folders with a kernel and its modules."""
    return sorted({path.parent for pattern in
                   ("boot/*/kernel", "*/boot/*/kernel", "*/kld/kernel")
                   for path in cli.FIXTURES.glob(pattern)})


def loaded(*words):
    return cli.run("load", "--json", *words)


def first_finding(document):
    """Code and symbol of the first that is no note, as reduce chooses."""
    return next(((f["code"], f["symbol"]) for f in document["findings"]
                 if f["severity"] != "note"), None)


class Reduce(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = Path(scratch.name)

    def reduce(self, *words, status=OK, out="out"):
        done = cli.run("reduce", *words, "-o", self.tmp / out)
        self.assertEqual(done.status, status, done.err)
        return done

    def build(self, out="out"):
        """The files that the specs are of."""
        for spec in (self.tmp / out).glob("*.yaml"):
            done = cli.run("synth", spec, "-o", spec.with_suffix(""))
            self.assertEqual(done.status, OK, done.err)
        readme = (self.tmp / out / "README").read_text()
        release = re.search(r"osreldate (\d+)", readme)[1]
        done = cli.run("hints", "-r", release, self.tmp / out)
        self.assertEqual(done.status, OK, done.err)

    def specs(self, out="out"):
        return {path.name: path.read_text()
                for path in (self.tmp / out).glob("*.yaml")}

    def play(self, out="out", *options):
        return cli.run("run", "-p", ".", *options, "scenario", "kernel",
                       cwd=self.tmp / out)


class Fixtures(Reduce):
    """What is refused or has a finding has the same verdict when it is small."""

    def fails(self, module):
        done = loaded(module.parent / "kernel", module)
        if done.status not in (OK, REFUSED, cli.PANIC):
            return None
        document = done.json()
        if done.status == OK and first_finding(document) is None:
            return None
        return document

    def test_same_verdict(self):
        modules = [path for folder in machines()
                   for path in sorted(folder.glob("*.ko"))]
        for module in sample(modules, 40):
            document = self.fails(module)
            if document is None:
                continue
            with self.subTest(module=str(module)):
                self.compare(module, document)

    def test_panic(self):
        module = KERNEL.parent / "fx_oldmalloc.ko"
        self.compare(module, self.fails(module))

    def test_hints(self):
        """What is left names nobody, so that the kernel looks into its hints."""
        module = cli.FIXTURES / "powerpc64/boot/kernel/fx_circa.ko"
        self.compare(module, self.fails(module))

    def compare(self, module, document):
        out = "-".join(module.parts[-3:])
        self.reduce(module.parent / "kernel", module, out=out)
        self.build(out)
        lines = sum(text.count("\n") for text in self.specs(out).values())
        self.assertLess(lines, FEW_LINES)
        folder = self.tmp / out
        small = loaded("-p", folder, folder / "kernel",
                       folder / module.name).json()
        code, symbol = first_finding(document) or (None, None)
        its_code, its_symbol = first_finding(small) or (None, None)
        self.assertEqual(its_code, code)
        if symbol is not None:
            self.assertEqual(its_symbol, symbol)
        self.assertEqual([m["errno"] for m in small["results"]],
                         [m["errno"] for m in document["results"]])
        panics = any(m["status"] == "panic" for m in document["results"])
        self.assertEqual(self.play(out).status, cli.PANIC if panics else OK)


class Small(Reduce):
    """By hand: this is all that an undefined symbol needs."""

    def synth(self, name, spec):
        (self.tmp / "spec").write_text(f"machine: amd64\nkind: {spec}")
        done = cli.run("synth", self.tmp / "spec", "-o", self.tmp / name)
        self.assertEqual(done.status, OK, done.err)

    def test_names_lead_where_the_kernel_goes(self):
        """K-13: records of interfaces count; K-11: "" before ".ko"."""
        folder = self.tmp / "mods"
        folder.mkdir()
        bad = ("module\nfunctions: [f]\nrelocs: [{in: .text, at: 1, type: "
               "R_X86_64_PLT32, symbol: nowhere}]\n")
        self.synth("kernel", "kernel\n")
        self.synth("mods/a.ko", "module\nmodules: [wanted]\n")
        self.synth("mods/b.ko", bad + "versions: [wanted]\n")
        self.synth("mods/other", bad)
        self.synth("mods/other.ko", "module\n")
        self.synth("mods/third.ko", bad)
        (folder / "third").mkdir()
        self.assertEqual(cli.run("hints", folder).status, OK)
        for name, file in ("wanted", "b.ko"), ("other", "other"), (
                "third", "third.ko"):
            with self.subTest(name):
                done = self.reduce("-p", folder, self.tmp / "kernel", name,
                                   out=name)
                self.assertIn("undefined-symbol:nowhere", done.out)
                self.assertEqual(set(self.specs(name)),
                                 {"kernel.yaml", file + ".yaml"})
        archive = self.tmp / "mods.tar"
        with tarfile.open(archive, "w") as mods:
            for name in "a.ko", "b.ko":
                mods.add(folder / name, f"mods/{name}")
        done = self.reduce("-p", f"{archive}:mods", self.tmp / "kernel",
                           "wanted", out="packed")
        self.assertIn("undefined-symbol:nowhere", done.out)

    def test_places(self):
        """Whatever load takes: archives, packed kernels, and specs beside."""
        self.synth("kernel", "kernel\n")
        self.synth("bad.ko", "module\nfunctions: [f]\nrelocs: [{in: .text, "
                   "at: 1, type: R_X86_64_PLT32, symbol: nowhere}]\n")
        (self.tmp / "spec").rename(self.tmp / "bad.ko.yaml")
        with tarfile.open(self.tmp / "both.tar", "w") as both:
            for name in "kernel", "bad.ko":
                both.add(self.tmp / name, f"boot/{name}")
        packed = self.tmp / "kernel.gz"
        packed.write_bytes(gzip.compress((self.tmp / "kernel").read_bytes()))
        archive = self.tmp / "both.tar"
        for i, words in enumerate([
                (archive, f"{archive}:boot/bad.ko"),
                (f"{archive}:boot/kernel", self.tmp / "bad.ko"),
                (packed, self.tmp / "bad.ko"),
                (self.tmp / "kernel", self.tmp / "bad.ko.yaml"),
                (f"{archive}:boot/kernel", self.tmp / "bad.ko.yaml")]):
            with self.subTest(words):
                done = self.reduce(*words, out=str(i))
                self.assertIn("undefined-symbol:nowhere", done.out)

    def test_undefined(self):
        done = self.reduce(KERNEL, "fx_undef")
        self.assertIn("keeping finding:undefined-symbol:fx_missing_call2, "
                      "errno:ENOEXEC\n", done.out)
        self.assertEqual(self.specs(), {
            "kernel.yaml": "machine: amd64\nkind: kernel\n",
            "fx_undef.ko.yaml":
                "machine: amd64\nkind: rel\nsections:\n"
                "  - {name: .text, size: 17}\nrelocs:\n"
                "  - {in: .text, at: 0x9, symbol: fx_missing_call2}\n"})
        self.assertEqual((self.tmp / "out/scenario").read_text(),
                         "expect ENOEXEC kldload ./fx_undef.ko\n")

    def test_readme(self):
        """What README says can be typed."""
        self.reduce(KERNEL, "fx_undef")
        readme = (self.tmp / "out/README").read_text()
        commands = re.findall(r"^    (kldsim .*)$", readme, re.M)
        self.assertEqual(len(commands), 4)
        (self.tmp / "bin").mkdir()
        (self.tmp / "bin/kldsim").symlink_to(cli.KLDSIM)
        path = f"{self.tmp}/bin:{os.environ['PATH']}"
        for command in commands:
            done = subprocess.run(shlex.split(command),
                                  cwd=self.tmp / "out", text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT,
                                  env={**os.environ, "PATH": path})
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_twice(self):
        """And what is found beside a kernel's spec is in sight."""
        self.reduce("--anonymize", KERNEL, "fx_libb")
        names = [name for name in self.specs() if name != "kernel.yaml"]
        self.assertEqual(len(names), 2)
        loads = re.findall(r"kldload \./(\S+)",
                           (self.tmp / "out/scenario").read_text())
        self.assertEqual(len(loads), 1)
        self.reduce(self.tmp / "out/kernel.yaml",
                    self.tmp / "out" / f"{loads[0]}.yaml", "-r", "12.1",
                    out="again")
        self.assertEqual(self.specs("again"), self.specs())

    def test_anonymize(self):
        """No name of four letters or more is left, in text or in bytes."""
        self.reduce("--anonymize", KERNEL, "fx_libb")
        text = "".join([*self.specs(), *self.specs().values(),
                        *(path.read_text() for path in
                          (self.tmp / "out").iterdir())])
        text += bytes.fromhex("00".join(
            re.findall(r"bytes: ([0-9a-f]+)", text))).decode("latin-1")
        for module in "fx_libb", "fx_liba":
            spec = cli.run("synth", "--from",
                           KERNEL.parent / f"{module}.ko").out
            for name in re.findall(r"name: (\w{4,}),", spec):
                bare = re.sub("^(vnet|pcpu)_entry_", "", name)
                if not bare.startswith(("__start_", "__stop_", "set_")):
                    self.assertNotIn(bare, text)
        self.assertNotIn("fx_", text)
        self.build()
        self.assertEqual(self.play().status, OK)


class Keep(Reduce):
    def test_kinds(self):
        """Each kind is kept, and what is not there is told."""
        for keep in ("finding:undefined-symbol", "errno:ENOEXEC",
                     "finding:undefined-symbol:fx_missing_data",
                     "finding:undefined-symbol:O-53",
                     "console:symbol fx_missing_call2 undefined"):
            with self.subTest(keep):
                self.reduce("--keep", keep, KERNEL, "fx_undef")
                self.build()
                self.assertEqual(self.play().status, OK)
        for keep in ("finding:hidden-symbol", "errno:EEXIST", "panic",
                     "finding:undefined-symbol:nobody", "console:no such"):
            with self.subTest(keep):
                done = self.reduce("--keep", keep, KERNEL, "fx_undef",
                                   status=REFUSED)
                self.assertIn("do not show what is to be kept", done.err)

    def test_panic(self):
        """A hash chain without an end, from specs by hand."""
        kernel = self.tmp / "kernel.yaml"
        kernel.write_text("machine: amd64\nkind: kernel\n"
                          "functions: [printf, nobody]\n")
        module = self.tmp / "z-41.ko.yaml"
        module.write_text((cli.SRC / "tests/fuzz/z-rules/z-41.yaml")
                          .read_text())
        done = self.reduce(kernel, module)
        self.assertIn("keeping finding:hash-chain:__start_set_pcpu, panic",
                      done.out)
        self.assertEqual(self.specs()["kernel.yaml"],
                         "machine: amd64\nkind: kernel\n")
        self.build()
        out = self.tmp / "out"
        self.assertEqual(loaded(out / "kernel", out / "z-41.ko").status,
                         cli.PANIC)

    def test_script(self):
        """A failure that a scenario shows: the veto of an unload."""
        script = self.tmp / "veto.kld"
        script.write_text("kldload fx_hello\nanswer fx_hello unload EPERM\n"
                          "expect EPERM kldunload fx_hello\n")
        self.reduce("--script", script, KERNEL)
        self.assertEqual(sorted(self.specs()),
                         ["fx_hello.ko.yaml", "kernel.yaml"])
        self.build()
        done = self.play()
        self.assertIn("Operation not permitted", done.out + done.err)

    def test_options(self):
        """What the failure hangs on is in README's command."""
        self.reduce("--answer", "fx_hello:load=ENXIO", KERNEL, "fx_hello")
        readme = (self.tmp / "out/README").read_text()
        self.assertIn(" --answer 'fx_hello:load=6' scenario kernel\n", readme)
        self.build()
        self.assertEqual(self.play("out", "--answer",
                                   "fx_hello:load=ENXIO").status, OK)
        self.assertEqual(self.play().status, REFUSED)

    def test_command(self):
        """The user's own command, which has the files where it is."""
        self.reduce("--test", f"{cli.KLDSIM} load -q kernel ./fx_undef.ko "
                    "| grep -q fx_missing_data", KERNEL, "fx_undef")
        self.build()
        out = self.tmp / "out"
        self.assertIn("fx_missing_data", loaded(
            out / "kernel", out / "fx_undef.ko").out)
        self.assertNotIn("fx_missing_call", str(self.specs()))

    def test_nothing_is_wrong(self):
        """It would not know what to keep."""
        done = self.reduce(KERNEL, KERNEL.parent / "fx_hello.ko",
                           status=cli.REFUSED)
        self.assertIn("nothing is wrong with these, or not when", done.err)
        self.assertEqual(self.specs(), {})

    def test_usage(self):
        for words, said in [
                ([KERNEL], "which folder? (-o DIR)"),
                (["-o", "x"], "which KERNEL?"),
                (["-o", "x", "--keep", "errno:NONE", KERNEL], "is not"),
                (["-o", "x", "--keep", "finding:none", KERNEL], "is not"),
                (["-o", "x", "--keep", "nothing", KERNEL], "is not")]:
            done = cli.run("reduce", *words, cwd=self.tmp)
            self.assertEqual(done.status, USAGE)
            self.assertIn(said, done.err)


    def test_no_kernel(self):
        """A module is a file, and no kernel."""
        done = self.reduce(KERNEL.parent / "fx_undef.ko", status=HOST)
        self.assertIn("fx_undef.ko: not a kernel", done.err)


class Interrupted(Reduce):
    def test_interrupt(self):
        """What there is by then is written, and can be gone on with."""
        out = self.tmp / "out"
        flag = self.tmp / "begun"
        # Each candidate takes a moment, and the first tells us.
        test = (f"touch {flag}; sleep 0.05; {cli.KLDSIM} load -q kernel "
                "./fx_undef.ko | grep -q fx_missing_call2")
        process = subprocess.Popen(
            [cli.KLDSIM, "reduce", "--test", test, "-o", out, KERNEL,
             "fx_undef"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        while not flag.exists():
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, HOST)
        self.assertIn("interrupted", said)
        self.assertIn("not yet the smallest", (out / "README").read_text())
        self.assertIn("fx_missing_call2", str(self.specs()))
        self.reduce(out / "kernel.yaml", out / "fx_undef.ko.yaml", "-r",
                    "12.1", out="rest")
        self.assertEqual(len(self.specs("rest")), 2)


if __name__ == "__main__":
    unittest.main()
