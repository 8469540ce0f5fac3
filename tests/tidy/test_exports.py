# SPDX-License-Identifier: BSD-2-Clause
"""Which names leave the library.

The shared library exports kldsim_NAME and nothing else.  In the static library
every global name starts with kldsim_ (kldsim__NAME is internal), so that it
collides with nothing it is linked to.
"""

import re
from itertools import chain

import tidy

# FreeBSD's crti.o gives them to every shared object.
OF_CRTI = ["_init", "_fini"]


def names(text):
    """Names in the lines 'ADDRESS TYPE NAME' of nm."""
    return [line.split()[2] for line in text.splitlines()
            if len(line.split()) == 3]


def exports(text):
    """Those of a shared object that are its own, but for its versions."""
    return [name.split("@")[0] for name in names(text)
            if name not in OF_CRTI and not name.startswith("KLDSIM_")]


def shared(text):
    for name in exports(text):
        if not re.match(r"kldsim_[a-z]", name):
            yield f"libkldsim.so exports {name}"


def static(text):
    for name in names(text):
        if not name.startswith("kldsim_"):
            yield f"libkldsim.a defines the global name {name}"


def declared(headers, text):
    """Nothing is exported that no header tells of."""
    promised = set(re.findall(r"\bkldsim_[a-z]\w*(?=\()", headers))
    for name in sorted(set(exports(text)) - promised):
        yield f"libkldsim.so exports {name}, which no header declares"


exported = tidy.nm("-D", "--defined-only", tidy.BUILD / "lib/libkldsim.so")
archive = tidy.nm("-g", "--defined-only", tidy.BUILD / "lib/libkldsim.a")
headers = "".join(text for _, text in tidy.sources(tidy.ROOT, "include"))

tidy.main(
    chain(shared(exported), static(archive), declared(headers, exported)), [
        (shared("0010 T kldsim__internal\n"), "kldsim__internal"),
        (shared("0010 T link_elf_obj\n"), "link_elf_obj"),
        (static("0010 D table\n"), "table"),
        (static("0010 T _init\n"), "_init"),
        (declared("int kldsim_a(void);",
                  "0010 T kldsim_a@@KLDSIM_0.1\n0010 T kldsim_b\n"),
         "exports kldsim_b,"),
    ])
