/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_FUZZ_FILES_H
#define BENCH_FUZZ_FILES_H

/* What fuzz.c and its yardstick fz_floor.c share: files in memory, a clock. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

struct file {
	unsigned char *bytes;
	size_t size;
};

struct files {
	double us;             /* of CPU time to be spent */
	struct file kernel;
	struct file *modules;
	size_t nmodules;
};

static inline struct file
read_file(const char *path)
{
	FILE *stream = fopen(path, "rb");
	struct file file = { NULL, 0 };
	long size;

	if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 ||
	    (size = ftell(stream)) <= 0)
		die(path, "cannot be read");
	file.size = (size_t)size;
	file.bytes = malloc(file.size);
	rewind(stream);
	if (file.bytes == NULL ||
	    fread(file.bytes, 1, file.size, stream) != file.size)
		die(path, "cannot be read");
	fclose(stream);
	return file;
}

/* PROGRAM MILLISECONDS KERNEL MODULE... */
static inline struct files
read_files(int argc, char **argv)
{
	struct files files;

	if (argc < 4)
		die("usage", "MILLISECONDS KERNEL MODULE...");
	files.us = atof(argv[1]) * 1000;
	files.kernel = read_file(argv[2]);
	files.nmodules = (size_t)argc - 3;
	files.modules = calloc(files.nmodules, sizeof *files.modules);
	if (files.modules == NULL)
		die("modules", "no memory");
	for (size_t i = 0; i < files.nmodules; i++)
		files.modules[i] = read_file(argv[3 + i]);
	return files;
}

static inline void
free_files(struct files *files)
{
	for (size_t i = 0; i < files->nmodules; i++)
		free(files->modules[i].bytes);
	free(files->modules);
	free(files->kernel.bytes);
}

#endif
