/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A source that opens files below some folders alone.  The process is in another
 * folder meanwhile, and each expected answer is that of the host's own open(2)
 * for the same path, or that there is none.
 */

#include "support_source.h"

#include "source/source.h"

#include <fcntl.h>
#include <unistd.h>

#define NFOLDERS 4

/*
 * kernel/k, modules/m and secret/s; "link" leads to kernel; links in kernel lead
 * to each of the others, one with a slash in front.
 */
static struct {
	struct kldsim_source *source;
	struct kldsim_source_folder folders[NFOLDERS];
	char kernel[512], modules[512];
	int before; /* where the process was */
} test;

static void
link_in_kernel(const char *name, const char *target)
{
	char path[512], inside[64];

	(void)snprintf(inside, sizeof(inside), "kernel/%s", name);
	assert_int_equal(symlink(target, path_in(&folder, inside, path)), 0);
}

static void
make_files(void)
{
	static const char *const folders[] = { "kernel", "modules", "secret" };
	char path[512];

	folder_open(&folder);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mkdir(path_in(&folder, folders[i], path),
		    0700), 0);
	write_text("kernel/k", "kernel");
	write_text("modules/m", "mod");
	write_text("secret/s", "?");
	assert_int_equal(symlink("kernel", path_in(&folder, "link", path)), 0);
	link_in_kernel("there", "../modules/m");
	link_in_kernel("rooted", path_in(&folder, "modules/m", path));
	link_in_kernel("out", "../secret/s");
	link_in_kernel("circle", "circle");
}

