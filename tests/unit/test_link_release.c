/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel file under the rules of another release: structures stay what they
 * were compiled as (M-05, M-10).
 */

#include "support_kern.h"

/* How much is found when the kernel boots under these rules. */
static size_t
found_under(struct kern *kern, uint32_t osreldate)
{
	kldsim_destroy(kern->sim);
	kern->sim = NULL;
	kern->options.osreldate = osreldate;
	kern_boot(kern);
	return (kldsim_finding_count(kern->sim));
}

/*
 * V-51, M-05: struct sysinit of the file is 24 bytes up to 1400093 and 32
 * since, and is read as the rules say.
 */
static void
rules_of_another_struct_sysinit_are_told(void **state)
{
	static const struct {
		uint32_t own, rules;
		const char *text; /* NULL: the structures are the same */
	} pairs[] = {
		{ R121, R130, NULL },
		{ R130, R121, NULL },
		{ R130, 1400093, NULL },
		{ 1400093, 1400094, "the kernel is of 14.0 (1400093), and in "
		    "14.0 (1400094), whose rules are used, struct sysinit is a "
		    "pointer longer: " },
		{ 1400094, 1400093, "struct sysinit is a pointer shorter: " },
		{ R130, R141, "the kernel is of 13.0 (1300139), and in 14.1 "
		    "(1401000), whose rules are used, struct sysinit is a "
		    "pointer longer: " },
		{ R150, R130, "the kernel is of 15.0 (1500068), and in 13.0 "
		    "(1300139), whose rules are used, struct sysinit is a "
		    "pointer shorter: " },
		{ R140, R150, NULL },
		{ R150, R140, NULL },
	};
	const struct kldsim_finding *finding;
	struct kern kern;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		kern_start(&kern, pairs[i].own);
		assert_int_equal(kldsim_finding_count(kern.sim), 0);
		/* Its own rules may be named. */
		assert_int_equal(found_under(&kern, pairs[i].own), 0);
		assert_int_equal(found_under(&kern, pairs[i].rules),
		    pairs[i].text != NULL);
		finding = kldsim_finding_at(kern.sim, 0);
		if (finding != NULL) {
			assert_string_equal(finding->code, "release-layout");
			assert_int_equal(finding->severity, KLDSIM_WARNING);
			assert_string_equal(finding->file, "kernel");
			assert_non_null(strstr(finding->text, pairs[i].text));
		}
		kern_fini(&kern);
	}
}

/* A kernel that does not say of when it is may be of any release. */
static void
a_kernel_of_no_release_goes_with_all(void **state)
{
	struct kern kern;

	(void)state;
	kern_init(&kern, R130);
	kldsim_synth_free(kern.synth);
	kern.synth = kldsim_synth_new("amd64", KLDSIM_SYNTH_EXEC);
	(void)kldsim_synth_func(kern.synth, "printf");
	kern.options.osreldate = R150;
	kern_boot(&kern);
	assert_int_equal(kldsim_finding_count(kern.sim), 0);
	kern_fini(&kern);
}

/* V-51: where the misreading is the end, the reason is told, too. */
static void
a_panic_of_a_misread_sysinit_names_the_release(void **state)
{
	struct kldsim_synth *m = module_new(R130);
	struct kldsim_preload preload = { .path = MODULE_PATH("m.ko") };
	struct kern kern;

	(void)state;
	/* Its argument, 0, is where 14.1 has the function. */
	(void)kldsim_synth_sysinit(m, "m_init", 0x3100000, 0,
	    kldsim_synth_func(m, "m_init"), 0);
	preload.image = kern_image(m, "m.ko");
	kern_init(&kern, R130);
	kern.options.preloads = &preload;
	kern.options.npreloads = 1;
	kern.options.osreldate = R141;
	assert_int_equal(kern_try_boot(&kern), KLDSIM_MALFORMED);
	assert_non_null(strstr(kern.error.text, "the function at 0x0 is "
	    "called, where nothing is; the kernel is of 13.0 (1300139), and "
	    "in 14.1 (1401000), "));
	assert_non_null(strstr(kern.error.text, "own rules"));
	kldsim_image_unref(preload.image);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_another_struct_sysinit_are_told),
		cmocka_unit_test(a_kernel_of_no_release_goes_with_all),
		cmocka_unit_test(a_panic_of_a_misread_sysinit_names_the_release),
	};

	return (cmocka_run_group_tests_name("link_release", tests, NULL,
	    NULL));
}
