/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The boot loader's metadata block, written as stand/common/modinfo.c does and
 * read as sys/kern/subr_module.c does (P-01 to P-06).
 */

#include "meta/preload_metadata.h"

#include <string.h>

#include "util/bytes.h"

#define HEADER 8u /* type and length, 32 bits each */

/* --- writing --- */

void
kldsim__file_addmetadata(struct kldsim__preloaded_file *file, uint32_t type,
    const void *data, uint32_t size)
{
	file->metadata[file->nmetadata++] = (struct kldsim__file_metadata){
		.type = type, .size = size, .data = data };
}

void
kldsim__file_addword(struct kldsim__preloaded_file *file, uint32_t type,
    uint64_t value)
{
	file->metadata[file->nmetadata++] = (struct kldsim__file_metadata){
		.type = type, .word = value };
}

/* Counts while there are no bytes yet, then writes: the same twice. */
struct writer {
	struct kldsim__preload_metadata *md;
	size_t at;
};

static void
put(struct writer *writer, uint32_t type, const void *data, size_t size)
{
	struct kldsim__preload_metadata *md = writer->md;
	size_t at = writer->at;

	/* The end is a header alone; others are padded to words (P-01). */
	writer->at += type == KLDSIM__MODINFO_END ? HEADER :
	    (size_t)kldsim__roundup2(HEADER + size, md->word);
	if (md->bytes == NULL)
		return;
	kldsim__store(md->bytes + at, 4, md->big, type);
	kldsim__store(md->bytes + at + 4, 4, md->big, size);
	if (size != 0)
		memcpy(md->bytes + at + HEADER, data, size);
}

static void
put_string(struct writer *writer, uint32_t type, const char *text)
{
	put(writer, type, text, strlen(text) + 1);
}

static void
put_word(struct writer *writer, uint32_t type, uint64_t value)
{
	uint8_t bytes[8];

	kldsim__store(bytes, writer->md->word, writer->md->big, value);
	put(writer, type, bytes, writer->md->word);
}

/* Metadata come last added first: the loader's list grows at its head. */
static void
put_file(struct writer *writer, const struct kldsim__preloaded_file *file)
{
	put_string(writer, KLDSIM__MODINFO_NAME, file->name);
	put_string(writer, KLDSIM__MODINFO_TYPE, file->type);
	if (file->args != NULL)
		put_string(writer, KLDSIM__MODINFO_ARGS, file->args);
	put_word(writer, KLDSIM__MODINFO_ADDR, file->addr);
	put_word(writer, KLDSIM__MODINFO_SIZE, file->size);
	for (unsigned i = file->nmetadata; i-- > 0;) {
		const struct kldsim__file_metadata *md = &file->metadata[i];

		if (md->data != NULL)
			put(writer, md->type, md->data, md->size);
		else
			put_word(writer, md->type, md->word);
	}
}

static size_t
put_all(struct kldsim__preload_metadata *md,
    const struct kldsim__preloaded_file *const *files, size_t count)
{
	struct writer writer = { md, 0 };

	for (size_t i = 0; i < count; i++)
		put_file(&writer, files[i]);
	put(&writer, KLDSIM__MODINFO_END, NULL, 0);
	return (writer.at);
}

bool
kldsim__md_copymodules(struct kldsim__preload_metadata *md,
    struct kldsim__arena *arena,
    const struct kldsim__preloaded_file *const *files, size_t count)
{
	md->bytes = NULL;
	md->size = put_all(md, files, count);
	md->bytes = kldsim__arena_calloc(arena, md->size, 1);
	if (md->bytes == NULL)
		return (false);
	(void)put_all(md, files, count);
	return (true);
}

/* --- reading --- */

struct record {
	size_t at;
	uint32_t type;
	size_t size;
	const uint8_t *data;
};

/* The record at an offset: false at the end of the block, whatever ends it. */
static bool
record_at(const struct kldsim__preload_metadata *md, size_t at,
    struct record *record)
{
	if (!kldsim__in_range(at, HEADER, md->size))
		return (false);
	record->at = at;
	record->type = kldsim__load32(md->bytes + at, md->big);
	record->size = kldsim__load32(md->bytes + at + 4, md->big);
	record->data = md->bytes + at + HEADER;
	if (record->type == KLDSIM__MODINFO_END && record->size == 0)
		return (false);
	return (kldsim__in_range(at + HEADER, record->size, md->size));
}

