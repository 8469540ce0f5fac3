# SPDX-License-Identifier: BSD-2-Clause
"""Manuals: mandoc(1) has nothing to say, and options are those of --help."""

import os
import re
import subprocess
import tempfile
import unittest

import cli
from cli import OK, USAGE

PAGES = sorted((cli.SRC / "docs/man").glob("kldsim*.[1-9]"))
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


def commands():
    listing = cli.run("--help").out.split("commands:\n")[1]
    return [line.split()[0] for line in listing.splitlines()]


def options(command):
    return set(IN_HELP.findall(cli.run(command, "--help").out))


class Manuals(unittest.TestCase):
    def test_lint(self):
        self.assertGreater(len(PAGES), 7)
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
                self.assertTrue((path.parent / f"{name}.{section}").exists(),
                                f"{path.name}: {name}({section})")

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
