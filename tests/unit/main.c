/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One program of all unit tests, since to link one for each takes longer than to
 * compile them.  Its first argument says which; without one it says which there
 * are.
 */

#include <stdio.h>
#include <string.h>

#include "support_main.h"

/* Each test's main(), which the build calls by the name of its file. */
#define TEST(name) int test_##name(void);
#include "unit_tests.def"
#undef TEST

static const struct {
	const char *name;
	int (*main)(void);
} tests[] = {
#define TEST(name) { #name, test_##name },
#include "unit_tests.def"
};

#define NTESTS (sizeof(tests) / sizeof(tests[0]))

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < NTESTS; i++) {
		if (argc < 2) {
			puts(tests[i].name);
		} else if (strcmp(argv[1], tests[i].name) == 0) {
			support_arguments.count = argc - 2;
			support_arguments.words = argv + 2;
			return (tests[i].main());
		}
	}
	if (argc < 2)
		return (0);
	fprintf(stderr, "%s: no such test\n", argv[1]);
	return (2);
}
