/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions about booting, loading and unloading. */

#include <stdio.h>
#include <string.h>

#include "test/impl.h"

static struct kldsim_image *
image_of(const struct kldsim__test *test, struct kldsim_synth *synth,
    const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	enum kldsim_status status;

	status = kldsim_synth_image(synth, name, &image, &error);
	kldsim_synth_free(synth);
	if (status != KLDSIM_OK)
		kldsim__test_fail(test, "%s cannot be built: %s", name,
		    error.text);
	return image;
}

struct kldsim *
kldsim_test_boots(struct kldsim_synth *synth,
    const struct kldsim_options *options, const char *file, int line)
{
	struct kldsim__test test = {NULL, file, line};
	struct kldsim_image *image = image_of(&test, synth, "kernel");
	struct kldsim_options defaults;
	struct kldsim_error error;
	struct kldsim *sim = NULL;
	enum kldsim_status status;

	kldsim_options_init(&defaults, sizeof(defaults));
	status = kldsim_boot(image, options != NULL ? options : &defaults,
	    &sim, &error);
	kldsim_image_unref(image);
	if (status != KLDSIM_OK)
		kldsim__test_fail(&test, "the kernel does not boot: %s",
		    error.text);
	return sim;
}

static struct kldsim_result
load(const struct kldsim__test *test, struct kldsim_image *image,
    const char *path)
{
	struct kldsim_result result;
	struct kldsim_error error;

	memset(&result, 0, sizeof(result));
	if (kldsim_kldload_image(test->sim, image, path, &result, &error) !=
	    KLDSIM_OK)
		kldsim__test_fail(test, "%s cannot be tried: %s", path,
		    error.text);
	if (result.panicked)
		kldsim__test_fail(test, "%s: the kernel would have panicked",
		    path);
	return result;
}

int
kldsim_test_loads_image(struct kldsim *sim, struct kldsim_image *image,
    const char *path, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_result result = load(&test, image, path);

	if (result.error != 0)
		kldsim__test_fail(&test, "%s is refused: expected success, "
		    "found %s (%d)", path, kldsim_errno_name(result.error),
		    result.error);
	return result.fileid;
}

/* The kernel keeps what it needs of an image, so ours can go at once. */
int
kldsim_test_loads(struct kldsim *sim, struct kldsim_synth *synth,
    const char *path, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_image *image = image_of(&test, synth, path);
	struct kldsim_result result = load(&test, image, path);

	kldsim_image_unref(image);
	if (result.error != 0)
		kldsim__test_fail(&test, "%s is refused: expected success, "
		    "found %s (%d)", path, kldsim_errno_name(result.error),
		    result.error);
	return result.fileid;
}

static void
check_refusal(const struct kldsim__test *test,
    const struct kldsim_result *result, const char *path, int error,
    const char *console)
{
	size_t i;

	if (result->error == 0)
		kldsim__test_fail(test, "%s is loaded: expected %s (%d)", path,
		    kldsim_errno_name(error), error);
	if (result->error != error)
		kldsim__test_fail(test, "%s: expected %s (%d), found %s (%d)",
		    path, kldsim_errno_name(error), error,
		    kldsim_errno_name(result->error), result->error);
	if (console == NULL)
		return;
	for (i = 0; i < result->nconsole; i++)
		if (strcmp(kldsim_console_line(test->sim,
		    result->first_console + i), console) == 0)
			return;
	kldsim__test_fail(test, "%s: expected the console line \"%s\"", path,
	    console);
}

void
kldsim_test_refuses_image(struct kldsim *sim, struct kldsim_image *image,
    const char *path, int error, const char *console, const char *file,
    int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_result result = load(&test, image, path);

	check_refusal(&test, &result, path, error, console);
}

void
kldsim_test_refuses(struct kldsim *sim, struct kldsim_synth *synth,
    const char *path, int error, const char *console, const char *file,
    int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_image *image = image_of(&test, synth, path);
	struct kldsim_result result = load(&test, image, path);

	kldsim_image_unref(image);
	check_refusal(&test, &result, path, error, console);
}

void
kldsim_test_unloads(struct kldsim *sim, int fileid, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_result result;
	struct kldsim_error error;

	memset(&result, 0, sizeof(result));
	if (kldsim_kldunload(sim, fileid, KLDSIM_UNLOAD_NORMAL, &result,
	    &error) != KLDSIM_OK)
		kldsim__test_fail(&test, "file %d cannot be tried: %s", fileid,
		    error.text);
	if (result.panicked || result.error != 0)
		kldsim__test_fail(&test, "file %d is not unloaded: %s (%d)",
		    fileid, result.panicked ? "panic" :
		    kldsim_errno_name(result.error), result.error);
}
