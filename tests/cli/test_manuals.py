# SPDX-License-Identifier: BSD-2-Clause
"""Manuals: mandoc(1) has nothing to say, and options are those of --help."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import cli
from cli import OK, USAGE

sys.path.insert(0, str(cli.SRC / "tests/tidy"))
import tidy  # noqa: E402 (its place is known by now)

WRITTEN = sorted((cli.SRC / "docs/man").glob("kldsim*.[1-9]"))
BUILT = pathlib.Path(cli.KLDSIM).parent.parent / "share/man"
PAGES = sorted(BUILT.glob("man*/kldsim*"))
# Pages of FreeBSD, which need not be here; test_references looks for ours.
ELSEWHERE = "referenced manual not found"
# ".Fl c , -cpus Ar N": a line can have several.
IN_PAGE = re.compile(r"(?:Fl |, )-([a-z][a-z-]+)")
IN_HELP = re.compile(r"^  (?:-\w,|   ) --([a-z-]+)", re.M)


def page(name):
    return (cli.SRC / "docs/man" / name).read_text()


def documented(text):
    """The options that a page's lists have an item for."""
    items = re.findall(r"^\.It (.*Fl .*)$", text, re.M)
    return {name for item in items for name in IN_PAGE.findall(item)}


def plain(text):
    """Words of a text, or of a page without its macros and headings."""
    text = re.sub(r"^(The kernel|What to do):$|^\.(Pp|Ss.*|Bl.*|El)$", "",
                  text, flags=re.M)
    text = re.sub(r"^\.Fx( Ns ('s))?", r"FreeBSD\2", text, flags=re.M)
    text = re.sub(r"^\.Fn (\w+)", r"\1()", text, flags=re.M)
    return re.sub(r"\\&|\s", "", text)


def commands():
    listing = cli.run("--help").out.split("commands:\n")[1]
    return [line.split()[0] for line in listing.splitlines()]


def options(command):
    return set(IN_HELP.findall(cli.run(command, "--help").out))


