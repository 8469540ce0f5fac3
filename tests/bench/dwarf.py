# SPDX-License-Identifier: BSD-2-Clause
"""Reading the DWARF of a kernel.debug, beside llvm-dwarfdump --statistics.

usage: dwarf.py KLDSIM FOLDER [DIES]

The file is made: units of clang's, each with the structures of headers that all
have and some of its own, linked some hundred times over.
"""

import os
import pathlib
import re
import subprocess
import sys

SHARED, OWN, FUNCTIONS, KINDS = 900, 60, 200, 8
TYPES = ("int", "unsigned long", "char *", "struct s{0} *", "void (*)(int)",
         "unsigned char", "long[4]")


def member(number, of):
    kind = TYPES[(number * 7 + of) % len(TYPES)].format(max(0, of - 1))
    if kind == "void (*)(int)":
        return f"void (*m{number})(int);"
    if kind == "long[4]":
        return f"long m{number}[4];"
    return f"{kind} m{number};"


def unit(kind):
    """A unit's source: what headers have, what it has itself."""
    lines = []
    for i in range(SHARED):
        lines.append(f"struct s{i} {{ {' '.join(member(m, i) for m in range(8))}"
                     " };")
    for i in range(OWN):
        lines.append(f"struct own{kind}_{i} {{ struct s{i} in; int m{i}; }};")
    every = " ".join([f"struct s{i} m{i};" for i in range(SHARED)] +
                     [f"struct own{kind}_{i} o{i};" for i in range(OWN)])
    lines.append(f"static struct all{kind} {{ {every} }} *all;")
    for i in range(FUNCTIONS):
        lines.append(
            f"__attribute__((used)) static int f{kind}_{i}(struct s{i} *a, "
            f"int n) {{ int x = n, y = a != 0; return x + y + (all != 0); }}")
    return "\n".join(lines)


def make(folder, dies):
    made = folder / "kernel.debug"
    objects = []
    for kind in range(KINDS):
        source = folder / f"unit{kind}.c"
        source.write_text(unit(kind))
        objects.append(source.with_suffix(".o"))
        subprocess.run(["clang", "--target=x86_64-unknown-freebsd15", "-g",
                        "-gdwarf-4", "-w", "-fPIC", "-c", source, "-o", objects[-1]],
                       check=True)
    each = sum(subprocess.run(["llvm-dwarfdump", "--debug-info", name],
                              stdout=subprocess.PIPE, text=True,
                              check=True).stdout.count("DW_TAG_")
               for name in objects)
    times = -(-dies // each)
    (folder / "objects").write_text("\n".join(map(str, objects * times)))
    subprocess.run(["ld.lld", "-shared", "-z", "notext", "-o", made,
                    f"@{folder}/objects"], check=True)
    print(f"{each * times} DIEs in {KINDS * times} units, "
          f"{debug_bytes(made) >> 20} MiB of debug sections")
    return made


def debug_bytes(made):
    sections = subprocess.run(["llvm-readelf", "-SW", made], text=True,
                              stdout=subprocess.PIPE, check=True).stdout
    return sum(int(size, 16) for size in re.findall(
        r"\.debug_\w+ +\w+ +\w+ \w+ (\w+)", sections))


def measure(*command):
    """CPU seconds, and KiB that were resident, the file's own pages among them."""
    with subprocess.Popen([str(word) for word in command],
                          stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss


def main():
    kldsim, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    made = make(folder, int(sys.argv[3]) if len(sys.argv) > 3 else 10 ** 7)
    print(subprocess.run([kldsim, "types", made], text=True, check=True,
                         stdout=subprocess.PIPE).stdout.split("\n", 2)[1])
    for name, *command in (
            ("kldsim types", kldsim, "types", made),
            ("llvm-dwarfdump --statistics", "llvm-dwarfdump", "--statistics",
             made)):
        cpu, resident = measure(*command)
        print(f"{name:28} {cpu:7.2f} s of CPU, {resident >> 10} MiB resident "
              f"beside {made.stat().st_size >> 20} MiB of the file")


if __name__ == "__main__":
    main()
