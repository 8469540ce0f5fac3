# SPDX-License-Identifier: BSD-2-Clause
"""kldsim hints: the fixtures' linker.hints, and the command line.

The bytes are compared with those of a writer of its own, below, that reads
the modules without the library and takes another way: it follows relocations
from section to section, where kldxref lays the sections out.
"""

import itertools
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

import cli
from cli import HOST, OK, USAGE
from sample import sample

BOOT = cli.FIXTURES / "boot"
OLD, MIDDLE, NEW = "12.1", "13.0", "main"
MACHINES = ("amd64-dyn", "i386", "arm64", "armv7", "riscv64", "powerpc",
            "powerpc64", "powerpc64le")

# H-11
EXAMPLE = bytes.fromhex(
    "01000000 18000000 02000000 0a75617274 30785f706369 087561727478 2e6b6f"
    "1c000000 03000000 057561727478 0000 07000000 087561727478 2e6b6f 000000"
    "30000000 04000000 03706369 12493a76656e646f723b493a6465766963653b 00"
    "02000000 86800000 34120000 86800000 78560000")


# --- A writer of its own: honest files only ---------------------------------

# e_machine, is 64 bit: the types of a word that is symbol + addend, and of one
# that is base + addend.
WORDS = {(62, True): (1, 8), (3, False): (1, 8), (183, True): (257, 1027),
         (40, False): (2, 23), (243, True): (2, 3), (20, False): (1, 22),
         (21, True): (38, 22)}


class Elf:
    """Places are (section index, offset); None is a null pointer."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        if self.bytes[:4] != b"\x7fELF":
            raise ValueError("no ELF file")
        self.wide = self.bytes[4] == 2
        self.order = "<" if self.bytes[5] == 1 else ">"
        self.ptr = 8 if self.wide else 4
        word = "Q" if self.wide else "I"
        (self.type, machine, _, _, phoff, shoff, _, _, phentsize, phnum, _,
         shnum, names) = self.unpack("HHI" + 3 * word + "IHHHHHH", 16)
        self.words = WORDS[machine, self.wide]
        self.section_form = "II" + 4 * word + "II" + 2 * word
        self.sections = [self.unpack(self.section_form, shoff
                                     + (64 if self.wide else 40) * i)
                         for i in range(shnum)]
        self.segments = [self.unpack("I", phoff + phentsize * i)
                         for i in range(phnum)]
        self.names = [self.text(self.sections[names][4] + section[0])
                      for section in self.sections]
        self.pointers = {}
        for section in self.sections:
            if section[1] == 4:  # SHT_RELA
                self.read_relocations(section)

    def unpack(self, form, at):
        return struct.unpack_from(self.order + form, self.bytes, at)

    def text(self, at):
        return self.bytes[at:self.bytes.index(b"\0", at)]

    def place_of(self, address):
        """An address of a linked file as a place."""
        for index, section in enumerate(self.sections):
            if section[2] & 2 and section[3] <= address < (section[3] +
                                                           section[5]):
                return index, address - section[3]
        return None

    def symbol(self, table, index):
        """Its section and value."""
        at = self.sections[table][4] + (24 if self.wide else 16) * index
        _, *fields = self.unpack("IBBHQQ" if self.wide else "IIIBBH", at)
        return (fields[2], fields[3]) if self.wide else (fields[4], fields[0])

    def read_relocations(self, section):
        form = "QQq" if self.wide else "IIi"
        for at in range(section[4], section[4] + section[5],
                        struct.calcsize("=" + form)):
            offset, info, addend = self.unpack(form, at)
            shift = 32 if self.wide else 8
            index, kind = info >> shift, info & ((1 << shift) - 1)
            symbolic, relative = self.words
            if self.type == 1 and kind == symbolic:  # ET_REL
                home, value = self.symbol(section[6], index)
                self.pointers[section[7], offset] = home, value + addend
            elif self.type == 3 and kind == relative:  # ET_DYN
                self.pointers[self.place_of(offset)] = self.place_of(addend)

    def read(self, place, size):
        section = self.sections[place[0]]
        if section[1] == 8:  # SHT_NOBITS
            return bytes(size)
        at = section[4] + place[1]
        return self.bytes[at:at + size]

    def string(self, place):
        return self.text(self.sections[place[0]][4] + place[1])

    def pointer(self, place):
        if place in self.pointers:
            return self.pointers[place]
        value = int.from_bytes(self.read(place, self.ptr), self.byteorder)
        return self.place_of(value) if self.type != 1 and value else None

    @property
    def byteorder(self):
        return "little" if self.order == "<" else "big"

    def int(self, place, size=4):
        return int.from_bytes(self.read(place, size), self.byteorder)

    def metadata(self):
        """(type, place of the data, cval) of each entry, in set order."""
        if b"set_modmetadata_set" not in self.names:
            return
        index = self.names.index(b"set_modmetadata_set")
        for offset in range(0, self.sections[index][5], self.ptr):
            entry = self.pointer((index, offset))
            yield (self.int(step(entry, 4)), self.pointer(step(entry, 8)),
                   self.string(self.pointer(step(entry, 8 + self.ptr))))

    def loads(self):
        return sum(segment[0] == 1 for segment in self.segments)


def step(place, size):
    return place[0], place[1] + size


class Record:
    def __init__(self, kind, order="<"):
        self.bytes, self.order = b"", order
        self.int(kind)

    def align(self):
        self.bytes += bytes(-len(self.bytes) % 4)

    def int(self, value):
        self.align()
        self.bytes += struct.pack(self.order + "I", value & 0xffffffff)

    def string(self, text):
        self.bytes += bytes([len(text)]) + text

    def done(self):
        self.align()
        return struct.pack(self.order + "I", len(self.bytes)) + self.bytes


def pnp(elf, info, bus):
    """The fixtures' tables have U16 and D only."""
    descr = elf.string(elf.pointer(info))
    table = elf.pointer(step(info, 2 * elf.ptr))
    size = elf.int(step(info, 3 * elf.ptr))
    count = elf.int(step(info, 3 * elf.ptr + 4))
    fields = [field.split(b":") for field in descr.split(b";") if field]
    record = Record(4, elf.order)
    record.string(bus)
    record.string(b"".join({b"U16": b"I", b"D": b"D"}[kind] + b":" + key +
                           b";" for kind, key in fields))
    record.int(count)
    for row in range(count):
        at = 0
        for kind, _ in fields:
            width = 2 if kind == b"U16" else elf.ptr
            at += -at % width
            place = step(table, row * size + at)
            if width == 2:
                record.int(elf.int(place, 2))
            else:
                text = elf.pointer(place)
                record.string(elf.string(text) if text else b"")
            at += width
    return record.done()


