# SPDX-License-Identifier: BSD-2-Clause
"""Minidumps, by a reader that knows the rules alone (minidump.py): of every
fixture kernel of the four machines each page is found, with the bytes that the
kernel's file, core and dump have there, and nothing else; and a walk as
libkvm's comes to vnet0 (E-30 to E-36, E-71, N-13 to N-15)."""

import os
import pathlib
import struct
import tempfile
import unittest

import debuggers
from debuggers import cli
from minidump import PAGE, Minidump
from sample import sample

MACHINES = {"amd64": "amd64", "amd64-dyn": "amd64", "arm64": "arm64",
            "riscv64": "riscv", "i386": "i386"}

# What libkvm and kgdb look for, and where (E-07, Q-09).
OBJECTS = """\
machine: {machine}
kind: kernel
functions: [printf]
objects:
  - {{name: allproc, size: {word}}}
  - {{name: proc0, size: 128}}
  - {{name: thread0_st, size: 128}}
  - {{name: dumptid, size: 4}}
  - {{name: dumppcb, size: 64}}
  - {{name: prison0, size: 64}}
  - {{name: msgbufp, size: {word}}}
  - {{name: proc_off_p_pid, int: 60}}
  - {{name: proc_off_p_list, int: 0}}
  - {{name: proc_off_p_threads, int: 32}}
  - {{name: proc_off_p_comm, int: 64}}
  - {{name: thread_off_td_tid, int: 16}}
  - {{name: thread_off_td_pcb, int: 24}}
  - {{name: thread_off_td_plist, int: 32}}
vnet: [{{name: pad, size: 16}}, {{name: x, int: 4711}}]
"""
TYPES = """\
types:
  - {{kind: integer, name: int, size: 4, encoding: signed}}
  - kind: struct
    name: proc
    size: 128
    members: [{{name: p_ucred, type: int *, bit: 384}}]
  - kind: struct
    name: ucred
    size: 200
    members: [{{name: cr_prison, type: int *, bit: 320}}]
  - kind: struct
    name: prison
    size: 64
    members: [{{name: pr_vnet, type: int *, bit: 128}}]
  - kind: struct
    name: msgbuf
    size: 32
    members:
      - {{name: msg_ptr, type: int *, bit: 0}}
      - {{name: msg_magic, type: int, bit: {magic}}}
      - {{name: msg_size, type: int, bit: {size}}}
      - {{name: msg_wseq, type: int, bit: {wseq}}}
"""
ASTRAY = """\
types:
  - {{kind: integer, name: int, size: 4, encoding: signed}}
  - kind: struct
    name: proc
    size: 128
    members: [{{name: p_ucred, type: int *, bit: 0}}]
  - kind: struct
    name: ucred
    size: 8
    members: [{{name: cr_prison, type: int *, bit: 60000}}]
  - kind: struct
    name: prison
    size: 64
    members: [{{name: pr_vnet, type: int *, bit: 65000}}]
"""


def kernels():
    """(machine of its dump, kernel, preloaded?) of all fixtures."""
    for name, machine in MACHINES.items():
        boot = debuggers.folder_of(name).parent
        for kernel in sorted(boot.glob("*/kernel")):
            for preload in False, True:
                yield machine, kernel, preload


def segments(path):
    """(address, bytes) of an ELF file's PT_LOADs."""
    data = path.read_bytes()
    wide = data[4] == 2
    table, = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    for at in range(table, table + size * count, size):
        if wide:
            kind, _, offset, address, _, length, whole = struct.unpack_from(
                "<IIQQQQQ", data, at)
        else:
            kind, offset, address, _, length, whole = struct.unpack_from(
                "<IIIIII", data, at)
        if kind == 1:
            yield address, data[offset:offset + length].ljust(whole, b"\0")


def memory(*paths):
    """{page: bytes} of what ELF files have, the later ones over the others;
    what nobody has is zeros."""
    pages = {}
    for path in paths:
        for address, content in segments(path):
            while content:
                inside = address % PAGE
                part = content[:PAGE - inside]
                page = pages.setdefault(address - inside, bytearray(PAGE))
                page[inside:inside + len(part)] = part
                address, content = address + len(part), content[len(part):]
    return pages


