/* SPDX-License-Identifier: BSD-2-Clause */

/* Tar archives: which members there are, and which keep their bytes. */

#include "source/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf/recognise.h"
#include "source/packed.h"
#include "util/limits.h"
#include "util/path.h"

/* As much of a member tells what it may be. */
#define FIRST_LOOK 4096u

/* An archive that is being read. */
struct reading {
	struct kldsim__archive *archive;
	struct kldsim__packed *packed;
	struct kldsim__entry entry;
	size_t order;
	struct kldsim__block *block; /* the bytes go into; NULL: none yet */
	struct kldsim_error *error;
};

static enum kldsim_status
no_memory(struct kldsim_error *error)
{
	return (kldsim__source_fail(error, KLDSIM_NOMEM, 0, "no memory"));
}

static enum kldsim_status
too_many(const struct reading *reading)
{
	const struct kldsim_limits *limits = reading->archive->limits;

	return (kldsim__source_fail(reading->error, KLDSIM_LIMIT, 0,
	    "%s: more than %" PRIu64 " members are in it, over the limit "
	    "%s=%" PRIu64, kldsim__image_name(reading->archive->image),
	    limits->archive_members, kldsim__limit_name(limits,
	    &limits->archive_members), limits->archive_members));
}

/* --- names --- */

char *
kldsim__place_name(const struct kldsim__alloc *alloc, const char *place,
    const char *path)
{
	const size_t size = strlen(place) + strlen(path) + 3;
	char *name = kldsim__malloc(alloc, size);

	if (name != NULL)
		(void)snprintf(name, size, "%s:%s%s", place,
		    path[0] == '/' || strchr(path, '/') != NULL ? "" : "/",
		    path);
	return (name);
}

/* What tar(1) would not unpack, no path leads to. */
static void
leave_out(struct reading *reading, const char *why)
{
	struct kldsim__archive *archive = reading->archive;
	const char *path = reading->entry.path;

	if (archive->left_out++ == 0)
		(void)snprintf(archive->remark, sizeof(archive->remark),
		    "%.100s: %.120s is left out: %s",
		    kldsim__image_name(archive->image),
		    path != NULL ? path : "a member", why);
}

static bool
has_parent_part(const char *path)
{
	for (size_t length; *path != '\0'; path += length +
	    (path[length] == '/')) {
		length = strcspn(path, "/");
		if (length == 2 && path[0] == '.' && path[1] == '.')
			return (true);
	}
	return (false);
}

/* A name as a path from the archive's root; NULL: why it has none. */
static const char *
no_path(const char *path, char normal_ret[KLDSIM__SOURCE_PATH])
{
	if (path == NULL)
		return ("its name cannot be read");
	if (has_parent_part(path))
		return ("its name leads out of the archive");
	if (kldsim__path_normal(path, normal_ret, KLDSIM__SOURCE_PATH) != 0)
		return ("its name is longer than a path can be");
	return (NULL);
}

/* --- bytes --- */

/*
 * Can the file be a module, a kernel or linker.hints?  Of others there may be a
 * gigabyte in an archive, and nobody ever asks.
 */
static bool
is_wanted(const char *path, const struct kldsim_image *image, bool whole)
{
	struct kldsim__elf elf;

	if (strcmp(kldsim__basename(path), "linker.hints") == 0)
		return (true);
	if (!kldsim__elf_open(image, &elf))
		return (kldsim__is_packed(image));
	if (!whole)
		return (true);
	switch (kldsim__recognise(image)) {
	case KLDSIM__KIND_PROGRAM:
	case KLDSIM__KIND_LIBRARY:
	case KLDSIM__KIND_CORE:
	case KLDSIM__KIND_DEBUG:
		return (false);
	default:
		return (true);
	}
}

/* Read so much of a member, and see what it is by then. */
static enum kldsim_status
look(struct reading *reading, const char *path,
    struct kldsim__packed_bytes *bytes, bool whole, bool *wanted_ret)
{
	struct kldsim_image *image;
	enum kldsim_status status = kldsim__packed_read(reading->packed,
	    bytes, whole ? SIZE_MAX : FIRST_LOOK, reading->error);

