#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the inputs that fuzzing starts from: OUT/TARGET/... for every target.

usage: corpus.py [--build BUILD] [--fixtures DIR] OUT

They come from the specs beside this file and below (built for every machine),
from random worlds, from the tables of malformed files of tests/unit, from the
fixtures, if these are built, and from the inputs kept in regressions/.
Everything is made anew and is the same each time.
"""

import argparse
import bz2
import gzip
import io
import lzma
import itertools
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SRC = HERE.parent.parent

TARGETS = ("image", "load_rel", "load_dyn", "boot", "metadata", "hints",
           "spec", "ctf", "types", "kbi", "scenario", "roundtrip", "differential",
           "mutator", "gdb", "ddb", "archive", "names", "dwarf",
           "next_boot")

# target_next_boot.c: loader.conf, rc.conf, and what is read besides.
NEXT_BOOT = (
    (b'm_load="YES"\nkernel="kernel"\nmodule_path="/boot/modules"\n',
     b'kld_list="m /boot/modules/m.ko ${kld_list}"\n'),
    (b'exec="set m_load=YES"\nloader_conf_files="a b" # c\n'
     b'm_name="m.ko"\nm_type="md_image"\nm_load=YES\n'
     b'module_blacklist="m nvidia"\n',
     b'. /etc/rc.subr\nif x; then kld_list=m; fi\nkld_list+=" m"\n'
     b"a='b c' kld_list=$a # d\n", b'm_load="NO"\n',
     b'autoboot_delay=-1\n', b'kld_list=""\n'),
    (b'kernels="kernel kernel.old"\nkernel="kernel.old"\n'
     b'bootfile="kernel;kernel.old"\nm_before="echo"\nm_error=abort\n',
     b'kld_list="\\\nm"\nkld_list=`x`$(y)\n'),
)

MACHINES = ("amd64", "i386", "arm64", "armv7", "riscv64", "powerpc",
            "powerpc64", "powerpc64le")
KINDS = ("kernel", "module", "rel", "dyn")
TABLES = ("elf", "place", "reloc", "meta", "kernel")
WORLDS = 4
RELEASES = ("12.1", "13.0", "14.0", "14.1", "15.0")  # common.c's order
LARGEST = 64 << 10  # what is larger is too slow to be a seed

# A bit of everything, for any machine and kind.
SPEC = """\
machine: {machine}
kind: {kind}
functions: [f_init, f_event]
dpcpu: [{{name: count, int: 1}}, {{name: hook, pointer: f_init}}]
vnet: [{{name: limit, int: 2}}, {{name: where, pointer: f_init}}]
objects:
  - {{name: other, pointer: printf}}
  - {{name: zeros, size: 100, align: 32}}
