/* SPDX-License-Identifier: BSD-2-Clause */

/* A source, and where a path of it leads: to the host or into memory. */

#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "elf/image.h"
#include "source/host.h"
#include "source/members.h"
#include "util/limits.h"
#include "util/path.h"
#include "util/strmap.h"

struct kldsim_source {
	atomic_uint refs;
	struct kldsim__alloc alloc; /* the C library's: kernels share it */
	struct kldsim_limits limits;
	int root;                   /* AT_FDCWD: as anywhere on the host */
	bool read_once;
	struct kldsim__members images; /* those that were added */
	pthread_mutex_t lock;       /* guards what follows */
	struct kldsim__arena names;
	struct kldsim__strmap kept; /* by path: number of its image */
	struct kldsim_image **kept_images;
	size_t nkept;
	size_t kept_cap;
};

/* --- bad news --- */

enum kldsim_status
kldsim__source_fail(struct kldsim_error *error, enum kldsim_status status,
    int sys_errno, const char *format, ...)
{
	va_list args;

	if (error != NULL) {
		error->status = status;
		error->sys_errno = sys_errno;
		error->has_offset = 0;
		va_start(args, format);
		(void)vsnprintf(error->text, sizeof(error->text), format,
		    args);
		va_end(args);
	}
	return (status);
}

enum kldsim_status
kldsim__source_fail_path(struct kldsim_error *error, const char *path,
    int sys_errno)
{
	return (kldsim__source_fail(error, KLDSIM_SYS, sys_errno, "%s: %s",
	    path, strerror(sys_errno)));
}

static enum kldsim_status
no_memory(struct kldsim_error *error)
{
	return (kldsim__source_fail(error, KLDSIM_NOMEM, 0, "no memory"));
}

/* --- the object --- */

void
kldsim_source_options_init(struct kldsim_source_options *options)
{
	memset(options, 0, sizeof(*options));
	options->size = sizeof(*options);
}

static enum kldsim_status
take_options(const struct kldsim_source_options *given,
    struct kldsim_source_options *options, struct kldsim_error *error)
{
	kldsim_source_options_init(options);
	if (given != NULL && (given->size < sizeof(size_t) ||
	    given->size > sizeof(*options)))
		return (kldsim__source_fail(error, KLDSIM_ARG, 0,
		    "options of a size that is not known"));
	if (given != NULL)
		memcpy(options, given, given->size);
	kldsim__limits_defaults(&options->limits);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_source_new(const struct kldsim_source_options *given,
    struct kldsim_source **source_ret, struct kldsim_error *error_ret)
{
	struct kldsim_source_options options;
	enum kldsim_status status = take_options(given, &options, error_ret);
	struct kldsim_source *source;
	struct kldsim__alloc alloc;
	int root = AT_FDCWD;

	if (status == KLDSIM_OK && options.root != NULL)
		status = kldsim__host_open(AT_FDCWD, options.root, true,
		    &root, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	kldsim__alloc_init(&alloc, NULL);
	source = kldsim__calloc(&alloc, 1, sizeof(*source));
	if (source == NULL) {
		if (root != AT_FDCWD)
			(void)close(root);
		return (no_memory(error_ret));
	}
	atomic_init(&source->refs, 1);
	source->alloc = alloc;
	source->limits = options.limits;
	source->root = root;
	source->read_once = options.read_once;
	kldsim__members_init(&source->images, &source->alloc);
	(void)pthread_mutex_init(&source->lock, NULL);
	kldsim__arena_init(&source->names, &source->alloc);
	kldsim__strmap_init(&source->kept, &source->alloc);
	*source_ret = source;
	return (KLDSIM_OK);
}

struct kldsim_source *
kldsim_source_ref(struct kldsim_source *source)
{
	atomic_fetch_add(&source->refs, 1);
	return (source);
}

void
kldsim_source_unref(struct kldsim_source *source)
{
	struct kldsim__alloc alloc;

	if (source == NULL || atomic_fetch_sub(&source->refs, 1) != 1)
		return;
	alloc = source->alloc;
	for (size_t i = 0; i < source->nkept; i++)
		kldsim_image_unref(source->kept_images[i]);
	kldsim__free(&alloc, source->kept_images);
	kldsim__strmap_fini(&source->kept);
	kldsim__arena_fini(&source->names);
	(void)pthread_mutex_destroy(&source->lock);
	kldsim__members_fini(&source->images);
	if (source->root != AT_FDCWD)
		(void)close(source->root);
	kldsim__free(&alloc, source);
}

enum kldsim_status
kldsim_source_add(struct kldsim_source *source, const char *path,
    struct kldsim_image *image, struct kldsim_error *error_ret)
{
	char normal[KLDSIM__SOURCE_PATH];
	struct kldsim__member *member;

