/* SPDX-License-Identifier: BSD-2-Clause */

/* The boot loader's own search for what preloads depend on (P-13 to P-16). */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support_alloc.h"
#include "support_preload.h"
#include "support_scratch.h"

#define PAGE 4096u

/* A folder of modules along which the loader searches. */
struct shelf {
	struct preloaded world;
	char folder[SCRATCH_PATH];
	char paths[8][SCRATCH_PATH + 32];
	unsigned npaths;
};

static void
shelf_init(struct shelf *shelf)
{
	memset(shelf, 0, sizeof(*shelf));
	scratch_folder(shelf->folder, "loader");
	preloaded_init(&shelf->world, R121);
	shelf->world.kern.options.module_path = shelf->folder;
	shelf->world.kern.options.preload_dependencies = true;
}

static void
shelf_fini(struct shelf *shelf)
{
	DIR *dir = opendir(shelf->folder);
	struct dirent *item;
	char path[2 * SCRATCH_PATH];

	assert_non_null(dir);
	while ((item = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", shelf->folder,
		    item->d_name);
		(void)unlink(path);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(shelf->folder), 0);
	preloaded_fini(&shelf->world);
}

/* The builder is freed. */
static const char *
shelf_put(struct shelf *shelf, struct kldsim_synth *module, const char *name)
{
	char *path = shelf->paths[shelf->npaths++];
	void *bytes;
	size_t size;
	FILE *file;

	assert_true(shelf->npaths <= 8);
	(void)snprintf(path, sizeof(shelf->paths[0]), "%s/%s", shelf->folder,
	    name);
	assert_int_equal(kldsim_synth_finish(module, &bytes, &size, NULL),
	    KLDSIM_OK);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(module);
	return path;
}

/* Provides its own name, and needs up to two others, in this order. */
static struct kldsim_synth *
node(const char *name, const char *first, const char *second)
{
	struct kldsim_synth *module = plain_module();

	if (first != NULL)
		kldsim_synth_mdt_depend(module, first, 1, 1, 1);
	if (second != NULL)
		kldsim_synth_mdt_depend(module, second, 1, 1, 1);
	kldsim_synth_mdt_version(module, name, 1);
	return module;
}

static void
shelf_boot(struct shelf *shelf)
{
	preloaded_boot(&shelf->world);
}

/* The file of a name, by its place behind the kernel in pages. */
static void
is_at(const struct shelf *shelf, const char *name, int fileid, unsigned page)
{
	int found;

	assert_int_equal(kldsim_kldfind(shelf->world.kern.sim, name, &found),
	    KLDSIM_OK);
	assert_int_equal(found, fileid);
	assert_hex(kern_stat(&shelf->world.kern, found).address,
	    KERN_BASE + page * PAGE);
}

/*
 * P-15: a file comes before what it depends on; its dependencies are kept last
 * first; each brings its own before the next.  a wants b and c, c wants d.
 */
static void
behind_the_file_and_last_first(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)shelf_put(&shelf, node("c", "d", NULL), "c.ko");
	(void)shelf_put(&shelf, node("d", NULL, NULL), "d.ko");
	preloaded_add(&shelf.world, node("a", "b", "c"), "a.ko");
	preloaded_add(&shelf.world, node("z", "b", NULL), "z.ko");
	shelf_boot(&shelf);
	assert_silent(&shelf.world.kern);
	assert_int_equal(preloaded_id(&shelf.world, 0), 2);
	assert_int_equal(preloaded_id(&shelf.world, 1), 6);
	is_at(&shelf, "a.ko", 2, 0);
	is_at(&shelf, "c.ko", 3, 1);
	is_at(&shelf, "d.ko", 4, 2);
	is_at(&shelf, "b.ko", 5, 3);
	is_at(&shelf, "z.ko", 6, 4);
	/* P-26 to P-28 do not know who asked for a file. */
	assert_deps(&shelf.world, 2, 1, 5, 3);
	assert_int_equal(kern_stat(&shelf.world.kern, 4).userrefs, 1);
	shelf_fini(&shelf);
}

/* Without the option the preloads are all there is (P-26). */
static void
not_unless_asked_for(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	shelf.world.kern.options.preload_dependencies = false;
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	shelf_boot(&shelf);
	assert_console(&shelf.world.kern,
	    "KLD file a.ko is missing dependencies");
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	shelf_fini(&shelf);
}

