# SPDX-License-Identifier: BSD-2-Clause
"""What the objects say of the layers: no object of a room needs a symbol that
only a higher room, or a neighbour, defines; the tool needs public ones alone.

test_includes.py reads what the sources say, and a declaration in the wrong
header goes unseen there.
"""

import os
import subprocess
from pathlib import Path

import layers
import tidy

OBJECTS = {
    "lib": ["CMakeFiles/kldsim_objects.dir", "CMakeFiles/kldsim_test.dir"],
    "tools": ["CMakeFiles/kldsim_tool.dir"],
}


def symbols(build, kind, source):
    """(object below its folder, symbols defined, symbols needed) of each.

    What a source that has moved left behind in the build is passed over.
    """
    for folder in OBJECTS[kind]:
        root = build / folder / kind
        home = source / kind if source else root
        found = {obj: (set(), set()) for obj in sorted(root.rglob("*.o"))
                 if (home / obj.relative_to(root)).with_suffix("").exists()}
        if not found:
            continue
        # One nm for all: "path:address kind name", the address may be blank.
        for line in tidy.nm("-A", "-g", *found).splitlines():
            obj, rest = line.split(".o:", 1)
            letter, name = rest.split()[-2:]
            found[Path(obj + ".o")][letter == "U"].add(name)
        for obj, (defined, needed) in found.items():
            yield obj.relative_to(root), defined, needed


def check(build, source=None):
    found = list(symbols(build, "lib", source))
    if not found:
        yield f"{build}: no objects of the library"
    home = {name: obj.parent.name for obj, defined, _ in found
            for name in defined}
    for obj, _, needed in found:
        for name in sorted(needed & home.keys()):
            if not layers.below(obj.parent.name, home[name]):
                yield f"lib/{obj}: needs {name} of lib/{home[name]}"
    for obj, _, needed in symbols(build, "tools", source):
        for name in sorted(needed):
            if name.startswith("kldsim__"):
                yield f"tools/{obj}: needs {name}, which is not public"


def bad(files, words):
    """Complaints of a build of {path below the build: C source}."""
    root = tidy.sample(files)
    for path in files:
        subprocess.run([os.environ.get("CC", "cc"), "-c", root / path, "-o",
                        (root / path).with_suffix(".c.o")], check=True)
    return check(root), words


LIB = "CMakeFiles/kldsim_objects.dir/lib"
TOOL = "CMakeFiles/kldsim_tool.dir/tools"

tidy.main(check(tidy.BUILD, tidy.ROOT), [
    # Up, and to a neighbour, without a header.
    bad({f"{LIB}/kern/a.c": "void up(void); void a(void) { up(); }\n",
         f"{LIB}/link/b.c": "void up(void); void up(void) {}\n"},
        "lib/kern/a.c.o: needs up of lib/link"),
    bad({f"{LIB}/link_elf/a.c": "int side; int a(void) { return side++; }\n",
         f"{LIB}/link_elf_obj/b.c":
         "extern int side; int b(void) { return side; }\n"},
        "lib/link_elf_obj/b.c.o: needs side of lib/link_elf"),
    bad({f"{LIB}/kern/a.c": "void a(void); void a(void) {}\n",
         f"{TOOL}/b.c": "void kldsim__a(void); void b(void) "
         "{ kldsim__a(); }\n"}, "which is not public"),
    (check(tidy.sample({})), "no objects"),
])
