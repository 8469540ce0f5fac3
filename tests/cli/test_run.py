# SPDX-License-Identifier: BSD-2-Clause
"""kldsim run with the real library: every command, every way to end.

What is printed is compared with what FreeBSD's programs print (K-40 to K-43);
addresses come from kldsim load's JSON or from other commands.
"""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

import cli
from cli import HOST, OK, PANIC, REFUSED, USAGE
from sample import FULL

BOOT = cli.FIXTURES / "boot"
KERNEL = BOOT / "kernel/kernel"
KERNEL_15 = BOOT / "kernel-15/kernel"
HEADER = "Id Refs Address                Size Name"


def spoil_symbol_names(path, to):
    """A copy in which the last symbol's name is outside the string table."""
    data = bytearray(path.read_bytes())
    table, count = struct.unpack_from("<Q", data, 40)[0], \
        struct.unpack_from("<H", data, 60)[0]
    for i in range(count):
        at = table + 64 * i
        if struct.unpack_from("<I", data, at + 4)[0] == 2:  # SHT_SYMTAB
            offset, size = struct.unpack_from("<QQ", data, at + 24)
            struct.pack_into("<I", data, offset + size - 24, 0x7fffff00)
    to.write_bytes(data)


class Run(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name)

    def run_file(self, script, *options, kernel=KERNEL, modules=(), **more):
        path = self.tmp / "s"
        path.write_bytes(script if isinstance(script, bytes)
                         else script.encode())
        return cli.run("run", *options, "s", kernel, *modules, cwd=self.tmp,
                       **more)

    def play(self, script, *options, status=OK, **more):
        """Standard output of a script that ends so, and without a message
        if it ends well."""
        done = self.run_file(script, *options, **more)
        self.assertEqual(done.status, status, done.err + done.out)
        if status == OK:
            self.assertEqual(done.err, "")
        return done.out

    def fails(self, status, script, message, *options, **more):
        """The first line on standard error, whole."""
        done = self.run_file(script, *options, **more)
        self.assertEqual(done.status, status, done.err + done.out)
        self.assertEqual(done.err.splitlines()[0], message)
        return done

    def one_line(self, script, *options):
        return self.play(script, *options).splitlines()[-1]

    def address(self, script, *options):
        return int(self.one_line(script, *options), 16)


