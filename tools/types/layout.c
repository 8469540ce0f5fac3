/* SPDX-License-Identifier: BSD-2-Clause */

/* Holes and padding, in any structure that a file can tell of. */

#include "types/layout.h"

#include <string.h>

static uint64_t
add(uint64_t a, uint64_t b)
{
	return (a + b >= a ? a + b : UINT64_MAX);
}

static uint64_t
bits_of(uint64_t bytes)
{
	return (bytes <= UINT64_MAX / 8 ? bytes * 8 : UINT64_MAX);
}

void
layout_begin(struct layout *layout, const struct kldsim_types *types,
    kldsim_type_id id)
{
	struct kldsim_type type;

	memset(layout, 0, sizeof(*layout));
	(void)!kldsim_type_get(types, id, &type);
	layout->types = types;
	layout->id = id;
	layout->is_union = type.kind == KLDSIM_TYPE_UNION;
	layout->size = type.size;
}

/* The unit of a bit-field is as large as its type, if it lies within one. */
static void
place(struct layout_part *part)
{
	const uint64_t unit = bits_of(part->size), at = part->member.bit_offset;

	part->offset = at / 8;
	part->bit = at % 8;
	if (part->member.bits == 0 || unit == 0 ||
	    at % unit + part->bits > unit)
		return;
	part->offset = at / unit * part->size;
	part->bit = at % unit;
}

/* What lies between the members before, and a bit from which on there is one. */
static void
gap(struct layout *layout, uint64_t start, uint64_t *bits_ret,
    uint64_t *bytes_ret)
{
	uint64_t whole = layout->unit_end;

	*bits_ret = *bytes_ret = 0;
	if (layout->is_union || start <= layout->end)
		return;
	if (whole > start)
		whole = start;
	*bytes_ret = (start - whole) / 8;
	*bits_ret = whole - layout->end + (start - whole) % 8;
}

static void
count(struct layout *layout, const struct layout_part *part)
{
	const uint64_t unit = bits_of(part->size);
	const uint64_t end = add(part->member.bit_offset, part->bits);

	if (part->member.bits != 0)
		layout->sum_bits = add(layout->sum_bits, part->bits);
	else
		layout->sum_bytes = add(layout->sum_bytes, part->size);
	layout->holes += part->hole_bytes != 0;
	layout->sum_holes += part->hole_bytes;
	layout->bit_holes += part->hole_bits != 0;
	layout->sum_bit_holes += part->hole_bits;
	if (end < layout->end)
		return;
	layout->end = end;
	/* A small bit-field may lie in the unit of a larger one before it. */
	if (part->member.bits == 0 || layout->unit_end < end)
		layout->unit_end = end;
	if (part->member.bits != 0 && unit != 0 && end % unit != 0 &&
	    layout->unit_end < add(end, unit - end % unit))
		layout->unit_end = add(end, unit - end % unit);
}

static void
finish(struct layout *layout)
{
	gap(layout, bits_of(layout->size), &layout->bit_padding,
	    &layout->padding);
}

bool
layout_next(struct layout *layout, struct layout_part *part_ret)
{
	struct kldsim_type type;

	memset(part_ret, 0, sizeof(*part_ret));
	if (kldsim_type_member(layout->types, layout->id, layout->next,
	    &part_ret->member) != KLDSIM_OK) {
		finish(layout);
		return (false);
	}
	layout->next++;
	(void)!kldsim_type_get(layout->types, part_ret->member.type, &type);
	part_ret->size = type.size;
	part_ret->bits = part_ret->member.bits != 0 ? part_ret->member.bits :
	    bits_of(type.size);
	place(part_ret);
	gap(layout, part_ret->member.bit_offset, &part_ret->hole_bits,
	    &part_ret->hole_bytes);
	count(layout, part_ret);
	return (true);
}
