/* SPDX-License-Identifier: BSD-2-Clause */

#include "util/late.h"

#include <dlfcn.h>
#include <string.h>

const char *
kldsim__late_load(const char *soname, const struct kldsim__late_row *rows,
    size_t nrows, void *functions_ret)
{
	void *library = dlopen(soname, RTLD_LAZY);

	if (library == NULL)
		return (dlerror());
	for (size_t i = 0; i < nrows; i++) {
		void *function = dlsym(library, rows[i].name);

		if (function == NULL)
			return (dlerror());
		/* POSIX has both kinds of pointers alike, C has not. */
		memcpy((char *)functions_ret + rows[i].offset, &function,
		    sizeof(function));
	}
	return (NULL);
}
