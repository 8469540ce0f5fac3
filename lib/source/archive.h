/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_ARCHIVE_H
#define SOURCE_ARCHIVE_H

/*
 * A tar archive as a tree of members.  It is read once, from one end to the
 * other.  What may be a module or a kernel keeps its bytes; what else is asked
 * for is read anew.
 */

#include "source/members.h"
#include "source/source.h"

struct kldsim__archive {
	struct kldsim__archive *next;
	const struct kldsim__alloc *alloc;
	const struct kldsim_limits *limits;
	struct kldsim_image *image; /* its own bytes; named like its file */
	struct kldsim__members members;
	size_t left_out;            /* members that no path leads to */
	char remark[320];           /* of them, empty: there are none */
};

/*
 * Read an archive; the image is referenced.  KLDSIM_NOENT: the image is packed,
 * and no tar archive.
 */
enum kldsim_status kldsim__archive_open(struct kldsim_image *image,
    const struct kldsim__alloc *alloc, const struct kldsim_limits *limits,
    struct kldsim__archive **archive_ret, struct kldsim_error *error);
void kldsim__archive_close(struct kldsim__archive *archive);

/*
 * "PLACE:path/inside", to be freed with kldsim__free(); NULL: no memory.  A name
 * without a slash gets one, behind which base names begin.
 */
char *kldsim__place_name(const struct kldsim__alloc *alloc,
    const char *place, const char *path);

/* A member's bytes, of a regular file, as an image that is referenced. */
enum kldsim_status kldsim__archive_image(struct kldsim__archive *archive,
    const struct kldsim__member *member, struct kldsim_image **image_ret,
    struct kldsim_error *error);

#endif
