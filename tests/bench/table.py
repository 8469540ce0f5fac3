# SPDX-License-Identifier: BSD-2-Clause
"""Prints docs/benchmarks.md from the results that the benchmarks left.

usage: table.py RESULTS
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

METHOD = """\
`./dev bench` measures and writes this page to `build/bench/benchmarks.md`; from
there it is copied here. All programs work on the same files in the same run,
in turn. `tests/bench/README.md` says what they are, and what of their work is
not comparable. "ours is" is kldsim's CPU time divided by theirs.
"""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
MISSED = "### Where a target is missed\n"

COMPARED = {
    "many": "200 modules of 800 relocations, kernel of 40,000 symbols",
    "one-100000": "One module of 100,000 relocations",
    "one-1000000": "One module of 1,000,000 relocations",
    "folder": "800 modules by name, kernel of 40 MB and 65,000 symbols",
    "real": "800 modules and a kernel in the shape of FreeBSD's own",
}
KBI = ("kbi-1000", "kbi-4000", "kbi-against-30000", "kbi-against-60000")
FOLDERS = [100, 200, 400, 800]
FUZZ_SIZES = (20, 50, 800)  # relocations, as in bench_fuzz.sh
FUZZ_RUNS = 300000
LIBRARY = {
    **{name + "-library": title for name, title in COMPARED.items()},
    **{f"folder-{n}-library": f"A folder of {n} modules" for n in FOLDERS},
    "boot-library": "Boot of a kernel of 40 MB and 65,000 symbols",
}


def missed():
    """Why, in the words of the page as it is: they are written by hand."""
    return MISSED + PAGE.read_text().split(MISSED)[1].split("\n## ")[0]


def first_match(path, pattern):
    try:
        match = re.search(pattern, Path(path).read_text(), re.M)
    except OSError:
        match = None
    return match[1] if match else "unknown"


def version(*command):
    try:
        text = subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return f"{command[0]} not found"
    match = re.search(r"(?:LLD|LLVM version|GNU ld.*?\)|gcc.*?\))\s+([\d.]+)",
                      text)
    return f"{command[0]} {match[1]}" if match else command[0]


def machine():
    model = first_match("/proc/cpuinfo", r"^model name\s*: (.*)")
    tools = ", ".join(version(*c) for c in [
        ("gcc", "--version"), ("llvm-rtdyld", "--version"),
        ("ld.lld", "--version"), ("ld.bfd", "--version")])
    return (f"Machine: {model}, {os.cpu_count()} CPUs, {platform.system()} "
            f"{platform.release()}; {tools}. "
            f"Built with `-O2`. {time.strftime('%Y-%m-%d')}.\n")


def compared(results, name, title):
    data = json.loads((results / f"{name}.json").read_text())
    commands = {c["name"]: c for c in data["commands"]}
    ours = commands["kldsim load"]["cpu_ms"]
    floor = commands["floor"]["cpu_ms"]
    yield f"## {title}\n"
    yield (f"Whole processes, medians of {data['repetitions']} interleaved "
           "runs.\n")
    yield ("| | CPU ms | least to most | ours is | times the floor "
           "| peak MB |")
    yield "|---|--:|--:|--:|--:|--:|"
    for c in data["commands"]:
        cpu = c["cpu_ms"]
        yield (f"| {c['name']} | {cpu:.1f} "
               f"| {c['cpu_ms_least']:.1f} to {c['cpu_ms_most']:.1f} "
               f"| {ours / cpu:.2f} | {cpu / floor:.2f} "
               f"| {c['peak_kib'] / 1024:.0f} |")
    yield ""


def library(results, name, title):
    data = json.loads((results / f"{name}.json").read_text())
    us = {p["name"]: p["us_least"] for p in data["phases"]}
    floor = (results / f"{name}.floor").read_text()
    relocs = int(re.search(r"nrel=(\d+)", floor)[1])
    total, index = map(float, re.search(
        r"best total ([\d.]+) ms \(kernel index ([\d.]+)", floor).groups())
    cells = [f"{us['boot, cold image'] / 1000:.2f}", f"{index:.2f}",
             f"{us['boot, parsed image']:.0f}", "", "", "",
             f"{data['booted_private_kib'] / 1024:.1f}",
             f"{data['loaded_private_kib'] / 1024:.1f}"]
    if relocs:
        cells[3:6] = [f"{us['load'] / 1000:.1f}", f"{total - index:.1f}",
                      f"{us['load'] * 1000 / relocs:.0f}"]
    return f"| {title} | " + " | ".join(cells) + " |"


def floor_bytes(results, name):
    text = (results / f"{name}.floor").read_text()
    return int(re.search(r"bytes=(\d+)", text)[1])


def growth(results):
    """What a module of a folder costs, and what all of them keep."""
    before = None
    for count in FOLDERS:
        name = f"folder-{count}-library"
        data = json.loads((results / f"{name}.json").read_text())
        us = {p["name"]: p["us_least"] for p in data["phases"]}["load"]
        private = data["loaded_private_kib"] * 1024
        loaded = floor_bytes(results, name)
        grown = f"{us / before:.2f}" if before else ""
        yield (f"| {count} | {us / 1000:.1f} | {us / count:.0f} | {grown} "
               f"| {loaded / 1e6:.1f} | {private / 1e6:.1f} "
               f"| {private / loaded:.2f} |")
        before = us


def ratio(results, name, to, of="kldsim load", figure="cpu_ms"):
    """kldsim's CPU time, or its time by the clock, divided by another row's."""
    time_of = {c["name"]: c[figure] for c in
               json.loads((results / f"{name}.json").read_text())["commands"]}
    return time_of[of] / time_of[to]


def against(results, types, figure):
    """Two kernels of so many types, beside one load."""
    return ratio(results, f"kbi-against-{types}", "kldsim load",
                 "kldsim kbi --against", figure)


def index_share(results):
    """What an index of 800 modules' names costs, of what loading them does."""
    names, load = ({c["name"]: c["cpu_ms"] for c in json.loads(
        (results / name).read_text())["commands"]}
        for name in ("real-names.json", "real.json"))
    return (names["all modules"] - names["nowhere"]) / load["kldsim load"]


