/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * struct thread_lite (S-03, S-20): a module that is built together with a kernel
 * writes four members of struct thread at offsets that it was told, without
 * having the structure.  Where these lie is in its types, so a stale one shows.
 */

#include <string.h>

#include "compare/compare.h"

static kldsim_type_id
find_struct(const struct kldsim_types *types, const char *name,
    kldsim_type_id after)
{
	struct kldsim_type type;

	do {
		after = kldsim_types_find(types, name, after);
		if (after != 0 && kldsim_type_get(types, after, &type) ==
		    KLDSIM_OK && type.kind == KLDSIM_TYPE_STRUCT)
			return (after);
	} while (after != 0);
	return (0);
}

/* Anonymous structures in each other may have more members than anyone has. */
#define MOST_MEMBERS (UINT64_C(1) << 20)

/* The member of that name, anonymous structures' too, if there is work left. */
static bool
find_member(const struct kldsim__side *side, const char *name, uint64_t *work,
    struct kldsim__neutral_member *member_ret)
{
	const uint64_t most = *work < MOST_MEMBERS ? *work : MOST_MEMBERS;
	struct kldsim__neutral_walk walk;
	bool found = false;

	kldsim__neutral_members(side->types, side->id, most, &walk);
	while (!found && kldsim__neutral_next(&walk, member_ret))
		found = strcmp(member_ret->name, name) == 0;
	*work = walk.cut ? 0 : *work - (most - walk.left);
	return (found);
}

static void
add_moved(struct kldsim__differing *differing,
    const struct kldsim__neutral_member *lite,
    const struct kldsim__neutral_member *real)
{
	struct kldsim_kbi_change *change = kldsim__differ_change(differing,
	    KLDSIM_KBI_MOVED, lite->name);

	if (change == NULL)
		return;
	change->module_bit = lite->bit;
	change->kernel_bit = real->bit;
	differing->out->own = differing->out->breaks = true;
}

/* NULL: each member is where it is in the structure that is meant. */
static struct kldsim__difference *
differ(struct kldsim_kbi_report *report, struct kldsim__side lite,
    struct kldsim__side real)
{
	struct kldsim__differing differing = { .arena = &report->arena,
		.alloc = &report->kbi->alloc,
		.shaping = &report->kbi->shaping };
	struct kldsim__neutral_member of_lite, of_real;
	struct kldsim__neutral_walk walk;
	uint64_t *work = &report->kbi->shaping.work;

	if (kldsim__differ_begin(&differing, lite, real) == NULL) {
		report->failed = true;
		return (NULL);
	}
	kldsim__neutral_members(lite.types, lite.id, *work, &walk);
	while (*work != 0 && kldsim__neutral_next(&walk, &of_lite))
		if (*of_lite.name != '\0' &&
		    find_member(&real, of_lite.name, work, &of_real) &&
		    of_lite.bit != of_real.bit)
			add_moved(&differing, &of_lite, &of_real);
	report->info.cut += *work == 0;
	report->failed = report->failed || differing.failed;
	return (differing.out->own ? differing.out : NULL);
}

/* If the kernel has several of the name, the one that fits counts (I-30). */
static struct kldsim__difference *
against_kernel(struct kldsim_kbi_report *report, struct kldsim__side lite,
    const char *name)
{
	struct kldsim__difference *first = NULL, *found;
	struct kldsim__side real = { report->kbi->kernel->types, 0 };

	while ((real.id = find_struct(real.types, name, real.id)) != 0) {
		found = differ(report, lite, real);
		if (found == NULL)
			return (NULL);
		if (first == NULL)
			first = found;
	}
	return (first);
}

void
kldsim__compare_lite(struct kldsim_kbi_report *report)
{
	struct kldsim__side lite = { report->module->types, 0 };
	struct kldsim__difference *difference;

	if (report->reach == NULL || report->kbi->old != NULL ||
	    report->whole != NULL)
		return;
	lite.id = find_struct(lite.types, "thread_lite", 0);
	if (lite.id == 0)
		return;
	difference = against_kernel(report, lite, "thread");
	if (difference != NULL)
		kldsim__compare_add(report, difference, KLDSIM_KBI_PLACE,
		    KLDSIM_TYPE_STRUCT, "thread_lite");
}