	if (path[0] != '/' || kldsim__path_normal(path, normal,
	    sizeof(normal)) != 0 || normal[0] == '\0')
		return (kldsim__source_fail(error_ret, KLDSIM_ARG, 0, "%s: no "
		    "path that begins in the root and stays below it", path));
	member = kldsim__members_add(&source->images, normal,
	    KLDSIM_SOURCE_FILE);
	if (member == NULL)
		return (no_memory(error_ret));
	member->image = kldsim_image_ref(image);
	(void)kldsim__image_bytes(image, &member->size);
	if (kldsim__members_sort(&source->images, UINT64_MAX) != 0)
		return (no_memory(error_ret));
	return (KLDSIM_OK);
}

/* --- where a path leads --- */

/* A member of a tree, or, where that is NULL, a file of the host. */
struct located {
	struct kldsim__members *members;
	struct kldsim__member *member;
};

/* A path that is among the added images, or in a folder of such. */
static bool
is_added(struct kldsim_source *source, const char *path)
{
	char folder[KLDSIM__SOURCE_PATH];
	struct kldsim__member *member;
	char *slash;

	if (source == NULL || source->images.count == 0 || path[0] != '/' ||
	    kldsim__path_normal(path, folder, sizeof(folder)) != 0)
		return (false);
	if (kldsim__members_find(&source->images, folder, true, &member) == 0)
		return (true);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		slash = folder;
	*slash = '\0';
	return (kldsim__members_find(&source->images, folder, true,
	    &member) == 0 && member->holds);
}

static enum kldsim_status
locate(struct kldsim_source *source, const char *path, bool follow,
    struct located *at_ret, struct kldsim_error *error)
{
	int found;

	at_ret->members = NULL;
	at_ret->member = NULL;
	if (!is_added(source, path))
		return (KLDSIM_OK);
	at_ret->members = &source->images;
	found = kldsim__members_find(&source->images, path, follow,
	    &at_ret->member);
	return (found != 0 ? kldsim__source_fail_path(error, path, found) :
	    KLDSIM_OK);
}

static int
root_of(const struct kldsim_source *source)
{
	return (source != NULL ? source->root : AT_FDCWD);
}

enum kldsim_status
kldsim__source_stat(struct kldsim_source *source, const char *path,
    bool follow, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error)
{
	struct located at;
	enum kldsim_status status = locate(source, path, follow, &at, error);

	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL)
		return (kldsim__host_stat(root_of(source), path, follow,
		    st_ret, error));
	kldsim__member_stat(at.members, at.member, st_ret);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_source_stat(struct kldsim_source *source, const char *path,
    struct kldsim_source_file *file_ret, struct kldsim_error *error_ret)
{
	struct kldsim__source_stat st;
	enum kldsim_status status = kldsim__source_stat(source, path, true,
	    &st, error_ret);