/* P-16: nothing of it stays, and the next file has its place and its id. */
static void
what_cannot_be_found_takes_the_file_along(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", "nothing", NULL), "b.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	preloaded_add(&shelf.world, node("c", NULL, NULL), "c.ko");
	shelf_boot(&shelf);
	assert_silent(&shelf.world.kern);
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	assert_int_equal(preloaded_id(&shelf.world, 1), 2);
	is_at(&shelf, "c.ko", 2, 0);
	/* Of b, and of a, which waited for it. */
	assert_int_equal(kern_findings(&shelf.world.kern, "dependency"), 2);
	assert_string_equal(kern_finding(&shelf.world.kern,
	    "dependency")->file, "b.ko");
	assert_non_null(strstr(kern_finding(&shelf.world.kern,
	    "dependency")->text, "wants nothing version 1 to 1, preferably "
	    "1; the boot loader: can't find it, no folder has a file for it"));
	assert_int_equal(kern_findings(&shelf.world.kern, "preload"), 0);
	shelf_fini(&shelf);
}

/*
 * P-16: b has been loaded when nothing is missed (the last dependency comes
 * first), so the loader's list leads to what is freed.
 */
static void
what_was_loaded_before_is_freed(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	preloaded_add(&shelf.world, node("a", "nothing", "b"), "a.ko");
	preloaded_add(&shelf.world, node("c", NULL, NULL), "c.ko");
	shelf_boot(&shelf);
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	is_at(&shelf, "c.ko", 2, 0);
	assert_int_equal(kern_findings(&shelf.world.kern, "preload"), 1);
	shelf_fini(&shelf);
}

/* P-15: a file of the module's name counts only if its version does. */
static void
a_version_that_does_not_fit(void **state)
{
	struct kldsim_synth *two = plain_module();
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	kldsim_synth_mdt_version(two, "b", 2);
	(void)shelf_put(&shelf, two, "b.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	shelf_boot(&shelf);
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	assert_non_null(strstr(kern_finding(&shelf.world.kern,
	    "dependency")->text, "it exists but with wrong version"));
	shelf_fini(&shelf);
}

/* P-15: the best version within the range does, the preferred one always. */
static void
versions_that_fit(void **state)
{
	struct kldsim_synth *a = plain_module(), *b = plain_module();
	struct kldsim_synth *c = plain_module();
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	kldsim_synth_mdt_version(b, "b", 2);
	(void)shelf_put(&shelf, b, "b.ko");
	kldsim_synth_mdt_version(c, "c", 9);
	(void)shelf_put(&shelf, c, "c.ko");
	kldsim_synth_mdt_depend(a, "b", 1, 5, 3);
	kldsim_synth_mdt_depend(a, "c", 1, 9, 3);
	preloaded_add(&shelf.world, a, "a.ko");
	shelf_boot(&shelf);
	(void)preloaded_id(&shelf.world, 0);
	is_at(&shelf, "c.ko", 3, 1);
	is_at(&shelf, "b.ko", 4, 2);
	shelf_fini(&shelf);
}

/* P-15: a module for another kernel is refused by the loader already. */
static void
a_module_for_another_kernel(void **state)
{
	struct kldsim_synth *module = module_new(R130);
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	kldsim_synth_declare_module(module, "m", kldsim_synth_func(module,
	    "handler"), 0x3100000, 0x1000000);
	preloaded_add(&shelf.world, module, "a.ko");
	preloaded_add(&shelf.world, module_node(NULL, "kernel", NULL), "b.ko");
	shelf_boot(&shelf);
	assert_silent(&shelf.world.kern);
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	/* Version 1 of the kernel is none either. */
	preloaded_refused(&shelf.world, 1, FB_ENOENT);
	shelf_fini(&shelf);
}

/* P-13, P-14: neither a path nor a module is loaded twice. */
static void
no_file_twice(void **state)
{
	struct shelf shelf;
	const char *b;

	(void)state;
	shelf_init(&shelf);
	b = shelf_put(&shelf, node("libb", NULL, NULL), "libb.ko");
	preloaded_add(&shelf.world, node("a", "libb", NULL), "a.ko");
	preloaded_add(&shelf.world, NULL, b);
	preloaded_add(&shelf.world, NULL, "libb");
	preloaded_add(&shelf.world, NULL, "kernel");
	shelf_boot(&shelf);
	assert_silent(&shelf.world.kern);
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(preloaded_id(&shelf.world, i), 3);
	preloaded_refused(&shelf.world, 3, FB_EEXIST);
	assert_int_equal(kern_findings(&shelf.world.kern, "loader-has-it"),
	    1);
	shelf_fini(&shelf);
}

/*
 * P-14: to the boot loader a shared object without a version is version 1 of
 * its own name: nobody looks for another.  The kernel knows of no such thing.
 */
static void
a_shared_object_without_a_version(void **state)
{
	struct kldsim_synth *b = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	struct shelf shelf;
	int found;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)kldsim_synth_func(b, "f");
	(void)kldsim_synth_mdt_module(b, "b", 0, 0); /* P-12 */
	preloaded_add(&shelf.world, b, "/boot/modules/b.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	shelf_boot(&shelf);
	/* Loaded from where it was said, and once. */
	assert_int_equal(kldsim_kldfind(shelf.world.kern.sim, "b.ko", &found),
	    KLDSIM_OK);
	assert_string_equal(kern_stat(&shelf.world.kern, found).path,
	    "/boot/modules/b.ko");
	preloaded_refused(&shelf.world, 1, FB_ENOENT);
	shelf_fini(&shelf);
}

/* P-13: NAME.ko comes before NAME, other than in the kernel (K-11). */
static void
the_suffix_comes_first(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("other", NULL, NULL), "b");
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	shelf_boot(&shelf);
	(void)preloaded_id(&shelf.world, 0);
	is_at(&shelf, "b.ko", 3, 1);
	shelf_fini(&shelf);
}

