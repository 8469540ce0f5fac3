# SPDX-License-Identifier: BSD-2-Clause
"""Guards the speed of a load, in instructions instead of seconds.

usage: instructions.py KLDSIM BENCH-FOLDER INPUTS [--write]

On five workloads it counts the instructions of kldsim over those of floor.c,
both by valgrind in this run, and fails if a ratio is 5 % above the one that is
kept in instructions.kept.  Instructions do not depend on what else the machine
does, but some do on the C library, so the file says which one it was kept with;
with another one nothing is compared.  --write keeps what was counted.
"""

import platform
import re
import subprocess
import sys
from pathlib import Path

KEPT = Path(__file__).with_name("instructions.kept")
ALLOWED = 1.05
SKIPPED = 77


def many(gen, folder):
    gen("gen", "kernel", folder / "kernel", 40000, 25000000)
    gen("gen", "modules", folder, 200, 800, 40000)
    return sorted(folder.glob("*.ko"))


def one(gen, folder):
    gen("gen", "kernel", folder / "kernel", 40000, 25000000)
    gen("gen", "modules", folder, 1, 100000, 40000)
    return sorted(folder.glob("*.ko"))


def small(gen, folder):
    gen("gen", "kernel", folder / "kernel", 65000, 40000000)
    gen("gen", "modules", folder, 1, 200, 65000)
    return sorted(folder.glob("*.ko"))


def chains(gen, folder):
    gen("gen", "kernel", folder / "kernel", 65000, 40000000)
    gen("gen", "folder", folder, 200, 65000)
    return sorted(folder.glob("*.ko"))


def real(gen, folder):
    gen("gen_real", folder / "kernel", folder)
    return sorted(folder.glob("*.ko"))


WORKLOADS = {"many": many, "one": one, "small": small, "chains": chains,
             "real": real}


def instructions(*command):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         *map(str, command)], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace")
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or match is None:
        sys.exit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return int(match[1])


def ratio(kldsim, bench, folder, make):
    """kldsim's instructions divided by the floor's, on files made anew."""
    folder.mkdir(parents=True, exist_ok=True)

    def gen(program, *arguments):
        subprocess.run([bench / program, *map(str, arguments)], check=True)

    modules = make(gen, folder)
    kernel = folder / "kernel"
    ours = instructions(kldsim, "load", "-q", kernel, *modules)
    return ours / instructions(bench / "floor", 1, kernel, *modules)


def host():
    return " ".join(platform.libc_ver()) + " " + platform.machine()


def read_kept():
    """The host that the ratios were kept on, and the ratios."""
    lines = KEPT.read_text().splitlines()
    rows = dict(line.split() for line in lines if not line.startswith("#"))
    return lines[0].removeprefix("# "), {k: float(v) for k, v in rows.items()}


def main():
    kldsim, bench, inputs = map(Path, sys.argv[1:4])
    write = sys.argv[4:] == ["--write"]
    kept_on, kept = read_kept() if KEPT.exists() else (host(), {})
    if kept_on != host() and not write:
        print(f"skipped: ratios are kept for {kept_on}, this is {host()}")
        sys.exit(SKIPPED)
    found = {name: ratio(kldsim, bench, inputs / name, make)
             for name, make in WORKLOADS.items()}
    slower = False
    for name, value in found.items():
        worst = kept.get(name, value) * ALLOWED
        slower |= value > worst and not write
        print(f"{name}: {value:.3f} times the floor's instructions, kept are "
              f"{kept.get(name, value):.3f}"
              f"{'; too many' if value > worst else ''}")
    if write:
        KEPT.write_text(f"# {host()}\n" + "".join(
            f"{name} {value:.3f}\n" for name, value in found.items()))
    sys.exit(1 if slower else 0)


main()
