# SPDX-License-Identifier: BSD-2-Clause
"""Cases from the field: what people met, and what they should have been told.

Each is the smallest input that shows what a public report was about; the
answers of the simulated kernel are those of the real one, and what is tested
is the sentence that would have saved the reporter the search.
"""

import gzip
import json
import pathlib
import subprocess
import tempfile
import unittest

import cli
from cli import OK, REFUSED

BOOT = cli.FIXTURES / "boot"


def spec(kind, osreldate, *more):
    link = ", sysinit-link: yes" if osreldate >= 1400073 else ""
    return "\n".join(["machine: amd64", f"kind: {kind}",
                      f"options: {{osreldate: {osreldate}{link}}}", *more]) + "\n"


def module(osreldate, name, *more, version=1):
    """A module with an interface of its name, and a handler."""
    return spec("module", osreldate, f"functions: [{name}_modevent]",
                f"modules: [{{name: {name}, handler: {name}_modevent}}]",
                f"versions: [{{name: {name}, version: {version}}}]", *more)


def call(symbol):
    return ("relocs: [{in: .text, at: 1, type: R_X86_64_PLT32, "
            f"symbol: {symbol}, addend: -4}}]")


class Cases(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def put(self, name, text):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        source = self.tmp / "spec.yaml"
        source.write_text(text)
        done = cli.run("synth", source, "-o", path)
        self.assertEqual(done.status, OK, done.err)
        return path

    def load(self, status, *words):
        done = cli.run("load", "--json", *words, cwd=self.tmp)
        self.assertEqual(done.status, status, done.err)
        document = done.json()
        cli.validate(document)
        return document

    def says(self, document, code, *words, refusal=True, file=None):
        """There is such a finding, and it says all of this."""
        found = [finding for finding in document["findings"]
                 if finding["code"] == code and finding["refusal"] == refusal
                 and file in (None, finding["file"])]
        for finding in found:
            if all(word in finding["text"] for word in words):
                return finding
        self.fail(f"no {code} that says {words}: {document['findings']}")

    def play(self, script, kernel, *options):
        done = subprocess.run(
            [cli.KLDSIM, "run", "--json", *options, "-", kernel],
            input=script.encode(), cwd=self.tmp, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60)
        document = json.loads(done.stdout)
        cli.validate(document, "run")
        return document

    def test_static_module(self):
        """A name with a dot is a file's; the kernel has the module itself.

        https://github.com/nextbsd/nextbsd-kernel/issues/236
        https://github.com/helloSystem/ISO/issues/401
        """
        kernel = self.put("k/kernel", spec(
            "kernel", 1500068, "functions: [printf, cuse_modevent]",
            "modules: [{name: cuse, handler: cuse_modevent}]",
            "versions: [{name: cuse, version: 1}]"))
        self.says(self.load(REFUSED, kernel, "cuse"), "already-loaded",
                  "module cuse, version 1, is there", "in the kernel")
        self.says(self.load(REFUSED, kernel, "cuse.ko"), "file-not-found",
                  "taken for the name of a file", "in none of the folders",
                  f"{self.tmp}/k", "version 1, is there already", "ask for cuse")
        self.put("k/cuse.ko", module(1500068, "cuse"))
        for options in ([], ["--preload"]):
            self.says(self.load(REFUSED, *options, kernel, "cuse.ko"
                                if not options else "k/cuse.ko"),
                      "already-loaded", "in the kernel")

    def test_already_loaded(self):
        """By whom, and from where."""
        kernel = BOOT / "kernel/kernel"
        document = self.load(REFUSED, kernel, BOOT / "kernel/fx_hello.ko",
                             "fx_hello", "fx_hello.ko")
        path = f"fx_hello.ko (file id 2, {BOOT}/kernel/fx_hello.ko)"
        self.says(document, "already-loaded", "module fx_hello", path)
        self.says(document, "already-loaded", "a file of this name", path)

    def test_no_hints(self):
        """The interface's name is not the file's, and nobody ran kldxref(8).

        https://bugs.freebsd.org/274388
        """
        kernel = self.put("k/kernel", spec("kernel", 1500068,
                                           "functions: [printf]"))
        self.put("k/geom_map.ko", module(1500068, "g_map"))
        self.put("k/card.ko", module(
            1500068, "card", "depends: [{name: g_map, minimum: 1}]"))
        for options in ([], ["--preload-dependencies"]):
            self.says(self.load(REFUSED, *options, kernel, "card"),
                      "dependency", "wants g_map", "k has no linker.hints, "
                      "which kldxref(8) writes", file="card.ko")
        cli.run("hints", "-q", self.tmp / "k")
        self.load(OK, kernel, "card")

    def failed_module(self):
        self.put("k/kernel", spec("kernel", 1500068, "functions: [printf]"))
        self.put("k/two.ko", spec(
            "module", 1500068, "functions: [a_modevent, b_modevent]",
            "modules: [{name: drv_a, handler: a_modevent}, "
            "{name: drv_b, handler: b_modevent}]",
            "versions: [{name: drv_a, version: 1}, {name: drv_b, version: 1}]"))
        self.put("k/user.ko", module(
            1500068, "user_c", "depends: [{name: drv_b, minimum: 1}]"))
        self.assertEqual(cli.run("hints", "-q", self.tmp / "k").status, OK)
        return self.tmp / "k/kernel"

    def test_dependency_not_started(self):
        """One of two modules refuses MOD_LOAD; who needs it is loaded.

        https://bugs.freebsd.org/bugzilla/show_bug.cgi?id=213315
        """
        kernel = self.failed_module()
        document = self.play("answer drv_b load ENXIO\nkldload two.ko\n"
                             "kldload user.ko\n", kernel)
        self.assertEqual(document["exit_status"], OK)
        self.says(document, "dependency-not-started", "drv_b is provided by "
                  "two.ko", "refused MOD_LOAD (ENXIO)", refusal=False,
                  file="user.ko")
        document = self.load(OK, "--preload", "--answer", "drv_b:load=ENXIO",
                             kernel, "k/two.ko", "k/user.ko")
        # Preloaded files are linked before any handler is called.
        self.assertNotIn("dependency-not-started",
                         [f["code"] for f in document["findings"]])
        strict = self.play("answer drv_b load ENXIO\nkldload two.ko\n"
                           "kldload user.ko\n", kernel, "--strict")
        self.assertEqual(strict["exit_status"], REFUSED)

    def test_refused_provider(self):
        """The provider was refused a moment before: it is named."""
        kernel = self.failed_module()
        document = self.play("answer drv_a load ENXIO\nanswer drv_b load ENXIO\n"
                             "expect ENOEXEC kldload user.ko\n", kernel)
        self.says(document, "module-refused", "answered MOD_LOAD with ENXIO",
                  file="two.ko")
        self.says(document, "dependency", "wants drv_b", "two.ko is there for "
                  "it", "refused itself just before (ENOEXEC)", file="user.ko")

    def test_refused_before(self):
        """The same where the provider was asked for by its path."""
        kernel = self.put("k/kernel", spec("kernel", 1500068,
                                           "functions: [printf]"))
        self.put("drv.ko", module(1500068, "drv", call("no_such_thing")))
        self.put("user.ko", module(1500068, "user",
                                   "depends: [{name: drv, minimum: 1}]"))
        document = self.load(REFUSED, kernel, "./drv.ko", "./user.ko")
        self.says(document, "undefined-symbol", "no_such_thing", file="drv.ko")
        self.says(document, "dependency", "./drv.ko would provide it and was "
                  "refused before", file="user.ko")
        # It is forgotten as soon as somebody provides it.
        self.put("good/drv.ko", module(1500068, "drv"))
        document = self.load(REFUSED, kernel, "./drv.ko", "./good/drv.ko",
                             "./user.ko")
        self.assertEqual([result["status"] for result in document["results"]],
                         ["refused", "loaded", "loaded"])

    def test_preloads_that_wait(self):
        """Each leftover says for whom it waits, and what became of that."""
        kernel = self.put("k/kernel", spec("kernel", 1500068,
                                           "functions: [printf]"))
        for name, needs in (("a", "b"), ("b", "c"), ("x", "y"), ("y", "x")):
            self.put(f"{name}.ko", module(
                1500068, name, f"depends: [{{name: {needs}, minimum: 1}}]"))
        document = self.load(REFUSED, "--preload", kernel, "a.ko", "b.ko",
                             "x.ko", "y.ko")
        self.says(document, "dependency", "wants b", "b.ko has it, and is "
                  "refused for lack of a dependency itself", file="a.ko")
        self.says(document, "dependency", "wants c", "no preloaded file "
                  "provides", file="b.ko")
        self.says(document, "dependency", "wants y", "y.ko has it", file="x.ko")

    def test_circle(self):
        """K-32: a circle is EEXIST, and says that it is one."""
        kernel = self.put("k/kernel", spec("kernel", 1201000,
                                           "functions: [printf]"))
        for name, needs in (("x", "y"), ("y", "x")):
            self.put(f"k/{name}.ko", module(
                1201000, name, f"depends: [{{name: {needs}, minimum: 1}}]"))
        self.says(self.load(REFUSED, kernel, "x"), "dependency", "wants x",
                  "the two depend on each other", file="y.ko")

    def test_hash_overflow(self):
        """A symbol that is there and is not found.

        https://reviews.freebsd.org/D39517
        """
        def case(osreldate, buckets, symtab, *options):
            text = spec("kernel", osreldate, "functions: [printf, ZZZZZW9p]")
            text = text.replace("options: {", f"options: {{hash-buckets: "
                                f"{buckets}, symtab: {symtab}, ")
            self.put("kernel", text)
            self.put("user.ko", spec("module", osreldate, "functions: [f]",
                                     call("ZZZZZW9p"), "modules: [user]"))
            done = cli.run("load", "--json", *options, "kernel", "./user.ko",
                           cwd=self.tmp)
            return done.status, done.json()

        status, document = case(1201000, 7, "no")
        self.assertEqual(status, REFUSED)
        finding = self.says(document, "hidden-symbol", "the kernel has ZZZZZW9p "
                            "in its symbol table", "the hash of this release",
                            "before 14.0")
        self.assertIn("D-62", finding["rules"])
        self.assertNotIn("undefined-symbol",
                         [f["code"] for f in document["findings"]])
        # In eight buckets the lost bits do not matter; 14.0 is mended.
        for args in ((1201000, 8, "no"), (1201000, 7, "yes"),
                     (1400097, 7, "no")):
            self.assertEqual(case(*args)[0], OK, args)
        status, document = case(1302001, 7, "yes", "--leak-locals", "0")
        self.assertEqual(status, REFUSED)
        self.says(document, "hidden-symbol", "the hash of this release")

    def test_hidden_symbols(self):
        """Local while leak_locals is 0, and at address 0."""
        kernel = self.put("k/kernel", spec("kernel", 1500068,
                                           "functions: [printf]"))
        for bind in ("local", "weak"):
            self.put("k/lib.ko", spec(
                "module", 1500068, f"functions: [f, {{name: secret, bind: {bind}}}]",
                "modules: [lib]", "versions: [{name: lib, version: 1}]"))
            self.put("k/user.ko", module(1500068, "user", call("secret"),
                     "depends: [{name: lib, minimum: 1}]"))
            self.load(OK, kernel, "user")
            self.says(self.load(REFUSED, "--leak-locals", "0", kernel, "user"),
                      "hidden-symbol", "lib.ko has secret in its symbol table",
                      "not global", "debug.link_elf_obj_leak_locals")

    def test_undefined_names_the_function(self):
        """Built with an option that the kernel lacks.

        https://github.com/albb0920/aqtion-freebsd-aq2/issues/12
        """
        document = self.load(REFUSED, BOOT / "kernel/kernel",
                             BOOT / "kernel/fx_undef.ko")
        finding = self.says(document, "undefined-symbol", "fx_missing_call2")
        self.assertEqual(finding["function"], "fx_undef_modevent")
        self.assertEqual(finding["symbol"], "fx_missing_call2")

    def test_dependencies_that_were_asked(self):
        """Which of two files of one name was taken.

        https://github.com/FreeBSDDesktop/kms-drm/issues/164
        """
        kernel = self.put("k/kernel", spec("kernel", 1200518,
                                           "functions: [printf]"))
        self.put("k/drm.ko", module(1200518, "drmn"))
        self.put("m/drm.ko", module(1200518, "drmn", version=2))
        path = ["-p", "k;m"]
        self.put("m/i915kms.ko", module(
            1200518, "i915kms", call("drm_atomic_commit"),
            "depends: [{name: drmn, minimum: 1}]"))
        for folder in ("k", "m"):
            cli.run("hints", "-q", self.tmp / folder)
        self.says(self.load(REFUSED, *path, kernel, "i915kms"),
                  "undefined-symbol", "or any dependency (k/drm.ko)")
        self.put("m/i915kms.ko", module(
            1200518, "i915kms", "depends: [{name: drmn, minimum: 2}]"))
        self.says(self.load(REFUSED, *path, kernel, "k/drm.ko", "i915kms"),
                  "dependency", "wants drmn", "k/drm.ko) provides 1")

    def test_stack_guard(self):
        """A GOT reference of a compiler that is not FreeBSD's.

        https://github.com/llvm/llvm-project/issues/86195
        """
        document = self.load(REFUSED, BOOT / "kernel/kernel", "fx_gotpcrel")
        finding = self.says(
            document, "unknown-relocation", "R_X86_64_REX_GOTPCRELX (42)",
            "global offset table", "-fPIC", "-mcmodel=kernel",
            "-fno-stack-protector", 'even if it says "undefined"')
        self.assertEqual(finding["symbol"], "__stack_chk_guard")
        self.assertEqual(finding["function"], "fx_gotpcrel_modevent")

    def test_skipped_relocation(self):
        """Compiled without -mcmodel=kernel: 12.1 goes on, 13.0 does not."""
        wide = module(1201000, "wide", "relocs: [{in: .text, at: 1, "
                      "type: R_X86_64_64, symbol: wide_modevent}]")
        for osreldate, status in ((1201000, OK), (1300139, REFUSED)):
            self.put("kernel", spec("kernel", osreldate, "functions: [printf]"))
            # R_X86_64_32 (10) in the place of R_X86_64_64 (1).
            data = bytearray(self.put("wide.ko", wide.replace(
                "1201000", str(osreldate)).replace(
                "functions: [wide_modevent]",
                "functions: [{name: wide_modevent, bind: local}]"))
                .read_bytes())
            at = self.relocation(data, 1)
            data[at + 8] = 10
            (self.tmp / "wide.ko").write_bytes(data)
            document = self.load(status, "kernel", "./wide.ko")
            finding = self.says(
                document, "unknown-relocation", "R_X86_64_32 (10)",
                "-mcmodel=kernel", refusal=status == REFUSED)
            self.assertEqual(finding["severity"], "warning")
            self.assertEqual("goes wrong" in finding["text"], status == OK)
            self.load(REFUSED, "--strict", "kernel", "./wide.ko")

    def relocation(self, data, offset):
        """Where the file has the RELA entry for an offset in .text."""
        from struct import unpack_from
        shoff, = unpack_from("<Q", data, 40)
        count, = unpack_from("<H", data, 60)
        for i in range(count):
            kind, = unpack_from("<I", data, shoff + i * 64 + 4)
            start, size = unpack_from("<QQ", data, shoff + i * 64 + 24)
            for at in range(start, start + size, 24) if kind == 4 else ():
                if unpack_from("<QI", data, at) == (offset, 1):
                    return at
        raise AssertionError("no such entry")

    def test_module_twice(self):
        """In the kernel and preloaded besides.

        https://bugs.freebsd.org/bugzilla/show_bug.cgi?id=195148
        """
        vesa = "modules: [{name: vesa, handler: vesa_modevent}]"
        kernel = self.put("kernel", spec("kernel", 1201000, vesa,
                                         "functions: [printf, vesa_modevent]"))
        self.put("vesa.ko", spec("module", 1201000, vesa,
                                 "functions: [vesa_modevent]"))
        self.says(self.load(OK, "--preload", kernel, "./vesa.ko"),
                  "module-twice", "vesa is in the kernel, too", "loader.conf",
                  refusal=False)
        self.says(self.load(REFUSED, kernel, "./vesa.ko"), "module-twice",
                  "vesa is registered already", "by the kernel")

    def test_missing_depend(self):
        """Another file has the symbol, and MODULE_DEPEND is missing.

        https://github.com/FreeBSDDesktop/kms-drm/pull/54
        """
        kernel = self.put("k/kernel", spec("kernel", 1200060,
                                           "functions: [printf]"))
        self.put("k/firmware.ko", module(
            1200060, "firmware").replace("functions: [", "functions: ["
                                         "{name: firmware_get, bind: local}, "))
        self.put("k/lkpi.ko", module(1200060, "lkpi", call("firmware_get")))
        remedy = ("firmware.ko (interface firmware 1) has it: "
                  "MODULE_DEPEND(lkpi, firmware, 1, 1, 1) is missing")
        self.says(self.load(REFUSED, "k/kernel", "lkpi"), "undefined-symbol",
                  "k/" + remedy)
        self.says(self.load(REFUSED, kernel, "firmware", "lkpi"),
                  "undefined-symbol", "; " + remedy)
        self.put("k/lkpi.ko", module(
            1200060, "lkpi", call("firmware_get"),
            "depends: [{name: firmware, minimum: 1}]"))
        self.load(OK, kernel, "lkpi")

    def test_name_of_file_differs(self):
        """The file has another name than the interface, and kldxref never ran.

        https://bugs.freebsd.org/274388
        """
        for version in 0, 1:
            name = f"v{version}"
            self.put(f"{name}/kernel", spec("kernel", 1400097))
            self.put(f"{name}/geom_map.ko",
                     module(1400097, "g_map", version=version))
            self.put(f"{name}/card.ko", module(
                1400097, "card", f"depends: [{{name: g_map, minimum: {version}, "
                f"preferred: {version}, maximum: {version}}}]"))
            provides = (f"{name}/geom_map.ko provides g_map {version}, but "
                        f"{name} has no linker.hints")
            for words in [], ["--preload-dependencies"]:
                self.says(self.load(REFUSED, *words, f"{name}/kernel", "card"),
                          "dependency", provides,
                          f"the name differs: run kldxref {name}",
                          "or load geom_map.ko first")
            self.says(self.load(REFUSED, f"{name}/kernel", "g_map"),
                      "file-not-found", provides, "or ask for geom_map.ko")
            self.load(OK, f"{name}/kernel", "geom_map.ko", "card")
            self.assertEqual(cli.run("hints", name, cwd=self.tmp).status, OK)
            self.load(OK, f"{name}/kernel", "card")

    def test_two_files_with_one_interface(self):
        """The first folder wins, and its file lacks the symbol.

        https://github.com/FreeBSDDesktop/kms-drm/issues/164
        """
        def drm(folder, symbol, version=1):
            self.put(f"{folder}/drm.ko", module(
                1200518, "drmn", version=version).replace(
                    "functions: [", f"functions: [{{name: {symbol}, bind: local}}, "))

        def port(version):
            self.put("port/i915.ko", module(
                1200518, "i915", call("drm_atomic_commit"),
                f"depends: [{{name: drmn, minimum: {version}}}]"))
            drm("port", "drm_atomic_commit", version)
            self.assertEqual(cli.run("hints", "base", "port",
                                     cwd=self.tmp).status, OK)

        self.put("base/kernel", spec("kernel", 1200518))
        drm("base", "drm_old")
        port(1)
        command = "-p", "base;port", "base/kernel"
        self.says(self.load(REFUSED, *command, "port/i915.ko"),
                  "undefined-symbol", "dependency drmn was met by base/drm.ko; "
                  "port/drm.ko provides drmn too and defines "
                  "drm_atomic_commit: load it first")
        # A check keeps the order that it is given.
        done = cli.run("check", "-v", *command, "port/i915.ko", cwd=self.tmp)
        self.assertEqual(done.status, REFUSED)
        self.assertIn("dependency drmn was met by base/drm.ko; port/drm.ko "
                      "provides drmn too and defines drm_atomic_commit: load "
                      "it first", done.out)
        self.load(OK, *command, "port/drm.ko", "port/i915.ko")
        self.says(self.load(REFUSED, *command, "base/drm.ko", "port/i915.ko"),
                  "undefined-symbol", "unload drm.ko and load the other")
        port(2)
        self.says(self.load(REFUSED, *command, "base/drm.ko", "port/i915.ko"),
                  "dependency", "base/drm.ko) provides 1",
                  "port/drm.ko provides drmn 2, but a file of that name is "
                  "loaded", "unload that one first")

    def test_beside_the_module(self):
        """What lies beside a MODULE is in sight, though on nobody's path."""
        self.put("k/kernel", spec("kernel", 1200060))
        self.put("ports/lib.ko", module(1200060, "lib").replace(
            "functions: [", "functions: [lib_open, "))
        self.put("ports/a.ko", module(1200060, "a", call("lib_open")))
        self.put("ports/b.ko", module(
            1200060, "b", "depends: [{name: lib, minimum: 1}]"))
        self.says(self.load(REFUSED, "k/kernel", "ports/a.ko"),
                  "undefined-symbol", "ports/lib.ko (interface lib 1) has it: "
                  "MODULE_DEPEND(a, lib, 1, 1, 1)", "its folder is not one of "
                  "kern.module_path, so that it has to be loaded first")
        self.says(self.load(REFUSED, "k/kernel", "ports/b.ko"), "dependency",
                  "ports/lib.ko provides lib 1, but its folder is not one of "
                  "kern.module_path: load it first, by its path")
        self.load(OK, "k/kernel", "ports/lib.ko", "ports/b.ko")
        self.put("ports/a.ko", module(
            1200060, "a", call("lib_open"),
            "depends: [{name: lib, minimum: 1}]"))
        self.load(OK, "k/kernel", "ports/lib.ko", "ports/a.ko")

    def test_where_the_kernel_is(self):
        """Its folder is ".", whose files have no folder in front."""
        self.put("kernel", spec("kernel", 1200060))
        self.put("liba.ko", module(1200060, "lib"))
        self.put("b.ko", module(1200060, "b",
                                "depends: [{name: lib, minimum: 1}]"))
        self.says(self.load(REFUSED, "kernel", "b"), "dependency",
                  "run kldxref ., or load liba.ko first")

    def test_packed(self):
        """What the boot loader alone unpacks."""
        kernel = self.put("k/kernel", spec("kernel", 1200060))
        lib = self.put("k/lib.ko", module(1200060, "lib"))
        (self.tmp / "k/lib.ko.gz").write_bytes(gzip.compress(lib.read_bytes()))
        lib.unlink()
        self.put("k/b.ko", module(1200060, "b",
                                  "depends: [{name: lib, minimum: 1}]"))
        for name, code in ("lib", "file-not-found"), ("b", "dependency"):
            self.says(self.load(REFUSED, kernel, name), code,
                      f"{lib}.gz is there, which the boot loader alone "
                      "unpacks: run gunzip -k")

    def test_option_gone(self):
        """Names of a part that the kernel lacks.

        https://github.com/albb0920/aqtion-freebsd-aq2/issues/12
        """
        self.put("k/kernel", spec(
            "kernel", 1500068, "functions: [printf, rss_hash_pbuf]"))
        self.put("nic.ko", module(1500068, "nic", call("rss_getkey")))
        document = self.load(REFUSED, "k/kernel", "./nic.ko")
        self.says(document, "undefined-symbol", "no file of k exports "
                  "rss_getkey; near names in the kernel: rss_hash_pbuf")
        self.says(document, "kbi-option", "options RSS")

    def test_misspelt_in_check(self):
        """A WHAT that is no file is a name, as kldload(2) takes it."""
        self.put("k/kernel", spec("kernel", 1200518))
        self.put("k/fx_hello.ko", module(1200518, "fx_hello"))
        done = cli.run("check", "k/kernel", "fx_helo", "fx_hello",
                       cwd=self.tmp)
        self.assertEqual(done.status, REFUSED)
        self.assertRegex(done.out, "(?m)^fx_helo +refused ENOENT +refused "
                         "ENOENT$")
        self.assertIn("near names: fx_hello (in k/fx_hello.ko)", done.out)
        self.assertRegex(done.out, "(?m)^fx_hello +ok +ok$")

    def test_misspelt(self):
        """What was taken for what, and where it was looked for."""
        kernel = BOOT / "kernel/kernel"
        self.says(self.load(REFUSED, kernel, "fx_helo"), "file-not-found",
                  "fx_helo.ko", "linker.hints", str(BOOT / "kernel"),
                  f"near names: fx_hello (in {BOOT}/kernel/fx_hello.ko)")
        self.says(self.load(REFUSED, kernel, BOOT / "kernel/fx_helo.ko"),
                  "file-not-found", "near names: fx_hello (in ")
        self.says(self.load(REFUSED, kernel, "fx_helo.ko"),
                  "file-not-found", "near names: fx_hello (in ")
        self.says(self.load(REFUSED, kernel, BOOT / "kernel/fx_hello"),
                  "file-not-found", "fx_hello.ko is there")
        self.says(self.load(REFUSED, "-p", "a:b", kernel, "fx_hello"),
                  "file-not-found", 'kern.module_path is "a:b"', "';', not ':'")
        self.says(self.load(REFUSED, "-p", "a;b", kernel, "fx_hello"),
                  "file-not-found", "there is no folder a")
        (self.tmp / "gone.ko").symlink_to("nowhere.ko")
        self.says(self.load(REFUSED, kernel, "./gone.ko"), "file-not-found",
                  "symbolic link that leads to nothing")

    def test_other_machines(self):
        """Names, not only numbers."""
        arm64 = cli.FIXTURES / "arm64/boot/kernel"
        self.says(self.load(REFUSED, BOOT / "kernel/kernel",
                            arm64 / "fx_hello.ko"), "file-format",
                  "AArch64 (arm64)", "x86-64 (amd64)")
        self.says(self.load(REFUSED, arm64 / "kernel",
                            BOOT / "kernel/fx_hello.ko"), "file-format",
                  "x86-64 (amd64)", "AArch64 (arm64)")

    def test_other_release(self):
        """K-33, M-11: by the releases' names as well."""
        self.says(self.load(REFUSED, BOOT / "kernel-14/kernel",
                            BOOT / "kernel/fx_hello.ko"), "dependency",
                  "built for another release", "FreeBSD 12.1", "FreeBSD 14.0")

    def test_strict(self):
        kernel, hello = BOOT / "kernel/kernel", BOOT / "kernel/fx_hello.ko"
        self.load(OK, "--strict", kernel, hello)
        done = cli.run("load", "-q", "--strict", kernel,
                       BOOT / "kernel/fx_vnet.ko")
        self.assertEqual(done.status, REFUSED)
        self.assertRegex(done.err, r"^kldsim: --strict: \d warnings?\n$")
        # What was refused, or a note, is as it is without.
        self.load(REFUSED, "--strict", kernel, BOOT / "kernel/fx_undef.ko")
        document = self.load(OK, "--strict", kernel, BOOT / "kernel/fx_ifunc.ko")
        self.says(document, "ifunc-unanswered", refusal=False)
        document = self.play("expect ENOEXEC kldload fx_undef\nkldload fx_hello\n",
                             kernel, "--strict")
        self.assertEqual(document["exit_status"], OK)
        document = self.play("kldload fx_hello\nkldload fx_vnet\nkldstat\n",
                             kernel, "--strict")
        self.assertEqual(document["exit_status"], REFUSED)
        self.assertEqual([command["status"] for command in
                          document["commands"]], ["ok", "unmet", "not tried"])

    def test_one_note_of_ifuncs(self):
        """However many resolvers there are, it is one note a load."""
        document = self.load(OK, BOOT / "kernel/kernel", "fx_ifunc", "fx_hello")
        notes = [finding for finding in document["findings"]
                 if finding["code"] == "ifunc-unanswered"]
        self.assertEqual(len(notes), 1, notes)
        self.assertIn("fx_ifunc.ko:fx_hash", notes[0]["text"])


if __name__ == "__main__":
    unittest.main()
