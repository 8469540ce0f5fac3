# SPDX-License-Identifier: BSD-2-Clause
"""kldsim load on malformed modules and kernels, one process each.

The tables of tests/unit/malformed/ are written as files by these tests
themselves; here each is loaded by the command, with little memory and time, and
what it says has to be what the table says.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

import cli

BUILD = pathlib.Path(os.environ.get("KLDSIM_BUILD", cli.SRC / "build/gcc"))
TABLES = ("elf", "place", "reloc", "meta", "kernel")

ADDRESS_SPACE = 1 << 30
CPU_SECONDS = 2
STATUSES = {0: "loaded", cli.REFUSED: "refused", cli.HOST: "failed",
            cli.PANIC: "panic"}
CRASH = 99  # an exit status that only sanitizers have


def sanitized(command):
    """Whether a program needs terabytes of address space to begin with."""
    data = pathlib.Path(command).read_bytes()
    return b"__asan_init" in data or b"__tsan_init" in data


class Malformed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.tmp = pathlib.Path(scratch.name)
        cls.limited = not sanitized(cli.KLDSIM)
        cls.cases = []
        for name in TABLES:
            folder = cls.tmp / name
            folder.mkdir()
            subprocess.run([BUILD / "unit/unit_tests", f"malformed_{name}",
                            "--write", folder], check=True, timeout=60)
            for table in sorted(folder.glob("*.json")):
                cls.cases += [(folder, case)
                              for case in json.loads(table.read_text())]

    def limit(self):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if self.limited:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE,) * 2)

    def run_limited(self, folder, *args):
        """Run `kldsim load --json`; the JSON, if any, the status, stderr."""
        options = f"exitcode={CRASH}:allocator_may_return_null=1"
        done = subprocess.run(
            [cli.KLDSIM, "load", "--json", *args], cwd=folder, timeout=60,
            preexec_fn=self.limit, capture_output=True,
            env={**os.environ, "ASAN_OPTIONS": options,
                 "UBSAN_OPTIONS": options})
        err = done.stderr.decode()
        self.assertGreaterEqual(done.returncode, 0, err)
        self.assertNotEqual(done.returncode, CRASH, err)
        return (json.loads(done.stdout) if done.stdout else None,
                done.returncode, err)

    def options(self, case):
        options = ["-n", "2", "--kernel-end", case["kernel_end"]]
        if case["release"]:
            options += ["-r", str(case["release"])]
        return options

    def findings(self, findings):
        return [f"{found['severity']} {found['code']}" for found in findings]

    def wanted_findings(self, case):
        return [word for word in case["findings"].split(", ") if word]

    def check_findings(self, case, got):
        want = self.wanted_findings(case)
        if case["exit"] == cli.REFUSED:  # more reasons are welcome
            rest = iter(got)
            self.assertTrue(all(word in rest for word in want), got)
        else:
            self.assertEqual(got, want)

    def span(self, document, result, member):
        part = result[member]
        self.assertIsNotNone(part)
        first = part["first"]
        return document[member][first:first + part["count"]]

    def check_module(self, folder, case):
        name = case["name"] + ".ko"
        document, status, err = self.run_limited(
            folder, *self.options(case), "good-kernel", f"./{name}")
        self.assertEqual(status, case["exit"], err)
        cli.validate(document)
        [result] = document["results"]
        self.assertEqual(result["status"], STATUSES[case["exit"]])
        files = [file["name"] for file in document["files"]]
        if case["exit"] == cli.OK:
            self.assertEqual(files, ["kernel", name])
        else:
            self.assertEqual(files, ["kernel"])
        if case["exit"] == cli.HOST:
            self.assertEqual(result["failure"]["status"], case["failure"])
            self.assertIn(case["message"], result["failure"]["text"])
            return
        self.check_answer(case, document, result, name)

    def check_answer(self, case, document, result, name):
        want = (case["console"].replace("{path}", f"./{name}")
                .replace("{name}", name))
        self.assertEqual(self.span(document, result, "console"),
                         want.split("\n") if want else [])
        self.check_findings(case, self.findings(
            self.span(document, result, "findings")))
        if case["exit"] == cli.REFUSED:
            self.assertEqual(result["errno"], {
                "name": case["errno_name"], "number": case["errno"]})
        else:
            self.assertIsNone(result["errno"])

    def check_kernel(self, folder, case):
        document, status, err = self.run_limited(
            folder, *self.options(case), f"./{case['name']}")
        self.assertEqual(status, case["exit"], err)
        if case["exit"] == cli.HOST:
            self.assertIn(case["message"], err)
            self.assertIn(case["name"], err)
            return
        cli.validate(document)
        self.assertEqual(self.findings(document["findings"]),
                         self.wanted_findings(case))

    def test_enough(self):
        names = [case["name"] for _, case in self.cases]
        self.assertGreaterEqual(len(names), 120)

    def test_modules(self):
        for folder, case in self.cases:
            if case["kind"] == "module":
                with self.subTest(case["name"]):
                    self.check_module(folder, case)

    def test_kernels(self):
        for folder, case in self.cases:
            if case["kind"] == "kernel":
                with self.subTest(case["name"]):
                    self.check_kernel(folder, case)

    def test_no_regular_file(self):
        folder = self.tmp / "odd"
        folder.mkdir()
        (folder / "dir.ko").mkdir()
        os.mkfifo(folder / "fifo.ko")
        (folder / "loop.ko").symlink_to("loop.ko")
        kernel = self.tmp / "elf" / "good-kernel"
        for name, number in [("dir.ko", 8), ("fifo.ko", 8), ("loop.ko", 8),
                             ("none.ko", 2), ("fifo.ko/x.ko", 8)]:
            with self.subTest(name):
                document, status, err = self.run_limited(
                    folder, kernel, f"./{name}")
                self.assertEqual(status, cli.REFUSED, err)
                [result] = document["results"]
                self.assertEqual(result["errno"]["number"], number)
        for name in ("dir.ko", "fifo.ko", "loop.ko", "none.ko"):
            with self.subTest("kernel " + name):
                _, status, err = self.run_limited(folder, f"./{name}")
                self.assertEqual(status, cli.HOST)
                self.assertIn(name, err)


if __name__ == "__main__":
    sys.exit(unittest.main())