static size_t
after(const struct kldsim__preload_metadata *md, const struct record *record)
{
	return (record->at + (size_t)kldsim__roundup2(HEADER + record->size,
	    md->word));
}

#define FOREACH(record, md, from)                                         \
	for (size_t at_ = (from); record_at((md), at_, (record));         \
	    at_ = after((md), (record)))

/* Its text, NULL if no NUL ends it. */
static const char *
text_of(const struct record *record)
{
	return (memchr(record->data, '\0', record->size) != NULL ?
	    (const char *)record->data : NULL);
}

static bool
is_text(const struct record *record, uint32_t type, const char *text)
{
	const char *have = record->type == type ? text_of(record) : NULL;

	return (have != NULL && strcmp(have, text) == 0);
}

size_t
kldsim__preload_search_next_name(const struct kldsim__preload_metadata *md,
    size_t base)
{
	struct record record;
	size_t from = 0;

	if (base != KLDSIM__NO_MOD) {
		if (!record_at(md, base, &record))
			return (KLDSIM__NO_MOD);
		from = after(md, &record);
	}
	FOREACH(&record, md, from)
		if (record.type == KLDSIM__MODINFO_NAME)
			return (record.at);
	return (KLDSIM__NO_MOD);
}

size_t
kldsim__preload_search_by_name(const struct kldsim__preload_metadata *md,
    const char *name)
{
	struct record record;

	FOREACH(&record, md, 0)
		if (is_text(&record, KLDSIM__MODINFO_NAME, name))
			return (record.at);
	return (KLDSIM__NO_MOD);
}

size_t
kldsim__preload_search_by_type(const struct kldsim__preload_metadata *md,
    const char *type)
{
	size_t mod = KLDSIM__NO_MOD;
	struct record record;

	FOREACH(&record, md, 0) {
		if (record.type == KLDSIM__MODINFO_NAME)
			mod = record.at;
		if (is_text(&record, KLDSIM__MODINFO_TYPE, type))
			return (mod);
	}
	return (KLDSIM__NO_MOD);
}

/* It ends where the type of the first record comes again (P-03). */
static bool
search_info(const struct kldsim__preload_metadata *md, size_t mod,
    uint32_t type, struct record *record)
{
	uint32_t first = 0;

	if (mod == KLDSIM__NO_MOD)
		return (false);
	FOREACH(record, md, mod) {
		if (first == 0)
			first = record->type;
		else if (record->type == first)
			return (false);
		if (record->type == type)
			return (true);
	}
	return (false);
}

const uint8_t *
kldsim__preload_search_info(const struct kldsim__preload_metadata *md,
    size_t mod, uint32_t type, size_t *size_ret)
{
	struct record record;

	if (!search_info(md, mod, type, &record))
		return (NULL);
	*size_ret = record.size;
	return (record.data);
}

const char *
kldsim__preload_string(const struct kldsim__preload_metadata *md, size_t mod,
    uint32_t type)
{
	struct record record;

	return (search_info(md, mod, type, &record) ? text_of(&record) : NULL);
}

bool
kldsim__preload_word(const struct kldsim__preload_metadata *md, size_t mod,
    uint32_t type, uint64_t *value_ret)
{
	struct record record;

	if (!search_info(md, mod, type, &record) || record.size < md->word)
		return (false);
	*value_ret = kldsim__load(record.data, md->word, md->big);
	return (true);
}

/* --- deleting --- */

bool
kldsim__preload_delete_name(struct kldsim__preload_metadata *md,
    struct kldsim__undo *undo, const char *name, unsigned *files_ret)
{
	struct record record;
	bool clearing = false;

	*files_ret = 0;
	FOREACH(&record, md, 0) {
		if (record.type == KLDSIM__MODINFO_NAME) {
			clearing = is_text(&record, KLDSIM__MODINFO_NAME, name);
			*files_ret += clearing;
		}
		if (!clearing)
			continue;
		if (!kldsim__undo_save(undo, md->bytes + record.at, 4))
			return (false);
		kldsim__store(md->bytes + record.at, 4, md->big,
		    KLDSIM__MODINFO_EMPTY);
	}
	return (true);
}
