/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of facts, facts.def, and the names of releases. */

#include "release/release.h"

#include <string.h>

#define END UINT32_MAX

/* The first number of each branch: below it, the one before. */
#define B13 1300000
#define B14 1400000
#define B15 1500000
#define B16 1600000
#define B17 1700000

/* releng/13.0, for what is in 13.0, was not in 13-CURRENT of February 2019. */
#define R13_0 1300139

#define SINCE(from) { (from), END, 1, false }
#define UNTIL(to) { 0, (to), 1, false }
#define MERGED(from, end) { (from), (end), 1, false }
#define VALUE(from, to, value) { (from), (to), (value), false }
#define NARROWED(low, high, taken) { (low), (high), (taken), true }
#define NEVER { 0, 0, 0, false }
#define ALWAYS { 0, END, 1, false }

#define FLAG(field, of, machines, rules, says, ...) { #field, \
	KLDSIM__OF_##of, (machines), (rules), (says), NULL, false, 0, \
	offsetof(struct kldsim__facts, field), { __VA_ARGS__ } },
#define NUMBER(field, of, machines, rules, says, otherwise, ...) { #field, \
	KLDSIM__OF_##of, (machines), (rules), (says), NULL, true, (otherwise), \
	offsetof(struct kldsim__facts, field), { __VA_ARGS__ } },
#define UNPLAYED(name, rules, says, why, ...) { #name, KLDSIM__OF_NOBODY, \
	"", (rules), (says), (why), false, 0, 0, { __VA_ARGS__ } },

static const struct kldsim__fact table[] = {
#include "release/facts.def"
};

#define FACTS (sizeof(table) / sizeof(table[0]))

/*
 * Oldest first; a branch's names stand together.
 *
 * 13.0, 13.3, 14.0 and 14.1 are the numbers of the release tags (sys/param.h,
 * as nixpkgs lists them), 15.0 and 15.1 those of their sources, 13.2 what its
 * kernels report.  The others follow the custom that releng/X.Y begins with
 * XY000 while the stable branch goes on with XY500; the Porter's Handbook has
 * 1204000 and 1301000 for the one, and 1304500 (1 Aug 2024) and 1402500 (31
 * Oct 2024) for the other, and kernels of 12.3 report 1203000.
 */
static const struct release {
	const char *name;
	uint32_t osreldate;
} releases[] = {
	{ "12.1", 1201000 },
	{ "12.2", 1202000 },
	{ "12.3", 1203000 },
	{ "12.4", 1204000 },
	{ "13.0", 1300139 },
	{ "13.1", 1301000 },
	{ "13.2", 1302001 },
	{ "13.3", 1303001 },
	{ "13.4", 1304000 },
	{ "13.5", 1305000 },
	{ "14.0", 1400097 },
	{ "14.1", 1401000 },
	{ "14.2", 1402000 },
	{ "14.3", 1403000 },
	{ "15.0", 1500068 },
	{ "15.1", 1501000 },
	/*
	 * Pinned: a main (n289791, 16.0-CURRENT) met in 2026, far younger than
	 * 15.1 by the number of its commits.
	 */
	{ "main", 1600026 },
};

#define RELEASES (sizeof(releases) / sizeof(releases[0]))

int
kldsim__fact_value(const struct kldsim__fact *fact, uint32_t osreldate,
    bool *narrowed_ret)
{
	const struct kldsim__fact_span *span;
	size_t i;

	for (i = 0; i < KLDSIM__FACT_SPANS; i++) {
		span = &fact->spans[i];
		if (osreldate >= span->from && osreldate < span->to) {
			*narrowed_ret = span->narrowed;
			return span->value;
		}
	}
	*narrowed_ret = false;
	return fact->otherwise;
}

/* Through memcpy, as the offset says nothing of the type to the compiler. */
static void
store(struct kldsim__facts *facts, const struct kldsim__fact *fact, int value)
{
	bool flag = value != 0;
	char *field = (char *)facts + fact->offset;

	if (fact->number)
		memcpy(field, &value, sizeof(value));
	else
		memcpy(field, &flag, sizeof(flag));
}

void
kldsim__facts_for(uint32_t osreldate, struct kldsim__facts *facts_ret)
{
	bool narrowed;
	size_t i;

	memset(facts_ret, 0, sizeof(*facts_ret));
	for (i = 0; i < FACTS; i++)
		if (table[i].unplayed == NULL)
			store(facts_ret, &table[i], kldsim__fact_value(
			    &table[i], osreldate, &narrowed));
}

const struct kldsim__fact *
kldsim__fact_at(size_t i)
{
	return i < FACTS ? &table[i] : NULL;
}

enum kldsim_status
kldsim__release_by_name(const char *name, uint32_t *osreldate_ret)
{
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		if (strcmp(releases[i].name, name) == 0) {
			*osreldate_ret = releases[i].osreldate;
			return KLDSIM_OK;
		}
	}
	return KLDSIM_ARG;
}

const char *
kldsim__release_name(uint32_t osreldate)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		if (releases[i].osreldate / 100000 != osreldate / 100000)
			continue;
		if (name == NULL || releases[i].osreldate <= osreldate)
			name = releases[i].name;
	}
	return name;
}

const char *
kldsim__release_at(size_t i)
{
	return i < RELEASES ? releases[i].name : NULL;
}
