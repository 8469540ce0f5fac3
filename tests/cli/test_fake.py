# SPDX-License-Identifier: BSD-2-Clause
"""The command linked to a library that only pretends (fake_kldsim.c).

Every output is compared with a file in golden/; KLDSIM_UPDATE=1 writes them
anew, for review with git diff.
"""

import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

import cli
from cli import HOST, OK, PANIC, REFUSED, USAGE

GOLDEN = cli.HERE / "golden"
STRICT = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra",
          "-Werror", "-g", "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all"]

# name of the golden file, arguments, exit status
CASES = [
    ("version", "--version", OK),
    ("load-help", "load --help", OK),
    ("boot", "load /k/kernel", OK),
    ("good", "load -n 2 /k/kernel /m/good.ko ./noted.ko", OK),
    ("good-quiet", "load -q /k/kernel /m/good.ko ./noted.ko", OK),
    ("good-verbose", "load -v -n 2 /k/kernel /m/good.ko", OK),
    ("good-json", "load --json --vnets=2 /k/kernel /m/good.ko", OK),
    ("many", "load /k/kernel ./many.ko", OK),
    ("many-verbose", "load -v /k/kernel ./many.ko", OK),
    ("refused", "load /k/kernel ./refused.ko ./good.ko", REFUSED),
    ("refused-quiet", "load -q /k/kernel ./refused.ko ./good.ko", REFUSED),
    ("panic", "load /k/kernel ./refused.ko ./panic.ko ./good.ko", PANIC),
    ("panic-json", "load --json /k/kernel ./noted.ko ./panic.ko ./good.ko",
     PANIC),
    ("panic-color", "load -q --color always /k/kernel ./refused.ko "
     "./panic.ko ./good.ko", PANIC),
    ("hostfail", "load /k/kernel ./good.ko ./hostfail.ko ./good.ko", HOST),
    ("hostfail-json", "load --json /k/kernel ./refused.ko ./hostfail.ko "
     "./good.ko", HOST),
    ("hostile", "load /k/kernel './hostile\\xff\\n.ko'", OK),
    ("hostile-json", "load --json /k/kernel './hostile\\xff\\n.ko'", OK),
    ("i386", "load -v /k/kernel-i386 ./good.ko", OK),
    ("i386-json", "load --json /k/kernel-i386 ./good.ko", OK),
    ("shared", "load /k/kernel ./shared.ko", OK),
    ("novimage", "load /k/kernel-novimage", OK),
    ("novimage-json", "load --json /k/kernel-novimage", OK),
    ("stripped", "load /k/kernel-stripped", OK),
    ("stripped-json", "load --json -r 13.0 /k/kernel-stripped", OK),
    ("dead", "load /k/kernel-dead ./good.ko", PANIC),
    ("missing", "load --json /k/missing ./good.ko", HOST),
    ("broken-json", "load --json /k/broken ./good.ko", HOST),
    ("broken", "load /k/broken ./good.ko", HOST),
    ("cpus", "load -c 5 /k/kernel ./good.ko", USAGE),
]

