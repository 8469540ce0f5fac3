/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_PAIRS_H
#define KBI_KBI_PAIRS_H

/*
 * The types of two interface texts, side by side: what has become of each key
 * (I-93), and which types a prototype leads to (I-92).  All there is to
 * know of a key is found out once, for many symbols lead to it.
 */

#include <stdint.h>

#include "kbi/kbi_text_file.h"

struct kbi_pair {
	const char *key;
	bool differs;     /* each side has a variant that the other has not */
	bool several;     /* a side has more than one variant (I-30) */
	/* What the other side has not, or the first; NULL: there is none. */
	const struct kbi_line *a, *b;
	struct kbi_pair **leads; /* what it has by value, on either side */
	size_t nleads;
	uint64_t stamp;   /* the last closure that it was in */
	bool judged;      /* the severity has been found out (I-95) */
	enum kbi_severity severity;
};

struct kbi_pairs {
	const struct kbi_lines *a, *b;
	struct kbi_pair *all;      /* by key */
	size_t count;
	struct kbi_pair **closure; /* of the symbol that was asked for last */
	size_t nclosure;
	uint64_t stamp, work;
	bool too_much;             /* closures are not to be had any more */
};

void kbi_pairs_make(const struct kbi_lines *a, const struct kbi_lines *b,
    struct kbi_pairs *pairs_ret);
void kbi_pairs_free(struct kbi_pairs *pairs);
/* NULL: neither text has it. */
struct kbi_pair *kbi_pairs_find(struct kbi_pairs *pairs, const char *key);
/*
 * Find the closure of a symbol's lines, of which one may be NULL, without keys
 * that neither text has a type of.
 */
void kbi_pairs_close(struct kbi_pairs *pairs, const struct kbi_line *a,
    const struct kbi_line *b);

#endif
