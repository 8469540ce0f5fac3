/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_MEMBERS_H
#define KBI_KBI_MEMBERS_H

/* The members of a shape (I-91), in their order, and by name. */

#include <stddef.h>

struct kbi_member {
	char *text;    /* "a s32@0", "A=0" */
	size_t length; /* of the name */
	size_t number;
};

struct kbi_members {
	struct kbi_member *all;
	size_t count;
	struct kbi_member *by_name; /* of each name the first */
	size_t nnames;
};

/* Of "s#t{...}8"; of anything else there are none. */
void kbi_members_split(const char *shape, struct kbi_members *members_ret);
void kbi_members_free(struct kbi_members *members);
/* The text of the first of that name; NULL: there is none. */
const char *kbi_members_find(const struct kbi_members *members,
    const struct kbi_member *member);

#endif
