/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Where files come from: folders of the host, the same below a root, and images
 * in memory; what is said of them, their lists, and a kernel whose modules are
 * nowhere else.
 */

#include "support_source.h"

#include <pthread.h>

/* --- the host --- */

static void
host_open(void)
{
	char path[512];

	folder_open(&folder);
	write_text("b.ko", "bytes");
	write_text("a.ko", "a");
	assert_int_equal(mkdir(path_in(&folder, "sub", path), 0700), 0);
	write_text("sub/c.ko", "ccc");
	assert_int_equal(symlink("b.ko", path_in(&folder, "link", path)), 0);
	assert_int_equal(symlink("gone", path_in(&folder, "lost", path)), 0);
	assert_int_equal(mkfifo(path_in(&folder, "pipe", path), 0600), 0);
}

/* The paths of a folder mean the same without a source and with one. */
static void
a_folder_of_the_host(void **state)
{
	struct kldsim_source *sources[2] = { NULL, source_new(NULL, false) };
	char path[512];

	(void)state;
	host_open();
	for (int i = 0; i < 2; i++) {
		struct kldsim_source *source = sources[i];

		assert_string_equal(list(source, folder.path),
		    "a.ko f1 b.ko f5 link l4 lost l4 pipe o0 sub/ ");
		assert_string_equal(what(source, folder.path), "folder");
		assert_string_equal(what(source, path_in(&folder, "b.ko",
		    path)), "b.ko f5");
		assert_string_equal(what(source, path_in(&folder, "link",
		    path)), "link f5");
		assert_string_equal(what(source, path_in(&folder, "pipe",
		    path)), "pipe o0");
		assert_string_equal(what(source, path_in(&folder, "lost",
		    path)), strerror(ENOENT));
		assert_non_null(strstr(error.text, path));
		assert_string_equal(what(source, path_in(&folder, "a.ko/x",
		    path)), strerror(ENOTDIR));
		assert_string_equal(list(source, path_in(&folder, "a.ko",
		    path)), strerror(ENOTDIR));
		assert_string_equal(contents(source, path_in(&folder, "pipe",
		    path)), strerror(EINVAL));
		assert_string_equal(contents(source, folder.path),
		    strerror(EISDIR));
	}
	kldsim_source_unref(sources[1]);
	kldsim_source_unref(NULL);
	folder_close(&folder);
}

static void
a_list_ends_when_it_is_enough(void **state)
{
	struct list some = { .left = 2 };

	(void)state;
	host_open();
	assert_int_equal(kldsim_source_list(NULL, folder.path, note, &some,
	    NULL), KLDSIM_OK);
	assert_string_equal(some.text, "a.ko f1 b.ko f5 ");
	folder_close(&folder);
}

static bool
note_module(void *user, const struct kldsim_source_found *module)
{
	struct list *some = user;

	(void)snprintf(some->text + strlen(some->text),
	    sizeof(some->text) - strlen(some->text), "%s%s ", module->name,
	    module->whole ? "" : "!");
	return (--some->left != 0);
}

/* What a folder's modules are called, and what its name leads to. */
static const char *
modules(struct kldsim_source *source, const char *named, size_t most)
{
	static struct list some;

	some = (struct list){ .left = most };
	if (kldsim_source_modules(source, named, note_module, &some,
	    &error) != KLDSIM_OK)
		return (error.text + strlen(named));
	return (some.text);
}

