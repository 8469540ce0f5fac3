# SPDX-License-Identifier: BSD-2-Clause
"""Sources use only names of the ELF headers that glibc and FreeBSD both have."""

import re

import tidy

# How such names look; those that our sources define themselves are theirs.
NAME = re.compile(
    r"\b(?:(?:E[FIMTV]|ELFOSABI|ELFCOMPRESS|SH[FNT]|GRP|P[FNT]|D[FT]|NT|ST[BNTV]"
    r"|VER|R_(?:386|AARCH64|ARM|MIPS|PPC|PPC64|RISCV|SPARC|X86_64)"
    r"|G?E(?:LF|lf)(?:32|64)?)_\w+"
    r"|ELFMAG[0-3]?|SELFMAG|ELF(?:CLASS|DATA)[0-9N]\w*)\b")
DEFINED = re.compile(r"#[ \t]*define[ \t]+(\w+)|\b([A-Z]\w+)[ \t]*=[ \t]*\w",
                     re.M)

ALLOWED = tidy.allowed("elf.allow")


def check(root):
    files = [(path, tidy.code(text)) for path, text in
             tidy.sources(root, "include", "lib", "tools", "tests")
             if not path.startswith("tests/fixtures/")]
    own = {name for _, text in files for names in DEFINED.findall(text)
           for name in names if name}
    for path, text in files:
        for name in sorted(set(NAME.findall(text)) - ALLOWED - own):
            yield f"{path}: {name} is not in tests/tidy/elf.allow"


def bad(text, words):
    return check(tidy.sample({"lib/elf/a.c": text})), words


tidy.main(check(tidy.ROOT), [
    bad("\t{ R_PPC64_RELATIVE, 8 },\n", "R_PPC64_RELATIVE"),
    bad("\treturn (type == R_X86_64_JUMP_SLOT);\n", "R_X86_64_JUMP_SLOT"),
    bad("\tcase R_RISCV_57:\n", "R_RISCV_57"),
    bad("\tif (machine == EM_LOONGARCH)\n", "EM_LOONGARCH"),
    bad("\tif (machine == EM_486)\n", "EM_486"),
    bad("\tshdr->sh_type = SHT_RELR;\n", "SHT_RELR"),
    bad("\tabi = ELFOSABI_LINUX + ELFOSABI_C6000_LINUX;\n", "C6000"),
    bad("\telf_begin(fd, ELF_C_READ_MMAP, NULL);\n", "ELF_C_READ_MMAP"),
    bad("\tElf64_Relr *relr;\n", "Elf64_Relr"),
    bad("\tGElf_auxv_t aux; GElf_Chdr chdr;\n", "GElf_Chdr"),
    bad("\ttype = ELF_T_NHDR8;\n", "ELF_T_NHDR8"),
    bad("\tinfo = ELF64_R_INFO(sym, type);\n", "ELF64_R_INFO"),
    # What is defined beside it, in a comment, or a string is nobody's.
    (["quiet: " + " ".join(check(tidy.sample({"lib/elf/a.c": (
        "#define SHT_OWN 7\nenum { PT_OWN = 2, DT_OWN = 3 };\n"
        '/* SHT_RELR */\n\tx("R_X86_64_JUMP_SLOT \\" EM_LOONGARCH");\n'
        "\tSHT_OWN + PT_OWN + DT_OWN + SHT_NOTE;\n")}))) + "."],
     "quiet: ."),
])
