/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * O-64: the symbol that a walk settles on.  Few questions are answered by a
 * walk and many by an index, with the same answers; these are written out.
 */

#include "support_base.h"
#include "sym/addrindex.h"

static struct kldsim__alloc alloc;

/* 0 stands for a symbol without a name. */
static const uint64_t values[] = { 0, 0x300, 0x100, 0x100, 0x200, 0x200, 0x200,
	0, 0x500 };

static bool
value_of(const void *arg, uint32_t i, uint64_t *value_ret)
{
	*value_ret = ((const uint64_t *)arg)[i];
	return (*value_ret != 0);
}

static const struct {
	uint64_t address;
	uint32_t symbol;
	uint64_t difference;
} answers[] = {
	{ 0, KLDSIM__NO_SYMBOL, 0 },
	{ 0xff, KLDSIM__NO_SYMBOL, 0 },
	{ 0x100, 2, 0 },      /* of two just there the first */
	{ 0x101, 3, 1 },      /* of two below it the last */
	{ 0x200, 4, 0 },
	{ 0x2ff, 6, 0xff },
	{ 0x300, 1, 0 },
	{ 0x4ff, 1, 0x1ff },
	{ UINT64_MAX, 8, UINT64_MAX - 0x500 },
};

static void
walks_and_index_agree(void **state)
{
	struct kldsim__addrindex index = { .slots = NULL };

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT(answers); i++) {
			uint64_t difference = 0;
			uint32_t symbol = 0;

			/* Once by a walk, then by the index. */
			if (round == 0)
				index.walks = 0;
			assert_true(kldsim__addrindex_search(&index, &alloc,
			    COUNT(values), value_of, values,
			    answers[i].address, &symbol, &difference));
			assert_int_equal(symbol, answers[i].symbol);
			if (symbol != KLDSIM__NO_SYMBOL)
				assert_true(difference ==
				    answers[i].difference);
			assert_int_equal(index.slots != NULL, round == 1 &&
			    i + 1 >= KLDSIM__ADDRESS_WALKS);
		}
	kldsim__addrindex_fini(&index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_and_index_agree),
	};

	kldsim__alloc_init(&alloc, NULL);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
