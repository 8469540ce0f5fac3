/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Compressed modules (P-18): gzipfs of the boot loader sees FILE in FILE.gz, the
 * kernel does not.
 */

#include "support_preload.h"

#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

#define FOLDER "/boot/modules"

struct bytes {
	unsigned char data[65536];
	size_t size;
};

static void
put(struct bytes *to, const void *bytes, size_t size)
{
	assert_true(to->size + size <= sizeof(to->data));
	memcpy(to->data + to->size, bytes, size);
	to->size += size;
}

/* The header of RFC 1952 with some of its parts. */
static void
put_header(struct bytes *to, unsigned char flags)
{
	const unsigned char fixed[10] = { 0x1f, 0x8b, 8, flags };

	put(to, fixed, sizeof(fixed));
	if ((flags & 4) != 0)
		put(to, "\3\0abc", 5);
	if ((flags & 8) != 0)
		put(to, "m.ko", 5);
	if ((flags & 16) != 0)
		put(to, "a comment", 10);
	if ((flags & 2) != 0)
		put(to, "\1\2", 2);
}

/* A member: the check sum and length behind it are for nobody. */
static void
put_stream(struct bytes *to, const void *bytes, size_t size)
{
	z_stream stream;

	memset(&stream, 0, sizeof(stream));
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9,
	    Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)bytes;
	stream.avail_in = (uInt)size;
	stream.next_out = to->data + to->size;
	stream.avail_out = (uInt)(sizeof(to->data) - to->size);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	to->size = (size_t)(stream.next_out - to->data);
	assert_int_equal(deflateEnd(&stream), Z_OK);
	put(to, "\0\0\0\0\0\0\0\0", 8);
}

static struct kldsim_synth *
module(const char *provides, const char *needs)
{
	struct kldsim_synth *m = module_node(provides, needs, NULL);

	(void)kldsim_synth_func(m, "f");
	return m;
}

/* The file of a builder, which is freed; to be freed. */
static void *
file_of(struct kldsim_synth *synth, size_t *size_ret)
{
	struct kldsim_error error;
	void *bytes;

	assert_int_equal(kldsim_synth_finish(synth, &bytes, size_ret, &error),
	    KLDSIM_OK);
	kldsim_synth_free(synth);
	return bytes;
}

static void
gzip(struct bytes *to, struct kldsim_synth *synth, unsigned char flags)
{
	size_t size;
	void *bytes = file_of(synth, &size);

	to->size = 0;
	put_header(to, flags);
	put_stream(to, bytes, size);
	kldsim_synth_free_bytes(bytes);
}

static struct kldsim_image *
image_of(const struct bytes *bytes)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	assert_int_equal(kldsim_image_open_memory(bytes->data, bytes->size,
	    "packed", NULL, NULL, &image, &error), KLDSIM_OK);
	return image;
}

/*
 * A world whose files are all at paths that tests give.  The bytes are
 * borrowed until it ends.
 */
static void
begin(struct preloaded *world, struct kldsim_source **source_ret)
{
	struct kldsim_error error;

	preloaded_init(world, R121);
	assert_int_equal(kldsim_source_new(NULL, source_ret, &error),
	    KLDSIM_OK);
	world->kern.options.source = *source_ret;
	world->kern.options.module_path = FOLDER;
}

static void
end(struct preloaded *world, struct kldsim_source *source)
{
	preloaded_fini(world);
	kldsim_source_unref(source);
}

static void
place(struct kldsim_source *source, const char *path,
    const struct bytes *bytes)
{
	struct kldsim_image *image = image_of(bytes);
	struct kldsim_error error;

	assert_int_equal(kldsim_source_add(source, path, image, &error),
	    KLDSIM_OK);
	kldsim_image_unref(image);
}

static void
ask(struct preloaded *world, const char *name)
{
	world->list[world->count++].path = name;
}

/* The file that a preload has become. */
static void
assert_path(const struct preloaded *world, size_t index, const char *path)
{
	assert_string_equal(kern_stat(&world->kern, preloaded_id(world,
	    index)).path, path);
}

/* --- what is unpacked --- */

