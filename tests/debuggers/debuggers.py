# SPDX-License-Identifier: BSD-2-Clause
"""Simulated kernels for debuggers to look into, and what they have to see.

Where a variable is and what it holds comes from three places that know nothing
of cores or debuggers: its file's symbol table, the sections of `--json`, and
the instances of `--dump`, which kldsim_read() has read.
"""

import json
import os
import pathlib
import shlex
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

import cli  # noqa: E402
from sample import FULL  # noqa: E402,F401

GDB = shutil.which("gdb-multiarch") or shutil.which("gdb")
# Before 19 they do not know FreeBSD's kernels; who has one name has one LLDB.
LLDB = next(filter(None, map(shutil.which, [*(
    f"lldb-{version}" for version in range(22, 18, -1)), "lldb"])), None)

MACHINES = ["amd64", "amd64-dyn", "i386", "arm64", "armv7", "riscv64",
            "powerpc", "powerpc64", "powerpc64le"]
MODULES = ["fx_vnet", "fx_pcpu", "fx_dyn", "fx_odd16", "fx_odd1c", "fx_nobits",
           "fx_liba", "fx_libb"]
# Prefix of symbols, function of gdb's script, command, and the set's name.
SETS = [("vnet_entry_", "V", "vprint", "vnet"),
        ("pcpu_entry_", "PCPU", "dprint", "dpcpu")]


def folder_of(machine, fixtures=cli.FIXTURES):
    root = fixtures if machine == "amd64" else fixtures / machine
    return root / "boot/kernel"


class Elf:
    """The symbols of a file of any word size and byte order."""

    def __init__(self, path):
        data = path.read_bytes()
        self.wide = data[4] == 2
        self.order = "<" if data[5] == 1 else ">"
        self.type = struct.unpack_from(self.order + "H", data, 16)[0]
        at, size, count = ((40, "Q", 60) if self.wide else (32, "I", 48))
        table = struct.unpack_from(self.order + size, data, at)[0]
        count = struct.unpack_from(self.order + "H", data, count)[0]
        shdr = struct.Struct(self.order + ("IIQQQQIIQQ" if self.wide
                                           else "IIIIIIIIII"))
        self.sections = [shdr.unpack_from(data, table + i * shdr.size)
                         for i in range(count)]
        self.symbols = list(self.read(data, 2)) or list(self.read(data, 11))

    def read(self, data, kind):
        """(name, section, value, size) of each symbol of a table."""
        entry = struct.Struct(self.order + ("IBBHQQ" if self.wide
                                            else "IIIBBH"))
        for header in self.sections:
            if header[1] != kind:
                continue
            names = self.sections[header[6]][4]
            for at in range(header[4], header[4] + header[5], entry.size):
                fields = entry.unpack_from(data, at)
                name, section, value, size = (
                    (fields[0], *fields[3:6]) if self.wide
                    else (fields[0], fields[5], *fields[1:3]))
                end = data.index(b"\0", names + name)
                yield data[names + name:end].decode(), section, value, size


class World:
    """A kernel with two CPUs and three vnets, its core, and its variables."""

    def __init__(self, machine, tmp, modules=MODULES, fixtures=cli.FIXTURES):
        self.machine, self.tmp = machine, tmp
        folder = folder_of(machine, fixtures)
        self.kernel = folder / "kernel"
        self.modules = [folder / f"{name}.ko" for name in modules]
        self.core = tmp / "core"
        self.options = ["--cpus", "2", "--vnets", "3"]
        done = cli.run("load", "--json", *self.options, "--core", self.core,
                       "--dump", tmp / "dump", self.kernel, *self.modules)
        if done.status != 0:
            raise AssertionError(f"{machine}: {done.status} {done.err}")
        self.loaded = done.json()
        kernel = Elf(self.kernel)
        self.order = "little" if kernel.order == "<" else "big"
        self.word = 8 if kernel.wide else 4
        self.references = dict(self.find_references(kernel))
        self.instances = list(self.find_instances())

    def find_references(self, kernel):
        """(symbol, (address of its reference copy, size)), of unique names."""
        found = {}
        for file, path in zip(self.loaded["files"],
                              [self.kernel, *self.modules]):
            elf = kernel if path == self.kernel else Elf(path)
            places = {section["index"]: int(section["address"], 16)
                      for section in file["sections"]}
            for name, section, value, size in elf.symbols:
                if not name.startswith(tuple(row[0] for row in SETS)):
                    continue
                # In modspace are variables, which are asked for themselves.
                if section == 0 or size == 0 or "modspace" in name:
                    continue
                if path != self.kernel:
                    # In a shared object, values are not relative to it.
                    start = 0 if elf.type == 1 else elf.sections[section][3]
                    value += places[section] - start
                found.setdefault(name, []).append((value, size))
        for name, places in found.items():
            if len(set(places)) == 1:
                yield name, places[0]

    def find_instances(self):
        """(row of SETS, number, address of the copy, its bytes)."""
        listed = cli.read_dump(self.tmp / "dump")
        for row in SETS:
            for path, item in listed.items():
                if item["set"] != row[3] or item["instance"] is None:
                    continue
                yield (row, item["instance"], int(item["address"], 16),
                       (self.tmp / "dump" / path).read_bytes())

    def expected(self):
        """{(symbol, number of the copy): (address, bytes)}."""
        found = {}
        for row, number, area, content in self.instances:
            start = int(self.loaded[row[3]]["reference"]["start"], 16)
            for name, (address, size) in self.references.items():
                at = address - start
                # The kernel has no copies of what is not in its set (D-32).
                if name.startswith(row[0]) and 0 <= at < len(content):
                    found[name, number] = area + at, content[at:at + size]
        return found

    def remote(self, *modules):
        """What gdb is told to look into such a kernel without a core."""
        command = shlex.join(map(str, [
            cli.KLDSIM, "gdb", *self.options, self.kernel,
            *(modules or self.modules)]))
        return ["-ex", "set osabi none", "-ex", f"file {self.kernel}",
                "-ex", f"target remote | {command} 2>/dev/null"]

    def questions(self):
        """[(set's function, name without prefix, number)], for debuggers."""
        rows = {row[0]: row for row in SETS}
        return [(*rows[name[:11]][1:3], name[11:], name, number)
                for name, number in self.expected()]


ASK_GDB = """
import gdb, json
answers = []
for function, command, name, symbol, number in {questions!r}:
    value = gdb.parse_and_eval('$%s("%s", %d)' % (function, name, number))
    count = value.type.sizeof
    if value.type.code == gdb.TYPE_CODE_ARRAY:
        shown = [int(value[i]) for i in range(count)]
    else:
        shown = list(int(value).to_bytes(count, {order!r}))
    answers.append([symbol, number, int(value.address), shown])
print("answers", json.dumps(answers))
"""


def run(command, *args, **more):
    done = subprocess.run([command, *map(str, args)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=240, **more)
    return done.stdout.decode(errors="replace")


def gdb(*args, **more):
    return run(GDB, "-nx", "-batch", *args, **more)


def ask_gdb(world, *args):
    """What gdb answers of all variables: as expected() has it."""
    script = world.tmp / "ask.py"
    script.write_text(ASK_GDB.format(questions=world.questions(),
                                     order=world.order))
    text = gdb(*args, "-x", script)
    lines = [line for line in text.splitlines() if line.startswith("answers ")]
    if not lines:
        raise AssertionError(text[-500:])
    return {(symbol, number): (address, bytes(shown)) for
            symbol, number, address, shown in json.loads(lines[0][8:])}
