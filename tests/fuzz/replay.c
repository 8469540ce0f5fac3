/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any fuzz target without a fuzzing engine: each file, and each file of each
 * folder, is one input.
 *
 *	replay_TARGET [-n CHANGES] [-s SEED] [-w KEPT] FILE|FOLDER...
 *
 * With -n each is also changed that often by the mutator; the same seed makes
 * the same changes.  With -w each input is written to KEPT before it is used:
 * what is there when the program fails is what made it fail.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "mutator.h"

static unsigned long changes, seed, inputs;
static const char *kept; /* where the input in use is written first */

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

static void
keep(const uint8_t *data, size_t size)
{
	FILE *file = fopen(kept, "wb");

	if (file == NULL || fwrite(data, 1, size, file) != size ||
	    fclose(file) != 0)
		die(kept);
}

static void
run(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a sanitizer sees every step outside. */
	uint8_t *copy = malloc(size != 0 ? size : 1);

	if (copy == NULL)
		die("malloc");
	if (kept != NULL)
		keep(data, size);
	if (size != 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	inputs++;
}

static void
run_changed(const uint8_t *data, size_t size)
{
	size_t max = size + size / 2 + 256;
	uint8_t *room = malloc(max);

	if (room == NULL)
		die("malloc");
	for (unsigned long i = 0; i < changes; i++) {
		struct fuzz_random random = fuzz_seed(seed + i);
		struct fuzz_input input = { room, size, max };

		if (size != 0)
			memcpy(room, data, size);
		if (!fuzz_mutate(&input, &random))
			fuzz_mutate_bytes(&input, &random);
		run(input.data, input.size);
	}
	free(room);
}

static void
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t size;

	if (file == NULL || fstat(fileno(file), &st) != 0)
		die(path);
	data = malloc((size_t)st.st_size + 1);
	if (data == NULL)
		die("malloc");
	size = fread(data, 1, (size_t)st.st_size, file);
	(void)fclose(file);
	run(data, size);
	run_changed(data, size);
	free(data);
}

static void
replay_folder(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	if (n < 0)
		die(path);
	for (int i = 0; i < n; i++) {
		char inside[4096];

		(void)snprintf(inside, sizeof(inside), "%s/%s", path,
		    names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			replay_file(inside);
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char **argv)
{
	struct stat st;
	int option;

	while ((option = getopt(argc, argv, "n:s:w:")) != -1) {
		if (option == 'n')
			changes = strtoul(optarg, NULL, 0);
		else if (option == 's')
			seed = strtoul(optarg, NULL, 0);
		else if (option == 'w')
			kept = optarg;
		else
			return (2);
	}
	for (int i = optind; i < argc; i++) {
		if (stat(argv[i], &st) != 0)
			die(argv[i]);
		if (S_ISDIR(st.st_mode))
			replay_folder(argv[i]);
		else
			replay_file(argv[i]);
	}
	(void)printf("%lu inputs\n", inputs);
	return (0);
}
