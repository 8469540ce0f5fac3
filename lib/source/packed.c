/* SPDX-License-Identifier: BSD-2-Clause */

/* What is packed, by libarchive. */

#include "source/packed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "elf/recognise.h"
#ifdef KLDSIM_LIBARCHIVE
#include "source/libarchive.h"
#endif
#include "util/limits.h"

/* How much is asked for at first, of what says that it is large. */
#define FIRST_BYTES (256u * 1024)

/* --- bytes --- */

static void
release(void *user, const void *bytes)
{
	(void)user;
	free((void *)(uintptr_t)bytes);
}

static void
release_block(void *user, const void *bytes)
{
	(void)bytes;
	kldsim__block_unref(user);
}

void
kldsim__packed_bytes_fini(struct kldsim__packed_bytes *bytes)
{
	if (bytes->block == NULL)
		free(bytes->bytes);
	bytes->bytes = NULL;
}

enum kldsim_status
kldsim__packed_image(struct kldsim__packed_bytes *bytes, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	uint8_t *own = bytes->bytes;
	enum kldsim_status status;

	bytes->bytes = NULL;
	if (bytes->block != NULL) {
		kldsim__block_ref(bytes->block);
		kldsim__block_take(bytes->block, bytes->size);
	}
	status = kldsim_image_open_memory(own, bytes->size, name,
	    bytes->block != NULL ? release_block : release, bytes->block,
	    image_ret, error);
	if (status == KLDSIM_OK)
		kldsim__image_set_packed(*image_ret);
	return (status);
}

/* Kinds of what may be packed. */
static const struct filter {
	enum kldsim__kind kind;
	const char *name;
} filters[] = {
	{ KLDSIM__KIND_GZIP, "gzip" },
	{ KLDSIM__KIND_BZIP2, "bzip2" },
	{ KLDSIM__KIND_XZ, "xz" },
	{ KLDSIM__KIND_ZSTD, "zstd" },
	{ KLDSIM__KIND_TAR, "tar" },
};

#define NFILTERS (sizeof(filters) / sizeof(filters[0]))

static const struct filter *
filter_of(const struct kldsim_image *image)
{
	const enum kldsim__kind kind = kldsim__recognise_beginning(image);

	for (size_t i = 0; i < NFILTERS; i++)
		if (filters[i].kind == kind)
			return (&filters[i]);
	return (NULL);
}

bool
kldsim__is_packed(const struct kldsim_image *image)
{
	return (filter_of(image) != NULL);
}

bool
kldsim__is_compressed(const struct kldsim_image *image)
{
	const struct filter *filter = filter_of(image);

	return (filter != NULL && filter->kind != KLDSIM__KIND_TAR);
}

#ifdef KLDSIM_LIBARCHIVE

struct kldsim__packed {
	struct kldsim__libarchive library;
	struct archive *archive;
	const char *name;   /* of what is packed, for messages */
	const struct kldsim_limits *limits;
	struct archive_entry *entry;
	uint64_t claimed;   /* sizes of all entries so far */
	uint64_t entries;
};

/* --- bad news --- */

static enum kldsim_status
too_large(const struct kldsim__packed *packed, struct kldsim_error *error)
{
	const struct kldsim_limits *limits = packed->limits;

	return (kldsim__source_fail(error, KLDSIM_LIMIT, 0, "%s: more than "
	    "%" PRIu64 " bytes are packed in it, over the limit %s=%" PRIu64,
	    packed->name, limits->archive_bytes, kldsim__limit_name(limits,
	    &limits->archive_bytes), limits->archive_bytes));
}

