# SPDX-License-Identifier: BSD-2-Clause
"""What kldsim load says of code and pointers that reach for a module's own
copy of a set.

Which instructions these are llvm-objdump and a few lines of arithmetic here
say.  Beside the fixtures there are modules made here, by clang and lld.

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import collections
import itertools
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import tools

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
KLDSIM = os.environ["KLDSIM"]
MACHINES = ("amd64", "amd64-dyn", "arm64", "armv7", "i386", "powerpc",
            "powerpc64", "powerpc64le", "riscv64")
STAYS, EDGE = "set-access-not-redirected", "set-edge"
PADDING, LATER = "set-padding", "set-padding-later"
LINTS = {STAYS, EDGE, PADDING, LATER}

LINE = re.compile(r"^ *([0-9a-f]+): *\t(\S+)[ \t]*(.*?)(?:\s*<.*|\s+# .*)?$",
                  re.M)


def folder(machine):
    return FIXTURES / ("" if machine == "amd64" else machine) / "boot"


def findings(kernel, path, *options):
    done = subprocess.run([KLDSIM, "load", "--json", *options, kernel, path],
                          capture_output=True, check=False)
    return [f for f in json.loads(done.stdout)["findings"]
            if f["file"] == path.name]


def places(found, code):
    """(section, offset) of the findings of one code."""
    return [(f["section"], f["offset"] if f["offset"] is None
             else int(str(f["offset"]), 0))
            for f in found if f["code"] == code]


# --- addresses that code forms, by llvm-objdump ---

def immediate(text):
    return int(text.lstrip("#"), 0)


def arm64(name, words, at, known, _):
    if name == "adr":
        return at + immediate(words[1])
    if name == "adrp":
        known[words[0]] = immediate(words[1])
    elif name == "add" and words[1] in known and words[2][0] == "#":
        return known[words[1]] + immediate(words[2])
    return None


def riscv64(name, words, at, known, _):
    if name == "auipc":
        known[words[0]] = at + (immediate(words[1]) << 12)
    elif name == "addi" and words[1] in known:
        return known[words[1]] + immediate(words[2])
    return None


def amd64(_, words, __, known, ___):
    operand = re.search(r"(-?\w+)\(%rip\)", ", ".join(words))
    return known["next"] + immediate(operand[1]) if operand else None


def powerpc64(name, words, at, known, base):
    if name == "addis" and words[1] == "2":
        known[words[0]] = base + (immediate(words[2]) << 16)
    elif name == "addi" and words[1] in known:
        return known[words[1]] + immediate(words[2])
    elif name == "addi" and words[1] == "2":
        return base + immediate(words[2])
    return None


def i386(name, words, at, known, base):
    """The register that `popl` and `addl` of the distance made the GOT's."""
    if name == "addl" and "popped" in known and words[0][0] == "$":
        if known.pop("popped") + immediate(words[0][1:]) == base:
            known["got"] = words[1]
    if name == "popl":
        known["popped"] = at
    if name.startswith("ret"):
        known.pop("got", None)
    text = ", ".join(words)
    operand = re.search(r"(-?\d+)\((%\w+)?(?:, *(%\w+))?\)", text)
    if operand and known.get("got", "") in operand.groups()[1:]:
        return base + int(operand[1])
    return None


FORMS = {"amd64": amd64, "amd64-dyn": amd64, "arm64": arm64, "riscv64": riscv64, "i386": i386,
         "powerpc64": powerpc64, "powerpc64le": powerpc64}
BASES = {"i386": "_GLOBAL_OFFSET_TABLE_", "powerpc64": ".TOC.",
         "powerpc64le": ".TOC."}


_tables, _code = {}, {}    # what the tools said, by path


def read_tables(paths):
    _tables.update(tools.of_each(["llvm-readelf", "-W", "-S", "-s", "-r"],
                                 paths, r"^File: (.*)$"))


