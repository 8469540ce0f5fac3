/* SPDX-License-Identifier: BSD-2-Clause */

/* Who refers to virtualized variables (F-01 to F-10, N-19, N-20). */

#include "support_kern.h"

#include <stdio.h>

#include <kldsim/refs.h>
#include <kldsim/spec.h>

#include "support_alloc.h"

static struct kldsim_error error;

/* An image of a spec. */
static struct kldsim_image *
image_of(const char *spec, const char *name)
{
	struct kldsim_synth *synth = NULL;
	struct kldsim_image *image = NULL;

	if (kldsim_synth_spec_bytes(spec, strlen(spec), name, &synth,
	    &error) != KLDSIM_OK || kldsim_synth_image(synth, name, &image,
	    &error) != KLDSIM_OK)
		fail_msg("%s: %s", name, error.text);
	kldsim_synth_free(synth);
	return (image);
}

/* The image goes. */
static struct kldsim_refs *
read_image(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels)
{
	struct kldsim_refs *refs = NULL;

	if (kldsim_refs_read(image, kernels, NULL, &refs, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(image);
	return (refs);
}

static struct kldsim_refs *
read_with(const char *spec, const char *name,
    const struct kldsim_refs_kernels *kernels)
{
	return (read_image(image_of(spec, name), kernels));
}

static struct kldsim_refs *
read_spec(const char *spec)
{
	return (read_with(spec, "a.ko", NULL));
}

static struct kldsim_refs_info
info_of(const struct kldsim_refs *refs)
{
	struct kldsim_refs_info info;

	kldsim_refs_info(refs, &info);
	return (info);
}

static struct kldsim_refs_variable
variable_at(const struct kldsim_refs *refs, uint32_t index)
{
	struct kldsim_refs_variable variable;

	assert_int_equal(kldsim_refs_variable(refs, index, &variable),
	    KLDSIM_OK);
	return (variable);
}

static void
is_at(const struct kldsim_refs_variable *variable, const char *section,
    uint64_t offset)
{
	assert_string_equal(variable->section, section);
	assert_hex(variable->section_offset, offset);
}

/* --- one file --- */

/* fx_vnet.ko of the fixtures without what its sysctls refer to. */
static struct kldsim_refs *
n19_module(void)
{
	/* Offsets in .text and addends, as N-19's module has them. */
	static const struct {
		uint64_t at;
		const char *symbol;
		int64_t addend;
	} all[] = {
		{ 0x3d, NULL, 0x10 }, { 0x66, NULL, 0x18 },
		{ 0x6c, "vnet_entry_ip_forwarding", 0 }, { 0x75, NULL, 0x34 },
		{ 0x7c, "vnet_entry_loif", 0 }, { 0x83, NULL, 0x28 },
		{ 0x89, NULL, 0x8 }, { 0x9b, NULL, 0x10 },
		{ 0xdb, "vnet_entry_loif", 0 }, { 0xe2, NULL, 0x20 },
	};
	struct kldsim_synth *synth = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	static const struct {
		const char *name;
		uint64_t size, align;
	} own[] = {
		{ "enabled", 4, 4 }, { "output", 8, 8 }, { "lock", 8, 8 },
		{ "enabled_ptr", 8, 8 }, { "type", 8, 8 }, { "name", 12, 4 },
		{ "unit", 2, 2 },
	};
	int text, set, symbol, first = 0;

	text = kldsim_synth_section_named(synth, ".text");
	(void)kldsim_synth_append(synth, text, NULL, 0x100);
	(void)kldsim_synth_symbol(synth, "foo_init", 0, 2, text, 0x20, 0xa0);
	(void)kldsim_synth_symbol(synth, "foo_uninit", 0, 2, text, 0xc0, 0x40);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		symbol = kldsim_synth_vnet(synth, own[i].name, NULL,
		    own[i].size, own[i].align);
		(void)kldsim_synth_bind(synth, symbol, 0);
		first = i == 0 ? symbol : first;
	}
	set = kldsim_synth_section_named(synth, "set_vnet");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		(void)kldsim_synth_reloc(synth, text, all[i].at,
		    "R_X86_64_32S", all[i].symbol == NULL ?
		    kldsim_synth_section_symbol(synth, set) :
		    kldsim_synth_ref(synth, all[i].symbol), all[i].addend);
	(void)kldsim_synth_reloc(synth, set, 0x18, "R_X86_64_64", first, 0);
	return (read_image(kern_image(synth, "foo.ko"), NULL));
}

static void
a_relocatable_file(void **state)
{
	struct kldsim_refs *refs = n19_module();
	const struct kldsim_refs_info info = info_of(refs);
	struct kldsim_refs_variable variable = variable_at(refs, 0);

	(void)state;
	assert_int_equal(info.use, KLDSIM_REFS_IMPORTS);
	assert_true(info.relocatable);
	assert_false(info.kernel);
	assert_int_equal(info.imports, 2);
	assert_int_equal(info.references, 3);
	assert_int_equal(info.own, 7);
	assert_int_equal(info.own_references, 8);
	assert_int_equal(info.set[KLDSIM_REFS_VNET], 0x36);
	assert_string_equal(variable.name, "ip_forwarding");
	assert_int_equal(variable.references, 1);
	is_at(&variable, ".text", 0x6c);
	assert_string_equal(variable.function, "foo_init");
	assert_hex(variable.function_offset, 0x4c);
	variable = variable_at(refs, 1);
	assert_string_equal(variable.name, "loif");
	assert_int_equal(variable.references, 2);
	assert_int_equal(variable.got, 0);
	is_at(&variable, ".text", 0x7c);
	/* By their place: the third of its own, wanted at 0x3d and 0x9b. */
	variable = variable_at(refs, 4);
	assert_true(variable.own);
	assert_string_equal(variable.name, "lock");
	assert_hex(variable.offset, 0x10);
	assert_int_equal(variable.size, 8);
	assert_int_equal(variable.references, 2);
	is_at(&variable, ".text", 0x3d);
	/* Wanted in its own set alone, by its name. */
	variable = variable_at(refs, 2);
	assert_string_equal(variable.name, "enabled");
	is_at(&variable, "set_vnet", 0x18);
	assert_null(variable.function);
	assert_int_equal(kldsim_refs_variable(refs, 9, &variable),
	    KLDSIM_NOENT);
	kldsim_refs_free(refs);
}

/* The same source as arm64 ET_DYN: two slots of the GOT. */
static void
a_shared_object(void **state)
{
	struct kldsim_synth *synth = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_DYN);
	const int got = kldsim_synth_section(synth, ".got", 1,
	    KERN_ALLOC_WRITE, 8);
	struct kldsim_refs_variable variable;
	struct kldsim_refs_info info;
	struct kldsim_refs *refs;
	int mine;

	(void)state;
	(void)kldsim_synth_append(synth, got, NULL, 24);
	(void)kldsim_synth_vnet(synth, "pad", NULL, 8, 8);
	mine = kldsim_synth_bind(synth, kldsim_synth_vnet(synth, "mine", NULL,
	    8, 8), 0);
	(void)kldsim_synth_reloc(synth, got, 0, "R_AARCH64_GLOB_DAT",
	    kldsim_synth_ref(synth, "vnet_entry_ip_forwarding"), 0);
	(void)kldsim_synth_reloc(synth, got, 8, "R_AARCH64_GLOB_DAT",
	    kldsim_synth_ref(synth, "vnet_entry_loif"), 0);
	kldsim_synth_pointer(synth, got, 16, mine, 0);
	refs = read_image(kern_image(synth, "foo.ko"), NULL);
	info = info_of(refs);
	variable = variable_at(refs, 1);
	assert_false(info.relocatable);
	assert_int_equal(info.imports, 2);
	assert_int_equal(info.references, 2);
	assert_string_equal(variable.name, "loif");
	assert_int_equal(variable.got, 1);
	is_at(&variable, ".got", 8);
	/* RELATIVE, and its local symbol names it. */
	variable = variable_at(refs, 3);
	assert_string_equal(variable.name, "mine");
	assert_hex(variable.offset, 8);
	assert_int_equal(variable.references, 1);
	assert_int_equal(variable.got, 1);
	kldsim_refs_free(refs);
}

