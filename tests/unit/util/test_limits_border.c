/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Each limit, at its border, in each way that a file comes in: what is as large
 * as the limit passes, what is larger by one does not, and the message has the
 * file, how much it is, and the limit as --limit takes it.
 */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_preload.h"
#include "util/limits.h"

#define N 40u       /* sections, symbols, relocations, SYSINITs: of each */
#define DEFAULT 0u  /* of a limit */
#define ANY 0u

/* How the file comes in. */
struct subject {
	const char *name;
	enum kldsim_synth_kind kind;
	bool preloaded;
	const char *machine; /* NULL: amd64 */
	const char *file;    /* as messages name it */
};

static const struct subject rel = { "ET_REL", KLDSIM_SYNTH_REL, false, NULL,
	"m.ko" };
static const struct subject dyn = { "ET_DYN", KLDSIM_SYNTH_DYN, false, NULL,
	"m.ko" };
static const struct subject preloaded_rel = { "preloaded ET_REL",
	KLDSIM_SYNTH_REL, true, NULL, "m.ko" };
static const struct subject preloaded_dyn = { "preloaded ET_DYN",
	KLDSIM_SYNTH_DYN, true, NULL, "m.ko" };
static const struct subject kernel = { "kernel", KLDSIM_SYNTH_KERNEL, false,
	NULL, "kernel" };
/* L-18: it relocates itself. */
static const struct subject powerpc = { "powerpc kernel", KLDSIM_SYNTH_KERNEL,
	false, "powerpc", "kernel" };

/* More of everything than the kernel of support_kern.c has. */
static void
fill(struct kldsim_synth *synth)
{
	int data = kldsim_synth_section_named(synth, ".data");
	char name[16];
	int f = 0;

	for (unsigned i = 0; i < N; i++) {
		(void)snprintf(name, sizeof(name), ".s%u", i);
		(void)module_section(synth, name, KLDSIM_SYNTH_PROGBITS,
		    KERN_ALLOC_WRITE, 8, 8);
		(void)snprintf(name, sizeof(name), "f%u", i);
		f = kldsim_synth_func(synth, name);
		kldsim_synth_pointer(synth, data, kldsim_synth_append(synth,
		    data, NULL, 8), f, 0);
		(void)snprintf(name, sizeof(name), "i%u", i);
		(void)kldsim_synth_sysinit(synth, name, 0x2100000, i, f, 0);
	}
	(void)kldsim_synth_object(synth, "big", NULL, 1 << 18, 8);
}

struct outcome {
	enum kldsim_status status;
	char text[sizeof(((struct kldsim_error *)NULL)->text)];
	struct kldsim_filestat stat;
};

static void
begin(struct preloaded *world, const struct subject *subject)
{
	memset(world, 0, sizeof(*world));
	if (subject->machine != NULL)
		kern_init_machine(&world->kern, subject->machine, R121);
	else
		preloaded_init(world, R121);
}

static struct outcome
attempt(const struct subject *subject, const char *limit, uint64_t value)
{
	struct outcome outcome = { .status = KLDSIM_OK };
	struct kldsim_synth *module = NULL;
	struct preloaded world;

	begin(&world, subject);
	assert_int_equal(kldsim_limit_set(&world.kern.options.limits, limit,
	    value), KLDSIM_OK);
	if (subject->kind != KLDSIM_SYNTH_KERNEL) {
		module = kldsim_synth_new("amd64", subject->kind);
		kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, R121);
	}
	if (subject == &preloaded_dyn)
		kldsim_synth_mdt_version(module, "m", 1); /* P-12 */
	fill(module != NULL ? module : world.kern.synth);
	if (subject->preloaded) {
		preloaded_add(&world, module, "/boot/kernel/m.ko");
		module = NULL;
	}
	outcome.status = preloaded_try_boot(&world);
	if (outcome.status == KLDSIM_OK && module != NULL) {
		outcome.status = kern_try(&world.kern, module, "m.ko");
		module = NULL;
	}
	kldsim_synth_free(module);
	memcpy(outcome.text, world.kern.error.text, sizeof(outcome.text));
	if (outcome.status == KLDSIM_OK)
		assert_int_equal(kldsim_kldstat(world.kern.sim,
		    subject->kind == KLDSIM_SYNTH_KERNEL ? 1 : 2,
		    &outcome.stat), KLDSIM_OK);
	preloaded_fini(&world);
	return outcome;
}

