/* SPDX-License-Identifier: BSD-2-Clause */

/* Load one file, look at it, unload it, and once more; see fuzz.h. */

#include "fuzz.h"

#include <string.h>

#define PATH "/boot/modules/m.ko"

static enum kldsim_status
load(const struct fuzz_kernel *kernel, struct kldsim_image *image,
    struct kldsim_result *result)
{
	struct kldsim_error error;
	enum kldsim_status status;

	memset(&error, 0, sizeof(error));
	status = kldsim_kldload_image(kernel->sim, image, PATH, result,
	    &error);
	FUZZ_CHECK(status == KLDSIM_OK || error.status == status,
	    "status %s, error %s", kldsim_status_name(status),
	    kldsim_status_name(error.status));
	return (status);
}

static int
ask_function(void *user, const char *name, kldsim_addr address)
{
	struct kldsim *sim = user;
	kldsim_addr value;
	kldsim_size size, offset;
	const char *nearest;
	int fileid;

	FUZZ_CHECK(name != NULL, "a function without a name");
	(void)!kldsim_kldsym(sim, 0, name, &value, &size);
	(void)!kldsim_search_symbol(sim, address, &nearest, &offset, &fileid);
	return (0);
}

/* Every question about a file can be asked of any file. */
static void
ask(struct kldsim *sim, int id)
{
	struct kldsim_protection protection;
	struct kldsim_section section;
	struct kldsim_filestat stat;
	kldsim_addr address;
	uint8_t byte;

	FUZZ_CHECK(kldsim_kldstat(sim, id, &stat) == KLDSIM_OK && stat.linked,
	    "loaded, but not linked");
	for (size_t i = 0; kldsim_file_section(sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		FUZZ_CHECK(section.size == 0 || kldsim_read(sim,
		    section.address + section.size - 1, &byte, 1) ==
		    KLDSIM_OK, "section %s ends outside memory",
		    section.name);
	for (size_t i = 0; kldsim_file_protection(sim, id, i, &protection) ==
	    KLDSIM_OK; i++)
		FUZZ_CHECK(protection.size != 0, "an empty run of pages");
	for (size_t i = 0; kldsim_file_constructor(sim, id, i, &address) ==
	    KLDSIM_OK; i++)
		;
	FUZZ_CHECK(kldsim_file_functions(sim, id, ask_function, sim) ==
	    KLDSIM_OK, "no functions");
}

/* A load and an unload leave no more than the rules say (U-10). */
static void
unload(struct kldsim *sim, int id, uint64_t shape)
{
	struct kldsim_result result;
	struct kldsim_error error;
	uint64_t before = fuzz_state(sim);
	enum kldsim_status status = kldsim_kldunload(sim, id,
	    KLDSIM_UNLOAD_FORCE, &result, &error);

	fuzz_check_call(sim, status, &result, before, fuzz_state(sim));
	if (status == KLDSIM_OK && result.error == 0 && !result.panicked)
		FUZZ_CHECK(fuzz_shape(sim) == shape,
		    "unloaded, and something stays");
}

void
fuzz_load(const struct fuzz_kernel *kernel, const struct fuzz_bytes *file)
{
	struct kldsim_image *image = fuzz_image(file, "m.ko");
	struct kldsim *sim = kernel->sim;
	uint64_t after;
	struct kldsim_result result, again;
	enum kldsim_status status = load(kernel, image, &result);

	after = fuzz_state(sim);
	fuzz_check_call(sim, status, &result, kernel->state, after);
	if (status == KLDSIM_OK && !result.panicked && result.error == 0) {
		fuzz_check_file(sim, result.fileid, file, kernel->osreldate);
		ask(sim, result.fileid);
		fuzz_debuggers(sim);
		unload(sim, result.fileid, kernel->shape);
	} else if (!fuzz_has_finding(sim, "zombie-file")) {
		FUZZ_CHECK(fuzz_shape(sim) == kernel->shape,
		    "not loaded, and something stays");
	}
	fuzz_restore(kernel);
	FUZZ_CHECK(load(kernel, image, &again) == status &&
	    fuzz_state(sim) == after, "two runs differ");
	fuzz_restore(kernel);
	kldsim_image_unref(image);
}
