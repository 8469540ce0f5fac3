# SPDX-License-Identifier: BSD-2-Clause
"""kldsim check for machines: SARIF, JUnit's XML, and a baseline of what is
known, with names that nobody should give a file.
"""

import json
import os
import pathlib
import shutil
import tempfile
import unittest
import xml.etree.ElementTree as xml

import cli
import sarif
from cli import HOST, OK, REFUSED, USAGE
from test_check_root import DEFAULTS
from test_guilt import FIRMWARE, GENERIC, module, synth

SCRATCH = tempfile.TemporaryDirectory()
TMP = pathlib.Path(SCRATCH.name)
GOLDEN = cli.HERE / "golden/check.sarif"
FILES = {
    "bad.ko": module(uses=["nobody_has_it"]),
    "firmware.ko": FIRMWARE,
    "good.ko": module(uses=["printf"]),
    "leaky.ko": module(uses=["shut"], depends=["owner"]),
    "owner.ko": module("functions: [{name: shut, bind: local}]",
                       provides=["owner"]),
    "user.ko": module(uses=["firmware_get"], provides=["user"]),
}
# Text in attributes and elements, JSON and URIs; bytes that are no UTF-8.
HOSTILE = [b"<script>alert(1)</script>.ko".replace(b"/", b"_"),
           b"]]>&amp;\"quoted\"'.ko", b"\x1b[2J\x07\n\t.ko",
           b"\xff\xfe\xc3\x28.ko", "\u202egnp.ko".encode(), b"%41 ?#;.ko"]


def setUpModule():
    make(TMP / "place", 1500068)


def tearDownModule():
    SCRATCH.cleanup()


def make(place, osreldate, kernel=GENERIC, names=None):
    synth(place / "kernel", "kernel", kernel, osreldate)
    for name in names or FILES:
        synth(place / "mods" / name, "module", FILES[name], osreldate)
    synth(place / "mods/text.ko", "module", module(provides=["text"]),
          osreldate)
    cli.run("hints", place / "mods")
    (place / "mods/text.ko").write_text("#!/bin/sh\n")
    renew(place / "mods")


def renew(folder):
    """No file is newer than the hints, whatever the clock says."""
    os.utime(folder / "linker.hints")


def run(*words, cwd=TMP / "place"):
    return cli.run("check", "-p", "", *words, cwd=cwd)


def log_of(*words, cwd=TMP / "place"):
    done = run("--sarif", TMP / "log", *words, cwd=cwd)
    log = json.loads((TMP / "log").read_text("utf-8"))
    sarif.check(log)
    return done, log


