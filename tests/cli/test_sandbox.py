# SPDX-License-Identifier: BSD-2-Clause
"""Capability mode: load, check and kbi enter it before they read anything.

FreeBSD alone has it (capsicum(4)).  Here the command is linked with capsicum/fake.c
in its place, under which a process ends that opens, asks for or changes a file in
any other way than from a descriptor with the rights for it.  All else is the
command as it is, and what it says and writes has to be what it says and writes
without.
"""

import hashlib
import io
import lzma
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

import cli
from cli import HOST, OK
from sample import FULL

CONFINED = pathlib.Path(os.environ["KLDSIM_BUILD"], "cli/kldsim_confined")
BOOT = cli.FIXTURES / "boot/kernel"
# glibc's malloc looks into /proc when it shrinks a thread's heap.
HOST_OF_TESTS = {"MALLOC_ARENA_MAX": "1"}

TYPES = """\
machine: amd64
kind: {kind}
options: {{osreldate: 1400097}}
{more}
types:
  - {{kind: integer, name: int, size: 4, encoding: signed}}
  - kind: struct
    name: foo
    size: {size}
    members: [{{name: a, type: int, bit: 0}}]
function-types: [{{symbol: {symbol}, returns: int, arguments: [struct foo *]}}]
"""

# What is run in a folder with the files that setUpClass() makes.
RUNS = """
load -v boot/kernel fx_vnet fx_hello.ko ./boot/fx_libc.ko
load --json --kbi boot/kernel fx_vnet --sarif out.sarif --html ./out.html
load -q boot/kernel fx_vnet --dump out.dump/ --core out.core --vmcore out.vmcore
load -q boot/kernel --dump known --core none/out.core --html none/out.html
load link/kernel link/../boot/fx_hello.ko link/fx_libc.ko
load --preload-dependencies -p 'boot;none;link' boot fx_vnet fx_hello.ko
load {tmp}/boot/kernel {tmp}/boot/fx_hello.ko {tmp}/none.ko none/x.ko
load kernel.txz fx_hello
load kernel.txz kernel.txz:boot/fx_hello.ko kernel.txz:none.ko
load -p kernel.txz boot/kernel fx_hello
load none
load kernel.xz boot/fx_hello.ko
check boot/kernel
check -j 3 --json --sets boot/kernel boot link
check boot/kernel kernel.txz --baseline known.json --sarif out.sarif --junit out.xml
check boot/kernel --baseline none.json
check boot/kernel boot --write-baseline out.json --html out.html
check --root root --html out.html
check --root none
check --root known.json
check --together --against typed typed/kernel typed/user.ko none.ko boot/kernel/x
kbi -v typed/kernel typed boot/fx_hello.ko
kbi --against older typed/kernel typed/user.ko --html out.html
kbi --write out.kbi --used-by typed typed/kernel
kbi --write - typed/kernel
kbi --compare known.kbi older/kernel --severities known.txt
kbi --compare older/kernel typed
kbi --severities none.txt typed/kernel typed/user.ko
kbi --build-dir typed boot/kernel
kbi --build-dir none boot/kernel
kbi large/kernel large/mod0.ko
kbi -v typed/kernel dwarf.ko stripped.ko --debug-root root
kbi -v typed/kernel named.ko --debug-file named.ko=root/named.debug
""".strip().splitlines()


def run(line, command=cli.KLDSIM, **environment):
    return cli.run(*shlex.split(line.format(tmp=TMP)), command=command,
                   cwd=TMP, **HOST_OF_TESTS, **environment)


def written():
    """What is in all files that a run has made, which are then gone."""
    found = {}
    for path in sorted(TMP.glob("out.*")) + [TMP / "known/manifest.json"]:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found[str(file)] = hashlib.sha1(file.read_bytes()).hexdigest()
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
    return found


def synth(name, kind, size, symbol, more=""):
    spec = TYPES.format(kind=kind, size=size, symbol=symbol,
                        more=f"functions: [{symbol}]\n{more}")
    (TMP / "spec.yaml").write_text(spec)
    (TMP / name).parent.mkdir(exist_ok=True)
    done = run(f"synth -o {name} spec.yaml")
    if done.status != OK:
        raise AssertionError(done.err)


