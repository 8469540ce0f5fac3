/* SPDX-License-Identifier: BSD-2-Clause */

/* Numbers of an object that are offsets of members, and these members (S-12). */

#include <stdio.h>
#include <string.h>

#include "compare/file.h"
#include "stale/stale.h"
#include "types/neutral.h"

#define TEXT_MOST 128
#define PATH_MOST 16 /* dots in a member's path */

static const struct row {
	const char *name, *tag, *member;
} rows[] = {
#define OFFSET(name, tag, member) { name, tag, member },
#include "stale/names.def"
};

/* So many members are looked at; a build asks for some hundred offsets. */
#define MOST_MEMBERS (UINT64_C(1) << 26)

struct comparison {
	const struct kldsim_stale *stale;
	struct kldsim_kbi_file *const *files;
	size_t nfiles;
	kldsim_stale_visit_fn visit;
	void *user;
	bool telling; /* else it is found out which numbers are right */
	size_t compared;
	uint64_t work; /* members that may still be looked at */
};

/* The byte where a member is, "a.b" in one that is in another. */
static bool
find_offset(struct comparison *with, const struct kldsim_types *types,
    kldsim_type_id id, const char *path, int64_t *offset_ret)
{
	uint64_t bit = 0;

	for (unsigned i = 0; i < PATH_MOST; i++) {
		const size_t length = strcspn(path, ".");
		struct kldsim__neutral_member member;
		struct kldsim__neutral_walk walk;
		bool found = false;

		kldsim__neutral_members(types, id, with->work, &walk);
		while (!found && kldsim__neutral_next(&walk, &member))
			found = strncmp(member.name, path, length) == 0 &&
			    member.name[length] == '\0';
		with->work = walk.left;
		if (!found)
			return (false);
		bit += member.bit;
		if (path[length] == '\0') {
			*offset_ret = (int64_t)(bit / 8);
			return (true);
		}
		path += length + 1;
		id = kldsim_type_strip(types, member.type);
	}
	return (false);
}

/* Any structure of the tag may be the one (I-30): the answer is false if the
   file has none with such a member. */
static bool
compare_with(struct comparison *with, const struct kldsim__number *number,
    const struct row *row, const struct kldsim_types *types,
    int64_t *offset_ret)
{
	kldsim_type_id id = 0;
	bool found = false;
	int64_t offset;

	while ((id = kldsim_types_find(types, row->tag, id)) != 0) {
		struct kldsim_type type;

		if (kldsim_type_get(types, id, &type) != KLDSIM_OK ||
		    type.kind != KLDSIM_TYPE_STRUCT ||
		    !find_offset(with, types, id, row->member, &offset))
			continue;
		if (!found || offset == number->value)
			*offset_ret = offset;
		found = true;
	}
	return (found);
}

static void
compare(struct comparison *with, const struct row *row)
{
	struct kldsim__number *number = kldsim__stale_find(with->stale,
	    row->name, strlen(row->name));
	struct kldsim_stale_finding finding = { .kind = KLDSIM_STALE_OBJECT,
		.tag = row->tag, .member = row->member };

	for (size_t i = 0; number != NULL && i < with->nfiles; i++) {
		const struct kldsim_kbi_file *file = with->files[i];

		if (file->types == NULL || !compare_with(with, number, row,
		    file->types, &finding.other))
			continue;
		number->right |= finding.other == number->value;
		if (!with->telling || (number->right &&
		    finding.other != number->value))
			return;
		with->compared++;
		finding.name = number->name;
		finding.object = number->value;
		finding.file = file->info.file;
		if (finding.other != number->value)
			with->visit(with->user, &finding);
		return;
	}
}

/* --- the source --- */

static bool
copy_text(char text[TEXT_MOST], const char *from, size_t length)
{
	if (from == NULL || length >= TEXT_MOST)
		return (false);
	memcpy(text, from, length);
	text[length] = '\0';
	return (true);
}

/* "a.b.c": names and dots; an element of an array is none of that. */
static bool
scan_path(struct kldsim__scan *scan, char text[TEXT_MOST])
{
	size_t length, at = 0;

	do {
		const char *name = kldsim__scan_name(scan, &length);

		if (name == NULL || at + length + 2 > TEXT_MOST)
			return (false);
		memcpy(text + at, name, length);
		at += length;
		text[at++] = '.';
	} while (kldsim__scan_text(scan, "."));
	text[at - 1] = '\0';
	return (kldsim__scan_text(scan, ")"));
}

/* "(NAME, offsetof(struct TAG, PATH))": what stands behind an ASSYM.  What is
   added to an offset, or what it is divided by, is beyond a comparison. */
static void
take_assym(struct comparison *with, struct kldsim__scan *scan)
{
	char name[TEXT_MOST], tag[TEXT_MOST], path[TEXT_MOST];
	const struct row row = { name, tag, path };
	const char *at;
	size_t length;

	if (!kldsim__scan_text(scan, "("))
		return;
	at = kldsim__scan_name(scan, &length);
	if (!copy_text(name, at, length) || !kldsim__scan_text(scan, ",") ||
	    !kldsim__scan_text(scan, "offsetof") ||
	    !kldsim__scan_text(scan, "(") || !kldsim__scan_text(scan, "struct"))
		return;
	at = kldsim__scan_name(scan, &length);
	if (copy_text(tag, at, length) && kldsim__scan_text(scan, ",") &&
	    scan_path(scan, path) && kldsim__scan_text(scan, ")"))
		compare(with, &row);
}

static void
take_source(struct comparison *with, const char *source, size_t size)
{
	struct kldsim__scan scan = { source, source + size };
	size_t length;

	while (scan.at < scan.end) {
		const char *name = kldsim__scan_name(&scan, &length);

		if (name != NULL && length == 5 &&
		    memcmp(name, "ASSYM", 5) == 0)
			take_assym(with, &scan);
		else if (length == 0 && scan.at < scan.end)
			scan.at++;
	}
}

static void
compare_all(struct comparison *with, const char *source, size_t size)
{
	with->work = MOST_MEMBERS;
	if (source != NULL)
		take_source(with, source, size);
	for (size_t i = 0; source == NULL &&
	    i < sizeof(rows) / sizeof(rows[0]); i++)
		compare(with, &rows[i]);
}

/*
 * A source may have several lines for a number, of which one was compiled: it is
 * right if one of them says so.
 */
size_t
kldsim_stale_types(const struct kldsim_stale *stale, const char *source,
    size_t size, struct kldsim_kbi_file *const *files, size_t nfiles,
    kldsim_stale_visit_fn visit, void *user)
{
	struct comparison with = { .stale = stale, .files = files,
		.nfiles = nfiles, .visit = visit, .user = user };

	for (size_t i = 0; i < stale->count; i++)
		stale->all[i].right = false;
	compare_all(&with, source, size);
	with.telling = true;
	compare_all(&with, source, size);
	return (with.compared);
}
