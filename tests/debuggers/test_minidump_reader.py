# SPDX-License-Identifier: BSD-2-Clause
"""The reader of minidumps itself, with dumps laid out by hand from N-13 to
N-15: what it finds, and what it refuses as libkvm would."""

import struct
import unittest

import minidump
from minidump import PAGE, Bad, Minidump


def put(data, at, form, *values):
    struct.pack_into("<" + form, data, at, *values)


class Reader(unittest.TestCase):
    def amd64(self):
        """N-13: 47 pages and 6 tables, of which one of each has contents."""
        data = bytearray(0x802000 + 53 * PAGE)
        put(data, 0, "24s4I3Q", b"minidump FreeBSD/amd64", 2, 0x1000, 0x1000,
            0x7ff000, 0xfffffe0000000000, 0, 0)
        put(data, 0x2000, "Q", (1 << 54) - 2)   # pages 1 to 53
        put(data, 0x801020, "Q", 0x28003)
        put(data, 0x829000 + 9 * 8, "Q", 0x32003)
        put(data, 0x8334e0, "4s", b"here")
        return data

    def arm64(self):
        """N-14: one page of the map's four MiB, one of the heap."""
        data = bytearray(0x1000 + 0x1000 + 0x9000 + 0x2000 + 2 * PAGE)
        put(data, 0, "24s4I4Q", b"minidump FreeBSD/arm64", 1, 0x1000, 0x9000,
            0x2000, 0xffff000000000000, 0x40000000, 0xffff004000000000,
            0xffff004000004000)
        put(data, 0x2000, "B", 2)
        put(data, 0x2000 + 0x40003 // 8, "B", 1 << 3)
        put(data, 0xb000 + 5 * 8, "Q", 0x1003)
        put(data, 0xd004, "4s", b"text")
        put(data, 0xe008, "4s", b"heap")
        return data

    def test_amd64(self):
        data = self.amd64()
        self.assertEqual(len(data), 8613888)
        dump = Minidump(data)
        self.assertEqual(dump.read(0xffffffff808094e0, 4), b"here")
        self.assertIsNone(dump.page(0xffffffff8080a000))
        self.assertIsNone(dump.page(0xffffffff80a00000))
        self.assertIsNone(dump.page(0))
        found, left = dump.everything()
        self.assertEqual(found, {0xffffffff80809000: 0x32000})
        self.assertEqual(len(left), 51)

    def test_arm64(self):
        dump = Minidump(self.arm64())
        self.assertEqual(dump.read(0xffff000000005004, 4), b"text")
        self.assertEqual(dump.read(0xffff004000003008, 4), b"heap")
        self.assertEqual(dump.everything(), (
            {0xffff000000005000: 0x1000, 0xffff004000003000: 0x40003000}, []))

    def test_entries(self):
        """N-15, and flags that E-32 does not have."""
        riscv, i386 = (minidump.MACHINES[name]
                       for name in ("riscv", "i386"))
        self.assertEqual(riscv.address(0x4cf), 0x1000)
        self.assertEqual(i386.address(0x1003), 0x1000)
        for machine, entry in (riscv, 0x4ce), (riscv, 0x4c1), (i386, 0x1001), (
                i386, 0x1083), (minidump.MACHINES["arm64"], 0x1001):
            self.assertRaises(Bad, machine.address, entry)

    def test_i386(self):
        data = bytearray(0x403000 + 2 * PAGE)
        put(data, 0, "24s6I", b"minidump FreeBSD/i386", 1, 0x1000, 8, 0x400000,
            0, 0)
        put(data, 0x2000, "B", 1 << 1 | 1 << 5)
        put(data, 0x3000 + 0x800 * 4, "I", 0x5003)
        put(data, 0x404000, "4s", b"kern")
        dump = Minidump(data)
        self.assertEqual(dump.read(0x800000, 4), b"kern")
        self.assertEqual(dump.everything(), ({0x800000: 0x5000}, [0x1000]))

    def test_what_libkvm_would_not_read(self):
        for what, at, form, value in (
                ("magic", 0, "B", 0), ("version", 24, "I", 3),
                ("bitmapsize", 32, "I", 0x1001), ("map", 36, "I", 0x7ff008),
                ("size", 0x2000, "Q", (1 << 53) - 2),
                ("page 0", 0x2000, "Q", (1 << 54) - 3),
                ("entry", 0x829000 + 9 * 8, "Q", 0x32001),
                ("missing", 0x829000 + 9 * 8, "Q", 0x36003),
                ("twice", 0x829000 + 10 * 8, "Q", 0x32003),
                ("more than a header", 0x40, "B", 1)):
            with self.subTest(what):
                data = self.amd64()
                put(data, at, form, value)
                with self.assertRaisesRegex(Bad, what):
                    Minidump(data).everything()


if __name__ == "__main__":
    unittest.main()
