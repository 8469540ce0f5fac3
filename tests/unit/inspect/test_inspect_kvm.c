/* SPDX-License-Identifier: BSD-2-Clause */

/* What kvm_nlist(3) would answer (B-01 to B-06, Q-08 to ). */

#include "support_kern.h"

#include <kldsim/kvm.h>

#include <stdlib.h>

/* Section 6 of docs/inspect-semantics.md: N-01's kernel, and foo.ko. */
static const char kernel_spec[] =
    "machine: amd64\n"
    "kind: kernel\n"
    "options: {osreldate: 1402000}\n"
    "functions: [printf]\n"
    "sections:\n"
    "  - {name: set_vnet, address: 0xffffffff80800c90}\n"
    "  - {name: set_pcpu, address: 0xffffffff80808cc0}\n"
    "vnet: [{name: if_index, size: 2}, {name: pad, size: 40}]\n"
    "dpcpu: [{name: base, size: 8}]\n"
    "objects: [{name: ticks, size: 4}, {name: _start, size: 4}]\n";

static const char module_spec[] =
    "machine: amd64\n"
    "kind: rel\n"
    "vnet: [{name: foo_name, size: 24}, {name: foo_limit, int: 5}]\n"
    "dpcpu: [{name: foo_hits, size: 8}]\n";

struct world {
	struct kldsim *sim;
	struct kldsim_kvm_view view;
	struct kldsim_error error;
};

static void
start(struct world *world, const char *module)
{
	struct kldsim_image *kernel = kern_spec(kernel_spec, "kernel");
	struct kldsim_options options;
	struct kldsim_result result;
	struct kldsim_image *image;

	memset(world, 0, sizeof(*world));
	kldsim_options_init(&options, sizeof(options));
	options.vnets = 2;
	if (kldsim_boot(kernel, &options, &world->sim, &world->error) !=
	    KLDSIM_OK)
		fail_msg("%s", world->error.text);
	kldsim_image_unref(kernel);
	image = kern_spec(module, "foo.ko");
	assert_int_equal(kldsim_kldload_image(world->sim, image,
	    "/boot/modules/foo.ko", &result, &world->error), KLDSIM_OK);
	assert_int_equal(result.error, 0);
	kldsim_image_unref(image);
}

/* How many of a list are missing. */
static size_t
ask(struct world *world, struct kldsim_kvm_entry *entries, size_t count)
{
	size_t missing = 99;

	if (kldsim_kvm_nlist(world->sim, &world->view, entries, count,
	    &missing, &world->error) != KLDSIM_OK)
		fail_msg("%s", world->error.text);
	return missing;
}

/* One name, which is there. */
static struct kldsim_kvm_entry
found(struct world *world, const char *name)
{
	struct kldsim_kvm_entry entry = { .name = name };

	assert_int_equal(ask(world, &entry, 1), 0);
	assert_int_equal(entry.type, KLDSIM_KVM_N_TEXT);
	return entry;
}

static void
is_missing(struct world *world, const char *name)
{
	struct kldsim_kvm_entry entry = { .name = name, .value = 7,
		.translated = true, .note = "x" };

	assert_int_equal(ask(world, &entry, 1), 1);
	assert_int_equal(entry.type, 0);
	assert_hex(entry.value, 0);
	assert_int_equal(entry.how, KLDSIM_KVM_MISSING);
	assert_false(entry.translated);
	assert_null(entry.note);
}

/* N-02 */
static void
names_of_the_kernel(void **state)
{
	struct kldsim_kvm_entry two[] = { { .name = "_if_index" },
		{ .name = "_nope" } };
	struct kldsim_kvm_entry entry;
	struct world world;

	(void)state;
	start(&world, module_spec);
	entry = found(&world, "_if_index");
	assert_hex(entry.value, 0xfffffe0000002000);
	assert_int_equal(entry.how, KLDSIM_KVM_VNET);
	assert_true(entry.translated);
	assert_null(entry.note);
	world.view.vnet = 1;
	assert_hex(found(&world, "_if_index").value, 0xfffffe000000c000);
	entry = found(&world, "vnet_entry_if_index");
	assert_hex(entry.value, 0xffffffff80800c90);
	assert_int_equal(entry.how, KLDSIM_KVM_PLAIN);
	assert_false(entry.translated);
	assert_int_equal(ask(&world, two, 2), 1);
	/* what is not 0 is passed over, and missing. */
	two[0] = (struct kldsim_kvm_entry){ .name = "_if_index", .type = 1,
		.value = 7 };
	two[1].type = 0;
	assert_int_equal(ask(&world, two, 2), 2);
	assert_hex(two[0].value, 7);
	assert_int_equal(two[0].type, 1);
	kldsim_destroy(world.sim);
}

