# SPDX-License-Identifier: BSD-2-Clause
"""kldsim synth: specs to files, files to specs, and random worlds.

What a round trip and a world lead to is compared with kldsim load.
"""

import itertools
import json
import pathlib
import re
import tempfile
import unittest

import cli
from cli import HOST, OK, USAGE
from sample import SELDOM, sample

BOOT = cli.FIXTURES / "boot"

KERNEL = """machine: amd64
kind: kernel
functions: [printf]
vnet:
  - {name: ifcount, int: 1}
"""

MODULE = """machine: amd64
kind: module
functions: [foo_init]
relocs:
  - {in: .text, at: 1, type: R_X86_64_PLT32, symbol: printf, addend: -4}
vnet: [{name: foo_limit, int: 5}]
modules: [foo]
versions: [{name: foo, version: 1}]
sysinits: [{name: foo, subsystem: SI_SUB_CONFIGURE, func: foo_init}]
"""


def without_indexes(document):
    """Section header indexes change, since tables come after sections."""
    if isinstance(document, list):
        return [without_indexes(item) for item in document]
    if isinstance(document, dict):
        return {key: without_indexes(value) for key, value in document.items()
                if key not in ("index", "section_index", "path")}
    if isinstance(document, str):
        return re.sub(r"\bsection \d+", "section N", document)
    return document


def contents(folder):
    """The dumped memory of what was loaded, by section name."""
    found = {}
    for path in sorted(folder.rglob("*.bin")):
        place = path.relative_to(folder).as_posix()
        place = re.sub(r"/\d+\.([^/]*)$", r"/\1", place)
        if "files/kernel/" not in place:
            found.setdefault(place, []).append(path.read_bytes())
    return found


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def synth(self, *args, status=OK):
        done = cli.run("synth", *args)
        self.assertEqual(done.status, status, done.err)
        return done

    def write(self, name, text):
        path = self.tmp / name
        path.write_text(text)
        return path

    def load(self, kernel, *modules, options=()):
        dump = pathlib.Path(tempfile.mkdtemp(dir=self.tmp))
        done = cli.run("load", "--json", "--dump", dump, *options, kernel,
                       *modules)
        self.assertIn(done.status, (0, 1, 4), done.err)
        return done.status, done.json(), dump


class Spec(Case):
    def test_ten_lines(self):
        self.assertLessEqual(len(KERNEL.splitlines()), 10)
        self.assertLessEqual(len(MODULE.splitlines()), 10)
        kernel, module = self.tmp / "kernel", self.tmp / "foo.ko"
        self.synth(self.write("k.yaml", KERNEL), "-o", kernel)
        self.synth(self.write("m.yaml", MODULE), "-o", module)
        status, document, _ = self.load(kernel, module)
        self.assertEqual(status, OK)
        self.assertIsNone(document["results"][0]["errno"])
        self.assertEqual(document["files"][1]["modules"][0]["name"], "foo")
        self.assertEqual(document["findings"], [])

    def test_mistakes(self):
        for text, error in [
                (MODULE + "typo: 1\n", "10:1: expected machine, kind"),
                (MODULE.replace("PLT32", "PLT33"), "5:5: relocation type"),
                (MODULE + "overrides: {ehdr.e_typo: 1}\n", "10:13: "),
                ("a: [", "1:")]:
            path = self.write("bad.yaml", text)
            done = self.synth(path, "-o", self.tmp / "bad.ko", status=HOST)
            self.assertIn(f"kldsim: {path}:{error}", done.err)
            self.assertEqual(len(done.err.splitlines()), 1)
            self.assertFalse((self.tmp / "bad.ko").exists())

    def test_files(self):
        path = self.write("m.yaml", MODULE)
        done = self.synth(path, "-o", self.tmp / "no/such", status=HOST)
        self.assertIn("no/such", done.err)
        done = self.synth(self.tmp / "none.yaml", "-o", self.tmp / "x",
                          status=HOST)
        self.assertIn("none.yaml: No such file", done.err)

    def test_documented_examples(self):
        """Every example of docs/spec.md is a spec that builds."""
        text = (cli.SRC / "docs/spec.md").read_text()
        examples = re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
        self.assertGreaterEqual(len(examples), 20)
        for number, example in enumerate(examples):
            if not example.startswith(("machine:", "#")):
                example = "machine: amd64\nkind: module\n" + example
            with self.subTest(example):
                path = self.write(f"{number}.yaml", example)
                self.synth(path, "-o", self.tmp / "out")

    def test_documented_keys(self):
        """docs/spec.md has every key that the library knows."""
        text = (cli.SRC / "docs/spec.md").read_text()
        keys = set()
        for source in ("elf", "freebsd", "types", "words"):
            code = (cli.SRC / f"lib/spec/spec_{source}.c").read_text()
            keys |= set(re.findall(
                r'\] = \{"([a-z0-9-]+)", ?\n?\s*[A-Z]', code))
            keys |= set(re.findall(r'\t\{"([a-z-]+)", \w+_keys', code))
        self.assertLessEqual({"types", "members", "function-types"}, keys)
        self.assertGreater(len(keys), 90)
        self.assertEqual([key for key in sorted(keys)
                          if f"`{key}`" not in text], [])


