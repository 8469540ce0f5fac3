/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The types of CTF (C-10 to C-18, C-51).  Records have no index: they are walked
 * once to count them and to find where each ends, and once more to take them.
 */

#include "types/ctf.h"

#define KINDS 14u /* KLDSIM_TYPE_RESTRICT is the last */

struct record {
	uint64_t place;   /* of the record, in the data */
	uint64_t tail;    /* of what follows its head */
	uint64_t end;
	uint64_t size;    /* of a sized kind */
	uint32_t kind;
	uint32_t n;
	bool root;
	bool large;       /* its members are */
};

/* What the records come to. */
struct totals {
	uint64_t types, members, values, arguments;
};

/* The word after info is a size, is a type, or means nothing. */
static bool
is_sized(uint32_t kind)
{
	return (kind == KLDSIM_TYPE_INTEGER || kind == KLDSIM_TYPE_FLOAT ||
	    kind == KLDSIM_TYPE_ARRAY || kldsim__type_is_sou(kind) ||
	    kind == KLDSIM_TYPE_ENUM);
}

static bool
is_reference(uint32_t kind)
{
	return (kind == KLDSIM_TYPE_POINTER || kind == KLDSIM_TYPE_FUNCTION ||
	    kldsim__type_is_alias(kind));
}

static uint64_t
member_size(const struct kldsim__ctf *ctf, const struct record *record)
{
	return (record->large ? 16 : 4 + 2 * (uint64_t)ctf->format->word);
}

/* C-11: what follows the head. */
static uint64_t
tail_size(const struct kldsim__ctf *ctf, const struct record *record)
{
	const unsigned word = ctf->format->word;
	const uint64_t pad = ctf->format->pad_arguments;

	switch (record->kind) {
	case KLDSIM_TYPE_INTEGER:
	case KLDSIM_TYPE_FLOAT:
		return (4);
	case KLDSIM_TYPE_ARRAY:
		return (2 * (uint64_t)word + 4);
	case KLDSIM_TYPE_FUNCTION:
		return ((record->n + pad - 1) / pad * pad * word);
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
		return (record->n * member_size(ctf, record));
	case KLDSIM_TYPE_ENUM:
		return (record->n * UINT64_C(8));
	default:
		return (0);
	}
}

static bool
malformed(struct kldsim__ctf *ctf, const struct record *record, uint64_t id,
    const char *what)
{
	return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
	    kldsim__ctf_at(record->place), "type %ju %s", (uintmax_t)id,
	    what));
}

/* C-10: the size is in the head, or in two more words behind it. */
static bool
read_size(struct kldsim__ctf *ctf, uint64_t id, struct record *record)
{
	const struct kldsim__ctf_format *format = ctf->format;

	record->size = kldsim__ctf_word(ctf, record->tail - format->word);
	if (record->size != format->sized)
		return (true);
	if (!is_sized(record->kind))
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

/* The record at a place; false after a message. */
static bool
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
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
		    kldsim__ctf_at(place + 4), "type %ju has kind %ju, which "
		    "is none", (uintmax_t)id, (uintmax_t)record->kind));
	if (!read_size(ctf, id, record))
		return (false);
	record->large = record->size >= format->large;
	record->end = record->tail + tail_size(ctf, record);
	if (record->end > stroff)
		return (malformed(ctf, record, id, "ends behind the types"));
	return (true);
}

/* --- first: how many --- */

static void
count_record(const struct record *record, struct totals *totals)
{
	totals->types++;
	if (kldsim__type_is_sou(record->kind))
		totals->members += record->n;
	else if (record->kind == KLDSIM_TYPE_ENUM)
		totals->values += record->n;
	else if (record->kind == KLDSIM_TYPE_FUNCTION)
		totals->arguments += record->n;
}

static bool
count_records(struct kldsim__ctf *ctf, struct totals *totals)
{
	uint64_t place = ctf->header.typeoff;
	struct record record;

	while (place != ctf->header.stroff) {
		if (!read_record(ctf, totals->types + 1, place, &record))
			return (false);
		count_record(&record, totals);
		place = record.end;
	}
	if (totals->types <= ctf->format->types)
		return (true);
	return (kldsim__build_fail(ctf->build, KLDSIM_UNSUPPORTED,
	    kldsim__ctf_at(ctf->header.typeoff), "%ju types; version %u has "
	    "ids for %ju, so nobody can tell which types are meant: build it "
	    "by newer tools (C-18)", (uintmax_t)totals->types,
	    ctf->format->version, (uintmax_t)ctf->format->types));
}

/* --- then: what --- */

static bool
take_members(struct kldsim__ctf *ctf, const struct record *record)
{
	const unsigned word = ctf->format->word;
	const uint64_t each = member_size(ctf, record);
	uint64_t place = record->tail;

	for (uint32_t i = 0; i < record->n; i++, place += each) {
		struct kldsim__type_member *member =
		    kldsim__build_member(ctf->build);

		if (member == NULL ||
		    !kldsim__ctf_name(ctf, place, &member->name) ||
		    !kldsim__ctf_id(ctf, place + 4, &member->type))
			return (false);
		member->bit = record->large ?
		    (uint64_t)kldsim__ctf_u32(ctf, place + 8) << 32 |
		    kldsim__ctf_u32(ctf, place + 12) :
		    kldsim__ctf_word(ctf, place + 4 + word);
		member->bits = 0;
		member->at_most = false;
	}
	return (true);
}

static bool
take_values(struct kldsim__ctf *ctf, const struct record *record)
{
	for (uint32_t i = 0; i < record->n; i++) {
		const uint64_t place = record->tail + UINT64_C(8) * i;
		struct kldsim__type_value *value =
		    kldsim__build_value(ctf->build);

		if (value == NULL ||
		    !kldsim__ctf_name(ctf, place, &value->name))
			return (false);
		value->value = (int32_t)kldsim__ctf_u32(ctf, place + 4);
	}
	return (true);
}