/* libarchive gives up. */
static enum kldsim_status
damaged(const struct kldsim__packed *packed, struct kldsim_error *error)
{
	const struct kldsim__libarchive *library = &packed->library;
	const char *why = library->archive_error_string(packed->archive);

	if (library->archive_errno(packed->archive) == ENOMEM)
		return (kldsim__source_fail(error, KLDSIM_NOMEM, 0,
		    "no memory"));
	return (kldsim__source_fail(error, KLDSIM_MALFORMED, 0, "%s: damaged "
	    "or cut off, behind %" PRIu64 " %s: %s; get it once more",
	    packed->name, packed->entries,
	    packed->entries == 1 ? "member" : "members",
	    why != NULL ? why : "no reason is known"));
}

/* --- a stream --- */

/* As a program of its own, a filter is nothing that we want to start. */
static int
read_filter(const struct kldsim__packed *packed, enum kldsim__kind kind)
{
	const struct kldsim__libarchive *library = &packed->library;

	switch (kind) {
	case KLDSIM__KIND_GZIP:
		return (library->archive_read_support_filter_gzip(
		    packed->archive));
	case KLDSIM__KIND_BZIP2:
		return (library->archive_read_support_filter_bzip2(
		    packed->archive));
	case KLDSIM__KIND_XZ:
		return (library->archive_read_support_filter_xz(
		    packed->archive));
	case KLDSIM__KIND_ZSTD:
		return (library->archive_read_support_filter_zstd(
		    packed->archive));
	default:
		return (ARCHIVE_OK);
	}
}

static enum kldsim_status
support(struct kldsim__packed *packed, const struct filter *filter, bool tar,
    struct kldsim_error *error)
{
	const struct kldsim__libarchive *library = &packed->library;

	if (read_filter(packed, filter->kind) != ARCHIVE_OK)
		return (kldsim__source_fail(error, KLDSIM_UNSUPPORTED, 0,
		    "%s: compressed with %s, which this host's libarchive "
		    "does not read", packed->name, filter->name));
	return ((tar ? library->archive_read_support_format_tar :
	    library->archive_read_support_format_raw)(packed->archive) ==
	    ARCHIVE_OK ? KLDSIM_OK : damaged(packed, error));
}

/* The stream of an image, of which nothing has been read. */
static enum kldsim_status
new_stream(const struct kldsim_image *image, const struct filter *filter,
    const struct kldsim_limits *limits, struct kldsim__packed **packed_ret,
    struct kldsim_error *error)
{
	struct kldsim__packed *packed = calloc(1, sizeof(*packed));
	const char *why = packed != NULL ?
	    kldsim__libarchive_load(&packed->library) : NULL;

	if (packed != NULL && why == NULL)
		packed->archive = packed->library.archive_read_new();
	if (packed != NULL && packed->archive != NULL) {
		packed->name = kldsim__image_name(image);
		packed->limits = limits;
		*packed_ret = packed;
		return (KLDSIM_OK);
	}
	free(packed);
	return (why == NULL ? kldsim__source_fail(error, KLDSIM_NOMEM, 0,
	    "no memory") : kldsim__source_fail(error, KLDSIM_UNSUPPORTED, 0,
	    "%s: %s%s, which takes libarchive to read, and this host has none "
	    "(Debian's package libarchive13 or libarchive13t64; part of "
	    "FreeBSD): %s", kldsim__image_name(image),
	    filter->kind == KLDSIM__KIND_TAR ? "" : "compressed with ",
	    filter->name, why));
}

enum kldsim_status
kldsim__packed_open(const struct kldsim_image *image, bool tar,
    const struct kldsim_limits *limits, struct kldsim__packed **packed_ret,
    struct kldsim_error *error)
{
	const struct filter *filter = filter_of(image);
	struct kldsim__packed *packed = NULL;
	enum kldsim_status status = new_stream(image, filter, limits, &packed,
	    error);
	const uint8_t *bytes;
	uint64_t size;

