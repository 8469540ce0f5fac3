# SPDX-License-Identifier: BSD-2-Clause
"""README.md and the guide show what their commands say."""

import pathlib
import tempfile
import unittest
from unittest import mock

import pages


class Pages(unittest.TestCase):
    def test_every_page(self):
        for path in pages.all_pages():
            with self.subTest(path.name):
                self.assertTrue(pages.Page(path).commands, "nothing to play")
                complaints = list(pages.check(path))
                self.assertFalse(complaints, "\n".join(complaints))


def prepare_nothing(root):
    fixtures = root / "build/fixtures"
    fixtures.mkdir(parents=True)
    return fixtures


@mock.patch.object(pages, "prepare", prepare_nothing)
@mock.patch.object(pages, "same_compiler", lambda: True)
class Checks(unittest.TestCase):
    """The test of the pages can fail."""

    def check(self, text, files=(), write=False, name="page.md"):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / name
            page.write_text(text)
            for name, contents in files:
                (page.parent / name).write_text(contents)
            complaints = list(pages.check(page, write))
            return "\n".join(complaints), page.read_text()

    def assert_good(self, text, **more):
        self.assertEqual(self.check(text, **more)[0], "")

    def assert_bad(self, words, text, **more):
        self.assertIn(words, self.check(text, **more)[0])

    def test_output(self):
        self.assert_good("    $ echo a; echo b >&2\n    a\n    b\n")
        self.assert_bad("-a\n+b", "    $ echo b\n    a\n")
        self.assert_bad("+b", "    $ echo b\n")
        self.assert_bad("-b", "    $ echo a\n    a\n    b\n")
        self.assert_bad("page.md:4:", "x\n\n    $ true\n    $ false; echo a\n")

    def test_address(self):
        self.assert_bad("-0x123", "    $ echo 0x124\n    0x123\n")
        self.assertTrue(pages.same(["at 0x123"], ["at 0x4567"], exact=False))
        self.assertFalse(pages.same(["at 0x123"], ["to 0x123"], exact=False))

    def test_command(self):
        self.assert_good("    $ echo a |\n    > cat\n    a\n")
        self.assert_good("    $ false\n    $ echo $?\n    1\n")
        self.assert_good("    $ a=b\n\ntext\n\n    $ echo $a\n    b\n")
        self.assert_good("    $ printf 'a\\n\\nb\\n'\n    a\n\n    b\n")
        self.assert_bad("-b", "    $ exit 0\n\n\n    $ echo b\n    b\n")
        self.assert_good("    not run\n")

    def test_dots(self):
        self.assert_good("    $ echo a; echo b; echo c\n    a\n    ...\n")
        self.assert_bad("-a...", "    $ echo abc\n    a...\n")
        self.assert_bad("-c", "    $ echo a; echo b\n    ...\n    c\n")

    def test_files(self):
        self.assert_good("    $ cat a\n    1\n    2\n    $ tail -n 1 a\n    2\n")
        self.assert_good("In `a`:\n\n```c\n1\n```\n\n    $ cat a\n    1\n")
        self.assert_bad("-2", "    $ echo 1 >a\n    $ cat a\n    2\n")

    def test_excerpts(self):
        page = "```c\n%s\n```\nof [a](a.c)\n"
        source = ("a.c", "int\nf(void)\n{\n\treturn 0;\n}\n")
        self.assert_good(page % "f(void)\n{", files=[source])
        self.assert_good(page % "f(void)\n...\n\treturn 0;", files=[source])
        self.assert_bad("page.md:1", page % "g(void)", files=[source])
        self.assert_bad("page.md:1", page % "f(void)\n}", files=[source])
        self.assert_bad("page.md:1", page % "f(void)")

    def test_write(self):
        text = "    $ echo a\n    b\n\n    $ cat f\n    c\n    $ echo d\n"
        _, written = self.check(text, write=True)
        self.assertEqual(
            written,
            "    $ echo a\n    a\n\n    $ cat f\n    c\n    $ echo d\n    d\n")

    def test_example(self):
        c = "/* x */\n/*\n * text\n *\t$ echo a\n *\ta\n */\n\n * \t$ no\n"
        self.assert_good(c, name="a.c")
        self.assert_bad("a.c:4:", c.replace("\ta", "\tb"), name="a.c")
        sh = "#!/bin/sh\n#\n#\t$ echo a |\n#\t> cat\n#\tb\n\n#\t$ no\n"
        self.assert_bad("-b\n+a", sh, name="a.sh")
        _, written = self.check(sh, write=True, name="a.sh")
        self.assertEqual(written, sh.replace("\tb", "\ta"))


if __name__ == "__main__":
    unittest.main()
