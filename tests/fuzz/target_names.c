/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: any bytes as a module that lies in the folder of the module path
 * while other names are missing.  Whatever is in it, the index of names reads it
 * within its bounds, two kernels that share the index are told the same, and no
 * answer of the kernel depends on it.
 */

#include "fuzz.h"

#include <string.h>

/* Names that the seeds have, and such as are near them. */
static const char *const symbols[] = { "exported", "exportde", "fx_helper",
	"vnet_entry_fx_enabled", "printf", "x" };

static bool
count(void *user, const char *path)
{
	FUZZ_CHECK(strcmp(path, "/m/a.ko") == 0, "no file of ours: %s", path);
	++*(unsigned *)user;
	return (true);
}

/* How many have the names, and what is said where one is missing. */
struct answer {
	unsigned counts[sizeof(symbols) / sizeof(symbols[0])];
	int error;
	char text[2048];
};

static void
ask(struct kldsim_image *image, const struct kldsim_options *options,
    struct answer *answer)
{
	struct kldsim_result result;
	struct kldsim *sim;

	memset(answer, 0, sizeof(*answer));
	if (kldsim_boot(image, options, &sim, NULL) != KLDSIM_OK)
		return;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		FUZZ_CHECK(kldsim_who_has(sim, symbols[i], count,
		    &answer->counts[i]) == KLDSIM_OK, "no answer");
		FUZZ_CHECK(answer->counts[i] <= 1, "one file, told twice");
	}
	FUZZ_CHECK(kldsim_kldload(sim, "fx_helo", &result, NULL) == KLDSIM_OK,
	    "kldload");
	answer->error = result.error;
	for (size_t i = 0; i < result.nfindings; i++)
		(void)strncat(answer->text, kldsim_finding_at(sim,
		    result.first_finding + i)->text, sizeof(answer->text) -
		    strlen(answer->text) - 1);
	kldsim_destroy(sim);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);
	const struct fuzz_kernel *kernel = fuzz_kernel(&file,
	    fuzz_choose(&choices, FUZZ_RELEASES));
	struct kldsim_options options;
	struct kldsim_image *image = fuzz_image(&file, "a.ko");
	struct answer first, second;

	fuzz_options(&options);
	options.leak_locals = fuzz_choose(&choices, 2) == 0;
	options.module_path = "/m";
	FUZZ_CHECK(kldsim_source_new(NULL, &options.source, NULL) ==
	    KLDSIM_OK && kldsim_source_add(options.source, "/m/a.ko", image,
	    NULL) == KLDSIM_OK && kldsim_names_new(options.source,
	    &options.names, NULL) == KLDSIM_OK, "no memory");
	ask(kernel->image, &options, &first);
	ask(kernel->image, &options, &second);
	FUZZ_CHECK(memcmp(&first, &second, sizeof(first)) == 0,
	    "told otherwise: \"%s\", \"%s\"", first.text, second.text);
	FUZZ_CHECK(first.error != 0, "a file was found for no name");
	kldsim_names_unref(options.names);
	kldsim_source_unref(options.source);
	kldsim_image_unref(image);
	return (0);
}
