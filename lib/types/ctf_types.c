/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The types of CTF (C-10 to C-18, C-51).  Records have no index: they are walked
 * once to count them and to find where each ends, and once more to take them.
 */

#include "types/ctf.h"

#define KINDS 14u /* KLDSIM_TYPE_RESTRICT is the last */

enum part { NO_PART, MEMBER, VALUE, ARGUMENT, PARTS };

/*
 * C-11: what follows a record's head, in words of the format and in bytes, and
 * what the word after info is: a size, a type, or without meaning.
 */
static const struct form {
	uint8_t words, bytes;
	uint8_t part_words, part_bytes; /* of each part */
	uint8_t part;
	bool sized;
	bool refers;
} forms[KINDS] = {
	[KLDSIM_TYPE_INTEGER] = { .bytes = 4, .sized = true },
	[KLDSIM_TYPE_FLOAT] = { .bytes = 4, .sized = true },
	[KLDSIM_TYPE_POINTER] = { .refers = true },
	[KLDSIM_TYPE_ARRAY] = { .words = 2, .bytes = 4, .sized = true },
	[KLDSIM_TYPE_FUNCTION] = { .part = ARGUMENT, .part_words = 1,
	    .refers = true },
	[KLDSIM_TYPE_STRUCT] = { .part = MEMBER, .part_words = 2,
	    .part_bytes = 4, .sized = true },
	[KLDSIM_TYPE_UNION] = { .part = MEMBER, .part_words = 2,
	    .part_bytes = 4, .sized = true },
	[KLDSIM_TYPE_ENUM] = { .part = VALUE, .part_bytes = 8, .sized = true },
	[KLDSIM_TYPE_TYPEDEF] = { .refers = true },
	[KLDSIM_TYPE_VOLATILE] = { .refers = true },
	[KLDSIM_TYPE_CONST] = { .refers = true },
	[KLDSIM_TYPE_RESTRICT] = { .refers = true },
};

#define LARGE_MEMBER 16u

struct record {
	const struct form *form;
	uint64_t place;   /* of the record, in the data */
	uint64_t tail;    /* of what follows its head */
	uint64_t end;
	uint64_t size;    /* of a sized kind */
	uint32_t kind;
	uint32_t n;
	uint32_t each;    /* bytes of a part */
	bool root;
	bool large;       /* its members are */
};

static bool
malformed(struct kldsim__ctf *ctf, const struct record *record, uint64_t id,
    const char *what)
{
	return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
	    kldsim__ctf_at(record->place), "type %ju %s", (uintmax_t)id,
	    what));
}

static bool
of_no_kind(struct kldsim__ctf *ctf, const struct record *record, uint64_t id)
{
	return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
	    kldsim__ctf_at(record->place + 4), "type %ju has kind %ju, which "
	    "is none", (uintmax_t)id, (uintmax_t)record->kind));
}

/* C-10: the size is in two more words behind the head. */
static bool
read_large_size(struct kldsim__ctf *ctf, uint64_t id, struct record *record)
{
	if (!record->form->sized)
		return (malformed(ctf, record, id,
		    "has a large size, and its kind has no size"));
	if (ctf->header.stroff - record->tail < 8)
		return (malformed(ctf, record, id,
		    "ends behind the types"));
	record->size = (uint64_t)kldsim__ctf_u32(ctf, record->tail) << 32 |
	    kldsim__ctf_u32(ctf, record->tail + 4);
	record->tail += 8;
	return (true);
}

/* C-11: arguments of two bytes come in pairs, so that four divide a record. */
static void
find_end(const struct kldsim__ctf_format *format, struct record *record)
{
	const struct form *form = record->form;

	record->large = record->size >= format->large && form->part == MEMBER;
	record->each = record->large ? LARGE_MEMBER :
	    form->part_words * format->word + form->part_bytes;
	record->end = record->tail + form->words * format->word + form->bytes +
	    (((uint64_t)record->n * record->each + 3) & ~UINT64_C(3));
}

