/* SPDX-License-Identifier: BSD-2-Clause */

/* An index over linker.hints; see hints_index.h. */

#include "meta/hints_index.h"

#include <string.h>

#include "util/bytes.h"

#define INT 4u
#define NO_HINT UINT32_MAX

struct kldsim__hint {
	uint64_t record;  /* offset of its length word */
	int version;
	const uint8_t *file; /* length byte and bytes */
	uint32_t next;    /* of the same name */
	uint32_t last;    /* of the first one: where the chain ends */
};

/* The file as it is being read. */
struct reader {
	struct kldsim__hints_index *index;
	const uint8_t *bytes;
	uint64_t size;
	bool big;
};

static int
get_int(const struct reader *reader, uint64_t at)
{
	uint32_t bits = kldsim__load32(reader->bytes + at, reader->big);
	int value;

	memcpy(&value, &bits, sizeof(value));
	return (value);
}

/* A length byte and as many bytes; false if they do not lie in [at, end). */
static bool
get_string(const struct reader *reader, uint64_t *at, uint64_t end,
    const uint8_t **text_ret)
{
	if (*at >= end || reader->bytes[*at] > end - *at - 1)
		return (false);
	*text_ret = reader->bytes + *at;
	*at += 1u + reader->bytes[*at];
	return (true);
}

/* Put a hint at the end of its name's chain. */
static bool
add(struct reader *reader, const uint8_t *name,
    const struct kldsim__hint *hint)
{
	struct kldsim__hints_index *index = reader->index;
	uint32_t number = (uint32_t)index->count, first;
	char *key = kldsim__arena_strndup(&index->arena,
	    (const char *)name + 1, name[0]);

	if (key == NULL || !kldsim__grow(index->alloc, &index->hints,
	    &index->cap, index->count + 1, sizeof(*index->hints)))
		return (false);
	index->hints[index->count++] = *hint;
	if (!kldsim__strmap_get(&index->first, key, &first))
		return (kldsim__strmap_add(&index->first, key, number));
	index->hints[index->hints[first].last].next = number;
	index->hints[first].last = number;
	return (true);
}

static enum kldsim__indexing
read_version(struct reader *reader, uint64_t record, uint64_t end)
{
	struct kldsim__hint hint = { .record = record, .next = NO_HINT,
		.last = (uint32_t)reader->index->count };
	uint64_t at = record + 2 * INT;
	const uint8_t *name;

	if (!get_string(reader, &at, end, &name) ||
	    memchr(name + 1, '\0', name[0]) != NULL)
		return (KLDSIM__NOT_INDEXED);
	at = kldsim__roundup2(at, INT);
	if (at + INT > end)
		return (KLDSIM__NOT_INDEXED);
	hint.version = get_int(reader, at);
	at += INT;
	if (!get_string(reader, &at, end, &hint.file))
		return (KLDSIM__NOT_INDEXED);
	return (add(reader, name, &hint) ? KLDSIM__INDEXED :
	    KLDSIM__INDEX_NOMEM);
}

static enum kldsim__indexing
read_records(struct reader *reader)
{
	uint64_t at = INT;

	while (at < reader->size) {
		enum kldsim__indexing done = KLDSIM__INDEXED;
		int length;

		if (reader->size - at < 2 * INT)
			return (KLDSIM__NOT_INDEXED);
		length = get_int(reader, at);
		if (length < (int)INT || length % (int)INT != 0 ||
		    (uint64_t)length > reader->size - at - INT)
			return (KLDSIM__NOT_INDEXED);
		if (get_int(reader, at + INT) == KLDSIM__MDT_VERSION)
			done = read_version(reader, at,
			    at + INT + (uint64_t)length);
		if (done != KLDSIM__INDEXED)
			return (done);
		at += INT + (uint64_t)length;
	}
	return (KLDSIM__INDEXED);
}

enum kldsim__indexing
kldsim__hints_index_build(struct kldsim__hints_index *index,
    const struct kldsim__alloc *alloc, const uint8_t *bytes, uint64_t size,
    bool big_endian, const struct kldsim__facts *facts)
{
	struct reader reader = { index, bytes, size, big_endian };

	memset(index, 0, sizeof(*index));
	index->alloc = alloc;
	kldsim__arena_init(&index->arena, alloc);
	kldsim__strmap_init(&index->first, alloc);
	if (size < INT || size > (uint64_t)facts->hints_size_limit ||
	    get_int(&reader, 0) != 1)
		return (KLDSIM__NOT_INDEXED);
	return (read_records(&reader));
}

void
kldsim__hints_index_fini(struct kldsim__hints_index *index)
{
	kldsim__strmap_fini(&index->first);
	kldsim__free(index->alloc, index->hints);
	kldsim__arena_fini(&index->arena);
}

/* The rule of K-13 step 5: the first, the preferred, or the best in range. */
static const struct kldsim__hint *
choose(const struct kldsim__hints_index *index, uint32_t number,
    const struct kldsim__mod_depend *dep, bool *found_ret)
{
	const struct kldsim__hint *best = NULL;
	int best_version = 0;

	*found_ret = false;
	for (; number != NO_HINT; number = index->hints[number].next) {
		const struct kldsim__hint *hint = &index->hints[number];

		if (dep == NULL || hint->version == dep->preferred) {
			*found_ret = true;
			return (hint);
		}
		if (hint->version >= dep->minimum &&
		    hint->version <= dep->maximum &&
		    hint->version > best_version) {
			best = hint;
			best_version = hint->version;
		}
	}
	return (best);
}

void
kldsim__hints_index_find(const struct kldsim__hints_index *index,
    const char *modname, const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result)
{
	const struct kldsim__hint *hint;
	uint32_t first;
	bool found;

	memset(result, 0, sizeof(*result));
	if (!kldsim__strmap_get(&index->first, modname, &first))
		return;
	result->named = true;
	hint = choose(index, first, dep, &found);
	if (hint == NULL)
		return;
	/* Printed with "%.*s": it ends at a NUL. */
	memcpy(result->file, hint->file + 1, hint->file[0]);
	result->file[hint->file[0]] = '\0';
	result->outcome = found ? KLDSIM__HINTS_FOUND :
	    KLDSIM__HINTS_REMEMBERED;
	result->version = hint->version;
	result->offset = hint->record;
	result->escapes = strchr(result->file, '/') != NULL ||
	    strcmp(result->file, "..") == 0;
}