/* Modules before folders, links to folders nowhere (H-06). */
static void
modules_of_a_folder(void **state)
{
	struct kldsim_source *source = source_new(NULL, false);
	char path[512], inside[512];

	(void)state;
	host_open();
	assert_int_equal(symlink(".", path_in(&folder, "round.ko", path)), 0);
	assert_int_equal(symlink("b.ko", path_in(&folder, "z.ko", path)), 0);
	assert_string_equal(modules(source, folder.path, 9),
	    "a.ko b.ko z.ko sub/c.ko ");
	assert_string_equal(modules(source, folder.path, 2), "a.ko b.ko ");
	(void)snprintf(path, sizeof(path), "%s//", folder.path);
	assert_string_equal(modules(source, path, 9),
	    "a.ko b.ko z.ko sub/c.ko ");
	(void)snprintf(inside, sizeof(inside), "%s! ", path_in(&folder,
	    "sub/c.ko", path));
	assert_string_equal(modules(source, path, 9), inside);
	assert_string_equal(modules(source, path_in(&folder, "lost", path),
	    9), ": No such file or directory");
	assert_int_equal(unlink(path_in(&folder, "sub/c.ko", path)), 0);
	assert_string_equal(modules(source, path_in(&folder, "sub", path), 9),
	    ": no file in it ends in .ko");
	kldsim_source_unref(source);
	folder_close(&folder);
}

/* A root is where all paths begin, and what images are named by. */
static void
a_root_of_its_own(void **state)
{
	struct kldsim_source_options options;
	struct kldsim_source *source;
	char path[512];

	(void)state;
	host_open();
	source = source_new(folder.path, false);
	assert_string_equal(what(source, "/b.ko"), "b.ko f5");
	assert_string_equal(what(source, "sub//c.ko"), "c.ko f3");
	assert_string_equal(contents(source, "/sub/c.ko"),
	    "/sub/c.ko, 3 bytes");
	assert_string_equal(list(source, "/sub"), "c.ko f3 ");
	assert_string_equal(list(source, "/"), list(NULL, folder.path));
	assert_string_equal(what(source, folder.path), strerror(ENOENT));
	kldsim_source_unref(source);

	kldsim_source_options_init(&options, sizeof(options));
	options.root = "/nowhere/at/all";
	assert_int_equal(kldsim_source_new(&options, &source, &error),
	    KLDSIM_SYS);
	assert_int_equal(error.sys_errno, ENOENT);
	options.root = path_in(&folder, "b.ko", path);
	assert_int_equal(kldsim_source_new(&options, &source, &error),
	    KLDSIM_SYS);
	assert_int_equal(error.sys_errno, ENOTDIR);
	options.size = 0;
	assert_int_equal(kldsim_source_new(&options, &source, &error),
	    KLDSIM_ARG);
	folder_close(&folder);
}

/* With read_once, what was opened is what is there. */
static void
a_file_is_read_once(void **state)
{
	struct kldsim_source *once, *anew;
	struct kldsim_image *first, *second;
	char path[512];

	(void)state;
	host_open();
	once = source_new(NULL, true);
	anew = source_new(NULL, false);
	(void)path_in(&folder, "b.ko", path);
	assert_int_equal(kldsim_source_image(once, path, &first, NULL),
	    KLDSIM_OK);
	assert_string_equal(contents(anew, "/nowhere/b.ko"), strerror(ENOENT));
	assert_int_equal(unlink(path), 0);
	write_text("b.ko", "longer bytes");
	assert_int_equal(kldsim_source_image(once, path, &second, NULL),
	    KLDSIM_OK);
	assert_ptr_equal(first, second);
	assert_non_null(strstr(contents(anew, path), ", 12 bytes"));
	kldsim_image_unref(first);
	kldsim_image_unref(second);
	kldsim_source_unref(once);
	kldsim_source_unref(anew);
	folder_close(&folder);
}

/* --- images in memory --- */

/* They have the folder that they are in, and nothing else. */
static void
images_hide_their_folder(void **state)
{
	struct kldsim_source *source;
	char path[600];

	(void)state;
	host_open();
	source = source_new(NULL, false);
	(void)snprintf(path, sizeof(path), "%s/sub/z.ko", folder.path);
	add_text(source, path, "zzzz");
	(void)snprintf(path, sizeof(path), "%s/sub", folder.path);
	assert_string_equal(list(source, path), "z.ko f4 ");
	(void)snprintf(path, sizeof(path), "%s/sub/c.ko", folder.path);
	assert_string_equal(what(source, path), strerror(ENOENT));
	assert_string_equal(contents(source, path), strerror(ENOENT));
	(void)snprintf(path, sizeof(path), "%s/b.ko", folder.path);
	assert_string_equal(what(source, path), "b.ko f5");
	kldsim_source_unref(source);
	folder_close(&folder);
}

