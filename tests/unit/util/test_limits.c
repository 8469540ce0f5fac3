/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a file may cost: limits are said by KLDSIM_LIMIT and leave no trace, and
 * memory follows the length of a file, not the sizes that it claims.
 */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"
#include "support_preload.h"

#define GIB (UINT64_C(1) << 30)

struct world {
	struct support_alloc alloc;
	struct kern kern;
};

static void
begin(struct world *world)
{
	support_alloc_init(&world->alloc, -1);
	kern_init(&world->kern, R121);
	world->kern.options.allocator = support_allocator(&world->alloc);
}

static void
end(struct world *world)
{
	kern_fini(&world->kern);
	assert_int_equal(world->alloc.live, 0);
}

/* A load that comes to a limit, which the error names. */
static void
over(struct world *world, struct kldsim_synth *module, const char *word)
{
	char *before = kern_digest(&world->kern), *after;

	assert_int_equal(kern_try(&world->kern, module, "m.ko"),
	    KLDSIM_LIMIT);
	assert_int_equal(world->kern.error.status, KLDSIM_LIMIT);
	assert_non_null(strstr(world->kern.error.text, word));
	after = kern_digest(&world->kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* .text, .data with relocations, a set; under a kilobyte. */
static struct kldsim_synth *
small_module(void)
{
	struct kldsim_synth *m = module_with_set(R121, "set_pcpu", 8, 1);

	(void)module_slot(m, kldsim_synth_func(m, "f"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "printf"), 0);
	return m;
}

/* More than the kernel has. */
static void
add_sections(struct kldsim_synth *m)
{
	char name[8];

	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), ".s%d", i);
		(void)module_section(m, name, KLDSIM_SYNTH_PROGBITS,
		    KERN_ALLOC_WRITE, 8, 8);
	}
}

static void
each_limit_is_said(void **state)
{
	static const struct {
		size_t offset; /* of the limit */
		uint64_t value;
		const char *word;
	} rows[] = {
		{ offsetof(struct kldsim_limits, map_bytes), 512 << 10,
		    "mapping" },
		/* The kernel has 16. */
		{ offsetof(struct kldsim_limits, sections), 16, "sections" },
		{ offsetof(struct kldsim_limits, relocs), 1, "relocations" },
		{ offsetof(struct kldsim_limits, work), 2, "steps" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m;
		struct world world;

		begin(&world);
		memcpy((char *)&world.kern.options.limits + rows[i].offset,
		    &rows[i].value, sizeof(rows[i].value));
		kern_boot(&world.kern);
		m = small_module();
		add_sections(m);
		(void)module_section(m, ".bss", KLDSIM_SYNTH_NOBITS,
		    KERN_ALLOC_WRITE, 8, 1 << 20);
		over(&world, m, rows[i].word);
		end(&world);
	}
}

/*
 * Steps of a call count from its beginning: two relocations in two passes, and
 * five symbols or so, are far under 50; loading it again and again is not over.
 */
static void
steps_are_those_of_one_call(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	world.kern.options.limits.work = 50;
	kern_boot(&world.kern);
	for (int i = 0; i < 20; i++)
		kern_unload(&world.kern, kern_load(&world.kern,
		    small_module(), "m.ko"));
	end(&world);
}

/* M-30: 300 SYSINITs are 45,000 comparisons. */
static void
sorting_takes_steps(void **state)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		struct world world;
		struct kldsim_synth *m = module_new(R121);
		int f = kldsim_synth_func(m, "f");
		char name[16];

		(void)state;
		for (int i = 0; i < 300; i++) {
			(void)snprintf(name, sizeof(name), "s%d", i);
			(void)kldsim_synth_sysinit(m, name, 0x2100000,
			    (uint32_t)(300 - i), f, 0);
		}
		begin(&world);
		world.kern.options.limits.work = allowed ? 60000 : 30000;
		kern_boot(&world.kern);
		if (allowed)
			(void)kern_load(&world.kern, m, "m.ko");
		else
			over(&world, m, "steps");
		end(&world);
	}
}

