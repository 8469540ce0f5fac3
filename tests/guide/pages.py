# SPDX-License-Identifier: BSD-2-Clause
"""The commands that README.md, docs/guide/*.md and the heads of examples/* show,
and what they say.

usage: pages.py [--write]

Plays every page and tells where its commands say something else by now; with
--write the pages show what they say.  How a page is written:

    $ command           is run in a folder that holds the fixtures
    > more of it
    what it says        to standard output or standard error; for lines that
    ...                 differ by machine, or are many, dots stand
    $ cat FILE          shows a file that the reader copies from the page, if
    its lines           no command made it

A fenced block below a line that ends in "`FILE`:" is such a file, too.  Any
other fenced block is an excerpt, and stands in a file that the page links.
Indented blocks without a $ are not run.

An example has its commands in the comment that it begins with, indented by a
tab, and they find the library installed.

Addresses are what the compiler and linker made them that README.md names.
Where others built the fixtures, other numbers may stand in their places.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SRC = pathlib.Path(os.environ.get("KLDSIM_SRC", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("KLDSIM_BUILD", SRC / "build/gcc"))
KLDSIM = os.environ.get("KLDSIM", BUILD / "bin/kldsim")
FIXTURES = pathlib.Path(os.environ.get("KLDSIM_FIXTURES",
                                       SRC / "build/fixtures"))
INDENT = "    "
DOTS = "..."
# What the shell prints after each command; no page and no command does.
MARK = "\036"
# Short ones are more often counts or names of things than addresses.
ADDRESS = re.compile(r"\b(?:0x)?[0-9a-f]{3,}\b")


# What the lines of an example's first comment begin with, by its suffix.
COMMENTS = {".c": " *", ".sh": "#"}


def all_pages():
    examples = sorted(path for path in (SRC / "examples").iterdir()
                      if path.suffix in COMMENTS)
    return [SRC / "README.md", *sorted((SRC / "docs/guide").glob("*.md")),
            SRC / "examples/README.md", *examples]


def as_page(lines, mark):
    """An example's lines as a page has them: those of its first comment."""
    inside = [line.startswith(mark) for line in lines]
    start = inside.index(True)
    end = inside.index(False, start)
    for number, line in enumerate(lines):
        text = line[len(mark):] if start <= number < end else ""
        yield INDENT + text[1:] if text.startswith("\t") else text.strip()


class Command:
    """Lines start to end of a page are what the command says."""

    def __init__(self, start, words):
        self.start = self.end = start
        self.words = words

    def file(self):
        """The file that this command shows to be copied, if it does."""
        match = re.fullmatch(r"cat (\S+)", self.words)
        return match and match[1]


class Page:
    """What there is on a page to play."""

    def __init__(self, path):
        self.path = path
        self.source = self.lines = path.read_text().splitlines()
        self.mark = COMMENTS.get(path.suffix)
        if self.mark:
            self.lines = list(as_page(self.source, self.mark))
        self.commands = []
        self.files = {}  # name: text
        self.excerpts = []  # (line number, lines)
        self.links = re.findall(r"\]\(([^)#:\s]+)", "\n".join(self.lines))
        self.read()

    def read(self):
        number = 0
        while number < len(self.lines):
            if self.lines[number].startswith("```"):
                number = self.read_fence(number)
            elif self.lines[number].startswith(INDENT + "$ "):
                number = self.read_commands(number)
            else:
                number += 1

    def read_fence(self, start):
        end = self.lines.index("```", start + 1)
        block = self.lines[start + 1:end]
        before = next(filter(None, reversed(self.lines[:start])), "")
        name = re.search(r"`(\S+)`:$", before)
        if name:
            self.files[name[1]] = "\n".join(block) + "\n"
        else:
            self.excerpts.append((start + 1, block))
        return end + 1

    def read_commands(self, number):
        """The commands of one indented block."""
        end = number
        for i in range(number, len(self.lines)):
            if self.lines[i].startswith(INDENT):
                end = i + 1
            elif self.lines[i].strip():
                break
        while number < end:
            words = self.lines[number][len(INDENT) + 2:]
            number += 1
            while number < end and self.lines[number].startswith(INDENT + "> "):
                words += "\n" + self.lines[number][len(INDENT) + 2:]
                number += 1
            command = Command(number, words)
            while (number < end
                   and not self.lines[number].startswith(INDENT + "$ ")):
                number += 1
            command.end = number
            while not self.lines[command.end - 1].strip():
                command.end -= 1
            self.commands.append(command)
        return end

    def shown(self, command):
        return [line[len(INDENT):].rstrip()
                for line in self.lines[command.start:command.end]]

    def write(self, answers):
        """Put answers, pairs of a command and its lines, into the file."""
        indent = self.mark + "\t" if self.mark else INDENT
        for command, said in reversed(answers):
            self.source[command.start:command.end] = [
                (indent + line).rstrip() for line in said]
        self.path.write_text("\n".join(self.source) + "\n")