static void
images_by_their_paths(void **state)
{
	struct kldsim_source *source = source_new("/", false);

	(void)state;
	add_text(source, "/boot/x/b.ko", "old bytes");
	add_text(source, "//boot/./x/a.ko", "a");
	add_text(source, "/boot/x/deep/er/c.ko", "ccc");
	add_text(source, "/boot/x.d/d.ko", "dddd");
	add_text(source, "/boot/y/../x/b.ko", "bytes"); /* of two the later */
	assert_string_equal(list(source, "/boot/x"), "a.ko f1 b.ko f5 deep/ ");
	assert_string_equal(list(source, "/boot/x/deep"), "er/ ");
	assert_string_equal(list(source, "/boot"), "x/ x.d/ ");
	assert_string_equal(list(source, "/boot/x/a.ko"), strerror(ENOTDIR));
	assert_string_equal(list(source, "/boot/x/none"), strerror(ENOENT));
	assert_string_equal(what(source, "/boot/x/b.ko"), "b.ko f5");
	assert_string_equal(what(source, "/boot/x//../x/b.ko"), "b.ko f5");
	assert_string_equal(what(source, "/boot/x/deep"), "folder");
	assert_string_equal(contents(source, "/boot/x/b.ko"),
	    "text, 5 bytes");
	assert_string_equal(contents(source, "/boot/x/deep"),
	    strerror(EISDIR));
	/* Paths that begin elsewhere are the host's. */
	assert_string_equal(what(source, "boot/x/none"), strerror(ENOENT));
	kldsim_source_unref(source);
}

static void
no_path_for_an_image(void **state)
{
	static const char *const paths[] = { "a.ko", "", "/", "/../a.ko",
		"/x/../../a.ko" };
	struct kldsim_source *source = source_new(NULL, false);
	struct kldsim_image *image = text_image("a");
	char path[1100] = "/";

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(kldsim_source_add(source, paths[i], image,
		    &error), KLDSIM_ARG);
	/* MAXPATHLEN is 1024 with its NUL, and the slash is not counted. */
	memset(path + 1, 'a', 1023);
	assert_int_equal(kldsim_source_add(source, path, image, &error),
	    KLDSIM_OK);
	path[1024] = 'a';
	assert_int_equal(kldsim_source_add(source, path, image, &error),
	    KLDSIM_ARG);
	kldsim_image_unref(image);
	kldsim_source_unref(source);
}

/* --- a kernel --- */

/* A kernel whose modules are nowhere on the host. */
static struct kldsim_source *
boot_in_memory(struct kern *kern)
{
	struct kldsim_source *source = source_new(NULL, false);

	add_module(source, "/boot/modules/user.ko", user("library"));
	add_module(source, "/boot/modules/library.ko", provider("library"));
	kern_init(kern, R121);
	kern->options.module_path = "/boot/nowhere;/boot/modules";
	kern->options.source = source;
	kern_boot(kern);
	return source;
}

