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

#include <kldsim/synth_ctf.h>
#include <kldsim/types.h>

#include "world.h"

#define GENERIC 32000
#define FUNCTIONS 30000
#define PAGES ((size_t)512 << 20)
#define NEAR 4000 /* types of one file are next to each other */

struct made {
	struct kldsim_image *image;
	unsigned char *bytes; /* of the file */
	size_t size;
};

static unsigned long state = 1;

static unsigned
any(unsigned below)
{
	state = state * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(state >> 33) % below;
}

/* Names as people make them: a prefix of their file, and a word. */
static const char *
name(char text[48])
{
	static const char *const words[] = { "flags", "next", "lock", "count",
		"softc", "ifp", "refs", "addr", "state", "queue", "len",
		"mtu", "list", "entry", "priv", "timeout" };

	snprintf(text, 48, "%c%c_%s%u", 'a' + any(26), 'a' + any(26),
	    words[any(16)], any(1000));
	return text;
}

static int
ref(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind, const char *text,
    int type)
{
	return kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = text, .type = type });
}

static int
sized(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *text, unsigned size)
{
	return kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = text, .size = size });
}

/* A pointer from the NEAR types before type n; int, if there is none yet. */
static int
pointer(int n)
{
	int blocks = n / 20, near = blocks < NEAR / 20 ? blocks : NEAR / 20;

	return near == 0 ? 1 : 2 + 20 * (blocks - 1 - (int)any((unsigned)near))
	    + 4 + (int)any(7);
}

/* 20 types, in the proportions of a kernel; n: how many there are before. */
static void
add_types(struct kldsim_synth *s, int n)
{
	char text[48];
	int id;

	for (int i = 0; i < 3; i++) {
		unsigned members = 4 + any(24);

		id = sized(s, KLDSIM_SYNTH_CTF_STRUCT, name(text), members * 8);
		for (unsigned m = 0; m < members; m++)
			kldsim_synth_ctf_member(s, id, name(text),
			    m % 3 == 0 ? 1 : pointer(n), m * 64);
	}
	id = sized(s, KLDSIM_SYNTH_CTF_ENUM, name(text), 4);
	for (int i = 0; i < 24; i++)
		kldsim_synth_ctf_enumerator(s, id, name(text), i);
	for (int i = 0; i < 7; i++)
		ref(s, KLDSIM_SYNTH_CTF_POINTER, NULL,
		    1 + (int)any((unsigned)n));
	for (int i = 0; i < 3; i++)
		ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, name(text), n);
	ref(s, KLDSIM_SYNTH_CTF_CONST, NULL, n + 1);
	for (int i = 0; i < 2; i++)
		kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
		    .kind = KLDSIM_SYNTH_CTF_ARRAY, .type = 1, .index = 1,
		    .elements = 4, .size = 16 });
	for (int i = 0; i < 2; i++) {
		id = ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, 1);
		for (int a = 0; a < 3; a++)
			kldsim_synth_ctf_argument(s, id, n + a);
	}
	sized(s, KLDSIM_SYNTH_CTF_FORWARD, name(text), 0);
}

static void
add_functions(struct kldsim_synth *s, int n)
{
	char text[48];

	for (int i = 0; i < FUNCTIONS; i++) {
		int arguments[4];
		unsigned count = any(5);

		for (unsigned a = 0; a < count; a++)
			arguments[a] = 1 + (int)any((unsigned)n);
		kldsim_synth_ctf_func(s, kldsim_synth_func(s, name(text)), 1,
		    arguments, count);
	}
}

static struct made
make(int types, int compressed, int functions)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	struct kldsim_error error;
	struct made made;
	void *bytes;
	int n = 1;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, compressed);
	kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_INTEGER, .name = "int", .size = 4,
	    .encoding = KLDSIM_SYNTH_CTF_SIGNED, .bits = 32 });
	for (; n < types; n += 20)
		add_types(s, n);
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

	kldsim_types_options_init(&options);
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
