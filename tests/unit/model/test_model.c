/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Random loads, unloads, failing handlers, vnets and snapshots over random
 * module graphs, each step compared with the model (support_model.h).
 *
 * KLDSIM_MODEL_SEQUENCES: how many; KLDSIM_MODEL_SEED: the first graph's seed;
 * KLDSIM_MODEL_TRACE: say every step.  A disagreement names graph and
 * sequence; that graph alone: KLDSIM_MODEL_SEED=GRAPH KLDSIM_MODEL_SEQUENCES=1.
 */

#include "support_full.h"
#include "support_model.h"

#include <unistd.h>

#define PER_GRAPH 8

static unsigned long
setting(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoul(value, NULL, 0) : otherwise;
}

static void
test_random_sequences(void **state)
{
	static struct model_graph graph;
	const char *tmp = getenv("TMPDIR");
	/* The last of the ten thousand have all that is rare, panics. */
	unsigned long first = setting("KLDSIM_MODEL_SEED",
	    full_or_few(1, 1101));
	unsigned long total = setting("KLDSIM_MODEL_SEQUENCES",
	    full_or_few(10000, 1200));
	char folder[MODEL_PATH / 2];
	unsigned long done = 0;
	unsigned number;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/kldsim-model.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder));
	print_message("seeds from %lu\n", first);
	for (; done < total; first++) {
		model_graph_make(&graph, first, folder);
		for (number = 0; number < PER_GRAPH && done < total; number++) {
			model_run(&graph, number, NULL, 0);
			done++;
		}
		model_graph_free(&graph);
	}
	(void)rmdir(folder);
	model_print_outcomes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
