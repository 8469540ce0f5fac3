/* SPDX-License-Identifier: BSD-2-Clause */

/* One kernel or two: which variables they have, and what differs (F-07). */

#include <stdio.h>
#include <stdlib.h>

#include "refs/refs.h"
#include "util/error.h"

const struct kldsim__refs_kernel *
kldsim__refs_last(const struct kldsim_refs_kernels *kernels)
{
	return (&kernels->kernel[kernels->count - 1]);
}

const struct kldsim__refs_variable *
kldsim__refs_of_kernel(const struct kldsim__refs_kernel *kernel,
    enum kldsim_refs_prefix prefix, const char *name)
{
	uint32_t index;

	if (prefix >= KLDSIM__REFS_SETS || !kldsim__strmap_get(
	    &kernel->names[prefix], name, &index))
		return (NULL);
	return (&kernel->refs->own.all[index]);
}

/* --- what becomes of a name --- */

static void
place_of(const struct kldsim__refs_variable *variable,
    struct kldsim_refs_place *place)
{
	if (variable == NULL)
		return;
	place->there = true;
	place->address = variable->address;
	place->offset = variable->told.offset;
	place->size = variable->told.size;
}

/* The verdict on who imports the name that was (F-09). */
static const struct {
	const char *name;
	enum kldsim_kbi_verdict verdict;
} kinds[] = {
	[KLDSIM_REFS_FOUND] = { "found", KLDSIM_KBI_NO_DIFFERENCE },
	[KLDSIM_REFS_MISSING] = { "missing", KLDSIM_KBI_WILL_NOT_LOAD },
	[KLDSIM_REFS_SAME] = { "same", KLDSIM_KBI_NO_DIFFERENCE },
	[KLDSIM_REFS_MOVED] = { "moved", KLDSIM_KBI_NO_DIFFERENCE },
	[KLDSIM_REFS_RESIZED] = { "resized", KLDSIM_KBI_REBUILD },
	[KLDSIM_REFS_RETYPED] = { "retyped", KLDSIM_KBI_REBUILD },
	[KLDSIM_REFS_UNTYPED] = { "untyped", KLDSIM_KBI_CANNOT_TELL },
	[KLDSIM_REFS_ADDED] = { "added", KLDSIM_KBI_NO_DIFFERENCE },
	[KLDSIM_REFS_REMOVED] = { "removed", KLDSIM_KBI_WILL_NOT_LOAD },
	[KLDSIM_REFS_VIRTUALIZED] = { "virtualized",
	    KLDSIM_KBI_WILL_NOT_LOAD },
	[KLDSIM_REFS_DEVIRTUALIZED] = { "devirtualized",
	    KLDSIM_KBI_WILL_NOT_LOAD },
	[KLDSIM_REFS_ELSEWHERE] = { "elsewhere", KLDSIM_KBI_NO_DIFFERENCE },
};

const char *
kldsim_refs_change_name(enum kldsim_refs_change_kind kind)
{
	return ((unsigned)kind < sizeof(kinds) / sizeof(kinds[0]) ?
	    kinds[kind].name : "?");
}

/* Both kernels have it; false: no memory. */
static bool
compare(const struct kldsim_refs_kernels *kernels, uint32_t before,
    uint32_t after, struct kldsim_refs_change *change)
{
	change->kind = change->before.address != change->after.address ||
	    change->before.offset != change->after.offset ?
	    KLDSIM_REFS_MOVED : KLDSIM_REFS_SAME;
	if (change->before.size == change->after.size)
		return (kldsim__refs_types(kernels, before, after, change));
	change->kind = KLDSIM_REFS_RESIZED;
	(void)snprintf(change->text, sizeof(change->text),
	    "%ju bytes, now %ju", (uintmax_t)change->before.size,
	    (uintmax_t)change->after.size);
	return (true);
}

