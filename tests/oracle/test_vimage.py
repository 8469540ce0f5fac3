# SPDX-License-Identifier: BSD-2-Clause
"""The same three sources, built with VIMAGE, without, and to find out at run
time (D20278), on kernels of each kind: which load follows from what llvm-nm says
of both files, and in which order calls come from the review's text (J-22).

Environment: KLDSIM, KLDSIM_FIXTURES.
"""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

import tools

FIXTURES = Path(os.environ["KLDSIM_FIXTURES"])
KLDSIM = os.environ["KLDSIM"]
MACHINES = ("amd64", "amd64-dyn", "i386", "arm64")
SOURCES = ("fx_vnet", "fx_netuser", "fx_vnetown")

# Folder of the modules, of the kernel: whether the kernel has vnets.
KINDS = {"VIMAGE": "kernel", "plain": "kernel-novimage",
         "runtime": "kernel-runtime"}
KERNELS = {"kernel": True, "kernel-novimage": False, "kernel-runtime": True,
           "kernel-runtime-novimage": False}
GAINED = {"vimage_configured"} | {f"vnet_dynamic_{call}" for call in (
    "register_sysinit", "register_sysuninit", "deregister_sysinit",
    "deregister_sysuninit")}

# Calls of fx_vnet by J-22: the function that ends comes first, by its order.
REGISTER = ["vnet_dynamic_register_sysuninit", "module_register_init",
            "fx_vnet_modevent", "vnet_dynamic_register_sysinit"]
UNREGISTER = ["fx_vnet_modevent", "fx_vnet_modevent",
              "vnet_dynamic_deregister_sysinit",
              "vnet_dynamic_deregister_sysuninit"]
IN_VNETS = (REGISTER + ["fx_vnet_init in vnet1", "fx_vnet_init in vnet0"] +
            UNREGISTER + ["fx_vnet_uninit in vnet1",
                          "fx_vnet_uninit in vnet0"])
AT_ONCE = REGISTER + ["fx_vnet_init"] + UNREGISTER + ["fx_vnet_uninit"]


def boot(machine):
    return FIXTURES / ("" if machine == "amd64" else machine) / "boot"


def symbols(path):
    """The names that a file defines, and those that it lacks."""
    listed = subprocess.run(["llvm-nm", "-P", path], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    has, lacks = set(), set()
    for line in listed.splitlines():
        name, kind = line.split()[:2]
        if kind == "U":
            lacks.add(name)
        elif kind not in "wv":
            has.add(name)
    return has, {name for name in lacks
                 if not re.match("__(start|stop)_set_", name)}


def load(kernel, modules, runtime):
    done = subprocess.run([KLDSIM, "load", "--json",
                           *(["--vimage-runtime"] if runtime else []),
                           kernel, *modules], check=False,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def calls(kernel, module, runtime):
    """Functions in calling order, from load to unload."""
    script = f"kldload {module}\nevents\nkldunload {module.stem}\nevents\n"
    told = subprocess.run([KLDSIM, "run", "-n", "2",
                           *(["--vimage-runtime"] if runtime else []),
                           "-", kernel], input=script, check=False, text=True,
                          stdout=subprocess.PIPE).stdout
    return [re.sub(r"\(.*\) of \S+", "", re.sub(r"^\S+ (0x\S+ 0x\S+|\S+) ",
                                                "", line))
            for line in told.splitlines() if not line.startswith("KLD_")]


class Vimage(unittest.TestCase):
    def each(self):
        """Every kernel, as it is and with --vimage-runtime."""
        for machine in MACHINES:
            for name, vimage in KERNELS.items():
                for runtime in (False, True):
                    yield machine, name, vimage, runtime

    def modules(self, machine, kind):
        return [boot(machine) / KINDS[kind] / f"{source}.ko"
                for source in SOURCES]

    def test_what_loads(self):
        """J-10, J-20, J-21: what is undefined, and nothing else."""
        seen = {True: 0, False: 0}
        nm = {}
        for machine, name, vimage, runtime in self.each():
            kernel = boot(machine) / name / "kernel"
            has = set(symbols(kernel)[0])
            if runtime and "vimage_configured" not in has:
                has |= GAINED
                if not vimage:
                    has |= {f"vnet_entry_{x}" for x in has}
            for kind in KINDS:
                modules = self.modules(machine, kind)
                document = load(kernel, modules, runtime)
                for module, result in zip(modules, document["results"]):
                    if module not in nm:
                        nm[module] = symbols(module)[1]
                    loads = nm[module] <= has
                    seen[loads] += 1
                    with self.subTest(f"{machine} {kind} {module.name} on "
                                      f"{name}, runtime {runtime}"):
                        self.assertEqual(result["status"] == "loaded", loads,
                                         nm[module] - has)
                self.findings(document, kind, name, vimage, runtime)
        self.assertGreater(seen[True], 100)
        self.assertGreater(seen[False], 50)

    def findings(self, document, kind, name, vimage, runtime):
        """J-12: a set_vnet and no vnets; J-26; no others that load."""
        loaded = {result["name"] for result in document["results"]
                  if result["status"] == "loaded"}
        told = {(Path(f["file"]).name, f["code"])
                for f in document["findings"] if not f["refusal"] and
                "vimage" in f["code"]}
        want = set()
        for path in loaded:
            module = Path(path).name
            if kind == "VIMAGE" and not vimage:
                want.add((module, "module-needs-vimage"))
            if kind == "runtime" and (runtime or "runtime" in name):
                want.add((module, "vimage-runtime"))
        self.assertEqual(told, want, (kind, name, vimage, runtime))

    def test_the_order_of_calls(self):
        """J-22, on kernels that are so and on those that are told to be."""
        for machine, name, vimage, runtime in self.each():
            if machine == "arm64":  # where mapping symbols name functions
                continue
            if not runtime and "runtime" not in name:
                continue
            with self.subTest(f"{machine} {name} {runtime}"):
                self.assertEqual(
                    calls(boot(machine) / name / "kernel",
                          boot(machine) / "kernel-runtime/fx_vnet.ko",
                          runtime),
                    IN_VNETS if vimage else AT_ONCE)


if __name__ == "__main__":
    tools.need("llvm-nm")
    tools.main()