modules: [{{name: mod, handler: f_event, subsystem: SI_SUB_PSEUDO}}]
versions: [mod]
sysinits: [{{name: one, subsystem: SI_SUB_PSEUDO, func: f_init}}]
sysuninits: [{{name: two, subsystem: SI_SUB_PSEUDO, func: f_init}}]
vnet-sysinits: [{{name: v, subsystem: SI_SUB_PROTO_IF, func: f_init}}]
"""
KERNEL = "modspace: {dpcpu: 256, vnet: 512}\n"

# What gdb and LLDB say, and people to them.
GDB = ("qSupported:multiprocess+", "?", "Hg0", "qC", "g", "p1",
       "qXfer:features:read:target.xml:0,1000",
       "qXfer:libraries:read::0,1000", "qXfer:libraries:read::10,20",
       "mffffffff80200000,40", "m100100,8", "vCont;c", "M0,1:00",
       *("qRcmd," + text.encode().hex() for text in (
           "vnet 1", "cpu 1", "kldstat", "help", "kldload m",
           "kldunload m.ko", "vnet reference")),
       "QStartNoAckMode", "D")

# A bit of everything that DWARF tells.
DWARF = """
typedef unsigned int u32;
enum e { A, B = -1 };
union un { int a; long b; };
struct foo {
    struct foo *next;
    u32 a : 3, b : 5;
    const volatile char *name;
    int m[2][3];
    enum e e;
    union un u;
    struct { short in; };
    int (*cb)(struct foo *, ...);
};
static inline int in(struct foo *f) { return f->a; }
extern int imported(struct foo *, u32), v;
int defined(struct foo *f) { return in(f) + imported(f, v); }
double d;
struct foo x;
"""

# What somebody types to DDB.
DDB = ("help", "print/x 0x10+2*(-3)#4 | 1<<2", "print (((1", "set",
       "set $db_cpu 1", "set $tabstops 0", "set $radix 0t10",
       "print *limit && count", "x/bxhdguazrocsS list,10", "", "",
       "search/b limit 4 0ff,20", "show all vnets", "show vnet_sysinit",
       "show vnet .", "show all pcpu", "show sysinit", "kldstat",
       "pprint/d 3 list", "pprint struct list list", "value/d limit",
       "value count", "value/dj limit",
       "value/j list", "value struct list list", "value/o limit", "write limit 1", "c")

# All kinds of types (C-11), and what can be said of symbols.
TYPES = """\
machine: {machine}
kind: {kind}
options: {{ctf-version: {version}, ctf-compress: {compress}}}
functions: [f, {{name: g, bind: local}}]
objects: [{{name: x, int: 1}}]
type-labels: [L, {{name: M, last: 3}}]
types:
  - {{kind: integer, name: int, size: 4, encoding: signed}}
  - {{kind: float, name: double, size: 8, encoding: double}}
  - kind: struct
    name: s
    size: 24
    members:
      - {{name: next, type: struct s *, bit: 0}}
      - {{name: a, type: int, bit: 64, bits: 3}}
      - {{type: union u, bit: 96}}
      - {{name: e, type: enum e, bit: 128}}
  - {{kind: union, name: u, size: 4, members: [{{name: i, type: int, bit: 0}}]}}
  - {{kind: enum, name: e, constants: [A, {{name: B, value: -1}}]}}
  - {{kind: struct, name: big, size: 0x20000000, members: [{{type: 1, bit: 0}}]}}
  - {{kind: forward, name: fwd}}
  - {{kind: typedef, name: s_t, type: const_s}}
  - {{kind: typedef, name: const_s, type: 10}}
  - {{kind: const, type: struct s}}
  - {{kind: volatile, type: struct fwd *}}
  - {{kind: restrict, type: 11}}
  - {{kind: array, type: int, index: int, elements: 4, size: 16}}
  - {{kind: function, type: int, arguments: [struct s *, s_t, 0]}}
  - {{kind: unknown}}
object-types: [{{symbol: x, type: int}}]
function-types: [{{symbol: f, returns: int, arguments: [struct s *]}}]
"""

# A child of target_types.c's parent (C-30).
CHILD = """\
machine: {machine}
kind: module
options: {{ctf-version: {version}, ctf-compress: no}}
objects: [{{name: x, int: 1}}]
type-labels: [L]
type-parent: {{label: L, name: kernel}}
types:
  - {{kind: pointer, type: -3}}
  - kind: struct
    name: bar
    size: 32
    members: [{{name: foo, type: -3, bit: 0}}, {{name: up, type: 1, bit: 128}}]
  - {{kind: typedef, name: bar_t, type: -4}}
object-types: [{{symbol: x, type: -1}}]
"""

# The worked example of H-11, and the same with what Z-60 to Z-63 are about.
HINTS = bytes.fromhex(
    "01000000"
    "18000000 02000000 0a75617274 30785f706369 0875617274782e6b6f"
    "1c000000 03000000 057561727478 0000 07000000 0875617274782e6b6f 000000"
    "30000000 04000000 03706369"
    "12493a76656e646f723b493a6465766963653b 00"
    "02000000 86800000 34120000 86800000 78560000")
VERSION_AT = 0x20  # the record of the interface uartx
HINTS_CASES = {
    "h-11": HINTS,
    "z-60": HINTS[:VERSION_AT + 6],
    "z-61": HINTS[:4] + b"\xfc\xff\xff\xff" + HINTS[8:],
    "z-62": HINTS[:4] + b"\x05\0\0\0\2\0\0\0\0" + HINTS[VERSION_AT:],
    "z-63": HINTS.replace(b"\x08uartx.ko\0\0\0", b"\x08../ab.ko\0\0\0"),
}


def block(order, word, *records):
    """The boot loader's metadata (P-01): records of a type and data."""
    made = b""
    for kind, data in [*records, (0, b"")]:
        if isinstance(data, int):
            data = struct.pack(order + ("Q" if word == 8 else "I"), data)
        made += struct.pack(order + "II", kind, len(data)) + data
        made += bytes(-len(data) % word)
    return made


NAME, TYPE, ADDR, SIZE, EMPTY, ARGS, DYNAMIC = 1, 2, 3, 4, 5, 6, 0x8005


