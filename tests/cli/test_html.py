# SPDX-License-Identifier: BSD-2-Clause
"""--html: a page that any parser takes, whatever names modules have, and that
says what --json says.
"""

import itertools
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import cli
from cli import FIXTURES, HOST, OK, PANIC, REFUSED
from html_pages import Page, words

SCRATCH = tempfile.TemporaryDirectory()
TMP = pathlib.Path(SCRATCH.name)
BOOT = FIXTURES / "boot/kernel"
KERNEL = BOOT / "kernel"

SCRIPT = "</script><script>alert(1)</script>"
# File names, and what is to be read in their place: bytes that are not
# printable UTF-8 as \xNN (docs/DESIGN.md), all else as it is.
HOSTILE = {
    SCRIPT.encode() + b".ko": SCRIPT + ".ko",
    b"a\"b'c&amp;d<e>.ko": "a\"b'c&amp;d<e>.ko",
    b"]]>--><!--.ko": "]]>--><!--.ko",
    b"\xff\xc0\x80.ko": r"\xff\xc0\x80.ko",
    b"a\tb\nc\x1b[31m\x7f.ko": r"a\x09b\x0ac\x1b[31m\x7f.ko",
    "a\u202eok.b\u2066\u2028.ko".encode():
        r"a\xe2\x80\xaeok.b\xe2\x81\xa6\xe2\x80\xa8.ko",
    "\ufffe\uffff.ko".encode(): r"\xef\xbf\xbe\xef\xbf\xbf.ko",
    "\u05d0\u4e2d\U0001f600.ko".encode(): "\u05d0\u4e2d\U0001f600.ko",
    b"%s%n%p.ko": "%s%n%p.ko",
    b"${x}{{y}}<%= z %>.ko": "${x}{{y}}<%= z %>.ko",
}
MODULE = """
machine: amd64
kind: module
options: {osreldate: 1201000}
functions: [fx_modevent]
modules: [{name: "%s", handler: fx_modevent}]
depends: [{name: "%s", minimum: 1, preferred: 1, maximum: 1}]
"""


def tearDownModule():
    SCRATCH.cleanup()


def page_of(*words):
    path = TMP / "page.html"
    done = cli.run(*words[:1], "--json", "--html", path, *words[1:])
    document = done.json()
    page = Page(path)
    faults = list(page.faults())
    if faults:
        raise AssertionError(faults)
    return page, document


