/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The list of linker files as sys/kern/kern_linker.c keeps it in memory, which
 * is where kgdb and LLDB look for modules (E-01 to E-06, E-70).  The files'
 * paths are the host's, so that they are found.
 */

#include "core/overlay.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/question.h"

#define LINKER_PATH_SIZE 1024 /* char linker_path[MAXPATHLEN] (K-12) */
#define LINKER_FILE_LINKED 1
/* More than any release's struct linker_file; what E-01 lacks is zeros. */
#define RECORD_SIZE 256

/* E-01: where members are, in 64 and in 32 bit kernels. */
enum member {
	REFS, USERREFS, FLAGS, NEXT, PREV, FILENAME, PATHNAME, ID, ADDRESS, SIZE
};

static const struct {
	unsigned lp64;
	unsigned ilp32;
	bool is_int;
} members[] = {
	[REFS] = { 8, 4, true },
	[USERREFS] = { 12, 8, true },
	[FLAGS] = { 16, 12, true },
	[NEXT] = { 24, 16, false },
	[PREV] = { 32, 20, false },
	[FILENAME] = { 40, 24, false },
	[PATHNAME] = { 48, 28, false },
	[ID] = { 56, 32, true },
	[ADDRESS] = { 64, 36, false },
	[SIZE] = { 72, 40, false },
};

/* The list while it is being made. */
struct list {
	struct kldsim__overlay *overlay;
	unsigned word;
	bool big;
	size_t nfiles;
	const char **paths;
	kldsim_addr address; /* of the records, and the strings behind them */
	uint8_t *bytes;
	size_t strings;      /* where the next one goes */
};

static void
put(const struct list *list, size_t number, enum member which,
    kldsim_addr value)
{
	unsigned offset = list->word == 8 ? members[which].lp64 :
	    members[which].ilp32;

	kldsim__store(list->bytes + number * RECORD_SIZE + offset,
	    members[which].is_int ? 4 : list->word, list->big, value);
}

static kldsim_addr
put_string(struct list *list, const char *string)
{
	const kldsim_addr address = list->address + list->strings;
	const size_t size = strlen(string) + 1;

	memcpy(list->bytes + list->strings, string, size);
	list->strings += size;
	return (address);
}

static kldsim_addr
record(const struct list *list, size_t number)
{
	return (list->address + number * RECORD_SIZE);
}

/* Where the pointer to a record lies: in the one before, or the head. */
static kldsim_addr
link_to(const struct list *list, size_t number, kldsim_addr head)
{
	return (number == 0 ? head : record(list, number - 1) +
	    (list->word == 8 ? members[NEXT].lp64 : members[NEXT].ilp32));
}

static void
put_file(struct list *list, size_t n, const struct kldsim__file *file,
    kldsim_addr head)
{
	put(list, n, REFS, (uint32_t)file->refs);
	put(list, n, USERREFS, (uint32_t)file->userrefs);
	put(list, n, FLAGS, file->linked ? LINKER_FILE_LINKED : 0);
	put(list, n, NEXT, n + 1 < list->nfiles ? record(list, n + 1) : 0);
	put(list, n, PREV, link_to(list, n, head));
	put(list, n, FILENAME, put_string(list, file->filename));
	put(list, n, PATHNAME, put_string(list, list->paths[n]));
	put(list, n, ID, (uint32_t)file->id);
	put(list, n, ADDRESS, file->address);
	put(list, n, SIZE, file->size);
}

/* Count the files and what their names take. */
static int
measure(struct list *list, size_t *size_ret)
{
	struct kldsim__overlay *overlay = list->overlay;
	struct kldsim *sim = overlay->sim;
	size_t n = 0;

	KLDSIM__FOREACH(l, &sim->linker.files)
		list->nfiles++;
	list->paths = kldsim__arena_calloc(&overlay->arena, list->nfiles,
	    sizeof(*list->paths));
	if (list->paths == NULL)
		return (kldsim__nomem(sim));
	list->strings = list->nfiles * RECORD_SIZE;
	*size_ret = list->strings;
	KLDSIM__FOREACH(l, &sim->linker.files) {
		const char *path = kldsim__overlay_path(overlay,
		    KLDSIM__FILE(l));

		if (path == NULL)
			return (KLDSIM__ABORT);
		*size_ret += strlen(KLDSIM__FILE(l)->filename) + 1 +
		    strlen(path) + 1;
		list->paths[n++] = path;
	}
	return (0);
}

/* Records on the heap, and the head that leads to them (N-05). */
static int
put_list(struct list *list, kldsim_addr head, uint8_t *head_bytes)
{
	size_t size = 0, n = 0;
	int error = measure(list, &size);

	if (error == 0)
		error = kldsim__overlay_add(list->overlay, size,
		    &list->address, &list->bytes);
	if (error != 0)
		return (error);
	KLDSIM__FOREACH(l, &list->overlay->sim->linker.files)
		put_file(list, n++, KLDSIM__FILE(l), head);
	kldsim__store(head_bytes, list->word, list->big, record(list, 0));
	kldsim__store(head_bytes + list->word, list->word, list->big,
	    link_to(list, n, head));
	return (0);
}

/* A variable of the kernel, NULL in *bytes_ret: it has none of that size. */
static int
variable(struct kldsim__overlay *overlay, const char *name, size_t size,
    kldsim_addr *address_ret, uint8_t **bytes_ret)
{
	struct kldsim *sim = overlay->sim;
	struct kldsim__question question = kldsim__question_begin(sim);
	kldsim_size st_size;
	int error;

	*bytes_ret = NULL;
	error = kldsim__kernel_symbol(sim, name, address_ret, &st_size);
	kldsim__question_end(sim, &question);
	if (error == 0 && *address_ret != 0 &&
	    kldsim__aspace_mapped(&sim->space, *address_ret, size))
		return (kldsim__overlay_replace(overlay, *address_ret, size,
		    bytes_ret));
	kldsim__find(sim, KLDSIM__F_DEBUGGER_BLIND,
	    &(struct kldsim__where){ .file = sim->linker.kernel->filename,
	    .symbol = name }, "the kernel has no symbol %s: kgdb and LLDB "
	    "find no modules by themselves", name);
	return (0);
}

static void
put_path(const struct kldsim__overlay *overlay, uint8_t *bytes)
{
	const char *path = overlay->sim->search.path;
	size_t length = path == NULL ? 0 : strlen(path);

	/* More does not fit the kernel's own either. */
	if (length < LINKER_PATH_SIZE && length != 0)
		memcpy(bytes, path, length);
}

int
kldsim__overlay_files(struct kldsim__overlay *overlay)
{
	struct kldsim *sim = overlay->sim;
	struct list list = { .overlay = overlay,
		.word = kldsim__arch_ptrsz(sim->arch),
		.big = kldsim__arch_big(sim->arch) };
	kldsim_addr head, address;
	uint8_t *bytes, *kernel;
	int error;

	error = variable(overlay, "linker_files", 2 * list.word, &head,
	    &bytes);
	if (error == 0 && bytes != NULL)
		error = put_list(&list, head, bytes);
	if (error != 0 || bytes == NULL)
		return (error);
	error = variable(overlay, "linker_kernel_file", list.word, &address,
	    &kernel);
	if (error == 0 && kernel != NULL)
		kldsim__store(kernel, list.word, list.big, record(&list, 0));
	if (error == 0)
		error = variable(overlay, "linker_path", LINKER_PATH_SIZE,
		    &address, &bytes);
	if (error == 0 && bytes != NULL)
		put_path(overlay, bytes);
	return (error);
}
