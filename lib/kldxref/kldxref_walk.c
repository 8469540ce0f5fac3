/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The metadata of a file that nobody has linked, as the boot loader reads it
 * to find out what else is needed (P-15).  It relocates what it looks at, as
 * kldxref(8) does, and nothing in place.  A kernel's it takes as it stands
 * (P-12).
 */

#include "kldxref/kldxref.h"

struct walk {
	struct kldsim__xref_file file;
	kldsim__xref_told told;
	void *user;
};

/* One entry; false ends the walk. */
static bool
tell(struct walk *walk, const struct kldsim__xref_entry *entry)
{
	uint8_t bytes[3 * 4 + KLDSIM__XREF_SLACK];
	int numbers[3] = { 0, 0, 0 };
	unsigned n = entry->type == KLDSIM__MDT_DEPEND ? 3 :
	    entry->type == KLDSIM__MDT_VERSION ? 1 : 0;

	if (n == 0 && entry->type != KLDSIM__MDT_MODULE)
		return (true);
	/* Numbers are not relocated. */
	if (n != 0 && walk->file.ops->read(&walk->file, entry->data, n * 4,
	    false, bytes) != 0)
		return (false);
	for (unsigned i = 0; i < n; i++)
		numbers[i] = (int)kldsim__xref_int(&walk->file, bytes + i * 4);
	return (walk->told(walk->user, (enum kldsim__mdt)entry->type,
	    entry->cval, numbers));
}

static void
walk_set(struct walk *walk)
{
	struct kldsim__xref_file *file = &walk->file;
	struct kldsim__xref_entry entry;
	kldsim_addr set = 0;
	int64_t count = 0;

	if (!kldsim__xref_set(file, &set, &count))
		return;
	for (int64_t i = 0; i < count; i++) {
		bool read = kldsim__xref_entry(file, set, i, &entry) == 0;

		if (read ? !tell(walk, &entry) : !file->as_it_stands)
			return;
	}
}

enum kldsim_status
kldsim__xref_walk(struct kldsim_image *image,
    const struct kldsim__alloc *alloc, bool as_it_stands,
    kldsim__xref_told told, void *user)
{
	struct kldsim__xref xref = { .alloc = *alloc,
		.facts = { .modstat_v3 = true, .kldxref_target_order = true } };
	struct walk walk = { .told = told, .user = user,
		.file = { .xref = &xref, .image = image, .path = "",
		    .name = "", .as_it_stands = as_it_stands } };

	kldsim__arena_init(&walk.file.arena, &xref.alloc);
	if (kldsim__xref_open(&walk.file) == 0)
		walk_set(&walk);
	kldsim__arena_fini(&walk.file.arena);
	kldsim__free(&xref.alloc, xref.arch_name);
	return (xref.status);
}