/* Whether it is taken or not, the module costs what its length does. */
static void
costs_little(struct kldsim_synth *m, const char *field)
{
	enum kldsim_status status;
	struct world world;
	size_t booted;

	begin(&world);
	kern_boot(&world.kern);
	booted = world.alloc.bytes;
	world.alloc.peak = booted;
	status = kern_try(&world.kern, m, "m.ko");
	assert_true(status == KLDSIM_OK || status == KLDSIM_LIMIT);
	/* A flat mapping is at most twice the file and 64 KiB. */
	if (world.alloc.peak - booted > 160 * 1024)
		fail_msg("%s: %zu bytes", field, world.alloc.peak - booted);
	end(&world);
}

/* Claims of a gigabyte in a file of a kilobyte. */
static void
memory_follows_the_file(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
	} claims[] = {
		{ "ehdr.e_shnum", 65535 },
		{ "shdr[.bss].sh_size", GIB - 65536 },
		{ "shdr[.bss].sh_addralign", GIB / 2 },
		{ "shdr[.text].sh_size", GIB / 2 },
		{ "shdr[.data].sh_size", GIB / 2 },
		{ "shdr[set_pcpu].sh_size", GIB / 2 },
		{ "shdr[.symtab].sh_size", GIB / 2 },
		{ "shdr[.strtab].sh_size", GIB / 2 },
		{ "shdr[.shstrtab].sh_size", GIB / 2 },
		{ "shdr[.rela.data].sh_size", GIB / 2 },
		{ "sym[common].st_size", GIB / 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct kldsim_synth *m = small_module();

		(void)module_section(m, ".bss", KLDSIM_SYNTH_NOBITS,
		    KERN_ALLOC_WRITE, 8, 8);
		(void)kldsim_synth_symbol(m, "common", KLDSIM_SYNTH_GLOBAL,
		    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 8);
		(void)module_slot(m, kldsim_synth_ref(m, "common"), 0);
		kldsim_synth_override(m, claims[i].field, claims[i].value);
		costs_little(m, claims[i].field);
	}
}

/* D-06, D-10, D-21: the same of a shared object. */
static void
memory_follows_a_shared_object(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
	} claims[] = {
		{ "ehdr.e_phnum", 65535 },
		{ "ehdr.e_shnum", 65535 },
		{ "phdr[0].p_filesz", GIB / 2 },
		{ "phdr[1].p_memsz", GIB / 2 },
		{ "shdr[.data].sh_size", GIB / 2 },
		{ "shdr[.dynsym].sh_size", GIB / 2 },
		{ "shdr[.symtab].sh_size", GIB / 2 },
		{ "shdr[.strtab].sh_size", GIB / 2 },
		{ "shdr[.shstrtab].sh_size", GIB / 2 },
		{ "hash.nbucket", GIB / 2 },
		{ "hash.nchain", GIB / 2 },
		{ "dyn[DT_STRSZ]", GIB / 2 },
		{ "dyn[DT_RELASZ]", GIB / 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct kldsim_synth *m = kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_DYN);

		kldsim_synth_option(m, KLDSIM_SYNTH_SYMTAB, 1);
		(void)module_slot(m, kldsim_synth_func(m, "f"), 0);
		(void)kldsim_synth_dpcpu(m, "p", "\1\2\3\4\5\6\7\10", 8, 8);
		kldsim_synth_override(m, claims[i].field, claims[i].value);
		costs_little(m, claims[i].field);
	}
}

/* The same of a shared object, whose sections are not what is mapped. */
static struct kldsim_synth *
small_object(void)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	int data = kldsim_synth_section_named(m, ".data");
	char name[8];

	for (int i = 0; i < 25; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		(void)kldsim_synth_func(m, name);
	}
	kldsim_synth_append(m, data, NULL, 16);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_func(m, "f"), 0);
	kldsim_synth_pointer(m, data, 8, kldsim_synth_ref(m, "printf"), 0);
	return m;
}

static void
each_limit_is_said_of_shared_objects(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
		const char *word;
	} rows[] = {
		{ offsetof(struct kldsim_limits, map_bytes), 512 << 10,
		    "mapping" },
		/* The kernel has fewer: 16, and 17. */
		{ offsetof(struct kldsim_limits, sections), 16, "sections" },
		{ offsetof(struct kldsim_limits, symbols), 25, "symbols" },
		{ offsetof(struct kldsim_limits, relocs), 1, "relocations" },
		{ offsetof(struct kldsim_limits, work), 1, "steps" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = small_object();
		struct world world;

		begin(&world);
		memcpy((char *)&world.kern.options.limits + rows[i].offset,
		    &rows[i].value, sizeof(rows[i].value));
		kern_boot(&world.kern);
		add_sections(m);
		(void)kldsim_synth_object(m, "big", NULL, 1 << 20, 8);
		over(&world, m, rows[i].word);
		end(&world);
	}
}

