/* SPDX-License-Identifier: BSD-2-Clause */

/* A tree of files in memory: an array of paths in order. */

#include "source/members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/path.h"

/* As many as the kernel follows (MAXSYMLINKS). */
#define MAX_LINKS 32

void
kldsim__members_init(struct kldsim__members *members,
    const struct kldsim__alloc *alloc)
{
	memset(members, 0, sizeof(*members));
	members->alloc = alloc;
	kldsim__arena_init(&members->names, alloc);
}

void
kldsim__members_fini(struct kldsim__members *members)
{
	for (size_t i = 0; i < members->count; i++)
		kldsim_image_unref(members->all[i].image);
	kldsim__free(members->alloc, members->all);
	kldsim__arena_fini(&members->names);
}

/* --- paths --- */

int
kldsim__path_normal(const char *path, char *normal_ret, size_t size)
{
	size_t at = 0, length;

	for (; *path != '\0'; path += length) {
		length = strcspn(path, "/");
		if (length == 0) {
			length = 1; /* a slash */
			continue;
		}
		if (length == 1 && path[0] == '.')
			continue;
		if (length == 2 && path[0] == '.' && path[1] == '.') {
			if (at == 0)
				return (EINVAL);
			while (at > 0 && normal_ret[--at] != '/')
				;
			continue;
		}
		if (length + (at != 0) + 1 > size - at)
			return (ENAMETOOLONG);
		if (at != 0)
			normal_ret[at++] = '/';
		memcpy(normal_ret + at, path, length);
		at += length;
	}
	normal_ret[at] = '\0';
	return (0);
}

/* How much of a path is the folder that it lies in. */
static size_t
folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash != NULL ? (size_t)(slash - path) : 0);
}

/* --- making them --- */

struct kldsim__member *
kldsim__members_add(struct kldsim__members *members, const char *path,
    enum kldsim_source_type type)
{
	struct kldsim__member *member;

	if (!kldsim__grow(members->alloc, &members->all, &members->cap,
	    members->count + 1, sizeof(*members->all)))
		return (NULL);
	member = &members->all[members->count];
	memset(member, 0, sizeof(*member));
	member->path = kldsim__arena_strdup(&members->names, path);
	if (member->path == NULL)
		return (NULL);
	member->type = type;
	member->order = members->added++;
	members->count++;
	return (member);
}

static int
compare_members(const void *left, const void *right)
{
	const struct kldsim__member *a = left, *b = right;
	int order = strcmp(a->path, b->path);

	if (order != 0)
		return (order);
	return (a->order < b->order ? -1 : 1);
}

/* Of those of one path, the last stays. */
static void
drop_older(struct kldsim__members *members)
{
	size_t kept = 0;

	for (size_t i = 0; i < members->count; i++) {
		if (kept != 0 && strcmp(members->all[kept - 1].path,
		    members->all[i].path) == 0)
			kldsim_image_unref(members->all[--kept].image);
		members->all[kept++] = members->all[i];
	}
	members->count = kept;
}

