/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Archives as a place where files come from: their members and links, what is
 * left out of them, what of a hostile one is believed, and a kernel that is
 * loaded from one.
 */

#include "support_source.h"

#include <pthread.h>

#include "support_tar.h"

#include <fcntl.h>

static struct tar tar;
static struct kldsim_source *source;
static char place[512];

static void
begin(void)
{
	folder_open(&folder);
	memset(&tar, 0, sizeof(tar));
}

static void
write_tar(const char *name)
{
	write_file(&folder, name, tar.bytes, tar.size);
	(void)path_in(&folder, name, place);
}

/* What there is in the tar so far, as a.tar of a new source. */
static void
open_tar(void)
{
	tar_end(&tar);
	write_tar("a.tar");
	source = source_new(NULL, false);
}

static void
end(void)
{
	kldsim_source_unref(source);
	free(tar.bytes);
	folder_close(&folder);
}

/* A path in the archive. */
static const char *
in(const char *inside)
{
	static char path[2][2048];
	static int which;

	which = !which;
	(void)snprintf(path[which], sizeof(path[which]), "%s:%s", place,
	    inside);
	return path[which];
}

/* The status with which the archive opens. */
static enum kldsim_status
opens(void)
{
	struct kldsim_source_file file;

	memset(&error, 0, sizeof(error));
	return kldsim_source_stat(source, in(""), &file, &error);
}

/* --- members --- */

static void
members_by_their_paths(void **state)
{
	(void)state;
	begin();
	tar_header(&tar, "./", TAR_FOLDER, 0, NULL);
	tar_text(&tar, "./boot/b.ko", "old");
	tar_text(&tar, "/boot/modules/a.ko", "aaaa"); /* as pkg(8) has it */
	tar_text(&tar, "boot//c.d/./c.ko", "cc");
	tar_header(&tar, "empty/", TAR_FOLDER, 0, NULL);
	tar_text(&tar, "boot/b.ko", "newer"); /* tar(1) replaces it */
	tar_text(&tar, "+MANIFEST", "");
	open_tar();
	assert_string_equal(list(source, in("")),
	    "+MANIFEST f0 boot/ empty/ ");
	assert_string_equal(list(source, in("boot")),
	    "b.ko f5 c.d/ modules/ ");
	assert_string_equal(list(source, in("/boot/modules/")), "a.ko f4 ");
	assert_string_equal(list(source, in("empty")), "");
	assert_string_equal(list(source, in("boot/b.ko")), strerror(ENOTDIR));
	assert_string_equal(what(source, in("boot/../boot//b.ko")),
	    "b.ko f5");
	assert_string_equal(what(source, in("")), "folder");
	assert_string_equal(what(source, in("boot/none")), strerror(ENOENT));
	assert_string_equal(what(source, in("../boot/b.ko")),
	    strerror(ENOENT));
	assert_string_equal(contents(source, in("boot")), strerror(EISDIR));
	/* The archive itself is a file as any other. */
	assert_string_equal(what(source, place), "a.tar f6656");
	assert_null(kldsim_source_remark(source, 0));
	end();
}

/* A name without a slash gets one, so that its base name is its own. */
static void
images_are_named_by_their_place(void **state)
{
	char want[600];

	(void)state;
	begin();
	tar_text(&tar, "./boot/a.ko", "aaaa");
	tar_text(&tar, "top.ko", "top");
	open_tar();
	(void)snprintf(want, sizeof(want), "%s:boot/a.ko, 4 bytes", place);
	assert_string_equal(contents(source, in("/boot/./a.ko")), want);
	(void)snprintf(want, sizeof(want), "%s:/top.ko, 3 bytes", place);
	assert_string_equal(contents(source, in("top.ko")), want);
	assert_string_equal(contents(source, in("/top.ko")), want);
	end();
}

/* What is no file of a kernel's is read when it is asked for. */
static void
other_members_are_read_again(void **state)
{
	static unsigned char large[700000];
	struct kldsim_image *image;

	(void)state;
	begin();
	memset(large, 0x5a, sizeof(large));
	tar_text(&tar, "boot/a.ko", "aaaa");
	tar_file(&tar, "share/large", large, sizeof(large));
	tar_text(&tar, "share/small", "small");
	open_tar();
	assert_non_null(strstr(contents(source, in("share/large")),
	    ":share/large, 700000 bytes"));
	assert_non_null(strstr(contents(source, in("share/small")),
	    ":share/small, 5 bytes"));
	assert_int_equal(kldsim_source_image(source, in("share/small"),
	    &image, &error), KLDSIM_OK);
	kldsim_source_unref(source);
	source = NULL;
	/* An image outlives its source. */
	kldsim_image_unref(image);
	end();
}

