/* SPDX-License-Identifier: BSD-2-Clause */
/* kldsim::test: each assertion holds, and each fails with what matters. */

#include <setjmp.h>
#include <stdarg.h>
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

/* One assertion that must fail; 0 is the number of the failing case. */
static int which;

static void
failing(void **state)
{
	static const char *const wrong[] = {"foo_init"};
	struct kldsim *sim = boot();

	(void)state;
	switch (which) {
	case 0:
		(void)kldsim_assert_loads(sim, module("nobody"), "foo.ko");
		break;
	case 1:
		kldsim_assert_refuses(sim, module("printf"), "foo.ko",
		    FREEBSD_ENOEXEC, NULL);
		break;
	case 2:
		kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
		    FREEBSD_EEXIST, NULL);
		break;
	case 3:
		kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
		    FREEBSD_ENOEXEC, "no such line");
		break;
	case 4:
		kldsim_assert_symbol(sim, 0, "printf", 1);
		break;
	case 5:
		kldsim_assert_no_symbol(sim, 0, "printf");
		break;
	case 6:
		kldsim_assert_vnet_int(sim, 0, "ifcount", 2, 4);
		break;
	case 7:
		kldsim_assert_vnet_int(sim, 9, "ifcount", 1, 4);
		break;
	case 8:
		kldsim_assert_dpcpu_int(sim, 0, "nothing", 1, 4);
		break;
	case 9:
		kldsim_assert_vnet_free(sim, 1);
		break;
	case 10:
		(void)kldsim_assert_loads(sim, module("printf"), "foo.ko");
		kldsim_assert_calls(sim, "foo.ko", KLDSIM_EVENT_SYSINIT,
		    wrong);
		break;
	case 11:
		kldsim_assert_refuses(sim, module("nobody"), "foo.ko",
		    FREEBSD_ENOEXEC, NULL);
		kldsim_assert_no_findings(sim);
		break;
	case 12:
		kldsim_assert_finding(sim, "undefined-symbol");
		break;
	case 13:
		kldsim_assert_console(sim, "hello");
		break;
	case 14:
		kldsim_assert_unloads(sim, 1);
		break;
	case 15: /* R_X86_64_64 behind the end: Z-30 */
		(void)kldsim_assert_loads(sim, outside(), "foo.ko");
		break;
	case 16:
		kldsim_assert_symbol(sim, 0, "nothing", 1);
		break;
	case 17:
		kldsim_assert_vnet_int(sim, 0, "ifcount", 1, 9);
		break;
	case 18:
		kldsim_assert_unloads(sim, 77);
		break;
	default:
		(void)kldsim_assert_boots(kldsim_synth_new("vax",
		    KLDSIM_SYNTH_KERNEL), NULL);
	}
}

/* Where coverage is measured: _exit(2) does not write it. */
int __llvm_profile_write_file(void) __attribute__((weak));

/* What the failing case prints; a process of its own lets it leak. */
static void
run_failing(int number, char *text, size_t size)
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
		which = number;
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
test_fail(void **state)
{
	static const char *const words[] = {
		"foo.ko is refused: expected success, found ENOEXEC (8)",
		"foo.ko is loaded: expected ENOEXEC (8)",
		"foo.ko: expected EEXIST (17), found ENOEXEC (8)",
		"foo.ko: expected the console line \"no such line\"",
		"printf: expected 0x1, found 0xffffffff80",
		"printf: expected no such symbol, found 0xffffffff80",
		"expected 02 00 00 00, found 01 00 00 00",
		"there is no vnet 9",
		"DPCPU nothing: there is no symbol pcpu_entry_nothing",
		"VNET modspace: expected 1 bytes free, found 256",
		"expected foo_init, found module_register_init; all: module_",
		"expected no findings, found undefined-symbol",
		"expected the finding undefined-symbol",
		"expected \"hello\" on the console",
		"file 1 is not unloaded",
		"foo.ko: the kernel would have panicked",
		"nothing: expected 0x1, found no such symbol",
		"ifcount: an integer of 9 bytes",
		"file 77 is not unloaded: ENOENT (2)",
		"kernel cannot be built: machine \"vax\" is unknown",
	};
	static char text[65536];
	int i;

	(void)state;
	for (i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++) {
		run_failing(i, text, sizeof(text));
		if (strstr(text, words[i]) == NULL)
			fail_msg("case %d: no \"%s\" in: %s", i, words[i],
			    text);
		assert_non_null(strstr(text, "test_synth_assert.c:"));
		if (words[i] == words[sizeof(words) / sizeof(words[0]) - 1])
			continue;
		if (i == 15)
			assert_non_null(strstr(text, "  the kernel is dead"));
		assert_non_null(strstr(text, " 0xffffffff80200000 "));
		assert_non_null(strstr(text, " kernel\n"));
		assert_non_null(strstr(text, "of 256 bytes of modspace free"));
		if (i == 0 || i == 2 || i == 3 || i == 11) {
			assert_non_null(strstr(text,
			    "  link_elf_obj: symbol nobody undefined\n"));
			assert_non_null(strstr(text,
			    "[undefined-symbol O-46,O-53]"));
		}
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
