/* SPDX-License-Identifier: BSD-2-Clause */

/* Choices, kernels and images of the fuzz targets; see fuzz.h. */

#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutator.h"

#define LATE 0xf000001u

/* One of each kind of rules (docs/linker-semantics.md, 12). */
static const uint32_t releases[FUZZ_RELEASES] = { 1201000, 1300139, 1400097,
	1401000, 1500068 };

void
fuzz_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	abort();
}

uint64_t
fuzz_number(struct fuzz_bytes *bytes, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width && bytes->left != 0; i++) {
		value |= (uint64_t)*bytes->at++ << 8 * i;
		bytes->left--;
	}
	return (value);
}

unsigned
fuzz_choose(struct fuzz_bytes *bytes, unsigned n)
{
	return ((unsigned)fuzz_number(bytes, n > 256 ? 2 : 1) % n);
}

struct fuzz_bytes
fuzz_split(const uint8_t *data, size_t size, struct fuzz_bytes *file_ret)
{
	size_t start = fuzz_elf_start(data, size);
	struct fuzz_bytes choices = { data, start < size ? start : 0 };

	file_ret->at = data + choices.left;
	file_ret->left = size - choices.left;
	return (choices);
}

uint32_t
fuzz_release(unsigned choice)
{
	return (releases[choice % FUZZ_RELEASES]);
}

void
fuzz_folder(char path_ret[FUZZ_FOLDER])
{
	const char *const parents[] = { getenv("TMPDIR"), "/dev/shm", "/tmp" };

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		if (parents[i] == NULL)
			continue;
		(void)snprintf(path_ret, FUZZ_FOLDER, "%s/kldsim-fuzz.XXXXXX",
		    parents[i]);
		if (mkdtemp(path_ret) != NULL)
			return;
	}
	FUZZ_CHECK(false, "no folder");
}

void
fuzz_options(struct kldsim_options *options)
{
	kldsim_options_init(options, sizeof(*options));
	options->vnets = 2;
	options->limits.map_bytes = UINT64_C(16) << 20;
	options->limits.set_entries = 1024;
	options->limits.findings = 20;
}

/* --- images --- */

struct kldsim_image *
fuzz_image(const struct fuzz_bytes *file, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	FUZZ_CHECK(kldsim_image_open_memory(file->at, file->left, name, NULL,
	    NULL, &image, &error) == KLDSIM_OK, "%s: %s", name, error.text);
	return (image);
}

struct kldsim_image *
fuzz_made(struct kldsim_synth *synth, const char *name)
{
	struct kldsim_image *image = NULL;
	struct kldsim_error error;

	FUZZ_CHECK(kldsim_synth_image(synth, name, &image, &error) ==
	    KLDSIM_OK, "%s: %s", name, error.text);
	kldsim_synth_free(synth);
	return (image);
}

struct kldsim_synth *
fuzz_module(const struct fuzz_kernel *kernel)
{
	struct kldsim_synth *synth = kldsim_synth_new(kernel->machine,
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE, kernel->osreldate);
	return (synth);
}

void
fuzz_load_module(const struct fuzz_kernel *kernel, struct kldsim_synth *synth)
{
	struct kldsim_image *image = fuzz_made(synth, "m.ko");
	struct kldsim_result result;
	struct kldsim_error error;

	/* i386 has releases that want sets to be padded. */
	FUZZ_CHECK(kldsim_kldload_image(kernel->sim, image, "/m/m.ko", &result,
	    &error) == KLDSIM_OK, "m.ko cannot be loaded");
	kldsim_image_unref(image);
}

/* --- kernels --- */

/* kern and kern.maxvnodes, as of that release (V-73). */
static void
add_sysctls(struct kldsim_synth *kernel, uint32_t osreldate)
{
	const struct kldsim_synth_oid node = { .name = "kern", .parent = "",
		.number = 1, .kind = 0x80000001 };
	const struct kldsim_synth_oid leaf = { .name = "maxvnodes",
		.parent = "_kern", .number = 5, .kind = 0xc0000002 };

	kldsim_synth_option(kernel, KLDSIM_SYNTH_SYSCTL_TREE,
	    osreldate >= 1400071);
	(void)kldsim_synth_sysctl(kernel, &node);
	(void)kldsim_synth_sysctl(kernel, &leaf);
}

