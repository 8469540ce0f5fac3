# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi --write and --compare: a kernel's interface as text (I-90 to I-96)."""

import os
import struct
import subprocess
import unittest

import kbi

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_two.c"


def fnv(text):
    """X-22."""
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 & (1 << 64) - 1
    return f"{value:016x}"


def with_imports(elf, lengths, apart=False):
    """The module, and undefined symbols with names so long, or each its own."""
    at, = struct.unpack_from("<Q", elf, 40)
    count, = struct.unpack_from("<H", elf, 60)
    headers = [list(struct.unpack_from("<IIQQQQIIQQ", elf, at + 64 * i))
               for i in range(count)]
    symbols = next(head for head in headers if head[1] == 2)
    texts = headers[symbols[6]]
    names = bytearray(elf[texts[4]:texts[4] + texts[5]])
    table = bytearray(elf[symbols[4]:symbols[4] + symbols[5]])
    start = len(names)
    for number, length in enumerate(lengths):
        if apart or number == 0:
            start = len(names)
            names += str(number).encode().ljust(length, b"n") + b"\0"
        table += struct.pack("<IBBHQQ", start, 16, 0, 0, 0, 0)
    symbols[4:6] = len(elf), len(table)
    texts[4:6] = len(elf) + len(table), len(names)
    elf = bytearray(elf + table + names)
    for i, head in enumerate(headers):
        struct.pack_into("<IIQQQQIIQQ", elf, at + 64 * i, *head)
    return bytes(elf)


