/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_MEMBERS_H
#define SOURCE_MEMBERS_H

/*
 * Files that are in memory, as a tree of paths: the members of an archive, or
 * images that a program brings along.  The paths are normal ones: no slash at
 * either end, no empty parts, no "." and no "..".
 */

#include "source/source.h"
#include "util/arena.h"

struct kldsim__member {
	const char *path;
	const char *target; /* of a link, symbolic or not; else NULL */
	enum kldsim_source_type type;
	bool holds;         /* a folder with files in it, not folders alone */
	uint64_t size;
	struct timespec mtime;
	size_t order;       /* in which it was added */
	struct kldsim_image *image; /* NULL: no bytes are kept */
};

struct kldsim__members {
	const struct kldsim__alloc *alloc;
	struct kldsim__arena names;
	struct kldsim__member *all; /* by path, once they are sorted */
	size_t count;
	size_t cap;
	size_t added; /* so far */
};

void kldsim__members_init(struct kldsim__members *members,
    const struct kldsim__alloc *alloc);
void kldsim__members_fini(struct kldsim__members *members);

/*
 * A path as a normal one.  Gives 0, or EINVAL if it leads out of the root,
 * ENAMETOOLONG if it does not fit.
 */
int kldsim__path_normal(const char *path, char *normal_ret, size_t size);

/* One more, without a target, size or image; NULL: no memory. */
struct kldsim__member *kldsim__members_add(struct kldsim__members *members,
    const char *path, enum kldsim_source_type type);

/*
 * Put them in order, once all are there: of two of one path the later one
 * stays, and folders that nobody has named are made.  Gives 0, ENOMEM, or E2BIG
 * if that makes more than max of them.
 */
int kldsim__members_sort(struct kldsim__members *members, uint64_t max);

/*
 * The member of a path, normal or not.  Links on the way are followed, and the
 * last one if follow says so.  Gives 0, ENOENT, ELOOP or ENAMETOOLONG.
 */
int kldsim__members_find(struct kldsim__members *members, const char *path,
    bool follow, struct kldsim__member **member_ret);

/* As kldsim_source_list(), of a folder of the tree. */
void kldsim__members_list(struct kldsim__members *members,
    const struct kldsim__member *folder, kldsim_source_visit_fn visit,
    void *user);

void kldsim__member_stat(const struct kldsim__members *members,
    const struct kldsim__member *member, struct kldsim__source_stat *st_ret);

#endif
