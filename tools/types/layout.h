/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_LAYOUT_H
#define TYPES_LAYOUT_H

/* Where the members of a structure or union lie, and what lies between them. */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/types.h>

/*
 * A member, and the hole before it: the bits to the end of the unit that the
 * bit-field before it is in, and the bytes after that.
 */
struct layout_part {
	struct kldsim_type_member member;
	uint64_t size;       /* bytes of its type */
	uint64_t bits;       /* all that it takes */
	uint64_t offset;     /* byte at which its unit begins, */
	uint64_t bit;        /* and its first bit from there */
	uint64_t hole_bits;
	uint64_t hole_bytes;
};

struct layout {
	const struct kldsim_types *types;
	kldsim_type_id id;
	bool is_union;
	uint64_t size;       /* bytes */
	uint64_t next;       /* index of the next member */
	uint64_t end;        /* bit behind all members so far */
	uint64_t unit_end;   /* and behind the last one's unit */
	uint64_t sum_bytes;  /* of members that are no bit-fields */
	uint64_t sum_bits;   /* of those that are */
	uint64_t holes, sum_holes;         /* bytes */
	uint64_t bit_holes, sum_bit_holes; /* bits */
	uint64_t padding;                  /* bytes, after the last member */
	uint64_t bit_padding;
};

/* Begin with the first member; the type has some. */
void layout_begin(struct layout *layout, const struct kldsim_types *types,
    kldsim_type_id id);

/* False after the last one; then padding is known. */
bool layout_next(struct layout *layout, struct layout_part *part_ret);

#endif
