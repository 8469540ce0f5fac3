/* SPDX-License-Identifier: BSD-2-Clause */

#include "util/path.h"

#include <string.h>

const char *
kldsim__basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	/* A trailing slash gives "/", not the empty string (L-08). */
	if (slash == NULL)
		return (path);
	return (slash[1] != '\0' ? slash + 1 : slash);
}

const char *
kldsim__path_trim(const char *path, size_t *length)
{
	while (*length > 2 && path[0] == '.' && path[1] == '/') {
		path += 2;
		*length -= 2;
	}
	while (*length > 1 && path[*length - 1] == '/')
		--*length;
	return (path);
}
