/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_TAGS_H
#define DIFFER_TAGS_H

/*
 * Tags have numbers, so that what is known of one is a place in an array: those
 * of the kernel that all else is compared with.  A type without a tag goes by
 * the typedef that leads to it; what has neither is part of something else.
 */

#include "differ/shape.h"
#include "util/alloc.h"

struct kldsim__tag {
	const char *name;
	uint32_t hash;
	uint8_t kind;   /* STRUCT, UNION, ENUM */
	bool handle;    /* the name is a typedef's */
};

/* The numbers; 0 is no tag. */
struct kldsim__tags {
	const struct kldsim__alloc *alloc;
	uint64_t seed;
	uint32_t *slots;
	uint32_t mask;
	struct kldsim__tag *tags;
	size_t count;    /* with 0 */
	size_t cap;
};

/* What a type leads to behind its arrays and pointers. */
struct kldsim__behind {
	kldsim_type_id id; /* without typedefs; of an endless one somewhere in it */
	uint32_t tag;      /* 0: none */
	uint16_t number;   /* what a number is, void too; 0: look at its row */
	uint8_t steps;     /* arrays and pointers */
	uint8_t kind;      /* of what is there */
	bool known;
	bool pointer;      /* there was one */
	bool array;
	bool named;        /* by a tag, the kernel's or not, and no typedef */
};

/*
 * The complete types of one graph by tag; 0 ends chains.  One without a name is
 * there by each typedef that gives it one, with the id of that.
 */
struct kldsim__tagged {
	const struct kldsim_types *types;
	uint32_t *tag_of; /* by id */
	uint32_t *next;   /* by id: another one of the same tag */
	uint32_t *first;  /* by tag */
	uint64_t *hash;   /* by id: its shape; 0: not asked for, or cut */
	struct kldsim__behind *behind; /* by id, when it is asked for */
	uint32_t ids;
};

/* The kernel's; false: no memory. */
bool kldsim__tags_init(struct kldsim__tags *tags,
    const struct kldsim__alloc *alloc, const struct kldsim_types *types,
    struct kldsim__tagged *tagged_ret);
void kldsim__tags_fini(struct kldsim__tags *tags);
/* Another graph's, as far as the kernel has such a tag; false: no memory. */
bool kldsim__tagged_init(struct kldsim__tagged *tagged,
    const struct kldsim__tags *tags, const struct kldsim_types *types);
void kldsim__tagged_fini(struct kldsim__tagged *tagged,
    const struct kldsim__alloc *alloc);

/* Of a type of the graph; it is found once. */
const struct kldsim__behind *kldsim__find_behind(
    const struct kldsim__tags *tags, const struct kldsim__tagged *tagged,
    kldsim_type_id id);

static inline const struct kldsim__behind *
kldsim__behind(const struct kldsim__tags *tags,
    const struct kldsim__tagged *tagged, kldsim_type_id id)
{
	/* What is no id is void, as everywhere. */
	if (id >= tagged->ids)
		id = 0;
	return (tagged->behind[id].known ? &tagged->behind[id] :
	    kldsim__find_behind(tags, tagged, id));
}

/* For all types, from first to last: of many that is less than one by one. */
void kldsim__find_all_behind(const struct kldsim__tags *tags,
    const struct kldsim__tagged *tagged);

/* By name; kind UNKNOWN: any. */
uint32_t kldsim__tag_find(const struct kldsim__tags *tags,
    enum kldsim_type_kind kind, const char *name);

#endif
