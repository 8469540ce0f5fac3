/* SPDX-License-Identifier: BSD-2-Clause */

/* The SysV hash table of dynamic symbols; see elfhash.h. */

#include "sym/elfhash.h"

#include <string.h>

/* In the 64 bits of a long, where a carry out of 32 bits is not lost (D-62). */
static uint64_t
long_hash(const char *name)
{
	uint64_t h = 0;

	for (; *name != '\0'; name++) {
		uint64_t high;

		h = (h << 4) + (uint8_t)*name;
		high = h & 0xf0000000u;
		h = (h ^ high >> 24) & ~high;
	}
	return (h);
}

/* The four high bits are taken off by the next step, so once is enough. */
static uint32_t
word_hash(const char *name)
{
	uint32_t h = 0;

	for (; *name != '\0'; name++) {
		h = (h << 4) + (uint8_t)*name;
		h ^= h >> 24 & 0xf0u;
	}
	return (h & 0x0fffffffu);
}

uint64_t
kldsim__elf_hash(const char *name, bool lp64_bug)
{
	return (lp64_bug ? long_hash(name) : word_hash(name));
}

bool
kldsim__elf_usable(const struct kldsim__sym *sym)
{
	unsigned type = sym->info & 0xf;

	return (sym->shndx != SHN_UNDEF || (sym->value != 0 &&
	    (type == STT_FUNC || type == STT_GNU_IFUNC)));
}

/* One word of the table; false: there are no bytes for it. */
static bool
word(const struct kldsim__elfhash *table, uint64_t index, uint32_t *word_ret)
{
	if (index < table->nwords)
		*word_ret = kldsim__load32(table->words + index * 4,
		    table->big);
	else if (index - table->nwords < table->nzeros)
		*word_ret = 0;
	else
		return (false);
	return (true);
}

/* One symbol of a chain: HASH_ABSENT to go on. */
static enum kldsim__hash_answer
compare(const struct kldsim__elfhash *table,
    const struct kldsim__symview *view, uint32_t index, const char *name)
{
	struct kldsim__sym sym;
	const char *text;
	uint32_t at;

	if (index >= view->count) /* a symbol of zeros has no name */
		return (index < table->reach ? KLDSIM__HASH_CORRUPT :
		    KLDSIM__HASH_TABLE);
	at = kldsim__sym_name_offset(view, index);
	if (at == 0)
		return (KLDSIM__HASH_CORRUPT);
	text = kldsim__sym_name(view, at);
	if (text == NULL)
		return (KLDSIM__HASH_OUTSIDE);
	if (strcmp(text, name) != 0)
		return (KLDSIM__HASH_ABSENT);
	kldsim__sym_get(view, index, &sym);
	return (kldsim__elf_usable(&sym) ? KLDSIM__HASH_FOUND :
	    KLDSIM__HASH_NOT_USABLE);
}

enum kldsim__hash_answer
kldsim__elfhash_find(const struct kldsim__elfhash *table,
    const struct kldsim__symview *view, const char *name, bool lp64_bug,
    uint32_t *index_ret)
{
	uint64_t at = kldsim__elf_hash(name, lp64_bug) % table->nbuckets;
	uint32_t index;

	for (uint32_t steps = 0;; steps++) {
		enum kldsim__hash_answer answer;

		if (!word(table, at, &index))
			return (KLDSIM__HASH_TABLE);
		if (index == 0)
			return (KLDSIM__HASH_ABSENT);
		if (index >= table->nchains)
			return (KLDSIM__HASH_CORRUPT);
		/* Every symbol has been met, and some must have come twice. */
		if (steps > view->count)
			return (KLDSIM__HASH_LOOP);
		answer = compare(table, view, index, name);
		if (answer != KLDSIM__HASH_ABSENT) {
			*index_ret = index;
			return (answer);
		}
		at = (uint64_t)table->nbuckets + index;
	}
}
