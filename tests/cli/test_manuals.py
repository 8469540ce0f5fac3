# SPDX-License-Identifier: BSD-2-Clause
"""Manuals: mandoc(1) has nothing to say, and options are those of --help."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import cli
from cli import OK, USAGE

sys.path.insert(0, str(cli.SRC / "tests/tidy"))
import tidy  # noqa: E402 (its place is known by now)

WRITTEN = sorted((cli.SRC / "docs/man").glob("kldsim*.[1-9]"))
BUILD = pathlib.Path(os.environ.get("KLDSIM_BUILD")
                     or pathlib.Path(cli.KLDSIM).parent.parent)
BUILT = BUILD / "share/man"
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
    text = re.sub(r"^\.Xr (\w+) (\d)", r"\1(\2)", text, flags=re.M)
    return re.sub(r"\\&|\s", "", text).replace(r"\-", "-")


def commands():
    listing = cli.run("--help").out.split("commands:\n")[1]
    return [line.split()[0] for line in listing.splitlines()]


def options(command):
    return set(IN_HELP.findall(cli.run(command, "--help").out))


class Manuals(unittest.TestCase):
    def test_lint(self):
        names = {path.name for path in PAGES}
        self.assertLessEqual({path.name for path in WRITTEN}, names)
        self.assertLessEqual({"kldsim-findings.7", "kldsim-spec.5"}, names)
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


class Library(unittest.TestCase):
    """Section 3 has what the library exports, and each header a page."""

    def exported(self):
        names = []
        for library in "libkldsim.so", "libkldsim_test.a":
            done = subprocess.run(
                ["nm", *(["-D"] if library.endswith("so") else []),
                 "--defined-only", BUILD / "lib" / library], text=True,
                check=True, stdout=subprocess.PIPE)
            names += re.findall(r" T (kldsim_[a-z]\w*)", done.stdout)
        return sorted(names)

    def test_functions(self):
        """Each is on one page: in its names, its synopsis and its list."""
        pages = {path.stem: path.read_text() for path in PAGES
                 if path.suffix == ".3" and path.stem != "kldsim"}
        headers = {"kldsim_" + path.stem
                   for path in (cli.SRC / "include/kldsim").glob("*.h")}
        self.assertEqual(set(pages) | {"kldsim_kldsim"}, headers)
        exported = self.exported()
        self.assertGreater(len(exported), 200)
        for pattern in r"^\.Nm (kldsim_\w+)", r"^\.Fo (\w+)", \
                r"^\.It Fn (\w+)":
            found = []
            for name, text in pages.items():
                found += [word for word in re.findall(pattern, text, re.M)
                          if word != name or name in exported]
            self.assertEqual(sorted(found), exported, pattern)

    def test_texts(self):
        """A function's comment, read by another hand, is all there."""
        for path in sorted((cli.SRC / "include/kldsim").glob("*.h")):
            text = path.read_text()
            page = BUILT / f"man3/kldsim_{path.stem}.3"
            items = re.split(r"^\.It Fn ", page.read_text(), flags=re.M)[1:] \
                if page.exists() else []
            comments = re.findall(r"^/\*\*((?:(?!\*/).)*)\*/\nKLDSIM_API",
                                  text, re.M | re.S)
            self.assertEqual(len(items), len(comments), path.name)
            for item, comment in zip(items, comments):
                words = re.findall(r"[A-Za-z0-9]+",
                                   comment.replace("docs/spec.md",
                                                   "kldsim-spec(5)"))
                item = item.split("\n", 1)[1].split("\n.El")[0]
                item = re.sub(r"^\.(?:Pp|B[dl] .*|E[dl]|It)$", "", item,
                              flags=re.M)
                item = re.sub(r"^\.(?:No \\&\( Ns )?"
                              r"(?:Sy|Fn|Xr|Fx|Ql|Em)\b",
                              lambda m: "FreeBSD" if "Fx" in m[0] else "",
                              item, flags=re.M)
                item = re.sub(r"kldsim_(\w+) 3", r"\1.h", item) \
                    if ".h" in comment else item
                item = re.sub(r"\\[&e]| Ns ", "", item)
                self.assertEqual(re.findall(r"[A-Za-z0-9]+", item), words)

    def test_overview(self):
        """kldsim(3) leads to every page."""
        text = page("kldsim.3")
        for path in BUILT.glob("man3/kldsim_*.3"):
            self.assertIn(f".It Xr {path.stem} 3\n", text)


class Awks(unittest.TestCase):
    """Hosts have different ones, and pages are the same."""

    def test_all(self):
        made = {"kldsim_kld.3": ["header.awk", "include/kldsim/kld.h"],
                "kldsim-findings.7": ["findings.awk",
                                      "lib/report/findings.def"]}
        with tempfile.TemporaryDirectory() as folder:
            for awk in filter(shutil.which, ["mawk", "gawk", "original-awk",
                                             "bwk", "goawk"]):
                for name, (script, source) in made.items():
                    out = pathlib.Path(folder, name)
                    subprocess.run(
                        [awk, "-f", "docs/man/mdoc.awk", "-f",
                         f"docs/man/{script}", "-v", f"out={out}", source],
                        check=True, cwd=cli.SRC,
                        env={**os.environ, "LC_ALL": "C"})
                    self.assertEqual(out.read_text(), next(
                        BUILT.glob(f"man?/{name}")).read_text(), awk)


class Spec(unittest.TestCase):
    """kldsim-spec(5) has what docs/spec.md has, read by another hand."""

    def test_words(self):
        source = (cli.SRC / "docs/spec.md").read_text()
        text = (BUILT / "man5/kldsim-spec.5").read_text()
        for key in re.findall(r"^\| `([a-z-]+)`", source, re.M):
            self.assertRegex(text, rf'(?m)^\.It .*"\\&{key}"')
        shown = re.findall(r"^\.Bd .*\n((?:.*\n)*?)\.Ed$", text, re.M)
        fenced = re.findall(r"^```yaml\n((?:.*\n)*?)```$", source, re.M)
        self.assertGreater(len(fenced), 20)
        self.assertLessEqual(set(fenced), {re.sub(r"(?m)^\\&", "", code)
                                           for code in shown})


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
        # No book has this word.
        self.assertEqual(self.explain("EMFILE").out,
                         "EMFILE (24), Too many open files\n"
                         "no rule speaks of it\n")

    def test_small_letters(self):
        for small, word in ("a-10", "A-10"), ("enoexec", "ENOEXEC"):
            self.assertEqual(cli.run("explain", small).out,
                             cli.run("explain", word).out)
        self.assertEqual(cli.run("explain", "").status, cli.USAGE)

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
        for topic, name in [("load", "kldsim-load"), ("kldsim", "1 kldsim"),
                            ("script", "kldsim-script"),
                            ("spec", "kldsim-spec"),
                            ("libkldsim", "3 kldsim"),
                            ("image", "3 kldsim_image"),
                            ("check", "kldsim-check"),
                            ("kldsim_check", "3 kldsim_check"),
                            ("kldsim_kldload", "3 kldsim_kld"),
                            ("kldsim-load", "kldsim-load")]:
            done = self.help(topic)
            self.assertEqual((done.status, done.out),
                             (OK, f"asked: {name}\n"))

    def test_no_man(self):
        done = self.help("load")
        self.assertEqual(done.out, cli.run("load", "--help").out)
        done = self.help("script")
        self.assertEqual(done.status, cli.HOST)
        self.assertIn("the page about script", done.err)

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