/* The kernel that counts has no such variable. */
static void
tell_gone(const struct kldsim_refs_kernels *kernels,
    struct kldsim_refs_change *change)
{
	change->kind = kernels->count == 2 && change->before.there ?
	    KLDSIM_REFS_REMOVED : KLDSIM_REFS_MISSING;
	if (!kldsim__refs_is_plain(kldsim__refs_last(kernels), change->name))
		return;
	change->kind = KLDSIM_REFS_DEVIRTUALIZED;
	(void)snprintf(change->text, sizeof(change->text),
	    "the kernel has a plain %.200s", change->name);
}

static bool
find_change(const struct kldsim_refs_kernels *kernels,
    enum kldsim_refs_prefix prefix, const char *name,
    struct kldsim_refs_change *change)
{
	const struct kldsim__refs_kernel *first = &kernels->kernel[0];
	const struct kldsim__refs_variable *before = kernels->count == 2 ?
	    kldsim__refs_of_kernel(first, prefix, name) : NULL;
	const struct kldsim__refs_variable *after = kldsim__refs_of_kernel(
	    kldsim__refs_last(kernels), prefix, name);
	bool done = true;

	memset(change, 0, sizeof(*change));
	change->name = name;
	change->prefix = prefix;
	place_of(before, &change->before);
	place_of(after, &change->after);
	if (after == NULL)
		tell_gone(kernels, change);
	else if (kernels->count == 1)
		change->kind = KLDSIM_REFS_FOUND;
	else if (before != NULL)
		done = compare(kernels, before->symbol, after->symbol, change);
	else
		change->kind = kldsim__refs_is_plain(first, name) ?
		    KLDSIM_REFS_VIRTUALIZED : KLDSIM_REFS_ADDED;
	change->verdict = kinds[change->kind].verdict;
	return (done);
}

/* Of two kernels, names that one has were compared when these were read. */
void
kldsim__refs_change(const struct kldsim_refs_kernels *kernels,
    enum kldsim_refs_prefix prefix, const char *name,
    struct kldsim_refs_change *change)
{
	uint32_t index;

	if (kldsim__strmap_get(&kernels->changed[prefix], name, &index))
		*change = kernels->changes[index];
	else
		(void)find_change(kernels, prefix, name, change);
}

/* --- reading --- */

static bool
take_own(struct kldsim__refs_kernel *kernel)
{
	const struct kldsim__refs_list *own = &kernel->refs->own;

	for (uint32_t i = 0; i < own->count; i++)
		if (!kldsim__strmap_add(&kernel->names[
		    own->all[i].told.prefix], own->all[i].told.name, i))
			return (false);
	return (true);
}

/* The kernel's symbols again, for names that no variable of its sets has. */
static bool
index_kernel(struct kldsim_refs_kernels *kernels,
    struct kldsim__refs_kernel *kernel, const struct kldsim_limits *limits,
    struct kldsim_error *error)
{
	struct kldsim__refs_reader reader = { .refs = kernel->refs,
		.name = kldsim__image_name(kernel->image),
		.image = kernel->image, .limits = *limits,
		.work = limits->work, .error = error };
	bool done = kldsim__refs_open(&reader);

	if (done)
		done = (take_own(kernel) && kldsim__refs_plain_init(kernel,
		    &kernels->alloc, &reader.full)) ||
		    kldsim__refs_nomem(&reader);
	kldsim__free(&kernels->alloc, reader.shdr);
	return (done);
}

/* Names that a module without VIMAGE may not find any more. */
static bool
index_virtual(struct kldsim_refs_kernels *kernels)
{
	const struct kldsim__refs_kernel *last = kldsim__refs_last(kernels);

	for (uint32_t i = 0; i < last->refs->own.count; i++)
		if (!kldsim__strmap_add(&kernels->virtual_names,
		    last->refs->own.all[i].told.name, i))
			return (false);
	return (true);
}

bool
kldsim__refs_is_hidden(const struct kldsim_refs_kernels *kernels,
    const char *name)
{
	uint32_t ignored;

	return (kldsim__strmap_get(&kernels->virtual_names, name, &ignored) &&
	    !kldsim__refs_is_defined(kldsim__refs_last(kernels), name));
}

