/* SPDX-License-Identifier: BSD-2-Clause */

/* What both classes ask of the boot loader's metadata block (P-20, P-04). */

#include "linker_class/preload.h"

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"

bool
kldsim__preload_is_type(const struct kldsim *sim, size_t mod,
    const char *kind)
{
	const char *type = kldsim__preload_string(&sim->booted.metadata, mod,
	    KLDSIM__MODINFO_TYPE);
	char text[32];

	if (type == NULL)
		return (false);
	(void)snprintf(text, sizeof(text), "elf %s", kind);
	if (strcmp(type, text) == 0)
		return (true);
	(void)snprintf(text, sizeof(text), "elf%u %s",
	    kldsim__arch_ptrsz(sim->arch) * 8, kind);
	return (!sim->facts.preload_numberless_types &&
	    strcmp(type, text) == 0);
}

/*
 * preload_delete_name(); the loader has no two files of one name.
 *
 * FIDELITY: later releases make the pages of an unloaded ET_REL file writable
 * again first (V-31, O-70); here protections belong to a file and end with it.
 */
int
kldsim__preload_delete(struct kldsim *sim, const struct kldsim__file *file)
{
	struct kldsim__where where = { .file = file->filename };
	unsigned files;

	if (!kldsim__preload_delete_name(&sim->booted.metadata, &sim->undo,
	    file->pathname, &files))
		return (kldsim__nomem(sim));
	if (files > 1)
		kldsim__find(sim, KLDSIM__F_PRELOAD, &where, "%u preloaded "
		    "files are called %s: as one goes, the kernel releases "
		    "the memory of all", files, file->pathname);
	return (0);
}
