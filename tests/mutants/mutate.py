# SPDX-License-Identifier: BSD-2-Clause
"""Small mistakes that somebody might make in a C file, one at a time.

There are three kinds: another comparison, a constant that is one more, a
statement that is not there.  Files are read as style(9) has them: a function's
braces are in column 0, and a statement begins its line.
"""

import collections
import hashlib
import re

# path below the tree; function, or "-"; the line from which it is, and the one
# that it has become; start and end of what is replaced in the file; by what.
Mutant = collections.namedtuple(
    "Mutant", "kind path function line before after start end new")

COMPARE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
NUMBER = re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(?=[uUlL]*\b)")
# A call, or an assignment to what no word stands before: that is a declaration.
STATEMENT = re.compile(
    r"\t+(?:\(void\))?(?:[*]?\w+(?:->\w+|\.\w+|\[[^\]]*\])*"
    r"(?: [-+*/|&^]?=| <<=| >>=|\(|\+\+;|--;)|break;|continue;)")
KEYWORD = re.compile(r"\t+(?:if|for|while|switch|return|sizeof|do|else|case)\b")
HIDDEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|^#(?:[^\n\\]|\\.|\\\n)*", re.DOTALL | re.MULTILINE)


def code_of(text):
    """The text, with blanks in the places of comments, strings and macros."""
    return HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def functions_of(code):
    """(start, end, name) of each function's body; the first brace is in it."""
    for match in re.finditer(r"^\{\n.*?^\}", code, re.DOTALL | re.MULTILINE):
        names = re.findall(r"^(\w+)\(", code[:match.start()], re.MULTILINE)
        yield match.start(), match.end(), names[-1] if names else "-"


def tables_of(code):
    """(start, end, "-") of initializers outside of functions."""
    for match in re.finditer(r"^[^\s}#][^\n]* = \{\n.*?^\};", code,
                             re.DOTALL | re.MULTILINE):
        yield code.index("{", match.start()), match.end(), "-"


def comparisons(code, start, end):
    for match in re.finditer(r" (<|<=|>|>=|==|!=) ", code[start:end]):
        yield (start + match.start(1), start + match.end(1),
               COMPARE[match[1]])


def constants(code, start, end):
    for match in NUMBER.finditer(code, start, end):
        old = match[1]
        if old.startswith("0x"):
            new = hex(int(old, 16) + 1)
        elif old.startswith("0") and old != "0":
            new = f"0{int(old, 8) + 1:o}"
        else:
            new = str(int(old) + 1)
        yield match.start(), match.end(), new


def statements(code, start, end):
    before = "{"
    at = start
    for line in code[start:end].splitlines(keepends=True):
        word = line.strip()
        if (STATEMENT.match(line) and not KEYWORD.match(line)
                and (before[-1] in ";{}:)" or before.endswith("else"))):
            stop = code.index(";", at)
            yield at + len(line) - len(line.lstrip("\t")), stop, ""
        before = word or before
        at += len(line)


KINDS = {"comparison": comparisons, "constant": constants,
         "statement": statements}


def line_of(text, start, end, new=None):
    """The line, or lines, around a place as one; with new in its place."""
    first = text.rfind("\n", 0, start) + 1
    last = text.index("\n", end)
    if new == "":
        return "nothing"
    middle = text[start:end] if new is None else new
    return " ".join((text[first:start] + middle + text[end:last]).split())


def mutants_of(path, text):
    """All mutants of a file, in its order."""
    code = code_of(text)
    for start, end, function in [*functions_of(code), *tables_of(code)]:
        for kind, find in KINDS.items() if function != "-" else [
                ("constant", constants)]:
            for at, stop, new in find(code, start, end):
                yield Mutant(kind, path, function,
                             text.count("\n", 0, at) + 1,
                             line_of(text, at, stop),
                             line_of(text, at, stop, new), at, stop, new)


def name_of(mutant):
    """What it is called in lists: no other change of the file matters."""
    return (f"{mutant.path} {mutant.function}: "
            f"{mutant.before} => {mutant.after}")


def applied(text, mutant):
    """The mutant's text; lines stay where they are."""
    gone = text[mutant.start:mutant.end]
    new = mutant.new + "\n" * gone.count("\n")
    return text[:mutant.start] + new + text[mutant.end:]


def drawn(mutants, seed):
    """The mutants in an order that the seed gives, kinds in turn.  A mutant's
    place does not depend on others but those of the same name."""
    queues = {kind: [] for kind in KINDS}
    same = collections.Counter()
    for mutant in mutants:
        name = name_of(mutant)
        words = f"{seed} {same[name]} {name}"
        same[name] += 1
        queues[mutant.kind].append(
            (hashlib.sha256(words.encode()).hexdigest(), mutant))
    queues = [[mutant for _, mutant in sorted(queue)]
              for queue in queues.values()]
    for row in range(max(map(len, queues), default=0)):
        for queue in queues:
            if row < len(queue):
                yield queue[row]
