/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Paths below a root of their own, as chroot(2) would have them: links that
 * begin with a slash, and dots, do not lead out of it.
 */

#include "source/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define LINKS 32 /* as MAXSYMLINKS */

struct walk {
	int root;
	char *to;     /* without links, "" for the root itself */
	size_t used;  /* of KLDSIM__SOURCE_PATH bytes */
	char rest[KLDSIM__SOURCE_PATH]; /* still to go */
	unsigned links;
};

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

/* If it is a link, go on where that leads, with what was left behind it. */
static int
follow_link(struct walk *walk, const char *left)
{
	char target[KLDSIM__SOURCE_PATH];
	const ssize_t n = readlinkat(walk->root, walk->to, target,
	    sizeof(target));
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
		walk->used = 0;
	else
		up(walk);
	walk->to[walk->used] = '\0';
	return (0);
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
	if (follow || left[strspn(left, "/")] != '\0')
		return (follow_link(walk, left));
	walk->rest[0] = '\0';
	return (0);
}

int
kldsim__host_below(int root, const char *path, bool follow,
    char to[KLDSIM__SOURCE_PATH])
{
	struct walk walk = { .root = root, .to = to };
	int error = 0;

	to[0] = '\0';
	if (strlen(path) >= sizeof(walk.rest))
		return (ENAMETOOLONG);
	memcpy(walk.rest, path, strlen(path) + 1);
	while (error == 0 && walk.rest[0] != '\0')
		error = step(&walk, follow);
	if (error == 0 && walk.used == 0)
		memcpy(to, ".", 2);
	return (error);
}
