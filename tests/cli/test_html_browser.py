# SPDX-License-Identifier: BSD-2-Clause
"""--html in a Chromium, where somebody clicks and types (with KLDSIM_FULL).

Screenshots are kept in build/*/screenshots, to be looked at.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import browser
import cli
from cli import FIXTURES
from sample import FULL

BOOT = FIXTURES / "boot/kernel"
KERNEL = BOOT / "kernel"
SHOTS = pathlib.Path(os.environ.get("KLDSIM_BUILD", cli.SRC / "build/gcc")) \
    / "screenshots"
MANY = 900
AT_ONCE = 150  # rows that are laid out before the next frame
LARGE = 5 << 20  # bytes of a page

SHOWN = """[...document.querySelectorAll("#table tbody tr")]
    .filter((row) => row.getClientRects().length > 0)
    .map((row) => row.cells[0].querySelector("summary, span").textContent)"""
FOCUS = "document.activeElement.textContent"

MODULE = """
machine: amd64
kind: module
options: {{osreldate: 1201000}}
functions: [f{0}, fx_modevent]
modules: [{{name: m{0}, handler: fx_modevent}}]
versions: [{{name: m{0}, version: 1}}]
vnet: [{{name: v{0}, size: 8}}]
depends: [{1}]
"""
DEPENDS = "{{name: m{0}, minimum: 1, preferred: 1, maximum: 1}}"


def needs(i):
    """What the module of a number depends on, of those before it."""
    if i < 20 or i % 3 == 0:
        return []
    return sorted({i % 20, i // 3} - {i})


def make_many(folder):
    folder.mkdir()
    for i in range(MANY):
        (folder / "spec.yaml").write_text(MODULE.format(
            i, ", ".join(DEPENDS.format(k) for k in needs(i))))
        done = cli.run("synth", folder / "spec.yaml", "-o",
                       folder / f"m{i:03}.ko")
        if done.status != cli.OK:
            raise AssertionError(done.err)
    cli.run("hints", "-r", "12.1", folder)


def by_name(name):
    """Numbers in names count as numbers."""
    return [int(part) if part.isdigit() else part
            for part in re.split(r"(\d+)", name)]


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        SHOTS.mkdir(parents=True, exist_ok=True)
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.tmp = pathlib.Path(cls.scratch.name)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.__exit__)
        cls.page = cls.tmp / "check.html"
        cls.document = cli.run("check", "--json", "--html", cls.page, KERNEL,
                               BOOT).json()

    def setUp(self):
        self.browser.complaints.clear()
        self.addCleanup(lambda: self.assertEqual(self.browser.complaints, []))

    def open(self, page=None, **how):
        self.browser.look(**how)
        self.browser.open(page or self.page)

    def names(self, *verdicts):
        return [module["name"] for module in self.document["modules"]
                if not verdicts or module["kldload"]["verdict"] in verdicts]

    def test_looks(self):
        """Kept, to be looked at; nothing is wider than its window."""
        for name, how in {"light": {}, "dark": {"dark": True},
                          "narrow": {"width": 400}}.items():
            self.open(**how)
            self.browser.screenshot(SHOTS / f"check-{name}.png", whole=True)
            self.assertLessEqual(self.browser.value(
                "document.documentElement.scrollWidth"),
                how.get("width", 1280))
        self.assertNotEqual((SHOTS / "check-light.png").read_bytes(),
                            (SHOTS / "check-dark.png").read_bytes())

    def test_sorting(self):
        self.open()
        ours = sorted(self.names(), key=by_name)
        self.browser.click("#table thead th button")
        self.assertEqual(self.browser.value(SHOWN), ours)
        self.browser.click("#table thead th button")
        self.assertEqual(self.browser.value(SHOWN), ours[::-1])
        self.assertEqual(self.browser.value(
            "document.querySelector('[aria-sort]').ariaSort"), "descending")
        self.browser.click("#table thead th:nth-child(2) button")
        worst = self.browser.value(SHOWN)
        self.assertEqual(worst[:1], self.names("panic"))
        self.assertEqual(set(worst[1:1 + len(self.names("refused"))]),
                         set(self.names("refused")))
        self.assertEqual(self.browser.value(
            "document.querySelectorAll('[aria-sort]').length"), 1)

    def test_filtering(self):
        self.open()
        self.browser.click("input[value=panic] + span")
        self.assertEqual(self.browser.value(SHOWN), self.names("panic"))
        self.assertEqual(self.browser.value(
            "document.getElementById('shown').textContent"),
            f"1 of {len(self.names())} are shown")
        self.browser.press("Escape")
        self.browser.type("/")
        self.browser.type("fx_lib")
        self.assertEqual(self.browser.value(SHOWN), [
            name for name in self.names() if name in (
                "fx_liba.ko", "fx_libb.ko", "fx_libc.ko", "fx_nontrans.ko")])
        self.browser.press("Escape")
        self.assertEqual(self.browser.value(SHOWN), self.names())

    def test_keys(self):
        self.open()
        self.browser.type("/")
        self.browser.type("fx_")
        self.browser.press("ArrowDown")
        self.browser.press("ArrowDown")
        self.assertEqual(self.browser.value(FOCUS), self.names()[1])
        self.browser.press("Enter")
        self.assertTrue(self.browser.value(
            "document.activeElement.parentNode.open"))
        self.browser.press("ArrowUp")
        self.browser.press("ArrowUp")
        self.assertEqual(self.browser.value("document.activeElement.id"),
                         "search")

    def test_a_link_shows_what_is_hidden(self):
        self.open()
        self.browser.click("input[value=panic] + span")
        self.browser.value("location.hash = 'm0'")
        self.browser.value("new Promise((done) => setTimeout(done, 50))")
        self.assertEqual(self.browser.value(FOCUS), self.names()[0])

    def test_neighbours(self):
        self.open()
        self.browser.value("""document.getElementById([...document
            .querySelectorAll(".node")].find((node) => node.textContent
            .includes("fx_libb.ko:")).id).focus()""")
        self.assertEqual(
            self.browser.value("document.getElementById('near').textContent"),
            "fx_libb.ko, needs fx_liba.ko, needed by fx_libc.ko")
        self.browser.press("ArrowLeft")
        self.assertIn("fx_liba.ko, needed by", self.browser.value(
            "document.getElementById('near').textContent"))

    def test_paper(self):
        """All is open, and there is nothing to press."""
        self.open(media="print")
        self.assertEqual(self.browser.value(
            "getComputedStyle(document.querySelector('.controls')).display"),
            "none")
        self.assertGreater(self.browser.value(
            "document.querySelector('.said li').getClientRects().length"), 0)
        self.browser.screenshot(SHOTS / "check-print.png", whole=True)
        self.browser.paper(SHOTS / "check.pdf")

    def test_without_its_script(self):
        self.browser.ask("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.open()
            self.browser.screenshot(SHOTS / "check-no-script.png", whole=True)
        finally:
            self.browser.ask("Emulation.setScriptExecutionDisabled",
                             value=False)

    def test_other_pages(self):
        """What load and kbi write, in light and dark; and names that would
        rather be a script."""
        folder = self.tmp / "mods"
        for name, data in ((b"<img src=x onerror=alert(1)>.ko", "fx_driver"),
                           (b"</script><script>alert(1)</script>.ko",
                            "fx_liba"), (b"\xff'\"&#38;\n.ko", "fx_vnet")):
            path = os.path.join(os.fsencode(folder), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(BOOT / f"{data}.ko", path)
        files = [BOOT / f"{name}.ko" for name in ("fx_libc", "fx_undef",
                                                  "fx_vnet", "fx_pcpu")]
        for name, *line in (("load", "load", KERNEL, *files),
                            ("kbi", "kbi", KERNEL, *files),
                            ("hostile", "check", KERNEL, folder)):
            page = self.tmp / f"{name}.html"
            cli.run(*line[:1], "--html", page, *line[1:])
            for dark in False, True:
                self.open(page, dark=dark)
                self.browser.screenshot(
                    SHOTS / f"{name}-{'dark' if dark else 'light'}.png",
                    whole=True)
            self.assertGreater(len(self.browser.value(SHOWN)), 2)
            self.assertEqual(self.browser.value(
                "document.querySelectorAll('script, img, iframe').length"), 1)

    def filter(self, text):
        """How many rows are to be seen before the next frame."""
        return self.browser.value(f"""(() => {{
            const search = document.getElementById("search");
            search.value = "{text}";
            search.dispatchEvent(new Event("input", {{ bubbles: true }}));
            return {SHOWN}.length;
        }})()""")

    def all_frames(self, rows):
        """Until so many are."""
        self.browser.value(f"""new Promise((done) => {{
            const wait = () => {SHOWN}.length === {rows} ? done()
                : requestAnimationFrame(wait);
            wait();
        }})""")

    def test_many(self):
        make_many(self.tmp / "many")
        page = self.tmp / "many.html"
        done = cli.run("check", "--html", page, KERNEL, self.tmp / "many")
        self.assertEqual(done.out.split("\n")[-3:-1],
                         [f"  {way}   {MANY} ok"
                          for way in ("kldload", "preload")])
        self.assertLess(page.stat().st_size, LARGE)
        self.open(page)
        self.assertEqual(len(self.browser.value(SHOWN)), MANY)
        before = self.browser.worked()
        some = self.filter("m12")  # and m120 to m129, and who needs them
        self.assertIn(some, range(11, AT_ONCE))
        self.assertEqual(self.filter(""), some + AT_ONCE)
        self.all_frames(MANY)
        self.assertEqual(self.filter("no such name"), 0)
        self.assertEqual(self.filter(""), AT_ONCE)
        self.all_frames(MANY)
        print(f"{MANY} modules: {page.stat().st_size} bytes, four filters take "
              f"{self.browser.worked() - before:.0f} ms", file=sys.stderr)
        # With one such each filter takes seconds.
        self.assertEqual(self.browser.value("""[...document
            .querySelectorAll("*")].filter((element) =>
            getComputedStyle(element).containerType !== "normal").length"""),
            0)
        self.assertEqual(self.browser.value(
            "document.querySelectorAll('#deps .edges path').length"),
            sum(len(needs(i)) for i in range(MANY)))
        self.browser.look(height=1600)
        self.browser.value("document.getElementById('graph').scrollIntoView()")
        self.browser.screenshot(SHOTS / "check-many.png")


if __name__ == "__main__":
    if not FULL:
        print("skipped: with KLDSIM_FULL a browser is asked")
        sys.exit(77)
    if browser.find() is None:
        print("skipped: there is no Chromium")
        sys.exit(77)
    unittest.main()
