/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where is V_foo?  A kernel with three vnets loads a module, and tells where each
 * of them has its copy of a variable, and what it holds.
 *
 *	$ cc -o where_is ../../examples/where_is.c $(pkg-config --cflags --libs kldsim)
 *	$ ./where_is boot/kernel/kernel boot/kernel/fx_vnet.ko fx_name
 *	vnet_entry_fx_name, 12 bytes at 0xffffffff80205fc0
 *	vnet 0: 0xfffffe0000002040  66 69 78 74 75 72 65 30 00 00 00 00
 *	vnet 1: 0xfffffe000000c040  66 69 78 74 75 72 65 30 00 00 00 00
 *	vnet 2: 0xfffffe0000015040  66 69 78 74 75 72 65 30 00 00 00 00
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <kldsim/kldsim.h>

#define VNETS 3

static void
check(enum kldsim_status status, const char *what)
{
	if (status == KLDSIM_OK)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, kldsim_status_name(status));
	exit(1);
}

static void
show(const struct kldsim *sim, unsigned vnet, kldsim_addr symbol,
    kldsim_size size)
{
	unsigned char bytes[16];
	kldsim_addr copy;

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	check(kldsim_set_translate(sim, KLDSIM_SET_VNET, vnet, symbol, &copy),
	    "no VNET variable");
	check(kldsim_read(sim, copy, bytes, (size_t)size), "read");
	printf("vnet %u: 0x%" PRIx64 " ", vnet, copy);
	for (size_t i = 0; i < size; i++)
		printf(" %02x", bytes[i]);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct kldsim_image *kernel;
	struct kldsim_options options;
	struct kldsim_result result;
	struct kldsim *sim;
	kldsim_addr symbol;
	kldsim_size size;
	char name[256];

	if (argc != 4) {
		(void)fprintf(stderr, "usage: where_is KERNEL MODULE NAME\n");
		return (2);
	}
	check(kldsim_image_open(argv[1], &kernel, NULL), argv[1]);
	kldsim_options_init(&options, sizeof(options));
	options.vnets = VNETS;
	check(kldsim_boot(kernel, &options, &sim, NULL), argv[1]);
	check(kldsim_kldload_path(sim, argv[2], &result, NULL), argv[2]);
	if (result.error != 0) {
		(void)fprintf(stderr, "%s: %s\n", argv[2],
		    kldsim_errno_name(result.error));
		return (1);
	}
	(void)snprintf(name, sizeof(name), "vnet_entry_%s", argv[3]);
	check(kldsim_kldsym(sim, 0, name, &symbol, &size), name);
	printf("%s, %" PRIu64 " bytes at 0x%" PRIx64 "\n", name, size, symbol);
	for (unsigned vnet = 0; vnet < VNETS; vnet++)
		show(sim, vnet, symbol, size);
	kldsim_destroy(sim);
	kldsim_image_unref(kernel);
	return (0);
}
