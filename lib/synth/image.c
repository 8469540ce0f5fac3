/* SPDX-License-Identifier: BSD-2-Clause */
/* A finished file as an image; the reader sees nothing but its bytes. */

#include <stdlib.h>

#include <kldsim/spec.h>

static void
release(void *user, const void *bytes)
{
	(void)bytes;
	kldsim_synth_free_bytes(user);
}

enum kldsim_status
kldsim_synth_image(struct kldsim_synth *synth, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	struct kldsim_error unwanted;
	enum kldsim_status status;
	void *bytes;
	size_t size;

	*image_ret = NULL;
	status = kldsim_synth_finish(synth, &bytes, &size, error);
	if (status != KLDSIM_OK)
		return status;
	return kldsim_image_open_memory(bytes, size, name, release, bytes,
	    image_ret, error != NULL ? error : &unwanted);
}
