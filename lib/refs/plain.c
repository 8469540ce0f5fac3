/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which names a kernel has without a prefix.  Few are asked for, as a rule
 * none: an index is made for the first one.  Whoever asks sees no change.
 */

#include "refs/refs.h"

/* A variable that has no prefix; functions are none. */
static const char *
plain_name(const struct kldsim__symview *view, uint32_t index)
{
	const unsigned type = kldsim__sym_info(view, index) & 0xf;
	enum kldsim_refs_prefix prefix;
	struct kldsim__sym sym;
	const char *name;

	if (type != STT_OBJECT && type != STT_NOTYPE && type != STT_COMMON)
		return (NULL);
	kldsim__sym_get(view, index, &sym);
	name = sym.shndx == SHN_UNDEF ? NULL :
	    kldsim__sym_name(view, sym.name);
	return (name == NULL || *name == '\0' ||
	    kldsim__refs_rest(name, &prefix) != NULL ? NULL : name);
}

static bool
make_index(struct kldsim__refs_plain *plain)
{
	for (uint32_t i = 1; i < plain->symbols.count; i++) {
		const char *name = plain_name(&plain->symbols, i);

		if (name != NULL && !kldsim__strmap_add(&plain->index, name,
		    i))
			return (false);
	}
	return (true);
}

/* Without memory for an index. */
static bool
find(const struct kldsim__symview *symbols, const char *wanted)
{
	for (uint32_t i = 1; i < symbols->count; i++) {
		const char *name = plain_name(symbols, i);

		if (name != NULL && strcmp(name, wanted) == 0)
			return (true);
	}
	return (false);
}

bool
kldsim__refs_is_plain(const struct kldsim__refs_kernel *kernel,
    const char *name)
{
	struct kldsim__refs_plain *plain = kernel->plain;
	uint32_t ignored;
	bool is_plain;

	(void)pthread_mutex_lock(&plain->lock);
	if (!plain->asked) {
		plain->asked = true;
		plain->indexed = make_index(plain);
	}
	is_plain = plain->indexed ? kldsim__strmap_get(&plain->index, name,
	    &ignored) : find(&plain->symbols, name);
	(void)pthread_mutex_unlock(&plain->lock);
	return (is_plain);
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
