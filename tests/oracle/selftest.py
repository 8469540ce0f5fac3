# SPDX-License-Identifier: BSD-2-Clause
"""Shows that the comparison can fail: spoils a run, and it must be noticed."""

import copy

import run as runs

# A file of the dump, the byte that is changed, words that must be said of it.
SPOILED_BYTES = [
    ("files/fx_hello.ko/01..text.bin", 4, "fx_hello.ko section 1 .text "),
    ("files/fx_manyrel.ko/{.text}", 12345, "fx_manyrel.ko section"),
    ("files/fx_symbols.ko/{.data}", 8, ".data offset 0x8: expected 00"),
    ("files/fx_order.ko/{set_sysinit_set}", 8, "set_sysinit_set offset 0x8"),
    ("files/fx_vnet.ko/{set_vnet}", 0, "fx_vnet.ko section"),
    ("dpcpu/cpu2.bin", 0, "dpcpu/cpu2.bin offset 0x0: expected"),
    ("dpcpu/cpu1.bin", "fx_pcpu", "(fx_pcpu.ko + 0x"),
    ("vnet/vnet1.bin", "fx_vnet", "(fx_vnet.ko + 0x"),
    ("vnet/reference.bin", "fx_nobits", "(fx_nobits.ko + 0x"),
]


def file_of(result, name):
    return next(f for f in result.document["files"]
                if f["name"] == name + ".ko")


def section_of(file, name):
    return next(s for s in file["sections"] if s["name"] == name)


def spoil_byte(result, path, where):
    """Change a byte; {NAME} is a section's file, a module is its set's part."""
    if "{" in path:
        folder, name = path.rstrip("}").split("{")
        file = file_of(result, folder.split("/")[1][:-len(".ko")])
        path = f"{folder}{section_of(file, name)['index']:02}.{name}.bin"
    if isinstance(where, str):
        key = path.split("/")[0]
        section = section_of(file_of(result, where), {
            "dpcpu": "set_pcpu", "vnet": "set_vnet"}[key])
        where = (int(section["address"], 16)
                 - int(result.document[key]["reference"]["start"], 16))
    content = bytearray(result.read(path))
    content[where] ^= 0x10
    result.changed[path] = bytes(content)


def move_section(result):
    section_of(file_of(result, "fx_vnet"), ".data")["address"] = "0x1000"


def move_file(result):
    file_of(result, "fx_hello")["address"] = "0xffffffff80300000"


def eat_modspace(result):
    result.document["vnet"]["free"][0]["size"] -= 8


def lose_file(result):
    result.changed["files/fx_hello.ko/01..text.bin"] = None


def cut_file(result):
    path = "files/fx_hello.ko/01..text.bin"
    result.changed[path] = result.read(path)[:-1]


def refuse(result):
    result.document["results"][0]["status"] = "refused"


SPOILED_REPORTS = [
    (move_section, "fx_vnet.ko section 7 .data: address: expected"),
    (move_file, "fx_hello.ko: address: expected"),
    (eat_modspace, "vnet: free list: expected"),
    (lose_file, "fx_hello.ko section 1 .text: not in the dump"),
    (cut_file, "fx_hello.ko section 1 .text: expected"),
    (refuse, "fx_hello: status (loads): expected loaded, got refused"),
]


def complaints(session, run, result):
    """What the spoiled copies of a good run left unnoticed."""
    spoilers = [(lambda r, p=path, w=where: spoil_byte(r, p, w), words)
                for path, where, words in SPOILED_BYTES]
    for spoil, words in spoilers + SPOILED_REPORTS:
        spoiled = runs.Result(copy.deepcopy(result.document), result.folder,
                              result.status)
        spoil(spoiled)
        found, _ = session.check(run, spoiled)
        if not any(words in complaint for complaint in found):
            yield f"self-test: nothing said of '{words}', only {found}"
        # A byte of a section is noticed with each linker by itself.
        if "section" in words and "address" not in words:
            for linker in session.programs:
                if not any(c.startswith(linker) for c in found):
                    yield f"self-test: {linker} did not notice '{words}'"
