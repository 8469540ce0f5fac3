# SPDX-License-Identifier: BSD-2-Clause
"""debian/changelog, from CHANGELOG.md.

usage: changelog.py CHANGELOG.md MAINTAINER >debian/changelog
"""

import datetime
import email.utils
import re
import sys


def entries(text):
    """(version, date, points) of each release, newest first."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        head, body = part.split("\n", 1)
        version, date = head.split(", ")
        points = re.findall(r"^- (.*(?:\n  .*)*)", body, re.M)
        yield version, date, [point.split() for point in points] or \
            [[body.strip()]]


def wrapped(words):
    """A point in lines of at most 76 columns."""
    lines = ["  *"]
    for word in words:
        if len(lines[-1]) + len(word) > 76:
            lines.append("   ")
        lines[-1] += f" {word}"
    return lines


text, maintainer = open(sys.argv[1]).read(), sys.argv[2]
for version, date, points in entries(text):
    print(f"kldsim ({version}-1) unstable; urgency=medium\n")
    for point in points:
        print("\n".join(wrapped(point)))
    day = datetime.datetime.fromisoformat(date).replace(
        tzinfo=datetime.timezone.utc)
    print(f"\n -- {maintainer}  {email.utils.format_datetime(day)}\n")
