/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A good module and a good kernel, cut at every length and with every byte of
 * their headers and tables changed.  Whatever comes of it, nothing crashes or
 * hangs, a refusal leaves the kernel as it was, and a panic is told.
 */

#include "support_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sections of all kinds, both sets, metadata, constructors, an ifunc. */
static struct kldsim_synth *
full_module(void)
{
	struct kldsim_synth *m = malformed_module();
	int init = kldsim_synth_find_symbol(m, "m_init");

	kldsim_synth_dpcpu(m, "p", "\1\0\0\0", 4, 4);
	kldsim_synth_dpcpu_pointer(m, "pp", init, 0);
	kldsim_synth_vnet(m, "v", "\2\0\0\0", 4, 4);
	kldsim_synth_object(m, "zeros", NULL, 64, 16);
	kldsim_synth_declare_module(m, "mod", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "mod", 1);
	kldsim_synth_sysinit(m, "two", 0x2800000, 5, init, 0);
	kldsim_synth_ctor(m, ".ctors", init);
	kldsim_synth_pointer(m, kldsim_synth_section_named(m, ".data"), 0,
	    kldsim_synth_ifunc(m, "resolver"), 0);
	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".text"), 8,
	    "R_X86_64_64", kldsim_synth_weak_ref(m, "weak"), 0);
	return (m);
}

static int
set_up(void **state)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));

	assert_non_null(sweep);
	sweep_set_up(sweep, "amd64", MALFORMED_KERNEL_END, malformed_kernel(),
	    full_module());
	*state = sweep;
	return (0);
}

static int
tear_down(void **state)
{
	sweep_tear_down(*state);
	free(*state);
	return (0);
}

/* The module itself is good. */
static void
test_whole(void **state)
{
	struct sweep *sweep = *state;

	sweep_try_module(sweep, sweep->module.data, sweep->module.size,
	    "whole", 0);
	assert_int_equal(sweep->loaded, 1);
}

static void
test_cut(void **state)
{
	struct sweep *sweep = *state;

	sweep_cut(sweep);
	assert_true(sweep->refused != 0);
	assert_int_equal(sweep->loaded, 0);
}

static unsigned char
changed(unsigned char byte, unsigned how)
{
	switch (how) {
	case 0:
		return (0xff);
	case 1:
		return (0);
	default:
		return ((unsigned char)(byte + 1));
	}
}

/* Change every byte of a range, one at a time, in three ways. */
static void
change_range(struct sweep *sweep, size_t from, size_t to, const char *what)
{
	unsigned char *bytes = malloc(sweep->module.size);

	assert_non_null(bytes);
	assert_true(from < to && to <= sweep->module.size);
	memcpy(bytes, sweep->module.data, sweep->module.size);
	for (size_t i = from; i < to; i++) {
		const unsigned char good = bytes[i];

		for (unsigned how = 0; how < 3; how++) {
			bytes[i] = changed(good, how);
			if (bytes[i] != good)
				sweep_try_module(sweep, bytes,
				    sweep->module.size, what, i);
		}
		bytes[i] = good;
	}
	free(bytes);
}

/* Little-endian, as amd64 is. */
static uint64_t
number(const struct malformed_bytes *bytes, uint64_t at, unsigned width)
{
	const unsigned char *data = bytes->data;
	uint64_t value = 0;

	assert_true(at + width <= bytes->size);
	while (width-- > 0)
		value = value << 8 | data[at + width];
	return (value);
}

static void
test_change_header(void **state)
{
	change_range(*state, 0, 64, "header byte");
}

static void
test_change_section_headers(void **state)
{
	struct sweep *sweep = *state;
	size_t shoff = (size_t)number(&sweep->module, 40, 8);

	change_range(sweep, shoff, shoff +
	    64 * (size_t)number(&sweep->module, 60, 2), "section header byte");
}

/* Every section of a type: SYMTAB 2, STRTAB 3, RELA 4, REL 9, PROGBITS 1. */
static void
change_sections(struct sweep *sweep, unsigned type, const char *what)
{
	const struct malformed_bytes *module = &sweep->module;
	uint64_t shoff = number(module, 40, 8);

	for (uint64_t i = 1; i < number(module, 60, 2); i++) {
		uint64_t shdr = shoff + 64 * i;
		size_t from = (size_t)number(module, shdr + 24, 8);
		size_t size = (size_t)number(module, shdr + 32, 8);

		if (number(module, shdr + 4, 4) == type && size != 0)
			change_range(sweep, from, from + size, what);
	}
}

static void
test_change_symbols(void **state)
{
	change_sections(*state, 2, "symbol byte");
}

static void
test_change_strings(void **state)
{
	change_sections(*state, 3, "string byte");
}

static void
test_change_relocations(void **state)
{
	change_sections(*state, 4, "rela byte");
	change_sections(*state, 9, "rel byte");
}

static void
test_change_contents(void **state)
{
	change_sections(*state, 1, "content byte");
}

/* --- kernels --- */

