/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the types of a kernel, beside inflating the same section: zlib's part
 * of the work is in both.
 *
 *	types REPETITIONS JSON
 *
 * One kernel has about as many types, bytes and symbols as GENERIC of amd64; the
 * others show how time grows with the number of types.
 */
#include <zlib.h>

#include <kldsim/types.h>

#include "typed.h"
#include "world.h"

#define GENERIC 32000
#define FUNCTIONS 30000
#define PAGES ((size_t)512 << 20)

struct made {
	struct kldsim_image *image;
	unsigned char *bytes; /* of the file */
	size_t size;
};

static void
add_functions(struct kldsim_synth *s, int n)
{
	char text[48];

	for (int i = 0; i < FUNCTIONS; i++)
		make_function(s, kldsim_synth_func(s, types_name(text)), n);
}

static struct made
make(int types, int compressed, int functions)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	struct kldsim_error error;
	struct made made;
	void *bytes;
	int n;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, compressed);
	n = make_types(s, types);
	if (functions)
		add_functions(s, n);
	if (kldsim_synth_finish(s, &bytes, &made.size, &error) != KLDSIM_OK ||
	    kldsim_image_open_memory(bytes, made.size, "kernel", NULL, NULL,
	    &made.image, &error) != KLDSIM_OK)
		die("kernel", error.text);
	kldsim_synth_free(s);
	made.bytes = bytes;
	return made;
}

static void
unmake(struct made *made)
{
	kldsim_image_unref(made->image);
	kldsim_synth_free_bytes(made->bytes);
}

/*
 * Memory of one run after another: its pages are there, so that large files do
 * not pay for those and small ones, for which malloc(3) keeps some, do not.
 */
static unsigned char *pages;
static size_t used;

static void *
take(void *user, size_t size)
{
	void *memory = pages + used;

	(void)user;
	used += (size + 63) & ~(size_t)63;
	return used <= PAGES ? memory : NULL;
}

static void
drop(void *user, void *memory)
{
	(void)user;
	(void)memory;
}

static const struct kldsim_allocator same_pages = { take, drop, NULL };

/* What is read, and how long it takes. */
static double
read_types(const struct made *made, const struct kldsim_allocator *allocator,
    struct kldsim_types_info *info)
{
	struct kldsim_types_options options;
	struct kldsim_types *types;
	struct kldsim_error error;
	double start, us;

	kldsim_types_options_init(&options, sizeof(options));
	if (allocator != NULL)
		options.allocator = *allocator;
	used = 0;
	start = cpu_us();
	options.limits.type_bytes = 1 << 30;
	options.limits.type_strings = 1 << 30;
	if (kldsim_types_read(made->image, &options, &types, &error) !=
	    KLDSIM_OK)
		die("types", error.text);
	us = cpu_us() - start;
	kldsim_types_info(types, info);
	kldsim_types_free(types);
	return us;
}

/* Where a compressed section is in a file: it begins like no other. */
static const unsigned char *
section(const struct made *made)
{
	static const unsigned char first[12] = { 0xf1, 0xcf, 3, 1 };

	for (size_t at = 0; at + sizeof first < made->size; at++)
		if (memcmp(made->bytes + at, first, sizeof first) == 0)
			return made->bytes + at;
	die("kernel", "no section .SUNW_ctf");
}

/* The same bytes from zlib alone, into memory that is new, too. */
static double
inflate_types(const struct made *made, const struct kldsim_types_info *info)
{
	const unsigned char *from = section(made) + 36;
	uLongf size = (uLongf)info->size - 36;
	double start = cpu_us(), us;
	unsigned char *to = malloc(size);

	if (to == NULL || uncompress(to, &size, from,
	    (uLong)info->stored - 36) != Z_OK)
		die("types", "cannot be inflated");
	us = cpu_us() - start;
	free(to);
	return us;
}

static void
least(double *so_far, double us)
{
	*so_far = *so_far == 0 || us < *so_far ? us : *so_far;
}

static void
generic(FILE *file, int repetitions)
{
	struct made made = make(GENERIC, 1, 1);
	struct kldsim_types_info info;
	double ours = 0, zlib = 0;

	for (int r = 0; r < repetitions; r++) {
		least(&ours, read_types(&made, NULL, &info));
		least(&zlib, inflate_types(&made, &info));
	}
	printf("%u types, %u functions, %.2f MB in %.2f MB: %.2f ms, inflating "
	    "%.2f ms, %.2f times\n", info.types, info.functions,
	    (double)info.size / 1e6, (double)info.stored / 1e6, ours / 1000,
	    zlib / 1000, ours / zlib);
	fprintf(file, "{\"types\": %u, \"functions\": %u, \"bytes\": %ju, "
	    "\"stored\": %ju, \"us\": %.1f, \"inflate_us\": %.1f,\n"
	    " \"growth\": [", info.types, info.functions,
	    (uintmax_t)info.size, (uintmax_t)info.stored, ours, zlib);
	unmake(&made);
}

static void
growth(FILE *file, int repetitions)
{
	static const int steps[] = { 1000, 10000, 100000, 1000000 };

	for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct made made = make(steps[i], 0, 0);
		struct kldsim_types_info info;
		double us = 0;

		for (int r = 0; r < repetitions; r++)
			least(&us, read_types(&made, &same_pages, &info));
		printf("%u types, %.1f MB, not compressed: %.2f ms, %.0f ns a "
		    "type\n", info.types, (double)info.size / 1e6, us / 1000,
		    us * 1000 / info.types);
		fprintf(file, "%s{\"types\": %u, \"us\": %.1f}",
		    i == 0 ? "" : ", ", info.types, us);
		unmake(&made);
	}
	fprintf(file, "]}\n");
}

int
main(int argc, char **argv)
{
	int repetitions = argc == 3 ? atoi(argv[1]) : 0;
	FILE *file = repetitions > 0 ? fopen(argv[2], "w") : NULL;

	pages = malloc(PAGES);
	if (file == NULL || pages == NULL)
		die("usage", "types REPETITIONS JSON");
	generic(file, repetitions);
	growth(file, repetitions);
	free(pages);
	if (fclose(file) != 0)
		die(argv[2], "cannot be written");
	return 0;
}
