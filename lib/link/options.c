/* SPDX-License-Identifier: BSD-2-Clause */

/* Defaults of struct kldsim_options, and release names. */

#include <stdlib.h>
#include <string.h>

#include "link/link.h"

void
kldsim__options_defaults(struct kldsim_options *options)
{
	static const struct kldsim_limits defaults = {
		.map_bytes = UINT64_C(1) << 30,
		.sections = 65535,
		.symbols = UINT64_C(16) << 20,
		.relocs = UINT64_C(64) << 20,
		.set_entries = 16384,
		.depth = 10000,
		.findings = 1000,
	};
	struct kldsim_limits *limits = &options->limits;

	if (limits->map_bytes == 0)
		limits->map_bytes = defaults.map_bytes;
	if (limits->sections == 0)
		limits->sections = defaults.sections;
	if (limits->symbols == 0)
		limits->symbols = defaults.symbols;
	if (limits->relocs == 0)
		limits->relocs = defaults.relocs;
	if (limits->set_entries == 0)
		limits->set_entries = defaults.set_entries;
	if (limits->depth == 0)
		limits->depth = defaults.depth;
	if (limits->findings == 0)
		limits->findings = defaults.findings;
}

void
kldsim_options_init(struct kldsim_options *options)
{
	memset(options, 0, sizeof(*options));
	options->size = sizeof(*options);
	options->cpus = 2;
	options->vnets = 1;
	options->leak_locals = 1;
	kldsim__options_defaults(options);
}

enum kldsim_status
kldsim_release_parse(const char *text, uint32_t *osreldate_ret)
{
	unsigned long number;
	char *end;

	if (strcmp(text, "auto") == 0) {
		*osreldate_ret = 0;
		return (KLDSIM_OK);
	}
	if (kldsim__release_by_name(text, osreldate_ret) == KLDSIM_OK)
		return (KLDSIM_OK);
	number = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0' || number < 100000 ||
	    number > 99999999)
		return (KLDSIM_ARG);
	*osreldate_ret = (uint32_t)number;
	return (KLDSIM_OK);
}

const char *
kldsim_release_name(uint32_t osreldate)
{
	const char *name = kldsim__release_name(osreldate);

	return (name != NULL ? name : "?");
}
