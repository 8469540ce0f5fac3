/* SPDX-License-Identifier: BSD-2-Clause */
/* Spec files: what they build, and where their mistakes are. */

#include <string.h>

#include <kldsim/spec.h>

#include "support_synth_file.h"

#define HEAD "machine: amd64\nkind: module\n"

static struct kldsim_synth *
read_spec(const char *text)
{
	struct kldsim_error error;
	struct kldsim_synth *synth;

	if (kldsim_synth_spec_bytes(text, strlen(text), "s.yaml", &synth,
	    &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return synth;
}

/* The same calls by hand make the same bytes. */
static void
assert_same(struct kldsim_synth *spec, struct kldsim_synth *hand)
{
	struct file a = finish(spec), b = finish(hand);

	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.bytes, b.bytes, a.size);
	done(spec, &a);
	done(hand, &b);
}

static void
test_kernel(void **state)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	(void)state;
	kldsim_synth_option(k, KLDSIM_SYNTH_OSRELDATE, 1300139);
	kldsim_synth_option(k, KLDSIM_SYNTH_VIMAGE, 1);
	kldsim_synth_func(k, "printf");
	kldsim_synth_ifunc(k, "memcpy");
	kldsim_synth_object(k, "ticks", "\0\0\0\1", 4, 4);
	kldsim_synth_object(k, "zeros", NULL, 100, 8);
	kldsim_synth_dpcpu_modspace(k, 128);
	kldsim_synth_vnet_modspace(k, 256);
	kldsim_synth_vnet(k, "ifcount", "\1\0\0\0", 4, 4);
	assert_same(read_spec(
	    "machine: amd64\n"
	    "kind: kernel\n"
	    "options: {osreldate: 1300139, vimage: yes}\n"
	    "functions: [printf]\n"
	    "ifuncs: [memcpy]\n"
	    "objects: [{name: ticks, int: 0x1000000},"
	    " {name: zeros, size: 100}]\n"
	    "modspace: {dpcpu: 128, vnet: 256}\n"
	    "vnet: [{name: ifcount, int: 1}]\n"), k);
}

static void
build_module(struct kldsim_synth *m)
{
	int init = kldsim_synth_func(m, "init"), text, data;

	kldsim_synth_bind(m, kldsim_synth_func(m, "quiet"),
	    KLDSIM_SYNTH_LOCAL);
	text = kldsim_synth_section_named(m, ".text");
	data = kldsim_synth_section(m, ".data", KLDSIM_SYNTH_PROGBITS,
	    KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_WRITE, 32);
	kldsim_synth_append(m, data, "\1\2\3\4\0\0\0\0", 8);
	kldsim_synth_reloc(m, text, 1, "R_X86_64_PLT32",
	    kldsim_synth_ref(m, "printf"), -4);
	kldsim_synth_reloc(m, text, 8, "R_X86_64_32S",
	    kldsim_synth_section_symbol(m, data), 4);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_weak_ref(m, "maybe"),
	    0);
	kldsim_synth_dpcpu(m, "count", "\0\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_vnet_pointer(m, "hook", init, 2);
	kldsim_synth_vnet(m, "name", "foo\0\0\0\0\0", 8, 1);
	kldsim_synth_declare_module(m, "foo", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "foo", 3);
	kldsim_synth_mdt_depend(m, "bar", 1, 2, 4);
	kldsim_synth_mdt_pnp(m, "pci", "U16:vendor", init, 8, 2);
	kldsim_synth_sysinit(m, "foo", 0x3800000, 1, init, 0);
	kldsim_synth_vnet_sysinit(m, "foo", 0x8400000, 0xFFFFFFF, init, 0);
	kldsim_synth_vnet_sysuninit(m, "foo", 0x8400000, 2, init, 0);
	kldsim_synth_set_entry(m, "my_set", init);
	kldsim_synth_ctor(m, ".ctors", init);
}

