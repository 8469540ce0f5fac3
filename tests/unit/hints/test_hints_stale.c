/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Folders of the module path in which somebody has forgotten kldxref(8): what is
 * said of them besides what the kernel answers, and when (K-13).
 */

#include "support_source.h"

#include <fcntl.h>
#include <time.h>

#define STALE "hints-stale"
#define GONE "hints-file-gone"

static struct kern kern;

/* A folder with two modules; its linker.hints is of the moment now, if any. */
static void
begin(bool hints)
{
	struct kldsim_hints_options options;

	folder_open(&folder);
	put_module(&folder, user("library"), "user.ko");
	put_module(&folder, provider("library"), "library.ko");
	options = options_of(&folder, OLD);
	if (hints)
		assert_int_equal(kldsim_hints_write(folder.path, &options,
		    NULL, &error), KLDSIM_OK);
}

static void
boot(void)
{
	kern_init(&kern, R121);
	kern.options.module_path = folder.path;
	kern_boot(&kern);
}

static void
end(void)
{
	kern_fini(&kern);
	folder_close(&folder);
}

static int
load(const char *name)
{
	assert_int_equal(kldsim_kldload(kern.sim, name, &kern.result,
	    &kern.error), KLDSIM_OK);
	return kern.result.error;
}

/* Set a file's time so many seconds from now. */
static void
touch(const char *name, int seconds)
{
	struct timespec times[2];
	char path[512];

	times[0].tv_sec = times[1].tv_sec = time(NULL) + seconds;
	times[0].tv_nsec = times[1].tv_nsec = 0;
	assert_int_equal(utimensat(AT_FDCWD, path_in(&folder, name, path),
	    times, 0), 0);
}

static void
a_folder_without_hints_is_told_once(void **state)
{
	uint64_t snapshot;

	(void)state;
	begin(false);
	boot();
	assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, NULL),
	    KLDSIM_OK);
	assert_int_equal(load("user"), 0);
	assert_int_equal(kern_findings(&kern, STALE), 1);
	assert_int_equal(kern_finding(&kern, STALE)->severity, KLDSIM_NOTE);
	assert_non_null(strstr(kern_said(&kern, STALE),
	    "has no linker.hints, which kldxref(8) writes"));
	assert_non_null(strstr(kern_said(&kern, STALE), folder.path));
	assert_int_equal(load("none"), FB_ENOENT);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	/* A kernel that is put back has not been told yet. */
	assert_int_equal(kldsim_restore(kern.sim, snapshot), KLDSIM_OK);
	assert_int_equal(load("library"), 0);
	assert_int_equal(kern_findings(&kern, STALE), 1);
	end();
}

static void
nobody_misses_the_hints_of_no_modules(void **state)
{
	char path[512];

	(void)state;
	folder_open(&folder);
	write_text("kernel", "text");
	write_text("a.txt", "text");
	assert_int_equal(mkdir(path_in(&folder, "sub.ko", path), 0700), 0);
	boot();
	assert_int_equal(load("user"), FB_ENOENT);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	end();
}

static void
hints_in_time_are_not_told_of(void **state)
{
	(void)state;
	begin(true);
	touch("user.ko", -60);
	touch("linker.hints", -60);
	touch("library.ko", -61);
	write_text("newer.txt", "text");
	boot();
	assert_int_equal(load("user"), 0);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	assert_silent(&kern);
	end();
}