/* The smallest value that is enough. */
static uint64_t
border(const struct subject *subject, const char *limit)
{
	uint64_t no = 0, yes = UINT64_C(1) << 24;

	while (yes - no > 1) {
		uint64_t middle = no + (yes - no) / 2;

		if (attempt(subject, limit, middle).status == KLDSIM_OK)
			yes = middle;
		else
			no = middle;
	}
	return yes;
}

/*
 * The border is where it should be; ANY: only that there is one, and told.  What
 * takes steps after preloads is told of the kernel.
 */
static void
check(const struct subject *subject, const char *limit, uint64_t want)
{
	uint64_t have = border(subject, limit);
	struct outcome over = attempt(subject, limit, have - 1);
	char words[64];

	if (want != ANY && have != want)
		fail_msg("%s, %s: the border is %ju, not %ju", subject->name,
		    limit, (uintmax_t)have, (uintmax_t)want);
	if (have == 1)
		fail_msg("%s, %s: no limit", subject->name, limit);
	(void)snprintf(words, sizeof(words), ": %ju, over the limit %s=%ju",
	    (uintmax_t)have, limit, (uintmax_t)have - 1);
	if (over.status != KLDSIM_LIMIT ||
	    strstr(over.text, words) == NULL ||
	    (strstr(over.text, subject->file) == NULL &&
	    !(subject->preloaded && strcmp(limit, "work") == 0)))
		fail_msg("%s, %s: '%s', not '%s'", subject->name, limit,
		    over.text, words);
}

/* --- what a file has, from its own bytes; ELF64, little-endian --- */

#define SHDR 64u
#define PHDR 56u
#define SYM 24u
#define RELA 24u
#define SHT_SYMTAB 2u
#define SHT_RELA 4u
#define PT_LOAD 1u

static uint64_t
number(const uint8_t *at, unsigned width)
{
	uint64_t value = 0;

	while (width-- > 0)
		value = value << 8 | at[width];
	return value;
}

struct counts {
	uint64_t sections, symbols, relocs, memory;
};

static struct counts
count(const struct subject *subject)
{
	struct counts counts = { .sections = 0 };
	struct preloaded world;
	struct kldsim_synth *synth;
	struct kldsim_error error;
	const uint8_t *at;
	void *bytes;
	size_t size;

	begin(&world, subject);
	synth = subject->kind == KLDSIM_SYNTH_KERNEL ? world.kern.synth :
	    kldsim_synth_new("amd64", subject->kind);
	if (synth != world.kern.synth)
		kldsim_synth_option(synth, KLDSIM_SYNTH_OSRELDATE, R121);
	if (subject == &preloaded_dyn)
		kldsim_synth_mdt_version(synth, "m", 1); /* P-12 */
	fill(synth);
	assert_int_equal(kldsim_synth_finish(synth, &bytes, &size, &error),
	    KLDSIM_OK);
	at = bytes;
	counts.sections = number(at + 60, 2);
	for (unsigned i = 0; i < counts.sections; i++) {
		const uint8_t *shdr = at + number(at + 40, 8) + i * SHDR;
		uint64_t entries = number(shdr + 32, 8) / SYM;

		if (number(shdr + 4, 4) == SHT_SYMTAB)
			counts.symbols = entries;
		if (number(shdr + 4, 4) == SHT_RELA)
			counts.relocs += entries;
	}
	for (unsigned i = 0; i < number(at + 56, 2); i++) {
		const uint8_t *phdr = at + number(at + 32, 8) + i * PHDR;

		if (number(phdr, 4) == PT_LOAD)
			counts.memory += number(phdr + 40, 8);
	}
	kldsim_synth_free_bytes(bytes);
	if (synth != world.kern.synth)
		kldsim_synth_free(synth);
	preloaded_fini(&world);
	return counts;
}

