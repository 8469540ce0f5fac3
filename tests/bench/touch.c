/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program costs that maps a file and touches pages of it, and no more:
 *
 *	touch FILE FAULTS
 *
 * It touches pages until it has had so many minor page faults, its start
 * included: of the file first, then of memory of its own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define PAGE 4096u
#define AROUND (16u * PAGE) /* hosts map so much at a fault of a file */

static long
faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static const volatile unsigned char *
map(const char *path, size_t *size_ret)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) != 0)
		die(path, "cannot be read");
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		die(path, "cannot be mapped");
	close(fd);
	*size_ret = (size_t)st.st_size;
	return bytes;
}

int
main(int argc, char **argv)
{
	long wanted = argc == 3 ? atol(argv[2]) : 0;
	const volatile unsigned char *bytes;
	volatile unsigned char *own;
	unsigned sum = 0;
	size_t size;

	if (wanted == 0)
		die("usage", "touch FILE FAULTS");
	bytes = map(argv[1], &size);
	for (size_t at = 0; at < size && faults() < wanted / 2; at += AROUND)
		sum += bytes[at];
	own = malloc((size_t)wanted * PAGE);
	if (own == NULL)
		die("memory", "there is none");
	for (size_t at = 0; faults() < wanted; at += PAGE)
		own[at] = (unsigned char)sum;
	return 0;
}