class Sarif(unittest.TestCase):
    maxDiff = None

    def test_golden(self):
        """What is written is what is kept, and says what is meant."""
        _, log = log_of("kernel", "mods")
        golden = json.loads(GOLDEN.read_text())
        version = log["runs"][0]["tool"]["driver"].pop("version")
        self.assertEqual("kldsim " + version,
                         cli.run("--version").out.splitlines()[0])
        self.assertEqual(log, golden)
        self.assertEqual(sarif.told(golden), [
            # And the function that refers to it.
            ("error", "undefined-symbol", "mods/bad.ko",
             ["nobody_has_it", "f"], "bad.ko|undefined-symbol|nobody_has_it"),
            ("error", "file-format", "mods/text.ko", [],
             "text.ko|file-format|"),
            ("warning", "undeclared-dependency", "mods/user.ko",
             ["firmware_get"], "user.ko|undeclared-dependency|firmware_get"),
            ("warning", "hints-no-module", "mods/text.ko", [],
             "text.ko|hints-no-module|"),
            ("note", "local-symbol-leaks", "mods/leaky.ko", ["shut"],
             "leaky.ko|local-symbol-leaks|shut")])

    def test_rules(self):
        """Rules are codes, with the table's meaning and remedy."""
        _, log = log_of("kernel", "mods")
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        self.assertEqual(
            {rule["id"] for rule in rules},
            {result["ruleId"] for result in log["runs"][0]["results"]})
        def plain(text):  # explain breaks lines where it likes
            return "".join(text.split())
        for rule in rules:
            said = plain(cli.run("explain", rule["id"]).out)
            self.assertIn(plain(rule["help"]["text"]), said)
            meaning, kernel = rule["fullDescription"]["text"].split(
                " What the kernel does: ")
            self.assertIn(plain(meaning), said)
            self.assertIn(plain(kernel), said)
            self.assertTrue(meaning.startswith(
                rule["shortDescription"]["text"]))

    def test_absolute(self):
        _, log = log_of("kernel", TMP / "place/mods/bad.ko")
        uri = log["runs"][0]["results"][0]["locations"][0][
            "physicalLocation"]["artifactLocation"]
        self.assertEqual(uri, {"uri": str(TMP / "place/mods/bad.ko")[1:],
                               "uriBaseId": "ROOT"})

    def test_failure(self):
        """What the host could not do is no result."""
        done, log = log_of("kernel", "./nowhere")
        self.assertEqual(done.status, HOST)
        self.assertEqual(log["runs"][0]["results"], [])
        invocation, = log["runs"][0]["invocations"]
        self.assertFalse(invocation["executionSuccessful"])
        notification, = invocation["toolExecutionNotifications"]
        self.assertIn("No such file", notification["message"]["text"])
        self.assertEqual(notification["locations"][0]["physicalLocation"], {
            "artifactLocation": {"uri": "nowhere"}})

    def test_wrong(self):
        for words in (["--sarif", "no/such/folder"],
                      ["--junit", "no/such/folder"],
                      ["--write-baseline", "no/such/folder"]):
            done = run(*words, "kernel", "mods/good.ko")
            self.assertEqual(done.status, HOST)
            self.assertIn("no/such/folder: No such file", done.err)


class Load(unittest.TestCase):
    """kldsim load says the same of a module as check does of it."""

    def log_of(self, *words):
        done = cli.run("load", "--sarif", TMP / "log", *words,
                       cwd=TMP / "place")
        log = json.loads((TMP / "log").read_text("utf-8"))
        return done, log, sarif.told(log)

    def test_load(self):
        done, _, told = self.log_of("kernel", "mods/good.ko", "mods/bad.ko",
                                    "mods/text.ko")
        self.assertEqual(done.status, REFUSED)
        self.assertEqual(told, [
            ("error", "undefined-symbol", "mods/bad.ko",
             ["nobody_has_it", "f"], "bad.ko|undefined-symbol|nobody_has_it"),
            ("error", "file-format", "mods/text.ko", [],
             "text.ko|file-format|")])
        _, checked = log_of("kernel", "mods/good.ko", "mods/bad.ko",
                            "mods/text.ko")
        self.assertEqual(told, sarif.told(checked))
        _, _, preloaded = self.log_of("--preload", "kernel", "mods/bad.ko")
        self.assertEqual(preloaded, told[:1])
        self.assertEqual(self.log_of("kernel", "mods/good.ko")[2], [])

    def test_failure(self):
        done, log, told = self.log_of("mods/text.ko", "mods/good.ko")
        self.assertEqual((done.status, told), (HOST, []))
        invocation, = log["runs"][0]["invocations"]
        self.assertFalse(invocation["executionSuccessful"])
        done = cli.run("load", "--sarif", "no/such/folder", "kernel",
                       cwd=TMP / "place")
        self.assertEqual(done.status, HOST)


