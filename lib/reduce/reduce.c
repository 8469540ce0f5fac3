/* SPDX-License-Identifier: BSD-2-Clause */

/* Reductions as others see them; see kldsim/reduce.h. */

#include <stdlib.h>
#include <string.h>

#include <kldsim/spec.h>

#include "reduce/names.h"
#include "reduce/reduce.h"
#include "util/error.h"
#include "util/sized.h"

void
kldsim_reduce_options_init(struct kldsim_reduce_options *options, size_t size)
{
	static const struct kldsim_reduce_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

enum kldsim_status
kldsim_reduce_new(const struct kldsim_reduce_options *options,
    struct kldsim_reduce **reduce_ret, struct kldsim_error *error)
{
	struct kldsim_reduce_options own;
	struct kldsim_reduce *reduce;
	const char *wrong;

	*reduce_ret = NULL;
	kldsim_reduce_options_init(&own, sizeof(own));
	wrong = kldsim__sized_take(&own, sizeof(own), options);
	if (wrong == NULL && own.keeps == NULL)
		wrong = "reduce: nothing is asked";
	if (wrong != NULL)
		return (kldsim__error_set(error, KLDSIM_ARG, "%s", wrong));
	reduce = calloc(1, sizeof(*reduce));
	if (reduce == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	reduce->options = own;
	kldsim__alloc_init(&reduce->alloc, NULL);
	*reduce_ret = reduce;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_reduce_add(struct kldsim_reduce *reduce, const char *name,
    const char *spec, size_t size, struct kldsim_error *error)
{
	const size_t count = reduce->nfiles + 1;
	struct kldsim__reduce_file *files, *file;
	struct kldsim_image **images;
	const char **specs;
	enum kldsim_status status;

	files = realloc(reduce->files, count * sizeof(*files));
	if (files != NULL)
		reduce->files = files;
	images = realloc(reduce->images, count * sizeof(*images));
	if (images != NULL)
		reduce->images = images;
	specs = realloc(reduce->specs, count * sizeof(*specs));
	if (specs != NULL)
		reduce->specs = specs;
	if (files == NULL || images == NULL || specs == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	file = &files[reduce->nfiles];
	memset(file, 0, sizeof(*file));
	status = kldsim__reduce_parse(&file->tree, &reduce->alloc, spec, size,
	    name, error);
	if (status != KLDSIM_OK)
		return (status);
	file->name = strdup(name);
	if (file->name == NULL) {
		kldsim__reduce_tree_fini(&file->tree);
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	}
	reduce->nfiles++;
	return (KLDSIM_OK);
}

/* Build what was added. */
static enum kldsim_status
build_all(struct kldsim_reduce *reduce, struct kldsim_error *error)
{
	for (size_t i = 0; i < reduce->nfiles; i++) {
		struct kldsim__reduce_file *file = &reduce->files[i];
		struct kldsim_synth *synth;
		enum kldsim_status status;

		kldsim__reduce_write(&file->tree, &file->text);
		if (file->text.failed || file->text.bytes == NULL)
			return (kldsim__error_set(error, KLDSIM_NOMEM,
			    "no memory"));
		status = kldsim_synth_spec_bytes(file->text.bytes,
		    file->text.size, file->name, &synth, error);
		if (status != KLDSIM_OK)
			return (status);
		status = kldsim_synth_image(synth, file->name, &file->image,
		    error);
		kldsim_synth_free(synth);
		if (status != KLDSIM_OK)
			return (status);
	}
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_reduce_run(struct kldsim_reduce *reduce, struct kldsim_error *error)
{
	enum kldsim_status status = build_all(reduce, error);

	if (status != KLDSIM_OK)
		return (status);
	if (!kldsim__reduce_ask(reduce))
		return (reduce->stopped ? KLDSIM_OK :
		    kldsim__error_set(error, KLDSIM_NOENT,
		    "the files do not show what is to be kept"));
	while (!reduce->stopped && !reduce->failed &&
	    kldsim__reduce_passes(reduce))
		;
	return (!reduce->failed ? KLDSIM_OK :
	    kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
}

const char *
kldsim_reduce_spec(const struct kldsim_reduce *reduce, size_t index,
    size_t *size_ret)
{
	if (index >= reduce->nfiles || reduce->files[index].image == NULL)
		return (NULL);
	*size_ret = reduce->files[index].text.size;
	return (reduce->files[index].text.bytes);
}

struct kldsim_image *
kldsim_reduce_image(const struct kldsim_reduce *reduce, size_t index)
{
	return (index < reduce->nfiles ? reduce->files[index].image : NULL);
}

void
kldsim_reduce_progress(const struct kldsim_reduce *reduce,
    struct kldsim_reduce_progress *progress_ret)
{
	*progress_ret = reduce->progress;
}

void
kldsim_reduce_free(struct kldsim_reduce *reduce)
{
	if (reduce == NULL)
		return;
	for (size_t i = 0; i < reduce->nfiles; i++) {
		kldsim__reduce_tree_fini(&reduce->files[i].tree);
		kldsim__reduce_text_fini(&reduce->files[i].text);
		kldsim_image_unref(reduce->files[i].image);
		free(reduce->files[i].name);
	}
	kldsim__reduce_names_fini(reduce);
	free(reduce->changes);
	free(reduce->images);
	free(reduce->specs);
	free(reduce->files);
	free(reduce);
}
