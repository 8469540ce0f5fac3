# SPDX-License-Identifier: BSD-2-Clause
"""Compares what a run left with what linkers and rules say.

Everything here yields complaints, a sentence each.
"""

import struct
from collections import Counter

import elf
import handwork
import link
import rules
import run as runs
import symbols

SETS = (("dpcpu", "set_pcpu", "pcpu_entry_modspace", "cpu", runs.CPUS),
        ("vnet", "set_vnet", "vnet_entry_modspace", "vnet", runs.VNETS))
REGION = {"set_pcpu": "dpcpu", "set_vnet": "vnet"}


def first_difference(expected, got, what):
    """One sentence on the first byte that differs."""
    if got is None:
        yield f"{what}: not in the dump"
    elif len(got) != len(expected):
        yield f"{what}: expected {len(expected)} bytes, got {len(got)}"
    elif got != expected:
        at = next(i for i, pair in enumerate(zip(expected, got))
                  if pair[0] != pair[1])
        yield (f"{what} offset {at:#x}: "
               f"expected {expected[at:at + 8].hex(' ')}, "
               f"got {got[at:at + 8].hex(' ')}")


def same(expected, got, what):
    if expected != got:
        shown = [f"{v:#x}" if isinstance(v, int) else v
                 for v in (expected, got)]
        yield f"{what}: expected {shown[0]}, got {shown[1]}"


