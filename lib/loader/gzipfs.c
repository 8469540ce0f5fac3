/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What gzipfs makes of a file (P-18): the first member of it, of which neither
 * the length nor the check sum is looked at.
 */

#include "loader/gzipfs.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "kern/bad_news.h"
#include "source/source.h"
#include "util/path.h"

#define EXTRA 0x04u
#define NAME 0x08u
#define COMMENT 0x10u
#define CRC 0x02u
#define RESERVED 0xe0u

#define SUFFIX ".gz"
#define FIXED 10u /* bytes of the header that every file has */

bool
kldsim__is_gz(const char *path)
{
	const size_t length = strlen(path);

	return (length >= strlen(SUFFIX) &&
	    strcmp(path + length - strlen(SUFFIX), SUFFIX) == 0);
}

/* Names that it does not add ".gz" to. */
static bool
is_left_alone(const char *path)
{
	const char *dot = strrchr(path, '.');

	return (dot != NULL && (strcmp(dot, SUFFIX) == 0 ||
	    strcmp(dot, ".bz2") == 0 || strcmp(dot, ".split") == 0));
}

/* --- the header --- */

static bool
has_magic(const uint8_t *bytes, uint64_t size)
{
	return (size >= FIXED && bytes[0] == 0x1f && bytes[1] == 0x8b &&
	    bytes[2] == Z_DEFLATED && (bytes[3] & RESERVED) == 0);
}

/* Past a string and its NUL. */
static uint64_t
past_string(const uint8_t *bytes, uint64_t size, uint64_t at)
{
	while (at < size && bytes[at] != '\0')
		at++;
	return (at + 1);
}

/* check_header(): where the stream begins; 0: this is no gzip file. */
static uint64_t
stream_of(const uint8_t *bytes, uint64_t size)
{
	uint64_t at = FIXED;

	if (!has_magic(bytes, size))
		return (0);
	if ((bytes[3] & EXTRA) != 0)
		at += size < at + 2 ? size : 2u + bytes[at] +
		    256u * bytes[at + 1];
	if ((bytes[3] & NAME) != 0)
		at = past_string(bytes, size, at);
	if ((bytes[3] & COMMENT) != 0)
		at = past_string(bytes, size, at);
	if ((bytes[3] & CRC) != 0)
		at += 2;
	return (at < size ? at : 0);
}

/* --- the stream --- */

struct inflating {
	struct kldsim *sim;
	const char *path;
	z_stream stream;
	const uint8_t *in; /* what the stream has not been given yet */
	uint64_t left;
	uint8_t *out;
	size_t size, cap;
};

#define CHUNK 65536u

/* Room for more: one byte above the limit at most, which is then too much. */
static int
make_room(struct inflating *z)
{
	const uint64_t *limit = &z->sim->options.limits.archive_bytes;
	uint64_t room;
	int error = kldsim__limited(z->sim, limit, z->size, "%s%s: bytes, "
	    "unpacked", z->path, SUFFIX);

	if (error == 0 && z->size == z->cap && !kldsim__grow(&z->sim->alloc,
	    &z->out, &z->cap, z->size + CHUNK, 1))
		error = kldsim__nomem(z->sim);
	if (error != 0)
		return (error);
	room = z->cap - z->size;
	if (room > *limit - z->size)
		room = *limit - z->size + 1;
	z->stream.next_out = z->out + z->size;
	z->stream.avail_out = room < CHUNK ? (uInt)room : CHUNK;
	return (0);
}

/* What is behind an error is lost, as it is to the loader. */
static void
damaged(const struct inflating *z, const char *what)
{
	struct kldsim__where where = { .file = kldsim__basename(z->path) };

	kldsim__find(z->sim, KLDSIM__F_PRELOAD, &where, "%s%s is damaged (%s): "
	    "the boot loader gets its first 0x%jx bytes",
	    kldsim__basename(z->path), SUFFIX, what, (uintmax_t)z->size);
}

/* A piece of what is left, once the last one is used up. */
static void
feed(struct inflating *z)
{
	if (z->stream.avail_in != 0)
		return;
	z->stream.avail_in = z->left < CHUNK ? (uInt)z->left : CHUNK;
	z->stream.next_in = z->in;
	z->in += z->stream.avail_in;
	z->left -= z->stream.avail_in;
}