class Junit(unittest.TestCase):
    def cases(self, *words, cwd=TMP / "place"):
        """The test cases by name: what each has, and the suite's counts."""
        done = run("--junit", TMP / "xml", *words, cwd=cwd)
        suites = xml.parse(TMP / "xml").getroot()
        self.assertEqual(suites.tag, "testsuites")
        suite, = suites
        cases = {case.get("name"): {part.tag: part for part in case}
                 for case in suite}
        self.assertEqual(len(cases), len(suite))
        for what, tag in (("failures", "failure"), ("errors", "error"),
                          ("skipped", "skipped")):
            self.assertEqual(int(suite.get(what)), sum(
                tag in parts for parts in cases.values()))
        self.assertEqual(int(suite.get("tests")), len(cases))
        return done, cases

    def test_cases(self):
        done, cases = self.cases("kernel", "mods")
        self.assertEqual(done.status, REFUSED)
        self.assertEqual(set(cases), {*FILES, "text.ko"})
        failed = {name for name in cases if "failure" in cases[name]}
        self.assertEqual(failed, {"bad.ko", "text.ko"})
        failure = cases["bad.ko"]["failure"]
        self.assertEqual(failure.get("type"), "refused")
        self.assertIn("kldload: refused ENOEXEC: ", failure.get("message"))
        lines = failure.text.splitlines()
        self.assertEqual(len(lines), 2)  # a way each
        for line, way in zip(lines, ("kldload", "preload")):
            self.assertTrue(line.startswith(f"{way}: refused "))
            self.assertIn("nobody_has_it is defined neither", line)
        self.assertEqual(cases["good.ko"], {})
        # Not why it fails, and worth knowing.
        self.assertIn("undeclared-dependency",
                      cases["user.ko"]["system-out"].text)

    def test_strict(self):
        _, cases = self.cases("--strict", "kernel", "mods")
        self.assertEqual(cases["user.ko"]["failure"].get("type"), "warning")
        self.assertNotIn("failure", cases["leaky.ko"])  # a note

    def test_several(self):
        """All reports at once, and each is what it is alone."""
        done = run("--json", "--sarif", TMP / "s", "--junit", TMP / "j",
                   "kernel", "mods")
        self.assertEqual(done.json(), run("--json", "kernel", "mods").json())
        _, log = log_of("kernel", "mods")
        self.assertEqual(json.loads((TMP / "s").read_text()), log)
        self.cases("kernel", "mods")
        self.assertEqual((TMP / "j").read_bytes(),
                         (TMP / "xml").read_bytes())
        text = run("--sarif", TMP / "s", "--junit", TMP / "j", "kernel",
                   "mods").out
        self.assertEqual(text, run("kernel", "mods").out)


class Root(unittest.TestCase):
    """The next boot of a system, for machines."""

    def setUp(self):
        self.root = TMP / "root"
        shutil.rmtree(self.root, ignore_errors=True)
        vesa = ("functions: [f, vesa_modevent]\n"
                "modules: [{name: vesa, handler: vesa_modevent}]\n")
        synth(self.root / "boot/kernel/kernel", "kernel", vesa + "versions: "
              "[{name: inside, version: 1}]\n", 1201000)
        for name, body in (("vesa", vesa),
                           ("bad", module(uses=["nobody_has_it"])),
                           ("inside", module(provides=["inside"]))):
            synth(self.root / f"boot/modules/{name}.ko", "module", body,
                  1201000)
        (self.root / "boot/defaults").mkdir()
        (self.root / "boot/defaults/loader.conf").write_text(DEFAULTS)
        (self.root / "boot/loader.conf").write_text(
            'vesa_load="YES"\nbad_load="YES"\ninside_load="YES"\n')

    def check(self, *words):
        return cli.run("check", "--root", self.root, *words)

    def test_root(self):
        done = self.check("--sarif", TMP / "log", "--junit", TMP / "xml",
                          "--write-baseline", TMP / "known")
        self.assertEqual(done.status, REFUSED)
        keys = {one[4]: one[0] for one in
                sarif.told(json.loads((TMP / "log").read_text()))}
        self.assertEqual(keys["bad.ko|undefined-symbol|nobody_has_it"],
                         "error")
        self.assertEqual(keys["vesa.ko|module-twice|"], "warning")
        self.assertFalse([key for key in keys if "inside" in key])
        suite, = xml.parse(TMP / "xml").getroot()
        cases = {case.get("name"): [part.tag for part in case]
                 for case in suite}
        self.assertEqual(cases["bad"], ["failure"])
        self.assertEqual(cases["vesa"], ["system-out"])
        self.assertEqual(cases["inside"], [])
        done = self.check("--strict", "--baseline", TMP / "known")
        self.assertEqual((done.status, done.err), (OK, ""), done.out)
        self.assertRegex(done.out, r"bad +refused ENOENT .*  known\n")
        self.assertIn(f"\n{len(keys)} known\n", done.out)
        (self.root / "boot/loader.conf").write_text('more_load="YES"\n')
        self.assertEqual(self.check("--baseline", TMP / "known").status,
                         REFUSED)


