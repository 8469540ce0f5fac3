/* SPDX-License-Identifier: BSD-2-Clause */

/* What becomes of what a file imports (F-06, F-09). */

#include <stdio.h>

#include "refs/refs.h"
#include "util/path.h"

#define NAME_MOST 1024 /* one that is longer is nobody's */

/* The key of a variable of files[index]; false: it is too long. */
static bool
make_key(char key[NAME_MOST], uint32_t index,
    const struct kldsim_refs_variable *told)
{
	const int length = snprintf(key, NAME_MOST, "%u/%s%s",
	    (unsigned)index, kldsim_refs_prefix_name(told->prefix),
	    told->name);

	return (length > 0 && length < NAME_MOST);
}

static bool
add_file(struct kldsim_refs_kernels *kernels, const struct kldsim_refs *refs,
    uint32_t index)
{
	char key[NAME_MOST];

	for (size_t i = 0; i < refs->provides.count; i++)
		if (!kldsim__strmap_add(&kernels->provided,
		    refs->provides.all[i], index))
			return (false);
	for (size_t i = 0; i < refs->own.count; i++) {
		const char *copy;

		if (!make_key(key, index, &refs->own.all[i].told))
			continue;
		copy = kldsim__arena_strdup(&kernels->arena, key);
		if (copy == NULL || !kldsim__strmap_add(&kernels->elsewhere,
		    copy, index))
			return (false);
	}
	return (true);
}

enum kldsim_status
kldsim_refs_kernels_add(struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs)
{
	if (refs->own.count == 0)
		return (KLDSIM_OK);
	if (!kldsim__grow(&kernels->alloc, &kernels->files,
	    &kernels->files_cap, kernels->nfiles + 1, sizeof(*kernels->files)))
		return (KLDSIM_NOMEM);
	kernels->files[kernels->nfiles++] = refs;
	return (add_file(kernels, refs, (uint32_t)kernels->nfiles - 1) ?
	    KLDSIM_OK : KLDSIM_NOMEM);
}

/* The file that it depends on and that has a variable; NULL: none (O-60). */
static const struct kldsim_refs *
find_elsewhere(const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs, const struct kldsim_refs_variable *told)
{
	char key[NAME_MOST];
	uint32_t index;

	for (size_t i = 0; i < refs->needs.count; i++)
		if (kldsim__strmap_get(&kernels->provided, refs->needs.all[i],
		    &index) && make_key(key, index, told) &&
		    kldsim__strmap_get(&kernels->elsewhere, key, &index))
			return (kernels->files[index]);
	return (NULL);
}

/* A plain name that the kernel has behind a prefix alone. */
static void
change_hidden(const struct kldsim_refs_kernels *kernels, const char *name,
    struct kldsim_refs_change *change)
{
	unsigned k = KLDSIM_REFS_VNET;

	if (kldsim__refs_of_kernel(kldsim__refs_last(kernels),
	    KLDSIM_REFS_VNET, name) == NULL)
		k = KLDSIM_REFS_DPCPU;
	kldsim__refs_change(kernels, (enum kldsim_refs_prefix)k, name, change);
	change->prefix = KLDSIM_REFS_PLAIN;
	change->kind = KLDSIM_REFS_VIRTUALIZED;
	/* The kernel has no such symbol any more (O-46). */
	change->verdict = KLDSIM_KBI_WILL_NOT_LOAD;
	(void)snprintf(change->text, sizeof(change->text), "the kernel has "
	    "%s%.200s", kldsim_refs_prefix_name((enum kldsim_refs_prefix)k),
	    name);
}

/* What nobody has does not always keep a file from loading. */
static void
excuse(const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs, const struct kldsim_refs_variable *told,
    struct kldsim_refs_change *change)
{
	const struct kldsim_refs *other = find_elsewhere(kernels, refs,
	    told);
	const char *why = NULL;

	if (told->references == 0)
		why = "no relocation wants it";
	else if (told->weak)
		why = "weak: it will be 0";
	if (other != NULL) {
		change->kind = KLDSIM_REFS_ELSEWHERE;
		change->verdict = KLDSIM_KBI_NO_DIFFERENCE;
		(void)snprintf(change->text, sizeof(change->text),
		    "%.200s has it", kldsim__basename(other->info.file));
	} else if (why != NULL) {
		change->verdict = KLDSIM_KBI_NO_DIFFERENCE;
		(void)snprintf(change->text, sizeof(change->text), "%s", why);
	} else if (refs->needs.count != 0 && !change->before.there) {
		change->verdict = KLDSIM_KBI_CANNOT_TELL;
		(void)snprintf(change->text, sizeof(change->text),
		    "a file that it depends on may have it");
	}
}

static void
judge_import(const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs, const struct kldsim_refs_variable *told,
    struct kldsim_refs_change *change)
{
	if (told->prefix == KLDSIM_REFS_PLAIN)
		change_hidden(kernels, told->name, change);
	else
		kldsim__refs_change(kernels, told->prefix, told->name, change);
	/* Who imports the name that is now was not built for the first. */
	if (change->kind == KLDSIM_REFS_VIRTUALIZED &&
	    told->prefix != KLDSIM_REFS_PLAIN)
		change->verdict = KLDSIM_KBI_NO_DIFFERENCE;
	if (change->verdict == KLDSIM_KBI_WILL_NOT_LOAD)
		excuse(kernels, refs, told, change);
}

/* What it is, whatever it imports: J-10 and J-12. */
static enum kldsim_kbi_verdict
judge_file(const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs)
{
	if (refs->hookless)
		return (KLDSIM_KBI_WILL_NOT_LOAD);
	return (!refs->info.kernel && refs->info.set[KLDSIM_REFS_VNET] != 0 &&
	    !kldsim__refs_has_vnets(kernels) ? KLDSIM_KBI_REBUILD :
	    KLDSIM_KBI_NO_DIFFERENCE);
}

enum kldsim_kbi_verdict
kldsim_refs_judge(const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs *refs, kldsim_refs_judged_fn judged, void *user)
{
	enum kldsim_kbi_verdict worst;

	if (!kldsim__refs_same_machine(refs, kldsim__refs_last(kernels)->refs))
		return (KLDSIM_KBI_WILL_NOT_LOAD);
	worst = judge_file(kernels, refs);
	for (uint32_t i = 0; i < refs->imports.count; i++) {
		struct kldsim_refs_change change;

		judge_import(kernels, refs, &refs->imports.all[i].told,
		    &change);
		if (change.verdict > worst)
			worst = change.verdict;
		if (judged != NULL)
			judged(user, i, &change);
	}
	return (worst);
}
