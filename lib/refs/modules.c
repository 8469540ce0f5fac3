/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which modules a file is and which it needs, by its metadata: it is bound to
 * the files that have what it depends on, and to no other (O-60).
 */

#include "kldxref/kldxref.h"
#include "refs/refs.h"

#define MOST 256 /* of each; those behind are as if nobody had them */

/* False: no memory. */
static bool
add(struct kldsim_refs *refs, struct kldsim__refs_modules *modules,
    const char *name)
{
	const char *copy;

	if (modules->count == MOST)
		return (true);
	copy = kldsim__arena_strdup(&refs->arena, name);
	if (copy == NULL || !kldsim__grow(&refs->alloc, &modules->all,
	    &modules->cap, modules->count + 1, sizeof(*modules->all)))
		return (false);
	modules->all[modules->count++] = copy;
	return (true);
}

static bool
take_entry(void *user, enum kldsim__mdt type, const char *name,
    const int *numbers)
{
	struct kldsim__refs_reader *reader = user;
	struct kldsim_refs *refs = reader->refs;
	bool done = true;

	(void)numbers;
	if (type == KLDSIM__MDT_VERSION)
		done = add(refs, &refs->provides, name);
	else if (type == KLDSIM__MDT_DEPEND && strcmp(name, "kernel") != 0)
		done = add(refs, &refs->needs, name);
	return (done || kldsim__refs_nomem(reader));
}

void
kldsim__refs_modules(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs *refs = reader->refs;
	struct kldsim_image *image = reader->image;
	enum kldsim_status status = KLDSIM_OK;

	if (refs->imports.count == 0 && refs->own.count == 0)
		return;
	if (image == NULL)
		status = kldsim_source_image(reader->parts.file->source,
		    reader->name, &image, NULL);
	if (status == KLDSIM_OK)
		status = kldsim__xref_walk(image, &refs->alloc, false,
		    take_entry, reader);
	if (reader->image == NULL)
		kldsim_image_unref(image);
	if (status != KLDSIM_OK)
		(void)kldsim__refs_fail(reader, status, "its dependencies "
		    "cannot be read");
}
