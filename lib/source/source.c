/* SPDX-License-Identifier: BSD-2-Clause */

/* A source: the object, and how it says what went wrong. */

#include "source/impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "elf/image.h"
#include "util/limits.h"
#include "util/sized.h"

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

enum kldsim_status
kldsim__source_no_memory(struct kldsim_error *error)
{
	return (kldsim__source_fail(error, KLDSIM_NOMEM, 0, "no memory"));
}

/* --- the object --- */

void
kldsim_source_options_init(struct kldsim_source_options *options, size_t size)
{
	static const struct kldsim_source_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

static enum kldsim_status
take_options(const struct kldsim_source_options *given,
    struct kldsim_source_options *options, struct kldsim_error *error)
{
	const char *wrong;

	kldsim_source_options_init(options, sizeof(*options));
	wrong = kldsim__sized_take(options, sizeof(*options), given);
	if (wrong != NULL)
		return (kldsim__source_fail(error, KLDSIM_ARG, 0, "%s", wrong));
	kldsim__limits_defaults(&options->limits);
	return (KLDSIM_OK);
}

static struct kldsim_source *
make(const struct kldsim_source_options *options)
{
	struct kldsim__alloc alloc;
	struct kldsim_source *source;

	kldsim__alloc_init(&alloc, NULL);
	source = kldsim__calloc(&alloc, 1, sizeof(*source));
	if (source == NULL)
		return (NULL);
	atomic_init(&source->refs, 1);
	source->alloc = alloc;
	source->limits = options->limits;
	source->root = -1;
	source->read_once = options->read_once;
	kldsim__members_init(&source->images, &source->alloc);
	(void)pthread_mutex_init(&source->made_lock, NULL);
	(void)pthread_mutex_init(&source->lock, NULL);
	kldsim__arena_init(&source->names, &source->alloc);
	kldsim__strmap_init(&source->kept, &source->alloc);
	return (source);
}

/* The root is the only folder, and called "/". */
static enum kldsim_status
take_root(struct kldsim_source *source, const char *root,
    struct kldsim_error *error)
{
	struct kldsim_source_folder folder = { .path = "/", .real = "/" };
	struct kldsim__source_stat st;
	enum kldsim_status status = kldsim__host_open(NULL, root, true,
	    &source->root, error);

	if (status == KLDSIM_OK)
		status = kldsim__host_stat_fd(source->root, root, &st, error);
	if (status != KLDSIM_OK)
		return (status);
	if (st.type != KLDSIM_SOURCE_FOLDER)
		return (kldsim__source_fail_path(error, root, ENOTDIR));
	folder.fd = source->root;
	return (kldsim_source_confine(source, "/", &folder, 1, error));
}

enum kldsim_status
kldsim_source_new(const struct kldsim_source_options *given,
    struct kldsim_source **source_ret, struct kldsim_error *error_ret)
{
	struct kldsim_source_options options;
	enum kldsim_status status = take_options(given, &options, error_ret);
	struct kldsim_source *source;

	if (status != KLDSIM_OK)
		return (status);
	source = make(&options);
	if (source == NULL)
		return (kldsim__source_no_memory(error_ret));
	if (options.root != NULL)
		status = take_root(source, options.root, error_ret);
	if (status == KLDSIM_OK)
		*source_ret = source;
	else
		kldsim_source_unref(source);
	return (status);
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
	while (source->archives != NULL) {
		struct kldsim__archive *archive = source->archives;

		source->archives = archive->next;
		kldsim__archive_close(archive);
	}
	kldsim__source_made_fini(source);
	for (size_t i = 0; i < source->nkept; i++)
		kldsim_image_unref(source->kept_images[i]);
	kldsim__free(&alloc, source->kept_images);
	kldsim__strmap_fini(&source->kept);
	kldsim__arena_fini(&source->names);
	(void)pthread_mutex_destroy(&source->lock);
	(void)pthread_mutex_destroy(&source->made_lock);
	kldsim__members_fini(&source->images);
	kldsim__free(&alloc, source->host.folders);
	if (source->root >= 0)
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
		return (kldsim__source_no_memory(error_ret));
	member->image = kldsim_image_ref(image);
	(void)kldsim__image_bytes(image, &member->size);
	if (kldsim__members_sort(&source->images, UINT64_MAX) != 0)
		return (kldsim__source_no_memory(error_ret));
	return (KLDSIM_OK);
}

/* --- small things --- */

const char *
kldsim__source_keep_place(struct kldsim_source *source, const char *place,
    const char *inside)
{
	char *name = kldsim__place_name(&source->alloc, place, inside);
	const char *kept = NULL;

	(void)pthread_mutex_lock(&source->lock);
	if (name != NULL)
		kept = kldsim__arena_strdup(&source->names, name);
	(void)pthread_mutex_unlock(&source->lock);
	kldsim__free(&source->alloc, name);
	return (kept);
}

const struct kldsim_limits *
kldsim__source_limits(const struct kldsim_source *source)
{
	return (&source->limits);
}

const char *
kldsim_source_remark(struct kldsim_source *source, size_t index)
{
	const char *remark = NULL;

	(void)pthread_mutex_lock(&source->lock);
	for (const struct kldsim__archive *archive = source->archives;
	    archive != NULL && remark == NULL; archive = archive->next)
		if (archive->remark[0] != '\0' && index-- == 0)
			remark = archive->remark;
	(void)pthread_mutex_unlock(&source->lock);
	return (remark);
}
