/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * linker.hints of folders, read once and asked often (K-13); in archives, where
 * nobody has written it, made.
 */

#include <string.h>

#include <kldsim/hints.h>

#include "kern/bad_news.h"
#include "meta/hints_index.h"
#include "search/search.h"
#include "source/source.h"

/* The size of no file. */
#define NOT_READ UINT64_MAX

/* The boot loader does not read a shorter one (P-13). */
#define LOADER_MIN 8u

/*
 * A folder's linker.hints as it was read last.  The kernel reads it each time
 * anew; so does this, whenever the file is not the same any more.
 */
struct kldsim__hints_file {
	struct kldsim__hints_file *next;
	char *path;
	struct kldsim__source_stat st;
	const uint8_t *bytes; /* NULL: too large to be looked at */
	uint8_t *own;    /* the same, of a file that was read */
	struct kldsim_image *made; /* or whose bytes they are */
	uint64_t missing; /* bytes that could not be read (step 3) */
	bool indexed;
	struct kldsim__hints_index index;
	struct kldsim__hints_trouble *trouble; /* NULL: nobody has looked */
	bool told; /* of it */
};

static void
forget(struct kldsim *sim, struct kldsim__hints_file *hints)
{
	if (hints->indexed)
		kldsim__hints_index_fini(&hints->index);
	kldsim__free(&sim->alloc, hints->own);
	kldsim__free(&sim->alloc, hints->trouble);
	kldsim_image_unref(hints->made);
	hints->own = NULL;
	hints->trouble = NULL;
	hints->made = NULL;
	hints->bytes = NULL;
	hints->indexed = false;
}

void
kldsim__search_fini(struct kldsim *sim)
{
	struct kldsim__hints_file *hints;

	while ((hints = sim->search.hints) != NULL) {
		sim->search.hints = hints->next;
		forget(sim, hints);
		kldsim__free(&sim->alloc, hints->path);
		kldsim__free(&sim->alloc, hints);
	}
}

static bool
is_same(const struct kldsim__source_stat *a,
    const struct kldsim__source_stat *b)
{
	return (a->device == b->device && a->number == b->number &&
	    a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	    a->mtime.tv_nsec == b->mtime.tv_nsec);
}

