# SPDX-License-Identifier: BSD-2-Clause
"""kldsim gdb: every machine's fixtures in gdb over a pipe, two in LLDB over a
port, and clients that behave badly (E-50 to E-55)."""

import contextlib
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import debuggers
from debuggers import cli

ASK = """
import gdb, json
answers, shown = [], {{}}
for function, command, name, symbol, number in {questions!r}:
    which = "vnet" if function == "V" else "cpu"
    if shown.get(which) != number:
        gdb.execute("monitor %s %d" % (which, number), to_string=True)
        shown[which] = number
    size = {sizes!r}[symbol]
    value = gdb.parse_and_eval("*(unsigned char (*)[%d]) &'%s'" % (size, symbol))
    value.fetch_lazy()
    answers.append([symbol, number, int(value.address),
                    [int(value[i]) for i in range(size)]])
print("answers", json.dumps(answers))
"""


# What LLDB reads of a kernel (E-02, E-03), and a variable of each kind.
KERNEL = """\
kind: kernel
functions: [printf]
objects:
  - {name: kld_off_address, size: 4, bytes: 40000000}
  - {name: kld_off_filename, size: 4, bytes: 28000000}
  - {name: kld_off_pathname, size: 4, bytes: 30000000}
  - {name: kld_off_next, size: 4, bytes: 18000000}
  - {name: linker_files, size: 16}
  - {name: linker_kernel_file, size: 8}
  - {name: linker_path, size: 1024}
vnet: [{name: limit, int: 7}]
"""
MODULE = """\
kind: module
functions: [foo_init]
objects: [{name: foo_data, int: 42}]
modules: [foo]
"""


def packet(text):
    return b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xff)


