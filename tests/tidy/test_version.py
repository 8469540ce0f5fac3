# SPDX-License-Identifier: BSD-2-Clause
"""One version: that of include/kldsim/status.h.

What is built takes it from there.  What people write besides, the changelog
and the port of FreeBSD, must not have another.
"""

import re

import tidy


def of_header(text):
    number = int(re.search(r"^#define KLDSIM_VERSION (\d+)$", text, re.M)[1])
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def complaints(root):
    version = of_header((root / "include/kldsim/status.h").read_text())
    newest = re.search(r"^## (\S+), \d{4}-\d\d-\d\d$",
                       (root / "CHANGELOG.md").read_text(), re.M)
    if newest is None or newest[1] != version:
        yield (f"CHANGELOG.md: the newest entry is of "
               f"{newest and newest[1]}, status.h is of {version}")
    for path in sorted((root / "packaging").glob("freebsd/Makefile")):
        port = re.search(r"^DISTVERSION=\s*(\S+)$", path.read_text(), re.M)
        if port is None or port[1] != version:
            yield f"{path.relative_to(root)}: DISTVERSION is not {version}"


def sample(changes, port):
    return complaints(tidy.sample({
        "include/kldsim/status.h": "#define KLDSIM_VERSION 10203\n",
        "CHANGELOG.md": changes, "packaging/freebsd/Makefile": port}))


tidy.main(complaints(tidy.ROOT), [
    (sample("## 1.2.4, 2026-01-01\n", "DISTVERSION=\t1.2.3\n"), "1.2.4"),
    (sample("## 1.2.3, 2026-01-01\n", "DISTVERSION=\t1.2.2\n"),
     "DISTVERSION"),
    (sample("", "DISTVERSION=\t1.2.3\n"), "None"),
])
