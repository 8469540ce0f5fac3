/* SPDX-License-Identifier: BSD-2-Clause */

/* Reading module metadata; see metadata.h. */

#include "meta/metadata.h"

#include <string.h>

#include "util/bytes.h"

static int
to_int(uint32_t bits)
{
	int value;

	memcpy(&value, &bits, sizeof(value));
	return (value);
}

/* The structures below have no more members than this. */
#define MEMBERS 4u

/* Pointers that lie side by side. */
static bool
read_pointers(const struct kldsim__meta *meta, kldsim_addr address,
    unsigned count, kldsim_addr *pointers_ret)
{
	uint8_t bytes[MEMBERS * 8];

	if (!kldsim__aspace_read(meta->space, address, bytes,
	    count * meta->ptrsz))
		return (false);
	for (unsigned i = 0; i < count; i++)
		pointers_ret[i] = kldsim__load(bytes + i * meta->ptrsz,
		    meta->ptrsz, meta->big);
	return (true);
}

/* Numbers that lie side by side. */
static bool
read_ints(const struct kldsim__meta *meta, kldsim_addr address,
    unsigned count, int *ints_ret)
{
	uint8_t bytes[MEMBERS * 4];

	if (!kldsim__aspace_read(meta->space, address, bytes, count * 4))
		return (false);
	for (unsigned i = 0; i < count; i++)
		ints_ret[i] = to_int(kldsim__load32(bytes + i * 4,
		    meta->big));
	return (true);
}

bool
kldsim__meta_pointer(const struct kldsim__meta *meta, kldsim_addr address,
    kldsim_addr *pointer_ret)
{
	return (read_pointers(meta, address, 1, pointer_ret));
}

bool
kldsim__meta_int(const struct kldsim__meta *meta, kldsim_addr address,
    int *value_ret)
{
	return (read_ints(meta, address, 1, value_ret));
}

bool
kldsim__meta_entry(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_metadata *entry_ret)
{
	uint8_t bytes[4 + 2 * 8];

	/* The type and both pointers lie side by side, behind the version. */
	if (!kldsim__aspace_read(meta->space, address + 4, bytes,
	    4 + 2 * meta->ptrsz))
		return (false);
	entry_ret->type = to_int(kldsim__load32(bytes, meta->big));
	entry_ret->data = kldsim__load(bytes + 4, meta->ptrsz, meta->big);
	entry_ret->cval = kldsim__load(bytes + 4 + meta->ptrsz, meta->ptrsz,
	    meta->big);
	return (true);
}

bool
kldsim__meta_depend(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_depend *depend_ret)
{
	int versions[3];

	if (!read_ints(meta, address, 3, versions))
		return (false);
	depend_ret->minimum = versions[0];
	depend_ret->preferred = versions[1];
	depend_ret->maximum = versions[2];
	return (true);
}

bool
kldsim__meta_moduledata(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__moduledata *module_ret)
{
	kldsim_addr pointers[3];

	if (!read_pointers(meta, address, 3, pointers))
		return (false);
	module_ret->name = pointers[0];
	module_ret->handler = pointers[1];
	module_ret->priv = pointers[2];
	return (true);
}

bool
kldsim__meta_sysinit(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__sysinit *sysinit_ret)
{
	kldsim_addr func = address + 8 +
	    (meta->sysinit_has_link ? meta->ptrsz : 0);
	kldsim_addr pointers[2];
	int ints[2];

	if (!read_ints(meta, address, 2, ints) ||
	    !read_pointers(meta, func, 2, pointers))
		return (false);
	sysinit_ret->subsystem = (uint32_t)ints[0];
	sysinit_ret->order = (uint32_t)ints[1];
	sysinit_ret->func = pointers[0];
	sysinit_ret->udata = pointers[1];
	return (true);
}

