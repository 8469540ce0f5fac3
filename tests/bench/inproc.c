/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library alone, in one process that does the same again and again:
 *
 *	inproc REPETITIONS JSON KERNEL [MODULE...]
 *	inproc REPETITIONS JSON KERNEL -p FOLDER NAME...
 *
 * Times are CPU times of the process, medians.  "boot, cold image" opens the
 * kernel file and boots it, "boot, parsed image" boots an image that has booted
 * before, "load" opens the modules and loads them into a kernel just booted.
 * FOLDER is kern.module_path, where NAMEs and what they need are found.
 * Private memory is what one booted kernel, with the modules, adds to the
 * process's anonymous pages (Linux only: smaps_rollup; its Private_Dirty also
 * has pages of files that the host has not yet written back).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>

#include "clock.h"

enum phase { COLD, PARSED, LOAD, UNLOAD, PHASES };

static const char *const phase_names[PHASES] = { "boot, cold image",
	"boot, parsed image", "load", "destroy" };

static double *samples[PHASES]; /* microseconds */
static long boot_kib, boot_mapped_kib, load_kib;
static const char *module_path; /* NULL: the kernel's own */
static unsigned nmodules;       /* files loaded, dependencies included */

/* One line of this process's memory in kB, or 0 where there is no such file. */
static long
memory_kib(const char *field)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	size_t length = strlen(field);
	char line[128];
	long kib = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, field, length) == 0)
			kib = strtol(line + length, NULL, 10);
	fclose(file);
	return kib;
}

static struct kldsim_image *
open_image(const char *path)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	if (kldsim_image_open(path, &image, &error) != KLDSIM_OK)
		die(path, error.text);
	return image;
}

static struct kldsim *
boot(struct kldsim_image *image)
{
	struct kldsim_options options;
	struct kldsim_error error;
	struct kldsim *sim;

	kldsim_options_init(&options, sizeof(options));
	options.module_path = module_path;
	if (kldsim_boot(image, &options, &sim, &error) != KLDSIM_OK)
		die("kernel", error.text);
	return sim;
}

static void
load(struct kldsim *sim, char **modules)
{
	struct kldsim_result result;
	struct kldsim_error error;

	for (; *modules != NULL; modules++) {
		if (kldsim_kldload(sim, *modules, &result, &error) != KLDSIM_OK)
			die(*modules, error.text);
		if (result.error != 0)
			die(*modules, "refused");
	}
}

static unsigned
count_modules(const struct kldsim *sim)
{
	unsigned count = 0;
	int fileid = 1; /* the kernel */

	while (kldsim_kldnext(sim, fileid, &fileid) == KLDSIM_OK && fileid != 0)
		count++;
	return count;
}

/* Boots twice, loads into the second; the first time memory is looked at. */
static void
repeat(const char *kernel, char **modules, int r)
{
	long before = memory_kib("Anonymous:");
	long mapped = memory_kib("Rss:");
	double t0 = cpu_us(), t1, t2, t3, t4;
	struct kldsim_image *image = open_image(kernel);
	struct kldsim *sim = boot(image);

	t1 = cpu_us();
	if (r == 0) {
		boot_kib = memory_kib("Anonymous:") - before;
		boot_mapped_kib = memory_kib("Rss:") - mapped;
	}
	kldsim_destroy(sim);
	t2 = cpu_us();
	sim = boot(image);
	t3 = cpu_us();
	load(sim, modules);
	t4 = cpu_us();
	if (r == 0) {
		load_kib = memory_kib("Anonymous:") - before;
		nmodules = count_modules(sim);
	}
	samples[COLD][r] = t1 - t0;
	samples[PARSED][r] = t3 - t2;
	samples[LOAD][r] = t4 - t3;
	t0 = cpu_us();
	kldsim_destroy(sim);
	kldsim_image_unref(image);
	samples[UNLOAD][r] = cpu_us() - t0;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
report(const char *path, int repetitions)
{
	FILE *file = fopen(path, "w");
	double *s;

	if (file == NULL)
		die(path, "cannot be written");
	fprintf(file, "{\"repetitions\": %d, \"phases\": [", repetitions);
	for (int p = 0; p < PHASES; p++) {
		s = samples[p];
		qsort(s, (size_t)repetitions, sizeof *s, compare);
		printf("%-24s %10.1f us, least %.1f\n", phase_names[p],
		    s[repetitions / 2], s[0]);
		fprintf(file, "%s\n  {\"name\": \"%s\", \"us\": %.1f, "
		    "\"us_least\": %.1f}", p == 0 ? "" : ",", phase_names[p],
		    s[repetitions / 2], s[0]);
	}
	printf("private memory: %ld KiB booted, %ld KiB with %u modules; "
	    "booted, %ld KiB resident\n", boot_kib, load_kib, nmodules,
	    boot_mapped_kib);
	fprintf(file, "\n], \"modules\": %u, \"booted_private_kib\": %ld, "
	    "\"loaded_private_kib\": %ld, \"booted_resident_kib\": %ld}\n",
	    nmodules, boot_kib, load_kib, boot_mapped_kib);
	if (fclose(file) != 0)
		die(path, "cannot be written");
}

int
main(int argc, char **argv)
{
	int repetitions = argc > 3 ? atoi(argv[1]) : 0;
	char **modules = argv + 4;

	if (repetitions < 1)
		die("usage", "see the source");
	for (int p = 0; p < PHASES; p++) {
		samples[p] = calloc((size_t)repetitions, sizeof *samples[p]);
		if (samples[p] == NULL)
			die("samples", "no memory");
	}
	if (argc > 5 && strcmp(argv[4], "-p") == 0) {
		module_path = argv[5];
		modules = argv + 6;
	}
	for (int r = 0; r < repetitions; r++)
		repeat(argv[3], modules, r);
	report(argv[2], repetitions);
	return 0;
}