/* Every part of the header; what is behind the member is not looked at. */
static void
each_header_is_passed(void **state)
{
	static const unsigned char flags[] = { 0, 1, 2, 4, 8, 16, 31 };

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		struct kldsim_source *source;
		struct preloaded world;
		static struct bytes packed;

		begin(&world, &source);
		gzip(&packed, module("a", NULL), flags[i]);
		put(&packed, "\x1f\x8b rubbish", 10);
		place(source, FOLDER "/a.ko.gz", &packed);
		ask(&world, "a");
		preloaded_boot(&world);
		assert_path(&world, 0, FOLDER "/a.ko");
		assert_int_equal(kldsim_finding_count(world.kern.sim), 0);
		end(&world, source);
	}
}

/* By module, by file name, by path, by the file itself, by an image. */
static void
each_name_finds_it(void **state)
{
	static const char *const names[] = { "a", "a.ko", FOLDER "/a.ko",
		FOLDER "/a.ko.gz" };
	static struct bytes packed;

	(void)state;
	gzip(&packed, module("a", NULL), 8);
	for (size_t i = 0; i < 10; i++) {
		struct kldsim_source *source;
		struct preloaded world;

		begin(&world, &source);
		world.kern.options.preload_dependencies = i % 2 == 1;
		if (i / 2 < 4) {
			place(source, FOLDER "/a.ko.gz", &packed);
			ask(&world, names[i / 2]);
		} else {
			ask(&world, FOLDER "/a.ko.gz");
			world.list[0].image = image_of(&packed);
		}
		preloaded_boot(&world);
		assert_path(&world, 0, FOLDER "/a.ko");
		assert_string_equal(kern_stat(&world.kern, preloaded_id(&world,
		    0)).name, "a.ko");
		end(&world, source);
	}
}

static void
dependencies_are_found(void **state)
{
	struct kldsim_source *source;
	static struct bytes a, b;
	struct preloaded world;
	int id;

	(void)state;
	begin(&world, &source);
	world.kern.options.preload_dependencies = true;
	gzip(&a, module("a", "b"), 0);
	place(source, FOLDER "/a.ko.gz", &a);
	gzip(&b, module("b", NULL), 8);
	place(source, FOLDER "/b.ko.gz", &b);
	ask(&world, "a");
	preloaded_boot(&world);
	assert_path(&world, 0, FOLDER "/a.ko");
	assert_int_equal(kldsim_kldfind(world.kern.sim, "b.ko", &id),
	    KLDSIM_OK);
	assert_string_equal(kern_stat(&world.kern, id).path, FOLDER "/b.ko");
	end(&world, source);
}

/* What is there as it is comes first. */
static void
the_plain_file_comes_first(void **state)
{
	struct kldsim_interface interface;
	struct kldsim_source *source;
	static struct bytes packed, plain;
	struct preloaded world;
	size_t size;
	void *bytes;

	(void)state;
	begin(&world, &source);
	gzip(&packed, module("a", NULL), 0);
	place(source, FOLDER "/a.ko.gz", &packed);
	bytes = file_of(module("other", NULL), &size);
	plain.size = 0;
	put(&plain, bytes, size);
	kldsim_synth_free_bytes(bytes);
	place(source, FOLDER "/a.ko", &plain);
	ask(&world, "a");
	preloaded_boot(&world);
	assert_int_equal(kern_stat(&world.kern, preloaded_id(&world,
	    0)).ninterfaces, 1);
	assert_int_equal(kldsim_file_interface(world.kern.sim,
	    preloaded_id(&world, 0), 0, &interface), KLDSIM_OK);
	assert_string_equal(interface.name, "other");
	end(&world, source);
}

/* --- what is not --- */

/* kldload(2) opens no .gz, and takes none for a module. */
static void
the_kernel_unpacks_nothing(void **state)
{
	struct kldsim_source *source;
	static struct bytes packed;
	struct preloaded world;
	struct kern *kern = &world.kern;

	(void)state;
	begin(&world, &source);
	gzip(&packed, module("a", NULL), 0);
	place(source, FOLDER "/a.ko.gz", &packed);
	kern_boot(kern);
	assert_int_equal(kldsim_kldload(kern->sim, "a", &kern->result,
	    &kern->error), KLDSIM_OK);
	assert_int_equal(kern->result.error, FB_ENOENT);
	assert_int_equal(kldsim_kldload(kern->sim, FOLDER "/a.ko.gz",
	    &kern->result, &kern->error), KLDSIM_OK);
	assert_int_equal(kern->result.error, FB_ENOEXEC);
	assert_non_null(strstr(kern_finding(kern, "file-format")->text,
	    "compressed with gzip"));
	end(&world, source);
}

