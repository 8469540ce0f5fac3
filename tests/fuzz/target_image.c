/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: any bytes as an image, as what a spec is made from, and as a file
 * that refers to variables of a kernel that it is as well.
 */

#include "fuzz.h"

#include <string.h>

#include "elf/image.h"

/* A spec that was written can be read, and says the same once more. */
static void
read_back(const char *text, size_t size)
{
	struct kldsim_synth *synth = NULL;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_synth_spec_bytes(text, size,
	    "written", &synth, &error);

	FUZZ_CHECK(status == KLDSIM_OK, "a spec of ours: %s", error.text);
	kldsim_synth_free(synth);
}

/* A file lacks nothing of a kernel that is the same file. */
static void
check_refs(struct kldsim_image *image)
{
	struct kldsim_refs_kernels *kernels = NULL;
	struct kldsim_refs_info info;
	struct kldsim_refs *refs;
	struct kldsim_error error;

	if (kldsim_refs_kernels_read(image, image, NULL, &kernels, &error) !=
	    KLDSIM_OK || kldsim_refs_read(image, kernels, NULL, &refs,
	    &error) != KLDSIM_OK) {
		FUZZ_CHECK(error.text[0] != '\0', "fails without a word");
		kldsim_refs_kernels_free(kernels);
		return;
	}
	kldsim_refs_info(refs, &info);
	FUZZ_CHECK(kldsim_refs_kernels_add(kernels, refs) == KLDSIM_OK,
	    "no memory");
	(void)kldsim_refs_judge(kernels, refs, NULL, NULL);
	FUZZ_CHECK(info.imports != 0 || info.use != KLDSIM_REFS_IMPORTS,
	    "imports nothing");
	kldsim_refs_free(refs);
	kldsim_refs_kernels_free(kernels);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_bytes file = { data, size };
	struct kldsim_image *image = fuzz_image(&file, "image");
	struct kldsim_image_info info;
	struct kldsim_error error;
	struct kldsim__elf elf;
	size_t text_size;
	char *text;

	kldsim_image_info(image, &info);
	FUZZ_CHECK(info.size == size, "of another size");
	if (kldsim__elf_open(image, &elf))
		FUZZ_CHECK(info.elf, "opens, and is no ELF file");
	if (kldsim_synth_from_bytes(data, size, "image", &text, &text_size,
	    &error) == KLDSIM_OK) {
		read_back(text, text_size);
		kldsim_synth_free_bytes(text);
	}
	check_refs(image);
	kldsim_image_unref(image);
	return (0);
}