def same(shown, said, exact=True):
    """Whether a command said what the page shows."""
    pattern = []
    for line in shown:
        if line == DOTS:
            pattern.append("(?:.*\n)*?")
            continue
        parts = [line] if exact else ADDRESS.split(line)
        pattern.append(r"(?:0x)?[0-9a-f]+".join(map(re.escape, parts)) + "\n")
    return re.fullmatch("".join(pattern),
                        "".join(line + "\n" for line in said)) is not None


def prepare(root):
    """As in a checkout after ./dev build, by links.  Commands write beside the
    fixtures' folders, and not into them."""
    fixtures = root / "build/fixtures"
    fixtures.mkdir(parents=True)
    for source in FIXTURES.iterdir():
        (fixtures / source.name).symlink_to(source)
    for source in SRC.iterdir():
        if source.name not in ("build", ".git"):
            (root / source.name).symlink_to(source)
    (root / "build/gcc").symlink_to(BUILD)
    (root / "bin").mkdir()
    (root / "bin/kldsim").symlink_to(KLDSIM)
    return fixtures


def install(prefix):
    """The environment in which the library is found."""
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    pc = next(prefix.rglob("kldsim.pc")).parent
    library = next(prefix.rglob("libkldsim.so")).parent
    return {"PKG_CONFIG_PATH": str(pc), "LD_LIBRARY_PATH": str(library)}


def play(page, fixtures):
    """What each command says, in order, as lists of lines."""
    for name, text in page.files.items():
        (fixtures / name).write_text(text)
    script = ""
    for command in page.commands:
        name = command.file()
        if name:
            text = "".join(line + "\n" for line in page.shown(command))
            script += f"[ -e {name} ] || cat >{name} <<'{MARK}'\n{text}{MARK}\n"
        script += (f"{command.words}\n"
                   f"status=$?; printf '\\036'; (exit $status)\n")
    (fixtures.parent / "page.sh").write_text(script)
    path = f"{fixtures.parent.parent}/bin:{os.environ['PATH']}"
    installed = {}
    if page.mark and "pkg-config" in script:
        installed = install(fixtures.parent / "installed")
    done = subprocess.run(
        ["sh", "../page.sh"], cwd=fixtures, timeout=250,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
        env={**os.environ, **installed, "LC_ALL": "C", "PATH": path})
    said = done.stdout.split(MARK)
    # Where the shell gave up, all after it has said nothing.
    said += [""] * (len(page.commands) - len(said))
    return [[line.rstrip() for line in text.rstrip().splitlines()]
            for text in said]


def is_excerpt(lines, text):
    """Whether the lines follow each other in a file, dots for any."""
    wanted = "\n".join(line.strip() for line in lines)
    text = "\n".join(line.strip() for line in text.splitlines())
    pattern = ".*?".join(map(re.escape, wanted.split(f"\n{DOTS}\n")))
    return re.search(pattern, text, re.DOTALL) is not None


def check_excerpts(page):
    linked = [page.path.parent / link for link in page.links]
    texts = [path.read_text() for path in linked if path.is_file()]
    for number, lines in page.excerpts:
        if not any(is_excerpt(lines, text) for text in texts):
            yield (f"{page.path}:{number}: what is in this block is in none "
                   "of the files that the page links")


def same_compiler():
    """Whether the fixtures were built by what README.md names."""
    words = re.search(r"clang and lld (\d+)", (SRC / "README.md").read_text())
    kernel = (FIXTURES / "boot/kernel/kernel").read_bytes()
    return (f"clang version {words[1]}.".encode() in kernel
            and f"LLD {words[1]}.".encode() in kernel)


def check(path, write=False):
    """Complaints about one page."""
    page = Page(path)
    yield from check_excerpts(page)
    with tempfile.TemporaryDirectory() as folder:
        answers = play(page, prepare(pathlib.Path(folder)))
    exact = same_compiler()
    new = []
    for command, said in zip(page.commands, answers):
        shown = page.shown(command)
        if same(shown, said, exact):
            continue
        yield (f"{path}:{command.start}: $ {command.words}\n"
               + "".join(f"-{line}\n" for line in shown)
               + "".join(f"+{line}\n" for line in said))
        if DOTS not in shown and not command.file():
            new.append((command, said))
    if write:
        page.write(new)


def main(args):
    if args not in ([], ["--write"]):
        sys.exit(__doc__)
    complaints = [complaint for path in all_pages()
                  for complaint in check(path, write=bool(args))]
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