/* F-02: no symbol names what the section's symbol leads to. */
static void
a_set_without_names(void **state)
{
	struct kldsim_synth *synth = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	struct kldsim_refs_variable variable;
	struct kldsim_refs *refs;
	int data, set;

	(void)state;
	data = kldsim_synth_section_named(synth, ".data");
	(void)kldsim_synth_append(synth, data, NULL, 16);
	set = kldsim_synth_section_named(synth, "set_pcpu");
	(void)kldsim_synth_append(synth, set, NULL, 32);
	for (int i = 0; i < 2; i++)
		(void)kldsim_synth_reloc(synth, data, 8 * (uint64_t)i,
		    "R_X86_64_64", kldsim_synth_section_symbol(synth, set),
		    16 * i);
	refs = read_image(kern_image(synth, "a.ko"), NULL);
	assert_int_equal(info_of(refs).use, KLDSIM_REFS_OWN);
	assert_int_equal(info_of(refs).own, 1);
	variable = variable_at(refs, 0);
	assert_string_equal(variable.name, "");
	assert_int_equal(variable.prefix, KLDSIM_REFS_DPCPU);
	assert_int_equal(variable.references, 2);
	kldsim_refs_free(refs);
}

/* F-01, F-05: files without a variable. */
static void
files_without_variables(void **state)
{
	static const struct {
		const char *spec;
		enum kldsim_refs_use use;
	} all[] = {
		{ "functions: [f]\n", KLDSIM_REFS_NOTHING },
		{ "objects: [{name: vnet_entry_out, size: 8}]\n",
		    KLDSIM_REFS_MENTIONS },
		{ "sections: [{name: .debug_str, flags: none,\n"
		    "  text: unsigned pcpu_entry_foo}]\n",
		    KLDSIM_REFS_MENTIONS },
		{ "sections: [{name: .debug_str, flags: none,\n"
		    "  text: vnet_entry and entry_}]\n", KLDSIM_REFS_NOTHING },
		{ "functions: [f]\n"
		    "vnet-sysinits: [{name: f, subsystem: 1, func: f}]\n",
		    KLDSIM_REFS_HOOKS },
		{ "sections: [{name: set_vnet}]\n", KLDSIM_REFS_HOOKS },
	};
	char spec[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct kldsim_refs *refs;

		(void)snprintf(spec, sizeof(spec), "machine: amd64\n"
		    "kind: rel\n%s", all[i].spec);
		refs = read_spec(spec);
		assert_int_equal(info_of(refs).use, all[i].use);
		kldsim_refs_free(refs);
	}
}