/* H-10, P-13: linker.hints leads from a module to its file, as it is named. */
static void
hints_lead_to_the_file(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "other.ko");
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	assert_int_equal(kldsim_hints_write(shelf.folder, NULL, NULL, NULL),
	    KLDSIM_OK);
	shelf_boot(&shelf);
	assert_silent(&shelf.world.kern);
	(void)preloaded_id(&shelf.world, 0);
	is_at(&shelf, "other.ko", 3, 1);
	shelf_fini(&shelf);
}

/* a waits for b and b for c, which waits for nobody: two files wait. */
static const char *
shelf_put_chain(struct shelf *shelf, unsigned depth)
{
	shelf_init(shelf);
	shelf->world.kern.options.limits.depth = depth;
	(void)shelf_put(shelf, node("c", NULL, NULL), "c.ko");
	(void)shelf_put(shelf, node("b", "c", NULL), "b.ko");
	return shelf_put(shelf, node("a", "b", NULL), "a.ko");
}

static void
assert_limited(const struct kern *kern, enum kldsim_status status,
    unsigned depth)
{
	assert_int_equal(status, depth == 1 ? KLDSIM_LIMIT : KLDSIM_OK);
	if (depth == 1)
		assert_non_null(strstr(kern->error.text,
		    ": 2, over the limit depth=1"));
}

/* P-16: in the boot loader, which calls itself: the limit ends it. */
static void
chains_have_a_limit(void **state)
{
	(void)state;
	for (unsigned depth = 1; depth < 3; depth++) {
		struct shelf shelf;

		(void)shelf_put_chain(&shelf, depth);
		preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
		assert_limited(&shelf.world.kern,
		    preloaded_try_boot(&shelf.world), depth);
		shelf_fini(&shelf);
	}
}

/* K-30: of kldload alike, which the kernel does by calling itself. */
static void
chains_of_kldload_have_a_limit(void **state)
{
	(void)state;
	for (unsigned depth = 1; depth < 3; depth++) {
		struct shelf shelf;
		struct kern *kern = &shelf.world.kern;
		const char *a = shelf_put_chain(&shelf, depth);

		kern_boot(kern);
		assert_limited(kern, kldsim_kldload(kern->sim, a,
		    &kern->result, &kern->error), depth);
		shelf_fini(&shelf);
	}
}

/* Files that a file needs do not wait for each other. */
static void
those_beside_each_other_have_none(void **state)
{
	struct shelf shelf;
	struct kern *kern = &shelf.world.kern;
	const char *a;

	(void)state;
	shelf_init(&shelf);
	kern->options.limits.depth = 1;
	(void)shelf_put(&shelf, node("c", NULL, NULL), "c.ko");
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	a = shelf_put(&shelf, node("a", "b", "c"), "a.ko");
	kern_boot(kern);
	assert_int_equal(kldsim_kldload(kern->sim, a, &kern->result,
	    &kern->error), KLDSIM_OK);
	assert_int_equal(kern->result.error, 0);
	shelf_fini(&shelf);
}

/*
 * V-09: a file is told of when it goes for good, its dependencies gone before
 * it; later releases tell of it first.
 */
