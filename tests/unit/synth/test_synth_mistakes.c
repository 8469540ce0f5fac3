/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a builder cannot do: the first mistake is kept, later calls do nothing,
 * and kldsim_synth_finish() tells it.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kldsim/spec.h>
#include <kldsim/synth.h>

static char long_name[300];

/* A builder that is told of one mistake. */
struct mistake {
	const char *machine;
	enum kldsim_synth_kind kind;
	void (*make)(struct kldsim_synth *synth);
	enum kldsim_status status;
	const char *words; /* of the message */
};

static int
data_of(struct kldsim_synth *s)
{
	return (kldsim_synth_section_named(s, ".data"));
}

static void
unknown_symbol(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_bind(s, 5, KLDSIM_SYNTH_LOCAL), 0);
}

static void
unknown_symbol_of_a_relocation(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_reloc_number(s, data_of(s), 0, 1, 9, 0),
	    0);
}

static void
wide_relocation_type(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_reloc_number(s, data_of(s), 0, 256, 0,
	    0), 0);
}

static void
nameless_section(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_section_named(s, ""), 0);
	assert_int_equal(kldsim_synth_section(s, ".late", 1, 0, 1), 0);
}

static void
no_section_name(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_section_named(s, NULL), 0);
}

static void
integer_of_nine_bytes(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_append_int(s, data_of(s), 1, 9), 0);
}

static void
store_behind_the_end(struct kldsim_synth *s)
{
	kldsim_synth_append(s, data_of(s), NULL, 4);
	kldsim_synth_store(s, data_of(s), 1, "1234", 4);
}

static void
section_without_end(struct kldsim_synth *s)
{
	int bss = kldsim_synth_section_named(s, ".bss");

	kldsim_synth_append(s, bss, NULL, UINT64_MAX / 4);
	assert_int_equal(kldsim_synth_append(s, bss, NULL, 1), 0);
}

static void
contents_without_end(struct kldsim_synth *s)
{
	kldsim_synth_append(s, data_of(s), "x", UINT64_MAX / 8 + 1);
}

static void
segment_of_no_section(struct kldsim_synth *s)
{
	kldsim_synth_segment(s, 1, 4, data_of(s), 7);
	kldsim_synth_segment(s, 1, 4, 0, 0);
}

/* The number that the next section would have. */
static void
section_to_come(struct kldsim_synth *s)
{
	kldsim_synth_append(s, data_of(s) + 1, "x", 1);
}

static void
long_set_name(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_set_entry(s, long_name,
	    kldsim_synth_func(s, "f")), 0);
}

static void
long_vnet_sysinit(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_vnet_sysinit(s, long_name, 1, 2,
	    kldsim_synth_func(s, "f"), 0), 0);
	assert_int_equal(kldsim_synth_vnet_sysinit(s, "v", 1, 2, 0, 0), 0);
}

static void
nameless_vnet_sysinit(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_vnet_sysuninit(s, NULL, 1, 2,
	    kldsim_synth_func(s, "f"), 0), 0);
}

static void
long_oid(struct kldsim_synth *s)
{
	const struct kldsim_synth_oid oid = { .name = long_name,
		.parent = "_kern" };

	assert_int_equal(kldsim_synth_sysctl(s, &oid), 0);
	assert_int_equal(kldsim_synth_sysctl(s, &oid), 0);
}

static void
no_oid(struct kldsim_synth *s)
{
	assert_int_equal(kldsim_synth_sysctl(s, NULL), 0);
}

static void
no_override(struct kldsim_synth *s)
{
	kldsim_synth_override(s, NULL, 1);
}

/* A section that is loaded, at an address. */
static int
at(struct kldsim_synth *s, const char *name, uint32_t type,
    kldsim_addr address, uint64_t size)
{
	int section = kldsim_synth_section(s, name, type, KLDSIM_SYNTH_ALLOC,
	    8);

	kldsim_synth_section_fields(s, section, &address, 0);
	kldsim_synth_append(s, section, NULL, size);
	return (section);
}

static void
section_inside_another(struct kldsim_synth *s)
{
	(void)at(s, ".a", KLDSIM_SYNTH_PROGBITS, 0x1000, 16);
	(void)at(s, ".b", KLDSIM_SYNTH_PROGBITS, 0x1008, 16);
}

/* 0xfffffff8 + 16 is over 32 bits. */
static void
section_over_the_top(struct kldsim_synth *s)
{
	(void)at(s, ".a", KLDSIM_SYNTH_PROGBITS, 0xfffffff8, 16);
}

/* The page of what is generated would begin at 0x100000000. */
static void
no_room_above(struct kldsim_synth *s)
{
	(void)at(s, ".a", KLDSIM_SYNTH_PROGBITS, 0xfffff000, 0xff0);
}

static void
many_sections(struct kldsim_synth *s)
{
	char name[16];

	for (int i = 0; i < 0xff00; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		(void)kldsim_synth_section(s, name, 1, 0, 1);
	}
}

