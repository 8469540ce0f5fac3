/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_PSABI_H
#define SUPPORT_PSABI_H

/*
 * The relocations that FreeBSD's kernels know, as the processor supplements
 * define them: all numbers are copied from those documents by hand, none comes
 * from the rows under test.
 */

#include <stddef.h>
#include <stdint.h>

/* Bits [low, low + count) of the value lie from bit `to` of the word on. */
struct psabi_bits {
	unsigned low, count, to;
};

struct psabi {
	const char *machine; /* name in the registry */
	uint32_t type;
	const char *name;
	unsigned bytes;      /* of the word; 0: nothing is stored */
	/* The least and the greatest value that fits; 0, 0: no check. */
	int64_t min, max;
	unsigned step;       /* which values have to be multiples of */
	struct psabi_bits bits[2]; /* none: the whole word is the value */
	uint32_t round;      /* added before bits are taken */
	const char *section; /* of the document */
};

extern const struct psabi psabi[];
extern const size_t npsabi;

/* The word that the document wants: `word`, with the value in its place. */
uint64_t psabi_word(const struct psabi *row, uint64_t value, uint64_t word);

#endif