def blocks():
    """Names and bytes of blocks; and what Z-90 and Z-91 are about."""
    for order in "<>":
        for word in (4, 8):
            whole = block(
                order, word,
                (NAME, b"/boot/kernel/kernel\0"), (TYPE, b"elf kernel\0"),
                (ADDR, 0x200000), (SIZE, 0x1000),
                (NAME, b"/boot/kernel/a.ko\0"), (ARGS, b"-x\0"),
                (TYPE, b"elf obj module\0"), (ADDR, 0x300000), (SIZE, 64),
                (NAME, b"/boot/kernel/b.ko\0"), (TYPE, b"elf module\0"),
                (DYNAMIC, 0x2000), (EMPTY, b"12345678"))
            name = f"{'little' if order == '<' else 'big'}-{word}"
            yield f"block-{name}", whole
            # The second record begins behind 8 + 20 bytes, padded.
            at = 8 + 20 + (-20 % word)
            yield (f"z-90-{name}", whole[:at + 4]
                   + struct.pack(order + "I", 0xfffffff0) + whole[at + 8:])
            yield (f"z-91-{name}", whole.replace(b"kernel\0", b"kernelx", 1))


def roundtrip(release, choice):
    """Variables of all alignments, every type at every place and target."""
    made = [release, choice, 5, 5, 24]
    for i in range(10):  # log of alignment, size less one, bytes
        made += [i % 5, i, *range(i + 1)]
    for i in range(24):
        target = i % 5
        made += [i % 4, i, target]
        made += [i % 5] if target >= 3 else []  # which variable
        made += ((0, 0), (8, 0), (255, 255), (0, 128))[i // 6]  # addend
    return bytes(made)


# target_scenario.c: what is done, one more choice, and what it needs.
LIBRARY, USER, VIMAGE, DPCPU, LARGE, TWICE, BROKEN = MODULES = range(7)
UNLOAD, FORCE = 7, 9
PRELOADS = 4  # ways to boot


def load(module):
    return [0, 0, module, 1]


def load_name(name):
    return [4, 0, name]


def unload(fileid, how=UNLOAD):
    return [how, fileid]


def answer(module, event, error):
    return [14, 0, module, event, error]


NOT_ROOT = [10, 0, 0, 2]  # kern.securelevel 1
NEW_VNET, NO_VNET, NEW_CPU = [11, 0], [12, 1], [13, 0]
SNAPSHOT, RESTORE, DROP = [15], [16, 0], [17, 0]
REFER, RELEASE, RELEASE_FILE = [18, 0], [19, 0], [20, 2]
MOD_LOAD, MOD_UNLOAD, MOD_QUIESCE = range(3)

SCENARIOS = {
    # What is needed stays until who needs it goes (U-10).
    "dependency": [load(LIBRARY), load(USER), unload(2), unload(3),
                   unload(2)],
    "missing": [load(USER), load(LIBRARY), load(USER), load(USER)],
    # Initial values, in vnets and CPUs that come before and after.
    "vnets": [NEW_VNET, load(VIMAGE), NEW_VNET, NO_VNET, unload(2),
              NEW_VNET],
    "cpus": [load(LIBRARY), load(DPCPU), NEW_CPU, unload(3), NEW_CPU],
    # Modspace that is used up, and found again.
    "modspace": [load(LARGE), load(DPCPU), load(LIBRARY), load(DPCPU),
                 unload(2), load(DPCPU), load(LARGE)],
    # Handlers that refuse: MOD_LOAD, MOD_UNLOAD, MOD_QUIESCE; -f.
    "refused": [answer(0, MOD_LOAD, 1), load(LIBRARY),
                answer(0, MOD_LOAD, 0), load(LIBRARY)],
    "busy": [load(LIBRARY), answer(0, MOD_QUIESCE, 2), unload(2),
             unload(2, FORCE), answer(0, MOD_UNLOAD, 2), unload(2, FORCE)],
    "twice": [load(LIBRARY), load(USER), load(TWICE), unload(4)],
    # References of the kernel's own, and one given back too often (U-16).
    "references": [REFER, load(USER), RELEASE, RELEASE, RELEASE_FILE,
                   unload(3)],
    "broken": [load(BROKEN), load(VIMAGE), load(BROKEN), unload(2)],
    # By the module's name, the file's, and the path (K-03); securelevel (K-02).
    "names": [load_name(len(MODULES) * 2), load_name(USER),
              load_name(len(MODULES) + VIMAGE), load_name(BROKEN)],
    "secure": [load_name(USER), NOT_ROOT, load_name(VIMAGE), unload(2)],
    # Snapshots around what is loaded and unloaded.
    "restore": [SNAPSHOT, load(LIBRARY), load(USER), RESTORE, load(VIMAGE),
                RESTORE],
    "nested": [load(LIBRARY), SNAPSHOT, unload(2), SNAPSHOT, load(VIMAGE),
               NEW_VNET, RESTORE, load(USER), DROP, unload(2)],
}


# Paths, kinds, bytes and links of what an archive has.
MEMBERS = [
    ("./", tarfile.DIRTYPE, b"", ""),
    ("/boot/modules/a.ko", tarfile.REGTYPE, b"\x7fELF\2\1\1" + bytes(200), ""),
    ("boot/kernel", tarfile.SYMTYPE, b"", "kernel.GENERIC"),
    ("boot/kernel.GENERIC/kernel", tarfile.REGTYPE, b"\x7fELF" + bytes(99), ""),
    ("boot/loop", tarfile.SYMTYPE, b"", "../boot/loop"),
    ("boot/b.ko", tarfile.LNKTYPE, b"", "boot/modules/a.ko"),
    ("../out", tarfile.REGTYPE, b"out", ""),
    ("dev/null", tarfile.CHRTYPE, b"", ""),
    ("boot/modules/a.ko", tarfile.REGTYPE, b"newer", ""),
    ("share/text", tarfile.REGTYPE, b"text" * 300, ""),
]


def gzip_same(data):
    """The same bytes each time."""
    return gzip.compress(data, mtime=0)


def run(*command):
    subprocess.run([str(word) for word in command], check=True,
                   stdout=subprocess.DEVNULL)


class Corpus:
    def __init__(self, build, out):
        self.kldsim = build / "bin/kldsim"
        self.build = build
        self.out = out
        for target in TARGETS:
            shutil.rmtree(out / target, ignore_errors=True)
            (out / target).mkdir(parents=True)

    def add(self, target, name, data):
        if len(data) <= LARGEST:
            (self.out / target / name).write_bytes(data)

    def add_elf(self, name, data, kernel=False):
        """To the targets that this kind of file is for."""
        self.add("image", name, data)
        if kernel:
            self.add("boot", name, data)
            return
        self.add("metadata", name, data)
        if zlib.crc32(name.encode()) % 8 == 0:  # a few of each kind will do
            self.add("names", name, data)
        # e_type, of either byte order: ET_REL is 1, ET_DYN is 3.
        kind = data[16:18]
        self.add("load_dyn" if kind in (b"\3\0", b"\0\3") else "load_rel",
                 name, data)

    def add_spec(self, name, text, scratch):
        self.add("spec", f"{name}.yaml", text.encode())
        spec, made = scratch / "spec.yaml", scratch / "made"
        spec.write_text(text)
        run(self.kldsim, "synth", spec, "-o", made)
        self.add_elf(name, made.read_bytes(),
                     kernel="kind: kernel\n" in text)

    def specs(self, scratch):
        for path in sorted((HERE / "z-rules").glob("*.yaml")):
            self.add_spec(path.stem, path.read_text(), scratch)
        path = SRC / "examples/if_foo.yaml"
        self.add_spec(path.stem, path.read_text(), scratch)
        for machine in MACHINES:
            for kind in KINDS:
                text = SPEC.format(machine=machine, kind=kind)
                self.add_spec(f"{machine}-{kind}",
                              text + (KERNEL if kind == "kernel" else ""),
                              scratch)
            for version, compress in (2, "no"), (3, "yes"):
                self.add_spec(f"{machine}-types{version}", TYPES.format(
                    machine=machine, kind="module", version=version,
                    compress=compress), scratch)

    def worlds(self, scratch):
        for seed in range(WORLDS):
            self.world(scratch, f"world{seed}", "--seed", seed)
        for i, machine in enumerate(MACHINES):
            self.world(scratch, f"world-{machine}", "--seed", i, "-m",
                       machine, "-r", RELEASES[i % len(RELEASES)],
                       "--shared")

    def world(self, scratch, name, *words):
        folder = scratch / name
        run(self.kldsim, "synth", *words, "-d", folder, "--relocs", 12,
            "--symbols", 8)
        for path in sorted(folder.glob("*.ko")):
            self.add_elf(f"{name}-{path.stem}", path.read_bytes())
        self.add_elf(f"{name}-kernel", (folder / "kernel").read_bytes(),
                     kernel=True)

    def malformed(self, scratch):
        for table in TABLES:
            folder = scratch / table
            folder.mkdir()
            run(self.build / "unit/unit_tests", f"malformed_{table}",
                "--write", folder)
            for path in sorted(folder.iterdir()):
                if path.suffix == ".ko":
                    self.add_elf(path.stem, path.read_bytes())
                elif not path.suffix:
                    self.add_elf(path.name, path.read_bytes(), kernel=True)

    def hints(self, fixtures, scratch):
        for name, data in HINTS_CASES.items():
            self.add("hints", name, data)
        for folder in sorted(fixtures.glob("**/kernel*/")):
            name = "-".join(folder.relative_to(fixtures).parts)
            copy = scratch / "hints" / name
            copy.mkdir(parents=True)
            for path in folder.glob("*.ko"):
                shutil.copy(path, copy)
            run(self.kldsim, "hints", copy)
            made = copy / "linker.hints"
            if made.exists():
                self.add("hints", name, made.read_bytes())

    def archives(self):
        """Members and links of all kinds, long names, holes, and all packings."""
        for name, kind in (("pax", tarfile.PAX_FORMAT),
                           ("gnu", tarfile.GNU_FORMAT),
                           ("ustar", tarfile.USTAR_FORMAT)):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
                for path, what, data, link in MEMBERS:
                    info = tarfile.TarInfo(path)
                    info.type, info.size, info.linkname = what, len(data), link
                    archive.addfile(info, io.BytesIO(data))
                if kind != tarfile.USTAR_FORMAT:
                    info = tarfile.TarInfo("boot/" + "n" * 200 + ".ko")
                    info.pax_headers = {"comment": "c" * 40}
                    archive.addfile(info)
            self.add("archive", name, out.getvalue())
            for suffix, pack in (("gz", gzip_same), ("bz2", bz2.compress),
                                 ("xz", lzma.compress)):
                self.add("archive", f"{name}.{suffix}", pack(out.getvalue()))
        self.add("archive", "kernel.gz", gzip_same(b"\x7fELF" + bytes(5000)))

    def fixtures(self, folder):
        """What can be loaded; not what modules are linked from."""
        for path in sorted(folder.glob("**/boot/**/*")):
            if not path.is_file() or path.stat().st_size > LARGEST:
                continue
            data = path.read_bytes()
            if data[:4] == b"\x7fELF":
                name = "-".join(path.relative_to(folder).parts)
                self.add_elf(name, data, kernel=path.name == "kernel")

    def blocks(self):
        for name, data in blocks():
            self.add("metadata", name, data)
            self.add("mutator", name, data)

    def types(self, scratch):
        """Files with types, and their sections behind a byte that chooses."""
        spec, made = scratch / "types.yaml", scratch / "made"
        for i, machine in enumerate(MACHINES):
            for version in (2, 3):
                for compress in ("no", "yes"):
                    kind = ("kernel", "module")[i % 2]
                    spec.write_text(TYPES.format(
                        machine=machine, kind=kind, version=version,
                        compress=compress))
                    run(self.kldsim, "synth", spec, "-o", made)
                    data = made.read_bytes()
                    name = f"{machine}-{kind}-{version}-{compress}"
                    self.add("types", name, data)
                    self.add_section(f"{name}-ctf", data, version)
        for machine in "amd64", "powerpc":
            for version in (2, 3):
                spec.write_text(CHILD.format(machine=machine,
                                             version=version))
                run(self.kldsim, "synth", spec, "-o", made)
                data = made.read_bytes()
                name = f"{machine}-child-{version}"
                self.add("types", name, b"\1" + data)
                self.add_section(f"{name}-ctf", data, version, True)

    def add_section(self, name, data, version, child=False):
        """What target_types.c chooses: 1 big, 2 of 32 bits, 4 of a kernel, 32
        compressed, too, 64 with a parent."""
        order = ">" if data[5] == 2 else "<"
        at = data.find(struct.pack(order + "HB", 0xcff1, version))
        choice = (order == ">") | (data[4] == 1) << 1 | 4 | 32 | 64 * child
        size, more = struct.unpack_from(order + "II", data, at + 28)
        # Compressed, it may be shorter: what is behind it does no harm.
        self.add("types", name,
                 bytes([choice]) + data[at:at + 36 + size + more])
        if choice & 3 == 0:  # target_kbi.c knows amd64 alone
            self.add("kbi", name, data[at:at + 36 + size + more])

    def dwarf(self, scratch):
        """Objects of clang's; their units behind what target_dwarf.c chooses."""
        source, made = scratch / "dwarf.c", scratch / "dwarf.o"
        source.write_text(DWARF)
        for target, version in itertools.product(
                ("x86_64", "powerpc64", "i386"), (2, 4, 5)):
            if not shutil.which("clang"):
                return
            run("clang", f"--target={target}-unknown-freebsd13", "-O1",
                f"-gdwarf-{version}", "-c", source, "-o", made)
            self.add("dwarf", f"{target}-{version}", made.read_bytes())
            sections = [scratch / name for name in ("abbrev", "info")]
            for part in sections:
                run("llvm-objcopy", "--dump-section",
                    f".debug_{part.name}={part}", made, scratch / "gone")
            abbrev, info = (part.read_bytes() for part in sections)
            self.add("dwarf", f"{target}-{version}-sections",
                     bytes([target == "powerpc64", min(255, len(abbrev))]) +
                     abbrev[:255] + info)

    def choices(self):
        """Bytes that choose: modules, operations, graphs."""
        for release in range(len(RELEASES)):
            for choice in (*range(8), 12):  # target_roundtrip.c
                self.add("roundtrip", f"{choice}-{RELEASES[release]}",
                         roundtrip(release, choice))
            for i, (name, steps) in enumerate(SCENARIOS.items(), release):
                self.add("scenario", f"{name}-{RELEASES[release]}",
                         bytes([i % len(MACHINES), release,
                                i % PRELOADS, *sum(steps, [])]))
        for machine in range(len(MACHINES)):
            self.add("gdb", f"lines-{MACHINES[machine]}", bytes(
                [2 * machine]) + "\n".join(GDB).encode())
            self.add("gdb", f"frames-{MACHINES[machine]}", bytes(
                [2 * machine + 1]) + b"+".join(b"\x3f$%s#%02x" % (
                    text.encode(), sum(text.encode()) & 0xff)
                    for text in GDB))
            self.add("ddb", MACHINES[machine], bytes(
                [2 * machine + 1, machine % len(RELEASES)]) +
                "\n".join(DDB).encode())
        for i, texts in enumerate(NEXT_BOOT):
            for release in range(len(RELEASES)):
                self.add("next_boot", f"conf{i}-{RELEASES[release]}",
                         bytes([release]) + b"\0".join(texts))
        chance = random.Random(1)
        for seed in range(64):  # target_ctf.c
            self.add("ctf", f"types{seed}", bytes(
                chance.randrange(256) for _ in range(16 << seed % 5)))
        for graph in range(32):  # and so each machine; two bytes a step
            for steps in 4, 30:
                self.add("differential", f"graph{graph}-{steps}",
                         bytes([graph, steps] + [
                             chance.randrange(256) for _ in range(2 * steps)]))

    def mutated(self):
        """The mutator's own target: one of each kind, and hints."""
        for path in [*(self.out / "hints").iterdir(),
                     *(self.out / "load_rel").glob("*-rel"),
                     *(self.out / "load_dyn").glob("*-dyn")]:
            self.add("mutator", path.name, path.read_bytes())

    def regressions(self):
        for target in TARGETS:
            for path in (HERE / "regressions" / target).glob("*"):
                if path.suffix == ".yaml":
                    continue  # a spec beside the input
                self.add(target, f"regression-{path.name}",
                         path.read_bytes())


def make(build, fixtures, out):
    corpus = Corpus(build, out)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        corpus.specs(scratch)
        corpus.worlds(scratch)
        corpus.malformed(scratch)
        corpus.archives()
        corpus.hints(fixtures, scratch)
        corpus.types(scratch)
        corpus.dwarf(scratch)
    corpus.fixtures(fixtures)
    corpus.blocks()
    corpus.choices()
    corpus.mutated()
    corpus.regressions()
    return {target: len(list((out / target).iterdir()))
            for target in TARGETS}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=SRC / "build/gcc")
    parser.add_argument("--fixtures", type=pathlib.Path,
                        default=SRC / "build/fixtures")
    parser.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    for target, n in make(args.build.resolve(), args.fixtures,
                          args.out.resolve()).items():
        print(f"{target}: {n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