class Files(Run):
    """kldload, kldunload, kldstat, kldfind, kldsym, modstat."""

    def test_kldload(self):
        """K-03, K-40."""
        ko = BOOT / "kernel/fx_hello.ko"
        for name in "fx_hello", "fx_hello.ko", str(ko):
            with self.subTest(name):
                self.assertEqual(self.play(f"kldload {name}"), "")
                self.assertEqual(self.play(f"kldload -v {name}"),
                                 f"Loaded {name}, id=2\n")

    def test_kldload_again(self):
        """K-40: EEXIST has a text of its own, and none with -n."""
        text = ("kldload: can't load fx_hello: module already loaded or in "
                "kernel")
        self.assertEqual(
            self.play("kldload fx_hello\nexpect EEXIST kldload fx_hello"),
            text + "\n")
        self.assertEqual(
            self.play("kldload fx_hello\nkldload -n fx_hello"), "")
        self.assertEqual(
            self.play("kldload fx_hello\nkldload -nv fx_hello"),
            "fx_hello is already loaded\n")
        self.fails(REFUSED, "kldload fx_hello\n\nkldload fx_hello",
                   f"s:3: {text} (EEXIST)")

    def test_kldload_options(self):
        """K-40: of -q and -v the last one wins."""
        self.assertEqual(self.play("kldload -vq fx_hello"), "")
        self.assertEqual(self.play("kldload -q -v fx_hello"),
                         "Loaded fx_hello, id=2\n")
        self.assertEqual(self.play("kldload -q -- fx_hello"), "")

    def test_kldload_refused(self):
        """K-40: ENOEXEC has a text of its own, others strerror's."""
        done = self.fails(
            REFUSED, "kldload fx_undef",
            "s:1: kldload: an error occurred while loading module fx_undef. "
            "Please check dmesg(8) for more details. (ENOEXEC)")
        console, undefined = [
            [line for line in done.err.splitlines() if words in line]
            for words in ("s:1: console: ", "[undefined-symbol ")]
        self.assertEqual(len(console), 2)
        self.assertEqual(len(undefined), 4)
        self.fails(REFUSED, "kldload fx_nowhere",
                   "s:1: kldload: can't load fx_nowhere: No such file or "
                   "directory (ENOENT)")
        self.fails(REFUSED, f"kldload {1030 * 'x'}",
                   f"s:1: kldload: can't load {1030 * 'x'}: File name too "
                   "long (ENAMETOOLONG)")

    def test_kldload_in_current_directory(self):
        """K-40: what lies here is loaded from the module path, or not."""
        shutil.copy(BOOT / "kernel/fx_hello.ko", self.tmp / "other.ko")
        shutil.copy(BOOT / "kernel/fx_hello.ko", self.tmp / "fx_hello.ko")
        self.fails(REFUSED, "kldload other.ko",
                   "s:1: kldload: other.ko is not in the module path "
                   "(ENOENT)")
        self.assertEqual(
            self.play("kldload fx_hello.ko"),
            f"kldload: fx_hello.ko will be loaded from {BOOT}/kernel, not "
            "the current directory\n")
        self.assertEqual(self.play("kldload -q fx_hello.ko"), "")
        self.assertEqual(self.play("kldload fx_hello"), "")
        self.assertEqual(
            self.play("kldload other.ko", "-p", f"/;;{self.tmp}"), "")
        # With a slash it is a path, from the current directory.
        self.assertEqual(self.play("kldload ./other.ko\nkldfind other"),
                         "2\n")

    def test_kldunload(self):
        """K-41."""
        self.assertEqual(
            self.play("kldload fx_hello\nkldunload -v fx_hello.ko\n"
                      "kldload fx_hello\nkldunload -v -i 2\n"
                      "kldload fx_hello\nkldunload -f fx_hello\n"
                      "kldload fx_hello\nkldunload -n fx_hello\nkldstat"
                      ).splitlines()[:2],
            ["Unloading fx_hello.ko, id=2", "Unloading fx_hello.ko, id=2"])

    def test_kldunload_refused(self):
        """K-41, U-01, U-02, U-10."""
        missing = "No such file or directory"
        for line, text in [
                # 14.1 says so, github.com/pgj/freebsd-wifibox/issues/136.
                ("kldunload fx_no", "can't find file fx_no (ENOENT)"),
                ("kldunload -i 7", f"can't unload file: {missing} (ENOENT)"),
                ("kldunload -iv 7", f"can't stat file: {missing} (ENOENT)"),
                ("kldunload -i -- -5", "Invalid ID (null) (EINVAL)"),
                ("kldunload -i x", f"can't unload file: {missing} (ENOENT)")]:
            with self.subTest(line):
                self.fails(REFUSED, line, f"s:1: kldunload: {text}")
        self.fails(REFUSED, "kldunload kernel",
                   "s:1: kldunload: can't unload file: Device busy (EBUSY)",
                   kernel=KERNEL_15)
        script = ("kldload fx_hello\nanswer fx_hello quiesce EBUSY\n"
                  "expect EBUSY kldunload fx_hello\nkldunload -f fx_hello")
        self.assertEqual(self.play(script),
                         "kldunload: can't unload file: Device busy\n")

    def test_kldstat(self):
        """K-42: the table is that of kldsim load."""
        files = cli.run("load", "--json", KERNEL, "fx_pcpu", "fx_vnet").json()
        rows = [HEADER, *(
            "%2d %4d %18s %8x %s" % (file["id"], file["refs"],
                                     file["address"], file["size"],
                                     file["name"])
            for file in files["files"])]
        load = "kldload fx_pcpu\nkldload fx_vnet\n"
        self.assertEqual(self.play(load + "kldstat"), "\n".join(rows) + "\n")
        self.assertEqual(self.play(load + "kldstat -i 3"),
                         f"{rows[0]}\n{rows[3]}\n")
        self.assertEqual(self.play(load + "kldstat -n fx_pcpu"),
                         f"{rows[0]}\n{rows[2]}\n")
        self.assertEqual(self.play(load + "kldstat -i 0"),
                         "\n".join(rows) + "\n")

    def test_kldstat_verbose(self):
        """K-42, L-12."""
        out = self.play("kldload fx_hello\nkldstat -v -n fx_hello.ko")
        head, row, *modules = out.splitlines()
        self.assertEqual(head, HEADER)
        self.assertTrue(row.endswith(
            f" fx_hello.ko ({BOOT}/kernel/fx_hello.ko)"), row)
        self.assertEqual(modules[:2],
                         ["\tContains modules:", "\t\t Id Name"])
        self.assertRegex(modules[2], r"^\t\t  \d fx_hello$")
        self.assertEqual(len(modules), 3)
        self.assertIn(" kernel (/boot/kernel/kernel)\n\tContains modules:\n",
                      self.play("kldstat -v"))

    def test_kldstat_module(self):
        out = self.play("kldload fx_hello\nkldstat -m fx_hello\n"
                        "modstat fx_hello\nkldstat -q -m fx_hello\n"
                        "kldstat -q -n fx_hello")
        self.assertRegex(out, r"^Id  Refs Name\n  (\d)    1 fx_hello\n"
                         r"Id  Refs Name\n  \1    1 fx_hello\n$")

    def test_kldstat_refused(self):
        missing = "No such file or directory (ENOENT)"
        for line, text in [
                ("kldstat -m no", "kldstat: can't find module no: "),
                ("kldstat -n no", "kldstat: can't find file no: "),
                ("kldstat -i 9", "kldstat: can't stat file id 9: "),
                ("modstat no", "modstat: can't find module no: "),
                ("kldfind no", "kldfind: no: "),
                ("kldsym no", "kldsym: no: "),
                ("kldsym no main", "kldsym: no: "),
                ("kldsym fx_hello nothing", "kldsym: nothing: ")]:
            with self.subTest(line):
                self.fails(REFUSED, "kldload fx_hello\n" + line,
                           f"s:2: {text}{missing}")

    def test_ddb_kldstat(self):
        """K-43; files that are not linked: unit/ddb/test_inspect_ddb.c."""
        out = self.play("kldload fx_hello\nddb kldstat")
        self.assertRegex(out, r"(?m)^Id Refs Address {12}Size     Name$")
        self.assertRegex(
            out, r"(?m)^ 2    1 0x[0-9a-f]{16} [0-9a-f]{1,8} +fx_hello\.ko$")

    def test_kldfind_and_kldsym(self):
        """L-09, K-46."""
        out = self.play("kldload fx_vnet\nkldfind fx_vnet\nkldfind kernel\n"
                        "kldfind /any/where/fx_vnet.ko\n"
                        "kldsym vnet_entry_fx_unit\n"
                        "kldsym fx_vnet vnet_entry_fx_unit\n"
                        "expect ENOENT kldsym kernel vnet_entry_fx_unit\n")
        lines = out.splitlines()
        self.assertEqual(lines[:3], ["2", "1", "2"])
        self.assertRegex(lines[3], r"^0x[0-9a-f]{16} 2 vnet_entry_fx_unit$")
        self.assertEqual(lines[4], lines[3])
        self.assertEqual(lines[5], "kldsym: vnet_entry_fx_unit: No such file "
                         "or directory")


