/* SPDX-License-Identifier: BSD-2-Clause */

/* What a path leads to: what is said of it, what is in it, its bytes. */

#include "source/impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "elf/image.h"
#include "util/path.h"

/* The bytes of a regular file that is in memory. */
static enum kldsim_status
member_image(const struct kldsim__located *at, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	if (at->archive != NULL)
		return (kldsim__archive_image(at->archive, at->member,
		    image_ret, error));
	*image_ret = kldsim_image_ref(at->member->image);
	return (KLDSIM_OK);
}

static const struct kldsim__host *
host_of(const struct kldsim_source *source)
{
	return (source != NULL ? &source->host : NULL);
}

static enum kldsim_status
stat_at(struct kldsim_source *source, const char *path, bool follow,
    struct kldsim__located *at, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error)
{
	enum kldsim_status status = kldsim__source_locate(source, path, follow, at, error);

	if (status != KLDSIM_OK)
		return (status);
	if (at->members == NULL)
		return (kldsim__host_stat(host_of(source), path, follow,
		    st_ret, error));
	kldsim__member_stat(at->members, at->member, st_ret);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__source_stat(struct kldsim_source *source, const char *path,
    bool follow, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error)
{
	struct kldsim__located at;

	return (stat_at(source, path, follow, &at, st_ret, error));
}

enum kldsim_status
kldsim_source_stat(struct kldsim_source *source, const char *path,
    struct kldsim_source_file *file_ret, struct kldsim_error *error_ret)
{
	struct kldsim__source_stat st;
	struct kldsim__located at;
	enum kldsim_status status = stat_at(source, path, true, &at, &st,
	    error_ret);

	if (status != KLDSIM_OK)
		return (status);
	file_ret->name = kldsim__basename(at.inside);
	file_ret->type = st.type;
	file_ret->size = st.size;
	file_ret->mtime = (int64_t)st.mtime.tv_sec;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_source_list(struct kldsim_source *source, const char *folder,
    kldsim_source_visit_fn visit, void *user, struct kldsim_error *error_ret)
{
	struct kldsim__located at;
	enum kldsim_status status = kldsim__source_locate(source, folder, true, &at,
	    error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL)
		return (kldsim__host_list(host_of(source), folder, visit,
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

enum kldsim_status
kldsim__source_whole(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	enum kldsim_status status;

	*image_ret = source->read_once ? get_kept(source, path) : NULL;
	if (*image_ret != NULL)
		return (KLDSIM_OK);
	status = kldsim__host_image(&source->host, path, image_ret, error);
	if (status == KLDSIM_OK && source->read_once &&
	    !keep(source, path, *image_ret)) {
		kldsim_image_unref(*image_ret);
		status = kldsim__source_no_memory(error);
	}
	return (status);
}

static enum kldsim_status
open_once(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	enum kldsim_status status;

	(void)pthread_mutex_lock(&source->lock);
	status = kldsim__source_whole(source, path, image_ret, error);
	(void)pthread_mutex_unlock(&source->lock);
	return (status);
}

enum kldsim_status
kldsim_source_image(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	struct kldsim__located at;
	enum kldsim_status status = kldsim__source_locate(source, path, true, &at,
	    error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL && source != NULL && source->read_once)
		return (open_once(source, path, image_ret, error_ret));
	if (at.members == NULL)
		return (kldsim__host_image(host_of(source), path, image_ret,
		    error_ret));
	if (at.member->type == KLDSIM_SOURCE_FOLDER)
		return (kldsim__source_fail(error_ret, KLDSIM_SYS, EISDIR,
		    "%s: not a regular file, but a folder", path));
	return (member_image(&at, image_ret, error_ret));
}

enum kldsim_status
kldsim__source_open(struct kldsim_source *source, const char *path,
    bool follow, struct kldsim__open_file *file_ret,
    struct kldsim_error *error)
{
	struct kldsim__located at;
	enum kldsim_status status = kldsim__source_locate(source, path, follow, &at, error);

	file_ret->fd = -1;
	file_ret->source = source;
	file_ret->path = path;
	if (status != KLDSIM_OK)
		return (status);
	if (at.members == NULL) {
		status = kldsim__host_open(host_of(source), path, follow,
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
	return (KLDSIM_OK);
}

size_t
kldsim__source_read(const struct kldsim__open_file *file,
    uint8_t *bytes_ret, size_t size)
{
	struct kldsim_image *image;
	const uint8_t *bytes;
	uint64_t have;

	if (file->fd >= 0)
		return (kldsim__host_read(file->fd, bytes_ret, size));
	if (kldsim_source_image(file->source, file->path, &image, NULL) !=
	    KLDSIM_OK)
		return (0);
	bytes = kldsim__image_bytes(image, &have);
	if (have < size)
		size = (size_t)have;
	if (size != 0)
		memcpy(bytes_ret, bytes, size);
	kldsim_image_unref(image);
	return (size);
}

enum kldsim_status
kldsim__source_open_image(const struct kldsim__open_file *file,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	/* What is read once is kept by its path. */
	if (file->fd < 0 || (file->source != NULL && file->source->read_once))
		return (kldsim_source_image(file->source, file->path,
		    image_ret, error));
	return (kldsim_image_open_fd(file->fd, file->path, image_ret, error));
}

void
kldsim__source_close(struct kldsim__open_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
}

/* --- what there is in memory alone --- */

enum kldsim_status
kldsim__source_in_memory(struct kldsim_source *source, const char *folder,
    bool *in_memory_ret, struct kldsim_error *error)
{
	struct kldsim__located at;
	enum kldsim_status status = kldsim__source_locate(source, folder, true, &at, error);

	*in_memory_ret = status == KLDSIM_OK && at.members != NULL &&
	    at.member->type == KLDSIM_SOURCE_FOLDER;
	return (status == KLDSIM_SYS ? KLDSIM_OK : status);
}

bool
kldsim__source_is_foreign(struct kldsim_source *source, const char *path)
{
	struct kldsim__located at;

	return (kldsim__source_locate(source, path, true, &at, NULL) == KLDSIM_OK &&
	    at.archive != NULL && at.member->image == NULL);
}