/* Two symbols of one name are one import; its place is the first one. */
static void
names_that_come_twice(void **state)
{
	struct kldsim_refs *refs = read_spec(
	    "machine: amd64\n"
	    "kind: rel\n"
	    "sections: [{name: .data, size: 32}]\n"
	    "symbols:\n"
	    "  - {name: vnet_entry_x, bind: weak}\n"
	    "  - {name: vnet_entry_a}\n"
	    "  - {name: vnet_entry_x}\n"
	    "relocs:\n"
	    "  - {in: .data, at: 24, type: R_X86_64_64, symbol: '#3'}\n"
	    "  - {in: .data, at: 8, type: R_X86_64_64, symbol: '#1'}\n"
	    "  - {in: .data, at: 0, type: R_X86_64_64, symbol: '#3'}\n");
	struct kldsim_refs_variable variable = variable_at(refs, 1);

	(void)state;
	assert_int_equal(info_of(refs).imports, 2);
	assert_string_equal(variable.name, "x");
	assert_false(variable.weak);
	assert_int_equal(variable.references, 3);
	is_at(&variable, ".data", 24);
	variable = variable_at(refs, 0);
	assert_int_equal(variable.references, 0);
	assert_null(variable.section);
	kldsim_refs_free(refs);
}

/* --- against kernels --- */

