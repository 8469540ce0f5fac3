/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What people call a kernel, a module or a folder of modules: a path, or a
 * place that has one of it.
 */

#include "source/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "elf/image.h"
#include "source/archive.h"
#include "source/packed.h"
#include "util/path.h"

/* What of a compressed kernel stands behind its name. */
static const char *const packings[] = { "", ".gz", ".bz2", ".xz", ".zst" };

#define NPACKINGS (sizeof(packings) / sizeof(packings[0]))

static enum kldsim_status
no_memory(struct kldsim_error *error)
{
	return (kldsim__source_fail(error, KLDSIM_NOMEM, 0, "no memory"));
}

/* --- what is looked for in an archive --- */

struct wanted {
	bool (*is)(const char *name); /* by a file's base name */
	bool folder; /* not the file, but the folder that it is in */
	const char *none;
	const char *several;
};

static bool
is_kernel(const char *name)
{
	const size_t length = strlen("kernel");

	if (strncmp(name, "kernel", length) != 0)
		return (false);
	for (size_t i = 0; i < NPACKINGS; i++)
		if (strcmp(name + length, packings[i]) == 0)
			return (true);
	return (false);
}

/* As kldxref(8) takes it. */
bool
kldsim__source_is_module(const char *name)
{
	const char *dot = strrchr(name, '.');

	return (dot != NULL && dot != name && strcmp(dot, ".ko") == 0);
}

static const struct wanted a_kernel = { is_kernel, false,
	"an archive without a kernel: no file in it is called kernel",
	"more than one kernel is in it" };
static const struct wanted a_module = { kldsim__source_is_module, false,
	"an archive without modules: no file in it ends in .ko",
	"more than one module is in it" };
static const struct wanted a_folder = { kldsim__source_is_module, true,
	"an archive without modules: no file in it ends in .ko",
	"modules are in more than one of its folders" };

/* So many are named where there are too many. */
#define MOST_NAMED 3u

struct found {
	const char *paths[MOST_NAMED + 1];
	size_t lengths[MOST_NAMED + 1];
	size_t count;
};

/* One more, unless it is there or enough are. */
static void
add_found(struct found *found, const char *path, size_t length)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->lengths[i] == length && strncmp(found->paths[i],
		    path, length) == 0)
			return;
	if (found->count <= MOST_NAMED) {
		found->paths[found->count] = path;
		found->lengths[found->count++] = length;
	}
}

static void
look_into(const struct kldsim__archive *archive, const struct wanted *wanted,
    struct found *found)
{
	const struct kldsim__members *members = &archive->members;

	memset(found, 0, sizeof(*found));
	for (size_t i = 0; i < members->count; i++) {
		const char *path = members->all[i].path;
		const char *name = kldsim__basename(path);
		size_t length = strlen(path);

		if (members->all[i].type != KLDSIM_SOURCE_FILE ||
		    !wanted->is(name))
			continue;
		if (wanted->folder)
			length = name != path ? (size_t)(name - path) - 1 : 0;
		add_found(found, path, length);
	}
}

static enum kldsim_status
too_many(const char *place, const struct wanted *wanted,
    const struct found *found, struct kldsim_error *error)
{
	char names[320];
	size_t at = 0;

	for (size_t i = 0; i < found->count && i < MOST_NAMED &&
	    at < sizeof(names); i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at,
		    "%s%s:%.*s", i == 0 ? "" : ", ", place,
		    (int)found->lengths[i], found->paths[i]);
	return (kldsim__source_fail(error, KLDSIM_ARG, 0, "%s: %s; name one: "
	    "%s%s", place, wanted->several, names,
	    found->count > MOST_NAMED ? ", ..." : ""));
}

/* The only one of its kind in an archive, as a path that is kept. */
static enum kldsim_status
only_one(struct kldsim_source *source, const struct kldsim__archive *archive,
    const struct wanted *wanted, const char **path_ret,
    struct kldsim_error *error)
{
	const char *place = kldsim__image_name(archive->image);
	char inside[KLDSIM__SOURCE_PATH];
	struct found found;

