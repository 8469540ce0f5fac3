# SPDX-License-Identifier: BSD-2-Clause
"""What a simulated kernel costs comes from options.allocator.

The C library is asked for memory in a few rooms only, and docs/DESIGN.md,
"Libraries", says what bounds each of them.
"""

import re

import tidy

ROOMS = {
    "lib/util/alloc.c": "the default allocator",
    "lib/elf/": "an image, which kernels share",
    "lib/kldxref/": "records of a folder, and one file's tables",
    "lib/source/": "what kernels share: names in a folder, files in memory",
    "lib/synth/": "the builder has no kernel yet",
    "lib/spec/": "nor has its language",
    "lib/reduce/": "nor has what works on specs",
    "lib/world/": "nor has a world",
    "lib/test/": "assertions of a test",
}
CALL = re.compile(
    r"\b(malloc|calloc|realloc|aligned_alloc|posix_memalign|strn?dup|mmap"
    r"|fopen|fdopen|f?d?opendir|scandir|getline|getdelim|open_memstream|realpath"
    r"|regcomp|glob|setlocale|iconv_open|elf_begin|elf_memory)\s*\(")
# It makes an allocator of libc's.
DEFAULT = re.compile(r"\bkldsim__alloc_init\s*\(\s*[^,]+,\s*NULL\s*\)")
DEFAULTS = {
    "lib/reduce/reduce.c": "texts of specs, which no kernel has",
    "lib/kldxref/kldxref.c": "a program of its own, without options",
    "lib/source/source.c": "kernels share it",
    "lib/source/host.c": "names in a folder, for a moment",
    "lib/sym/fullsyms.c": "an index of the image, which kernels share",
    "lib/who_has/names.c": "an index of files, which kernels share",
}


def check(root):
    for path, text in tidy.sources(root, "lib"):
        text = tidy.code(text)
        for name in sorted(set(CALL.findall(text))):
            if not path.startswith(tuple(ROOMS)):
                yield f"{path}: {name}() asks libc, not options.allocator"
        if DEFAULT.search(text) and path not in DEFAULTS:
            yield f"{path}: makes an allocator that is not the caller's"


def bad(path, text, words):
    return check(tidy.sample({path: text})), words


tidy.main(check(tidy.ROOT), [
    bad("lib/kern/a.c", "\tx = malloc(8);\n", "malloc() asks libc"),
    bad("lib/search/a.c", "\tdir = opendir (path);\n", "opendir() asks"),
    bad("lib/util/b.c", "\tx = strdup(name);\n", "strdup() asks"),
    bad("lib/link/a.c", "\tkldsim__alloc_init(&sim->alloc, NULL);\n",
        "not the caller's"),
    (["quiet: " + " ".join(check(tidy.sample({"lib/kern/a.c": (
        '/* malloc(9) */\n\tsay("malloc(9)");\n\tx = kldsim__malloc(a, 8);\n'
        "\tkldsim__alloc_init(&a, &options->allocator);\n")}))) + "."],
     "quiet: ."),
])
