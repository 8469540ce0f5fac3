/* SPDX-License-Identifier: BSD-2-Clause */

/* How long names are together; see longnames.h. */

#include "sym/longnames.h"

#include <string.h>

/*
 * A long string has no NUL in so many bytes, so the last NUL of each such stretch
 * is enough to know: the next stretch begins behind it.
 */
static bool
has_long_string(const struct kldsim__symview *view)
{
	uint64_t at = 0;

	while (view->names_end - at > KLDSIM__NAME_LONG) {
		uint64_t last = at + KLDSIM__NAME_LONG;

		while (view->strings[last] != '\0')
			if (last-- == at)
				return (true);
		at = last + 1;
	}
	return (false);
}

uint64_t
kldsim__long_names(const struct kldsim__symview *view, uint64_t enough)
{
	uint64_t bytes = 0;

	if (!has_long_string(view))
		return (0);
	for (uint32_t i = 0; i < view->count && bytes <= enough; i++) {
		const char *name = kldsim__sym_name(view,
		    kldsim__sym_name_offset(view, i));

		if (name != NULL)
			bytes += strlen(name);
	}
	return (bytes);
}