class Memory(Run):
    """print, x, sym, set, vnet."""

    def test_where_does_it_live_in_vnet_3(self):
        """B-11, B-13, A-32: address and contents of V_foo in vnet 3."""
        document = cli.run("load", "--json", "-n", "4", KERNEL,
                           "fx_vnet").json()
        vnet = next(instance for instance in document["vnet"]["instances"]
                    if instance["id"] == 3)
        load = "kldload fx_vnet\n"
        symbol = int(self.one_line(load + "kldsym vnet_entry_fx_name")
                     .split()[0], 16)
        want = (symbol + int(vnet["base"], 16)) % 2**64
        self.assertEqual(self.address(
            load + "set $db_vnet 3\nprint fx_name", "-n", "4"), want)
        self.assertEqual(
            self.one_line(load + "set $db_vnet 3\nx fx_name 9", "-n", "4"),
            f"0x{want:x}  66 69 78 74 75 72 65 30 00" + 7 * "   " +
            "  |fixture0.|")

    def test_pointer_in_a_set(self):
        """A-32: a vnet that is made after the load has relocated pointers."""
        script = ("kldload fx_vnet\nvnet create\nset $db_vnet 1\n"
                  "x fx_output_fn 8\nprint fx_output")
        out = self.play(script).splitlines()
        self.assertEqual(out[0], "vnet1")
        low = bytes.fromhex("".join(out[1].split("  ")[1].split()))
        self.assertEqual(int.from_bytes(low, "little"), int(out[2], 16))

    def test_cpu(self):
        """B-11, B-12, A-21."""
        document = cli.run("load", "--json", "-c", "3", KERNEL,
                           "fx_pcpu").json()
        load = "kldload fx_pcpu\n"
        symbol = int(self.one_line(load + "kldsym pcpu_entry_fx_stats")
                     .split()[0], 16)
        addresses = []
        for cpu in "-1", "0", "1", "2":
            instance = document["dpcpu"]["instances"][max(int(cpu), 0)]
            address = self.address(
                load + f"set $db_cpu {cpu}\nprint fx_stats", "-c", "3")
            self.assertEqual(address,
                             (symbol + int(instance["base"], 16)) % 2**64)
            addresses.append(address)
        self.assertEqual(len(set(addresses)), 3)
        self.assertTrue(self.one_line(
            load + "set $db_cpu 2\nx fx_stats+8", "-c", "3").endswith(
                "  02 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00  "
                "|................|"))

    def test_plain_symbol_first(self):
        """B-11: pcpu_entry_NAME asked for by that name is the reference."""
        load = "kldload fx_vnet\n"
        plain = self.address(load + "print vnet_entry_fx_unit")
        self.assertEqual(
            self.one_line(load + "kldsym vnet_entry_fx_unit").split()[0],
            f"0x{plain:x}")
        self.assertNotEqual(plain, self.address(load + "print fx_unit"))

    def test_formats(self):
        """DDB's widths and bases."""
        self.assertEqual(
            self.play("print 0x1f\nprint/x 31\nprint/d 31\nprint/u 31\n"
                      "print/o 8\nprint/d 3-5\nprint/d $db_cpu\n"
                      "print $db_vnet\nprint/u 2-3\nprint/a 5"),
            "      1f\n      1f\n         31\n         31\n"
            "              10\n         -2\n         -1\n"
            "ffffffffffffffff\n18446744073709551615\n0x5\n")

    def test_expressions(self):
        self.assertEqual(self.play("print 1+2-0x3+4"), "       4\n")
        hz = self.address("print hz")
        self.assertEqual(self.address("print hz+0x10-1"), hz + 15)
        self.assertEqual(self.address("print 16+hz"), hz + 16)

    def test_verbose_tells_whose_it_is(self):
        out = self.play("kldload fx_vnet\nkldload fx_pcpu\n"
                        "set $db_cpu 1\nprint fx_unit\nprint fx_stats\n"
                        "print hz", "-v")
        self.assertRegex(out, r"(?m)^[0-9a-f]{16}\t\(vnet 0\)$")
        self.assertRegex(out, r"(?m)^[0-9a-f]{16}\t\(cpu 1\)$")
        self.assertRegex(out, r"(?m)^[0-9a-f]{16}$")

    def test_sym(self):
        """O-64."""
        self.assertEqual(
            self.play("kldload fx_hello\nsym hz\nsym hz+1\nprint/a hz+2"),
            "hz (kernel)\nhz+0x1 (kernel)\nhz+0x2\n")
        self.assertEqual(
            self.one_line("kldload fx_hello\nsym fx_hello_modevent+1"),
            "fx_hello_modevent+0x1 (fx_hello.ko)")
        self.fails(REFUSED, "sym 0x10",
                   "s:1: no symbol is near 0x10 (ENOENT)")

    def test_x(self):
        out = self.play("x version 40").splitlines()
        start = self.address("print version")
        self.assertEqual([line.split()[0] for line in out],
                         [f"0x{start + at:x}" for at in (0, 16, 32)])
        self.assertEqual(len(out[0]), len("0x") + 16 + 2 + 47 + 2 + 18)
        self.assertEqual(out[2].index("|"), out[0].index("|"))
        self.assertEqual(len(self.play("x version 1").splitlines()), 1)
        self.fails(REFUSED, "x 0x10", "s:1: *** error reading from address "
                   "10 *** (EFAULT)")
        end = self.fails(REFUSED, "x version 65536",
                         self.run_file("x version 65536").err.strip())
        bad = int(re.search(r"address ([0-9a-f]+)", end.err)[1], 16)
        self.assertGreater(bad, start)
        self.assertEqual(end.out, "")
        self.play(f"x {bad - 1:#x} 1")

    def test_not_found(self):
        self.fails(REFUSED, "print nothing",
                   "s:1: Symbol 'nothing' not found (ENOENT)")
        self.fails(REFUSED, "expect ok x fx_no+1",
                   "s:1: expected success, got ENOENT: Symbol 'fx_no' not "
                   "found")
        self.fails(REFUSED, "kldload fx_vnet\nset $db_vnet 3\nprint fx_unit",
                   "s:3: Symbol 'fx_unit': a fault on the way to it; is "
                   "there a vnet 3? (EFAULT)")

    def test_vnets(self):
        """A-32, A-33: the newest is first, numbers are not used again."""
        out = self.play("vnet create\nvnet create\nvnet destroy 1\n"
                        "vnet create\nvnet list")
        lines = out.splitlines()
        self.assertEqual(lines[:3], ["vnet1", "vnet2", "vnet3"])
        self.assertEqual([line.split(":")[0] for line in lines[3:]],
                         ["vnet3", "vnet2", "vnet0"])
        for line in lines[3:]:
            self.assertRegex(line, r"^vnet\d: data 0x[0-9a-f]+, "
                             r"vnet_data_base 0x[0-9a-f]+$")
        self.fails(REFUSED, "vnet destroy 0",
                   "s:1: vnet: vnet 0 is the host's and stays (EINVAL)")
        self.fails(REFUSED, "vnet destroy 4",
                   "s:1: vnet: there is no vnet 4 (ENOENT)")
        self.fails(REFUSED, "vnet create",
                   "s:1: vnet: this kernel is built without options VIMAGE "
                   "(EOPNOTSUPP)", kernel=BOOT / "kernel-novimage/kernel")
        self.assertEqual(self.play(
            "vnet list", kernel=BOOT / "kernel-novimage/kernel"), "")

    def test_initial_values(self):
        """A-40: an address; fx_vnet has 3 in fx_unit, a short."""
        script = "kldload fx_vnet\nvnet initial "
        late = {"kernel": BOOT / "kernel-15/kernel"}
        out = self.play(script + "vnet_entry_fx_unit", **late)
        address, rest = out.split(" ", 1)
        self.assertEqual(rest, "2 vnet_entry_fx_unit\n")
        out = self.play(f"kldload fx_vnet\nx {address} 2", **late)
        self.assertRegex(out, f"^{address}  03 00 ")
        self.fails(REFUSED, script + "vnet_entry_fx_unit",
                   "s:2: vnet: this kernel keeps no initial values "
                   "(EOPNOTSUPP)")
        self.fails(REFUSED, script + "printf",
                   "s:2: vnet: printf is not a variable of vnets (EINVAL)",
                   **late)
        self.fails(REFUSED, script + "nothing",
                   "s:2: vnet: nothing: No such file or directory (ENOENT)",
                   **late)


