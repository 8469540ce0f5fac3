/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is said of a shared object that reaches for its own copy of a set
 * (D-36, D-50, D-53), in files that no compiler makes; tests/oracle has those
 * that one does.
 */

#include "support_file.h"
#include "support_preload.h"

#include <elf.h>
#include <stdio.h>

#define STAYS "set-access-not-redirected"
#define EDGE "set-edge"
#define LEFT_OUT "findings-left-out"

/* Sections lie in the order in which they are made: sets behind .data. */
static struct kldsim_synth *
dyn_new(const char *machine)
{
	struct kldsim_synth *m = kldsim_synth_new(machine, KLDSIM_SYNTH_DYN);

	(void)kldsim_synth_func(m, "f");
	(void)kldsim_synth_section_named(m, ".data");
	return m;
}

/* A word of .data that holds symbol + addend. */
static void
slot(struct kldsim_synth *m, const char *type, int symbol, int64_t addend)
{
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_append(m, data, "\0\0\0\0\0\0\0", 8);

	(void)kldsim_synth_reloc(m, data, at, type, symbol, addend);
}

/* A variable of 8 bytes whose references are not moved (D-50). */
static int
local_variable(struct kldsim_synth *m)
{
	return kldsim_synth_bind(m, kldsim_synth_dpcpu(m, "p",
	    "\0\0\0\0\0\0\0", 8, 8), KLDSIM_SYNTH_LOCAL);
}

/* Where a section of a file will lie, from the file's address on. */
static uint64_t
place_of(struct kldsim_synth *m, const char *section)
{
	uint64_t address, offset;
	uint32_t index;

	assert_int_equal(kldsim_synth_section_place(m,
	    kldsim_synth_section_named(m, section), &index, &address,
	    &offset), KLDSIM_OK);
	return address;
}

/* Lay the file out, so that places can be asked for. */
static size_t
lay_out(struct kldsim_synth *m)
{
	struct kldsim_error error;
	void *bytes;
	size_t size;

	assert_int_equal(kldsim_synth_finish(m, &bytes, &size, &error),
	    KLDSIM_OK);
	kldsim_synth_free_bytes(bytes);
	return size;
}

/* leaq target(%rip), %rax at an offset of .text, whose places are known. */
static void
store_lea(struct kldsim_synth *m, uint64_t at, uint64_t target)
{
	unsigned char code[7] = { 0x48, 0x8d, 0x05 };
	uint64_t distance = target - (place_of(m, ".text") + at + 7);

	for (unsigned i = 0; i < 4; i++)
		code[3 + i] = (unsigned char)(distance >> 8 * i);
	kldsim_synth_store(m, kldsim_synth_section_named(m, ".text"), at,
	    code, sizeof(code));
}

/* D-36, P-25: what the boot loader brings is looked at like anything else. */
static void
preloaded_files_are_looked_at_too(void **state)
{
	struct kldsim_synth *m = dyn_new("amd64");
	struct preloaded world;
	uint64_t set;

	(void)state;
	kldsim_synth_mdt_version(m, "m", 1);
	slot(m, "R_X86_64_64", local_variable(m), 0);
	(void)kldsim_synth_append(m, kldsim_synth_section_named(m, ".text"),
	    NULL, 16);
	(void)lay_out(m);
	set = place_of(m, "set_pcpu");
	store_lea(m, 16, set);
	preloaded_init(&world, R130);
	preloaded_add(&world, m, "m.ko");
	preloaded_boot(&world);
	/* The pointer in .data, and the instruction. */
	assert_int_equal(kern_findings(&world.kern, STAYS), 2);
	preloaded_fini(&world);
}

/* The variable is told by its name, if the file still has one for it. */
static void
a_variable_may_have_no_name(void **state)
{
	(void)state;
	for (int named = 0; named < 2; named++) {
		struct kldsim_synth *m = dyn_new("amd64");
		const char *symbol;
		struct kern kern;

		slot(m, "R_X86_64_64", local_variable(m), 0);
		if (!named) /* nothing but symbol 0 is left */
			kldsim_synth_override(m, "shdr[.symtab].sh_size", 24);
		kern_start(&kern, R130);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, STAYS), 1);
		symbol = kern_finding(&kern, STAYS)->symbol;
		if (named)
			assert_string_equal(symbol, "pcpu_entry_p");
		else
			assert_null(symbol);
		kern_fini(&kern);
	}
}

