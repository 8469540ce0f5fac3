# SPDX-License-Identifier: BSD-2-Clause
"""The names of relocation types are those that another tool has.

lib/arch/names.c lists them; llvm-readelf is shown an object file with one
relocation of each number. It may know fewer names than we do, as ABIs grow.
"""

import re
import shutil
import struct
import subprocess
import sys
import tempfile

import tidy

SOURCE = "lib/arch/names.c"
# table in the source: e_machine, word size, byte order, numbers to look at
MACHINES = {
    "i386": (3, 1, 1, 256), "x86_64": (62, 2, 1, 300), "arm": (40, 1, 1, 256),
    "aarch64": (183, 2, 1, 1200), "ppc": (20, 1, 2, 256),
    "ppc64": (21, 2, 2, 256), "riscv": (243, 2, 1, 256),
}
# Numbers that belong to another word size or to nobody, or that an ABI has
# given to something else since.
OTHERS = re.compile(r"_P32_|_PRIVATE_|R_RISCV_GNU_VT")


def listed(text, name):
    """number -> what comes behind the prefix, of one table."""
    body = re.search(rf"struct run {name}\[\] = {{(.*?)^}};", text,
                     re.M | re.S)[1]
    found = {}
    for first, strings in re.findall(r"{ (\d+), (.*?) }", body, re.S):
        words = "".join(re.findall(r'"(.*?)"', strings)).split()
        found.update(enumerate(words, int(first)))
    return found


def prefix(text, name):
    return re.search(rf'TYPES\("(\w+)", {name}\)', text)[1]


def relocations(machine, wide, order, count):
    """An object file with relocations of all types up to a number."""
    end, big = "<" if order == 1 else ">", wide == 2
    rels = b"".join(struct.pack(end + ("QQ" if big else "II"), 0, number)
                    for number in range(count))
    names = b"\0.rel\0.symtab\0.strtab\0"
    header, entry = (64, 24) if big else (52, 16)
    at = header + len(rels) + entry + len(names)
    ident = b"\x7fELF" + bytes([wide, order, 1]) + bytes(9)
    ehdr = ident + struct.pack(
        end + ("HHIQQQIHHHHHH" if big else "HHIIIIIHHHHHH"), 1, machine, 1, 0,
        0, at, 0, header, 0, 0, 64 if big else 40, 4, 3)

    def section(*fields):
        return struct.pack(end + ("IIQQQQIIQQ" if big else "10I"), *fields)

    return (ehdr + rels + bytes(entry) + names + section(*[0] * 10)
            + section(1, 9, 0, 0, header, len(rels), 2, 0, 1, 16 if big else 8)
            + section(6, 2, 0, 0, header + len(rels), entry, 3, 1, 1, entry)
            + section(14, 3, 0, 0, header + len(rels) + entry, len(names), 0,
                      0, 1, 0))


def shown(tool, *machine):
    """number -> name, as the tool has it."""
    with tempfile.NamedTemporaryFile(suffix=".o") as file:
        file.write(relocations(*machine))
        file.flush()
        out = subprocess.run([tool, "-rW", file.name], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    rows = re.findall(r"^[0-9a-f]{8,} +[0-9a-f]+ (\S+)", out, re.M)
    return {number: name for number, name in enumerate(rows)
            if name.startswith("R_") and not OTHERS.search(name)}


def check(text, tool):
    for name, machine in MACHINES.items():
        ours, theirs = listed(text, name), shown(tool, *machine)
        if len(theirs) < 30:
            yield f"{tool} names {len(theirs)} relocations of {name}"
        for number, its in theirs.items():
            mine = prefix(text, name) + ours.get(number, "?")
            if mine != its:
                yield f"{SOURCE}: {name} {number} is {its}, not {mine}"


tool = shutil.which("llvm-readelf")
if tool is None:
    print("skipped: no llvm-readelf, which knows the names independently")
    sys.exit(77)
text = (tidy.ROOT / SOURCE).read_text()
tidy.main(check(text, tool), [
    (check(text.replace("NONE 64 PC32", "NONE PC32 64"), tool),
     "x86_64 1 is R_X86_64_64, not R_X86_64_PC32"),
    (check(text.replace("REX_GOTPCRELX ", ""), tool), "R_X86_64_REX_GOTPCRELX"),
])
