#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whether the unit tests notice small mistakes in lib/.

usage: mutants.py [--count N] [--seed N] [--minutes N] [--only FILE] BUILD OUT

Makes N mutants of lib/ (mutate.py), the same ones each time, and runs tests on
each until one fails: then the mutant is killed.  First come the unit tests, then
the same with AddressSanitizer and UBSan, as `./dev test` has them; a test that
never calls the mutant's function is not run.  BUILD is a build tree with its tests,
OUT a folder for what is made; FILE has lines of which some are names of mutants, as
they were printed: only these are tried.  Exit status 1: fewer than 85 % of those that
make a difference are killed, or one survives that survivors.txt has no reason for.
"""

import argparse
import collections
import pathlib
import sys
import time

import bench
import mutate
from bench import ROOT

REASONS = bench.HERE / "survivors.txt"
ENOUGH = 85  # percent
EQUIVALENT = "It makes no difference"  # so a reason begins that is a proof
PATIENCE = 15  # seconds of CPU that a mutant is worth with sanitizers


def reasons():
    """{a survivor's name: its reason}."""
    found, reason = {}, None
    for line in REASONS.read_text().splitlines():
        if line.startswith("\t"):
            found[line.strip()] = reason
        elif line and not line.startswith("#"):
            reason = line
    return found


class Trial:
    """Tests of one kind, made when they are first needed."""

    def __init__(self, name, place, make, patience):
        self.name, self.bench, self.make = name, place, make
        self.patience = patience
        self.tests = None

    def compiled(self, mutant):
        """The mutant as a library; None: it is no program, or none of its own."""
        text = mutate.applied((ROOT / mutant.path).read_text(), mutant)
        path = self.bench.out / "mutant.o"
        if not self.bench.cc(mutant.path, text, path):
            return None
        same = self.bench.object(mutant.path).read_bytes()
        if path.read_bytes() == same:
            return None
        return self.bench.share(self.bench.out / "mutant.so", path)

    def killer(self, mutant):
        """The name of a test that fails, or None."""
        if self.tests is None:
            self.tests = list(self.make(self.bench))
        library = self.compiled(mutant)
        function = mutant.path, mutant.function
        come = [test for test in self.tests
                if mutant.function == "-" or function in test.comes]
        spent = 0
        for test in sorted(come, key=lambda test: test.seconds):
            spent += test.seconds
            if spent > self.patience:
                break
            if (not test.run(self.bench, library, 3 + int(10 * test.seconds))
                    and test.is_sound(self.bench)):
                return test.name
        return None


def trials(build, out, functions):
    """Those of each kind, in their order."""
    plain = bench.Bench(build, out, bench.PLAIN)
    checked = bench.Bench(build, out / "checked", bench.CHECKED)

    def unit(place):
        return list(bench.probe(place, place.unit_tests(), functions))

    def sanitized(place):
        place.link()
        known = {test.name: test for test in trial.tests}
        for test in place.unit_tests():
            if test.name in known:
                test.comes = known[test.name].comes
                test.seconds = 5 * known[test.name].seconds
                yield test

    plain.link()
    trial = Trial("unit", plain, unit, 1000)
    return [trial, Trial("sanitized", checked, sanitized, PATIENCE)]


def chosen(args):
    """The mutants in their order; more than are wanted, as some are none."""
    every = [mutant for path in sorted(ROOT.glob("lib/*/*.c")) for mutant in
             mutate.mutants_of(path.relative_to(ROOT).as_posix(),
                               path.read_text())]
    if args.only:
        lines = {line.strip() for line in args.only.read_text().splitlines()}
        every = [mutant for mutant in every if mutate.name_of(mutant) in lines]
    drawn = mutate.drawn(every, args.seed)
    return [mutant for _, mutant in zip(range(args.count * 2), drawn)]


def try_all(args):
    """(mutant, kind of the trial that killed it, test) of each that is one."""
    end = time.monotonic() + args.minutes * 60
    mutants = chosen(args)
    kinds = trials(args.build.resolve(), args.out.resolve(), sorted(
        {(mutant.path, mutant.function) for mutant in mutants
         if mutant.function != "-"}))
    tried = 0
    for mutant in mutants:
        if tried == args.count or time.monotonic() > end:
            break
        if kinds[0].compiled(mutant) is None:
            continue
        tried += 1
        # A reason has been found once: sanitizers are not asked again.
        explained = mutate.name_of(mutant) in reasons()
        for kind in kinds[:1] if explained else kinds:
            test = kind.killer(mutant)
            if test:
                yield mutant, kind.name, test
                break
        else:
            yield mutant, None, None


def parse():
    parser = argparse.ArgumentParser(
        usage=__doc__.replace("%", "%%"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--only", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    return parser.parse_args()


def main():
    known = reasons()
    killed = collections.Counter()
    same = unexplained = 0
    for mutant, kind, test in try_all(parse()):
        name = mutate.name_of(mutant)
        killed[kind] += 1
        if kind:
            print(f"killed by {test} ({kind}): {name}", flush=True)
        elif name in known:
            same += known[name].startswith(EQUIVALENT)
            print(f"survives, and may: {name}", flush=True)
        else:
            unexplained += 1
            print(f"SURVIVES: line {mutant.line}\n\t{name}", flush=True)
    tried = sum(killed.values())
    dead = killed["unit"] + killed["sanitized"]
    share = 100 * dead / max(tried - same, 1)
    print(f"{tried} mutants, of which {same} make no difference; {dead} killed "
          f"({share:.0f} % of the others), {killed['sanitized']} of them with "
          f"sanitizers; {unexplained} survive without a reason")
    sys.exit(1 if unexplained or share < ENOUGH else 0)


if __name__ == "__main__":
    main()
