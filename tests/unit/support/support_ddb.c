/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_ddb.h"

#include <stdio.h>

struct kldsim_ddb *
ddb_enter(const struct kern *kern, int curvnet)
{
	struct kldsim_ddb_options options;
	struct kldsim_ddb *ddb;

	kldsim_ddb_options_init(&options, sizeof(options));
	options.curvnet = curvnet;
	assert_int_equal(kldsim_ddb_open(kern->sim, &options, &ddb),
	    KLDSIM_OK);
	return ddb;
}

const char *
ddb_ask(struct kldsim_ddb *ddb, const char *format, ...)
{
	static char said[20000];
	const char *text;
	char line[1000];
	va_list args;
	size_t size;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	assert_int_equal(kldsim_ddb_command(ddb, line, strlen(line), &text,
	    &size), KLDSIM_OK);
	assert_true(size < sizeof(said));
	memcpy(said, text, size);
	said[size] = '\0';
	return said;
}

void
ddb_says(struct kldsim_ddb *ddb, const char *line, const char *want,
    const char *file, int number)
{
	const char *have = ddb_ask(ddb, "%s", line);

	if (strcmp(have, want) != 0) {
		print_error("%s\nprints:\n%sinstead of:\n%s", line, have,
		    want);
		_fail(file, number);
	}
}
