# SPDX-License-Identifier: BSD-2-Clause
"""Tests that are run with a part of lib/ exchanged.

The unit tests are linked with one shared library of all of lib/.  What takes the
place of a file is a shared library of that file alone, which LD_PRELOAD puts
before the other; so a mutant costs one call of the compiler.
"""

import json
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import sys

import mutate

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEMORY = 4 << 30  # bytes that a mutant may have
LONG = 60  # seconds, and for each one of CPU, until what waits is stopped
PLAIN = ["-O1"]
CHECKED = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# A preloaded library comes before ASan's, and has names that another has, too.
CHECKS = {"ASAN_OPTIONS": "verify_asan_link_order=0:detect_odr_violation=0"}

PROBE = """
#include <stdio.h>
#include <stdlib.h>
static unsigned char seen[{count}];
void mutants_seen(int n);
void mutants_seen(int n) {{ seen[n] = 1; }}
__attribute__((destructor)) static void tell(void)
{{
	const char *path = getenv("MUTANTS_SEEN");
	FILE *file = path == NULL ? NULL : fopen(path, "w");
	if (file == NULL)
		return;
	for (int i = 0; i < {count}; i++)
		if (seen[i])
			fprintf(file, "%d\\n", i);
	fclose(file);
}}
"""


class Test:
    def __init__(self, name, program):
        self.name, self.program = name, program
        self.seconds = 10.0  # of CPU; so many until they are known
        self.comes = set()  # (path, name) of functions that it calls
        self.sound = None  # whether it passes without any mutant

    def run(self, bench, library, seconds=300, **environment):
        """Whether it passes, with a library before the other and so many
        seconds of CPU for each process."""
        def limits():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            if bench.flags is PLAIN:  # ASan reserves what it never uses
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

        child = subprocess.Popen(
            [self.program, self.name.removeprefix("unit.")], cwd=bench.build, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=limits, start_new_session=True,
            env={**os.environ, **CHECKS, "KLDSIM_SRC": str(ROOT),
                 "KLDSIM_BUILD": str(bench.build),
                 "LD_PRELOAD": str(library), **environment})
        try:
            return child.wait(LONG + LONG * self.seconds) in (0, 77)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return False

    def is_sound(self, bench):
        if self.sound is None:
            self.sound = self.run(bench, bench.library)
            if not self.sound:
                print(f"{self.name} fails without any mutant: left out")
        return self.sound


class Bench:
    """All that is made once, with some flags."""

    def __init__(self, build, out, flags):
        self.build, self.out, self.flags = build, out, flags
        out.mkdir(parents=True, exist_ok=True)
        self.rules = (build / "build.ninja").read_text()
        self.library = out / "liball.so"
        self.commands = dict(self.find_commands())

    def find_commands(self):
        """(file of lib/, the compiler's words that matter); assertions are on,
        and names are to be seen from outside."""
        database = subprocess.run(["ninja", "-C", self.build, "-t", "compdb"],
                                  check=True, stdout=subprocess.PIPE).stdout
        for entry in json.loads(database):
            file = pathlib.Path(entry["file"])
            if file.suffix != ".c" or ROOT / "lib" not in file.parents:
                continue
            words = shlex.split(entry["command"])
            start = 1 if words[0].endswith("ccache") else 0
            yield file.relative_to(ROOT).as_posix(), [
                word for word in words[start:words.index("-MD")]
                if not re.match("-W|-g$|-DNDEBUG|-fvisibility|-O", word)]

    def compiler(self):
        return [next(iter(self.commands.values()))[0], *self.flags]

    def cc(self, name, text, out):
        """Compile as lib's file `name` is; whether it can be compiled."""
        return subprocess.run(
            [*self.commands[name], *self.flags, "-iquote",
             (ROOT / name).parent, "-w", "-xc", "-c", "-o", out, "-"],
            input=text.encode(), stderr=subprocess.DEVNULL).returncode == 0

    def share(self, library, *objects):
        subprocess.run([*self.compiler(), "-shared", "-o", library, *objects],
                       check=True)
        return library

    def object(self, name):
        """A file of lib/ as it is, compiled by now or before."""
        path = self.out / (name.replace("/", "_") + ".o")
        if not path.exists() or path.stat().st_mtime < self.newest():
            if not self.cc(name, (ROOT / name).read_text(), path):
                sys.exit(f"{name} cannot be compiled")
        return path

    def newest(self):
        return max(path.stat().st_mtime for folder in ("lib", "include")
                   for path in (ROOT / folder).rglob("*.[chd]*"))

    def libraries(self, target):
        """What the build links a program with, but for its own library."""
        match = re.search(f"^build {target}:.*?LINK_LIBRARIES = (.*?)$",
                          self.rules, re.DOTALL | re.MULTILINE)
        return [word for word in match[1].split()
                if not word.startswith("lib/libkldsim")]

    def link(self):
        self.share(self.library, *map(self.object, sorted(self.commands)),
                   *[word for word in self.libraries("unit/unit_tests")
                     if not word.startswith("lib/")])

    def unit_tests(self):
        """All of them but programs of their own: these have a linker's help, or
        are not about lib/."""
        program = self.out / "unit_tests"
        objects = self.build / "tests/CMakeFiles/unit_tests.dir/unit"
        subprocess.run(
            [*self.compiler(), "-o", program, *sorted(objects.rglob("*.o")),
             *self.libraries("unit/unit_tests"), self.library,
             f"-Wl,-rpath,{self.out}"], check=True, cwd=self.build)
        names = subprocess.run([program], check=True, cwd=self.build,
                               stdout=subprocess.PIPE, text=True).stdout
        for name in names.split():
            yield Test(f"unit.{name}", program)


def marked(text, path, numbers):
    """A file whose functions say that they were called."""
    for start, _, name in reversed(list(
            mutate.functions_of(mutate.code_of(text)))):
        if (path, name) in numbers:
            text = (f"{text[:start + 1]} mutants_seen({numbers[path, name]});"
                    f"{text[start + 1:]}")
    return "void mutants_seen(int);\n" + text


def used():
    """Seconds of CPU that all tests took until now."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def make_probe(bench, functions):
    """A library that writes which of these (path, name) are called."""
    numbers = {function: n for n, function in enumerate(functions)}
    made = [bench.out / "probe.o"]
    bench.cc(next(iter(bench.commands)), PROBE.format(count=len(numbers) + 1),
             made[0])
    for path in sorted({path for path, _ in functions}):
        made.append(bench.out / (path.replace("/", "_") + ".probe.o"))
        if not bench.cc(path, marked((ROOT / path).read_text(), path, numbers),
                        made[-1]):
            sys.exit(f"{path} cannot be compiled with probes")
    return bench.share(bench.out / "probe.so", *made)


def probe(bench, tests, functions):
    """The tests that pass without any mutant; what they call, and their time."""
    library = make_probe(bench, functions)
    seen = bench.out / "seen"
    for test in tests:
        start = used()
        if not test.run(bench, library, MUTANTS_SEEN=str(seen)):
            print(f"{test.name} fails without any mutant: left out")
            continue
        test.sound = True
        test.seconds = used() - start
        test.comes = {functions[int(n)] for n in seen.read_text().split()}
        yield test
