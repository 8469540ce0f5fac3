/* SPDX-License-Identifier: BSD-2-Clause */

/* Names, numbers and texts of FreeBSD's errnos (section 0.2). */

#include "report/freebsd_errno.h"

#include <errno.h>
#include <stddef.h>

#include <kldsim/report.h>

static const struct {
	int number;
	int host;
	const char *name;
	const char *text;
} rows[] = {
	{ 0, 0, "0", "No error: 0" },
#ifndef EFTYPE
#define EFTYPE 0
#endif
#define ROW(name, number, text) { number, name, #name, text },
	KLDSIM__ERRNO_TABLE(ROW)
#undef ROW
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

const char *
kldsim_errno_name(int error)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].number == error)
			return (rows[i].name);
	return ("E?");
}

const char *
kldsim_errno_text(int error)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].number == error)
			return (rows[i].text);
	return ("Unknown error");
}

int
kldsim__errno_from_host(int host_errno)
{
	if (host_errno == 0)
		return (KLDSIM__EIO);
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].host == host_errno)
			return (rows[i].number);
	return (KLDSIM__EIO);
}