class Usage(Case):
    def test_help(self):
        done = self.synth("--help")
        for word in ("-o, --output FILE", "--from FILE", "--seed N",
                     "--deps SHAPE", "-m, --machine M",
                     "-r, --release R", "--shared", "--types N",
                     "exit status"):
            self.assertIn(word, done.out)

    def test_wrong(self):
        for words, error in [
                ([], "one of SPEC, --from and --seed"),
                (["a", "b", "-o", "c"], "one of SPEC"),
                (["a", "--from", "b"], "one of SPEC"),
                (["a"], "which output? (-o FILE)"),
                (["--seed", "1"], "which folder? (-d DIR)"),
                (["--seed", "x", "-d", "y"], "--seed: 'x' is not a number"),
                (["a", "-o", "b", "--modules", "3"],
                 "options that tell of a world go with --seed only"),
                (["--seed", "1", "-d", "x", "--modules", "0"],
                 "--modules: '0' is not a number above 0"),
                (["--seed", "1", "-d", "x", "--deps", "ring"],
                 "'ring' is not chain, tree or random"),
                (["--seed", "1", "-d", "x", "-r", "9.9"],
                 "'9.9' is not a release name or an osreldate"),
                (["--seed", "1", "-d", "x", "-m", "vax"],
                 "no worlds are made for 'vax'"),
                (["a", "-o", "b", "-d", "c"], "go with --seed only"),
                (["a", "-o", "b", "--shared"],
                 "go with --seed only"),
                (["--seed", "1", "-d", "x", "-o", "y"], "does not go with"),
                (["-o"], "option --output needs a value"),
                (["--help=x"], "option --help takes no value"),
                (["-z"], "unknown option -z")]:
            with self.subTest(words):
                done = self.synth(*words, status=USAGE)
                self.assertIn(error, done.err)
                self.assertEqual(done.out, "")