class Manuals(unittest.TestCase):
    def test_lint(self):
        names = {path.name for path in PAGES}
        self.assertLessEqual({path.name for path in WRITTEN}, names)
        self.assertIn("kldsim-findings.7", names)
        done = subprocess.run(["mandoc", "-T", "lint", *PAGES], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        said = [line for line in done.stdout.splitlines()
                if ELSEWHERE not in line]
        self.assertEqual(said, [])

    def test_references(self):
        """Pages of ours that are referred to are there."""
        for path in PAGES:
            for name, section in re.findall(r"^\.Xr (kldsim\S*) (\d)",
                                            path.read_text(), re.M):
                self.assertIn(BUILT / f"man{section}/{name}.{section}",
                              PAGES, path.name)

    def test_commands(self):
        """Each has a page, and is told of in kldsim(1)."""
        main = page("kldsim.1")
        for name in commands():
            self.assertIn(f"\n.It Cm {name}\n", main)
            self.assertIn(f".Nm kldsim-{name}\n", page(f"kldsim-{name}.1"))

    def test_options(self):
        """What --help has is in the manual, and back."""
        shared = documented(page("kldsim.1"))
        anywhere = set()
        for name in commands():
            has, own = options(name), documented(page(f"kldsim-{name}.1"))
            inherits = ".Xr kldsim-load 1" in page(f"kldsim-{name}.1")
            more = documented(page("kldsim-load.1")) if inherits else set()
            self.assertEqual(has - own - shared - more, set(), name)
            self.assertEqual(own - has, set(), name)
            anywhere |= has
        self.assertEqual(shared - anywhere, set())


class Findings(unittest.TestCase):
    """kldsim-findings(7) has what the table has, read by another hand."""

    def test_all(self):
        table = (cli.SRC / "lib/report/findings.def").read_text()
        entries = re.findall(r'^FINDING\(\w+,\s+"([a-z-]+)",\s+([A-Z]+),'
                             r'\s+"([^"]*)",\n((?:    ".*\n?)+)', table, re.M)
        text = (BUILT / "man7/kldsim-findings.7").read_text()
        items = re.split(r"^\.It Sy ", text, flags=re.M)[1:]
        self.assertEqual(len(entries), table.count("\nFINDING("))
        self.assertEqual(len(items), len(entries))
        for item, (code, severity, rules, body) in zip(items, entries):
            first, rest = item.split("\n", 1)
            self.assertEqual(first, f"{code} Pq {severity.lower()}")
            self.assertEqual(re.findall("[A-Z]-[0-9]+", rules),
                             re.findall("[A-Z]-[0-9]+", rest.split(
                                 "Rules: ")[1]) if rules else [])
            said = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', body))
            self.assertEqual(plain(said.replace('\\"', '"')),
                             plain(rest.split("\nRules: ")[0]
                                   .split("\n.El")[0]))


class Explain(unittest.TestCase):
    def explain(self, *words, status=OK):
        done = cli.run("explain", *words)
        self.assertEqual(done.status, status, done.err)
        return done

    def test_code_and_rule(self):
        """As it is pasted from a report."""
        out = self.explain("[set-alignment A-10]").out
        self.assertTrue(out.startswith("set-alignment (note)\n"))
        self.assertIn("\nwhat to do\n    Do not count on the alignment", out)
        self.assertIn("\n    O-25  Alignment inside the modspace", out)
        self.assertIn("\n\nA-10\n    alloc(int size)", out)

    def test_every_rule(self):
        """Each rule of the books, found by another program, is there."""
        known = tidy.rules(cli.SRC)
        self.assertGreater(len(known), 700)
        out = self.explain(*known).out
        self.assertEqual(re.findall(r"^([A-Z]-\d\d+)$", out, re.M),
                         list(known))

    def test_row(self):
        """A row of a table: its cells with their headings."""
        out = self.explain("V-21").out
        self.assertIn("\n    12.1 (1201000): no\n", out)

    def test_errno(self):
        for word in "ENOEXEC", "8", "(8),":
            out = self.explain(word).out
            self.assertTrue(out.startswith("ENOEXEC (8), Exec format error"))
            self.assertIn("\n    K-21  ", out)

    def test_unknown(self):
        done = self.explain("nonsense", "A-10", status=USAGE)
        self.assertIn("nonsense is neither", done.err)
        self.assertIn("alloc(int size)", done.out)

    def test_list(self):
        self.assertIn("\nset-alignment                note\n",
                      self.explain().out)


class Help(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def fake_man(self):
        """A man(1) that says what it was asked for."""
        path = os.path.join(self.folder, "man")
        with open(path, "w") as file:
            file.write('#!/bin/sh\necho "asked: $*"\n')
        os.chmod(path, 0o755)

    def help(self, *words):
        return cli.run("help", *words, PATH=self.folder)

    def test_page(self):
        self.fake_man()
        for topic, name in [("load", "kldsim-load"), ("kldsim", "kldsim"),
                            ("script", "kldsim-script")]:
            done = self.help(topic)
            self.assertEqual((done.status, done.out),
                             (OK, f"asked: {name}\n"))

    def test_no_man(self):
        done = self.help("load")
        self.assertEqual(done.out, cli.run("load", "--help").out)
        done = self.help("script")
        self.assertEqual(done.status, cli.HOST)
        self.assertIn("kldsim-script", done.err)

    def test_no_topic(self):
        done = self.help()
        self.assertEqual((done.status, done.out),
                         (OK, cli.run("--help").out))
        self.assertEqual(done.out, cli.run("-h").out)
        self.assertIn("\n  load     load modules", done.out)

    def test_no_such_topic(self):
        for topic in "../x", "x" * 100:
            done = self.help(topic)
            self.assertEqual(done.status, USAGE)
            self.assertIn("there is no page", done.err)


if __name__ == "__main__":
    unittest.main()
