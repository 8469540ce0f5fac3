# SPDX-License-Identifier: BSD-2-Clause
"""Ways to spoil a run of ET_DYN modules, and what is to be said of each."""

import shared


def file_of(result, name):
    return next(f for f in result.document["files"] if f["name"] == name)


def flip(path, at):
    """Change a byte of the dump."""
    def spoil(result):
        content = bytearray(result.read(path))
        content[at] ^= 0x10
        result.changed[path] = bytes(content)
    return spoil


def flip_symbol(name, symbol):
    """Change a byte of a module's variable."""
    def spoil(result):
        file = shared.File(file_of(result, name)["path"])
        flip(f"files/{name}/image.bin", file.by_name[symbol].value)(result)
    return spoil


def flip_part(key, copy, name):
    """Change a byte of a module's part of one copy of a set."""
    def spoil(result):
        part = next(p for p in result.document[key]["sets"]
                    if p["file"] == name)
        start = result.document[key]["reference"]["start"]
        flip(f"{key}/{copy}.bin",
             int(part["start"], 16) - int(start, 16))(result)
    return spoil


def relocate_set(result):
    """What a linker that relocates modspace would have left (D-36)."""
    name = "fx_pcpu.ko"
    file = shared.File(file_of(result, name)["path"])
    image = result.read(f"files/{name}/image.bin")
    start, stop = (file.own[f"__{end}_set_pcpu"].value
                   for end in ("start", "stop"))
    result.changed[f"files/{name}/set_pcpu.bin"] = image[start:stop]


def lose(path):
    def spoil(result):
        result.changed[path] = None
    return spoil


def cut(path):
    def spoil(result):
        result.changed[path] = result.read(path)[:-1]
    return spoil


def move_file(result):
    file = file_of(result, "fx_hello.ko")
    file["address"] = hex(int(file["address"], 16) + 0x1000)


def grow_file(result):
    file_of(result, "fx_hello.ko")["size"] += 4096


def rename_file(result):
    file_of(result, "fx_hello.ko")["name"] = "fx_helo.ko"


def move_part(result):
    part = result.document["vnet"]["sets"][0]
    part["start"] = hex(int(part["start"], 16) + 8)


def eat_modspace(result):
    result.document["dpcpu"]["free"][0]["size"] -= 8


def refuse(result):
    result.document["results"][0]["status"] = "refused"


def other_release(result):
    result.document["osreldate"] += 1


SPOILERS = [
    (flip("files/fx_hello.ko/image.bin", 0), "fx_hello.ko: image offset 0x0"),
    (flip("files/fx_hello.ko/image.bin", -1), "fx_hello.ko: image offset"),
    (flip_symbol("fx_edge.ko", "fx_edge_results"), "fx_edge.ko: image"),
    (flip_symbol("fx_machine.ko", "fx_machine_slots"),
     "fx_machine.ko: image"),
    (flip_symbol("fx_pcpu.ko", "pcpu_entry_fx_stats"), "fx_pcpu.ko: image"),
    (flip("files/fx_vnet.ko/set_vnet.bin", 0), "fx_vnet.ko: set_vnet offset"),
    (flip("dpcpu/reference.bin", 0), "dpcpu/reference.bin offset 0x0"),
    (flip("vnet/vnet2.bin", -1), "vnet/vnet2.bin offset"),
    (flip_part("dpcpu", "cpu2", "fx_pcpu.ko"), "dpcpu/cpu2.bin offset"),
    (flip_part("vnet", "vnet1", "fx_vnet.ko"), "vnet/vnet1.bin offset"),
    (flip_part("vnet", "reference", "fx_vnet.ko"), "vnet/reference.bin"),
    (relocate_set, "fx_pcpu.ko: set_pcpu offset"),
    (lose("files/fx_pcpu.ko/image.bin"), "fx_pcpu.ko: image: not in the"),
    (lose("files/fx_pcpu.ko/set_pcpu.bin"), "fx_pcpu.ko: set_pcpu: not in"),
    (cut("files/fx_order.ko/image.bin"), "fx_order.ko: image: expected"),
    (cut("dpcpu/cpu1.bin"), "dpcpu/cpu1.bin: expected"),
    (move_file, "fx_hello.ko: image offset"),
    (grow_file, "fx_hello.ko: size: expected"),
    (rename_file, "files: expected"),
    (move_part, "part of set_vnet: expected"),
    (eat_modspace, "dpcpu: free list: expected"),
    (refuse, "refused: expected"),
    (other_release, "osreldate: expected"),
]
