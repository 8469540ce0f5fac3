# SPDX-License-Identifier: BSD-2-Clause
"""The API lasts: what a program was linked with is still there.

libkldsim.abi is what abidw(1) says of the library; `./dev abi` renews it.  By
default the names and versions that it has are looked for; with KLDSIM_FULL,
abidiff(1) compares types too.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from sample import FULL

SRC = pathlib.Path(os.environ["KLDSIM_SRC"])
BUILD = pathlib.Path(os.environ["KLDSIM_BUILD"])
CC = os.environ.get("CC", "cc")
AWK = next(filter(shutil.which, "awk mawk gawk original-awk".split()))
# Not every host's own tells versions.
NM = next(filter(shutil.which, "llvm-nm nm".split()))
LIBRARY = BUILD / "lib/libkldsim.so"
KEPT = SRC / "tests/abi/libkldsim.abi"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)


def exported(library):
    """Its functions, as in kldsim_version@@KLDSIM_0.1."""
    done = run(NM, "-D", "--defined-only", library, check=True)
    return set(re.findall(r" T (\w+@+[\w.]+)$", done.stdout, re.M))


def declared():
    """{function: version} of the headers, by the comment before each."""
    found = {}
    for path in (SRC / "include/kldsim").glob("*.h"):
        if path.name != "test.h":
            for comment, name in re.findall(
                    r"/\*\*((?:(?!\*/).)*)\*/\s*KLDSIM_API[^;]*?(kldsim_\w+)\(",
                    path.read_text(), re.S):
                since = re.search(r"^ \* Since: (\d+\.\d+)", comment, re.M)
                found[name] = f"KLDSIM_{since[1] if since else '0.1'}"
    return found


class Names(unittest.TestCase):
    def test_versions(self):
        self.assertEqual(exported(LIBRARY),
                         {f"{name}@@{version}"
                          for name, version in declared().items()})

    def test_kept(self):
        """What the dump has is still exported, in its version."""
        kept = set(re.findall(r"<elf-symbol name='(\w+)' version='([\w.]+)'",
                              KEPT.read_text()))
        self.assertGreater(len(kept), 200)
        have = {tuple(name.split("@@")) for name in exported(LIBRARY)}
        self.assertEqual(kept - have, set())


class Script(unittest.TestCase):
    """cmake/symbols.awk, for more than one version."""

    HEADER = """
/** One. */
KLDSIM_API int kldsim_one(void);
/**
 * Two.
 *
 * Since: 0.10.
 */
KLDSIM_API KLDSIM_CHECK int
    kldsim_two(void);
/**
 * Three.
 *
 * Since: 0.9.
 */
KLDSIM_API int kldsim_three(void);
"""
    SOURCE = ("int kldsim_one(void) { return 1; }\n"
              "int kldsim_two(void) { return 2; }\n"
              "int kldsim_three(void) { return 3; }\n"
              "int kldsim__inner(void) { return 4; }\n")

    def test_linkers(self):
        """By each linker; the node of a version rests on the one before."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "a.h").write_text(self.HEADER)
            (folder / "a.c").write_text(self.SOURCE)
            script = folder / "a.map"
            run(AWK, "-f", SRC / "cmake/symbols.awk", "-v", f"out={script}",
                folder / "a.h", check=True, env={**os.environ, "LC_ALL": "C"})
            nodes = re.findall(r"^(\S+) \{|^\}(?: (\S+))?;",
                               script.read_text(), re.M)
            self.assertEqual(nodes, [
                ("KLDSIM_0.1", ""), ("", ""), ("KLDSIM_0.9", ""),
                ("", "KLDSIM_0.1"), ("KLDSIM_0.10", ""), ("", "KLDSIM_0.9")])
            linkers = [linker for linker in ("bfd", "lld", "gold")
                       if shutil.which(f"ld.{linker}")]
            self.assertTrue(linkers)
            for linker in linkers:
                library = folder / f"lib{linker}.so"
                done = run(CC, "-shared", "-fPIC", f"-fuse-ld={linker}",
                           f"-Wl,--version-script={script}", "-o", library,
                           folder / "a.c")
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertEqual(exported(library), {
                    "kldsim_one@@KLDSIM_0.1", "kldsim_two@@KLDSIM_0.10",
                    "kldsim_three@@KLDSIM_0.9"}, linker)


DUMP = ["--suppressions", SRC / "tests/abi/dump.ini",
        "--exported-interfaces-only", "--drop-undefined-syms",
        "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
        "--no-elf-needed", "--no-architecture", "--no-write-default-sizes",
        "--type-id-style", "hash"]


def differences(old):
    """What abidiff(1) has against the library, and its status."""
    with tempfile.TemporaryDirectory() as folder:
        new = pathlib.Path(folder, "libkldsim.abi")
        new.write_text(run("abidw", *DUMP, LIBRARY, check=True).stdout)
        done = run("abidiff", "--suppressions",
                   SRC / "tests/abi/suppressions.ini", old, new)
    return done.returncode, done.stdout


class Types(unittest.TestCase):
    def setUp(self):
        if not FULL:
            self.skipTest("types are compared with KLDSIM_FULL")
        if not shutil.which("abidiff"):
            self.skipTest("there is no abidiff")

    def test_kept(self):
        self.assertNotIn("kldsim__", KEPT.read_text())
        status, said = differences(KEPT)
        self.assertEqual(status, 0, said)

    def test_notices(self):
        """Members that are elsewhere, a constant that is another."""
        text = KEPT.read_text()
        for word, other in [("layout-offset-in-bits='64'",
                             "layout-offset-in-bits='96'"),
                            ("name='KLDSIM_NOENT' value='50'",
                             "name='KLDSIM_NOENT' value='51'")]:
            with tempfile.TemporaryDirectory() as folder:
                changed = pathlib.Path(folder, "libkldsim.abi")
                changed.write_text(text.replace(word, other))
                self.assertNotEqual(text, changed.read_text())
                self.assertNotEqual(differences(changed)[0], 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        done = run("abidw", *DUMP, LIBRARY, check=True)
        KEPT.write_text(done.stdout)
    else:
        unittest.main()
