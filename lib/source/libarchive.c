/* SPDX-License-Identifier: BSD-2-Clause */

/* libarchive, loaded or linked; see libarchive.h. */

#include "util/late.h"

#ifdef KLDSIM_LIBARCHIVE

#include "source/libarchive.h"

#ifdef KLDSIM_LIBARCHIVE_SONAME

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
KLDSIM__LIBARCHIVE(X)
#undef X

static const struct kldsim__late_row rows[] = {
#define X(result, name, arguments) \
	{ #name, offsetof(struct kldsim__libarchive, name) },
	KLDSIM__LIBARCHIVE(X)
#undef X
};

const char *
kldsim__libarchive_load(struct kldsim__libarchive *library_ret)
{
	return (kldsim__late_load(KLDSIM_LIBARCHIVE_SONAME, rows,
	    sizeof(rows) / sizeof(rows[0]), library_ret));
}

#else /* KLDSIM_LIBARCHIVE_SONAME */

const char *
kldsim__libarchive_load(struct kldsim__libarchive *library_ret)
{
	*library_ret = (struct kldsim__libarchive){
#define X(result, name, arguments) .name = name,
		KLDSIM__LIBARCHIVE(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBARCHIVE_SONAME */

#endif /* KLDSIM_LIBARCHIVE */
