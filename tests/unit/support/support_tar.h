/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_TAR_H
#define SUPPORT_TAR_H

/*
 * Tar archives as bytes, by the book (POSIX ustar), so that a test can also say
 * what no tar(1) would.
 */

#include <stddef.h>

struct tar {
	unsigned char *bytes; /* to be freed */
	size_t size;
};

#define TAR_FILE '0'
#define TAR_HARD_LINK '1'
#define TAR_LINK '2'
#define TAR_DEVICE '3'
#define TAR_FOLDER '5'

/* A header alone, with a size that need not be true; link may be NULL. */
void tar_header(struct tar *tar, const char *name, char type,
    unsigned long long size, const char *link);
/* Bytes as they are. */
void tar_bytes(struct tar *tar, const void *bytes, size_t size);
/* A regular file, with its bytes. */
void tar_file(struct tar *tar, const char *name, const void *bytes,
    size_t size);
void tar_text(struct tar *tar, const char *name, const char *text);
/* The two empty blocks at the end. */
void tar_end(struct tar *tar);

#endif
