/* SPDX-License-Identifier: BSD-2-Clause */

/* The members of a shape; see kbi_members.h. */

#include "kbi/kbi_members.h"

#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* How long the member is that begins here, with all that is within it. */
static size_t
length_of(const char *text)
{
	unsigned depth = 0;
	size_t length;

	for (length = 0; text[length] != '\0'; length++) {
		const char c = text[length];

		if (depth == 0 && (c == ';' || c == '}'))
			break;
		if (c == '{' || c == '(')
			depth++;
		else if ((c == '}' || c == ')') && depth != 0)
			depth--;
	}
	return (length);
}

static int
compare_name(const void *left, const void *right)
{
	const struct kbi_member *a = left, *b = right;
	const size_t least = a->length < b->length ? a->length : b->length;
	const int order = memcmp(a->text, b->text, least);

	return (order != 0 ? order : a->length < b->length ? -1 :
	    a->length > b->length);
}

static int
compare_both(const void *left, const void *right)
{
	const struct kbi_member *a = left, *b = right;
	const int order = compare_name(a, b);

	return (order != 0 ? order : a->number < b->number ? -1 : 1);
}

static void
sort(struct kbi_members *members)
{
	struct kbi_member *sorted = need(calloc(members->count,
	    sizeof(*sorted)));
	size_t kept = 1;

	memcpy(sorted, members->all, members->count * sizeof(*sorted));
	qsort(sorted, members->count, sizeof(*sorted), compare_both);
	for (size_t i = 1; i < members->count; i++)
		if (compare_name(&sorted[kept - 1], &sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	members->by_name = sorted;
	members->nnames = kept;
}

void
kbi_members_split(const char *shape, struct kbi_members *members_ret)
{
	struct kbi_members members = { .count = 0 };
	size_t cap = 0;

	shape = strchr(shape, '{');
	while (shape != NULL && *shape != '}' && *shape != '\0') {
		const size_t length = length_of(++shape);
		struct kbi_member *member;

		if (members.count == cap) {
			cap = cap * 2 + 16;
			members.all = need(realloc(members.all,
			    cap * sizeof(*members.all)));
		}
		member = &members.all[members.count];
		member->text = need(strndup(shape, length));
		/* "a" of "a s32@0", "A" of "A=0". */
		member->length = strcspn(member->text, " =");
		member->number = members.count++;
		shape += length;
	}
	if (members.count != 0)
		sort(&members);
	*members_ret = members;
}

void
kbi_members_free(struct kbi_members *members)
{
	for (size_t i = 0; i < members->count; i++)
		free(members->all[i].text);
	free(members->all);
	free(members->by_name);
}

const char *
kbi_members_find(const struct kbi_members *members,
    const struct kbi_member *member)
{
	const struct kbi_member *found = members->nnames == 0 ? NULL :
	    bsearch(member, members->by_name, members->nnames,
	    sizeof(*found), compare_name);

	return (found != NULL ? found->text : NULL);
}
