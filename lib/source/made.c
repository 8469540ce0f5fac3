/* SPDX-License-Identifier: BSD-2-Clause */

/* What is made of a folder in memory, once for all who share the source. */

#include "source/impl.h"

#include <string.h>

void
kldsim__source_made_fini(struct kldsim_source *source)
{
	while (source->made != NULL) {
		struct kldsim__made *made = source->made;

		source->made = made->next;
		kldsim_image_unref(made->image);
		kldsim__free(&source->alloc, made->folder);
		kldsim__free(&source->alloc, made);
	}
}

static struct kldsim__made *
new_made(struct kldsim_source *source, const char *folder,
    uint32_t osreldate)
{
	struct kldsim__made *made = kldsim__calloc(&source->alloc, 1, sizeof(*made));

	if (made == NULL)
		return (NULL);
	made->folder = kldsim__strdup(&source->alloc, folder);
	if (made->folder == NULL) {
		kldsim__free(&source->alloc, made);
		return (NULL);
	}
	made->osreldate = osreldate;
	made->next = source->made;
	source->made = made;
	return (made);
}

static enum kldsim_status
make_once(struct kldsim_source *source, const char *folder,
    uint32_t osreldate, kldsim__source_make_fn *make,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	struct kldsim__made *made = source->made;
	enum kldsim_status status;

	while (made != NULL && (made->osreldate != osreldate ||
	    strcmp(made->folder, folder) != 0))
		made = made->next;
	if (made == NULL) {
		struct kldsim_image *image = NULL;

		status = make(source, folder, osreldate, &image, error);
		if (status != KLDSIM_OK)
			return (status);
		made = new_made(source, folder, osreldate);
		if (made == NULL) {
			kldsim_image_unref(image);
			return (kldsim__source_no_memory(error));
		}
		made->image = image;
	}
	*image_ret = made->image != NULL ? kldsim_image_ref(made->image) :
	    NULL;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__source_made(struct kldsim_source *source, const char *folder,
    uint32_t osreldate, kldsim__source_make_fn *make,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	enum kldsim_status status;

	(void)pthread_mutex_lock(&source->made_lock);
	status = make_once(source, folder, osreldate, make, image_ret, error);
	(void)pthread_mutex_unlock(&source->made_lock);
	return (status);
}
