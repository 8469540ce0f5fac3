/* SPDX-License-Identifier: BSD-2-Clause */
/* A project of somebody else's, as small as one can be. */

#include <stdio.h>

#include <kldsim/kldsim.h>

int
main(void)
{
	if (kldsim_version() != KLDSIM_VERSION)
		return 1;
	puts(kldsim_version_string());
	return 0;
}
