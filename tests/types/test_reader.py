# SPDX-License-Identifier: BSD-2-Clause
"""The reader of ctf.py: the rule book's vectors, byte by byte."""

import unittest
import zlib

import ctf

# header, label, objects, functions, types, strings.
VERSION_2 = bytes.fromhex("""
    f1cf0200 00000000 00000000 00000000 08000000 0c000000 18000000 a0000000
    31000000  01000000 09000000  0100 0000  022c 0100 0400 0100 0000 0000
    03000000 010c 0400 20000001   07000000 0108 0400 03000000
    14000000 0334 1000  18000000 0100 0000  1a000000 0200 2000
    1c000000 0400 4000  00000000 0018 0300
    00000000 0120 1000 0100 0100 04000000
    21000000 0244 0400 23000000 00000000 25000000 ffffffff
    27000000 004c 0000  2b000000 0054 0300
    00000000 0328 0100 0400 0100 0000 0000
""") + b"\0L\0int\0unsigned int\0foo\0a\0b\0next\0e\0A\0B\0bar\0foo_t\0"

#
VERSION_3 = bytes.fromhex("""
    f1cf0300 00000000 00000000 00000000 08000000 10000000 24000000 e4000000
    31000000  01000000 09000000  01000000 00000000
    02000016 01000000 04000000 01000000 00000000
    03000000 01000006 04000000 20000001   07000000 01000004 04000000 03000000
    14000000 0300001a 10000000  18000000 01000000 00000000
    1a000000 02000000 20000000  1c000000 04000000 40000000
    00000000 0000000c 03000000
    00000000 01000010 10000000 01000000 01000000 04000000
    21000000 02000022 04000000 23000000 00000000 25000000 ffffffff
    27000000 00000026 00000000  2b000000 0000002a 03000000
    00000000 03000014 01000000 04000000 01000000 00000000
""") + VERSION_2[-49:]

# name, bind, type, section, value.
SYMBOLS = [("u.c", 0, 4, 0xfff1, 0), ("g", 0, 2, 1, 0), ("y", 0, 1, 2, 0),
           ("f", 1, 2, 1, 16), ("x", 1, 1, 2, 4), ("und", 1, 0, 0, 0),
           ("z0", 1, 1, 0xfff1, 0), ("nt", 1, 0, 1, 0)]

TYPES = [
    {"id": 1, "kind": "integer", "name": "int", "root": True, "size": 4,
     "encoding": 1, "offset": 0, "bits": 32},
    {"id": 2, "kind": "integer", "name": "unsigned int", "root": False,
     "size": 4, "encoding": 0, "offset": 0, "bits": 3},
    {"id": 3, "kind": "struct", "name": "foo", "root": True, "size": 16,
     "members": [["a", 1, 0], ["b", 2, 32], ["next", 4, 64]]},
    {"id": 4, "kind": "pointer", "name": "", "root": False, "type": 3},
    {"id": 5, "kind": "array", "name": "", "root": False, "size": 16,
     "type": 1, "index": 1, "elements": 4},
    {"id": 6, "kind": "enum", "name": "e", "root": True, "size": 4,
     "constants": [["A", 0], ["B", -1]]},
    {"id": 7, "kind": "forward", "name": "bar", "root": True, "size": 0},
    {"id": 8, "kind": "typedef", "name": "foo_t", "root": True, "type": 3},
    {"id": 9, "kind": "function", "name": "", "root": False, "type": 1,
     "arguments": [4, 1, 0]},
]

# where, what, and a word of the reason.
REFUSED = [
    (0x00, 0xf0, "magic"), (0x02, 0x04, "version"), (0x03, 0x01, "zlib"),
    (0x10, 0x09, "aligned"), (0x18, 0x16, "aligned"),
    (0x1c, 0xa4, "213 bytes stated, 209 there"), (0x1c, 0x9c, "no NUL"),
    (0x20, 0x30, "no NUL"), (0x3c, 0xff, "string 255 of 49"),
    (0x3f, 0x80, "external"), (0x41, 0x74, "kind 14"),
    (0xb2, 0x08, "8 contains itself"), (0x70, 0x03, "3 contains itself"),
    (0x70, 0x0a, "10 of 9"),
]


