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
#include "meta/hints_index.h"

/* One component of the path, and what is being looked for in it. */
struct folder {
	const char *name;
	size_t length;
	bool slash; /* the kernel would add a separator */
};

/* --- kern.module_path (K-12) --- */

int
kldsim__module_path_init(struct kldsim *sim)
{
	const char *value = sim->options.module_path;
	size_t length = value != NULL ? strlen(value) : 0;

	/* Folders of the host may have longer names than the kernel's. */
	sim->module_path_size = length < KLDSIM__MAXPATHLEN ?
	    KLDSIM__MAXPATHLEN : length + 1;
	/* One NUL more: the file search looks behind a full buffer. */
	sim->module_path = kldsim__arena_calloc(&sim->arena,
	    sim->module_path_size + 1, 1);
	if (sim->module_path == NULL)
		return (kldsim__nomem(sim));
	return (length != 0 ? kldsim__module_path_write(sim, value, length) :
	    0);
}

int
kldsim__module_path_write(struct kldsim *sim, const char *value,
    size_t length)
{
	const struct kldsim__where where = { .file = NULL };

	if (!kldsim__undo_save(&sim->undo, sim->module_path,
	    sim->module_path_size))
		return (kldsim__nomem(sim));
	/* What was there before stays behind the new NUL. */
	memcpy(sim->module_path, value, length);
	sim->module_path[length] = '\0';
	if (sim->module_path[0] == ';')
		kldsim__find(sim, KLDSIM__F_MODULE_PATH, &where,
		    "kern.module_path begins with ';': each search reads the "
		    "byte before the kernel's buffer, and files are looked "
		    "for in /");
	return (0);
}

