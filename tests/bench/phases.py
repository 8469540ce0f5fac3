# SPDX-License-Identifier: BSD-2-Clause
"""Where the time of a load goes: instructions and page faults of its phases.

usage: phases.py RESULT.json -- KLDSIM ARG... -- NAME COMMAND... -- ...

valgrind counts the instructions, perf the page faults, each by the functions
that a phase consists of.  The commands that follow stand beside it, as a whole.
Without perf there are no page faults of phases.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# A phase and its functions; what one calls of another phase is that one's.
PHASES = {
    "boot": ["kldsim_boot", "kldsim_image_open"],
    "open": ["kldsim_source_image", "kldsim__source_open_image",
             "kldsim__search_module"],
    "copy": ["kldsim__obj_read_tables", "kldsim__obj_place"],
    "index": ["kldsim__symindex_build", "kldsim__namefilter_build"],
    "lookup": ["kldsim__obj_lookup"],
    "relocate": ["kldsim__obj_reloc_local", "kldsim__obj_reloc_global"],
    "sets": ["kldsim__register_sysctls", "kldsim__run_sysinits"],
    "metadata": ["kldsim__register_modules", "kldsim__deps_begin",
                 "kldsim__deps_next", "kldsim__add_interfaces"],
    "checks": ["kldsim__kbi_lint", "kldsim__obj_lint"],
    "report": ["report_text", "report_json"],
}
INSIDE = {"lookup": "index", "relocate": "lookup"}  # all of it, as good as


def callgrind(command, folder):
    """Instructions of each function with what it calls, and of all."""
    out = folder / "callgrind"
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
         *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace", check=True)
    listing = subprocess.run(
        ["callgrind_annotate", "--inclusive=yes", "--threshold=100",
         "--auto=no", out], capture_output=True, text=True, check=True).stdout
    inclusive = {}
    for count, name in re.findall(r"^ *([\d,]+) \([^)]*\)  [^ ]*:(\w+)",
                                  listing, re.M):
        inclusive[name] = max(inclusive.get(name, 0),
                              int(count.replace(",", "")))
    return inclusive, int(re.search(r"Collected : (\d+)", done.stderr)[1])


def instructions(command, folder):
    inclusive, total = callgrind(command, folder)
    whole = {phase: sum(inclusive.get(name, 0) for name in names)
             for phase, names in PHASES.items()}
    rows = {phase: count - whole.get(INSIDE.get(phase), 0)
            for phase, count in whole.items()}
    rows["start"] = total - inclusive["main"]
    rows["rest"] = total - sum(rows.values())
    return {**rows, "all": total}


def phase_of(stack):
    """The phase of the innermost function that has one."""
    for name in stack:
        for phase, names in PHASES.items():
            if name in names:
                return phase
    started = all(not name.startswith(("_dl_", "dl_")) and "execve" not in name
                  for name in stack)
    return "rest" if started else "start"


def page_faults(command, folder):
    if shutil.which("perf") is None:
        return {}
    data = folder / "perf"
    subprocess.run(["perf", "record", "-q", "-e", "page-faults", "-c", "1",
                    "--call-graph", "dwarf,8192", "-o", data, *command],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=True)
    script = subprocess.run(
        ["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True,
        text=True, errors="replace", check=True).stdout
    rows = dict.fromkeys([*PHASES, "start", "rest"], 0)
    stacks = [re.findall(r"^\s+[0-9a-f]+ (\S+)", text, re.M)
              for text in script.split("\n\n")]
    for stack in filter(None, stacks):
        rows[phase_of(stack)] += 1
    return {**rows, "all": sum(rows.values())}


def whole(command, folder):
    """Instructions and minor page faults of a program, and its CPU time."""
    _, count = callgrind(command, folder)
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execvp(command[0], command)
    usage = os.wait4(pid, 0)[2]
    return {"instructions": count, "faults": usage.ru_minflt}


def cut(arguments):
    """The commands between the dashes."""
    commands = [[]]
    for word in arguments:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands[1:]


def main():
    ours, *others = cut(sys.argv[2:])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        faults = page_faults(ours, folder)
        counts = instructions(ours, folder)
        result = {
            "phases": [{"name": name, "instructions": count,
                        "faults": faults.get(name)}
                       for name, count in counts.items()],
            "programs": [{"name": name, **whole(command, folder)}
                         for name, *command in others],
        }
    Path(sys.argv[1]).write_text(json.dumps(result, indent=1))
    for row in result["phases"] + result["programs"]:
        print(f"{row['name']:10} {row['instructions']:12,} "
              f"{row['faults'] if row['faults'] is not None else '':>7}")


main()