/* Sizes of struct sysctl_oid: i386 aligns an intmax_t to 4, others to 8. */
static const struct oid_size {
	unsigned ptrsz;
	kldsim_size size;
	unsigned links;
} oid_sizes[] = {
	{ 8, 96, 1 }, { 8, 112, 3 },
	{ 4, 60, 1 }, { 4, 64, 1 }, { 4, 68, 3 }, { 4, 72, 3 },
};

unsigned
kldsim__meta_oid_links(const struct kldsim__meta *meta, kldsim_size size)
{
	for (size_t i = 0; i < sizeof(oid_sizes) / sizeof(oid_sizes[0]); i++)
		if (oid_sizes[i].ptrsz == meta->ptrsz &&
		    oid_sizes[i].size == size)
			return (oid_sizes[i].links);
	return (0);
}

/*
 * The children's list and the parent, the link, two ints, arg1, arg2, name.
 * arg2 is an intmax_t, which is where it is aligned to 8 on all machines.
 */
bool
kldsim__meta_sysctl_oid(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__sysctl_oid *oid_ret)
{
	kldsim_addr numbers = address + (2 + meta->oid_links) * meta->ptrsz;
	kldsim_addr name = numbers + 8 + meta->ptrsz + 8;
	int ints[2];

	if (!kldsim__meta_pointer(meta, address + meta->ptrsz,
	    &oid_ret->parent) || !read_ints(meta, numbers, 2, ints) ||
	    !kldsim__meta_pointer(meta, numbers + 8, &oid_ret->arg1) ||
	    !kldsim__meta_pointer(meta, name, &oid_ret->name))
		return (false);
	oid_ret->number = ints[0];
	oid_ret->kind = (uint32_t)ints[1];
	return (true);
}

/* Length of a C string in target memory, SIZE_MAX if it never ends. */
static size_t
string_length(const struct kldsim__meta *meta, kldsim_addr address)
{
	size_t total = 0;

	for (;;) {
		size_t length;
		const uint8_t *bytes = kldsim__aspace_peek(meta->space,
		    address + total, KLDSIM__PAGE, &length);
		const uint8_t *end;

		if (bytes == NULL)
			return (SIZE_MAX);
		end = memchr(bytes, '\0', length);
		if (end != NULL)
			return (total + (size_t)(end - bytes));
		total += length;
	}
}

enum kldsim__string
kldsim__meta_string(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__arena *arena, const char **text_ret)
{
	size_t length = string_length(meta, address);
	char *text;

	if (length == SIZE_MAX)
		return (KLDSIM__STRING_FAULT);
	text = kldsim__arena_alloc(arena, length + 1);
	if (text == NULL)
		return (KLDSIM__STRING_NOMEM);
	*text_ret = text;
	return (kldsim__aspace_read(meta->space, address, text, length + 1) ?
	    KLDSIM__STRING_OK : KLDSIM__STRING_FAULT);
}

bool
kldsim__meta_string_is(const struct kldsim__meta *meta, kldsim_addr address,
    const char *text)
{
	size_t left = strlen(text) + 1;

	while (left != 0) {
		size_t length;
		const uint8_t *bytes = kldsim__aspace_peek(meta->space,
		    address, left, &length);

		if (bytes == NULL || memcmp(bytes, text, length) != 0)
			return (false);
		address += length;
		text += length;
		left -= length;
	}
	return (true);
}

static bool
out_of_order(const struct kldsim__sysinit *first,
    const struct kldsim__sysinit *second, bool descending)
{
	const struct kldsim__sysinit *low = descending ? second : first;
	const struct kldsim__sysinit *high = descending ? first : second;

	if (low->subsystem != high->subsystem)
		return (low->subsystem > high->subsystem);
	return (low->order > high->order);
}

void
kldsim__sysinit_exchange_sort(const struct kldsim__sysinit *sysinits,
    uint32_t *order, size_t count, bool descending)
{
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			uint32_t held = order[i];

			if (!out_of_order(&sysinits[held],
			    &sysinits[order[j]], descending))
				continue;
			order[i] = order[j];
			order[j] = held;
		}
	}
}
