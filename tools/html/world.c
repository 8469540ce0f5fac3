/* SPDX-License-Identifier: BSD-2-Clause */

/* A kernel that has all modules of a page that load alone: maps are of it. */

#include <kldsim/kldsim.h>

#include "html/page.h"

/* A panic is taken back; what is refused is not there, and is told of so. */
static void
load(struct kldsim *sim, const char *path)
{
	struct kldsim_result result;
	struct kldsim_error error;
	uint64_t before;

	if (kldsim_snapshot(sim, &before, &error) != KLDSIM_OK)
		return;
	(void)!kldsim_kldload_path(sim, path, &result, &error);
	if (kldsim_is_dead(sim))
		(void)!kldsim_restore(sim, before);
	(void)!kldsim_snapshot_drop(sim, before);
}

struct kldsim *
page_load_all(struct page *page, struct kldsim_image *image,
    const struct kldsim_options *options, const char *module_path)
{
	struct kldsim_options boot = *options;
	struct kldsim_error error;
	struct kldsim *sim;

	boot.module_path = module_path;
	if (kldsim_boot(image, &boot, &sim, &error) != KLDSIM_OK)
		return (NULL);
	for (size_t i = 0; i < page->nrows; i++)
		if (page->rows[i].loads && page->rows[i].path != NULL)
			load(sim, page->rows[i].path);
	page->sim = sim;
	page->maps_of = "This is one kernel into which all modules that load "
	    "alone are loaded, one after the other.";
	return (sim);
}
