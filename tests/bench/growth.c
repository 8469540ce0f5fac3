/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How time grows with what there is of it: relocations, symbols of a module,
 * symbols of a kernel, modules, sections.
 *
 *	growth JSON [KIND]
 *
 * Each size is ten times the one before; a time is the least of several, CPU
 * time of the process.  Time that grows with n, or with n times its logarithm,
 * grows less than 14 times when n grows 10 times; the exit status says so.
 * Times below a tenth of a millisecond say nothing of growth and are let be.
 */
#include "world.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#define SIZES 4
#define MOST 14.0
#define IMPORTS 1000

struct kind {
	const char *name;
	unsigned sizes[SIZES]; /* 0: none */
	/* Makes the files, and says how long one use of them takes. */
	double (*measure)(unsigned n);
};

/* --- Files ---------------------------------------------------------------- */

/* A kernel with functions f0, f1 ..., and n static symbols before them. */
static struct kldsim_image *
make_kernel(const char *machine, unsigned statics, bool named)
{
	struct kldsim_synth *k = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_KERNEL);
	int text = kldsim_synth_section_named(k, ".text");
	char name[32] = "";

	for (unsigned i = 0; i < statics; i++) {
		if (named)
			snprintf(name, sizeof name, "static_%u", i);
		kldsim_synth_symbol(k, name, KLDSIM_SYNTH_LOCAL,
		    KLDSIM_SYNTH_NOTYPE, text, i, 0);
	}
	for (unsigned i = 0; i < IMPORTS; i++) {
		snprintf(name, sizeof name, "f%u", i);
		kldsim_synth_func(k, name);
	}
	return image_of(k, "kernel");
}

/* n relocations, a third each to the kernel, to a section, to a function. */
static struct kldsim_image *
make_relocated(unsigned n)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	int text = kldsim_synth_section_named(m, ".text");
	int data = kldsim_synth_section_named(m, ".data");
	int own = kldsim_synth_func(m, "own");
	int section = kldsim_synth_section_symbol(m, data);
	unsigned most = n < IMPORTS ? n : IMPORTS;
	int imports[IMPORTS];
	char name[32];

	for (unsigned i = 0; i < most; i++) {
		snprintf(name, sizeof name, "f%u", i);
		imports[i] = kldsim_synth_ref(m, name);
	}
	kldsim_synth_append(m, text, NULL, 16 * (uint64_t)n + 64);
	kldsim_synth_append(m, data, NULL, 64);
	for (unsigned i = 0; i < n; i++)
		kldsim_synth_reloc(m, text, 16 * (uint64_t)i + 64,
		    i % 3 == 0 ? "R_X86_64_PLT32" : "R_X86_64_PC32",
		    i % 3 == 0 ? imports[i / 3 % most] :
		    i % 3 == 1 ? section : own, -4);
	return image_of(m, "module.ko");
}

/* n static functions, and one lookup that has to pass them all. */
static struct kldsim_image *
make_symbols(unsigned n)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	int text = kldsim_synth_section_named(m, ".text");
	char name[32];

	kldsim_synth_append(m, text, NULL, 16);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof name, "own_%u", i);
		kldsim_synth_symbol(m, name, KLDSIM_SYNTH_LOCAL,
		    KLDSIM_SYNTH_FUNC, text, i % 16, 0);
	}
	kldsim_synth_reloc(m, text, 0, "R_X86_64_PC32",
	    kldsim_synth_ref(m, "f0"), -4);
	return image_of(m, "module.ko");
}

/*
 * n section headers, half of them sections with a relocation section each.
 * e_shnum has 16 bits, and the kernel knows no other count (O-03): 65,279.
 */
static struct kldsim_image *
make_sections(unsigned n)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	int import = kldsim_synth_ref(m, "f0");
	char name[32];

	for (unsigned i = 0; i < n / 2; i++) {
		int section;

		snprintf(name, sizeof name, ".text.part_%u", i);
		section = kldsim_synth_section(m, name, KLDSIM_SYNTH_PROGBITS,
		    KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_EXECINSTR, 16);
		kldsim_synth_append(m, section, NULL, 16);
		kldsim_synth_reloc(m, section, 0, "R_X86_64_PC32", import,
		    -4);
	}
	return image_of(m, "module.ko");
}

/* A pointer to a function of the kernel's: as little memory as there can be. */
static struct kldsim_image *
make_small(const char *machine)
{
	struct kldsim_synth *m = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);
	int data = kldsim_synth_section_named(m, ".data");

	if (strcmp(machine, "amd64") != 0) {
		/* All segments in one page, and no section headers. */
		kldsim_synth_option(m, KLDSIM_SYNTH_PAGE, 64);
		kldsim_synth_option(m, KLDSIM_SYNTH_HEADERS, 0);
		kldsim_synth_option(m, KLDSIM_SYNTH_SYMTAB, 0);
	}
	kldsim_synth_append(m, data, NULL, 16);
	kldsim_synth_reloc(m, data, 8, strcmp(machine, "amd64") == 0 ?
	    "R_X86_64_64" : "R_AARCH64_ABS64", kldsim_synth_ref(m, "f0"), 0);
	return image_of(m, "module.ko");
}

