/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The rules as rules.awk found them.  One text and offsets into it: pointers
 * would have to be relocated each time the program starts.
 */

#include "explain/rules.h"

#include <string.h>

#include "rules.inc"

#define NRULES (sizeof(rules) / sizeof(*rules))

const struct rule *
rule_at(size_t index)
{
	return (index < NRULES ? &rules[index] : NULL);
}

const struct rule *
rule_find(const char *id)
{
	for (size_t i = 0; i < NRULES; i++)
		if (strcmp(rules[i].id, id) == 0)
			return (&rules[i]);
	return (NULL);
}

const char *
rule_text(const struct rule *rule)
{
	return (text + rule->at);
}