struct kldsim_synth *
fuzz_kernel_spec(const char *machine, uint32_t osreldate)
{
	static const char *const functions[] = { "printf",
		"module_register_init", "vnet_register_sysinit",
		"vnet_deregister_sysinit", "vnet_register_sysuninit",
		"vnet_deregister_sysuninit" };
	struct kldsim_synth *kernel = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_KERNEL);
	int printf_symbol;

	kldsim_synth_option(kernel, KLDSIM_SYNTH_OSRELDATE, osreldate);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		(void)kldsim_synth_func(kernel, functions[i]);
	printf_symbol = kldsim_synth_find_symbol(kernel, "printf");
	(void)kldsim_synth_dpcpu(kernel, "count", "\1\2\3\4", 4, 4);
	(void)kldsim_synth_vnet(kernel, "limit", "\5\6\7\10", 4, 4);
	(void)kldsim_synth_vnet_pointer(kernel, "hook", printf_symbol, 0);
	(void)kldsim_synth_vnet_sysinit(kernel, "k", LATE, 1, printf_symbol,
	    0);
	(void)kldsim_synth_set_entry(kernel, "x", printf_symbol);
	add_sysctls(kernel, osreldate);
	if (strcmp(machine, "amd64") == 0)
		(void)kldsim_synth_ifunc(kernel, "memcpy");
	return (kernel);
}

void
fuzz_boot(struct fuzz_kernel *kernel, const char *machine, uint32_t osreldate,
    const struct kldsim_options *options)
{
	enum kldsim_status status;
	struct kldsim_error error;

	kernel->machine = machine;
	kernel->osreldate = osreldate;
	kernel->image = fuzz_made(fuzz_kernel_spec(machine, osreldate),
	    "kernel");
	status = kldsim_boot(kernel->image, options, &kernel->sim, &error);
	if (status == KLDSIM_UNSUPPORTED)
		return; /* sim stays NULL */
	FUZZ_CHECK(status == KLDSIM_OK, "%s: %s", machine, error.text);
	fuzz_invariants(kernel->sim);
	kernel->state = fuzz_state(kernel->sim);
	kernel->shape = fuzz_shape(kernel->sim);
	FUZZ_CHECK(kldsim_snapshot(kernel->sim, &kernel->snapshot, &error) ==
	    KLDSIM_OK, "%s", error.text);
}

static const struct fuzz_kernel *
kernel_at(unsigned machine, unsigned release)
{
	static struct fuzz_kernel kernels[FUZZ_MACHINES][FUZZ_RELEASES];
	struct kldsim_options options;
	struct fuzz_kernel *kernel;

	release %= FUZZ_RELEASES;
	kernel = &kernels[machine][release];
	fuzz_options(&options);
	if (kernel->image == NULL)
		fuzz_boot(kernel, kldsim_synth_machine(machine),
		    releases[release], &options);
	/* 0 is amd64, which is always there. */
	return (kernel->sim != NULL ? kernel : kernel_at(0, release));
}

const struct fuzz_kernel *
fuzz_kernel_of(const char *machine, unsigned release)
{
	for (unsigned i = 0; i < FUZZ_MACHINES; i++) {
		const char *name = kldsim_synth_machine(i);

		if (name != NULL && strcmp(name, machine) == 0)
			return (kernel_at(i, release));
	}
	return (kernel_at(0, release));
}

const struct fuzz_kernel *
fuzz_kernel(const struct fuzz_bytes *file, unsigned release)
{
	/* e_machine, class and byte order of each (<sys/elf_common.h>). */
	static const struct {
		const char *name;
		uint8_t class, data, machine;
	} known[] = { { "i386", 1, 1, 3 }, { "powerpc", 1, 2, 20 },
		{ "powerpc64", 2, 2, 21 }, { "powerpc64le", 2, 1, 21 },
		{ "armv7", 1, 1, 40 }, { "arm64", 2, 1, 183 },
		{ "riscv64", 2, 1, 243 } };
	const uint8_t *at = file->at;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (file->left >= 20 && at[4] == known[i].class &&
		    at[5] == known[i].data &&
		    at[at[5] == 2 ? 19 : 18] == known[i].machine)
			return (fuzz_kernel_of(known[i].name, release));
	return (kernel_at(0, release));
}

void
fuzz_boot_kernels(void)
{
	for (unsigned release = 0; release < FUZZ_RELEASES; release++)
		for (unsigned machine = 0; machine < FUZZ_MACHINES; machine++)
			(void)kernel_at(machine, release);
}

void
fuzz_restore(const struct fuzz_kernel *kernel)
{
	FUZZ_CHECK(kldsim_restore(kernel->sim, kernel->snapshot) == KLDSIM_OK,
	    "the snapshot is gone");
	FUZZ_CHECK(fuzz_state(kernel->sim) == kernel->state,
	    "restored to another state");
}