def phase(results, name, which):
    data = json.loads((results / f"{name}.json").read_text())
    return {p["name"]: p["us_least"] for p in data["phases"]}[which]


def floor_index_us(results, name):
    text = (results / f"{name}.floor").read_text()
    return float(re.search(r"kernel index ([\d.]+)", text)[1]) * 1000


def kept(results, name=f"folder-{FOLDERS[-1]}-library"):
    """What the modules keep, for each byte of their sections."""
    data = json.loads((results / f"{name}.json").read_text())
    kib = data["loaded_private_kib"] - data["booted_private_kib"]
    return kib * 1024 / floor_bytes(results, name)


def most_growth(results):
    data = json.loads((results / "growth.json").read_text())
    return max(kind["most"] for kind in data["kinds"])


def fuzz_loop(results, relocations):
    """Executions a second, ours and the yardstick's."""
    data = json.loads((results / f"fuzz-{relocations}.json").read_text())
    return data["executions"], data["floor"]


def fuzz_engine(results, floor="fz_floor"):
    """The same, in libFuzzer."""
    data = json.loads((results / "fuzz-engine.json").read_text())
    cpu = {c["name"]: c["cpu_ms"] for c in data["commands"]}
    return FUZZ_RUNS * 1000 / cpu["fuzz"], FUZZ_RUNS * 1000 / cpu[floor]


def share(pair):
    return pair[0] / pair[1]


def kbi_private_mb(results):
    """The most of the three comparisons."""
    return max(
        c["private_kib"] / 1024 for name in KBI for c in json.loads(
            (results / f"{name}.json").read_text())["commands"]
        if c["name"].startswith("kldsim kbi"))


def check_data(results):
    return json.loads((results / "check.json").read_text())


def types_data(results):
    return json.loads((results / "types.json").read_text())


def types_growth(results):
    """The most that ten times as many types took."""
    us = [step["us"] for step in types_data(results)["growth"]]
    return max(after / before for before, after in zip(us, us[1:]))


