/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of the search for modules: K-10 to K-13. */

#include "support_model.h"

/* Whether a folder has a file, of the graph's or the kernel's name. */
static const struct model_image *
in_dir(const struct model_graph *graph, int dir, const char *name)
{
	size_t i;

	for (i = 0; i < graph->nimages; i++)
		if (graph->images[i].dir == dir &&
		    strcmp(graph->images[i].name, name) == 0)
			return &graph->images[i];
	if (graph->has_kernel_file[dir] && strcmp(name, "kernel") == 0)
		return &graph->kernel;
	return NULL;
}

/* K-11. */
static const struct model_image *
probe(const struct model_graph *graph, int dir, const char *name, char *path,
    size_t size)
{
	const char *folder = graph->dir[dir];
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
	const struct model_image *image;
	char file[MODEL_NAME + 8];
	int i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(file, sizeof(file), "%s%s", name,
		    i == 0 ? "" : ".ko");
		image = in_dir(graph, dir, file);
		if (image == NULL)
			continue;
		(void)snprintf(path, size, "%s%s%s", folder, slash, file);
		return image;
	}
	return NULL;
}

/* K-13, step 5. */
static const struct model_hint *
find_hint(const struct model_graph *graph, int dir, const char *name,
    const struct model_range *range)
{
	const struct model_hint *found = NULL;
	int best = 0;
	size_t i;

	for (i = 0; graph->has_hints[dir] && i < graph->nhints[dir]; i++) {
		const struct model_hint *hint = &graph->hints[dir][i];

		if (strcmp(hint->interface, name) != 0)
			continue;
		if (range == NULL || hint->version == range->preferred)
			return hint;
		if (hint->version >= range->minimum &&
		    hint->version <= range->maximum && hint->version > best) {
			best = hint->version;
			found = hint;
		}
	}
	return found;
}

/* K-13: a module by its interface. */
const struct model_image *
model_search(struct model *model, const char *name,
    const struct model_range *range, char *path, size_t size)
{
	const struct model_graph *graph = model->graph;
	const struct model_image *image;
	int dir;

	for (dir = 0; dir < MODEL_DIRS; dir++) {
		const struct model_hint *hint =
		    find_hint(graph, dir, name, range);

		image = probe(graph, dir, hint != NULL ? hint->file : name,
		    path, size);
		if (image == NULL)
			continue;
		if (hint != NULL && image->newer)
			model_print(model, "warning: KLD '%s' is newer than "
			    "the linker.hints file", path);
		return image;
	}
	return NULL;
}

/* K-10: a file by its name; NULL with a path: nothing there. */
const struct model_image *
model_find_path(const struct model *model, const char *name, char *path,
    size_t size)
{
	const struct model_graph *graph = model->graph;
	const char *slash = strrchr(name, '/');
	const struct model_image *image;
	int dir;

	(void)snprintf(path, size, "%s", name);
	for (dir = 0; dir < MODEL_DIRS; dir++) {
		size_t length = strlen(graph->dir[dir]);

		if (graph->dir[dir][length - 1] == '/')
			length--;
		if (slash == NULL)
			image = probe(graph, dir, name, path, size);
		else if (strncmp(name, graph->dir[dir], length) == 0 &&
		    slash == name + length)
			image = in_dir(graph, dir, slash + 1);
		else
			continue;
		if (image != NULL)
			return image;
	}
	if (slash == NULL)
		path[0] = '\0';
	return NULL;
}

static size_t
put_string(unsigned char *out, const char *text)
{
	size_t length = strlen(text);

	out[0] = (unsigned char)length;
	memcpy(out + 1, text, length);
	return length + 1;
}

static size_t
pad(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* H-01 to H-03, and a record of another kind before each. */
void
model_write_hints(const struct model_graph *graph, int dir)
{
	const struct model_machine *machine = graph->machine;
	unsigned char out[MODEL_HINTS * 256];
	char path[MODEL_PATH + 16];
	size_t size = 4, i;
	FILE *file;

	memset(out, 0, sizeof(out));
	model_put(machine, out, 4, 1);
	for (i = 0; i < graph->nhints[dir]; i++) {
		const struct model_hint *hint = &graph->hints[dir][i];
		size_t start = size + 4;

		model_put(machine, out + start, 4, 2);
		size = start + 4;
		size += put_string(out + size, hint->interface);
		size = pad(size + put_string(out + size, hint->file));
		model_put(machine, out + start - 4, 4, size - start);
		start = size + 4;
		model_put(machine, out + start, 4, 3);
		size = start + 4;
		size = pad(size + put_string(out + size, hint->interface));
		model_put(machine, out + size, 4, (uint32_t)hint->version);
		size += 4;
		size = pad(size + put_string(out + size, hint->file));
		model_put(machine, out + start - 4, 4, size - start);
	}
	(void)snprintf(path, sizeof(path), "%s/linker.hints", graph->dir[dir]);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(out, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}
