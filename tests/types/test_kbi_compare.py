# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi --compare of texts that were made by hand (I-90, I-93, I-95)."""

import os
import pathlib
import subprocess
import tempfile
import unittest

KLDSIM = os.environ.get("KLDSIM", str(
    pathlib.Path(__file__).resolve().parents[2] / "build/gcc/bin/kldsim"))
HEAD = "kbi 1 amd64 1500068 - ctf3"


class Texts(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.tmp = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def write(self, name, lines):
        (self.tmp / name).write_text("\n".join([HEAD, *lines, ""]))
        return self.tmp / name

    def run_kbi(self, *words, status):
        done = subprocess.run([KLDSIM, "kbi", "--compare", *map(str, words)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, cwd=self.tmp)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def compare(self, a, b, *words, status):
        """What is said of two lists of lines, without their heads."""
        done = self.run_kbi(*words, self.write("a", a), self.write("b", b),
                            status=status)
        return done.stdout.splitlines()[2:]

    def refused(self, text):
        """What is said of a text that is none."""
        (self.tmp / "c").write_bytes(text)
        return self.run_kbi("c", self.write("b", []),
                            status=3).stderr.splitlines()

    def test_no_text(self):
        """What is hidden behind a NUL, or was cut off, is not compared."""
        line = "F 0000000000000001 f f()s32\n"
        start = (HEAD + "\n" + line).encode()
        self.assertEqual(self.refused(start + b"\0\n" + line.encode()), [
            f"kldsim: c: byte {len(start)} is a NUL, which no text has: write "
            "it anew with kldsim kbi --write"])
        self.assertEqual(self.refused(start + b"T 0000000000000002 s#a s#a{"),
                         [f"kldsim: c: its last line, at byte {len(start)}, "
                          "has no end: the file was cut off; write it anew "
                          "with kldsim kbi --write"])
        self.assertEqual(self.refused(HEAD.encode()), [
            "kldsim: c: its last line, at byte 0, has no end: the file was "
            "cut off; write it anew with kldsim kbi --write"])

    def test_several_functions_of_a_name(self):
        """I-93: statics of several files, in whatever order they are."""
        a = ["F 1 probe f(*s#a)s32", "F 2 probe f(*s#b)s32"]
        self.assertEqual(self.compare(a, a[::-1], status=0),
                         ["0 fail, 0 notes, 0 passed"])
        self.assertEqual(self.compare(
            [*a, "F 4 probe f(s64)void"],
            ["F 5 probe f(s64)void", "F 3 probe f(s32)s32", *a[::-1]],
            "-v", status=1),
            ["fail: probe differs: nothing here says why",
             "note: probe is new: f(s32)s32", "1 fail, 1 note, 0 passed"])
        self.assertEqual(self.compare(a, a[1:], status=1),
                         ["fail: probe is gone: f(*s#a)s32",
                          "1 fail, 0 notes, 0 passed"])
        self.assertEqual(self.compare(
            a, [a[1], "F 3 probe f(s32)s32"], "--explain", "probe", status=0),
            ["F probe", "  f(*s#a)s32", "  f(s32)s32"])

    def test_version_words(self):
        """I-60: by another malloc word the kernel panics; a size is told by
        its type, and an option is none of the interface."""
        told = self.compare(
            ["o INVARIANTS", "w MAXCPU 256", "w malloc_type 877983977",
             "w sizeof-vnode 472", "w vfsconf 1"],
            ["w MAXCPU 1024", "w malloc_type 2024073001",
             "w sizeof-vnode 480"], status=1)
        self.assertEqual(told, [
            "fail: malloc_type is 2024073001, and was 877983977",
            "1 fail, 4 notes, 0 passed"])

    def test_two_machines(self):
        a, b = self.write("a", []), self.write("b", [])
        b.write_text(HEAD.replace("amd64", "arm64") + "\n")
        self.assertEqual(self.run_kbi(a, b, status=2).stderr,
                         f"kldsim: {a} is for amd64, {b} for arm64: these "
                         "have no interface in common\n")

    FACT = "F 000000000000000{0} f f({1})s32"

    def changed(self, prototype, a, b, *words, status=1):
        """What is said of f, whose hash alone has changed."""
        told = self.compare([self.FACT.format(1, prototype), *a],
                            [self.FACT.format(2, prototype), *b], *words,
                            status=status)
        self.assertEqual(told[-1], "1 fail, 0 notes, 0 passed" if status
                         else "0 fail, 0 notes, 1 passed")
        return told[:-1]

    def test_long_keys(self):
        """I-93: a key may be as long as it likes."""
        for length in (253, 254, 255, 300, 5000):
            key = "s#" + "a" * length
            told = self.changed("*" + key, [f"T 1 {key} {key}{{a s32@0}}4"],
                                [f"T 2 {key} {key}{{a s64@0}}8"])
            self.assertEqual(told, [f"fail: f differs: {key}"[:1023 + 8]])

    def test_many_types(self):
        """I-92: a prototype may lead to any number of types."""
        def lines(last):
            chain = [f"T 0 s#k{i} s#k{i}{{a s#k{i + 1}@0}}8"
                     for i in range(3000)]
            return [*chain, f"T 0 s#k3000 s#k3000{{a {last}@0}}8"]
        self.assertEqual(self.changed("*s#k0", lines("s32"), lines("u32")),
                         ["fail: f differs: s#k3000"])

    def test_nothing_says_why(self):
        """I-93: a hash that differs is a difference, whatever the types say."""
        why = ["fail: f differs: nothing here says why"]
        same = ["T 1 s#foo s#foo{a s32@0}4"]
        for types in ([], same):
            self.assertEqual(self.changed("*s#foo", types, types), why)
        self.assertEqual(self.changed("s32", same, same), why)
        self.assertEqual(self.changed("*s#foo", [], same),
                         ["fail: f differs: s#foo"])
        self.assertEqual(self.changed("*s#foo", same, []),
                         ["fail: f differs: s#foo"])
        told = self.compare([self.FACT.format(1, "*s#foo"), *same],
                            [self.FACT.format(2, "*s#foo"), *same],
                            "--explain", "f", status=0)
        self.assertEqual(told, ["F f", "  f(*s#foo)s32", "  f(*s#foo)s32",
                                "  nothing here says why they differ"])

    def test_several_of_a_name(self):
        """I-30: which of them is meant may be chance, if there is one alike."""
        first = ["T 1 s#foo s#foo{a s32@0}4"]
        both = first + ["T 2 s#foo!2 s#foo{a s64@0}8"]
        self.changed("*s#foo", first, both, status=0)
        self.changed("*s#foo", both, both, status=0)
        self.assertEqual(
            self.changed("*s#foo", first, ["T 2 s#foo s#foo{a s64@0}8"]),
            ["fail: f differs: s#foo"])

    def test_known_reasons(self):
        """I-95: what is known of a type is known of one that a text lacks."""
        (self.tmp / "known").write_text("s#foo PASS\n")
        self.changed("*s#foo", [], ["T 1 s#foo s#foo{a s32@0}4"],
                     "--severities", "known", status=0)
        (self.tmp / "known").write_text("f PASS\n")
        self.changed("*s#foo", [], [], "--severities", "known", status=0)

    def test_known_members(self):
        """I-95: each difference has to be known, that of a size as well."""
        (self.tmp / "known").write_text("s#t.a PASS\nother PASS\n")
        def shape(text):
            return [f"T {len(text)} s#t s#t{{{text}"]
        for a, b, status in (
                ("a s32@0}4", "a u32@0}4", 0),
                ("a s32@0}4", "a s64@0}8", 0),
                ("a s32@0}4", "a s32@0}8", 1),
                ("a s32@0;b s32@32}8", "b s32@0;a s32@32}8", 1),
                ("a s32@0;;b s32@32}8", "a u32@0;;b u32@32}8", 1)):
            self.changed("*s#t", shape(a), shape(b), "--severities", "known",
                         status=status)
        key = "s#" + "k" * 600
        (self.tmp / "known").write_text(f"{key}.a PASS\n")
        self.changed("*" + key, [f"T 1 {key} {key}{{a s32@0}}4"],
                     [f"T 2 {key} {key}{{a s64@0}}8"], "--severities",
                     "known", status=0)

    def test_side_by_side(self):
        """I-93: by name, and of one name the first."""
        told = self.compare(
            [self.FACT.format(1, "*s#t"), "T 1 s#t s#t{- s8@0;a s32@32;"
             "- s{x s8@0;y s8@8}2@64;ab s32@96}16"],
            [self.FACT.format(2, "*s#t"), "T 2 s#t s#t{- s8@0;ab s32@32;"
             "- s16@64;c s32@96}24"], "--explain", "s#t", status=0)
        self.assertEqual([line.split("  ") for line in told], [
            line.split("  ") for line in (
                "  s#t",
                "      - s8@0                               - s8@0",
                "    * a s32@32                             ",
                "    * - s{x s8@0;y s8@8}2@64               - s8@0",
                "    * ab s32@96                            ab s32@32",
                "    *                                      c s32@96",
                "      16                                   24")])

    def test_time(self):
        """What would take long does not: it is found out once, or refused."""
        def facts(n, keys, hashed, kind):
            members = ";".join(f"m s#k{i}@0" for i in range(keys))
            return [f"F {hashed} f{i} f(*s#t)s32" for i in range(n)] + [
                f"T 0 s#t s#t{{{members}}}8"] + [
                f"T 0 s#k{i} s#k{i}{{a {kind}@0}}8" for i in range(keys)]
        def variants(names):
            return [self.FACT.format(1, "*s#t")] + [
                f"T 0 s#t{'!' + str(i + 1) if i else ''} s#t{{m{name} s32@0}}8"
                for i, name in enumerate(names)]
        self.compare(facts(3000, 1000, 1, "s32"), facts(3000, 1000, 2, "u32"),
                     status=1)
        self.compare(variants(range(5000)), variants(range(4999, -1, -1)),
                     status=0)
        for side in "ab":
            members = ";".join(f"{side}{i} s32@{i}" for i in range(40000))
            self.write(side, [f"T 0 s#t s#t{{{members}}}8",
                              self.FACT.format(ord(side) % 10, "*s#t")])
        (self.tmp / "known").write_text("other PASS\n")
        self.run_kbi("--severities", "known", "a", "b", status=1)
        self.run_kbi("--explain", "f", "a", "b", status=0)
        self.run_kbi(self.write("a", facts(12000, 12000, 1, "s32")),
                     self.write("b", facts(12000, 12000, 2, "u32")), status=3)


if __name__ == "__main__":
    unittest.main()
