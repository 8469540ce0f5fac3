# SPDX-License-Identifier: BSD-2-Clause
"""Files are opened in few places, so that a sandbox holds.

Who reads files that may be hostile does so from folders that are open already
(docs/trust.md): a source knows how, and tools/sandbox.  A call that opens a file,
asks for it or changes it by its path alone is only where the table has it.
"""

import re

import tidy

# Behind another function's name, '.' or '>' it is something else.
CALL = re.compile(
    r"(?<![\w.>])(open|creat|fopen|freopen|opendir|scandir|stat|lstat|access"
    r"|readlink|realpath|getcwd|chdir|mkdir|rmdir|rename|unlink|remove|mkstemp"
    r"|truncate|dlopen|popen|socket|fork|exec[lv]\w*|system|kldsim_image_open)"
    r"\s*\(")

PLACES = {
    "lib/elf/image.c": "kldsim_image_open(), for programs",
    "lib/kldxref/": "a program of its own, which writes linker.hints",
    "lib/util/late.c": "kldsim_source_prepare() asks it first",
    "lib/synth/": "what is built is written, and a file that goes into it read",
    "lib/world/": "likewise",
    "tools/sandbox/": "all that load, check and kbi open",
    "tools/late.c": "dwarf_prepare() asks it first",
    "tools/cmd_gdb.c": "gdb's socket",
    "tools/cmd_help.c": "help starts man(1)",
    "tools/cmd_reduce.c": "reduce has no sandbox",
    "tools/reduce/": "likewise",
    "tools/cmd_synth.c": "nor has synth",
    "tools/ddb/": "nor has ddb",
    "tools/run/": "nor has run",
}


def check(root):
    for path, text in tidy.sources(root, "lib", "tools"):
        if path.startswith(tuple(PLACES)):
            continue
        for name in sorted(set(CALL.findall(tidy.code(text)))):
            yield (f"{path}: {name}() takes a path alone; a source or "
                   "tools/sandbox opens files")


def unused(root):
    for place in PLACES:
        texts = [text for path, text in tidy.sources(root, "lib", "tools")
                 if path.startswith(place)]
        if not any(CALL.search(tidy.code(text)) for text in texts):
            yield f"{place} opens nothing: take its row out"


def bad(path, text, words):
    return check(tidy.sample({path: text})), words


def good(text):
    """Says so if nothing is complained of."""
    if not list(check(tidy.sample({"lib/kern/a.c": text}))):
        yield "quiet"


tidy.main([*check(tidy.ROOT), *unused(tidy.ROOT)], [
    bad("tools/a.c", '\tfile = fopen(path, "r");\n', "fopen() takes a path"),
    bad("tools/kbi/a.c", "\tif (access (path, R_OK) != 0)\n", "access()"),
    bad("lib/check/a.c", "\treturn (stat(path, &st));\n", "stat() takes"),
    bad("lib/kern/a.c", "\tkldsim_image_open(path, &image, NULL);\n",
        "kldsim_image_open()"),
    (good("\tfd = openat(folder, path, O_RDONLY);\n\tsource->open(x);\n"
          "/* open(2) */\n\tfstat(fd, &st);\n\tkldsim__source_stat(a);\n"),
     "quiet"),
])