class Fixtures(unittest.TestCase):
    """Each fixture kernel with all modules beside it, loaded or preloaded; some
    are made to be refused, or to panic."""

    def simulate(self, kernel, preload):
        done = cli.run(
            "load", "--json", "--cpus", "2", "--vnets", "3",
            *["--preload"] * preload, "--vmcore", self.tmp / "vmcore",
            "--core", self.tmp / "core", "--dump", self.tmp / "dump",
            kernel, *sorted(kernel.parent.glob("*.ko")))
        self.assertIn(done.status, (cli.OK, cli.REFUSED, cli.PANIC), done.err)
        return done.json()

    def check_pages(self, dump, want):
        pages, unreachable = dump.everything()
        self.assertEqual(unreachable, [])
        self.assertEqual([hex(page) for page in sorted(pages)],
                         [hex(page) for page in sorted(want)])
        for address, content in want.items():
            # As libkvm goes, and by the list of all that is mapped.
            self.assertEqual(dump.page(address), content, hex(address))
            at = dump.offsets[pages[address]]
            self.assertEqual(dump.data[at:at + PAGE], content, hex(address))

    def check_dump(self, dump):
        """What kldsim_read(3) reads does not come from where a core does."""
        for path, item in cli.read_dump(self.tmp / "dump").items():
            content = (self.tmp / "dump" / path).read_bytes()
            self.assertEqual(dump.read(int(item["address"], 16), len(content)),
                             content, path)

    def check(self, machine, kernel, preload):
        loaded = self.simulate(kernel, preload)
        dump = Minidump((self.tmp / "vmcore").read_bytes())
        self.assertEqual(dump.machine, machine)
        self.check_pages(dump, memory(kernel, self.tmp / "core"))
        self.check_dump(dump)
        self.assertEqual(dump.messages(), "".join(
            line + "\n" for line in loaded["console"]))

    def test_every_page_and_nothing_else(self):
        every = list(kernels())
        self.assertEqual({case[0] for case in every}, set(MACHINES.values()))
        for machine, kernel, preload in sample(
                every, 3, lambda case: {case[1]}):
            with self.subTest(kernel=str(kernel), preload=preload), \
                    tempfile.TemporaryDirectory() as scratch:
                self.tmp = pathlib.Path(scratch)
                self.check(machine, kernel, preload)


