/* SPDX-License-Identifier: BSD-2-Clause */

/* The components of kern.module_path, and files in them (K-11, K-12). */

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "search/search.h"
#include "source/source.h"

int
kldsim__module_path_init(struct kldsim *sim)
{
	const char *value = sim->options.module_path;
	size_t length = value != NULL ? strlen(value) : 0;

	/* Folders of the host may have longer names than the kernel's. */
	sim->search.path_size = length < KLDSIM__MAXPATHLEN ?
	    KLDSIM__MAXPATHLEN : length + 1;
	/* One NUL more: the file search looks behind a full buffer. */
	sim->search.path = kldsim__arena_calloc(&sim->arena,
	    sim->search.path_size + 1, 1);
	if (sim->search.path == NULL)
		return (kldsim__nomem(sim));
	return (length != 0 ? kldsim__module_path_write(sim, value, length) :
	    0);
}

int
kldsim__module_path_write(struct kldsim *sim, const char *value,
    size_t length)
{
	const struct kldsim__where where = { .file = NULL };

	if (!kldsim__undo_save(&sim->undo, sim->search.path,
	    sim->search.path_size))
		return (kldsim__nomem(sim));
	/* What was there before stays behind the new NUL. */
	memcpy(sim->search.path, value, length);
	sim->search.path[length] = '\0';
	if (sim->search.path[0] == ';')
		kldsim__find(sim, KLDSIM__F_MODULE_PATH, &where,
		    "kern.module_path begins with ';': each search reads the "
		    "byte before the kernel's buffer, and files are looked "
		    "for in /");
	return (0);
}

bool
kldsim__next_folder(const struct kldsim__search *search, size_t *cursor,
    struct kldsim__folder *folder)
{
	const char *name = search->path + *cursor;
	size_t length = strcspn(name, ";");

	if (*name == '\0')
		return (false);
	folder->name = name;
	folder->length = length;
	*cursor += length;
	/*
	 * The kernel looks at the character before the end, which for an
	 * empty component is the one before the component: a ';', a NUL, or
	 * whatever is before the buffer (Z-64).
	 */
	folder->slash = length == 0 || name[length - 1] != '/';
	return (true);
}

char *
kldsim__folder_join(struct kldsim *sim, const struct kldsim__folder *folder, const char *name,
    const char *suffix)
{
	size_t size = folder->length + strlen(name) + strlen(suffix) + 2;
	char *path = kldsim__malloc(&sim->alloc, size);

	if (path != NULL)
		(void)snprintf(path, size, "%.*s%s%s%s", (int)folder->length,
		    folder->name, folder->slash ? "/" : "", name, suffix);
	return (path);
}

/* Whether a file is there, can be read and is regular (K-11); then it is open. */
static int
look_for(struct kldsim *sim, const char *path, bool *there_ret,
    struct kldsim__open_file *file)
{
	struct kldsim_error error;
	const enum kldsim_status status = kldsim__source_open(
	    sim->search.source, path, true, file, &error);

	*there_ret = status == KLDSIM_OK && file->st.type == KLDSIM_SOURCE_FILE;
	if (status != KLDSIM_OK)
		return (status == KLDSIM_SYS ? 0 :
		    kldsim__fail(sim, status, "%s", error.text));
	if (!*there_ret)
		kldsim__source_close(file);
	return (0);
}

int
kldsim__probe_suffixes(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *name, const char *const *suffixes, char **path_ret,
    struct kldsim__open_file *file_ret)
{
	bool there = false;
	int error = 0;

	*path_ret = NULL;
	for (; *suffixes != NULL && error == 0 && !there; suffixes++) {
		char *path = kldsim__folder_join(sim, folder, name, *suffixes);

		if (path == NULL)
			return (kldsim__nomem(sim));
		error = look_for(sim, path, &there, file_ret);
		if (there)
			*path_ret = path;
		else
			kldsim__free(&sim->alloc, path);
	}
	return (error);
}
