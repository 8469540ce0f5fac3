/* SPDX-License-Identifier: BSD-2-Clause */

/* Where in a declaration its name is. */

#include "types/declaration.h"

#include <stdio.h>
#include <string.h>

/* In no name, and in nothing that is written around one. */
#define MARK "\001"

/*
 * A declaration is the same whatever the name is, so a mark in its place shows
 * where the column of names begins: at the parenthesis around it, or at the
 * name.  A space between the columns is neither's.
 */
void
declaration_make(const struct kldsim_types *types, kldsim_type_id id,
    const char *name, struct declaration *declaration_ret)
{
	struct declaration *d = declaration_ret;
	char text[DECLARATION_MOST];
	char *mark, *begin;

	kldsim_type_text(types, id, MARK, text, sizeof(text));
	mark = strchr(text, MARK[0]);
	if (mark == NULL) /* too long */
		mark = text + strlen(text);
	else
		*mark++ = '\0';
	begin = strchr(text, '(');
	if (begin == NULL)
		begin = text + strlen(text);
	(void)snprintf(d->name, sizeof(d->name), "%s%s%s", begin, name, mark);
	if (begin > text && begin[-1] == ' ')
		begin--;
	*begin = '\0';
	(void)strcpy(d->type, text);
}

kldsim_type_id
declaration_unnamed(const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim_type type;

	for (int steps = 0; steps < 64; steps++) {
		if (kldsim_type_get(types, id, &type) != KLDSIM_OK)
			return (0);
		if (type.kind != KLDSIM_TYPE_ARRAY &&
		    type.kind != KLDSIM_TYPE_CONST &&
		    type.kind != KLDSIM_TYPE_VOLATILE)
			break;
		id = type.target;
	}
	return ((type.kind == KLDSIM_TYPE_STRUCT ||
	    type.kind == KLDSIM_TYPE_UNION) && *type.name == '\0' ? id : 0);
}
