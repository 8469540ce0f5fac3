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

bool
kldsim__meta_pointer(const struct kldsim__meta *meta, kldsim_addr address,
    kldsim_addr *pointer_ret)
{
	uint8_t bytes[8];

	if (!kldsim__aspace_read(meta->space, address, bytes, meta->ptrsz))
		return (false);
	*pointer_ret = kldsim__load(bytes, meta->ptrsz, meta->big);
	return (true);
}

bool
kldsim__meta_int(const struct kldsim__meta *meta, kldsim_addr address,
    int *value_ret)
{
	uint8_t bytes[4];

	if (!kldsim__aspace_read(meta->space, address, bytes, sizeof(bytes)))
		return (false);
	*value_ret = to_int(kldsim__load32(bytes, meta->big));
	return (true);
}

bool
kldsim__meta_entry(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_metadata *entry_ret)
{
	return (kldsim__meta_int(meta, address + 4, &entry_ret->type) &&
	    kldsim__meta_pointer(meta, address + 8, &entry_ret->data) &&
	    kldsim__meta_pointer(meta, address + 8 + meta->ptrsz,
	    &entry_ret->cval));
}

bool
kldsim__meta_depend(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_depend *depend_ret)
{
	return (kldsim__meta_int(meta, address, &depend_ret->minimum) &&
	    kldsim__meta_int(meta, address + 4, &depend_ret->preferred) &&
	    kldsim__meta_int(meta, address + 8, &depend_ret->maximum));
}

bool
kldsim__meta_moduledata(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__moduledata *module_ret)
{
	return (kldsim__meta_pointer(meta, address, &module_ret->name) &&
	    kldsim__meta_pointer(meta, address + meta->ptrsz,
	    &module_ret->handler) &&
	    kldsim__meta_pointer(meta, address + 2 * meta->ptrsz,
	    &module_ret->priv));
}

bool
kldsim__meta_sysinit(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__sysinit *sysinit_ret)
{
	kldsim_addr func = address + 8 +
	    (meta->sysinit_has_link ? meta->ptrsz : 0);
	int subsystem, order;

	if (!kldsim__meta_int(meta, address, &subsystem) ||
	    !kldsim__meta_int(meta, address + 4, &order))
		return (false);
	sysinit_ret->subsystem = (uint32_t)subsystem;
	sysinit_ret->order = (uint32_t)order;
	return (kldsim__meta_pointer(meta, func, &sysinit_ret->func) &&
	    kldsim__meta_pointer(meta, func + meta->ptrsz,
	    &sysinit_ret->udata));
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
	if (!kldsim__aspace_read(meta->space, address, text, length + 1))
		return (KLDSIM__STRING_FAULT);
	*text_ret = text;
	return (KLDSIM__STRING_OK);
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
