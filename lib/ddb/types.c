/* SPDX-License-Identifier: BSD-2-Clause */

/* The types of files, read when they are first asked for. */

#include "ddb/types.h"

#include "kern/linker_file.h"

/* Of one file. */
struct kldsim__ddb_types {
	struct kldsim__ddb_types *next;
	struct kldsim_image *image; /* held, so that it stays the same one */
	struct kldsim_types *types; /* NULL: none that can be read */
};

static struct kldsim_types *
read_types(const struct kldsim *sim, struct kldsim_image *image)
{
	struct kldsim_types_options options;
	struct kldsim_types *types = NULL;

	kldsim_types_options_init(&options);
	options.limits = sim->options.limits;
	options.allocator = sim->options.allocator;
	if (kldsim_types_read(image, &options, &types, NULL) != KLDSIM_OK)
		return (NULL);
	return (types);
}

const struct kldsim_types *
kldsim__ddb_types(struct kldsim_ddb *ddb, const struct kldsim__file *file)
{
	struct kldsim__ddb_types *row;

	for (row = ddb->types; row != NULL; row = row->next)
		if (row->image == file->image)
			return (row->types);
	row = kldsim__calloc(&ddb->sim->alloc, 1, sizeof(*row));
	if (row == NULL) {
		ddb->out.failed = true;
		return (NULL);
	}
	row->image = kldsim_image_ref(file->image);
	row->types = read_types(ddb->sim, file->image);
	row->next = ddb->types;
	ddb->types = row;
	return (row->types);
}

void
kldsim__ddb_types_free(struct kldsim_ddb *ddb)
{
	while (ddb->types != NULL) {
		struct kldsim__ddb_types *row = ddb->types;

		ddb->types = row->next;
		kldsim_types_free(row->types);
		kldsim_image_unref(row->image);
		kldsim__free(&ddb->sim->alloc, row);
	}
}

kldsim_type_id
kldsim__ddb_type_of(const struct kldsim_types *types, const char *name)
{
	struct kldsim_typed_symbol symbol;
	uint32_t next = 0;

	while (types != NULL && kldsim_types_find_symbol(types, name, &next,
	    &symbol) == KLDSIM_OK)
		if (!symbol.function)
			return (symbol.type);
	return (0);
}

/* What each_symbol() is looking for. */
struct sought {
	const char *name;
	bool found;
};

static void
compare(void *user, const struct kldsim__told_symbol *symbol)
{
	struct sought *sought = user;

	if (symbol->defined && strcmp(symbol->name, sought->name) == 0)
		sought->found = true;
}

bool
kldsim__ddb_is_object(const struct kldsim__file *file, const char *name)
{
	struct sought sought = { .name = name };

	file->class->each_symbol(file, KLDSIM__OBJECTS, compare, &sought);
	return (sought.found);
}

bool
kldsim__ddb_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret)
{
	if (kldsim_type_get(types, kldsim_type_strip(types, id), type_ret) ==
	    KLDSIM_OK)
		return (true);
	memset(type_ret, 0, sizeof(*type_ret));
	type_ret->name = "";
	return (false);
}
