/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_PACKED_H
#define SOURCE_PACKED_H

/*
 * Compressed files and tar archives as streams, by libarchive, which a build may
 * leave out: then no stream opens.  Nothing that a stream says of itself is
 * believed before it is there.
 */

#include "source/block.h"
#include "source/source.h"

struct kldsim__packed;

/* One entry of a tar archive; the texts hold until the next is read. */
struct kldsim__entry {
	const char *path; /* NULL: not to be read on this host */
	const char *link; /* where a link leads, NULL: it is none */
	enum kldsim_source_type type; /* of a link that is not symbolic, FILE */
	uint64_t size;
	struct timespec mtime;
};

/* What an image may be, by its first bytes: either kind, or the second alone. */
bool kldsim__is_packed(const struct kldsim_image *image);
bool kldsim__is_compressed(const struct kldsim_image *image);

/*
 * Begin to read what is packed: a tar archive, or one file.  KLDSIM_NOENT: it is
 * no tar archive.  The image has to outlive the stream.
 */
enum kldsim_status kldsim__packed_open(const struct kldsim_image *image,
    bool tar, const struct kldsim_limits *limits,
    struct kldsim__packed **packed_ret, struct kldsim_error *error);
void kldsim__packed_close(struct kldsim__packed *packed);

/* The next entry; *more_ret is false behind the last one. */
enum kldsim_status kldsim__packed_next(struct kldsim__packed *packed,
    struct kldsim__entry *entry_ret, bool *more_ret,
    struct kldsim_error *error);

/*
 * The bytes of the entry at hand, all of them or the first so many.  What is
 * left can be read afterwards, behind those that are there.  They may be put
 * into a block that has room for all of the entry.
 */
struct kldsim__packed_bytes {
	uint8_t *bytes;
	size_t size;
	size_t cap;
	struct kldsim__block *block; /* NULL: free(3) takes them */
};
void kldsim__packed_bytes_fini(struct kldsim__packed_bytes *bytes);
enum kldsim_status kldsim__packed_read(struct kldsim__packed *packed,
    struct kldsim__packed_bytes *bytes, size_t most,
    struct kldsim_error *error);

/* Bytes as an image, which takes them. */
enum kldsim_status kldsim__packed_image(struct kldsim__packed_bytes *bytes,
    const char *name, struct kldsim_image **image_ret,
    struct kldsim_error *error);

/* One compressed file, as an image of its bytes. */
enum kldsim_status kldsim__unpack(const struct kldsim_image *image,
    const struct kldsim_limits *limits, struct kldsim_image **image_ret,
    struct kldsim_error *error);

#endif