static void
test_module(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);

	(void)state;
	build_module(m);
	kldsim_synth_override(m, "ehdr.e_flags", 7);
	kldsim_synth_poke(m, 9, "\xab\xcd", 2);
	assert_same(read_spec(HEAD
	    "functions: [init, {name: quiet, bind: local}]\n"
	    "sections:\n"
	    "  - {name: .data, align: 32, size: 8, bytes: 01 02 03_04}\n"
	    "relocs:\n"
	    "  - {in: .text, at: 1, type: R_X86_64_PLT32, symbol: printf,"
	    " addend: -4}\n"
	    "  - {in: .text, at: 8, type: R_X86_64_32S, section: .data,"
	    " addend: 4}\n"
	    "  - {in: .data, at: 0, symbol: maybe, weak: yes}\n"
	    "dpcpu: [{name: count, int: 0, size: 8}]\n"
	    "vnet: [{name: hook, pointer: init, addend: 2},"
	    " {name: name, text: foo, size: 8, align: 1}]\n"
	    "modules: [foo]\n"
	    "versions: [{name: foo, version: 3}]\n"
	    "depends: [{name: bar, minimum: 1, preferred: 2, maximum: 4}]\n"
	    "pnp: [{bus: pci, descr: 'U16:vendor', table: init,"
	    " entry-size: 8, entries: 2}]\n"
	    "sysinits: [{name: foo, subsystem: SI_SUB_CONFIGURE,"
	    " order: SI_ORDER_SECOND, func: init}]\n"
	    "vnet-sysinits: [{name: foo, subsystem: SI_SUB_PROTO_IF,"
	    " order: SI_ORDER_ANY, func: '#1'}]\n"
	    "vnet-sysuninits: [{name: foo, subsystem: SI_SUB_PROTO_IF,"
	    " order: SI_ORDER_THIRD, func: init}]\n"
	    "sets: [{set: my_set, symbol: init}]\n"
	    "ctors: [init]\n"
	    "overrides: {ehdr.e_flags: 7}\n"
	    "pokes: [{at: 9, bytes: abcd}]\n"), m);
}

static void
test_machines(void **state)
{
	const char *machine;
	struct kldsim_synth *spec;
	struct file file;
	char text[400];
	size_t i, kind;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		for (kind = 0; kind < 2; kind++) {
			(void)snprintf(text, sizeof(text), "machine: %s\n"
			    "kind: %s\nfunctions: [f]\n%s", machine,
			    kind == 0 ? "kernel" : "module",
			    is_generic(machine) ? "options: {vimage: no}\n" :
			    "vnet: [{name: v, pointer: f}]\n"
			    "dpcpu: [{name: d, int: 0x01020304}]\n"
			    "modules: [m]\n");
			if (is_generic(machine) && kind == 0)
				continue;
			spec = read_spec(text);
			file = finish(spec);
			assert_int_equal(file.ehdr.e_type == ET_REL,
			    kind == 1 && (strcmp(machine, "amd64") == 0 ||
			    is_generic(machine)));
			done(spec, &file);
		}
	}
}

static void
test_sysctl_and_pad(void **state)
{
	struct kldsim_synth *spec = read_spec("machine: i386\nkind: module\n"
	    "options: {set-pad: 0x90909090}\n"
	    "sysctls:\n"
	    "  - {name: limit, parent: _net, kind: CTLTYPE_INT CTLFLAG_RW,\n"
	    "     arg2: 5, fmt: I, descr: The limit.}\n");
	struct file file = finish(spec);
	GElf_Shdr shdr;
	GElf_Sym sym;

	(void)state;
	assert_non_null(find(&file, "set_pcpu", &shdr));
	assert_int_equal(shdr.sh_size, 4);
	assert_int_equal(integer(&file, shdr.sh_offset, 4), 0x90909090);
	assert_non_null(find(&file, "set_vnet", &shdr));
	assert_int_equal(shdr.sh_size, 4);
	assert_true(symbol(&file, ".symtab", "sysctl___net_limit", &sym) != 0);
	assert_int_equal(sym.st_size, 60);
	assert_int_equal(integer(&file, offset_of(&file, sym.st_value) + 16,
	    4), 0xc0000002);
	assert_int_equal(integer(&file, offset_of(&file, sym.st_value) + 24,
	    8), 5);
	assert_true(symbol(&file, ".symtab",
	    "__set_sysctl_set_sym_sysctl___net_limit", &sym) != 0);
	done(spec, &file);
}

