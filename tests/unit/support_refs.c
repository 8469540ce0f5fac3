/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_refs.h"

#include <kldsim/spec.h>

struct kldsim_image *
refs_image(const char *spec, const char *name)
{
	struct kldsim_synth *synth = NULL;
	struct kldsim_image *image = NULL;
	struct kldsim_error error;

	if (kldsim_synth_spec_bytes(spec, strlen(spec), name, &synth,
	    &error) != KLDSIM_OK || kldsim_synth_image(synth, name, &image,
	    &error) != KLDSIM_OK)
		fail_msg("%s: %s", name, error.text);
	kldsim_synth_free(synth);
	return image;
}

struct kldsim_refs *
refs_read(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels)
{
	struct kldsim_refs *refs = NULL;
	struct kldsim_error error;

	if (kldsim_refs_read(image, kernels, NULL, &refs, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(image);
	return refs;
}

struct kldsim_refs *
refs_read_spec(const char *spec, const char *name,
    const struct kldsim_refs_kernels *kernels)
{
	return refs_read(refs_image(spec, name), kernels);
}

struct kldsim_refs_info
refs_info(const struct kldsim_refs *refs)
{
	struct kldsim_refs_info info;

	kldsim_refs_info(refs, &info);
	return info;
}
