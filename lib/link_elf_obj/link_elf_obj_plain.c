/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What nearly all relocations are: RELA of 64-bit little-endian files, the
 * symbol's value is there, the place lies in its section, the value fits, and
 * there is nothing to say.  Modules have hundreds of thousands of them, so the
 * loops here call nobody: what is not plain is for the caller.
 */

#include "link_elf_obj/link_elf_obj.h"

static inline struct kldsim__rel
entry(const struct kldsim__obj_plain *plain, uint64_t index)
{
	struct kldsim__rel rel;

	kldsim__rel_decode(plain->entries, true, false, true, index, &rel);
	return (rel);
}

/* How many bytes are stored, and which value; 0: the entry is not plain. */
static inline unsigned
width_of(const struct kldsim__obj_plain *plain, const struct kldsim__rel *rel,
    uint64_t *value_ret)
{
	const struct kldsim__plain *row;

	if (rel->type >= KLDSIM__PLAIN_TYPES ||
	    !kldsim__obj_is_known(plain->state[rel->sym]))
		return (0);
	row = &plain->rows[rel->type];
	*value_ret = plain->value[rel->sym] + rel->addend -
	    ((plain->addr + rel->offset) & row->minus_p);
	if (*value_ret - row->least > row->above ||
	    !kldsim__in_range(rel->offset, row->width, plain->size))
		return (0);
	return (row->width);
}

uint64_t
kldsim__obj_apply_plain(const struct kldsim__obj_plain *given, bool local,
    uint64_t from)
{
	/* A copy: for all that the compiler knows, a store changes *given. */
	const struct kldsim__obj_plain plain = *given;

	for (; from < plain.count; from++) {
		const struct kldsim__rel rel = entry(&plain, from);
		uint64_t value;
		unsigned width;

		if (rel.sym >= plain.nsyms)
			break;
		if ((KLDSIM__SYM_BIND(plain.state[rel.sym]) == STB_LOCAL) !=
		    local)
			continue;
		width = width_of(&plain, &rel, &value);
		if (width == 0)
			break;
		kldsim__store(plain.host + rel.offset, width, false, value);
	}
	return (from);
}

uint64_t
kldsim__obj_skip_plain(const struct kldsim__obj_plain *plain, uint64_t from)
{
	for (; from < plain->count; from++) {
		const struct kldsim__rel rel = entry(plain, from);
		uint64_t value;

		if (rel.sym >= plain->nsyms ||
		    width_of(plain, &rel, &value) == 0)
			break;
	}
	return (from);
}
