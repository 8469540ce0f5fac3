/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLAIN_RULES_H
#define EXPLAIN_RULES_H

/* The rule books of docs/, which are part of the program. */

#include <stddef.h>

struct rule {
	char id[8];    /* "A-10" */
	unsigned at;   /* where its text is, and how long: lines, each with */
	unsigned size; /* its newline */
};

/* A rule by its number, NULL after the last; by its id, or NULL. */
const struct rule *rule_at(size_t index);
const struct rule *rule_find(const char *id);
const char *rule_text(const struct rule *rule);

#endif
