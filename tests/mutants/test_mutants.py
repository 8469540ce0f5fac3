# SPDX-License-Identifier: BSD-2-Clause
"""Mutants are the small mistakes that they should be, and the survivors that
have a reason are still mutants."""

import contextlib
import io
import pathlib
import subprocess
import unittest
from unittest import mock

import bench
import mutants
import mutate

SOURCE = """\
#define LIMIT 7 /* 1 < 2 */
static const int table[] = {
	017, /* 5 */
};

static int
f(struct s *p, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		p->sum += add(p,
		    "3 == 3");
	if (n >= 0x10) {
		sum = n;
		i++;
	}
	return (sum);
}
"""


def told(source=SOURCE):
    return [(mutant.kind, mutant.function, mutant.line, mutant.before,
             mutant.after) for mutant in mutate.mutants_of("x.c", source)]


class Mutants(unittest.TestCase):
    def test_all_there_are(self):
        loop = "for (int i = 0; i < n; i++)"
        self.assertEqual(told(), [
            ("comparison", "f", 11, loop, "for (int i = 0; i <= n; i++)"),
            ("comparison", "f", 14, "if (n >= 0x10) {", "if (n > 0x10) {"),
            ("constant", "f", 9, "int sum = 0;", "int sum = 1;"),
            ("constant", "f", 11, loop, "for (int i = 1; i < n; i++)"),
            ("constant", "f", 14, "if (n >= 0x10) {", "if (n >= 0x11) {"),
            ("statement", "f", 12, 'p->sum += add(p, "3 == 3");', "nothing"),
            ("statement", "f", 15, "sum = n;", "nothing"),
            ("statement", "f", 16, "i++;", "nothing"),
            ("constant", "-", 3, "017, /* 5 */", "020, /* 5 */")])

    def test_lines_stay(self):
        for mutant in mutate.mutants_of("x.c", SOURCE):
            text = mutate.applied(SOURCE, mutant)
            self.assertNotEqual(text, SOURCE)
            self.assertEqual(text.count("\n"), SOURCE.count("\n"))

    def test_a_draw_keeps_its_order(self):
        """Kinds in turn; what is added elsewhere changes nothing."""
        both = SOURCE + SOURCE.replace("f(struct", "g(struct")
        before = [m for m in mutate.drawn(mutate.mutants_of("x.c", SOURCE), 1)]
        after = [m for m in mutate.drawn(mutate.mutants_of("x.c", both), 1)
                 if m.function == "f"]
        self.assertEqual([m.kind for m in before[:4]],
                         [*mutate.KINDS, "comparison"])
        for kind in mutate.KINDS:
            self.assertEqual([m for m in before if m.kind == kind
                              and m.function == "f"],
                             [m for m in after if m.kind == kind])

    def test_each_is_a_program_of_its_own(self):
        """The sample above, without what is not in it."""
        source = ("struct s { int sum; }; int add(struct s *, const char *);\n"
                  "static int i;\n" + SOURCE + "int g(struct s *p)\n{\n"
                  "\treturn (f(p, table[0]));\n}\n")
        seen = set()
        for mutant in mutate.mutants_of("x.c", source):
            done = subprocess.run(
                ["cc", "-w", "-O0", "-S", "-xc", "-o", "-", "-"],
                input=mutate.applied(source, mutant).encode(),
                stdout=subprocess.PIPE, check=True)
            seen.add(done.stdout)
        self.assertEqual(len(seen), 9)

    def test_who_fails_by_himself_kills_none(self):
        """Three tests in the order of their time; the last one counts."""
        class Fake(bench.Test):
            def run(self, place, library, *_):
                return self.name == "well" or (self.name == "killer" and
                                               library != "mutant.so")

        trial = mutants.Trial("unit", mock.Mock(library="all.so"),
                              lambda place: tests, 10)
        tests = [Fake("killer", None), Fake("ill", None), Fake("well", None)]
        for n, test in enumerate(reversed(tests)):
            test.seconds, test.comes = n, {("x.c", "f")}
        one = next(mutate.mutants_of("x.c", SOURCE))
        trial.compiled = lambda mutant: "mutant.so"
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(trial.killer(one), "killer")
            trial.tests.remove(tests[0])
            self.assertIsNone(trial.killer(one))
        self.assertEqual(said.getvalue(),
                         "ill fails without any mutant: left out\n")

    def judge(self, tried, known):
        """What main() says in the end, and its exit status."""
        said = io.StringIO()
        with mock.patch.object(mutants, "try_all", lambda args: tried), \
                mock.patch.object(mutants, "reasons", lambda: known), \
                mock.patch("sys.argv", ["mutants.py", "build", "out"]), \
                contextlib.redirect_stdout(said), \
                self.assertRaises(SystemExit) as ended:
            mutants.main()
        return ended.exception.code, said.getvalue().splitlines()[-1]

    def test_figures(self):
        one = next(mutate.mutants_of("x.c", SOURCE))
        name = mutate.name_of(one)
        dead = [(one, "unit", "unit.a")] * 16 + [(one, "sanitized", "b")]
        alive = [(one, None, None)] * 3
        self.assertEqual(self.judge(dead + alive, {name: "For a reason."}),
                         (0, "20 mutants, of which 0 make no difference; 17 "
                          "killed (85 % of the others), 1 of them with "
                          "sanitizers; 0 survive without a reason"))
        self.assertEqual(self.judge(dead[:8] + alive, {
            name: "It makes no difference: none."})[0], 0)
        self.assertEqual(self.judge(dead[:8] + alive, {name: "So."})[0], 1)
        self.assertEqual(self.judge(dead * 9 + alive, {})[0], 1)

    def test_survivors(self):
        known = mutants.reasons()
        self.assertTrue(known)
        for path in sorted({name.split()[0] for name in known}):
            text = pathlib.Path(mutants.ROOT / path).read_text()
            there = {mutate.name_of(mutant)
                     for mutant in mutate.mutants_of(path, text)}
            for name, reason in known.items():
                if name.split()[0] == path:
                    self.assertIn(name, there)
                    self.assertRegex(reason or "", r"\.$")


if __name__ == "__main__":
    unittest.main()
