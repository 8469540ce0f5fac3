/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How long the builder takes for a small kernel and a small module, as a unit
 * test makes them: builds each so many times and says the least and the mean.
 */

#include <stdio.h>
#include <stdlib.h>

#include <kldsim/synth.h>

#include "clock.h"

static void
finish(struct kldsim_synth *synth)
{
	void *bytes;
	size_t size;

	if (kldsim_synth_finish(synth, &bytes, &size, NULL) != KLDSIM_OK)
		exit(1);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(synth);
}

static void
build_kernel(void)
{
	struct kldsim_synth *kernel = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	(void)kldsim_synth_func(kernel, "printf");
	(void)kldsim_synth_vnet(kernel, "ifcount", "\1\0\0\0", 4, 4);
	finish(kernel);
}

static void
build_module(void)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	int init = kldsim_synth_func(module, "foo_init");

	kldsim_synth_reloc(module, kldsim_synth_section_named(module,
	    ".text"), 1, "R_X86_64_PLT32", kldsim_synth_ref(module, "printf"),
	    -4);
	(void)kldsim_synth_vnet(module, "foo_limit", "\5\0\0\0", 4, 4);
	kldsim_synth_declare_module(module, "foo", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(module, "foo", 1);
	kldsim_synth_sysinit(module, "foo", 0x3800000, 0, init, 0);
	finish(module);
}

static void
measure(const char *what, void (*build)(void), int times)
{
	double least = 1e12, total = 0;

	for (int i = 0; i < times; i++) {
		double start = now_us(), took;

		build();
		took = now_us() - start;
		total += took;
		if (took < least)
			least = took;
	}
	printf("%-14s least %6.1f us, mean %6.1f us\n", what, least,
	    total / times);
}

int
main(void)
{
	measure("small kernel", build_kernel, 2000);
	measure("small module", build_module, 2000);
	return (0);
}
