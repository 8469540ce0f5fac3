/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose a graph of modules and operations on it, which are
 * done by the library and by the model of tests/unit/model, a plain restatement of
 * the rules: files, ids, memory, errnos, console lines and events are equal
 * after each step.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support_model.h"

#define GRAPHS 32

static struct model_graph *graphs[GRAPHS];
static char folders[GRAPHS][FUZZ_FOLDER];

static void
forget_graphs(void)
{
	for (unsigned i = 0; i < GRAPHS; i++) {
		if (graphs[i] == NULL)
			continue;
		model_graph_free(graphs[i]);
		(void)rmdir(folders[i]);
		free(graphs[i]);
		graphs[i] = NULL;
	}
}

/* Made when it is chosen first, folders and all. */
static const struct model_graph *
graph_of(unsigned number)
{
	static bool told;

	if (!told && atexit(forget_graphs) != 0)
		fuzz_fail(__FILE__, __LINE__, "atexit");
	told = true;
	if (graphs[number] != NULL)
		return (graphs[number]);
	graphs[number] = calloc(1, sizeof(*graphs[number]));
	FUZZ_CHECK(graphs[number] != NULL, "no memory");
	fuzz_folder(folders[number]);
	model_graph_make(graphs[number], number + 1, folders[number]);
	return (graphs[number]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	unsigned number, sequence;

	/* What is behind the last step says nothing. */
	if (size > 2 + 2 * MODEL_STEPS)
		return (-1);
	number = fuzz_choose(&bytes, GRAPHS);
	sequence = fuzz_choose(&bytes, 256);
	if (bytes.left != 0)
		model_run(graph_of(number), sequence, bytes.at, bytes.left);
	return (0);
}