class From(Case):
    def round_trip(self, path, name=None):
        """Build a file's spec; its spec must be the same."""
        spec = self.tmp / "spec.yaml"
        self.synth("--from", path, "-o", spec)
        # In a folder of its own: what lies beside a MODULE is in sight.
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.tmp))
        built = folder / (name or path.name)
        self.synth(spec, "-o", built)
        self.assertEqual(self.synth("--from", built).out, spec.read_text())
        return built

    def assert_same(self, kernel, module, other_kernel, other_module,
                    options=()):
        path = ["-p", module.parent, *options]
        a = self.load(kernel, module, options=path)
        b = self.load(other_kernel, other_module, options=path)
        self.assertEqual(a[0], b[0])
        for document in a[1], b[1]:
            document.pop("kernel")
            for part in ("files", "results"):
                for item in document[part]:
                    item["name"] = item["name"].rsplit("/", 1)[-1]
        text = [json.dumps(without_indexes(document))
                .replace(f"{module.parent}/", "")
                .replace(f"{other_module.parent}/", "")
                for document in (a[1], b[1])]
        self.assertEqual(json.loads(text[0]), json.loads(text[1]))
        self.assertEqual(contents(a[2]).keys(), contents(b[2]).keys())
        for name, data in contents(a[2]).items():
            self.assertEqual(data, contents(b[2])[name], name)

    def assert_linked(self, kernel, path):
        """An ET_DYN file: each section where it was, with its bytes."""
        def sections(of):
            lines = cli.subprocess.run(
                ["readelf", "-SW", of], stdout=cli.subprocess.PIPE,
                text=True).stdout
            return {row[0]: (self.address(row[2]), row[4]) for row in
                    re.findall(r"\] (\S+) +(PROGBITS|NOBITS) +(\w+) (\w+) "
                               r"(\w+)", lines)}
        built = self.round_trip(path)
        self.assertEqual(sections(path), sections(built))
        self.assertGreater(len(sections(path)), 5)

    def assert_same_sets(self, kernel, path):
        """Made again, its part of each CPU and vnet has the same bytes."""
        def sets(of):
            dumped = contents(self.load(kernel, of)[2])
            return {name: data for name, data in dumped.items()
                    if name.startswith(("dpcpu", "vnet"))}
        self.assertEqual(sets(path), sets(self.round_trip(path)))
        self.assertGreater(len(sets(path)), 3)

    def address(self, text):
        return int(text, 16)

    def assert_same_dyn(self, kernel, path):
        """An ET_DYN file: what is loaded is the same, tables apart."""
        built = self.round_trip(path)
        loads = [self.load(kernel, file, options=(
            "-p", kernel.parent, "-n", "2")) for file in (path, built)]
        (status, a, _), (other, b, _) = loads
        self.assertEqual(status, other)
        for part in "dpcpu", "vnet", "console":
            self.assertEqual(a[part], b[part])
        self.assertEqual([finding["code"] for finding in a["findings"]],
                         [finding["code"] for finding in b["findings"]])
        first, second = (self.linked_sections(*load) for load in loads)
        self.assertEqual(first, second)
        sets = [{name: data for name, data in contents(dump).items()
                 if not name.endswith("/image.bin")}
                for _, _, dump in loads]
        self.assertEqual(*sets)
        return len(first)

    def linked_sections(self, _, document, dump):
        """{name: place and bytes} of what does not describe the file."""
        if len(document["files"]) < 2:
            return {}
        file = document["files"][1]
        base = self.address(file["address"])
        image = (dump / "files" / file["name"] / "image.bin").read_bytes()
        found = {}
        for section in file["sections"]:
            if section["type"] in (1, 8): # PROGBITS, NOBITS
                at = self.address(section["address"]) - base
                found[section["name"]] = at, image[at:at + section["size"]]
        return found

    def test_modules(self):
        """Every module made again loads to the very same."""
        count = 0
        for path in sample(sorted(BOOT.glob("*/*.ko")), 5, lambda path:
                           [path.stem] if SELDOM == 1 else []):
            with self.subTest(path):
                kernel = path.parent / "kernel"
                if path.stem == "fx_dyn": # its tables are elsewhere
                    self.assert_linked(kernel, path)
                    self.assert_same_sets(kernel, path)
                    continue
                self.assert_same(kernel, path, kernel, self.round_trip(path))
                count += 1
        self.assertGreater(count, 50 if SELDOM == 1 else 3)

    def test_shared_objects(self):
        """Of every machine, with three segments: tables take the fourth."""
        for machine in ("i386", "arm64", "armv7", "riscv64", "powerpc",
                        "powerpc64", "powerpc64le"):
            kernel = cli.FIXTURES / machine / "boot/kernel-15/kernel"
            for name in "fx_pcpu", "fx_vnet", "fx_order":
                with self.subTest(machine, name=name):
                    found = self.assert_same_dyn(
                        kernel, kernel.parent / f"{name}.ko")
                    self.assertGreater(found, 4)

    def test_kernels(self):
        """On a kernel made again modules load to the very same."""
        for name in ("kernel", "kernel-13", "kernel-14", "kernel-15",
                     "kernel-novimage"):
            with self.subTest(name):
                kernel = BOOT / name / "kernel"
                built = self.round_trip(kernel)
                module = BOOT / name / "fx_pcpu.ko"
                a = self.load(kernel, module, options=(
                    "-p", module.parent, "--kernel-end",
                    "0xffffffff90000000"))
                b = self.load(built, module, options=(
                    "-p", module.parent, "--kernel-end",
                    "0xffffffff90000000"))
                for document in a[1], b[1]:
                    document.pop("kernel")
                    document["files"][0].pop("size") # tables are at its end
                self.assertEqual(a[1]["osreldate"], b[1]["osreldate"])
                self.assertEqual(a[1]["files"][1:], b[1]["files"][1:])
                self.assertEqual(a[1]["files"][0], b[1]["files"][0])
                for part in ("results", "findings"):
                    self.assertEqual(a[1][part], b[1][part])
                for name_of, data in contents(a[2]).items():
                    if name_of.startswith("files/"):
                        self.assertEqual(data, contents(b[2])[name_of])

    def test_errors(self):
        path = self.write("text", "hello")
        done = self.synth("--from", path, status=HOST)
        self.assertEqual(done.err, f"kldsim: {path}: no ELF file\n")