static void
a_file_and_what_it_brought_go(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *gone[2];
	} rows[] = {
		{ R121, { "b.ko", "a.ko" } }, { R150, { "b.ko", "a.ko" } },
		{ 1600026, { "a.ko", "b.ko" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shelf shelf;
		struct kern *kern = &shelf.world.kern;
		const char *a;
		size_t n = 0;

		shelf_init(&shelf);
		kern->options.osreldate = rows[i].osreldate;
		(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
		a = shelf_put(&shelf, node("a", "b", NULL), "a.ko");
		kern_boot(kern);
		assert_int_equal(kldsim_kldload(kern->sim, a, &kern->result,
		    &kern->error), KLDSIM_OK);
		assert_int_equal(kern->result.error, 0);
		kern_unload(kern, kern->result.fileid);
		for (size_t e = 0; e < kldsim_event_count(kern->sim); e++) {
			const struct kldsim_event *event =
			    kldsim_event_at(kern->sim, e);

			if (event->kind != KLDSIM_EVENT_KLD_UNLOAD)
				continue;
			assert_true(n < 2);
			assert_string_equal(event->file, rows[i].gone[n++]);
		}
		assert_int_equal(n, 2);
		shelf_fini(&shelf);
	}
}

/* P-14: the list grows by eight; each file has a page of its own (P-10). */
static void
many_files(void **state)
{
	static const char *const names[] = { "m0.ko", "m1.ko", "m2.ko",
		"m3.ko", "m4.ko", "m5.ko", "m6.ko", "m7.ko" };
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)shelf_put(&shelf, node("c", NULL, NULL), "c.ko");
	for (size_t i = 0; i < 8; i++)
		preloaded_add(&shelf.world, node(names[i], i == 7 ? "b" :
		    NULL, i == 7 ? "c" : NULL), names[i]);
	shelf_boot(&shelf);
	for (unsigned i = 0; i < 8; i++)
		is_at(&shelf, names[i], (int)i + 2, i);
	is_at(&shelf, "c.ko", 10, 8);
	is_at(&shelf, "b.ko", 11, 9);
	shelf_fini(&shelf);
}

/* P-14: the kernel is a file of the list like any other. */
static void
the_kernels_own_path(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	preloaded_add(&shelf.world, node("a", NULL, NULL), "kernel");
	preloaded_add(&shelf.world, node("a", NULL, NULL), "a.ko");
	shelf_boot(&shelf);
	preloaded_refused(&shelf.world, 0, FB_EEXIST);
	is_at(&shelf, "a.ko", 2, 0);
	shelf_fini(&shelf);
}

/* P-15: a relocatable file without metadata has no module at all. */
static void
no_metadata(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	preloaded_add(&shelf.world, plain_module(), "plain.ko");
	preloaded_add(&shelf.world, node("a", "plain", NULL), "a.ko");
	shelf_boot(&shelf);
	is_at(&shelf, "plain.ko", 2, 0);
	preloaded_refused(&shelf.world, 1, FB_ENOENT);
	assert_non_null(strstr(kern_finding(&shelf.world.kern,
	    "dependency")->text, "can't find it"));
	shelf_fini(&shelf);
}

/*
 * P-15: a wants b, c and d, but the numbers of c lie outside the file, in the
 * kernel's memory.  FIDELITY: here nothing behind them is looked at, where the
 * loader takes for numbers what it finds.  The kernel then misses c (P-26).
 */
static void
numbers_outside_the_file(void **state)
{
	struct kldsim_synth *a = plain_module();
	struct shelf shelf;
	void *bytes;
	size_t size;
	int found;

	(void)state;
	shelf_init(&shelf);
	(void)kldsim_synth_object(shelf.world.kern.synth, "numbers",
	    "\1\0\0\0\1\0\0\0\1\0\0\0", 12, 4);
	/* So that numbers has its address. */
	assert_int_equal(kldsim_synth_finish(shelf.world.kern.synth, &bytes,
	    &size, NULL), KLDSIM_OK);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_mdt_depend(a, "b", 1, 1, 1);
	(void)kldsim_synth_mdt(a, "c", 1, kldsim_synth_symbol(a, "outside",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS,
	    kern_symbol(&shelf.world.kern, "numbers"), 12), "c");
	kldsim_synth_mdt_depend(a, "d", 1, 1, 1);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)shelf_put(&shelf, node("d", NULL, NULL), "d.ko");
	preloaded_add(&shelf.world, a, "a.ko");
	shelf_boot(&shelf);
	preloaded_refused(&shelf.world, 0, FB_ENOENT);
	assert_console(&shelf.world.kern,
	    "KLD file a.ko is missing dependencies");
	assert_int_equal(kldsim_kldfind(shelf.world.kern.sim, "b.ko", &found),
	    KLDSIM_OK);
	assert_int_equal(kldsim_kldfind(shelf.world.kern.sim, "d.ko", &found),
	    KLDSIM_NOENT);
	shelf_fini(&shelf);
}