def records(path, release):
    """The records of one file, and how many: what it makes in a release."""
    elf = Elf(path)
    entries = list(elf.metadata())
    if any(len(cval) > 32 for _, _, cval in entries):
        raise ValueError("not for this writer")
    if release != OLD:  # H-08
        modules = [entry for entry in entries if entry[0] == 2]
        entries = modules[:1] + [entry for entry in entries if entry[0] != 2]
    name = path.name.encode()
    for kind, data, cval in entries:
        if kind == 4:
            yield pnp(elf, data, cval)
        elif kind in (2, 3):
            record = Record(kind, elf.order)
            record.string(cval)
            if kind == 3:
                record.int(elf.int(data))
            record.string(name)
            yield record.done()


def refused(path, release):
    """What the tool says of a file that it does not take (H-06), or None."""
    elf = Elf(path)
    if elf.loads() > (16 if release == NEW else 3):
        return "too many segments"
    return None


def expected(folder, release):
    made, order = [], "<"
    for path in sorted(folder.iterdir(), key=lambda path: path.name.encode()):
        if path.suffix not in (".ko", ""):
            continue
        if not refused(path, release):
            made += records(path, release)
            order = Elf(path).order
    return struct.pack(order + "I", 1) + b"".join(made) if made else None


# --- Tests --------------------------------------------------------------------