/* A-41; a kernel as D20278 would have it takes modules either way (J-24). */
bool
kldsim__refs_has_vnets(const struct kldsim_refs_kernels *kernels)
{
	const struct kldsim__refs_kernel *last = kldsim__refs_last(kernels);

	return (last->refs->info.set[KLDSIM_REFS_VNET] != 0 ||
	    kldsim__refs_is_defined(last, "vimage_configured"));
}

static int
by_name(const void *one, const void *other)
{
	const struct kldsim_refs_change *a = one, *b = other;

	if (a->prefix != b->prefix)
		return (a->prefix < b->prefix ? -1 : 1);
	return (strcmp(a->name, b->name));
}

static bool
add_change(struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_variable *told)
{
	if (!kldsim__grow(&kernels->alloc, &kernels->changes,
	    &kernels->changes_cap, kernels->nchanges + 1,
	    sizeof(*kernels->changes)))
		return (false);
	return (find_change(kernels, told->prefix, told->name,
	    &kernels->changes[kernels->nchanges++]));
}

static bool
index_changes(struct kldsim_refs_kernels *kernels)
{
	qsort(kernels->changes, kernels->nchanges, sizeof(*kernels->changes),
	    by_name);
	kernels->different = kldsim__calloc(&kernels->alloc, kernels->nchanges,
	    sizeof(*kernels->different));
	if (kernels->different == NULL)
		return (false);
	for (uint32_t i = 0; i < kernels->nchanges; i++) {
		const struct kldsim_refs_change *change = &kernels->changes[i];

		if (!kldsim__strmap_add(&kernels->changed[change->prefix],
		    change->name, i))
			return (false);
		if (change->kind != KLDSIM_REFS_SAME)
			kernels->different[kernels->ndifferent++] = i;
	}
	return (true);
}

/* All names of the first kernel, and those of the second that it lacks. */
static bool
find_changes(struct kldsim_refs_kernels *kernels)
{
	for (unsigned k = 0; k < kernels->count && kernels->count == 2; k++) {
		const struct kldsim__refs_list *own =
		    &kernels->kernel[k].refs->own;

		for (size_t i = 0; i < own->count; i++) {
			const struct kldsim_refs_variable *told =
			    &own->all[i].told;

			if ((k == 0 || kldsim__refs_of_kernel(
			    &kernels->kernel[0], told->prefix, told->name) ==
			    NULL) && !add_change(kernels, told))
				return (false);
		}
	}
	return (kernels->nchanges == 0 || index_changes(kernels));
}

static enum kldsim_status
read_kernel(struct kldsim_refs_kernels *kernels, struct kldsim_image *image,
    const struct kldsim_refs_options *options, struct kldsim_error *error)
{
	struct kldsim__refs_kernel *kernel = &kernels->kernel[kernels->count];
	enum kldsim_status status;

	kernel->image = kldsim_image_ref(image);
	kldsim__strmap_init(&kernel->names[0], &kernels->alloc);
	kldsim__strmap_init(&kernel->names[1], &kernels->alloc);
	kernels->count++;
	status = kldsim_refs_read(image, NULL, options, &kernel->refs, error);
	if (status == KLDSIM_OK && !index_kernel(kernels, kernel,
	    &options->limits, error))
		status = error != NULL ? error->status : KLDSIM_NOMEM;
	return (status);
}

static void
read_types(struct kldsim__refs_kernel *kernel,
    const struct kldsim_refs_options *options)
{
	struct kldsim_types_options how;

	kldsim_types_options_init(&how, sizeof(how));
	how.limits = options->limits;
	how.allocator = options->allocator;
	if (kldsim_types_read(kernel->image, &how, &kernel->types, NULL) !=
	    KLDSIM_OK)
		kernel->types = NULL;
}

static enum kldsim_status
read_all(struct kldsim_refs_kernels *kernels, struct kldsim_image *kernel,
    struct kldsim_image *kernel2, const struct kldsim_refs_options *options,
    struct kldsim_error *error)
{
	enum kldsim_status status = read_kernel(kernels, kernel, options,
	    error);