/* The next component; false at a NUL.  The cursor is then at its end. */
static bool
next_folder(const struct kldsim *sim, size_t *cursor, struct folder *folder)
{
	const char *name = sim->module_path + *cursor;
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

/* linker_search_kld() goes on behind the value's end (Z-65). */
static void
note_stale(struct kldsim *sim, size_t cursor)
{
	const struct kldsim__where where = { .file = NULL };

	if (cursor != strlen(sim->module_path) + 1 ||
	    sim->module_path[cursor] == '\0')
		return;
	kldsim__find(sim, KLDSIM__F_MODULE_PATH, &where,
	    "the search goes on behind the end of kern.module_path, in what "
	    "is left of an older value: %s", sim->module_path + cursor);
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

/* A name with each of some suffixes; NULL ends them. */
static int
probe_suffixes(struct kldsim *sim, const struct folder *folder,
    const char *name, const char *const *suffixes, char **path_ret)
{
	*path_ret = NULL;
	for (; *suffixes != NULL; suffixes++) {
		char *path = join(sim, folder, name, *suffixes);

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

/* linker_lookup_file(): the name as it is, then with ".ko". */
static int
probe(struct kldsim *sim, const struct folder *folder, const char *name,
    char **path_ret)
{
	static const char *const suffixes[] = { "", ".ko", NULL };

	return (probe_suffixes(sim, folder, name, suffixes, path_ret));
}

int
kldsim__search_kld(struct kldsim *sim, const char *name, char **path_ret)
{
	struct folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	/* With a slash it is a path, and nobody asks whether it is there. */
	if (strchr(name, '/') != NULL) {
		*path_ret = kldsim__strdup(&sim->alloc, name);
		return (*path_ret != NULL ? 0 : kldsim__nomem(sim));
	}
	/* One beyond what ended the component, be that a NUL. */
	while (error == 0 && *path_ret == NULL &&
	    next_folder(sim, &cursor, &folder)) {
		error = probe(sim, &folder, name, path_ret);
		cursor++;
		if (error == 0 && *path_ret == NULL)
			note_stale(sim, cursor);
	}
	return (error);
}

/* --- linker.hints (K-13) --- */

/*
 * A folder's linker.hints as it was read last.  The kernel reads it each time
 * anew; so does this, whenever the file is not the same any more.
 */
struct kldsim__hints_file {
	struct kldsim__hints_file *next;
	char *path;
	struct stat st;
	uint8_t *bytes;  /* NULL: too large to be looked at */
	uint64_t missing; /* bytes that could not be read (step 3) */
	bool indexed;
	struct kldsim__hints_index index;
};

static void
forget(struct kldsim *sim, struct kldsim__hints_file *hints)
{
	if (hints->indexed)
		kldsim__hints_index_fini(&hints->index);
	kldsim__free(&sim->alloc, hints->bytes);
	hints->bytes = NULL;
	hints->indexed = false;
}

void
kldsim__search_fini(struct kldsim *sim)
{
	struct kldsim__hints_file *hints;

	while ((hints = sim->hints_files) != NULL) {
		sim->hints_files = hints->next;
		forget(sim, hints);
		kldsim__free(&sim->alloc, hints->path);
		kldsim__free(&sim->alloc, hints);
	}
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return (a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtime == b->st_mtime &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec);
}

static int
read_hints(struct kldsim *sim, int fd, struct kldsim__hints_file *hints)
{
	size_t size = (size_t)hints->st.st_size, got = 0;

	hints->missing = 0;
	if (hints->st.st_size > sim->facts.hints_size_limit)
		return (0);
	hints->bytes = kldsim__malloc(&sim->alloc, size);
	if (hints->bytes == NULL)
		return (kldsim__nomem(sim));
	while (got < size) {
		ssize_t n = pread(fd, hints->bytes + got, size - got,
		    (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	hints->missing = size - got;
	if (hints->missing != 0)
		return (0);
	switch (kldsim__hints_index_build(&hints->index, &sim->alloc,
	    hints->bytes, size, kldsim__arch_big(sim->arch), &sim->facts)) {
	case KLDSIM__INDEXED:
		hints->indexed = true;
		return (0);
	case KLDSIM__NOT_INDEXED:
		kldsim__hints_index_fini(&hints->index);
		return (0);
	case KLDSIM__INDEX_NOMEM:
		break;
	}
	kldsim__hints_index_fini(&hints->index);
	return (kldsim__nomem(sim));
}

/* The entry of a path, made if there is none yet; NULL: no memory. */
static struct kldsim__hints_file *
entry_of(struct kldsim *sim, const char *path)
{
	struct kldsim__hints_file *hints;

	for (hints = sim->hints_files; hints != NULL; hints = hints->next)
		if (strcmp(hints->path, path) == 0)
			return (hints);
	hints = kldsim__calloc(&sim->alloc, 1, sizeof(*hints));
	if (hints == NULL)
		return (NULL);
	hints->path = kldsim__strdup(&sim->alloc, path);
	if (hints->path == NULL) {
		kldsim__free(&sim->alloc, hints);
		return (NULL);
	}
	hints->st.st_size = -1; /* no file is that */
	hints->next = sim->hints_files;
	sim->hints_files = hints;
	return (hints);
}

/*
 * A folder's linker.hints; *hints_ret is NULL if it has none.  It must be a
 * regular file, and not behind a link (step 1).
 */
static int
get_hints(struct kldsim *sim, const char *path,
    struct kldsim__hints_file **hints_ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct kldsim__hints_file *hints;
	struct stat st;
	int error = 0;

	*hints_ret = NULL;
	if (fd < 0)
		return (0);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		hints = entry_of(sim, path);
		if (hints == NULL)
			error = kldsim__nomem(sim);
		else if (!is_same(&hints->st, &st)) {
			forget(sim, hints);
			hints->st = st;
			error = read_hints(sim, fd, hints);
			if (error != 0)
				hints->st.st_size = -1;
		}
		*hints_ret = hints;
	}
	(void)close(fd);
	return (error);
}

/* Ask a folder's linker.hints; outcome NONE if it has none. */
static int
ask_hints(struct kldsim *sim, const struct folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result, time_t *written_ret)
{
	char *path = join(sim, folder, "linker.hints", "");
	struct kldsim__hints_file *hints = NULL;
	int error;

	memset(result, 0, sizeof(*result));
	if (path == NULL)
		return (kldsim__nomem(sim));
	error = get_hints(sim, path, &hints);
	kldsim__free(&sim->alloc, path);
	if (error != 0 || hints == NULL)
		return (error);
	*written_ret = hints->st.st_mtime;
	if (hints->indexed)
		kldsim__hints_index_find(&hints->index, modname, dep, result);
	else if (hints->missing != 0)
		kldsim__hints_short_read(hints->missing, result);
	else
		kldsim__hints_find(hints->bytes, (uint64_t)hints->st.st_size,
		    kldsim__arch_big(sim->arch), &sim->facts, modname, dep,
		    result);
	return (0);
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
	if (result->unaligned)
		kldsim__find(sim, KLDSIM__F_HINTS, &where,
		    "the length of a record is no multiple of 4: the kernel "
		    "reads the records behind it at odd places%s",
		    sim->arch->strict_alignment ? ", where this machine may "
		    "fault" : "");
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
	struct folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	while (error == 0 && *path_ret == NULL &&
	    next_folder(sim, &cursor, &folder)) {
		error = search_folder(sim, &folder, modname, dep, path_ret);
		cursor += sim->module_path[cursor] == ';';
	}
	/*
	 * FIDELITY: the kernel's own file is /boot/kernel/kernel, wherever
	 * and whatever the host's is, and a module path of the options stands
	 * for one that has /boot/kernel in it (K-33).
	 */
	if (error == 0 && *path_ret == NULL && !sim->module_path_written &&
	    strcmp(modname, "kernel") == 0) {
		*path_ret = kldsim__strdup(&sim->alloc,
		    sim->kernel->pathname);
		if (*path_ret == NULL)
			return (kldsim__nomem(sim));
	}
	return (error);
}

/* --- the boot loader (P-13) --- */

/* Its own idea of a component: no slashes at the end, none for an empty one. */
static bool
next_loader_folder(const struct kldsim *sim, size_t *cursor,
    struct folder *folder)
{
	if (!next_folder(sim, cursor, folder))
		return (false);
	*cursor += sim->module_path[*cursor] == ';';
	while (folder->length > 1 && folder->name[folder->length - 1] == '/')
		folder->length--;
	folder->slash = folder->length != 0 &&
	    folder->name[folder->length - 1] != '/';
	return (true);
}

/* mod_search_hints(): as the kernel, without a word; other suffixes. */
static int
search_loader_folder(struct kldsim *sim, const struct folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep,
    char **path_ret)
{
	static const char *const suffixes[] = { ".ko", "", ".debug", NULL };
	static const char *const none[] = { "", NULL };
	struct kldsim__hints_result result;
	time_t written;
	int error;

	error = ask_hints(sim, folder, modname, dep, &result, &written);
	if (error != 0)
		return (error);
	if (result.outcome == KLDSIM__HINTS_OUTSIDE ||
	    result.outcome == KLDSIM__HINTS_LOOP)
		return (judge_hints(sim, &result));
	if (result.outcome != KLDSIM__HINTS_FOUND &&
	    result.outcome != KLDSIM__HINTS_REMEMBERED)
		return (probe_suffixes(sim, folder, modname, suffixes,
		    path_ret));
	return (probe_suffixes(sim, folder, result.file, none, path_ret));
}

int
kldsim__loader_search(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret)
{
	struct folder folder;
	size_t cursor = 0;
	int error = 0;

	*path_ret = NULL;
	while (error == 0 && *path_ret == NULL &&
	    next_loader_folder(sim, &cursor, &folder))
		error = search_loader_folder(sim, &folder, modname, dep,
		    path_ret);
	return (error);
}