/* 5 of STAYS and 3 of EDGE (D-53). */
static struct kldsim_synth *
eight_findings(void)
{
	struct kldsim_synth *m = dyn_new("amd64");
	int p;

	kldsim_synth_mdt_version(m, "m", 1); /* no preload goes without */
	p = local_variable(m);
	for (int i = 0; i < 3; i++) {
		slot(m, "R_X86_64_64", p, i);
		slot(m, "R_X86_64_64", p, 9 + i); /* behind it */
	}
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".text"), NULL,
	    32);
	(void)lay_out(m);
	store_lea(m, 16, place_of(m, "set_pcpu"));
	store_lea(m, 23, place_of(m, "set_pcpu") + 4);
	return m;
}

/* No more than so many of a code, then how many more of it (it is first). */
static void
check_most(const struct kern *kern, unsigned most)
{
	const unsigned stays = most < 5 ? most : 5, edge = most < 3 ? most : 3;
	char text[128];

	assert_int_equal(kern_findings(kern, STAYS), stays);
	assert_int_equal(kern_findings(kern, EDGE), edge);
	assert_int_equal(kern_findings(kern, LEFT_OUT),
	    (most < 5) + (most < 3));
	assert_int_equal(kern->result.nfindings, stays + edge + (most < 5) +
	    (most < 3));
	if (most >= 5)
		return;
	(void)snprintf(text, sizeof(text), STAYS ": %u more, left out as they "
	    "are over the limit findings=%u", 5 - most, most);
	assert_string_equal(kern_finding(kern, LEFT_OUT)->text, text);
}

/* limits.findings, and again after a way back. */
static void
enough_is_enough(void **state)
{
	struct kldsim_image *image = kern_image(eight_findings(), "m.ko");
	uint64_t snapshot;
	struct kern kern;

	(void)state;
	for (unsigned most = 1; most < 6; most++) {
		kern_init(&kern, R130);
		kern.options.limits.findings = most;
		kern_boot(&kern);
		assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, NULL),
		    KLDSIM_OK);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(kldsim_kldload_image(kern.sim, image,
			    MODULE_PATH("m.ko"), &kern.result, NULL),
			    KLDSIM_OK);
			assert_int_equal(kern.result.error, 0);
			check_most(&kern, most);
			assert_int_equal(kldsim_restore(kern.sim, snapshot),
			    KLDSIM_OK);
			assert_int_equal(kldsim_finding_count(kern.sim), 0);
		}
		kern_fini(&kern);
	}
	kldsim_image_unref(image);
}

/* And of a boot, whose calls are the preloaded files'. */
static void
enough_is_enough_at_boot(void **state)
{
	struct kldsim_preload preload = { .path = MODULE_PATH("m.ko"),
		.image = kern_image(eight_findings(), "m.ko") };
	struct kern kern;

	(void)state;
	kern_init(&kern, R150);
	kern.options.limits.findings = 2;
	kern.options.preloads = &preload;
	kern.options.npreloads = 1;
	kern_boot(&kern);
	assert_int_equal(kldsim_preload_result(kern.sim, 0, &kern.result),
	    KLDSIM_OK);
	check_most(&kern, 2);
	kldsim_image_unref(preload.image);
	kern_fini(&kern);
}

/* Code is looked at for both sets at once; what lies between them is none. */
static void
what_lies_between_the_sets_is_in_neither(void **state)
{
	struct kldsim_synth *m = dyn_new("amd64");
	const struct kldsim_finding *finding;
	uint64_t pcpu, vnet;
	struct kern kern;
	int id;

	(void)state;
	(void)kldsim_synth_dpcpu(m, "p", "\0\0\0\0\0\0\0", 8, 8);
	(void)kldsim_synth_vnet(m, "v", "\0\0\0\0\0\0\0", 8, 64);
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".text"), NULL,
	    32);
	(void)lay_out(m);
	pcpu = place_of(m, "set_pcpu");
	vnet = place_of(m, "set_vnet");
	assert_true(pcpu + 8 < vnet);
	store_lea(m, 16, vnet - 4);
	store_lea(m, 23, vnet + 4);
	kern_start(&kern, R130);
	id = kern_load(&kern, m, "m.ko");
	assert_int_equal(kern_findings(&kern, STAYS), 1);
	finding = kern_finding(&kern, STAYS);
	assert_string_equal(finding->symbol, "vnet_entry_v");
	assert_string_equal(finding->section, ".text");
	assert_hex(kern_section(&kern, id, ".text").address + finding->offset,
	    kern_sym(&kern, id, "f") + 23);
	kern_fini(&kern);
}