/* What is one is kept, and is the same each time. */
static void
a_kernels_members_are_kept(void **state)
{
	struct kldsim_image *images[2];

	(void)state;
	begin();
	tar_text(&tar, "boot/kernel/linker.hints", "hints");
	open_tar();
	for (int i = 0; i < 2; i++)
		assert_int_equal(kldsim_source_image(source,
		    in("boot/kernel/linker.hints"), &images[i], &error),
		    KLDSIM_OK);
	assert_ptr_equal(images[0], images[1]);
	kldsim_image_unref(images[0]);
	kldsim_image_unref(images[1]);
	end();
}

static void
links_are_followed_inside(void **state)
{
	(void)state;
	begin();
	tar_text(&tar, "boot/kernel.GENERIC/a.ko", "aaaa");
	tar_header(&tar, "boot/kernel", TAR_LINK, 0, "kernel.GENERIC");
	tar_header(&tar, "boot/kernel.GENERIC/b.ko", TAR_LINK, 0,
	    "../kernel/./a.ko");
	tar_header(&tar, "abs", TAR_LINK, 0, "/boot/kernel/b.ko");
	tar_header(&tar, "boot/c.ko", TAR_HARD_LINK, 0,
	    "./boot/kernel.GENERIC/a.ko");
	tar_header(&tar, "loop", TAR_LINK, 0, "pool");
	tar_header(&tar, "pool", TAR_LINK, 0, "./loop");
	tar_header(&tar, "out", TAR_LINK, 0, "../../../../etc/passwd");
	tar_header(&tar, "lost", TAR_HARD_LINK, 0, "nothing");
	tar_header(&tar, "self", TAR_HARD_LINK, 0, "self");
	open_tar();
	assert_string_equal(what(source, in("boot/kernel")), "folder");
	assert_string_equal(what(source, in("boot/kernel/a.ko")), "a.ko f4");
	assert_string_equal(what(source, in("boot/kernel/b.ko")), "b.ko f4");
	assert_string_equal(what(source, in("abs")), "abs f4");
	assert_string_equal(what(source, in("boot/c.ko")), "c.ko f4");
	assert_non_null(strstr(contents(source, in("abs")), ", 4 bytes"));
	assert_string_equal(what(source, in("loop")), strerror(ELOOP));
	assert_string_equal(contents(source, in("loop/x")), strerror(ELOOP));
	assert_string_equal(what(source, in("out")), strerror(ENOENT));
	assert_string_equal(what(source, in("lost")), strerror(ENOENT));
	assert_string_equal(what(source, in("self")), strerror(ELOOP));
	/* A link is a link in a list, and another name is a file. */
	assert_string_equal(list(source, in("boot")),
	    "c.ko f4 kernel l0 kernel.GENERIC/ ");
	assert_string_equal(list(source, in("boot/kernel/")),
	    "a.ko f4 b.ko l0 ");
	end();
}

static void
what_leads_out_is_left_out(void **state)
{
	char name[101], want[128];
	const char *remark;

	(void)state;
	begin();
	tar_text(&tar, "../evil.ko", "evil");
	tar_text(&tar, "boot/../../evil.ko", "evil");
	tar_text(&tar, "boot/../fine.ko", "fine"); /* nor does tar(1) */
	tar_header(&tar, "boot/null", TAR_DEVICE, 0, NULL);
	tar_header(&tar, "boot/hard.ko", TAR_HARD_LINK, 0, "../evil.ko");
	tar_text(&tar, "boot/good.ko", "good");
	memset(name, 'n', 100);
	name[100] = '\0';
	tar_text(&tar, name, "long");
	open_tar();
	assert_string_equal(list(source, in("boot")), "good.ko f4 ");
	assert_string_equal(what(source, in("fine.ko")), strerror(ENOENT));
	(void)snprintf(want, sizeof(want), "%s f4", name);
	assert_string_equal(what(source, in(name)), want);
	remark = kldsim_source_remark(source, 0);
	assert_non_null(remark);
	assert_non_null(strstr(remark, "a.tar: ../evil.ko is left out: its "
	    "name leads out of the archive; and 4 others"));
	assert_null(kldsim_source_remark(source, 1));
	end();
}

/* --- names of places --- */

