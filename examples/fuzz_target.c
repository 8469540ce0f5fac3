/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target for libFuzzer, AFL++ and others.  Each input is a module; one
 * that is refused must leave nothing behind.  The kernel boots once, and goes
 * back after each input at the cost of what that has touched.
 *
 *	$ clang -g -fsanitize=fuzzer -o fuzz_target ../../examples/fuzz_target.c \
 *	> $(pkg-config --cflags --libs kldsim)
 *	$ mkdir seeds && cp boot/kernel/fx_hello.ko boot/kernel/fx_vnet.ko seeds
 *	$ KERNEL=boot/kernel/kernel ./fuzz_target -runs=500 -seed=1 \
 *	> -print_final_stats=1 seeds 2>&1 | grep executed_units
 *	stat::number_of_executed_units: 500
 */

#include <stdlib.h>

#include <kldsim/kldsim.h>

#define OK(call) do { if ((call) != KLDSIM_OK) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kldsim *sim;
	static uint64_t clean; /* what it goes back to */
	struct kldsim_options options;
	struct kldsim_image *image;
	struct kldsim_result result;
	bool loaded;
	int next;

	if (sim == NULL) {
		kldsim_options_init(&options, sizeof(options));
		OK(kldsim_image_open(getenv("KERNEL"), &image, NULL));
		OK(kldsim_boot(image, &options, &sim, NULL));
		OK(kldsim_snapshot(sim, &clean, NULL));
		kldsim_image_unref(image);
	}
	OK(kldsim_image_open_memory(data, size, "input.ko", NULL, NULL, &image,
	    NULL));
	/* A limit that is met is a failure of the host, and no bug. */
	loaded = kldsim_kldload_image(sim, image, "input.ko", &result, NULL) ==
	    KLDSIM_OK && result.error == 0;
	OK(kldsim_kldnext(sim, 1, &next)); /* after the kernel */
	if (!loaded && next != 0)
		abort();
	OK(kldsim_restore(sim, clean));
	kldsim_image_unref(image);
	return (0);
}