/* What is aligned to 2 GiB three times lies behind 4 GiB. */
static void
large_file(struct kldsim_synth *s)
{
	for (int i = 0; i < 3; i++)
		kldsim_synth_append(s, kldsim_synth_section(s, ".far", 1, 0,
		    UINT64_C(1) << 31), "x", 1);
}

static const struct mistake mistakes[] = {
	{ "amd64", KLDSIM_SYNTH_REL, unknown_symbol, KLDSIM_ARG,
	    "no symbol 5" },
	{ "amd64", KLDSIM_SYNTH_REL, unknown_symbol_of_a_relocation,
	    KLDSIM_ARG, "no symbol 9" },
	{ "i386", KLDSIM_SYNTH_REL, wide_relocation_type, KLDSIM_ARG,
	    "type 256" },
	{ "amd64", KLDSIM_SYNTH_REL, nameless_section, KLDSIM_ARG,
	    "section without a name" },
	{ "amd64", KLDSIM_SYNTH_REL, no_section_name, KLDSIM_ARG,
	    "section without a name" },
	{ "amd64", KLDSIM_SYNTH_REL, integer_of_nine_bytes, KLDSIM_ARG,
	    "integer of 9 bytes" },
	{ "amd64", KLDSIM_SYNTH_REL, store_behind_the_end, KLDSIM_ARG,
	    "no 4 bytes at offset 0x1" },
	{ "amd64", KLDSIM_SYNTH_REL, section_without_end, KLDSIM_LIMIT,
	    ".bss: too large" },
	{ "amd64", KLDSIM_SYNTH_REL, contents_without_end, KLDSIM_LIMIT,
	    "are too many" },
	{ "amd64", KLDSIM_SYNTH_REL, segment_of_no_section, KLDSIM_ARG,
	    "no section 7" },
	{ "amd64", KLDSIM_SYNTH_REL, section_to_come, KLDSIM_ARG,
	    "no section 2" },
	{ "amd64", KLDSIM_SYNTH_REL, long_set_name, KLDSIM_ARG, "set name" },
	{ "amd64", KLDSIM_SYNTH_REL, long_vnet_sysinit, KLDSIM_ARG,
	    "name of a VNET_SYSINIT" },
	{ "amd64", KLDSIM_SYNTH_REL, nameless_vnet_sysinit, KLDSIM_ARG,
	    "name of a VNET_SYSINIT" },
	{ "amd64", KLDSIM_SYNTH_REL, long_oid, KLDSIM_ARG,
	    "name of a sysctl oid" },
	{ "amd64", KLDSIM_SYNTH_REL, no_oid, KLDSIM_ARG,
	    "name of a sysctl oid" },
	{ "amd64", KLDSIM_SYNTH_REL, no_override, KLDSIM_ARG,
	    "override of nothing" },
	{ "i386", KLDSIM_SYNTH_DYN, section_inside_another, KLDSIM_ARG,
	    ".b: address 0x1008 is inside" },
	{ "i386", KLDSIM_SYNTH_DYN, section_over_the_top, KLDSIM_ARG,
	    ".a: address 0xfffffff8 is too high" },
	{ "i386", KLDSIM_SYNTH_DYN, no_room_above, KLDSIM_LIMIT,
	    "no addresses are left" },
	{ "amd64", KLDSIM_SYNTH_REL, many_sections, KLDSIM_LIMIT,
	    "too many sections" },
	{ "i386", KLDSIM_SYNTH_REL, large_file, KLDSIM_LIMIT,
	    "too large for its word size" },
};

static void
each_mistake_is_told(void **state)
{
	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *m = &mistakes[i];
		struct kldsim_synth *s = kldsim_synth_new(m->machine, m->kind);
		struct kldsim_error error = { .status = KLDSIM_OK };
		void *bytes = &error;
		size_t size = 1;
		enum kldsim_status status;

		m->make(s);
		status = kldsim_synth_finish(s, &bytes, &size, &error);
		if (status != m->status || error.status != m->status ||
		    strstr(error.text, m->words) == NULL)
			fail_msg("row %zu (%s): status %d: %s", i, m->words,
			    status, error.text);
		assert_null(bytes);
		assert_int_equal(size, 0);
		kldsim_synth_free(s);
	}
}

/* After a mistake every call answers 0 and does nothing. */
static void
nothing_follows_a_mistake(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);

	(void)state;
	unknown_symbol(s);
	assert_int_equal(kldsim_synth_func(s, "f"), 0);
	assert_int_equal(kldsim_synth_ref(s, "f"), 0);
	assert_int_equal(kldsim_synth_object(s, "o", NULL, 8, 8), 0);
	assert_int_equal(kldsim_synth_vnet(s, "v", NULL, 8, 8), 0);
	assert_int_equal(kldsim_synth_ifunc(s, "i"), 0);
	assert_int_equal(kldsim_synth_section_named(s, ".text"), 0);
	assert_int_equal(kldsim_synth_declare_module(s, "m", 0, 1, 1), 0);
	assert_int_equal(kldsim_synth_sysinit(s, "s", 1, 1, 0, 0), 0);
	kldsim_synth_free(s);
}

