# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi: modules against kernels that clang compiled (I-20 to I-62).

The kernel in miniature has the structures of G-30, whose options are toggled one
by one; the pairs of X-10 are compiled as they stand there.
"""

import json
import os
import sys
import unittest

import kbi

sys.path.insert(0, str(kbi.HERE.parent / "cli"))
import cli  # noqa: E402 (its place is known by now)
import html_pages  # noqa: E402

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
KNOWN = {"DEBUG_LOCKS": {("lock", 3)},
         "EPOCH_TRACE": {("epoch_tracker", 4), ("thread", 7)},
         "DIAGNOSTIC": {("bio", 3)},
         "BUF_TRACKING": {("bio", 3), ("buf", 3)},
         "RACCT": {("uidinfo", 7)},
         "UMTX_PROFILING": {("umtxq_chain", 7)}}

# X-10, worked out by hand: tag -> (level, {(kind of change, member)}); what is
# not here is the same on both sides.  Members are matched by name (I-33, I-36), a
# pointer is a pointer (I-34), and another name alone is a note (I-31); of enums
# names that both have count, but for a sentinel (I-46).  v18 leads back to itself
# (I-32), and v43_lite is another check's (I-43).
VECTORS = {
    "v2": (7, {("sign", "z")}),
    "v4": (3, {("added", "n"), ("moved", "y")}),
    "v5": (7, {("added", "z")}),
    "v5in": (4, {("added", "z")}),
    "v6": (7, {("reused", "spare")}),
    "v7": (3, {("resized", "a"), ("resized", "b"), ("moved", "b")}),
    "e10moved": (5, {("value", "E10M_B")}),
    "e10last": (7, {("value", "E10L_LAST")}),
    "softc": (7, {("renamed", f"sc_{c}") for c in "abcdef"}),
    "v16": (7, {("sign", "p")}),
    "v17": (7, {("renamed", "a"), ("renamed", "b")}),
    "v18": (3, {("resized", "v")}),
    "v20": (7, {("resized", "table")}),
    "v20in": (4, {("resized", "table")}),
    "vflex": (7, {("sign", "data")}),
    "vretyped": (3, {("retyped", "value")}),
    "vgone": (3, {("removed", "y"), ("moved", "z")}),
    "vsize": (3, {("resized", "id")}),
    "vcall": (2, {("retyped", "method")}),
    # CTF has "(void)" where the module has "()" (C-23).
    "vknr": (7, {("sign", "method")}),
    "vptr": (7, {("sign", "handle")}),
    "vbool": (7, {("sign", "on")}),
    "vunion": (7, {("added", "u.c")}),
    # A word of its own, and not a part of one, says that it is spare (I-40).
    "vpaddr": (3, {("added", "extra"), ("moved", "sc_paddr")}),
    "vpad": (7, {("reused", "sc_padding")}),
    "neither": (3, {("resized", "c")}),
    "vreorder": (3, {("moved", "a"), ("moved", "b")}),
}


class Kbi(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.kernel = kbi.kernel(cls.tmp / "kernel")
        cls.module = kbi.module(cls.tmp / "m.ko")

    def ask(self, *words, status=0):
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json", *words,
                                      status=status))
        cli.validate(document, "kbi")
        return document["modules"]

    def levels(self, module):
        return {(found["tag"], found["level"]) for found in
                module["findings"]}

    def test_nothing_against_itself(self):
        found, = self.ask(self.kernel, self.module)
        self.assertEqual(found["findings"], [])
        self.assertEqual(found["verdict"], "no difference found")
        compared = found["compared"]
        # Of 14 imports, 13 are functions; thread, by a callback, is rank 2.
        self.assertEqual(compared["imports"], 14)
        self.assertEqual(compared["typed"], 14)
        self.assertGreaterEqual(compared["types"], 14)
        self.assertEqual(compared["unreached"], 0)
        text = kbi.run(KLDSIM, "kbi", self.kernel, self.module)
        self.assertIn(f"no difference found in {compared['types']} types "
                      "reached from 14 imports", text)
        self.assertNotIn("compatible", text)  # I-56

    def test_each_option_is_found_by_its_row_and_nothing_else(self):
        for option, tags in KNOWN.items():
            other = kbi.kernel(self.tmp / f"kernel-{option}", option)
            status = 1 if any(level < 7 for _, level in tags) else 0
            with self.subTest(option):
                found, = self.ask(other, self.module, status=status)
                self.assertEqual(self.levels(found), tags)
                cause, = found["causes"]
                self.assertEqual(cause["text"], f"options {option} in the "
                                 "kernel (its kern_conf says so), not in the "
                                 "module")
                self.assertEqual(found["options"],
                                 [{"name": option, "side": "kernel"}])

    def test_page(self):
        """--html: what differs, with both sides in one row."""
        other = kbi.kernel(self.tmp / "kernel-<b>", "DEBUG_LOCKS")
        found, = self.ask("--html", self.tmp / "page.html", other,
                          self.module, status=1)
        page = html_pages.Page(self.tmp / "page.html")
        self.assertEqual(list(page.faults()), [])
        self.assertEqual(page.title(), "1 of 1 module has to be rebuilt for "
                         "FreeBSD 15.0")
        (_, row, cells), = page.rows()
        self.assertEqual(cells[0], "rebuild")
        lock, = found["findings"]
        for text in (lock["text"], found["causes"][0]["text"],
                     found["causes"][0]["remedy"], *lock["imports"]):
            self.assertIn(text, html_pages.words(row))
        table, = (table for table in page.iter("table", row)
                  if table.get("class") == "sides")
        caption, = page.iter("caption", table)
        self.assertEqual(html_pages.words(caption),
                         "struct lock, side by side")
        body = [[html_pages.words(cell) for cell in line]
                for line in next(page.iter("tbody", table))]
        self.assertEqual(body[0], ["size"] + [
            f"{lock[side]['size']} bytes" for side in ("module", "kernel")])
        self.assertEqual(body[1:], [
            [change["member"], *(
                f"{change[side]['bit'] // 8:#x} {change[side]['type']}"
                if change[side] else "not there"
                for side in ("module", "kernel"))]
            for change in lock["changes"]])

    def test_untied(self):
        """I-47: built alone, without RACCT (G-08), for a kernel that has it.

        The kernel alone makes these and looks into them (G-31), and what else
        GENERIC is built with changes no structure.
        """
        generic = kbi.kernel(self.tmp / "generic", "RACCT", conf=[
            "RACCT", "INVARIANT_SUPPORT", "KTRACE", "AUDIT", "MAC", "VIMAGE"])
        found, = self.ask(generic, self.module)
        self.assertEqual(self.levels(found), {("uidinfo", 7)})
        self.assertEqual(found["verdict"], "no difference found")

    def test_what_inlines_look_into(self):
        """I-24: no prototype names a struct mtx, and locking looks into it."""
        other = kbi.kernel(self.tmp / "kernel-mtx", "MTX_OTHERWISE")
        found, = self.ask(other, self.module, status=1)
        mtx = next(one for one in found["findings"] if one["tag"] == "mtx")
        self.assertEqual((mtx["level"], [change["member"] for change in
                                         mtx["changes"]]),
                         (3, ["mtx_before", "mtx_lock"]))
        self.assertIn("__mtx_lock_flags", mtx["imports"])

    def test_options_of_the_module(self):
        """G-03: a member that the kernel lacks shows an option of the module's."""
        for option, tags in (("DEBUG_LOCKS", {("lock", 3)}),
                             ("BUF_TRACKING", {("bio", 3), ("buf", 3)}),
                             ("RACCT", {("uidinfo", 7)})):
            module = kbi.module(self.tmp / f"{option}.ko", option)
            with self.subTest(option):
                found, = self.ask(self.kernel, module,
                                  status=0 if option == "RACCT" else 1)
                self.assertEqual(self.levels(found), tags)
                cause, = found["causes"]
                self.assertEqual(cause["text"], f"options {option} in the "
                                 "module, not in the kernel")

    def test_sets_of_cpus(self):
        """X-11, X-10's row 21: 256 CPUs are 4 longs, 1024 are 16."""
        module = kbi.module(self.tmp / "small.ko", "MAXCPU=256")
        found, = self.ask(self.kernel, module, status=1)
        (only,), (cause,) = found["findings"], found["causes"]
        self.assertEqual((only["tag"], only["module"]["size"],
                          only["kernel"]["size"]), ("_cpuset", 32, 128))
        self.assertEqual(cause["text"], "MAXCPU is larger in the kernel than "
                         "in the module")
        inside, = only["embedded_in"]
        # lock_object has 24 bytes, mtx 32.
        self.assertEqual((inside["tag"], inside["module_size"],
                          inside["kernel_size"]),
                         ("rmlock", 24 + 32 + 32, 24 + 128 + 32))
        self.assertEqual(set(only["imports"]), {
            "pmap_invalidate", "all_cpus", "rm_init_flags"})

    def test_where_a_lock_bites(self):
        """X-25: the innermost type, what it is in, and what leads there."""
        other = kbi.kernel(self.tmp / "kernel-locks", "DEBUG_LOCKS")
        found, = self.ask(other, self.module, status=1)
        lock, = found["findings"]
        # struct stack: an int, 4 bytes of padding, 18 addresses.
        self.assertEqual((lock["module"]["size"], lock["kernel"]["size"]),
                         (48, 48 + 8 + 18 * 8))
        self.assertEqual([(inside["tag"], inside["moved"]) for inside in
                          sorted(lock["embedded_in"],
                                 key=lambda inside: inside["tag"])],
                         [("buf", 1), ("vnode", 3)])
        self.assertEqual(set(lock["imports"]), {"brelse", "vn_lock", "vref"})
        change, = lock["changes"]
        self.assertEqual((change["kind"], change["member"],
                          change["kernel"]["bit"]),
                         ("added", "lk_stack", 48 * 8))

    def test_findings_of_load_and_check(self):
        """They are like all others, and count by --strict."""
        other = kbi.kernel(self.tmp / "kernel-traced", "EPOCH_TRACE")
        for words in (("load", "--kbi"), ("check",)):
            for kernel, codes in ((other, {"kbi-size", "kbi-note"}),
                                  (self.kernel, set())):
                with self.subTest(words[0], kernel=kernel.name):
                    text = kbi.run(KLDSIM, *words, "--json", kernel,
                                   self.module)
                    self.assertEqual({found["code"] for found in
                                      self.findings(json.loads(text))}, codes)
                    kbi.run(KLDSIM, *words, "--strict", kernel, self.module,
                            status=1 if codes else 0)
        text = kbi.run(KLDSIM, "load", "--json", other, self.module)
        self.assertEqual(self.findings(json.loads(text)), [])
        bare = kbi.module(self.tmp / "none.ko", types=None)
        kbi.run(KLDSIM, "check", "--strict", other, bare)

    @staticmethod
    def findings(document):
        if "modules" in document:
            found = document["modules"][0]["kldload"]["findings"]
        else:
            found = document["findings"]
        return [one for one in found if one["code"].startswith("kbi-")]

    def test_a_module_by_its_name(self):
        """It is found as kldload(2) finds it, and what was found is compared."""
        other = kbi.kernel(self.tmp / "kernel-named", "DEBUG_LOCKS")
        path = ("-p", self.tmp)
        for name in self.module.stem, self.module.name:
            found, = self.ask(*path, other, name, status=1)
            self.assertEqual(self.levels(found), {("lock", 3)})
            text = kbi.run(KLDSIM, "check", "--json", *path, other, name)
            self.assertEqual({one["code"] for one in
                              self.findings(json.loads(text))}, {"kbi-layout"})
            bare, = self.ask(*path, "--against", self.kernel, other, name,
                             status=1)
            self.assertEqual(bare["verdict"], "rebuild")

    def test_example(self):
        """The document that people are shown is what is written today."""
        other = kbi.kernel(self.tmp / "kernel-shown", "DEBUG_LOCKS")
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json", other,
                                      self.module, status=1))
        document["kernel"]["file"] = "kernel"
        document["modules"][0]["name"] = "m.ko"
        shown = kbi.HERE.parents[1] / "docs/kldsim.kbi.example.json"
        self.assertEqual(document, json.loads(shown.read_text()))

    def test_what_kern_conf_denies(self):
        """G-32: what the kernel says of itself is certain."""
        other = kbi.kernel(self.tmp / "kernel-mute", "DIAGNOSTIC", conf=[])
        found, = self.ask(other, self.module, status=1)
        cause, = found["causes"]
        self.assertIn("not known: it looks like options DIAGNOSTIC",
                      cause["text"])
        self.assertEqual(found["options"], [])

    def test_several_options_in_a_line(self):
        """G-01: then it does not say of any that it is off."""
        other = kbi.kernel(self.tmp / "kernel-line", "DIAGNOSTIC",
                           conf=["INVARIANTS,DIAGNOSTIC"])
        found, = self.ask(other, self.module, status=1)
        cause, = found["causes"]
        self.assertEqual(cause["text"], "options DIAGNOSTIC in the kernel, not "
                         "in the module")

    def test_an_option_of_two_kernels(self):
        """I-83: each side by its name, whichever has it."""
        bare = kbi.module(self.tmp / "bare-of-two.ko", types=None)
        other = kbi.kernel(self.tmp / "kernel-two", "DEBUG_LOCKS")
        for old, new, text in ((self.kernel, other, "options DEBUG_LOCKS in the "
                                "new kernel (its kern_conf says so), not in the "
                                "old kernel"),
                               (other, self.kernel, "options DEBUG_LOCKS in the "
                                "old kernel, not in the new kernel")):
            found, = self.ask("--against", old, new, bare, status=1)
            self.assertEqual([cause["text"] for cause in found["causes"]],
                             [text])

    def test_another_source_version(self):
        """G-33."""
        source = kbi.HERE / "kbi_vectors.c"
        kernel = kbi.kernel(self.tmp / "other", source=source,
                            flags=["-DKERNEL"], osreldate=1403000)
        module = kbi.module(self.tmp / "v.ko", source=source)
        found, = self.ask("-v", kernel, module, status=1)
        self.assertEqual({tag: (level, changes) for tag, level, changes in
                          map(summary, found["findings"])}, VECTORS)
        self.assertEqual(len(found["causes"]), 1)
        # I-45: most are expected to differ, so the first ten will do.
        text = kbi.run(KLDSIM, "kbi", kernel, module, status=1)
        shown = text.count("  warning: ") + text.count("  note: ")
        self.assertEqual(shown, 10)
        self.assertIn(f"  and {len(VECTORS) - 10} more of this cause; -v shows "
                      "them", text)

    def test_unrelated_types_of_one_name(self):
        """I-30: its softc is another one, and nobody hears of it."""
        found, = self.ask(self.kernel, self.module)
        self.assertEqual(found["compared"]["unrelated"], 0)

    def test_without_types(self):
        """I-07, I-55."""
        bare = kbi.module(self.tmp / "bare.ko", types=None)
        found, = self.ask(self.kernel, bare)
        self.assertEqual(found["verdict"], "cannot tell")
        text = kbi.run(KLDSIM, "kbi", self.kernel, bare)
        self.assertIn(f"no types in {bare} (", text)
        self.assertIn("only symbols, metadata and version words were "
                      "compared", text)
        self.ask("--require-types", self.kernel, bare, status=1)
        self.assertEqual(self.ask(self.tmp / "nowhere", bare, status=3), [])

    def test_a_module_that_does_not_load(self):
        """I-50, level 1: as the loader's own finding."""
        source = self.tmp / "gone.c"
        source.write_text("int gone(void);\nint use(void)\n"
                          "{\n\treturn (gone());\n}\n")
        module = kbi.module(self.tmp / "gone.ko", source=source)
        found, = self.ask(self.kernel, module, status=1)
        self.assertEqual(found["verdict"], "will not load")
        self.assertEqual({(told["code"], told["level"]) for told in
                          found["load"]["findings"]},
                         {("undefined-symbol", 1)})
        self.assertIn("gone", found["why"])


def summary(found):
    return (found["tag"], found["level"], {
        (change["kind"], change["member"]) for change in found["changes"]})


if __name__ == "__main__":
    unittest.main()
