# SPDX-License-Identifier: BSD-2-Clause
"""Which of many cases a test tries: all with KLDSIM_FULL, else a sample.

The sample is the same each time.  `./dev test --full` sets KLDSIM_FULL.
"""

import os

FULL = bool(os.environ.get("KLDSIM_FULL"))


def sample(cases, every, kinds=lambda case: (), full=FULL):
    """Each `every`-th case, and those with a kind that none before them had.

    kinds: what is to be tried once at least, of one case; hashable things.
    """
    seen, chosen = set(), []
    for number, case in enumerate(cases):
        news = set(kinds(case)) - seen
        if full or news or number % every == 0:
            chosen.append(case)
            seen |= news
    return chosen
