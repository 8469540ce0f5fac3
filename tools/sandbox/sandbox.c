/* SPDX-License-Identifier: BSD-2-Clause */

/* What a command will read and write, and entering the sandbox; see sandbox.h. */

/* realpath(3) is a part of POSIX that is shown to those who ask for all. */
#define _XOPEN_SOURCE 700

#include "sandbox/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "path.h"
#include "report/output.h"

struct sandbox sandbox;

const struct sandbox_place *
sandbox_find(const char *path, enum capsicum_use use)
{
	for (size_t i = 0; i < sandbox.count; i++)
		if (sandbox.places[i].use == use &&
		    strcmp(sandbox.places[i].path, path) == 0)
			return (&sandbox.places[i]);
	return (NULL);
}

/* --- what is named --- */

static void
add(const char *path, enum capsicum_use use)
{
	if (sandbox_find(path, use) != NULL)
		return;
	if (sandbox.count == sandbox.cap) {
		sandbox.cap = sandbox.cap * 2 + 16;
		sandbox.places = need(realloc(sandbox.places,
		    sandbox.cap * sizeof(*sandbox.places)));
	}
	sandbox.places[sandbox.count++] = (struct sandbox_place){
		.path = need(strdup(path)), .use = use, .fd = -1 };
}

static void
add_folder_of(const char *path)
{
	char *folder = path_folder(path);

	add(folder, CAPSICUM_SEARCH);
	free(folder);
}

/* What a link leads to may be elsewhere. */
static void
add_search(const char *path)
{
	struct stat st;
	char *real;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		add(path, CAPSICUM_SEARCH);
		return;
	}
	add_folder_of(path);
	real = realpath(path, NULL);
	if (real != NULL)
		add_folder_of(real);
	free(real);
}

void
sandbox_will_search(const char *path)
{
	char *place;

	if (capsicum_missing() != NULL || path[0] == '\0')
		return;
	place = need(strdup(path));
	for (char *colon = place; (colon = strchr(colon, ':')) != NULL;
	    colon++) {
		*colon = '\0';
		if (place[0] != '\0')
			add_search(place);
		*colon = ':';
	}
	free(place);
	add_search(path);
}

void
sandbox_will_search_beside(const char *path)
{
	if (capsicum_missing() == NULL)
		add_folder_of(path);
}

void
sandbox_will_search_folder(const char *path)
{
	if (capsicum_missing() == NULL)
		add(path, CAPSICUM_SEARCH);
}

void
sandbox_will_read(const char *path)
{
	if (capsicum_missing() == NULL)
		add(path, CAPSICUM_READ);
}

void
sandbox_will_write(const char *path)
{
	if (path != NULL && capsicum_missing() == NULL)
		add(path, CAPSICUM_CREATE);
}

void
sandbox_will_write_folder(const char *path)
{
	if (capsicum_missing() == NULL)
		add(path, CAPSICUM_TREE);
}

void
sandbox_prepare(void (*prepare)(void))
{
	if (capsicum_missing() == NULL)
		prepare();
}

/* --- entering --- */

/* Who may go through a folder need not be allowed to list it. */
static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

#ifdef O_SEARCH
	if (fd < 0 && errno == EACCES)
		fd = open(path, O_SEARCH | O_DIRECTORY | O_CLOEXEC);
#endif
	return (fd);
}

/* The folder that an output will be in, or is in, if it is there. */
static int
open_parent(struct sandbox_place *place)
{
	size_t length = strlen(place->path);
	char *path = realpath(place->path, NULL), *folder;
	const char *name;
	int fd, error;

	while (length > 1 && place->path[length - 1] == '/')
		length--;
	if (path == NULL)
		path = need(strndup(place->path, length));
	folder = path_folder(path);
	name = path_name(path);
	place->name = need(strdup(*name != '\0' ? name : "."));
	fd = open_folder(folder);
	error = errno;
	free(folder);
	free(path);
	errno = error;
	return (fd);
}

static bool
open_place(struct sandbox_place *place)
{
	int error;

	if (place->use == CAPSICUM_SEARCH)
		place->fd = open_folder(place->path);
	else if (place->use == CAPSICUM_READ)
		place->fd = open(place->path, O_RDONLY | O_CLOEXEC);
	else
		place->fd = open_parent(place);
	place->error = errno;
	if (place->fd < 0)
		return (true);
	if (place->use == CAPSICUM_SEARCH)
		place->real = realpath(place->path, NULL);
	error = capsicum_limit(place->fd, place->use);
	if (error != 0)
		complain("%s: rights cannot be limited: %s", place->path,
		    strerror(error));
	return (error == 0);
}

bool
sandbox_enter(bool say)
{
	int error;

	if (capsicum_missing() != NULL)
		return (true);
	sandbox.here = sandbox_here();
	kldsim_source_prepare();
	json_object_seed(0); /* jansson reads a device for the first object */
	for (size_t i = 0; i < sandbox.count; i++)
		if (!open_place(&sandbox.places[i]))
			return (false);
	error = capsicum_enter();
	sandbox.entered = error == 0;
	if (error != 0 && error != ENOSYS)
		complain("capability mode cannot be entered: %s",
		    strerror(error));
	else if (error != 0 && say)
		complain("this kernel has no capability mode: files are read "
		    "with all rights of this user");
	return (error == 0 || error == ENOSYS);
}
