/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules whose time goes into propagation: their set_pcpu is copied to 256
 * CPUs and their set_vnet to 1,000 vnets (O-22, A-30).
 *
 *	sets REPETITIONS JSON
 *
 * Beside it, in turn: memcpy(3) of the same parts into as many private
 * buffers of the size of a set, whose pages it has to touch as well.
 */
#include "world.h"

#define CPUS 256
#define VNETS 1000
#define MODULES 30
#define DPCPU_PART 64     /* 2048 bytes of modspace are there */
#define VNET_PART 1024    /* 32768 */
#define DPCPU_SET 0x2000  /* what an instance is at least */
#define VNET_SET 0x10000

static unsigned char bytes[VNET_PART];

static struct kldsim_image *
make_kernel(void)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_func(k, "module_register_init");
	kldsim_synth_vnet(k, "in_ifaddrhead", NULL, 0x3000, 16);
	kldsim_synth_dpcpu(k, "timer", NULL, 0x200, 64);
	return image_of(k, "kernel");
}

static struct kldsim_image *
make_module(unsigned i)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	char name[32];

	snprintf(name, sizeof name, "m%u", i);
	kldsim_synth_declare_module(m, name, kldsim_synth_func(m, "modevent"),
	    0x3100000, 0x10000000);
	kldsim_synth_dpcpu(m, "queue", bytes, DPCPU_PART, 8);
	kldsim_synth_vnet(m, "limits", bytes, VNET_PART, 8);
	return image_of(m, name);
}

static double
load_all(struct kldsim_image *kernel, struct kldsim_image *const *modules)
{
	struct kldsim *sim = boot(kernel, CPUS, VNETS);
	double start = cpu_us(), us;
	char path[32];

	for (unsigned i = 0; i < MODULES; i++) {
		snprintf(path, sizeof path, "/boot/modules/m%u.ko", i);
		load(sim, modules[i], path);
	}
	us = cpu_us() - start;
	kldsim_destroy(sim);
	return us;
}

/* The same parts into instances that share nothing. */
static double
copy_all(void)
{
	static unsigned char *instances[CPUS + VNETS];
	double start, us;

	for (unsigned i = 0; i < CPUS + VNETS; i++)
		if ((instances[i] = calloc(1, i < CPUS ? DPCPU_SET :
		    VNET_SET)) == NULL)
			die("instances", "no memory");
	start = cpu_us();
	for (unsigned m = 0; m < MODULES; m++)
		for (unsigned i = 0; i < CPUS + VNETS; i++) {
			size_t part = i < CPUS ? DPCPU_PART : VNET_PART;

			memcpy(instances[i] + m * part, bytes, part);
		}
	us = cpu_us() - start;
	for (unsigned i = 0; i < CPUS + VNETS; i++)
		free(instances[i]);
	return us;
}

int
main(int argc, char **argv)
{
	int repetitions = argc == 3 ? atoi(argv[1]) : 0;
	FILE *file = repetitions > 0 ? fopen(argv[2], "w") : NULL;
	struct kldsim_image *kernel = make_kernel(), *modules[MODULES];
	double ours = 1e18, floor = 1e18;
	const double copied = MODULES * ((double)CPUS * DPCPU_PART +
	    (double)VNETS * VNET_PART);

	if (file == NULL)
		die("usage", "sets REPETITIONS JSON");
	memset(bytes, 0xa5, sizeof bytes);
	for (unsigned i = 0; i < MODULES; i++)
		modules[i] = make_module(i);
	for (int r = 0; r < repetitions; r++) {
		double us = load_all(kernel, modules);

		ours = us < ours ? us : ours;
		us = copy_all();
		floor = us < floor ? us : floor;
	}
	printf("%d modules, %d CPUs, %d vnets: %.2f ms, memcpy %.2f ms, "
	    "%.1f times, %.2f GB/s\n", MODULES, CPUS, VNETS, ours / 1000,
	    floor / 1000, ours / floor, copied / ours / 1000);
	fprintf(file, "{\"modules\": %d, \"cpus\": %d, \"vnets\": %d, "
	    "\"bytes\": %.0f, \"us\": %.1f, \"memcpy_us\": %.1f}\n", MODULES,
	    CPUS, VNETS, copied, ours, floor);
	if (fclose(file) != 0)
		die(argv[2], "cannot be written");
	for (unsigned i = 0; i < MODULES; i++)
		kldsim_image_unref(modules[i]);
	kldsim_image_unref(kernel);
	return 0;
}