/* The record at a place; false after a message. */
static inline bool
read_record(struct kldsim__ctf *ctf, uint64_t id, uint64_t place,
    struct record *record)
{
	const struct kldsim__ctf_format *format = ctf->format;
	const uint64_t stroff = ctf->header.stroff;
	const unsigned head = 4 + 2 * format->word;
	uint32_t info;

	record->place = place;
	if (stroff - place < head)
		return (malformed(ctf, record, id, "ends behind the types"));
	info = kldsim__ctf_word(ctf, place + 4);
	record->kind = info >> format->kind_shift;
	record->root = (info & format->root) != 0;
	record->n = info & format->vlen;
	record->tail = place + head;
	if (record->kind >= KINDS)
		return (of_no_kind(ctf, record, id));
	record->form = &forms[record->kind];
	record->size = kldsim__ctf_word(ctf, record->tail - format->word);
	if (record->size == format->sized &&
	    !read_large_size(ctf, id, record))
		return (false);
	find_end(format, record);
	return (record->end <= stroff || malformed(ctf, record, id,
	    "ends behind the types"));
}

/* --- first: how many --- */

bool
kldsim__ctf_count_types(struct kldsim__ctf *ctf,
    struct kldsim__build_rows *rows)
{
	uint64_t place = ctf->header.typeoff, types = 0, parts[PARTS] = { 0 };
	struct record record;

	while (place != ctf->header.stroff) {
		if (!read_record(ctf, ++types, place, &record))
			return (false);
		parts[record.form->part] += record.n;
		place = record.end;
	}
	if (types > ctf->format->types)
		return (kldsim__build_fail(ctf->build, KLDSIM_UNSUPPORTED,
		    kldsim__ctf_at(ctf->header.typeoff), "%ju types; version "
		    "%u has ids for %ju, so nobody can tell which types are "
		    "meant: build it by newer tools (C-18)", (uintmax_t)types,
		    ctf->format->version, (uintmax_t)ctf->format->types));
	ctf->types = (uint32_t)types;
	ctf->plain = ctf->header.parname == 0 ? ctf->types : 0;
	rows->types = types;
	rows->members = parts[MEMBER];
	rows->values = parts[VALUE];
	rows->arguments = parts[ARGUMENT];
	return (true);
}

/* --- then: what --- */

static bool
take_members(struct kldsim__ctf *ctf, const struct record *record)
{
	struct kldsim__type_member *member =
	    kldsim__build_members(ctf->build, record->n);
	const uint64_t bit = 4 + ctf->format->word;
	uint64_t place = record->tail;

	if (member == NULL)
		return (false);
	for (; place != record->end; place += record->each, member++) {
		if (!kldsim__ctf_name(ctf, place, &member->name) ||
		    !kldsim__ctf_id(ctf, place + 4, &member->type))
			return (false);
		member->bit = record->large ?
		    (uint64_t)kldsim__ctf_u32(ctf, place + 8) << 32 |
		    kldsim__ctf_u32(ctf, place + 12) :
		    kldsim__ctf_word(ctf, place + bit);
		member->bits = 0;
		member->at_most = false;
	}
	return (true);
}

static bool
take_values(struct kldsim__ctf *ctf, const struct record *record)
{
	struct kldsim__type_value *value =
	    kldsim__build_values(ctf->build, record->n);
	uint64_t place = record->tail;

	if (value == NULL)
		return (false);
	for (; place != record->end; place += record->each, value++) {
		if (!kldsim__ctf_name(ctf, place, &value->name))
			return (false);
		value->value = (int32_t)kldsim__ctf_u32(ctf, place + 4);
	}
	return (true);
}

static bool
take_arguments(struct kldsim__ctf *ctf, const struct record *record,
    uint32_t n)
{
	uint32_t *argument = kldsim__build_arguments(ctf->build, n);

	for (uint32_t i = 0; argument != NULL && i < n; i++)
		if (!kldsim__ctf_id(ctf, record->tail +
		    (uint64_t)record->each * i, &argument[i]))
			return (false);
	return (argument != NULL);
}

