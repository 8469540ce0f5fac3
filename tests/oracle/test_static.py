# SPDX-License-Identifier: BSD-2-Clause
"""ET_DYN modules after kldload, against static links by ld.lld and ld.bfd.

static.py says how, and what is compared.  Modules whose relocations no linker
makes (retype.py) or whose point is what the kernel does otherwise are left
out by name.  What is linked and compared by default is a sample; all is loaded.

Environment: KLDSIM, KLDSIM_FIXTURES, KLDSIM_SRC.
"""

import copy
import itertools
import os
import tempfile
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import compare
import kld
import shared
import shared_run
import shared_spoil
import static
import tools
from run import Result
from sample import sample

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
SRC = Path(os.environ["KLDSIM_SRC"])

# fx_edge, fx_padonly: nothing but edges of sets (D-32, D-53).
LEFT_OUT = {"fx_machine", "fx_edge", "fx_padonly"}
# Without 12, which leaves amd64's pointers to own sets alone (D-53).
RELEASES = {"amd64-dyn": {1300139}}
KERNELS = {"kernel", "kernel-13", "kernel-15"}


def machines():
    """{name: (emulation, flags by release)} of machines.list."""
    found = {}
    text = (SRC / "tests/fixtures/machines.list").read_text()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            fields = [field.strip() for field in line.split("|")]
            found[fields[0]] = fields[2], fields[11].split()
    return found


def flags_for(words, release):
    """N:FLAG is for release N and later."""
    for word in words:
        since, colon, flag = word.rpartition(":")
        if not colon or int(since) <= release:
            yield flag


def planned():
    for run in shared_run.planned(FIXTURES):
        if (run.kernel in KERNELS
                and run.release in RELEASES.get(
                    run.machine, {shared_run.KERNELS[run.kernel]})):
            yield run


def kld_of(run, path):
    """What a module was linked from."""
    return run.folder / "kld" / run.kernel / (path.stem + ".kld")


def kinds(pair):
    """Each run, each module, and of each machine each relocation."""
    run, path = pair
    types = {reloc.type for reloc in kld.Kld(kld_of(run, path)).relocs}
    return [(run.machine, run.kernel), path.stem,
            *((run.machine, type_) for type_ in types)]


def compared():
    """[(run, the modules that are to be compared)]"""
    chosen = sample(((run, path) for run in planned() for path in run.modules
                     if path.stem not in LEFT_OUT), 6, kinds)
    return [(run, [path for _, path in pairs]) for run, pairs in
            itertools.groupby(chosen, lambda pair: pair[0])]


class Checked:
    """One run, from linking the modules that are compared on.

    All modules are loaded, since some want others.
    """

    def __init__(self, run, modules, folder):
        self.folder, self.counts = Path(folder), Counter()
        self.klds = {}
        emulation, flags = machines()[run.machine]
        built = int(shared_run.KERNELS[run.kernel])
        for path in modules:
            self.klds[path.name] = static.shared_link(
                kld_of(run, path), list(flags_for(flags, built)), emulation,
                self.folder / path.name)
        paths = [self.folder / path.name if path in modules else path
                 for path in run.modules if path.stem not in LEFT_OUT]
        self.run = replace(run, modules=paths, later=False)
        self.result = shared_run.call(self.run, self.folder / "dump")

    def complaints(self):
        run, document = self.run, self.result.document
        refused = [r["name"] for r in document["results"]
                   if r["status"] != "loaded"]
        yield from compare.same([], refused, "refused")
        shared.read_ahead([run.path, *run.modules])
        world = shared.World(shared.File(run.path, name="kernel"))
        for path, entry in zip(run.modules, document["files"][1:]):
            file = shared.File(
                path, int(entry["address"], 16), path.name, entry["deps"],
                self.parts(entry))
            if path.name in self.klds:
                yield from self.check(file, world)
            world.files.append(file)

    def parts(self, entry):
        return {section: int(part["start"], 16)
                for key, section in shared.SETS
                for part in self.result.document[key]["sets"]
                if part["file_id"] == entry["id"]}

    def check(self, file, world):
        links = static.Static(self.run.machine, self.klds[file.name], file)
        image = self.result.read(f"files/{file.name}/image.bin")
        left_out = links.left_out()
        for name, program in static.linkers(self.run.machine).items():
            try:
                memory = links.link(program, world, self.folder)
            except static.LinkError as error:
                yield f"{name}: {file.name}: {error}"
                continue
            self.counts["modules", name] += 1
            self.counts["relocations", name] += (
                len(links.file.relocs) - len(links.undone))
            for section in links.file.loaded:
                at = links.before[section.index]
                yield from self.check_section(
                    f"{name}: {file.name} {section.name}",
                    bytearray(memory[section.index]),
                    bytearray(image[at:at + section.size]),
                    left_out[section.index], file)
                yield from self.check_part(
                    name, links, section, memory[section.index])
        yield from self.check_tables(links, image, world)

    def check_section(self, what, want, got, left_out, file):
        for place in left_out:
            if 0 <= place < len(want):
                want[place] = got[place] = 0
        if what.endswith(" set_sysinit_set"):       # sorted by the load
            want, got = (b"".join(sorted(
                data[i:i + file.pointer]
                for i in range(0, len(data), file.pointer)))
                for data in (want, got))
        self.counts["bytes", what.split(":")[0]] += (
            len(want) - len(left_out))
        yield from compare.first_difference(bytes(want), bytes(got), what)

    def check_part(self, linker, links, section, want):
        """A part of modspace: as linked, but for what has a relocation."""
        if section.name not in links.loaded.bases:
            return
        what = f"{linker}: {links.loaded.name} part of {section.name}"
        places = {reloc.offset + i for reloc in links.file.relocs
                  for i in range(links.loaded.pointer)
                  if reloc.section == section.index}
        for content in self.copies(section.name, links.loaded):
            yield from self.check_section(
                what, bytearray(want), bytearray(content[:section.size]),
                places, links.loaded)

    def copies(self, section, file):
        """The part in the reference copy and in each CPU or vnet."""
        key = {"set_pcpu": "dpcpu", "set_vnet": "vnet"}[section]
        start = int(self.result.document[key]["reference"]["start"], 16)
        at = file.bases[section] - start
        names = {"dpcpu": "cpu", "vnet": "vnet"}
        for which in "reference", *(f"{names[key]}{i}" for i in range(3)):
            yield self.result.read(f"{key}/{which}.bin")[at:]

    def check_tables(self, links, image, world):
        order = shared.ENDIAN[links.loaded.order]
        for reloc, want in links.table_words(world):
            if reloc.type == 21 and self.run.release < 1300000:
                continue        # powerpc64: the function's first word
            self.counts["words of tables"] += 1
            word = image[reloc.place:reloc.place + links.loaded.pointer]
            yield from compare.same(
                hex(want), hex(int.from_bytes(word, order)),
                f"{links.loaded.name} table word {reloc.place:#x}")


    def spoil(self, change):
        """Complaints after a change of the report or the dump."""
        good = self.result
        self.result = Result(copy.deepcopy(good.document), good.folder, 0)
        change(self.result)
        found = list(self.complaints())
        self.result = good
        return found