# What, the worst that is promised, how it is measured; below 0: at least.
PROMISES = [
    ("many, times the floor", 0.9, lambda r: ratio(r, "many", "floor")),
    ("many, times llvm-rtdyld", 0.2,
     lambda r: ratio(r, "many", "llvm-rtdyld")),
    ("one of 100,000, times the floor", 1.5,
     lambda r: ratio(r, "one-100000", "floor")),
    ("one of 1,000,000, times the floor", 1.5,
     lambda r: ratio(r, "one-1000000", "floor")),
    ("folder, times the floor", 0.95, lambda r: ratio(r, "folder", "floor")),
    ("folder, times cat", 1.6, lambda r: ratio(r, "folder", "cat")),
    ("folder, bytes kept for a byte of the sections", 1.15, kept),
    ("real-shaped, times the floor", 0.8, lambda r: ratio(r, "real", "floor")),
    ("real-shaped, times cat", 1.1, lambda r: ratio(r, "real", "cat")),
    ("real-shaped, bytes kept for a byte of the sections", 1.15,
     lambda r: kept(r, "real-library")),
    ("real-shaped, JSON times text", 1.15,
     lambda r: ratio(r, "report", "text", "JSON")),
    ("one small module, times a program that touches as many pages", 1.5,
     lambda r: ratio(r, "small", "touch")),
    ("refs of 800 modules, share of their load", 1 / 3,
     lambda r: 1 / ratio(r, "real", "kldsim refs")),
    ("index of the names of 800 modules, share of their load", 0.25, index_share),
    ("cold boot, times the floor's index", 1.2,
     lambda r: phase(r, "boot-library", "boot, cold image") /
     floor_index_us(r, "boot-library")),
    ("boot of a parsed image, us", 100,
     lambda r: phase(r, "boot-library", "boot, parsed image")),
    ("growth, ten times as much takes times", 14, most_growth),
    ("check of 800 modules, times their load, per relocation", 1.5,
     lambda r: check_data(r)["ratio_percent"] / 100),
    ("check, two jobs' time, share of one's", 0.6,
     lambda r: check_data(r)["two_jobs_percent"] / 100),
    ("check, two jobs, private memory, times the load's", 1.5,
     lambda r: check_data(r)["memory_percent"] / 100),
    ("types of a kernel, times inflating them", 2,
     lambda r: types_data(r)["us"] / types_data(r)["inflate_us"]),
    ("types, ten times as many take times", 14, types_growth),
    ("kbi, 800 modules of 1,000 types, times inflating all", 5,
     lambda r: ratio(r, "kbi-1000", "inflate", "kldsim kbi")),
    ("kbi, 800 modules of 4,000 types, times inflating all", 5,
     lambda r: ratio(r, "kbi-4000", "inflate", "kldsim kbi")),
    ("kbi, two kernels of 60,000 types, 800 modules without, times one load "
     "of all, by the clock", 2, lambda r: against(r, 60000, "wall_ms")),
    ("the same in CPU time", 2, lambda r: against(r, 60000, "cpu_ms")),
    ("the same in CPU time, kernels of 30,000 types", 2,
     lambda r: against(r, 30000, "cpu_ms")),
    ("kbi, most private memory, MB", 100, kbi_private_mb),
    ("fuzz in libFuzzer, share of the yardstick's executions, same options",
     -1 / 2,
     lambda r: -share(fuzz_engine(r, "same"))),
]


def promises(results):
    yield "| | promised | measured | |"
    yield "|---|--:|--:|---|"
    for what, worst, measure in PROMISES:
        try:
            value = measure(results)
        except OSError:
            continue
        word = "at least" if worst < 0 else "at most"
        verdict = "kept" if value <= worst else "**broken**"
        yield (f"| {what} | {word} {abs(worst):.3g} | {abs(value):.3g} "
               f"| {verdict} |")


def phases(results):
    """One table of both worlds; what stands beside a load is below it."""
    worlds = [json.loads((results / f"phases-{name}.json").read_text())
              for name in ("folder", "real")]
    yield ("| | folder, million instructions | page faults "
           "| real-shaped, million instructions | page faults |")
    yield "|---|--:|--:|--:|--:|"
    for rows in zip(*(w["phases"] + w["programs"] for w in worlds)):
        name = rows[0]["name"]
        cells = [cell for row in rows for cell in (
            f"{row['instructions'] / 1e6:.1f}",
            "" if row["faults"] is None else f"{row['faults']:,}")]
        yield f"| {'**all**' if name == 'all' else name} | " + " | ".join(
            cells) + " |"


def types(results):
    data = types_data(results)
    yield (f"{data['types']:,} types and {data['functions']:,} functions, "
           f"{data['bytes'] / 1e6:.2f} MB in {data['stored'] / 1e6:.2f} MB: "
           f"{data['us'] / 1000:.1f} ms; zlib alone takes "
           f"{data['inflate_us'] / 1000:.1f} ms.\n")
    yield "| types, not compressed | ms | ns a type |"
    yield "|--:|--:|--:|"
    for step in data["growth"]:
        yield (f"| {step['types']:,} | {step['us'] / 1000:.2f} "
               f"| {step['us'] * 1000 / step['types']:.0f} |")


def growth_kinds(results):
    data = json.loads((results / "growth.json").read_text())
    for kind in data["kinds"]:
        yield f"| {kind['name']} | " + " | ".join(
            f"{step['n']:,}: {step['us'] / 1000:.2f} ms"
            for step in kind["steps"]) + f" | {kind['most']:.1f} |"


