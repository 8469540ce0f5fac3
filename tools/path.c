/* SPDX-License-Identifier: BSD-2-Clause */

#include "path.h"

#include <string.h>

#include "report/output.h"

const char *
path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash != NULL ? slash + 1 : path);
}

char *
path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return (need(strdup(".")));
	/* Of the root's own files the slash is the folder. */
	return (need(strndup(path, slash == path ? 1 :
	    (size_t)(slash - path))));
}
