/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inflates the types of files and does nothing with them: the yardstick of
 * kldsim kbi.
 *
 *	inflate FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static unsigned char *
read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes = NULL;
	long end;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0 ||
	    (bytes = malloc((size_t)end + 1)) == NULL ||
	    fread(bytes, 1, (size_t)end, file) != (size_t)end) {
		perror(path);
		exit(1);
	}
	*size = (size_t)end;
	fclose(file);
	return bytes;
}

static unsigned long
word(const unsigned char *p)
{
	return p[0] | (unsigned long)p[1] << 8 | (unsigned long)p[2] << 16 |
	    (unsigned long)p[3] << 24;
}

/* A compressed section begins like nothing else. */
static size_t
inflate_one(const char *path)
{
	static const unsigned char first[] = { 0xf1, 0xcf, 3, 1 };
	size_t size;
	unsigned char *bytes = read_all(path, &size), *to;
	uLongf length = 0;

	for (size_t at = 0; at + 36 < size; at++) {
		if (memcmp(bytes + at, first, sizeof first) != 0)
			continue;
		length = word(bytes + at + 28) + word(bytes + at + 32);
		to = malloc(length);
		if (to == NULL || uncompress(to, &length, bytes + at + 36,
		    (uLong)(size - at - 36)) != Z_OK)
			exit(1);
		free(to);
		break;
	}
	free(bytes);
	return length;
}

int
main(int argc, char **argv)
{
	size_t total = 0;

	for (int i = 1; i < argc; i++)
		total += inflate_one(argv[i]);
	printf("%zu bytes\n", total);
	return 0;
}