	if (status == KLDSIM_OK && kernel2 != NULL)
		status = read_kernel(kernels, kernel2, options, error);
	if (status != KLDSIM_OK)
		return (status);
	if (!kldsim__refs_same_machine(kernels->kernel[0].refs,
	    kldsim__refs_last(kernels)->refs))
		return (kldsim__error_set(error, KLDSIM_ARG,
		    "the two kernels are of different machines"));
	for (unsigned k = 0; k < kernels->count && kernels->count == 2; k++)
		read_types(&kernels->kernel[k], options);
	return (index_virtual(kernels) && find_changes(kernels) ? KLDSIM_OK :
	    KLDSIM_NOMEM);
}

enum kldsim_status
kldsim_refs_kernels_read(struct kldsim_image *kernel,
    struct kldsim_image *kernel2, const struct kldsim_refs_options *given,
    struct kldsim_refs_kernels **kernels_ret, struct kldsim_error *error_ret)
{
	struct kldsim_error error = { 0 };
	struct kldsim_refs_options options;
	struct kldsim_refs_kernels *kernels = NULL;
	enum kldsim_status status = KLDSIM_NOMEM;
	const char *wrong = kldsim__refs_options(given, &options);
	struct kldsim__alloc alloc;

	if (wrong != NULL)
		return (kldsim__error_set(error_ret, KLDSIM_ARG, "%s", wrong));
	kldsim__alloc_init(&alloc, &options.allocator);
	kernels = kldsim__calloc(&alloc, 1, sizeof(*kernels));
	if (kernels != NULL) {
		kernels->alloc = alloc;
		kldsim__strmap_init(&kernels->virtual_names, &kernels->alloc);
		kldsim__strmap_init(&kernels->provided, &kernels->alloc);
		kldsim__strmap_init(&kernels->elsewhere, &kernels->alloc);
		kldsim__strmap_init(&kernels->changed[0], &kernels->alloc);
		kldsim__strmap_init(&kernels->changed[1], &kernels->alloc);
		kernels->work = options.limits.work;
		kldsim__arena_init(&kernels->arena, &kernels->alloc);
		status = read_all(kernels, kernel, kernel2, &options, &error);
	}
	if (status == KLDSIM_OK) {
		*kernels_ret = kernels;
		return (KLDSIM_OK);
	}
	kldsim_refs_kernels_free(kernels);
	if (error.status == KLDSIM_OK)
		(void)kldsim__error_set(&error, status, "%s",
		    kldsim_status_name(status));
	if (error_ret != NULL)
		*error_ret = error;
	return (status);
}

void
kldsim_refs_kernels_free(struct kldsim_refs_kernels *kernels)
{
	struct kldsim__alloc alloc;

	if (kernels == NULL)
		return;
	alloc = kernels->alloc;
	for (unsigned k = 0; k < kernels->count; k++) {
		struct kldsim__refs_kernel *kernel = &kernels->kernel[k];

		kldsim__strmap_fini(&kernel->names[0]);
		kldsim__strmap_fini(&kernel->names[1]);
		kldsim__refs_plain_fini(kernel, &alloc);
		kldsim_types_free(kernel->types);
		kldsim_refs_free(kernel->refs);
		kldsim_image_unref(kernel->image);
	}
	kldsim__strmap_fini(&kernels->virtual_names);
	kldsim__strmap_fini(&kernels->provided);
	kldsim__strmap_fini(&kernels->elsewhere);
	kldsim__strmap_fini(&kernels->changed[0]);
	kldsim__strmap_fini(&kernels->changed[1]);
	kldsim__arena_fini(&kernels->arena);
	kldsim__free(&alloc, kernels->files);
	kldsim__free(&alloc, kernels->changes);
	kldsim__free(&alloc, kernels->different);
	kldsim__free(&alloc, kernels);
}

enum kldsim_status
kldsim_refs_change(const struct kldsim_refs_kernels *kernels, uint32_t index,
    struct kldsim_refs_change *change_ret)
{
	memset(change_ret, 0, sizeof(*change_ret));
	if (index >= kernels->ndifferent)
		return (KLDSIM_NOENT);
	*change_ret = kernels->changes[kernels->different[index]];
	return (KLDSIM_OK);
}