class Hostile(unittest.TestCase):
    def test_names(self):
        """Whatever a file is called, every report is well-formed, with it."""
        place = TMP / "hostile"
        make(place, 1500068, names=["bad.ko"])
        for name in HOSTILE:
            shutil.copy(place / "mods/bad.ko",
                        os.path.join(os.fsencode(place / "mods"), name))
        os.remove(place / "mods/linker.hints")
        _, log = log_of("kernel", "mods", cwd=place)
        uris = {uri for _, _, uri, _, _ in sarif.told(log)}
        wanted = {"mods/" + "".join(
            chr(byte) if chr(byte).isalnum() and byte < 128 or
            byte in b"-._~/" else f"%{byte:02X}" for byte in name)
            for name in [*HOSTILE, b"bad.ko", b"text.ko"]}
        wanted.add("kernel")  # that there are no hints
        self.assertEqual(uris, wanted)
        done = run("--junit", TMP / "xml", "kernel", "mods", cwd=place)
        self.assertEqual(done.status, REFUSED)
        names = {case.get("name")
                 for case in xml.parse(TMP / "xml").getroot().iter("testcase")}
        self.assertLessEqual({HOSTILE[0].decode(), HOSTILE[1].decode(),
                              HOSTILE[5].decode(), "\\x1b[2J\\x07\\x0a\\x09.ko",
                              "\\xff\\xfe\\xc3(.ko",
                              "\\xe2\\x80\\xaegnp.ko"}, names)
        # A baseline of them is one that knows them.
        run("--write-baseline", TMP / "known", "kernel", "mods", cwd=place)
        done = run("--strict", "--baseline", TMP / "known", "kernel", "mods",
                   cwd=place)
        self.assertEqual(done.status, OK)

    def test_symbols(self):
        place = TMP / "symbols"
        symbol = "\\x01</failure>]]>&\\xff"
        synth(place / "kernel", "kernel", GENERIC, 1500068)
        synth(place / "mods/a.ko", "module",
              module(uses=[f"'{symbol}'"]), 1500068)
        _, log = log_of("kernel", "mods", cwd=place)
        self.assertIn(("error", "undefined-symbol", "mods/a.ko", [symbol, "f"],
                       f"a.ko|undefined-symbol|{symbol}"), sarif.told(log))
        run("--junit", TMP / "xml", "kernel", "mods", cwd=place)
        failure, = xml.parse(TMP / "xml").getroot().iter("failure")
        self.assertIn(symbol, failure.text)


