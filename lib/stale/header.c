/* SPDX-License-Identifier: BSD-2-Clause */

/* Headers that were made of an object (S-02, S-03), and whether they still are. */

#include <string.h>

#include "stale/stale.h"

struct comparison {
	const struct kldsim_stale *stale;
	kldsim_stale_visit_fn visit;
	void *user;
};

static void
compare(const struct comparison *with, const char *name, size_t length,
    int64_t value)
{
	struct kldsim__number *number = kldsim__stale_find(with->stale, name,
	    length);
	struct kldsim_stale_finding finding = { .kind = KLDSIM_STALE_HEADER };

	if (number == NULL)
		return;
	number->seen = true;
	if (number->value == value)
		return;
	finding.name = number->name;
	finding.object = number->value;
	finding.other = value;
	with->visit(with->user, &finding);
}

/*
 * "#define NAME 0x1060", or of an offset.inc "u_char pad_NAME[0x4fc - ...];":
 * what is before a member ends where the member begins.
 */
static void
take_line(const struct comparison *with, struct kldsim__scan line)
{
	const char *name;
	int64_t value;
	size_t length;

	if (kldsim__scan_text(&line, "#define")) {
		name = kldsim__scan_name(&line, &length);
		if (name != NULL && kldsim__scan_number(&line, &value))
			compare(with, name, length, value);
	} else if (kldsim__scan_text(&line, "u_char") &&
	    kldsim__scan_text(&line, "pad_")) {
		name = kldsim__scan_name(&line, &length);
		if (name != NULL && kldsim__scan_text(&line, "[") &&
		    kldsim__scan_number(&line, &value))
			compare(with, name, length, value);
	}
}

enum kldsim_status
kldsim_stale_header(const struct kldsim_stale *stale, const char *text,
    size_t size, kldsim_stale_visit_fn visit, void *user)
{
	const struct comparison with = { stale, visit, user };
	const char *end = text + size;

	for (size_t i = 0; i < stale->count; i++)
		stale->all[i].seen = false;
	for (const char *at = text, *next; at < end; at = next) {
		next = memchr(at, '\n', (size_t)(end - at));
		next = next != NULL ? next + 1 : end;
		take_line(&with, (struct kldsim__scan){ at, next });
	}
	for (size_t i = 0; i < stale->count; i++) {
		const struct kldsim_stale_finding finding = {
			.kind = KLDSIM_STALE_LACKING,
			.name = stale->all[i].name,
			.object = stale->all[i].value };

		if (!stale->all[i].seen)
			visit(user, &finding);
	}
	return (KLDSIM_OK);
}
