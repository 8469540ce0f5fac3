# SPDX-License-Identifier: BSD-2-Clause
"""Tools of others that are asked here.  What cannot be asked is a skip, with
its reason; what fails all the same is a failure."""

import re
import shutil
import subprocess
import sys
import unittest


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def need(*names):
    """No answer without these."""
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        skip("no " + ", ".join(missing))


def of_each(command, paths, heading):
    """{path: what the tool says of it}, asked once of all.

    To start it takes longer than to read a file.  heading: the line by which it
    names a file, if there are two at least; its group 1 is the path.
    """
    if not paths:
        return {}
    words = [str(path) for path in paths]
    text = subprocess.run([*command, *words, words[0]], check=True, text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    _, *parts = re.split(heading, text, flags=re.M)
    said = dict(zip(parts[::2], parts[1::2]))
    return {path: said[str(path)] for path in paths}


def main(missing=()):
    """Run the script's tests; missing: what they had to do without."""
    if not unittest.main(exit=False).result.wasSuccessful():
        sys.exit(1)
    if missing:
        skip("a part, for there is no " + ", ".join(missing))