/* Types and variables of N-20's kernels. */
#define KERNEL_TYPES \
	"types:\n" \
	"  - {kind: integer, name: u_short, size: 2}\n" \
	"  - {kind: integer, name: u_int, size: 4}\n" \
	"  - {kind: struct, name: ifnet, size: 8, members: [\n" \
	"    {name: if_next, type: struct ifnet *, bit: 0}]}\n"

static const char n20_before[] =
    "machine: amd64\n"
    "kind: kernel\n"
    "vnet:\n"
    "  - {name: if_index, size: 2}\n"
    "  - {name: loif, size: 8}\n"
    "  - {name: tcbinfo, size: 16}\n"
    "  - {name: ip_forwarding, size: 4}\n"
    KERNEL_TYPES
    "object-types:\n"
    "  - {symbol: vnet_entry_if_index, type: u_short}\n"
    "  - {symbol: vnet_entry_loif, type: struct ifnet *}\n";

static const char n20_after[] =
    "machine: amd64\n"
    "kind: kernel\n"
    "objects: [{name: ip_forwarding, size: 4}]\n"
    "vnet:\n"
    "  - {name: if_index, size: 4}\n"
    "  - {name: added, size: 8}\n"
    "  - {name: loif, size: 8}\n"
    KERNEL_TYPES
    "object-types:\n"
    "  - {symbol: vnet_entry_if_index, type: u_int}\n"
    "  - {symbol: vnet_entry_loif, type: struct ifnet *}\n";

static struct kldsim_refs_kernels *
read_kernels(const char *before, const char *after)
{
	struct kldsim_image *first = image_of(before, "kernel");
	struct kldsim_image *second = after == NULL ? NULL :
	    image_of(after, "kernel2");
	struct kldsim_refs_kernels *kernels = NULL;

	if (kldsim_refs_kernels_read(first, second, NULL, &kernels, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(first);
	kldsim_image_unref(second);
	return (kernels);
}

/* A module that imports one name, of one binding, wanted or not. */
static struct kldsim_refs *
importer(const char *name, const char *more,
    const struct kldsim_refs_kernels *kernels)
{
	char spec[512];

	(void)snprintf(spec, sizeof(spec), "machine: amd64\n"
	    "kind: rel\n"
	    "sections: [{name: .data, size: 8}]\n"
	    "%s"
	    "relocs: [{in: .data, at: 0, type: R_X86_64_64, symbol: %s}]\n",
	    more, name);
	return (read_with(spec, "a.ko", kernels));
}

static void
keep_change(void *user, uint32_t index,
    const struct kldsim_refs_change *change)
{
	assert_int_equal(index, 0);
	*(struct kldsim_refs_change *)user = *change;
}

/* What becomes of a module's only import, and of the module. */
static struct kldsim_refs_change
judge(const struct kldsim_refs_kernels *kernels, struct kldsim_refs *refs)
{
	struct kldsim_refs_change change = { 0 };
	enum kldsim_refs_verdict verdict;

	assert_int_equal(info_of(refs).imports, 1);
	verdict = kldsim_refs_judge(kernels, refs, keep_change, &change);
	assert_int_equal(verdict, change.verdict);
	kldsim_refs_free(refs);
	return (change);
}

static void
is_judged(const struct kldsim_refs_kernels *kernels, const char *name,
    const char *more, enum kldsim_refs_change_kind kind,
    enum kldsim_refs_verdict verdict)
{
	const struct kldsim_refs_change change = judge(kernels, importer(name,
	    more, kernels));

	if (change.kind != kind || change.verdict != verdict)
		fail_msg("%s is %s: %s", name,
		    kldsim_refs_change_name(change.kind),
		    kldsim_refs_verdict_name(change.verdict));
}

/* N-20 */
static void
two_kernels(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before,
	    n20_after);
	struct kldsim_refs_change change = judge(kernels, importer(
	    "vnet_entry_if_index", "", kernels));

	(void)state;
	assert_int_equal(change.kind, KLDSIM_REFS_RESIZED);
	assert_int_equal(change.verdict, KLDSIM_REFS_REBUILD);
	assert_int_equal(change.before.size, 2);
	assert_int_equal(change.after.size, 4);
	assert_hex(change.before.offset, 0);
	assert_hex(change.after.offset, 0);
	change = judge(kernels, importer("vnet_entry_loif", "", kernels));
	assert_int_equal(change.kind, KLDSIM_REFS_MOVED);
	assert_int_equal(change.verdict, KLDSIM_REFS_NO_DIFFERENCE);
	assert_hex(change.before.offset, 8);
	assert_hex(change.after.offset, 16);
	is_judged(kernels, "vnet_entry_tcbinfo", "", KLDSIM_REFS_REMOVED,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_DEVIRTUALIZED, KLDSIM_REFS_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
}

/* F-07: all names of both, modspace left out. */
static void
all_changes(void **state)
{
	static const struct {
		const char *name;
		enum kldsim_refs_change_kind kind;
	} want[] = {
		{ "added", KLDSIM_REFS_ADDED },
		{ "if_index", KLDSIM_REFS_RESIZED },
		{ "ip_forwarding", KLDSIM_REFS_DEVIRTUALIZED },
		{ "loif", KLDSIM_REFS_MOVED },
		{ "tcbinfo", KLDSIM_REFS_REMOVED },
	};
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before,
	    n20_after);
	struct kldsim_refs_change change;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(kldsim_refs_change(kernels, i, &change),
		    KLDSIM_OK);
		assert_string_equal(change.name, want[i].name);
		assert_int_equal(change.kind, want[i].kind);
	}
	assert_int_equal(kldsim_refs_change(kernels, i, &change),
	    KLDSIM_NOENT);
	kldsim_refs_kernels_free(kernels);
	/* The other way round it has become virtualized. */
	kernels = read_kernels(n20_after, n20_before);
	assert_int_equal(kldsim_refs_change(kernels, 2, &change), KLDSIM_OK);
	assert_string_equal(change.name, "ip_forwarding");
	assert_int_equal(change.kind, KLDSIM_REFS_VIRTUALIZED);
	assert_int_equal(change.verdict, KLDSIM_REFS_WILL_NOT_LOAD);
	is_judged(kernels, "ip_forwarding", "", KLDSIM_REFS_VIRTUALIZED,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_VIRTUALIZED, KLDSIM_REFS_NO_DIFFERENCE);
	kldsim_refs_kernels_free(kernels);
}