/* No gzip file by its first bytes: as if it were not there. */
static void
others_are_not_there(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} rows[] = {
		{ "", 0 }, { "\x1f\x8b\x08\0\0\0\0\0\0", 9 },
		{ "\x1f\x8c\x08\0\0\0\0\0\0\0\3\0", 12 },
		{ "\x1f\x8b\x07\0\0\0\0\0\0\0\3\0", 12 },
		{ "\x1f\x8b\x08\x20\0\0\0\0\0\0\3\0", 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_source *source;
		static struct bytes packed;
		struct preloaded world;

		begin(&world, &source);
		packed.size = 0;
		put(&packed, rows[i].bytes, rows[i].size);
		place(source, FOLDER "/a.ko.gz", &packed);
		ask(&world, "a");
		ask(&world, FOLDER "/a.ko");
		preloaded_boot(&world);
		preloaded_refused(&world, 0, FB_ENOENT);
		preloaded_refused(&world, 1, FB_ENOENT);
		end(&world, source);
	}
}

/* --- what is damaged --- */

/* Up to the damage, the loader has it; the rest cannot be read. */
static void
a_damaged_file_ends_where_it_is_damaged(void **state)
{
	static struct bytes packed;
	const struct kldsim_finding *finding;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_source *source;
		struct preloaded world;
		const char *words = i == 0 ? "ends too early" : "invalid";

		begin(&world, &source);
		gzip(&packed, module("a", NULL), 0);
		if (i == 0)
			packed.size = 100;
		else
			memset(packed.data + 100, 0xff, packed.size - 100);
		place(source, FOLDER "/a.ko.gz", &packed);
		ask(&world, "a");
		preloaded_boot(&world);
		preloaded_refused(&world, 0, FB_EIO);
		finding = kldsim_finding_at(world.kern.sim, 0);
		assert_non_null(finding);
		assert_string_equal(finding->code, "preload");
		assert_non_null(strstr(finding->text, "a.ko.gz is damaged ("));
		assert_non_null(strstr(finding->text, words));
		end(&world, source);
	}
}

/* A bomb: no more is unpacked than the limit and a byte. */
static void
a_bomb_is_a_limit(void **state)
{
	static const uint64_t limits[] = { 1, 65535, 65536, 65537, 1000000 };
	static struct bytes packed;
	const size_t size = 8000000;
	void *zeros = calloc(1, size);

	(void)state;
	assert_non_null(zeros);
	packed.size = 0;
	put_header(&packed, 0);
	put_stream(&packed, zeros, size);
	free(zeros);
	assert_true(packed.size < 16384);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct kldsim_source *source;
		struct preloaded world;
		char words[128];

		begin(&world, &source);
		world.kern.options.limits.archive_bytes = limits[i];
		place(source, FOLDER "/a.ko.gz", &packed);
		ask(&world, "a");
		assert_int_equal(preloaded_try_boot(&world), KLDSIM_LIMIT);
		(void)snprintf(words, sizeof(words), FOLDER "/a.ko.gz: bytes, "
		    "unpacked: %llu, over the limit archive_bytes=%llu",
		    (unsigned long long)limits[i] + 1,
		    (unsigned long long)limits[i]);
		assert_string_equal(world.kern.error.text, words);
		end(&world, source);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_header_is_passed),
		cmocka_unit_test(each_name_finds_it),
		cmocka_unit_test(dependencies_are_found),
		cmocka_unit_test(the_plain_file_comes_first),
		cmocka_unit_test(the_kernel_unpacks_nothing),
		cmocka_unit_test(others_are_not_there),
		cmocka_unit_test(a_damaged_file_ends_where_it_is_damaged),
		cmocka_unit_test(a_bomb_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
