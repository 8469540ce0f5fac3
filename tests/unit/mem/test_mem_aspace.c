/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated address space: extents, faults, copy on write, clones.  Of
 * the rules it carries the gaps that O-12 searches.
 */

#include "support_base.h"
#include "support_extents.h"
#include "mem/aspace.h"

#define PAGE ((size_t)KLDSIM__PAGE)
#define GB ((kldsim_size)1 << 30)

struct world {
	struct support_base base;
	struct kldsim__aspace space;
};

/* A file's bytes, which nobody may change: byte i is i * 7 + i / 256. */
static uint8_t image[5 * 4096 + 100];

static uint8_t
image_byte(size_t i)
{
	return ((uint8_t)(i * 7 + i / 256));
}

static void
check_image(void)
{
	for (size_t i = 0; i < sizeof(image); i++)
		assert_int_equal(image[i], image_byte(i));
}

static void
world_init(struct world *world, long fail_at)
{
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = image_byte(i);
	support_base_init(&world->base, fail_at);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
	(void)kldsim__undo_begin(&world->base.undo);
}

/* What was unmapped hangs in the log, so the log goes first. */
static void
world_fini(struct world *world)
{
	world->base.undo.snapshots = 0;
	kldsim__undo_commit(&world->base.undo);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
	check_image();
}

static int
setup(void **state)
{
	static struct world world;

	world_init(&world, -1);
	*state = &world;
	return (0);
}

static int
teardown(void **state)
{
	world_fini(*state);
	return (0);
}

static void
map_zeros(struct kldsim__aspace *space, kldsim_addr start, kldsim_size size)
{
	assert_non_null(kldsim__aspace_map(space, start, size, NULL, 0));
}

static uint8_t
byte_at(const struct kldsim__aspace *space, kldsim_addr address)
{
	uint8_t byte;

	assert_true(kldsim__aspace_read(space, address, &byte, 1));
	return (byte);
}

static void
write_ok(struct kldsim__aspace *space, kldsim_addr address,
    const void *bytes, size_t size)
{
	assert_int_equal(kldsim__aspace_write(space, address, bytes, size),
	    KLDSIM__ACCESS_OK);
}

static void
extents_have_exact_bounds(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	struct kldsim__extent *low, *high;

	map_zeros(space, 0x9000, 0x10);
	high = kldsim__aspace_map(space, 0x5000, 0x1001, image, 10);
	low = kldsim__aspace_map_flat(space, 0x1000, 3);
	assert_int_equal(support_extents(&space->extents), 3);
	assert_null(kldsim__aspace_find(space, 0xfff));
	assert_ptr_equal(kldsim__aspace_find(space, 0x1000), low);
	assert_ptr_equal(kldsim__aspace_find(space, 0x1002), low);
	assert_null(kldsim__aspace_find(space, 0x1003));
	assert_ptr_equal(kldsim__aspace_find(space, 0x6000), high);
	assert_null(kldsim__aspace_find(space, 0x6001));
	assert_null(kldsim__aspace_find(space, UINT64_MAX));
	assert_true(kldsim__aspace_mapped(space, 0x5000, 0x1001));
	assert_false(kldsim__aspace_mapped(space, 0x5000, 0x1002));
	assert_false(kldsim__aspace_mapped(space, 0x4fff, 2));
	assert_true(kldsim__aspace_mapped(space, 0x4fff, 0));
}

static void
overlaps_by_one_byte(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	map_zeros(space, 0x1000, 0x1000);
	map_zeros(space, 0x4000, 0x10);
	assert_false(kldsim__aspace_overlaps(space, 0, 0x1000));
	assert_true(kldsim__aspace_overlaps(space, 0, 0x1001));
	assert_true(kldsim__aspace_overlaps(space, 0x1fff, 1));
	assert_false(kldsim__aspace_overlaps(space, 0x2000, 0x2000));
	assert_true(kldsim__aspace_overlaps(space, 0x2000, 0x2001));
	assert_true(kldsim__aspace_overlaps(space, 0x400f, 0x1000));
	assert_false(kldsim__aspace_overlaps(space, 0x4010, 0x1000));
	assert_false(kldsim__aspace_overlaps(space, 0x1800, 0));
	assert_true(kldsim__aspace_overlaps(space, 0, UINT64_MAX));
}

