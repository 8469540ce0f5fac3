/* SPDX-License-Identifier: BSD-2-Clause */

/* Numbers for tags; see tags.h. */

#include "differ/tags.h"

#include "types/graph.h"
#include "util/hash.h"

static uint32_t
hash_of(const struct kldsim__tags *tags, unsigned kind, bool handle,
    const char *name)
{
	return (kldsim__hash(tags->seed ^ (kind << 1 | handle), name));
}

/* Where the tag is, or would be. */
static uint32_t *
slot(const struct kldsim__tags *tags, uint32_t hash, unsigned kind,
    bool handle, const char *name)
{
	uint32_t at = hash & tags->mask;

	while (tags->slots[at] != 0) {
		const struct kldsim__tag *tag = &tags->tags[tags->slots[at]];

		if (tag->hash == hash && tag->kind == kind &&
		    tag->handle == handle && strcmp(tag->name, name) == 0)
			break;
		at = (at + 1) & tags->mask;
	}
	return (&tags->slots[at]);
}

static uint32_t
find_tag(const struct kldsim__tags *tags, unsigned kind, bool handle,
    const char *name)
{
	return (*slot(tags, hash_of(tags, kind, handle, name), kind, handle,
	    name));
}

/* I-43: what the compiler or the converter made; thread_lite is S-20's. */
static bool
is_artificial(const char *name)
{
	static const char *const prefixes[] = { "__va_list", "__builtin",
		"__NSConstantString", "orphan " };
	const size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (*name == *prefixes[i] &&
		    strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return (true);
	return (length > 5 && strcmp(name + length - 5, "_lite") == 0);
}

/* --- the types of a graph --- */

/*
 * A row of a graph that gives a complete type its name: the type itself, or a
 * typedef, for what has no name may go by several (C-32).
 */
struct naming {
	kldsim_type_id id;
	unsigned kind;
	bool handle;
	const char *name;
};

static bool
is_complete(unsigned kind)
{
	return (kldsim__type_is_sou(kind) || kind == KLDSIM_TYPE_ENUM);
}

static inline bool
names_a_type(const struct kldsim_types *types, kldsim_type_id id,
    struct naming *naming_ret)
{
	const struct kldsim__type *row = &types->types[id];
	const struct kldsim__type *of;

	/* Most are neither. */
	if (!is_complete(row->kind) && row->kind != KLDSIM_TYPE_TYPEDEF)
		return (false);
	of = &types->types[row->stripped];
	naming_ret->handle = row->kind == KLDSIM_TYPE_TYPEDEF;
	naming_ret->id = id;
	naming_ret->kind = of->kind;
	/* Not by a typedef of a typedef. */
	if (naming_ret->handle ? of->name != 0 || row->handle != row->name :
	    row->stripped != id)
		return (false);
	if (!is_complete(of->kind))
		return (false);
	naming_ret->name = naming_ret->handle ?
	    types->strings + row->handle : kldsim__type_name(types, of);
	return (*naming_ret->name != '\0' && !is_artificial(naming_ret->name));
}

/* All but what is by tag: in one piece, for the sake of large pages. */
static bool
alloc_tagged(struct kldsim__tagged *tagged, const struct kldsim__alloc *alloc,
    const struct kldsim_types *types)
{
	const size_t ids = types->ntypes;

	memset(tagged, 0, sizeof(*tagged));
	tagged->types = types;
	tagged->ids = (uint32_t)ids;
	tagged->hash = kldsim__calloc(alloc, ids, sizeof(*tagged->hash) +
	    sizeof(*tagged->behind) + sizeof(*tagged->tag_of) +
	    sizeof(*tagged->next));
	if (tagged->hash == NULL)
		return (false);
	tagged->behind = (struct kldsim__behind *)(tagged->hash + ids);
	tagged->tag_of = (uint32_t *)(tagged->behind + ids);
	tagged->next = tagged->tag_of + ids;
	return (true);
}

void
kldsim__tagged_fini(struct kldsim__tagged *tagged,
    const struct kldsim__alloc *alloc)
{
	kldsim__free(alloc, tagged->hash);
	kldsim__free(alloc, tagged->first);
	memset(tagged, 0, sizeof(*tagged));
}

/*
 * From the last to the first, so that chains are in the order of the file.  Two
 * typedefs of one name and one type are one.
 */
static void
chain(struct kldsim__tagged *tagged, kldsim_type_id id, uint32_t tag)
{
	const struct kldsim__type *rows = tagged->types->types;
	const kldsim_type_id first = tagged->first[tag];

	if (first != 0 && rows[first].stripped == rows[id].stripped)
		return;
	tagged->tag_of[id] = tag;
	tagged->next[id] = tagged->first[tag];
	tagged->first[tag] = id;
}

bool
kldsim__tagged_init(struct kldsim__tagged *tagged,
    const struct kldsim__tags *tags, const struct kldsim_types *types)
{
	struct naming naming;

	if (!alloc_tagged(tagged, tags->alloc, types))
		return (false);
	tagged->first = kldsim__calloc(tags->alloc, tags->count,
	    sizeof(*tagged->first));
	if (tagged->first == NULL) {
		kldsim__tagged_fini(tagged, tags->alloc);
		return (false);
	}
	for (kldsim_type_id id = tagged->ids; id-- > 1;) {
		uint32_t tag;

		if (!names_a_type(types, id, &naming))
			continue;
		tag = find_tag(tags, naming.kind, naming.handle, naming.name);
		if (tag != 0)
			chain(tagged, naming.id, tag);
	}
	return (true);
}

/* --- the kernel's --- */

static bool
rehash(struct kldsim__tags *tags)
{
	const size_t size = tags->mask == 0 ? 1024 :
	    2 * ((size_t)tags->mask + 1);
	uint32_t *slots = kldsim__calloc(tags->alloc, size, sizeof(*slots));

	if (slots == NULL)
		return (false);
	kldsim__free(tags->alloc, tags->slots);
	tags->slots = slots;
	tags->mask = (uint32_t)(size - 1);
	for (size_t i = 1; i < tags->count; i++)
		*slot(tags, tags->tags[i].hash, tags->tags[i].kind,
		    tags->tags[i].handle, tags->tags[i].name) = (uint32_t)i;
	return (true);
}

/* The number; 0: no memory. */
static uint32_t
add_tag(struct kldsim__tags *tags, const struct naming *naming)
{
	const uint32_t hash = hash_of(tags, naming->kind, naming->handle,
	    naming->name);
	struct kldsim__tag *tag;
	uint32_t *at;

	if (tags->count * 2 > tags->mask && !rehash(tags))
		return (0);
	at = slot(tags, hash, naming->kind, naming->handle, naming->name);
	if (*at != 0)
		return (*at);
	if (!kldsim__grow(tags->alloc, &tags->tags, &tags->cap,
	    tags->count + 1, sizeof(*tags->tags)))
		return (0);
	tag = &tags->tags[tags->count];
	tag->name = naming->name;
	tag->hash = hash;
	tag->kind = (uint8_t)naming->kind;
	tag->handle = naming->handle;
	*at = (uint32_t)tags->count++;
	return (*at);
}

/* Number the tags, and chain the types of each. */
static bool
number(struct kldsim__tags *tags, struct kldsim__tagged *tagged,
    uint32_t *numbers)
{
	const struct kldsim_types *types = tagged->types;
	struct naming naming;

	for (kldsim_type_id id = 1; id < tagged->ids; id++) {
		if (!names_a_type(types, id, &naming))
			continue;
		numbers[id] = add_tag(tags, &naming);
		if (numbers[id] == 0)
			return (false);
	}
	tagged->first = kldsim__calloc(tags->alloc, tags->count,
	    sizeof(*tagged->first));
	for (kldsim_type_id id = tagged->ids; id-- > 1 &&
	    tagged->first != NULL;)
		if (numbers[id] != 0)
			chain(tagged, id, numbers[id]);
	return (tagged->first != NULL);
}

bool
kldsim__tags_init(struct kldsim__tags *tags, const struct kldsim__alloc *alloc,
    const struct kldsim_types *types, struct kldsim__tagged *tagged_ret)
{
	uint32_t *numbers;
	bool good;

	memset(tags, 0, sizeof(*tags));
	memset(tagged_ret, 0, sizeof(*tagged_ret));
	tags->alloc = alloc;
	tags->seed = kldsim__hash_seed(tags);
	tags->count = 1;
	if (!kldsim__grow(alloc, &tags->tags, &tags->cap, 1,
	    sizeof(*tags->tags)) || !rehash(tags))
		return (false);
	memset(tags->tags, 0, sizeof(*tags->tags));
	if (!alloc_tagged(tagged_ret, alloc, types))
		return (false);
	numbers = kldsim__calloc(alloc, types->ntypes, sizeof(*numbers));
	good = numbers != NULL && number(tags, tagged_ret, numbers);
	kldsim__free(alloc, numbers);
	if (!good)
		kldsim__tagged_fini(tagged_ret, alloc);
	return (good);
}

void
kldsim__tags_fini(struct kldsim__tags *tags)
{
	kldsim__free(tags->alloc, tags->slots);
	kldsim__free(tags->alloc, tags->tags);
}

uint32_t
kldsim__tag_find(const struct kldsim__tags *tags, enum kldsim_type_kind kind,
    const char *name)
{
	static const enum kldsim_type_kind kinds[] = { KLDSIM_TYPE_STRUCT,
		KLDSIM_TYPE_UNION, KLDSIM_TYPE_ENUM };
	uint32_t found = 0;

	if (kind != KLDSIM_TYPE_UNKNOWN)
		return (find_tag(tags, kind, false, name));
	for (size_t i = 0; i < 3 && found == 0; i++)
		found = find_tag(tags, kinds[i], false, name);
	return (found);
}

/* A number that two numbers have if they are the same (I-11). */
static uint16_t
number_of(const struct kldsim_types *types, kldsim_type_id id)
{
	const struct kldsim__type *row = &types->types[id];

	if ((id != 0 && row->kind != KLDSIM_TYPE_INTEGER &&
	    row->kind != KLDSIM_TYPE_FLOAT) || row->size > UINT8_MAX)
		return (0);
	return ((uint16_t)(row->size << 8 |
	    (1 + (unsigned)kldsim__neutral_class(types, row))));
}

/* Of what has no name; the typedef that leads there is before the last step. */
static uint32_t
tag_by_handle(const struct kldsim__tags *tags,
    const struct kldsim_types *types, kldsim_type_id id,
    const struct kldsim__behind *behind)
{
	const struct kldsim__type *rows = types->types;

	for (unsigned i = 0; i < behind->steps; i++)
		id = rows[rows[id].stripped].ref;
	return (rows[id].handle == 0 ? 0 : find_tag(tags, behind->kind, true,
	    types->strings + rows[id].handle));
}

/* What is there at the end of all steps. */
static void
arrive(const struct kldsim__tags *tags, const struct kldsim__tagged *tagged,
    kldsim_type_id id, struct kldsim__behind *behind)
{
	const struct kldsim__type *row = &tagged->types->types[behind->id];

	behind->kind = row->kind;
	behind->number = number_of(tagged->types, behind->id);
	behind->named = row->name != 0 && (is_complete(row->kind) ||
	    row->kind == KLDSIM_TYPE_FORWARD);
	if (is_complete(row->kind))
		behind->tag = row->name != 0 ? tagged->tag_of[behind->id] :
		    tag_by_handle(tags, tagged->types, id, behind);
	else if (behind->named && behind->id != id)
		behind->tag = kldsim__behind(tags, tagged, behind->id)->tag;
	else if (behind->named)
		behind->tag = kldsim__tag_find(tags,
		    (enum kldsim_type_kind)row->tag,
		    kldsim__type_name(tagged->types, row));
}

const struct kldsim__behind *
kldsim__find_behind(const struct kldsim__tags *tags,
    const struct kldsim__tagged *tagged, kldsim_type_id id)
{
	const struct kldsim__type *rows = tagged->types->types;
	struct kldsim__behind *behind = &tagged->behind[id];
	const struct kldsim__type *row;

	behind->id = rows[id].stripped;
	row = &rows[behind->id];
	while (behind->steps < KLDSIM__SHAPE_STEPS &&
	    (row->kind == KLDSIM_TYPE_ARRAY ||
	    row->kind == KLDSIM_TYPE_POINTER)) {
		behind->array |= row->kind == KLDSIM_TYPE_ARRAY;
		behind->pointer |= row->kind == KLDSIM_TYPE_POINTER;
		behind->steps++;
		behind->id = rows[row->ref].stripped;
		row = &rows[behind->id];
	}
	arrive(tags, tagged, id, behind);
	behind->known = true;
	return (behind);
}

/*
 * As a type that is known, or one step more; false: it is not, or has too many.
 */
static bool
step_from(const struct kldsim__tagged *tagged, kldsim_type_id id)
{
	const struct kldsim__type *rows = tagged->types->types;
	const kldsim_type_id stripped = rows[id].stripped;
	const struct kldsim__type *row = &rows[stripped];
	struct kldsim__behind *behind = &tagged->behind[id];

	/* By which typedef one without a name goes, it does not know itself. */
	if (stripped != id && tagged->behind[stripped].known &&
	    (row->name != 0 || !is_complete(row->kind))) {
		*behind = tagged->behind[stripped];
		return (true);
	}
	if ((row->kind != KLDSIM_TYPE_ARRAY &&
	    row->kind != KLDSIM_TYPE_POINTER) ||
	    !tagged->behind[row->ref].known ||
	    tagged->behind[row->ref].steps >= KLDSIM__SHAPE_STEPS)
		return (false);
	*behind = tagged->behind[row->ref];
	behind->array |= row->kind == KLDSIM_TYPE_ARRAY;
	behind->pointer |= row->kind == KLDSIM_TYPE_POINTER;
	behind->steps++;
	return (true);
}

void
kldsim__find_all_behind(const struct kldsim__tags *tags,
    const struct kldsim__tagged *tagged)
{
	kldsim__prefault(tags->alloc, tagged->behind,
	    tagged->ids * sizeof(*tagged->behind));
	for (kldsim_type_id id = 0; id < tagged->ids; id++)
		if (!tagged->behind[id].known && !step_from(tagged, id))
			(void)kldsim__find_behind(tags, tagged, id);
}
