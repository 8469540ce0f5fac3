/* SPDX-License-Identifier: BSD-2-Clause */

/* Candidates: made, tried, kept or put back. */

#include <stdlib.h>
#include <string.h>

#include <kldsim/spec.h>

#include "reduce/reduce.h"

static bool
remember(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t index, bool text)
{
	const struct kldsim__reduce_node *node = &file->tree.nodes[index];
	struct kldsim__reduce_change *change;

	if (reduce->nchanges == reduce->changes_room) {
		const size_t room = 2 * reduce->changes_room + 64;
		void *more = room > SIZE_MAX / sizeof(*change) ? NULL :
		    realloc(reduce->changes, room * sizeof(*change));

		reduce->failed |= more == NULL;
		if (more == NULL)
			return (false);
		reduce->changes = more;
		reduce->changes_room = room;
	}
	change = &reduce->changes[reduce->nchanges++];
	change->file = file;
	change->node = index;
	change->was_gone = node->gone;
	change->text = text ? node->text : NULL;
	change->length = node->length;
	return (true);
}

void
kldsim__reduce_remove(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, uint32_t index)
{
	struct kldsim__reduce_node *node = &file->tree.nodes[index];

	if (!node->gone && remember(reduce, file, index, false))
		node->gone = true;
}

void
kldsim__reduce_replace(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, uint32_t index, const char *text,
    size_t length)
{
	struct kldsim__reduce_node *node = &file->tree.nodes[index];
	const char *copy = kldsim__arena_strndup(&file->tree.arena, text,
	    length);

	reduce->failed |= copy == NULL;
	if (copy == NULL || !remember(reduce, file, index, true))
		return;
	node->text = copy;
	node->length = length;
}

static void
put_back(struct kldsim_reduce *reduce)
{
	while (reduce->nchanges > 0) {
		const struct kldsim__reduce_change *change =
		    &reduce->changes[--reduce->nchanges];
		struct kldsim__reduce_node *node =
		    &change->file->tree.nodes[change->node];

		node->gone = change->was_gone;
		if (change->text == NULL)
			continue;
		node->text = change->text;
		node->length = change->length;
	}
}

/* Whether a node, or what it lies in, is gone. */
static bool
is_gone(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	for (; node != 0; node = tree->nodes[node].parent)
		if (tree->nodes[node].gone)
			return (true);
	return (false);
}

/* What refers to something that is gone goes too. */
static void
remove_dependents(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file)
{
	const struct kldsim__reduce_node *nodes = file->tree.nodes;
	uint32_t i = 1;

	while (i < file->tree.count) {
		uint32_t item;

		if (nodes[i].gone) {
			i = nodes[i].end;
			continue;
		}
		item = nodes[i].refers != 0 &&
		    is_gone(&file->tree, nodes[i].refers) ?
		    kldsim__reduce_item(&file->tree, i) : 0;
		if (item != 0)
			kldsim__reduce_remove(reduce, file, item);
		i = item != 0 ? nodes[item].end : i + 1;
	}
}

/* An image of a spec; NULL if there is none of it. */
static struct kldsim_image *
build(struct kldsim_reduce *reduce, const char *name, const char *spec,
    size_t size)
{
	struct kldsim_image *image = NULL;
	struct kldsim_synth *synth;

	if (kldsim_synth_spec_bytes(spec, size, name, &synth,
	    &reduce->error) != KLDSIM_OK)
		return (NULL);
	if (kldsim_synth_image(synth, name, &image, &reduce->error) !=
	    KLDSIM_OK)
		image = NULL;
	kldsim_synth_free(synth);
	return (image);
}

/* Whether the question has its answer of what is in images and specs. */
static bool
ask_now(struct kldsim_reduce *reduce)
{
	const struct kldsim_reduce_candidate candidate = {
		reduce->images, reduce->specs, reduce->nfiles
	};

	if (reduce->stopped || (reduce->options.stop != NULL &&
	    reduce->options.stop(reduce->options.user, &reduce->progress))) {
		reduce->stopped = true;
		return (false);
	}
	reduce->progress.tried++;
	return (reduce->options.keeps(reduce->options.user, &candidate));
}

/* Ask, with one image and its spec in place of a file's own. */
static bool
ask(struct kldsim_reduce *reduce, const struct kldsim__reduce_file *changed,
    struct kldsim_image *image, const char *spec)
{
	for (size_t i = 0; i < reduce->nfiles; i++) {
		const struct kldsim__reduce_file *file = &reduce->files[i];

		reduce->images[i] = file == changed ? image : file->image;
		reduce->specs[i] = reduce->images[i] == NULL ? NULL :
		    file == changed ? spec : file->text.bytes;
	}
	return (ask_now(reduce));
}