def read_code(machine, paths):
    names = ["-M", "numeric"] if machine == "riscv64" else []
    _code.update(tools.of_each(
        ["llvm-objdump", "-d", "--no-show-raw-insn", *names], paths,
        r"^(\S.*):\tfile format .*$"))


def tables_of(path):
    """Sections, symbols and relocations."""
    if path not in _tables:
        read_tables([path])
    return _tables[path]


def code_of(machine, path):
    if path not in _code:
        read_code(machine, [path])
    return _code[path]


def formed(machine, path):
    """[(address of the instruction, variable)] of those in the sets."""
    symbols = symbols_of(path)
    sets = sets_of(symbols, "pcpu", "vnet")
    base = symbols.get(BASES.get(machine), (0, 0))[0]
    known, told = {}, []
    lines = LINE.findall(code_of(machine, path))
    for (at, name, words), (after, *_) in zip(lines, [*lines[1:], ("0",)]):
        known["next"] = int(after, 16)
        words = [w.strip() for w in words.split(",")]
        target = FORMS[machine](name, words, int(at, 16), known, base)
        if target is not None and any(a <= target < z for a, z in sets):
            told.append((int(at, 16), variable(symbols, target)))
    return told


def sets_of(symbols, *names):
    """(start, end) of the file's sets of those names."""
    return [(symbols[f"__start_set_{name}"][0], symbols[f"__stop_set_{name}"][0])
            for name in names if f"__start_set_{name}" in symbols]


def relative(path, *names):
    """How many R_X86_64_RELATIVE point from elsewhere into those sets."""
    sets = sets_of(symbols_of(path), *names)
    inside = [[any(a <= int(word, 16) < z for a, z in sets) for word in words]
              for words in re.findall(
                  r"^([0-9a-f]+) .* R_X86_64_RELATIVE +([0-9a-f]+)$",
                  tables_of(path), re.M)]
    return inside.count([False, True])


def symbols_of(path):
    return {name: (int(value, 16), int(size, 0)) for value, size, name in
            re.findall(r"^ *\d+: ([0-9a-f]+) +(\S+) .* (\S+)$",
                       tables_of(path), re.M)}


def variable(symbols, address):
    return next(name for name, (value, size) in symbols.items()
                if "_entry_" in name and value <= address < value + size)


def text_of(path):
    return int(re.search(r" \.text +PROGBITS +([0-9a-f]+)",
                         tables_of(path))[1], 16)


