/* SPDX-License-Identifier: BSD-2-Clause */

/* Interfaces, dependencies, names, ids, and files that are refused at once. */

#include "support_kern.h"

/* A module that has an interface of that name. */
static struct kldsim_synth *
provider(const char *name, int version)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_version(module, name, version);
	return module;
}

/* A module that needs an interface. */
static struct kldsim_synth *
consumer(const char *name, int minimum, int preferred, int maximum)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_depend(module, name, minimum, preferred, maximum);
	return module;
}

/* A module that needs nothing. */
static struct kldsim_synth *
plain(void)
{
	return module_with_set(R121, ".data", 8, 0);
}

static int
dep_at(const struct kern *kern, int fileid, size_t index)
{
	int dep = -1;

	assert_int_equal(kldsim_file_dep(kern->sim, fileid, index, &dep),
	    KLDSIM_OK);
	return dep;
}

/* K-30, K-32, L-05, L-11: the kernel first, then each DEPEND in set order. */
static void
dependencies_in_set_order_with_references(void **state)
{
	struct kldsim_synth *module;
	struct kern kern;
	int a, b, m;

	(void)state;
	kern_start(&kern, R121);
	a = kern_load(&kern, provider("liba", 1), "a.ko");
	b = kern_load(&kern, provider("libb", 3), "b.ko");
	module = consumer("libb", 1, 1, 5);
	kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
	kldsim_synth_mdt_depend(module, "libb", 3, 3, 3); /* Z-77 */
	m = kern_load(&kern, module, "m.ko");
	assert_int_equal(kern_stat(&kern, m).ndeps, 4);
	assert_int_equal(dep_at(&kern, m, 0), 1);
	assert_int_equal(dep_at(&kern, m, 1), b);
	assert_int_equal(dep_at(&kern, m, 2), a);
	assert_int_equal(dep_at(&kern, m, 3), b);
	assert_int_equal(kern_stat(&kern, 1).refs, 4);
	assert_int_equal(kern_stat(&kern, a).refs, 2);
	assert_int_equal(kern_stat(&kern, b).refs, 3);
	assert_int_equal(kern_stat(&kern, m).refs, 1);
	assert_int_equal(kern_stat(&kern, m).userrefs, 1);
	assert_int_equal(kern_stat(&kern, a).ndeps, 1);
	kern_unload(&kern, m);
	assert_int_equal(kern_stat(&kern, 1).refs, 3);
	assert_int_equal(kern_stat(&kern, a).refs, 1);
	assert_int_equal(kern_stat(&kern, b).refs, 1);
	kern_fini(&kern);
}

/* K-30 pass 2: a need of an interface of its own is no need. */
static void
a_file_does_not_depend_on_itself(void **state)
{
	struct kldsim_synth *module = consumer("me", 7, 8, 9);
	struct kern kern;
	int id;

	(void)state;
	kldsim_synth_mdt_version(module, "me", 1);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "me.ko");
	assert_int_equal(kern_stat(&kern, id).ndeps, 1);
	assert_int_equal(kern_stat(&kern, id).refs, 1);
	kern_fini(&kern);
}

/* K-30, K-31: what is missing ends the load; references go back. */
static void
a_missing_dependency_refuses_the_module(void **state)
{
	static const uint32_t releases[] = { R121, R130, R141, R150 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct kldsim_synth *module = consumer("liba", 1, 1, 1);
		struct kern kern;
		int a;

		kern_start(&kern, releases[i]);
		a = kern_load(&kern, provider("liba", 1), "a.ko");
		kldsim_synth_mdt_depend(module, "nowhere", 1, 2, 3);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_console(&kern, "KLD m.ko: depends on nowhere - not "
		    "available or version mismatch", UNSUPPORTED("m.ko"));
		assert_int_equal(kern_findings(&kern, "dependency"), 1);
		assert_int_equal(kern_stat(&kern, a).refs, 1);
		assert_int_equal(kern_stat(&kern, 1).refs, 2);
		/* The wrong version is as good as none. */
		kern_refuse(&kern, consumer("liba", 2, 2, 9), "m.ko",
		    FB_ENOEXEC);
		assert_console(&kern, "KLD m.ko: depends on liba - not "
		    "available or version mismatch", UNSUPPORTED("m.ko"));
		assert_non_null(strstr(kern_finding(&kern,
		    "dependency")->text, "a.ko"));
		kern_fini(&kern);
	}
}