/* An image is not made of it either, and NULL is told to be nowhere. */
static void
nothing_is_made_of_a_mistake(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	struct kldsim_image *image = NULL;
	struct kldsim_error error;
	size_t size;

	(void)state;
	unknown_symbol(s);
	assert_int_equal(kldsim_synth_image(s, "x", &image, &error),
	    KLDSIM_ARG);
	assert_null(image);
	kldsim_synth_free(s);
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	assert_int_equal(kldsim_synth_finish(s, NULL, &size, &error),
	    KLDSIM_ARG);
	kldsim_synth_free(s);
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	assert_int_equal(kldsim_synth_write(s, NULL, &error), KLDSIM_ARG);
	kldsim_synth_free(s);
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	assert_int_equal(kldsim_synth_write(s, "/nowhere/at/all", &error),
	    KLDSIM_SYS);
	kldsim_synth_free(s);
}

/* A spec's file has a limit of its own, 1 GiB (docs/spec.md). */
static void
a_spec_of_a_large_file(void **state)
{
	static const char text[] = "machine: amd64\nkind: rel\n"
	    "sections: [{name: .far, align: 0x80000000, bytes: 00}]\n";
	struct kldsim_synth *s;
	struct kldsim_error error;
	void *bytes;
	size_t size;

	(void)state;
	assert_int_equal(kldsim_synth_spec_bytes(text, sizeof(text) - 1,
	    "far.yaml", &s, &error), KLDSIM_OK);
	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, &error),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "far.yaml: the file would have"));
	kldsim_synth_free(s);
}

/* --- worlds --- */

static void
a_world_that_cannot_be_made(void **state)
{
	static char long_folder[5000];
	const struct kldsim_world plain = { .size = sizeof(plain) };
	const struct {
		struct kldsim_world world;
		const char *folder;
		enum kldsim_status status;
	} rows[] = {
		{ { .size = sizeof(plain), .machine = "vax" }, "/tmp",
		    KLDSIM_ARG },
		{ { .size = sizeof(plain), .modules = 1000000 }, "/tmp",
		    KLDSIM_LIMIT },
		{ { .size = sizeof(plain), .relocs = UINT32_MAX }, "/tmp",
		    KLDSIM_LIMIT },
		{ plain, "/nowhere/at/all", KLDSIM_SYS },
		{ plain, long_folder, KLDSIM_SYS },
		{ plain, NULL, KLDSIM_ARG },
	};
	struct kldsim_error error;

	(void)state;
	memset(long_folder, 'x', sizeof(long_folder) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(kldsim_synth_world(&rows[i].world,
		    rows[i].folder, &error), rows[i].status);
		assert_int_equal(error.status, rows[i].status);
	}
	assert_int_equal(kldsim_synth_world(NULL, "/tmp", &error),
	    KLDSIM_ARG);
}

/* This folder is there, but no name of 4096 bytes is one of a file in it. */
static void
a_world_in_too_long_a_folder(void **state)
{
	const struct kldsim_world plain = { .size = sizeof(plain) };
	struct kldsim_error error;
	char folder[4091];

	(void)state;
	for (size_t i = 0; i < sizeof(folder) - 1; i++)
		folder[i] = i % 2 == 0 ? '.' : '/';
	folder[sizeof(folder) - 1] = '\0';
	assert_int_equal(kldsim_synth_world(&plain, folder, &error),
	    KLDSIM_SYS);
	assert_int_equal(error.sys_errno, ENAMETOOLONG);
}

/* --- the names of things --- */

static void
every_status_has_a_name(void **state)
{
	static const struct {
		enum kldsim_status status;
		const char *name;
	} rows[] = {
		{ KLDSIM_OK, "ok" }, { KLDSIM_NOMEM, "out of memory" },
		{ KLDSIM_SYS, "system call failed" },
		{ KLDSIM_ARG, "wrong argument" },
		{ KLDSIM_NOENT, "no such object" },
		{ KLDSIM_FAULT, "address not mapped" },
		{ KLDSIM_INTERNAL, "internal error" },
		{ (enum kldsim_status)5, "unknown status" },
	};
	int major, minor, patch;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(kldsim_status_name(rows[i].status),
		    rows[i].name);
	/* Two forms of one version. */
	assert_int_equal(kldsim_version(), KLDSIM_VERSION);
	assert_int_equal(sscanf(kldsim_version_string(), "%d.%d.%d", &major,
	    &minor, &patch), 3);
	assert_int_equal(10000 * major + 100 * minor + patch, KLDSIM_VERSION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told),
		cmocka_unit_test(nothing_follows_a_mistake),
		cmocka_unit_test(nothing_is_made_of_a_mistake),
		cmocka_unit_test(a_spec_of_a_large_file),
		cmocka_unit_test(a_world_that_cannot_be_made),
		cmocka_unit_test(a_world_in_too_long_a_folder),
		cmocka_unit_test(every_status_has_a_name),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