def make_typed():
    """A kernel with types, an older one, and a module that was built for it."""
    synth("typed/kernel", "kernel", 8, "take_foo")
    synth("older/kernel", "kernel", 4, "take_foo")
    synth("typed/user.ko", "module", 4, "user", "modules: [{name: user}]\n"
          "symbols: [{name: take_foo}]\n")
    # More than 64 KiB of types: what inflates these is loaded before.
    (TMP / "large").mkdir()
    run("synth --seed 1 -r 15.0 --types 2500 --symbols 20 --modules 1 -d large")


def make_dwarf():
    """One with DWARF, one whose debug file is found, one whose is named."""
    (TMP / "m.c").write_text("struct s { int a; };\n"
                             "int f(struct s *p) { return p->a; }\n")

    def tool(*words):
        subprocess.run(words, cwd=TMP, check=True)

    tool(os.environ.get("CC", "cc"), "-g", "-c", "-o", "dwarf.ko", "m.c")
    objcopy = next(filter(shutil.which, "llvm-objcopy objcopy".split()))
    for name in "stripped", "named":
        tool(objcopy, "--only-keep-debug", "dwarf.ko", f"{name}.debug")
        tool(objcopy, "-g", f"--add-gnu-debuglink={name}.debug", "dwarf.ko",
             f"{name}.ko")
    below = TMP / f"root{TMP.resolve()}"
    below.mkdir(parents=True)
    (TMP / "stripped.debug").rename(below / "stripped.debug")
    (TMP / "named.debug").rename(TMP / "root/named.debug")