def check(pair):
    run, modules = pair
    with tempfile.TemporaryDirectory() as folder:
        checked = Checked(run, modules, folder)
        title = f"{run.machine} {run.kernel} {run.release}: "
        return [title + c for c in checked.complaints()], checked.counts


class Links(unittest.TestCase):
    maxDiff = None

    def test_fixtures(self):
        counts, complaints = Counter(), []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for found, counted in pool.map(check, compared()):
                complaints += found
                counts += counted
        for linker in "ld.lld", "ld.bfd":
            print(f"{linker}: {counts['modules', linker]} modules, "
                  f"{counts['bytes', linker]} bytes, "
                  f"{counts['relocations', linker]} relocations compared")
        print(counts["words of tables"], "words of tables")
        self.assertEqual(complaints, [])

    def test_spoiling_is_noticed(self):
        """With each linker, on both word sizes and byte orders."""
        spoilers = [
            (shared_spoil.flip_symbol("fx_pcpu.ko", "pcpu_entry_fx_drain"),
             "fx_pcpu.ko set_pcpu offset"),
            (shared_spoil.flip_symbol("fx_hello.ko", "fx_hello_mod"),
             "fx_hello.ko .data offset"),
            (shared_spoil.flip_part("dpcpu", "cpu1", "fx_pcpu.ko"),
             "fx_pcpu.ko part of set_pcpu offset"),
            (shared_spoil.flip_part("vnet", "vnet2", "fx_vnet.ko"),
             "fx_vnet.ko part of set_vnet offset"),
            (shared_spoil.move_part, "fx_vnet.ko set_vnet offset"),
            (shared_spoil.move_file, "fx_hello.ko .data offset")]
        for machine in "i386", "arm64", "powerpc", "powerpc64":
            run = next(r for r in planned() if r.kernel == "kernel-13"
                       and r.machine == machine)
            modules = [path for path in run.modules
                       if path.stem in ("fx_hello", "fx_pcpu", "fx_vnet")]
            with tempfile.TemporaryDirectory() as folder:
                checked = Checked(run, modules, folder)
                for change, words in spoilers:
                    found = checked.spoil(change)
                    for linker in static.linkers(machine):
                        with self.subTest(machine, words=words):
                            self.assertTrue(any(
                                c.startswith(f"{linker}: {words}")
                                for c in found), found)


if __name__ == "__main__":
    if "ld.lld" not in static.linkers("i386"):
        tools.skip("no ld.lld")
    lacking = [machine for machine in static.MACHINES
               if "ld.bfd" not in static.linkers(machine)]
    tools.main(lacking and [f"ld.bfd for {', '.join(lacking)}"])
