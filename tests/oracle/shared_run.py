# SPDX-License-Identifier: BSD-2-Clause
"""Runs of kldsim that load ET_DYN modules, and what they are to leave.

Addresses of files are taken from kldsim's report, since they depend on the
kernel's allocator (D-05); all else is worked out here and in shared.py: which
files there are, their sizes, their parts of modspace, every byte of their
mappings, every byte of the reference copies and of each CPU's and vnet's.
"""

import functools
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import compare
import rules
import run as runs
import shared

MACHINES = ("amd64-dyn", "i386", "arm64", "armv7", "riscv64", "powerpc",
            "powerpc64", "powerpc64le")
KERNELS = {"kernel": 1201000, "kernel-novimage": 1201000,
           "kernel-13": 1300139, "kernel-14": 1400097, "kernel-15": 1500068}
# Kernels as another release, of which there are none: see planned().
PRETENDED = (1300139, 1400097, 1500068, 1501000)

# What no kernel takes, beside what runs.REFUSED says.
REFUSED = {"fx_badreloc", "fx_copyreloc", "fx_globdat", "fx_jmpslot",
           "fx_jal", "fx_call", "fx_nopad", "fx_tinypad"}
CPUS = VNETS = 3


def refused(name):
    return (name in runs.REFUSED or name in runs.AFTER
            or name.split("/")[1] in REFUSED | runs.DEADLY)


@dataclass
class Run:
    machine: str
    kernel: str
    release: int
    folder: Path                    # of the machine
    later: bool = False             # vnets are made after the loads
    modules: list = field(default_factory=list)

    @property
    def path(self):
        return self.folder / "boot" / self.kernel / "kernel"

    @property
    def sets(self):
        return (("set_pcpu",) if self.kernel.endswith("novimage") else
                ("set_pcpu", "set_vnet"))


def modules(folder, kernel):
    """Those that load, in the order of the list."""
    for line in (folder / "manifest.txt").read_text().splitlines():
        path = line.split("\t")[0]
        if (path.startswith(f"boot/{kernel}/") and path.endswith(".ko")
                and not refused(path[len("boot/"):-len(".ko")])):
            yield folder / path


def planned(fixtures):
    """Each kernel with its modules; the largest set as other releases too.

    Not on i386, where later kernels want padding that older modules have not
    (D-32).
    """
    for machine in MACHINES:
        folder = fixtures / machine
        for kernel, release in KERNELS.items():
            if not (folder / "boot" / kernel).exists():
                continue
            found = list(modules(folder, kernel))
            releases = {release}
            if kernel == "kernel" and machine != "i386":
                releases.update(PRETENDED)
            for release in sorted(releases):
                yield Run(machine, kernel, release, folder,
                          release == 1500068, found)


def call(run, folder):
    """kldsim's report and its memory.

    The vnets that are made later are those of a second call with the same
    modules: `kldsim load` has no vnets to make, and `kldsim run` no report.
    """
    options = ["--dump", folder, "-c", str(CPUS), "-r", str(run.release)]
    done = subprocess.run(
        [os.environ["KLDSIM"], "load", "--json", *options, "-n", str(VNETS),
         run.path, *run.modules], stdout=subprocess.PIPE, text=True)
    if run.later:
        script = "".join(f"kldload {path}\n" for path in run.modules)
        subprocess.run(
            [os.environ["KLDSIM"], "run", "-q", *options, "-", run.path],
            input=script + "vnet create\n" * (VNETS - 1), text=True,
            check=True)
    return runs.Result(json.loads(done.stdout), Path(folder), done.returncode)


def complaints(run, folder):
    return list(compare_result(run, call(run, folder)))


class Sets:
    """The kernel's sets: their bytes, and modspace in them (A-10)."""

    def __init__(self, run, kernel):
        memory = kernel_memory(run.machine, run.path, run.release)
        self.start, self.bytes, self.spaces = {}, {}, {}
        for section in run.sets:
            self.start[section], stop = kernel.set_range(section)
            self.bytes[section] = bytearray(memory.read(
                self.start[section], stop - self.start[section]))
            symbol = kernel.by_name[section[4:] + "_entry_modspace"]
            self.spaces[section] = rules.Modspace(
                symbol.value, symbol.size, rules.modspace_unit(
                    section, run.release, run.machine, kernel.pointer))

    def give(self, file, release):
        """Parts for a module, with its bytes (D-33, D-34)."""
        for section in self.spaces:
            size = file.allotted(section, release)
            if size < 1:
                continue
            base = self.spaces[section].alloc(size)
            file.bases[section] = base
            at = base - self.start[section]
            self.bytes[section][at:at + size] = shared.initial_set(
                file, section)


@functools.lru_cache(maxsize=None)
def kernel_memory(machine, path, release):
    kernel = shared.File(path, name="kernel", sets=())
    if machine.startswith("powerpc"):
        return shared.relocated(machine, kernel, shared.World(kernel),
                                release)
    return shared.Memory(kernel)


def compare_result(run, result):
    """A sentence for each thing that is not as it is to be."""
    document = result.document
    shared.read_ahead([run.path, *run.modules])
    yield from compare.same(run.release, document["osreldate"], "osreldate")
    yield from compare.same(
        [], [r["name"] for r in document["results"]
             if r["status"] != "loaded"], "refused")
    entries = document["files"][1:]
    yield from compare.same([p.name for p in run.modules],
                            [e["name"] for e in entries], "files")
    kernel = shared.File(run.path, name="kernel", sets=run.sets)
    world, sets = shared.World(kernel), Sets(run, kernel)
    for path, entry in zip(run.modules, entries):
        file = shared.File(path, int(entry["address"], 16), path.name,
                           entry["deps"], {}, run.sets)
        sets.give(file, run.release)
        yield from compare.same(file.mapsize, entry["size"],
                                f"{file.name}: size")
        yield from compare_parts(document, entry, file)
        try:
            memory = shared.loaded(run.machine, file, world, run.release)
        except shared.Unresolved as error:
            yield f"{error}: not resolved"
            return
        yield from compare.first_difference(
            memory.whole(), result.read(f"files/{file.name}/image.bin"),
            f"{file.name}: image")
        world.files.append(file)
    yield from compare_sets(result, sets, world)


def compare_parts(document, entry, file):
    """The file's parts of modspace, as they are reported."""
    for key, section in shared.SETS:
        got = [int(part["start"], 16) for part in document[key]["sets"]
               if part["file_id"] == entry["id"]]
        want = [file.bases[section]] if section in file.bases else []
        yield from compare.same([hex(a) for a in want],
                                [hex(a) for a in got],
                                f"{file.name}: part of {section}")


def compare_sets(result, sets, world):
    """Copies of each set, its free list, and each module's part."""
    for key, section, _, kind, _ in compare.SETS:
        if section not in sets.spaces:
            continue
        free = [[int(e["start"], 16), e["size"]]
                for e in result.document[key]["free"]]
        yield from compare.same(sets.spaces[section].extents, free,
                                f"{key}: free list")
        number = CPUS if kind == "cpu" else VNETS
        for copy in "reference", *(f"{kind}{i}" for i in range(number)):
            path = f"{key}/{copy}.bin"
            yield from compare.first_difference(
                bytes(sets.bytes[section]), result.read(path), path)
        for file in world.files:
            if section in file.bases:
                yield from compare.first_difference(
                    shared.initial_set(file, section),
                    result.read(f"files/{file.name}/{section}.bin"),
                    f"{file.name}: {section}")
