/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_FULL_H
#define SUPPORT_FULL_H

/* How many of many alike cases are tried: KLDSIM_FULL says all. */

#include <stdlib.h>

static inline unsigned
full_or_few(unsigned full, unsigned few)
{
	const char *value = getenv("KLDSIM_FULL");

	return (value != NULL && value[0] != '\0' ? full : few);
}

#endif
