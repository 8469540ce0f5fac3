/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the boot loader leaves of a shared object beside its segments, spoiled:
 * the block of symbols behind them (L-19), the address of the dynamic section
 * (Z-101).
 */

#include "support_preload.h"

#include <gelf.h>

/* A global word of .data that points to a symbol. */
static void
pointer(struct kldsim_synth *m, const char *name, int symbol)
{
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_align(m, data, 8);

	(void)kldsim_synth_object(m, name, "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_pointer(m, data, at, symbol, 0);
}

/* Where the segments of a file end. */
static uint64_t
end_of_segments(struct kldsim_synth *m)
{
	uint64_t end = 0;
	GElf_Phdr phdr;
	size_t size;
	void *bytes;
	Elf *elf;

	assert_int_equal(kldsim_synth_finish(m, &bytes, &size, NULL),
	    KLDSIM_OK);
	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	elf = elf_memory(bytes, size);
	for (int i = 0; gelf_getphdr(elf, i, &phdr) != NULL; i++)
		if (phdr.p_type == PT_LOAD && phdr.p_vaddr + phdr.p_memsz > end)
			end = phdr.p_vaddr + phdr.p_memsz;
	(void)elf_end(elf);
	kldsim_synth_free_bytes(bytes);
	return end;
}

/* A module whose own relocation makes `size` the size of its symbols. */
static void
with_size(struct preloaded *world, uint64_t size)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);

	(void)kldsim_synth_bind(m, kldsim_synth_func(m, "own"),
	    KLDSIM_SYNTH_LOCAL);
	(void)kldsim_synth_func(m, "global");
	pointer(m, "to_size", kldsim_synth_ref(m, "size"));
	kldsim_synth_mdt_version(m, "m", 1);
	/* The sizes are longs: 8 bytes of them, in multiples of 8. */
	kldsim_synth_override(m, "rela[.rela.dyn][0].r_offset",
	    (end_of_segments(m) + 7) & ~UINT64_C(7));
	preloaded_init(world, R130);
	(void)kldsim_synth_symbol(world->kern.synth, "size",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, size,
	    0);
	preloaded_add(world, m, "/boot/kernel/m.ko");
}

/*
 * L-19: the block of symbols lies behind the segments, where relocations can
 * reach it before it is read.  A size that leads past its end, or, as an int,
 * before its beginning: the debug table stays .dynsym, without the statics.
 */
static void
a_relocation_spoils_the_symbols(void **state)
{
	static const uint64_t sizes[] = { 0x10000, 0xffffff00 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct preloaded world;
		int id;

		with_size(&world, sizes[i]);
		preloaded_boot(&world);
		id = preloaded_id(&world, 0);
		assert_console(&world.kern, "Symbols are corrupt!");
		assert_true(kern_has_sym(&world.kern, id, "global"));
		assert_false(kern_has_sym(&world.kern, id, "own"));
		preloaded_fini(&world);
	}
}

/*
 * L-19: roundup() is of unsigned longs.  (2^64 - 15 + 7) / 8 * 8 is -8, and so
 * it is up to -8 itself: the table ends where the block begins.  From -7 on
 * the sum wraps, to 0.  -16 leads before the block.
 */
static void
a_size_just_below_zero(void **state)
{
	static const struct {
		uint32_t size;
		bool taken;
	} rows[] = {
		{ 0xffffffff, true }, { 0xfffffff9, true },
		{ 0xfffffff8, true }, { 0xfffffff1, true },
		{ 0xfffffff0, false }, { 0x80000000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct preloaded world;

		with_size(&world, rows[i].size);
		if (rows[i].taken) {
			preloaded_dies(&world, "(L-19)");
		} else {
			preloaded_boot(&world);
			assert_console(&world.kern, "Symbols are corrupt!");
		}
		preloaded_fini(&world);
	}
}

/*
 * Z-101: the loader reads p_filesz bytes of it, here none, and says where it
 * is; the kernel reads up to DT_NULL.
 */
static void
a_dynamic_section_nowhere(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	struct preloaded world;

	(void)state;
	kldsim_synth_mdt_version(m, "m", 1);
	kldsim_synth_override(m, "phdr[PT_DYNAMIC].p_vaddr", 0x10000000);
	kldsim_synth_override(m, "phdr[PT_DYNAMIC].p_filesz", 0);
	preloaded_init(&world, R121);
	preloaded_add(&world, m, "/boot/kernel/m.ko");
	preloaded_dies(&world, "(Z-101)");
	preloaded_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relocation_spoils_the_symbols),
		cmocka_unit_test(a_size_just_below_zero),
		cmocka_unit_test(a_dynamic_section_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
