/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What nobody knows of a kernel: some changes lie between two osreldates, and
 * its own is one of those in between (facts.def).  One note at boot says which
 * answers hang on that, and what is taken.
 */

#include <stdio.h>
#include <string.h>

#include "boot/boot.h"

/* So many are told; a row's words are of at most 80 bytes. */
#define TOLD 8

/* Whether a name is one of those in a text. */
static bool
is_among(const char *names, const char *name)
{
	const size_t length = strlen(name);

	for (;;) {
		const size_t word = strcspn(names, " ");

		if (word == length && memcmp(names, name, length) == 0)
			return (true);
		if (names[word] == '\0')
			return (false);
		names += word + 1;
	}
}

/* Whether this kernel can show the difference. */
static bool
concerns(const struct kldsim *sim, const struct kldsim__fact *fact)
{
	switch (fact->whose) {
	case KLDSIM__OF_KERNEL:
		break;
	case KLDSIM__OF_OBJ:
		if (sim->arch->obj_class == NULL)
			return (false);
		break;
	case KLDSIM__OF_VNET:
		if (!sim->vnet.present)
			return (false);
		break;
	case KLDSIM__OF_PRELOAD:
		if (sim->options.npreloads == 0)
			return (false);
		break;
	case KLDSIM__OF_KLDXREF:
	case KLDSIM__OF_CONSOLE:
	case KLDSIM__OF_LINK:
	case KLDSIM__OF_NOBODY:
		return (false);
	}
	return (fact->machines[0] == '\0' ||
	    is_among(fact->machines, sim->arch->name));
}

void
kldsim__tell_narrowed(struct kldsim *sim)
{
	struct kldsim__where where = { .file = sim->linker.kernel->filename,
		.symbol = "osreldate" };
	char text[TOLD * 100];
	const struct kldsim__fact *fact;
	size_t told = 0, used = 0;
	bool more = false;

	for (size_t i = 0; (fact = kldsim__fact_at(i)) != NULL; i++) {
		bool narrowed;
		int value = kldsim__fact_value(fact, sim->osreldate,
		    &narrowed);

		if (!narrowed || !concerns(sim, fact)) {
			continue;
		} else if (told == TOLD) {
			more = true;
			continue;
		}
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s (%s)", told++ == 0 ? "" : "; ", fact->says,
		    value != 0 ? "yes" : "no");
	}
	if (told == 0)
		return;
	kldsim__find(sim, KLDSIM__F_RELEASE_UNSURE, &where,
	    "no source shows what %s (%u) does in some points, and what is "
	    "taken may be wrong: %s%s", kldsim_release_name(sim->osreldate),
	    sim->osreldate, text, more ? "; and more" : "");
}