	if (status != KLDSIM_OK)
		return (status);
	file_ret->name = kldsim__basename(path);
	file_ret->type = st.type;
	file_ret->size = st.size;
	file_ret->mtime = (int64_t)st.mtime.tv_sec;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_source_list(struct kldsim_source *source, const char *folder,
    kldsim_source_visit_fn visit, void *user, struct kldsim_error *error_ret)
{
	struct located at;
	enum kldsim_status status = locate(source, folder, true, &at,
	    error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL)
		return (kldsim__host_list(root_of(source), folder, visit,
		    user, error_ret));
	if (at.member->type != KLDSIM_SOURCE_FOLDER)
		return (kldsim__source_fail_path(error_ret, folder, ENOTDIR));
	kldsim__members_list(at.members, at.member, visit, user);
	return (KLDSIM_OK);
}

/* --- bytes --- */

/* A file of the host that was opened before; NULL: it was not. */
static struct kldsim_image *
get_kept(struct kldsim_source *source, const char *path)
{
	uint32_t number;

	if (!kldsim__strmap_get(&source->kept, path, &number))
		return (NULL);
	return (kldsim_image_ref(source->kept_images[number]));
}

static bool
keep(struct kldsim_source *source, const char *path,
    struct kldsim_image *image)
{
	const char *key = kldsim__arena_strdup(&source->names, path);

	if (key == NULL || !kldsim__grow(&source->alloc,
	    &source->kept_images, &source->kept_cap, source->nkept + 1,
	    sizeof(struct kldsim_image *)) ||
	    !kldsim__strmap_add(&source->kept, key, (uint32_t)source->nkept))
		return (false);
	source->kept_images[source->nkept++] = kldsim_image_ref(image);
	return (true);
}

static enum kldsim_status
open_once(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;

	(void)pthread_mutex_lock(&source->lock);
	*image_ret = get_kept(source, path);
	if (*image_ret == NULL) {
		status = kldsim__host_image(source->root, path, image_ret,
		    error);
		if (status == KLDSIM_OK && !keep(source, path, *image_ret)) {
			kldsim_image_unref(*image_ret);
			status = no_memory(error);
		}
	}
	(void)pthread_mutex_unlock(&source->lock);
	return (status);
}

enum kldsim_status
kldsim_source_image(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	struct located at;
	enum kldsim_status status = locate(source, path, true, &at,
	    error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL && source != NULL && source->read_once)
		return (open_once(source, path, image_ret, error_ret));
	if (at.members == NULL)
		return (kldsim__host_image(root_of(source), path, image_ret,
		    error_ret));
	if (at.member->type == KLDSIM_SOURCE_FOLDER)
		return (kldsim__source_fail(error_ret, KLDSIM_SYS, EISDIR,
		    "%s: not a regular file, but a folder", path));
	*image_ret = kldsim_image_ref(at.member->image);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__source_open(struct kldsim_source *source, const char *path,
    bool follow, struct kldsim__open_file *file_ret,
    struct kldsim_error *error)
{
	struct located at;
	enum kldsim_status status = locate(source, path, follow, &at, error);

	file_ret->fd = -1;
	file_ret->image = NULL;
	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL) {
		status = kldsim__host_open(root_of(source), path, follow,
		    &file_ret->fd, error);
		if (status == KLDSIM_OK)
			status = kldsim__host_stat_fd(file_ret->fd, path,
			    &file_ret->st, error);
		if (status != KLDSIM_OK)
			kldsim__source_close(file_ret);
		return (status);
	}
	if (at.member->type == KLDSIM_SOURCE_LINK)
		return (kldsim__source_fail_path(error, path, ELOOP));
	kldsim__member_stat(at.members, at.member, &file_ret->st);
	if (at.member->image != NULL)
		file_ret->image = kldsim_image_ref(at.member->image);
	return (KLDSIM_OK);
}

size_t
kldsim__source_read(const struct kldsim__open_file *file,
    uint8_t *bytes_ret, size_t size)
{
	const uint8_t *bytes;
	uint64_t have;

	if (file->fd >= 0)
		return (kldsim__host_read(file->fd, bytes_ret, size));
	if (file->image == NULL)
		return (0);
	bytes = kldsim__image_bytes(file->image, &have);
	if (have < size)
		size = (size_t)have;
	if (size != 0)
		memcpy(bytes_ret, bytes, size);
	return (size);
}

void
kldsim__source_close(struct kldsim__open_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	kldsim_image_unref(file->image);
	file->fd = -1;
	file->image = NULL;
}
