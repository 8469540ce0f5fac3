# SPDX-License-Identifier: BSD-2-Clause
"""The library calls only what both libelfs have: elfutils' and FreeBSD's."""

import re

import tidy

OF_LIBELF = re.compile(r"\bU ((?:g?elf|elf32|elf64|nelf|dwfl?|ebl)_\w+)")

ALLOWED = tidy.allowed("libelf.allow")


def check(text):
    for name in sorted(set(OF_LIBELF.findall(text)) - ALLOWED):
        yield f"{name} is not in tests/tidy/libelf.allow"


tidy.main(check(tidy.nm("-u", tidy.BUILD / "lib/libkldsim.a")), [
    (check("    U elf_compress\n"), "elf_compress"),
    (check("    U gelf_getauxv\n"), "gelf_getauxv"),
])