class World(Case):
    def number(self, text):
        return int(text, 16)

    def address_of(self, reloc, sections):
        """Of what a relocation refers to."""
        if "address" in reloc:
            return self.number(reloc["address"])
        used, image = sections[reloc["file"], reloc["of"]]
        return (image if reloc.get("unmoved") else used) + reloc["at"]

    def check_module(self, expected, file, sections, data):
        self.assertEqual(file["size"], expected["size"])
        self.assertEqual(file["deps"], expected["deps"])
        found = [{key: item[key] for key in ("name", "size", "region")}
                 for item in file["sections"]]
        wanted = [{key: item[key] for key in ("name", "size", "region")}
                  for item in expected["sections"] if item["size"] != 0]
        if "image" in expected["sections"][0]: # tables are sections, too
            found = [item for item in wanted if item in found]
        self.assertEqual(found, wanted)
        for reloc in expected["relocs"]:
            value = self.address_of(reloc, sections) + reloc["addend"]
            if reloc["pc"]:
                value -= (sections[expected["file"], reloc["section"]][1]
                          + reloc["offset"])
            width, at = reloc["width"], reloc["offset"]
            found = data[expected["file"], reloc["section"]][at:at + width]
            self.assertEqual(found, (value % (1 << 8 * width)).to_bytes(
                width, self.order), reloc)

    def check_values(self, expected, documents, dump):
        """Initial values: in the reference copy, CPUs and vnets (O-24)."""
        parts = [("dpcpu", "set_pcpu", ["cpu0", "cpu1"])]
        if expected["vimage"]:
            parts.append(("vnet", "set_vnet", ["vnet0", "vnet1"]))
        else:
            self.check_in_place(expected["modules"])
        for part, name, copies in parts:
            start = self.number(documents[part]["reference"]["start"])
            for copy in ["reference", *copies]:
                data = (dump / part / f"{copy}.bin").read_bytes()
                for module, file in zip(expected["modules"],
                                        documents["files"][1:]):
                    self.check_copy(module, file, name, copy, data, start)

    def check_in_place(self, modules):
        """J-12: without vnets a set_vnet is data like any other."""
        for module in modules:
            data = self.relocated.get((module["file"], "set_vnet"))
            for item in module["values"]:
                if item["section"] == "set_vnet":
                    at = item["offset"]
                    self.assertEqual(data[at:at + 8], self.number(
                        item["value"]).to_bytes(8, self.order), item)
                    self.values += 1

    def check_copy(self, module, file, name, copy, data, start):
        place = [self.number(item["address"]) for item in file["sections"]
                 if item["name"] == name]
        for item in module["values"]:
            if item["section"] != name or (
                    copy == "reference" and not item["reference"]):
                continue
            at = place[0] - start + item["offset"]
            self.assertEqual(
                data[at:at + 8],
                self.number(item["value"]).to_bytes(8, self.order),
                (copy, item))
            self.values += 1
        for item in module["relocs"]:
            if item["section"] == name and item.get("copies"):
                at = place[0] - start + item["offset"]
                relocated = self.relocated[module["file"], name]
                self.assertEqual(data[at:at + 8], relocated[
                    item["offset"]:item["offset"] + 8], (copy, item))
                self.propagated += 1

    def memory(self, expected, document, dump):
        """Where sections are used and where the file has them; bytes."""
        sections, data = {}, {}
        for module, file in zip(expected["modules"], document["files"][1:]):
            folder = dump / f"files/{file['name']}"
            base = self.number(file["address"])
            image = {item["name"]: item["image"]
                     for item in module["sections"] if "image" in item}
            for item in file["sections"]:
                name = item["name"]
                key = file["name"], name
                used = self.number(item["address"])
                if not image:
                    sections[key] = used, used
                    data[key] = (folder / "{:02}.{}.bin".format(
                        item["index"], name)).read_bytes()
                elif name in image: # D-36: relocated where the file has it
                    sections[key] = used, base + image[name]
                    data[key] = (folder / "image.bin").read_bytes()[
                        image[name]:image[name] + item["size"]]
        return sections, data

    def check(self, seed, *sizes):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.tmp))
        self.synth("--seed", str(seed), *sizes, "-d", folder)
        expected = json.loads((folder / "expected.json").read_text())
        self.order = ("big" if expected["machine"] in ("powerpc", "powerpc64")
                      else "little")
        names = [module["file"] for module in expected["modules"]]
        _, document, dump = self.load(
            folder / "kernel", *(folder / name for name in names),
            options=("-n", "2"))
        self.kind = expected["vimage"], expected["runtime"]
        self.assertEqual(document["osreldate"], expected["osreldate"])
        self.assertEqual([item["errno"] or 0 for item in document["results"]],
                         [item["errno"] for item in expected["modules"]])
        sections, data = self.memory(expected, document, dump)
        self.relocated, self.values, self.propagated = data, 0, 0
        for module, file in zip(expected["modules"], document["files"][1:]):
            self.assertEqual(module["file"], file["name"])
            self.check_module(module, file, sections, data)
        self.check_values(expected, document, dump)
        return [item for module in expected["modules"]
                for item in module["relocs"]]

    def test_worlds(self):
        for seed, sizes in enumerate([
                [], ["--deps", "tree", "--modules", "9"],
                ["--deps", "random", "--modules", "20", "--relocs", "200"],
                ["--modules", "1", "--symbols", "1", "--relocs", "1",
                 "--set-bytes", "1"],
                ["--deps", "random", "--set-bytes", "1001", "--modules",
                 "6"],
                ["--relocs", "20000", "--symbols", "5000", "--deps",
                 "chain"]]):
            with self.subTest(sizes):
                self.assertGreater(len(self.check(seed, *sizes)), 0)

    def test_vnets(self):
        """J-12, J-24: kernels of each kind, and what is drawn is one of them."""
        drawn = set()
        for seed, kind in enumerate(["vimage", "plain", "runtime",
                                     "runtime-plain"] + 12 * ["any"]):
            sizes = ["--vnets", kind, "--deps", "random", "--modules", "5",
                     *(["--shared"] if seed % 2 else [])]
            with self.subTest(f"{seed} {kind}"):
                self.check(seed, *sizes)
                if kind != "any":
                    self.assertEqual(self.kind, ("plain" not in kind,
                                                 "runtime" in kind))
                else:
                    drawn.add(self.kind)
        self.assertEqual(len(drawn), 4)

    # Of each machine the types that all releases have, and those that 15.0
    # has more (V-46, V-50); sections 6.1 to 6.6.
    TYPES = {
        "i386": ("32 PC32 GLOB_DAT RELATIVE", "JMP_SLOT"),
        "arm64": ("ABS64 GLOB_DAT JUMP_SLOT RELATIVE", ""),
        "armv7": ("ABS32 JUMP_SLOT RELATIVE", ""),
        "riscv64": ("64 JUMP_SLOT RELATIVE", ""),
        "powerpc": ("ADDR32 RELATIVE", "JMP_SLOT"),
        "powerpc64": ("ADDR64 RELATIVE", "JMP_SLOT"),
        "powerpc64le": ("ADDR64 RELATIVE", "JMP_SLOT"),
    }

    def check_machine(self, release, *sizes):
        relocs, values = [], 0
        for seed, more in [(1, []), (2, ["--deps", "random", "--modules",
                                         "7", "--set-bytes", "203"]),
                           (3, ["--deps", "tree", "--relocs", "500"])]:
            relocs += self.check(seed, "-r", release, *more, *sizes)
            values += self.values
        self.assertGreater(values, 1000)
        # Everything was referred to: sets, this file, others, the kernel.
        self.assertTrue(any("address" in item for item in relocs))
        self.assertEqual({item["of"] for item in relocs if "of" in item},
                         {".text", ".data", "set_pcpu", "set_vnet"})
        self.assertEqual({item["section"] for item in relocs},
                         {".text", ".data", "set_pcpu", "set_vnet"})
        return relocs

    def test_machines(self):
        """D-34 to D-36, D-50, D-53, section 6: shared objects."""
        looked_at = "12.1", "15.0"
        for machine, release in sample(
                itertools.product(self.TYPES, ("12.1", "13.0", "14.0", "14.1",
                                               "15.0", "main")), 7,
                lambda pair: [pair if pair[1] in looked_at else pair[1]]):
            with self.subTest((machine, release)):
                relocs = self.check_machine(release, "-m", machine)
                found = {item["type"].split("_", 2)[2] for item in relocs}
                types = self.TYPES[machine]
                if release in looked_at:
                    self.assertEqual(found, set(
                        " ".join(types if release == "15.0" else
                                 types[:1]).split()))

    def test_amd64(self):
        """Both kinds of module, with all that releases differ in."""
        for release in "12.1", "12.2", "13.0", "14.1", "15.0", "main":
            with self.subTest(release):
                self.check_machine(release)
                # V-38: vnets get relocated values from 15.0 on.
                self.assertEqual(self.propagated > 0,
                                 release in ("15.0", "main"))
                relocs = self.check_machine(release, "--shared")
                # V-44, D-53.
                self.assertEqual(
                    any("unmoved" in item for item in relocs),
                    release == "12.1")

    def test_same_seed(self):
        for folder in "a", "b":
            self.synth("--seed", "0xabc", "-d", self.tmp / folder)
        for path in (self.tmp / "a").iterdir():
            self.assertEqual(path.read_bytes(),
                             (self.tmp / "b" / path.name).read_bytes())
        self.synth("--seed", "0xabd", "-d", self.tmp / "c")
        self.assertNotEqual((self.tmp / "a/mod0.ko").read_bytes(),
                            (self.tmp / "c/mod0.ko").read_bytes())

    def test_errors(self):
        path = self.write("file", "")
        done = self.synth("--seed", "1", "-d", path, status=HOST)
        self.assertIn("file/expected.json: ", done.err)


if __name__ == "__main__":
    unittest.main()