/* P-13: slashes at the end of a folder's name are no part of a path. */
static void
slashes_at_the_end(void **state)
{
	struct shelf shelf;
	char path[SCRATCH_PATH + 3];
	const char *b;

	(void)state;
	shelf_init(&shelf);
	b = shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)snprintf(path, sizeof(path), "%s///", shelf.folder);
	shelf.world.kern.options.module_path = path;
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	shelf_boot(&shelf);
	is_at(&shelf, "b.ko", 3, 1);
	assert_string_equal(kern_stat(&shelf.world.kern, 3).path, b);
	shelf_fini(&shelf);
}

/* Z-61: a record of linker.hints that is its own next: no loader returns. */
static void
hints_without_an_end(void **state)
{
	/* The version; a length of -4, and of a type that is no version's. */
	static const unsigned char hints[] = { 1, 0, 0, 0, 0xfc, 0xff, 0xff,
		0xff, 2, 0, 0, 0 };
	struct shelf shelf;
	char path[SCRATCH_PATH + 16];
	FILE *file;

	(void)state;
	shelf_init(&shelf);
	(void)snprintf(path, sizeof(path), "%s/linker.hints", shelf.folder);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(hints, 1, sizeof(hints), file),
	    sizeof(hints));
	assert_int_equal(fclose(file), 0);
	preloaded_add(&shelf.world, node("a", "b", NULL), "a.ko");
	preloaded_dies(&shelf.world, "(Z-61)");
	shelf_fini(&shelf);
}

/* Whatever request is refused, all memory is given back. */
static void
boots_without_memory(void **state)
{
	enum kldsim_status status = KLDSIM_NOMEM;
	struct support_alloc alloc;
	struct shelf shelf;

	(void)state;
	shelf_init(&shelf);
	(void)shelf_put(&shelf, node("b", NULL, NULL), "b.ko");
	(void)shelf_put(&shelf, node("c", NULL, NULL), "c.ko");
	preloaded_add(&shelf.world, node("a", "b", "c"), "a.ko");
	preloaded_add(&shelf.world, node("d", "nothing", "c"), "d.ko");
	shelf.world.kern.options.allocator = support_allocator(&alloc);
	for (long at = 0; status != KLDSIM_OK; at++) {
		support_alloc_init(&alloc, at);
		status = preloaded_try_boot(&shelf.world);
		assert_true(status == KLDSIM_OK || status == KLDSIM_NOMEM);
		if (status != KLDSIM_OK)
			assert_int_equal(alloc.live, 0);
		else
			preloaded_refused(&shelf.world, 1, FB_ENOENT);
	}
	assert_int_equal(alloc.failed, 0);
	shelf_fini(&shelf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_the_file_and_last_first),
		cmocka_unit_test(not_unless_asked_for),
		cmocka_unit_test(what_cannot_be_found_takes_the_file_along),
		cmocka_unit_test(what_was_loaded_before_is_freed),
		cmocka_unit_test(a_version_that_does_not_fit),
		cmocka_unit_test(versions_that_fit),
		cmocka_unit_test(a_module_for_another_kernel),
		cmocka_unit_test(no_file_twice),
		cmocka_unit_test(a_shared_object_without_a_version),
		cmocka_unit_test(the_suffix_comes_first),
		cmocka_unit_test(hints_lead_to_the_file),
		cmocka_unit_test(chains_have_a_limit),
		cmocka_unit_test(chains_of_kldload_have_a_limit),
		cmocka_unit_test(those_beside_each_other_have_none),
		cmocka_unit_test(a_file_and_what_it_brought_go),
		cmocka_unit_test(many_files),
		cmocka_unit_test(the_kernels_own_path),
		cmocka_unit_test(no_metadata),
		cmocka_unit_test(numbers_outside_the_file),
		cmocka_unit_test(slashes_at_the_end),
		cmocka_unit_test(hints_without_an_end),
		cmocka_unit_test(boots_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
