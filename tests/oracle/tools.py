# SPDX-License-Identifier: BSD-2-Clause
"""Tools of others that are asked here.  What cannot be asked is a skip, with
its reason; what fails all the same is a failure."""

import shutil
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


def main(missing=()):
    """Run the script's tests; missing: what they had to do without."""
    if not unittest.main(exit=False).result.wasSuccessful():
        sys.exit(1)
    if missing:
        skip("a part, for there is no " + ", ".join(missing))
