/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffers for modules' mappings: zeros, wherever they lie and however often
 * their place has been used; none touches another.
 */

#include <stdint.h>
#include <string.h>

#include "support_base.h"
#include "mem/flats.h"

#define MANY 200u

static struct kldsim__alloc alloc;

static bool
is_filled(const struct kldsim__flat *flat, size_t size, uint8_t with)
{
	for (size_t i = 0; i < size; i++)
		if (flat->bytes[i] != with)
			return (false);
	return (true);
}

static struct kldsim__flat
get(struct kldsim__flats *flats, size_t size)
{
	struct kldsim__flat flat = kldsim__flats_get(flats, size);

	assert_non_null(flat.bytes);
	assert_true(flat.size >= size);
	assert_true(is_filled(&flat, size, 0));
	return (flat);
}

/* Sizes from a byte to more than a block, in any order. */
static size_t
size_of(unsigned i)
{
	return (i % 50 == 7 ? 300u << 10 : i % 20 == 3 ? 70000 :
	    1 + i * 37 % 5000);
}

static void
buffers_lie_apart(void **state)
{
	struct kldsim__flat flat[MANY];
	struct kldsim__flats flats;

	(void)state;
	kldsim__flats_init(&flats, &alloc);
	for (unsigned i = 0; i < MANY; i++) {
		flat[i] = get(&flats, size_of(i));
		memset(flat[i].bytes, (int)(i % 255 + 1), size_of(i));
	}
	for (unsigned i = 0; i < MANY; i++)
		assert_true(is_filled(&flat[i], size_of(i),
		    (uint8_t)(i % 255 + 1)));
	for (unsigned i = 0; i < MANY; i++)
		kldsim__flats_put(&flats, &flat[i * 7 % MANY]);
	kldsim__flats_fini(&flats);
}

/* Load and unload, again and again: zeros each time. */
static void
places_are_cleared(void **state)
{
	struct kldsim__flat kept, first, second;
	struct kldsim__flats flats;

	(void)state;
	kldsim__flats_init(&flats, &alloc);
	kept = get(&flats, 100);
	memset(kept.bytes, 0xaa, 100);
	for (unsigned i = 0; i < 20; i++) {
		first = get(&flats, size_of(i));
		memset(first.bytes, 0xbb, size_of(i));
		second = get(&flats, size_of(i + 1));
		memset(second.bytes, 0xcc, size_of(i + 1));
		/* The last one first, or the other way round. */
		kldsim__flats_put(&flats, i % 2 == 0 ? &second : &first);
		kldsim__flats_put(&flats, i % 2 == 0 ? &first : &second);
		assert_true(is_filled(&kept, 100, 0xaa));
	}
	kldsim__flats_put(&flats, &kept);
	for (unsigned i = 0; i < 20; i++) {
		first = get(&flats, size_of(i));
		memset(first.bytes, 0xdd, size_of(i));
		kldsim__flats_put(&flats, &first);
	}
	kldsim__flats_fini(&flats);
}

static void *
no_alloc(void *user, size_t size)
{
	(void)user;
	(void)size;
	return (NULL);
}

static void
no_free(void *user, void *memory)
{
	(void)user;
	free(memory);
}

static void
no_memory(void **state)
{
	const struct kldsim_allocator hook = { no_alloc, no_free, NULL };
	struct kldsim__alloc none;
	struct kldsim__flats flats;

	(void)state;
	kldsim__alloc_init(&none, &hook);
	kldsim__flats_init(&flats, &none);
	assert_null(kldsim__flats_get(&flats, 1).bytes);
	assert_null(kldsim__flats_get(&flats, 70000).bytes);
	kldsim__flats_fini(&flats);
}

static unsigned ncalls;

static void *
counted_alloc(void *user, size_t size)
{
	(void)user;
	ncalls++;
	return (malloc(size));
}

static void
counted_free(void *user, void *memory)
{
	(void)user;
	ncalls--;
	free(memory);
}

/* A caller who counts what a kernel costs is asked for each buffer. */
static void
callers_allocator(void **state)
{
	const struct kldsim_allocator hook = { counted_alloc, counted_free,
		NULL };
	struct kldsim__alloc counted;
	struct kldsim__flats flats;
	struct kldsim__flat flat[3];

	(void)state;
	kldsim__alloc_init(&counted, &hook);
	kldsim__flats_init(&flats, &counted);
	for (unsigned i = 0; i < 3; i++) {
		flat[i] = get(&flats, 5000);
		assert_int_equal(ncalls, i + 1);
	}
	for (unsigned i = 0; i < 3; i++)
		kldsim__flats_put(&flats, &flat[i]);
	assert_int_equal(ncalls, 0);
	kldsim__flats_fini(&flats);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_lie_apart),
		cmocka_unit_test(places_are_cleared),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(callers_allocator),
	};

	kldsim__alloc_init(&alloc, NULL);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
