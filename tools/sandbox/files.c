/* SPDX-License-Identifier: BSD-2-Clause */

/* What is opened in the sandbox, or without one; see sandbox.h. */

#include "sandbox/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/output.h"

/* A place that is open; NULL and errno: it is not, or nobody has named it. */
static const struct sandbox_place *
find(const char *path, enum capsicum_use use)
{
	const struct sandbox_place *place = sandbox_find(path, use);

	if (place != NULL && place->fd >= 0)
		return (place);
	errno = place != NULL ? place->error : EACCES;
	return (NULL);
}

/* --- reading --- */

static enum kldsim_status
confine_to_root(struct kldsim_source *source, const char *root,
    struct kldsim_error *error)
{
	const struct sandbox_place *place = find(root, CAPSICUM_SEARCH);
	const struct kldsim_source_folder folder = { .path = "/",
		.fd = place != NULL ? place->fd : -1 };

	if (place != NULL)
		return (kldsim_source_confine(source, "/", &folder, 1, error));
	error->status = KLDSIM_SYS;
	error->sys_errno = errno;
	error->has_offset = 0;
	(void)snprintf(error->text, sizeof(error->text), "%s: %s", root,
	    strerror(errno));
	return (KLDSIM_SYS);
}

static enum kldsim_status
confine(struct kldsim_source *source, struct kldsim_error *error)
{
	struct kldsim_source_folder *folders = need(calloc(sandbox.count + 1,
	    sizeof(*folders)));
	enum kldsim_status status;
	size_t count = 0;

	for (size_t i = 0; i < sandbox.count; i++) {
		const struct sandbox_place *place = &sandbox.places[i];

		if (place->use == CAPSICUM_SEARCH)
			folders[count++] = (struct kldsim_source_folder){
				place->path, place->real, place->fd,
				place->error };
	}
	status = kldsim_source_confine(source,
	    sandbox.here != NULL ? sandbox.here : "/", folders, count, error);
	free(folders);
	return (status);
}

enum kldsim_status
sandbox_source(const struct kldsim_source_options *how,
    struct kldsim_source **source_ret, struct kldsim_error *error)
{
	struct kldsim_source_options options = *how;
	enum kldsim_status status;

	if (sandbox.entered)
		options.root = NULL;
	status = kldsim_source_new(&options, source_ret, error);
	if (status != KLDSIM_OK || !sandbox.entered)
		return (status);
	status = how->root != NULL ?
	    confine_to_root(*source_ret, how->root, error) :
	    confine(*source_ret, error);
	if (status != KLDSIM_OK) {
		kldsim_source_unref(*source_ret);
		*source_ret = NULL;
	}
	return (status);
}

FILE *
sandbox_open(const char *path)
{
	const struct sandbox_place *place;
	FILE *file;
	int fd;

	if (!sandbox.entered)
		return (fopen(path, "r"));
	place = find(path, CAPSICUM_READ);
	fd = place != NULL ? dup(place->fd) : -1;
	if (fd < 0)
		return (NULL);
	(void)lseek(fd, 0, SEEK_SET); /* it may have been read before */
	file = fdopen(fd, "r");
	if (file == NULL)
		(void)close(fd);
	return (file);
}

/* --- writing --- */

#define AS_NEW (O_WRONLY | O_CREAT | O_TRUNC)

int
sandbox_create(const char *path)
{
	const struct sandbox_place *place;

	if (!sandbox.entered)
		return (open(path, AS_NEW, 0666));
	place = find(path, CAPSICUM_CREATE);
	return (place == NULL ? -1 : openat(place->fd, place->name, AS_NEW,
	    0666));
}

int
sandbox_remove(const char *path)
{
	const struct sandbox_place *place;

	if (!sandbox.entered)
		return (unlink(path));
	place = find(path, CAPSICUM_CREATE);
	return (place == NULL ? -1 : unlinkat(place->fd, place->name, 0));
}

int
sandbox_make_folder(const char *path)
{
	const struct sandbox_place *place = NULL;
	int begin = AT_FDCWD;

	if (sandbox.entered) {
		place = find(path, CAPSICUM_TREE);
		if (place == NULL)
			return (-1);
		begin = place->fd;
		path = place->name;
	}
	if (mkdirat(begin, path, 0777) != 0 && errno != EEXIST)
		return (-1);
	return (openat(begin, path, O_RDONLY | O_DIRECTORY));
}

char *
sandbox_here(void)
{
	char *folder = NULL;

	if (sandbox.entered)
		return (sandbox.here != NULL ? need(strdup(sandbox.here)) :
		    NULL);
	for (size_t size = 256; size <= 65536; size *= 2) {
		folder = need(realloc(folder, size));
		if (getcwd(folder, size) != NULL)
			return (folder);
	}
	free(folder);
	return (NULL);
}