/* Same place and size, and no type on one side. */
static void
untyped_variables(void **state)
{
	static const char plain[] = "machine: amd64\nkind: kernel\n"
	    "vnet: [{name: if_index, size: 2}]\n";
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before, plain);

	(void)state;
	is_judged(kernels, "vnet_entry_if_index", "", KLDSIM_REFS_UNTYPED,
	    KLDSIM_REFS_CANNOT_TELL);
	kldsim_refs_kernels_free(kernels);
}

/* F-08: of one size, and something else. */
static void
retyped_variables(void **state)
{
	static const struct {
		const char *before, *after;
		enum kldsim_refs_change_kind kind;
		const char *text;
	} all[] = {
		{ "u_int", "u_int", KLDSIM_REFS_SAME, "" },
		{ "word_t", "u_int", KLDSIM_REFS_SAME, "" },
		{ "u_int", "int", KLDSIM_REFS_RETYPED, "u_int, now int" },
		{ "u_int", "4", KLDSIM_REFS_RETYPED, "u_int, now u_short[2]" },
		{ "4", "4", KLDSIM_REFS_SAME, "" },
		{ "4", "5", KLDSIM_REFS_RETYPED,
		    "u_short[2], now u_char[4]" },
		{ "struct a *", "struct a *", KLDSIM_REFS_SAME, "" },
		{ "struct a *", "struct b *", KLDSIM_REFS_RETYPED,
		    "struct a *, now struct b *" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char spec[2][1024];
		struct kldsim_refs_kernels *kernels;
		struct kldsim_refs_change change;

		for (unsigned k = 0; k < 2; k++)
			(void)snprintf(spec[k], sizeof(spec[k]),
			    "machine: i386\nkind: kernel\n"
			    "vnet: [{name: x, size: 4}]\ntypes:\n"
			    "  - {kind: integer, name: u_short, size: 2}\n"
			    "  - {kind: integer, name: u_int, size: 4}\n"
			    "  - {kind: integer, name: u_char, size: 1}\n"
			    "  - {kind: array, type: u_short, elements: 2}\n"
			    "  - {kind: array, type: u_char, elements: 4}\n"
			    "  - {kind: integer, name: int, size: 4, "
			    "encoding: signed}\n"
			    "  - {kind: typedef, name: word_t, type: u_int}\n"
			    "  - {kind: struct, name: a, size: 4}\n"
			    "  - {kind: struct, name: b, size: 4}\n"
			    "object-types: [{symbol: vnet_entry_x, "
			    "type: %s}]\n", k == 0 ? all[i].before :
			    all[i].after);
		kernels = read_kernels(spec[0], spec[1]);
		change = judge(kernels, importer("vnet_entry_x", "", kernels));
		assert_int_equal(change.kind, all[i].kind);
		assert_int_equal(change.verdict, *all[i].text == '\0' ?
		    KLDSIM_REFS_NO_DIFFERENCE : KLDSIM_REFS_REBUILD);
		assert_string_equal(change.text, all[i].text);
		kldsim_refs_kernels_free(kernels);
	}
}

/* F-06, and what does not keep a module from loading. */
static void
one_kernel(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	struct kldsim_refs_change change;

	(void)state;
	assert_int_equal(kldsim_refs_change(kernels, 0, &change),
	    KLDSIM_NOENT);
	is_judged(kernels, "vnet_entry_loif", "", KLDSIM_REFS_FOUND,
	    KLDSIM_REFS_NO_DIFFERENCE);
	is_judged(kernels, "vnet_entry_tcbinfo", "", KLDSIM_REFS_MISSING,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_DEVIRTUALIZED, KLDSIM_REFS_WILL_NOT_LOAD);
	/* A DPCPU variable of that name is another one. */
	is_judged(kernels, "pcpu_entry_loif", "", KLDSIM_REFS_MISSING,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	/* O-53: it will be 0. */
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "symbols: [{name: vnet_entry_tcbinfo, bind: weak}]\n",
	    KLDSIM_REFS_MISSING, KLDSIM_REFS_NO_DIFFERENCE);
	/* K-30: a file that is not here may have it. */
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "depends: [{name: tcp, minimum: 1, preferred: 1, maximum: 1}]\n",
	    KLDSIM_REFS_MISSING, KLDSIM_REFS_CANNOT_TELL);
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "depends: [{name: kernel, minimum: 1, preferred: 1, "
	    "maximum: 1}]\n", KLDSIM_REFS_MISSING,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	/* Built without VIMAGE: the plain name is gone. */
	is_judged(kernels, "if_index", "", KLDSIM_REFS_VIRTUALIZED,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
}

/* An undefined symbol that no relocation wants is never looked up. */
static void
unwanted_names(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	const struct kldsim_refs_change change = judge(kernels, read_with(
	    "machine: amd64\nkind: rel\nsymbols: [{name: vnet_entry_gone}]\n",
	    "a.ko", kernels));

	(void)state;
	assert_int_equal(change.kind, KLDSIM_REFS_MISSING);
	assert_int_equal(change.verdict, KLDSIM_REFS_NO_DIFFERENCE);
	kldsim_refs_kernels_free(kernels);
}

/* O-60: what another of the files has is no loss. */
static void
variables_of_other_files(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	struct kldsim_refs *other = read_with("machine: amd64\nkind: rel\n"
	    "vnet: [{name: pf_limit, size: 4}]\n", "pf.ko", kernels);
	struct kldsim_refs_change change;

	(void)state;
	assert_int_equal(kldsim_refs_kernels_add(kernels, other), KLDSIM_OK);
	change = judge(kernels, importer("vnet_entry_pf_limit", "", kernels));
	assert_int_equal(change.kind, KLDSIM_REFS_ELSEWHERE);
	assert_int_equal(change.verdict, KLDSIM_REFS_NO_DIFFERENCE);
	assert_string_equal(change.text, "pf.ko has it");
	is_judged(kernels, "pcpu_entry_pf_limit", "", KLDSIM_REFS_MISSING,
	    KLDSIM_REFS_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
	kldsim_refs_free(other);
}

/* --- bad input --- */

static void
is_refused(const char *spec, const struct kldsim_refs_options *options,
    enum kldsim_status status, const char *text)
{
	struct kldsim_image *image = image_of(spec, "a.ko");
	struct kldsim_refs *refs = NULL;

	assert_int_equal(kldsim_refs_read(image, NULL, options, &refs, &error),
	    status);
	assert_string_equal(error.text, text);
	assert_int_equal(error.status, status);
	assert_null(refs);
	kldsim_image_unref(image);
}

#define MODULE "machine: amd64\nkind: rel\n"

static void
files_that_cannot_be_read(void **state)
{
	static const char cut[] = MODULE
	    "sections: [{name: .data, size: 8}]\n"
	    "vnet: [{name: x, size: 8}]\n"
	    "relocs: [{in: .data, at: 0, type: R_X86_64_64, "
	    "symbol: vnet_entry_x}]\n";
	struct kldsim_refs_options options;

	(void)state;
	kldsim_refs_options_init(&options);
	options.limits.sections = 3;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: 7 section headers, over "
	    "the limit sections=3");
	kldsim_refs_options_init(&options);
	options.limits.symbols = 1;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: section 4: 4 symbols, "
	    "over the limit symbols=1");
	kldsim_refs_options_init(&options);
	options.limits.work = 4;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: it takes more steps "
	    "than the limit work=4");
	kldsim_refs_options_init(&options);
	options.size = 1;
	is_refused(cut, &options, KLDSIM_ARG, "a.ko: the options have a size "
	    "that no options have");
	is_refused("machine: arm64\nkind: dyn\noptions: {headers: no}\n"
	    "functions: [f]\n", NULL, KLDSIM_MALFORMED, "a.ko: it has no "
	    "section headers, which tell the symbols and relocations");
}

