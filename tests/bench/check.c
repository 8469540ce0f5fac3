/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A check of a folder beside one load of all that is in it, in one process:
 *
 *	check REPETITIONS JSON KERNEL FOLDER
 *
 * Alone, a module's dependencies are loaded with it, each time anew, so that
 * CPU times are compared per relocation applied.  Times are the least of all
 * repetitions.  Private memory is what the process's anonymous pages grow by
 * until the last module of a load, or at most while modules are told of.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>

#include "clock.h"

enum phase { LOAD, KLDLOAD, KLDLOAD_TWO, PRELOAD, PHASES };

static const char *const phase_names[PHASES] = { "load of all",
	"check, kldload, one job", "check, kldload, two jobs",
	"check, preload, one job" };

static double cpu_ms[PHASES], wall_ms[PHASES];
static long private_kib[PHASES];

static struct kldsim_image *kernel;
static struct kldsim_options options;
static const char *folder;
static char **paths; /* of all modules */
static uint64_t *relocations;
static size_t count;
static long before, most; /* anonymous KiB; -1: nobody looks */

static long
anonymous_kib(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[128];
	long kib = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "Anonymous:", 10) == 0)
			kib = strtol(line + 10, NULL, 10);
	fclose(file);
	return kib;
}

/* --- how much there is to do --- */

static uint64_t
word(const unsigned char *bytes, unsigned width)
{
	uint64_t value = 0;

	while (width-- != 0)
		value = value << 8 | bytes[width];
	return value;
}

/* Entries of all tables of an amd64 module: SHT_RELA is 4, one has 24 bytes. */
static uint64_t
count_relocations(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned char head[64], section[64];
	uint64_t sum = 0;

	if (file == NULL || fread(head, sizeof head, 1, file) != 1)
		die(path, "cannot be read");
	for (uint64_t i = 0; i < word(head + 60, 2); i++) {
		if (fseek(file, (long)(word(head + 40, 8) + i * 64),
		    SEEK_SET) != 0 || fread(section, 64, 1, file) != 1)
			die(path, "cannot be read");
		if (word(section + 4, 4) == 4)
			sum += word(section + 32, 8) / 24;
	}
	fclose(file);
	return sum;
}

static struct kldsim *
boot(void)
{
	struct kldsim_error error;
	struct kldsim *sim;

	if (kldsim_boot(kernel, &options, &sim, &error) != KLDSIM_OK)
		die("kernel", error.text);
	return sim;
}

static void
load(struct kldsim *sim, const char *path)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldload_path(sim, path, &result, &error) != KLDSIM_OK)
		die(path, error.text);
}

/* Those of a module and of all that is loaded with it. */
static uint64_t
relocations_with(struct kldsim *sim)
{
	struct kldsim_filestat stat;
	uint64_t sum = 0;

	for (int id = 1; kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0;)
		for (size_t i = 0; kldsim_kldstat(sim, id, &stat) ==
		    KLDSIM_OK && i < count; i++)
			if (strcmp(paths[i], stat.path) == 0)
				sum += relocations[i];
	return sum;
}

static uint64_t
relocations_alone(void)
{
	struct kldsim *sim = boot();
	uint64_t snapshot, sum = 0;

	if (kldsim_snapshot(sim, &snapshot, NULL) != KLDSIM_OK)
		die("kernel", "no memory");
	for (size_t i = 0; i < count; i++) {
		load(sim, paths[i]);
		sum += relocations_with(sim);
		if (kldsim_restore(sim, snapshot) != KLDSIM_OK)
			die("kernel", "cannot be put back");
	}
	kldsim_destroy(sim);
	return sum;
}

/* --- the phases --- */

static void
look(void)
{
	const long kib = most < 0 ? -1 : anonymous_kib() - before;

	if (kib > most)
		most = kib;
}

/* One that is there already, for another one, is refused: that costs little. */
static void
load_all(void)
{
	struct kldsim *sim = boot();

	for (size_t i = 0; i < count; i++)
		load(sim, paths[i]);
	look();
	kldsim_destroy(sim);
}

static bool
visit(void *user, const struct kldsim_check_module *module)
{
	size_t *told = user;

	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++)
		if (module->answers[way].verdict > KLDSIM_CHECK_OK)
			die(module->path, "refused");
	(*told)++;
	if (*told % 16 == 0)
		look();
	return true;
}

static void
run_check(unsigned ways, unsigned jobs)
{
	struct kldsim_check_options how;
	struct kldsim_check *check;
	struct kldsim_error error;
	size_t told = 0;

	kldsim_check_options_init(&how, sizeof(how));
	how.boot = &options;
	how.what = &folder;
	how.nwhat = 1;
	how.ways = ways;
	how.jobs = jobs;
	if (kldsim_check_new(kernel, &how, &check, &error) != KLDSIM_OK ||
	    kldsim_check_run(check, visit, &told, &error) != KLDSIM_OK)
		die("check", error.text);
	if (told != count)
		die("check", "not all modules were tried");
	kldsim_check_free(check);
}

