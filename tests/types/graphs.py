# SPDX-License-Identifier: BSD-2-Clause
"""Random files with types: what they are, and the specs that say so.

The same seed makes the same graph everywhere.  `told` is what a reader must
find, in the form of ctf.py, worked out from what was chosen and never from
what was built.
"""

import json
import random

MACHINES = ["amd64", "i386", "arm64", "powerpc", "powerpc64", "riscv64"]
KINDS = ["integer"] * 4 + ["struct"] * 6 + ["pointer"] * 5 + ["union"] * 2 + \
    ["unknown", "float", "array", "array", "function", "function", "enum",
     "enum", "forward", "typedef", "typedef", "volatile", "const", "restrict"]
# What may be named anywhere, since a cycle through it is no mistake (C-52).
ANYWHERE = {"pointer", "function", "integer", "float", "enum", "forward",
            "unknown"}
# Struct sizes around which records change their form (C-10, C-12).
BORDERS = {2: [8191, 8192, 65534, 65535, 1 << 20],
           3: [(1 << 29) - 1, 1 << 29, (1 << 32) - 2, (1 << 32) - 1, 1 << 33]}


def text(name):
    """A name as a YAML scalar; bytes that are not plain become \\xNN."""
    return json.dumps("".join(
        chr(byte) if 32 <= byte < 127 and byte != 92 else f"\\x{byte:02x}"
        for byte in name))


def decoded(name):
    return name.decode("utf-8", "backslashreplace")