/* Each allocation fails once, and nothing is lost. */
static void
no_memory(void **state)
{
	struct kldsim_image *first = image_of(n20_before, "kernel");
	struct kldsim_image *second = image_of(n20_after, "kernel2");
	struct kldsim_image *image = image_of(MODULE
	    "sections: [{name: .data, size: 8}]\n"
	    "vnet: [{name: x, size: 8}]\n"
	    "relocs: [{in: .data, at: 0, type: R_X86_64_64, "
	    "symbol: vnet_entry_tcbinfo}]\n", "a.ko");
	struct support_alloc alloc = { .failed = 1 };
	long at;

	(void)state;
	for (at = 0; alloc.failed != 0; at++) {
		struct kldsim_refs_kernels *kernels = NULL;
		struct kldsim_refs_options options;
		struct kldsim_refs *refs = NULL;
		enum kldsim_status status;

		support_alloc_init(&alloc, at);
		kldsim_refs_options_init(&options);
		options.allocator = support_allocator(&alloc);
		status = kldsim_refs_kernels_read(first, second, &options,
		    &kernels, &error);
		if (status == KLDSIM_OK)
			status = kldsim_refs_read(image, kernels, &options,
			    &refs, &error);
		if (status == KLDSIM_OK)
			status = kldsim_refs_kernels_add(kernels, refs);
		assert_int_equal(status, status == KLDSIM_OK ? KLDSIM_OK :
		    KLDSIM_NOMEM);
		kldsim_refs_kernels_free(kernels);
		kldsim_refs_free(refs);
		assert_int_equal(alloc.live, 0);
	}
	assert_true(at > 20);
	kldsim_image_unref(first);
	kldsim_image_unref(second);
	kldsim_image_unref(image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relocatable_file),
		cmocka_unit_test(a_shared_object),
		cmocka_unit_test(a_set_without_names),
		cmocka_unit_test(files_without_variables),
		cmocka_unit_test(names_that_come_twice),
		cmocka_unit_test(two_kernels),
		cmocka_unit_test(all_changes),
		cmocka_unit_test(untyped_variables),
		cmocka_unit_test(retyped_variables),
		cmocka_unit_test(one_kernel),
		cmocka_unit_test(unwanted_names),
		cmocka_unit_test(variables_of_other_files),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(no_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
