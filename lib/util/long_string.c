/* SPDX-License-Identifier: BSD-2-Clause */

/* Long strings; see long_string.h. */

#include "util/long_string.h"

/*
 * A long string has no NUL in so many bytes, so the last NUL of each such stretch
 * is enough to know: the next stretch begins behind it.
 */
bool
kldsim__has_long_string(const char *strings, uint64_t size)
{
	uint64_t at = 0;

	while (size - at > KLDSIM__NAME_LONG) {
		uint64_t last = at + KLDSIM__NAME_LONG;

		while (strings[last] != '\0')
			if (last-- == at)
				return (true);
		at = last + 1;
	}
	return (false);
}