/* C-11: a 0 at the end of a function type's arguments is "...". */
static bool
is_variadic(const struct kldsim__ctf *ctf, const struct record *record)
{
	return (record->n != 0 && kldsim__ctf_word(ctf, record->tail +
	    (uint64_t)record->each * (record->n - 1)) == 0);
}

/* What a type refers to by itself, and its numbers. */
static bool
take_words(struct kldsim__ctf *ctf, const struct record *record,
    struct kldsim__type *type)
{
	const unsigned word = ctf->format->word;
	uint32_t index;

	switch (record->kind) {
	case KLDSIM_TYPE_INTEGER:
	case KLDSIM_TYPE_FLOAT:
		type->code = kldsim__ctf_u32(ctf, record->tail);
		return (true);
	case KLDSIM_TYPE_ARRAY:
		type->count = kldsim__ctf_u32(ctf, record->tail + 2 * word);
		return (kldsim__ctf_id(ctf, record->tail, &type->ref) &&
		    kldsim__ctf_id(ctf, record->tail + word, &index));
	default:
		return (!record->form->refers || kldsim__ctf_id(ctf,
		    record->place + 4 + word, &type->ref));
	}
}

/* A type that has parts, and at least one. */
static bool
take_parts(struct kldsim__ctf *ctf, const struct record *record, bool variadic)
{
	const uint32_t n = record->n - (variadic ? 1 : 0);

	switch (record->form->part) {
	case MEMBER:
		return (take_members(ctf, record));
	case VALUE:
		return (take_values(ctf, record));
	case ARGUMENT:
		return (n == 0 || take_arguments(ctf, record, n));
	default:
		return (true);
	}
}

/* What a function and an enum say of themselves beside their parts. */
static uint8_t
flags_of(const struct kldsim__ctf *ctf, const struct record *record)
{
	uint8_t flags = record->root ? KLDSIM__TYPE_ROOT : 0;

	/* C-17: what does not fit is left out, and nobody says so. */
	if (record->kind == KLDSIM_TYPE_ENUM && record->n == ctf->format->vlen)
		flags |= KLDSIM__TYPE_CUT;
	if (record->kind != KLDSIM_TYPE_FUNCTION)
		return (flags);
	/* C-23 */
	if (record->n == 0)
		flags |= KLDSIM__TYPE_UNSAID;
	if (is_variadic(ctf, record))
		flags |= KLDSIM__TYPE_VARIADIC;
	return (flags);
}

static inline bool
take_record(struct kldsim__ctf *ctf, const struct record *record)
{
	struct kldsim__type *type = kldsim__build_type(ctf->build, false);

	if (type == NULL)
		return (false);
	*type = (struct kldsim__type){ .kind = (uint8_t)record->kind,
		.at = (uint32_t)kldsim__ctf_at(record->place),
		.flags = flags_of(ctf, record),
		.size = record->form->sized ? record->size : 0 };
	return (kldsim__ctf_name(ctf, record->place, &type->name) &&
	    take_words(ctf, record, type) &&
	    (record->n == 0 || take_parts(ctf, record,
	    (type->flags & KLDSIM__TYPE_VARIADIC) != 0)));
}

static bool
take_records(struct kldsim__ctf *ctf)
{
	uint64_t place = ctf->header.typeoff;
	struct record record;
	uint64_t id = 0;

	while (place != ctf->header.stroff) {
		if (!read_record(ctf, ++id, place, &record) ||
		    !take_record(ctf, &record))
			return (false);
		place = record.end;
	}
	return (!kldsim__build_failed(ctf->build));
}

/* --- and those of the parent (C-30) --- */

/* A name of the parent's: its strings now begin at names. */
static uint32_t
name_of(uint32_t names, uint32_t name)
{
	return (name != 0 ? names + name : 0);
}

/* What a type of the parent's refers to, where it is now; 0 is void. */
static uint32_t
moved(const struct kldsim__ctf *ctf, uint32_t id)
{
	return (id != 0 ? id + ctf->types : 0);
}

