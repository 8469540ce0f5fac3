# SPDX-License-Identifier: BSD-2-Clause
"""The library calls only what both libelfs have: elfutils' and FreeBSD's."""

import re

import tidy

OF_LIBELF = re.compile(r"\bU ((?:g?elf|elf32|elf64|nelf|dwfl?|ebl)_\w+)")

ALLOWED = {
    line.strip()
    for line in (tidy.ROOT / "tests/tidy/libelf.allow").read_text().splitlines()
    if line.strip() and not line.startswith("#")
}


def check(text):
    for name in sorted(set(OF_LIBELF.findall(text)) - ALLOWED):
        yield f"{name} is not in tests/tidy/libelf.allow"


tidy.main(check(tidy.nm("-u", tidy.BUILD / "lib/libkldsim.a")), [
    (check("    U elf_compress\n"), "elf_compress"),
    (check("    U gelf_getauxv\n"), "gelf_getauxv"),
])