def numbers(text):
    return [int(word) for word in text.replace(":", " ").split()
            if word.isdigit()]


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page, cls.document = page_of("check", KERNEL, BOOT)
        cls.modules = cls.document["modules"]

    def test_verdicts(self):
        self.assertEqual(self.page.headings()[:3],
                         ["Module", "kldload", "preload"])
        self.assertEqual(
            [(name, cells[:2]) for name, _, cells in self.page.rows()],
            [(module["name"],
              [" ".join([answer["verdict"]] + (
                  [answer["errno"]["name"]] if answer["errno"]
                  and answer["verdict"] != "in kernel" else []))
               for answer in (module["kldload"], module["preload"])])
             for module in self.modules])

    def test_title(self):
        bad = {"refused", "panic", "no module", "failed"}
        both = [(module["kldload"]["verdict"] in bad,
                 module["preload"]["verdict"] in bad)
                for module in self.modules]
        self.assertEqual(
            numbers(self.page.title())[:3],
            [sum(first for first, _ in both), len(both),
             sum(second and not first for first, second in both)])

    def test_reasons(self):
        """Each finding's text stands below its module, with its remedy."""
        for module, (_, row, _) in zip(self.modules, self.page.rows()):
            text = words(row)
            for way in ("kldload", "preload"):
                for finding in module[way]["findings"]:
                    self.assertIn(" ".join(finding["text"].split()), text)
                for line in module[way]["console"]:
                    self.assertIn(" ".join(line.split()), text)
        undef = next(words(row) for name, row, _ in self.page.rows()
                     if name == "fx_undef.ko")
        self.assertIn("What to do Load or build what defines the name", undef)

    def test_attention(self):
        """Those with one reason are together, the panic first."""
        section = self.page.section("attention")
        groups = list(self.page.iter("article", section))
        self.assertEqual(words(next(self.page.iter("h3", groups[0]))),
                         "panic 1 module: kbi-version-word")
        told = {words(next(self.page.iter("h3", group))):
                sorted(words(link) for link in self.page.iter("a", group)
                       if link.get("class") is None) for group in groups}
        reasons = {}
        for module in self.modules:
            answer = module["kldload"]
            if answer["verdict"] == "refused":
                code = answer["findings"][answer["reason"]]["code"]
                reasons.setdefault(code, []).append(module["name"])
        for code, names in reasons.items():
            count = f"{len(names)} module{'s' * (len(names) > 1)}"
            self.assertEqual(told[f"refused {count}: {code}"], sorted(names))

    def test_guilt(self):
        """What a module is guilty of stands below it, the rest with what was
        said of none."""
        rows = [words(row) for _, row, _ in self.page.rows()]
        guilts = self.document["guilt"]
        self.assertNotEqual(guilts, [])
        for guilt in guilts:
            place = words(self.page.section("attention")) \
                if guilt["module"] is None else rows[guilt["module"]]
            self.assertIn(" ".join(guilt["finding"]["text"].split()), place)

    def test_graph(self):
        """As of `load`, but for the kernel, which all depend on."""
        good = [BOOT / module["name"] for module in self.modules
                if module["kldload"]["verdict"] == "ok"]
        loaded = cli.run("load", "--json", KERNEL, *good).json()
        edges = sorted({(dep, file["name"]) for file in loaded["files"]
                        for dep in file["deps"] if dep != "kernel"})
        self.assertIn(("fx_liba.ko", "fx_libb.ko"), edges)
        self.assertEqual(self.page.edges(), edges)
        others = len(self.modules) - len(good)
        self.assertIn(f"{others} modules of the table are not loaded, and not "
                      "in it.", words(self.page.section("graph")))
        held = {file["file"]: file["size"] for file in
                loaded["vnet"]["sets"]}
        column = self.page.headings().index("set_vnet") - 1
        self.assertEqual({name: int(cells[column]) for name, _, cells in
                          self.page.rows() if cells[column]}, held)

    def test_maps(self):
        text = words(self.page.section("modspace"))
        self.assertIn("fx_bigvnet1.ko set_vnet: 0xffffffff80205f98, ", text)
        text = words(self.page.section("memory"))
        for section in (".text", ".rodata", "set_vnet", ".bss"):
            self.assertIn(f" {section}: 0xffffffff80", text)
        self.assertIn("fx_vnet.ko .text: 0xffffffff80", text)

    def test_the_same_with_more_threads(self):
        texts = set()
        for jobs in "1", "4":
            cli.run("check", "-j", jobs, "--html", TMP / "jobs.html", KERNEL,
                    BOOT)
            texts.add((TMP / "jobs.html").read_text())
        self.assertEqual(texts, {self.page.text})

    def test_together(self):
        page, document = page_of("check", "--together", KERNEL, BOOT)
        self.assertEqual(
            [cells[2].split()[:1] for _, _, cells in page.rows()],
            [module["together"]["verdict"].split()[:1]
             for module in document["modules"]])


class Load(unittest.TestCase):
    NAMES = "fx_libc.ko fx_undef.ko fx_vnet.ko fx_pcpu.ko".split()

    def ask(self, *more):
        files = [BOOT / name for name in self.NAMES]
        return page_of("load", *more, KERNEL, *files)

    def test_results(self):
        page, document = self.ask()
        rows = {pathlib.Path(name).name: (cells, words(row))
                for name, row, cells in page.rows()}
        self.assertEqual(page.title(),
                         "1 of 4 modules is not loaded into FreeBSD 12.1")
        for result in document["results"]:
            cells, text = rows[pathlib.Path(result["name"]).name]
            self.assertEqual(cells[0], "refused ENOEXEC" if result["errno"]
                             else "loaded")
            for kind, entry in (("findings", "text"), ("console", None)):
                first = result[kind]["first"]
                for said in document[kind][
                        first:first + result[kind]["count"]]:
                    self.assertIn(" ".join(
                        (said[entry] if entry else said).split()), text)
        # What they depend on has rows too.
        self.assertEqual(set(rows), {file["name"] for file in
                                     document["files"][1:]} | {"fx_undef.ko"})
        self.assertEqual(page.edges(), sorted(
            {(dep, file["name"]) for file in document["files"]
             for dep in file["deps"] if dep != "kernel"}))

    def test_sections(self):
        """Each loaded section is on the map of memory, at its place."""
        page, document = self.ask()
        text = words(page.section("memory"))
        for file in document["files"]:
            for section in file["sections"]:
                if section["region"] == "mapping" and section["size"]:
                    self.assertIn(f"{file['name']} {section['name']}: "
                                  f"{section['address']}, ", text)

    def test_preload(self):
        page, document = self.ask("--preload-dependencies")
        self.assertEqual(
            [cells[0].split()[0] for _, _, cells in page.rows()][:4],
            [result["status"] for result in document["results"]])
        everything = words(page.root)
        for finding in document["findings"]:
            self.assertIn(" ".join(finding["text"].split()), everything)

    def test_a_panic(self):
        page, _ = page_of("load", KERNEL, BOOT / "fx_oldmalloc.ko",
                          BOOT / "fx_driver.ko")
        self.assertEqual(page.title(), "FreeBSD 12.1 panics")
        self.assertEqual([cells[0] for _, _, cells in page.rows()],
                         ["panic", "not tried"])


