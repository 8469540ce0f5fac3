/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_ELSEWHERE_H
#define LINKER_CLASS_ELSEWHERE_H

/*
 * A symbol is undefined: which file in sight has it, and what would help, or
 * which names are like it.
 */

#include "who_has/who_has.h"

/* What the file itself says of its modules, read once for all its symbols. */
struct kldsim__seeker {
	struct kldsim__file *file; /* NULL: not read yet */
	struct kldsim__provider own;
	unsigned searched; /* names that were compared with all others */
};

struct kldsim__elsewhere {
	bool found;      /* some file has it */
	char text[1200]; /* goes on after a semicolon; empty: nothing to say */
};

/*
 * owner is a loaded file that has it and is no dependency, or NULL.  What is
 * read is in the file's arena.
 */
int kldsim__elsewhere(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__seeker *seeker, const char *symbol,
    const struct kldsim__file *owner, struct kldsim__elsewhere *answer_ret);

/*
 * Names that were missing, of one file: what all of them begin with is an
 * option's, or a module's, more often than not.
 */
struct kldsim__common_prefix {
	uint64_t count;
	size_t prefix;  /* bytes that all have in common */
	char first[64]; /* one of them, cut */
};

void kldsim__common_prefix_note(struct kldsim__common_prefix *alike,
    const char *symbol);
/* "all 2 begin with rss_" and what that may mean; empty: they do not. */
void kldsim__common_prefix_text(const struct kldsim__common_prefix *alike,
    char *text, size_t size);

#endif