class Minidumps(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name).resolve()

    def dump(self, *words, status=0, command="load"):
        done = cli.run(command, *words, cwd=self.tmp)
        self.assertEqual(done.status, status, done.err)
        self.err = done.err
        dump = Minidump((self.tmp / "vmcore").read_bytes())
        self.pages, unreachable = dump.everything()
        self.assertEqual(unreachable, [])
        return dump

    def kernel(self, name, spec):
        (self.tmp / "spec.yaml").write_text(spec)
        done = cli.run("synth", "spec.yaml", "-o", name, cwd=self.tmp)
        self.assertEqual(done.status, 0, done.err)

    def test_console(self):
        """E-35: what the console said is in the message buffer."""
        folder = debuggers.folder_of("amd64")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel",
                         folder / "fx_undef.ko", status=1)
        self.assertIn("fx_undef.ko - unsupported file type\n",
                      dump.messages())

    def test_holes(self):
        """E-33: the map of amd64 is 8 MB, and nearly all of it a hole."""
        folder = debuggers.folder_of("amd64")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel")
        self.assertEqual(dump.mapsize, 2047 * PAGE)
        on_disk = os.stat(self.tmp / "vmcore").st_blocks * 512
        self.assertLess(on_disk, 5 * PAGE + len(dump.offsets) * PAGE)

    def test_scenario(self):
        folder = debuggers.folder_of("amd64")
        (self.tmp / "a.kld").write_text("vmcore early\nkldload fx_vnet\n"
                                        "vmcore vmcore\n")
        self.dump("a.kld", folder / "kernel", command="run")
        early = Minidump((self.tmp / "early").read_bytes())
        self.assertLess(set(early.everything()[0]), set(self.pages))
        self.assertIn("no symbol allproc", self.err)

    def test_other_machines(self):
        for machine in ("armv7", "powerpc64"):
            kernel = debuggers.folder_of(machine) / "kernel"
            done = cli.run("load", "--vmcore", "vmcore", kernel,
                           cwd=self.tmp)
            self.assertEqual(done.status, cli.HOST)
            self.assertIn(f"no minidump of {machine} is known", done.err)
            self.assertFalse((self.tmp / "vmcore").exists())

    # --- a process, a thread, and the way to vnet0 (E-71) ---

    def typed(self, machine, word, types=TYPES):
        """A kernel with what libkvm and kgdb look for, and its symbols."""
        self.kernel("kernel", OBJECTS.format(machine=machine, word=word) +
                    types.format(magic=8 * word, size=8 * word + 32,
                                 wseq=8 * word + 64))
        return {name: value for name, _, value, _ in
                debuggers.Elf(self.tmp / "kernel").symbols}

    def test_way_to_vnet0(self):
        """Q-09's walk, and a name after it."""
        for machine, word in (("amd64", 8), ("arm64", 8), ("riscv64", 8),
                              ("i386", 4)):
            with self.subTest(machine):
                symbols = self.typed(machine, word)
                dump = self.dump("-n", "2", "--vmcore", "vmcore",
                                 "--core", "core", "kernel")
                self.assertNotIn("kgdb finds no thread", self.err)
                self.walk(dump, symbols, word)
                self.only_overlaid(dump, symbols, word)

    def walk(self, dump, symbols, word):
        def peek(address, width=word):
            return int.from_bytes(dump.read(address, width), "little")

        self.assertEqual(peek(symbols["dumptid"], 4), 100000)
        proc = peek(symbols["allproc"])
        self.assertEqual(proc, symbols["proc0"])
        self.assertEqual((peek(proc), peek(proc + word), peek(proc + 60, 4)),
                         (0, symbols["allproc"], 0))
        self.assertEqual(dump.read(proc + 64, 7), b"kernel\0")
        thread = peek(proc + 32)
        self.assertEqual(thread, symbols["thread0_st"])
        self.assertEqual(peek(thread + 16, 4), 100000)
        self.assertEqual(peek(thread + 24), symbols["dumppcb"])
        self.assertEqual((peek(thread + 32), peek(thread + 32 + word)),
                         (0, proc + 32))
        prison = peek(peek(proc + 48) + 40)
        self.assertEqual(prison, symbols["prison0"])
        vnet = peek(prison + 16)
        self.assertEqual(peek(vnet + 2 * word, 4), 0x3e0d8f29)
        base = peek(vnet + (40 if word == 8 else 28))
        x = symbols["vnet_entry_x"] + base & (1 << 8 * word) - 1
        self.assertEqual(peek(x, 4), 4711)
        self.assertNotEqual(x, symbols["vnet_entry_x"])
        messages = peek(symbols["msgbufp"])
        self.assertEqual(peek(messages + word, 4), 0x63062)

    def only_overlaid(self, dump, symbols, word):
        """What is not as in the core is E-71's: its variables, and what p_ucred
        and msgbufp lead to."""
        def pointer(name, offset=0):
            return int.from_bytes(dump.read(symbols[name] + offset, word),
                                  "little")

        kernel = self.tmp / "kernel"
        places = [(value, size) for name, _, value, size in
                  debuggers.Elf(kernel).symbols if name in
                  ("allproc", "proc0", "thread0_st", "dumptid", "dumppcb",
                   "prison0", "msgbufp")]
        self.assertEqual(len(places), 7)
        places += [(pointer("proc0", 48), 200), (pointer("msgbufp"), 32)]
        ours = {at for start, size in places
                for at in range(start, start + size)}
        core = memory(kernel, self.tmp / "core")
        self.assertEqual(core.keys() - self.pages.keys(), set())
        for address in self.pages:
            page = dump.page(address)
            there = core.get(address, bytes(PAGE))
            self.assertLessEqual({
                address + i for i in range(PAGE) if page[i] != there[i]}, ours)
            self.assertTrue(address in core or
                            ours & set(range(address, address + PAGE)))

    def test_types_are_wanted(self):
        """Without, there is a thread and no way to vnet0."""
        symbols = self.typed("amd64", 8, "")
        dump = self.dump("--vmcore", "vmcore", "kernel")
        self.assertEqual(dump.read(symbols["allproc"], 8),
                         struct.pack("<Q", symbols["proc0"]))
        self.assertEqual(dump.read(symbols["proc0"] + 48, 8), bytes(8))
        self.assertEqual(dump.read(symbols["msgbufp"], 8), bytes(8))

    def test_types_that_lead_astray(self):
        """Members over each other, or outside of their structure."""
        self.typed("amd64", 8, ASTRAY)
        self.dump("--vmcore", "vmcore", "kernel")

    # --- vectors ---

    def test_n13(self):
        """47 pages in 6 blocks of 2 MiB: heap, kernel, and four modules, with
        35 pages before the third of these."""
        self.kernel("kernel", "machine: amd64\nkind: kernel\n"
                    "options: {base: 0xffffffff80200000}\n"
                    "sections: [{name: .data, size: 0xb000}]\n")
        modules = {"a": (0x80400000, 0x800), "b": (0x80600000, 0x800),
                   "c": (0x80800000, 0x9500), "d": (0x80a00000, 0x1800)}
        words = []
        for name, (address, size) in modules.items():
            self.kernel(f"{name}.ko", "machine: amd64\nkind: rel\nsections:\n"
                        "  - {name: .data, align: 4096, size: 0x%x, bytes: %s}"
                        "\n" % (size, "00" * 0x94e0 + "cafe" if name == "c"
                                else "01"))
            words += ["--at", f"{name}.ko=0xffffffff{address:x}"]
        dump = self.dump("-q", "-c", "1", "--vmcore", "vmcore", *words,
                         "kernel", *(f"./{name}.ko" for name in modules))
        self.assertEqual(len(self.pages), 47)
        self.assertEqual(len(dump.offsets), 53)
        data = dump.data
        self.assertEqual(len(data), 8613888)
        self.assertLessEqual(
            os.stat(self.tmp / "vmcore").st_blocks * 512, 237568)
        self.assertEqual((dump.bitmap_at, dump.map_at, dump.first),
                         (0x2000, 0x3000, 0x802000))
        self.assertEqual(dump.mapsize, 0x7ff000)
        entry = "<Q"
        self.assertEqual(struct.unpack_from(entry, data, 0x801020), (0x28003,))
        self.assertEqual(struct.unpack_from(entry, data, 0x829000 + 9 * 8),
                         (0x32003,))
        self.assertEqual(data[0x8334e0:0x8334e2], b"\xca\xfe")
        self.assertEqual(dump.read(0xffffffff808094e0, 2), b"\xca\xfe")

    def test_n14(self):
        folder = debuggers.folder_of("arm64")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel",
                         folder / "fx_hello.ko")
        self.assertEqual(dump.kernbase, 0xffff000000000000)
        self.assertEqual(dump.mapsize, 0x2000)
        self.assertEqual((dump.dmapphys, dump.dmapbase), (0x40000000, 0xffff004000000000))
        self.assertEqual(dump.map_at - dump.bitmap_at, 0x9000)
        byte = dump.data[dump.bitmap_at + 0x40003 // 8]
        self.assertTrue(byte >> 0x40003 % 8 & 1)
        self.assertEqual(self.pages[0xffff004000003000], 0x40003000)

    def test_n15(self):
        folder = debuggers.folder_of("riscv64")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel")
        index = (min(self.pages) - 0xffffffc000000000) // PAGE
        self.assertEqual(struct.unpack_from("<Q", dump.data, dump.map_at +
                                            8 * index), (0x4cf,))
        folder = debuggers.folder_of("i386")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel")
        self.assertEqual((dump.kernbase, dump.mapsize), (0, 4 << 20))
        self.assertEqual(min(self.pages), 0x800000)
        self.assertEqual(struct.unpack_from("<I", dump.data, dump.map_at +
                                            4 * 0x800), (0x1003,))


if __name__ == "__main__":
    unittest.main()