class Style(unittest.TestCase):
    CSS = (cli.SRC / "tools/html/page.css").read_text()
    # Letters and what is behind them.
    PAIRS = [*itertools.product(("ink", "quiet", "link"),
                                ("paper", "panel", "empty", "mark")),
             *((name, f"{name}-back") for name in
               ("good", "calm", "bad", "worst", "warn")),
             *(("ink", name) for name in
               ("code", "const", "data", "zero", "held", "held-other",
                "other"))]

    def light(self, colour):
        """Relative luminance as WCAG 2 defines it."""
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(share * (part / 12.92 if part <= 0.03928
                            else ((part + 0.055) / 1.055) ** 2.4)
                   for share, part in zip((0.2126, 0.7152, 0.0722), parts))

    def test_contrast(self):
        """4.5 to 1 at least, in the light and in the dark."""
        light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", root))
                       for root in re.findall(r":root \{\n(.*?)\}", self.CSS,
                                              re.S)[:2])
        for colours in light, {**light, **dark}:
            for pair in self.PAIRS:
                low, high = sorted(self.light(colours[name]) for name in pair)
                with self.subTest(pair):
                    self.assertGreaterEqual((high + 0.05) / (low + 0.05), 4.5)


class Hostile(unittest.TestCase):
    def test_names(self):
        """They are text, whatever they look like, and nothing else runs."""
        folder = TMP / "mods"
        for i, name in enumerate(HOSTILE):
            spec = TMP / "spec.yaml"
            spec.write_text(MODULE % (f"{SCRIPT}{i}", f"<b>{i}&]]>"))
            path = os.path.join(os.fsencode(folder), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            done = cli.run("synth", spec, "-o", path)
            self.assertEqual(done.status, OK, done.err)
        page, _ = page_of("check", KERNEL, folder)
        self.assertEqual(sorted(name for name, _, _ in page.rows()),
                         sorted(HOSTILE.values()))
        self.assertEqual(len(list(page.iter("script"))), 1)
        self.assertEqual(list(page.iter("b", page.section("graph"))), [])
        text = words(page.section("modules"))
        for i in range(len(HOSTILE)):
            self.assertIn(f"<b>{i}&]]>", text)
        for letter in "\u202e\u2066\u2028\x1b\x7f":
            self.assertNotIn(letter, page.text)

    def test_a_kernels_path(self):
        name = TMP / "<i>&\"'"
        name.mkdir()
        shutil.copy(KERNEL, name / "kernel")
        page, _ = page_of("check", name / "kernel", BOOT / "fx_driver.ko")
        self.assertIn(str(name / "kernel"), words(next(page.iter("header"))))

    def test_what_cannot_be_written(self):
        done = cli.run("check", "--html", TMP / "no/page.html", KERNEL,
                       BOOT / "fx_driver.ko")
        self.assertEqual(done.status, HOST)
        self.assertIn("no/page.html: No such file", done.err)
        self.assertIn("1 module", done.out)

    def test_statuses_are_those_without_it(self):
        for name, status in (("fx_driver.ko", OK), ("fx_undef.ko", REFUSED),
                             ("fx_oldmalloc.ko", PANIC)):
            done = cli.run("check", "--html", TMP / "one.html", KERNEL,
                           BOOT / name)
            self.assertEqual(done.status, status)
            self.assertEqual(list(Page(TMP / "one.html").faults()), [])


if __name__ == "__main__":
    unittest.main()
