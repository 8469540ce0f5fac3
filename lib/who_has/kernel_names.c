/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The names of a kernel, with all of which a missing one is compared.  Each has
 * a sketch, which rules most of them out.  Who checks many modules, or changes
 * one again and again, misses the same names again, so answers are kept.
 */

#include "who_has/who_has.h"

#include <string.h>

#include "util/hash.h"

/* More symbols than any kernel has; what is beyond is not looked at. */
#define MOST_SYMBOLS (16u << 20)
/* Answers that are kept: one for each value of a few bits of the hash. */
#define ANSWERS 64u

struct answer {
	char *name; /* NULL: there is none yet */
	struct kldsim__near near;
};

struct kldsim__kernel_names {
	struct kldsim__kernel_names *next;
	struct kldsim__provider kernel;
	uint64_t seed;
	uint32_t count; /* of its symbols, as far as they are compared */
	struct kldsim__sketch *sketches;
	struct answer *answers;
};

static const char *
name_of(const struct kldsim__kernel_names *names, uint32_t symbol)
{
	const struct kldsim__symview *view =
	    kldsim__provider_symbols(&names->kernel);

	return (kldsim__sym_name(view, kldsim__sym_name_offset(view,
	    symbol)));
}

static void
free_one(const struct kldsim__alloc *alloc, struct kldsim__kernel_names *names)
{
	for (size_t i = 0; names->answers != NULL && i < ANSWERS; i++)
		kldsim__free(alloc, names->answers[i].name);
	kldsim__free(alloc, names->answers);
	kldsim__free(alloc, names->sketches);
	kldsim_image_unref(names->kernel.image);
	kldsim__free(alloc, names);
}

void
kldsim__kernel_names_free(const struct kldsim__alloc *alloc,
    struct kldsim__kernel_names *list)
{
	while (list != NULL) {
		struct kldsim__kernel_names *next = list->next;

		free_one(alloc, list);
		list = next;
	}
}

static bool
sketch(struct kldsim__kernel_names *names, const struct kldsim__alloc *alloc)
{
	const uint32_t count = kldsim__provider_symbols(&names->kernel)->count;

	names->count = count < MOST_SYMBOLS ? count : MOST_SYMBOLS;
	names->sketches = kldsim__calloc(alloc, (size_t)names->count + 1,
	    sizeof(*names->sketches));
	names->answers = kldsim__calloc(alloc, ANSWERS,
	    sizeof(*names->answers));
	if (names->sketches == NULL || names->answers == NULL)
		return (false);
	for (uint32_t i = 1; i < names->count; i++) {
		const char *name = name_of(names, i);

		if (name != NULL)
			names->sketches[i] = kldsim__sketch_of(name);
	}
	return (true);
}

/* Those of a kernel, made if it is a new one; NULL: no memory. */
static struct kldsim__kernel_names *
names_of(struct kldsim__kernel_names **list,
    const struct kldsim__alloc *alloc, struct kldsim_image *image)
{
	struct kldsim__kernel_names *names = *list;

	while (names != NULL && names->kernel.image != image)
		names = names->next;
	if (names != NULL)
		return (names);
	names = kldsim__calloc(alloc, 1, sizeof(*names));
	if (names == NULL)
		return (NULL);
	names->seed = kldsim__hash_seed(names);
	if (!kldsim__provider_open(&names->kernel, image, alloc) ||
	    !sketch(names, alloc)) {
		free_one(alloc, names);
		return (NULL);
	}
	names->next = *list;
	*list = names;
	return (names);
}

static void
compare_all(const struct kldsim__kernel_names *names,
    struct kldsim__near *near)
{
	for (uint32_t i = 1; i < names->count; i++) {
		const char *name;

		if (!kldsim__may_be_like(near, &names->sketches[i]))
			continue;
		name = name_of(names, i);
		if (name != NULL)
			kldsim__near_compare(near, name, "");
	}
}

/* Without memory the answer that was kept there stays away. */
static const struct kldsim__near *
answer(struct answer *answer, const struct kldsim__kernel_names *names,
    const struct kldsim__alloc *alloc, const char *name)
{
	if (answer->name != NULL && strcmp(answer->name, name) == 0)
		return (&answer->near);
	kldsim__free(alloc, answer->name);
	answer->name = kldsim__strdup(alloc, name);
	if (answer->name == NULL)
		return (NULL);
	kldsim__near_init(&answer->near, answer->name);
	compare_all(names, &answer->near);
	return (&answer->near);
}

bool
kldsim__kernel_names_compare(struct kldsim__kernel_names **list,
    const struct kldsim__alloc *alloc, struct kldsim_image *kernel,
    struct kldsim__near *near)
{
	struct kldsim__kernel_names *names;
	const struct kldsim__near *found;

	if (!kldsim__near_can_be(near))
		return (true);
	names = names_of(list, alloc, kernel);
	if (names == NULL)
		return (false);
	found = answer(&names->answers[kldsim__hash(names->seed, near->name) %
	    ANSWERS], names, alloc, near->name);
	if (found != NULL)
		kldsim__near_merge(near, found);
	return (found != NULL);
}
