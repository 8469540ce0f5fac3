# SPDX-License-Identifier: BSD-2-Clause
"""Kernels and modules made of the headers of FreeBSD's kernel.

A kernel has a unit for each header, which defines what the header declares: the
functions without a meaning, the variables with nothing in them.  A module calls
some of them.  So what they know of each other is what FreeBSD's own files do.

KLDSIM_HEADERS names the folders of the headers, with colons between them: those
of <sys/proc.h> and of <machine/proc.h>.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess

TARGET = "x86_64-unknown-freebsd15.0"
HEADERS = [
    "sys/bio.h", "sys/buf.h", "sys/bus.h", "sys/callout.h", "sys/conf.h",
    "sys/cpuset.h", "sys/domainset.h", "sys/epoch.h", "sys/eventhandler.h",
    "sys/file.h", "sys/filedesc.h", "sys/imgact.h", "sys/jail.h",
    "sys/kernel.h", "sys/kthread.h", "sys/ktrace.h", "sys/linker.h",
    "sys/lock.h", "sys/lockmgr.h", "sys/malloc.h", "sys/mbuf.h",
    "sys/module.h", "sys/mount.h", "sys/mutex.h", "sys/namei.h", "sys/pipe.h",
    "sys/proc.h", "sys/rman.h", "sys/rmlock.h", "sys/rwlock.h", "sys/sbuf.h",
    "sys/sched.h", "sys/sglist.h", "sys/signalvar.h", "sys/sleepqueue.h",
    "sys/smp.h", "sys/socketvar.h", "sys/sx.h", "sys/sysctl.h", "sys/systm.h",
    "sys/taskqueue.h", "sys/turnstile.h", "sys/ucred.h", "sys/uio.h",
    "sys/vmem.h", "sys/vnode.h", "net/bpf.h", "net/if_clone.h",
    "net/if_media.h", "net/if_private.h", "net/if_var.h", "net/netisr.h",
    "net/pfil.h", "net/vnet.h", "netinet/in_pcb.h", "netinet/in_var.h",
    "netinet/ip_var.h", "netinet/tcp_var.h", "netinet/udp_var.h", "vm/uma.h",
    "vm/vm_extern.h", "vm/vm_map.h", "vm/vm_object.h", "vm/vm_page.h",
    "vm/vm_pager.h", "geom/geom.h", "netgraph/netgraph.h",
]
# What most files of the kernel begin with, in an order that all of it takes.
BEGINNING = [
    "sys/param.h", "sys/systm.h", "sys/kernel.h", "sys/malloc.h", "sys/lock.h",
    "sys/mutex.h", "sys/rwlock.h", "sys/sx.h", "sys/proc.h", "sys/socket.h",
    "sys/mbuf.h", "sys/bus.h", "vm/vm.h", "vm/pmap.h", "sys/sysctl.h",
    "sys/module.h", "sys/conf.h", "sys/selinfo.h", "sys/sockio.h", "net/if.h",
    "net/ethernet.h", "net/if_var.h", "net/vnet.h", "netinet/in.h",
    "netinet/in_systm.h", "netinet/ip.h", "sys/socketvar.h",
    "netinet/in_pcb.h", "vm/vm_param.h", "vm/vm_object.h", "vm/vm_page.h",
    "netgraph/ng_message.h",
]
# A build makes these, or takes them from outside of sys/.
MADE = ["device_if.h", "bus_if.h", "vnode_if.h", "vnode_if_newproto.h",
        "vnode_if_typedef.h", "offset.inc"] + [
            f"opt_{name}.h" for name in (
                "global", "acpi", "apic", "bpf", "cam", "ddb", "inet", "inet6",
                "hwpmc_hooks", "iommu", "ipsec", "kdb", "kstack_pages",
                "ktrace", "mac", "netgraph", "posix", "route", "rss", "sched",
                "usb", "vm")]
QUEUES = "".join(f"#define CK_{kind}_{what} {kind}_{what}\n"
                 for kind in ("LIST", "SLIST", "STAILQ")
                 for what in ("HEAD", "ENTRY", "EMPTY", "FIRST", "FOREACH",
                              "NEXT"))
EPOCHS = """#pragma once
struct ck_epoch_entry { void *what, *next; };
typedef struct ck_epoch_entry ck_epoch_entry_t;
struct ck_epoch { unsigned epoch; void *records; };
typedef struct ck_epoch ck_epoch_t;
struct ck_epoch_section { unsigned bucket; };
typedef struct ck_epoch_section ck_epoch_section_t;
struct ck_epoch_record { ck_epoch_t *global; unsigned active; };
typedef struct ck_epoch_record ck_epoch_record_t;
"""
# The headers declare these, and a kernel without options WITNESS has none.
NEVER = "witness_"
# What the locks' inlines call in files that are tied to one kernel (G-12).
INLINE = re.compile(r"_thread_lock|\w*(mtx|rw|sx)_\w*_(int|hard|sleep|cookie)")
WORDS = {"void", "char", "short", "int", "long", "unsigned", "signed", "float",
         "double", "_Bool", "bool"}


def folders():
    return [pathlib.Path(name) for name in
            os.environ.get("KLDSIM_HEADERS", "").split(":") if name]


def clang(*arguments):
    return subprocess.run(["clang", *map(str, arguments)], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)


def at_once(function, cases):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, cases))


# --- declarations ----------------------------------------------------------

def statements(text):
    """What ends with a semicolon outside of all braces, in one line each."""
    depth, begin, found = 0, 0, []
    for at, char in enumerate(text):
        depth += (char in "{(") - (char in "})")
        if depth == 0 and char == ";":
            found.append(" ".join(text[begin:at].split()))
            begin = at + 1
        elif depth == 0 and char == "}" and re.search(
                r"\)\s*\{", text[begin:at]):
            begin = at + 1 # of a function
    return found


def without_attributes(text):
    begin = text.find("__attribute__")
    while begin >= 0:
        depth, at = 1, text.index("(", begin) + 1
        while depth != 0:
            depth += (text[at] == "(") - (text[at] == ")")
            at += 1
        text = text[:begin] + text[at:]
        begin = text.find("__attribute__")
    return " ".join(text.split())


def split(arguments):
    depth, parts = 0, [""]
    for char in arguments:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]


def has_name(argument):
    if re.search(r"\(\s*\*", argument):
        return bool(re.search(r"\(\s*\*\s*\w", argument))
    words = re.findall(r"\w+|\*", re.sub(r"\[[^]]*\]", "", argument))
    words = [word for word in words if word not in ("const", "volatile")]
    return (len(words) > 1 and words[-1] != "*" and words[-1] not in WORDS and
            words[-2] not in ("struct", "union", "enum"))


def definition(statement):
    """(name, its definition, whether it is a function), or None."""
    match = re.fullmatch(r"(?:extern )?([\w\s*]+?[\s*])(\w+) ?\((.*)\)",
                         statement)
    if match:
        result, name, arguments = match.groups()
        arguments = ", ".join(
            part if part in ("void", "...") or has_name(part) else
            f"__typeof__({part}) a{number}"
            for number, part in enumerate(split(arguments)))
        return name, f"{result}{name}({arguments}) {{ __builtin_trap(); }}", \
            True
    match = re.fullmatch(r"extern ([\w\s*]+?[\s*])(\w+)((?:\[\w+\])*)",
                         statement)
    if match:
        return match[2], f"{''.join(match.groups())};", False
    return None


class Tree:
    """The headers as options have them, and a folder for what is compiled."""

    def __init__(self, scratch, *options):
        self.scratch = scratch
        made = scratch / "made"
        made.mkdir()
        for name in MADE:
            (made / name).touch()
        (made / "offset.inc").write_text(
            "struct thread_lite { int td_critnest, td_pinned, td_owepreempt; };"
            "\n")
        (made / "ck_queue.h").write_text("#include <sys/queue.h>\n" + QUEUES)
        (made / "ck_epoch.h").write_text(EPOCHS)
        own = clang("-print-resource-dir").stdout.strip()
        self.flags = [f"--target={TARGET}", "-D_KERNEL",
                      # <sys/param.h> knows better, where it is complete.
                      "-D__FreeBSD_version=1500068",
                      "-DHAVE_KERNEL_OPTION_HEADERS", "-ffreestanding",
                      "-nostdinc", f"-isystem{own}/include", f"-I{made}",
                      *(f"-I{folder}" for folder in folders()), "-w",
                      "-std=gnu11", "-O1", "-mcmodel=kernel", "-fno-pic",
                      "-fno-common", "-mno-red-zone", "-gdwarf-4"]
        beginning = scratch / "beginning.h"
        beginning.write_text("".join(f"#include <{name}>\n"
                                     for name in BEGINNING))
        self.flags += ["-include", beginning,
                       *(f"-D{option}" for option in options)]
        rows, seen = [], set()
        for header, found in zip(HEADERS, at_once(self.declared, HEADERS)):
            rows.append((header, [row for row in found if row[0] not in seen]))
            seen.update(row[0] for row in found)
        # A unit's file, and the names of its functions.
        self.units = dict(at_once(lambda of: self.unit(*of), rows))

    def declared(self, header):
        """What a header declares itself."""
        out = clang(*self.flags, "-include", header, "-E", "-x", "c",
                    "/dev/null").stdout
        lines, own = [], False
        for line in out.splitlines():
            if match := re.match(r'# \d+ "(.*?)"', line):
                own = match[1].endswith("/" + header)
            elif own:
                lines.append(line)
        found = (definition(without_attributes(line))
                 for line in statements("\n".join(lines))
                 if not line.startswith(("typedef", "static", "_Static")))
        return [row for row in found if row and not row[0].startswith(NEVER)]

    def unit(self, header, rows):
        """One that compiles: what cannot be defined so is left out."""
        unit = self.scratch / (header.replace("/", "_")[:-1] + "c")
        while True:
            unit.write_text(f"#include <{header}>\n" + "".join(
                row[1] + "\n" for row in rows))
            done = self.compile(unit)
            bad = {int(number) - 2 for number in re.findall(
                rf"{re.escape(str(unit))}:(\d+):\d+: error", done.stderr)}
            if done.returncode == 0 or not bad:
                break
            rows = [row for at, row in enumerate(rows) if at not in bad]
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return unit, [row[0] for row in rows if row[2]]

    def compile(self, source, *flags):
        return clang(*self.flags, "-ferror-limit=0", *flags, "-c", source,
                     "-o", source.with_suffix(".o"))

    # --- what is made of them ---

    def kernel(self):
        """Of all units."""
        version = self.scratch / "version.c"
        version.write_text(
            "__typeof__(osreldate) osreldate = __FreeBSD_version;\n"
            "MODULE_VERSION(kernel, __FreeBSD_version);\n")
        self.compile(version)
        units = [unit.with_suffix(".o") for unit in (version, *self.units)]
        made = self.scratch / "kernel"
        subprocess.run(
            ["ld.lld", "-Bdynamic", "--export-dynamic", "-dynamic-linker",
             "/red/herring", "--hash-style=both", "-z", "notext",
             "--allow-multiple-definition",
             "--unresolved-symbols=ignore-all", "-o", made, *units],
            check=True, stderr=subprocess.DEVNULL)
        return made

    def module(self, header, functions):
        """It takes what a header declares."""
        name = header.replace("/", "_")[:-2]
        source = self.scratch / f"uses_{name}.c"
        source.write_text(f"#include <{header}>\n" + "".join(
            f"__typeof__({function}) *its_{function} = {function};\n"
            for function in functions if not INLINE.fullmatch(function)) +
            f"static moduledata_t its = {{ \"{name}\" }};\n"
            f"DECLARE_MODULE({name}, its, SI_SUB_DRIVERS, SI_ORDER_MIDDLE);\n")
        done = self.compile(source, "-DKLD_MODULE")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return source.with_suffix(".o").rename(source.with_suffix(".ko"))

    def modules(self):
        return at_once(lambda pair: self.module(*pair), [
            (header, functions) for header, functions in
            zip(HEADERS, self.units.values()) if functions])

    def denied(self, claims):
        """Which of these claims, C by what it is of, the compiler denies."""
        source = self.scratch / "claims.c"
        source.write_text(
            "".join(f"#include <{header}>\n" for header in HEADERS) +
            "".join(f'_Static_assert({claim}, "{of}");\n'
                    for of, claim in claims))
        done = clang(*self.flags, "-ferror-limit=0", "-fsyntax-only", source)
        # A bit-field of all bits is a member like others, but not in C.
        found = re.findall(r"error: (?!cannot compute offset of bit-field)(.*)",
                           done.stderr)
        denied = [re.fullmatch(r'static_assert failed.* "(.*)"', error)
                  for error in found]
        if not all(denied):
            raise AssertionError(done.stderr)
        return {match[1] for match in denied}
