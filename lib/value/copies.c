/* SPDX-License-Identifier: BSD-2-Clause */

/* The copies that CPUs and vnets have of a variable (Y-21). */

#include <inttypes.h>

#include "value/value.h"

#include "util/error.h"

#define BYTES_MAX 0x4000000u /* of all copies */

static void
add_copy(struct kldsim__value_copies *copies, bool reference, unsigned id,
    kldsim_addr address)
{
	struct kldsim__value_copy *copy = &copies->all[copies->count];

	copy->reference = reference;
	copy->id = id;
	copy->address = address;
	copy->group = copies->count++;
}

/* CPUs and vnets ascend by number; the vnet that was made last is first. */
static void
add_instances(struct kldsim__value_copies *copies, int which)
{
	const struct kldsim_typed *typed = copies->typed;
	const struct kldsim__set *set = kldsim__value_set(typed->sim,
	    typed->set);
	const uint64_t word = kldsim__arch_ptrsz(typed->sim->arch) == 8 ?
	    UINT64_MAX : UINT32_MAX;
	const bool backwards = typed->set->which == KLDSIM_SET_VNET;

	for (size_t i = 0; i < set->ninstances; i++) {
		const struct kldsim_instance *instance = &set->instances[
		    backwards ? set->ninstances - 1 - i : i];

		if (which == KLDSIM_VALUE_ALL ||
		    (which >= 0 && instance->id == (unsigned)which))
			add_copy(copies, false, instance->id,
			    (typed->told.address + instance->base) & word);
	}
}

static bool
read_copy(const struct kldsim *sim, const struct kldsim__overlay *overlay,
    kldsim_addr address, uint8_t *bytes, uint64_t size)
{
	if (overlay != NULL)
		return (kldsim__overlay_read(overlay, address, bytes,
		    (size_t)size) == size);
	return (size == 0 || kldsim_read(sim, address, bytes, (size_t)size) ==
	    KLDSIM_OK);
}

static enum kldsim_status
read_copies(struct kldsim__value_copies *copies,
    const struct kldsim__overlay *overlay, struct kldsim_error *error)
{
	const struct kldsim_typed *typed = copies->typed;
	const uint64_t size = typed->told.size;

	if (size > BYTES_MAX / copies->count)
		return (kldsim__error_set(error, KLDSIM_LIMIT,
		    "its copies, of %" PRIu64 " bytes, are more than 64 MiB", size));
	copies->bytes = kldsim__calloc(&typed->sim->alloc, copies->count,
	    size != 0 ? (size_t)size : 1);
	if (copies->bytes == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	for (size_t i = 0; i < copies->count; i++) {
		struct kldsim__value_copy *copy = &copies->all[i];

		copy->bytes = copies->bytes + i * size;
		if (!read_copy(typed->sim, overlay, copy->address,
		    copies->bytes + i * size, size))
			return (kldsim__error_set(error, KLDSIM_FAULT,
			    "nothing is mapped at 0x%" PRIx64, copy->address));
	}
	return (KLDSIM_OK);
}

static bool
begin(struct kldsim__value_copies *copies, const struct kldsim_typed *typed)
{
	const size_t most = typed->set == NULL ? 1 :
	    kldsim__value_set(typed->sim, typed->set)->ninstances + 1;

	memset(copies, 0, sizeof(*copies));
	copies->typed = typed;
	copies->all = kldsim__calloc(&typed->sim->alloc, most,
	    sizeof(*copies->all));
	return (copies->all != NULL);
}

enum kldsim_status
kldsim__value_copies(struct kldsim__value_copies *copies,
    const struct kldsim_typed *typed, int which,
    const struct kldsim__overlay *overlay, struct kldsim_error *error)
{
	if (!begin(copies, typed))
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	if (*typed->told.symbol == '\0')
		return (kldsim__error_set(error, KLDSIM_NOENT,
		    "a type has no copies, but variables of it"));
	if (typed->set == NULL || which == KLDSIM_VALUE_ALL ||
	    which == KLDSIM_VALUE_REFERENCE)
		add_copy(copies, true, 0, typed->told.address);
	if (typed->set != NULL)
		add_instances(copies, which);
	if (copies->count == 0)
		return (kldsim__error_set(error, KLDSIM_NOENT,
		    "there is no CPU or vnet %" PRIu64, (uint64_t)which));
	return (read_copies(copies, overlay, error));
}

enum kldsim_status
kldsim__value_one(struct kldsim__value_copies *copies,
    const struct kldsim_typed *typed, kldsim_addr address,
    const struct kldsim__overlay *overlay, struct kldsim_error *error)
{
	if (!begin(copies, typed))
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	add_copy(copies, true, 0, address);
	return (read_copies(copies, overlay, error));
}

void
kldsim__value_copies_fini(struct kldsim__value_copies *copies)
{
	const struct kldsim__alloc *alloc = &copies->typed->sim->alloc;

	kldsim__free(alloc, copies->all);
	kldsim__free(alloc, copies->bytes);
}

/* --- groups --- */

/* Whether two copies are alike in the bytes, or the bits of a leaf. */
static bool
alike(const struct kldsim__value_copies *copies, size_t i, size_t j,
    const struct kldsim__value_node *bits, uint64_t offset, uint64_t size)
{
	const uint8_t *one = copies->all[i].bytes, *other = copies->all[j].bytes;

	if (bits != NULL)
		return (kldsim__value_bits(copies->typed, bits, one) ==
		    kldsim__value_bits(copies->typed, bits, other));
	return (memcmp(one + offset, other + offset, (size_t)size) == 0);
}

static void
group_by(struct kldsim__value_copies *copies, struct kldsim__value_out *out,
    const struct kldsim__value_node *bits, uint64_t offset, uint64_t size)
{
	struct kldsim__value_copy *all = copies->all;

	/* Most are like the one before them. */
	for (size_t i = 0; i < copies->count; i++) {
		all[i].group = i;
		if (i != 0 && alike(copies, i - 1, i, bits, offset, size))
			all[i].group = all[i - 1].group;
		for (size_t j = 0; j < i && all[i].group == i &&
		    kldsim__value_step(out); j++)
			if (all[j].group == j && alike(copies, j, i, bits,
			    offset, size))
				all[i].group = j;
	}
}

void
kldsim__value_group(struct kldsim__value_copies *copies,
    struct kldsim__value_out *out, uint64_t offset, uint64_t size)
{
	group_by(copies, out, NULL, offset, size);
}

bool
kldsim__value_group_leaf(struct kldsim__value_copies *copies,
    struct kldsim__value_out *out, const struct kldsim__value_node *node)
{
	const uint64_t size = copies->typed->told.size;
	const uint64_t width = node->bits != 0 ?
	    (node->bit % 8 + node->bits + 7) / 8 : node->type.size;

	if (width == 0 || node->bits > 64 || node->offset > size ||
	    width > size - node->offset)
		return (false);
	/* Bits beside a bit-field are another member's. */
	group_by(copies, out, node->bits != 0 ? node : NULL, node->offset,
	    width);
	return (kldsim__value_differs(copies));
}

bool
kldsim__value_differs(const struct kldsim__value_copies *copies)
{
	for (size_t i = 0; i < copies->count; i++)
		if (copies->all[i].group != 0)
			return (true);
	return (false);
}

size_t
kldsim__value_run_end(const struct kldsim__value_copies *copies, size_t at)
{
	const struct kldsim__value_copy *all = copies->all;

	while (at + 1 < copies->count && !all[at].reference &&
	    all[at + 1].group == all[at].group &&
	    all[at + 1].id == all[at].id + 1)
		at++;
	return (at);
}
