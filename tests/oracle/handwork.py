# SPDX-License-Identifier: BSD-2-Clause
"""What other linkers do differently on purpose, one by one.

Relocations against these symbols are taken out of what the linkers get; the
bytes at their places are worked out here from the rule, and compared as well.
kind_of() finds such relocations by what the symbol is: one that is not in the
table is an error, and so is a line of the table that nothing needs.

Two differences need no line.  Initialised arrays (O-15) are empty in the file,
and linkers fill them as the kernel does; set bounds (O-32) of other sets than
entry 0, linkers define by themselves.
"""

import elf


def raw(value):
    return lambda module: value


def of_kernel(name):
    return lambda module: module.deps[0].value(name)


def own_ifunc(name, resolver):
    """The answer of --ifunc, else the resolver's own address."""
    def value(module):
        wanted = module.answers.get(name, resolver)
        symbol, = (s for s in module.elf.symbols if s.name == wanted)
        return module.addresses[symbol.shndx] + symbol.value
    return value


def static(name):
    """The module's own LOCAL symbol of a name that is undefined there too."""
    def value(module):
        symbol, = (s for s in module.elf.symbols
                   if s.name == name and s.shndx != elf.UNDEF)
        assert symbol.binding == elf.LOCAL
        return module.addresses[symbol.shndx] + symbol.value
    return value


# Module, symbol, rule, why the linkers differ, its value for the kernel.
TABLE = [
    ("fx_symbols", "fx_in_note", "O-30",
     "in an allocated note, which is not loaded: the offset in it",
     raw(16)),
    ("fx_symbols", "fx_in_empty", "O-30",
     "in a section of size 0, which is not loaded: the offset in it",
     raw(0)),
    ("fx_symbols", "fx_common", "O-56",
     "SHN_COMMON counts as defined: the alignment; linkers allocate it",
     raw(16)),
    ("fx_set0", "__start_set_kernel_only_set", "O-32",
     "bounds of the set that is progtab entry 0: the kernel's set's",
     of_kernel("__start_set_kernel_only_set")),
    ("fx_set0", "__stop_set_kernel_only_set", "O-32",
     "bounds of the set that is progtab entry 0: the kernel's set's",
     of_kernel("__stop_set_kernel_only_set")),
    ("fx_shadow", "hash_seed", "O-61",
     "LOCAL-defined and GLOBAL-undefined: the file's own static",
     static("hash_seed")),
    ("fx_shadow", "maxusers", "O-61",
     "LOCAL-defined and GLOBAL-undefined: the file's own static",
     static("maxusers")),
    ("fx_shadow", "strcmp", "O-61",
     "LOCAL-defined and GLOBAL-undefined: the file's own static",
     static("strcmp")),
    ("fx_ifunc", "fx_hash", "O-51",
     "own ifunc: what the resolver answers; linkers make a PLT entry",
     own_ifunc("fx_hash", "fx_hash_resolver")),
]

VALUES = {(module, symbol): value for module, symbol, _, _, value in TABLE}


def kind_of(module, symbol):
    """Why a linker would not do as the kernel does; None if it would."""
    if symbol.type == elf.IFUNC and symbol.shndx != elf.UNDEF:
        return "an ifunc of the module's own"
    if symbol.shndx == elf.COMMON:
        return "a common symbol"
    if symbol.shndx == elf.ABS:
        return None
    if symbol.shndx != elf.UNDEF:
        return (None if symbol.shndx in module.addresses
                else "in a section that is not loaded")
    if symbol.index in module.bounds:
        return None
    if symbol.name in module.by_name:
        return "LOCAL-defined and GLOBAL-undefined"
    first = module.sections[0].name
    if symbol.name in ("__start_" + first, "__stop_" + first):
        return "bounds of progtab entry 0"
    return None


class Missing(Exception):
    """A relocation that needs a line in the table and has none."""


def value_for(module, symbol):
    """The hand-worked value of a symbol; None if the linkers can be asked."""
    kind = kind_of(module, symbol)
    if kind is None:
        return None
    found = VALUES.get((module.stem, symbol.name))
    if found is None:
        raise Missing(f"{module.name}: {symbol.name} is {kind}, "
                      f"and handwork.py does not have it")
    return found(module)


def used(modules):
    """The lines of the table that a relocation of these modules needs."""
    return {(module.stem, module.elf.symbols[index].name)
            for module in modules for index in module.used
            if kind_of(module, module.elf.symbols[index])}