/* --- Measuring ------------------------------------------------------------ */

#define CACHES (64u << 20)

/*
 * Small sizes would find their memory warm from the time before, and their
 * data in caches that do not hold what is ten times as large.
 */
static void
forget_memory(void)
{
	static unsigned char other[CACHES];

	memset(other, other[0] + 1, sizeof(other));
#if defined(__GLIBC__)
	(void)malloc_trim(0);
#endif
}

/* The least of so many that they take a fifth of a second, of two at least. */
static double
least(struct kldsim_image *kernel, double (*once)(struct kldsim_image *,
    void *), void *arg)
{
	double least_us = 1e18, all = 0;

	for (unsigned i = 0; i < 2 || (all < 2e5 && i < 50); i++) {
		double us;

		forget_memory();
		us = once(kernel, arg);
		all += us;
		if (us < least_us)
			least_us = us;
	}
	return least_us;
}

static double
load_once(struct kldsim_image *kernel, void *module)
{
	struct kldsim *sim = boot(kernel, 2, 1);
	double start = cpu_us(), us;

	load(sim, module, "module.ko");
	us = cpu_us() - start;
	kldsim_destroy(sim);
	return us;
}

static double
load_time(struct kldsim_image *module)
{
	struct kldsim_image *kernel = make_kernel("amd64", 0, false);
	double us = least(kernel, load_once, module);

	kldsim_image_unref(module);
	kldsim_image_unref(kernel);
	return us;
}

static double
relocations(unsigned n)
{
	return load_time(make_relocated(n));
}

static double
symbols(unsigned n)
{
	return load_time(make_symbols(n));
}

static double
sections(unsigned n)
{
	return load_time(make_sections(n));
}

/* A cold boot, then lookups enough to make the index of all symbols. */
static double
boot_once(struct kldsim_image *kernel, void *arg)
{
	static const char *const asked[] = { "static_0", "absent_1",
		"absent_2", "absent_3", "absent_4", "absent_5", "absent_6",
		"absent_7", "absent_8", "static_9" };
	unsigned lookups = *(unsigned *)arg;
	double start = cpu_us();
	struct kldsim *sim = boot(kernel, 2, 1);

	for (unsigned i = 0; i < lookups; i++) {
		kldsim_addr value;
		kldsim_size size;

		if (kldsim_kldsym(sim, 1, asked[i % 10], &value, &size) ==
		    KLDSIM_NOMEM)
			die(asked[i % 10], "no memory");
	}
	kldsim_destroy(sim);
	return cpu_us() - start;
}

/* An image keeps its index: each boot gets a new one, made outside the time. */
static double
cold_boots(unsigned n, bool named, unsigned lookups)
{
	double least_us = 1e18;

	for (unsigned i = 0; i < 3; i++) {
		struct kldsim_image *kernel = make_kernel("amd64", n, named);
		double us;

		forget_memory();
		us = boot_once(kernel, &lookups);

		if (us < least_us)
			least_us = us;
		kldsim_image_unref(kernel);
	}
	return least_us;
}

static double
kernel_symbols(unsigned n)
{
	return cold_boots(n, true, 10);
}

/* riscv64's GENERIC has 1,200,000 of these in front of all others. */
static double
nameless_symbols(unsigned n)
{
	return cold_boots(n, false, 10);
}

/* The same small file again and again, under other names. */
struct many {
	unsigned count;
	struct kldsim_image *module;
	double (*phase)(struct kldsim *sim, const struct many *many);
};

static double
load_many(struct kldsim *sim, const struct many *many)
{
	double start = cpu_us();
	char path[32];

	for (unsigned i = 0; i < many->count; i++) {
		snprintf(path, sizeof path, "/boot/modules/m%u.ko", i);
		load(sim, many->module, path);
	}
	return cpu_us() - start;
}

static void
find_all(struct kldsim *sim, unsigned count)
{
	char name[16];
	int id;

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "m%u", i);
		if (kldsim_kldfind(sim, name, &id) != KLDSIM_OK)
			die(name, "is not there");
	}
}

static void
list_all(struct kldsim *sim, unsigned count)
{
	struct kldsim_filestat stat;
	unsigned found = 0;

	for (int id = 0; kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0;
	    found++)
		if (kldsim_kldstat(sim, id, &stat) != KLDSIM_OK)
			die("kldstat", "it is not there");
	if (found != count + 1)
		die("kldnext", "not all are there");
}

static void
number_all(struct kldsim *sim, unsigned count)
{
	struct kldsim_ddb_file file;
	size_t found = 0;

	while (kldsim_file_at(sim, found, &file) == KLDSIM_OK)
		found++;
	if (found != count + 1)
		die("file_at", "not all are there");
}

static void
tell_all(struct kldsim *sim, unsigned count)
{
	size_t found = 0;

	while (kldsim_event_at(sim, found) != NULL)
		found++;
	if (found < count)
		die("events", "not all are there");
}

