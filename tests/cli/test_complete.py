# SPDX-License-Identifier: BSD-2-Clause
"""Completion: what kldsim --complete offers, and what shells make of it."""

import functools
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import cli
from cli import OK, USAGE

SCRIPTS = cli.SRC / "tools/complete"
IN_HELP = re.compile(r"^  (?:-(\w),|   ) --([a-z-]+)(?: (\S+))?", re.M)
# Options whose values are words of a list, and a word that is none.
CHOICES = {"--color": "sometimes", "--leak-locals": "2", "--deps": "ring",
           "--vnets": "all", "--release": "11.4", "--machine": "vax"}


def complete(*words):
    done = cli.run("--complete", *words)
    assert done.status == OK and not done.err
    return [line.split("\t")[0] for line in done.out.splitlines()]


@functools.lru_cache(maxsize=None)
def options(name):
    """(letter, option, value) of each option that --help has."""
    return IN_HELP.findall(cli.run(name, "--help").out)


@functools.lru_cache(maxsize=None)
def commands():
    listing = cli.run("--help").out.split("commands:\n")[1]
    return [line.split()[0] for line in listing.splitlines()]


class Offers(unittest.TestCase):
    def test_commands(self):
        self.assertEqual(complete(""), [*commands(), "--help", "--version"])
        self.assertEqual(complete("ch"), ["check"])
        self.assertEqual(complete("nonsense", ""), [])

    def test_options(self):
        """Those of --help, all of them."""
        for name in commands():
            want = {"--help"}
            for letter, option, _ in options(name):
                want |= {f"--{option}"} | ({f"-{letter}"} if letter else set())
            self.assertEqual(set(complete(name, "-")), want, name)

    def test_choices(self):
        """A value that is offered is taken, and another is not."""
        rows = {(option, value): name for name in commands()
                for _, option, value in options(name) if value}
        self.assertLessEqual(set(CHOICES), {f"--{option}"
                                            for option, _ in rows})
        for (option, value), name in rows.items():
            option = f"--{option}"
            if value in ("DIR", "FILE", "SPEC", "SCRIPT"):
                self.assertIn(complete(name, option, ""),
                              [[":files"], [":folders"]])
            if option not in CHOICES or value == "N":
                continue
            offered = complete(name, option, "")
            self.assertGreater(len(offered), 1, option)
            self.assertNotIn(CHOICES[option], offered)
            self.assertEqual(complete(name, f"{option}=" + offered[1]),
                             [f"{option}={word}" for word in offered
                              if word.startswith(offered[1])])
            for word in offered:
                if option != "--machine": # looked at when it is used
                    self.assertEqual(cli.run(name, option, word,
                                             "--help").status, OK, word)

    def test_limits(self):
        offered = complete("load", "--limit", "")
        self.assertIn("archive_members=", offered)
        for word in offered:
            self.assertEqual(cli.run("load", "--limit", word + "7",
                                     "--help").status, OK)

    def test_operands(self):
        self.assertEqual(complete("load", ""), [":files"])
        self.assertEqual(complete("load", "--", "-"), [":files"])
        self.assertEqual(complete("explain", "set-al"), ["set-alignment"])
        self.assertEqual(complete("explain", "ENOEX"), ["ENOEXEC"])
        self.assertIn("A-1" "0", complete("explain", "A-"))
        self.assertEqual(complete("help", "fi"), ["findings"])

    def test_equals_apart(self):
        """As bash cuts words."""
        self.assertEqual(complete("load", "--color", "="), complete(
            "load", "--color", ""))
        self.assertEqual(complete("load", "--color", "=", "ne"), ["never"])

    def test_usage(self):
        self.assertEqual(cli.run("--completed").status, USAGE)


class Shell(unittest.TestCase):
    """The scripts in the shells themselves, with a person's keys."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "kernels").mkdir()
        (self.folder / "kernels/kernel.one").touch()
        (self.folder / "bin").mkdir()
        (self.folder / "bin/kldsim").symlink_to(cli.KLDSIM)
        self.environment = {
            **os.environ, "TERM": "dumb", "HOME": scratch.name,
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def shell(self, name):
        if not shutil.which(name):
            self.skipTest(f"there is no {name}")

    def keys(self, argv, begin, *typed):
        """What a shell on a terminal says of keys."""
        main, other = pty.openpty()
        child = subprocess.Popen(argv, stdin=other, stdout=other,
                                 stderr=other, cwd=self.folder,
                                 env=self.environment, start_new_session=True)
        os.close(other)
        said = ""
        try:
            # What is typed while it starts would not be its editor's.
            for text, until in [(begin, "READY2"), *typed,
                                ("exit\n", None)]:
                os.write(main, text.encode())
                end = time.monotonic() + 20
                fresh = ""
                while until is not None and until not in fresh:
                    self.assertLess(time.monotonic(), end, said + fresh)
                    if select.select([main], [], [], 0.2)[0]:
                        fresh += os.read(main, 4096).decode(errors="replace")
                said += fresh
        finally:
            child.kill()
            child.wait()
            os.close(main)
        return said

    # What is typed, and what the line then is, as echo tells of it.
    LINES = [
        ("kldsim expl\tset-ali\t", "kldsim explain set-alignment"),
        ("kldsim load --colo\tnev\t", "kldsim load --color never"),
        ("kldsim load --color=nev\t", "kldsim load --color=never"),
        ("kldsim load --limit archive_m\t7", "--limit archive_members=7"),
        ("kldsim load ker\tker\t", "kldsim load kernels/kernel.one"),
        ("kldsim load --dump ker\t", "kldsim load --dump kernels"),
    ]

    def interactive(self, argv, begin):
        # Back to the line's begin, which becomes that of echo's.
        typed = [(line + "\x01echo \"[\" \x05 ']'\n", "]\r\n")
                 for line, _ in self.LINES]
        said = self.keys(argv, begin + "echo READY$((1+1))\n", *typed)
        for _, want in self.LINES:
            self.assertIn(want, said)
            self.assertRegex(said, rf"(?m)^\[ .*{re.escape(want)}/? *\]")

    def test_bash(self):
        self.shell("bash")
        self.interactive(["bash", "--norc", "--noprofile", "-i"],
                         f"PS1=; . {SCRIPTS}/kldsim.bash; ")

    def test_zsh(self):
        self.shell("zsh")
        self.interactive(
            ["zsh", "-f", "-i"],
            f"bindkey -e; PS1=; PROMPT_EOL_MARK=; fpath=({SCRIPTS} $fpath); "
            "autoload -Uz compinit && compinit -u -D; ")

    def test_fish(self):
        """Its own complete command asks as its editor does."""
        self.shell("fish")
        for line, want in [
                ("kldsim expl", "explain"),
                ("kldsim explain set-ali", "set-alignment"),
                ("kldsim load --colo", "--color"),
                ("kldsim load --color nev", "never"),
                ("kldsim load --color=nev", "--color=never"),
                ("kldsim load --limit archive_m", "archive_members="),
                ("kldsim load kernels/ker", "kernels/kernel.one"),
                ("kldsim load --core=kernels/ker", "--core=kernels/kernel.one"),
                ("kldsim load --dump ker", "kernels/")]:
            done = subprocess.run(
                ["fish", "--no-config", "-c",
                 f"source {SCRIPTS}/kldsim.fish; complete -C '{line}'"],
                cwd=self.folder, env=self.environment, text=True,
                stdout=subprocess.PIPE, timeout=60)
            self.assertEqual([word.split("\t")[0]
                              for word in done.stdout.splitlines()], [want])


if __name__ == "__main__":
    unittest.main()