	if (status == KLDSIM_OK)
		status = kldsim_image_open_memory(bytes->bytes, bytes->size,
		    path, NULL, NULL, &image, reading->error);
	if (status != KLDSIM_OK)
		return (status);
	*wanted_ret = is_wanted(path, image, whole);
	kldsim_image_unref(image);
	return (KLDSIM_OK);
}

/* All bytes, as an image that is named by its place. */
static enum kldsim_status
make_image(const struct kldsim__archive *archive, const char *path,
    struct kldsim__packed_bytes *bytes, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	char *name = kldsim__place_name(archive->alloc,
	    kldsim__image_name(archive->image), path);
	enum kldsim_status status;

	if (name == NULL)
		return (no_memory(error));
	status = kldsim__packed_image(bytes, name, image_ret, error);
	kldsim__free(archive->alloc, name);
	return (status);
}

/* Where the bytes of a member go that has as many as it says. */
static enum kldsim_status
find_room(struct reading *reading, uint64_t size,
    struct kldsim__packed_bytes *bytes)
{
	if (size == 0 || size > KLDSIM__BLOCK_MEMBER)
		return (KLDSIM_OK);
	if (reading->block != NULL)
		bytes->bytes = kldsim__block_room(reading->block,
		    (size_t)size);
	if (bytes->bytes == NULL) {
		kldsim__block_unref(reading->block);
		reading->block = kldsim__block_new();
		if (reading->block == NULL)
			return (no_memory(reading->error));
		bytes->bytes = kldsim__block_room(reading->block,
		    (size_t)size);
	}
	bytes->cap = (size_t)size;
	bytes->block = reading->block;
	return (KLDSIM_OK);
}

static enum kldsim_status
keep_bytes(struct reading *reading, struct kldsim__member *member)
{
	struct kldsim__packed_bytes bytes = { .bytes = NULL };
	bool wanted = false;
	enum kldsim_status status = find_room(reading, member->size, &bytes);

	if (status == KLDSIM_OK)
		status = look(reading, member->path, &bytes, false, &wanted);
	if (status == KLDSIM_OK && wanted)
		status = look(reading, member->path, &bytes, true, &wanted);
	if (status == KLDSIM_OK && wanted)
		status = make_image(reading->archive, member->path, &bytes,
		    &member->image, reading->error);
	kldsim__packed_bytes_fini(&bytes);
	return (status);
}

/* --- members --- */

static enum kldsim_status
add_member(struct reading *reading, const char *path, const char *target)
{
	struct kldsim__archive *archive = reading->archive;
	const struct kldsim__entry *entry = &reading->entry;
	struct kldsim__member *member;

	if (archive->members.count >= archive->limits->archive_members)
		return (too_many(reading));
	member = kldsim__members_add(&archive->members, path, entry->type);
	if (member == NULL)
		return (no_memory(reading->error));
	member->order = reading->order;
	member->size = entry->size;
	member->mtime = entry->mtime;
	if (target != NULL) {
		member->target = kldsim__arena_strdup(
		    &archive->members.names, target);
		return (member->target != NULL ? KLDSIM_OK :
		    no_memory(reading->error));
	}
	return (entry->type == KLDSIM_SOURCE_FILE ?
	    keep_bytes(reading, member) : KLDSIM_OK);
}

static enum kldsim_status
take_entry(struct reading *reading)
{
	const struct kldsim__entry *entry = &reading->entry;
	char path[KLDSIM__SOURCE_PATH], target[KLDSIM__SOURCE_PATH];
	const char *why = no_path(entry->path, path);

	/* Another name of a member counts from the archive's root. */
	if (why == NULL && entry->link != NULL &&
	    entry->type == KLDSIM_SOURCE_FILE)
		why = no_path(entry->link, target);
	if (why == NULL && entry->type == KLDSIM_SOURCE_OTHER)
		why = "it is no file, folder or link";
	if (why == NULL && entry->link != NULL &&
	    strlen(entry->link) >= KLDSIM__SOURCE_PATH)
		why = "it leads to a name that is longer than a path can be";
	if (why != NULL) {
		leave_out(reading, why);
		return (KLDSIM_OK);
	}
	if (path[0] == '\0') /* the root, "./" */
		return (KLDSIM_OK);
	return (add_member(reading, path, entry->link == NULL ? NULL :
	    entry->type == KLDSIM_SOURCE_FILE ? target : entry->link));
}

