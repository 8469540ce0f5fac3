# SPDX-License-Identifier: BSD-2-Clause
"""Which of many cases a test tries: all with KLDSIM_FULL, else a sample.

The sample is the same each time.  `./dev test --full` sets KLDSIM_FULL.  Where
each case takes longer, with sanitizers, KLDSIM_SELDOM makes it that many times
smaller; kinds are tried all the same.
"""

import os

FULL = bool(os.environ.get("KLDSIM_FULL"))
SELDOM = int(os.environ.get("KLDSIM_SELDOM") or 1)


def sample(cases, every, kinds=lambda case: (), full=FULL, seldom=SELDOM):
    """Each `every`-th case, and those with a kind that none before them had.

    kinds: what is to be tried once at least, of one case; hashable things.
    """
    seen, chosen = set(), []
    for number, case in enumerate(cases):
        news = set(kinds(case)) - seen
        if full or news or number % (every * seldom) == 0:
            chosen.append(case)
            seen |= news
    return chosen