	look_into(archive, wanted, &found);
	if (found.count == 0)
		return (kldsim__source_fail(error, KLDSIM_SYS, ENOENT,
		    "%s: %s", place, wanted->none));
	if (found.count > 1)
		return (too_many(place, wanted, &found, error));
	(void)snprintf(inside, sizeof(inside), "%.*s", (int)found.lengths[0],
	    found.paths[0]);
	*path_ret = kldsim__source_keep_place(source, place, inside);
	return (*path_ret != NULL ? KLDSIM_OK : no_memory(error));
}

/*
 * A path, or what an archive of that name has.  A member in the archive's root
 * gets the slash behind which base names begin.
 */
static enum kldsim_status
resolve(struct kldsim_source *source, const char *name,
    const struct wanted *wanted, const char **path_ret,
    struct kldsim_error *error)
{
	struct kldsim__archive *archive;
	const char *inside;
	enum kldsim_status status = kldsim__source_archive(source, name,
	    &archive, error);

	*path_ret = name;
	if (status != KLDSIM_OK)
		return (status);
	if (archive != NULL)
		return (only_one(source, archive, wanted, path_ret, error));
	status = kldsim__source_inside(source, name, &archive, &inside,
	    error);
	if (status != KLDSIM_OK || archive == NULL || wanted->folder)
		return (status);
	*path_ret = kldsim__source_keep_place(source,
	    kldsim__image_name(archive->image), inside);
	return (*path_ret != NULL ? KLDSIM_OK : no_memory(error));
}

enum kldsim_status
kldsim_source_module(struct kldsim_source *source, const char *name,
    const char **path_ret, struct kldsim_error *error_ret)
{
	return (resolve(source, name, &a_module, path_ret, error_ret));
}

enum kldsim_status
kldsim_source_folder(struct kldsim_source *source, const char *name,
    const char **path_ret, struct kldsim_error *error_ret)
{
	return (resolve(source, name, &a_folder, path_ret, error_ret));
}

/* --- kernels --- */

static enum kldsim_status
open_kernel(struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_image(source, path, &image,
	    error);

	if (status != KLDSIM_OK)
		return (status);
	if (!kldsim__is_compressed(image)) {
		*image_ret = image;
		return (KLDSIM_OK);
	}
	status = kldsim__unpack(image, kldsim__source_limits(source),
	    image_ret, error);
	kldsim_image_unref(image);
	return (status);
}

/* The kernel in a folder, as it is or compressed. */
static enum kldsim_status
kernel_of_folder(struct kldsim_source *source, const char *folder,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	const size_t length = strlen(folder);
	const char *slash = length != 0 && folder[length - 1] == '/' ? "" :
	    "/";
	char path[4 * KLDSIM__SOURCE_PATH];

	for (size_t i = 0; i < NPACKINGS; i++) {
		struct kldsim__source_stat st;

		if (snprintf(path, sizeof(path), "%s%skernel%s", folder,
		    slash, packings[i]) >= (int)sizeof(path))
			return (kldsim__source_fail_path(error, folder,
			    ENAMETOOLONG));
		if (kldsim__source_stat(source, path, true, &st, NULL) ==
		    KLDSIM_OK && st.type == KLDSIM_SOURCE_FILE)
			return (open_kernel(source, path, image_ret, error));
	}
	return (kldsim__source_fail(error, KLDSIM_SYS, ENOENT, "%s: a folder "
	    "without a kernel: neither kernel is in it, nor kernel.gz, .bz2, "
	    ".xz or .zst", folder));
}

enum kldsim_status
kldsim_source_kernel(struct kldsim_source *source, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	struct kldsim__source_stat st;
	const char *path;
	enum kldsim_status status = kldsim__source_stat(source, name, true,
	    &st, error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (st.type == KLDSIM_SOURCE_FOLDER)
		return (kernel_of_folder(source, name, image_ret, error_ret));
	status = resolve(source, name, &a_kernel, &path, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	return (open_kernel(source, path, image_ret, error_ret));
}