static void
one_of_its_kind_needs_no_name(void **state)
{
	const char *path;

	(void)state;
	begin();
	tar_text(&tar, "boot/modules/a.ko", "aaaa");
	tar_text(&tar, "share/.ko", "no module");
	tar_text(&tar, "share/a.ko.debug", "nor this");
	open_tar();
	assert_int_equal(kldsim_source_module(source, place, &path, &error),
	    KLDSIM_OK);
	assert_string_equal(path, in("boot/modules/a.ko"));
	assert_int_equal(kldsim_source_folder(source, place, &path, &error),
	    KLDSIM_OK);
	assert_string_equal(path, in("boot/modules"));
	/* Other names are as good as they are. */
	assert_int_equal(kldsim_source_module(source, "a.ko", &path, &error),
	    KLDSIM_OK);
	assert_string_equal(path, "a.ko");
	assert_int_equal(kldsim_source_folder(source, folder.path, &path,
	    &error), KLDSIM_OK);
	assert_string_equal(path, folder.path);
	assert_int_equal(kldsim_source_folder(source, in("boot"), &path,
	    &error), KLDSIM_OK);
	assert_string_equal(path, in("boot"));
	end();
}

static void
of_several_one_is_named(void **state)
{
	struct kldsim_image *image;
	const char *path;

	(void)state;
	begin();
	tar_text(&tar, "boot/a.ko", "aaaa");
	tar_text(&tar, "boot/sub/b.ko", "bbbb");
	tar_text(&tar, "boot/c.ko", "cccc");
	tar_text(&tar, "boot/d.ko", "dddd");
	tar_text(&tar, "boot/kernel/kernel", "k");
	tar_text(&tar, "boot/kernel.old/kernel.gz", "k");
	open_tar();
	assert_int_equal(kldsim_source_module(source, place, &path, &error),
	    KLDSIM_ARG);
	assert_non_null(strstr(error.text, "more than one module is in it; "
	    "name one: "));
	assert_non_null(strstr(error.text, in("boot/a.ko, ")));
	assert_non_null(strstr(error.text, in("boot/d.ko, ...")));
	assert_int_equal(kldsim_source_folder(source, place, &path, &error),
	    KLDSIM_ARG);
	assert_non_null(strstr(error.text, in("boot, ")));
	assert_non_null(strstr(error.text, in("boot/sub")));
	assert_null(strstr(error.text, "..."));
	assert_int_equal(kldsim_source_kernel(source, place, &image, &error),
	    KLDSIM_ARG);
	assert_non_null(strstr(error.text, in("boot/kernel.old/kernel.gz")));
	end();
}

static void
places_without(void **state)
{
	struct kldsim_image *image;
	const char *path;

	(void)state;
	begin();
	tar_text(&tar, "top.ko", "t");
	tar_header(&tar, "boot/kernel", TAR_FOLDER, 0, NULL);
	open_tar();
	assert_int_equal(kldsim_source_kernel(source, place, &image, &error),
	    KLDSIM_SYS);
	assert_non_null(strstr(error.text, "an archive without a kernel"));
	assert_int_equal(kldsim_source_kernel(source, in("boot/kernel"),
	    &image, &error), KLDSIM_SYS);
	assert_non_null(strstr(error.text, "a folder without a kernel"));
	assert_int_equal(kldsim_source_kernel(source, in("kernel"), &image,
	    &error), KLDSIM_SYS);
	/* The archive's root is a folder as well. */
	assert_int_equal(kldsim_source_folder(source, place, &path, &error),
	    KLDSIM_OK);
	assert_string_equal(path, in("/"));
	assert_int_equal(kldsim_source_module(source, in("top.ko"), &path,
	    &error), KLDSIM_OK);
	assert_string_equal(path, in("/top.ko"));
	end();
	begin();
	tar_text(&tar, "README", "text");
	open_tar();
	assert_int_equal(kldsim_source_module(source, place, &path, &error),
	    KLDSIM_SYS);
	assert_non_null(strstr(error.text, "an archive without modules"));
	end();
}

/* Where nothing is packed a colon is a letter like any other. */
static void
colons_in_names(void **state)
{
	(void)state;
	begin();
	tar_text(&tar, "a.ko", "a");
	open_tar();
	write_text("b:c.ko", "bytes");
	write_tar("d:e.tar");
	(void)path_in(&folder, "b:c.ko", place);
	assert_string_equal(what(source, place), "b:c.ko f5");
	(void)path_in(&folder, "b", place);
	assert_string_equal(what(source, in("d.ko")), strerror(ENOENT));
	(void)path_in(&folder, "d:e.tar", place);
	assert_string_equal(what(source, in("a.ko")), "a.ko f1");
	assert_string_equal(what(NULL, in("a.ko")), strerror(ENOENT));
	end();
}