/* Without symbols, sections say whether something begins at a set's end. */
static void
a_section_begins_at_the_end_of_a_set(void **state)
{
	(void)state;
	for (int begins = 0; begins < 2; begins++) {
		struct kldsim_synth *m = dyn_new("amd64");
		struct kern kern;
		int p;

		kldsim_synth_option(m, KLDSIM_SYNTH_SYMTAB, 0);
		p = local_variable(m);
		slot(m, "R_X86_64_64", p, 8);
		if (begins)
			(void)module_section(m, "other", 1, KERN_ALLOC_WRITE,
			    8, 8);
		kern_start(&kern, R130);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, EDGE), !begins);
		kern_fini(&kern);
	}
}

/* Address of the file's only table of relocations. */
static uint64_t
rela_address(struct kldsim_synth *m)
{
	struct kldsim_error error;
	unsigned char *bytes;
	uint64_t address = 0;
	size_t size;

	assert_int_equal(kldsim_synth_finish(m, (void **)&bytes, &size,
	    &error), KLDSIM_OK);
	for (unsigned i = 0; i < FILE_MEMBER(bytes, Elf64_Ehdr, e_shnum); i++) {
		const unsigned char *shdr = bytes +
		    FILE_MEMBER(bytes, Elf64_Ehdr, e_shoff) +
		    i * sizeof(Elf64_Shdr);

		if (FILE_MEMBER(shdr, Elf64_Shdr, sh_type) == SHT_RELA)
			address = FILE_MEMBER(shdr, Elf64_Shdr, sh_addr);
	}
	kldsim_synth_free_bytes(bytes);
	return address;
}

/*
 * D-41: the table lies in memory that its own entries can be for.  The second
 * makes the first one's place an address of the kernel's.
 */
static void
a_table_that_relocates_itself(void **state)
{
	(void)state;
	for (int itself = 0; itself < 2; itself++) {
		struct kldsim_synth *m = dyn_new("arm64");
		struct kern kern;
		uint64_t table;
		int id;

		slot(m, "R_AARCH64_ABS64", local_variable(m), 0);
		slot(m, "R_AARCH64_ABS64", kldsim_synth_ref(m, "printf"), 0);
		table = rela_address(m);
		if (itself)
			kldsim_synth_override(m,
			    "rela[.rela.dyn][1].r_offset", table);
		kern_init_machine(&kern, "arm64", R130);
		kern_boot(&kern);
		id = kern_load(&kern, m, "m.ko");
		assert_hex(kern_read(&kern, kern_stat(&kern, id).address +
		    table, 8) == kern_symbol(&kern, "printf"), itself);
		assert_int_equal(kern_findings(&kern, STAYS), !itself);
		kern_fini(&kern);
	}
}

/*
 * D-02: the program headers go on behind the end of the file, which is shorter
 * than a page.  None of its words is a type that the kernel knows.
 */
static void
code_is_looked_at_as_far_as_headers_go(void **state)
{
	struct kldsim_synth *m = dyn_new("amd64");
	struct kern kern;

	(void)state;
	kldsim_synth_option(m, KLDSIM_SYNTH_PAGE, 16);
	kldsim_synth_option(m, KLDSIM_SYNTH_HEADERS, 0);
	kldsim_synth_option(m, KLDSIM_SYNTH_HASH_BUCKETS, 7);
	(void)kldsim_synth_dpcpu(m, "p", "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".text"), NULL,
	    32);
	(void)lay_out(m);
	store_lea(m, 16, place_of(m, "set_pcpu"));
	kldsim_synth_override(m, "ehdr.e_phnum", (lay_out(m) - 64) / 56 + 2);
	kern_start(&kern, R130);
	(void)kern_load(&kern, m, "m.ko");
	assert_console(&kern, "kldload: " MODULE_PATH("m.ko")
	    ": Unreadable program headers");
	assert_int_equal(kern_findings(&kern, "program-headers"), 1);
	assert_int_equal(kern_findings(&kern, STAYS), 1);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preloaded_files_are_looked_at_too),
		cmocka_unit_test(a_variable_may_have_no_name),
		cmocka_unit_test(enough_is_enough),
		cmocka_unit_test(enough_is_enough_at_boot),
		cmocka_unit_test(what_lies_between_the_sets_is_in_neither),
		cmocka_unit_test(a_section_begins_at_the_end_of_a_set),
		cmocka_unit_test(a_table_that_relocates_itself),
		cmocka_unit_test(code_is_looked_at_as_far_as_headers_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
