/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a fuzzing engine would be: the same files, again and again.
 *
 *	fuzz MILLISECONDS FILE...
 *	fz_floor MILLISECONDS FILE...
 *
 * Prints executions a second of CPU time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct file {
	uint8_t *bytes;
	size_t size;
};

static struct file
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

static double
executions_a_second(const struct file *files, size_t nfiles, double us)
{
	double start;
	size_t n = 0;

	/* The first execution boots. */
	(void)LLVMFuzzerTestOneInput(files[0].bytes, files[0].size);
	start = cpu_us();
	while (cpu_us() - start < us)
		for (size_t i = 0; i < nfiles; i++, n++)
			(void)LLVMFuzzerTestOneInput(files[i].bytes,
			    files[i].size);
	return (double)n * 1e6 / (cpu_us() - start);
}

int
main(int argc, char **argv)
{
	size_t nfiles = argc > 2 ? (size_t)argc - 2 : 0;
	struct file *files = calloc(nfiles + 1, sizeof *files);

	if (nfiles == 0 || files == NULL)
		die("usage", "MILLISECONDS FILE...");
	for (size_t i = 0; i < nfiles; i++)
		files[i] = read_file(argv[2 + i]);
	printf("%.0f\n", executions_a_second(files, nfiles,
	    atof(argv[1]) * 1000));
	for (size_t i = 0; i < nfiles; i++)
		free(files[i].bytes);
	free(files);
	return 0;
}