static int
index_hints(struct kldsim *sim, struct kldsim__hints_file *hints)
{
	switch (kldsim__hints_index_build(&hints->index, &sim->alloc,
	    hints->bytes, (size_t)hints->st.size,
	    kldsim__arch_big(sim->arch), &sim->facts)) {
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

static int
read_hints(struct kldsim *sim, const struct kldsim__open_file *file,
    struct kldsim__hints_file *hints)
{
	size_t size = (size_t)hints->st.size;

	hints->missing = 0;
	if (hints->st.size > (uint64_t)sim->facts.hints_size_limit)
		return (0);
	hints->own = kldsim__malloc(&sim->alloc, size);
	if (hints->own == NULL)
		return (kldsim__nomem(sim));
	hints->bytes = hints->own;
	hints->missing = size - kldsim__source_read(file, hints->own, size);
	return (hints->missing == 0 ? index_hints(sim, hints) : 0);
}

/* The entry of a path, made if there is none yet; NULL: no memory. */
static struct kldsim__hints_file *
entry_of(struct kldsim *sim, const char *path)
{
	struct kldsim__hints_file *hints;

	for (hints = sim->search.hints; hints != NULL; hints = hints->next)
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
	hints->st.size = NOT_READ;
	hints->next = sim->search.hints;
	sim->search.hints = hints;
	return (hints);
}

static int
failed(struct kldsim *sim, const struct kldsim_error *error)
{
	return (kldsim__fail(sim, error->status, "%s", error->text));
}

/* --- of folders that kldxref(8) has not seen --- */

static void
release_hints(void *user, const void *bytes)
{
	(void)user;
	kldsim_hints_free((void *)(uintptr_t)bytes);
}

/*
 * A package carries no linker.hints: kldxref(8) runs when it is installed.
 * Where the tool itself gives up (H-06), it leaves none.
 */
static enum kldsim_status
make_hints(struct kldsim_source *source, const char *folder,
    uint32_t osreldate, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	struct kldsim_hints_options options;
	enum kldsim_status status;
	void *bytes;
	size_t size;

	*image_ret = NULL;
	kldsim_hints_options_init(&options, sizeof(options));
	options.osreldate = osreldate;
	options.source = source;
	status = kldsim_hints_build(folder, &options, &bytes, &size, NULL,
	    error);
	if (status != KLDSIM_OK)
		return (status == KLDSIM_MALFORMED ? KLDSIM_OK : status);
	if (size == 0)
		return (KLDSIM_OK);
	return (kldsim_image_open_memory(bytes, size, "linker.hints",
	    release_hints, NULL, image_ret, error));
}

/* No file of the folder is newer than they. */
#define NEWEST ((time_t)((UINT64_C(1) << (sizeof(time_t) * 8 - 1)) - 1))

static int
take_made(struct kldsim *sim, struct kldsim__hints_file *hints,
    struct kldsim_image *image)
{
	int error = 0;

	forget(sim, hints);
	memset(&hints->st, 0, sizeof(hints->st));
	hints->st.mtime.tv_sec = NEWEST;
	hints->made = image;
	hints->missing = 0;
	hints->bytes = kldsim__image_bytes(image, &hints->st.size);
	if (hints->st.size > (uint64_t)sim->facts.hints_size_limit)
		hints->bytes = NULL;
	else
		error = index_hints(sim, hints);
	if (error != 0) {
		forget(sim, hints);
		hints->st.size = NOT_READ;
	}
	return (error);
}

/* Those of a folder in an archive, or of images, as kldxref(8) would write them. */
static int
get_made(struct kldsim *sim, const struct kldsim__folder *folder,
    struct kldsim__hints_file *hints)
{
	char *name = kldsim__folder_join(sim, folder, "", "");
	struct kldsim_image *image = NULL;
	struct kldsim_error why;
	enum kldsim_status status;
	bool in_memory = false;

	if (name == NULL)
		return (kldsim__nomem(sim));
	status = kldsim__source_in_memory(sim->search.source, name,
	    &in_memory, &why);
	if (status == KLDSIM_OK && in_memory)
		status = kldsim__source_made(sim->search.source, name,
		    sim->osreldate, make_hints, &image, &why);
	kldsim__free(&sim->alloc, name);
	if (status != KLDSIM_OK)
		return (failed(sim, &why));
	return (image != NULL ? take_made(sim, hints, image) : 0);
}

/* --- of a folder --- */

/* Whether the folder has a linker.hints: bytes that can be asked, or too many. */
static bool
is_there(const struct kldsim__hints_file *hints)
{
	return (hints->st.size != NOT_READ);
}

/* The file of a folder is open: read it, unless that has been done. */
static int
get_read(struct kldsim *sim, const struct kldsim__open_file *file,
    struct kldsim__hints_file *hints)
{
	int error;

	if (is_same(&hints->st, &file->st))
		return (0);
	forget(sim, hints);
	hints->st = file->st;
	error = read_hints(sim, file, hints);
	if (error != 0)
		hints->st.size = NOT_READ;
	return (error);
}

/* The file that was read last is there as it was: nearly always. */
static bool
is_read(const struct kldsim *sim, const char *path, bool follow,
    const struct kldsim__hints_file *hints)
{
	struct kldsim__source_stat st;

	return (is_there(hints) && kldsim__source_stat(sim->search.source,
	    path, follow, &st, NULL) == KLDSIM_OK &&
	    st.type == KLDSIM_SOURCE_FILE && is_same(&hints->st, &st));
}

/*
 * A folder's linker.hints.  It must be a regular file; whether a link to one
 * will do depends on who asks (step 1).
 */
static int
get_hints(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *path, bool follow, struct kldsim__hints_file **hints_ret)
{
	struct kldsim__hints_file *hints = entry_of(sim, path);
	struct kldsim__open_file file;
	struct kldsim_error why;
	enum kldsim_status status;
	int error = 0;

	*hints_ret = hints;
	if (hints == NULL)
		return (kldsim__nomem(sim));
	if (hints->made != NULL || is_read(sim, path, follow, hints))
		return (0);
	status = kldsim__source_open(sim->search.source, path, follow, &file,
	    &why);
	if (status != KLDSIM_OK && status != KLDSIM_SYS)
		return (failed(sim, &why));
	if (status == KLDSIM_OK && file.st.type == KLDSIM_SOURCE_FILE)
		error = get_read(sim, &file, hints);
	else if (is_there(hints)) {
		forget(sim, hints);
		hints->st.size = NOT_READ;
	}
	if (status == KLDSIM_OK)
		kldsim__source_close(&file);
	else if (sim->search.source != NULL)
		error = get_made(sim, folder, hints);
	return (error);
}

/* Whether somebody has forgotten kldxref(8), once for each folder. */
static int
tell_trouble(struct kldsim *sim, const struct kldsim__folder *folder,
    struct kldsim__hints_file *hints)
{
	const struct kldsim__where where = { .file = NULL };

	if (hints->told || hints->made != NULL)
		return (0);
	if (hints->trouble == NULL) {
		struct kldsim__hints_trouble *trouble = kldsim__malloc(
		    &sim->alloc, sizeof(*trouble));

		if (trouble == NULL || kldsim__hints_trouble(&sim->search,
		    folder, is_there(hints) ? &hints->st : NULL, trouble) !=
		    KLDSIM_OK) {
			kldsim__free(&sim->alloc, trouble);
			return (kldsim__nomem(sim));
		}
		hints->trouble = trouble;
	}
	if (hints->trouble->text[0] == '\0')
		return (0);
	if (!KLDSIM__SET(&sim->undo, hints->told, true))
		return (kldsim__nomem(sim));
	kldsim__find(sim, KLDSIM__F_HINTS_STALE, &where, "%s",
	    hints->trouble->text);
	return (0);
}

int
kldsim__ask_hints(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep, bool loader,
    struct kldsim__hints_result *result, struct timespec *written_ret)
{
	char *path = kldsim__folder_join(sim, folder, "linker.hints", "");
	struct kldsim__hints_file *hints = NULL;
	int error;

	memset(result, 0, sizeof(*result));
	if (path == NULL)
		return (kldsim__nomem(sim));
	error = get_hints(sim, folder, path, loader ||
	    sim->facts.hints_follows_link, &hints);
	kldsim__free(&sim->alloc, path);
	if (error == 0)
		error = tell_trouble(sim, folder, hints);
	if (error != 0 || !is_there(hints) ||
	    (loader && hints->st.size < LOADER_MIN))
		return (error);
	*written_ret = hints->st.mtime;
	if (hints->indexed)
		kldsim__hints_index_find(&hints->index, modname, dep, result);
	else if (hints->missing != 0)
		kldsim__hints_short_read(hints->missing, result);
	else
		kldsim__hints_find(hints->bytes, hints->st.size,
		    kldsim__arch_big(sim->arch), &sim->facts, modname, dep,
		    result);
	return (0);
}

int
kldsim__judge_hints(struct kldsim *sim, const struct kldsim__hints_result *result)
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

void
kldsim__note_gone(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *modname, const struct kldsim__hints_result *result)
{
	const struct kldsim__where where = { .file = NULL };

	kldsim__find(sim, KLDSIM__F_HINTS_GONE, &where, "the linker.hints of "
	    "%.*s has %s in %s, which is not there; no other file of the "
	    "folder is looked at", (int)folder->length, folder->name, modname,
	    result->file);
}