class Graph:
    def __init__(self, seed):
        self.random = random.Random(seed)
        choose = self.random
        self.version = choose.choice([2, 3])
        self.machine = choose.choice(MACHINES)
        self.kind = choose.choice(["rel", "dyn"])
        self.compress = choose.random() < 0.5
        self.as_made = choose.random() < 0.2
        self.labels = [(self.name(), choose.randrange(9))
                       for _ in range(choose.choice([0, 1, 1, 1, 3]))]
        count = choose.choice([1, 2, 5, 20, 60])
        self.kinds = [choose.choice(KINDS) for _ in range(count)]
        self.types = [self.type(i + 1) for i in range(count)]
        self.symbols = [self.symbol(i) for i in range(choose.randrange(30))]

    def name(self):
        choose = self.random
        if choose.random() < 0.02:
            return bytes(choose.randrange(1, 256) for _ in range(5))
        words = ["a", "foo", "bar", "next", "unsigned int", "struct", "mtx",
                 "lock_object", "x" * 200, f"n{choose.randrange(50)}"]
        return choose.choice(words).encode()

    def any_type(self):
        return self.random.randrange(len(self.kinds) + 1)

    def held_type(self, number):
        """A type that can be held by value by the one of this number."""
        found = self.any_type()
        if found < number or self.kinds[found - 1] in ANYWHERE:
            return found
        return self.random.randrange(number)

    def size(self):
        choose = self.random
        if choose.random() < 0.3:
            return choose.choice(BORDERS[self.version])
        return choose.choice([0, 1, 4, 8, 16, 40, 4096])

    def vlen(self):
        most = 1023 if self.version == 2 else 1500
        return most if self.random.random() < 0.01 else \
            self.random.choice([0, 1, 2, 3, 4, 7, 12])

    def member(self, number, size):
        choose = self.random
        large = size >= (8192 if self.version == 2 else 1 << 29)
        most = 1 << 40 if large else 1 << (16 if self.version == 2 else 32)
        name = self.name() if choose.random() < 0.9 else b""
        return (name, self.held_type(number), choose.randrange(most))

    def type(self, number):
        choose = self.random
        kind = self.kinds[number - 1]
        found = {"kind": kind, "name": self.name(), "root": True}
        if kind in ("pointer", "array", "function", "volatile", "const",
                    "restrict", "unknown") or choose.random() < 0.1:
            found["name"] = b""
        found["root"] = bool(found["name"])
        if choose.random() < 0.1:
            found["root"] = not found["root"]
        found.update(getattr(self, kind, self.plain)(number))
        return found

    def plain(self, number):
        return {"type": self.held_type(number)}

    def pointer(self, number):
        return {"type": self.any_type()}

    def unknown(self, number):
        return {"size": 0}

    forward = unknown

    def integer(self, number):
        choose = self.random
        return {"size": choose.choice([0, 1, 2, 4, 8, 16]),
                "encoding": choose.choice([0, 1, 2, 3, 4, 8, 255]),
                "offset": choose.choice([0, 0, 0, 7, 255]),
                "bits": choose.choice([0, 1, 3, 8, 32, 64, 65535])}

    float = integer

    def array(self, number):
        return {"size": self.size(), "type": self.held_type(number),
                "index": self.any_type(),
                "elements": self.random.choice([0, 1, 4, (1 << 32) - 1])}

    def function(self, number):
        return {"type": self.any_type(),
                "arguments": [self.any_type() for _ in range(self.vlen())]}

    def struct(self, number):
        size = self.size()
        return {"size": size, "members": [self.member(number, size)
                                          for _ in range(self.vlen())]}

    union = struct

    def enum(self, number):
        choose = self.random
        return {"size": choose.choice([1, 4, 8]), "constants": [
            (self.name(), choose.choice([0, 1, -1, -1 << 31, (1 << 31) - 1]))
            for _ in range(self.vlen())]}

    def symbol(self, number):
        """One that has a record or not (C-21), typed or not."""
        choose = self.random
        name = choose.choice([f"s{number}"] * 9 + ["_START_", "_END_"])
        place = choose.choice(["here"] * 7 + ["undef", "abs"])
        found = {"name": name, "bind": choose.choice([
            "local", "local", "global", "global", "weak"]), "place": place,
            "type": choose.choice(["object", "func"] * 4
                                  + ["notype", "tls", "ifunc"]),
            "value": choose.choice([0, 8]), "told": None}
        if place == "undef" and found["bind"] == "local":
            found["bind"] = "global"
        found["record"] = {"object": "object", "func": "function"}.get(
            found["type"])
        if name[0] == "_" or place == "undef" or \
                (place, found["type"], found["value"]) == ("abs", "object", 0):
            found["record"] = None
        if found["record"] and choose.random() < 0.8:
            found["told"] = [self.any_type() for _ in range(
                1 + self.vlen() if found["record"] == "function" else 1)]
        return found

    # --- what a reader must find ---

    def in_table(self):
        """Symbols in the order of .symtab: those that are local come first."""
        return sorted(self.symbols, key=lambda symbol: symbol["bind"] !=
                      "local")

    def records(self, sort, form, untyped):
        names = [symbol["name"] for symbol in self.in_table()
                 if symbol["record"] == sort]
        order = self.symbols if self.as_made else self.in_table()
        told = [symbol["told"] for symbol in order if symbol["record"] == sort]
        return [[name, *(form(words) if words else [untyped])]
                for name, words in zip(names, told)]

    def told(self):
        types = []
        for number, found in enumerate(self.types, 1):
            types.append({"id": number, **found, "name": decoded(
                found["name"])})
            for key in ("members", "constants"):
                if key in found:
                    types[-1][key] = [[decoded(part[0]), *part[1:]]
                                      for part in found[key]]
        counted = {symbol["bind"] == "local" for symbol in self.symbols
                   if symbol["record"]}
        return {
            "version": self.version, "compressed": self.compress,
            "parent": ["", ""],
            "labels": [[decoded(name), last or len(self.types)]
                       for name, last in self.labels],
            "types": types,
            "objects": self.records("object", lambda words: words, 0),
            "functions": self.records("function", lambda words: [
                words[0], words[1:]], None),
            "order_hazard": len(counted) == 2,
        }

    # --- the spec that says so ---

    def type_line(self, found):
        parts = [f"kind: {found['kind']}", f"name: {text(found['name'])}",
                 f"root: {'yes' if found['root'] else 'no'}"]
        for key in ("size", "type", "index", "elements", "encoding", "offset",
                    "bits"):
            if key in found:
                parts.append(f"{key}: {found[key]}")
        if "arguments" in found:
            parts.append(f"arguments: {found['arguments']}")
        if "members" in found:
            members = ", ".join(
                f"{{name: {text(name)}, type: {member}, bit: {bit}}}"
                for name, member, bit in found["members"])
            parts.append(f"members: [{members}]")
        if "constants" in found:
            constants = ", ".join(f"{{name: {text(name)}, value: {value}}}"
                                  for name, value in found["constants"])
            parts.append(f"constants: [{constants}]")
        return f"  - {{{', '.join(parts)}}}\n"

    def symbol_line(self, symbol):
        where = "section: .text" if symbol["place"] == "here" else \
            f"place: {symbol['place']}"
        return (f"  - {{name: {symbol['name']}, bind: {symbol['bind']}, type: "
                f"{symbol['type']}, {where}, value: {symbol['value']}}}\n")

    def told_lines(self, sort):
        for number, symbol in enumerate(self.symbols, 1):
            words = symbol["told"]
            if symbol["record"] != sort or words is None:
                continue
            line = f"  - {{symbol: '#{number}', "
            if sort == "object":
                yield f"{line}type: {words[0]}}}\n"
            else:
                yield f"{line}returns: {words[0]}, arguments: {words[1:]}}}\n"

    def spec(self):
        """The text of the spec."""
        def yes(word):
            return "yes" if word else "no"
        lists = {
            "sections": ["  - {name: .text, size: 16}\n"],
            "symbols": map(self.symbol_line, self.symbols),
            "type-labels": [f"  - {{name: {text(name)}, last: {last}}}\n"
                            for name, last in self.labels],
            "types": map(self.type_line, self.types),
            "object-types": self.told_lines("object"),
            "function-types": self.told_lines("function"),
        }
        lines = [f"machine: {self.machine}\nkind: {self.kind}\n"
                 f"options: {{ctf-version: {self.version}, ctf-compress: "
                 f"{yes(self.compress)}, ctf-as-made: {yes(self.as_made)}}}\n"]
        for key, items in lists.items():
            items = list(items)
            if items:
                lines += [f"{key}:\n", *items]
        return "".join(lines)