/*
 * A .bss of many megabytes is no reason to refuse a file, which has been built
 * that way (vmm.ko's has five), and costs nothing until it is written.
 */
static void
preloads_may_have_a_large_bss(void **state)
{
	for (int shared = 0; shared < 2; shared++) {
		struct kldsim_synth *m = shared ? small_object() :
		    small_module();
		struct preloaded world;
		struct support_alloc alloc;
		kldsim_addr big;
		kldsim_size size;
		uint8_t zeros[16], byte = 1;

		(void)state;
		kldsim_synth_mdt_version(m, "m", 1);
		(void)kldsim_synth_object(m, "big", NULL, 64 << 20, 8);
		(void)kldsim_synth_object(m, "last", NULL, 16, 8);
		support_alloc_init(&alloc, -1);
		preloaded_init(&world, R121);
		world.kern.options.allocator = support_allocator(&alloc);
		preloaded_add(&world, m, "m.ko");
		preloaded_boot(&world);
		assert_int_equal(world.kern.result.error, 0);
		/* What all of it took, the kernel included. */
		assert_true(alloc.peak < 1 << 20);
		assert_int_equal(kldsim_kldsym(world.kern.sim,
		    preloaded_id(&world, 0), "last", &big, &size), KLDSIM_OK);
		assert_int_equal(kldsim_read(world.kern.sim, big, zeros,
		    sizeof(zeros)), KLDSIM_OK);
		for (size_t i = 0; i < sizeof(zeros); i++)
			byte &= zeros[i] == 0;
		assert_int_equal(byte, 1);
		kern_unload(&world.kern, preloaded_id(&world, 0));
		assert_int_equal(kldsim_read(world.kern.sim, big, zeros,
		    sizeof(zeros)), KLDSIM_FAULT);
		preloaded_fini(&world);
	}
}

/*
 * What the boot loader would do without a word: fill the host's memory, lay a
 * file over the kernel.  Nothing is booted then.
 */
static void
preloads_have_limits(void **state)
{
	static const struct {
		bool shared;
		size_t offset;
		uint64_t value, size; /* of a limit; of .bss */
		kldsim_addr at;
		enum kldsim_status status;
		const char *word;
	} rows[] = {
		{ false, offsetof(struct kldsim_limits, sections), 3, 8, 0,
		    KLDSIM_LIMIT, "sections" },
		{ false, offsetof(struct kldsim_limits, map_bytes), 1 << 18,
		    1 << 19, 0, KLDSIM_LIMIT, "layout" },
		/* amd64's kernel is at 0xffffffff80200000. */
		{ false, 0, 0, 8, UINT64_C(0xffffffff80200000), KLDSIM_ARG,
		    "not free" },
		{ true, 0, 0, 8, UINT64_C(0xffffffff80200000), KLDSIM_ARG,
		    "not free" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_placement placement = { "m.ko", rows[i].at };
		struct kldsim_synth *m = rows[i].shared ? small_object() :
		    small_module();
		struct preloaded world;

		(void)kldsim_synth_object(m, "big", NULL, rows[i].size, 8);
		preloaded_init(&world, R121);
		preloaded_add(&world, m, "m.ko");
		if (rows[i].value != 0)
			memcpy((char *)&world.kern.options.limits +
			    rows[i].offset, &rows[i].value,
			    sizeof(rows[i].value));
		world.kern.options.placements = &placement;
		world.kern.options.nplacements = rows[i].at != 0;
		if (preloaded_try_boot(&world) != rows[i].status ||
		    strstr(world.kern.error.text, rows[i].word) == NULL)
			fail_msg("row %zu: %s", i, world.kern.error.text);
		preloaded_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_is_said),
		cmocka_unit_test(each_limit_is_said_of_shared_objects),
		cmocka_unit_test(preloads_may_have_a_large_bss),
		cmocka_unit_test(preloads_have_limits),
		cmocka_unit_test(steps_are_those_of_one_call),
		cmocka_unit_test(sorting_takes_steps),
		cmocka_unit_test(memory_follows_the_file),
		cmocka_unit_test(memory_follows_a_shared_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