/* The first of count members that does not come before a path. */
static size_t
lower_bound(const struct kldsim__members *members, size_t count,
    const char *path, size_t length)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(members->all[middle].path, path, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

/* The member of a path, of the first count that are in order. */
static struct kldsim__member *
exact(const struct kldsim__members *members, size_t count, const char *path,
    size_t length)
{
	size_t i = lower_bound(members, count, path, length);

	/* What is longer and begins alike comes behind it. */
	if (i == count || strncmp(members->all[i].path, path, length) != 0 ||
	    members->all[i].path[length] != '\0')
		return (NULL);
	return (&members->all[i]);
}

/* How long the beginning is that two paths share, in whole parts. */
static size_t
shared(const char *a, const char *b)
{
	size_t at = 0, parts = 0;

	for (; a[at] != '\0' && a[at] == b[at]; at++)
		if (a[at] == '/')
			parts = at + 1;
	return (parts);
}

/*
 * The folders that a path is in, unless they are there.  Those below a folder
 * stand one behind the other, so that the path before has made what both
 * share.
 */
static int
add_folders(struct kldsim__members *members, size_t count, size_t which,
    uint64_t max)
{
	char folder[KLDSIM__SOURCE_PATH];
	const char *path = members->all[which].path;
	size_t at = which != 0 ? shared(members->all[which - 1].path, path) : 0;

	for (; path[at] != '\0'; at++) {
		if (path[at] != '/' || exact(members, count, path, at) != NULL)
			continue;
		if (members->count >= max)
			return (E2BIG);
		memcpy(folder, path, at);
		folder[at] = '\0';
		if (kldsim__members_add(members, folder,
		    KLDSIM_SOURCE_FOLDER) == NULL)
			return (ENOMEM);
	}
	return (0);
}

static void
sort(struct kldsim__members *members)
{
	qsort(members->all, members->count, sizeof(*members->all),
	    compare_members);
}

int
kldsim__members_sort(struct kldsim__members *members, uint64_t max)
{
	size_t count;
	int error = 0;

	/* The root is there, whoever has named it. */
	if (kldsim__members_add(members, "", KLDSIM_SOURCE_FOLDER) == NULL)
		return (ENOMEM);
	sort(members);
	drop_older(members);
	count = members->count;
	for (size_t i = 0; i < count && error == 0; i++)
		error = add_folders(members, count, i, max);
	if (error != 0)
		return (error);
	if (members->count != count)
		sort(members);
	for (size_t i = 0; i < members->count; i++) {
		const char *path = members->all[i].path;

		if (members->all[i].type != KLDSIM_SOURCE_FOLDER)
			exact(members, members->count, path,
			    folder_length(path))->holds = true;
	}
	return (0);
}

/* --- finding them --- */

/* Where a link leads, and what of the path comes behind it. */
static int
follow_link(const struct kldsim__member *link, const char *rest,
    char next_ret[KLDSIM__SOURCE_PATH])
{
	char path[3 * KLDSIM__SOURCE_PATH];
	const bool relative = link->type == KLDSIM_SOURCE_LINK &&
	    link->target[0] != '/';
	int length;

	length = snprintf(path, sizeof(path), "%.*s/%s%s",
	    relative ? (int)folder_length(link->path) : 0, link->path,
	    link->target, rest);
	if (length < 0 || (size_t)length >= sizeof(path))
		return (ENAMETOOLONG);
	length = kldsim__path_normal(path, next_ret, KLDSIM__SOURCE_PATH);
	/* What leads out of an archive leads nowhere. */
	return (length == EINVAL ? ENOENT : length);
}

/* The member of a normal path, or the path that a link on the way makes of it. */
static int
step(const struct kldsim__members *members, const char *path, bool follow,
    struct kldsim__member **member_ret, char next_ret[KLDSIM__SOURCE_PATH])
{
	struct kldsim__member *member = exact(members, members->count, path,
	    strlen(path));

	*member_ret = NULL;
	if (member != NULL && (member->target == NULL ||
	    (member->type == KLDSIM_SOURCE_LINK && !follow))) {
		*member_ret = member;
		return (0);
	}
	if (member != NULL)
		return (follow_link(member, "", next_ret));
	for (size_t at = 0; path[at] != '\0'; at++) {
		if (path[at] != '/')
			continue;
		member = exact(members, members->count, path, at);
		if (member == NULL)
			return (ENOENT);
		if (member->type == KLDSIM_SOURCE_LINK)
			return (follow_link(member, path + at, next_ret));
	}
	return (ENOENT);
}

int
kldsim__members_find(struct kldsim__members *members, const char *path,
    bool follow, struct kldsim__member **member_ret)
{
	char now[KLDSIM__SOURCE_PATH], next[KLDSIM__SOURCE_PATH];
	int error = kldsim__path_normal(path, now, sizeof(now));

	if (error != 0)
		return (error == EINVAL ? ENOENT : error);
	for (int links = 0; links <= MAX_LINKS; links++) {
		error = step(members, now, follow, member_ret, next);
		if (error != 0 || *member_ret != NULL)
			return (error);
		memcpy(now, next, sizeof(now));
	}
	return (ELOOP);
}

void
kldsim__member_stat(const struct kldsim__members *members,
    const struct kldsim__member *member, struct kldsim__source_stat *st_ret)
{
	memset(st_ret, 0, sizeof(*st_ret));
	st_ret->type = member->type;
	st_ret->number = (uint64_t)(member - members->all);
	st_ret->size = member->size;
	st_ret->mtime = member->mtime;
}

/* --- lists --- */

static void
describe(struct kldsim__members *members, struct kldsim__member *member,
    struct kldsim_source_file *file_ret)
{
	struct kldsim__member *other = member;

	file_ret->name = kldsim__basename(member->path);
	/* Another name of a file is as good as the first one. */
	if (member->target != NULL && member->type == KLDSIM_SOURCE_FILE &&
	    kldsim__members_find(members, member->path, true, &other) != 0)
		other = member;
	file_ret->type = other->type;
	file_ret->size = other->size;
	file_ret->mtime = (int64_t)other->mtime.tv_sec;
}

void
kldsim__members_list(struct kldsim__members *members,
    const struct kldsim__member *folder, kldsim_source_visit_fn visit,
    void *user)
{
	char prefix[KLDSIM__SOURCE_PATH + 2];
	const size_t root = folder->path[0] == '\0';
	const size_t length = strlen(folder->path) + !root;
	size_t i;

	(void)snprintf(prefix, sizeof(prefix), "%s%s", folder->path,
	    root ? "" : "/");
	i = lower_bound(members, members->count, prefix, length) + root;
	while (i < members->count &&
	    strncmp(members->all[i].path, prefix, length) == 0) {
		const char *path = members->all[i].path;
		struct kldsim_source_file file;

		/* What is further down comes at its folder's turn. */
		if (strchr(path + length, '/') != NULL) {
			char below[KLDSIM__SOURCE_PATH + 2];
			size_t part = length + strcspn(path + length, "/");

			/* The character after '/'. */
			(void)snprintf(below, sizeof(below), "%.*s0",
			    (int)part, path);
			i = lower_bound(members, members->count, below,
			    part + 1);
			continue;
		}
		describe(members, &members->all[i], &file);
		if (!visit(user, &file))
			return;
		i++;
	}
}
