# SPDX-License-Identifier: BSD-2-Clause
"""No refusal goes without its reason.

All fixtures, each under the kernels of its machine and of another, by kldload
and preloaded: whatever the simulated kernel refuses, a finding says why. Its
text does not only repeat the errno or what the console says, and has no number
of a machine or of a relocation type without a name.
"""

import itertools
import json
import re
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import cli
from cli import HOST, OK, PANIC, REFUSED
from sample import sample

# A stripped one does not know its modspace: that is the host's failure.
KERNELS = [path for path in sorted(cli.FIXTURES.glob("**/kernel*/kernel"))
           if "stripped" not in path.parent.name]
# Numbers that have to have a name beside them.
BARE = [r"relocation type \d+", r"(?<!, )e_machine \d+",
        r"\berror \d+", r"\berrno \d+", r"reserved section 0x"]


def words(text):
    return re.findall(r"\w+", text.lower())


def faults(finding, console, errno):
    """What is wrong with a finding that gives the reason of a refusal."""
    text = finding["text"]
    for line in console:
        if line in text or set(words(text)) <= set(words(line)):
            yield f"repeats the console: {text}"
    if len([word for word in words(text) if word != errno.lower()]) < 4:
        yield f"says next to nothing: {text}"
    for pattern in BARE:
        if re.search(pattern, text):
            yield f"has a bare number: {text}"
    if not finding["rules"]:
        yield f"names no rule: {text}"


class Reasons(unittest.TestCase):
    def judge(self, document, what):
        """Gives how many were refused."""
        refused = 0
        findings, lines = document["findings"], document["console"]
        for result in document["results"]:
            if result["status"] != "refused":
                continue
            refused += 1
            span = result["findings"]
            own = [finding for finding in
                   findings[span["first"]:span["first"] + span["count"]]
                   if finding["refusal"]]
            self.assertTrue(own, f"{what}: {result}: nobody says why")
            name = result["name"].rsplit("/", 1)[-1]
            self.assertTrue(any(finding["file"] is None or
                                finding["file"].startswith(name)
                                for finding in own), f"{what}: {own}")
            span = result["console"]
            said = lines[span["first"]:span["first"] + span["count"]]
            for finding in own:
                self.assertEqual(list(faults(finding, said,
                                             result["errno"]["name"])), [],
                                 f"{what}: {finding}")
        for finding in findings:
            for pattern in BARE:
                self.assertIsNone(re.search(pattern, finding["text"]), finding)
        return refused

    def sweep(self, jobs):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda words: (words, cli.run(
                "load", "--json", *words)), jobs))
        refused = 0
        for command, answer in done:
            self.assertIn(answer.status, (OK, REFUSED, PANIC),
                          f"{command}: {answer.err}")
            refused += self.judge(answer.json(), command)
        return refused

    def test_own_kernels(self):
        """Some of them are made to be refused."""
        jobs = []
        for kernel in KERNELS:
            modules = sorted(kernel.parent.glob("fx_*.ko"))
            jobs.append([kernel, *modules])
            for module in modules:
                if "undef" in module.name or "dep" in module.name:
                    jobs.append([kernel, module])
        self.assertGreater(self.sweep(jobs), 20)

    def test_foreign_kernels(self):
        """Other machines, other releases."""
        jobs = []
        for kernel, other in sample(
                itertools.product(KERNELS, KERNELS[::3]), 5,
                lambda pair: [("kernel", pair[0]), ("other", pair[1])]):
            modules = sorted(other.parent.glob("fx_*.ko"))[::4]
            jobs.append([kernel, *modules])
        self.assertGreater(self.sweep(jobs), 100)

    def test_preloads(self):
        jobs = []
        for kernel in KERNELS:
            for option in ("--preload", "--preload-dependencies"):
                for module in sorted(kernel.parent.glob("fx_*.ko"))[::3]:
                    jobs.append([option, kernel, module])
                jobs.append([option, kernel, "no_such", "no_such.ko",
                             "./no/such.ko", kernel])
        refused = 0
        for words in sample(jobs, 5, lambda words: [
                (words[0], words[1]), getattr(words[2], "stem", None)]):
            done = cli.run("load", "--json", *words)
            if done.status == HOST:
                continue # what panics while preloading is an unusable kernel
            refused += self.judge(done.json(), words)
        self.assertGreater(refused, 20)

    def test_scenarios(self):
        """What a script is refused: every system call that can say no."""
        kernel = cli.FIXTURES / "boot/kernel/kernel"
        script = """
expect EBUSY kldunload kernel
expect ENOENT kldload nosuch
expect ENOENT kldload nosuch.ko
expect ENOENT kldload ./no/such.ko
kldload fx_libb
expect EEXIST kldload fx_liba
expect EEXIST kldload fx_libb.ko
expect EBUSY kldunload fx_liba
expect ENOENT kldunload -i 77
answer fx_hello load ENXIO
expect ENOEXEC kldload fx_hello
"""
        done = subprocess.run(
            [cli.KLDSIM, "run", "--json", "-", kernel], input=script.encode(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        document = json.loads(done.stdout)
        cli.validate(document, "run")
        refused = 0
        for command in document["commands"]:
            self.assertEqual(command["status"], "ok", command)
            if command["words"][0] != "expect":
                continue
            refused += 1
            span = command["findings"]
            own = document["findings"][span["first"]:span["first"] + span["count"]]
            own = [finding for finding in own if finding["refusal"]]
            self.assertTrue(own, command)
            span = command["console"]
            said = document["console"][span["first"]:
                                       span["first"] + span["count"]]
            for finding in own:
                self.assertEqual(list(faults(
                    finding, said, command["words"][1])), [], finding)
        self.assertEqual(refused, 9)


if __name__ == "__main__":
    unittest.main()
