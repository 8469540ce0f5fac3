/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Finding a file along kern.module_path: linker_lookup_file(),
 * linker_search_kld() and linker_search_module() of sys/kern/kern_linker.c
 * (K-10 to K-14).
 */

#include <string.h>

#include "kern/bad_news.h"
#include "link/link.h"
#include "search/search.h"
#include "source/source.h"
#include "util/path.h"

/* linker_search_kld() goes on behind the value's end (Z-65). */
static void
note_stale(struct kldsim *sim, size_t cursor)
{
	const struct kldsim__where where = { .file = NULL };

	if (cursor != strlen(sim->search.path) + 1 ||
	    sim->search.path[cursor] == '\0')
		return;
	kldsim__find(sim, KLDSIM__F_MODULE_PATH, &where,
	    "the search goes on behind the end of kern.module_path, in what "
	    "is left of an older value: %s", sim->search.path + cursor);
}

/* linker_lookup_file(): the name as it is, then with ".ko". */
static int
probe(struct kldsim *sim, const struct kldsim__folder *folder, const char *name,
    char **path_ret, struct kldsim__open_file *file_ret)
{
	static const char *const suffixes[] = { "", ".ko", NULL };
	const int error = kldsim__probe_suffixes(sim, folder, name, suffixes,
	    path_ret, file_ret);

	if (*path_ret == NULL)
		file_ret->path = NULL;
	return (error);
}

int
kldsim__search_kld(struct kldsim *sim, const char *name, char **path_ret,
    struct kldsim__open_file *file_ret)
{
	struct kldsim__folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	file_ret->path = NULL;
	/* With a slash it is a path, and nobody asks whether it is there. */
	if (strchr(name, '/') != NULL) {
		*path_ret = kldsim__strdup(&sim->alloc, name);
		return (*path_ret != NULL ? 0 : kldsim__nomem(sim));
	}
	/* One beyond what ended the component, be that a NUL. */
	while (error == 0 && *path_ret == NULL &&
	    kldsim__next_folder(&sim->search, &cursor, &folder)) {
		error = probe(sim, &folder, name, path_ret, file_ret);
		cursor++;
		if (error == 0 && *path_ret == NULL)
			note_stale(sim, cursor);
	}
	return (error);
}

/* Step 7: used all the same. */
static void
compare_times(struct kldsim *sim, const struct kldsim__open_file *file,
    const struct timespec *written)
{
	const struct timespec *mtime = &file->st.mtime;

	if (mtime->tv_sec > written->tv_sec ||
	    (mtime->tv_sec == written->tv_sec &&
	    mtime->tv_nsec > written->tv_nsec))
		kldsim__console(sim, "warning: KLD '%s' is newer than the "
		    "linker.hints file", file->path);
}

/* A copy that an upgrade has left, and that an old kldxref(8) has taken in. */
static void
note_leftover(struct kldsim *sim, const char *modname, const char *path)
{
	struct kldsim__where where = { .file = kldsim__basename(path) };
	const char *dot = strrchr(where.file, '.');

	if (dot != NULL && strcmp(dot, ".ko") != 0)
		kldsim__find(sim, KLDSIM__F_HINTS_LEFTOVER, &where,
		    "linker.hints has it for %s, and it is loaded although "
		    "its name does not end in .ko", modname);
}

/* linker_hints_lookup() in one folder. */
static int
search_folder(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    char **path_ret, struct kldsim__open_file *file_ret)
{
	struct kldsim__hints_result result;
	struct timespec written = { 0 };
	int error;

	error = kldsim__ask_hints(sim, folder, modname, dep, false,
	    &result, &written);
	if (error == 0)
		error = kldsim__judge_hints(sim, &result);
	if (error != 0)
		return (error);
	/* A record whose file is missing ends the matter here (step 8a). */
	if (result.outcome != KLDSIM__HINTS_FOUND &&
	    result.outcome != KLDSIM__HINTS_REMEMBERED)
		return (probe(sim, folder, modname, path_ret, file_ret));
	error = probe(sim, folder, result.file, path_ret, file_ret);
	if (error == 0 && *path_ret == NULL)
		kldsim__note_gone(sim, folder, modname, &result);
	if (error == 0 && *path_ret != NULL) {
		compare_times(sim, file_ret, &written);
		note_leftover(sim, modname, *path_ret);
	}
	return (error);
}

int
kldsim__search_module(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret,
    struct kldsim__open_file *file_ret)
{
	struct kldsim__folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	file_ret->path = NULL;
	while (error == 0 && *path_ret == NULL &&
	    kldsim__next_folder(&sim->search, &cursor, &folder)) {
		error = search_folder(sim, &folder, modname, dep, path_ret,
		    file_ret);
		cursor += sim->search.path[cursor] == ';';
	}
	/*
	 * FIDELITY: the kernel's own file is /boot/kernel/kernel, wherever
	 * and whatever the host's is, and a module path of the options stands
	 * for one that has /boot/kernel in it (K-33).
	 */
	if (error == 0 && *path_ret == NULL && !sim->search.path_written &&
	    strcmp(modname, "kernel") == 0) {
		*path_ret = kldsim__strdup(&sim->alloc,
		    sim->linker.kernel->pathname);
		if (*path_ret == NULL)
			return (kldsim__nomem(sim));
	}
	return (error);
}