def make_archive():
    """Names in it are not all ASCII: what reads these is loaded before."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.add(BOOT, "boot")
        tar.addfile(tarfile.TarInfo("boot/\u00e9.ko"))
    (TMP / "kernel.txz").write_bytes(lzma.compress(data.getvalue(), preset=0))
    (TMP / "kernel.xz").write_bytes(
        lzma.compress((BOOT / "kernel").read_bytes(), preset=0))


def make_root():
    """An installed system, one of whose folders is a link with a slash in front."""
    boot = TMP / "root/boot"
    (boot / "defaults").mkdir(parents=True)
    shutil.copytree(BOOT, boot / "real")
    (boot / "kernel").symlink_to("/boot/real")
    (boot / "loader.conf").write_text('fx_hello_load="YES"\n')


def setUpModule():
    global TMP
    TMP = pathlib.Path(tempfile.mkdtemp())
    unittest.addModuleCleanup(shutil.rmtree, TMP)
    shutil.copytree(BOOT, TMP / "boot")
    (TMP / "link").symlink_to("boot")
    (TMP / "known").mkdir()
    make_typed()
    make_archive()
    make_root()
    make_dwarf()
    (TMP / "known.txt").write_text("# none\ns#foo NOTE it is known\n")
    run("check -q boot/kernel boot --write-baseline known.json")
    run("kbi --write known.kbi typed/kernel")


class Same(unittest.TestCase):
    maxDiff = None

    def test_same(self):
        made, said = set(), set()
        for line in RUNS:
            with self.subTest(line):
                want, files = run(line), written()
                said.add(want.out + want.err)
                have = run(line, CONFINED)
                self.assertEqual((have.status, have.out, have.err),
                                 (want.status, want.out, want.err))
                self.assertEqual(written(), files)
                made |= {pathlib.Path(name).suffix for name in files}
        self.assertEqual(made, {".sarif", ".html", ".bin", ".json", ".core",
                                ".gdb", ".lldb", ".vmcore", ".xml", ".kbi"})
        # These are answers, and not one message again and again.
        self.assertGreater(len(said), len(RUNS) * 4 // 5)
        for text in ("stripped.debug (checked by its CRC)", "in root/named.debug", "s#foo",
                     "fx_hello"):
            self.assertIn(text, "".join(said))


class Confined(unittest.TestCase):
    def ends(self, what, number):
        done = run("load -q boot/kernel", CONFINED, CAPSICUM_FAKE=what)
        self.assertEqual(done.status, -number, (what, done.err))

    def test_what_is_forbidden(self):
        """Otherwise nothing of this would show anything."""
        for what in "open", "fopen", "stat", "library", "socket", "program":
            self.ends(what, signal.SIGSYS)
        self.ends("absolute", signal.SIGABRT)

    def test_outside(self):
        """Nobody takes for missing what may be there and is not to be read."""
        other = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, other)
        shutil.copy(BOOT / "fx_hello.ko", other)
        (TMP / "mods").mkdir()
        (TMP / "mods/fx_hello.ko").symlink_to(other / "fx_hello.ko")
        for line in ("load -p mods typed/kernel fx_hello",
                     "load -p mods --preload typed/kernel fx_hello",
                     "check typed/kernel mods", "kbi typed/kernel mods"):
            done = run(line, CONFINED)
            self.assertEqual(done.status, HOST, line)
            self.assertIn("mods/fx_hello.ko: outside of the folders that this "
                          "program has opened", done.err)
        done = run("load -q boot/kernel mods/fx_hello.ko", CONFINED)
        self.assertEqual((done.status, done.err), (OK, ""))

    def test_a_kernel_without(self):
        """All is as before, and it is said to those who ask for more."""
        for more, text in (("", ""), ("-v", "kldsim: this kernel has no "
                                      "capability mode: files are read with "
                                      "all rights of this user\n")):
            line = f"load {more} boot/kernel fx_hello"
            have = run(line, CONFINED, CAPSICUM_FAKE="enosys")
            want = run(line)
            self.assertEqual((have.status, have.out, have.err),
                             (want.status, want.out, text + want.err))

    def test_a_kernel_that_refuses(self):
        for line in ("load boot/kernel", "check boot/kernel",
                     "check --root root", "kbi typed/kernel typed/user.ko"):
            done = run(line, CONFINED, CAPSICUM_FAKE="efault")
            self.assertEqual((done.status, done.out), (HOST, ""))
            self.assertEqual(done.err, "kldsim: capability mode cannot be "
                             "entered: Bad address\n")

    def test_version(self):
        line = "capability mode: in load, check and kbi"
        self.assertEqual(run("--version", CONFINED).out.splitlines()[1], line)
        self.assertRegex(run("--version").out.splitlines()[1],
                         "capability mode: none, because .*capsicum")

    def test_other_commands(self):
        """They do not enter it, and do all that they did."""
        for line in ("types typed/kernel foo", "explain undefined-symbol",
                     "synth -o out.ko spec.yaml", "why boot/kernel fx_hello.ko"):
            have, want = run(line, CONFINED), run(line)
            self.assertEqual((have.status, have.out), (want.status, want.out))
        written()


class Others(unittest.TestCase):
    """The other tests of these commands do not notice it."""

    @unittest.skipUnless(FULL, "a minute of them")
    def test_others(self):
        for name in ("cli/test_cases", "cli/test_check", "cli/test_check_root",
                     "cli/test_foreign", "cli/test_guilt", "cli/test_html",
                     "cli/test_load", "cli/test_malformed", "cli/test_preload",
                     "cli/test_reports", "types/test_kbi",
                     "types/test_kbi_against", "types/test_kbi_dwarf",
                     "types/test_kbi_load", "types/test_kbi_text",
                     "types/test_stale"):
            with self.subTest(name):
                done = subprocess.run(
                    [sys.executable, cli.SRC / f"tests/{name}.py"],
                    env={**os.environ, **HOST_OF_TESTS,
                         "KLDSIM": str(CONFINED), "KLDSIM_FULL": ""},
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    text=True)
                self.assertEqual(done.returncode, 0, done.stdout[-3000:])


if __name__ == "__main__":
    if not CONFINED.exists():
        print("skipped: no seccomp(2) on this host, or it has capsicum(4)")
        sys.exit(77)
    if pathlib.Path(cli.KLDSIM) != CONFINED.parents[1] / "bin/kldsim":
        print("skipped: for another host, and seccomp(2) is this one's")
        sys.exit(77)
    unittest.main()
