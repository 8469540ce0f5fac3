/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often a second a fuzzer can load a module into a booted kernel and put
 * the kernel back; fz_floor.c is the yardstick.
 *
 *	fuzz MILLISECONDS KERNEL MODULE...
 *
 * Prints executions a second of CPU time.
 */
#include <kldsim/kldsim.h>

#include "fuzz_files.h"

static struct kldsim_image *
open_bytes(const struct file *file, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	if (kldsim_image_open_memory(file->bytes, file->size, name, NULL, NULL,
	    &image, &error) != KLDSIM_OK)
		die(name, error.text);
	return image;
}

static void
execute(struct kldsim *sim, uint64_t snapshot,
    const struct file *module)
{
	struct kldsim_image *image = open_bytes(module, "module.ko");
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldload_image(sim, image, "/boot/modules/module.ko",
	    &result, &error) != KLDSIM_OK)
		die("module", error.text);
	if (result.error != 0)
		die("module", "refused");
	kldsim_image_unref(image);
	if (kldsim_restore(sim, snapshot) != KLDSIM_OK)
		die("restore", "failed");
}

int
main(int argc, char **argv)
{
	struct files files = read_files(argc, argv);
	struct kldsim_image *kernel = open_bytes(&files.kernel, "kernel");
	uint64_t snapshot;
	struct kldsim_error error;
	struct kldsim *sim;
	double start;
	size_t n = 0;

	if (kldsim_boot(kernel, NULL, &sim, &error) != KLDSIM_OK)
		die("kernel", error.text);
	if (kldsim_snapshot(sim, &snapshot, &error) != KLDSIM_OK)
		die("snapshot", error.text);
	start = cpu_us();
	while (cpu_us() - start < files.us)
		for (size_t i = 0; i < files.nmodules; i++, n++)
			execute(sim, snapshot, &files.modules[i]);
	printf("%.0f\n", (double)n * 1e6 / (cpu_us() - start));
	kldsim_destroy(sim);
	kldsim_image_unref(kernel);
	free_files(&files);
	return 0;
}
