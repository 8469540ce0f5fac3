/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a file may cost: names and defaults of struct kldsim_limits, and what is
 * said of one that is reached.  The kernel has no such limits.
 */

#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

static const struct row {
	const char *name; /* of the field, and after --limit */
	size_t offset;
	uint64_t value;
} rows[] = {
#define ROW(name, value) { #name, offsetof(struct kldsim_limits, name), value }
	ROW(map_bytes, UINT64_C(1) << 30),
	ROW(sections, 65535),
	ROW(symbols, UINT64_C(16) << 20),
	ROW(relocs, UINT64_C(64) << 20),
	ROW(set_entries, 16384),
	ROW(depth, 10000),
	ROW(findings, 1000),
	ROW(work, UINT64_C(1) << 30),
#undef ROW
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static uint64_t *
limit_of(struct kldsim_limits *limits, const struct row *row)
{
	return ((uint64_t *)(void *)((char *)limits + row->offset));
}

enum kldsim_status
kldsim_limit_set(struct kldsim_limits *limits, const char *name,
    uint64_t value)
{
	for (const struct row *row = rows; row < rows + NROWS; row++)
		if (strcmp(row->name, name) == 0) {
			*limit_of(limits, row) = value;
			return (KLDSIM_OK);
		}
	return (KLDSIM_ARG);
}

void
kldsim__limits_defaults(struct kldsim_limits *limits)
{
	for (const struct row *row = rows; row < rows + NROWS; row++)
		if (*limit_of(limits, row) == 0)
			*limit_of(limits, row) = row->value;
}

int
kldsim__limited(struct kldsim *sim, const uint64_t *limit, uint64_t have,
    const char *format, ...)
{
	const size_t offset = (size_t)((const char *)limit -
	    (const char *)&sim->options.limits);
	const struct row *row = rows;
	char what[384]; /* a long path leaves room for the limit */
	va_list args;

	if (have <= *limit)
		return (0);
	while (row->offset != offset)
		row++;
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: %ju, over the limit "
	    "%s=%ju", what, (uintmax_t)have, row->name, (uintmax_t)*limit));
}

int
kldsim__work(struct kldsim *sim, const struct kldsim__file *file,
    uint64_t steps)
{
	uint64_t all;
	int error;

	if (!kldsim__add(sim->work, steps, &all))
		all = UINT64_MAX;
	error = kldsim__limited(sim, &sim->options.limits.work, all,
	    "%s: steps of this call", file->filename);
	if (error == 0)
		sim->work = all;
	return (error);
}
