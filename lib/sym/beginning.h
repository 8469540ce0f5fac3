/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYM_BEGINNING_H
#define SYM_BEGINNING_H

/*
 * How names begin, in two words: enough to tell most names apart, without a look
 * for their ends.  Equal names begin alike.
 */

#include "elf/image.h"
#include "util/hash.h"

#define KLDSIM__BEGINNING 16u /* bytes */

/* A word as far as a name goes, which may end in it. */
static inline uint64_t
kldsim__cut_word(uint64_t word)
{
	const uint64_t nul = (word - 0x0101010101010101u) & ~word &
	    0x8080808080808080u;

	return (nul != 0 ? word & ((nul & -nul) - 1) : word);
}

/* So many bytes that a text begins with, the NUL behind it among them. */
static inline const uint8_t *
kldsim__beginning_of_text(const char *text, uint8_t room[KLDSIM__BEGINNING])
{
	memset(room, 0, KLDSIM__BEGINNING);
	for (size_t i = 0; i < KLDSIM__BEGINNING && text[i] != '\0'; i++)
		room[i] = (uint8_t)text[i];
	return (room);
}

/* The same of a name that can be read in its table; in place, as a rule. */
static inline const uint8_t *
kldsim__beginning(const struct kldsim__symview *view, uint32_t name,
    uint8_t room[KLDSIM__BEGINNING])
{
	return (view->strings_size >= KLDSIM__BEGINNING &&
	    name <= view->strings_size - KLDSIM__BEGINNING ?
	    (const uint8_t *)view->strings + name :
	    kldsim__beginning_of_text(kldsim__sym_name(view, name), room));
}

/* 0: an empty name. */
static inline uint64_t
kldsim__first_word(const uint8_t *beginning)
{
	return (kldsim__cut_word(kldsim__load64(beginning, false)));
}

/* A hash of both words. */
static inline uint64_t
kldsim__hash_beginning(uint64_t seed, const uint8_t *beginning,
    uint64_t first_word)
{
	const uint64_t second_word = first_word >> 56 == 0 ? 0 :
	    kldsim__cut_word(kldsim__load64(beginning + 8, false));

	return (kldsim__fold(first_word ^ seed,
	    second_word ^ seed >> 1 ^ 0x9e3779b97f4a7c15u));
}

#endif