class Hints(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def hints(self, status, *args, **more):
        done = cli.run("hints", *args, **more)
        self.assertEqual(done.status, status, done.err + done.out)
        return done

    def test_the_fixtures_folders_are_as_another_writer_has_them(self):
        """H-01 to H-09 on every fixture, in every behaviour."""
        records_seen = 0
        sources = sorted(BOOT.iterdir())
        for machine in MACHINES:
            sources += sorted((cli.FIXTURES / machine / "boot").iterdir())
        for source, release in sample(
                itertools.product(sources, (OLD, MIDDLE, "14.0", NEW)), 5,
                lambda pair: [pair[0], (pair[0].parent, pair[1])]):
            machine = source.parent.parent.name
            with self.subTest(f"{machine} {source.name} {release}"):
                folder = self.tmp / f"{machine}-{source.name}-{release}"
                shutil.copytree(source, folder)
                done = self.hints(OK, "-r", release, folder)
                want = expected(folder, release if release != "14.0"
                                else MIDDLE)
                file = folder / "linker.hints"
                self.assertEqual(file.exists(), want is not None)
                if want is not None:
                    self.assertEqual(file.read_bytes(), want)
                    records_seen += want.count(b".ko")
                said = [f"kldsim: {path}: {refused(path, release)}"
                        for path in sorted(folder.iterdir())
                        if path.name != "linker.hints" and
                        refused(path, release)]
                self.assertEqual(done.err.splitlines(), said)
                self.assertEqual(done.out, "")
        self.assertGreater(records_seen, 1000)

    def test_what_an_upgrade_leaves_is_taken_in_and_told(self):
        """V-70: fx_hello.ko.pkgsave, alone and beside the module."""
        for release, taken in (("12.1", True), ("13.5", True), ("14.0", False),
                               ("15.0", False)):
            folder = self.tmp / release
            folder.mkdir()
            for name in ("kernel/kernel", "kernel/fx_hello.ko"):
                shutil.copy(BOOT / name, folder)
            (folder / "fx_hello.ko").rename(folder / "fx_hello.ko.pkgsave")
            self.hints(OK, "-r", release, folder)
            done = cli.run("load", "-q", folder / "kernel", "fx_hello")
            self.assertEqual(done.status, OK if taken else 1, done.err + done.out)
            self.assertEqual("[hints-leftover" in done.out, taken, done.out)
            shutil.copy(BOOT / "kernel/fx_hello.ko", folder)
            self.hints(OK, "-r", release, folder)
            done = cli.run("load", "-q", folder / "kernel", "fx_hello")
            self.assertEqual(done.status, OK)
            self.assertNotIn("hints-leftover", done.out)

    def test_two_modules_in_one_file(self):
        """H-07, H-08: fx_driver has two, and devices."""
        shutil.copy(BOOT / "kernel/fx_driver.ko", self.tmp)
        file = self.tmp / "linker.hints"
        self.hints(OK, "-r", OLD, self.tmp)
        self.assertEqual(self.hints(OK, "-d", file).out, f"""\
{file}: version 1, little endian
fx_driver.ko
  module fxd_pci
  module fxd_nexus
  interface fxd.1
  pnp info for bus pci format I:vendor;I:device;D:#; 2 entries
    vendor=0x8086 device=0x1234 #="one"
    vendor=0x8086 device=0x1235 #="two"
""")
        self.hints(OK, "-r", MIDDLE, self.tmp)
        self.assertNotIn("fxd_nexus", self.hints(OK, "-d", file).out)

    def test_records_that_are_none_delete_the_file(self):
        """H-09"""
        shutil.copy(BOOT / "kernel/fx_initonly.ko", self.tmp)
        file = self.tmp / "linker.hints"
        file.write_bytes(EXAMPLE)
        self.hints(OK, "-n", self.tmp)
        self.assertTrue(file.exists())
        self.hints(OK, self.tmp)
        self.assertFalse(file.exists())
        self.assertEqual(os.listdir(self.tmp), ["fx_initonly.ko"])

    def test_folders_below(self):
        below = self.tmp / "a" / "b"
        below.mkdir(parents=True)
        shutil.copy(BOOT / "kernel/fx_hello.ko", below)
        shutil.copy(BOOT / "kernel/fx_vnet.ko", self.tmp)
        done = self.hints(OK, "-v", self.tmp)
        self.assertEqual(done.out, f"""\
{self.tmp}/fx_vnet.ko
{below}/fx_hello.ko
{self.tmp}: 3 folders, 2 files, 4 records; 2 written, 0 deleted
""")
        self.assertTrue((below / "linker.hints").exists())
        self.assertFalse((self.tmp / "a/linker.hints").exists())

    def test_counts_of_one(self):
        shutil.copy(BOOT / "kernel/fx_initonly.ko", self.tmp)
        self.assertEqual(
            self.hints(OK, "-v", self.tmp).out.splitlines()[-1],
            f"{self.tmp}: 1 folder, 1 file, 0 records; 0 written, 0 deleted")

    def test_links_to_folders(self):
        folder = self.tmp / "d"
        folder.mkdir()
        shutil.copy(BOOT / "kernel/fx_hello.ko", folder)
        link = self.tmp / "link"
        link.symlink_to(folder)
        done = self.hints(OK, link)
        self.assertIn("-R", done.err)
        self.assertFalse((folder / "linker.hints").exists())
        self.assertEqual(self.hints(OK, "-q", link).err, "")
        self.hints(OK, "-R", link)
        self.assertTrue((folder / "linker.hints").exists())

    def test_relative_folders(self):
        """H-07: lhint.XXXXXX of "." is in the folder, of "d" beside it."""
        shutil.copy(BOOT / "kernel/fx_hello.ko", self.tmp)
        for release in (OLD, NEW):
            for folder in (".", "./", "../" + self.tmp.name):
                self.hints(OK, "-r", release, folder, cwd=self.tmp)
                file = self.tmp / "linker.hints"
                self.assertEqual(file.read_bytes(),
                                 expected(self.tmp, release))
                file.unlink()
                self.assertEqual(os.listdir(self.tmp), ["fx_hello.ko"])

    def test_other_name(self):
        shutil.copy(BOOT / "kernel/fx_hello.ko", self.tmp)
        self.hints(OK, "-f", "my.hints", self.tmp)
        self.assertTrue((self.tmp / "my.hints").exists())
        self.assertIn("a/b", self.hints(USAGE, "-f", "a/b", self.tmp).err)

    def test_the_worked_example_is_shown(self):
        """H-11"""
        file = self.tmp / "linker.hints"
        file.write_bytes(EXAMPLE)
        self.assertEqual(self.hints(OK, "-d", file).out, f"""\
{file}: version 1, little endian
uartx.ko
  module uart0x_pci
  interface uartx.7
  pnp info for bus pci format I:vendor;I:device; 2 entries
    vendor=0x8086 device=0x1234
    vendor=0x8086 device=0x5678
""")

    def test_what_is_shown_is_escaped(self):
        file = self.tmp / "linker.hints"
        record = Record(3)
        record.string(b"\x1b[31m")
        record.int(1)
        record.string(b"a\nb.ko")
        other = Record(99)
        file.write_bytes(struct.pack("<I", 1) + record.done() + other.done())
        self.assertEqual(self.hints(OK, "-d", file).out, f"""\
{file}: version 1, little endian
a\\x0ab.ko
  interface \\x1b[31m.1
  record of type 99, 4 bytes
""")

    def test_broken_files_are_told(self):
        file = self.tmp / "linker.hints"
        for size in range(len(EXAMPLE)):
            file.write_bytes(EXAMPLE[:size])
            # Cut between two records, it is a shorter file.
            whole = size in (4, 0x20, 0x40)
            done = self.hints(OK if whole else HOST, "-d", file)
            self.assertEqual(done.err != "", not whole)
        self.hints(HOST, "-d", self.tmp / "none")
        with open(file, "r+b") as endless:
            endless.truncate((64 << 20) + 1)
        self.assertIn("too large", self.hints(HOST, "-d", file).err)

    def test_what_is_no_folder_or_no_hints(self):
        """The other one of the two is what was meant; it is said."""
        module = BOOT / "kernel/fx_hello.ko"
        for args, words in [
                (["-d", module], "is no linker.hints, but an ELF file"),
                ([module], "hints are written for the folder")]:
            with self.subTest(args):
                self.assertIn(words, self.hints(HOST, *args).err)

    def test_usage(self):
        for args in ([], ["-d"], ["-x", "."], ["--nothing", "."], ["-r"],
                     ["-r", "13.7", "."], ["-f"], ["-f", "", "."]):
            done = self.hints(USAGE, *args)
            self.assertTrue(done.err.startswith("kldsim: "), done.err)
            self.assertEqual(done.out, "")
        done = self.hints(OK, "--help")
        self.assertIn("usage: kldsim hints", done.out)
        self.assertEqual(done.err, "")

    def test_host_failures(self):
        (self.tmp / "file").write_bytes(b"")
        for path in ("none", "file"):
            self.assertIn(path, self.hints(HOST, self.tmp / path).err)
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                self.hints(HOST, "--help", stdout=full)

    def test_a_failure_does_not_end_the_rest(self):
        folder = self.tmp / "d"
        folder.mkdir()
        shutil.copy(BOOT / "kernel/fx_hello.ko", folder)
        self.hints(HOST, self.tmp / "none", folder)
        self.assertTrue((folder / "linker.hints").exists())


if __name__ == "__main__":
    if not (BOOT / "kernel/fx_driver.ko").exists():
        print(f"skipped: no fixtures in {cli.FIXTURES}")
        sys.exit(77)
    unittest.main()