bool
kldsim__reduce_ask(struct kldsim_reduce *reduce)
{
	return (ask(reduce, NULL, NULL, NULL));
}

static void
accept(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    struct kldsim__reduce_text *text, struct kldsim_image *image)
{
	kldsim__reduce_text_fini(&file->text);
	kldsim_image_unref(file->image);
	file->text = *text;
	file->image = image;
	reduce->progress.kept++;
	reduce->progress.bytes = 0;
	for (size_t i = 0; i < reduce->nfiles; i++)
		if (reduce->files[i].image != NULL)
			reduce->progress.bytes += reduce->files[i].text.size;
}

/* A file as its tree is now; false: it cannot be built. */
static bool
make(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    struct kldsim__reduce_text *text, struct kldsim_image **image_ret)
{
	*image_ret = NULL;
	kldsim__reduce_write(&file->tree, text);
	reduce->failed |= text->failed;
	if (text->bytes != NULL && !text->failed)
		*image_ret = build(reduce, file->name, text->bytes,
		    text->size);
	return (*image_ret != NULL);
}

bool
kldsim__reduce_try(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file)
{
	struct kldsim__reduce_text text = { 0 };
	struct kldsim_image *image = NULL;

	remove_dependents(reduce, file);
	if (!reduce->stopped && !reduce->failed && make(reduce, file, &text,
	    &image) && ask(reduce, file, image, text.bytes)) {
		reduce->nchanges = 0;
		accept(reduce, file, &text, image);
		return (true);
	}
	kldsim_image_unref(image);
	kldsim__reduce_text_fini(&text);
	put_back(reduce);
	return (false);
}

bool
kldsim__reduce_try_without(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file)
{
	struct kldsim__reduce_text none = { 0 };

	if (!ask(reduce, file, NULL, NULL))
		return (false);
	accept(reduce, file, &none, NULL);
	return (true);
}

bool
kldsim__reduce_try_spec(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, const char *spec, size_t size)
{
	struct kldsim__reduce_tree other, own = file->tree;

	if (kldsim__reduce_parse(&other, &reduce->alloc, spec, size,
	    file->name, NULL) != KLDSIM_OK)
		return (false);
	file->tree = other;
	if (kldsim__reduce_try(reduce, file)) {
		kldsim__reduce_tree_fini(&own);
		return (true);
	}
	kldsim__reduce_tree_fini(&file->tree);
	file->tree = own;
	return (false);
}

bool
kldsim__reduce_try_all(struct kldsim_reduce *reduce)
{
	struct kldsim__reduce_text *texts = calloc(reduce->nfiles,
	    sizeof(*texts));
	bool good = texts != NULL;

	reduce->failed |= !good;
	for (size_t i = 0; i < reduce->nfiles; i++) {
		reduce->images[i] = NULL;
		if (good && reduce->files[i].image != NULL)
			good = make(reduce, &reduce->files[i], &texts[i],
			    &reduce->images[i]);
		reduce->specs[i] = good ? texts[i].bytes : NULL;
	}
	good = good && ask_now(reduce);
	for (size_t i = 0; i < reduce->nfiles && texts != NULL; i++) {
		if (good && reduce->images[i] != NULL) {
			accept(reduce, &reduce->files[i], &texts[i],
			    reduce->images[i]);
		} else {
			kldsim_image_unref(reduce->images[i]);
			kldsim__reduce_text_fini(&texts[i]);
		}
	}
	if (good)
		reduce->nchanges = 0;
	else
		put_back(reduce);
	free(texts);
	return (good);
}

/*
 * Delta debugging by complements: without one half, then without each quarter,
 * and so on to single parts.
 */
bool
kldsim__reduce_minimize(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, const uint32_t *parts, uint32_t count)
{
	bool changed = false;

	for (uint32_t chunk = count; chunk != 0 && !reduce->stopped;
	    chunk = chunk == 1 ? 0 : (chunk + 1) / 2) {
		for (uint32_t i = 0, taken; i < count && !reduce->stopped;) {
			taken = 0;
			for (; i < count && taken < chunk; i++) {
				if (is_gone(&file->tree, parts[i]))
					continue;
				kldsim__reduce_remove(reduce, file, parts[i]);
				taken++;
			}
			if (taken != 0)
				changed |= kldsim__reduce_try(reduce, file);
		}
	}
	return (changed);
}