	if (packed == NULL)
		return (status);
	bytes = kldsim__image_bytes(image, &size);
	status = support(packed, filter, tar, error);
	/* Here the format is recognised, or not. */
	if (status == KLDSIM_OK && packed->library.archive_read_open_memory(
	    packed->archive, bytes, (size_t)size) != ARCHIVE_OK) {
		status = damaged(packed, error);
		if (tar && status == KLDSIM_MALFORMED)
			status = KLDSIM_NOENT;
	}
	/* Filters that are stacked multiply what a byte can become. */
	if (status == KLDSIM_OK && packed->library.archive_filter_count(
	    packed->archive) > (filter->kind != KLDSIM__KIND_TAR ? 2 : 1))
		status = kldsim__source_fail(error, KLDSIM_MALFORMED, 0,
		    "%s: compressed more than once", packed->name);
	if (status == KLDSIM_OK)
		*packed_ret = packed;
	else
		kldsim__packed_close(packed);
	return (status);
}

void
kldsim__packed_close(struct kldsim__packed *packed)
{
	(void)packed->library.archive_read_free(packed->archive);
	free(packed);
}

static enum kldsim_source_type
type_of(const struct kldsim__libarchive *library, struct archive_entry *entry)
{
	if (library->archive_entry_hardlink(entry) != NULL)
		return (KLDSIM_SOURCE_FILE);
	switch (library->archive_entry_filetype(entry)) {
	case AE_IFREG:
		return (KLDSIM_SOURCE_FILE);
	case AE_IFDIR:
		return (KLDSIM_SOURCE_FOLDER);
	case AE_IFLNK:
		return (KLDSIM_SOURCE_LINK);
	default:
		return (KLDSIM_SOURCE_OTHER);
	}
}

static void
describe(const struct kldsim__libarchive *library,
    struct archive_entry *entry, struct kldsim__entry *entry_ret)
{
	entry_ret->type = type_of(library, entry);
	/* What the host's locale cannot say may be in UTF-8 all the same. */
	entry_ret->path = library->archive_entry_pathname(entry);
	if (entry_ret->path == NULL)
		entry_ret->path = library->archive_entry_pathname_utf8(entry);
	entry_ret->link = library->archive_entry_hardlink(entry);
	if (entry_ret->link == NULL)
		entry_ret->link = library->archive_entry_symlink(entry);
	entry_ret->size = library->archive_entry_size(entry) > 0 ?
	    (uint64_t)library->archive_entry_size(entry) : 0;
	entry_ret->mtime.tv_sec = library->archive_entry_mtime(entry);
	entry_ret->mtime.tv_nsec = library->archive_entry_mtime_nsec(entry);
}

/* What has come out so far, headers included, and what entries say they have. */
static enum kldsim_status
check_size(struct kldsim__packed *packed, uint64_t size,
    struct kldsim_error *error)
{
	const uint64_t most = packed->limits->archive_bytes;
	const la_int64_t out = packed->library.archive_filter_bytes(
	    packed->archive, 0);

	if ((out > 0 && (uint64_t)out > most) ||
	    size > most - packed->claimed)
		return (too_large(packed, error));
	packed->claimed += size;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__packed_next(struct kldsim__packed *packed,
    struct kldsim__entry *entry_ret, bool *more_ret,
    struct kldsim_error *error)
{
	int answer = packed->library.archive_read_next_header(packed->archive,
	    &packed->entry);

	*more_ret = false;
	if (answer == ARCHIVE_EOF)
		return (KLDSIM_OK);
	if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN)
		return (damaged(packed, error));
	describe(&packed->library, packed->entry, entry_ret);
	*more_ret = true;
	packed->entries++;
	return (check_size(packed, entry_ret->size, error));
}

/* Room for more, as far as the bytes that are there warrant it. */
static enum kldsim_status
enlarge(const struct kldsim__packed *packed,
    struct kldsim__packed_bytes *bytes, size_t most,
    struct kldsim_error *error)
{
	size_t cap = bytes->cap == 0 ? FIRST_BYTES :
	    bytes->cap > SIZE_MAX / 2 ? SIZE_MAX : 2 * bytes->cap;
	uint8_t *larger;

