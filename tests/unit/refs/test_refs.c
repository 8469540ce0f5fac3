/* SPDX-License-Identifier: BSD-2-Clause */

/* Who refers to virtualized variables, file by file (F-01 to F-05, N-19). */

#include <stdio.h>

#include "support_refs.h"

static struct kldsim_error error;

static struct kldsim_refs *
read_spec(const char *spec)
{
	return (refs_read_spec(spec, "a.ko", NULL));
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
	return (refs_read(kern_image(synth, "foo.ko"), NULL));
}

/* What is imported is not the file's own, where it has no such set. */
static void
a_set_that_others_have(void **state)
{
	struct kldsim_synth *synth = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	int text = kldsim_synth_section_named(synth, ".text");
	struct kldsim_refs *refs;
	struct kldsim_refs_info info;

	(void)state;
	(void)kldsim_synth_vnet(synth, "a", NULL, 8, 8);
	(void)kldsim_synth_append(synth, text, NULL, 16);
	(void)kldsim_synth_reloc(synth, text, 0, "R_X86_64_64",
	    kldsim_synth_ref(synth, "pcpu_entry_b"), 0);
	refs = refs_read(kern_image(synth, "foo.ko"), NULL);
	info = refs_info(refs);
	assert_int_equal(info.own, 1);
	assert_int_equal(info.imports, 1);
	assert_string_equal(variable_at(refs, 0).name, "b");
	kldsim_refs_free(refs);
}

static void
a_relocatable_file(void **state)
{
	struct kldsim_refs *refs = n19_module();
	const struct kldsim_refs_info info = refs_info(refs);
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
	refs = refs_read(kern_image(synth, "foo.ko"), NULL);
	info = refs_info(refs);
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
	refs = refs_read(kern_image(synth, "a.ko"), NULL);
	assert_int_equal(refs_info(refs).use, KLDSIM_REFS_OWN);
	assert_int_equal(refs_info(refs).own, 1);
	variable = variable_at(refs, 0);
	assert_string_equal(variable.name, "");
	assert_int_equal(variable.prefix, KLDSIM_REFS_DPCPU);
	assert_int_equal(variable.references, 2);
	kldsim_refs_free(refs);
}

/* F-02: a shared object's own, which RELATIVE leads to, and no symbol names. */
static void
a_shared_object_without_names(void **state)
{
	struct kldsim_synth *synth = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_DYN);
	const int got = kldsim_synth_section(synth, ".got", 1,
	    KERN_ALLOC_WRITE, 8);
	struct kldsim_refs *refs;
	int set;

	(void)state;
	(void)kldsim_synth_append(synth, got, NULL, 8);
	set = kldsim_synth_section_named(synth, "set_pcpu");
	(void)kldsim_synth_append(synth, set, NULL, 32);
	kldsim_synth_pointer(synth, got, 0, kldsim_synth_section_symbol(synth,
	    set), 16);
	refs = refs_read(kern_image(synth, "a.ko"), NULL);
	assert_int_equal(refs_info(refs).own, 1);
	assert_int_equal(refs_info(refs).own_references, 1);
	assert_int_equal(variable_at(refs, 0).prefix, KLDSIM_REFS_DPCPU);
	assert_string_equal(variable_at(refs, 0).name, "");
	kldsim_refs_free(refs);
}

/* One symbol is the variable; others are not, and there are fewer than 16. */
static void
a_symbol_that_is_not_there(void **state)
{
	uint64_t references = 0;

	(void)state;
	for (uint64_t symbol = 0; symbol < 16; symbol++) {
		struct kldsim_synth *synth = kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_REL);
		struct kldsim_refs *refs;
		int data;

		data = kldsim_synth_section_named(synth, ".data");
		(void)kldsim_synth_append(synth, data, NULL, 8);
		(void)kldsim_synth_reloc(synth, data, 0, "R_X86_64_64",
		    kldsim_synth_ref(synth, "vnet_entry_a"), 0);
		kldsim_synth_override(synth, "rela[.data][0].r_sym", symbol);
		refs = refs_read(kern_image(synth, "a.ko"), NULL);
		assert_int_equal(refs_info(refs).imports, 1);
		references += refs_info(refs).references;
		kldsim_refs_free(refs);
	}
	assert_int_equal(references, 1);
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
		assert_int_equal(refs_info(refs).use, all[i].use);
		kldsim_refs_free(refs);
	}
}

/* Two symbols of one name are one import; its place is the first one. */
static void
names_that_come_twice(void **state)
{
	struct kldsim_refs *refs = read_spec(	    "machine: amd64\n"
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
	assert_int_equal(refs_info(refs).imports, 2);
	assert_string_equal(variable.name, "x");
	assert_false(variable.weak);
	assert_int_equal(variable.references, 3);
	is_at(&variable, ".data", 24);
	variable = variable_at(refs, 0);
	assert_int_equal(variable.references, 0);
	assert_null(variable.section);
	kldsim_refs_free(refs);
}

/* --- bad input --- */

static void
is_refused(const char *spec, const struct kldsim_refs_options *options,
    enum kldsim_status status, const char *text)
{
	struct kldsim_image *image = kern_spec(spec, "a.ko");
	struct kldsim_refs *refs = NULL;

	assert_int_equal(refs_try(image, NULL, options, &refs, &error), status);
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
	kldsim_refs_options_init(&options, sizeof(options));
	options.limits.sections = 3;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: 7 section headers, over "
	    "the limit sections=3");
	kldsim_refs_options_init(&options, sizeof(options));
	options.limits.symbols = 1;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: section 4: 4 symbols, "
	    "over the limit symbols=1");
	kldsim_refs_options_init(&options, sizeof(options));
	options.limits.work = 4;
	is_refused(cut, &options, KLDSIM_LIMIT, "a.ko: it takes more steps "
	    "than the limit work=4");
	kldsim_refs_options_init(&options, sizeof(options));
	options.size = 1;
	is_refused(cut, &options, KLDSIM_ARG, "a.ko: options that do not begin "
	    "with their size");
	is_refused(MODULE "vnet: [{name: x, size: 8}]\noverrides: "
	    "{'shdr[.strtab].sh_offset': 0x10000}\n", NULL, KLDSIM_MALFORMED,
	    "a.ko: section 2: its symbols or their names are not in the file");
	is_refused(MODULE "vnet: [{name: x, size: 8}]\noverrides: "
	    "{ehdr.e_shnum: 900}\n", NULL, KLDSIM_MALFORMED, "a.ko: offset "
	    "0x100: its 900 section headers are not all there");
	is_refused("machine: arm64\nkind: dyn\noptions: {headers: no}\n"
	    "functions: [f]\n", NULL, KLDSIM_MALFORMED, "a.ko: it has no "
	    "section headers, which tell the symbols and relocations");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_that_others_have),
		cmocka_unit_test(a_relocatable_file),
		cmocka_unit_test(a_shared_object),
		cmocka_unit_test(a_set_without_names),
		cmocka_unit_test(a_shared_object_without_names),
		cmocka_unit_test(a_symbol_that_is_not_there),
		cmocka_unit_test(files_without_variables),
		cmocka_unit_test(names_that_come_twice),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