class Fixtures(unittest.TestCase):
    maxDiff = None

    def check_code(self, machine, name):
        path = folder(machine) / f"{name}.ko"
        wanted = [(at - text_of(path), name)
                  for at, name in formed(machine, path)]
        # The boot loader takes no file without metadata (P-12).
        preload = b"__start_set_modmetadata_set" in path.read_bytes()
        for options in ([], ["--preload"])[:1 + preload]:
            found = [f for f in findings(path.parent / "kernel", path,
                                         *options) if f["code"] == STAYS]
            self.assertEqual(
                [(at, f["symbol"]) for f, (_, at)
                 in zip(found, places(found, STAYS))], wanted, path)
            self.assertEqual({f["section"] for f in found},
                             {".text"} if wanted else set())
        return [name for _, name in wanted]

    def test_code_with_what_is_not_redirected(self):
        """D-36, D-71: each of the source's four accesses, once."""
        for machine, name in [
                ("arm64", "kernel/fx_setref_relax"),
                ("powerpc64", "kernel-13/fx_setref_relax"),
                ("powerpc64le", "kernel-13/fx_setref_relax"),
                ("powerpc64", "kernel/fx_setref"),
                ("powerpc64le", "kernel/fx_setref"),
                *((m, "kernel-13/fx_setref_static") for m in
                  ("arm64", "i386", "powerpc64", "powerpc64le", "riscv64"))]:
            with self.subTest(machine=machine, name=name):
                self.assertEqual(
                    collections.Counter(self.check_code(machine, name)),
                    {"pcpu_entry_fx_setref_one": 1,
                     "pcpu_entry_fx_setref_array": 1,
                     "vnet_entry_fx_setref_two": 1,
                     "vnet_entry_fx_setref_ptr": 1})

    def test_the_remedy_is_the_machines_own(self):
        for machine, name, option in [
                ("arm64", "kernel/fx_setref_relax", "link with --no-relax "),
                ("powerpc64", "kernel-13/fx_setref_relax",
                 "link with --no-toc-optimize "),
                ("i386", "kernel-13/fx_setref_static", "not static (see ")]:
            path = folder(machine) / f"{name}.ko"
            for f in findings(path.parent / "kernel", path):
                if f["code"] == STAYS:
                    self.assertIn(option, f["text"])
                    self.assertIn("FreeBSD-EN-23:08.vnet", f["text"])
                    self.assertEqual(f["severity"], "warning")

    def test_every_other_module(self):
        """Nothing else is said of any module than the tracer here says."""
        checked = 0
        for machine in MACHINES:
            # amd64 has no other shared objects.
            paths = sorted(folder(machine).glob(
                "*/fx_dyn.ko" if machine == "amd64" else "*/*.ko"))
            read_tables(paths)
            if machine in FORMS:
                read_code(machine, paths)
            for path in paths:
                name = f"{path.parent.name}/{path.stem}"
                with self.subTest(machine=machine, name=name):
                    self.check_module(machine, path)
                checked += 1
        self.assertGreater(checked, 300)

    def check_module(self, machine, path):
        kernel, module = path.parent.name, path.stem
        found = findings(path.parent / "kernel", path)
        codes = collections.Counter(f["code"] for f in found)
        if codes["undefined-symbol"] or codes["module-needs-vimage"]:
            return      # refused half-way, and nothing else is asked
        code = [f for f in found if f["code"] == STAYS
                and f["section"] == ".text"]
        self.assertEqual(
            [at for _, at in places(code, STAYS)],
            [at - text_of(path) for at, _ in formed(machine, path)]
            if machine in FORMS else [])
        old = kernel in ("kernel", "kernel-novimage", "kernel-runtime")
        names = ["pcpu"] if kernel == "kernel-novimage" else ["pcpu", "vnet"]
        # amd64 of 12 does not move RELATIVE (D-53).
        self.assertEqual(
            codes[STAYS] - len(code),
            relative(path, *names) if old and "amd64" in machine else 0)
        if module not in ("fx_edge", "fx_padonly"):
            self.assertEqual(codes[EDGE], 0)
        self.assertEqual(codes[PADDING], int(module in ("fx_nopad",
                                                        "fx_tinypad")))
        symbols = symbols_of(path) if machine == "i386" else {}
        loaded_sets = [s for s in names if symbols.get(
            f"__start_set_{s}", 0) != symbols.get(f"__stop_set_{s}", 0)]
        self.assertEqual(codes[LATER], len(loaded_sets) if old else 0)

    def test_edges(self):
        """D-32, D-53: of fx_edge_results, where nothing else can be meant.

        16 to 20 behind the start is fx_edge_results itself, which follows
        the set; but for i386 from 13, where set_vnet follows: there 20 is
        the end, which is __stop_set_pcpu as well.
        """
        for machine in MACHINES[1:]:
            for kernel in ("kernel", "kernel-13"):
                padded = machine == "i386" and kernel == "kernel-13"
                path = folder(machine) / kernel / "fx_edge.ko"
                word = 8 if "64" in machine else 4
                found = findings(path.parent / "kernel", path)
                self.assertEqual(
                    sorted(places(found, EDGE)),
                    [(".data", i * word) for i in
                     ([4, 5, 7] if padded else [5])], path)

    def test_a_set_of_padding_only(self):
        """D-32: 0 and 3 are stored; the third is the end, and stays."""
        path = folder("i386") / "kernel-13/fx_padonly.ko"
        found = findings(path.parent / "kernel", path)
        self.assertEqual(places(found, EDGE),
                         [(".data", 0), (".data", 4), (".data", 8)])
        text = [f["text"] for f in found if f["code"] == EDGE]
        self.assertIn("stores 0x0,", text[0])
        self.assertIn("stores 0x3,", text[1])

    def test_padding(self):
        """D-32, D-72: refused, and beside the console line a remedy."""
        for name, section in [("fx_nopad", "set_pcpu"),
                              ("fx_tinypad", "set_vnet")]:
            path = folder("i386") / "kernel-13" / f"{name}.ko"
            found = findings(path.parent / "kernel", path)
            self.assertEqual(places(found, PADDING), [(section, None)])
            self.assertIn("link with ldscript.kmod.i386", found[0]["text"])
        path = folder("i386") / "kernel/fx_edge.ko"
        found = findings(path.parent / "kernel", path)
        self.assertEqual(
            [(f["severity"], f["section"]) for f in found
             if f["code"] == LATER], [("note", "set_pcpu")])

    def test_a_release_that_moves_relative_addresses(self):
        """D-53: amd64 of 12 does not; a word of fx_dyn shows it."""
        path = folder("amd64") / "kernel/fx_dyn.ko"
        found = findings(path.parent / "kernel", path)
        self.assertEqual([(f["section"], f["symbol"]) for f in found
                          if f["code"] == STAYS],
                         [(".data.rel.ro", "pcpu_entry_fx_dyn_static")])
        found = findings(path.parent / "kernel", path, "-r", "13.0")
        self.assertEqual(places(found, STAYS), [])

    def test_pointers_in_a_set(self):
        """D-36: the place is told from the start of the set."""
        for machine in MACHINES[1:]:
            path = folder(machine) / "kernel/fx_setref.ko"
            symbols = symbols_of(path)
            found = findings(path.parent / "kernel", path)
            at = (symbols["vnet_entry_fx_setref_ptr"][0]
                  - symbols["__start_set_vnet"][0])
            self.assertEqual(places(found, "pointer-not-propagated"),
                             [("set_vnet", at)], machine)