static void
unload(struct kldsim *sim, unsigned number)
{
	struct kldsim_result result;
	struct kldsim_error error;
	char name[16];
	int id;

	snprintf(name, sizeof name, "m%u", number);
	if (kldsim_kldfind(sim, name, &id) != KLDSIM_OK ||
	    kldsim_kldunload(sim, id, KLDSIM_UNLOAD_NORMAL, &result, &error) !=
	    KLDSIM_OK || result.error != 0)
		die(name, "cannot be unloaded");
}

static void
unload_every_second(struct kldsim *sim, unsigned count)
{
	for (unsigned i = 0; i < count; i += 2)
		unload(sim, i);
}

static void
unload_the_rest(struct kldsim *sim, unsigned count)
{
	for (unsigned i = count; i-- > 0;)
		if (i % 2 == 1)
			unload(sim, i);
}

/* All are asked for in each way; every second goes, then the rest, back. */
static double
ask_and_unload(struct kldsim *sim, const struct many *many)
{
	static void (*const passes[])(struct kldsim *sim, unsigned count) = {
		find_all, list_all, number_all, tell_all,
		unload_every_second, unload_the_rest,
	};
	double us = 0;

	(void)load_many(sim, many);
	for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
		double start;

		forget_memory();
		start = cpu_us();
		passes[i](sim, many->count);
		us += cpu_us() - start;
	}
	return us;
}

static double
many_once(struct kldsim_image *kernel, void *arg)
{
	const struct many *many = arg;
	struct kldsim *sim = boot(kernel, 2, 1);
	double us = many->phase(sim, many);

	kldsim_destroy(sim);
	return us;
}

static double
many_time(const char *machine, struct many many)
{
	struct kldsim_image *kernel = make_kernel(machine, 0, false);
	double us = least(kernel, many_once, &many);

	kldsim_image_unref(many.module);
	kldsim_image_unref(kernel);
	return us;
}

static double
modules(unsigned n)
{
	return many_time("arm64", (struct many){ n, make_small("arm64"),
	    load_many });
}

static double
modules_unloaded(unsigned n)
{
	return many_time("arm64", (struct many){ n, make_small("arm64"),
	    ask_and_unload });
}

static double
relocatable_modules(unsigned n)
{
	return many_time("amd64", (struct many){ n, make_small("amd64"),
	    load_many });
}

/* --- The table ------------------------------------------------------------ */

static const struct kind kinds[] = {
	{ "relocations of a module", { 1000, 10000, 100000, 1000000 },
	    relocations },
	{ "symbols of a module", { 1000, 10000, 100000, 1000000 }, symbols },
	{ "sections of a module", { 65, 650, 6500, 65000 }, sections },
	{ "modules", { 1000, 10000, 100000, 1000000 }, modules },
	{ "modules, asked for and unloaded", { 1000, 10000, 100000, 1000000 },
	    modules_unloaded },
	{ "relocatable modules", { 500, 5000, 50000, 500000 },
	    relocatable_modules },
	{ "symbols of a kernel", { 1000, 10000, 100000, 1000000 },
	    kernel_symbols },
	{ "nameless symbols of a kernel", { 1200, 12000, 120000, 1200000 },
	    nameless_symbols },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* One line of the table and of the JSON; false if it grows too fast. */
static bool
grow(const struct kind *kind, FILE *file)
{
	double before = 0, most = 0;

	printf("%-30s", kind->name);
	fprintf(file, "\n  {\"name\": \"%s\", \"steps\": [", kind->name);
	for (unsigned i = 0; i < SIZES; i++) {
		double us = kind->measure(kind->sizes[i]);
		double ratio = before >= 100 ? us / before : 0;

		printf(" %9u: %8.2f ms", kind->sizes[i], us / 1000);
		fprintf(file, "%s{\"n\": %u, \"us\": %.1f, \"times\": %.2f}",
		    i == 0 ? "" : ", ", kind->sizes[i], us, ratio);
		if (ratio > most)
			most = ratio;
		before = us;
	}
	printf("  at most %.1f times\n", most);
	fprintf(file, "], \"most\": %.2f}", most);
	fflush(stdout);
	return most < MOST;
}

int
main(int argc, char **argv)
{
	FILE *file = argc == 2 || argc == 3 ? fopen(argv[1], "w") : NULL;
	const char *comma = "";
	bool good = true;

	if (file == NULL)
		die("usage", "growth JSON [KIND]");
	fprintf(file, "{\"kinds\": [");
	for (size_t i = 0; i < KINDS; i++) {
		if (argc == 3 && strcmp(argv[2], kinds[i].name) != 0)
			continue;
		fputs(comma, file);
		comma = ",";
		good = grow(&kinds[i], file) && good;
	}
	fprintf(file, "\n]}\n");
	if (fclose(file) != 0)
		die(argv[1], "cannot be written");
	if (!good)
		fprintf(stderr, "growth: something grows faster than what "
		    "there is of it\n");
	return good ? 0 : 1;
}
