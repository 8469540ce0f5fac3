/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From a name to an address across files: linker_file_lookup_symbol() of
 * sys/kern/kern_linker.c (O-60), and what stands for calling a resolver.
 */

#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/trace.h"
#include "kern/vimage_runtime.h"

/* The options' answer for an ifunc of a file, or NULL. */
static const struct kldsim_ifunc *
find_answer(const struct kldsim *sim, const struct kldsim__file *file,
    const char *name)
{
	for (size_t i = 0; i < sim->options.nifuncs; i++) {
		const struct kldsim_ifunc *answer = &sim->options.ifuncs[i];
		const char *of = answer->file != NULL ? answer->file :
		    sim->linker.kernel->filename;

		if (strcmp(of, file->filename) == 0 &&
		    strcmp(answer->symbol, name) == 0)
			return (answer);
	}
	return (NULL);
}

/* The address of a symbol as its own file has it; of an ifunc, its answer. */
static int
answered_symbol(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr *value_ret)
{
	struct kldsim__symref sym;
	kldsim_size size;
	int error = file->class->lookup_symbol(sim, file, name, &sym);

	if (error != 0)
		return (error);
	return (file->class->symbol_values(sim, file, &sym, value_ret,
	    &size));
}

#define MISSED(l) KLDSIM__ENTRY(l, struct kldsim__missed_ifunc, by_resolver)

/* Each of them is noted once. */
static int
note_missing(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_addr resolver)
{
	const uint32_t hash = kldsim__hash_number(&sim->ifuncs.missed,
	    resolver);
	struct kldsim__missed_ifunc *missed;

	KLDSIM__FOREACH_HASHED(entry, &sim->ifuncs.missed, hash)
		if (MISSED(entry)->resolver == resolver)
			return (0);
	missed = kldsim__arena_alloc(&sim->arena, sizeof(*missed));
	if (missed == NULL)
		return (kldsim__nomem(sim));
	missed->next = NULL;
	missed->resolver = resolver;
	missed->file = file;
	missed->name = name;
	if (!kldsim__buckets_insert(&sim->ifuncs.missed,
	    &missed->by_resolver, hash) || !KLDSIM__SET(&sim->undo,
	    *(sim->ifuncs.first == NULL ? &sim->ifuncs.first :
	    &sim->ifuncs.last->next), missed) ||
	    !KLDSIM__SET(&sim->undo, sim->ifuncs.last, missed))
		return (kldsim__nomem(sim));
	return (0);
}

/* As the option --ifunc wants them: "memcpy, m.ko:pick and 3 more". */
static size_t
list_missed(const struct kldsim *sim, char *text, size_t size,
    size_t *nameless_ret)
{
	const struct kldsim__missed_ifunc *missed;
	size_t n = 0, count = 0, left = 0;
	char one[200];

	*text = '\0';
	*nameless_ret = 0;
	for (missed = sim->ifuncs.first; missed != NULL;
	    missed = missed->next) {
		const bool kernel = missed->file == sim->linker.kernel;

		*nameless_ret += missed->name[0] == '\0';
		if (missed->name[0] == '\0')
			continue;
		count++;
		(void)snprintf(one, sizeof(one), "%s%s%s", kernel ? "" :
		    missed->file->filename, kernel ? "" : ":",
		    missed->name);
		if (left != 0 || n + strlen(one) + 32 > size)
			left++;
		else
			n += (size_t)snprintf(text + n, size - n, "%s%s",
			    n != 0 ? ", " : "", one);
	}
	if (left != 0)
		(void)snprintf(text + n, size - n, " and %zu more", left);
	return (count);
}

int
kldsim__tell_missed_ifuncs(struct kldsim *sim)
{
	const struct kldsim__missed_ifunc *first = sim->ifuncs.first;
	struct kldsim__where where = { .file = NULL };
	size_t count, nameless;
	char names[400];

	if (first == NULL)
		return (0);
	count = list_missed(sim, names, sizeof(names), &nameless);
	where.symbol = count + nameless == 1 && *first->name != '\0' ?
	    first->name : NULL;
	if (nameless != 0)
		kldsim__find(sim, KLDSIM__F_IFUNC_UNANSWERED, &where,
		    "the resolvers of %zu ifunc%s cannot be run here%s%s, %zu "
		    "of them without a name; references get the resolvers' "
		    "own addresses, or what --ifunc NAME=TARGET says",
		    count + nameless, count + nameless == 1 ? "" : "s",
		    count != 0 ? ": " : "", names, nameless);
	else
		kldsim__find(sim, KLDSIM__F_IFUNC_UNANSWERED, &where,
		    "the resolver%s of %s cannot be run here; references get "
		    "%s own address%s, or what --ifunc NAME=TARGET says",
		    count == 1 ? "" : "s", names, count == 1 ? "its" :
		    "their", count == 1 ? "" : "es");
	return (KLDSIM__SET(&sim->undo, sim->ifuncs.first, NULL) ? 0 :
	    kldsim__nomem(sim));
}

/*
 * An ifunc may be answered by an ifunc, and that one by another.  So many in a
 * row, each a call of ours, are more than anybody means: they lead in a circle.
 */
