# SPDX-License-Identifier: BSD-2-Clause
"""Minidumps, by a reader that knows the rules alone (minidump.py): of every
fixture kernel of the four machines each page is found, with its bytes, and
nothing else; and a walk as libkvm's comes to vnet0 (E-30 to E-36, E-71, N-13
to N-15)."""

import os
import pathlib
import struct
import tempfile
import unittest

import debuggers
from debuggers import cli
from minidump import PAGE, Minidump

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


def segments(path):
    """(address, bytes, size) of each PT_LOAD of an ELF file."""
    data = path.read_bytes()
    wide = data[4] == 2
    table, = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide
                                else 28)
    count, = struct.unpack_from("<H", data, 56 if wide else 44)
    for i in range(count):
        if wide:
            kind, _, at, start, _, filed, size, _ = struct.unpack_from(
                "<IIQQQQQQ", data, table + i * 56)
        else:
            kind, at, start, _, filed, size, _, _ = struct.unpack_from(
                "<IIIIIIII", data, table + i * 32)
        if kind == 1:
            yield start, data[at:at + filed], size


def memory(*paths):
    """{page: bytes} of files, the later ones first; zeros where nobody is."""
    pages = {}
    for path in paths:
        for start, data, size in segments(path):
            data += bytes(size - len(data))
            end = start + size
            for page in range(start // PAGE * PAGE, end, PAGE):
                low, high = max(start, page), min(end, page + PAGE)
                whole = pages.setdefault(page, bytearray(PAGE))
                whole[low - page:high - page] = data[low - start:high - start]
    return pages


class Minidumps(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name).resolve()

    def dump(self, *words, status=0, command="load"):
        done = cli.run(command, *words, cwd=self.tmp)
        self.assertEqual(done.status, status, done.err)
        self.err = done.err
        return Minidump((self.tmp / "vmcore").read_bytes())

    def kernel(self, name, spec):
        (self.tmp / "spec.yaml").write_text(spec)
        done = cli.run("synth", "spec.yaml", "-o", name, cwd=self.tmp)
        self.assertEqual(done.status, 0, done.err)

    def test_fixtures(self):
        """The other places where memory stands are the core and the kernel."""
        seen = set()
        for machine in MACHINES:
            boot = debuggers.folder_of(machine).parent
            for kernel in sorted(boot.glob("*/kernel")):
                with self.subTest(kernel):
                    self.fixture(kernel, MACHINES[machine])
                    seen.add(MACHINES[machine])
        self.assertEqual(seen, set(MACHINES.values()))

    def fixture(self, kernel, machine):
        modules = [path for path in sorted(kernel.parent.glob("*.ko"))
                   if path.stem in debuggers.MODULES]
        dump = self.dump("-q", "-c", "2", "-n", "3", "--core", "core",
                         "--vmcore", "vmcore", kernel, *modules)
        self.assertEqual(dump.machine, machine)
        want = memory(kernel, self.tmp / "core")
        self.assertEqual(set(dump.pages), set(want))
        for page, data in want.items():
            self.assertEqual(dump.read(page, PAGE), data, hex(page))

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
        self.assertEqual(dump.map, 2047 * PAGE)
        on_disk = os.stat(self.tmp / "vmcore").st_blocks * 512
        self.assertLess(on_disk, 5 * PAGE + len(dump.frames) * PAGE)

    def test_scenario(self):
        folder = debuggers.folder_of("amd64")
        (self.tmp / "a.kld").write_text("vmcore early\nkldload fx_vnet\n"
                                        "vmcore vmcore\n")
        late = self.dump("a.kld", folder / "kernel", command="run")
        early = Minidump((self.tmp / "early").read_bytes())
        self.assertLess(set(early.pages), set(late.pages))
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
                dump = self.dump("-n", "2", "--vmcore", "vmcore", "kernel")
                self.assertNotIn("kgdb finds no thread", self.err)
                self.walk(dump, symbols, word)

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
        self.assertEqual(len(dump.pages), 47)
        self.assertEqual(len(dump.frames), 53)
        data = dump.data
        self.assertEqual(len(data), 8613888)
        self.assertLessEqual(
            os.stat(self.tmp / "vmcore").st_blocks * 512, 237568)
        self.assertEqual((dump.bits_at, dump.map_at, dump.first),
                         (0x2000, 0x3000, 0x802000))
        self.assertEqual(dump.map, 0x7ff000)
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
        self.assertEqual(dump.map, 0x2000)
        self.assertEqual(dump.dmap[:2], (0x40000000, 0xffff004000000000))
        self.assertEqual(dump.map_at - dump.bits_at, 0x9000)
        byte = dump.data[dump.bits_at + 0x40003 // 8]
        self.assertTrue(byte >> 0x40003 % 8 & 1)
        self.assertEqual(dump.pages[0xffff004000003000],
                         dump.frames[0x40003])

    def test_n15(self):
        folder = debuggers.folder_of("riscv64")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel")
        index = (min(dump.pages) - 0xffffffc000000000) // PAGE
        self.assertEqual(struct.unpack_from("<Q", dump.data, dump.map_at +
                                            8 * index), (0x4cf,))
        folder = debuggers.folder_of("i386")
        dump = self.dump("--vmcore", "vmcore", folder / "kernel")
        self.assertEqual((dump.kernbase, dump.map), (0, 4 << 20))
        self.assertEqual(min(dump.pages), 0x800000)
        self.assertEqual(struct.unpack_from("<I", dump.data, dump.map_at +
                                            4 * 0x800), (0x1003,))


if __name__ == "__main__":
    unittest.main()
