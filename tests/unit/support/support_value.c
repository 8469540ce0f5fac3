/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_value.h"

const struct value_machine value_machines[VALUE_MACHINES] = {
	{ "amd64", false, 8 }, { "i386", false, 4 },
	{ "powerpc64", true, 8 }, { "powerpc", true, 4 },
};

void
value_put(uint8_t *bytes, const struct value_machine *machine, unsigned size,
    uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		bytes[machine->big ? size - 1 - i : i] =
		    (uint8_t)(value >> 8 * i);
}

void
value_foo(uint8_t bytes[VALUE_FOO], const struct value_machine *machine)
{
	memset(bytes, 0, VALUE_FOO);
	value_put(bytes, machine, 4, (uint32_t)-5);
	memcpy(bytes + 4, "ab", 2);
	bytes[16] = machine->big ? 5 << 5 | 9 : 5 | 9 << 3;
	value_put(bytes + 20, machine, 4, (uint32_t)-1);
	value_put(bytes + 24, machine, 4, 1);
}

struct value_types
value_types(struct kldsim_synth *s)
{
	struct value_types t;
	int chars, bits3, bits5, mode, name, many;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	t.integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	chars = ctf_int(s, "char", 1, KLDSIM_SYNTH_CTF_SIGNED |
	    KLDSIM_SYNTH_CTF_CHAR, 8);
	bits3 = ctf_int(s, "unsigned int", 4, 0, 3);
	bits5 = ctf_int(s, "unsigned int", 4, 0, 5);
	name = ctf_array(s, chars, 4, 4);
	many = ctf_array(s, t.integer, 12, 48);
	mode = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "mode", 4);
	kldsim_synth_ctf_enumerator(s, mode, "OFF", 0);
	kldsim_synth_ctf_enumerator(s, mode, "BROKEN", -1);
	t.foo = ctf_struct(s, "foo", VALUE_FOO);
	t.pointer = ctf_pointer(s, t.foo);
	kldsim_synth_ctf_member(s, t.foo, "a", t.integer, 0);
	kldsim_synth_ctf_member(s, t.foo, "n", name, 32);
	kldsim_synth_ctf_member(s, t.foo, "p", t.pointer, 64);
	kldsim_synth_ctf_member(s, t.foo, "f1", bits3, 128);
	kldsim_synth_ctf_member(s, t.foo, "f2", bits5, 131);
	kldsim_synth_ctf_member(s, t.foo, "m", mode, 160);
	kldsim_synth_ctf_member(s, t.foo, "many", many, 192);
	return t;
}

void
value_kernel(struct kern *kern, const struct value_machine *machine,
    uint32_t osreldate)
{
	struct kldsim_synth *s;
	uint8_t bytes[VALUE_FOO];
	struct value_types t;

	kern_init_machine(kern, machine->name, osreldate);
	s = kern->synth;
	kern->options.vnets = 3;
	t = value_types(s);
	value_foo(bytes, machine);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "one", bytes,
	    VALUE_FOO, 8), t.foo);
	kldsim_synth_ctf_object(s, kldsim_synth_vnet(s, "each", bytes,
	    VALUE_FOO, 8), t.foo);
	(void)kldsim_synth_dpcpu(s, "plain", "\0\0\0\0\0\0\0\0", 8, 8);
	(void)kldsim_synth_object(s, "odd", "\1\2\3\4\5", 5, 1);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "wide",
	    "\0\0\0\0\0\0\0", 8, 8), t.integer);
	kldsim_synth_ctf_func(s, kldsim_synth_func(s, "call"), t.integer, NULL,
	    0);
	kern_boot(kern);
}
