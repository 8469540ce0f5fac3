/* SPDX-License-Identifier: BSD-2-Clause */
/* kldsim::test: each assertion holds, and each fails with what matters. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <kldsim/test.h>

enum { FREEBSD_ENOEXEC = 8, FREEBSD_EEXIST = 17 };

static struct kldsim *
boot(void)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_func(k, "printf");
	kldsim_synth_vnet_modspace(k, 256);
	kldsim_synth_vnet(k, "ifcount", "\1\0\0\0", 4, 4);
	return kldsim_assert_boots(k, NULL);
}

static struct kldsim_synth *
module(const char *import)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	int init = kldsim_synth_func(m, "foo_init");

	kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".text"), 1,
	    "R_X86_64_PLT32", kldsim_synth_ref(m, import), -4);
	kldsim_synth_vnet(m, "limit", "\5\0\0\0", 4, 4);
	kldsim_synth_dpcpu(m, "count", "\7\0", 2, 2);
	kldsim_synth_declare_module(m, "foo", kldsim_synth_func(m, "foo_event"),
	    0x2000000, 0x1000000);
	kldsim_synth_mdt_version(m, "foo", 1);
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0, init, 0);
	return m;
}

static void
test_hold(void **state)
{
	static const char *const inits[] = {"module_register_init",
	    "foo_init"};
	static const char *const loads[] = {"foo"};
	struct kldsim *sim = boot();
	struct kldsim_filestat stat;
	kldsim_addr address;
	kldsim_size size;
	int id = kldsim_assert_loads(sim, module("printf"), "foo.ko");

	(void)state;
	assert_int_equal(kldsim_kldstat(sim, id, &stat), KLDSIM_OK);
	assert_string_equal(stat.name, "foo.ko");
	assert_int_equal(kldsim_kldsym(sim, id, "foo_init", &address, &size),
	    KLDSIM_OK);
	kldsim_assert_symbol(sim, 0, "foo_init", address);
	kldsim_assert_no_symbol(sim, 0, "foo_uninit");
	kldsim_assert_vnet_int(sim, 0, "limit", 5, 4);
	kldsim_assert_vnet_int(sim, 0, "ifcount", 1, 4);
	kldsim_assert_dpcpu(sim, 1, "count", "\7\0", 2);
	kldsim_assert_vnet_free(sim, 248);
	kldsim_assert_calls(sim, "foo.ko", KLDSIM_EVENT_SYSINIT, inits);
	kldsim_assert_calls(sim, NULL, KLDSIM_EVENT_MOD_LOAD, loads);
	kldsim_assert_no_findings(sim);
	kldsim_assert_unloads(sim, id);
	kldsim_assert_vnet_free(sim, 256);
	kldsim_destroy(sim);
}

/* Integers are in the order of the machine that is simulated. */
static void
test_big_endian_target(void **state)
{
	struct kldsim_synth *k = kldsim_synth_new("powerpc64",
	    KLDSIM_SYNTH_KERNEL);
	struct kldsim *sim;

	(void)state;
	kldsim_synth_vnet_modspace(k, 256);
	kldsim_synth_vnet(k, "quad", "\1\2\3\4\5\6\7\10", 8, 8);
	kldsim_synth_vnet(k, "half", "\1\2", 2, 2);
	sim = kldsim_assert_boots(k, NULL);
	kldsim_assert_vnet_int(sim, 0, "quad", UINT64_C(0x102030405060708), 8);
	kldsim_assert_vnet_int(sim, 0, "half", 0x102, 2);
	kldsim_destroy(sim);
}

static struct kldsim_image *
image_of(struct kldsim_synth *synth)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_synth_image(synth, "m.ko", &image, NULL),
	    KLDSIM_OK);
	kldsim_synth_free(synth);
	return image;
}