#define MOST_ANSWERS 16u

/* The value of the symbol that is answered: of the same file or the kernel. */
static int
answer_by_name(struct kldsim *sim, struct kldsim__file *file,
    const char *name, const char *target, kldsim_addr *value_ret)
{
	int error;

	if (sim->ifuncs.nanswering == MOST_ANSWERS)
		return (kldsim__fail(sim, KLDSIM_ARG, "ifunc %s of %s is "
		    "answered by %s: more than %u answers lead from one to "
		    "the next, or back", name, file->filename, target,
		    MOST_ANSWERS));
	sim->ifuncs.nanswering++;
	error = answered_symbol(sim, file, target, value_ret);
	if (error > 0 && file != sim->linker.kernel)
		error = answered_symbol(sim, sim->linker.kernel, target, value_ret);
	sim->ifuncs.nanswering--;
	if (error > 0)
		return (kldsim__fail(sim, KLDSIM_ARG, "ifunc %s of %s is "
		    "answered by %s, which is no symbol of it", name,
		    file->filename, target));
	return (error);
}

int
kldsim__call_resolver(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr resolver, kldsim_addr *value_ret)
{
	const struct kldsim_ifunc *answer = find_answer(sim, file, name);
	struct kldsim__where where = { .file = file->filename,
		.symbol = name };

	if (!kldsim__aspace_mapped(&sim->space, resolver, 1))
		return (kldsim__panic(sim, KLDSIM__F_BLIND_CALL, &where,
		    "the resolver of ifunc %s is at 0x%jx, where nothing is; "
		    "the kernel would have called it", name,
		    (uintmax_t)resolver));
	*value_ret = resolver;
	if (answer == NULL)
		return (note_missing(sim, file, name, resolver));
	if (answer->target == NULL) {
		*value_ret = answer->address;
		return (0);
	}
	if (strcmp(answer->target, name) == 0)
		return (0); /* the ifunc itself: its resolver, without a note */
	return (answer_by_name(sim, file, name, answer->target, value_ret));
}

bool
kldsim__resolver_answers_0(struct kldsim *sim, struct kldsim__file *file,
    const char *name)
{
	const struct kldsim_ifunc *answer = find_answer(sim, file, name);
	struct kldsim__symref sym;

	return (answer != NULL && answer->target == NULL &&
	    answer->address == 0 &&
	    file->class->lookup_symbol(sim, file, name, &sym) == 0);
}

/* Room for a struct linker_file, whatever is in it. */
#define LINKER_FILE 512u

/*
 * __this_linker_file (V-14): a pointer to what the kernel has on its heap.
 * Nobody can tell where, so that a file without the options' answer gets a
 * place of its own there.
 */
static int
this_linker_file(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr *value_ret)
{
	struct kldsim__where where = { .file = file->filename,
		.symbol = "__this_linker_file" };
	kldsim_addr place;

	for (size_t i = 0; i < sim->options.nlinker_files; i++)
		if (strcmp(sim->options.linker_files[i].file,
		    file->filename) == 0) {
			*value_ret = sim->options.linker_files[i].address;
			return (0);
		}
	if (file->object == 0) {
		if (!kldsim__aspace_first_fit(&sim->space, sim->arch->heap,
		    sim->arch->heap_end, LINKER_FILE, 16, &place) ||
		    kldsim__aspace_map(&sim->space, place, LINKER_FILE, NULL,
		    0) == NULL ||
		    !KLDSIM__SET(&sim->undo, file->object, place))
			return (kldsim__nomem(sim));
		kldsim__find(sim, KLDSIM__F_THIS_LINKER_FILE, &where,
		    "the kernel's own struct for the file is wherever malloc(9) "
		    "has put it; 0x%jx stands for that, or what "
		    "--this-linker-file %s=ADDR says", (uintmax_t)place,
		    file->filename);
	}
	*value_ret = file->object;
	return (0);
}

#define COMMON(l) KLDSIM__ENTRY(l, struct kldsim__common, by_name)

/* Storage for a common that nobody defines, once for a name (O-60). */
static int
lookup_common(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_size size, kldsim_addr *value_ret)
{
	const uint32_t hash = kldsim__hash_name(&sim->linker.commons_by_name, name,
	    strlen(name));
	struct kldsim__common *common;

	KLDSIM__FOREACH_HASHED(entry, &sim->linker.commons_by_name, hash) {
		common = COMMON(entry);
		if (common->file != file || strcmp(common->name, name) != 0)
			continue;
		*value_ret = common->address;
		return (0);
	}
	size = kldsim__roundup2(size, 4);
	if (kldsim__limited(sim, &sim->options.limits.map_bytes, size,
	    "%s: bytes of the common symbol %s", file->filename, name) != 0)
		return (KLDSIM__ABORT);
	common = kldsim__arena_alloc(&file->arena, sizeof(*common));
	if (common == NULL || (common->name =
	    kldsim__arena_strdup(&file->arena, name)) == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__aspace_first_fit(&sim->space, sim->arch->heap,
	    sim->arch->heap_end, size, 16, &common->address) ||
	    kldsim__aspace_map(&sim->space, common->address, size, NULL, 0) ==
	    NULL)
		return (kldsim__nomem(sim));
	common->file = file;
	common->next = file->commons;
	if (!KLDSIM__SET(&sim->undo, file->commons, common) ||
	    !kldsim__buckets_insert(&sim->linker.commons_by_name, &common->by_name,
	    hash))
		return (kldsim__nomem(sim));
	*value_ret = common->address;
	return (0);
}

