/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Finding a file along kern.module_path: linker_lookup_file(),
 * linker_search_kld() and linker_search_module() of sys/kern/kern_linker.c
 * (K-10 to K-14).  The folders are the host's.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link/link.h"

/* One component of the path, and what is being looked for in it. */
struct folder {
	const char *name;
	size_t length;
	bool slash; /* the kernel would add a separator */
};

/* The next component; false at the end. */
static bool
next_folder(const char **cursor, struct folder *folder)
{
	const char *start = *cursor;

	if (start == NULL)
		return (false);
	folder->name = start;
	folder->length = strcspn(start, ";");
	/*
	 * The kernel looks at the character before the end, which for an
	 * empty component is the one before the component (Z-64).
	 */
	folder->slash = folder->length == 0 ||
	    start[folder->length - 1] != '/';
	*cursor = start[folder->length] == ';' ? start + folder->length + 1 :
	    NULL;
	return (true);
}

static char *
join(struct kldsim *sim, const struct folder *folder, const char *name,
    const char *suffix)
{
	size_t size = folder->length + strlen(name) + strlen(suffix) + 2;
	char *path = kldsim__malloc(&sim->alloc, size);

	if (path != NULL)
		(void)snprintf(path, size, "%.*s%s%s%s", (int)folder->length,
		    folder->name, folder->slash ? "/" : "", name, suffix);
	return (path);
}

/* Whether a file is there, can be read and is regular (K-11). */
static bool
is_candidate(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool regular;

	if (fd < 0)
		return (false);
	regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	(void)close(fd);
	return (regular);
}

/* linker_lookup_file(): the name as it is, then with ".ko". */
static int
probe(struct kldsim *sim, const struct folder *folder, const char *name,
    char **path_ret)
{
	static const char *const suffixes[] = { "", ".ko" };

	*path_ret = NULL;
	for (size_t i = 0; i < 2; i++) {
		char *path = join(sim, folder, name, suffixes[i]);

		if (path == NULL)
			return (kldsim__nomem(sim));
		if (is_candidate(path)) {
			*path_ret = path;
			return (0);
		}
		kldsim__free(&sim->alloc, path);
	}
	return (0);
}

int
kldsim__search_kld(struct kldsim *sim, const char *name, char **path_ret)
{
	const char *cursor = sim->options.module_path;
	struct folder folder;
	int error = 0;

	*path_ret = NULL;
	/* With a slash it is a path, and nobody asks whether it is there. */
	if (strchr(name, '/') != NULL) {
		*path_ret = kldsim__strdup(&sim->alloc, name);
		return (*path_ret != NULL ? 0 : kldsim__nomem(sim));
	}
	while (error == 0 && *path_ret == NULL &&
	    next_folder(&cursor, &folder))
		error = probe(sim, &folder, name, path_ret);
	return (error);
}

int
kldsim__search_module(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret)
{
	const char *cursor = sim->options.module_path;
	struct folder folder;
	int error = 0;

	(void)dep;
	*path_ret = NULL;
	while (error == 0 && *path_ret == NULL &&
	    next_folder(&cursor, &folder))
		error = probe(sim, &folder, modname, path_ret);
	return (error);
}
