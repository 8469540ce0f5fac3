# SPDX-License-Identifier: BSD-2-Clause
"""Kernels and modules in miniature, compiled by clang, with CTF of their DWARF."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import dwarf

HERE = pathlib.Path(__file__).resolve().parent
TARGET = "x86_64-unknown-freebsd15"
OSRELDATE = 1500068


def run(*command, status=0):
    done = subprocess.run([str(word) for word in command],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}"
                             f"{done.stderr}")
    return done.stdout


def scratch(case):
    """A folder for all tests of a class, which is gone after the last one."""
    made = tempfile.TemporaryDirectory()
    case.addClassCleanup(made.cleanup)
    return pathlib.Path(made.name)


def without_dwarf(kldsim):
    """Whether it was built without libdw."""
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "made.o"
        subprocess.run(["gcc", "-g", "-x", "c", "-c", "-", "-o", made],
                       input=b"int i;\n", check=True)
        said = subprocess.run([kldsim, "types", made], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return b"built without DWARF support" in said.stderr


def main(kldsim, *tools):
    """Run the tests of the program, if there is all that they need."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        print(f"skipped: no {', '.join(missing)}")
        return 77
    if without_dwarf(kldsim):
        print("skipped: built without DWARF")
        return 77
    return 0 if unittest.main(exit=False).result.wasSuccessful() else 1


def compile_unit(source, made, *flags):
    run("clang", f"--target={TARGET}", "-std=gnu11", "-w", "-gdwarf-4", "-O1",
        "-fno-pic", "-mcmodel=kernel", "-ffreestanding", f"-I{HERE}", *flags,
        "-c", source, "-o", made)


def put_ctf(section, made, to=None):
    """The file, or a copy, with CTF in the place of its DWARF."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(section)
        file.flush()
        run("llvm-objcopy", "--strip-debug", "--add-section",
            f".SUNW_ctf={file.name}", made, to or made)
    return to or made


def tell(made, unit, types):
    """Types as CTF, as ctfmerge(1) would leave it, as DWARF, or not at all."""
    if types == "CTF":
        section, _, _ = dwarf.make(unit, 3, 1, made)
        put_ctf(section, made)
    elif types is None:
        run("llvm-objcopy", "--strip-debug", made)


def kernel(made, *options, osreldate=OSRELDATE, conf=None, flags=(),
           source=HERE / "kbi_kernel.c", types="CTF"):
    """A kernel with options, which its kern_conf names."""
    unit = made.with_suffix(".o")
    stated = "".join(f"options\\t{name}\\n" for name in
                     (options if conf is None else conf))
    compile_unit(source, unit, f"-DOSRELDATE={osreldate}",
                 f'-DCONF="{stated}"', *(f"-D{name}" for name in options),
                 *flags)
    run("ld.lld", "-Bdynamic", "--export-dynamic", "-dynamic-linker",
        "/red/herring", "--hash-style=both", "-z", "notext",
        "--image-base=0xffffffff80200000", "-o", made, unit)
    tell(made, unit, types)
    return made


def module(made, *options, flags=(), source=HERE / "kbi_module.c",
           types="CTF"):
    unit = made.with_suffix(".o")
    compile_unit(source, unit, *(f"-D{name}" for name in options), *flags)
    made.write_bytes(unit.read_bytes())
    tell(made, unit, types)
    return made