class Text(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        cls.old = kbi.kernel(cls.tmp / "old", "RACCT", source=SOURCE,
                             flags=["-DKERNEL"], osreldate=1201000)
        cls.new = kbi.kernel(cls.tmp / "new", source=SOURCE,
                             flags=["-DKERNEL", "-DNEW"], osreldate=1403000)
        cls.small = kbi.kernel(cls.tmp / "small", osreldate=1500068)

    def write(self, kernel, *options):
        return kbi.run(KLDSIM, "kbi", "--write", "-", *options, kernel)

    def test_vectors(self):
        """X-22, X-23: lines and hashes as they stand there (I-91)."""
        self.assertEqual(fnv(""), "cbf29ce484222325")
        lines = self.write(self.old).splitlines()
        self.assertEqual(lines[0], "kbi 1 amd64 1201000 TWO ctf3")
        for line in (
                "F 03c2772751d8a21a f f(*s#foo,s32)s32",
                "F 0000000000000000 g ?",
                "F 32457118aac95d58 results f(s32)void",
                "T ed554c213222a9f8 s#foo s#foo{a s32@0;b u32:3@32;next "
                "*s#foo@64}16",
                "V 58a21317ca7b53ab x s32",
                "o RACCT"):
            self.assertIn(line, lines)
        self.assertIn("F 8430caa97ae7e962 f f(*s#foo,s32)s32",
                      self.write(self.new).splitlines())
        letters = [line[0] for line in lines[1:]]
        self.assertEqual(letters, sorted(letters))

    def test_hashes_are_of_what_is_told(self):
        """I-92, for all lines of a kernel with structures within each other."""
        shapes, facts = {}, []
        for line in self.write(self.small).splitlines()[1:]:
            words = line.split(" ", 3)
            if words[0] == "T":
                shapes[words[2]] = words[1], words[3]
                self.assertEqual(fnv(words[3]), words[1], line)
            elif words[0] in "FV" and words[3] != "?":
                facts.append((words[1], words[3]))
        # Where a prototype leads: brelse to buf, which has a lock in it.
        brelse = next(fact for fact in facts if fact[1] == "f(*s#buf)void")
        pairs = [f"{key} {shapes[key][0]}\n" for key in
                 ("s#buf", "s#lock", "s#lock_object")]
        self.assertEqual(fnv(brelse[1] + "\n" + "".join(pairs)), brelse[0])
        self.assertIn("td_state e#td_states@", shapes["s#thread"][1])
        self.assertIn("- u{cr_kind s32@0;- s{low s16@0;high s16@16}4@0}4@128",
                      shapes["s#ucred"][1])

    def test_order_of_files(self):
        """I-90: which of two files comes first is nothing that it says."""
        texts = []
        for name, order in ("first", (1, 2)), ("second", (2, 1)):
            source = self.tmp / f"{name}.c"
            one, two = ("struct %s { long a[%d]; }; __attribute__((used)) "
                        "static int %s(struct %s *p) { return (p != 0); }\n"
                        % (tag, n, function, tag)
                        for tag, n, function in (("one", 1, "probe_1"),
                                                 ("two", 2, "probe_2")))
            parts = {1: one, 2: two}
            source.write_text(f'#define KERNEL\n#include "{SOURCE}"\n' +
                              "".join(parts[n] for n in order))
            made = kbi.kernel(self.tmp / name, source=source, types="DWARF")
            # Two statics of one name, as two files may have them.
            elf = bytearray(made.read_bytes())
            for old in b"probe_1", b"probe_2":
                while elf.find(old) >= 0:
                    at = elf.find(old)
                    elf[at:at + len(old)] = b"probe_0"
            made.write_bytes(elf)
            texts.append([line for line in self.write(made, "--all")
                          .splitlines() if " probe_0 " in line])
        self.assertEqual([line.split(" ", 2)[2] for line in texts[0]],
                         ["probe_0 f(*s#one)s32", "probe_0 f(*s#two)s32"])
        self.assertEqual(texts[0], texts[1])

    def test_whoever_tells(self):
        """I-13: of one kernel CTF and DWARF make one text."""
        source = self.tmp / "told.c"
        source.write_text(f'''#define KERNEL
            #include "{SOURCE}"
            enum many {{ LAST = 0xffffffff }};
            union hidden;
            struct told {{
                enum many many; int (*nothing)(); char c; signed char s;
                int (*more)(int, ...); unsigned bits : 3; _Bool yes : 1;
                union hidden *hidden;
            }};
            USED struct told told;
            USED int print(struct told *p, ...) {{ return (p != 0); }}
            ''')
        texts = {types: self.write(kbi.kernel(
            self.tmp / types, source=source, types=types)).splitlines()[1:]
            for types in ("CTF", "DWARF")}
        self.assertEqual(texts["CTF"], texts["DWARF"])
        self.assertIn("e#many{LAST=-1}4", "".join(texts["CTF"]))
        self.assertIn("hidden *s#hidden@", "".join(texts["CTF"]))

    def test_words(self):
        """I-60, I-62, I-63, I-65: what kbi_words.c has, in the order of names."""
        kernel = kbi.kernel(self.tmp / "words", source=kbi.HERE /
                            "kbi_words.c", osreldate=1500068)
        self.assertEqual([line for line in self.write(kernel).splitlines()
                          if line[0] == "w"], [
            "w MAXCPU 1024", f"w cdevsw {0x5c48c353}",
            f"w g_class {0x20041207}", "w kernel_mac_support 6",
            "w malloc_type 2024073001", f"w netgraph {12 + 0x20000}",
            "w sdt_probe 16", "w sizeof-buf 880", "w sizeof-cpuset_t 128",
            "w sizeof-vnode 472", f"w vfsconf {0x20180504}"])

    def compare(self, *words, status):
        return kbi.run(KLDSIM, "kbi", "--compare", *words,
                       status=status).splitlines()

    def test_compare(self):
        """I-93: sets of lines; a changed one names what makes it so."""
        written = self.tmp / "old.kbi"
        kbi.run(KLDSIM, "kbi", "--write", written, self.old)
        self.assertEqual(self.compare(written, self.old, status=0)[-1],
                         "0 fail, 0 notes, 0 passed")
        lines = self.compare(written, self.new, status=1)
        self.assertIn("fail: f differs: s#foo", lines)
        self.assertIn("fail: h is gone: f()s32", lines)
        self.assertIn("fail: widths is f(s64)s32, and was f(s32)s32;", lines)
        self.assertNotIn("x", " ".join(lines[2:]).split())
        told = self.compare("--explain", "f", written, self.new, status=0)
        self.assertEqual([line.split() for line in told[-6:]], [
            ["s#foo"], ["a", "s32@0", "a", "s32@0"],
            ["b", "u32:3@32", "b", "u32:3@32"],
            ["*", "next", "*s#foo@64", "next", "*s#foo@128"],
            ["*", "pad", "u32@64"], ["16", "24"]])
        (self.tmp / "not.kbi").write_text("something else\n")
        self.compare(self.tmp / "not.kbi", self.new, status=3)

    def test_its_name_is_said_once(self):
        other = self.tmp / "other"
        other.write_text("no kernel\n")
        done = subprocess.run([KLDSIM, "kbi", "--compare", other, self.new],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (3, f"kldsim: {other}: not an ELF file\n"))

    def test_what_goes_with_what(self):
        """Nothing is asked for without an answer."""
        for words, status in (
                (["--compare", "--explain", "nosuch"], 1),
                (["--json", "--compare"], 2), (["--all", "--compare"], 2),
                (["--compare", "--used-by", self.tmp], 2),
                (["--compare", "--against", self.old], 2)):
            kbi.run(KLDSIM, "kbi", *words, self.old, self.new, status=status)
        for words in (["--json"], ["--against", self.old]):
            kbi.run(KLDSIM, "kbi", *words, "--write", "-", self.old, status=2)

    def test_severities(self):
        """I-95: the first line that matches counts."""
        known = self.tmp / "known"
        known.write_text("# known\ns#foo.next PASS it moved\ns#foo.pad PASS\n"
                         "h NOTE gone\n[clrw]* PASS\naddresses FAIL\n"
                         "kernconfstring PASS its text is no interface\n")
        lines = self.compare("--severities", known, self.old, self.new,
                             status=1)
        self.assertEqual(lines[2:], [
            "fail: addresses is f(s64)s32, and was f(*void)s32;",
            "1 fail, 2 notes, 6 passed"])
        # A line may be as long as it wants to be, and is one.
        known.write_text("#" + "x" * 4094 + "* PASS\n")
        self.assertIn("0 passed", self.compare("--severities", known, self.old,
                                               self.new, status=1)[-1])
        self.compare("--severities", self.tmp, self.old, self.new, status=3)
        known.write_text("nonsense\n")
        self.compare("--severities", known, self.old, self.new, status=3)

    def test_severities_of_modules(self):
        other = kbi.kernel(self.tmp / "traced", "DIAGNOSTIC")
        module = kbi.module(self.tmp / "m.ko")
        known = self.tmp / "bio"
        for text, status in (("m.ko:s#bio PASS\n", 0), ("s#buf PASS\n", 1),
                             ("s#b* NOTE\n", 0)):
            known.write_text(text)
            kbi.run(KLDSIM, "kbi", "--severities", known, other, module,
                    status=status)

    def test_limits(self):
        """What cannot be written says what would help."""
        for words in (["--write", "-"], ["--compare", self.old]):
            done = subprocess.run(
                [KLDSIM, "kbi", "--limit", "work=1", *words, self.old],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn("more steps than the limit work allows", done.stderr)

    def test_used_by(self):
        """I-94: what a site depends on."""
        folder = self.tmp / "modules"
        folder.mkdir()
        kbi.module(folder / "m.ko", source=SOURCE, types=None,
                   flags=["-DIMPORT=f(0, 1)"])
        lines = self.write(self.old, "--used-by", folder).splitlines()
        self.assertEqual([line.split()[2] for line in lines
                          if line[0] in "FVT"], ["f", "s#foo"])

    def used_by(self, name):
        """What is written of what a folder uses: names, complaints, status."""
        done = subprocess.run(
            [KLDSIM, "kbi", "--write", "-", "--used-by", self.tmp / name,
             self.old], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, check=False)
        return ([line.split()[2] for line in done.stdout.splitlines()
                 if line[0] in "FVT"], done.stderr.splitlines(),
                done.returncode)

    def test_used_by_what_cannot_be_read(self):
        """A list that lacks a module's imports is no list to depend on."""
        folder = self.tmp / "broken"
        folder.mkdir()
        made = kbi.module(folder / "b.ko", source=SOURCE, types=None,
                          flags=["-DIMPORT=f(0, 1)"])
        (folder / "a.ko").write_text("x")
        (folder / "c.ko").write_bytes(made.read_bytes()[:-100])
        names, said, status = self.used_by("broken")
        self.assertEqual((names, status), (["f", "s#foo"], 3))
        self.assertEqual(["a.ko: " in said[0], "c.ko: " in said[1]],
                         [True, True], said)

    def test_used_by_nothing(self):
        """No import is a filter that lets nothing through."""
        folder = self.tmp / "alone"
        folder.mkdir()
        alone = self.tmp / "alone.c"
        alone.write_text("int alone = 1;\n")
        kbi.module(folder / "m.ko", source=alone, types=None)
        self.assertEqual(self.used_by("alone"), ([], [], 0))
        (folder / "m.ko").write_text("x")
        names, said, status = self.used_by("alone")
        self.assertEqual((names, len(said), status), ([], 1, 3))

    def test_used_by_long_names(self):
        """Names may overlap in a string table; nobody needs one of 1 KB."""
        folder = self.tmp / "long"
        folder.mkdir()
        made = kbi.module(folder / "m.ko", source=SOURCE, types=None,
                          flags=["-DIMPORT=f(0, 1)"])
        plain = made.read_bytes()
        made.write_bytes(with_imports(plain, [1025]))
        names, said, status = self.used_by("long")
        self.assertEqual((names, status), (["f", "s#foo"], 3))
        self.assertEqual([line.split("m.ko: ")[1] for line in said], [
            "imports a name of more than 1024 bytes, which was left out"])
        made.write_bytes(with_imports(plain, [1024] * 17000))
        self.assertEqual(self.used_by("long"), (["f", "s#foo"], [], 0))
        made.write_bytes(with_imports(plain, [1024] * 17000, apart=True))
        names, said, status = self.used_by("long")
        self.assertEqual([line.split("m.ko: ")[1] for line in said], [
            "with this, the modules import more than 16 MB of names: the "
            "rest was left out"])
        self.assertEqual((names, status), (["f", "s#foo"], 3))


if __name__ == "__main__":
    unittest.main()
