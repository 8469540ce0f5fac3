/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Where a path leads below a table of open folders.  Links are followed here and
 * not by the host, so that one with a slash in front begins in the table again,
 * and dots lead from one folder of it to another: a root of its own is one
 * folder, "/".  The host is asked for nothing but what is below a descriptor.
 */

#include "source/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LINKS 32 /* as MAXSYMLINKS */

struct walk {
	const struct kldsim__host *host;
	char *to;     /* so far, without links and slash in front */
	size_t used;  /* of KLDSIM__SOURCE_PATH bytes */
	char rest[KLDSIM__SOURCE_PATH]; /* still to go */
	unsigned links;
};

/* What of a path is behind a folder's; NULL: it is not below it. */
static const char *
behind(const char *path, const char *folder)
{
	const size_t length = strlen(folder);

	if (length == 0)
		return (path);
	if (strncmp(path, folder, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0'))
		return (NULL);
	return (path + length + (path[length] == '/'));
}

/*
 * The innermost folder that a path without links is below, of those that are open
 * if there is one; NULL: none.
 */
static const struct kldsim__host_folder *
find(const struct kldsim__host *host, const char *path, const char **rest_ret)
{
	const struct kldsim__host_folder *found = NULL;

	*rest_ret = NULL;
	for (size_t i = 0; i < host->nfolders; i++) {
		const struct kldsim__host_folder *folder = &host->folders[i];
		const char *rest = behind(path, folder->real);

		if (rest != NULL && (found == NULL ||
		    (found->fd < 0 && folder->fd >= 0) ||
		    ((found->fd < 0) == (folder->fd < 0) &&
		    rest > *rest_ret))) {
			found = folder;
			*rest_ret = rest;
		}
	}
	return (found);
}

static void
go_to(struct walk *walk, const char *path)
{
	walk->used = strlen(path);
	memcpy(walk->to, path, walk->used + 1);
}

/* Take the last part away; the root is above itself. */
static void
up(struct walk *walk)
{
	while (walk->used != 0 && walk->to[walk->used - 1] != '/')
		walk->used--;
	walk->used -= walk->used != 0;
	walk->to[walk->used] = '\0';
}

static int
down(struct walk *walk, const char *name, size_t length)
{
	const size_t slash = walk->used != 0;

	if (walk->used + slash + length >= KLDSIM__SOURCE_PATH)
		return (ENAMETOOLONG);
	if (slash)
		walk->to[walk->used++] = '/';
	memcpy(walk->to + walk->used, name, length);
	walk->used += length;
	walk->to[walk->used] = '\0';
	return (0);
}

/* The target of what was come to; -1: it is no link, or above all folders. */
static ssize_t
read_link(const struct walk *walk, char target[KLDSIM__SOURCE_PATH])
{
	const char *rest;
	const struct kldsim__host_folder *folder = find(walk->host, walk->to,
	    &rest);

	if (folder == NULL || folder->fd < 0 || *rest == '\0')
		return (-1);
	return (readlinkat(folder->fd, rest, target, KLDSIM__SOURCE_PATH));
}

/* If it is a link, go on where that leads, with what was left behind it. */
static int
follow_link(struct walk *walk, const char *left)
{
	char target[KLDSIM__SOURCE_PATH];
	const ssize_t n = read_link(walk, target);
	const size_t length = strlen(left);

	if (n < 0) { /* none, or nothing: who opens it will see */
		memmove(walk->rest, left, length + 1);
		return (0);
	}
	if (++walk->links > LINKS)
		return (ELOOP);
	if ((size_t)n + length + 2 > sizeof(walk->rest))
		return (ENAMETOOLONG);
	memmove(walk->rest + n + 1, left, length + 1);
	memcpy(walk->rest, target, (size_t)n);
	walk->rest[n] = '/';
	if (n != 0 && target[0] == '/')
		go_to(walk, "");
	else
		up(walk);
	return (0);
}

/* What was come to may be what a folder was opened by. */
static void
enter(struct walk *walk)
{
	for (size_t i = 0; i < walk->host->nfolders; i++)
		if (strcmp(walk->host->folders[i].path, walk->to) == 0) {
			go_to(walk, walk->host->folders[i].real);
			return;
		}
}

/* One part of what is left. */
static int
step(struct walk *walk, bool follow)
{
	const char *name = walk->rest + strspn(walk->rest, "/");
	const size_t length = strcspn(name, "/");
	const char *left = name + length;
	int error;

	if (length == 0 || (length == 1 && name[0] == '.') ||
	    (length == 2 && name[0] == '.' && name[1] == '.')) {
		if (length == 2)
			up(walk);
		memmove(walk->rest, left, strlen(left) + 1);
		return (0);
	}
	error = down(walk, name, length);
	if (error != 0)
		return (error);
	if (!follow && left[strspn(left, "/")] == '\0') {
		walk->rest[0] = '\0';
		return (0);
	}
	enter(walk);
	return (follow_link(walk, left));
}

/* All of it; a relative path begins here. */
static int
go(struct walk *walk, const char *here, const char *path, bool follow)
{
	const char *first = path[0] == '/' ? "" : here;
	const size_t length = strlen(first);
	int error = 0;

	if (path[0] == '\0')
		return (ENOENT);
	if (length + strlen(path) + 2 > sizeof(walk->rest))
		return (ENAMETOOLONG);
	memcpy(walk->rest, first, length);
	walk->rest[length] = '/';
	memcpy(walk->rest + length + 1, path, strlen(path) + 1);
	go_to(walk, "");
	while (error == 0 && walk->rest[0] != '\0')
		error = step(walk, follow);
	return (error);
}

/* For openat(2); a slash at the end stays, for only folders may have one. */
static int
put_rest(char *below, const char *rest, const char *path)
{
	const size_t length = strlen(rest);
	const bool slash = path[strlen(path) - 1] == '/';

	if (length == 0) {
		memcpy(below, ".", 2);
		return (0);
	}
	if (length + slash >= KLDSIM__SOURCE_PATH)
		return (ENAMETOOLONG);
	memmove(below, rest, length + 1);
	if (slash)
		memcpy(below + length, "/", 2);
	return (0);
}

int
kldsim__host_below(const struct kldsim__host *host, const char *path,
    bool follow, int *fd_ret, char below[KLDSIM__SOURCE_PATH])
{
	struct walk walk = { .host = host, .to = below };
	const int error = go(&walk, host->here, path, follow);
	const struct kldsim__host_folder *folder;
	const char *rest;

	if (error != 0)
		return (error);
	folder = find(host, below, &rest);
	if (folder == NULL && !follow) {
		enter(&walk);
		folder = find(host, below, &rest);
	}
	if (folder == NULL)
		return (KLDSIM__OUTSIDE);
	if (folder->fd < 0)
		return (folder->error);
	*fd_ret = folder->fd;
	return (put_rest(below, rest, path));
}

int
kldsim__host_plain(const char *here, const char *path,
    char plain[KLDSIM__SOURCE_PATH])
{
	static const struct kldsim__host no_folders = { .nfolders = 0 };
	struct walk walk = { .host = &no_folders, .to = plain };

	return (go(&walk, here, path, true));
}