static void
test_fixed(void **state)
{
	struct kldsim_synth *spec = read_spec("machine: i386\nkind: dyn\n"
	    "sections:\n"
	    "  - {name: .text, address: 0x1000, size: 0x20}\n"
	    "  - {name: .data, address: 0x3010, bytes: 01020304}\n"
	    "  - {name: .bss, size: 0x100000}\n"
	    "symbols: [{name: a, section: .data, value: 2}]\n");
	struct file file = finish(spec);
	GElf_Shdr shdr;
	GElf_Sym sym;

	(void)state;
	assert_non_null(find(&file, ".text", &shdr));
	assert_int_equal(shdr.sh_addr, 0x1000);
	assert_non_null(find(&file, ".bss", &shdr));
	assert_int_equal(shdr.sh_addr, 0x3014);
	assert_true(symbol(&file, ".dynsym", "a", &sym) != 0);
	assert_int_equal(sym.st_value, 0x3012);
	assert_int_equal(integer(&file, offset_of(&file, 0x3010), 4),
	    0x04030201);
	done(spec, &file);
}

/*
 * The first segment begins at the base, and has the headers in it if there is
 * room for them: 52 bytes and 32 for each of a few segments.  Where it does
 * not, they have the file's first page to themselves.
 */
static void
test_fixed_base(void **state)
{
	static const struct {
		const char *base;
		unsigned address; /* of .text */
		unsigned segment, offset; /* of the first segment */
	} rows[] = {
		{"0", 0x1000, 0, 0},
		{"0", 0x10, 0, 0x1000},
		{"0x2000", 0x1000, 0x1000, 0x1000}, /* behind .text */
		{"0x1000", 0x21000, 0x21000, 0x1000}, /* 128 KiB before it */
		{"0x1800", 0x2000, 0x1800, 0x1800}, /* not on a page */
	};
	struct kldsim_synth *spec;
	struct file file;
	GElf_Phdr phdr;
	GElf_Shdr shdr;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "machine: i386\nkind: dyn\n"
		    "options: {base: %s}\nsections:\n  - {name: .text, "
		    "address: 0x%x, bytes: cc}\n", rows[i].base,
		    rows[i].address);
		spec = read_spec(text);
		file = finish(spec);
		assert_non_null(gelf_getphdr(file.elf, 0, &phdr));
		assert_int_equal(phdr.p_type, PT_LOAD);
		assert_int_equal(phdr.p_vaddr, rows[i].segment);
		assert_int_equal(phdr.p_offset, rows[i].offset);
		assert_true(phdr.p_vaddr + phdr.p_filesz > rows[i].address);
		assert_true(phdr.p_memsz >= phdr.p_filesz);
		assert_non_null(find(&file, ".text", &shdr));
		assert_int_equal(shdr.sh_addr, rows[i].address);
		assert_int_equal(shdr.sh_offset, rows[i].offset +
		    rows[i].address - rows[i].segment);
		assert_int_equal(integer(&file, shdr.sh_offset, 1), 0xcc);
		done(spec, &file);
	}
}

/* Zeros have no bytes in the file, so bytes behind them begin a segment. */
static void
test_fixed_after_zeros(void **state)
{
	static const struct {
		const char *type;
		unsigned segments; /* that are writable */
	} rows[] = {{"nobits", 2}, {"progbits", 1}};
	struct kldsim_synth *spec;
	struct file file;
	GElf_Phdr phdr;
	char text[300];
	unsigned n;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "machine: i386\nkind: dyn\n"
		    "sections:\n"
		    "  - {name: .text, address: 0x1000, size: 4}\n"
		    "  - {name: .a, type: %s, flags: alloc write, "
		    "address: 0x2000, size: 16}\n"
		    "  - {name: .data, address: 0x2010, bytes: cc}\n",
		    rows[i].type);
		spec = read_spec(text);
		file = finish(spec);
		for (n = 0, j = 0; j < file.ehdr.e_phnum; j++) {
			assert_non_null(gelf_getphdr(file.elf, j, &phdr));
			n += phdr.p_type == PT_LOAD &&
			    (phdr.p_flags & PF_W) != 0;
		}
		assert_int_equal(n, rows[i].segments);
		assert_int_equal(integer(&file, offset_of(&file, 0x2010), 1),
		    0xcc);
		done(spec, &file);
	}
}

