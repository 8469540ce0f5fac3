# SPDX-License-Identifier: BSD-2-Clause
"""Random structures in C, and one change to one of them."""

import random

BASES = ["int", "long", "char", "short", "unsigned char", "void *",
         "unsigned long", "_Bool", "int (*%s)(int, void *)", "char %s[5]",
         "long %s[3]", "unsigned %s : 3", "unsigned %s : 9"]


class Structures:
    """Each may have earlier ones by value, and any by pointer."""

    def __init__(self, seed, count=40):
        self.random = random.Random(seed)
        self.all = [self.structure(number) for number in range(count)]

    def structure(self, number):
        return [self.member(number, f"m{number}_{i}")
                for i in range(self.random.randrange(2, 9))]

    def member(self, number, name):
        choose = self.random
        what = choose.random()
        if what < 0.2 and number:
            return f"struct r{choose.randrange(number)} {name}"
        if what < 0.25 and number:
            return f"struct r{choose.randrange(number)} {name}[2]"
        if what < 0.4:
            return f"struct r{choose.randrange(40)} *{name}"
        if what < 0.5:
            return (f"union {{ int {name}_i; long {name}_l; struct {{ short "
                    f"{name}_a, {name}_b; }}; }}")
        if what < 0.55:
            return f"struct {{ int x; char *y; }} {name}"
        base = choose.choice(BASES)
        return base % name if "%s" in base else f"{base} {name}"

    def changed(self):
        """Another one of these, and what of it: (number, how, member)."""
        choose = self.random
        other = Structures.__new__(Structures)
        other.random, other.all = choose, [list(one) for one in self.all]
        number = choose.randrange(len(self.all))
        members = other.all[number]
        at = choose.randrange(len(members))
        how = choose.choice(["insert", "append", "remove", "widen"])
        if how == "insert":
            members.insert(at, "long inserted")
        elif how == "append":
            members.append("long inserted")
        elif how == "remove":
            del members[at]
        else:
            members[at:at + 1] = [members[at], "double widened[2]"]
        return other, number, how

    def text(self):
        lines = []
        for number, members in enumerate(self.all):
            body = "".join(f"\t{member};\n" for member in members)
            lines.append(f"struct r{number} {{\n{body}}};\n")
        return "".join(lines)

    def kernel(self):
        each = "".join(
            f"USED int take{n}(struct r{n} *p) {{ return (p != 0); }}\n"
            f"USED static struct r{n} kept{n};\n"
            for n in range(len(self.all)))
        return ("#define USED __attribute__((used))\n"
                "USED int osreldate = OSRELDATE;\n"
                "USED __attribute__((section(\"kern_conf\"))) const char "
                "kernconfstring[] = CONF;\n" + self.text() + each)

    def module(self):
        count = range(len(self.all))
        each = "".join(f"int take{n}(struct r{n} *);\n"
                       f"USED static struct r{n} kept{n};\n" for n in count)
        calls = " + ".join(f"take{n}(&kept{n})" for n in count)
        return ("#define USED __attribute__((used))\n" + self.text() + each
                + f"USED static int use(void) {{ return ({calls}); }}\n")
