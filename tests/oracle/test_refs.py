# SPDX-License-Identifier: BSD-2-Clause
"""kldsim refs and llvm-readelf agree on every module of the fixtures: who is on
the list, what is imported and how often, and how often a module's own is used
(F-01 to F-03).

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import json
import os
import re
import subprocess
import unittest
from collections import Counter
from pathlib import Path

import tools

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
KLDSIM = os.environ["KLDSIM"]
MACHINES = (".", "amd64-dyn", "arm64", "armv7", "i386", "powerpc",
            "powerpc64", "powerpc64le", "riscv64")
PREFIX = re.compile("(?:vnet|pcpu)_entry_")
SETS = ("set_vnet", "set_pcpu")
GOT = (".got", ".got2", ".toc", ".got.plt")

SECTION = re.compile(r"^  \[ *\d+\] (\S*) +[A-Z_]+ +([0-9a-f]+) ([0-9a-f]+)"
                     r" ([0-9a-f]+) [0-9a-f]+ ([ A-Zx]*) ", re.M)


def modules(machine):
    return sorted(FIXTURES.glob(f"{machine}/boot/*/*.ko"))


def kldsim(*words):
    return subprocess.run([KLDSIM, "refs", *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


class Said:
    """What readelf says of one module."""

    def __init__(self, path, text):
        self.data = path.read_bytes()
        self.rel = 1 in (self.data[16], self.data[17])
        self.order = "big" if self.data[5] == 2 else "little"
        self.word = 8 if self.data[4] == 2 else 4
        self.sections = [(name, int(start, 16), int(place, 16), int(size, 16))
                         for name, start, place, size, flags
                         in SECTION.findall(text) if "A" in flags]
        self.names, self.imported, self.tables = set(), set(), []
        table = None
        for line in text.splitlines():
            words = line.split()
            if line.startswith("Relocation section"):
                self.tables.append((words[2].strip("'"), table := []))
            elif re.match("[0-9a-f]{8}", line) and table is not None:
                table.append(words)
            elif re.match(r" *\d+: ", line) and len(words) > 7:
                self.names.add(words[7])
                if words[6] == "UND" and PREFIX.match(words[7]):
                    self.imported.add(words[7])

    def section_at(self, address):
        """The section of a linked module at an address."""
        return next((s for s in self.sections
                     if s[1] <= address < s[1] + s[3]), ("", 0, 0, 0))

    def leads_into_set(self, words):
        """Whether an entry of no variable's name leads into a set."""
        if self.rel:
            return words[4] in SETS
        if len(words) > 4:
            return False
        if len(words) == 4:
            return self.section_at(int(words[3], 16))[0] in SETS
        where = int(words[0], 16)
        _, start, place, _ = self.section_at(where)
        place += where - start
        value = int.from_bytes(self.data[place:place + self.word], self.order)
        return self.section_at(value)[0] in SETS

    def references(self):
        """How often each import is wanted and through the GOT; and how often
        what is the module's own."""
        count, got, own = Counter(), Counter(), 0
        loaded = {section[0] for section in self.sections}
        for table, entries in self.tables:
            # Of a relocatable file, those of sections that are loaded.
            if self.rel and re.sub("^[.]rela?", "", table) not in loaded:
                continue
            for words in entries:
                name = words[4] if len(words) > 4 else ""
                if name in self.imported:
                    count[name] += 1
                    got[name] += not self.rel and self.section_at(
                        int(words[0], 16))[0] in GOT
                else:
                    own += bool(PREFIX.match(name)
                                or self.leads_into_set(words))
        return count, got, own


class Refs(unittest.TestCase):
    def compare(self, machine):
        """How many modules of a machine import something."""
        paths = modules(machine)
        self.assertTrue(paths)
        said = {path: Said(path, text) for path, text in tools.of_each(
            ["llvm-readelf", "-SWsr"], paths, r"^File: (.*)$").items()}
        files = json.loads(kldsim("--json", *paths))["files"]
        for path, file in zip(paths, files, strict=True):
            with self.subTest(path=path):
                self.file(said[path], file)
        listed = [path.name for path in paths
                  if any(name.startswith("vnet_entry_")
                         for name in said[path].names)]
        self.assertEqual(sorted(kldsim("-l", *paths).split()), sorted(listed))
        return sum(bool(one.imported) for one in said.values())

    def file(self, said, file):
        count, got, own = said.references()
        have = {v["prefix"] + v["name"]: v for v in file["imports"]}
        self.assertEqual(set(have), said.imported)
        for name, variable in have.items():
            self.assertEqual(variable["references"], count[name], name)
            through = None if not count[name] else "relocations" if not \
                got[name] else "GOT" if got[name] == count[name] else "both"
            self.assertEqual(variable["through"], through, name)
        self.assertEqual(file["own_references"], own)
        mine = {v["prefix"] + v["name"] for v in file["own"] if v["name"]}
        self.assertEqual(mine, {name for name in said.names - said.imported
                                if PREFIX.match(name)})


for one in MACHINES:
    def test(self, machine=one):
        # fx_libb, fx_netuser, fx_vnet, fx_pcpu and others of their kind.
        self.assertGreater(self.compare(machine), 4)

    setattr(Refs, f"test_{'amd64' if one == '.' else one}", test)

tools.need("llvm-readelf")
tools.main()
