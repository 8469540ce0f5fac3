/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether a file has itself what it asks others for.  The kernel looks for each
 * import in the file's own table first (O-60), and nearly never finds it there.
 * To know that takes no index of all of the file's names: the imports are fewer,
 * and the first bytes of names tell them apart.
 */

#include "link_elf_obj/link_elf_obj.h"

#include "kern/bad_news.h"
#include "util/hash.h"

/* Bytes of a name that are looked at: two words. */
#define LOOKED_AT 16u

/* How the imports' names begin. */
struct beginnings {
	uint64_t seed;
	uint64_t first[64]; /* a bit for each first word, by its hash */
	uint64_t *both;     /* a hash of both words; 0 is an empty slot */
	size_t mask;
};

/* A word as far as a name goes, which may end in it. */
static inline uint64_t
cut(uint64_t word)
{
	const uint64_t nul = (word - 0x0101010101010101u) & ~word &
	    0x8080808080808080u;

	return (nul != 0 ? word & ((nul & -nul) - 1) : word);
}

/*
 * So many bytes of a name, which is a string of the table, and of what follows
 * it; in `room`, where the table ends.
 */
static inline const uint8_t *
bytes_of(const struct kldsim__symview *view, uint32_t at,
    uint8_t room[LOOKED_AT])
{
	const uint8_t *bytes = (const uint8_t *)view->strings + at;

	if (view->strings_size - at >= LOOKED_AT)
		return (bytes);
	memset(room, 0, LOOKED_AT);
	memcpy(room, bytes, (size_t)(view->strings_size - at));
	return (room);
}

static inline uint64_t
first_word(const uint8_t *bytes)
{
	return (cut(kldsim__load64(bytes, false)));
}

/* Never 0. */
static uint64_t
hash_both(const struct beginnings *all, const uint8_t *bytes, uint64_t first)
{
	const uint64_t second = first >> 56 != 0 ?
	    cut(kldsim__load64(bytes + 8, false)) : 0;

	return (kldsim__fold(first ^ all->seed, second ^ all->seed >> 1) | 1);
}

/* The bit of a first word, in the last six bits of the hash its place. */
static inline unsigned
hash_first(const struct beginnings *all, uint64_t first)
{
	return ((unsigned)(((first ^ all->seed) * 0x9e3779b97f4a7c15u) >> 52));
}

/* Where a hash is, or the empty slot where it belongs. */
static uint64_t *
slot_of(const struct beginnings *all, uint64_t both)
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

static void
add_imports(struct beginnings *imports, const uint8_t *state,
    const struct kldsim__symview view)
{
	uint8_t room[LOOKED_AT];

	for (uint32_t i = 0; i < view.count; i++) {
		const uint8_t *bytes;
		uint64_t first, both;
		unsigned bit;

		if (!is_asked_for(state[i]))
			continue;
		bytes = bytes_of(&view, kldsim__sym_name_offset(&view, i), room);
		first = first_word(bytes);
		bit = hash_first(imports, first);
		imports->first[bit / 64] |= UINT64_C(1) << bit % 64;
		both = hash_both(imports, bytes, first);
		*slot_of(imports, both) = both;
	}
}

static bool
any_shared(const struct beginnings *imports, const uint8_t *state,
    const struct kldsim__symview view)
{
	uint8_t room[LOOKED_AT];

	for (uint32_t i = 0; i < view.count; i++) {
		const uint8_t *bytes;
		uint64_t first, both;
		unsigned bit;

		if (!is_there(state[i]))
			continue;
		bytes = bytes_of(&view, kldsim__sym_name_offset(&view, i), room);
		first = first_word(bytes);
		bit = hash_first(imports, first);
		if ((imports->first[bit / 64] >> bit % 64 & 1) == 0 ||
		    first == 0)
			continue; /* nobody looks for no name */
		both = hash_both(imports, bytes, first);
		if (*slot_of(imports, both) == both)
			return (true);
	}
	return (false);
}

int
kldsim__obj_note_imports(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	struct beginnings imports = { .seed = kldsim__hash_seed(obj) };
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
