/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether a file has itself what it asks others for.  The kernel looks for each
 * import in the file's own table first (O-60), and nearly never finds it there.
 * To know that takes no index of all of the file's names: the imports are fewer,
 * and the first bytes of names tell them apart.
 */

#include "link_elf_obj/link_elf_obj.h"

#include "kern/bad_news.h"
#include "sym/beginning.h"

/* How the imports' names begin. */
struct imports {
	uint64_t seed;
	uint64_t first[64]; /* a bit for each first word, by its hash */
	uint64_t *both;     /* hashes of both words; 0 is an empty slot */
	size_t mask;
};

/* The number of a first word's bit. */
static inline unsigned
bit_of(const struct imports *all, uint64_t first)
{
	return ((unsigned)(((first ^ all->seed) * 0x9e3779b97f4a7c15u) >> 52));
}

/* Never 0. */
static inline uint64_t
hash_both(const struct imports *all, const uint8_t *beginning, uint64_t first)
{
	return (kldsim__hash_beginning(all->seed, beginning, first) | 1);
}

/* Where a hash is, or the empty slot where it belongs. */
static uint64_t *
slot_of(const struct imports *all, uint64_t both)
{
	size_t at = (size_t)(both >> 32) & all->mask;

	while (all->both[at] != 0 && all->both[at] != both)
		at = (at + 1) & all->mask;
	return (&all->both[at]);
}

/* Looked up in some pass; what poses as that is, once a pass is over (O-47). */
static inline bool
is_asked_for(uint8_t symbol)
{
	const enum kldsim__symstate state = KLDSIM__SYM_STATE(symbol);

	return (state == KLDSIM__SYM_UNDEF || state == KLDSIM__SYM_CACHED ||
	    state == KLDSIM__SYM_POSES);
}

/* What a walk by name takes (O-61). */
static inline bool
is_there(uint8_t symbol)
{
	const enum kldsim__symstate state = KLDSIM__SYM_STATE(symbol);

	return (state != KLDSIM__SYM_UNDEF && state != KLDSIM__SYM_CACHED);
}

/* How a symbol's name begins, its first word, and the number of that one's bit. */
static inline const uint8_t *
look_at(const struct imports *all, const struct kldsim__symview *view,
    uint32_t symbol, uint8_t room[KLDSIM__BEGINNING], uint64_t *first_ret,
    unsigned *bit_ret)
{
	const uint8_t *begins = kldsim__beginning(view,
	    kldsim__sym_name_offset(view, symbol), room);

	*first_ret = kldsim__first_word(begins);
	*bit_ret = bit_of(all, *first_ret);
	return (begins);
}

static void
add_imports(struct imports *imports, const uint8_t *state,
    const struct kldsim__symview view)
{
	uint8_t room[KLDSIM__BEGINNING];

	for (uint32_t i = 0; i < view.count; i++) {
		const uint8_t *begins;
		uint64_t first, both;
		unsigned bit;

		if (!is_asked_for(state[i]))
			continue;
		begins = look_at(imports, &view, i, room, &first, &bit);
		imports->first[bit / 64] |= UINT64_C(1) << bit % 64;
		both = hash_both(imports, begins, first);
		*slot_of(imports, both) = both;
	}
}

static bool
any_shared(const struct imports *imports, const uint8_t *state,
    const struct kldsim__symview view)
{
	uint8_t room[KLDSIM__BEGINNING];

	for (uint32_t i = 0; i < view.count; i++) {
		const uint8_t *begins;
		uint64_t first, both;
		unsigned bit;

		if (!is_there(state[i]))
			continue;
		begins = look_at(imports, &view, i, room, &first, &bit);
		if (first == 0 || /* nobody looks for no name */
		    (imports->first[bit / 64] >> bit % 64 & 1) == 0)
			continue;
		both = hash_both(imports, begins, first);
		if (*slot_of(imports, both) == both)
			return (true);
	}
	return (false);
}

int
kldsim__obj_note_imports(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	struct imports imports = { .seed = kldsim__hash_seed(obj) };
	size_t count = 0, slots = 8;

	/* A walk could come past a name that is no string (Z-05). */
	if (obj->bad_name != KLDSIM__NO_SYMBOL)
		return (0);
	for (uint32_t i = 0; i < obj->symtab.count; i++)
		count += is_asked_for(obj->state[i]);
	while (slots < count * 2)
		slots *= 2;
	imports.mask = slots - 1;
	imports.both = kldsim__calloc(&sim->alloc, slots,
	    sizeof(*imports.both));
	if (imports.both == NULL)
		return (kldsim__nomem(sim));
	add_imports(&imports, obj->state, obj->symtab);
	obj->imports_elsewhere = !any_shared(&imports, obj->state,
	    obj->symtab);
	kldsim__free(&sim->alloc, imports.both);
	return (0);
}