def sets(results):
    data = json.loads((results / "sets.json").read_text())
    return (f"{data['modules']} modules are loaded with {data['cpus']} CPUs "
            f"and {data['vnets']:,} vnets: {data['us'] / 1000:.1f} ms for "
            f"{data['bytes'] / 1e6:.1f} MB of copies; memcpy(3) of the same "
            f"takes\n{data['memcpy_us'] / 1000:.1f} ms.")


def check(results):
    data = check_data(results)
    yield ("Each module alone, with what it depends on, 16 million relocations "
           "in the place of 0.7: `kldsim check` in one process, beside one load "
           "of all. Private memory: the most while modules are told of.")
    yield ""
    yield "| | CPU ms | wall ms | private MB |"
    yield "|---|---|---|---|"
    for step in data["phases"]:
        yield (f"| {step['name']} | {step['cpu_ms']:.0f} "
               f"| {step['wall_ms']:.0f} | {step['private_kib'] / 1024:.0f} |")


def debuggers(results):
    data = json.loads((results / "debuggers.json").read_text())
    return (f"A core of {data['bytes'] / 1e6:.1f} MB takes "
            f"{data['us'] / 1000:.2f} ms; writing as many bytes takes "
            f"{data['plain_us'] / 1000:.2f} ms. Over a socket pair,\n"
            f"{data['packets']:,.0f} memory packets of 64 bytes are answered "
            f"a second, one after the other; a program that\nonly echoes "
            f"answers {data['echoes']:,.0f}.")


def fuzz(results):
    rows = [(f"modules of {size} relocations, in a loop",
             fuzz_loop(results, size)) for size in FUZZ_SIZES]
    rows.append((f"libFuzzer, from the modules of {FUZZ_SIZES[1]}",
                 fuzz_engine(results)))
    rows.append(("the same, with our sanitizer options for both",
                 fuzz_engine(results, "same")))
    for what, pair in rows:
        yield (f"| {what} | {pair[0]:,.0f} | {pair[1]:,.0f} "
               f"| {share(pair):.3f} |")


def main(results):
    print("# Benchmarks\n")
    print(METHOD)
    print(machine())
    print("## What is promised\n")
    print("\n".join(promises(results)) + "\n")
    print(missed())
    for name, title in COMPARED.items():
        if (results / f"{name}.json").exists():
            print("\n".join(compared(results, name, title)))
    if (results / "phases-real.json").exists():
        print("## Where the time of a load goes\n")
        print("Instructions that valgrind counts, a byte of a large copy being "
              "one; page faults\nby perf, which the host answers one by one "
              "or for many pages at a time.\n")
        print("\n".join(phases(results)) + "\n")
    print("## The library alone, in one process\n")
    print("The least of many repetitions: CPU time of the library, the floor "
          "by its own\nclock. Private memory: anonymous pages, after boot "
          "and after the loads.\n")
    print("| | cold boot ms | floor's index ms | parsed boot us | load ms "
          "| floor's load ms | ns a relocation | booted MB | loaded MB |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, title in LIBRARY.items():
        if (results / f"{name}.json").exists():
            print(library(results, name, title))
    if (results / f"folder-{FOLDERS[-1]}-library.json").exists():
        print("\n## A folder, from 100 modules to 800\n")
        print("In one process, the least of many repetitions. Private memory "
              "is that of the kernel\nand all modules; sections are the bytes "
              "that the floor allots.\n")
        print("| modules | load ms | us a module | times the row above "
              "| sections MB | private MB | ratio |")
        print("|--:|--:|--:|--:|--:|--:|--:|")
        print("\n".join(growth(results)))
    if (results / "growth.json").exists():
        print("\n## Ten times as much\n")
        print("In one process, the least of several. The last column is the "
              "largest step.\n")
        print("| | | | | | times |")
        print("|---|--:|--:|--:|--:|--:|")
        print("\n".join(growth_kinds(results)))
    if (results / "sets.json").exists():
        print("\n## Sets\n")
        print(sets(results))
    if (results / "debuggers.json").exists():
        print("\n## Debuggers\n")
        print(debuggers(results))
    if (results / "check.json").exists():
        print("\n## A check of 800 modules\n")
        print("\n".join(check(results)))
    if (results / "types.json").exists():
        print("\n## Types\n")
        print("\n".join(types(results)))
    if (results / "fuzz-engine.json").exists():
        print("\n## Fuzzing\n")
        print("Executions a second of CPU time with AddressSanitizer: loading "
              "a module into a booted\nkernel and putting the kernel back, "
              "beside fz_floor.c.\n")
        print("| | kldsim | yardstick | share |")
        print("|---|--:|--:|--:|")
        print("\n".join(fuzz(results)))


main(Path(sys.argv[1]))
