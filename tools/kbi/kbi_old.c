/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernels that modules may have been built for (I-81). */

#include <stdlib.h>
#include <string.h>

#include "kbi/kbi_run.h"
#include "kbi/kernels.h"
#include "report/output.h"

static enum kldsim_status
add_old(struct kbi_run *run, struct kldsim_image *image,
    struct kldsim_error *error)
{
	struct kldsim_kbi_options how;
	struct kldsim_image_info info;
	struct kbi_old *old;
	enum kldsim_status status;

	kldsim_kbi_options_init(&how, sizeof(how));
	how.limits = run->load.boot.limits;
	run->olds = need(realloc(run->olds,
	    (run->nolds + 1) * sizeof(*run->olds)));
	old = &run->olds[run->nolds];
	memset(old, 0, sizeof(*old));
	status = kbi_source_open(image, &run->where, &how, &old->source,
	    &old->file, error);
	if (status != KLDSIM_OK) {
		kbi_source_free(&old->source);
		return (status);
	}
	kldsim_image_info(image, &info);
	kldsim_kbi_file_info(old->file, &old->info);
	old->name = need(strdup(info.name));
	run->nolds++;
	return (KLDSIM_OK);
}

/* Without a version it is no module's. */
static void
drop_nameless(struct kbi_run *run)
{
	struct kbi_old *last = &run->olds[run->nolds - 1];

	if (last->info.osreldate != 0)
		return;
	run->nolds--;
	kldsim_kbi_file_free(last->file);
	kbi_source_free(&last->source);
	free(last->name);
}

/* The others may be those that are asked for. */
static enum kldsim_status
pass_over(struct kbi_run *run)
{
	complain("%s: %s; it is passed over", run->against, run->error.text);
	return (KLDSIM_OK);
}

/* Once, however many modules ask for it. */
static enum kldsim_status
prepare(struct kbi_run *run, struct kbi_old *old)
{
	return (old->kbi != NULL ? KLDSIM_OK : kldsim_kbi_new(run->kernel,
	    old->file, &old->kbi, &run->error));
}

enum kldsim_status
kbi_find_olds(struct kbi_run *run)
{
	struct kldsim_image **images;
	size_t count;
	enum kldsim_status status = find_kernels(run->load.boot.source,
	    run->against, &images, &count, &run->error);

	run->one_old = count == 1;
	for (size_t i = 0; i < count && status == KLDSIM_OK; i++) {
		status = add_old(run, images[i], &run->error);
		if (status == KLDSIM_OK && count > 1)
			drop_nameless(run);
		else if (status != KLDSIM_NOMEM && count > 1)
			status = pass_over(run);
	}
	free_kernels(images, count);
	/* Where there is but one, every module will ask for it. */
	if (status == KLDSIM_OK && run->one_old && run->nolds == 1 &&
	    run->load.nmodules != 0)
		status = prepare(run, &run->olds[0]);
	if (status != KLDSIM_OK)
		run->load.failed = run->against;
	return (status);
}

struct kbi_old *
kbi_choose_old(struct kbi_run *run, uint32_t osreldate)
{
	struct kbi_old *found = run->one_old ? &run->olds[0] : NULL;

	for (size_t i = 0; i < run->nolds && found == NULL; i++)
		if (run->olds[i].info.osreldate == osreldate)
			found = &run->olds[i];
	if (found != NULL && prepare(run, found) != KLDSIM_OK) {
		complain("%s: %s", found->name, run->error.text);
		return (NULL);
	}
	return (found);
}