	if (bytes->size >= packed->limits->archive_bytes)
		return (too_large(packed, error));
	if (cap > most)
		cap = most;
	larger = realloc(bytes->bytes, cap);
	if (larger == NULL)
		return (kldsim__source_fail(error, KLDSIM_NOMEM, 0,
		    "no memory"));
	bytes->bytes = larger;
	bytes->cap = cap;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__packed_read(struct kldsim__packed *packed,
    struct kldsim__packed_bytes *bytes, size_t most,
    struct kldsim_error *error)
{
	const struct kldsim__libarchive *library = &packed->library;
	enum kldsim_status status = KLDSIM_OK;
	const uint64_t all = library->archive_entry_size_is_set(packed->entry) ?
	    (uint64_t)library->archive_entry_size(packed->entry) : UINT64_MAX;

	if (most > all)
		most = (size_t)all;
	while (status == KLDSIM_OK && bytes->size < most) {
		la_ssize_t got;

		if (bytes->size == bytes->cap) {
			status = enlarge(packed, bytes, most, error);
			continue;
		}
		got = library->archive_read_data(packed->archive,
		    bytes->bytes + bytes->size, bytes->cap - bytes->size);
		if (got < 0)
			status = damaged(packed, error);
		if (got <= 0)
			break;
		bytes->size += (size_t)got;
	}
	return (status);
}

#else /* KLDSIM_LIBARCHIVE */

enum kldsim_status
kldsim__packed_open(const struct kldsim_image *image, bool tar,
    const struct kldsim_limits *limits, struct kldsim__packed **packed_ret,
    struct kldsim_error *error)
{
	const struct filter *filter = filter_of(image);

	(void)tar;
	(void)limits;
	(void)packed_ret;
	return (kldsim__source_fail(error, KLDSIM_UNSUPPORTED, 0, "%s: %s%s, "
	    "which this libkldsim cannot read: it was built without "
	    "libarchive (Debian's package libarchive-dev; part of FreeBSD)",
	    kldsim__image_name(image), filter->kind == KLDSIM__KIND_TAR ? "" :
	    "compressed with ", filter->name));
}

/* No stream is ever open. */
void
kldsim__packed_close(struct kldsim__packed *packed)
{
	(void)packed;
}

enum kldsim_status
kldsim__packed_next(struct kldsim__packed *packed,
    struct kldsim__entry *entry_ret, bool *more_ret,
    struct kldsim_error *error)
{
	(void)packed;
	(void)entry_ret;
	(void)error;
	*more_ret = false;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__packed_read(struct kldsim__packed *packed,
    struct kldsim__packed_bytes *bytes, size_t most,
    struct kldsim_error *error)
{
	(void)packed;
	(void)bytes;
	(void)most;
	(void)error;
	return (KLDSIM_OK);
}

#endif /* KLDSIM_LIBARCHIVE */

enum kldsim_status
kldsim__unpack(const struct kldsim_image *image,
    const struct kldsim_limits *limits, struct kldsim_image **image_ret,
    struct kldsim_error *error)
{
	struct kldsim__packed_bytes bytes = { .bytes = NULL };
	struct kldsim__packed *packed;
	struct kldsim__entry entry;
	enum kldsim_status status = kldsim__packed_open(image, false, limits,
	    &packed, error);
	bool more = false;

	if (status != KLDSIM_OK)
		return (status);
	status = kldsim__packed_next(packed, &entry, &more, error);
	if (status == KLDSIM_OK && more)
		status = kldsim__packed_read(packed, &bytes, SIZE_MAX, error);
	kldsim__packed_close(packed);
	if (status == KLDSIM_OK)
		return (kldsim__packed_image(&bytes,
		    kldsim__image_name(image), image_ret, error));
	kldsim__packed_bytes_fini(&bytes);
	return (status);
}
