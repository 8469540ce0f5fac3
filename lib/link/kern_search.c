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
#include "meta/linker_hints.h"

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

/* --- linker.hints (K-13) --- */

/* A folder's linker.hints: its bytes, and when it was written. */
struct hints {
	uint8_t *bytes; /* NULL: too large to be looked at */
	uint64_t size;
	time_t written;
};

static int
read_hints(struct kldsim *sim, int fd, struct hints *hints, uint64_t *got_ret)
{
	uint64_t got = 0;

	hints->bytes = kldsim__malloc(&sim->alloc, (size_t)hints->size);
	if (hints->bytes == NULL)
		return (kldsim__nomem(sim));
	while (got < hints->size) {
		ssize_t n = pread(fd, hints->bytes + got,
		    (size_t)(hints->size - got), (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (uint64_t)n;
	}
	*got_ret = got;
	return (0);
}

/* Look in one file that is open; what is wrong with it goes to the console. */
static int
look_in_hints(struct kldsim *sim, int fd, struct hints *hints,
    const char *modname, const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result)
{
	uint64_t got = 0;
	int error;

	if (hints->size <= (uint64_t)sim->facts.hints_size_limit) {
		error = read_hints(sim, fd, hints, &got);
		if (error != 0)
			return (error);
		if (got < hints->size) {
			kldsim__hints_short_read(hints->size - got, result);
			return (0);
		}
	}
	kldsim__hints_find(hints->bytes, hints->size,
	    kldsim__arch_big(sim->arch), &sim->facts, modname, dep, result);
	return (0);
}

/* The file must be a regular one, and not behind a link (step 1). */
static int
open_hints(const char *path, struct hints *hints)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return (-1);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return (-1);
	}
	hints->bytes = NULL;
	hints->size = (uint64_t)st.st_size;
	hints->written = st.st_mtime;
	return (fd);
}

/* Ask a folder's linker.hints; outcome NONE if it has none. */
static int
ask_hints(struct kldsim *sim, const struct folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result, time_t *written_ret)
{
	char *path = join(sim, folder, "linker.hints", "");
	struct hints hints;
	int error = 0;
	int fd;

	memset(result, 0, sizeof(*result));
	if (path == NULL)
		return (kldsim__nomem(sim));
	fd = open_hints(path, &hints);
	if (fd >= 0) {
		error = look_in_hints(sim, fd, &hints, modname, dep, result);
		*written_ret = hints.written;
		kldsim__free(&sim->alloc, hints.bytes);
		(void)close(fd);
	}
	kldsim__free(&sim->alloc, path);
	return (error);
}

/* What the kernel would say of the hints, or die of. */
static int
judge_hints(struct kldsim *sim, const struct kldsim__hints_result *result)
{
	struct kldsim__where where = { .file = "linker.hints",
		.has_offset = true, .offset = result->offset };

	if (result->outcome == KLDSIM__HINTS_REFUSED)
		kldsim__console(sim, "%s", result->message);
	if (result->outcome == KLDSIM__HINTS_OUTSIDE ||
	    result->outcome == KLDSIM__HINTS_LOOP)
		return (kldsim__panic(sim, KLDSIM__F_HINTS, &where,
		    "the record at offset 0x%jx %s (%s)",
		    (uintmax_t)result->offset,
		    result->outcome == KLDSIM__HINTS_LOOP ?
		    "is met for ever: the kernel never comes back" :
		    "leads the kernel outside its buffer", result->rule));
	if (result->escapes)
		kldsim__find(sim, KLDSIM__F_HINTS, &where,
		    "the file name %s leads out of the folder", result->file);
	return (0);
}

/* Step 7: used all the same. */
static void
compare_times(struct kldsim *sim, const char *path, time_t written)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_mtime > written)
		kldsim__console(sim, "warning: KLD '%s' is newer than the "
		    "linker.hints file", path);
}

/* linker_hints_lookup() in one folder. */
static int
search_folder(struct kldsim *sim, const struct folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    char **path_ret)
{
	struct kldsim__hints_result result;
	time_t written = 0;
	int error;

	error = ask_hints(sim, folder, modname, dep, &result, &written);
	if (error == 0)
		error = judge_hints(sim, &result);
	if (error != 0)
		return (error);
	/* A record whose file is missing ends the matter here (step 8a). */
	if (result.outcome != KLDSIM__HINTS_FOUND &&
	    result.outcome != KLDSIM__HINTS_REMEMBERED)
		return (probe(sim, folder, modname, path_ret));
	error = probe(sim, folder, result.file, path_ret);
	if (error == 0 && *path_ret != NULL)
		compare_times(sim, *path_ret, written);
	return (error);
}

int
kldsim__search_module(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret)
{
	const char *cursor = sim->options.module_path;
	struct folder folder;
	int error = 0;

	*path_ret = NULL;
	while (error == 0 && *path_ret == NULL &&
	    next_folder(&cursor, &folder))
		error = search_folder(sim, &folder, modname, dep, path_ret);
	return (error);
}