/* L-13, T-12: preferred at once, else the highest in range. */
static void
the_best_provider_is_taken(void **state)
{
	static const struct {
		int minimum, preferred, maximum;
		int taken; /* index in the list, -1: none */
	} rows[] = { { 1, 9, 4, 2 }, { 1, 2, 9, 1 }, { 6, 3, 9, 0 },
		{ 6, 7, 9, -1 }, { 4, 4, 4, 2 }, { 1, 2, 3, 0 } };
	static const int versions[] = { 3, 5, 4 };
	char name[] = "p0.ko";
	struct kern kern;
	int ids[3], id;

	(void)state;
	kern_start(&kern, R121);
	for (size_t i = 0; i < 3; i++) {
		name[1] = (char)('0' + i);
		ids[i] = kern_load(&kern, provider("x", versions[i]), name);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = consumer("x", rows[i].minimum,
		    rows[i].preferred, rows[i].maximum);

		if (rows[i].taken < 0) {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			continue;
		}
		id = kern_load(&kern, module, "m.ko");
		assert_int_equal(dep_at(&kern, id, 1), ids[rows[i].taken]);
		kern_unload(&kern, id);
	}
	kern_fini(&kern);
}

/* V-04, K-21, K-30 pass 1: an interface that is there already. */
static void
an_interface_can_be_provided_once(void **state)
{
	static const struct {
		uint32_t osreldate;
		int error;
	} rows[] = { { R121, FB_ENOEXEC }, { R130, FB_ENOEXEC },
		{ R140, FB_ENOEXEC }, { R141, FB_EEXIST },
		{ R150, FB_EEXIST } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		bool masked = rows[i].error == FB_ENOEXEC;
		struct kern kern;

		kern_start(&kern, rows[i].osreldate);
		(void)kern_load(&kern, provider("x", 1), "a.ko");
		kern_refuse(&kern, provider("x", 1), "b.ko", rows[i].error);
		if (masked)
			assert_console(&kern, "interface x.1 already present "
			    "in the KLD 'a.ko'!", UNSUPPORTED("b.ko"));
		else
			assert_console(&kern, "interface x.1 already present "
			    "in the KLD 'a.ko'!");
		assert_int_equal(kern_stat(&kern, 1).refs, 2);
		/* Version 0 is any; another version is another interface. */
		kern_refuse(&kern, provider("x", 0), "b.ko", rows[i].error);
		assert_string_equal(kldsim_console_line(kern.sim,
		    kern.result.first_console),
		    "interface x.0 already present in the KLD 'a.ko'!");
		(void)kern_load(&kern, provider("x", 2), "b.ko");
		kern_fini(&kern);
	}
}

/* K-30 step 5, Z-76: twice in one file: the second is skipped. */
static void
an_interface_twice_in_one_file_is_skipped(void **state)
{
	struct kldsim_synth *module = provider("x", 1);
	struct kldsim_interface interface;
	struct kern kern;
	int id;

	(void)state;
	kldsim_synth_mdt_version(module, "x", 1);
	kldsim_synth_mdt_version(module, "x", 2);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_console(&kern, "module x already present!");
	assert_int_equal(kern_findings(&kern, "interface-twice"), 1);
	assert_int_equal(kern_stat(&kern, id).ninterfaces, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kldsim_file_interface(kern.sim, id,
		    (size_t)i, &interface), KLDSIM_OK);
		assert_string_equal(interface.name, "x");
		assert_int_equal(interface.version, i + 1);
	}
	kern_fini(&kern);
}

/* Z-78: nothing stops a module from providing the kernel's interface. */
static void
another_kernel_interface_is_taken_and_told(void **state)
{
	struct kern kern;
	int k, id;

	(void)state;
	kern_start(&kern, R121);
	k = kern_load(&kern, provider("kernel", 5), "k.ko");
	assert_int_equal(kern_findings(&kern, "provides-kernel"), 1);
	id = kern_load(&kern, consumer("kernel", 5, 5, 5), "m.ko");
	assert_int_equal(dep_at(&kern, id, 1), k);
	kern_fini(&kern);
}