/* Types by their names, which several kinds may share, or by their numbers. */
static void
test_types(void **state)
{
	static const struct kldsim_synth_ctf_type types[] = {
		{.kind = KLDSIM_SYNTH_CTF_INTEGER, .name = "int", .size = 4,
		    .bits = 32, .encoding = KLDSIM_SYNTH_CTF_SIGNED},
		{.kind = KLDSIM_SYNTH_CTF_STRUCT, .name = "foo", .size = 4},
		{.kind = KLDSIM_SYNTH_CTF_UNION, .name = "foo", .size = 4},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "foo", .type = 2},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "a", .type = 1},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "b", .type = 2},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "c", .type = 3},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "d", .type = 4},
		{.kind = KLDSIM_SYNTH_CTF_TYPEDEF, .name = "e", .type = 5},
	};
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_int_equal(kldsim_synth_ctf_type(m, &types[i]), i + 1);
	kldsim_synth_ctf_member(m, 2, "x", 1, 0);
	assert_same(read_spec(HEAD "types:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    "  - {kind: struct, name: foo, size: 4,"
	    " members: [{name: x, type: int, bit: 0}]}\n"
	    "  - {kind: union, name: foo, size: 4}\n"
	    "  - {kind: typedef, name: foo, type: struct foo}\n"
	    "  - {kind: typedef, name: a, type: int}\n"
	    "  - {kind: typedef, name: b, type: 2}\n"
	    "  - {kind: typedef, name: c, type: union foo}\n"
	    "  - {kind: typedef, name: d, type: foo}\n"
	    "  - {kind: typedef, name: e, type: a}\n"), m);
}