static void
test_refuse(void **state)
{
	struct kldsim_image *image;
	struct kldsim *sim = boot();
	int id;

	(void)state;
	kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
	    FREEBSD_ENOEXEC, "link_elf_obj: symbol nobody undefined");
	kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
	    FREEBSD_ENOEXEC, NULL);
	kldsim_assert_finding(sim, "undefined-symbol");
	kldsim_assert_console(sim, "nobody undefined");
	image = image_of(module("printf"));
	id = kldsim_assert_loads_image(sim, image, "bar.ko");
	kldsim_image_unref(image);
	kldsim_assert_unloads(sim, id);
	image = image_of(module("nobody"));
	kldsim_assert_refuses_image(sim, image, "foo.ko", FREEBSD_ENOEXEC,
	    "link_elf_obj: symbol nobody undefined");
	kldsim_image_unref(image);
	kldsim_assert_dpcpu_free(sim, 2048);
	kldsim_destroy(sim);
}

/* A relocation for what is behind the section's end. */
static struct kldsim_synth *
outside(void)
{
	struct kldsim_synth *m = module("printf");

	(void)kldsim_synth_reloc(m, kldsim_synth_section_named(m, "set_vnet"),
	    0x10000, "R_X86_64_64", kldsim_synth_ref(m, "printf"), 0);
	return m;
}

/* After a panic nothing can be tried any more. */
static void
panic(struct kldsim *sim)
{
	struct kldsim_image *image = image_of(outside());
	struct kldsim_result result;

	assert_int_equal(kldsim_kldload_image(sim, image, "dead.ko", &result,
	    NULL), KLDSIM_OK);
	assert_true(result.panicked);
	kldsim_image_unref(image);
}

static struct kldsim *
boot_without_vimage(void)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_option(k, KLDSIM_SYNTH_VIMAGE, 0);
	return kldsim_assert_boots(k, NULL);
}

/* --- Assertions that must fail -------------------------------------------- */

static void
loads_nobody(struct kldsim *sim)
{
	(void)kldsim_assert_loads(sim, module("nobody"), "foo.ko");
}

static void
refuses_what_loads(struct kldsim *sim)
{
	kldsim_assert_refuses(sim, module("printf"), "foo.ko",
	    FREEBSD_ENOEXEC, NULL);
}

static void
refuses_otherwise(struct kldsim *sim)
{
	kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
	    FREEBSD_EEXIST, NULL);
}

static void
refuses_silently(struct kldsim *sim)
{
	kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
	    FREEBSD_ENOEXEC, "no such line");
}

static void
symbol_elsewhere(struct kldsim *sim)
{
	kldsim_assert_symbol(sim, 0, "printf", 1);
}

static void
no_symbol_that_is(struct kldsim *sim)
{
	kldsim_assert_no_symbol(sim, 0, "printf");
}

static void
vnet_int_other(struct kldsim *sim)
{
	kldsim_assert_vnet_int(sim, 0, "ifcount", 2, 4);
}

static void
vnet_int_nowhere(struct kldsim *sim)
{
	kldsim_assert_vnet_int(sim, 9, "ifcount", 1, 4);
}

static void
dpcpu_int_nameless(struct kldsim *sim)
{
	kldsim_assert_dpcpu_int(sim, 0, "nothing", 1, 4);
}

static void
vnet_free_other(struct kldsim *sim)
{
	kldsim_assert_vnet_free(sim, 1);
}

static void
calls_others(struct kldsim *sim)
{
	static const char *const wrong[] = {"foo_init"};

	(void)kldsim_assert_loads(sim, module("printf"), "foo.ko");
	kldsim_assert_calls(sim, "foo.ko", KLDSIM_EVENT_SYSINIT,
	    wrong);
}

static void
no_findings_but_one(struct kldsim *sim)
{
	kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
	    FREEBSD_ENOEXEC, NULL);
	kldsim_assert_no_findings(sim);
}

static void
finding_that_is_not(struct kldsim *sim)
{
	kldsim_assert_finding(sim, "undefined-symbol");
}

static void
console_silent(struct kldsim *sim)
{
	kldsim_assert_console(sim, "hello");
}

static void
unloads_kernel(struct kldsim *sim)
{
	kldsim_assert_unloads(sim, 1);
}