/* M-10, M-11, K-33, K-34, T-11: built for one version, loaded into another. */
static void
the_kernel_dependency_of_declare_module(void **state)
{
	static const struct {
		uint32_t kernel, module;
		int error;
	} rows[] = {
		{ R121, R121, 0 }, { R121, 1200086, 0 },
		{ R130, R130, 0 }, { 1304000, R130, 0 },
		/* max is 1299999, below min: preferred alone can match. */
		{ 1300000, 1300000, 0 }, { R130, 1300000, FB_ENOEXEC },
		{ R130, R121, FB_ENOEXEC }, { R121, R130, FB_ENOEXEC },
		{ R121, 903000, FB_ENOEXEC }, { R140, R121, FB_ENOEXEC },
		{ R150, R121, FB_EEXIST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = module_new(rows[i].module);
		struct kern kern;

		kern_start(&kern, rows[i].kernel);
		(void)kldsim_synth_declare_module(module, "foo", 0, 0x3100000,
		    0);
		assert_int_equal(kern_try(&kern, module, "m.ko"), KLDSIM_OK);
		assert_int_equal(kern.result.error, rows[i].error);
		if (rows[i].error == 0)
			assert_silent(&kern);
		else if (rows[i].error == FB_ENOEXEC)
			assert_console(&kern, "KLD m.ko: depends on kernel - "
			    "not available or version mismatch",
			    UNSUPPORTED("m.ko"));
		else
			assert_console(&kern, "KLD m.ko: depends on kernel - "
			    "not available or version mismatch");
		/* M-12: without DECLARE_MODULE any kernel will do. */
		module = module_new(rows[i].kernel);
		(void)kldsim_synth_sysinit(module, "s", 1, 1,
		    kldsim_synth_func(module, "f"), 0);
		(void)kern_load(&kern, module, "plain.ko");
		kern_fini(&kern);
	}
}

/* L-06, L-07, T-14: ids. */
static void
ids_are_reused_as_the_counter_says(void **state)
{
	struct kldsim_synth *module;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(kern_load(&kern, plain(), "a.ko"), 2);
	assert_int_equal(kern_load(&kern, plain(), "b.ko"), 3);
	kern_unload(&kern, 2);
	assert_int_equal(kern_load(&kern, plain(), "c.ko"), 4);
	kern_unload(&kern, 4);
	assert_int_equal(kern_load(&kern, plain(), "d.ko"), 4);
	kern_unload(&kern, 3);
	kern_unload(&kern, 4);
	assert_int_equal(kern_load(&kern, plain(), "e.ko"), 4);
	/* A load that fails takes 5 for a while. */
	module = module_new(R121);
	(void)module_slot(module, kldsim_synth_ref(module, "nowhere"), 0);
	kern_refuse(&kern, module, "f.ko", FB_ENOEXEC);
	assert_int_equal(kern_load(&kern, plain(), "g.ko"), 5);
	kern_fini(&kern);
}

static int
find(const struct kern *kern, const char *name)
{
	int id = -1;

	return kldsim_kldfind(kern->sim, name, &id) == KLDSIM_OK ? id : -1;
}

/* L-08 to L-10, T-16, K-07: base names, with and without .ko. */
static void
files_are_found_by_base_name(void **state)
{
	struct kern kern;
	int ko_ko, foo, bar, next;

	(void)state;
	kern_start(&kern, R121);
	ko_ko = kern_load(&kern, plain(), "foo.ko.ko");
	foo = kern_load(&kern, plain(), "foo");
	bar = kern_load(&kern, plain(), "bar.ko");
	assert_int_equal(find(&kern, "foo"), foo);
	assert_int_equal(find(&kern, "foo.ko"), ko_ko);
	assert_int_equal(find(&kern, "bar"), bar);
	assert_int_equal(find(&kern, "bar.ko"), bar);
	assert_int_equal(find(&kern, "ba"), -1);
	assert_int_equal(find(&kern, "/some/where/bar.ko"), bar);
	assert_int_equal(find(&kern, "kernel"), 1);
	assert_int_equal(kldsim_kldnext(kern.sim, ko_ko, &next), KLDSIM_OK);
	assert_int_equal(next, foo);
	assert_int_equal(kldsim_kldnext(kern.sim, bar, &next), KLDSIM_OK);
	assert_int_equal(next, 0);
	assert_int_equal(kldsim_kldnext(kern.sim, 99, &next), KLDSIM_NOENT);
	/* K-07: taken, by the same rule; nothing is said. */
	kern_refuse(&kern, plain(), "foo.ko", FB_EEXIST);
	assert_silent(&kern);
	kern_refuse(&kern, plain(), "bar", FB_EEXIST);
	kern_refuse(&kern, plain(), "kernel", FB_EEXIST);
	assert_silent(&kern);
	/* L-08: nothing after the last slash is a slash. */
	assert_string_equal(kern_stat(&kern, kern_load(&kern, plain(),
	    "odd/")).name, "/");
	kern_fini(&kern);
}

/* Bytes that are no module. */
static int
load_bytes(struct kern *kern, const void *bytes, size_t size)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_image_open_memory(bytes, size, "junk", NULL,
	    NULL, &image, &kern->error), KLDSIM_OK);
	assert_int_equal(kldsim_kldload_image(kern->sim, image,
	    MODULE_PATH("m.ko"), &kern->result, &kern->error), KLDSIM_OK);
	kldsim_image_unref(image);
	return kern->result.error;
}

