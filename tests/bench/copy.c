/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program costs that copies so many bytes once, into memory that it has
 * not touched, and no more:
 *
 *	copy BYTES
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define BLOCK (1u << 20) /* is read again and again */

int
main(int argc, char **argv)
{
	size_t bytes = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	unsigned char *from = malloc(BLOCK), *to = malloc(bytes);

	if (bytes == 0 || from == NULL || to == NULL)
		die("usage", "copy BYTES");
	memset(from, 0xcc, BLOCK);
	for (size_t at = 0; at < bytes; at += BLOCK)
		memcpy(to + at, from, bytes - at < BLOCK ? bytes - at : BLOCK);
	return to[bytes / 2] != 0xcc;
}
