# SPDX-License-Identifier: BSD-2-Clause
"""Kernels, modules and folders in archives: what is said of them is what is said
of the same files in a folder, and hostile archives are bounded.
"""

import bz2
import gzip
import io
import lzma
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zlib

import cli
from cli import HOST, OK, REFUSED, USAGE
from sample import FULL

SCRATCH = tempfile.TemporaryDirectory()
TMP = pathlib.Path(SCRATCH.name)
BOOT = TMP / "boot/kernel"


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, check=True,
                          stdout=subprocess.PIPE).stdout


PACKINGS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
if shutil.which("zstd"):
    PACKINGS["zst"] = zstd


def tar_of(folder, names, prefix=""):
    """The files of a folder of these names, as the bytes of a tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            # tarfile would strip the slash.
            info = archive.gettarinfo(folder / name)
            info.name = prefix + name
            with open(folder / name, "rb") as file:
                archive.addfile(info, file)
    return out.getvalue()


def tar(names, prefix=""):
    return tar_of(TMP, names, prefix)


def entry(name, kind=tarfile.REGTYPE, size=0, data=b"", **more):
    """A header as bytes, true or not, and what follows it."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    for key, value in more.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def put(name, data):
    (TMP / name).write_bytes(data)
    return name


def setUpModule():
    """A folder with a kernel and modules, and the same as four archives."""
    shutil.copytree(cli.FIXTURES / "boot/kernel", BOOT)
    names = sorted(str(path.relative_to(TMP)) for path in BOOT.iterdir())
    modules = [name for name in names if name.endswith(".ko")]
    put("kernel.txz", lzma.compress(tar(names, "./")))
    put("kernel.tar", tar(names))
    put("kernel.tar.gz", gzip.compress(tar(names)))
    put("modules.txz", lzma.compress(tar(modules, "./")))
    if "zst" in PACKINGS: # as pkg(8) does: all paths begin with a slash
        put("kernel.pkg", zstd(tar(names, "/")))
    done = run("load", "kernel.tar")
    if "built without libarchive" in done.err:
        raise unittest.SkipTest("built without libarchive")


def tearDownModule():
    SCRATCH.cleanup()


def run(*words, **more):
    return cli.run(*words, cwd=TMP, **more)


def archives():
    return [path.name for path in sorted(TMP.glob("kernel.*"))
            if path.suffix in (".txz", ".tar", ".pkg") or
            path.name.endswith(".tar.gz")]


class Equal(unittest.TestCase):
    """The same files, the same words, wherever they are; paths aside."""

    def setUp(self):
        # In an archive a folder has the hints that kldxref(8) would write.
        self.assertEqual(run("hints", "-r", "12.1", "boot").status, OK)

    def compare(self, command, operands):
        want = run(command, "--json", *operands("boot/kernel", "boot/kernel/"))
        cli.validate(want.json(), command)
        for name in archives():
            with self.subTest(name):
                have = run(command, "--json", *operands(
                    name, f"{name}:boot/kernel/"))
                self.assertEqual(have.err.replace(f"{name}:", ""), want.err)
                self.assertEqual(self.plain(have, name), self.plain(want))
                self.assertEqual(have.status, want.status)
        return want

    @staticmethod
    def plain(done, name=None):
        document = done.json()
        document["kernel"]["path"] = None
        text = repr(document)
        return text.replace(f"{name}:", "") if name else text

    def test_load(self):
        modules = sorted(path.name for path in BOOT.glob("*.ko"))
        done = self.compare("load", lambda kernel, folder: (
            kernel, *[folder + name for name in modules]))
        self.assertEqual(done.status, REFUSED)

    def test_load_by_name(self):
        done = self.compare("load", lambda kernel, folder: (
            kernel, "fx_libc", "fx_wantmulti", "fx_none", "fx_hello.ko"))
        self.assertIn("loaded", [result["status"]
                                 for result in done.json()["results"]])

    def test_preload(self):
        done = self.compare("load", lambda kernel, folder: (
            "--preload-dependencies", kernel, "fx_libc", folder + "fx_vnet.ko"))
        self.assertEqual(done.status, OK)

    def test_run(self):
        put("s.kld", b"kldload fx_libc\nkldload fx_multi\nkldstat\n"
            b"kldunload fx_libc\n")
        self.compare("run", lambda kernel, folder: ("s.kld", kernel))

    def test_hints(self):
        for release in ("12.1", "13.0", "15.0"):
            want = run("hints", "-r", release, "-d", "boot/kernel")
            self.assertEqual(want.status, OK)
            for name in archives():
                have = run("hints", "-r", release, "-d", name)
                self.assertEqual(have.out.replace(f"{name}:", ""), want.out)
            # And that is what is written.
            self.assertEqual(run("hints", "-r", release, "boot").status, OK)
            have = run("hints", "-d", "boot/kernel/linker.hints")
            self.assertEqual(have.out.split("\n", 1)[1],
                             want.out.split("\n", 1)[1])
        have = run("hints", "-nv", "-r", "12.1", "kernel.tar:boot")
        self.assertIn("kernel.tar:boot: 2 folders", have.out)
        done = run("hints", "kernel.tar")
        self.assertEqual(done.status, HOST)
        self.assertIn("nothing is written into an archive", done.err)


