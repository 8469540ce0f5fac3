/* SPDX-License-Identifier: BSD-2-Clause */

/* Synthesized files as images; see support_image.h. */

#include "support_image.h"

#include <stdint.h>
#include <stdio.h>

static void
release_synth(void *user, const void *bytes)
{
	(void)user;
	kldsim_synth_free_bytes((void *)(uintptr_t)bytes);
}

struct kldsim_image *
support_image(struct kldsim_synth *synth, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	void *bytes;
	size_t size;

	if (kldsim_synth_finish(synth, &bytes, &size, &error) == KLDSIM_OK &&
	    kldsim_image_open_memory(bytes, size, name, release_synth, NULL,
	    &image, &error) == KLDSIM_OK)
		return (image);
	(void)fprintf(stderr, "%s: %s\n", name, error.text);
	return (NULL);
}