/* One call of inflate(3); *more_ret is false at the end, or at an error. */
static int
step(struct inflating *z, bool *more_ret)
{
	int status, error = make_room(z);

	if (error != 0)
		return (error);
	feed(z);
	status = inflate(&z->stream, Z_SYNC_FLUSH);
	z->size = (size_t)(z->stream.next_out - z->out);
	*more_ret = status == Z_OK;
	if (status == Z_MEM_ERROR)
		return (kldsim__nomem(z->sim));
	if (status == Z_BUF_ERROR)
		damaged(z, "it ends too early");
	else if (status != Z_OK && status != Z_STREAM_END)
		damaged(z, z->stream.msg != NULL ? z->stream.msg : "?");
	return (0);
}

static int
inflate_all(struct inflating *z)
{
	bool more = true;
	int error = 0;

	z->stream.zalloc = kldsim__zalloc;
	z->stream.zfree = kldsim__zfree;
	z->stream.opaque = &z->sim->alloc;
	if (inflateInit2(&z->stream, -MAX_WBITS) != Z_OK)
		return (kldsim__nomem(z->sim));
	while (error == 0 && more)
		error = step(z, &more);
	(void)inflateEnd(&z->stream);
	return (error);
}

/* The image is the simulated kernel's, and goes before it does. */
static void
free_bytes(void *user, const void *bytes)
{
	const struct kldsim *sim = user;

	kldsim__free(&sim->alloc, (void *)(uintptr_t)bytes);
}

int
kldsim__gzipfs_unpack(struct kldsim *sim, const struct kldsim_image *packed,
    const char *path, struct kldsim_image **image_ret)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(packed, &size);
	const uint64_t begin = stream_of(bytes, size);
	struct inflating z = { .sim = sim, .path = path,
		.in = bytes + begin, .left = size - begin };
	struct kldsim_error error = { .status = KLDSIM_OK };
	int failed;

	*image_ret = NULL;
	if (begin == 0)
		return (0);
	failed = inflate_all(&z);
	if (failed != 0) {
		kldsim__free(&sim->alloc, z.out);
		return (failed);
	}
	if (kldsim_image_open_memory(z.out, z.size, path, free_bytes, sim,
	    image_ret, &error) != KLDSIM_OK)
		return (kldsim__fail(sim, error.status, "%s", error.text));
	return (0);
}

/* --- files --- */

static char *
with_suffix(struct kldsim *sim, const char *path)
{
	char *name = kldsim__malloc(&sim->alloc, strlen(path) +
	    sizeof(SUFFIX));

	if (name != NULL) {
		(void)strcpy(name, path);
		(void)strcat(name, SUFFIX);
	}
	return (name);
}

int
kldsim__gzipfs_has(struct kldsim *sim, const char *path, bool *there_ret)
{
	struct kldsim__open_file file;
	uint8_t bytes[FIXED];
	struct kldsim_error error;
	enum kldsim_status status;
	char *name;

	*there_ret = false;
	if (is_left_alone(path))
		return (0);
	name = with_suffix(sim, path);
	if (name == NULL)
		return (kldsim__nomem(sim));
	status = kldsim__source_open(sim->search.source, name, true, &file,
	    &error);
	if (status == KLDSIM_OK) {
		*there_ret = file.st.type == KLDSIM_SOURCE_FILE &&
		    has_magic(bytes, kldsim__source_read(&file, bytes,
		    sizeof(bytes)));
		kldsim__source_close(&file);
	}
	kldsim__free(&sim->alloc, name);
	return (status == KLDSIM_OK || status == KLDSIM_SYS ? 0 :
	    kldsim__fail(sim, status, "%s", error.text));
}

int
kldsim__gzipfs_open(struct kldsim *sim, const char *path,
    struct kldsim_image **image_ret)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	struct kldsim_image *packed;
	enum kldsim_status status;
	char *name = with_suffix(sim, path);
	int failed;

	*image_ret = NULL;
	if (name == NULL)
		return (kldsim__nomem(sim));
	status = kldsim_source_image(sim->search.source, name, &packed,
	    &error);
	kldsim__free(&sim->alloc, name);
	if (status != KLDSIM_OK)
		return (status == KLDSIM_SYS ? 0 : kldsim__fail(sim, status,
		    "%s", error.text));
	failed = kldsim__gzipfs_unpack(sim, packed, path, image_ret);
	kldsim_image_unref(packed);
	return (failed);
}