/* K-10, K-13: by name, by path, and what they depend on. */
static void
a_kernel_finds_images(void **state)
{
	struct kern kern;
	struct kldsim_source *source = boot_in_memory(&kern);
	int id;

	(void)state;
	kldsim_source_unref(source); /* the kernel has its own reference */
	assert_int_equal(kldsim_kldload(kern.sim, "user", &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	assert_string_equal(kern_stat(&kern, kern.result.fileid).path,
	    "/boot/modules/user.ko");
	assert_int_equal(kldsim_kldfind(kern.sim, "library.ko", &id),
	    KLDSIM_OK);
	kern_unload(&kern, kern.result.fileid);
	assert_int_equal(kldsim_kldload_path(kern.sim,
	    "/boot/modules/user.ko", &kern.result, &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	assert_int_equal(kldsim_kldload_path(kern.sim,
	    "/boot/modules/other.ko", &kern.result, &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENOENT);
	/* K-21: what is no regular file. */
	assert_int_equal(kldsim_kldload_path(kern.sim, "/boot/modules",
	    &kern.result, &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENOEXEC);
	kern_fini(&kern);
}

/* P-13, P-14: and so does the boot loader. */
static void
a_boot_loader_finds_images(void **state)
{
	static const struct kldsim_preload preload = { .path = "user" };
	struct kldsim_source *source = source_new(NULL, false);
	struct kern kern;

	(void)state;
	add_module(source, "/boot/modules/user.ko", user("library"));
	add_module(source, "/boot/modules/library.ko", provider("library"));
	kern_init(&kern, R121);
	kern.options.module_path = "/boot/modules";
	kern.options.source = source;
	kern.options.preloads = &preload;
	kern.options.npreloads = 1;
	kern.options.preload_dependencies = true;
	kern_boot(&kern);
	assert_int_equal(kldsim_preload_result(kern.sim, 0, &kern.result),
	    KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	assert_string_equal(kern_stat(&kern, 2).name, "user.ko");
	assert_string_equal(kern_stat(&kern, 3).name, "library.ko");
	kern_fini(&kern);
	kldsim_source_unref(source);
}

/* --- threads --- */

#define THREADS 8

struct worker {
	struct kldsim_source *source;
	const struct kern *shared;
	char path[512];
	pthread_t thread;
	bool good;
};

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct kldsim_result result;
	struct kldsim *sim;

	worker->good = true;
	for (int i = 0; i < 20 && worker->good; i++) {
		struct kldsim_image *image;

		worker->good = kldsim_boot(worker->shared->image,
		    &worker->shared->options, &sim, NULL) == KLDSIM_OK &&
		    kldsim_kldload(sim, "user", &result, NULL) == KLDSIM_OK &&
		    result.error == 0;
		kldsim_destroy(sim);
		if (kldsim_source_image(kldsim_source_ref(worker->source),
		    worker->path, &image, NULL) == KLDSIM_OK)
			kldsim_image_unref(image);
		else
			worker->good = false;
		kldsim_source_unref(worker->source);
	}
	return NULL;
}

static void
many_kernels_share_a_source(void **state)
{
	struct worker workers[THREADS];
	struct kldsim_source *source;
	struct kern kern;

	(void)state;
	host_open();
	source = source_new(NULL, true);
	add_module(source, "/boot/modules/user.ko", user("library"));
	add_module(source, "/boot/modules/library.ko", provider("library"));
	kern_init(&kern, R121);
	kern.options.module_path = "/boot/modules";
	kern.options.source = source;
	kern_boot(&kern);
	for (int i = 0; i < THREADS; i++) {
		workers[i].source = source;
		workers[i].shared = &kern;
		(void)path_in(&folder, i % 2 ? "a.ko" : "b.ko",
		    workers[i].path);
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
		    work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_true(workers[i].good);
	}
	kern_fini(&kern);
	kldsim_source_unref(source);
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_of_the_host),
		cmocka_unit_test(a_list_ends_when_it_is_enough),
		cmocka_unit_test(modules_of_a_folder),
		cmocka_unit_test(a_root_of_its_own),
		cmocka_unit_test(a_file_is_read_once),
		cmocka_unit_test(images_hide_their_folder),
		cmocka_unit_test(images_by_their_paths),
		cmocka_unit_test(no_path_for_an_image),
		cmocka_unit_test(a_kernel_finds_images),
		cmocka_unit_test(a_boot_loader_finds_images),
		cmocka_unit_test(many_kernels_share_a_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
