# SPDX-License-Identifier: BSD-2-Clause
"""Every row of findings.def has all its columns, and each says something.

A person who has never seen the code reads these texts: each is made of whole
sentences, none repeats another, and none is about the library's insides.
"""

import re

import tidy

TABLE = "lib/report/findings.def"
COLUMNS = ["name", "code", "severity", "rules", "meaning", "kernel", "remedy"]
TEXTS = COLUMNS[4:]
# What two texts may have in common, of the words of the shorter one.
ALIKE = 0.7


def rows(text):
    """Each row as a list of its columns, strings joined and unquoted."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for body in re.findall(r"^FINDING\((.*?)\)$", text, re.M | re.S):
        pieces = re.findall(r'((?:"(?:\\.|[^"\\])*"\s*)+|\w+)\s*(?:,|$)', body)
        yield ["".join(re.findall(r'"((?:\\.|[^"\\])*)"', piece))
               if piece.startswith('"') else piece for piece in pieces]


def words(text):
    return set(re.findall(r"[a-z0-9_.-]{3,}", text.lower()))


def alike(one, other):
    one, other = words(one), words(other)
    return len(one & other) > ALIKE * max(1, min(len(one), len(other)))


def faults(row):
    """What is wrong with the texts of one row by itself."""
    for column in TEXTS:
        text = row[column]
        if not re.match(r'[A-Z-].*[.]$', text):
            yield f"its {column} is no sentence"
        if len(text.split()) < 5:
            yield f"its {column} says too little"
        if re.search(r"kldsim__|\blib/|\bstruct kldsim", text):
            yield f"its {column} is about the library's insides"
    for i, one in enumerate(TEXTS):
        for other in TEXTS[i + 1:]:
            if alike(row[one], row[other]):
                yield f"its {other} repeats its {one}"


def check(root):
    seen, found = [], list(rows((root / TABLE).read_text()))
    if not found:
        yield f"{TABLE}: no rows"
    for columns in found:
        where = f"{TABLE}: {columns[0]}"
        if len(columns) != len(COLUMNS):
            yield f"{where} has {len(columns)} columns, not {len(COLUMNS)}"
            continue
        row = dict(zip(COLUMNS, columns))
        for fault in faults(row):
            yield f"{where}: {fault}"
        for earlier in seen:
            for column in ["code", *TEXTS]:
                if (row[column] == earlier[column] if column == "code"
                        else alike(row[column], earlier[column])):
                    yield (f"{where}: its {column} repeats that of "
                           f"{earlier['name']}")
        seen.append(row)


def sample(*texts, more=""):
    return tidy.sample({TABLE: 'FINDING(A, "a", NOTE, "X-1",\n    ' + ",\n    ".join(
        f'"{text}"' for text in texts) + ")\n" + more})


GOOD = ["The file is one that nobody wants at all.",
        "It asks every class in turn, and refuses it.",
        "Build the module again with other flags."]
MORE = ('FINDING(B, "b", NOTE, "",\n    "Something else is the matter with it '
        'here.",\n    "It panics before anybody has seen why.",\n    '
        '"{}")\n')
if list(check(sample(*GOOD, more=MORE.format("Go home and have a good sleep.")))):
    raise SystemExit("self-test: a good table is complained of")
tidy.main(check(tidy.ROOT), [
    (check(tidy.sample({TABLE: "/* nothing */\n"})), "no rows"),
    (check(sample(*GOOD[:2])), "has 6 columns"),
    (check(sample(GOOD[0], GOOD[1], "")), "no sentence"),
    (check(sample(GOOD[0], "It panics.", GOOD[2])), "says too little"),
    (check(sample(GOOD[0], GOOD[1], "Look at struct kldsim for more of it.")),
     "insides"),
    (check(sample(GOOD[0], GOOD[0], GOOD[2])), "its kernel repeats its meaning"),
    (check(sample(*GOOD, more=MORE.format(GOOD[2]))),
     "its remedy repeats that of A"),
])