/* The last page of the address space is as good as any other. */
static void
top_of_the_address_space(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	const kldsim_addr top = 0xfffffffffffff000;
	uint8_t bytes[4] = { 1, 2, 3, 4 };

	assert_non_null(kldsim__aspace_map(space, top, PAGE, image, 16));
	assert_non_null(kldsim__aspace_find(space, UINT64_MAX));
	assert_null(kldsim__aspace_find(space, 0));
	assert_true(kldsim__aspace_mapped(space, top, PAGE));
	assert_false(kldsim__aspace_mapped(space, top + 1, PAGE));
	assert_true(kldsim__aspace_overlaps(space, UINT64_MAX, 1));
	write_ok(space, UINT64_MAX - 3, bytes, 4);
	assert_int_equal(byte_at(space, UINT64_MAX), 4);
	assert_false(kldsim__aspace_read(space, UINT64_MAX, bytes, 2));
	assert_int_equal(kldsim__aspace_write(space, UINT64_MAX, bytes, 2),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(byte_at(space, UINT64_MAX), 4);
	assert_true(kldsim__aspace_unmap(space, top));
	assert_null(kldsim__aspace_find(space, UINT64_MAX));
}

/* A range that goes on past the end of the address space. */
static void
overlaps_of_a_range_that_wraps(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	map_zeros(space, 0xfffffffffffff000, 0x1000);
	assert_true(kldsim__aspace_overlaps(space, 0xfffffffffffff800,
	    0x2000));
}

static void
unmap_takes_whole_extents_only(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	map_zeros(space, 0x1000, 0x1000);
	map_zeros(space, 0x2000, 0x1000);
	assert_true(kldsim__aspace_unmap(space, 0x1800)); /* no start */
	assert_true(kldsim__aspace_unmap(space, 0x7000)); /* nothing */
	assert_true(kldsim__aspace_mapped(space, 0x1000, 0x2000));
	assert_true(kldsim__aspace_unmap(space, 0x1000));
	assert_null(kldsim__aspace_find(space, 0x1fff));
	assert_true(kldsim__aspace_mapped(space, 0x2000, 0x1000));
	map_zeros(space, 0x1000, 0x800);
	assert_int_equal(support_extents(&space->extents), 2);
}

static void
check_fit(const struct kldsim__aspace *space, kldsim_addr floor,
    kldsim_addr end, kldsim_size size, kldsim_size align, kldsim_addr want)
{
	kldsim_addr start = 0xdead;

	assert_true(kldsim__aspace_first_fit(space, floor, end, size, align,
	    &start));
	assert_true(start == want);
}

static void
check_no_fit(const struct kldsim__aspace *space, kldsim_addr floor,
    kldsim_addr end, kldsim_size size, kldsim_size align)
{
	kldsim_addr start;

	assert_false(kldsim__aspace_first_fit(space, floor, end, size, align,
	    &start));
}

/* O-12: the lowest gap.  Taken: 1000-2fff and 4000-4fff. */
static void
first_fit_takes_the_lowest_gap(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	check_fit(space, 0x1001, 0x10000, 0x1000, 0x1000, 0x2000);
	map_zeros(space, 0x1000, 0x2000);
	map_zeros(space, 0x4000, 0x1000);
	check_fit(space, 0, 0x10000, 0x1000, 0x1000, 0);
	check_fit(space, 0, 0x10000, 0x1001, 0x1000, 0x5000);
	check_fit(space, 0x1000, 0x10000, 0x1000, 0x1000, 0x3000);
	check_fit(space, 0x2345, 0x10000, 1, 1, 0x3000);
	check_fit(space, 0x3001, 0x10000, 0xfff, 1, 0x3001);
	check_fit(space, 0x3001, 0x10000, 0x1000, 1, 0x5000);
	/* Aligned first, then looked at: 3000 -> 4000 is taken, 8000 free. */
	check_fit(space, 0x1000, 0x10000, 0x1000, 0x4000, 0x8000);
	check_fit(space, 0x3000, 0x10000, 0x800, 0x2000, 0x6000);
	check_fit(space, 0x3000, 0x10000, 0x1000, 0x1000, 0x3000);
	/* 10000 - 5000 = b000 and not a byte more. */
	check_fit(space, 0x1000, 0x10000, 0xb000, 0x1000, 0x5000);
	check_no_fit(space, 0x1000, 0x10000, 0xb001, 0x1000);
	check_no_fit(space, 0x1000, 0x4800, 0x1001, 0x1000);
	check_no_fit(space, 0x5001, 0x6000, 1, 0x1000 * 2);
	check_no_fit(space, 0x9000, 0x8000, 1, 1);
	check_no_fit(space, 0x1000, 0x10000, UINT64_MAX, 1);
}

static void
first_fit_does_not_wrap(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	const kldsim_addr top = 0xfffffffffffff000;

	/* Rounding up would end at 0. */
	check_no_fit(space, top + 1, UINT64_MAX, 1, 0x1000);
	check_no_fit(space, 0x8000000000000001, UINT64_MAX, 1,
	    (kldsim_size)1 << 63);
	check_fit(space, 1, UINT64_MAX, 1, (kldsim_size)1 << 63,
	    0x8000000000000000);
	check_fit(space, top - 0x1000, top, 0x1000, 0x1000, top - 0x1000);
	check_no_fit(space, top - 0x1000, top, 0x1001, 0x1000);
	/* Nothing comes after an extent that ends at the very top. */
	map_zeros(space, top, 0x1000);
	check_no_fit(space, top, UINT64_MAX, 1, 1);
	check_no_fit(space, top + 0x800, UINT64_MAX, 1, 1);
	check_fit(space, top - 0x10, UINT64_MAX, 0x10, 1, top - 0x10);
	check_no_fit(space, top - 0x10, UINT64_MAX, 0x11, 1);
}

/*
 * Three neighbours: 1000-1fff from the image (100 bytes of it, then zeros),
 * 2000-2004 flat, 2005-2fff zeros; then a hole.
 */
static void
reads_go_across_extents(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	uint8_t bytes[0x2000];
	size_t length;

	assert_non_null(kldsim__aspace_map(space, 0x1000, 0x1000, image, 100));
	assert_non_null(kldsim__aspace_map_flat(space, 0x2000, 5));
	map_zeros(space, 0x2005, 0xffb);
	write_ok(space, 0x1ffe, "abcdefghij", 10);
	memset(bytes, 0xff, sizeof(bytes));
	assert_true(kldsim__aspace_read(space, 0x1000, bytes, 0x2000));
	for (size_t i = 0; i < 0x2000; i++) {
		uint8_t want = i < 100 ? image_byte(i) :
		    i >= 0xffe && i < 0x1008 ? (uint8_t)('a' + (i - 0xffe)) :
		    0;

		assert_int_equal(bytes[i], want);
	}
	assert_false(kldsim__aspace_read(space, 0x1000, bytes, 0x2001));
	assert_false(kldsim__aspace_read(space, 0xfff, bytes, 1));
	assert_true(kldsim__aspace_read(space, 0x123456, bytes, 0));
	assert_null(kldsim__aspace_peek(space, 0x3000, 1, &length));
	assert_non_null(kldsim__aspace_peek(space, 0x2001, 2, &length));
	assert_int_equal(length, 2);
	assert_non_null(kldsim__aspace_peek(space, 0x2001, 100, &length));
	assert_int_equal(length, 4);
}

static void
faulting_writes_change_nothing(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	size_t before;

	map_zeros(space, 0x1000, 0x1000);
	map_zeros(space, 0x3000, 0x1000);
	write_ok(space, 0x1ff0, "0123456789abcdef", 16);
	before = space->undo->nentries;
	assert_int_equal(kldsim__aspace_write(space, 0x1ffe, "xyz", 3),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(kldsim__aspace_zero(space, 0x1ff0, 0x11),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(kldsim__aspace_copy(space, 0x3ff1, 0x1ff0, 16),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(kldsim__aspace_copy(space, 0x3000, 0x1ff1, 16),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(byte_at(space, 0x1ffe), 'e');
	assert_int_equal(byte_at(space, 0x1fff), 'f');
	assert_int_equal(byte_at(space, 0x3000), 0);
	assert_int_equal(space->undo->nentries, before);
	assert_int_equal(kldsim__aspace_write(space, 0x5000, "", 0),
	    KLDSIM__ACCESS_OK);
}

/* One byte of an image is written: one page is copied, the file stays. */
static void
writes_copy_one_page(void **state)
{
	struct world *world = *state;
	struct kldsim__aspace *space = &world->space;
	const kldsim_addr start = 0xffffffff80200123; /* not page aligned */
	uint8_t bytes[sizeof(image) + 50];
	size_t before, pages;

	assert_non_null(kldsim__aspace_map(space, start, sizeof(image) + 50,
	    image, sizeof(image)));
	before = world->base.count.bytes;
	write_ok(space, start + PAGE + 1, "!", 1);
	pages = (world->base.count.bytes - before) / PAGE;
	assert_true(pages >= 1 && pages <= 3); /* with its tables */
	before = world->base.count.bytes;
	write_ok(space, start + PAGE + 2, "?", 1); /* the page is ours now */
	assert_true(world->base.count.bytes - before < PAGE);
	/* The last page: 100 bytes of the image, then zeros. */
	write_ok(space, start + 5 * PAGE + 120, "#", 1);
	assert_true(kldsim__aspace_read(space, start, bytes, sizeof(bytes)));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		uint8_t want = i < sizeof(image) ? image_byte(i) : 0;

		want = i == PAGE + 1 ? '!' : i == PAGE + 2 ? '?' :
		    i == 5 * PAGE + 120 ? '#' : want;
		assert_int_equal(bytes[i], want);
	}
	check_image();
}

/* An image longer than its extent: p_filesz > p_memsz. */
static void
image_is_cut_at_the_extent(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	uint8_t bytes[100];

	assert_non_null(kldsim__aspace_map(space, 0x1000, 100, image,
	    sizeof(image)));
	assert_false(kldsim__aspace_read(space, 0x1001, bytes, 100));
	write_ok(space, 0x1063, "z", 1);
	assert_true(kldsim__aspace_read(space, 0x1000, bytes, 100));
	assert_memory_equal(bytes, image, 99);
	assert_int_equal(bytes[99], 'z');
}

static void
gigabytes_of_zeros_cost_nothing(void **state)
{
	struct world *world = *state;
	struct kldsim__aspace *space = &world->space;
	size_t before = world->base.count.bytes;
	uint8_t byte = 1;

	map_zeros(space, GB, GB);
	assert_true(world->base.count.bytes - before < 2048);
	before = world->base.count.bytes;
	assert_int_equal(byte_at(space, GB + GB / 2), 0);
	assert_true(kldsim__aspace_mapped(space, GB, GB));
	assert_int_equal(kldsim__aspace_zero(space, GB, GB),
	    KLDSIM__ACCESS_OK);
	assert_int_equal(world->base.count.bytes, before);
	/* One byte: a page, its chunk's table, the table of chunks. */
	write_ok(space, 2 * GB - 1, &byte, 1);
	assert_true(world->base.count.bytes - before < 16 * PAGE);
	assert_int_equal(byte_at(space, 2 * GB - 1), 1);
	assert_int_equal(byte_at(space, 2 * GB - 2), 0);
	/* Zeros of the image's own tail are as cheap. */
	before = world->base.count.bytes;
	assert_non_null(kldsim__aspace_map(space, 4 * GB, GB, image, 10));
	assert_int_equal(kldsim__aspace_zero(space, 4 * GB + 10, GB - 10),
	    KLDSIM__ACCESS_OK);
	assert_true(world->base.count.bytes - before < 2048);
}

static void
zero_clears_image_and_flat(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	assert_non_null(kldsim__aspace_map(space, 0, 2 * PAGE, image,
	    2 * PAGE));
	assert_non_null(kldsim__aspace_map_flat(space, 2 * PAGE, 10));
	write_ok(space, 2 * PAGE, "0123456789", 10);
	assert_int_equal(kldsim__aspace_zero(space, PAGE - 3, PAGE + 8),
	    KLDSIM__ACCESS_OK);
	assert_int_equal(byte_at(space, PAGE - 4), image_byte(PAGE - 4));
	for (kldsim_addr at = PAGE - 3; at < 2 * PAGE + 5; at++)
		assert_int_equal(byte_at(space, at), 0);
	assert_int_equal(byte_at(space, 2 * PAGE + 5), '5');
}

static void
copy_between_kinds_of_memory(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	uint8_t bytes[3 * 4096];

	assert_non_null(kldsim__aspace_map(space, 0, 3 * PAGE, image,
	    3 * PAGE));
	assert_non_null(kldsim__aspace_map_flat(space, 0x10000, 3 * PAGE));
	assert_int_equal(kldsim__aspace_copy(space, 0x10001, 5, 9000),
	    KLDSIM__ACCESS_OK);
	assert_true(kldsim__aspace_read(space, 0x10001, bytes, 9000));
	assert_memory_equal(bytes, image + 5, 9000);
	assert_int_equal(byte_at(space, 0x10000), 0);
	assert_int_equal(byte_at(space, 0x10001 + 9000), 0);
	/* Within one page that was never written. */
	assert_int_equal(kldsim__aspace_copy(space, 0x800, 0x100, 0x200),
	    KLDSIM__ACCESS_OK);
	assert_true(kldsim__aspace_read(space, 0x800, bytes, 0x200));
	assert_memory_equal(bytes, image + 0x100, 0x200);
	assert_int_equal(byte_at(space, 0x7ff), image_byte(0x7ff));
	assert_int_equal(byte_at(space, 0xa00), image_byte(0xa00));
}

/* What is unchanged is shared; what was written is brought over. */
static void
clone_shares_and_copies(void **state)
{
	struct world *world = *state;
	struct kldsim__aspace *space = &world->space;
	uint8_t bytes[5 * 4096];
	size_t before;

	assert_non_null(kldsim__aspace_map(space, 0x100000, sizeof(image),
	    image, sizeof(image)));
	before = world->base.count.bytes;
	assert_int_equal(kldsim__aspace_clone(space, 0x200000, 5 * PAGE,
	    0x100011, 4 * PAGE), KLDSIM__ACCESS_OK);
	assert_true(world->base.count.bytes - before < 2048);
	write_ok(space, 0x102000, "source", 6);
	write_ok(space, 0x200001, "clone", 5);
	assert_int_equal(kldsim__aspace_clone(space, 0x300000, 4 * PAGE,
	    0x101ffe, 2 * PAGE), KLDSIM__ACCESS_OK);
	/* The first clone has its own write and not the source's. */
	assert_true(kldsim__aspace_read(space, 0x200000, bytes, 5 * PAGE));
	for (size_t i = 0; i < 5 * PAGE; i++) {
		uint8_t want = i >= 1 && i < 6 ? (uint8_t)"clone"[i - 1] :
		    i < 4 * PAGE ? image_byte(i + 0x11) : 0;

		assert_int_equal(bytes[i], want);
	}
	/* The second has the source's, at 102000 - 101ffe = 2. */
	assert_true(kldsim__aspace_read(space, 0x300000, bytes, 4 * PAGE));
	for (size_t i = 0; i < 4 * PAGE; i++) {
		uint8_t want = i >= 2 && i < 8 ? (uint8_t)"source"[i - 2] :
		    i < 2 * PAGE ? image_byte(i + 0x1ffe) : 0;

		assert_int_equal(bytes[i], want);
	}
	assert_int_equal(byte_at(space, 0x100012), image_byte(0x12));
}

/* From flat memory, and from across the end of an image, all is copied. */
static void
clone_of_what_cannot_be_shared(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;
	uint8_t bytes[200];

	assert_non_null(kldsim__aspace_map_flat(space, 0x1000, 0x100));
	assert_non_null(kldsim__aspace_map(space, 0x1100, 0x100, image, 0x10));
	write_ok(space, 0x10f0, "0123456789abcdef", 16);
	assert_int_equal(kldsim__aspace_clone(space, 0x4000, 200, 0x10f8, 40),
	    KLDSIM__ACCESS_OK);
	assert_true(kldsim__aspace_read(space, 0x4000, bytes, 200));
	assert_memory_equal(bytes, "89abcdef", 8);
	assert_memory_equal(bytes + 8, image, 16);
	for (size_t i = 24; i < 200; i++)
		assert_int_equal(bytes[i], 0);
	write_ok(space, 0x10f8, "........", 8);
	assert_int_equal(byte_at(space, 0x4000), '8');
}

/* "Not mapped; nothing was changed" (enum kldsim__access). */
static void
clone_of_nothing_is_a_fault(void **state)
{
	struct kldsim__aspace *space = &((struct world *)*state)->space;

	map_zeros(space, 0x1000, 0x1000);
	assert_int_equal(kldsim__aspace_clone(space, 0x8000, 0x1000, 0x1800,
	    0x801), KLDSIM__ACCESS_FAULT);
	assert_int_equal(support_extents(&space->extents), 1);
	assert_false(kldsim__aspace_mapped(space, 0x8000, 1));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(extents_have_exact_bounds),
		T(overlaps_by_one_byte),
		T(top_of_the_address_space),
		T(overlaps_of_a_range_that_wraps),
		T(unmap_takes_whole_extents_only),
		T(first_fit_takes_the_lowest_gap),
		T(first_fit_does_not_wrap),
		T(reads_go_across_extents),
		T(faulting_writes_change_nothing),
		T(writes_copy_one_page),
		T(image_is_cut_at_the_extent),
		T(gigabytes_of_zeros_cost_nothing),
		T(zero_clears_image_and_flat),
		T(copy_between_kinds_of_memory),
		T(clone_shares_and_copies),
		T(clone_of_what_cannot_be_shared),
		T(clone_of_nothing_is_a_fault),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