/* O-01, K-21: no ELF at all; silent. */
static void
junk_is_refused_in_silence(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(load_bytes(&kern, "", 0), FB_ENOEXEC);
	assert_silent(&kern);
	assert_int_equal(load_bytes(&kern, "#!/bin/sh\n", 10), FB_ENOEXEC);
	assert_silent(&kern);
	assert_int_equal(kern_load(&kern, plain(), "m.ko"), 2);
	kern_fini(&kern);
}

#define LAYOUT "kldload: /boot/modules/m.ko: Unsupported file layout"
#define VERSION "kldload: /boot/modules/m.ko: Unsupported file version"

/*
 * D-01: the class of shared objects reads what there is, and goes by what its
 * page holds behind it: zeros at first, then the last file that it looked at.
 */
static void
a_short_file_is_as_the_page_behind_it(void **state)
{
	static const char elf[63] = "\177ELF\2\1\1";
	/* ET_REL, amd64, version 1; and no section headers. */
	static const char object[64] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0"
	    "\1\0\76\0\1";
	uint64_t snapshot;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, &kern.error),
	    KLDSIM_OK);
	assert_int_equal(load_bytes(&kern, elf, sizeof(elf)), FB_ENOEXEC);
	assert_console(&kern, VERSION);
	assert_int_equal(load_bytes(&kern, elf, 20), FB_ENOEXEC);
	assert_console(&kern, VERSION);
	assert_int_equal(load_bytes(&kern, object, sizeof(object)),
	    FB_ENOEXEC);
	assert_console(&kern, UNSUPPORTED("m.ko"));
	/* Nothing of its own behind e_ident, and nothing at all. */
	assert_int_equal(load_bytes(&kern, elf, 16), FB_ENOEXEC);
	assert_console(&kern, UNSUPPORTED("m.ko"));
	assert_non_null(strstr(kern_finding(&kern, "file-format")->text,
	    "16 bytes; the kernel takes the rest of its header from what "
	    "memory happens to hold"));
	assert_int_equal(load_bytes(&kern, "", 0), FB_ENOEXEC);
	assert_console(&kern, UNSUPPORTED("m.ko"));
	assert_int_equal(load_bytes(&kern, "#!", 2), FB_ENOEXEC);
	assert_silent(&kern);
	assert_int_equal(kldsim_restore(kern.sim, snapshot), KLDSIM_OK);
	assert_int_equal(load_bytes(&kern, elf, 20), FB_ENOEXEC);
	assert_console(&kern, VERSION);
	kern_fini(&kern);
}

#define MACHINE "kldload: /boot/modules/m.ko: Unsupported machine"