static bool
copy_members(struct kldsim__ctf *ctf, const struct kldsim__type *type,
    uint32_t names)
{
	const struct kldsim__type_member *from =
	    &ctf->parent->members[type->first];
	struct kldsim__type_member *to =
	    kldsim__build_members(ctf->build, type->n);

	for (uint32_t i = 0; to != NULL && i < type->n; i++) {
		to[i] = from[i];
		to[i].name = name_of(names, from[i].name);
		to[i].type = moved(ctf, from[i].type);
	}
	return (to != NULL);
}

static bool
copy_values(struct kldsim__ctf *ctf, const struct kldsim__type *type,
    uint32_t names)
{
	const struct kldsim__type_value *from =
	    &ctf->parent->values[type->first];
	struct kldsim__type_value *to =
	    kldsim__build_values(ctf->build, type->n);

	for (uint32_t i = 0; to != NULL && i < type->n; i++) {
		to[i] = from[i];
		to[i].name = name_of(names, from[i].name);
	}
	return (to != NULL);
}

static bool
copy_arguments(struct kldsim__ctf *ctf, const struct kldsim__type *type)
{
	const uint32_t *from = &ctf->parent->arguments[type->first];
	uint32_t *to = kldsim__build_arguments(ctf->build, type->n);

	for (uint32_t i = 0; to != NULL && i < type->n; i++)
		to[i] = moved(ctf, from[i]);
	return (to != NULL);
}

/* A type that has parts, and at least one. */
static bool
copy_parts(struct kldsim__ctf *ctf, const struct kldsim__type *type,
    uint32_t names)
{
	switch (forms[type->kind].part) {
	case MEMBER:
		return (copy_members(ctf, type, names));
	case VALUE:
		return (copy_values(ctf, type, names));
	default:
		return (copy_arguments(ctf, type));
	}
}

/* Its number of parts is counted again as they come. */
static bool
copy_type(struct kldsim__ctf *ctf, uint32_t id, uint32_t names)
{
	const struct kldsim__type *from = &ctf->parent->types[id];
	const bool parts = forms[from->kind].part != NO_PART;
	struct kldsim__type *type = kldsim__build_type(ctf->build, true);

	if (type == NULL)
		return (false);
	*type = *from;
	type->name = name_of(names, from->name);
	type->ref = moved(ctf, from->ref);
	type->stripped = type->handle = 0;
	type->flags |= KLDSIM__TYPE_MADE;
	if (parts)
		type->first = type->n = 0;
	return (!parts || from->n == 0 || copy_parts(ctf, from, names));
}

/*
 * The parent's types come behind the file's own.  One that nobody has at hand
 * is one type, of which nothing is known.
 */
static bool
add_parents(struct kldsim__ctf *ctf)
{
	static const struct kldsim__type unknown = {
		.kind = KLDSIM_TYPE_UNKNOWN, .flags = KLDSIM__TYPE_MADE };
	const struct kldsim_types *parent = ctf->parent;
	struct kldsim__build_rows rows;
	struct kldsim__type *type;
	uint32_t names;

	if (ctf->header.parname == 0)
		return (true);
	if (parent == NULL) {
		type = kldsim__build_type(ctf->build, true);
		if (type != NULL)
			*type = unknown;
		return (type != NULL);
	}
	rows = (struct kldsim__build_rows){ .types = parent->ntypes,
		.members = parent->nmembers, .values = parent->nvalues,
		.arguments = parent->narguments };
	if (!kldsim__build_reserve(ctf->build, &rows))
		return (false);
	names = kldsim__build_strings(ctf->build, parent->strings,
	    parent->strings_size);
	for (uint32_t id = 1; id < parent->ntypes; id++)
		if (!copy_type(ctf, id, names))
			return (false);
	return (true);
}

bool
kldsim__ctf_take_types(struct kldsim__ctf *ctf)
{
	return (take_records(ctf) && add_parents(ctf) &&
	    !kldsim__build_failed(ctf->build));
}
