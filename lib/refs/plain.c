/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which names a kernel has without a prefix.  Few are asked for, as a rule
 * none: an index is made for the first one.  Whoever asks sees no change.  Of
 * several symbols of one name a variable comes first.
 */

#include "refs/refs.h"

static bool
is_variable(const struct kldsim__symview *view, uint32_t index)
{
	const unsigned type = kldsim__sym_info(view, index) & 0xf;

	return (type == STT_OBJECT || type == STT_NOTYPE || type == STT_COMMON);
}

/* A defined name that has no prefix. */
static const char *
plain_name(const struct kldsim__symview *view, uint32_t index)
{
	enum kldsim_refs_prefix prefix;
	struct kldsim__sym sym;
	const char *name;

	kldsim__sym_get(view, index, &sym);
	name = sym.shndx == SHN_UNDEF ? NULL :
	    kldsim__sym_name(view, sym.name);
	return (name == NULL || *name == '\0' ||
	    kldsim__refs_rest(name, &prefix) != NULL ? NULL : name);
}

static bool
index_those(struct kldsim__refs_plain *plain, bool variables)
{
	for (uint32_t i = 1; i < plain->symbols.count; i++) {
		const char *name = is_variable(&plain->symbols, i) !=
		    variables ? NULL : plain_name(&plain->symbols, i);

		if (name != NULL && !kldsim__strmap_add(&plain->index, name,
		    i))
			return (false);
	}
	return (true);
}

/* Without memory for an index; 0: it has none. */
static uint32_t
search(const struct kldsim__symview *symbols, const char *wanted)
{
	uint32_t found = 0;

	for (uint32_t i = 1; i < symbols->count; i++) {
		const char *name = plain_name(symbols, i);

		if (name == NULL || strcmp(name, wanted) != 0)
			continue;
		if (is_variable(symbols, i))
			return (i);
		found = i;
	}
	return (found);
}

/* The symbol of a name; 0: it has none. */
static uint32_t
find(const struct kldsim__refs_kernel *kernel, const char *name)
{
	struct kldsim__refs_plain *plain = kernel->plain;
	uint32_t index = 0;

	(void)pthread_mutex_lock(&plain->lock);
	if (!plain->asked) {
		plain->asked = true;
		plain->indexed = index_those(plain, true) &&
		    index_those(plain, false);
	}
	if (!plain->indexed)
		index = search(&plain->symbols, name);
	else if (!kldsim__strmap_get(&plain->index, name, &index))
		index = 0;
	(void)pthread_mutex_unlock(&plain->lock);
	return (index);
}

bool
kldsim__refs_is_plain(const struct kldsim__refs_kernel *kernel,
    const char *name)
{
	const uint32_t index = find(kernel, name);

	return (index != 0 && is_variable(&kernel->plain->symbols, index));
}

bool
kldsim__refs_is_defined(const struct kldsim__refs_kernel *kernel,
    const char *name)
{
	return (find(kernel, name) != 0);
}

bool
kldsim__refs_plain_init(struct kldsim__refs_kernel *kernel,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *symbols)
{
	struct kldsim__refs_plain *plain = kldsim__calloc(alloc, 1,
	    sizeof(*plain));

	if (plain == NULL)
		return (false);
	plain->symbols = *symbols;
	kldsim__strmap_init(&plain->index, alloc);
	(void)pthread_mutex_init(&plain->lock, NULL);
	kernel->plain = plain;
	return (true);
}

void
kldsim__refs_plain_fini(struct kldsim__refs_kernel *kernel,
    const struct kldsim__alloc *alloc)
{
	if (kernel->plain == NULL)
		return;
	kldsim__strmap_fini(&kernel->plain->index);
	(void)pthread_mutex_destroy(&kernel->plain->lock);
	kldsim__free(alloc, kernel->plain);
}
