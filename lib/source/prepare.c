/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What reading files opens by itself, opened before it must not: libdeflate; and
 * libarchive, with the tables by which it understands names that are not ASCII,
 * which a host loads with the first such name.  So an archive with one is read.
 */

#include <stdio.h>
#include <string.h>

#include <kldsim/source.h>

#include "source/packed.h"
#include "util/libdeflate.h"
#include "util/limits.h"

#define BLOCK 512u

/* Where a tar header has its fields. */
enum { NAME = 0, SIZE = 124, CHECKSUM = 148, TYPE = 156, MAGIC = 257 };

static void
put_header(uint8_t block[BLOCK], const char *name, char type, size_t size)
{
	unsigned sum = 0;

	memcpy(block + NAME, name, strlen(name));
	(void)snprintf((char *)block + SIZE, 12, "%011zo", size);
	block[TYPE] = (uint8_t)type;
	memcpy(block + MAGIC, "ustar\0" "00", 8);
	memset(block + CHECKSUM, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += block[i];
	(void)snprintf((char *)block + CHECKSUM, 8, "%06o", sum);
}

static void
read_archive(void)
{
	/* An extended header's record: its length, what it is of, the name. */
	static const char record[] = "14 path=\303\251.ko\n";
	uint8_t archive[5 * BLOCK] = { 0 }; /* the last two are its end */
	struct kldsim_limits limits = { .map_bytes = 0 };
	struct kldsim_image *image = NULL;
	struct kldsim__packed *packed;
	struct kldsim__entry entry;
	bool more;

	kldsim__limits_defaults(&limits);
	put_header(archive, "header", 'x', sizeof(record) - 1);
	memcpy(archive + BLOCK, record, sizeof(record) - 1);
	put_header(archive + 2 * BLOCK, "file.ko", '0', 0);
	if (kldsim_image_open_memory(archive, sizeof(archive), "prepare", NULL,
	    NULL, &image, NULL) == KLDSIM_OK && kldsim__packed_open(image,
	    true, &limits, &packed, NULL) == KLDSIM_OK) {
		(void)kldsim__packed_next(packed, &entry, &more, NULL);
		kldsim__packed_close(packed);
	}
	kldsim_image_unref(image);
}

void
kldsim_source_prepare(void)
{
	(void)kldsim__libdeflate_load();
	read_archive();
}
