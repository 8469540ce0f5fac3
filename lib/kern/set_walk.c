/* SPDX-License-Identifier: BSD-2-Clause */

/* Linker sets in target memory; see set_walk.h. */

#include "kern/set_walk.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

#include <inttypes.h>

int
kldsim__walk_begin(struct kldsim__set_walk *walk, struct kldsim *sim,
    struct kldsim__file *file, const char *name, bool *there_ret)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__where where = { .file = file->filename,
		.section = name };
	kldsim_size size;
	int error;

	walk->sim = sim;
	walk->file = file;
	walk->name = name;
	error = file->class->lookup_set(sim, file, name, &walk->at,
	    &walk->stop);
	*there_ret = error == 0;
	if (error != 0)
		return (error > 0 ? 0 : error);
	size = walk->stop - walk->at;
	if (kldsim__limited(sim, &sim->options.limits.set_entries,
	    size / ptrsz, "%s: entries of set_%s", file->filename, name) != 0)
		return (KLDSIM__ABORT);
	/* The walk goes on while below stop: a partial entry counts (Z-71). */
	if (size % ptrsz != 0)
		kldsim__find(sim, KLDSIM__F_METADATA, &where,
		    "set_%s has 0x%" PRIx64 " bytes, no multiple of a pointer; "
		    "the kernel reads one entry past its end", name, size);
	return (0);
}

static int
broken_as(const struct kldsim__set_walk *walk, enum kldsim__finding which,
    kldsim_addr address, const char *what)
{
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };

	return (kldsim__panic(walk->sim, which, &where,
	    "set_%s: %s at 0x%" PRIx64 ", where nothing is; the kernel reads "
	    "it", walk->name, what, address));
}

int
kldsim__walk_broken(const struct kldsim__set_walk *walk, kldsim_addr address,
    const char *what)
{
	/* Not all of them are metadata (Z-70, Z-74, Z-75). */
	static const struct {
		const char *set;
		enum kldsim__finding which;
	} others[] = {
		{ "sysinit_set", KLDSIM__F_SYSINIT_ENTRY },
		{ "sysuninit_set", KLDSIM__F_SYSINIT_ENTRY },
		{ "sysctl_set", KLDSIM__F_SYSCTL_ENTRY },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(walk->name, others[i].set) == 0)
			return (broken_as(walk, others[i].which, address,
			    what));
	return (broken_as(walk, KLDSIM__F_METADATA, address, what));
}

int
kldsim__walk_next(struct kldsim__set_walk *walk, kldsim_addr *entry_ret,
    bool *more_ret)
{
	*more_ret = walk->at < walk->stop;
	if (!*more_ret)
		return (0);
	if (!kldsim__meta_pointer(&walk->sim->meta, walk->at, entry_ret))
		return (kldsim__walk_broken(walk, walk->at, "an entry"));
	walk->at += kldsim__arch_ptrsz(walk->sim->arch);
	return (0);
}

/* md_version is for nobody to see (M-01, Z-70). */
static void
check_struct_version(const struct kldsim__set_walk *walk, kldsim_addr entry)
{
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };
	int version;

	if (!kldsim__meta_int(&walk->sim->meta, entry, &version) ||
	    version == 1)
		return;
	kldsim__find(walk->sim, KLDSIM__F_METADATA, &where,
	    "set_%s: the struct mod_metadata at 0x%" PRIx64 " is of version "
	    "%d; the kernel takes it for version 1", walk->name, entry,
	    version);
}

int
kldsim__walk_metadata(struct kldsim__set_walk *walk, enum kldsim__mdt type,
    struct kldsim__mod_metadata *entry_ret, bool *more_ret)
{
	for (;;) {
		kldsim_addr entry;
		int error = kldsim__walk_next(walk, &entry, more_ret);

		if (error != 0 || !*more_ret)
			return (error);
		if (!kldsim__meta_entry(&walk->sim->meta, entry, entry_ret))
			return (kldsim__walk_broken(walk, entry,
			    "a struct mod_metadata"));
		/* Once for each entry: modules are registered once. */
		if (type == KLDSIM__MDT_MODULE)
			check_struct_version(walk, entry);
		if (entry_ret->type == (int)type)
			return (0);
	}
}

static int
read_string(const struct kldsim__set_walk *walk, enum kldsim__finding which,
    kldsim_addr address, const char **text_ret)
{
	switch (kldsim__meta_string(&walk->sim->meta, address,
	    &walk->file->arena, text_ret)) {
	case KLDSIM__STRING_OK:
		return (0);
	case KLDSIM__STRING_NOMEM:
		return (kldsim__nomem(walk->sim));
	case KLDSIM__STRING_FAULT:
		break;
	}
	return (broken_as(walk, which, address, "a name"));
}

int
kldsim__walk_string(const struct kldsim__set_walk *walk, kldsim_addr address,
    const char **text_ret)
{
	return (read_string(walk, KLDSIM__F_METADATA, address, text_ret));
}

int
kldsim__walk_sysctl_name(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char **name_ret)
{
	return (read_string(walk, KLDSIM__F_SYSCTL_ENTRY, address, name_ret));
}

int
kldsim__walk_module_name(const struct kldsim__set_walk *walk,
    kldsim_addr address, const char **name_ret)
{
	return (read_string(walk, KLDSIM__F_MODULE_NAME, address, name_ret));
}

int
kldsim__walk_version(struct kldsim__set_walk *walk, const char **name_ret,
    int *version_ret, bool *more_ret)
{
	struct kldsim__mod_metadata entry;
	int error;

	error = kldsim__walk_metadata(walk, KLDSIM__MDT_VERSION, &entry,
	    more_ret);
	if (error != 0 || !*more_ret)
		return (error);
	error = kldsim__walk_string(walk, entry.cval, name_ret);
	if (error != 0)
		return (error);
	if (!kldsim__meta_int(&walk->sim->meta, entry.data, version_ret))
		return (kldsim__walk_broken(walk, entry.data,
		    "a struct mod_version"));
	return (0);
}