class Places(unittest.TestCase):
    def good(self, *words):
        done = run("load", *words)
        self.assertEqual(done.status, OK, done.err)
        return done

    def bad(self, status, *words):
        done = run("load", *words)
        self.assertEqual((done.status, done.out), (status, ""))
        self.assertEqual(len(done.err.splitlines()), 1, done.err)
        return done.err

    def test_kernels(self):
        kernel = (BOOT / "kernel").read_bytes()
        want = self.good("boot/kernel/kernel").out
        for suffix, pack in PACKINGS.items():
            with self.subTest(suffix):
                (TMP / suffix).mkdir(exist_ok=True)
                path = put(f"{suffix}/kernel.{suffix}", pack(kernel))
                self.assertEqual(self.good(path).out, want)
                self.assertEqual(self.good(suffix).out, want)
                self.assertEqual(self.good(f"{suffix}/").out, want)
                put("k.tar", tar([path]))
                self.assertEqual(self.good("k.tar").out, want)
                self.assertEqual(self.good(f"k.tar:{path}").out, want)
                self.assertEqual(self.good(f"k.tar:{suffix}").out, want)
        (TMP / "empty").mkdir(exist_ok=True)
        self.assertIn("a folder without a kernel", self.bad(HOST, "empty"))
        self.assertIn("without a kernel", self.bad(HOST, "modules.txz"))
        self.assertIn("No such file", self.bad(HOST, "k.tar:nothing"))

    def test_root_of_an_archive(self):
        """Base names begin behind the place, even where there is no folder."""
        shutil.copy(BOOT / "kernel", TMP / "kernel")
        shutil.copy(BOOT / "fx_hello.ko", TMP)
        put("flat.tar", tar(["kernel", "fx_hello.ko"]))
        for kernel in ("flat.tar", "flat.tar:kernel", "flat.tar:/kernel"):
            done = self.good("--json", kernel, "fx_hello").json()
            self.assertEqual([file["name"] for file in done["files"]],
                             ["kernel", "fx_hello.ko"])
        done = self.good("--json", "flat.tar", "flat.tar:fx_hello.ko").json()
        self.assertEqual(done["files"][1]["name"], "fx_hello.ko")
        self.assertEqual(done["files"][1]["path"], "flat.tar:/fx_hello.ko")

    def test_modules(self):
        put("one.txz", lzma.compress(tar(["boot/kernel/fx_hello.ko"])))
        done = self.good("--json", "kernel.txz", "one.txz").json()
        self.assertEqual(done["results"][0]["name"], "one.txz")
        self.assertEqual(done["files"][1]["path"],
                         "one.txz:boot/kernel/fx_hello.ko")
        self.good("--preload", "kernel.txz", "one.txz")
        self.good("boot/kernel", "modules.txz:boot/kernel/fx_hello.ko")
        error = self.bad(USAGE, "kernel.txz", "modules.txz")
        self.assertIn("more than one module is in it", error)
        self.assertIn("modules.txz:boot/kernel/fx_align.ko, ", error)
        done = run("load", "--json", "kernel.txz", "one.txz:boot/none.ko")
        self.assertEqual(done.json()["results"][0]["errno"]["name"], "ENOENT")

    def test_module_path(self):
        self.good("-p", "modules.txz", "kernel.txz", "fx_libc")
        self.good("-p", "nowhere;modules.txz;/", "boot/kernel", "fx_libc")
        self.good("-p", "modules.txz:boot/kernel", "boot/kernel", "fx_libc")
        done = run("load", "-p", "modules.txz:boot", "boot/kernel", "fx_libc")
        self.assertEqual(done.status, REFUSED)
        done = run("load", "-p", "modules.txz:nothing", "boot/kernel")
        self.assertIn("option --module-path: modules.txz:nothing: No such",
                      done.err)
        shutil.copytree(BOOT, TMP / "boot/modules", dirs_exist_ok=True)
        put("two.tar", tar(["boot/kernel/fx_liba.ko",
                            "boot/modules/fx_libb.ko"]))
        error = self.bad(USAGE, "-p", "two.tar", "boot/kernel")
        self.assertIn("option --module-path: two.tar: modules are in more "
                      "than one", error)
        self.assertIn("two.tar:boot/kernel, two.tar:boot/modules", error)
        self.good("-p", "two.tar:boot/modules;two.tar:boot/kernel",
                  "boot/kernel", "fx_libb")

    def test_scenarios(self):
        """A path in a script is a file of the kernel's, in archives as well."""
        put("p.kld", b"kldload one.txz:boot/kernel/fx_hello.ko\n"
            b"sysctl kern.module_path=modules.txz:boot/kernel\n"
            b"kldload fx_libc\nkldload fx_vnet.ko\n")
        put("one.txz", lzma.compress(tar(["boot/kernel/fx_hello.ko"])))
        done = run("run", "p.kld", "kernel.txz")
        self.assertEqual(done.status, OK, done.err)

    def test_one_packed_module(self):
        """What the kernel sees of a module is what is there."""
        put("fx_hello.ko.gz", gzip.compress((BOOT / "fx_hello.ko").read_bytes()))
        done = run("load", "--json", "boot/kernel", "./fx_hello.ko.gz")
        self.assertEqual(done.json()["results"][0]["errno"]["name"], "ENOEXEC")