class Records(Run):
    """expect, expect-console, console, events, answer."""

    def test_expect(self):
        for line in ("expect ENOENT kldload no", "expect 0 kldload fx_hello",
                     "expect ok kldload fx_hello"):
            self.play(line)
        self.fails(REFUSED, "kldstat\nexpect ENOEXEC kldload no",
                   "s:2: expected ENOEXEC, got ENOENT: kldload: can't load "
                   "no: No such file or directory")
        self.fails(REFUSED, "expect ENOENT kldload fx_hello",
                   "s:1: expected ENOENT, got success")
        done = self.fails(REFUSED, "expect 0 kldload fx_undef",
                          "s:1: expected success, got ENOEXEC: kldload: an "
                          "error occurred while loading module fx_undef. "
                          "Please check dmesg(8) for more details.")
        self.assertIn("s:1: console: ", done.err)

    def test_stops_at_the_first(self):
        done = self.fails(REFUSED, "kldfind kernel\nkldfind no\nkldfind no2",
                          "s:2: kldfind: no: No such file or directory "
                          "(ENOENT)")
        self.assertEqual(done.out, "1\n")
        self.assertEqual(len(done.err.splitlines()), 1)

    def test_console(self):
        load = "expect ENOEXEC kldload fx_undef\n"
        lines = self.play(load + "console").splitlines()
        self.assertRegex(lines[1], "^link_elf_obj: symbol .* undefined$")
        self.play(load + f"expect-console '{lines[1]}'\n"
                  "expect-console undefined\nconsole\n"
                  "expect-console \"unsupported file type\"")
        done = self.fails(REFUSED, load + "expect-console nonsense",
                          "s:2: the last command printed no console line "
                          "with \"nonsense\"")
        self.assertEqual(done.err.splitlines()[1],
                         f"s:2: console: {lines[1]}")
        # Another command in between is the last one then.
        self.fails(REFUSED, load + "kldstat\nexpect-console undefined",
                   "s:3: the last command printed no console line with "
                   "\"undefined\"")
        self.assertEqual(self.play("kldload fx_hello\nconsole"), "")

    def test_events(self):
        """M-22, A-36, U-10: in the order in which they would happen."""
        out = self.play("kldload fx_vnet\nevents", "-n", "2").splitlines()
        self.assertIn("MOD_LOAD fx_vnet fx_vnet_modevent(0x0) of fx_vnet.ko",
                      out)
        self.assertEqual(
            [line.rsplit(" ", 1)[1] for line in out
             if line.startswith("VNET_SYSINIT ")], ["vnet1", "vnet0"])
        self.assertEqual(out[-1], "KLD_LOAD of fx_vnet.ko")  # L-14
        for line in out[:-1]:
            self.assertRegex(
                line, r"^((VNET_)?SYSINIT 0x[0-9a-f]{7} 0x[0-9a-f]{7} |"
                r"MOD_LOAD fx_vnet )\w+\(0x[0-9a-f]+\) of fx_vnet\.ko"
                r"( in vnet\d)?$")
        kinds = [line.split()[0] for line in self.play(
            "kldload fx_vnet\nkldunload fx_vnet\nevents").splitlines()]
        self.assertEqual(
            kinds[:3], ["KLD_UNLOAD_TRY", "MOD_QUIESCE", "MOD_UNLOAD"])
        self.assertEqual(kinds[-1], "KLD_UNLOAD")
        self.assertIn("VNET_SYSUNINIT", kinds)
        self.assertEqual(self.play("kldload fx_vnet\nkldstat -q -n kernel\n"
                                   "events"), "")
        self.assertRegex(
            self.play("kldload fx_vnet\nvnet create\nevents"),
            r"(?m)^VNET_SYSINIT .* of fx_vnet\.ko in vnet1$")

    def test_answer(self):
        """M-21, U-10: what the kernel does with a handler's errno."""
        out = self.play("answer fx_hello load ENXIO\n"
                        "expect ENOEXEC kldload fx_hello\nevents\n"
                        "expect-console 'error 6'\n"
                        "answer fx_hello load 0\nkldload fx_hello\n"
                        "answer fx_hello unload EBUSY\n"
                        "expect EBUSY kldunload -f fx_hello\n"
                        "answer fx_hello unload ok\nkldunload fx_hello\n"
                        "answer fx_hello shutdown EIO\n")
        self.assertRegex(out, r"(?m)^MOD_LOAD fx_hello .* answers ENXIO$")

    def test_every_errno(self):
        """By name, by a second name, or by number: ENODEV is 19."""
        for errno, name, number in [
                ("ENODEV", "ENODEV", 19), ("19", "ENODEV", 19),
                ("EINTEGRITY", "EINTEGRITY", 97), ("ENOTSUP", "EOPNOTSUPP", 45),
                ("ERESTART", "ERESTART", -1), ("-3", "ENOIOCTL", -3)]:
            with self.subTest(errno):
                out = self.play(f"answer fx_hello load {errno}\n"
                                "expect 8 kldload fx_hello\nevents\n"
                                f"expect-console 'error {number}'\n")
                self.assertRegex(
                    out, rf"(?m)^MOD_LOAD fx_hello .* answers {name}$")
        out = self.play("answer fx_hello unload EAUTH\nkldload fx_hello\n"
                        "expect 80 kldunload fx_hello")
        self.assertIn("can't unload file: Authentication error", out)

    def test_answer_from_the_start(self):
        """--answer is as answer, but for booting, too."""
        self.play("expect-console 'error 19'\nexpect EBUSY kldunload fx_pcpu",
                  "--preload", "--answer", "fx_hello:load=ENODEV",
                  "--answer=fx_pcpu:unload=16", modules=["fx_hello", "fx_pcpu"])

    def test_refused_preload(self):
        """The run is no success, whatever the scenario does; unless it
        says what booting has printed."""
        self.fails(REFUSED, "kldstat", "s:0: fx_undef is refused as a "
                   "preload (ENOENT)", "--preload",
                   modules=["fx_hello", "fx_undef"])
        self.fails(REFUSED, "", "s:0: fx_nosuch is refused as a preload "
                   "(ENOENT)", "--preload-dependencies",
                   modules=["fx_nosuch"])
        expected = "expect-console 'could not finalize'\nkldfind fx_hello"
        self.play(expected, "--preload", modules=["fx_undef", "fx_hello"])
        document = json.loads(self.run_file(
            "kldstat", "--preload", "--json", modules=["fx_undef"]).out)
        self.assertEqual(document["exit_status"], REFUSED)
        self.assertEqual(document["commands"][0]["status"], "not tried")

    def test_mac(self):
        """K-47, K-20: each class has the policy's answer for its error."""
        self.assertEqual(
            self.play("mac EPERM\nexpect ENOEXEC kldload fx_hello\n"
                      "mac ok\nkldload fx_hello\nkldfind fx_hello")
            .splitlines()[-1], "2")

    def test_raise(self):
        """L-15: above 0 nothing is loaded or unloaded."""
        self.assertEqual(
            self.play("raise fx_hello load 1\nkldload fx_hello\n"
                      "sysctl kern.securelevel\n"
                      "expect EPERM kldunload fx_hello"),
            "kern.securelevel: 1\n"
            "kldunload: can't unload file: Operation not permitted\n")

    def test_boot_comes_first(self):
        """Before the first command the last one is booting."""
        shown = cli.run("load", "--json", KERNEL).json()["console"]
        self.assertEqual(self.play("console").splitlines(), shown)
        events = self.play("events").splitlines()
        self.assertEqual(self.play("events\nconsole\nevents").splitlines(),
                         events + shown + events)


