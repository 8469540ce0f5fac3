# SPDX-License-Identifier: BSD-2-Clause
"""kldsim check --root: the next boot of an installed system.

How configuration is read is tests/unit/check/test_next_boot.c's.
"""

import pathlib
import shutil
import tempfile
import unittest

import cli
import html_pages
from cli import FIXTURES, HOST, OK, PANIC, REFUSED, USAGE

DEFAULTS = """# as installed, shortened
exec="echo Loading /boot/defaults/loader.conf"
kernel="kernel"\t\t# /boot sub-directory containing kernel and modules
bootfile="kernel"\t# Kernel name (possibly absolute path)
loader_conf_files="/boot/device.hints /boot/loader.conf /boot/loader.conf.local"
loader_conf_dirs="/boot/loader.conf.d"
entropy_cache_load="YES"
entropy_cache_name="/boot/entropy"
entropy_cache_type="boot_entropy_cache"
module_path="/boot/modules"\t# Set the module search path
"""

VESA = """
machine: amd64
kind: module
options: {osreldate: 1201000}
functions: [fx_modevent]
modules: [{name: %s, handler: fx_modevent}]
"""


class Root(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        shutil.copytree(FIXTURES / "boot/kernel", self.root / "boot/kernel")
        (self.root / "boot/modules").mkdir()
        self.write("boot/defaults/loader.conf", DEFAULTS)
        cli.run("hints", "-r", "12.1", self.root / "boot")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *words):
        document = cli.run("check", "--json", "--root", self.root,
                           *words).json()
        cli.validate(document, "check")
        return document

    def files(self, document):
        return [(file["name"], file["way"], file["where"].split(":")[1],
                 file["answer"] and file["answer"]["verdict"])
                for file in document["boot"]["files"]]

    def test_boot(self):
        self.write("boot/loader.conf", 'fx_libc_load="YES"\n'
                   'fx_undef_load="YES"\nfx_liba_load="YES"\n')
        self.write("etc/rc.conf", 'kld_list="fx_vnet fx_libb fx_none"\n')
        document = self.check()
        self.assertEqual(self.files(document), [
            ("/boot/entropy", "preload", "7", None),
            ("fx_libc", "preload", "1", "ok"),
            ("fx_undef", "preload", "2", "refused"),
            ("fx_liba", "preload", "3", "ok"), # it came with fx_libc
            ("fx_vnet", "kld_list", "1", "ok"),
            ("fx_libb", "kld_list", "1", "ok"),
            ("fx_none", "kld_list", "1", "refused")])
        self.assertTrue(document["boot"]["comes_up"])
        self.assertEqual(document["boot"]["remarks"], [])
        self.assertEqual(document["module_path"], "/boot/kernel;/boot/modules")
        self.assertEqual(document["kernel"]["path"], "/boot/kernel/kernel")
        undef = document["boot"]["files"][2]["answer"]
        self.assertEqual(undef["findings"][undef["reason"]]["code"],
                         "undefined-symbol")
        # The same boot, said by hand.
        load = cli.run("load", "--json", "--preload-dependencies", "-p",
                       self.root / "boot/kernel", self.root / "boot/kernel",
                       "fx_libc", "fx_undef", "fx_liba").json()
        codes = [finding["code"] for finding in load["findings"]]
        self.assertEqual([finding["code"] for finding in document["findings"]
                          if finding["code"] != "file-not-found"]
                         [:len(codes)], codes)

    def test_page(self):
        """--html of a boot: each file, why, and where it was asked for."""
        self.write("boot/loader.conf", 'fx_libc_load="YES"\n'
                   'fx_undef_load="YES"\n')
        self.write("etc/rc.conf", 'kld_list="fx_vnet"\n')
        document = self.check("--html", self.root / "page.html")
        page = html_pages.Page(self.root / "page.html")
        self.assertEqual(list(page.faults()), [])
        self.assertEqual(page.title(),
                         "FreeBSD 12.1 comes up without 1 of 3 modules")
        self.assertEqual(
            [(name, cells[0].split()[0]) for name, _, cells in page.rows()],
            [("/boot/entropy", "not"), ("fx_libc", "ok"),
             ("fx_undef", "refused"), ("fx_vnet", "ok")])
        for file, (_, row, _) in zip(document["boot"]["files"], page.rows()):
            self.assertIn(f"as {file['where']} says", html_pages.words(row))
        self.assertEqual(page.edges(), [
            ("fx_liba.ko", "fx_libb.ko"), ("fx_liba.ko", "fx_libc.ko"),
            ("fx_libb.ko", "fx_libc.ko")])

    def test_text(self):
        self.write("boot/loader.conf", 'fx_undef_load="YES"\n')
        self.write("etc/rc.conf", 'kld_list="fx_vnet"\n')
        done = cli.run("check", "--root", self.root)
        self.assertEqual((done.status, done.err), (REFUSED, ""))
        lines = done.out.splitlines()
        self.assertEqual(lines[0], "/boot/kernel/kernel, FreeBSD 12.1, "
                         "module_path /boot/kernel;/boot/modules")
        self.assertEqual(lines[2], "fx_undef                  refused ENOENT"
                         "   preload   /boot/loader.conf:1")
        self.assertIn("[undefined-symbol", lines[3])
        self.assertEqual(lines[4], "fx_vnet                   ok            "
                         "   kld_list  /etc/rc.conf:1")
        self.assertEqual(lines[5:], ["comes up: 1 ok, 1 refused"])

    def test_does_not_come_up(self):
        """P-27: the kernel's own module of that name panics at boot."""
        kernel = VESA.replace("kind: module", "kind: kernel") % "vesa"
        for name, spec in (("kernel/kernel", kernel),
                           ("modules/vesa.ko", VESA % "vesa"),
                           ("modules/good.ko", VESA % "good")):
            (self.root / "spec").write_text(spec)
            cli.run("synth", self.root / "spec", "-o",
                    self.root / "boot" / name)
        self.write("boot/loader.conf", 'vesa_load="YES"\ngood_load="YES"\n')
        self.write("etc/rc.conf", 'kld_list="good"\n')
        words = ["--answer", "vesa:load=ENODEV"]
        document = self.check(*words)
        self.assertFalse(document["boot"]["comes_up"])
        self.assertEqual(self.files(document)[1:], [
            ("vesa", "preload", "1", "panic"),
            ("good", "preload", "2", None), ("good", "kld_list", "1", None)])
        done = cli.run("check", "--root", self.root, *words)
        self.assertEqual(done.status, PANIC)
        self.assertIn("does not come up: 2 not tried, 1 panic", done.out)
        # It may as well go well; that it need not is said.
        for quiet in ([], ["-q"]):
            done = cli.run("check", *quiet, "--root", self.root)
            self.assertEqual(done.status, OK)
            self.assertIn("    warning: vesa.ko: module vesa is in the kernel, "
                          "too: ", done.out)
            self.assertNotIn("good.ko: module", done.out)

    def test_replaces(self):
        """M-21: realtek-re-kmod's if_re.ko is preloaded to be the one of re(4)."""
        kernel = VESA.replace("kind: module", "kind: kernel") % "pci/re"
        for name, spec in (("kernel/kernel", kernel),
                           ("modules/if_re.ko", VESA % "pci/re")):
            (self.root / "spec").write_text(spec)
            cli.run("synth", self.root / "spec", "-o",
                    self.root / "boot" / name)
        self.write("boot/loader.conf", 'if_re_load="YES"\n'
                   'if_re_name="/boot/modules/if_re.ko"\n')
        said = cli.run("check", "--root", self.root).out
        self.assertIn("if_re.ko: module pci/re is in the kernel, too", said)
        # Taken out of loader.conf, the wanted driver would be gone.
        self.assertIn("unless the file is meant to replace the kernel's own "
                      "module, take it out of loader.conf", said)
        self.assertIn("as with a newer driver of a port", " ".join(
            cli.run("explain", "module-twice").out.split()))

    def test_skipped(self):
        """P-31: what rc(8) takes for loaded is told of in each report."""
        for name in "ipf", "pf":
            (self.root / "spec").write_text(VESA % name)
            cli.run("synth", self.root / "spec", "-o",
                    self.root / f"boot/modules/{name}.ko")
        self.write("boot/loader.conf", 'ipf_load="YES"\n')
        self.write("etc/rc.conf", 'kld_list="pf"\n')
        page, junit = self.root / "page.html", self.root / "junit.xml"
        document = self.check("--html", page, "--junit", junit)
        self.assertEqual(self.files(document)[1:], [
            ("ipf", "preload", "1", "ok"),
            ("pf", "kld_list", "1", "not tried")])
        (finding,) = document["boot"]["files"][2]["answer"]["findings"]
        self.assertEqual(finding["code"], "kld-skipped")
        self.assertIn("ipf.ko (/boot/modules/ipf.ko)", finding["text"])
        self.assertEqual(html_pages.Page(page).title(),
                         "FreeBSD 12.1 comes up without 1 of 2 modules")
        self.assertIn("it looks for &quot;pf.ko&quot;", junit.read_text())
        for quiet in ([], ["-q"]):
            done = cli.run("check", *quiet, "--root", self.root)
            self.assertEqual(done.status, OK)
            self.assertIn("    warning: pf.ko: rc(8) does not load it, since "
                          'it looks for "pf.ko"', done.out)
        self.assertEqual(cli.run("check", "--strict", "--root",
                                 self.root).status, REFUSED)
        # What the warning says to do.
        self.write("etc/rc.conf", 'kld_list="pf.ko"\n')
        self.assertEqual(self.files(self.check())[2][3], "ok")

    def test_links(self):
        """Links are the system's own: none leads out of it."""
        (self.root / "boot").rename(self.root / "pool")
        (self.root / "boot").symlink_to("/pool")
        (self.root / "etc").mkdir()
        (self.root / "pool/modules/in.ko").symlink_to(
            "/boot/../../boot/kernel/fx_hello.ko")
        (self.root / "pool/modules/next.ko").symlink_to(
            "../kernel/fx_pcpu.ko")
        (self.root / "pool/modules/out.ko").symlink_to(
            FIXTURES / "boot/kernel/fx_align.ko")
        (self.root / "pool/modules/round.ko").symlink_to("round.ko")
        (self.root / "etc/rc.conf").symlink_to("/pool/rc.conf")
        self.write("pool/rc.conf", 'kld_list="in next out round '
                   '../../../../etc/hostname"\n')
        files = self.files(self.check())
        self.assertEqual([file[3] for file in files[1:]],
                         ["ok", "ok", "refused", "refused", "refused"])

    def test_what_cannot_be_read(self):
        """Most systems lack some of it; what is there and says nothing is told."""
        (self.root / "etc/rc.conf").mkdir(parents=True)
        (self.root / "boot/loader.conf").symlink_to("loader.conf")
        self.write("boot/loader.conf.local", "")
        said = cli.run("check", "--root", self.root)
        self.assertEqual(said.status, OK, said.err)
        self.assertEqual(sorted(line for line in said.out.splitlines()
                                if line.startswith("remark: ")), [
            "remark: /boot/loader.conf: Too many levels of symbolic links",
            "remark: /etc/rc.conf: not a regular file, but a folder"])

    def test_wrong(self):
        for words, status, message in [
                ([], USAGE, "which KERNEL?"),
                (["--root", self.root, "kernel"], USAGE, "one too many"),
                (["--root", self.root, "--together"], USAGE, "one too many"),
                (["--root", self.root, "--against", self.root], USAGE,
                 "--against is one too many"),
                (["--root", self.root / "boot/modules"], HOST,
                 "finds no kernel"),
                (["--root", self.root / "nowhere"], HOST, "nowhere")]:
            done = cli.run("check", *words)
            self.assertEqual((done.status, done.out), (status, ""))
            self.assertIn(message, done.err)


if __name__ == "__main__":
    unittest.main()
