# SPDX-License-Identifier: BSD-2-Clause
"""Runs of `kldsim load` and what they leave behind."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import elf
import rules

CPUS, VNETS = 3, 2

# Modules that no kernel takes, by folder and name: the rule that says so.
REFUSED = {
    "kernel/fx_novimage": "A-41",
    "kernel/fx_nontrans": "O-60",
    "kernel/fx_undef": "O-46",
    "kernel/fx_gotpcrel": "R-03",
    "kernel/fx_needsmissing": "K-31",
    "kernel/fx_circa": "K-32",
    "kernel/fx_circb": "K-32",
    "kernel/fx_newkernel": "K-33",
    "kernel/fx_roundver": "M-11",
    "kernel/fx_probe": "K-31",
    "kernel-15/fx_probe": "K-31",
    "kernel/fx_twice": "M-20",
    "kernel-15/fx_twice": "M-20",
    "kernel-13/fx_old": "K-33",
    "kernel-novimage/fx_vimage": "A-41",
}
# Refused before the release that loads all their sections.
UNTIL = {
    # .rela.init_array counts, .init_array is not loaded: lost base (Z-15).
    "kernel/fx_ctors": ("14.0", "O-41"),
}
# Refused because of what was loaded before: the second of a pair.
AFTER = {
    "kernel/fx_dupmod": ("kernel/fx_hello", "K-22"),
    "kernel/fx_bigvnet2": ("kernel/fx_bigvnet1", "O-21"),
    "kernel/fx_bigpcpu2": ("kernel/fx_bigpcpu1", "O-21"),
}
# Kernels die of these, of refused files once fx_sdt is there: they are for
# tests/cli/test_panics.py, and nobody here loads them.
DEADLY = {"fx_me", "fx_oldmalloc", "fx_sdt"}


@dataclass
class Run:
    """One call of kldsim; modules are folder/name, loaded in this order."""

    title: str
    kernel: str
    release: str                        # what is expected to be in force
    modules: list
    auto: bool = False                  # let kldsim find out the release
    at: dict = field(default_factory=dict)          # name.ko: address
    answers: dict = field(default_factory=dict)     # file: {ifunc: target}
    modspace: str = ""                  # kernel whose symbols tell it

    def why_refused(self, module):
        """The rule that makes the kernel refuse it here; None if loaded."""
        first, rule = AFTER.get(module, (None, None))
        if first in self.modules and (self.modules.index(first)
                                      < self.modules.index(module)):
            return rule
        release, rule = UNTIL.get(module, (self.release, None))
        if rules.OSRELDATE[self.release] < rules.OSRELDATE[release]:
            return rule
        return REFUSED.get(module)


def hexadecimal(target):
    return f"{target:#x}" if isinstance(target, int) else target


class Result:
    """JSON and dump of a run."""

    def __init__(self, document, folder, status):
        self.document, self.folder, self.status = document, folder, status
        self.changed = {}       # what the self-test spoiled: path -> bytes

    def read(self, path):
        """A file of the dump; None if it is not there."""
        if path in self.changed:
            return self.changed[path]
        try:
            return (self.folder / path).read_bytes()
        except OSError:
            return None


class Fixtures:
    def __init__(self, folder, work):
        self.boot = Path(folder) / "boot"
        self.work = Path(work)      # where derived modules are

    def kernel(self, name):
        return self.boot / name / "kernel"

    def path(self, module):
        folder = self.work if module.startswith("derived/") else self.boot
        return folder / f"{module}.ko"

    def all_modules(self):
        """Every ET_REL fixture, dependencies before what needs them."""
        listed = (self.boot.parent / "manifest.txt").read_text().splitlines()
        paths = [line.split("\t")[0] for line in listed]
        found = [p[len("boot/"):-len(".ko")] for p in paths
                 if p.endswith(".ko")]
        return [m for m in found if m.split("/")[1] not in DEADLY
                and elf.load(self.path(m)).type == elf.ET_REL]

    def of(self, kernel):
        return [m for m in self.all_modules()
                if m.startswith(kernel + "/")]


class KldsimFailed(Exception):
    pass


def load(run, fixtures, modspaces, folder):
    """Call kldsim; modspaces: (DPCPU, VNET) as --*-modspace, or ()."""
    command = [os.environ["KLDSIM"], "load", "--json", "--dump", folder,
               "-c", str(CPUS), "-n", str(VNETS)]
    if not run.auto:
        command += ["-r", run.release]
    for name, address in run.at.items():
        command += ["--at", f"{name}={address:#x}"]
    for file, answers in run.answers.items():
        prefix = "" if file == "kernel" else file + ":"
        for symbol, target in answers.items():
            command += ["--ifunc", f"{prefix}{symbol}={hexadecimal(target)}"]
    for option, (start, size) in zip(("--dpcpu-modspace", "--vnet-modspace"),
                                     modspaces):
        command += [option, f"{start:#x}:{size}"]
    command += [fixtures.kernel(run.kernel), *map(fixtures.path, run.modules)]
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise KldsimFailed(f"exit {done.returncode}: {done.stderr.strip()}")
    return Result(json.loads(done.stdout), folder, done.returncode)