# --- modules made here ---

# Triple, emulation of ld, and the directive for a pointer.
BUILD = {"amd64": ("x86_64", "elf_x86_64", ".quad"),
         "arm64": ("aarch64", "aarch64elf", ".quad"),
         "armv7": ("armv7", "armelf", ".long"),
         "i386": ("i386", "elf_i386", ".long")}

SET = """
	.globl	__start_set_pcpu, __stop_set_pcpu
	.section set_pcpu, "aw", %progbits
	.balign	8
	.hidden	pcpu_entry_v
	.globl	pcpu_entry_v
	.type	pcpu_entry_v, %object
pcpu_entry_v:
	.space	16, 0x5a
	.size	pcpu_entry_v, 16
	.section .data.rel.ro, "aw", %progbits
	.balign	8
bounds:	PTR	__start_set_pcpu
"""
CODE = {
    # The linker may do without the load and without the word it loads.
    "amd64": """
	.text
f:	movq	pcpu_entry_v@GOTPCREL(%rip), %rax
	ret
""",
    "arm64": """
	.text
f:	adrp	x0, :got:pcpu_entry_v
	ldr	x0, [x0, :got_lo12:pcpu_entry_v]
	ret
""",
    # A distance from the program counter, in the text.
    "armv7": """
	.text
	.arm
f:	ldr	r0, 1f
2:	add	r0, pc, r0
	bx	lr
1:	.word	pcpu_entry_v - (2b + 8)
"""}
NEXT = """
	.data
	.balign	8
	.type	next, %object
next:	.space	64, 1
	.size	next, 64
"""