# arguments, what the message has
WRONG = [
    ("", "usage:"),
    ("--nonsense", "unknown option --nonsense"),
    ("-x", "unknown option -x"),
    ("nonsense", "unknown command nonsense"),
    ("load", "which KERNEL?"),
    ("load --nonsense k", "unknown option --nonsense"),
    ("load -x k", "unknown option -x"),
    ("load -qx k", "unknown option -x"),
    ("load k -c", "option --cpus needs a value"),
    ("load k --cpus", "option --cpus needs a value"),
    ("load --json=1 k", "option --json takes no value"),
    ("load -c 0 k", "option --cpus: '0' is not"),
    ("load -c 2x k", "option --cpus: '2x' is not"),
    ("load -c -1 k", "option --cpus: '-1' is not"),
    ("load -c +1 k", "option --cpus: '+1' is not"),
    ("load -c ' 1' k", "option --cpus: ' 1' is not"),
    ("load -c 4294967296 k", "option --cpus: '4294967296' is not"),
    ("load -n 0 k", "option --vnets: '0' is not"),
    ("load -r 99 k", "option --release: '99' is not"),
    ("load --at a.ko k", "option --at: 'a.ko' is not"),
    ("load --at =0x1 k", "option --at: '=0x1' is not"),
    ("load --at a.ko= k", "option --at: 'a.ko=' is not"),
    ("load --at a.ko=x k", "option --at: 'a.ko=x' is not"),
    ("load --at a.ko=0x k", "option --at: 'a.ko=0x' is not"),
    ("load --at a.ko=0x-1 k", "option --at: 'a.ko=0x-1' is not"),
    ("load --at a.ko=0x1g k", "option --at: 'a.ko=0x1g' is not"),
    ("load --at a.ko=0x10000000000000000 k", "option --at: "),
    ("load --at d/a.ko=0x1 k", "FILE a base name"),
    ("load --kernel-end 0 k", "option --kernel-end: '0' is not"),
    ("load --kernel-end '' k", "option --kernel-end: '' is not"),
    ("load --this-linker-file a.ko k",
     "option --this-linker-file: 'a.ko' is not"),
    ("load --this-linker-file /a.ko=1 k",
     "option --this-linker-file: '/a.ko=1' is not"),
    ("load --ifunc memcpy k", "option --ifunc: 'memcpy' is not"),
    ("load --ifunc =x k", "option --ifunc: '=x' is not"),
    ("load --ifunc a.ko:=x k", "option --ifunc: 'a.ko:=x' is not"),
    ("load --ifunc :f=x k", "option --ifunc: ':f=x' is not"),
    ("load --ifunc f=0y k", "option --ifunc: 'f=0y' is not"),
    ("load --answer a k", "option --answer: 'a' is not"),
    ("load --answer a=ENOEXEC k", "option --answer: 'a=ENOEXEC' is not"),
    ("load --answer :load=ENOEXEC k",
     "option --answer: ':load=ENOEXEC' is not"),
    ("load --answer a:load= k", "option --answer: 'a:load=' is not"),
    ("load --answer a:lod=ENOEXEC k", "EVENT one of load, unload, quiesce"),
    ("load --answer a:load=EFOO k", "ERRNO one of FreeBSD's or a number\n"),
    ("load --dpcpu-modspace 0x1000 k", "option --dpcpu-modspace: '0x1000'"),
    ("load --vnet-modspace 0x1000:0 k", "option --vnet-modspace: '0x1000:0'"),
    ("load --vnet-modspace 1:2:3 k", "option --vnet-modspace: '1:2:3'"),
    ("load --leak-locals 2 k", "option --leak-locals: '2' is not"),
    ("load --leak-locals 01 k", "option --leak-locals: '01' is not"),
    ("load --limit sections k", "option --limit: 'sections' is not"),
    ("load --limit sections= k", "option --limit: 'sections=' is not"),
    ("load --limit sections=0 k", "option --limit: 'sections=0' is not"),
    ("load --limit sections=-1 k", "option --limit: 'sections=-1' is not"),
    ("load --limit bytes=1 k", "NAME one of map_bytes"),
    ("load --dump= k", "option --dump: '' is not"),
    ("load --color red k", "option --color: 'red' is not"),
    ("load '--bad\\xff' k", "unknown option --bad\\xff"),
]

# bytes, how they are shown
ESCAPES = [
    (b"plain \\x41", r"plain \x41"),
    (b"\t\r\n\x1b[1m\x7f", r"\x09\x0d\x0a\x1b[1m\x7f"),
    ("\u00e9\u20ac\U0001f600".encode(), "\u00e9\u20ac\U0001f600"),
    (b"\xc3", r"\xc3"),
    (b"\xc3(", r"\xc3("),
    (b"\x80\xbf\xff", r"\x80\xbf\xff"),
    (b"\xc0\xaf", r"\xc0\xaf"),                  # overlong
    (b"\xe0\x80\xaf", r"\xe0\x80\xaf"),
    (b"\xed\xa0\x80", r"\xed\xa0\x80"),          # surrogate
    (b"\xf4\x90\x80\x80", r"\xf4\x90\x80\x80"),  # above U+10FFFF
    ("\u0085\u202e\ufeff".encode(),
     r"\xc2\x85\xe2\x80\xae\xef\xbb\xbf"),
    ("\ufffe\U000e0041".encode(), r"\xef\xbf\xbe\xf3\xa0\x81\x81"),
]

