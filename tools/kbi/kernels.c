/* SPDX-License-Identifier: BSD-2-Clause */

/* Kernels of a folder; see kernels.h. */

#include "kbi/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

struct folder {
	struct kldsim_source *source;
	const char *path;
	struct kldsim_image **images;
	size_t count;
};

static void
take(struct folder *folder, struct kldsim_image *image)
{
	folder->images = need(realloc(folder->images,
	    (folder->count + 1) * sizeof(struct kldsim_image *)));
	folder->images[folder->count++] = image;
}

/* What is no kernel, and does not hold one, is passed over. */
static bool
visit(void *user, const struct kldsim_source_file *file)
{
	struct folder *folder = user;
	const size_t size = strlen(folder->path) + strlen(file->name) + 2;
	char *path = need(malloc(size));
	struct kldsim_image_info info;
	struct kldsim_image *image;

	(void)snprintf(path, size, "%s/%s", folder->path, file->name);
	if (kldsim_source_kernel(folder->source, path, &image, NULL) ==
	    KLDSIM_OK) {
		kldsim_image_info(image, &info);
		if (info.elf)
			take(folder, image);
		else
			kldsim_image_unref(image);
	}
	free(path);
	return (true);
}

enum kldsim_status
find_kernels(struct kldsim_source *source, const char *path,
    struct kldsim_image ***images_ret, size_t *count_ret,
    struct kldsim_error *error)
{
	struct folder folder = { .source = source, .path = path };
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_kernel(source, path, &image,
	    error);

	if (status == KLDSIM_OK)
		take(&folder, image);
	else if (kldsim_source_list(source, path, visit, &folder, NULL) ==
	    KLDSIM_OK && folder.count != 0)
		status = KLDSIM_OK;
	*images_ret = folder.images;
	*count_ret = folder.count;
	return (status);
}

void
free_kernels(struct kldsim_image **images, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kldsim_image_unref(images[i]);
	free(images);
}