/* --- hostile ones --- */

/* Cut off anywhere: an error, or as many members as there are. */
static void
archives_that_are_cut_off(void **state)
{
	static const char bytes[2000] = "\177ELF";
	size_t whole, broken = 0;

	(void)state;
	begin();
	tar_file(&tar, "a.ko", bytes, sizeof(bytes));
	tar_file(&tar, "b.ko", bytes, sizeof(bytes));
	tar_text(&tar, "c.txt", "text");
	whole = tar.size;
	for (size_t size = 512; size < whole; size += 100) {
		enum kldsim_status status;

		tar.size = size;
		write_tar("a.tar");
		source = source_new(NULL, false);
		status = opens();
		if (status == KLDSIM_MALFORMED) {
			assert_non_null(strstr(error.text,
			    "a.tar: damaged or cut off, behind "));
			broken++;
		} else {
			/* tar(1) takes an end between two members. */
			assert_int_equal(status, KLDSIM_OK);
		}
		kldsim_source_unref(source);
	}
	source = NULL;
	assert_true(broken * 100 > (whole - 3 * 512) * 9 / 10);
	end();
}

/* What is said of a size is not what is asked of the host. */
static void
sizes_that_are_not_there(void **state)
{
	static const unsigned long long sizes[] = { 1u << 30, 3u << 30,
		(5ull << 30), 077777777777 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin();
		tar_header(&tar, "a.ko", TAR_FILE, sizes[i], NULL);
		tar_bytes(&tar, "\177ELF\2\1\1", 7);
		open_tar();
		if (sizes[i] > 4ull << 30) {
			assert_int_equal(opens(), KLDSIM_LIMIT);
			assert_non_null(strstr(error.text,
			    "archive_bytes=4294967296"));
		} else
			assert_int_equal(opens(), KLDSIM_MALFORMED);
		end();
	}
}

static enum kldsim_status
with_limit(const char *name, uint64_t value)
{
	struct kldsim_source_options options;
	enum kldsim_status status;

	kldsim_source_options_init(&options, sizeof(options));
	assert_int_equal(kldsim_limit_set(&options.limits, name, value),
	    KLDSIM_OK);
	assert_int_equal(kldsim_source_new(&options, &source, &error),
	    KLDSIM_OK);
	status = opens();
	kldsim_source_unref(source);
	source = NULL;
	return status;
}

/* Each limit is reached by one more than it allows. */
static void
limits_of_an_archive(void **state)
{
	(void)state;
	begin();
	tar_text(&tar, "a.ko", "aaaa");
	tar_text(&tar, "b.ko", "bb");
	tar_text(&tar, "c.ko", "");
	tar_end(&tar);
	write_tar("a.tar");
	/* A header and a block each, but for the last: 5 blocks. */
	assert_int_equal(with_limit("archive_bytes", 5 * 512), KLDSIM_OK);
	assert_int_equal(with_limit("archive_bytes", 5 * 512 - 1),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "over the limit archive_bytes="));
	assert_int_equal(with_limit("archive_members", 3), KLDSIM_OK);
	assert_int_equal(with_limit("archive_members", 2), KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "a.tar: more than 2 members are "
	    "in it, over the limit archive_members=2"));
	end();
	/* Folders that only paths speak of count as well. */
	begin();
	tar_text(&tar, "a/b/c/d/e/f/g/h.ko", "x");
	tar_end(&tar);
	write_tar("a.tar");
	/* The root, seven folders and the file. */
	assert_int_equal(with_limit("archive_members", 9), KLDSIM_OK);
	assert_int_equal(with_limit("archive_members", 8), KLDSIM_LIMIT);
	end();
}

/* --- a kernel --- */

static void
tar_module(const char *name, struct kldsim_synth *module)
{
	void *bytes;
	size_t size;

	if (kldsim_synth_finish(module, &bytes, &size, &error) != KLDSIM_OK)
		fail_msg("%s: %s", name, error.text);
	tar_file(&tar, name, bytes, size);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(module);
}

