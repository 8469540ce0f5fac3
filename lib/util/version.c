/* SPDX-License-Identifier: BSD-2-Clause */
/* The version, as the number in the public header and as text made from it. */

#include <kldsim/status.h>

#define MAJOR (KLDSIM_VERSION / 10000)
#define MINOR (KLDSIM_VERSION / 100 % 100)
#define PATCH (KLDSIM_VERSION % 100)

/* One digit each, until a release needs two. */
_Static_assert(MAJOR < 10 && MINOR < 10 && PATCH < 10,
    "kldsim_version_string has room for one digit each");

int
kldsim_version(void)
{
	return KLDSIM_VERSION;
}

const char *
kldsim_version_string(void)
{
	static const char text[] = {
		'0' + MAJOR, '.', '0' + MINOR, '.', '0' + PATCH, '\0'
	};

	return text;
}