class MadeHere(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp, self.made = Path(scratch.name), itertools.count()

    def found(self, machine, source, *options, kernel="kernel-13"):
        triple, emulation, pointer = BUILD[machine]
        text = self.tmp / "v.s"
        text.write_text(source.replace("PTR", pointer))
        subprocess.run(["clang", f"--target={triple}-unknown-freebsd13.0",
                        "-c", text, "-o", self.tmp / "v.o"], check=True)
        self.path = self.tmp / f"v{next(self.made)}.ko"
        subprocess.run(["ld.lld", "-m", emulation, "-shared", "-z", "notext",
                        "--hash-style=sysv", *options, self.tmp / "v.o",
                        "-o", self.path], check=True)
        return findings(folder(machine) / kernel / "kernel", self.path)

    def test_the_linker_relaxes_or_not(self):
        """D-36, D-71: the same object, linked twice."""
        for machine, how in [("amd64", "operand from rip"), ("arm64", "adr")]:
            found = self.found(machine, SET + CODE[machine], "--no-relax")
            self.assertEqual(places(found, STAYS), [], machine)
            found = [f for f in self.found(machine, SET + CODE[machine],
                                           "--relax") if f["code"] == STAYS]
            self.assertEqual(len(found), 1, machine)
            self.assertIn(how, found[0]["text"])
            self.assertEqual(found[0]["symbol"], "pcpu_entry_v")
            self.assertEqual(
                [(at - text_of(self.path), name)
                 for at, name in formed(machine, self.path)],
                [(places(found, STAYS)[0][1], "pcpu_entry_v")])

    def test_a_literal(self):
        """armv7: the addition to pc is the second instruction."""
        found = self.found("armv7", SET + CODE["armv7"])
        self.assertEqual(places(found, STAYS), [(".text", 4)])

    # What is added to the set's start, and what is said of it: it has 16
    # bytes, and 64 on either side are still thought to be meant for it.
    POINTERS = [(0, None), (15, None), (16, "to the end of"),
                (17, "just behind"), (16 + 63, "just behind"),
                (16 + 64, None), (-1, "just in front of"),
                (-63, "just in front of"), (-64, None)]

    def pointers(self, machine, source):
        """The words of found, by their place in the table."""
        table = "".join(f"\tPTR\tpcpu_entry_v + {addend}\n"
                        for addend, _ in self.POINTERS)
        word = 8 if BUILD[machine][2] == ".quad" else 4
        found = self.found(machine, SET + table + source, kernel="kernel-13")
        said = {offset // word - 1: f["text"]
                for f, (_, offset) in zip(
                    (f for f in found if f["code"] == EDGE),
                    places(found, EDGE))}
        return [said.get(i) for i in range(len(self.POINTERS))]

    def test_next_to_a_set(self):
        """D-53: the set is the last of the file, and begins a page."""
        for machine in ("amd64", "arm64", "armv7"):
            for (addend, wanted), text in zip(
                    self.POINTERS, self.pointers(machine, "")):
                with self.subTest(machine=machine, addend=addend):
                    self.assertEqual(text is not None, wanted is not None)
                    self.assertIn(wanted or "", text or "")

    def test_something_else_is_meant(self):
        """Behind the set there is a variable, which begins at its end."""
        for machine in ("amd64", "arm64", "armv7"):
            said = self.pointers(machine, NEXT)
            self.assertEqual(
                [text is not None for text in said],
                [addend < 0 and wanted is not None
                 for addend, wanted in self.POINTERS], machine)

    def test_padding(self):
        """D-32, D-72: 12 tells the two apart as well."""
        pad = ('\t.section set_pcpu, "aw", %progbits\n'
               "\t.long\t0x90909090\n")
        for source, code in [(SET, LATER), (SET + pad, None)]:
            found = self.found("i386", source, kernel="kernel")
            self.assertEqual([f["code"] for f in found],
                             [code] if code else [])


if __name__ == "__main__":
    tools.need("llvm-objdump", "llvm-readelf", "clang", "ld.lld")
    tools.main()
