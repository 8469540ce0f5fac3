/* SPDX-License-Identifier: BSD-2-Clause */

/* Words and names that all reports share. */

#include "report/names.h"

static const char *const outcome_names[] = {
	[OUTCOME_NOT_TRIED] = "not tried",
	[OUTCOME_LOADED] = "loaded",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_PANIC] = "panic",
	[OUTCOME_FAILED] = "failed",
};

static const char *const region_names[] = {
	[KLDSIM_REGION_NONE] = "none",
	[KLDSIM_REGION_MAPPING] = "mapping",
	[KLDSIM_REGION_DPCPU] = "dpcpu",
	[KLDSIM_REGION_VNET] = "vnet",
};

const char *
outcome_name(enum outcome outcome)
{
	return (outcome_names[outcome]);
}

const char *
region_name(enum kldsim_region region)
{
	return (region_names[region]);
}

const char *
prot_text(unsigned prot, char text[4])
{
	text[0] = prot & KLDSIM_PROT_READ ? 'r' : '-';
	text[1] = prot & KLDSIM_PROT_WRITE ? 'w' : '-';
	text[2] = prot & KLDSIM_PROT_EXEC ? 'x' : '-';
	text[3] = '\0';
	return (text);
}

bool
next_file(const struct kldsim *sim, int *id)
{
	return (kldsim_kldnext(sim, *id, id) == KLDSIM_OK && *id != 0);
}

const char *
file_name(const struct kldsim *sim, int id)
{
	struct kldsim_filestat stat;

	return (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK ? stat.name : "?");
}

const char *
section_name(const struct kldsim *sim, int id, unsigned index)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		if (section.index == index)
			return (section.name);
	return (NULL);
}
