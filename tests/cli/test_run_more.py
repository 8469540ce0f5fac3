# SPDX-License-Identifier: BSD-2-Clause
"""kldsim run: sysctl, references of the kernel, and one JSON document."""

import pathlib
import shutil
import struct
import tempfile
import unittest

import cli
from cli import HOST, OK, PANIC, REFUSED, USAGE

BOOT = cli.FIXTURES / "boot"
KERNEL = BOOT / "kernel/kernel"


class Run(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def run_script(self, script, *options, kernel=KERNEL):
        (self.tmp / "s").write_text(script)
        return cli.run("run", *options, "s", kernel, cwd=self.tmp)

    def play(self, script, *options, status=OK):
        done = self.run_script(script, *options)
        self.assertEqual(done.status, status, done.err + done.out)
        return done.out

    def document(self, script, *options, status=OK, kernel=KERNEL):
        done = self.run_script(script, "--json", *options, kernel=kernel)
        self.assertEqual(done.status, status, done.err + done.out)
        document = done.json()
        cli.validate(document, "run")
        self.assertEqual(document["exit_status"], status)
        return document


class Sysctl(Run):

    def test_module_path(self):
        """K-12: shown as it is, written as sysctl(8) writes it."""
        self.assertEqual(
            self.play("sysctl kern.module_path\n"
                      "sysctl kern.module_path=/x;/y\n"
                      "sysctl kern.module_path"),
            f"kern.module_path: {BOOT}/kernel\n"
            f"kern.module_path: {BOOT}/kernel -> /x;/y\n"
            "kern.module_path: /x;/y\n")
        self.assertEqual(
            self.play("sysctl kern.module_path=/x\n"
                      "expect ENOENT kldload fx_hello"),
            f"kern.module_path: {BOOT}/kernel -> /x\n"
            "kldload: can't load fx_hello: No such file or directory\n")
        self.assertEqual(
            self.play(f"expect EINVAL sysctl kern.module_path={1024 * 'x'}"),
            f"sysctl: kern.module_path={1024 * 'x'}: Invalid argument\n")

    def test_base_address(self):
        """L-21: KERNBASE (L-23), from 13 on; read only."""
        kernbase = 0xffffffff80000000
        script = ("sysctl kern.base_address\nsysctl kern.relbase_address\n"
                  "expect EPERM sysctl kern.base_address=1")
        self.assertEqual(
            self.play(script, "--release", "13.0"),
            f"kern.base_address: {kernbase}\n"
            f"kern.relbase_address: {kernbase}\n"
            "sysctl: oid 'kern.base_address' is read only\n")
        self.assertEqual(
            self.play("expect ENOENT sysctl kern.base_address"),
            "sysctl: unknown oid 'kern.base_address'\n")

    def test_stale_tail(self):
        """K-12, Z-65: what an older value has left is searched."""
        for folder in "e", "f":
            (self.tmp / folder).mkdir()
        shutil.copy(BOOT / "kernel/fx_hello.ko", self.tmp / "f/h.ko")
        script = (f"sysctl kern.module_path={self.tmp}/e;{self.tmp}/f\n"
                  f"sysctl kern.module_path={self.tmp}/e\n"
                  "expect ENOENT kldload h\nkldload -v h.ko")
        document = self.document(script)
        self.assertEqual(document["commands"][3]["output"],
                         ["Loaded h.ko, id=2"])
        self.assertEqual([f["code"] for f in document["findings"]],
                         ["file-not-found", "module-path"])

    def test_securelevel(self):
        """L-15, K-02."""
        self.assertEqual(
            self.play("sysctl kern.securelevel\nsysctl kern.securelevel=0\n"
                      "kldload fx_hello\nsysctl kern.securelevel=1\n"
                      "expect EPERM kldload fx_pcpu\n"
                      "expect EPERM kldunload fx_hello\n"
                      "expect EPERM sysctl kern.securelevel=-1\n"
                      "expect EINVAL sysctl kern.securelevel=x\n"
                      "expect EINVAL sysctl kern.securelevel=\n"
                      "sysctl kern.securelevel"),
            "kern.securelevel: -1\nkern.securelevel: -1 -> 0\n"
            "kern.securelevel: 0 -> 1\n"
            "kldload: can't load fx_pcpu: Operation not permitted\n"
            "kldunload: can't unload file: Operation not permitted\n"
            "sysctl: kern.securelevel=-1: Operation not permitted\n"
            "sysctl: invalid integer 'x'\n"
            "sysctl: empty numeric value\n"
            "kern.securelevel: 1\n")

    def test_function_list(self):
        """K-48: those of the kernel, then those of the module."""
        before = self.play("sysctl kern.function_list").splitlines()
        after = self.play("kldload fx_hello\nsysctl kern.function_list")
        self.assertIn("printf", before)
        self.assertEqual(after.splitlines(), before + ["fx_hello_modevent"])

    def test_unknown(self):
        self.assertEqual(
            self.play("expect ENOENT sysctl kern.nothing=1\n"
                      "expect EPERM sysctl kern.function_list=1"),
            "sysctl: unknown oid 'kern.nothing'\n"
            "sysctl: oid 'kern.function_list' is read only\n")

    def test_references(self):
        """K-35, U-02."""
        self.assertEqual(
            self.play("reference fx_liba\nreference fx_liba\n"
                      "expect EBUSY kldunload fx_liba\nrelease fx_liba\n"
                      "release fx_liba\nexpect ESRCH release fx_liba\n"
                      "expect ENOENT reference nowhere"),
            "2\n2\nkldunload: can't unload file: Device busy\n"
            "release fx_liba: No such process\n"
            "reference nowhere: No such file or directory\n")

    def test_ctf(self):
        """B-30, C-40: a module without types is asked twice."""
        self.assertEqual(
            self.play("kldload fx_liba\nexpect EFTYPE ctf fx_liba.ko\n"
                      "expect-console 'fx_liba.ko has no .SUNW_ctf section'\n"
                      "expect EFTYPE ctf fx_liba.ko\n"
                      "expect ENOENT ctf nowhere"),
            "ctf fx_liba.ko: Inappropriate file type or format\n"
            "ctf fx_liba.ko: Inappropriate file type or format\n"
            "ctf nowhere: No such file or directory\n")


class Json(Run):

    def test_example(self):
        """The document that people are shown is a good one, with a command
        of each kind of end."""
        example = cli.SRC / "docs/kldsim.run.example.json"
        document = cli.Done(REFUSED, example.read_text(), "").json()
        cli.validate(document, "run")
        self.assertEqual(document["exit_status"], REFUSED)
        self.assertEqual({c["status"] for c in document["commands"]},
                         {"ok", "refused", "not tried"})

    def test_commands(self):
        document = self.document(
            "# a comment\nkldload -v 'fx_hello'\n\n"
            "expect EEXIST kldload fx_hello\nkldstat -v\nconsole")
        commands = document["commands"]
        self.assertEqual([c["line"] for c in commands], [2, 4, 5, 6])
        self.assertEqual({c["status"] for c in commands}, {"ok"})
        self.assertEqual(commands[0]["words"], ["kldload", "-v", "fx_hello"])
        self.assertEqual(commands[0]["output"], ["Loaded fx_hello, id=2"])
        self.assertEqual(commands[1]["errno"], None)
        self.assertIn("already loaded", commands[1]["output"][0])
        # The same lines as without --json, tabs too.
        self.assertEqual(
            "\n".join(commands[2]["output"]) + "\n",
            self.play("kldload fx_hello\nkldstat -v"))
        self.assertEqual(document["script"], "s")
        self.assertEqual(document["kernel"]["path"], str(KERNEL))
        self.assertEqual(document["release"], "12.1")

    def test_quiet_and_verbose_do_not_matter(self):
        script = "kldload fx_undef\nkldstat"
        plain = self.document(script, status=REFUSED)
        self.assertEqual(self.document(script, "-q", status=REFUSED), plain)
        self.assertEqual(self.document(script, "-v", status=REFUSED), plain)

    def test_refused(self):
        document = self.document("kldload fx_undef\nkldstat", status=REFUSED)
        first, rest = document["commands"]
        self.assertEqual(first["status"], "refused")
        self.assertEqual(first["errno"], {"name": "ENOEXEC", "number": 8})
        self.assertEqual(len(first["messages"]), 1)
        console, findings = first["console"], first["findings"]
        self.assertEqual(console["count"], 2)
        self.assertIn(" undefined", document["console"][console["first"]])
        self.assertEqual(findings["count"], 6)
        self.assertEqual(
            {f["code"] for f in document["findings"][findings["first"]:]},
            {"hints-stale", "undefined-symbol", "names-alike"})
        self.assertEqual(rest["status"], "not tried")
        self.assertEqual(rest["console"], None)
        self.assertEqual(rest["output"], [])

    def test_unmet(self):
        document = self.document("expect ENOENT kldload fx_hello",
                                 status=REFUSED)
        self.assertEqual(document["commands"][0]["status"], "unmet")
        self.assertEqual(document["commands"][0]["messages"],
                         ["expected ENOENT, got success"])

    def test_failed(self):
        document = self.document("expect EWHAT kldstat", status=USAGE)
        self.assertEqual(document["commands"][0]["status"], "failed")

    def test_panic(self):
        """Z-05: a name outside the string table; the finding is the last."""
        data = (BOOT / "kernel/fx_hello.ko").read_bytes()
        bad = bytearray(data)
        table, = struct.unpack_from("<Q", bad, 40)
        count, = struct.unpack_from("<H", bad, 60)
        for at in range(table, table + 64 * count, 64):
            if struct.unpack_from("<I", bad, at + 4)[0] == 2:  # SHT_SYMTAB
                offset, size = struct.unpack_from("<QQ", bad, at + 24)
                struct.pack_into("<I", bad, offset + size - 24, 0x7fffff00)
        (self.tmp / "bad.ko").write_bytes(bad)
        document = self.document("kldload ./bad.ko\nkldstat", status=PANIC)
        first, rest = document["commands"]
        self.assertEqual((first["status"], rest["status"]),
                         ("panic", "not tried"))
        self.assertEqual(first["errno"], None)
        self.assertEqual(document["findings"][-1]["severity"], "panic")

    def test_a_document_without_a_kernel(self):
        done = self.run_script("kldstat", "--json", kernel="/nowhere")
        self.assertEqual(done.status, HOST)
        document = done.json()
        cli.validate(document, "run")
        self.assertEqual(document["error"], {
            "status": "system call failed",
            "message": "No such file or directory", "file": "/nowhere",
            "offset": None})
        self.assertIsNone(document["kernel"])
        self.assertEqual(document["commands"], [])


class Options(Run):

    def test_options_that_come_to_nothing(self):
        done = self.run_script("kldstat", "-p", "/nowhere;/etc/passwd;/;",
                               "--ifunc", "nosuch=printf",
                               "--ifunc", "kernel:fx_no=0x10")
        self.assertEqual(done.status, OK)
        self.assertEqual(done.err, (
            "kldsim: option --module-path: /nowhere: No such file or "
            "directory\n"
            "kldsim: option --module-path: /etc/passwd is no folder\n"
            "kldsim: option --ifunc: the kernel has no symbol nosuch\n"
            "kldsim: option --ifunc: the kernel has no symbol fx_no\n"))
        done = cli.run("load", "-q", "--ifunc", "fx_hello.ko:x=printf",
                       "--ifunc", "other.ko:x=printf", KERNEL,
                       BOOT / "kernel/fx_hello.ko")
        self.assertEqual(done.err, "kldsim: option --ifunc: fx_hello.ko has "
                         "no symbol x\n")

    def test_releases_out_of_scope(self):
        for release in "1100000", "903000", "1700000", "9.3":
            with self.subTest(release):
                done = self.run_script("kldstat", "-r", release)
                self.assertEqual(done.status, USAGE)
                self.assertIn(f"option --release: '{release}' is not auto",
                              done.err)
        self.assertEqual(
            self.document("kldstat", "-r", "14.3")["osreldate"], 1403000)


if __name__ == "__main__":
    unittest.main()