class Baseline(unittest.TestCase):
    def setUp(self):
        run("--write-baseline", TMP / "known", "kernel", "mods")

    def known(self, *words, cwd=TMP / "place"):
        return run("--strict", "--baseline", TMP / "known", *words, cwd=cwd)

    def test_file(self):
        self.assertEqual(json.loads((TMP / "known").read_text()), {
            "schema": "kldsim.baseline/1", "known": [
                ["bad.ko", "undefined-symbol", "nobody_has_it"],
                ["leaky.ko", "local-symbol-leaks", "shut"],
                ["text.ko", "file-format", None],
                ["text.ko", "hints-no-module", None],
                ["user.ko", "undeclared-dependency", "firmware_get"]]})

    def test_known(self):
        """All is as it was: it is said in one line, and nothing counts."""
        done = self.known("kernel", "mods")
        self.assertEqual((done.status, done.err), (OK, ""))
        self.assertIn("\n5 known\n", done.out)
        self.assertNotIn("what is wrong besides", done.out)
        self.assertNotIn("undefined-symbol", done.out)
        self.assertRegex(done.out, r"bad\.ko +refused ENOEXEC  refused "
                         r"ENOENT +known\n")
        quiet = self.known("-q", "kernel", "mods").out
        self.assertEqual(quiet.splitlines()[:2], ["7 modules", "5 known"])
        _, log = log_of("--baseline", TMP / "known", "kernel", "mods")
        self.assertEqual({result["baselineState"] for result in
                          log["runs"][0]["results"]}, {"unchanged"})
        run("--baseline", TMP / "known", "--junit", TMP / "xml", "kernel",
            "mods")
        suite, = xml.parse(TMP / "xml").getroot()
        self.assertEqual((suite.get("failures"), suite.get("skipped")),
                         ("0", "2"))
        document = run("--json", "--baseline", TMP / "known", "kernel",
                       "mods").json()
        cli.validate(document, "check")
        self.assertEqual(document["baseline"]["known"], 5)

    def test_elsewhere(self):
        """Another build of the kernel, another folder, another order."""
        place = TMP / "other/deep/place"
        make(place, 1500500, GENERIC.replace("[printf", "[a, b, c, printf"),
             list(reversed(FILES)))
        for name in ("1", "2"):
            (place / name).mkdir()
        for at, path in enumerate(sorted((place / "mods").glob("*.ko"))):
            os.rename(path, place / "21"[at % 2] / path.name)
        cli.run("hints", place / "1", place / "2")
        words = ["-p", "1;2", "kernel", "2", "1"]
        done = self.known(*words, cwd=place)
        self.assertEqual(done.status, OK, done.out)
        for path in ("1", "2"):
            words += sorted(str(path.relative_to(place)) for path in
                            (place / path).glob("*.ko"))[::-1]
        done = self.known(*words[:3], *words[5:], cwd=place)
        self.assertEqual(done.status, OK, done.out)

    def test_new(self):
        """One more symbol is new, and the old one stays known."""
        place = TMP / "new"
        make(place, 1500068)
        synth(place / "mods/bad.ko", "module",
              module(uses=["nobody_has_it", "nor_this"]), 1500068)
        renew(place / "mods")
        done = self.known("-q", "kernel", "mods", cwd=place)
        self.assertEqual(done.status, REFUSED)
        self.assertRegex(done.out, r"^bad\.ko +refused ENOEXEC  refused "
                         r"ENOENT *\n")
        _, log = log_of("--baseline", TMP / "known", "kernel", "mods",
                        cwd=place)
        new = [result["partialFingerprints"]["kldsim/1"] for result in
               log["runs"][0]["results"] if result["baselineState"] == "new"]
        self.assertEqual(new, ["bad.ko|undefined-symbol|nor_this"])
        # The reason that is shown is the new one.
        self.assertIn("nor_this is defined neither", done.out)
        synth(place / "mods/new.ko", "module", FILES["user.ko"], 1500068)
        os.remove(place / "mods/bad.ko")
        done = self.known("-q", "kernel", "mods", cwd=place)
        self.assertEqual(done.status, REFUSED)
        self.assertIn("--strict: ", done.err)
        self.assertIn("warning: new.ko: uses a symbol of firmware", done.out)

    def test_wrong(self):
        for text, said in [
                ("", "not a baseline"), ("[]", "no baseline"),
                ('{"schema": "kldsim.baseline/2", "known": []}',
                 "no baseline"),
                ('{"schema": "kldsim.baseline/1", "known": [["a", "b"]]}',
                 "entry 0"),
                ('{"schema": "kldsim.baseline/1", "known": {}}',
                 "no baseline"),
                ('{"schema":', "1:10")]:
            (TMP / "wrong").write_text(text)
            done = run("--baseline", TMP / "wrong", "kernel", "mods")
            self.assertEqual((done.status, done.out), (USAGE, ""))
            self.assertIn(f"{TMP}/wrong", done.err)
        done = run("--baseline", "nowhere", "kernel", "mods")
        self.assertEqual(done.status, USAGE)


if __name__ == "__main__":
    unittest.main()
