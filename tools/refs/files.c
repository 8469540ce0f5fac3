/* SPDX-License-Identifier: BSD-2-Clause */

/* Kernels and files of `kldsim refs`; see files.h. */

#include "refs/files.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/output.h"

static void
add_file(struct refs_files *files, char *path)
{
	struct refs_file *file;

	if (files->count == files->cap) {
		files->cap = files->cap == 0 ? 64 : 2 * files->cap;
		files->all = need(realloc(files->all,
		    files->cap * sizeof(*files->all)));
	}
	file = &files->all[files->count++];
	memset(file, 0, sizeof(*file));
	file->path = path;
}

static bool
take_found(void *user, const struct kldsim_source_found *found)
{
	add_file(user, need(strdup(found->path)));
	return (true);
}

static int
add_operand(struct refs_files *files, const char *name)
{
	struct kldsim_error error;
	enum kldsim_status status = kldsim_source_modules(files->source, name,
	    take_found, files, &error);

	if (status == KLDSIM_OK)
		return (STATUS_OK);
	complain("%s", error.text);
	return (STATUS_HOST);
}

/* --- kernels --- */

/* Whether it is one file; folders and archives are those of modules. */
static bool
is_file(const struct refs_files *files, const char *name)
{
	struct kldsim_source_file file;
	const char *folder;

	return (kldsim_source_folder(files->source, name, &folder, NULL) ==
	    KLDSIM_OK && folder == name && kldsim_source_stat(files->source,
	    name, &file, NULL) == KLDSIM_OK &&
	    file.type == KLDSIM_SOURCE_FILE);
}

/* The kernel that an operand is; NULL: it is none. */
static struct kldsim_image *
open_kernel(struct refs_files *files, const char *name)
{
	struct kldsim_image *image;

	if (!is_file(files, name) || kldsim_source_kernel(files->source,
	    name, &image, NULL) != KLDSIM_OK)
		return (NULL);
	if (kldsim_image_is_kernel(image))
		return (image);
	kldsim_image_unref(image);
	return (NULL);
}

/* How many operands are kernels; -1 if they cannot be read. */
static int
read_kernels(struct refs_files *files, int argc, char **argv)
{
	struct kldsim_image *images[2] = { NULL, NULL };
	enum kldsim_status status = KLDSIM_OK;
	int count = 0;

	while (count < 2 && count < argc &&
	    (images[count] = open_kernel(files, argv[count])) != NULL) {
		files->kernel[count] = argv[count];
		count++;
	}
	if (count != 0)
		status = kldsim_refs_kernels_read(images[0], images[1],
		    &files->options, &files->kernels, &files->error);
	kldsim_image_unref(images[0]);
	kldsim_image_unref(images[1]);
	if (status == KLDSIM_OK)
		return (count);
	files->kernels = NULL;
	complain("%s", files->error.text);
	return (-1);
}

/* --- reading and judging --- */

static int
read_file(struct refs_files *files, struct refs_file *file)
{
	enum kldsim_status status = kldsim_refs_read_path(files->source,
	    file->path, files->kernels, &files->options, &file->refs,
	    &file->error);

	if (status == KLDSIM_OK)
		return (STATUS_OK);
	file->refs = NULL;
	complain("%s", file->error.text);
	return (STATUS_HOST);
}

static int
judge(struct refs_files *files)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < files->count; i++)
		if (files->all[i].refs != NULL && kldsim_refs_kernels_add(
		    files->kernels, files->all[i].refs) != KLDSIM_OK)
			(void)need(NULL);
	for (size_t i = 0; i < files->count; i++) {
		struct refs_file *file = &files->all[i];

		if (file->refs == NULL)
			continue;
		file->verdict = kldsim_refs_judge(files->kernels, file->refs,
		    NULL, NULL);
		if (file->verdict >= KLDSIM_KBI_REBUILD)
			status = STATUS_REFUSED;
	}
	return (status);
}

/* The exit status that comes first (command.h). */
static int
worse(int one, int other)
{
	return (one == STATUS_HOST || other == STATUS_OK ? one : other);
}

int
refs_files_read(struct refs_files *files, int argc, char **argv)
{
	struct kldsim_source_options how;
	int status = STATUS_OK, kernels;

	kldsim_source_options_init(&how, sizeof(how));
	how.limits = files->options.limits;
	if (kldsim_source_new(&how, &files->source, &files->error) !=
	    KLDSIM_OK) {
		complain("%s", files->error.text);
		return (STATUS_HOST);
	}
	kernels = read_kernels(files, argc, argv);
	if (kernels < 0)
		return (files->error.status == KLDSIM_ARG ? STATUS_USAGE :
		    STATUS_HOST);
	if (kernels == argc) {
		complain("which FILE? %s is a kernel (try kldsim refs --help)",
		    argv[argc - 1]);
		return (STATUS_USAGE);
	}
	for (int i = kernels; i < argc; i++)
		status = worse(add_operand(files, argv[i]), status);
	for (size_t i = 0; i < files->count; i++)
		status = worse(read_file(files, &files->all[i]), status);
	return (files->kernels == NULL ? status :
	    worse(status, judge(files)));
}
