/* SPDX-License-Identifier: BSD-2-Clause */

/* mod_searchmodule() of stand/common/module.c: along the module path (P-13). */

#include "loader/boot_loader.h"

#include "loader/gzipfs.h"
#include "search/search.h"
#include "source/source.h"

/* Its own idea of a component: no slashes at the end, none for an empty one. */
static bool
next_folder_of_loader(const struct kldsim__search *search, size_t *cursor,
    struct kldsim__folder *folder)
{
	if (!kldsim__next_folder(search, cursor, folder))
		return (false);
	*cursor += search->path[*cursor] == ';';
	while (folder->length > 1 && folder->name[folder->length - 1] == '/')
		folder->length--;
	folder->slash = folder->length != 0 &&
	    folder->name[folder->length - 1] != '/';
	return (true);
}

/*
 * file_lookup(): the first name that is there, or is there compressed, which
 * gzipfs hides.
 */
static int
probe(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *name, const char *const *suffixes, char **path_ret)
{
	int error = 0;

	*path_ret = NULL;
	for (; *suffixes != NULL && error == 0 && *path_ret == NULL;
	    suffixes++) {
		const char *const one[] = { *suffixes, NULL };
		struct kldsim__open_file file;
		bool there;
		char *path;

		error = kldsim__probe_suffixes(sim, folder, name, one,
		    path_ret, &file);
		if (*path_ret != NULL)
			kldsim__source_close(&file);
		if (error != 0 || *path_ret != NULL)
			break;
		path = kldsim__folder_join(sim, folder, name, *suffixes);
		if (path == NULL)
			return (kldsim__nomem(sim));
		error = kldsim__gzipfs_has(sim, path, &there);
		if (error == 0 && there)
			*path_ret = path;
		else
			kldsim__free(&sim->alloc, path);
	}
	return (error);
}

/* mod_search_hints(): as the kernel, without a word; other suffixes. */
static int
search_loader_folder(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    char **path_ret)
{
	static const char *const suffixes[] = { ".ko", "", ".debug", NULL };
	static const char *const none[] = { "", NULL };
	struct kldsim__hints_result result;
	struct timespec written;
	int error;

	error = kldsim__ask_hints(sim, folder, modname, dep, true,
	    &result, &written);
	if (error != 0)
		return (error);
	if (result.outcome == KLDSIM__HINTS_OUTSIDE ||
	    result.outcome == KLDSIM__HINTS_LOOP)
		return (kldsim__judge_hints(sim, &result));
	if (result.outcome != KLDSIM__HINTS_FOUND &&
	    result.outcome != KLDSIM__HINTS_REMEMBERED)
		return (probe(sim, folder, modname, suffixes, path_ret));
	error = probe(sim, folder, result.file, none, path_ret);
	if (error == 0 && *path_ret == NULL)
		kldsim__note_gone(sim, folder, modname, &result);
	return (error);
}

int
kldsim__loader_search(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret)
{
	struct kldsim__folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	while (error == 0 && *path_ret == NULL &&
	    next_folder_of_loader(&sim->search, &cursor, &folder))
		error = search_loader_folder(sim, &folder, modname, dep,
		    path_ret);
	return (error);
}