static void
a_kernel_loads_from_an_archive(void **state)
{
	const char *modules;
	struct kern kern;
	int id;

	(void)state;
	begin();
	tar_module("boot/modules/user.ko", user("library"));
	tar_module("boot/modules/library.ko", provider("library"));
	open_tar();
	assert_int_equal(kldsim_source_folder(source, place, &modules,
	    &error), KLDSIM_OK);
	kern_init(&kern, R121);
	kern.options.module_path = modules;
	kern.options.source = source;
	kern_boot(&kern);
	assert_int_equal(kldsim_kldload(kern.sim, "user", &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	assert_string_equal(kern_stat(&kern, kern.result.fileid).path,
	    in("boot/modules/user.ko"));
	assert_int_equal(kldsim_kldfind(kern.sim, "library.ko", &id),
	    KLDSIM_OK);
	/* The package itself is for nobody but us. */
	assert_int_equal(kldsim_kldload_path(kern.sim, place, &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENOEXEC);
	kern_fini(&kern);
	end();
}

/* A broken archive on the path is the host's failure, not the kernel's answer. */
static void
a_search_in_a_broken_archive(void **state)
{
	struct kern kern;

	(void)state;
	begin();
	tar_module("boot/modules/user.ko", user("library"));
	open_tar();
	tar.size = 700;
	write_tar("a.tar");
	kern_init(&kern, R121);
	kern.options.module_path = in("boot/modules");
	kern.options.source = source;
	kern_boot(&kern);
	assert_int_equal(kldsim_kldload(kern.sim, "user", &kern.result,
	    &kern.error), KLDSIM_MALFORMED);
	assert_non_null(strstr(kern.error.text, "damaged or cut off"));
	kern_fini(&kern);
	end();
}

/* --- threads --- */

#define THREADS 8

static void *
look(void *user)
{
	struct kldsim_source_file file;
	struct kldsim_image *image;
	bool *good = user;
	char path[600];

	*good = true;
	for (int i = 0; i < 50 && *good; i++) {
		(void)snprintf(path, sizeof(path), "%s:%s", place,
		    i % 2 ? "boot/a.ko" : "share/text");
		*good = kldsim_source_stat(source, path, &file, NULL) ==
		    KLDSIM_OK && kldsim_source_image(source, path, &image,
		    NULL) == KLDSIM_OK;
		if (*good)
			kldsim_image_unref(image);
	}
	return NULL;
}

static void
many_threads_open_one_archive(void **state)
{
	pthread_t threads[THREADS];
	bool good[THREADS];

	(void)state;
	begin();
	tar_text(&tar, "boot/a.ko", "\177ELF");
	tar_text(&tar, "share/text", "text");
	open_tar();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, look,
		    &good[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(good[i]);
	}
	end();
}

/* Of a source that opens nothing else; what that takes, cli.sandbox sees. */
static void
an_archive_in_an_open_folder(void **state)
{
	struct kldsim_source_folder here;

	(void)state;
	begin();
	tar_text(&tar, "boot/a.ko", "\177ELF");
	open_tar();
	kldsim_source_prepare();
	here = (struct kldsim_source_folder){ .path = folder.path,
		.fd = open(folder.path, O_RDONLY | O_DIRECTORY) };
	assert_int_equal(kldsim_source_confine(source, "/", &here, 1, &error),
	    KLDSIM_OK);
	assert_string_equal(list(source, in("boot")), "a.ko f4 ");
	assert_string_equal(what(source, in("boot/a.ko")), "a.ko f4");
	assert_string_equal(what(source, in("b.ko")), strerror(ENOENT));
	(void)close(here.fd);
	end();
}

/* A build may be without libarchive; then it says so, and that is all. */
static bool
reads_archives(void)
{
	enum kldsim_status status;

	begin();
	tar_text(&tar, "a.ko", "a");
	open_tar();
	status = opens();
	if (status == KLDSIM_UNSUPPORTED &&
	    strstr(error.text, "libarchive-dev") == NULL)
		fail_msg("%s", error.text);
	end();
	return status != KLDSIM_UNSUPPORTED;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_by_their_paths),
		cmocka_unit_test(images_are_named_by_their_place),
		cmocka_unit_test(other_members_are_read_again),
		cmocka_unit_test(a_kernels_members_are_kept),
		cmocka_unit_test(links_are_followed_inside),
		cmocka_unit_test(what_leads_out_is_left_out),
		cmocka_unit_test(one_of_its_kind_needs_no_name),
		cmocka_unit_test(of_several_one_is_named),
		cmocka_unit_test(places_without),
		cmocka_unit_test(colons_in_names),
		cmocka_unit_test(archives_that_are_cut_off),
		cmocka_unit_test(sizes_that_are_not_there),
		cmocka_unit_test(limits_of_an_archive),
		cmocka_unit_test(a_kernel_loads_from_an_archive),
		cmocka_unit_test(a_search_in_a_broken_archive),
		cmocka_unit_test(many_threads_open_one_archive),
		cmocka_unit_test(an_archive_in_an_open_folder),
	};

	if (!reads_archives()) {
		printf("skipped: built without libarchive\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
