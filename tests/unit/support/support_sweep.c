/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_sweep.h"

#include <stdlib.h>
#include <string.h>

static void
boot(struct sweep *sweep)
{
	struct kldsim_options options;
	struct kldsim_error error;

	kldsim_destroy(sweep->sim);
	kldsim_options_init(&options, sizeof(options));
	options.vnets = 2;
	options.kernel_end = sweep->kernel_end;
	if (kldsim_boot(sweep->image, &options, &sweep->sim, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
}

void
sweep_set_up(struct sweep *sweep, const char *name,
    kldsim_addr kernel_end, struct kldsim_synth *kernel,
    struct kldsim_synth *module)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->name = name;
	sweep->kernel_end = kernel_end;
	sweep->kernel = malformed_finish(kernel);
	kldsim_synth_free(kernel);
	sweep->image = malformed_image(&sweep->kernel, "kernel");
	boot(sweep);
	sweep->state = malformed_state(sweep->sim, false).text;
	sweep->module = malformed_finish(module);
	kldsim_synth_free(module);
}

void
sweep_tear_down(struct sweep *sweep)
{
	print_message("%s: %zu loaded, %zu refused, %zu panics, %zu limits\n",
	    sweep->name, sweep->loaded, sweep->refused, sweep->panics,
	    sweep->failures);
	kldsim_destroy(sweep->sim);
	kldsim_image_unref(sweep->image);
	kldsim_synth_free_bytes(sweep->kernel.data);
	kldsim_synth_free_bytes(sweep->module.data);
	free(sweep->state);
}

/* Nothing of the module is left. */
static void
check_state(struct sweep *sweep, const char *what, size_t at)
{
	struct malformed_state now = malformed_state(sweep->sim, false);

	if (strcmp(sweep->state, now.text) != 0)
		fail_msg("%s, %s %zu: the kernel is changed:\n%s",
		    sweep->name, what, at, now.text);
	free(now.text);
}

static void
unload(struct sweep *sweep, int id, const char *what, size_t at)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldunload(sweep->sim, id, KLDSIM_UNLOAD_FORCE, &result,
	    &error) != KLDSIM_OK)
		fail_msg("%s, %s %zu: %s", sweep->name, what, at,
		    error.text);
	/* Whoever vetoes its unloading, or cannot be freed, stays. */
	if (result.panicked || result.error != 0)
		boot(sweep);
}

void
sweep_try_module(struct sweep *sweep, const void *bytes, size_t size,
    const char *what, size_t at)
{
	const struct malformed_bytes borrowed = { (void *)(uintptr_t)bytes,
		size };
	struct kldsim_image *image = malformed_image(&borrowed, what);
	struct kldsim_result result;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_kldload_image(sweep->sim, image,
	    "/m.ko", &result, &error);

	if (status != KLDSIM_OK) {
		sweep->failures++;
		if (status != KLDSIM_LIMIT && status != KLDSIM_UNSUPPORTED)
			fail_msg("%s, %s %zu: %s", sweep->name, what, at,
			    error.text);
	} else {
		malformed_findings_speak(sweep->sim, &result);
		assert_int_equal(result.panicked,
		    kldsim_is_dead(sweep->sim));
		sweep->loaded += result.fileid > 0;
		sweep->panics += result.panicked;
		sweep->refused += result.error != 0;
		if (result.fileid > 0)
			unload(sweep, result.fileid, what, at);
	}
	check_state(sweep, what, at);
	if (kldsim_is_dead(sweep->sim))
		boot(sweep);
	kldsim_image_unref(image);
}

/* The cut file ends where its memory does, so that ASan sees one byte more. */
void
sweep_cut(struct sweep *sweep)
{
	for (size_t size = 0; size < sweep->module.size;
	    size += size < 128 ? 1 : 7) {
		void *cut = malloc(size != 0 ? size : 1);

		assert_non_null(cut);
		memcpy(cut, sweep->module.data, size);
		sweep_try_module(sweep, cut, size, "cut at", size);
		free(cut);
	}
}