class Stub(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = pathlib.Path(scratch.name).resolve()

    def world(self, machine):
        folder = self.tmp / machine
        folder.mkdir(exist_ok=True)
        return debuggers.World(machine, folder)

    def test_every_variable_in_gdb(self):
        for machine in debuggers.MACHINES:
            with self.subTest(machine):
                world = self.world(machine)
                self.check_gdb(world)

    def check_gdb(self, world):
        script = self.tmp / "ask.py"
        sizes = {name: size for name, (_, size) in world.references.items()}
        script.write_text(ASK.format(questions=world.questions(), sizes=sizes))
        text = debuggers.gdb(*world.remote(), "-x", script)
        lines = [line for line in text.splitlines()
                 if line.startswith("answers ")]
        self.assertTrue(lines, text[-500:])
        answers = {(symbol, number): (at, bytes(shown)) for
                   symbol, number, at, shown in debuggers.json.loads(
                       lines[0][8:])}
        # Under its symbol's address, which is that of the reference copy.
        expected = {key: (world.references[key[0]][0], content)
                    for key, (_, content) in world.expected().items()}
        self.assertEqual(answers, expected)

    def test_gdb_is_told_of_loads_and_unloads(self):
        world = self.world("amd64")
        text = debuggers.gdb(
            *world.remote(world.modules[0]),
            "-ex", "monitor kldload fx_dyn", "-ex", "stepi",
            "-ex", "info sharedlibrary", "-ex", "echo ==\\n",
            "-ex", "monitor kldunload fx_vnet.ko", "-ex", "stepi",
            "-ex", "info sharedlibrary")
        self.assertRegex(text, r"(?s)kldload fx_dyn: done.*fx_vnet\.ko.*"
                               r"fx_dyn\.ko.*==\n.*kldunload fx_vnet.ko: done")
        after = text.split("==\n")[1].split("done;")[1]
        self.assertIn("fx_dyn.ko", after)
        self.assertNotIn("fx_vnet.ko", after)

    # --- on a port ---

    @contextlib.contextmanager
    def server(self, kernel=None, module=None):
        kernel = kernel or debuggers.folder_of("amd64") / "kernel"
        process = subprocess.Popen(
            [cli.KLDSIM, "gdb", "--listen", "0", kernel,
             module or kernel.parent / "fx_vnet.ko"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            host, port = process.stdout.readline().decode().split(":")
            self.assertEqual(host, "127.0.0.1")
            yield process, int(port)
        finally:
            process.kill()
            process.communicate()

    def connect(self, port):
        client = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.addCleanup(client.close)
        return client

    def ask(self, client, text):
        """One packet's answer; no other client keeps us waiting."""
        client.sendall(packet(text))
        got = b""
        while not re.fullmatch(rb"\+?\$[^#]*#..", got, re.S):
            more = client.recv(65536)
            self.assertTrue(more, got)
            got += more
        return got[got.index(b"$") + 1:-3].decode()

    def test_loopback_alone(self):
        with self.server() as (process, port):
            listening = []
            for name in "tcp", "tcp6":
                path = pathlib.Path("/proc/net") / name
                if not path.exists():
                    self.skipTest("no /proc/net")
                for line in path.read_text().splitlines()[1:]:
                    local, state = line.split()[1], line.split()[3]
                    if state == "0A" and local.endswith(f":{port:04X}"):
                        listening.append(local)
            self.assertEqual(listening, [f"0100007F:{port:04X}"])

    def test_clients_that_behave_badly(self):
        """Hang, flood, die; others are served, and it goes on."""
        with self.server() as (process, port):
            good = self.connect(port)
            self.assertEqual(self.ask(good, "qC"), "QC1")
            hangs = [self.connect(port) for _ in range(2)]
            hangs[0].sendall(b"$m0")
            self.assertEqual(self.ask(good, "qC"), "QC1")
            # One that sends without end and reads nothing.
            flood = self.connect(port)
            flood.setblocking(False)
            stuck = 0
            while stuck < 20:
                try:
                    flood.send(packet("qXfer:libraries:read::0,4000") * 500)
                    stuck = 0
                except BlockingIOError:
                    stuck += 1
                    time.sleep(0.005)
            self.assertEqual(self.ask(good, "qC"), "QC1")
            # One that sends no packets at all, and one that dies amid one.
            noise = self.connect(port)
            noise.sendall(os.urandom(300000).replace(b"k", b"x").replace(
                b"D", b"x"))
            dies = self.connect(port)
            dies.sendall(packet("g") * 100 + b"$m")
            dies.close()
            self.assertEqual(self.ask(good, "qC"), "QC1")
            # More than there are places for: who was silent has to go.
            crowd = [self.connect(port) for _ in range(10)]
            self.assertEqual(self.ask(crowd[-1], "qC"), "QC1")
            self.assertIsNone(process.poll())
            crowd[-1].sendall(packet("k"))
            self.assertEqual(process.wait(timeout=20), 0)

    @unittest.skipUnless(debuggers.FULL, "with KLDSIM_FULL")
    def test_lldb_walks_the_list(self):
        """E-06, E-54: by the kernel's list of linker files."""
        self.assertIsNotNone(debuggers.LLDB)
        for machine, triple in ("amd64", "x86_64"), ("arm64", "aarch64"):
            for name, text in ("kernel", KERNEL), ("foo.ko", MODULE):
                spec = self.tmp / "spec.yaml"
                spec.write_text(f"machine: {machine}\n" + text)
                done = cli.run("synth", spec, "-o", self.tmp / name)
                self.assertEqual(done.status, 0, done.err)
            with self.server(kernel=self.tmp / "kernel",
                             module=self.tmp / "foo.ko") as (_, port):
                text = debuggers.run(
                    debuggers.LLDB, "--no-lldbinit", "-b",
                    "-o", f"target create --arch {triple}-unknown-freebsd "
                          f"{self.tmp}/kernel",
                    "-o", f"gdb-remote {port}", "-o", "image list",
                    "-o", "x/1wd &foo_data",
                    "-o", "x/1wd &vnet_entry_limit")
            self.assertIn(f" {self.tmp}/foo.ko", text)
            self.assertRegex(text, r"(?s): 42\n.*: 7\n")

    def test_detaching_leaves_it_there(self):
        with self.server() as (process, port):
            first = self.connect(port)
            self.assertEqual(self.ask(first, "D"), "OK")
            self.assertEqual(first.recv(10), b"")
            second = self.connect(port)
            self.assertEqual(self.ask(second, "vKill;1"), "OK")
            self.assertEqual(process.wait(timeout=20), 0)

    def test_one_kernel_for_all(self):
        """What one loads, the others are told of."""
        with self.server() as (_, port):
            one, other = self.connect(port), self.connect(port)
            self.assertIn("fx_vnet", self.ask(
                other, "qXfer:libraries:read::0,1000"))
            self.assertIn("646f6e65", self.ask(  # done
                one, "qRcmd," + b"kldload fx_odd02".hex()))
            self.assertEqual(self.ask(other, "c"), "T05thread:1;library:;")
            self.assertIn("fx_odd02", self.ask(
                other, "qXfer:libraries:read::0,1000"))

    def test_standard_input_and_output(self):
        kernel = debuggers.folder_of("amd64") / "kernel"
        done = subprocess.run([cli.KLDSIM, "gdb", kernel, "fx_nowhere"],
                              input=packet("qC"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, b"+$QC1#c5")
        self.assertEqual(done.returncode, cli.REFUSED)
        self.assertIn(b"fx_nowhere", done.stderr)
        done = subprocess.run(["sh", "-c", '"$0" gdb "$1" <&-', cli.KLDSIM,
                               kernel], stdout=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        done = cli.run("gdb", self.tmp / "nowhere")
        self.assertEqual((done.status, done.out), (cli.HOST, ""))

    def test_options(self):
        kernel = debuggers.folder_of("amd64") / "kernel"
        for words in (["--listen", "65536", kernel], ["--json", kernel],
                      ["--core", "x", kernel], []):
            self.assertEqual(cli.run("gdb", *words).status, cli.USAGE, words)
        self.assertEqual(cli.run("load", "--listen", "1", kernel).status,
                         cli.USAGE)
        with self.server() as (_, port):
            done = cli.run("gdb", "--listen", str(port), kernel)
            self.assertEqual(done.status, cli.HOST)
            self.assertIn(f"port {port}: ", done.err)


if __name__ == "__main__":
    if debuggers.GDB is None:
        print("skipped: no gdb-multiarch")
        sys.exit(77)
    unittest.main()
