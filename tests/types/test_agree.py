# SPDX-License-Identifier: BSD-2-Clause
"""kldsim types and the independent reader of ctf.py say the same.

On random graphs, on worlds, on every spec and fixture that has types, and on
files with a few wrong bytes: there both must refuse, or both must read the same.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

import ctf
import graphs
import test_reader
from sample import FULL

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fuzz"))
import corpus  # noqa: E402

KLDSIM = os.environ["KLDSIM"]
FIXTURES = pathlib.Path(os.environ["KLDSIM_FIXTURES"])
SRC = pathlib.Path(os.environ["KLDSIM_SRC"])
MOST = (1 << 63) - 1  # what a document gives for all that is more
NONE = "no such object"  # its status for a file without types


# X-01 as a spec.
VECTOR = """machine: amd64
kind: rel
options: {ctf-compress: no}
functions: [{name: g, bind: local}, f]
symbols:
  - {name: y, type: object, bind: local, section: .text}
  - {name: x, type: object, section: .text}
type-labels: [L]
types:
  - {kind: integer, name: int, size: 4, encoding: signed}
  - {kind: integer, name: unsigned int, root: no, size: 4, bits: 3}
  - kind: struct
    name: foo
    size: 16
    members:
      - {name: a, type: 1, bit: 0}
      - {name: b, type: 2, bit: 32}
      - {name: next, type: 4, bit: 64}
  - {kind: pointer, type: 3}
  - {kind: array, type: 1, index: 1, elements: 4, size: 16}
  - {kind: enum, name: e, constants: [A, {name: B, value: -1}]}
  - {kind: forward, name: bar}
  - {kind: typedef, name: foo_t, type: 3}
  - {kind: function, type: 1, arguments: [4, 1, 0]}
object-types: [{symbol: y, type: 1}]
function-types: [{symbol: g, returns: 1, arguments: [4, 1]}]
"""


def raw(name):
    """A name's bytes, of which both write some as \\xNN; None: no name."""
    return None if not name else re.sub(
        rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]),
        name.encode())


def as_kldsim(found, parent):
    """A type of ctf.py's, with the keys of kldsim's; a parent's types are one."""
    def of(number):
        return parent if number < 0 else number
    arguments = found.get("arguments")
    variadic = None if arguments is None else arguments[-1:] == [0]
    members, values = found.get("members"), found.get("constants")
    kept = {
        "id": found["id"], "kind": found["kind"], "name": raw(found["name"]),
        "root": found["root"], "made": False,
        "target": of(found["type"]) if "type" in found else None,
        "elements": found.get("elements"),
        "encoding": {"number": found["encoding"],
                     "bit_offset": found["offset"], "bits": found["bits"]}
        if "encoding" in found else None,
        "members": members and [[raw(name), of(member), min(bit, MOST)]
                                for name, member, bit in members],
        "values": values and [[raw(name), value] for name, value in values],
        "arguments": arguments and [of(number) for number in (
            arguments[:-1] if variadic else arguments)],
        "variadic": variadic,
    }
    if is_sized(found):
        kept["size"] = min(found["size"], MOST)
    return kept


def is_sized(found):
    """Whether both tell the size that the file has: kldsim works out others."""
    return found["kind"] in ("integer", "float", "struct", "union", "enum")


def of_kldsim(found):
    """The keys of a type that both can tell."""
    kept = {key: found[key] for key in (
        "id", "kind", "root", "made", "target", "elements", "encoding",
        "arguments", "variadic")}
    kept["name"] = raw(found["name"])
    members, values = found["members"], found["values"]
    kept["members"] = members and [[raw(part["name"]), part["type"],
                                    part["bit_offset"]] for part in members]
    kept["values"] = values and [[raw(part["name"]), part["value"]]
                                 for part in values]
    if is_sized(found):
        kept["size"] = found["size"]
    return kept