/* R_X86_64_64 behind the end: Z-30 */
static void
loads_to_panic(struct kldsim *sim)
{
	(void)kldsim_assert_loads(sim, outside(), "foo.ko");
}

static void
symbol_that_is_not(struct kldsim *sim)
{
	kldsim_assert_symbol(sim, 0, "nothing", 1);
}

static void
vnet_int_too_wide(struct kldsim *sim)
{
	kldsim_assert_vnet_int(sim, 0, "ifcount", 1, 9);
}

static void
unloads_nothing(struct kldsim *sim)
{
	kldsim_assert_unloads(sim, 77);
}

static void
loads_into_dead(struct kldsim *sim)
{
	panic(sim);
	(void)kldsim_assert_loads(sim, module("printf"), "foo.ko");
}

static void
unloads_from_dead(struct kldsim *sim)
{
	panic(sim);
	kldsim_assert_unloads(sim, 1);
}

static void
loads_image_of_nobody(struct kldsim *sim)
{
	(void)kldsim_assert_loads_image(sim,
	    image_of(module("nobody")), "foo.ko");
}

static void
vnet_bytes_other(struct kldsim *sim)
{
	static const unsigned char zeros[67];
	struct kldsim_synth *m;

	m = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	kldsim_synth_vnet(m, "names", NULL, 66, 1);
	kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_vnet"), "x", 1);
	(void)kldsim_assert_loads(sim, m, "foo.ko");
	kldsim_assert_vnet(sim, 0, "names", zeros, 67);
}

/* Far more than a vnet has. */
static void
vnet_bytes_too_many(struct kldsim *sim)
{
	static const unsigned char zeros[1 << 20];

	kldsim_assert_vnet(sim, 0, "ifcount", zeros, sizeof(zeros));
}

static void
vnet_free_without_vimage(struct kldsim *sim)
{
	(void)sim;
	kldsim_assert_vnet_free(boot_without_vimage(), 256);
}

static void
boots_too_many_cpus(struct kldsim *sim)
{
	struct kldsim_options options;

	(void)sim;
	kldsim_options_init(&options, sizeof(options));
	options.cpus = 0x10000;
	(void)kldsim_assert_boots(kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL), &options);
}

static void
boots_no_machine(struct kldsim *sim)
{
	(void)sim;
	(void)kldsim_assert_boots(kldsim_synth_new("vax",
	    KLDSIM_SYNTH_KERNEL), NULL);
}

/* What is printed of the kernel below the words. */
enum { NO_KERNEL = 0, KERNEL = 1, VNET = 2, REPORTS = 4, DEAD = 8 };