/* Mistakes: the spec, and what is told, place first. */
static const struct {
	const char *text;
	const char *error;
} mistakes[] = {
	{"", "s.yaml:1:1: expected a spec, which begins with machine and "
	    "kind, found the end of the file"},
	{"[]", "s.yaml:1:1: expected a mapping, which begins with machine and "
	    "kind, found a list"},
	{"machine: amd64\n", "s.yaml:2:1: expected machine and kind, found "
	    "the end of the mapping"},
	{"kind: modul\n", "s.yaml:1:7: expected kernel, module, rel, exec or "
	    "dyn, found \"modul\""},
	{"machine: vax\n", "s.yaml:1:10: expected amd64, i386, arm64"},
	{"machine: [amd64]\n", "s.yaml:1:10: expected the name of a machine, "
	    "found a list"},
	{"functions: [a]\n", "s.yaml:1:1: expected machine and kind before "
	    "other keys, found \"functions\""},
	{HEAD "machine: amd64\n", "s.yaml:3:1: expected each key once, found "
	    "machine again"},
	{HEAD "functoins: [a]\n", "s.yaml:3:1: expected machine, kind, "
	    "options"},
	{HEAD "functions: a\n", "s.yaml:3:12: expected a list of functions, "
	    "found \"a\""},
	{HEAD "functions: {a: b}\n", "s.yaml:3:12: expected a list of "
	    "functions, found a mapping"},
	{HEAD "functions: [[a]]\n", "s.yaml:3:13: expected a mapping with "
	    "name, bind or dynamic, found a list"},
	{HEAD "functions:\n  - {bind: local}\n", "s.yaml:4:5: expected a key "
	    "name in this item"},
	{HEAD "functions:\n  - name: a\n    bind: loc\n", "s.yaml:5:11: bind: "
	    "expected local, global, weak, or a number, found \"loc\""},
	{HEAD "functions:\n  - name: a\n    bnd: local\n", "s.yaml:5:5: "
	    "expected name, bind or dynamic, found \"bnd\""},
	{HEAD "functions:\n  - name: a\n    name: b\n", "s.yaml:5:5: "
	    "expected each key once, found name again"},
	{HEAD "functions:\n  - name: [a]\n", "s.yaml:4:11: expected a value of "
	    "name, found a list"},
	{HEAD "functions:\n  - name: a\n    dynamic: maybe\n", "s.yaml:5:14: "
	    "dynamic: expected yes or no, found \"maybe\""},
	{HEAD "functions: [&x a, *x]\n", "s.yaml:3:19: expected a mapping with "
	    "name, bind or dynamic, found an alias"},
	{HEAD "functions: [\"a\\0b\"]\n", "s.yaml:3:13: name: expected text "
	    "without a zero byte"},
	{HEAD "functions: ['a\\q']\n", "s.yaml:3:13: name: expected \\x and "
	    "the two digits"},
	{HEAD "options: [page]\n", "s.yaml:3:10: expected a mapping of options, "
	    "found a list"},
	{HEAD "options: {page: [1]}\n", "s.yaml:3:17: expected a value of the "
	    "option, found a list"},
	{HEAD "options: {page: 0x}\n", "s.yaml:3:17: page: expected a number, "
	    "decimal or hexadecimal after 0x, found \"0x\""},
	{HEAD "options: {page: -9223372036854775809}\n", /* -2^63 - 1 */
	    "s.yaml:3:17: page: expected a number, decimal or"},
	{HEAD "options: {osreldat: 1}\n", "s.yaml:3:11: expected base, "
	    "e-machine"},
	{HEAD "options: {osreldate: 13x}\n", "s.yaml:3:22: osreldate: expected "
	    "a number, decimal or hexadecimal after 0x, found \"13x\""},
	{HEAD "options: {e-machine: 65536}\n", "s.yaml:3:22: e-machine: "
	    "expected a number from 0 to 65535, found \"65536\""},
	{HEAD "options: {page: 3}\n", "s.yaml:3:17: page size 3 is no power "
	    "of two"},
	{HEAD "sections:\n  - {name: .x, type: prog}\n", "s.yaml:4:22: type: "
	    "expected null, progbits"},
	{HEAD "sections:\n  - {name: .x, flags: alloc wx}\n", "s.yaml:4:23: "
	    "flags: expected none, write, alloc"},
	{HEAD "sections:\n  - {name: .x, align: 3}\n", "s.yaml:4:5: section "
	    ".x: alignment 3 is no power of two"},
	{HEAD "sections:\n  - {name: .x, size: 1, bytes: 0102}\n",
	    "s.yaml:4:22: size: expected at least the 2 bytes given, found 1"},
	{HEAD "sections:\n  - {name: .x, bytes: 012}\n", "s.yaml:4:23: bytes: "
	    "expected pairs of hexadecimal digits, found \"2\""},
	{HEAD "sections:\n  - {name: .x, size: 0xffffffffff}\n",
	    "s.yaml:4:22: expected no more than 268435456 bytes of contents"},
	{HEAD "symbols:\n  - {name: a, section: .x}\n", "s.yaml:4:24: expected "
	    "the name of a section made before, found \".x\""},
	{HEAD "symbols:\n  - {name: a, section: '#9'}\n", "s.yaml:4:24: "
	    "expected # and the number of a section from 1 to 0, found #9"},
	{HEAD "symbols:\n  - {name: a, place: sky}\n", "s.yaml:4:22: place: "
	    "expected undef, abs, common, or a number, found \"sky\""},
	{HEAD "functions: [f]\nsymbols:\n"
	    "  - {name: a, section: .text, place: abs}\n", "s.yaml:5:38: "
	    "place: expected undef, abs or common, and no section"},
	{HEAD "symbols:\n  - {name: a, place: 3}\n", "s.yaml:4:22: place: "
	    "expected undef, abs or common, and no section"},
	{HEAD "functions: [f]\nrelocs:\n"
	    "  - {in: .text, at: 0, type: R_386_32, symbol: f}\n",
	    "s.yaml:5:5: relocation type \"R_386_32\" is unknown to amd64"},
	{HEAD "functions: [f]\nrelocs:\n"
	    "  - {in: .text, at: 20, symbol: f}\n",
	    "s.yaml:5:5: section .text: no pointer fits at offset 0x14"},
	{HEAD "functions: [f]\nrelocs:\n  - {in: .text, at: 0, symbol: f,"
	    " section: .text}\n",
	    "s.yaml:5:44: section: expected either a symbol or a section"},
	{HEAD "vnet: [{name: v}]\n", "s.yaml:3:15: expected a size, bytes, "
	    "text, int or pointer"},
	{HEAD "vnet: [{name: v, int: 1, text: a}]\n", "s.yaml:3:15: expected "
	    "one of bytes, text, int and pointer"},
	{HEAD "vnet: [{name: v, int: 1, size: 9}]\n", "s.yaml:3:32: size: "
	    "expected an int of 1 to 8 bytes, found 9"},
	{HEAD "vnet: [{name: v, bytes: 0102, size: 1}]\n", "s.yaml:3:37: "
	    "size: expected at least the 2 bytes given, found 1"},
	{HEAD "vnet: [{name: v, size: 8, align: 0x40000000}]\n",
	    "s.yaml:3:34: expected no more than 268435456 bytes"},
	{HEAD "modspace: [1]\n", "s.yaml:3:11: expected a mapping with dpcpu "
	    "or vnet, found a list"},
	{HEAD "truncate: yes\n", "s.yaml:3:11: truncate: expected a number"},
	{HEAD "overrides: {ehdr.e_type: x}\n", "s.yaml:3:26: value: expected a "
	    "number, decimal or hexadecimal after 0x, found \"x\""},
	{HEAD "overrides: {[a]: 1}\n", "s.yaml:3:13: expected the name of a "
	    "field, found a list"},
	{HEAD "modules: [{name: m, priv: p}]\n", "s.yaml:3:27: priv: expected "
	    "only with declare: no"},
	{HEAD "types: [{name: a}]\n", "s.yaml:3:9: expected a key kind in "
	    "this item"},
	{HEAD "types: [{kind: class}]\n", "s.yaml:3:16: kind: expected unknown, "
	    "integer, float"},
	{HEAD "types: [{kind: float, encoding: signed}]\n", "s.yaml:3:33: "
	    "encoding: expected single, double"},
	{HEAD "types: [{kind: integer, bits: 65536}]\n", "s.yaml:3:31: bits: "
	    "expected a number from 0 to 65535"},
	{HEAD "types: [{kind: struct, members: x}]\n", "s.yaml:3:33: "
	    "expected a list of members, found \"x\""},
	{HEAD "types: [{kind: struct, members: [[a]]}]\n", "s.yaml:3:34: "
	    "expected a mapping with name, type, bit or bits, found a list"},
	{HEAD "types: [{kind: struct, members: [{name: a, bit: 0}]}]\n",
	    "s.yaml:3:34: expected a key type in this item"},
	{HEAD "types: [{kind: struct, members: [{type: [a], bit: 0}]}]\n",
	    "s.yaml:3:41: expected a value of type, found a list"},
	{HEAD "types: [{kind: struct, members: [], members: []}]\n",
	    "s.yaml:3:37: expected each key once, found members again"},
	{HEAD "types: [{kind: enum, members: [{type: 1, bit: 0}]}]\n",
	    "s.yaml:3:9: member: type 1 is not there, or has no members"},
	{HEAD "types: [{kind: enum, constants: [{name: A, value: "
	    "0x80000000}]}]\n", "s.yaml:3:41: constants: expected values of 32 "
	    "bits, signed"},
	{HEAD "types: [{kind: enum, constants: [{name: A, value: 0x7fffffff}, "
	    "B]}]\n", "s.yaml:3:64: constants: expected values of 32 bits"},
	{HEAD "types: [{kind: pointer, type: foo}]\n", "s.yaml:3:31: expected "
	    "a type of this file, found \"foo\""},
	{HEAD "types: [{kind: struct, name: foo}, {kind: const, type: foo}]\n",
	    "s.yaml:3:56: expected a type of this file, found \"foo\""},
	{HEAD "types: [{kind: pointer, type: 0x80000000}]\n", "s.yaml:3:31: "
	    "expected the number of a type, found \"0x80000000\""},
	{HEAD "types: [{kind: float, name: f}, {kind: union, members: "
	    "[{type: f, bit: 0, bits: 1}]}]\n", "s.yaml:3:64: bits: expected "
	    "an integer or enum, found \"f\""},
	{HEAD "types: [{kind: union, members: [{type: 1, bit: 0, bits: 65}]}]\n",
	    "s.yaml:3:57: bits: expected a number from 0 to 64"},
	{HEAD "object-types: [{symbol: a, type: b}]\n", "s.yaml:3:34: expected "
	    "a type of this file, found \"b\""},
	{HEAD "types:\n  - {kind: pointer, type: 9 *}\n", "s.yaml:4:27: expected "
	    "a type of this file, found \"9\""},
	{HEAD "functions: [a\n", "s.yaml:4:1: expected YAML: did not find "
	    "expected ',' or ']' while parsing a flow sequence"},
	{HEAD "functions: \xff\xfe\n", "expected YAML: "},
	{HEAD "---\nmachine: amd64\n", "s.yaml:3:1: expected one document, "
	    "found another document"},
};

