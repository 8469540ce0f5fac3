/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files that a linker.hints leads to, and that are no modules (K-13).  Only
 * folders of which every module is checked are looked at.
 */

#include "check/guilt.h"

#include <stdio.h>
#include <string.h>

#include <kldsim/hints.h>
#include <kldsim/source.h>

#include "elf/recognise.h"
#include "kern/sim.h"
#include "source/source.h"
#include "util/path.h"
#include "util/strmap.h"

/* More than the kernel reads (K-13). */
#define MOST_BYTES 1048576u

struct folder {
	struct kldsim_check *check;
	const char *path;   /* with its last slash, */
	size_t length;      /* so many bytes of it */
	const char *hints;  /* the path of its linker.hints */
	const struct kldsim__strmap *entries; /* all modules, by path */
	struct kldsim__strmap seen; /* paths of files */
};

static char *
join(struct folder *folder, const char *name)
{
	const size_t size = folder->length + strlen(name) + 1;
	char *path = kldsim__arena_alloc(&folder->check->arena, size);

	if (path != NULL)
		(void)snprintf(path, size, "%.*s%s", (int)folder->length,
		    folder->path, name);
	return (path);
}

static bool
ends_in_ko(const char *name)
{
	const char *dot = strrchr(name, '.');

	return (dot != NULL && strcmp(dot, ".ko") == 0);
}

/* What it is, as far as anybody knows.  False: no memory. */
static bool
ask_kind(struct folder *folder, const char *path, enum kldsim__kind *kind_ret)
{
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_image(folder->check->source,
	    path, &image, NULL);

	*kind_ret = KLDSIM__KIND_UNKNOWN;
	if (status != KLDSIM_OK)
		return (status != KLDSIM_NOMEM);
	*kind_ret = kldsim__recognise(image);
	kldsim_image_unref(image);
	return (true);
}

/* NULL: it is a module, or nobody knows. */
static const char *
what_else(enum kldsim__kind kind)
{
	return (kind != KLDSIM__KIND_MODULE ? kldsim__kind_name(kind) : NULL);
}

/* A file that nobody has named, as it is no .ko. */
static bool
judge_other(struct folder *folder, const char *path,
    const struct kldsim_hints_record *record)
{
	struct kldsim_check *check = folder->check;
	enum kldsim__kind kind;
	const char *what;

	if (ends_in_ko(record->file))
		return (true);
	if (!ask_kind(folder, path, &kind))
		return (false);
	/* kldxref(8) takes the kernel, too (H-08); what that has is loaded. */
	if (kind == KLDSIM__KIND_KERNEL)
		return (true);
	what = what_else(kind);
	return ((what != NULL ? kldsim__check_guilty(check,
	    KLDSIM__F_HINTS_NO_MODULE, SIZE_MAX, path, NULL, "is %s, and %.300s "
	    "has %.200s in it", what, folder->hints, record->name) :
	    kldsim__check_guilty(check, KLDSIM__F_HINTS_LEFTOVER, SIZE_MAX,
	    path, NULL, "its name does not end in .ko, and %.300s has %.200s "
	    "in it", folder->hints, record->name)) != NULL);
}

static bool
judge_file(struct folder *folder, const char *path,
    const struct kldsim_hints_record *record)
{
	struct kldsim_check *check = folder->check;
	struct kldsim_source_file file;
	enum kldsim_status status = kldsim_source_stat(check->source, path,
	    &file, NULL);
	enum kldsim__kind kind;
	uint32_t index;
	const char *what;

	if (status != KLDSIM_OK)
		return (status != KLDSIM_NOMEM && kldsim__check_guilty(check,
		    KLDSIM__F_HINTS_GONE, SIZE_MAX, path, NULL, "is not "
		    "there, and %.300s has %.200s in it", folder->hints,
		    record->name) != NULL);
	if (!kldsim__strmap_get(folder->entries, path, &index))
		return (judge_other(folder, path, record));
	if (check->guilts->kept[index].verdicts[0] != KLDSIM_CHECK_NO_MODULE)
		return (true);
	if (!ask_kind(folder, path, &kind))
		return (false);
	what = what_else(kind);
	return (kldsim__check_guilty(check, KLDSIM__F_HINTS_NO_MODULE, index,
	    path, NULL, "is %s, and %.300s has %.200s in it", what != NULL ?
	    what : "no module", folder->hints, record->name) != NULL);
}

/* Each file once; a name that leads out of the folder has its own finding. */
static bool
judge_record(struct folder *folder, const struct kldsim_hints_record *record)
{
	uint32_t ignored;
	char *path;

	if ((record->kind != KLDSIM_HINTS_MODULE &&
	    record->kind != KLDSIM_HINTS_VERSION) ||
	    record->file[0] == '\0' || strchr(record->file, '/') != NULL)
		return (true);
	path = join(folder, record->file);
	if (path == NULL)
		return (false);
	if (kldsim__strmap_get(&folder->seen, path, &ignored))
		return (true);
	return (kldsim__strmap_add(&folder->seen, path, 0) &&
	    judge_file(folder, path, record));
}

static bool
read_hints(struct folder *folder, const struct kldsim__open_file *file)
{
	struct kldsim_check *check = folder->check;
	const size_t most = file->st.size < MOST_BYTES ?
	    (size_t)file->st.size : MOST_BYTES;
	uint8_t *bytes = kldsim__malloc(&check->alloc, most + 1);
	struct kldsim_hints_record record;
	bool good = bytes != NULL;
	size_t size, at = 0;

	if (bytes == NULL)
		return (false);
	size = kldsim__source_read(file, bytes, most);
	while (good && kldsim_hints_next(bytes, size, &at, &record, NULL) ==
	    KLDSIM_OK)
		good = judge_record(folder, &record);
	kldsim__free(&check->alloc, bytes);
	return (good);
}

static bool
check_folder(struct kldsim_check *check,
    const struct kldsim__strmap *entries, const char *path)
{
	struct folder folder = { .check = check, .path = path,
		.length = (size_t)(kldsim__basename(path) - path),
		.entries = entries };
	struct kldsim__open_file file;
	enum kldsim_status status;
	bool good;

	folder.hints = join(&folder, "linker.hints");
	if (folder.hints == NULL)
		return (false);
	status = kldsim__source_open(check->source, folder.hints,
	    check->sim->facts.hints_follows_link, &file, NULL);
	if (status != KLDSIM_OK)
		return (status != KLDSIM_NOMEM);
	kldsim__strmap_init(&folder.seen, &check->alloc);
	good = file.st.type != KLDSIM_SOURCE_FILE ||
	    read_hints(&folder, &file);
	kldsim__strmap_fini(&folder.seen);
	kldsim__source_close(&file);
	return (good);
}

bool
kldsim__check_hints(struct kldsim_check *check)
{
	struct kldsim__strmap entries;
	const char *last = NULL;
	size_t length = 0;
	bool good = true;

	kldsim__strmap_init(&entries, &check->alloc);
	for (size_t i = 0; i < check->count && good; i++)
		good = kldsim__strmap_add(&entries, check->entries[i].path,
		    (uint32_t)i);
	/* Modules of one folder are beside each other. */
	for (size_t i = 0; i < check->count && good; i++) {
		const char *path = check->entries[i].path;

		if (!check->entries[i].whole || (last != NULL &&
		    (size_t)(kldsim__basename(path) - path) == length &&
		    strncmp(last, path, length) == 0))
			continue;
		last = path;
		length = (size_t)(kldsim__basename(path) - path);
		good = check_folder(check, &entries, path);
	}
	kldsim__strmap_fini(&entries);
	return (good);
}
