# SPDX-License-Identifier: BSD-2-Clause
"""A sample has each kind of case, and is the same each time (sample.py)."""

import re
import unittest

import tidy
from sample import sample

CASES = [(kind, number) for kind in "abc" for number in range(10)]


class Sample(unittest.TestCase):
    def test_every(self):
        self.assertEqual(sample(range(10), 4, full=False), [0, 4, 8])

    def test_kinds(self):
        """The first of each kind that the fourths have not, in their order."""
        self.assertEqual(sample("aaabbc", 100, set, full=False),
                         ["a", "b", "c"])
        self.assertEqual(sample(CASES, 8, lambda case: case[:1], full=False),
                         [("a", 0), ("a", 8), ("b", 0), ("b", 6), ("c", 0),
                          ("c", 4)])

    def test_kinds_of_more_than_one_sort(self):
        got = sample(CASES, 100, lambda case: [case[0], case[1]], full=False)
        self.assertEqual({kind for kind, _ in got}, set("abc"))
        self.assertEqual({number for _, number in got}, set(range(10)))
        self.assertEqual(len(got), 12)

    def test_seldom(self):
        """Fewer, and each kind all the same."""
        self.assertEqual(sample(CASES, 4, lambda case: case[:1], full=False,
                                seldom=3),
                         [("a", 0), ("b", 0), ("b", 2), ("c", 0), ("c", 4)])

    def test_who_asks(self):
        """Each language asks in one place."""
        found = [path for path, text in tidy.sources(
            tidy.ROOT, "tests", "tools", "lib", suffixes=(".py", ".c", ".h"))
            if re.search(r'(?:environ.*|getenv\()"[K]LDSIM_FULL', text)]
        self.assertEqual(found, ["tests/sample.py",
                                 "tests/unit/support/support_full.h"])

    def test_full(self):
        self.assertEqual(sample(CASES, 8, full=True), CASES)


if __name__ == "__main__":
    unittest.main()
