# SPDX-License-Identifier: BSD-2-Clause
"""Where the host gives no thread, the same is said, one after the other."""

import os
import unittest

import cli

ALONE = os.environ["KLDSIM_ALONE"]
KERNEL = cli.FIXTURES / "boot/kernel/kernel"
OTHER = cli.FIXTURES / "boot/kernel-13/kernel"


class Alone(unittest.TestCase):
    maxDiff = None

    def same(self, *words, asked):
        """A thread is asked for so often, and not missed."""
        wanted = cli.run(*words)
        alone = cli.run(*words, command=ALONE)
        self.assertEqual(alone.status, wanted.status)
        self.assertEqual(alone.out, wanted.out)
        self.assertEqual(alone.err, "no thread\n" * asked + wanted.err)
        self.assertNotEqual(wanted.out, "")

    def test_kbi(self):
        """One for the linker; the modules that it has words for need others."""
        modules = sorted(KERNEL.parent.glob("*.ko"))
        self.assertGreater(len(modules), 20)
        self.same("kbi", "--json", KERNEL, *modules, asked=2)
        self.same("kbi", "--json", "--against", OTHER, KERNEL, *modules,
                  asked=2)

    def test_check(self):
        self.same("check", "--json", "-j", "4", KERNEL, KERNEL.parent,
                  asked=1)


if __name__ == "__main__":
    unittest.main()