static enum kldsim_status
read_members(struct reading *reading)
{
	struct kldsim__archive *archive = reading->archive;
	enum kldsim_status status = KLDSIM_OK;
	bool more = true;

	for (; status == KLDSIM_OK; reading->order++) {
		status = kldsim__packed_next(reading->packed, &reading->entry,
		    &more, reading->error);
		if (status != KLDSIM_OK || !more)
			break;
		if (reading->order >= archive->limits->archive_members)
			return (too_many(reading));
		status = take_entry(reading);
	}
	if (status != KLDSIM_OK)
		return (status);
	switch (kldsim__members_sort(&archive->members,
	    archive->limits->archive_members)) {
	case 0:
		return (KLDSIM_OK);
	case E2BIG:
		return (too_many(reading));
	default:
		return (no_memory(reading->error));
	}
}

/* Of many members that are left out, one is named. */
static void
count_left_out(struct kldsim__archive *archive)
{
	const size_t length = strlen(archive->remark);

	if (archive->left_out > 1)
		(void)snprintf(archive->remark + length,
		    sizeof(archive->remark) - length, "; and %zu others",
		    archive->left_out - 1);
}

enum kldsim_status
kldsim__archive_open(struct kldsim_image *image,
    const struct kldsim__alloc *alloc, const struct kldsim_limits *limits,
    struct kldsim__archive **archive_ret, struct kldsim_error *error)
{
	const bool called = kldsim__is_named_archive(
	    kldsim__image_name(image));
	struct reading reading = { .error = error };
	enum kldsim_status status = kldsim__packed_open(image, true, limits,
	    &reading.packed, error);

	/* What is called an archive is one, if a damaged one. */
	if (status == KLDSIM_NOENT && called)
		return (KLDSIM_MALFORMED);
	if (status == KLDSIM_UNSUPPORTED && !called)
		return (KLDSIM_NOENT);
	if (status != KLDSIM_OK)
		return (status);
	reading.archive = kldsim__calloc(alloc, 1, sizeof(*reading.archive));
	if (reading.archive == NULL) {
		kldsim__packed_close(reading.packed);
		return (no_memory(error));
	}
	reading.archive->alloc = alloc;
	reading.archive->limits = limits;
	reading.archive->image = kldsim_image_ref(image);
	kldsim__members_init(&reading.archive->members, alloc);
	status = read_members(&reading);
	kldsim__block_unref(reading.block);
	kldsim__packed_close(reading.packed);
	if (status != KLDSIM_OK) {
		kldsim__archive_close(reading.archive);
		return (status);
	}
	count_left_out(reading.archive);
	*archive_ret = reading.archive;
	return (KLDSIM_OK);
}

void
kldsim__archive_close(struct kldsim__archive *archive)
{
	kldsim__members_fini(&archive->members);
	kldsim_image_unref(archive->image);
	kldsim__free(archive->alloc, archive);
}

/* Once more through the archive, up to one member. */
static enum kldsim_status
read_again(const struct kldsim__archive *archive,
    const struct kldsim__member *member, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	struct kldsim__packed_bytes bytes = { .bytes = NULL };
	struct kldsim__packed *packed;
	struct kldsim__entry entry;
	enum kldsim_status status = kldsim__packed_open(archive->image, true,
	    archive->limits, &packed, error);
	bool more = true;

	if (status != KLDSIM_OK)
		return (status);
	for (size_t at = 0; at <= member->order && more &&
	    status == KLDSIM_OK; at++)
		status = kldsim__packed_next(packed, &entry, &more, error);
	if (status == KLDSIM_OK)
		status = kldsim__packed_read(packed, &bytes, SIZE_MAX, error);
	if (status == KLDSIM_OK)
		status = make_image(archive, member->path, &bytes, image_ret,
		    error);
	kldsim__packed_bytes_fini(&bytes);
	kldsim__packed_close(packed);
	return (status);
}

enum kldsim_status
kldsim__archive_image(struct kldsim__archive *archive,
    const struct kldsim__member *member, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	if (member->image == NULL)
		return (read_again(archive, member, image_ret, error));
	*image_ret = kldsim_image_ref(member->image);
	return (KLDSIM_OK);
}
