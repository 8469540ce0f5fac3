/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernels that modules may have been built for (I-81). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kbi/kbi_run.h"
#include "report/output.h"

static enum kldsim_status
add_old(struct kbi_run *run, struct kldsim_image *image,
    struct kldsim_error *error)
{
	struct kldsim_kbi_options how;
	struct kldsim_image_info info;
	struct kbi_old *old;
	enum kldsim_status status;

	kldsim_kbi_options_init(&how);
	how.limits = run->load.boot.limits;
	run->olds = need(realloc(run->olds,
	    (run->nolds + 1) * sizeof(*run->olds)));
	old = &run->olds[run->nolds];
	memset(old, 0, sizeof(*old));
	status = kldsim_kbi_file_new(image, &how, &old->file, error);
	if (status != KLDSIM_OK)
		return (status);
	kldsim_image_info(image, &info);
	kldsim_kbi_file_info(old->file, &old->info);
	old->name = need(strdup(info.name));
	run->nolds++;
	return (KLDSIM_OK);
}

struct folder {
	struct kbi_run *run;
	const char *path;
};

/* What is no kernel, and does not hold one, is passed over. */
static bool
visit(void *user, const struct kldsim_source_file *file)
{
	const struct folder *folder = user;
	struct kbi_run *run = folder->run;
	const size_t size = strlen(folder->path) + strlen(file->name) + 2;
	char *path = need(malloc(size));
	struct kldsim_image *image;
	struct kldsim_error error;

	(void)snprintf(path, size, "%s/%s", folder->path, file->name);
	if (kldsim_source_kernel(run->load.boot.source, path, &image,
	    &error) == KLDSIM_OK) {
		if (add_old(run, image, &error) == KLDSIM_OK &&
		    run->olds[run->nolds - 1].info.osreldate == 0) {
			run->nolds--;
			kldsim_kbi_file_free(run->olds[run->nolds].file);
			free(run->olds[run->nolds].name);
		}
		kldsim_image_unref(image);
	}
	free(path);
	return (true);
}

int
kbi_find_olds(struct kbi_run *run)
{
	struct kldsim_source *source = run->load.boot.source;
	struct folder folder = { run, run->against };
	struct kldsim_image *image;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_source_kernel(source,
	    run->against, &image, &run->error);

	if (status == KLDSIM_OK) {
		status = add_old(run, image, &run->error);
		kldsim_image_unref(image);
	} else if (kldsim_source_list(source, run->against, visit, &folder,
	    &error) == KLDSIM_OK && run->nolds != 0) {
		status = KLDSIM_OK;
	}
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	run->failure = complain_of(run->against, &run->error);
	return (STATUS_HOST);
}

struct kbi_old *
kbi_choose_old(struct kbi_run *run, uint32_t osreldate)
{
	struct kbi_old *found = run->nolds == 1 ? &run->olds[0] : NULL;

	for (size_t i = 0; i < run->nolds && found == NULL; i++)
		if (run->olds[i].info.osreldate == osreldate)
			found = &run->olds[i];
	if (found != NULL && found->kbi == NULL && kldsim_kbi_new(run->kernel,
	    found->file, &found->kbi, &run->error) != KLDSIM_OK) {
		complain("%s: %s", found->name, run->error.text);
		return (NULL);
	}
	return (found);
}