/* O-01, K-20, K-21: headers; both classes look, and both may say so. */
static void
headers_of_other_kinds_of_file(void **state)
{
	static const struct {
		const char *machine;
		enum kldsim_synth_kind kind;
		const char *field;
		uint64_t value;
		const char *lines[2];
	} rows[] = {
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_ident[0]", 0,
		    { NULL, NULL } },
		{ "i386", KLDSIM_SYNTH_REL, NULL, 0, { LAYOUT, LAYOUT } },
		{ "elf64be", KLDSIM_SYNTH_REL, NULL, 0, { LAYOUT, LAYOUT } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_ident[6]", 2,
		    { VERSION, VERSION } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_version", 0,
		    { VERSION, VERSION } },
		{ "arm64", KLDSIM_SYNTH_REL, NULL, 0,
		    { MACHINE, UNSUPPORTED("m.ko") } },
		{ "arm64", KLDSIM_SYNTH_DYN, NULL, 0, { MACHINE, NULL } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_type", 4,
		    { UNSUPPORTED("m.ko"), NULL } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_type", 0,
		    { UNSUPPORTED("m.ko"), NULL } },
		/* O-03 */
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_shnum", 0,
		    { UNSUPPORTED("m.ko"), NULL } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_shoff", 0,
		    { UNSUPPORTED("m.ko"), NULL } },
		{ "amd64", KLDSIM_SYNTH_REL, "ehdr.e_shentsize", 63,
		    { UNSUPPORTED("m.ko"), NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module =
		    kldsim_synth_new(rows[i].machine, rows[i].kind);
		struct kern kern;

		kern_start(&kern, R121);
		(void)module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8,
		    8);
		if (rows[i].field != NULL)
			kldsim_synth_override(module, rows[i].field,
			    rows[i].value);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_console(&kern, rows[i].lines[0], rows[i].lines[1]);
		assert_int_equal(find(&kern, "m.ko"), -1);
		kern_fini(&kern);
	}
}

/* O-05: contents, one symbol table, its strings. */
static void
files_that_lack_a_table(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
		const char *line;
	} rows[] = {
		{ "shdr[.data].sh_flags", KLDSIM_SYNTH_WRITE, "kldload: "
		    "/boot/modules/m.ko: file has no contents" },
		{ "shdr[.symtab].sh_type", 1, "kldload: /boot/modules/m.ko: "
		    "file must have exactly one symbol table" },
		{ "shdr[.symtab].sh_size", 0, "kldload: /boot/modules/m.ko: "
		    "file must have exactly one symbol table" },
		{ "shdr[.symtab].sh_link", 1, "kldload: /boot/modules/m.ko: "
		    "file has invalid symbol strings" },
		{ "shdr[.symtab].sh_link", 1000, "kldload: "
		    "/boot/modules/m.ko: file has invalid symbol strings" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = plain();
		struct kern kern;

		kern_start(&kern, R121);
		kldsim_synth_override(module, rows[i].field, rows[i].value);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_console(&kern, rows[i].line, UNSUPPORTED("m.ko"));
		kern_fini(&kern);
	}
}

/* K-01, K-21: paths that do not open. */
static void
paths_that_do_not_open(void **state)
{
	static const struct {
		const char *path;
		int error;
	} rows[] = {
		{ "/nonexistent/m.ko", FB_ENOENT },
		{ "/dev/null/m.ko", FB_ENOEXEC }, /* ENOTDIR */
		{ "/dev", FB_ENOEXEC },
		{ "/dev/null", FB_ENOEXEC },
	};
	char path[1100];
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(kldsim_kldload_path(kern.sim, rows[i].path,
		    &kern.result, &kern.error), KLDSIM_OK);
		assert_int_equal(kern.result.error, rows[i].error);
		assert_int_equal(kern.result.fileid, -1);
		assert_silent(&kern);
	}
	/* 1024 bytes with the NUL. */
	memset(path, '/', sizeof(path));
	path[1024] = '\0';
	assert_int_equal(kldsim_kldload_path(kern.sim, path, &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENAMETOOLONG);
	path[1023] = '\0';
	path[0] = 'x';
	assert_int_equal(kldsim_kldload_path(kern.sim, path, &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENOENT);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dependencies_in_set_order_with_references),
		cmocka_unit_test(a_file_does_not_depend_on_itself),
		cmocka_unit_test(a_missing_dependency_refuses_the_module),
		cmocka_unit_test(the_best_provider_is_taken),
		cmocka_unit_test(an_interface_can_be_provided_once),
		cmocka_unit_test(an_interface_twice_in_one_file_is_skipped),
		cmocka_unit_test(another_kernel_interface_is_taken_and_told),
		cmocka_unit_test(the_kernel_dependency_of_declare_module),
		cmocka_unit_test(ids_are_reused_as_the_counter_says),
		cmocka_unit_test(files_are_found_by_base_name),
		cmocka_unit_test(junk_is_refused_in_silence),
		cmocka_unit_test(a_short_file_is_as_the_page_behind_it),
		cmocka_unit_test(headers_of_other_kinds_of_file),
		cmocka_unit_test(files_that_lack_a_table),
		cmocka_unit_test(paths_that_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
