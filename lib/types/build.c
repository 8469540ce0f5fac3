/* SPDX-License-Identifier: BSD-2-Clause */

/* Rows are appended to tables, within limits; the first mistake stays. */

#include "types/build.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/error.h"
#include "util/limits.h"

/* Numbers of rows and offsets are 32 bits wide, whatever a caller allows. */
#define MOST_ROWS UINT64_C(0xfffffff0)
#define MOST_BYTES UINT64_C(0xffffff00)

static void
at_most(uint64_t *limit, uint64_t most)
{
	if (*limit > most)
		*limit = most;
}

static void
take_options(struct kldsim__build *build,
    const struct kldsim_types_options *options, struct kldsim__alloc *alloc)
{
	if (options != NULL)
		build->limits = options->limits;
	kldsim__limits_defaults(&build->limits);
	at_most(&build->limits.types, MOST_ROWS);
	at_most(&build->limits.type_members, MOST_ROWS);
	at_most(&build->limits.type_strings, MOST_BYTES);
	at_most(&build->limits.type_bytes, MOST_BYTES);
	at_most(&build->limits.findings, MOST_ROWS);
	kldsim__alloc_init(alloc, options != NULL ? &options->allocator : NULL);
}

/* String 0 is "", type 0 is void: its kind is none of those that have rows. */
static bool
begin(struct kldsim__build *build, const char *file)
{
	static const struct kldsim__type none = { 0 };
	struct kldsim_types *types = build->types;

	types->info.file = kldsim__arena_strdup(&types->arena, file);
	(void)kldsim__build_strings(build, "", 0);
	if (kldsim__grow(&types->alloc, &types->types, &types->types_cap, 1,
	    sizeof(none)))
		types->types[types->ntypes++] = none;
	return (types->info.file != NULL && types->ntypes == 1 &&
	    build->status == KLDSIM_OK);
}

bool
kldsim__build_init(struct kldsim__build *build, const char *file,
    const struct kldsim_types_options *options, struct kldsim_error *error)
{
	struct kldsim__alloc alloc;

	memset(build, 0, sizeof(*build));
	build->error = error;
	take_options(build, options, &alloc);
	build->types = kldsim__calloc(&alloc, 1, sizeof(*build->types));
	if (build->types == NULL)
		return (kldsim__build_nomem(build));
	build->types->alloc = alloc;
	(void)pthread_mutex_init(&build->types->lock, NULL);
	kldsim__arena_init(&build->types->arena, &build->types->alloc);
	if (begin(build, file))
		return (true);
	(void)kldsim__build_nomem(build);
	kldsim_types_free(build->types);
	build->types = NULL;
	return (false);
}

/* --- bad news --- */

bool
kldsim__build_fail(struct kldsim__build *build, enum kldsim_status status,
    uint64_t at, const char *format, ...)
{
	char what[256];
	va_list args;

	if (kldsim__build_failed(build))
		return (false);
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	build->status = kldsim__error_set(build->error, status,
	    "%s: %s, offset 0x%jx: %s", build->types->info.file,
	    build->section, (uintmax_t)at, what);
	if (build->error != NULL && build->file_offset != 0) {
		build->error->has_offset = 1;
		build->error->offset = build->file_offset + at;
	}
	return (false);
}

bool
kldsim__build_nomem(struct kldsim__build *build)
{
	if (!kldsim__build_failed(build))
		build->status = kldsim__error_set(build->error,
		    KLDSIM_NOMEM, "no memory for types");
	return (false);
}

bool
kldsim__build_limited(struct kldsim__build *build, const uint64_t *limit,
    uint64_t have, const char *what)
{
	if (kldsim__build_failed(build))
		return (false);
	if (have <= *limit)
		return (true);
	build->status = kldsim__error_set(build->error, KLDSIM_LIMIT,
	    "%s: %s: %ju %s, over the limit %s=%ju",
	    build->types->info.file, build->section, (uintmax_t)have, what,
	    kldsim__limit_name(&build->limits, limit), (uintmax_t)*limit);
	return (false);
}

static void
append_remark(struct kldsim__build *build, const char *rules, uint64_t at,
    const char *text)
{
	struct kldsim_types *types = build->types;
	struct kldsim_types_remark *remark;

	text = kldsim__arena_strdup(&types->arena, text);
	if (text == NULL || !kldsim__grow(&types->alloc, &types->remarks,
	    &types->remarks_cap, types->nremarks + 1, sizeof(*remark))) {
		(void)kldsim__build_nomem(build);
		return;
	}
	remark = &types->remarks[types->nremarks++];
	remark->rules = rules;
	remark->offset = at;
	remark->text = text;
}

void
kldsim__build_remark(struct kldsim__build *build, const char *rules,
    uint64_t at, const char *format, ...)
{
	char text[512];
	va_list args;

	if (kldsim__build_failed(build))
		return;
	if (build->types->nremarks >= build->limits.findings) {
		build->remarks_left_out++;
		return;
	}
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	append_remark(build, rules, at, text);
}

/* --- rows --- */

/* Room for so many more rows of a table. */
#define ROOM(build, table, more)                                          \
	(!kldsim__build_failed(build) && (kldsim__grow(                   \
	    &(build)->types->alloc, &(build)->types->table,               \
	    &(build)->types->table##_cap,                                 \
	    (build)->types->n##table + (size_t)(more),                    \
	    sizeof(*(build)->types->table)) || kldsim__build_nomem(build)))