static bool
take_arguments(struct kldsim__ctf *ctf, const struct record *record,
    uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t *argument = kldsim__build_argument(ctf->build);

		if (argument == NULL || !kldsim__ctf_id(ctf, record->tail +
		    (uint64_t)ctf->format->word * i, argument))
			return (false);
	}
	return (true);
}

/* C-11: a 0 at the end of a function type's arguments is "...". */
static bool
is_variadic(const struct kldsim__ctf *ctf, const struct record *record)
{
	return (record->kind == KLDSIM_TYPE_FUNCTION && record->n != 0 &&
	    kldsim__ctf_word(ctf, record->tail +
	    (uint64_t)ctf->format->word * (record->n - 1)) == 0);
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
		return (!is_reference(record->kind) || kldsim__ctf_id(ctf,
		    record->place + 4 + word, &type->ref));
	}
}

static bool
take_parts(struct kldsim__ctf *ctf, const struct record *record)
{
	switch (record->kind) {
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
		return (take_members(ctf, record));
	case KLDSIM_TYPE_ENUM:
		return (take_values(ctf, record));
	case KLDSIM_TYPE_FUNCTION:
		return (take_arguments(ctf, record, record->n -
		    (is_variadic(ctf, record) ? 1 : 0)));
	default:
		return (true);
	}
}

static bool
take_record(struct kldsim__ctf *ctf, const struct record *record)
{
	struct kldsim__type type = { .kind = (uint8_t)record->kind,
		.at = (uint32_t)kldsim__ctf_at(record->place) };

	if (record->root)
		type.flags |= KLDSIM__TYPE_ROOT;
	if (is_variadic(ctf, record))
		type.flags |= KLDSIM__TYPE_VARIADIC;
	/* C-17: what does not fit is left out, and nobody says so. */
	if (record->kind == KLDSIM_TYPE_ENUM && record->n == ctf->format->vlen)
		type.flags |= KLDSIM__TYPE_CUT;
	/* C-23 */
	if (record->kind == KLDSIM_TYPE_FUNCTION && record->n == 0)
		type.flags |= KLDSIM__TYPE_UNSAID;
	if (is_sized(record->kind))
		type.size = record->size;
	return (kldsim__ctf_name(ctf, record->place, &type.name) &&
	    take_words(ctf, record, &type) &&
	    kldsim__build_type(ctf->build, &type) != 0 &&
	    take_parts(ctf, record));
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

/* A name of the parent's, of which the first byte is now there. */
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
copy_parts(struct kldsim__ctf *ctf, const struct kldsim__type *type,
    uint32_t names)
{
	const struct kldsim_types *parent = ctf->parent;
	uint32_t *argument;

	for (uint32_t i = 0; kldsim__type_is_sou(type->kind) && i < type->n;
	    i++) {
		struct kldsim__type_member *to =
		    kldsim__build_member(ctf->build);

		if (to == NULL)
			return (false);
		*to = parent->members[type->first + i];
		to->name = name_of(names, to->name);
		to->type = moved(ctf, to->type);
	}
	for (uint32_t i = 0; type->kind == KLDSIM_TYPE_ENUM && i < type->n;
	    i++) {
		struct kldsim__type_value *to =
		    kldsim__build_value(ctf->build);

		if (to == NULL)
			return (false);
		*to = parent->values[type->first + i];
		to->name = name_of(names, to->name);
	}
	for (uint32_t i = 0; type->kind == KLDSIM_TYPE_FUNCTION && i < type->n;
	    i++) {
		argument = kldsim__build_argument(ctf->build);
		if (argument == NULL)
			return (false);
		*argument = moved(ctf, parent->arguments[type->first + i]);
	}
	return (true);
}

/* Its number of parts is counted again as they come. */
static bool
copy_type(struct kldsim__ctf *ctf, uint32_t id, uint32_t names)
{
	const struct kldsim__type *from = &ctf->parent->types[id];
	struct kldsim__type type = *from;

	type.name = name_of(names, from->name);
	type.ref = moved(ctf, from->ref);
	type.stripped = type.handle = 0;
	type.flags |= KLDSIM__TYPE_MADE;
	if (kldsim__type_is_sou(type.kind) || type.kind == KLDSIM_TYPE_ENUM ||
	    type.kind == KLDSIM_TYPE_FUNCTION)
		type.n = 0;
	return (kldsim__build_type(ctf->build, &type) != 0 &&
	    copy_parts(ctf, from, names));
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
	uint32_t names;

	if (ctf->header.parname == 0)
		return (true);
	if (parent == NULL)
		return (kldsim__build_type(ctf->build, &unknown) != 0);
	if (!kldsim__build_reserve(ctf->build, parent->ntypes,
	    parent->nmembers, parent->nvalues, parent->narguments))
		return (false);
	names = kldsim__build_strings(ctf->build, parent->strings,
	    parent->strings_size);
	for (uint32_t id = 1; id < parent->ntypes; id++)
		if (!copy_type(ctf, id, names))
			return (false);
	return (true);
}

bool
kldsim__ctf_types(struct kldsim__ctf *ctf)
{
	struct totals totals = { 0 };

	if (!count_records(ctf, &totals) || !kldsim__build_reserve(ctf->build,
	    totals.types, totals.members, totals.values, totals.arguments))
		return (false);
	ctf->types = (uint32_t)totals.types;
	if (!take_records(ctf))
		return (false);
	return (add_parents(ctf) && !kldsim__build_failed(ctf->build));
}
