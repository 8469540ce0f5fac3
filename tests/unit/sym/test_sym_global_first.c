/* SPDX-License-Identifier: BSD-2-Clause */

/* I-26: of one name a definition that all see comes before one that one file does. */

#include "support_base.h"

#include <elf.h>

#include "sym/symindex.h"

#define STRINGS "\0alpha\0beta\0gamma\0undefined\0proc"
#define ALPHA 1u
#define BETA 7u
#define GAMMA 12u
#define UNDEFINED 18u
#define PROC 28u

static const struct {
	uint32_t name;
	unsigned char bind;
	uint16_t section;
} rows[] = {
	{ 0, STB_LOCAL, SHN_UNDEF },
	{ BETA, STB_LOCAL, 1 },
	{ PROC, STB_LOCAL, 1 },
	{ GAMMA, STB_LOCAL, 1 },
	{ BETA, STB_WEAK, 1 },
	{ ALPHA, STB_GLOBAL, 1 },
	{ UNDEFINED, STB_GLOBAL, SHN_UNDEF },
	{ BETA, STB_GLOBAL, 1 },
	{ GAMMA, STB_LOCAL, 1 },
};

static const struct {
	const char *name;
	uint32_t symbol;
} answers[] = {
	{ "alpha", 5 },
	{ "beta", 4 },   /* a weak one is seen by all, too */
	{ "gamma", 3 },  /* the first of two */
	{ "undefined", KLDSIM__NO_SYMBOL },
	{ "delta", KLDSIM__NO_SYMBOL },
	{ "proc", 2 },
};

/* LP64, of either byte order. */
static void
make_view(struct kldsim__symview *view, uint8_t *syms, bool big)
{
	memset(view, 0, sizeof(*view));
	memset(syms, 0, COUNT(rows) * 24);
	for (size_t i = 0; i < COUNT(rows); i++) {
		kldsim__store(syms + i * 24, 4, big, rows[i].name);
		syms[i * 24 + 4] = (uint8_t)(rows[i].bind << 4 | STT_FUNC);
		kldsim__store(syms + i * 24 + 6, 2, big, rows[i].section);
	}
	view->syms = syms;
	view->count = COUNT(rows);
	view->is64 = true;
	view->big = big;
	kldsim__symview_set_strings(view, (const uint8_t *)STRINGS,
	    sizeof(STRINGS));
}

static void
check(bool big)
{
	const char *names[COUNT(answers)];
	uint32_t found[COUNT(answers)];
	uint8_t syms[COUNT(rows) * 24];
	struct kldsim__symview view;
	struct kldsim__symindex index;
	struct support_base base;
	bool bad;

	support_base_init(&base, -1);
	make_view(&view, syms, big);
	assert_true(kldsim__symindex_build_global_first(&index, &base.alloc,
	    &view));
	for (size_t i = 0; i < COUNT(answers); i++)
		names[i] = answers[i].name;
	kldsim__symindex_find_all(&index, &view, names, COUNT(names), found);
	for (size_t i = 0; i < COUNT(answers); i++) {
		assert_int_equal(found[i], answers[i].symbol);
		assert_int_equal(kldsim__symindex_find(&index, &view,
		    names[i], &bad), answers[i].symbol);
	}
	kldsim__symindex_fini(&index);
	support_base_fini(&base);
}

static void
global_ones_first(void **state)
{
	(void)state;
	check(false);
	check(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(global_ones_first),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