uint32_t
kldsim__build_strings(struct kldsim__build *build, const void *bytes,
    uint64_t size)
{
	struct kldsim_types *types = build->types;
	const size_t at = types->strings_size;

	if (!kldsim__build_limited(build, &build->limits.type_strings,
	    at + size, "bytes of names"))
		return (0);
	/* They cannot grow there; the reader has asked for enough. */
	if (types->pages != NULL && size >= types->strings_cap - at) {
		(void)kldsim__build_fail(build, KLDSIM_INTERNAL, 0,
		    "no room for %ju bytes of names", (uintmax_t)size);
		return (0);
	}
	if (!kldsim__grow(&types->alloc, &types->strings, &types->strings_cap,
	    at + (size_t)size + 1, 1)) {
		(void)kldsim__build_nomem(build);
		return (0);
	}
	kldsim__prefault(&types->alloc, types->strings + at, (size_t)size);
	memcpy(types->strings + at, bytes, (size_t)size);
	types->strings[at + size] = '\0';
	types->strings_size = at + (size_t)size + 1;
	return ((uint32_t)at);
}

bool
kldsim__build_strings_in(struct kldsim__build *build, uint8_t *pages,
    size_t pages_size, size_t at, size_t size)
{
	struct kldsim_types *types = build->types;

	/* As many are counted as when they are copied. */
	if (!kldsim__build_limited(build, &build->limits.type_strings,
	    types->strings_size + size, "bytes of names"))
		return (false);
	kldsim__free(&types->alloc, types->strings);
	types->pages = pages;
	types->pages_size = pages_size;
	types->strings = (char *)pages + at;
	types->strings_cap = pages_size - at;
	types->strings_size += size + 1;
	return (true);
}

/* Members, values and arguments have one limit; so many more. */
static bool
may_have_parts(struct kldsim__build *build, uint64_t n)
{
	const struct kldsim_types *types = build->types;

	return (kldsim__build_limited(build, &build->limits.type_members,
	    types->nmembers + types->nvalues + types->narguments + n,
	    "members, values and arguments"));
}

/* They come soon, and all of them; without any there is no table. */
#define EXPECT(build, table, more) do {                                   \
	if ((more) != 0)                                                  \
		kldsim__prefault(&(build)->types->alloc,                  \
		    (build)->types->table + (build)->types->n##table,     \
		    (size_t)(more) * sizeof(*(build)->types->table));     \
} while (0)

static void
expect(struct kldsim__build *build, const struct kldsim__build_rows *more)
{
	EXPECT(build, types, more->types + more->made);
	EXPECT(build, members, more->members);
	EXPECT(build, values, more->values);
	EXPECT(build, arguments, more->arguments + more->made_arguments);
	EXPECT(build, symbols, more->symbols);
}

bool
kldsim__build_reserve(struct kldsim__build *build,
    const struct kldsim__build_rows *more)
{
	/* Each number is below 2^33. */
	if (more->types != 0 && !kldsim__build_limited(build,
	    &build->limits.types, build->types->ntypes - 1 + more->types,
	    "types"))
		return (false);
	if (!may_have_parts(build,
	    more->members + more->values + more->arguments) ||
	    !ROOM(build, types, more->types + more->made) ||
	    !ROOM(build, members, more->members) ||
	    !ROOM(build, values, more->values) ||
	    !ROOM(build, arguments, more->arguments + more->made_arguments) ||
	    !ROOM(build, symbols, more->symbols))
		return (false);
	expect(build, more);
	return (true);
}

bool
kldsim__build_reserve_parts(struct kldsim__build *build, uint64_t members,
    uint64_t values, uint64_t arguments)
{
	const struct kldsim__build_rows more = { .members = members,
		.values = values, .arguments = arguments };

	return (kldsim__build_reserve(build, &more));
}

struct kldsim__type *
kldsim__build_another_type(struct kldsim__build *build, bool made)
{
	struct kldsim_types *types = build->types;

	/* Of those made, what they are made from has a limit. */
	if ((!made && !kldsim__build_limited(build, &build->limits.types,
	    types->ntypes, "types")) || types->ntypes >= MOST_ROWS ||
	    !ROOM(build, types, 1))
		return (NULL);
	return (&types->types[types->ntypes++]);
}

struct kldsim__type_symbol *
kldsim__build_another_symbol(struct kldsim__build *build)
{
	struct kldsim_types *types = build->types;

	return (ROOM(build, symbols, 1) ? &types->symbols[types->nsymbols++] :
	    NULL);
}

/* --- the end --- */

static void
count(struct kldsim__build *build)
{
	struct kldsim_types *types = build->types;
	struct kldsim_types_info *info = &types->info;

	if (build->remarks_left_out != 0) {
		char text[64];

		(void)snprintf(text, sizeof(text), "and %ju more remarks",
		    (uintmax_t)build->remarks_left_out);
		append_remark(build, "", 0, text);
	}
	info->ids = (uint32_t)types->ntypes - 1;
	info->types = info->ids;
	while (info->types != 0 && (types->types[info->types].flags &
	    KLDSIM__TYPE_MADE) != 0)
		info->types--;
	info->remarks = (uint32_t)types->nremarks;
}

enum kldsim_status
kldsim__build_finish(struct kldsim__build *build,
    struct kldsim_types **types_ret)
{
	/* What was put where there was room already has not been counted. */
	if (may_have_parts(build, 0))
		kldsim__build_resolve(build);
	if (!kldsim__build_failed(build))
		count(build);
	if (kldsim__build_failed(build))
		kldsim_types_free(build->types);
	else
		*types_ret = build->types;
	build->types = NULL;
	return (build->status);
}
