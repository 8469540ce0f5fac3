/* SPDX-License-Identifier: BSD-2-Clause */

/* What a file may cost: the fields of struct kldsim_limits as a table. */

#include "util/limits.h"

#include <stddef.h>
#include <string.h>

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
	ROW(types, UINT64_C(1) << 20),
	ROW(type_members, UINT64_C(16) << 20),
	ROW(type_strings, UINT64_C(32) << 20),
	ROW(type_bytes, UINT64_C(64) << 20),
	ROW(archive_bytes, UINT64_C(4) << 30),
	ROW(archive_members, UINT64_C(256) << 10),
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

const char *
kldsim__limit_name(const struct kldsim_limits *limits, const uint64_t *limit)
{
	const size_t offset = (size_t)((const char *)limit -
	    (const char *)limits);
	const struct row *row = rows;

	while (row->offset != offset)
		row++;
	return (row->name);
}