# arguments that are fine
RIGHT = [
    "load -c2 -n3 -r auto k",
    "load --cpus=2 --vnets 3 --release=13.0 k",
    "load k --at a.ko=0xFFFFFFFF82000000 --at b=c.ko=17",
    "load --kernel-end 0xffffffffffffffff k",
    "load --this-linker-file a.ko=0xfffff80003a4d600 k",
    "load --ifunc memcpy=memcpy_erms --ifunc a:b.ko:f=0x10 k",
    "load --answer a:load=ENOEXEC --answer b:c:quiesce=ENOEXEC k",
    "load --dpcpu-modspace 0x1000:2048 --vnet-modspace 8:0x10 k",
    "load --limit sections=0x10 --vimage-runtime k",
    "load --leak-locals 0 --color never -- k ./a.ko",
]


def words(line):
    """Shell words; in quotes \\xff and \\n stand for bytes."""
    return [word.encode().replace(b"\\xff", b"\xff").replace(b"\\n", b"\n")
            for word in shlex.split(line)]


def jansson():
    """Compiler flags for the JSON library, wherever it is."""
    try:
        return subprocess.run(
            ["pkg-config", "--cflags", "--libs", "jansson"], check=True,
            stdout=subprocess.PIPE, text=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return ["-ljansson"]


class Fake(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.tmp = pathlib.Path(cls.scratch.name)
        cls.command = cls.tmp / "kldsim"
        # Only `load` meets the fake kernel; the others have their own tests.
        sources = [path for path in sorted([*cli.SRC.glob("tools/*.c"),
                                            *cli.SRC.glob("tools/options/*.c"),
                                            *cli.SRC.glob("tools/sandbox/*.c"),
                                            *cli.SRC.glob("tools/report/*.c")])
                   if path.name == "cmd_load.c"
                   or not path.name.startswith(("cmd_", "commands",
                                                "load_kbi", "load_html"))]
        subprocess.run(
            [os.environ.get("CC", "cc"), *STRICT, "-I", cli.SRC / "include",
             "-I", cli.SRC / "tools", *sources, cli.HERE / "fake_kldsim.c",
             cli.HERE / "fake_source.c", *jansson(), "-o",
             cls.command], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def run_fake(self, line, *more, **options):
        return cli.run(*words(line), *more, command=self.command,
                       cwd=self.tmp, **options)

    def test_golden(self):
        for name, line, status in CASES:
            with self.subTest(name):
                done = self.run_fake(line)
                if "--json" in line and done.out:
                    cli.validate(done.json())
                self.compare(GOLDEN / f"{name}.txt",
                             f"$ kldsim {line}\n{done.out}"
                             f"--- stderr, exit status {done.status}\n"
                             f"{done.err}")
                self.assertEqual(done.status, status)

    def compare(self, path, text):
        if os.environ.get("KLDSIM_UPDATE"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.assertEqual(path.read_text(), text)

    def test_example(self):
        """The document that people are shown is a good one."""
        example = cli.SRC / "docs/kldsim.load.example.json"
        cli.validate(cli.Done(OK, example.read_text(), "").json())

    def test_wrong(self):
        for line, message in WRONG:
            with self.subTest(line):
                done = self.run_fake(line)
                self.assertEqual(done.status, USAGE)
                self.assertEqual(done.out, "")
                self.assertIn(message, done.err)
                self.assertTrue(done.err.startswith(("kldsim: ", "usage: ")))

    def test_escapes(self):
        for name, shown in ESCAPES:
            with self.subTest(shown):
                done = cli.run(b"." + name, command=self.command)
                self.assertEqual(done.err.splitlines()[0],
                                 f"kldsim: unknown command .{shown}")

    def test_right(self):
        for line in RIGHT:
            with self.subTest(line):
                done = self.run_fake(line)
                self.assertEqual((done.status, done.err), (OK, ""))

    def test_existing_file_is_no_name(self):
        (self.tmp / "plainname").touch()
        self.assertEqual(self.run_fake("load k plainname").status, OK)

    def test_color_follows_terminal(self):
        """Output into a pipe is plain, unless it is forced."""
        self.assertNotIn("\033", self.run_fake("load k ./refused.ko").out)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            for line in "--help", "load --help", "load k", "load --json k":
                with self.subTest(line):
                    done = self.run_fake(line, stdout=full)
                    self.assertEqual(done.status, HOST)
                    self.assertIn("standard output: ", done.err)

    def dump(self, line, name, status=OK):
        folder = self.tmp / name
        done = self.run_fake(f"load -q --dump={name} {line}")
        self.assertEqual(done.status, status, done.err)
        return folder

    def test_dump(self):
        folder = self.dump("-n 2 k ./good.ko ./b/good.ko ./good.ko", "plain")
        listed = cli.read_dump(folder)
        self.assertEqual(sorted(listed), sorted([
            *(f"files/good.ko{copy}/{section}.bin"
              for copy in ("", "#2", "#3")
              for section in ("01..text", "03.set_pcpu", "05.set_vnet",
                              "112..bss")),
            "dpcpu/reference.bin", "dpcpu/cpu0.bin", "dpcpu/cpu1.bin",
            "vnet/reference.bin", "vnet/vnet0.bin", "vnet/vnet1.bin"]))
        for path, item in listed.items():
            start = int(item["address"], 16) + 1
            self.assertEqual((folder / path).read_bytes(), bytes(
                (start + i) & 0xff for i in range(item["size"])))
        self.assertEqual(listed["files/good.ko#2/03.set_pcpu.bin"], {
            "path": "files/good.ko#2/03.set_pcpu.bin",
            "address": "0xffffffff81602040", "size": 56, "file": "good.ko",
            "file_id": 3, "section": "set_pcpu", "section_index": 3,
            "set": None, "instance": None})
        self.assertEqual(listed["vnet/vnet1.bin"], {
            "path": "vnet/vnet1.bin", "address": "0xfffffe0000114000",
            "size": 10240, "file": None, "file_id": None, "section": None,
            "section_index": None, "set": "vnet", "instance": 1})

    def test_dump_shared_object(self):
        listed = cli.read_dump(self.dump("k-novimage ./shared.ko", "shared"))
        self.assertEqual(sorted(listed), [
            "dpcpu/cpu0.bin", "dpcpu/cpu1.bin", "dpcpu/reference.bin",
            "files/shared.ko/image.bin", "files/shared.ko/set_pcpu.bin",
            "files/shared.ko/set_vnet.bin"])

    def test_dump_names(self):
        folder = self.dump("k './hostile\\xff%.ko' ./.. ./.", "names")
        files = [path for path in cli.read_dump(folder)
                 if path.startswith("files")]
        hostile = "files/hostile%FF%25.ko/"
        self.assertEqual(files, [
            hostile + "01.a%2Fb%25%FF%1B[2J.bin", hostile + "02..bin",
            hostile + "03....bin", hostile + "04.\u00e9%E2%80%AE\\.bin",
            "files/%2E%2E/01..text.bin", "files/%2E/01..text.bin"])

    def test_dump_long_name(self):
        folder = self.dump(f"k './{250 * 'x'}.ko' './{252 * 'x'}'", "long")
        self.assertEqual(sorted(path.name for path in folder.glob("files/*")),
                         [200 * "x", 200 * "x" + "#2"])

    def test_dump_huge(self):
        """A big section of zeros takes no space."""
        folder = self.dump("k ./huge.ko", "huge")
        cli.read_dump(folder)
        path = folder / "files/huge.ko/01..bss.bin"
        self.assertLess(path.stat().st_blocks * 512, 1 << 20)
        with path.open("rb") as file:
            file.seek(0x10000000)
            self.assertEqual(file.read(), b"\1")

    def test_dump_again(self):
        """A dump into an old one leaves no stale manifest behind."""
        self.dump("k ./good.ko", "again")
        cli.read_dump(self.dump("k ./good.ko", "again"))
        folder = self.dump("k ./unmapped.ko", "again", HOST)
        self.assertFalse((folder / "manifest.json").exists())

    def test_dump_fails(self):
        (self.tmp / "file").touch()
        for name in "file", "no/such/folder", "/dev/full/x":
            with self.subTest(name):
                done = self.run_fake(f"load --dump={name} k ./panic.ko")
                self.assertEqual(done.status, HOST)
                self.assertIn(f"kldsim: {name}: ", done.err)
                self.assertIn("results:", done.out)


if __name__ == "__main__":
    unittest.main()