/* N-03, N-04 */
static void
names_of_a_module(void **state)
{
	struct kldsim_kvm_entry entry;
	struct world world;
	size_t missing;

	(void)state;
	start(&world, module_spec);
	entry = found(&world, "_foo_limit");
	assert_hex(entry.value, 0xfffffe0000002048);
	assert_true(entry.translated);
	world.view.vnet = 1;
	assert_hex(found(&world, "_foo_limit").value, 0xfffffe000000c048);
	entry = found(&world, "pcpu_entry_foo_hits");
	assert_hex(entry.value, 0xffffffff80808cc8);
	world.view.cpu = 1;
	entry = found(&world, "_foo_hits");
	assert_hex(entry.value, 0xfffffe0000001008);
	assert_int_equal(entry.how, KLDSIM_KVM_DPCPU);
	/* */
	world.view.cpu = 2;
	assert_int_equal(kldsim_kvm_nlist(world.sim, &world.view, &entry, 1,
	    &missing, &world.error), KLDSIM_ARG);
	assert_string_equal(world.error.text,
	    "_kvm_dpcpu_setcpu: CPU 2 not found");
	world.view.cpu = 1024;
	assert_int_equal(kldsim_kvm_nlist(world.sim, &world.view, &entry, 1,
	    &missing, &world.error), KLDSIM_ARG);
	assert_string_equal(world.error.text,
	    "_kvm_dpcpu_setcpu: CPU 1024 too big");
	world.view.cpu = 0;
	world.view.vnet = 2;
	assert_int_equal(kldsim_kvm_nlist(world.sim, &world.view, &entry, 1,
	    &missing, NULL), KLDSIM_ARG);
	kldsim_destroy(world.sim);
}

/* B-01 */
static void
underscores(void **state)
{
	struct world world;

	(void)state;
	start(&world, module_spec);
	assert_int_equal(found(&world, "ticks").how, KLDSIM_KVM_PLAIN);
	assert_int_equal(found(&world, "_ticks").how, KLDSIM_KVM_PLAIN);
	is_missing(&world, "__ticks");
	/* Asked for as "start", which nobody has. */
	is_missing(&world, "_start");
	(void)found(&world, "__start");
	(void)found(&world, "___start_set_vnet");
	(void)found(&world, "if_index");
	world.view.keep_underscore = true;
	(void)found(&world, "_start");
	is_missing(&world, "_ticks");
	is_missing(&world, "_if_index");
	(void)found(&world, "if_index");
	kldsim_destroy(world.sim);
}

/* a pass that cannot be set up is left out. */
static void
nobody_s_vnet(void **state)
{
	struct world world;

	(void)state;
	start(&world, module_spec);
	world.view.vnet = KLDSIM_KVM_NO_VNET;
	is_missing(&world, "_if_index");
	(void)found(&world, "_foo_hits");
	(void)found(&world, "vnet_entry_if_index");
	kldsim_destroy(world.sim);
}

/* libkvm's buffer has 1024 bytes. */
static void
long_names(void **state)
{
	struct kldsim_kvm_entry entry = { 0 };
	char name[2000];
	struct world world;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	start(&world, module_spec);
	entry.name = name;
	assert_int_equal(ask(&world, &entry, 1), 1);
	kldsim_destroy(world.sim);
}

/* a shared object's symbols lie in its own image. */
static void
the_image_s_template(void **state)
{
	struct kldsim_kvm_entry entry;
	struct world world;

	(void)state;
	start(&world, "machine: amd64\nkind: dyn\n"
	    "vnet: [{name: foo_limit, int: 5}]\n"
	    "dpcpu: [{name: foo_hits, size: 8}]\n");
	entry = found(&world, "_foo_limit");
	assert_int_equal(entry.how, KLDSIM_KVM_VNET);
	assert_false(entry.translated);
	assert_string_equal(entry.note, "the value is in the file's own image, "
	    "which no vnet and no CPU uses");
	assert_false(entry.value >= 0xffffffff80800c90 &&
	    entry.value < 0xffffffff80808cc0);
	assert_non_null(found(&world, "_foo_hits").note);
	assert_null(found(&world, "_if_index").note);
	kldsim_destroy(world.sim);
}

