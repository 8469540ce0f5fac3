/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of malloc_init() (M-46) and of sdt.ko's handler (L-25, U-15). */

#include "support_model.h"

bool
model_patches_tracepoints(uint32_t osreldate)
{
	return osreldate >= 1500068; /* V-75 */
}

uint64_t
model_malloc_number(uint32_t osreldate)
{
	return osreldate < 1300000 ? 877983977 : 2024073001; /* V-74 */
}

void
model_malloc_init(struct model *model, uint64_t type)
{
	if (!model_is_mapped(model, type) ||
	    model_pointer(model, type + model_ptrsz(model)) !=
	    model_malloc_number(model->graph->osreldate))
		model->panicked = true;
}

/* The pointer at an address; a fault if nothing is there. */
static uint64_t
follow(struct model *model, uint64_t address)
{
	if (!model_is_mapped(model, address)) {
		model->panicked = true;
		return 0;
	}
	/* The kernel's own leads to nothing that is followed. */
	return model_is_kernels(model, address) ? address :
	    model_pointer(model, address);
}

/* U-15: sections that have no names yet end the search, and the kernel. */
static bool
find_set(struct model *model, int index, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret)
{
	const struct model_file *file = &model->files[index];
	size_t i, loaded = 0;

	if (model->panicked)
		return false;
	if (model->graph->machine->shared)
		return model_dyn_set(model, index, name, start_ret, stop_ret);
	if (file->image->cut)
		return false;
	for (i = 0; i < file->image->nsections; i++) {
		const struct model_section *section =
		    &file->image->sections[i];

		if (!model_section_loaded(section))
			continue;
		if (loaded++ >= file->named) {
			model->panicked = true;
			return false;
		}
		if (strcmp(section->name, name) != 0)
			continue;
		*start_ret = file->at[i];
		*stop_ret = file->at[i] + section->size;
		return true;
	}
	return false;
}

/* As far as a module's own addresses go, and those that it has before. */
static bool
can_jump(struct model *model, uint64_t from, uint64_t to)
{
	const struct model_machine *machine = model->graph->machine;

	if (from == to || from < machine->lowest || to < machine->lowest)
		return false;
	if (machine->step != 0 && (from | to) % machine->step != 0)
		return false;
	return strcmp(machine->name, "arm64") != 0 ||
	    model_is_mapped(model, from);
}

static void
tracepoints(struct model *model, int file)
{
	const unsigned w = model_ptrsz(model);
	uint64_t at, stop;

	if (!find_set(model, file, "set_sdt_tracepoint_set", &at, &stop))
		return;
	for (; at < stop; at += 4 * w) {
		if (can_jump(model, model_pointer(model, at + w),
		    model_pointer(model, at + 2 * w)))
			(void)follow(model, model_pointer(model, at));
	}
}

/* Each entry, then what is at an offset of it. */
static void
entries(struct model *model, int file, const char *name, unsigned offset,
    bool twice)
{
	const unsigned w = model_ptrsz(model);
	uint64_t at, stop;

	if (!find_set(model, file, name, &at, &stop))
		return;
	for (; at < stop && !model->panicked; at += w) {
		const uint64_t next = follow(model,
		    model_pointer(model, at) + offset * w);

		if (twice && !model->panicked)
			(void)follow(model, next);
	}
}

void
model_sdt_unload_try(struct model *model, int file)
{
	size_t i;

	if (model->files[file].linked)
		return;
	for (i = 0; i < MODEL_MODULES; i++)
		if (model->modules[i].id != 0 &&
		    strcmp(model->modules[i].name, "sdt") == 0 &&
		    model->files[model->modules[i].file].linked)
			break;
	if (i == MODEL_MODULES)
		return;
	if (model_patches_tracepoints(model->graph->osreldate)) {
		tracepoints(model, file);
		entries(model, file, "set_sdt_argtypes_set", 5, true);
		entries(model, file, "set_sdt_probes_set", 0, false);
	}
	entries(model, file, "set_sdt_providers_set", 0, true);
}