/* --- the tests --- */

static void
at_the_border(void **state)
{
	static const struct subject *const subjects[] = { &rel, &dyn,
		&preloaded_rel, &preloaded_dyn, &kernel };

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const struct subject *subject = subjects[i];
		const bool module = subject->kind != KLDSIM_SYNTH_KERNEL;
		struct counts counts = count(subject);

		assert_true(counts.sections > N && counts.symbols > N);
		check(subject, "sections", counts.sections);
		check(subject, "symbols", counts.symbols);
		check(subject, "map_bytes", module ? ANY : counts.memory);
		if (!module) /* nothing is looked up, run or sorted */
			continue;
		assert_true(counts.relocs >= N);
		check(subject, "relocs", counts.relocs);
		check(subject, "set_entries", N);
		check(subject, "work", ANY);
	}
	check(&powerpc, "relocs", ANY);
}

/*
 * A mapping is of whole pages, and what kldstat(2) says of it (O-11, D-06).  The
 * steps of an ET_REL file: each symbol, each relocation in two passes, each
 * SYSINIT against each other one (M-30).
 */
static void
what_is_counted(void **state)
{
	const struct counts counts = count(&rel);
	const uint64_t steps = counts.symbols + 2 * counts.relocs;

	(void)state;
	check(&rel, "map_bytes", (attempt(&rel, "depth", DEFAULT).stat.size +
	    4095) / 4096 * 4096);
	check(&dyn, "map_bytes", attempt(&dyn, "depth", DEFAULT).stat.size);
	check(&preloaded_rel, "map_bytes", attempt(&preloaded_rel, "depth",
	    DEFAULT).stat.size);
	check(&rel, "work", steps + N * N / 2);
	/* The kernel has none of its own, and sorts all of them (M-34). */
	check(&preloaded_rel, "work", steps + N * N / 2);
}

/* Each field has a name and a default; no other name is taken. */
static void
each_has_a_name(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
#define FIELD(name) { #name, offsetof(struct kldsim_limits, name) }
		FIELD(map_bytes), FIELD(sections), FIELD(symbols),
		FIELD(relocs), FIELD(set_entries), FIELD(depth),
		FIELD(findings), FIELD(work), FIELD(types),
		FIELD(type_members), FIELD(type_strings), FIELD(type_bytes),
		FIELD(archive_bytes), FIELD(archive_members),
#undef FIELD
	};
	struct kldsim_options options;
	struct kldsim_limits limits;

	(void)state;
	assert_int_equal(offsetof(struct kldsim_limits, spare),
	    sizeof(fields) / sizeof(fields[0]) * sizeof(uint64_t));
	kldsim_options_init(&options, sizeof(options));
	kldsim__limits_defaults(&options.limits);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t value;

		memcpy(&value, (char *)&options.limits + fields[i].offset,
		    sizeof(value));
		assert_true(value >= 1000);
		memset(&limits, 0, sizeof(limits));
		assert_int_equal(kldsim_limit_set(&limits, fields[i].name,
		    i + 1), KLDSIM_OK);
		memcpy(&value, (char *)&limits + fields[i].offset,
		    sizeof(value));
		assert_int_equal(value, i + 1);
	}
	assert_int_equal(kldsim_limit_set(&limits, "", 1), KLDSIM_ARG);
	assert_int_equal(kldsim_limit_set(&limits, "works", 1), KLDSIM_ARG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_border),
		cmocka_unit_test(what_is_counted),
		cmocka_unit_test(each_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
