/* SPDX-License-Identifier: BSD-2-Clause */

/* Names, numbers and texts of FreeBSD's errnos (section 0.2). */

#include "report/freebsd_errno.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/report.h>

/* A host that has the newest of FreeBSD's own errnos has all of them. */
#ifdef EINTEGRITY
#define HOST_OWN(name) (name)
#else
#define HOST_OWN(name) 0
#endif

static const struct row {
	int number;
	int host; /* 0: the host has none */
	const char *name;
	const char *text;
} rows[] = {
	{ 0, 0, "0", "No error: 0" },
#define ERRNO(name, number, text) { number, name, #name, text },
#define OWN(name, number, text) { number, HOST_OWN(name), #name, text },
#define PSEUDO(name, number, text) { number, 0, #name, text },
#define ALIAS(name, number) { number, 0, #name, NULL },
#include "report/errnos.def"
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* Aliases come last, so a number has its first name. */
static const struct row *
find(int error)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].number == error)
			return (&rows[i]);
	return (NULL);
}

const char *
kldsim_errno_name(int error)
{
	const struct row *row = find(error);

	return (row != NULL ? row->name : "E?");
}

const char *
kldsim_errno_text(int error)
{
	const struct row *row = find(error);

	return (row != NULL ? row->text : "Unknown error");
}

/* strtol alone would take blanks and a plus, too. */
static bool
parse_number(const char *text, int *number_ret)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	long number;

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return (false);
	errno = 0;
	number = strtol(text, NULL, 10);
	if (errno != 0 || number < INT_MIN || number > INT_MAX)
		return (false);
	*number_ret = (int)number;
	return (true);
}

enum kldsim_status
kldsim_errno_parse(const char *text, int *error_ret)
{
	int number;

	if (parse_number(text, &number) && find(number) != NULL) {
		*error_ret = number;
		return (KLDSIM_OK);
	}
	for (size_t i = 0; i < NROWS; i++)
		if (strcmp(rows[i].name, text) == 0) {
			*error_ret = rows[i].number;
			return (KLDSIM_OK);
		}
	return (KLDSIM_ARG);
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
