/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REFS_FILES_H
#define REFS_FILES_H

/* The kernels and files of `kldsim refs`, read and judged. */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/kldsim.h>

struct refs_file {
	char *path;
	struct kldsim_refs *refs;   /* NULL: it cannot be read */
	struct kldsim_error error;  /* why */
	enum kldsim_kbi_verdict verdict; /* with kernels */
};

struct refs_files {
	struct kldsim_refs_options options;
	struct kldsim_source *source;
	const char *kernel[2];      /* as they were given; NULL: none */
	struct kldsim_refs_kernels *kernels; /* NULL: there are none */
	struct refs_file *all;      /* as given; of a folder by name */
	size_t count;
	size_t cap;
	struct kldsim_error error;  /* of the kernels */
};

/*
 * Read what operands name: kernels, as long as files are kernels, and then
 * files and folders, of archives too.  An exit status, after messages; kernels
 * that cannot be read leave no files.
 */
int refs_files_read(struct refs_files *files, int argc, char **argv);

#endif