/*
 * The file's own symbol; a common shows as size without a value, and so does
 * an ifunc whose resolver answers 0, unless the size is its target's.
 */
static int
lookup_own(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_addr *value_ret, kldsim_size *common_ret)
{
	struct kldsim__symref sym;
	int error;

	*value_ret = 0;
	*common_ret = 0;
	error = file->class->lookup_symbol(sim, file, name, &sym);
	if (error > 0)
		return (0);
	if (error == 0)
		error = file->class->symbol_values(sim, file, &sym, value_ret,
		    common_ret);
	if (*common_ret == KLDSIM__SIZE_OF_TARGET)
		*common_ret = 0; /* nothing with a size is at 0 (O-63) */
	return (error > 0 ? 0 : error);
}

/* Who imports nothing from there needs no look at its names (G-12). */
static void
note_locks(const struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr value)
{
	const struct kldsim__built *built = &sim->built;

	if (!built->asked || value - built->locks < built->nlocks)
		file->near_locks = true;
}

/* Each by its own names alone, the first that has it. */
static int
lookup_in_deps(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr *value_ret)
{
	int error = 0;

	*value_ret = 0;
	for (size_t i = 0; error == 0 && *value_ret == 0 && i < file->ndeps;
	    i++) {
		error = kldsim__lookup(sim, file->deps[i], name, false,
		    value_ret);
		if (error == 0 && *value_ret != 0)
			note_locks(sim, file, *value_ret);
		if (error == 0 && kldsim__traced(sim))
			kldsim__trace_lookup(sim, file, file->deps[i], i + 1,
			    name, *value_ret);
	}
	return (error);
}

static bool
is_this_linker_file(const struct kldsim *sim, const char *name)
{
	return (sim->facts.this_linker_file &&
	    strcmp(name, "__this_linker_file") == 0);
}

int
kldsim__lookup(struct kldsim *sim, struct kldsim__file *file,
    const char *name, bool deps, kldsim_addr *value_ret)
{
	kldsim_size common;
	int error;

	*value_ret = 0;
	if (is_this_linker_file(sim, name))
		return (file == sim->linker.kernel ? 0 :
		    this_linker_file(sim, file, value_ret));
	error = lookup_own(sim, file, name, value_ret, &common);
	if (error == 0 && *value_ret == 0 && file == sim->linker.kernel)
		error = kldsim__runtime_lookup(sim, name, value_ret);
	if (deps && error == 0 && kldsim__traced(sim))
		kldsim__trace_lookup(sim, file, file, 0, name, *value_ret);
	if (error == 0 && *value_ret == 0 && deps)
		error = lookup_in_deps(sim, file, name, value_ret);
	if (error != 0 || *value_ret != 0 || common == 0)
		return (error);
	return (lookup_common(sim, file, name, common, value_ret));
}

int
kldsim__lookup_elsewhere(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr *value_ret)
{
	return (kldsim__traced(sim) || is_this_linker_file(sim, name) ?
	    kldsim__lookup(sim, file, name, true, value_ret) :
	    lookup_in_deps(sim, file, name, value_ret));
}

int
kldsim__search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *difference_ret,
    struct kldsim__file **file_ret)
{
	bool found = false;

	/* Each file has to be strictly nearer; the first, than 0 (O-64). */
	*difference_ret = address;
	KLDSIM__FOREACH(l, &sim->linker.files) {
		struct kldsim__file *file = KLDSIM__FILE(l);
		struct kldsim__nearest nearest;
		int error = file->class->search_symbol(sim, file, address,
		    &nearest);

		if (error < 0)
			return (error);
		if (error != 0 || nearest.difference >= *difference_ret)
			continue;
		found = true;
		*name_ret = nearest.name;
		*difference_ret = nearest.difference;
		*file_ret = file;
	}
	return (found ? 0 : KLDSIM__ENOENT);
}

int
kldsim__kernel_symbol(struct kldsim *sim, const char *name, kldsim_addr *value_ret,
    kldsim_size *size_ret)
{
	const struct kldsim__linker_class *class = sim->linker.kernel->class;
	const int leak_locals = sim->options.leak_locals;
	struct kldsim__symref sym;
	int error;

	*value_ret = 0;
	*size_ret = 0;
	/* The kernel knows its own statics, whatever the sysctl says. */
	sim->options.leak_locals = 1;
	error = class->lookup_symbol(sim, sim->linker.kernel, name, &sym);
	sim->options.leak_locals = leak_locals;
	if (error == 0)
		error = class->symbol_values(sim, sim->linker.kernel, &sym,
		    value_ret, size_ret);
	return (error > 0 ? 0 : error);
}