static void
test_mistakes(void **state)
{
	struct kldsim_synth *synth;
	struct kldsim_error error;
	enum kldsim_status status;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		memset(&error, 0, sizeof(error));
		status = kldsim_synth_spec_bytes(mistakes[i].text,
		    strlen(mistakes[i].text), "s.yaml", &synth, &error);
		if (status != KLDSIM_MALFORMED || synth != NULL ||
		    strstr(error.text, mistakes[i].error) == NULL)
			fail_msg("%zu: %d \"%s\" instead of \"%s\"", i,
			    (int)status, error.text, mistakes[i].error);
		assert_ptr_equal(strstr(error.text, "s.yaml:"), error.text);
	}
}

/* Mistakes that only the layout shows have their place too. */
static const struct {
	const char *text;
	const char *error;
} late[] = {
	{HEAD "overrides:\n  ehdr.e_typo: 1\n", "s.yaml:4:3: "},
	{HEAD "overrides:\n  ehdr.e_type: 0x10000\n", "s.yaml:4:3: "},
	{HEAD "pokes:\n  - {at: 0x100000, bytes: 00}\n", "s.yaml:4:5: "},
	{"machine: i386\nkind: module\nfunctions: [f]\nrelocs:\n"
	    "  - {in: .text, at: 14, type: R_386_32, symbol: f, addend: 1}\n",
	    "s.yaml:5:5: section .text: no room for an addend"},
	{HEAD "types:\n  - {kind: pointer, type: 2}\n",
	    "s.yaml:4:5: there is no type 2"},
	{HEAD "functions: [f]\nobject-types:\n  - {symbol: f, type: 0}\n",
	    "s.yaml:5:5: symbol f is no object that is defined here"},
	{HEAD "options: {ctf-version: 1}\ntype-labels: [L]\n",
	    "CTF has version 2 or 3, not 1"},
	{HEAD "type-labels: [L]\noverrides:\n  ctf_type[1].ctt_name: 1\n",
	    "s.yaml:5:3: override"},
	{"machine: i386\nkind: dyn\nsections:\n"
	    "  - {name: .text, address: 0x1000, size: 16}\n"
	    "  - {name: .data, address: 0x1008, size: 16}\n",
	    "section .data: address 0x1008 is inside the section before"},
	{"machine: i386\nkind: dyn\nsections:\n"
	    "  - {name: .text, address: 0x1000, size: 16}\n"
	    "  - {name: .data, address: 0x100f, size: 1}\n",
	    "section .data: address 0x100f is inside the section before"},
};

