/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512

void
tar_bytes(struct tar *tar, const void *bytes, size_t size)
{
	tar->bytes = realloc(tar->bytes, tar->size + size + 1);
	if (tar->bytes == NULL)
		abort();
	if (size != 0)
		memcpy(tar->bytes + tar->size, bytes, size);
	tar->size += size;
}

void
tar_header(struct tar *tar, const char *name, char type,
    unsigned long long size, const char *link)
{
	char header[BLOCK] = "";
	unsigned sum = 0;

	memcpy(header, name, strlen(name) < 100 ? strlen(name) : 100);
	(void)snprintf(header + 100, 8, "%07o", 0644);
	(void)snprintf(header + 108, 8, "%07o", 0);
	(void)snprintf(header + 116, 8, "%07o", 0);
	(void)snprintf(header + 124, 12, "%011llo", size);
	(void)snprintf(header + 136, 12, "%011o", 1000000000);
	header[156] = type;
	if (link != NULL)
		memcpy(header + 157, link, strlen(link));
	memcpy(header + 257, "ustar\0" "00", 8);
	/* Of the sum itself, as if it were blanks. */
	memset(header + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	(void)snprintf(header + 148, 8, "%06o", sum);
	tar_bytes(tar, header, BLOCK);
}

void
tar_file(struct tar *tar, const char *name, const void *bytes, size_t size)
{
	static const char zeros[BLOCK];

	tar_header(tar, name, TAR_FILE, size, NULL);
	tar_bytes(tar, bytes, size);
	tar_bytes(tar, zeros, (BLOCK - size % BLOCK) % BLOCK);
}

void
tar_text(struct tar *tar, const char *name, const char *text)
{
	tar_file(tar, name, text, strlen(text));
}

void
tar_end(struct tar *tar)
{
	static const char zeros[2 * BLOCK];

	tar_bytes(tar, zeros, sizeof(zeros));
}