/* Step 7 is the kernel's word of the file it takes; this is of any. */
static void
a_module_that_came_later(void **state)
{
	(void)state;
	begin(true);
	touch("library.ko", 60);
	boot();
	assert_int_equal(kldsim_kldload(kern.sim, "user", &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	assert_int_equal(kern_findings(&kern, STALE), 1);
	assert_non_null(strstr(kern_said(&kern, STALE),
	    "library.ko is newer than the linker.hints of "));
	assert_int_equal(load("none"), FB_ENOENT);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	assert_non_null(strstr(kern_said(&kern, "file-not-found"),
	    "library.ko is newer than the linker.hints of "));
	end();
}

/* Step 8a: a record is the last word of its folder. */
static void
a_record_of_a_file_that_is_gone(void **state)
{
	char path[2][512];

	(void)state;
	begin(true);
	assert_int_equal(rename(path_in(&folder, "library.ko", path[0]),
	    path_in(&folder, "other.ko", path[1])), 0);
	boot();
	assert_int_equal(load("user"), FB_ENOEXEC);
	assert_int_equal(kern_findings(&kern, GONE), 1);
	assert_int_equal(kern_finding(&kern, GONE)->severity, KLDSIM_WARNING);
	assert_non_null(strstr(kern_said(&kern, GONE),
	    " has library in library.ko, which is not there"));
	end();
}

static void
boot_preloading(uint32_t osreldate, const char *name)
{
	const struct kldsim_preload preload = { .path = name };

	kern_init(&kern, osreldate);
	kern.options.module_path = folder.path;
	kern.options.preloads = &preload;
	kern.options.npreloads = 1;
	kern.options.preload_dependencies = true;
	kern_boot(&kern);
	assert_int_equal(kldsim_preload_result(kern.sim, 0, &kern.result),
	    KLDSIM_OK);
}

/* P-13: the boot loader believes them as well. */
static void
a_boot_loader_without_hints(void **state)
{
	(void)state;
	begin(false);
	boot_preloading(R121, "user");
	assert_int_equal(kern.result.error, 0);
	assert_int_equal(kern_findings(&kern, STALE), 1);
	end();
}

/* V-76: the kernel follows a link or does not, the boot loader does (P-13). */
static void
hints_behind_a_link(void **state)
{
	struct kldsim_hints_options options;
	char path[2][512];

	(void)state;
	begin(false);
	/* Found by the hints alone. */
	assert_int_equal(rename(path_in(&folder, "library.ko", path[0]),
	    path_in(&folder, "differs.ko", path[1])), 0);
	options = options_of(&folder, OLD);
	options.name = "elsewhere";
	assert_int_equal(kldsim_hints_write(folder.path, &options, NULL,
	    &error), KLDSIM_OK);
	assert_int_equal(symlink(path_in(&folder, "elsewhere", path[0]),
	    path_in(&folder, "linker.hints", path[1])), 0);
	boot();
	assert_int_equal(load("user"), 0);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	kern_fini(&kern);

	kern_init(&kern, R160);
	kern.options.module_path = folder.path;
	kern_boot(&kern);
	assert_int_equal(load("user"), FB_ENOEXEC);
	assert_non_null(strstr(kern_said(&kern, STALE), "is a symbolic link, "
	    "which is not followed; kldxref(8) writes a file in its place"));
	kern_fini(&kern);

	boot_preloading(R160, "user");
	assert_int_equal(kern.result.error, 0);
	end();
}

/* P-13: what sends older kernels out of their buffer, it does not read. */
static void
a_boot_loader_reads_no_short_hints(void **state)
{
	(void)state;
	begin(false);
	write_file(&folder, "linker.hints", "\1\0\0\0\1\0", 6);
	boot_preloading(R121, "user");
	assert_int_equal(kern.result.error, 0);
	end();
}

/* Step 7: kernels have times of less than a second. */
static void
a_moment_later(void **state)
{
	struct timespec times[2];
	char path[512], line[600];

	(void)state;
	for (int later = 0; later < 2; later++) {
		begin(true);
		times[0].tv_sec = times[1].tv_sec = 1700000000;
		times[0].tv_nsec = times[1].tv_nsec = 500000000;
		assert_int_equal(utimensat(AT_FDCWD, path_in(&folder,
		    "linker.hints", path), times, 0), 0);
		times[1].tv_nsec += later;
		assert_int_equal(utimensat(AT_FDCWD, path_in(&folder,
		    "library.ko", path), times, 0), 0);
		touch("user.ko", -1000000000);
		boot();
		assert_int_equal(load("library"), 0);
		(void)snprintf(line, sizeof(line), "warning: KLD '%s' is newer "
		    "than the linker.hints file", path);
		if (later != 0)
			assert_console(&kern, line);
		else
			assert_silent(&kern);
		end();
	}
}

/* Where nobody can have written them, kldxref(8) is yet to come. */
static void
hints_of_images_are_made(void **state)
{
	struct kldsim_source *source = source_new(NULL, false);
	int id;

	(void)state;
	folder_open(&folder);
	add_module(source, "/boot/modules/user.ko", user("other"));
	add_module(source, "/boot/modules/library.ko", provider("other"));
	kern_init(&kern, R121);
	kern.options.module_path = "/boot/modules";
	kern.options.source = source;
	kern_boot(&kern);
	assert_int_equal(load("user"), 0);
	assert_int_equal(kldsim_kldfind(kern.sim, "library.ko", &id),
	    KLDSIM_OK);
	assert_int_equal(kern_findings(&kern, STALE), 0);
	end();
	/* But one that is there is taken as it is. */
	folder_open(&folder);
	add_text(source, "/boot/modules/linker.hints", "text");
	kern_init(&kern, R121);
	kern.options.module_path = "/boot/modules";
	kern.options.source = source;
	kern_boot(&kern);
	assert_int_equal(load("user"), FB_ENOEXEC);
	kldsim_source_unref(source);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_without_hints_is_told_once),
		cmocka_unit_test(nobody_misses_the_hints_of_no_modules),
		cmocka_unit_test(hints_in_time_are_not_told_of),
		cmocka_unit_test(a_module_that_came_later),
		cmocka_unit_test(a_record_of_a_file_that_is_gone),
		cmocka_unit_test(a_boot_loader_without_hints),
		cmocka_unit_test(hints_behind_a_link),
		cmocka_unit_test(a_boot_loader_reads_no_short_hints),
		cmocka_unit_test(a_moment_later),
		cmocka_unit_test(hints_of_images_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