class Checked:
    """A run with all that is expected of it."""

    def __init__(self, run, fixtures, result):
        self.run, self.fixtures, self.result = run, fixtures, result
        self.document = result.document
        self.kernel = symbols.Kernel(fixtures.kernel(run.kernel),
                                     run.answers.get("kernel"))
        self.kernel_map = rules.KernelMap(
            self.kernel.end, rules.colours_superpages(run.release))
        self.modspaces = {}         # section name: Modspace
        self.references = {}        # section name: start, bytes
        self.instances = {}         # section name: bytes that copies hold
        self.prepare_sets()
        self.loaded = []            # symbols.Module, in load order
        self.counts = Counter()

    def prepare_sets(self):
        names = (symbols.Kernel(self.fixtures.kernel(self.run.modspace))
                 if self.run.modspace else self.kernel)
        for _, section, variable, _, _ in SETS:
            bounds = self.kernel.section(section)
            if bounds is None:
                continue
            start, stop = bounds
            content = self.kernel.elf.memory(start, stop - start)
            self.references[section] = start, bytearray(content)
            self.instances[section] = bytearray(content)
            self.modspaces[section] = rules.Modspace(
                *names.variable(variable), rules.modspace_unit(
                    section, rules.OSRELDATE[self.run.release], "amd64",
                    rules.POINTER))

    def complaints(self, programs, folder, pool):
        yield from same(self.run.release, self.document["release"], "release")
        yield from self.check_places()
        if len(self.loaded) != len(self.document["files"]) - 1:
            return          # said already; the rest would only follow from it
        # The modules in load order, each with every linker.
        tasks = [(module, linker) for module in self.loaded
                 for linker in programs]
        expected = list(pool.map(
            lambda task: self.expected_bytes(*task, programs, folder), tasks))
        for (module, linker), answer in zip(tasks, expected):
            if isinstance(answer, str):
                yield answer
                continue
            yield from self.check_module(module, linker, answer)
            self.fill_sets(module, answer)
        yield from self.check_copies()

    # --- Places ----------------------------------------------------------

    def check_places(self):
        """O-10 to O-14, O-20, A-10; and who is loaded at all."""
        interfaces = symbols.Interfaces(self.kernel)
        files = iter(self.document["files"])
        yield from same("kernel", next(files)["name"], "first file")
        status = 0
        for name, answer in zip(self.run.modules, self.document["results"]):
            rule = self.run.why_refused(name)
            yield from same("refused" if rule else "loaded", answer["status"],
                            f"{name}: status ({rule or 'loads'})")
            if answer["status"] != "loaded":
                status = 1
                yield from self.refuse(name, rule)
                continue
            file = next(files, None)
            if file is None:
                yield f"{name}: loaded, but not among the files"
                return
            yield from self.load(name, file, interfaces)
        yield from same(None, next(files, None), "a file too many")
        yield from same(status, self.result.status, "exit status")
        for key, section, *_ in SETS:
            space = self.modspaces.get(section)
            got = [[int(e["start"], 16), e["size"]]
                   for e in self.document[key]["free"]]
            yield from same(space.extents if space else [], got,
                            f"{key}: free list")

    def place(self, file, sections):
        """(base, {section: address}, {section: place in the mapping}).

        A set that gets no address, and those after it, have None.
        """
        size = rules.mapsize(sections)
        base = self.run.at.get(file.path.name)
        if base is None:
            base = self.kernel_map.find(size)
        self.kernel_map.take(base, size)
        holes = rules.places(sections, base)
        addresses = {s.index: None if s.name in self.modspaces
                     else holes[s.index] for s in sections}
        for section in sections:
            space = self.modspaces.get(section.name)
            if space:
                addresses[section.index] = space.alloc(section.size)
                if addresses[section.index] is None:
                    break
        return base, addresses, holes

    def refuse(self, name, rule):
        """A refused file gives back what it had; nothing of it remains."""
        file = elf.load(self.fixtures.path(name))
        sections = rules.census(file, self.run.release)
        base, addresses, _ = self.place(file, sections)
        full = None in addresses.values()
        yield from same(rule == "O-21", full,
                        f"{name}: no room in modspace (by A-10)")
        for section in sections:
            space = self.modspaces.get(section.name)
            if space and addresses[section.index] is not None:
                # Stale bytes in the copies would have to be modelled.
                yield f"{name}: refused, with bytes in {section.name}"
                space.free(addresses[section.index], section.size)
        self.kernel_map.release(base, rules.mapsize(sections))

    def load(self, name, got, interfaces):
        file = elf.load(self.fixtures.path(name))
        sections = rules.census(file, self.run.release)
        base, addresses, holes = self.place(file, sections)
        what = f"{name}.ko"
        if None in addresses.values():
            yield f"{what}: loaded, but modspace has no room for it (A-10)"
            return
        deps = interfaces.dependencies(file)
        if None in deps:
            yield f"{what}: loaded, but a dependency is missing (K-30)"
            return
        yield from same(file.path.name, got["name"], f"{what}: name")
        yield from same(base, int(got["address"], 16), f"{what}: address")
        yield from same(rules.mapsize(sections), got["size"],
                        f"{what}: size")
        yield from same([d.name for d in deps], got["deps"], f"{what}: deps")
        yield from self.check_sections(what, sections, addresses, holes, got)
        module = symbols.Module(file, self.run.release, addresses,
                                self.run.answers.get(file.path.name))
        module.deps = deps
        interfaces.add(module, symbols.module_metadata(file))
        self.loaded.append(module)

    def check_sections(self, what, sections, addresses, holes, got):
        yield from same([s.index for s in sections],
                        [s["index"] for s in got["sections"]],
                        f"{what}: section indices")
        found = {s["index"]: s for s in got["sections"]}
        for section in sections:
            entry = found.get(section.index)
            if entry is None:
                continue
            place = f"{what} section {section.index} {section.name}"
            moved = section.name in self.modspaces
            address, hole = addresses[section.index], holes[section.index]
            expected = {
                "name": section.name, "address": f"{address:#x}",
                "size": section.size, "type": section.type,
                "flags": f"{section.flags:#x}",
                "region": REGION[section.name] if moved else "mapping",
                "hole": f"{hole:#x}" if moved else None}
            for key, value in expected.items():
                yield from same(value, entry[key], f"{place}: {key}")

    # --- Bytes -----------------------------------------------------------

    def expected_bytes(self, module, linker, programs, folder):
        """{section index: bytes}; text if the linker did not do its part."""
        try:
            hand = link.handworked(module)
            linked = link.link(programs[linker], module, hand, folder)
        except (link.LinkError, handwork.Missing) as error:
            return str(error)
        memory = {index: bytearray(b) for index, b in linked.items()}
        for reloc, value in hand:
            place = module.addresses[reloc.section] + reloc.offset
            stored = rules.relocated(reloc.type, value, reloc.addend, place)
            memory[reloc.section][
                reloc.offset:reloc.offset + len(stored)] = stored
        sort_sysinits(module, memory)
        self.counts["handworked", linker] += len(hand)
        self.counts["relocations", linker] += len(module.relocs)
        return memory

    def check_module(self, module, linker, expected):
        self.counts["modules", linker] += 1
        for section in module.sections:
            content = bytes(expected[section.index])
            self.counts["sections", linker] += 1
            self.counts["bytes", linker] += len(content)
            path = (f"files/{module.name}/{section.index:02}."
                    f"{section.name}.bin")
            yield from first_difference(
                content, self.result.read(path),
                f"{linker}: {module.name} section {section.index} "
                f"{section.name}")

    # --- Copies ----------------------------------------------------------

    def fill_sets(self, module, expected):
        """What the reference copy and the other copies hold after it."""
        for section in module.sections:
            if section.name not in self.modspaces:
                continue
            start, reference = self.references[section.name]
            at = module.addresses[section.index] - start
            part = slice(at, at + section.size)
            reference[part] = expected[section.index]
            copy = self.instances[section.name]
            if (section.name == "set_vnet"
                    and rules.propagates_relocated_vnets(self.run.release)):
                copy[part] = expected[section.index]
            elif section.type != elf.NOBITS:                # O-23
                copy[part] = module.elf.bytes_of(section)   # O-22

    def check_copies(self):
        """Reference copy, CPUs and vnets, every byte of each."""
        for key, section, _, kind, number in SETS:
            if section not in self.references:
                continue
            expected = {f"{key}/reference.bin": self.references[section][1]}
            for i in range(number):
                expected[f"{key}/{kind}{i}.bin"] = self.instances[section]
            for path, content in expected.items():
                self.counts["copies"] += 1
                self.counts["bytes in copies"] += len(content)
                for complaint in first_difference(
                        bytes(content), self.result.read(path), path):
                    yield complaint + self.whose(section, complaint)

    def whose(self, section, complaint):
        """Which module's part of a copy an offset is in."""
        offset = complaint.partition(" offset ")[2].partition(":")[0]
        if offset:
            address = self.references[section][0] + int(offset, 16)
            for module in self.loaded:
                for part in module.sections:
                    start = module.addresses[part.index]
                    if (part.name == section
                            and start <= address < start + part.size):
                        return f" ({module.name} + {address - start:#x})"
        return " (of no module)" if offset else ""


def sort_sysinits(module, memory):
    """M-30: kldload leaves set_sysinit_set sorted."""
    section = next((s for s in module.sections
                    if s.name == "set_sysinit_set"), None)
    if section is None:
        return
    count = section.size // rules.POINTER
    entries = struct.unpack_from(f"<{count}Q", memory[section.index])

    def key(address):
        for other in module.sections:
            at = address - module.addresses[other.index]
            if 0 <= at <= other.size - 8:
                return struct.unpack_from("<II", memory[other.index], at)
        raise ValueError(f"{module.name}: a sysinit at {address:#x}")

    struct.pack_into(f"<{count}Q", memory[section.index], 0,
                     *rules.exchange_sort(entries, key))