class Hostile(unittest.TestCase):
    """Each ends, soon, with a word and a status."""

    def fails(self, data, *words, options=(), status=HOST):
        put("h.tar", data)
        for place in (["h.tar"], ["boot/kernel", "h.tar"],
                      ["-p", "h.tar", "boot/kernel"]):
            done = run("load", "--json", *options, *place)
            self.assertEqual(done.status, status, done.err)
            self.assertEqual(len(done.err.splitlines()), 1, done.err)
            for word in words:
                self.assertIn(word, done.err)
            cli.validate(done.json())

    def test_bombs(self):
        """Zeros without an end, as a member and as a kernel."""
        zeros = entry("a.ko", size=4 << 20, data=bytes(4 << 20))
        self.fails(gzip.compress(zeros), "archive_bytes=1048576",
                   options=["--limit", "archive_bytes=1048576"])
        self.fails(entry("a.ko", size=5 << 30), "archive_bytes=4294967296")
        put("kernel.gz", gzip.compress(b"x" * (4 << 20)))
        done = run("load", "--limit", "archive_bytes=1048576", "kernel.gz")
        self.assertEqual(done.status, HOST)
        self.assertIn("over the limit archive_bytes", done.err)
        # What is not ELF is a bomb as well, and so is what is in headers.
        text = entry("README", size=4 << 20, data=b"x" * (4 << 20))
        self.fails(lzma.compress(text), "archive_bytes",
                   options=["--limit", "archive_bytes=1048576"])
        long = entry("././@LongLink", b"L", 500000, b"n" * 500000) + entry("x")
        self.fails(gzip.compress(long * 4), "archive_bytes",
                   options=["--limit", "archive_bytes=1048576"])

    def test_packed_twice(self):
        data = tar(["boot/kernel/kernel"])
        for times in range(2, 6):
            data = gzip.compress(data)
        put("k.tgz", gzip.compress(data))
        done = run("load", "k.tgz")
        self.assertEqual(done.status, HOST)
        self.assertIn("compressed more than once", done.err)

    def test_a_million_members(self):
        """Against the limit as it is; as a sample a tenth of both."""
        thousands, limit = (1000, 262144) if FULL else (100, 26214)
        options = [] if FULL else ["--limit", f"archive_members={limit}"]
        packer = zlib.compressobj(1, wbits=31)
        thousand = entry("a.ko") * 1000
        data = b"".join(packer.compress(thousand) for _ in range(thousands))
        self.fails(data + packer.flush(), f"more than {limit} members",
                   f"archive_members={limit}", options=options)
        deep = b"".join(entry("/".join(f"{n}" * 9) + "/a.ko")
                        for n in range(100))
        self.fails(deep, "archive_members", options=[
            "--limit", "archive_members=500"])

    def test_cut_off(self):
        data = tar(["boot/kernel/kernel", "boot/kernel/fx_hello.ko"])
        packed = lzma.compress(data)
        for part in (data[:1000], data[:len(data) // 2],
                     packed[:len(packed) // 2], gzip.compress(data)[:-9000]):
            self.fails(part, "damaged or cut off")

    def test_no_libarchive(self):
        """It is loaded when it is needed, and who lacks it can do all else."""
        broken = TMP / "broken"
        broken.mkdir()
        for number in range(40):
            (broken / f"libarchive.so.{number}").write_bytes(b"nothing")
        path = {"LD_LIBRARY_PATH": str(broken)}
        done = run("load", "-q", "boot/kernel/kernel",
                   "boot/kernel/fx_hello.ko", **path)
        if "libarchive.so" in done.err:
            self.skipTest("this build is linked with libarchive")
        self.assertEqual(done.status, OK, done.err)
        put("hello.tar.xz", lzma.compress(tar(["boot/kernel/fx_hello.ko"])))
        for name, what in (("hello.tar.xz", "compressed with xz"),
                           ("kernel.tar", "tar")):
            done = run("load", "-q", "boot/kernel/kernel", name, **path)
            self.assertEqual(done.status, HOST, done.err)
            self.assertIn(f"{name}: {what}, which takes libarchive to read",
                          done.err)
            self.assertIn("Debian's package libarchive13", done.err)

    def test_names(self):
        """Nothing is left where nobody looks, and what is left out is said."""
        hello = (BOOT / "fx_hello.ko").read_bytes()
        module = {"size": len(hello), "data": hello}
        put("h.tar", entry("../../etc/evil.ko", **module) +
            entry("boot/../evil.ko", **module) +
            entry("/boot/modules/fx_hello.ko", **module) +
            entry("boot/null", tarfile.CHRTYPE) +
            entry("boot/a.ko", tarfile.SYMTYPE, linkname="/etc/passwd") +
            entry("boot/b.ko", tarfile.SYMTYPE, linkname="b.ko") +
            entry("boot/c.ko", tarfile.LNKTYPE, linkname="../x") +
            entry("n/" * 600 + "a.ko", **module) + bytes(1024))
        done = run("load", "boot/kernel", "h.tar")
        self.assertEqual(done.status, OK, done.err)
        self.assertEqual(done.err, "kldsim: h.tar: ../../etc/evil.ko is left "
                         "out: its name leads out of the archive; and 4 "
                         "others\n")
        for inside, errno in [("boot/a.ko", "ENOENT"), ("boot/b.ko", "ENOEXEC"),
                              ("../../etc/evil.ko", "ENOENT"),
                              ("boot/null", "ENOENT")]:
            done = run("load", "--json", "boot/kernel", f"h.tar:{inside}")
            self.assertEqual(done.json()["results"][0]["errno"]["name"], errno)

    def test_nothing_is_unpacked(self):
        before = sorted(os.listdir(TMP))
        self.assertEqual(run("load", "kernel.txz", "fx_hello").status, OK)
        self.assertEqual(sorted(os.listdir(TMP)), before)


if __name__ == "__main__":
    unittest.main()
