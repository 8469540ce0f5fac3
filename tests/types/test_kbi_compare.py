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


if __name__ == "__main__":
    unittest.main()
