/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the options want to be preloaded: the boot loader first, then the
 * kernel's linker, which know each other by the metadata block alone.
 */

#include <string.h>

#include "boot/boot.h"
#include "link_elf/class.h"

/* Before the kernel runs: what the options want to be in memory by then. */
static int
load_all(struct kldsim *sim, struct kldsim__preloads *preloads)
{
	struct kldsim__boot_loader *loader = &preloads->loader;
	size_t n = sim->options.npreloads;

	preloads->refused = kldsim__arena_calloc(&loader->arena, n,
	    sizeof(*preloads->refused));
	preloads->which = kldsim__arena_calloc(&loader->arena, n,
	    sizeof(*preloads->which));
	preloads->upto = kldsim__arena_calloc(&loader->arena, n,
	    sizeof(*preloads->upto));
	if (preloads->refused == NULL || preloads->which == NULL ||
	    preloads->upto == NULL)
		return (kldsim__nomem(sim));
	for (size_t i = 0; i < n; i++) {
		int error;

		preloads->at = i;
		error = kldsim__boot_loader_load(loader,
		    &sim->options.preloads[i], &preloads->which[i]);
		if (error < 0)
			return (error);
		preloads->refused[i] = error;
		preloads->upto[i] = loader->nfiles;
	}
	preloads->at = SIZE_MAX;
	return (0);
}

int
kldsim__preloads_load(struct kldsim *sim, struct kldsim__preloads *preloads)
{
	struct kldsim__boot_loader *loader = &preloads->loader;
	const struct kldsim__file *kernel = sim->linker.kernel;
	struct kldsim__elf_headers headers;
	int error;

	preloads->linked.sim = sim;
	preloads->linked.at = KLDSIM__NO_PRELOAD;
	preloads->at = SIZE_MAX;
	kldsim__arena_init(&preloads->linked.arena, &sim->alloc);
	kldsim__link_elf_headers(kernel, &headers);
	error = kldsim__boot_loader_begin(loader, sim, kernel->image,
	    kernel->pathname, &headers);
	if (error == 0)
		error = load_all(sim, preloads);
	if (error == 0)
		error = kldsim__boot_loader_finish(loader,
		    &preloads->linked.loaded);
	preloads->linked.count = loader->nfiles;
	/* What is loaded later goes behind all of it. */
	if (sim->options.npreloads != 0 &&
	    loader->loadaddr > sim->load_floor)
		sim->load_floor = kldsim__roundup2(loader->loadaddr,
		    sim->arch->page_size);
	return (error);
}

/* What became of one of the options' preloads: 0 and an id, or an errno. */
static int
result_of(const struct kldsim__preloads *preloads, size_t option,
    int *fileid_ret)
{
	const struct kldsim__preload *linked = &preloads->linked;
	size_t which = preloads->which[option];

	*fileid_ret = -1;
	if (preloads->refused[option] != 0)
		return (preloads->refused[option]);
	if (linked->files[which] != NULL)
		*fileid_ret = linked->files[which]->id;
	return (linked->errors[which]);
}

size_t
kldsim__preloads_panicked(const struct kldsim *sim,
    const struct kldsim__preloads *preloads)
{
	const size_t at = preloads->linked.at;
	size_t option = 0;

	if (preloads->at != SIZE_MAX || at == KLDSIM__NO_PRELOAD)
		return (preloads->at);
	while (option < sim->options.npreloads && preloads->upto[option] <= at)
		option++;
	return (option);
}

/* Room for what became of each option's preload. */
static int
allocate(struct kldsim *sim)
{
	struct kldsim__booted *booted = &sim->booted;
	size_t n = sim->options.npreloads;

	booted->preload_errors = kldsim__arena_calloc(&sim->arena, n,
	    sizeof(*booted->preload_errors));
	booted->preload_ids = kldsim__arena_calloc(&sim->arena, n,
	    sizeof(*booted->preload_ids));
	return (booted->preload_errors != NULL &&
	    booted->preload_ids != NULL ? 0 : kldsim__nomem(sim));
}

int
kldsim__preloads_keep(struct kldsim *sim,
    const struct kldsim__preloads *preloads)
{
	struct kldsim__booted *booted = &sim->booted;
	int error = allocate(sim);

	booted->panicked = SIZE_MAX;
	for (size_t i = 0; i < sim->options.npreloads && error == 0; i++)
		booted->preload_errors[i] = result_of(preloads, i,
		    &booted->preload_ids[i]);
	return (error);
}

int
kldsim__preloads_keep_panic(struct kldsim *sim, size_t panicked)
{
	int error = allocate(sim);

	sim->booted.panicked = panicked;
	for (size_t i = 0; i < sim->options.npreloads && error == 0; i++)
		sim->booted.preload_ids[i] = -1;
	return (error);
}

void
kldsim__preloads_fini(struct kldsim__preloads *preloads)
{
	kldsim__preload_fini(&preloads->linked);
	kldsim__boot_loader_fini(&preloads->loader);
}

enum kldsim_status
kldsim_preload_result(const struct kldsim *sim, size_t index,
    struct kldsim_result *result_ret)
{
	const struct kldsim__booted *booted = &sim->booted;

	if (index >= sim->options.npreloads)
		return (KLDSIM_NOENT);
	memset(result_ret, 0, sizeof(*result_ret));
	result_ret->error = booted->preload_errors[index];
	result_ret->fileid = booted->preload_ids[index];
	result_ret->panicked = index == booted->panicked;
	result_ret->nconsole = booted->nconsole;
	result_ret->nfindings = booted->nfindings;
	return (KLDSIM_OK);
}
