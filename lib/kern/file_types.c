/* SPDX-License-Identifier: BSD-2-Clause */

#include "kern/file_types.h"

#include "kern/linker_file.h"

/* Of one file, by its image: a file that is loaded again has the same ones. */
struct kldsim__file_types {
	struct kldsim__file_types *next;
	struct kldsim_image *image; /* held, so that it stays the same one */
	struct kldsim_types *types; /* NULL: none that can be read */
};

static enum kldsim_status
read_types(const struct kldsim *sim, const struct kldsim_image *image,
    const struct kldsim_types *parent, struct kldsim_types **types_ret)
{
	struct kldsim_types_options options;
	enum kldsim_status status;

	kldsim_types_options_init(&options, sizeof(options));
	options.limits = sim->options.limits;
	options.allocator = sim->alloc.hook;
	options.parent = parent;
	status = kldsim_types_read(image, &options, types_ret, NULL);
	if (status != KLDSIM_OK)
		*types_ret = NULL;
	return (status == KLDSIM_NOMEM ? status : KLDSIM_OK);
}

/* Those of a file that leaves some to a parent, the kernel (Y-04, C-30). */
static enum kldsim_status
read_child(struct kldsim *sim, const struct kldsim__file *file,
    struct kldsim_types **types)
{
	const struct kldsim_types *parent;
	struct kldsim_types_info info;
	enum kldsim_status status;

	if (*types == NULL || file == sim->linker.kernel)
		return (KLDSIM_OK);
	kldsim_types_info(*types, &info);
	if (*info.parent == '\0')
		return (KLDSIM_OK);
	status = kldsim__file_types(sim, sim->linker.kernel, &parent);
	if (status != KLDSIM_OK || parent == NULL)
		return (status);
	kldsim_types_free(*types);
	return (read_types(sim, file->image, parent, types));
}

enum kldsim_status
kldsim__file_types(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim_types **types_ret)
{
	struct kldsim_types *types = NULL;
	struct kldsim__file_types *row;
	enum kldsim_status status;

	*types_ret = NULL;
	for (row = sim->file_types; row != NULL; row = row->next)
		if (row->image == file->image) {
			*types_ret = row->types;
			return (KLDSIM_OK);
		}
	row = kldsim__calloc(&sim->alloc, 1, sizeof(*row));
	status = row == NULL ? KLDSIM_NOMEM :
	    read_types(sim, file->image, NULL, &types);
	if (status == KLDSIM_OK)
		status = read_child(sim, file, &types);
	if (status != KLDSIM_OK) {
		kldsim_types_free(types);
		kldsim__free(&sim->alloc, row);
		return (status);
	}
	row->image = kldsim_image_ref(file->image);
	row->types = types;
	row->next = sim->file_types;
	sim->file_types = row;
	*types_ret = types;
	return (KLDSIM_OK);
}

void
kldsim__file_types_fini(struct kldsim *sim)
{
	while (sim->file_types != NULL) {
		struct kldsim__file_types *row = sim->file_types;

		sim->file_types = row->next;
		kldsim_types_free(row->types);
		kldsim_image_unref(row->image);
		kldsim__free(&sim->alloc, row);
	}
}

kldsim_type_id
kldsim__type_of_symbol(const struct kldsim_types *types, const char *name)
{
	struct kldsim_typed_symbol symbol;
	uint32_t next = 0;

	while (types != NULL && kldsim_types_find_symbol(types, name, &next,
	    &symbol) == KLDSIM_OK)
		if (!symbol.function)
			return (symbol.type);
	return (0);
}
