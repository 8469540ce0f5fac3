# SPDX-License-Identifier: BSD-2-Clause
"""kldsim kbi --against: what becomes of modules with a new kernel (I-80 to I-84)."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

import kbi

sys.path.insert(0, str(kbi.HERE.parent / "cli"))
import cli  # noqa: E402 (its place is known by now)
import html_pages  # noqa: E402

KLDSIM = os.environ.get("KLDSIM", str(kbi.HERE.parents[1]
                                      / "build/gcc/bin/kldsim"))
SOURCE = kbi.HERE / "kbi_two.c"
USES = {"m1": "f(0, 1)", "m2": "x = 1", "m3": "(void)h()", "m4": "g()",
        "c1": "(void)counts(0, 1)", "c2": "(void)widths(1)",
        "c3": "results(1)", "c4": "(void)lost(1)", "c5": "(void)addresses(0)"}


def of_another_machine(path, to):
    """A file that is the same but for its machine."""
    made = bytearray(path.read_bytes())
    made[18:20] = (183).to_bytes(2, "little")  # e_machine: AArch64
    to.write_bytes(made)
    return to


class Against(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tmp = kbi.scratch(cls)
        (cls.tmp / "kernels").mkdir()
        cls.old = kbi.kernel(cls.tmp / "kernels/old", source=SOURCE,
                             flags=["-DKERNEL"], osreldate=1401000)
        cls.new = kbi.kernel(cls.tmp / "new", source=SOURCE,
                             flags=["-DKERNEL", "-DNEW"], osreldate=1403000)
        cls.modules = {name: kbi.module(
            cls.tmp / f"{name}.ko", source=SOURCE, types=None,
            flags=[f"-DIMPORT={use}"]) for name, use in USES.items()}

    def ask(self, *words, status=1):
        document = json.loads(kbi.run(KLDSIM, "kbi", "--json", *words,
                                      status=status))
        cli.validate(document, "kbi")
        return {found["name"].split("/")[-1].removesuffix(".ko"): found
                for found in document["modules"]}

    def complaint(self, *words, status):
        """What there is instead of an answer."""
        done = subprocess.run([KLDSIM, *words], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, status)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def on_the_page(self, verdicts, *modules):
        kbi.run(KLDSIM, "kbi", "--html", self.tmp / "page.html", "--against",
                self.old, self.new, *modules, status=1)
        page = html_pages.Page(self.tmp / "page.html")
        self.assertEqual(list(page.faults()), [])
        self.assertEqual({pathlib.Path(name).stem: cells[0]
                          for name, _, cells in page.rows()}, verdicts)
        self.assertEqual(page.title(), "1 of 4 modules has to be rebuilt for "
                         "FreeBSD 14.3; 1 will not load")
        kbi.run(KLDSIM, "check", "--html", self.tmp / "page.html", "--against",
                self.old, self.new, *modules, status=1)
        page = html_pages.Page(self.tmp / "page.html")
        self.assertEqual(list(page.faults()), [])
        column = page.headings().index("interface") - 1
        self.assertEqual({pathlib.Path(name).stem: cells[column]
                          for name, _, cells in page.rows()}, verdicts)
        self.assertIn("rebuild 1 module: kbi-layout",
                      html_pages.words(page.section("attention")))

    def test_x24(self):
        """Four modules, and a verdict for each (I-82)."""
        four = [self.modules[name] for name in ("m1", "m2", "m3", "m4")]
        found = self.ask("--against", self.old, self.new, *four)
        self.on_the_page({name: module["verdict"]
                          for name, module in found.items()}, *four)
        self.assertEqual({name: module["verdict"]
                          for name, module in found.items()},
                         {"m1": "rebuild", "m2": "no difference found",
                          "m3": "will not load", "m4": "cannot tell"})
        foo, = found["m1"]["findings"]
        self.assertEqual((foo["tag"], foo["level"], foo["module"]["size"],
                          foo["kernel"]["size"], foo["imports"]),
                         ("foo", 3, 16, 24, ["f"]))
        self.assertEqual([(change["kind"], change["member"])
                          for change in foo["changes"]],
                         [("added", "pad"), ("moved", "next")])
        cause, = found["m1"]["causes"]
        self.assertEqual(cause["text"], "another source version (1401000 in "
                         "the old kernel, 1403000 in the new kernel)")
        text = kbi.run(KLDSIM, "kbi", "--against", self.old, self.new, *four,
                       status=1).splitlines()
        self.assertEqual(text[2], "4 modules: 1 will not load, 1 rebuild, "
                         "1 cannot tell, 1 no difference found")
        words = [line.split()[0].split("/")[-1] for line in text[3:7]]
        self.assertEqual(words, ["m3.ko", "m1.ko", "m4.ko", "m2.ko"])
        self.assertIn("h", text[3])
        self.assertIn("f: struct foo", text[4])
        self.assertIn("g has no type", text[5])
        self.assertIn("  struct foo: 16 bytes in the old kernel, 24 in the "
                      "new kernel [level 3]", text)

    def test_calls(self):
        """X-10: arguments, their sizes and kinds; a result that is lost."""
        found = self.ask("--against", self.old, self.new, *[
            self.modules[f"c{n}"] for n in range(1, 6)])
        told = {name: [(one["tag"], one["level"], one["changes"][0]["kind"])
                       for one in module["findings"]]
                for name, module in found.items()}
        self.assertEqual(told, {
            "c1": [("counts", 2, "arguments")],
            "c2": [("widths", 2, "argument")],
            "c3": [],
            "c4": [("lost", 2, "result")],
            "c5": [("addresses", 2, "argument")]})
        self.assertEqual(found["c3"]["verdict"], "no difference found")

    def test_without_types(self):
        """I-65: what is left are the sizes of variables."""
        source = self.tmp / "sizes.c"
        source.write_text(
            "int osreldate = OSRELDATE;\n"
            "__attribute__((used, section(\"kern_conf\"))) const char conf[] "
            "= CONF;\nlong all_cpus[LONGS], same[2];\n")
        old, new = (kbi.kernel(self.tmp / f"sized{longs}", source=source,
                               types=None, flags=[f"-DLONGS={longs}"],
                               osreldate=1300000 + longs)
                    for longs in (4, 16))
        for name, verdict, status in (("all_cpus", "rebuild", 1),
                                      ("same", "cannot tell", 0)):
            user = self.tmp / f"{name}.c"
            user.write_text(f"extern long {name}[];\n__attribute__((used)) "
                            f"static long use(void) {{ return {name}[0]; }}\n")
            module = kbi.module(self.tmp / f"{name}.ko", source=user,
                                types=None)
            found = self.ask("--against", old, new, module,
                             status=status)[name]
            with self.subTest(name):
                self.assertEqual(found["verdict"], verdict)
                self.assertEqual([(one["text"], one["level"])
                                  for one in found["findings"]],
                                 [("variable all_cpus: 32 bytes in the old "
                                   "kernel, 128 in the new kernel", 4)]
                                 if status else [])

    def test_what_needs_no_type(self):
        """I-82: assembler, what is chosen at boot, labels; but not anybody's."""
        source = self.tmp / "assembler.c"
        source.write_text("""
            int osreldate = OSRELDATE;
            __attribute__((used, section("kern_conf"))) const char conf[] =
                CONF;
            int typed(void) { return (1); }
            static int (*chosen(void))(const void *, void *, unsigned long)
            { return (0); }
            int copyin(const void *, void *, unsigned long)
                __attribute__((ifunc("chosen")));
            #define CODE(name) __asm__(".globl " #name "\\n.type " #name \
                ", @function\\n" #name ": ret\\n.size " #name ", 1\\n");
            CODE(memcpy) CODE(fuword64) CODE(__aeabi_uidiv) CODE(memcpy_early)
            __asm__(".globl label\\nlabel:\\n");
            """)
        kernel = kbi.kernel(self.tmp / "assembler", source=source)
        said = json.loads(kbi.run(KLDSIM, "types", "--json", kernel, "*"))
        self.assertEqual([one["name"] for one in said["functions"]],
                         ["chosen", "typed"])
        for name, why in (*((known, None) for known in (
                "memcpy", "copyin", "fuword64", "__aeabi_uidiv", "label")),
                          ("memcpy_early", "memcpy_early has no type")):
            user = self.tmp / f"{name}.c"
            user.write_text(f"__asm__(\".quad typed, {name}\");\n")
            module = kbi.module(self.tmp / f"{name}.ko", source=user,
                                types=None)
            found = self.ask("--against", kernel, kernel, module,
                             status=0)[name]
            with self.subTest(name):
                self.assertEqual(found["compared"]["in_kernel"], 2)
                self.assertEqual(found["verdict"], "cannot tell" if why else
                                 "no difference found")
                self.assertEqual(found["why"], why or "2 imports, 0 types")

    def test_what_is_chosen_at_boot(self):
        """C-21: its type is what its resolver, as DEFINE_IFUNC has it, returns."""
        source = self.tmp / "chosen.c"
        source.write_text("""
            int osreldate = OSRELDATE;
            __attribute__((used, section("kern_conf"))) const char conf[] =
                CONF;
            struct thread { int id; };
            #ifdef CHOSEN
            static void (*bind_resolver(void))(struct thread *, CHOSEN)
            { return (0); }
            void bind(struct thread *, CHOSEN)
                __attribute__((ifunc("bind_resolver")));
            #else
            void bind(struct thread *td, int cpu) { td->id = cpu; }
            #endif
            """)
        user = self.tmp / "binds.c"
        user.write_text("__asm__(\".quad bind\");\n")
        module = kbi.module(self.tmp / "binds.ko", source=user, types=None)
        old, same, other = (kbi.kernel(
            self.tmp / f"bind-{name}", source=source, flags=flags)
            for name, flags in (("old", ()), ("int", ["-DCHOSEN=int"]),
                                ("long", ["-DCHOSEN=long"])))
        for new, told in ((same, []), (other, [("bind", 2)])):
            with self.subTest(new.name):
                found = self.ask("--against", old, new, module,
                                 status=1 if told else 0)["binds"]
                self.assertEqual([(one["tag"], one["level"])
                                  for one in found["findings"]], told)
                self.assertEqual(found["compared"]["typed"], 1)
        lines = [[line for line in kbi.run(
            KLDSIM, "kbi", "--write", "-", kernel).splitlines()
            if " bind " in line] for kernel in (old, same)]
        self.assertEqual(*lines)
        self.assertRegex(lines[0][0], r"^F \w+ bind f\(\*s#thread,s32\)void$")

    def test_who_allocates(self):
        """I-42: who calls an init function makes one, in packages, too."""
        old = kbi.kernel(self.tmp / "untraced")
        new = kbi.kernel(self.tmp / "traced", "EPOCH_TRACE")
        module = kbi.module(self.tmp / "epoch.ko", types=None,
                            source=kbi.HERE / "kbi_module.c")
        found = self.ask("--against", old, new, module)["epoch"]
        self.assertEqual({(one["tag"], one["level"], one["allocates"])
                          for one in found["findings"]},
                         {("epoch_tracker", 4,
                           "the module calls _epoch_enter_preempt"),
                          ("thread", 7, None)})

    def test_check_against(self):
        """The same words for many modules at once."""
        words = [self.modules[name] for name in ("m1", "m2", "m3", "m4")]
        document = json.loads(kbi.run(
            KLDSIM, "check", "--json", "--against", self.old, self.new,
            *words, status=1))
        cli.validate(document, "check")
        self.assertEqual([module["interface"] for module in
                          document["modules"]],
                         ["rebuild", "no difference found", "will not load",
                          "cannot tell"])
        first = document["modules"][0]["kldload"]["findings"]
        self.assertIn("kbi-layout", {found["code"] for found in first})
        text = kbi.run(KLDSIM, "check", "--against", self.old, self.new,
                       *words[:2], status=1)
        self.assertIn("  against   1 rebuild, 1 no difference found", text)
        kbi.run(KLDSIM, "check", "--against", self.tmp / "nowhere", self.new,
                *words[:1], status=3)
        # What is no kernel in a folder of one does not count (I-81).
        alone = self.tmp / "one"
        alone.mkdir()
        (alone / "kernel").write_bytes(self.old.read_bytes())
        (alone / "unit.o").write_bytes(
            self.old.with_suffix(".o").read_bytes())
        document = json.loads(kbi.run(KLDSIM, "check", "--json", "--against",
                                      alone, self.new, words[0], status=1))
        self.assertEqual(document["modules"][0]["interface"], "rebuild")
        self.assertEqual(self.ask("--against", alone, self.new,
                                  words[0])["m1"]["verdict"], "rebuild")

    def synth(self, name, spec):
        path = self.tmp / name
        path.with_suffix(".yaml").write_text("machine: amd64\n" + spec)
        kbi.run(KLDSIM, "synth", path.with_suffix(".yaml"), "-o", path)
        return path

    def interface(self, kernel, module, *words, status=0):
        """How check judges a module's interface, and what it says of it."""
        document = json.loads(kbi.run(KLDSIM, "check", "--json", "--against",
                                      kernel, *words, kernel, module,
                                      status=status))
        found, = document["modules"]
        return found["interface"], found["kldload"]["verdict"]

    def test_check_of_what_was_not_loaded(self):
        """Compiled in is no refusal, and what was not tried was not compared."""
        kernel = self.synth("built-in", "kind: kernel\nfunctions: [printf, h]\n"
                            "modules: [{name: foo, handler: h}]\n")
        module = self.synth("foo.ko", "kind: module\nfunctions: [f]\n"
                            "modules: [{name: foo, handler: f}]\n")
        self.assertEqual(self.interface(kernel, module),
                         ("cannot tell", "in kernel"))
        large = self.synth("large.ko", "kind: module\nfunctions: [" + ", ".join(
            f"f{i}" for i in range(999)) + "]\n")
        self.assertEqual(self.interface(kernel, large, "--limit",
                                        "symbols=500", status=3),
                         ("cannot tell", "failed"))

    def test_the_same_kernel(self):
        """The new one against itself, and a version apart that changed nothing."""
        words = [self.modules[name] for name in ("m1", "m2", "c1", "c2")]
        found = self.ask("--against", self.new, self.new, *words, status=0)
        self.assertEqual({module["verdict"] for module in found.values()},
                         {"no difference found"})

    def test_another_machine(self):
        """It is said once, and not of each module."""
        path = of_another_machine(self.old, self.tmp / "arm64.kernel")
        for command in "kbi", "check":
            with self.subTest(command):
                self.assertEqual(
                    self.complaint(command, "--against", path, self.new,
                                   self.modules["m1"], self.modules["m2"],
                                   status=2),
                    f"kldsim: {path}: the two kernels are of different "
                    "machines\n")

    def test_a_module_of_another_machine(self):
        """Its imports are looked for, and what is known of them is kept."""
        others = [of_another_machine(module, self.tmp / f"arm64_{name}.ko")
                  for name, module in self.modules.items()]
        alone = self.ask("--against", self.old, self.new,
                         *self.modules.values())
        found = self.ask("--against", self.old, self.new, *others,
                         *self.modules.values())
        for name in self.modules:
            with self.subTest(name):
                self.assertEqual(found[f"arm64_{name}"]["verdict"],
                                 "will not load")
                self.assertEqual(found[name], alone[name])

    def test_two_errors(self):
        """They are found beside each other; the linker's comes first."""
        empty = self.tmp / "empty"
        empty.mkdir()
        for words, of, status in (
                ([self.new, empty], empty, 3),
                (["--cpus", "100000", self.new, self.modules["m1"]],
                 self.new, 2)):
            with self.subTest(of):
                said = self.complaint("kbi", "--against",
                                      self.tmp / "nowhere", *words,
                                      status=status)
                self.assertEqual(said.count("\n"), 1)
                self.assertTrue(said.startswith(f"kldsim: {of}: "), said)

    def test_a_folder_of_kernels(self):
        """I-81: of several, the one that a module was built for."""
        source = self.tmp / "headers.c"
        source.write_text(
            "struct mod_depend { int a, b, c; };\n"
            "struct mod_metadata { int v, t; void *d; const char *n; };\n"
            "static struct mod_depend on = { VERSION, VERSION, 1499999 };\n"
            "static struct mod_metadata meta = { 1, 1, &on, \"kernel\" };\n"
            "__attribute__((used, section(\"set_modmetadata_set\"))) static "
            "void *const set = &meta;\n"
            "extern int x;\n__attribute__((used)) static void use(void)\n"
            "{ x = 1; }\n")
        kbi.kernel(self.tmp / "kernels/middle", source=SOURCE,
                   flags=["-DKERNEL"], osreldate=1402000)
        for version, name in ((1401000, "old"), (1402000, "middle"),
                              (1400097, None)):
            module = kbi.module(self.tmp / f"v{version}.ko", source=source,
                                types=None, flags=[f"-DVERSION={version}"])
            found = self.ask("--against", self.tmp / "kernels", self.new,
                             module, status=0)[f"v{version}"]
            with self.subTest(version):
                self.assertEqual(found["osreldate"], version)
                self.assertEqual(found["old"] and found["old"].split("/")[-1],
                                 name)
                verdict = "no difference found" if name else "cannot tell"
                self.assertEqual(found["verdict"], verdict)
                document = json.loads(kbi.run(
                    KLDSIM, "check", "--json", "--against",
                    self.tmp / "kernels", self.new, module))
                self.assertEqual(document["modules"][0]["interface"],
                                 verdict)
        # Nobody asks for the one of another machine.
        of_another_machine(self.new, self.tmp / "kernels/foreign")
        module = self.tmp / "v1401000.ko"
        words = ["--against", self.tmp / "kernels", self.new, module]
        self.assertEqual(self.ask(*words, status=0)["v1401000"]["verdict"],
                         "no difference found")
        document = json.loads(kbi.run(KLDSIM, "check", "--json", *words))
        self.assertEqual(document["modules"][0]["interface"],
                         "no difference found")
        kbi.run(KLDSIM, "kbi", "--against", self.tmp / "nowhere", self.new,
                module, status=3)

    def test_one_after_another(self):
        """I-30: what one module holds by a thing of both kernels, the next one,
        which has only its name, does not."""
        source = self.tmp / "held.c"
        source.write_text(
            "#define USED __attribute__((used))\n"
            "#ifdef IMPORT\nextern char IMPORT[];\n"
            "USED static char *const use = IMPORT;\n#else\n"
            "USED int osreldate = OSRELDATE;\n"
            "struct st { MEMBERS };\nstruct x { struct st s; int tail; };\n"
            "USED int through(struct x *x) { return x->tail; }\n"
            "USED int by_name(struct st *s) { return s != 0; }\n#endif\n")
        old, new = (kbi.kernel(self.tmp / name, source=source, conf=[],
                               flags=[f"-DMEMBERS={members}"])
                    for name, members in (("held-old", "int a, b;"),
                                          ("held-new", "long p, q, r;")))
        modules = [kbi.module(self.tmp / f"{name}.ko", source=source,
                              types=None, flags=[f"-DIMPORT={name}"])
                   for name in ("through", "by_name")]
        for order in modules, modules[::-1]:
            found = self.ask("--against", old, new, *order)
            self.assertEqual({name: one["verdict"]
                              for name, one in found.items()},
                             {"through": "rebuild",
                              "by_name": "no difference found"})

    def test_a_folder_with_a_damaged_kernel(self):
        """Nothing is judged by another one instead, and it is told of."""
        folder = self.tmp / "damaged"
        folder.mkdir()
        module = self.modules["m1"]
        for name, path in ("a", self.old), ("b", self.new):
            (folder / name).write_bytes(path.read_bytes())
        (folder / "a").write_bytes(self.old.read_bytes()[:4000])
        found = self.ask("--against", folder, self.new, module, status=0)
        self.assertEqual(found["m1"]["verdict"], "cannot tell")
        done = subprocess.run(
            [KLDSIM, "kbi", "-q", "--against", folder, self.new, module],
            capture_output=True, text=True, check=False)
        self.assertIn(f"kldsim: {folder}: {folder}/a: ", done.stderr)
        self.assertIn("; it is passed over", done.stderr)
        document = json.loads(kbi.run(KLDSIM, "check", "--json", "--against",
                                      folder, self.new, module))
        self.assertEqual(document["modules"][0]["interface"], "cannot tell")


if __name__ == "__main__":
    unittest.main()
