/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SANDBOX_IMPL_H
#define SANDBOX_IMPL_H

/* What was named, and what became of it when the sandbox was entered. */

#include "sandbox/capsicum.h"
#include "sandbox/sandbox.h"

struct sandbox_place {
	char *path;  /* as it was named */
	char *real;  /* of SEARCH: by realpath(3), if it is open */
	char *name;  /* of CREATE and TREE: in its folder, which is open */
	enum capsicum_use use;
	int fd;      /* -1: it could not be opened, */
	int error;   /* for this reason */
};

extern struct sandbox {
	bool entered;
	char *here;
	struct sandbox_place *places;
	size_t count;
	size_t cap;
} sandbox;

/* The place of that path and use; NULL: nobody has named it. */
const struct sandbox_place *sandbox_find(const char *path,
    enum capsicum_use use);

#endif
