/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_MODEL_GEN_H
#define SUPPORT_MODEL_GEN_H

/* A random module on its way; for support_model_gen*.c. */

#include "support_model.h"

/* A module that is being made. */
struct maker {
	struct model_graph *graph;
	struct model_image *image;
	struct kldsim_synth *synth;
	uint64_t *random;
	size_t number, total;
	int functions[4];
	int variable;   /* one of its own, of a set; 0: none so far */
	unsigned named; /* to make names differ */
	int needs[8];   /* modules that it says it depends on */
	size_t nneeds;
	unsigned modules;
	uint32_t set_type[2]; /* of the first set_pcpu, set_vnet */
	enum { FIXED, PLAIN, RUNTIME } vnets; /* how it was built (J-21) */
	bool padded; /* both sets end with a mark: they have bytes */
	bool wild; /* more of what makes loads fail */
	unsigned nodes; /* sysctl nodes of its own, a bit each */
};

static inline int
between(struct maker *maker, int low, int high)
{
	return low + (int)model_below(maker->random, (size_t)(high - low + 1));
}

static inline bool
chance(struct maker *maker, unsigned percent)
{
	return model_chance(maker->random, percent);
}

/* What makes loads fail. */
static inline bool
odd(struct maker *maker, unsigned permille)
{
	return model_below(maker->random, maker->wild ? 1000 : 4000) <
	    permille;
}

static inline char *
text(char *out, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(out, MODEL_NAME, format, arguments);
	va_end(arguments);
	return out;
}

static inline int
any_function(struct maker *maker)
{
	return maker->functions[between(maker, 0, 3)];
}

/* support_model_gen_parts.c: what other parts of the kernel are told. */
void model_act_sysctl(struct maker *maker);
void model_act_malloc(struct maker *maker);
void model_act_sdt(struct maker *maker);
/* The kernel's own of that. */
void model_kernel_parts(struct kldsim_synth *kernel,
    const struct model_graph *graph);

#endif
