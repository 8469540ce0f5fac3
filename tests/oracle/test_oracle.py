# SPDX-License-Identifier: BSD-2-Clause
"""Every loaded byte of every fixture module, against ld.lld and ld.bfd.

Modules are loaded in long runs; where each section goes is worked out from the
rules (rules.py), what each undefined symbol is from the files (symbols.py).
Both linkers then link the same modules at the same addresses (link.py), and
what they make is compared with kldsim's dump, byte for byte (compare.py).  The
few relocations that linkers do differently on purpose are in handwork.py.
The reference copies and those of CPUs and vnets are compared whole.  Modules
of type ET_DYN have no sections to place and are not part of this.

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compare
import derived
import handwork
import link
import rules
import run as runs
import selftest
import symbols
import tools
from run import Run

FAR = 0xfffffe0040000000        # out of reach of 32-bit relocations


def planned(fixtures):
    """The runs.  Between them each module is loaded, and on each release."""
    main = fixtures.of("kernel")
    for release in rules.OSRELDATE:
        yield Run(f"release {release}", "kernel", release, main)
    yield Run("second of each pair", "kernel", "12.1", list(runs.AFTER))
    for number, release in ("13", "13.0"), ("14", "14.0"), ("15", "15.0"):
        kernel = f"kernel-{number}"
        yield Run(kernel, kernel, release, fixtures.of(kernel), auto=True)
    yield Run("without VIMAGE", "kernel-novimage", "12.1",
              fixtures.of("kernel-novimage"), auto=True)
    yield Run("of D20278", "kernel-runtime", "12.1",
              fixtures.of("kernel-runtime"), auto=True)
    yield Run("big kernel", "kernel-big", "12.1", main)
    yield Run("stripped kernel", "kernel-stripped", "12.1",
              [f"kernel/fx_{name}" for name in
               ("hello", "pcpu", "vnet", "odd1c", "liba", "libb")],
              modspace="kernel")
    yield Run("out of reach", "kernel", "12.1", main,
              at={fixtures.path(module).name: FAR + (i << 24)
                  for i, module in enumerate(main)})
    yield Run("names there twice", "kernel", "12.1",
              list(derived.make(fixtures)))
    yield Run("ifuncs answered", "kernel", "12.1",
              ["kernel/fx_ifunc", "kernel/fx_ifuncuser"],
              answers={"kernel": {"memcpy": "memcpy_erms",
                                  "memset": "memset_std",
                                  "copyout": 0xffffffff81234568},
                       "fx_ifunc.ko": {"fx_hash": "hash_fast"}})


def modspaces_of(run, fixtures):
    """What to tell a kernel without symbols; () for others."""
    if not run.modspace:
        return ()
    other = symbols.Kernel(fixtures.kernel(run.modspace))
    return tuple(other.variable(f"{set_}_entry_modspace")
                 for set_ in ("pcpu", "vnet"))


class Session:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.fixtures = runs.Fixtures(os.environ["KLDSIM_FIXTURES"], folder)
        self.programs = {name: path for name, path
                         in link.programs().items() if path}
        self.counts = Counter()
        self.compared = set()       # folder/name of each module compared
        self.handwork = set()       # lines of the table that were needed
        self.pool = ThreadPoolExecutor(os.cpu_count())
        (self.folder / "links").mkdir()

    def check(self, run, result):
        """(complaints, the checked run)."""
        checked = compare.Checked(run, self.fixtures, result)
        complaints = list(checked.complaints(
            self.programs, self.folder / "links", self.pool))
        return complaints, checked

    def go(self, run):
        """Complaints of one run."""
        dump = self.folder / run.title.replace(" ", "-")
        try:
            result = runs.load(run, self.fixtures,
                               modspaces_of(run, self.fixtures), dump)
        except runs.KldsimFailed as error:
            return [f"{run.title}: {error}"], None
        complaints, checked = self.check(run, result)
        self.counts += checked.counts
        loaded = {m.stem for m in checked.loaded}
        self.compared |= {m for m in run.modules
                          if m.split("/")[1] in loaded}
        self.handwork |= handwork.used(checked.loaded)
        return [f"{run.title}: {c}" for c in complaints], result

    def left_out(self):
        """Modules that no run compared, lines that no module needed."""
        for module in self.fixtures.all_modules():
            if module not in self.compared and module not in runs.REFUSED:
                yield f"{module}: not compared in any run"
        for line in sorted(set(handwork.VALUES) - self.handwork):
            yield f"handwork.py: {line[0]} {line[1]} is not needed"

    def report(self):
        for linker in self.programs:
            count = {what: self.counts[what, linker] for what in
                     ("modules", "sections", "bytes", "relocations",
                      "handworked")}
            print(f"{linker}: {len(self.compared)} modules, in all runs "
                  "{modules} loads, {sections} sections, {bytes} bytes; "
                  "{relocations} relocations, {handworked} of them by hand"
                  .format(**count))
        print(f"copies for CPUs and vnets: {self.counts['copies']}, "
              f"{self.counts['bytes in copies']} bytes")


def main():
    fixtures = Path(os.environ["KLDSIM_FIXTURES"])
    if not (fixtures / "manifest.txt").exists():
        print(f"{fixtures}: no fixtures (tests/fixtures/build.sh makes them)")
        return 1
    missing = [name for name, path in link.programs().items() if not path]
    if "ld.lld" in missing:
        tools.skip("no ld.lld")
    with tempfile.TemporaryDirectory() as folder:
        session = Session(folder)
        complaints, results = [], {}
        for run in planned(session.fixtures):
            found, results[run.title] = session.go(run)
            complaints += found
            if run.title == "release 12.1" and not found:
                complaints += selftest.complaints(session, run,
                                                  results[run.title])
        complaints += session.left_out()
        session.pool.shutdown()
        session.report()
    print("\n".join(complaints))
    if missing and not complaints:
        tools.skip("a part, for there is no " + ", ".join(missing))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