/* Without VIMAGE the plain name is the variable. */
static void
without_vimage(void **state)
{
	struct kldsim_kvm_entry entry = { .name = "_if_index" };
	struct kldsim_kvm_view view = { 0 };
	struct kern kern;
	size_t missing;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE, 0);
	(void)kldsim_synth_object(kern.synth, "if_index", NULL, 4, 4);
	kern_boot(&kern);
	assert_int_equal(kldsim_kvm_nlist(kern.sim, &view, &entry, 1, &missing,
	    NULL), KLDSIM_OK);
	assert_int_equal(missing, 0);
	assert_hex(entry.value, kern_symbol(&kern, "if_index"));
	kern_fini(&kern);
}

/* A question leaves the kernel as it was. */
static void
nothing_changes(void **state)
{
	struct kldsim_kvm_entry entries[] = { { .name = "_x" },
		{ .name = "_nope" } };
	struct kldsim_kvm_view view = { 0 };
	char *before, *after;
	struct kern kern;
	size_t missing;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_vnet(kern.synth, "x", NULL, 4, 4);
	kern_boot(&kern);
	before = kern_digest(&kern);
	assert_int_equal(kldsim_kvm_nlist(kern.sim, &view, entries, 2,
	    &missing, NULL), KLDSIM_OK);
	after = kern_digest(&kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
	kern_fini(&kern);
}

/* --- a core --- */

/* One more symbol of a name that is there uses up the search (N-18). */
static void
names_that_come_twice(void **state)
{
	static const char spec[] =
	    "machine: amd64\n"
	    "kind: kernel\n"
	    "options: {osreldate: 1402000}\n"
	    "functions: [printf]\n"
	    "sections: [{name: .data, size: 8}]\n"
	    "symbols:\n"
	    "  - {name: a, bind: local, section: .data, value: 1}\n"
	    "  - {name: a, bind: local, section: .data, value: 2}\n"
	    "  - {name: b, bind: local, section: .data, value: 3}\n";
	struct kldsim_kvm_entry list[] = { { .name = "a" }, { .name = "b" } };
	struct kldsim_kvm_entry more[] = { { .name = "a" }, { .name = "_b" },
		{ .name = "none" } };
	struct kldsim_image *kernel = kern_spec(spec, "kernel");
	struct world world = { .view = { .dead = true } };
	enum kldsim_ddb_kind kind;
	kldsim_addr b;

	(void)state;
	assert_int_equal(kldsim_boot(kernel, NULL, &world.sim, &world.error),
	    KLDSIM_OK);
	kldsim_image_unref(kernel);
	assert_int_equal(kldsim_ddb_value(world.sim, "b", -1, -1, &b, &kind),
	    KLDSIM_OK);
	assert_int_equal(ask(&world, list, 2), 0);
	assert_hex(list[0].value, b - 1);
	assert_int_equal(list[0].type, 6); /* N_DATA, without N_EXT */
	assert_int_equal(list[1].type, 0);
	assert_int_equal(list[1].how, KLDSIM_KVM_MISSING);
	/* A third name lets the search go on: to b, and no further. */
	assert_int_equal(ask(&world, more, 3), 0);
	assert_hex(more[1].value, b);
	assert_int_equal(more[2].type, 0);
	kldsim_destroy(world.sim);
}

/* names of modules are not found; sets are moved all the same. */
static void
names_of_a_core(void **state)
{
	struct kldsim_kvm_entry list[] = { { .name = "_if_index" },
		{ .name = "ticks", .type = 9 }, { .name = "foo_limit" },
		{ .name = "_start" } };
	struct world world;

	(void)state;
	start(&world, module_spec);
	world.view.dead = true;
	world.view.vnet = 1;
	assert_int_equal(ask(&world, list, 4), 1);
	assert_hex(list[0].value, 0xfffffe000000c000); /* N-02's vnet 1 */
	assert_int_equal(list[0].type, 7); /* N_DATA | N_EXT */
	assert_int_equal(list[0].how, KLDSIM_KVM_VNET);
	/* What was there before is asked for none the less. */
	assert_int_equal(list[1].how, KLDSIM_KVM_PLAIN);
	assert_int_equal(list[2].how, KLDSIM_KVM_MISSING);
	assert_int_equal(list[3].how, KLDSIM_KVM_PLAIN);
	world.view.vnet = KLDSIM_KVM_NO_VNET;
	assert_int_equal(ask(&world, list, 1), 1);
	kldsim_destroy(world.sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_kernel),
		cmocka_unit_test(names_of_a_module),
		cmocka_unit_test(underscores),
		cmocka_unit_test(nobody_s_vnet),
		cmocka_unit_test(long_names),
		cmocka_unit_test(the_image_s_template),
		cmocka_unit_test(without_vimage),
		cmocka_unit_test(nothing_changes),
		cmocka_unit_test(names_that_come_twice),
		cmocka_unit_test(names_of_a_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