def changed(data, *bytes_):
    spoiled = bytearray(data)
    for at, value in bytes_:
        spoiled[at] = value
    return bytes(spoiled)


class Vectors(unittest.TestCase):
    maxDiff = None

    def check(self, section, version, compressed=False):
        self.assertEqual(ctf.read_section(section, symbols=SYMBOLS), {
            "version": version, "compressed": compressed, "parent": ["", ""],
            "labels": [["L", 9]], "types": TYPES,
            "objects": [["y", 1], ["x", 0]],
            "functions": [["g", 1, [4, 1]], ["f", None]],
            "order_hazard": True, "warnings": []})

    def test_both_versions(self):
        self.assertEqual((len(VERSION_2), len(VERSION_3)), (245, 313))
        self.check(VERSION_2, 2)
        self.check(VERSION_3, 3)

    def test_compressed(self):
        for version, data in [(2, VERSION_2), (3, VERSION_3)]:
            section = changed(data[:36], (3, 1)) + zlib.compress(data[36:])
            self.check(section, version, compressed=True)

    def test_stream_of_another_size(self):
        head = changed(VERSION_2[:36], (3, 1))
        for data in [VERSION_2[36:] + b"\0", VERSION_2[36:-1]]:
            with self.assertRaisesRegex(ctf.Malformed, "not the 209"):
                ctf.read_section(head + zlib.compress(data))

    def test_more_than_zlib_can_make(self):
        head = changed(VERSION_2[:36], (3, 1), (0x1f, 2))
        with self.assertRaisesRegex(ctf.Malformed, "zlib can"):
            ctf.read_section(head + zlib.compress(bytes(8 << 20)))

    def test_refused(self):
        for at, value, words in REFUSED:
            with self.subTest(at=hex(at), value=hex(value)), \
                    self.assertRaisesRegex(ctf.Malformed, words):
                ctf.read_section(changed(VERSION_2, (at, value)))

    def test_accepted(self):
        found = ctf.read_section(changed(VERSION_2, (0x72, 0x80)),
                                 symbols=SYMBOLS)
        self.assertEqual(found["warnings"],
                         ["member next ends at bit 192 of 128"])
        found = ctf.read_section(changed(VERSION_2, (0x7a, 4)),
                                 symbols=SYMBOLS)
        self.assertEqual((found["types"][3]["type"], found["warnings"]),
                         (4, []))

    def test_symbols_beyond_the_records(self):
        """C-21: the rest has no type; too many records are no answer."""
        more = SYMBOLS + [("w", 1, 1, 2, 8), ("h", 1, 2, 1, 32)]
        found = ctf.read_section(VERSION_2, symbols=more)
        self.assertEqual(found["objects"][-1], ["w", 0])
        self.assertEqual(found["functions"][-1], ["h", None])
        fewer = [symbol for symbol in SYMBOLS if symbol[0] not in "gy"]
        found = ctf.read_section(VERSION_2, symbols=fewer)
        self.assertEqual(found["objects"], [["x", 1]])
        spoiled = changed(VERSION_2, (0x2e, 1))
        found = ctf.read_section(spoiled, symbols=fewer)
        self.assertIsNone(found["objects"])
        self.assertEqual(found["functions"], [["f", 1, [4, 1]]])
        self.assertEqual(found["types"], TYPES)

    def test_function_records(self):
        """C-53: a bad record spoils the functions, and nothing else."""
        for at, value in [(0x31, 0x34), (0x32, 10), (0x30, 9)]:
            found = ctf.read_section(changed(VERSION_2, (at, value)),
                                     symbols=SYMBOLS)
            self.assertIsNone(found["functions"])
            self.assertEqual(found["objects"], [["y", 1], ["x", 0]])

    def test_long_size_of_a_pointer(self):
        with self.assertRaisesRegex(ctf.Malformed, "pointer with a long"):
            ctf.read_section(changed(VERSION_2, (0x7a, 0xff), (0x7b, 0xff)))


if __name__ == "__main__":
    unittest.main()
