# SPDX-License-Identifier: BSD-2-Clause
"""What the builder was told is what an independent reader finds."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import ctf
import graphs
from sample import FULL

SEEDS = 1000 if FULL else 60

# Each kind at least once, told by name where C has one.
NAMES = """machine: amd64
kind: module
options: {ctf-version: %d}
functions: [f, {name: g, bind: local}]
objects: [{name: x, size: 8}]
type-labels: [L]
types:
  - {kind: typedef, name: size_t, type: unsigned long}
  - {kind: integer, name: void}
  - {kind: integer, name: unsigned long, size: 8}
  - {kind: integer, name: int, size: 4, encoding: signed}
  - {kind: integer, name: char, size: 1, encoding: signed char}
  - {kind: float, name: double, size: 8, encoding: double}
  - {kind: const, type: char}
  - {kind: pointer, type: 7}
  - {kind: unknown}
  - kind: struct
    name: foo
    size: 40
    members:
      - {name: next, type: struct foo *, bit: 0}
      - {name: a, type: int, bit: 64, bits: 3}
      - {name: b, type: int, bit: 67, bits: 5}
      - {name: c, type: int, bit: 72, bits: 3}
      - {name: e, type: enum e, bit: 75, bits: 2}
      - {name: u, type: union u, bit: 128}
      - {type: size_t, bit: 192}
      - {name: bar, type: struct bar **, bit: 256}
  - {kind: union, name: u, size: 8, members: [{name: name, type: 8, bit: 0}]}
  - {kind: enum, name: e, constants: [A, B, {name: C, value: -7}, D]}
  - {kind: forward, name: bar}
  - {kind: array, type: int, index: size_t, elements: 4, size: 16}
  - {kind: function, type: int, arguments: [8, 0]}
  - {kind: volatile, type: int}
  - {kind: restrict, type: struct foo *}
object-types: [{symbol: x, type: struct foo *}]
function-types:
  - {symbol: f, returns: void, arguments: [struct foo *, int]}
"""


def integer(size, encoding, bits):
    return {"size": size, "encoding": encoding, "offset": 0, "bits": bits}


def named(suffix):
    """What NAMES tells, where bit-fields are named with this suffix."""
    clone = {"kind": "integer", "name": "int" + suffix, "root": False}
    types = [
        {"kind": "typedef", "name": "size_t", "type": 3},
        {"kind": "integer", "name": "void", **integer(0, 0, 0)},
        {"kind": "integer", "name": "unsigned long", **integer(8, 0, 64)},
        {"kind": "integer", "name": "int", **integer(4, 1, 32)},
        {"kind": "integer", "name": "char", **integer(1, 3, 8)},
        {"kind": "float", "name": "double", **integer(8, 2, 64)},
        {"kind": "const", "type": 5}, {"kind": "pointer", "type": 7},
        {"kind": "unknown", "size": 0},
        {"kind": "struct", "name": "foo", "size": 40, "members": [
            ["next", 18, 0], ["a", 19, 64], ["b", 20, 67], ["c", 19, 72],
            ["e", 12, 75], ["u", 11, 128], ["", 1, 192], ["bar", 22, 256]]},
        {"kind": "union", "name": "u", "size": 8,
         "members": [["name", 8, 0]]},
        {"kind": "enum", "name": "e", "size": 4, "constants": [
            ["A", 0], ["B", 1], ["C", -7], ["D", -6]]},
        {"kind": "forward", "name": "bar", "size": 0},
        {"kind": "array", "size": 16, "type": 4, "index": 1, "elements": 4},
        {"kind": "function", "type": 4, "arguments": [8, 0]},
        {"kind": "volatile", "type": 4}, {"kind": "restrict", "type": 18},
        # Made where they were asked for first.
        {"kind": "pointer", "type": 10}, {**clone, **integer(4, 1, 3)},
        {**clone, **integer(4, 1, 5)}, {"kind": "pointer", "type": 13},
        {"kind": "pointer", "type": 21},
    ]
    return [{"id": number, "name": "", "root": bool(found.get("name")),
             **found} for number, found in enumerate(types, 1)]


class Told(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def built(self, spec):
        """What the reader finds in what the builder makes of a spec."""
        (self.folder / "spec").write_text(spec)
        done = subprocess.run(
            [os.environ["KLDSIM"], "synth", self.folder / "spec", "-o",
             self.folder / "file"], stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return ctf.read((self.folder / "file").read_bytes())

    def test_every_kind_by_name(self):
        for version, suffix in [(2, ""), (3, " bitfield")]:
            found = self.built(NAMES % version)
            self.assertEqual(found["types"], named(suffix))
            self.assertEqual(found["labels"], [["L", 22]])
            self.assertEqual(found["objects"], [["x", 18]])
            self.assertEqual(found["functions"],
                             [["g", None], ["f", 2, [18, 4]]])
            self.assertEqual(found["warnings"], [])

    def test_random_graphs(self):
        for seed in range(SEEDS):
            graph = graphs.Graph(seed)
            found = self.built(graph.spec())
            del found["warnings"]
            with self.subTest(seed=seed):
                self.assertEqual(found, graph.told())

    def test_from(self):
        """The spec of a file tells its types, and again the same."""
        for seed in range(0, SEEDS, 3):
            graph = graphs.Graph(seed)
            self.built(graph.spec())
            spec = self.spec_of_file()
            found = self.built(spec)
            del found["warnings"]
            with self.subTest(seed=seed):
                self.assertNotIn("SUNW", spec)
                self.assertEqual(found, graph.told())
                self.assertEqual(self.spec_of_file(), spec)

    def spec_of_file(self):
        return subprocess.run(
            [os.environ["KLDSIM"], "synth", "--from", self.folder / "file"],
            stdout=subprocess.PIPE, text=True, check=True).stdout

    def test_no_types(self):
        self.assertIsNone(self.built("machine: amd64\nkind: module\n"))


class Drawn(unittest.TestCase):
    def test_all_there_is(self):
        """The graphs of a small sample have what the rules tell of."""
        sample = [graphs.Graph(seed) for seed in range(60)]
        types = [found for graph in sample for found in graph.types]
        self.assertEqual({found["kind"] for found in types}, set(ctf.KINDS))
        self.assertEqual({graph.version for graph in sample}, {2, 3})
        self.assertEqual({graph.machine for graph in sample},
                         set(graphs.MACHINES))
        self.assertEqual({(graph.compress, graph.as_made) for graph in sample},
                         {(a, b) for a in (False, True)
                          for b in (False, True)})
        for version, borders in graphs.BORDERS.items():
            sizes = {found["size"] for graph in sample
                     if graph.version == version for found in graph.types
                     if found.get("members")}
            self.assertLessEqual(set(borders), sizes)


if __name__ == "__main__":
    unittest.main()
