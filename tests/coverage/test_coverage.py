# SPDX-License-Identifier: BSD-2-Clause
"""coverage.py counts, and complains of what it is there to complain of."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tidy"))
import coverage  # noqa: E402
import tidy  # noqa: E402

SOURCE = """\
static int
f(int a)
{
	if (a)
		return (1);
	return (0);
}
"""
GAP = "\tlib/a/x.c f: return (1);\n"
# The if and the last return ran; the other return did not.
RECORDS = ("SF:{root}/build/../lib/a/x.c\nFN:2,x.c:f\nDA:3,9\nDA:4,9\nDA:5,{n}\n"
           "DA:6,9\nBRDA:4,0,0,{n}\nBRDA:4,0,1,9\n"
           # Another one, large, of which everything ran.
           "SF:{root}/lib/a/y.c\nFN:1,g\n"
           + "".join(f"DA:{n},1\nBRDA:{n},0,0,1\n" for n in range(1, 100)))


def check(reasons, source=SOURCE, n=0, records=RECORDS):
    root = tidy.sample({"lib/a/x.c": source, "lib/a/y.c": "g()\n" * 100,
                        coverage.REASONS: reasons})
    return coverage.check(root, records.format(root=root, n=n))


def complaints(*args, **kwargs):
    return check(*args, **kwargs)[1]


def gaps(*args, **kwargs):
    return check(*args, **kwargs)[2]


def wrong():
    """What should be quiet and is not, and numbers that are not the sum."""
    yield from complaints("Why not.\n" + GAP)
    yield from gaps("Why not.\n" + GAP)
    yield from complaints("# nothing\n", n=1)
    yield from gaps("# nothing\n", n=1)
    # 3 of 4 and 99 of 99 lines; 1 of 2 and 99 of 99 branches.
    wanted = f"{'lib':14}{99.0:6.1f}% of {103:6}{99.0:8.1f}% of {101:6}"
    shown = check("Why not.\n" + GAP)[0].splitlines()
    if shown[-1] != wanted:
        yield f"expected '{wanted}', found '{shown[-1]}'"


FEW = "SF:{root}/lib/a/x.c\nFN:2,f\nDA:4,9\nDA:5,{n}\nBRDA:4,0,0,0\n"

tidy.main(wrong(), [
    (gaps(""), "lib/a/x.c f: return (1);"),
    (complaints("Why not.\n\tlib/a/x.c g: return (1);\n"), "function g"),
    (complaints("Why not.\n" + GAP, SOURCE.replace("1", "2")), "no line"),
    (complaints("Why\n" + GAP), "needs a reason"),
    (complaints("Why not.\n" + GAP, records=FEW), "50.0% of all lines"),
    (complaints("Why not.\n" + GAP, records=FEW), "50.0% of the lines of lib/a"),
    (complaints("Why not.\n" + GAP, records=FEW), "0.0% of all branches"),
    (complaints("", records=""), "0.0% of all lines"),
])
