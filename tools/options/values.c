/* SPDX-License-Identifier: BSD-2-Clause */

/* Words to values; see values.h. */

#include "options/values.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* strtoull alone would take signs, blanks and octal. */
bool
read_number(const char *text, char **end_ret, uint64_t max, uint64_t *n_ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long n;

	if (!isdigit((unsigned char)text[0]))
		return (false);
	errno = 0;
	n = strtoull(text, end_ret, hex ? 16 : 10);
	*n_ret = n;
	return (errno == 0 && n <= max);
}

bool
parse_number(const char *text, uint64_t max, uint64_t *n_ret)
{
	char *end;

	return (read_number(text, &end, max, n_ret) && *end == '\0');
}

bool
parse_modevent(const char *text, enum kldsim_modevent *event_ret)
{
	static const struct {
		const char *name;
		enum kldsim_modevent event;
	} events[] = {
		{ "load", KLDSIM_MOD_LOAD },
		{ "unload", KLDSIM_MOD_UNLOAD },
		{ "quiesce", KLDSIM_MOD_QUIESCE },
		{ "shutdown", KLDSIM_MOD_SHUTDOWN },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(events[i].name, text) == 0) {
			*event_ret = events[i].event;
			return (true);
		}
	return (false);
}

char *
cut_at_equals(char *text)
{
	char *equals = strrchr(text, '=');

	if (equals == NULL || equals == text || equals[1] == '\0')
		return (NULL);
	*equals = '\0';
	return (equals + 1);
}

bool
set_flag(void *field, char *value)
{
	(void)value;
	*(bool *)field = true;
	return (true);
}

bool
set_text(void *field, char *value)
{
	*(const char **)field = value;
	return (*value != '\0');
}

bool
set_number(void *field, char *value)
{
	return (parse_number(value, UINT64_MAX, field));
}

bool
set_count(void *field, char *value)
{
	uint64_t n;

	if (!parse_number(value, UINT_MAX, &n) || n == 0)
		return (false);
	*(unsigned *)field = (unsigned)n;
	return (true);
}

bool
set_release(void *field, char *value)
{
	return (kldsim_release_parse(value, field) == KLDSIM_OK);
}

bool
set_limit(void *field, char *value)
{
	char *number = cut_at_equals(value);
	uint64_t n;

	return (number != NULL && parse_number(number, UINT64_MAX, &n) &&
	    n != 0 && kldsim_limit_set(field, value, n) == KLDSIM_OK);
}
