/* SPDX-License-Identifier: BSD-2-Clause */

/* How long names are together; see longnames.h. */

#include "elf/longnames.h"

#include <string.h>

uint64_t
kldsim__long_names(const struct kldsim__symview *view, uint64_t enough)
{
	uint64_t bytes = 0;

	if (!kldsim__has_long_string(view->strings, view->names_end))
		return (0);
	for (uint32_t i = 0; i < view->count && bytes <= enough; i++) {
		const char *name = kldsim__sym_name(view,
		    kldsim__sym_name_offset(view, i));

		if (name != NULL)
			bytes += strlen(name);
	}
	return (bytes);
}

bool
kldsim__too_long_names(const struct kldsim__symview *view, uint64_t work)
{
	const uint64_t most = work < KLDSIM__NAMES_MOST ? work :
	    KLDSIM__NAMES_MOST;

	return (kldsim__long_names(view, most) > most);
}
