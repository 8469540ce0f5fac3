/* SPDX-License-Identifier: BSD-2-Clause */

/* M-46, V-74: malloc types of another kernel's headers. */

#include "support_preload.h"

#define M_MAGIC 877983977
#define M_VERSION 2024073001

#define SI_SUB_KMEM 0x1800000
#define SI_ORDER_THIRD 2

/* struct malloc_type: next, number, description, what malloc(9) knows. */
static int
type(struct kldsim_synth *synth, const char *name, uint64_t number)
{
	int data = kldsim_synth_section_named(synth, ".data"), text;
	uint64_t at;

	text = kldsim_synth_object(synth, "description", "mine", 5, 1);
	(void)kldsim_synth_bind(synth, text, KLDSIM_SYNTH_LOCAL);
	at = kldsim_synth_align(synth, data, 8);
	(void)kldsim_synth_append_int(synth, data, 0, 8);
	(void)kldsim_synth_append_int(synth, data, number, 8);
	(void)kldsim_synth_append_int(synth, data, 0, 8);
	(void)kldsim_synth_append_int(synth, data, 0, 8);
	kldsim_synth_pointer(synth, data, at + 16, text, 0);
	return kldsim_synth_symbol(synth, name, KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, at, 32);
}

static void
add_kernel(struct kern *kern, uint64_t number)
{
	(void)kldsim_synth_func(kern->synth, "malloc_init");
	if (number != 0)
		(void)type(kern->synth, "M_TEMP", number);
}

static struct kldsim_synth *
module(uint32_t osreldate, uint64_t number)
{
	struct kldsim_synth *m = module_new(osreldate);

	(void)kldsim_synth_sysinit(m, "mine_init", SI_SUB_KMEM,
	    SI_ORDER_THIRD, kldsim_synth_ref(m, "malloc_init"),
	    number != 0 ? type(m, "M_MINE", number) : 0);
	return m;
}

static void
a_type_has_the_kernels_number(void **state)
{
	static const struct {
		uint32_t osreldate;
		uint64_t kernel, module;
		const char *text; /* NULL: it loads */
	} rows[] = {
		{ R121, M_MAGIC, M_MAGIC, NULL },
		{ R150, M_VERSION, M_VERSION, NULL },
		{ R121, M_MAGIC, M_VERSION, "kernel panic: malloc_init: bad "
		    "malloc type magic: a type of malloc(9) has the version "
		    "0x78a4e729, this kernel's own have 0x3454f8e9" },
		{ R150, M_VERSION, M_MAGIC, "kernel panic: malloc_init: type "
		    "mine with unsupported version 877983977" },
		{ R150, M_VERSION, UINT64_C(0x100000000) + M_VERSION,
		    "type mine with unsupported version 6319040297" },
		{ R121, M_MAGIC, 0, "malloc_init is given a struct "
		    "malloc_type at 0x0, where nothing is" },
		{ R121, 0, 1, NULL }, /* it cannot be known */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = module(rows[i].osreldate,
		    rows[i].module);
		const struct kldsim_finding *finding;
		struct kern kern;

		kern_init(&kern, rows[i].osreldate);
		add_kernel(&kern, rows[i].kernel);
		kern_boot(&kern);
		if (rows[i].text == NULL) {
			(void)kern_load(&kern, m, "a.ko");
			assert_int_equal(kern.result.nfindings, 0);
			kern_fini(&kern);
			continue;
		}
		kern_panic(&kern, m, "a.ko");
		finding = kern_finding(&kern, rows[i].module != 0 ? "kbi-version-word" :
		    "sysinit-entry");
		assert_non_null(finding);
		if (strstr(finding->text, rows[i].text) == NULL)
			fail_msg("%s: no %s", finding->text, rows[i].text);
		kern_fini(&kern);
	}
}

/* Its name is where nothing is. */
static void
a_type_without_a_name(void **state)
{
	struct kldsim_synth *m = module_new(R150);
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_align(m, data, 8);
	struct kern kern;

	(void)state;
	(void)kldsim_synth_append_int(m, data, 0, 8);
	(void)kldsim_synth_append_int(m, data, 5, 8);
	(void)kldsim_synth_append_int(m, data, 0x10, 8);
	(void)kldsim_synth_append_int(m, data, 0, 8);
	(void)kldsim_synth_sysinit(m, "mine_init", SI_SUB_KMEM,
	    SI_ORDER_THIRD, kldsim_synth_ref(m, "malloc_init"),
	    kldsim_synth_symbol(m, "M_MINE", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, at, 32));
	kern_init(&kern, R150);
	add_kernel(&kern, M_VERSION);
	kern_boot(&kern);
	kern_panic(&kern, m, "a.ko");
	assert_non_null(strstr(kern_finding(&kern, "kbi-version-word")->text,
	    "malloc_init: type ? with unsupported version 5"));
	kern_fini(&kern);
}

static void
a_preloaded_type_too(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R150);
	add_kernel(&world.kern, M_VERSION);
	preloaded_add(&world, module(R150, M_VERSION), "a.ko");
	preloaded_add(&world, module(R150, M_MAGIC), "b.ko");
	preloaded_dies(&world, "unsupported version 877983977");
	preloaded_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_has_the_kernels_number),
		cmocka_unit_test(a_type_without_a_name),
		cmocka_unit_test(a_preloaded_type_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