static void
test_late_mistakes(void **state)
{
	struct kldsim_synth *synth;
	struct kldsim_error error;
	void *bytes;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		synth = read_spec(late[i].text);
		assert_int_not_equal(kldsim_synth_finish(synth, &bytes, &size,
		    &error), KLDSIM_OK);
		if (strstr(error.text, late[i].error) != error.text)
			fail_msg("%zu: \"%s\" instead of \"%s\"", i,
			    error.text, late[i].error);
		kldsim_synth_free(synth);
	}
}

/* Any cut of a good spec is good or told of, and nothing leaks. */
static void
test_cuts(void **state)
{
	static const char text[] = HEAD "functions: [f, {name: g, bind: weak}]"
	    "\nvnet:\n  - name: v\n    int: 5\nsysinits:\n  - {name: f, "
	    "subsystem: SI_SUB_VFS, func: f}\noverrides: {ehdr.e_type: 1}\n"
	    "modspace: {vnet: 10}\ntruncate: 100\n";
	struct kldsim_synth *synth;
	struct kldsim_error error;
	char copy[sizeof(text)];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) - 1; i++) {
		if (kldsim_synth_spec_bytes(text, i, "s", &synth, &error) ==
		    KLDSIM_OK)
			kldsim_synth_free(synth);
		memcpy(copy, text, sizeof(text));
		copy[i] = "[]{}:&*-\n!"[i % 10];
		if (kldsim_synth_spec_bytes(copy, sizeof(text) - 1, "s",
		    &synth, &error) == KLDSIM_OK)
			kldsim_synth_free(synth);
		else
			assert_true(error.text[0] == 's');
	}
}

static void
test_files(void **state)
{
	struct kldsim_synth *synth = (struct kldsim_synth *)state;
	struct kldsim_error error;

	assert_int_equal(kldsim_synth_spec("/no/such/spec.yaml", &synth,
	    &error), KLDSIM_SYS);
	assert_null(synth);
	assert_non_null(strstr(error.text, "/no/such/spec.yaml: "));
	assert_int_equal(kldsim_synth_spec(NULL, &synth, NULL), KLDSIM_ARG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_sysctl_and_pad),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_fixed_base),
		cmocka_unit_test(test_fixed_after_zeros),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_late_mistakes),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
