# SPDX-License-Identifier: BSD-2-Clause
"""Packages have what they need.  FreeBSD's port: its list of files is what is
installed, and it keeps the rules of portlint(1) that are known here.

usage: [KLDSIM_BUILD=FOLDER] test_lists.py [--write]
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SRC = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("KLDSIM_BUILD", SRC / "build/gcc"))
PORT = SRC / "packaging/freebsd"

# The order that bsd.port.mk asks for, a paragraph in each line.
ORDER = [
    "PORTNAME DISTVERSION CATEGORIES MASTER_SITES",
    "MAINTAINER COMMENT WWW",
    "LICENSE LICENSE_FILE",
    "LIB_DEPENDS",
    "USES USE_LDCONFIG",
    "CMAKE_ARGS CMAKE_OFF CMAKE_ON",
]


def port_path(path):
    """Where the port has a file that was installed here."""
    path = re.sub(r"^(?:lib/[\w-]+-linux-[\w-]+|lib64)/", "lib/", path)
    path = re.sub(r"^lib/pkgconfig/", "libdata/pkgconfig/", path)
    path = re.sub(r"^lib/cmake/(.*)-relwithdebinfo\.cmake$",
                  r"lib/cmake/\1-%%CMAKE_BUILD_TYPE%%.cmake", path)
    path = re.sub(r"^share/doc/kldsim/", "%%DOCSDIR%%/", path)
    if re.match(r"share/man/", path):
        path += ".gz"
    return path


def installed():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--install", BUILD, "--prefix", folder],
                       check=True, stdout=subprocess.DEVNULL)
        paths = [path for path in pathlib.Path(folder).rglob("*")
                 if not path.is_dir()]
        return sorted(port_path(str(path.relative_to(folder)))
                      for path in paths)


class Port(unittest.TestCase):
    def test_list(self):
        self.assertEqual((PORT / "pkg-plist").read_text().splitlines(),
                         installed(), "tests/packages/test_lists.py --write renews it")

    def test_makefile(self):
        text = (PORT / "Makefile").read_text()
        paragraphs = text.replace("\\\n", "").split("\n\n")
        self.assertEqual(paragraphs.pop(), ".include <bsd.port.mk>\n")
        self.assertEqual([" ".join(re.findall(r"^(\w+)=", part, re.M))
                          for part in paragraphs], ORDER)
        for line in text.splitlines():
            self.assertRegex(line, r"^(?:[A-Z_]+=\t+\S|\t\t\S|\.include|$)")
            self.assertNotRegex(line, r"\s$")
        comment = re.search(r"^COMMENT=\t(.*)$", text, re.M)[1]
        self.assertLessEqual(len(comment), 70)
        self.assertRegex(comment, r"^(?!An? |The )[A-Z].*[^.]$")

    def test_descr(self):
        lines = (PORT / "pkg-descr").read_text().splitlines()
        self.assertGreater(len(lines), 4)
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_libraries(self):
        """What CMake looks for is in the base system, or asked for."""
        wanted = set(re.findall(r"kldsim_find(?:_late)?\((\w+)", (
            SRC / "CMakeLists.txt").read_text()))
        base = {"elf", "z", "archive", "edit"}
        asked = set(re.findall(r"lib(\w+)\.so:", (
            PORT / "Makefile").read_text()))
        self.assertEqual(wanted - base - OPTIONAL, asked)


class Debian(unittest.TestCase):
    def test_libraries(self):
        """What ./dev build asks for, the packages are built with."""
        text = (SRC / "packaging/debian/control").read_text()
        asks = re.search(r"^Build-Depends:\n((?: .*\n)*)", text, re.M)[1]
        build = re.search(r"^need_build\(\) \{\n((?:\t.*\n)*)",
                          (SRC / "dev").read_text(), re.M)[1]
        wanted = set(re.findall(r"need (\S+-dev) ", build)) - {"libc6-dev"}
        self.assertEqual({word for word in re.findall(r" (\S+),", asks)
                          if word.endswith("-dev")}, wanted)


# Libraries of ports that a build can do without, and the port's does.
OPTIONAL = {"dw", "zstd"}

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (PORT / "pkg-plist").write_text("\n".join(installed()) + "\n")
    else:
        unittest.main()
