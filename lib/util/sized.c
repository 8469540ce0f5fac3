/* SPDX-License-Identifier: BSD-2-Clause */

#include "util/sized.h"

#include <string.h>

static size_t
smaller(size_t a, size_t b)
{
	return (a < b ? a : b);
}

void
kldsim__sized_init(void *caller, size_t caller_size, const void *defaults,
    size_t size)
{
	memset(caller, 0, caller_size);
	memcpy(caller, defaults, smaller(caller_size, size));
	memcpy(caller, &caller_size, sizeof(caller_size));
}

const char *
kldsim__sized_take(void *ours, size_t size, const void *caller)
{
	const unsigned char *bytes = caller;
	size_t caller_size;

	if (caller == NULL)
		return (NULL);
	memcpy(&caller_size, caller, sizeof(caller_size));
	if (caller_size < sizeof(caller_size))
		return ("options that do not begin with their size");
	for (size_t i = size; i < caller_size; i++)
		if (bytes[i] != 0)
			return ("options made for a newer libkldsim");
	memcpy(ours, caller, smaller(caller_size, size));
	memcpy(ours, &size, sizeof(size));
	return (NULL);
}
