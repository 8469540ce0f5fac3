/* SPDX-License-Identifier: BSD-2-Clause */

/* libdw, loaded or linked; see libdw.h. */

#include "dwarf/libdw.h"

#ifdef KLDSIM_LIBDW_SONAME

#include "late.h"

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
DWARF_LIBDW(X)
#undef X

static const struct late_row rows[] = {
#define X(result, name, arguments) { #name, offsetof(struct libdw, name) },
	DWARF_LIBDW(X)
#undef X
};

const char *
libdw_load(struct libdw *library_ret)
{
	return (late_load(KLDSIM_LIBDW_SONAME, rows,
	    sizeof(rows) / sizeof(rows[0]), library_ret));
}

#else /* KLDSIM_LIBDW_SONAME */

const char *
libdw_load(struct libdw *library_ret)
{
	*library_ret = (struct libdw){
#define X(result, name, arguments) .name = name,
		DWARF_LIBDW(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBDW_SONAME */