/* Each time with a source that has read nothing yet. */
static void
new_source(void)
{
	struct kldsim_source_options how;
	struct kldsim_error error;

	kldsim_source_unref(options.source);
	kldsim_source_options_init(&how, sizeof(how));
	how.read_once = true;
	if (kldsim_source_new(&how, &options.source, &error) != KLDSIM_OK)
		die("source", error.text);
}

static void
run_phase(enum phase phase)
{
	new_source();
	switch (phase) {
	case LOAD:
		load_all();
		break;
	case KLDLOAD:
		run_check(1u << KLDSIM_CHECK_KLDLOAD, 1);
		break;
	case KLDLOAD_TWO:
		run_check(1u << KLDSIM_CHECK_KLDLOAD, 2);
		break;
	default:
		run_check(1u << KLDSIM_CHECK_PRELOAD, 1);
	}
}

/* The first time for memory, then for time. */
static void
measure(enum phase phase, int repetitions)
{
	new_source();
	before = anonymous_kib();
	most = 0;
	run_phase(phase);
	private_kib[phase] = most;
	most = -1;
	for (int i = 0; i < repetitions; i++) {
		double cpu = cpu_us(), now = now_ms();

		run_phase(phase);
		cpu = (cpu_us() - cpu) / 1e3;
		now = now_ms() - now;
		if (i == 0 || cpu < cpu_ms[phase])
			cpu_ms[phase] = cpu;
		if (i == 0 || now < wall_ms[phase])
			wall_ms[phase] = now;
	}
}

static void
report(const char *path, uint64_t all, uint64_t alone)
{
	FILE *file = fopen(path, "w");
	const double per_all = cpu_ms[LOAD] * 1e6 / (double)all;
	const double per_alone = cpu_ms[KLDLOAD] * 1e6 / (double)alone;

	if (file == NULL)
		die(path, "cannot be written");
	fprintf(file, "{\"modules\": %zu, \"phases\": [", count);
	for (int p = 0; p < PHASES; p++) {
		printf("%-26s %9.1f ms CPU %9.1f ms %8ld KiB private\n",
		    phase_names[p], cpu_ms[p], wall_ms[p], private_kib[p]);
		fprintf(file, "%s\n  {\"name\": \"%s\", \"cpu_ms\": %.2f, "
		    "\"wall_ms\": %.2f, \"private_kib\": %ld}", p == 0 ? "" :
		    ",", phase_names[p], cpu_ms[p], wall_ms[p],
		    private_kib[p]);
	}
	printf("%.0f relocations in all, %.0f alone: %.1f and %.1f ns each, "
	    "ratio %.2f\n", (double)all, (double)alone, per_all, per_alone,
	    per_alone / per_all);
	printf("two jobs: %.2f of one's time, %.2f of the load's memory\n",
	    wall_ms[KLDLOAD_TWO] / wall_ms[KLDLOAD],
	    (double)private_kib[KLDLOAD_TWO] /
	    (double)(private_kib[LOAD] + 1));
	fprintf(file, "\n], \"relocations\": %.0f, \"relocations_alone\": "
	    "%.0f, \"ratio_percent\": %.0f, \"two_jobs_percent\": %.0f, "
	    "\"memory_percent\": %.0f}\n", (double)all, (double)alone,
	    100 * per_alone / per_all,
	    100 * wall_ms[KLDLOAD_TWO] / wall_ms[KLDLOAD],
	    100 * (double)private_kib[KLDLOAD_TWO] /
	    (double)(private_kib[LOAD] + 1));
	if (fclose(file) != 0)
		die(path, "cannot be written");
}

/* The modules in the order in which a check tries them. */
static void
find_modules(void)
{
	struct kldsim_check_options how;
	struct kldsim_check *check;
	struct kldsim_error error;

	kldsim_check_options_init(&how, sizeof(how));
	how.boot = &options;
	how.what = &folder;
	how.nwhat = 1;
	if (kldsim_check_new(kernel, &how, &check, &error) != KLDSIM_OK)
		die(folder, error.text);
	count = kldsim_check_count(check);
	paths = calloc(count, sizeof *paths);
	relocations = calloc(count, sizeof *relocations);
	if (paths == NULL || relocations == NULL)
		die(folder, "no memory");
	for (size_t i = 0; i < count; i++) {
		const size_t size = strlen(folder) +
		    strlen(kldsim_check_name(check, i)) + 2;

		paths[i] = malloc(size);
		if (paths[i] == NULL)
			die(folder, "no memory");
		snprintf(paths[i], size, "%s/%s", folder,
		    kldsim_check_name(check, i));
		relocations[i] = count_relocations(paths[i]);
	}
	kldsim_check_free(check);
}

int
main(int argc, char **argv)
{
	struct kldsim_error error;
	uint64_t all = 0;

	if (argc != 5)
		die("usage", "check REPETITIONS JSON KERNEL FOLDER");
	folder = argv[4];
	kldsim_options_init(&options, sizeof(options));
	options.module_path = folder;
	new_source();
	if (kldsim_image_open(argv[3], &kernel, &error) != KLDSIM_OK)
		die(argv[3], error.text);
	find_modules();
	for (size_t i = 0; i < count; i++)
		all += relocations[i];
	for (int phase = 0; phase < PHASES; phase++)
		measure(phase, atoi(argv[1]));
	report(argv[2], all, relocations_alone());
	return 0;
}