class Scripts(Run):
    """The form of a script, and how the run ends."""

    def test_words(self):
        self.assertEqual(
            self.play("# a comment\n\n  \t kldfind\tkernel # another\r\n"
                      "kldfind 'ker'\"nel\"\n'kldfind' \"kernel\" #x\n"
                      "kldfind kernel"), "1\n1\n1\n1\n")
        self.fails(REFUSED, "kldfind 'a b#c\"d' # x",
                   "s:1: kldfind: a b#c\"d: No such file or directory "
                   "(ENOENT)")
        self.fails(REFUSED, "kldfind a#b\\n",
                   "s:1: kldfind: a#b\\n: No such file or directory "
                   "(ENOENT)")
        self.fails(REFUSED, "kldfind ''",
                   "s:1: kldfind: : No such file or directory (ENOENT)")

    def test_empty(self):
        for script in "", "\n", "#", "\n\n # x\n\n":
            self.assertEqual(self.play(script), "")

    def test_a_word_too_many(self):
        """As a rule it is a path with a blank in it."""
        done = self.fails(USAGE, "kldload my\\ dir/a.ko",
                          "s:1: usage: kldload [-nqv] NAME|PATH")
        self.assertIn("s:1: dir/a.ko is one word too many; a word with "
                      "blanks goes between quotes\n", done.err)

    def test_makes_no_sense(self):
        """Found before anything is played, if words tell."""
        for line, message in [
                ("frobnicate", "there is no command frobnicate"),
                ("''", "there is no command "),
                ("vnet", "there is no command vnet"),
                ("vnet frob", "there is no command vnet frob"),
                ("set $x 1", "there is no command set $x"),
                ("kldload/x a", "there is no command kldload/x"),
                ("print/z hz", "there is no command print/z"),
                ("print/xx hz", "there is no command print/xx"),
                ("print/ hz", "there is no command print/"),
                ("expect ENOENT nothing", "there is no command nothing"),
                ("kldload", "usage: kldload [-nqv] NAME|PATH"),
                ("kldload a b", "usage: kldload [-nqv] NAME|PATH"),
                ("kldload -x a", "usage: kldload [-nqv] NAME|PATH"),
                ("kldload -: a", "usage: kldload [-nqv] NAME|PATH"),
                ("kldload -n", "usage: kldload [-nqv] NAME|PATH"),
                ("kldunload", "usage: kldunload [-fnv] NAME | kldunload -i "
                 "[-fnv] ID"),
                ("kldunload -i -5", "usage: kldunload [-fnv] NAME | "
                 "kldunload -i [-fnv] ID"),
                ("kldstat x", "usage: kldstat [-qv] [-i ID] [-n FILE] "
                 "[-m MODULE]"),
                ("kldstat -i", "usage: kldstat [-qv] [-i ID] [-n FILE] "
                 "[-m MODULE]"),
                ("kldfind", "usage: kldfind NAME"),
                ("kldsym", "usage: kldsym [FILE] NAME"),
                ("kldsym a b c", "usage: kldsym [FILE] NAME"),
                ("modstat", "usage: modstat NAME"),
                ("vnet destroy", "usage: vnet destroy N"),
                ("vnet create 1", "usage: vnet create"),
                ("vnet list 1", "usage: vnet list"),
                ("print", "usage: print[/x|/d|/u|/o|/a] EXPR"),
                ("x", "usage: x EXPR [BYTES, at most 65536]"),
                ("sym", "usage: sym EXPR"),
                ("set $db_cpu", "usage: set $db_cpu CPU|-1"),
                ("ddb kldstat x", "usage: ddb kldstat"),
                ("answer a load", "usage: answer MODULE load|unload|quiesce|"
                 "shutdown ERRNO"),
                ("expect ENOENT", "usage: expect ERRNO COMMAND"),
                ("expect 0 expect 0 kldstat", "usage: expect ERRNO COMMAND"),
                ("expect 0 kldload", "usage: kldload [-nqv] NAME|PATH"),
                ("expect-console", "usage: expect-console TEXT"),
                ("console x", "usage: console"),
                ("events x", "usage: events"),
                ("kldfind 'a", "a quote is not closed"),
                ("kldfind \"a'", "a quote is not closed")]:
            with self.subTest(line):
                done = self.fails(USAGE, f"kldstat\n\n{line}\nkldstat",
                                  f"s:3: {message}")
                self.assertEqual(done.out, "")

    def test_makes_no_sense_later(self):
        for line, message in [
                ("expect EFOO kldstat", "unknown errno EFOO"),
                ("expect E? kldstat", "unknown errno E?"),
                ("expect 98 kldstat", "unknown errno 98"),
                ("kldstat -i x", "usage: kldstat "),
                ("kldstat -i -1", "usage: kldstat "),
                ("kldstat -i 2147483648", "usage: kldstat "),
                ("vnet destroy x", "usage: vnet destroy N"),
                ("vnet destroy 4294967296", "usage: vnet destroy N"),
                ("print hz+", "usage: print"),
                ("print +hz", "usage: print"),
                ("print hz*2", "usage: print"),
                ("print ''", "usage: print"),
                ("print 0x", "usage: print"),
                ("print 1x", "usage: print"),
                ("print 0x10000000000000000", "usage: print"),
                ("x hz 0", "usage: x "),
                ("x hz 65537", "usage: x "),
                ("x hz y", "usage: x "),
                ("sym '1 b'", "usage: sym "),
                ("set $db_cpu 2", "usage: set $db_cpu CPU|-1"),
                ("set $db_cpu -2", "usage: set $db_cpu CPU|-1"),
                ("set $db_cpu 0x", "usage: set $db_cpu CPU|-1"),
                ("set $db_vnet 2147483648", "usage: set $db_vnet VNET|-1"),
                ("set $db_vnet -0", "usage: set $db_vnet VNET|-1"),
                ("answer a lod 0", "usage: answer "),
                ("answer a load EFOO", "unknown errno EFOO"),
                ("answer a unload ERESTART",
                 "ERESTART is an answer to MOD_LOAD only"),
                ("raise a lod 1", "usage: raise "),
                ("raise a load -1", "usage: raise "),
                ("mac EFOO", "unknown errno EFOO"),
                ("mac -1", "-1 is an answer to MOD_LOAD only")]:
            with self.subTest(line):
                done = self.run_file(f"kldfind kernel\n{line}\nkldstat")
                self.assertEqual(done.status, USAGE)
                self.assertTrue(done.err.startswith(f"s:2: {message}"),
                                done.err)
                self.assertEqual(done.out, "1\n")

    def test_hostile(self):
        self.fails(USAGE, b"kldstat\nkld\0stat\n", "s:2: there is a NUL byte")
        self.fails(USAGE, b"\0", "s:1: there is a NUL byte")
        self.fails(USAGE, b"#\n#\0\n", "s:2: there is a NUL byte")
        self.fails(USAGE, b"kldfind \xff\x1b[2J\nfoo\xff",
                   "s:2: there is no command foo\\xff")
        self.fails(REFUSED, b"kldfind \xff\x1b[2J",
                   "s:1: kldfind: \\xff\\x1b[2J: No such file or directory "
                   "(ENOENT)")
        big = 1 << 20
        for script, status in [
                (big * "x", USAGE), ("kldload " + big * "x", REFUSED),
                ("kldload /" + big * "x", REFUSED), (big * "'", OK),
                ("print " + big * "x", REFUSED), (big * " ", OK),
                ("print 0" + big * "+1", OK), ("#" + big * "x", OK),
                ("kldstat " + big // 2 * "x ", USAGE), (big * "\n", OK),
                ("expect-console " + big * "x", REFUSED),
                ("print " + big * "9", USAGE), ("'" + big * "x", USAGE),
                ("answer " + big * "x" + " load 0", OK)]:
            with self.subTest(script[:20]):
                # An even number of quotes is one empty word.
                if script[:2] == "''":
                    status = USAGE
                self.assertEqual(self.run_file(script).status, status)

    def test_random(self):
        """Bytes that mean nothing end in a usage error, or in nothing."""
        import random
        for seed in range(200 if FULL else 50):
            bits = random.Random(seed)
            script = bytes(bits.choice(b"kldstaexpc -/'\"#\n\0\xff01$+ \n")
                           for _ in range(bits.randrange(80)))
            with self.subTest(seed):
                self.assertIn(self.run_file(script).status,
                              (OK, USAGE, REFUSED))

    def test_standard_input(self):
        done = subprocess.run(
            [cli.KLDSIM, "run", "-", KERNEL], input=b"kldfind kernel\nfoo",
            capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (USAGE, b"", b"-:2: there is no command foo\n"))
        done = subprocess.run(
            [cli.KLDSIM, "run", "-", KERNEL], input=b"kldfind kernel",
            capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (OK, b"1\n", b""))

    def test_quiet_and_verbose(self):
        script = "kldstat\nexpect ENOEXEC kldload fx_undef\nprint hz"
        self.assertEqual(self.play(script, "-q"), "")
        done = self.fails(REFUSED, script + "\nkldfind no",
                          "s:4: kldfind: no: No such file or directory "
                          "(ENOENT)", "-q")
        self.assertEqual(done.out, "")
        out = self.play(script, "-v")
        self.assertIn("+ kldstat\n" + HEADER, out)
        self.assertIn("+ expect ENOEXEC kldload fx_undef\nkldload: an error",
                      out)
        self.assertIn("\nconsole: linker_load_file: ", out)
        self.assertIn("\nwarning: fx_undef.ko .text+0x9 in fx_undef_modevent: ", out)

    def test_panic(self):
        """The run ends, whatever was expected; the dead can be dumped."""
        spoil_symbol_names(BOOT / "kernel/fx_hello.ko", self.tmp / "bad.ko")
        for before in "", "expect ENOEXEC ", "expect 0 ":
            with self.subTest(before):
                done = self.run_file(
                    f"kldload fx_pcpu\n{before}kldload ./bad.ko\n"
                    "kldsym nothing_has_this_name\nkldstat", "--dump", "d")
                self.assertEqual(done.status, PANIC)
                self.assertEqual(done.out, "")
                self.assertTrue(done.err.startswith(
                    "s:2: the kernel would not have survived this\n"
                    "s:2: panic: bad.ko: "), done.err)
                listed = cli.read_dump(self.tmp / "d")
                self.assertIn("dpcpu/cpu0.bin", listed)

    def test_host(self):
        for args, words in [
                (["nothing", KERNEL], "nothing: No such file"),
                ([self.tmp, KERNEL], f"{self.tmp}: "),
                (["s", "nothing"], "nothing: "),
                (["s", "s"], "s: ")]:
            with self.subTest(args):
                (self.tmp / "s").write_text("kldstat\n")
                done = cli.run("run", *args, cwd=self.tmp)
                self.assertEqual(done.status, HOST)
                self.assertTrue(done.err.startswith(f"kldsim: {words}"),
                                done.err)
                self.assertEqual(done.out, "")
                done = cli.run("run", "--json", *args, cwd=self.tmp)
                self.assertEqual(done.status, HOST)
                document = done.json()
                cli.validate(document, "run")
                error = document["error"]
                self.assertTrue(f"{error['file']}: {error['message']}"
                                .startswith(words), error)
                self.assertEqual(document["exit_status"], HOST)

    @unittest.skipUnless(os.path.exists("/dev/zero"), "no /dev/zero")
    def test_endless(self):
        done = cli.run("run", "/dev/zero", KERNEL)
        self.assertEqual(done.status, HOST)
        self.assertIn("/dev/zero: longer than ", done.err)

    def test_full_disk(self):
        (self.tmp / "s").write_text("kldstat\n")
        with open("/dev/full", "w") as full:
            for args in ["run", "s", KERNEL], ["run", "--help"]:
                done = cli.run(*args, cwd=self.tmp, stdout=full)
                self.assertEqual(done.status, HOST)
                self.assertIn("standard output: ", done.err)

    def test_command_line(self):
        for args, message in [
                ([], "which SCRIPT and KERNEL?"),
                (["s"], "which SCRIPT and KERNEL?"),
                (["s", "k", "m"], "MODULEs only with --preload: m"),
                (["-c", "0", "s", "k"], "option --cpus: '0' is not"),
                (["--nonsense", "s", "k"], "unknown option --nonsense")]:
            with self.subTest(args):
                done = cli.run("run", *args)
                self.assertEqual(done.status, USAGE)
                self.assertIn(message, done.err)
                self.assertEqual(done.out, "")

    def test_help(self):
        done = cli.run("run", "--help")
        self.assertEqual(done.status, OK)
        self.assertTrue(done.out.startswith(
            "usage: kldsim run [options] SCRIPT KERNEL\n"))
        self.assertIn("--dump DIR", done.out)
        self.assertIn("--json", done.out)

    def test_options_of_load(self):
        """-c, -n, -r, --at, -p and the rest are the same ones."""
        self.assertEqual(len(self.play("vnet list", "-n", "5").splitlines()),
                         5)
        base = 0xffffffff90000000
        self.assertIn(f"{base:#x}", self.play(
            "kldload fx_hello\nkldstat", "--at", f"fx_hello.ko={base:#x}"))
        self.fails(REFUSED, "kldload fx_hello", "s:1: kldload: can't load "
                   "fx_hello: No such file or directory (ENOENT)",
                   "-p", "/")

    def test_dump(self):
        """After the script, also after one that was not to its end."""
        for script, status in [
                ("kldload fx_vnet\nvnet create", OK),
                ("kldload fx_vnet\nvnet create\nkldload no", REFUSED)]:
            with self.subTest(status):
                done = self.run_file(script, "--dump", f"d{status}")
                self.assertEqual(done.status, status)
                listed = cli.read_dump(self.tmp / f"d{status}")
                self.assertIn("vnet/vnet1.bin", listed)
                self.assertTrue(any(path.startswith("files/fx_vnet.ko/")
                                    for path in listed))
        (self.tmp / "file").touch()
        self.assertEqual(self.run_file("kldstat", "--dump", "file").status,
                         HOST)

    def test_dump_shows_what_x_shows(self):
        self.play("kldload fx_vnet\nvnet create", "--dump", "d")
        listed = cli.read_dump(self.tmp / "d")
        item = listed["vnet/vnet1.bin"]
        address = self.address(
            "kldload fx_vnet\nvnet create\nset $db_vnet 1\nprint fx_name")
        at = address - int(item["address"], 16)
        data = (self.tmp / "d/vnet/vnet1.bin").read_bytes()
        self.assertEqual(data[at:at + 9], b"fixture0\0")


if __name__ == "__main__":
    unittest.main()
