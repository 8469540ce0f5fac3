/* SPDX-License-Identifier: BSD-2-Clause */

/* Where in a declaration its name is. */

#include "types/declaration.h"

#include <string.h>

/* In no name, and in nothing that is written around one. */
#define MARK "\001"

/*
 * A declaration is the same whatever the name is, so a mark in its place shows
 * where the column of names begins: at the parenthesis around it, or at the
 * name.
 */
static size_t
column(const struct kldsim_types *types, kldsim_type_id id)
{
	char text[DECLARATION_MOST];
	const char *mark, *open;

	kldsim_type_text(types, id, MARK, text, sizeof(text));
	mark = strchr(text, MARK[0]);
	if (mark == NULL)
		return (strlen(text));
	open = strchr(text, '(');
	return ((size_t)((open != NULL && open < mark ? open : mark) - text));
}

void
declaration_make(const struct kldsim_types *types, kldsim_type_id id,
    const char *name, struct declaration *declaration_ret)
{
	struct declaration *d = declaration_ret;
	size_t at = column(types, id);

	kldsim_type_text(types, id, name, d->text, sizeof(d->text));
	d->type = d->text;
	d->name = d->text + strlen(d->text);
	if (at >= strlen(d->text))
		return;
	d->name = d->text + at;
	/* A star is the type's, and a space nobody's. */
	if (at > 0 && d->text[at - 1] == ' ')
		d->text[at - 1] = '\0';
	else if (at > 0) {
		memmove(d->name + 1, d->name, strlen(d->name) + 1);
		*d->name++ = '\0';
	}
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
