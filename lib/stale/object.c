/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The numbers of an object.  They are the sizes of common symbols: five arrays
 * for each (S-01), of which one has the sign and four have 16 bits each; or one
 * array, which is as long as the offset (S-03).
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compare/file.h"
#include "stale/stale.h"
#include "util/long_string.h"

#define OFFSETS "__assym_offset__"
#define BASE 0x10000u
#define SIGN 4
#define WHOLE 0x1f /* all five */

static int
by_name(const void *left, const void *right)
{
	const struct kldsim__number *a = left, *b = right;
	const int order = strcasecmp(a->name, b->name);

	return (order != 0 ? order : strcmp(a->name, b->name));
}

static struct kldsim__number *
add(struct kldsim_stale *stale, const char *name, size_t length)
{
	struct kldsim__number *number;

	if (!kldsim__grow(&stale->alloc, &stale->all, &stale->cap,
	    stale->count + 1, sizeof(*stale->all)))
		return (NULL);
	number = &stale->all[stale->count];
	memset(number, 0, sizeof(*number));
	number->name = kldsim__arena_strndup(&stale->arena, name, length);
	if (number->name == NULL)
		return (NULL);
	stale->count++;
	return (number);
}

/* "NAMEsign", "NAMEw0" to "NAMEw3": which part, and how long the name is. */
static bool
is_part(const char *name, size_t *length_ret, unsigned *part_ret)
{
	const size_t length = strnlen(name, KLDSIM__NAME_LONG + 1);

	if (length > KLDSIM__NAME_LONG)
		return (false);
	if (length > 4 && strcmp(name + length - 4, "sign") == 0) {
		*length_ret = length - 4;
		*part_ret = SIGN;
		return (true);
	}
	if (length < 3 || name[length - 2] != 'w' || name[length - 1] < '0' ||
	    name[length - 1] > '3')
		return (false);
	*length_ret = length - 2;
	*part_ret = (unsigned)(name[length - 1] - '0');
	return (true);
}

/* "__assym_offset__thread__td_critnest__u_int" is td_critnest's. */
static bool
take_offset(struct kldsim_stale *stale, const char *name, uint64_t size)
{
	const char *member = strstr(name + strlen(OFFSETS), "__");
	const char *end = member != NULL ? strstr(member + 2, "__") : NULL;
	struct kldsim__number *number;

	if (end == NULL)
		return (true);
	if ((size_t)(end - member - 2) > KLDSIM__NAME_LONG)
		return (true);
	number = add(stale, member + 2, (size_t)(end - member - 2));
	if (number == NULL)
		return (false);
	number->value = (int64_t)size;
	number->parts = WHOLE;
	return (true);
}

static bool
take_part(struct kldsim_stale *stale, const char *name, uint64_t size)
{
	struct kldsim__number *number;
	unsigned part;
	size_t length;

	if (!is_part(name, &length, &part) || size < BASE ||
	    size >= 2 * BASE)
		return (true);
	number = add(stale, name, length);
	if (number == NULL)
		return (false);
	number->parts = (uint8_t)(1u << part);
	number->value = (int64_t)(size - BASE);
	return (true);
}

static bool
take_symbols(struct kldsim_stale *stale, struct kldsim_kbi_file *file)
{
	struct kldsim__sym sym;
	bool good = true;

	for (uint32_t i = 1; i < file->symbols.count && good; i++) {
		const char *name;

		kldsim__sym_get(&file->symbols, i, &sym);
		name = kldsim__sym_name(&file->symbols, sym.name);
		if (sym.shndx != SHN_COMMON || name == NULL)
			continue;
		good = strncmp(name, OFFSETS, strlen(OFFSETS)) == 0 ?
		    take_offset(stale, name, sym.size) :
		    take_part(stale, name, sym.size);
	}
	return (good);
}

/* Parts of one name become one number; what lacks one is none (S-10). */
static void
put_together(struct kldsim_stale *stale)
{
	size_t count = 0;

	if (stale->count != 0)
		qsort(stale->all, stale->count, sizeof(*stale->all), by_name);
	for (size_t i = 0, next; i < stale->count; i = next) {
		struct kldsim__number whole = stale->all[i];
		bool minus = false;
		uint64_t value = whole.parts == WHOLE ?
		    (uint64_t)whole.value : 0;

		whole.parts = 0;
		for (next = i; next < stale->count && strcmp(
		    stale->all[next].name, whole.name) == 0; next++) {
			const struct kldsim__number *part = &stale->all[next];

			whole.parts |= part->parts;
			for (unsigned word = 0; word < SIGN; word++)
				if (part->parts == 1u << word)
					value |= (uint64_t)part->value <<
					    16 * word;
			minus = minus || (part->parts == 1u << SIGN &&
			    part->value == 1);
		}
		whole.value = (int64_t)(minus ? 0 - value : value);
		if (whole.parts == WHOLE)
			stale->all[count++] = whole;
	}
	stale->count = count;
}

enum kldsim_status
kldsim_stale_new(struct kldsim_kbi_file *object,
    struct kldsim_stale **stale_ret)
{
	struct kldsim_stale *stale = kldsim__calloc(&object->alloc, 1,
	    sizeof(*stale));
	bool good;

	*stale_ret = NULL;
	if (stale == NULL)
		return (KLDSIM_NOMEM);
	stale->alloc = object->alloc;
	kldsim__arena_init(&stale->arena, &stale->alloc);
	good = take_symbols(stale, object);
	if (good)
		put_together(stale);
	if (good && stale->count != 0) {
		*stale_ret = stale;
		return (KLDSIM_OK);
	}
	kldsim_stale_free(stale);
	return (good ? KLDSIM_NOENT : KLDSIM_NOMEM);
}

void
kldsim_stale_free(struct kldsim_stale *stale)
{
	struct kldsim__alloc alloc;

	if (stale == NULL)
		return;
	alloc = stale->alloc;
	kldsim__free(&alloc, stale->all);
	kldsim__arena_fini(&stale->arena);
	kldsim__free(&alloc, stale);
}

size_t
kldsim_stale_count(const struct kldsim_stale *stale)
{
	return (stale->count);
}

struct kldsim__number *
kldsim__stale_find(const struct kldsim_stale *stale, const char *name,
    size_t length)
{
	size_t low = 0, high = stale->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		struct kldsim__number *number = &stale->all[middle];
		int order = strncasecmp(number->name, name, length);

		if (order == 0 && number->name[length] != '\0')
			order = 1;
		if (order == 0)
			return (number);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (NULL);
}