static int
confine(void)
{
	test.folders[0].path = "link";
	test.folders[0].real = path_in(&folder, "kernel", test.kernel);
	test.folders[1].path = path_in(&folder, "modules", test.modules);
	test.folders[2].path = "gone";
	test.folders[3].path = "modules/m";
	for (int i = 0; i < NFOLDERS; i++) {
		test.folders[i].fd = open(test.folders[i].path,
		    O_RDONLY | O_DIRECTORY);
		test.folders[i].sys_errno = errno;
	}
	return (int)kldsim_source_confine(test.source, folder.path,
	    test.folders, NFOLDERS, &error);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	make_files();
	test.before = open(".", O_RDONLY | O_DIRECTORY);
	test.source = source_new(NULL, false);
	assert_int_equal(chdir(folder.path), 0);
	assert_int_equal(confine(), KLDSIM_OK);
	assert_int_equal(chdir("/"), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kldsim_source_unref(test.source);
	for (int i = 0; i < NFOLDERS; i++)
		if (test.folders[i].fd >= 0)
			(void)close(test.folders[i].fd);
	assert_int_equal(fchdir(test.before), 0);
	(void)close(test.before);
	folder_close(&folder);
	return 0;
}

static void
paths_begin_where_they_did(void **state)
{
	char path[512];

	(void)state;
	assert_string_equal(what(test.source, "link"), "folder");
	assert_string_equal(what(test.source, "link/k"), "k f6");
	assert_string_equal(what(test.source, "./link//./k"), "k f6");
	assert_string_equal(contents(test.source, "link/k"),
	    "link/k, 6 bytes");
	assert_string_equal(what(test.source, path_in(&folder, "modules/m",
	    path)), "m f3");
	assert_string_equal(what(test.source, "modules/m"), "m f3");
	assert_string_equal(list(test.source, "modules"), "m f3 ");
	assert_string_equal(what(test.source, "modules/none"),
	    strerror(ENOENT));
	assert_string_equal(what(test.source, ""), strerror(ENOENT));
	assert_string_equal(what(test.source, "modules/m/"),
	    strerror(ENOTDIR));
	assert_string_equal(what(test.source, "modules/"), "folder");
	assert_string_equal(what(test.source, "modules/m/x"),
	    strerror(ENOTDIR));
}

/* Dots behind a link lead on from where it leads to. */
static void
links_lead_from_one_folder_to_another(void **state)
{
	(void)state;
	assert_string_equal(what(test.source, "link/there"), "there f3");
	assert_string_equal(what(test.source, "link/rooted"), "rooted f3");
	assert_string_equal(what(test.source, "link/../modules/m"), "m f3");
	assert_string_equal(what(test.source, "link/circle"),
	    strerror(ELOOP));
}

static enum kldsim_source_type
type_itself(const char *path)
{
	struct kldsim__source_stat st;

	if (kldsim__source_stat(test.source, path, false, &st, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	return st.type;
}

/* A link, as lstat(2) sees it; one that a folder was opened by is that folder. */
static void
links_themselves(void **state)
{
	(void)state;
	assert_int_equal(type_itself("link/there"), KLDSIM_SOURCE_LINK);
	assert_int_equal(type_itself("link/out"), KLDSIM_SOURCE_LINK);
	assert_int_equal(type_itself("link/k"), KLDSIM_SOURCE_FILE);
	assert_int_equal(type_itself("modules"), KLDSIM_SOURCE_FOLDER);
	assert_int_equal(type_itself("link"), KLDSIM_SOURCE_FOLDER);
}

static void
refused(const char *path)
{
	struct kldsim_source_file file;
	struct kldsim_image *image;

	assert_int_equal(kldsim_source_stat(test.source, path, &file, &error),
	    KLDSIM_UNSUPPORTED);
	assert_non_null(strstr(error.text, path));
	assert_non_null(strstr(error.text, "outside of the folders"));
	assert_int_equal(kldsim_source_image(test.source, path, &image,
	    &error), KLDSIM_UNSUPPORTED);
	assert_int_equal(kldsim_source_list(test.source, path, note, NULL,
	    &error), KLDSIM_UNSUPPORTED);
}

/* That is no answer about the file, which may be there. */
static void
nothing_else_is_opened(void **state)
{
	char path[512];

	(void)state;
	refused("secret/s");
	refused(path_in(&folder, "secret", path));
	refused("link/out");
	refused("link/../secret/s");
	refused("/etc/passwd");
	refused("../../../../../../../../etc/passwd");
	refused(".");
	refused("modules-not");
}

static bool
take(void *user, const struct kldsim_source_found *module)
{
	(void)module;
	++*(unsigned *)user;
	return true;
}

/* One that may not be looked at is not left out in silence. */
static void
modules_of_a_folder(void **state)
{
	unsigned count = 0;

	(void)state;
	link_in_kernel("a.ko", "../modules/m");
	link_in_kernel("b.ko", "nowhere");
	assert_int_equal(kldsim_source_modules(test.source, "link", take,
	    &count, &error), KLDSIM_OK);
	assert_int_equal(count, 1);
	link_in_kernel("c.ko", "../secret/s");
	assert_int_equal(kldsim_source_modules(test.source, "link", take,
	    &count, &error), KLDSIM_UNSUPPORTED);
	assert_non_null(strstr(error.text, "link/c.ko: outside"));
}

/* It is no folder, and who was taken for one is a file all the same. */
static void
a_folder_that_is_none(void **state)
{
	(void)state;
	assert_string_equal(what(test.source, "modules/m"), "m f3");
	assert_string_equal(what(test.source, "modules/m/x"),
	    strerror(ENOTDIR));
}

/* The innermost folder counts, though one around it cannot be opened. */
static void
a_folder_in_a_folder(void **state)
{
	char around[512], inner[512];
	struct kldsim_source_folder folders[] = {
		{ path_in(&folder, "kernel", inner), NULL, -1, 0 },
		{ path_in(&folder, ".", around), folder.path, -1, EACCES },
	};
	char path[512];

	(void)state;
	folders[0].fd = open(inner, O_RDONLY | O_DIRECTORY);
	for (int first = 0; first < 2; first++) {
		const struct kldsim_source_folder other = folders[0];
		struct kldsim_source *source = source_new(NULL, false);

		assert_int_equal(kldsim_source_confine(source, folder.path,
		    folders, 2, &error), KLDSIM_OK);
		assert_string_equal(what(source, path_in(&folder, "kernel/k",
		    path)), "k f6");
		folders[0] = folders[1];
		folders[1] = other;
		kldsim_source_unref(source);
	}
	(void)close(folders[0].fd);
}

static void
a_folder_that_is_not_there(void **state)
{
	(void)state;
	assert_string_equal(what(test.source, "gone"), strerror(ENOENT));
	assert_string_equal(what(test.source, "gone/k"), strerror(ENOENT));
	assert_string_equal(list(test.source, "gone"), strerror(ENOENT));
}

static void
it_is_done_once(void **state)
{
	struct kldsim_source *source = source_new(NULL, false);
	struct kldsim_source *rooted = source_new(folder.path, false);
	char longer[2000];

	(void)state;
	assert_int_equal(kldsim_source_confine(test.source, folder.path,
	    test.folders, NFOLDERS, &error), KLDSIM_ARG);
	assert_int_equal(kldsim_source_confine(source, "/", test.folders, 0,
	    &error), KLDSIM_ARG);
	assert_int_equal(kldsim_source_confine(source, "here", test.folders,
	    NFOLDERS, &error), KLDSIM_ARG);
	assert_int_equal(kldsim_source_confine(rooted, "/", test.folders,
	    NFOLDERS, &error), KLDSIM_ARG);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	test.folders[1].path = longer;
	assert_int_equal(kldsim_source_confine(source, "/", test.folders,
	    NFOLDERS, &error), KLDSIM_SYS);
	assert_int_equal(error.sys_errno, ENAMETOOLONG);
	longer[0] = '/';
	assert_int_equal(kldsim_source_confine(source, longer, test.folders, 1,
	    &error), KLDSIM_SYS);
	assert_int_equal(error.sys_errno, ENAMETOOLONG);
	kldsim_source_unref(source);
	kldsim_source_unref(rooted);
}

/* So many bytes, in parts that a host's names may have. */
static const char *
text_of(size_t size)
{
	static char text[3000];

	for (size_t i = 0; i < size; i++)
		text[i] = i % 100 == 99 && i + 1 != size ? '/' : 'x';
	text[size] = '\0';
	return text;
}

static void
link_to(const char *name, size_t size)
{
	char path[512];

	assert_int_equal(symlink(text_of(size), path_in(&folder, name, path)),
	    0);
}

/*
 * 1,023 bytes are as long as a path gets, as it is given, with what links put
 * before the rest, without links, and with its slash.
 */
static void
long_paths(void **state)
{
	struct kldsim_source *rooted = source_new(folder.path, false);
	struct kldsim_source *source = source_new(NULL, false);
	char real[2000], path[1200];

	(void)state;
	assert_string_equal(what(rooted, text_of(1023)),
	    strerror(ENAMETOOLONG));
	assert_string_equal(what(rooted, text_of(1000)), strerror(ENOENT));
	link_to("long", 1000);
	assert_string_equal(what(rooted, "long"), strerror(ENOENT));
	assert_string_equal(what(rooted, "long/a/file/behind/it/is/more"),
	    strerror(ENAMETOOLONG));
	link_to("modules/long", 1017);
	assert_string_equal(what(rooted, "modules/long"),
	    strerror(ENAMETOOLONG));
	link_to("kernel/long", 1016);
	assert_string_equal(what(rooted, "kernel/long"), strerror(ENOENT));
	assert_string_equal(what(rooted, "kernel/long/"),
	    strerror(ENAMETOOLONG));

	(void)snprintf(real, sizeof(real), "/%s", text_of(1000));
	test.folders[2].real = real;
	assert_int_equal(kldsim_source_confine(source, "/", test.folders,
	    NFOLDERS, &error), KLDSIM_OK);
	(void)snprintf(path, sizeof(path), "/gone/%s", text_of(30));
	assert_string_equal(what(source, path), strerror(ENAMETOOLONG));
	kldsim_source_unref(source);
	kldsim_source_unref(rooted);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(paths_begin_where_they_did),
		TEST(links_lead_from_one_folder_to_another),
		TEST(links_themselves),
		TEST(nothing_else_is_opened),
		TEST(modules_of_a_folder),
		TEST(a_folder_that_is_none),
		TEST(a_folder_in_a_folder),
		TEST(a_folder_that_is_not_there),
		TEST(it_is_done_once),
		TEST(long_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
