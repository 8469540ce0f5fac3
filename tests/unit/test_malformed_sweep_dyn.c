/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Good shared objects of three machines, cut at every few bytes and with every
 * byte changed.  Whatever comes of it, nothing crashes or hangs, and what is
 * refused or kills the kernel leaves nothing of itself behind.
 */

#include "support_malformed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OSRELDATE 1500068 /* all of them take all that is in the module */

/* REL and RELA, 32 and 64 bits, both byte orders, a padded set. */
static const struct machine {
	const char *name;
	unsigned word;
	const char *slot; /* relocation types */
	const char *irelative;
} machines[] = {
	{ "arm64", 8, "R_AARCH64_JUMP_SLOT", "R_AARCH64_IRELATIVE" },
	{ "i386", 4, "R_386_JMP_SLOT", "R_386_IRELATIVE" },
	{ "powerpc", 4, "R_PPC_JMP_SLOT", "R_PPC_IRELATIVE" },
};

struct sweep {
	const struct machine *machine;
	struct malformed_bytes kernel;
	struct kldsim_image *image;
	struct kldsim *sim;
	char *state; /* of a fresh kernel */
	struct malformed_bytes module;
	size_t loaded, refused, panics, failures;
};

static struct kldsim_synth *
kernel(const struct machine *machine)
{
	struct kldsim_synth *k = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_option(k, KLDSIM_SYNTH_OSRELDATE, OSRELDATE);
	kldsim_synth_func(k, "printf");
	kldsim_synth_func(k, "ppc32_runtime_resolve");
	kldsim_synth_dpcpu(k, "kcount", "\1\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_vnet(k, "ifcount", "\2\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_mdt_module(k, "kmod", 0, 0);
	return (k);
}

/* Both sets, metadata, a PLT, constructors and an ifunc of each kind. */
static struct kldsim_synth *
full_module(const struct machine *machine)
{
	struct kldsim_synth *m = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_DYN);
	int got = kldsim_synth_section_named(m, ".got");
	int data = kldsim_synth_section_named(m, ".data");
	int init = kldsim_synth_func(m, "m_init");

	kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, OSRELDATE);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK, 1);
	kldsim_synth_option(m, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	kldsim_synth_append(m, data, NULL, 4 * machine->word);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_pointer(m, data, machine->word,
	    kldsim_synth_ifunc(m, "pick"), 0);
	kldsim_synth_pointer(m, data, 2 * machine->word,
	    kldsim_synth_weak_ref(m, "weak"), 0);
	kldsim_synth_reloc(m, data, 3 * machine->word, machine->irelative,
	    kldsim_synth_bind(m, kldsim_synth_func(m, "resolver"),
	    KLDSIM_SYNTH_LOCAL), 0);
	kldsim_synth_append(m, got, NULL, 4 * machine->word);
	kldsim_synth_reloc(m, got, 3 * machine->word, machine->slot,
	    kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_dpcpu(m, "p", "\1\0\0\0", 4, 4);
	kldsim_synth_dpcpu_pointer(m, "pp", init, 0);
	kldsim_synth_vnet(m, "v", "\2\0\0\0", 4, 4);
	kldsim_synth_object(m, "zeros", NULL, 64, 16);
	kldsim_synth_declare_module(m, "mod", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "mod", 1);
	kldsim_synth_ctor(m, ".ctors", init);
	/* DT_PPC_GOT: powerpc wants its PLT to be of the new kind (D-11). */
	if (strcmp(machine->name, "powerpc") == 0)
		kldsim_synth_override(m, "dyn[DT_PLTGOT].d_tag", 0x70000000);
	return (m);
}

static void
boot(struct sweep *sweep)
{
	struct kldsim_options options;
	struct kldsim_error error;

	kldsim_destroy(sweep->sim);
	kldsim_options_init(&options);
	options.vnets = 2;
	if (kldsim_boot(sweep->image, &options, &sweep->sim, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
}

static void
set_up(struct sweep *sweep, const struct machine *machine)
{
	struct kldsim_synth *synth = kernel(machine);

	memset(sweep, 0, sizeof(*sweep));
	sweep->machine = machine;
	sweep->kernel = malformed_finish(synth);
	kldsim_synth_free(synth);
	sweep->image = malformed_image(&sweep->kernel, "kernel");
	boot(sweep);
	sweep->state = malformed_state(sweep->sim, false).text;
	synth = full_module(machine);
	sweep->module = malformed_finish(synth);
	kldsim_synth_free(synth);
}

static void
tear_down(struct sweep *sweep)
{
	print_message("%s: %zu loaded, %zu refused, %zu panics, %zu limits\n",
	    sweep->machine->name, sweep->loaded, sweep->refused,
	    sweep->panics, sweep->failures);
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
		    sweep->machine->name, what, at, now.text);
	free(now.text);
}

static void
unload(struct sweep *sweep, int id, const char *what, size_t at)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldunload(sweep->sim, id, KLDSIM_UNLOAD_FORCE, &result,
	    &error) != KLDSIM_OK)
		fail_msg("%s, %s %zu: %s", sweep->machine->name, what, at,
		    error.text);
	/* Whoever vetoes its unloading, or cannot be freed, stays. */
	if (result.panicked || result.error != 0)
		boot(sweep);
}

/* Load bytes that are nobody's; say what came of it. */
static void
try_module(struct sweep *sweep, const void *bytes, size_t size,
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
			fail_msg("%s, %s %zu: %s", sweep->machine->name, what,
			    at, error.text);
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
static void
cut(struct sweep *sweep)
{
	for (size_t size = 0; size < sweep->module.size;
	    size += size < 128 ? 1 : 7) {
		void *bytes = malloc(size != 0 ? size : 1);

		assert_non_null(bytes);
		memcpy(bytes, sweep->module.data, size);
		try_module(sweep, bytes, size, "cut at", size);
		free(bytes);
	}
}

/* Every byte, each in one of three ways. */
static void
change(struct sweep *sweep)
{
	unsigned char *bytes = malloc(sweep->module.size);

	assert_non_null(bytes);
	memcpy(bytes, sweep->module.data, sweep->module.size);
	for (size_t i = 0; i < sweep->module.size; i++) {
		const unsigned char good = bytes[i];
		const unsigned char ways[] = { (unsigned char)(good ^ 0xff),
			(unsigned char)(good + 1), 0 };

		bytes[i] = ways[i % 3];
		if (bytes[i] == good)
			bytes[i] = ways[1];
		try_module(sweep, bytes, sweep->module.size, "byte", i);
		bytes[i] = good;
	}
	free(bytes);
}

static void
run(const struct machine *machine)
{
	struct sweep sweep;

	set_up(&sweep, machine);
	try_module(&sweep, sweep.module.data, sweep.module.size, "whole", 0);
	assert_int_equal(sweep.loaded, 1);
	cut(&sweep);
	/* The kernel reads short and does not mind (D-06), so some load. */
	assert_true(sweep.refused != 0);
	change(&sweep);
	assert_true(sweep.panics != 0);
	tear_down(&sweep);
}

static void
test_arm64(void **state)
{
	(void)state;
	run(&machines[0]);
}

static void
test_i386(void **state)
{
	(void)state;
	run(&machines[1]);
}

static void
test_powerpc(void **state)
{
	(void)state;
	run(&machines[2]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_i386),
		cmocka_unit_test(test_powerpc),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