class Agree(unittest.TestCase):
    maxDiff = 6000

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def built(self, spec):
        """The file that a spec makes; None if the builder refuses."""
        (self.folder / "spec").write_text(spec)
        done = subprocess.run([KLDSIM, "synth", self.folder / "spec", "-o",
                               self.folder / "file"],
                              stderr=subprocess.DEVNULL)
        return self.folder / "file" if done.returncode == 0 else None

    def document(self, path):
        done = subprocess.run([KLDSIM, "types", "--json", "--all", path],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        self.assertIn(done.returncode, (0, 1, 3))
        return json.loads(done.stdout)

    def same_types(self, found, document):
        """All types, but what kldsim makes: prototypes of functions, and one
        type for all that is in a parent."""
        parent = self.parent(document)
        for kind, own in zip(found["types"], document["types"]):
            self.assertEqual(of_kldsim(own), as_kldsim(kind, parent))
        self.assertEqual([kind["id"] for kind in document["types"]
                          if not kind["made"]],
                         [kind["id"] for kind in found["types"]])

    @staticmethod
    def parent(document):
        return next((kind["id"] for kind in document["types"]
                     if kind["made"] and kind["kind"] == "unknown"), None)

    def same_symbols(self, found, document):
        parent = self.parent(document)
        types = {kind["id"]: kind for kind in document["types"]}

        def of(number):
            return parent if number < 0 else number
        if document["no_variables"] is None:
            self.assertEqual(
                [[raw(kind["name"]), kind["type"]]
                 for kind in document["variables"]],
                [[raw(name), of(known)] for name, known in found["objects"]
                 if known])
        if document["no_functions"] is None:
            self.assertEqual(
                [[raw(kind["name"]), types[kind["type"]]["target"],
                  types[kind["type"]]["arguments"]]
                 for kind in document["functions"]],
                [[raw(record[0]), of(record[1]), list(map(of, record[2]))]
                 for record in found["functions"] if record[1] is not None])

    def agree(self, path, kernel=False):
        """Whether the file's types can be read; both say the same of it."""
        document = self.document(path)
        try:
            found = ctf.read(path.read_bytes())
        except ctf.Malformed as error:
            self.assertIsNotNone(document["error"], str(error))
            return False
        if found is None:
            self.assertEqual(document["error"]["status"], NONE)
            return False
        self.assertIsNone(document["error"])
        source = document["source"]
        self.assertEqual(source["version"], found["version"])
        self.assertEqual(raw(source["parent"]), raw(found["parent"][1]))
        if found["labels"] is not None:
            self.assertEqual(raw(source["label"]), raw(
                found["labels"][0][0]) if found["labels"] else None)
        self.same_types(found, document)
        self.same_symbols(found, document)
        # C-24, C-53.
        self.assertEqual(
            (document["no_variables"] is None,
             document["no_functions"] is None),
            tuple(found[sort] is not None and
                  (kernel or not found["order_hazard"])
                  for sort in ("objects", "functions")))
        return True

    def test_random_graphs(self):
        for seed in range(1000 if FULL else 40):
            with self.subTest(seed=seed):
                self.assertTrue(self.agree(self.built(
                    graphs.Graph(seed).spec())))

    def test_wrong_bytes(self):
        """Some of the header's bytes, some of what follows it."""
        readable = 0
        count = 2000 if FULL else 60
        for seed in range(count):
            graph = graphs.Graph(seed)
            graph.compress = False
            path = self.built(graph.spec())
            data = bytearray(path.read_bytes())
            elf = ctf.Elf(bytes(data))
            start, size = elf.sections[elf.ctf()][4:6]
            choose = random.Random(seed)
            for _ in range(choose.choice([1, 1, 2, 4])):
                at = choose.randrange(choose.choice([36, size, size]))
                data[start + at] = choose.choice(
                    [0, 1, 2, 0x7f, 0x80, 0xff, choose.randrange(256)])
            path.write_bytes(data)
            with self.subTest(seed=seed):
                readable += self.agree(path)
        self.assertGreater(readable, count // 5)
        self.assertLess(readable, count * 4 // 5)

    def test_one_byte_of_a_vector(self):
        """X-06: refused; the last two are not."""
        data = self.built(VECTOR).read_bytes()
        elf = ctf.Elf(data)
        self.assertEqual(elf.bytes_of(elf.ctf()), test_reader.VERSION_2)
        for at, value, *_ in [*test_reader.REFUSED, (0x72, 0x80), (0x7a, 4)]:
            path = self.built(VECTOR + f"overrides: {{'ctf_byte[{at}]': "
                              f"{value}}}\n")
            with self.subTest(at=hex(at), value=hex(value)):
                self.assertEqual(self.agree(path), (at, value) in [
                    (0x72, 0x80), (0x7a, 4)])

    def test_worlds(self):
        for machine, release in [("amd64", "12.1"), ("i386", "15.0"),
                                 ("powerpc", "13.0"), ("powerpc64", "14.2"),
                                 ("arm64", "main")]:
            subprocess.run([KLDSIM, "synth", "--seed", "3", "--types", "400",
                            "-m", machine, "-r", release, "-d", self.folder],
                           check=True)
            for name in ("kernel", "mod0.ko", "mod2.ko"):
                with self.subTest(machine=machine, file=name):
                    self.assertTrue(self.agree(self.folder / name,
                                               kernel=name == "kernel"))

    def test_specs(self):
        """What the manual and the inputs of fuzzing tell of types."""
        manual = (SRC / "docs/spec.md").read_text()
        specs = [example if example.startswith("machine:") else
                 "machine: amd64\nkind: module\n" + example
                 for example in re.findall(r"^```yaml\n(.*?)^```", manual,
                                           re.M | re.S)
                 if re.search("^types:", example, re.M)]
        self.assertGreater(len(specs), 2)
        specs += [corpus.TYPES.format(machine=machine, kind=kind,
                                      version=version, compress="yes")
                  for machine in corpus.MACHINES[::1 if FULL else 3]
                  for version in (2, 3)
                  for kind in corpus.KINDS]
        told = 0
        for spec in specs:
            with self.subTest(spec):
                told += self.agree(self.built(spec),
                                   kernel="kind: kernel" in spec)
        self.assertGreater(told, 20)

    @unittest.skipUnless(FIXTURES.is_dir(), "no fixtures")
    def test_fixtures(self):
        """Where there are no types, both say so."""
        files = [path for path in sorted(FIXTURES.glob("**/boot/**/*"))
                 if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
        self.assertGreater(len(files), 50)
        for path in files if FULL else files[::20]:
            with self.subTest(path):
                self.agree(path, kernel=path.name == "kernel")


if __name__ == "__main__":
    unittest.main()