static const struct failure {
	void (*assertion)(struct kldsim *sim);
	const char *words;
	unsigned shown;
} failures[] = {
	{loads_nobody, "foo.ko is refused: expected success, found ENOEXEC (8)",
	    KERNEL | VNET | REPORTS},
	{refuses_what_loads, "foo.ko is loaded: expected ENOEXEC (8)",
	    KERNEL | VNET},
	{refuses_otherwise, "foo.ko: expected EEXIST (17), found ENOEXEC (8)",
	    KERNEL | VNET | REPORTS},
	{refuses_silently, "foo.ko: expected the console line \"no such line\"",
	    KERNEL | VNET | REPORTS},
	{symbol_elsewhere, "printf: expected 0x1, found 0xffffffff80",
	    KERNEL | VNET},
	{no_symbol_that_is,
	    "printf: expected no such symbol, found 0xffffffff80",
	    KERNEL | VNET},
	{vnet_int_other, "expected 02 00 00 00, found 01 00 00 00",
	    KERNEL | VNET},
	{vnet_int_nowhere, "there is no vnet 9", KERNEL | VNET},
	{dpcpu_int_nameless,
	    "DPCPU nothing: there is no symbol pcpu_entry_nothing",
	    KERNEL | VNET},
	{vnet_free_other, "VNET modspace: expected 1 bytes free, found 256",
	    KERNEL | VNET},
	{calls_others,
	    "expected foo_init, found module_register_init; all: module_",
	    KERNEL | VNET},
	{no_findings_but_one, "expected no findings, found undefined-symbol",
	    KERNEL | VNET | REPORTS},
	{finding_that_is_not, "expected the finding undefined-symbol",
	    KERNEL | VNET},
	{console_silent, "expected \"hello\" on the console", KERNEL | VNET},
	{unloads_kernel, "file 1 is not unloaded", KERNEL | VNET},
	{loads_to_panic, "foo.ko: the kernel would have panicked",
	    KERNEL | VNET | DEAD},
	{symbol_that_is_not, "nothing: expected 0x1, found no such symbol",
	    KERNEL | VNET},
	{vnet_int_too_wide, "ifcount: an integer of 9 bytes", KERNEL | VNET},
	{unloads_nothing, "file 77 is not unloaded: ENOENT (2)", KERNEL | VNET},
	{loads_into_dead, "foo.ko cannot be tried: ", KERNEL | VNET | DEAD},
	{unloads_from_dead, "file 1 cannot be tried: ", KERNEL | VNET | DEAD},
	{loads_image_of_nobody,
	    "foo.ko is refused: expected success, found ENOEXEC (8)",
	    KERNEL | VNET | REPORTS},
	/* The 67th byte differs, and neither is shown. */
	{vnet_bytes_other, " 00 00 ..., found 00 00 ", KERNEL | VNET},
	{vnet_bytes_too_many, "VNET ifcount in vnet 0: 0x", KERNEL | VNET},
	{vnet_free_without_vimage, "VNET: this kernel has no modspace", KERNEL},
	{boots_too_many_cpus, "the kernel does not boot: ", NO_KERNEL},
	{boots_no_machine, "kernel cannot be built: machine \"vax\" is unknown",
	    NO_KERNEL},
};

/* The one that fails now. */
static const struct failure *current;

static void
failing(void **state)
{
	(void)state;
	current->assertion(boot());
}

/* Where coverage is measured: _exit(2) does not write it. */
int __llvm_profile_write_file(void) __attribute__((weak));

/* What a failing assertion prints; a process of its own lets it leak. */
static void
run_failing(const struct failure *failure, char *text, size_t size)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(failing)};
	int ends[2], status;
	size_t n = 0;
	ssize_t more;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		current = failure;
		(void)dup2(ends[1], 1);
		(void)dup2(ends[1], 2);
		(void)close(ends[0]);
		status = cmocka_run_group_tests(tests, NULL, NULL) == 1 ? 7 : 8;
		if (__llvm_profile_write_file != NULL)
			(void)__llvm_profile_write_file();
		_exit(status);
	}
	(void)close(ends[1]);
	while ((more = read(ends[0], text + n, size - 1 - n)) > 0)
		n += (size_t)more;
	text[n] = '\0';
	(void)close(ends[0]);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void
check_shown(const struct failure *failure, const char *text)
{
	static const struct {
		unsigned shown;
		const char *line;
	} lines[] = {
		{KERNEL, " 0xffffffff80200000 "}, {KERNEL, " kernel\n"},
		{KERNEL, "DPCPU: 2 instances, "},
		{VNET, "VNET: 1 instances, "},
		{VNET, "of 256 bytes of modspace free"},
		{REPORTS, "  link_elf_obj: symbol nobody undefined\n"},
		{REPORTS, "[undefined-symbol O-46,O-53]"},
		{DEAD, "  the kernel is dead"},
	};
	bool wanted;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		wanted = (failure->shown & lines[i].shown) != 0;
		if ((strstr(text, lines[i].line) != NULL) != wanted)
			fail_msg("%s: \"%s\" is expected %d times: %s",
			    failure->words, lines[i].line, wanted, text);
	}
}

static void
test_fail(void **state)
{
	static char text[65536];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		run_failing(&failures[i], text, sizeof(text));
		if (strstr(text, failures[i].words) == NULL)
			fail_msg("case %zu: no \"%s\" in: %s", i,
			    failures[i].words, text);
		assert_non_null(strstr(text, "test_synth_assert.c:"));
		check_shown(&failures[i], text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_big_endian_target),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