static struct kldsim *
try_kernel(struct sweep *sweep, const void *bytes, size_t size,
    const char *what, size_t at)
{
	const struct malformed_bytes borrowed = { (void *)(uintptr_t)bytes,
		size };
	struct kldsim_image *image = malformed_image(&borrowed, what);
	struct kldsim *sim = NULL;
	struct kldsim_error error = { .status = KLDSIM_OK };
	enum kldsim_status status = kldsim_boot(image, NULL, &sim, &error);

	kldsim_image_unref(image);
	if (status == KLDSIM_OK) {
		sweep->loaded++;
		return (sim);
	}
	sweep->refused++;
	assert_null(sim);
	if (status != KLDSIM_MALFORMED && status != KLDSIM_NOT_ELF &&
	    status != KLDSIM_UNSUPPORTED && status != KLDSIM_LIMIT)
		fail_msg("%s %zu: %s: %s", what, at,
		    kldsim_status_name(status), error.text);
	assert_true(error.text[0] != '\0');
	return (NULL);
}

/* A kernel that boots is good enough to be asked for a module. */
static void
use_kernel(struct sweep *sweep, struct kldsim *sim, const char *what,
    size_t at)
{
	struct kldsim_image *image =
	    malformed_image(&sweep->module, "/m.ko");
	struct kldsim_result result;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_kldload_image(sim, image, "/m.ko",
	    &result, &error);

	/* KLDSIM_STATE: it has no modspace any more. */
	if (status != KLDSIM_OK && status != KLDSIM_LIMIT &&
	    status != KLDSIM_STATE)
		fail_msg("%s %zu: %s", what, at, error.text);
	sweep->panics += status == KLDSIM_OK && result.panicked;
	sweep->failures += status != KLDSIM_OK;
	if (status == KLDSIM_OK)
		malformed_findings_speak(sim, &result);
	kldsim_destroy(sim);
	kldsim_image_unref(image);
}

static void
test_kernel_cut(void **state)
{
	struct sweep *sweep = *state;

	for (size_t size = 0; size < sweep->kernel.size;
	    size += size < 512 ? 1 : 101) {
		void *cut = malloc(size != 0 ? size : 1);
		struct kldsim *sim;

		assert_non_null(cut);
		memcpy(cut, sweep->kernel.data, size);
		sim = try_kernel(sweep, cut, size, "kernel cut at", size);
		if (sim != NULL)
			use_kernel(sweep, sim, "kernel cut at", size);
		free(cut);
	}
}

static void
change_kernel(struct sweep *sweep, size_t from, size_t to, const char *what)
{
	unsigned char *bytes = malloc(sweep->kernel.size);

	assert_non_null(bytes);
	assert_true(from < to && to <= sweep->kernel.size);
	memcpy(bytes, sweep->kernel.data, sweep->kernel.size);
	for (size_t i = from; i < to; i++) {
		const unsigned char good = bytes[i];

		for (unsigned how = 0; how < 3; how++) {
			struct kldsim *sim;

			bytes[i] = changed(good, how);
			if (bytes[i] == good)
				continue;
			sim = try_kernel(sweep, bytes, sweep->kernel.size,
			    what, i);
			if (sim != NULL)
				use_kernel(sweep, sim, what, i);
		}
		bytes[i] = good;
	}
	free(bytes);
}

static void
test_kernel_change_headers(void **state)
{
	struct sweep *sweep = *state;
	const struct malformed_bytes *kernel = &sweep->kernel;

	change_kernel(sweep, 0, 64 + 56 * (size_t)number(kernel, 56, 2),
	    "kernel header byte");
}

/* The sections of a type: DYNAMIC 6, HASH 5, DYNSYM 11. */
static void
change_kernel_sections(struct sweep *sweep, unsigned type, const char *what)
{
	const struct malformed_bytes *kernel = &sweep->kernel;
	uint64_t shoff = number(kernel, 40, 8);

	for (uint64_t i = 1; i < number(kernel, 60, 2); i++) {
		uint64_t shdr = shoff + 64 * i;
		size_t from = (size_t)number(kernel, shdr + 24, 8);
		size_t size = (size_t)number(kernel, shdr + 32, 8);

		if (number(kernel, shdr + 4, 4) == type && size != 0)
			change_kernel(sweep, from, from + size, what);
	}
}

static void
test_kernel_change_dynamic(void **state)
{
	change_kernel_sections(*state, 6, "dynamic byte");
	change_kernel_sections(*state, 5, "hash byte");
}

static void
test_kernel_change_symbols(void **state)
{
	change_kernel_sections(*state, 11, "dynsym byte");
	change_kernel_sections(*state, 2, "symtab byte");
}

#define SWEEP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SWEEP(test_whole),
		SWEEP(test_cut),
		SWEEP(test_change_header),
		SWEEP(test_change_section_headers),
		SWEEP(test_change_symbols),
		SWEEP(test_change_strings),
		SWEEP(test_change_relocations),
		SWEEP(test_change_contents),
		SWEEP(test_kernel_cut),
		SWEEP(test_kernel_change_headers),
		SWEEP(test_kernel_change_dynamic),
		SWEEP(test_kernel_change_symbols),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
