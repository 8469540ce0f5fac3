/* SPDX-License-Identifier: BSD-2-Clause */

/* Random sysctls, malloc types and static probes; see support_model_gen.h. */

#include "support_model_gen.h"

/* Below kern, kern.ipc or a node of its own; the same names and numbers. */
void
model_act_sysctl(struct maker *maker)
{
	static const char *const names[] = { "maxvnodes", "ipc", "n0", "n1",
		"tuned", "far" };
	static const char *const parents[] = { "_kern_ipc", "_kern_n0",
		"_kern_n1" };
	static const uint32_t kinds[] = { 2, 2, 0x80002, 0x81002, 0xa0002 };
	struct kldsim_synth_oid oid = { .parent = "_kern" };
	const int name = between(maker, 0, 5), below = between(maker, 0, 5);
	char far[128];

	oid.name = names[name];
	oid.kind = kinds[between(maker, 0, 4)];
	oid.number = odd(maker, 100) ? between(maker, 3, 7) :
	    chance(maker, 80) ? -1 : 300;
	if (below < 3 && (below == 0 || (maker->nodes & 1u << below) != 0))
		oid.parent = parents[below];
	/* A node has a symbol for all of the file. */
	if (name >= 1 && name <= 3 && strcmp(oid.parent, "_kern") == 0 &&
	    (maker->nodes & 1u << (name - 1)) == 0 && chance(maker, 60)) {
		oid.kind = 1;
		maker->nodes |= 1u << (name - 1);
	}
	if (name == 5) { /* "kern.": 95 bytes and a NUL do */
		memset(far, 'x', 91);
		far[between(maker, 89, 91)] = '\0';
		oid.name = far;
	}
	(void)kldsim_synth_sysctl(maker->synth, &oid);
}

/* A struct malloc_type of this kernel's, or of another's. */
void
model_act_malloc(struct maker *maker)
{
	const unsigned w = maker->graph->machine->word;
	struct kldsim_synth *synth = maker->synth;
	int data = kldsim_synth_section_named(synth, ".data"), type;
	char name[MODEL_NAME];
	uint64_t at = kldsim_synth_align(synth, data, 8);

	(void)kldsim_synth_append(synth, data, NULL, w);
	(void)kldsim_synth_append_int(synth, data, odd(maker, 40) ? 1 :
	    model_malloc_number(maker->graph->osreldate), w);
	(void)kldsim_synth_append(synth, data, NULL, 2 * w);
	(void)text(name, "t%u", maker->named++);
	type = kldsim_synth_symbol(synth, name, KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, data, at, 4 * w);
	(void)kldsim_synth_sysinit(synth, name, 0x1800000, 2,
	    kldsim_synth_ref(synth, "malloc_init"), type);
}

/* A probe of the kernel's, or words of its own, which may be GLOBAL. */
static int
any_probe(struct maker *maker)
{
	struct kldsim_synth *synth = maker->synth;
	int data = kldsim_synth_section_named(synth, ".data");
	char name[MODEL_NAME];
	uint64_t at;

	if (chance(maker, 30))
		return kldsim_synth_ref(synth, "sdt_kernel_probe");
	at = kldsim_synth_align(synth, data, 8);
	(void)kldsim_synth_append(synth, data, NULL, 48);
	(void)text(name, "m%zu_p%u", maker->number, maker->named++);
	return kldsim_synth_symbol(synth, name, chance(maker, 70) ?
	    KLDSIM_SYNTH_LOCAL : KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT,
	    data, at, 48);
}

/* An object with one pointer, that many words from its start. */
static int
with_pointer(struct maker *maker, unsigned words, int to)
{
	const unsigned w = maker->graph->machine->word;
	struct kldsim_synth *synth = maker->synth;
	int data = kldsim_synth_section_named(synth, ".data");
	uint64_t at = kldsim_synth_align(synth, data, 8);
	char name[MODEL_NAME];

	(void)kldsim_synth_append(synth, data, NULL, 6 * w);
	kldsim_synth_pointer(synth, data, at + words * w, to, 0);
	(void)text(name, "m%zu_p%u", maker->number, maker->named++);
	return kldsim_synth_symbol(synth, name, chance(maker, 80) ?
	    KLDSIM_SYNTH_LOCAL : KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT,
	    data, at, 6 * w);
}

/* One of the sets that sdt.ko looks for; tracepoints are no pointers. */
void
model_act_sdt(struct maker *maker)
{
	const unsigned w = maker->graph->machine->word;
	struct kldsim_synth *synth = maker->synth;
	int set, probe = any_probe(maker);
	uint64_t at;

	switch (between(maker, 0, 3)) {
	case 0:
		(void)kldsim_synth_set_entry(synth, "sdt_providers_set",
		    with_pointer(maker, 0, probe));
		return;
	case 1:
		(void)kldsim_synth_set_entry(synth, "sdt_argtypes_set",
		    with_pointer(maker, 5, probe));
		return;
	case 2:
		(void)kldsim_synth_set_entry(synth, "sdt_probes_set", probe);
		return;
	}
	set = kldsim_synth_section_named(synth, "set_sdt_tracepoint_set");
	at = kldsim_synth_append(synth, set, NULL, 4 * w);
	kldsim_synth_pointer(synth, set, at, probe, 0);
	kldsim_synth_pointer(synth, set, at + w, any_function(maker), 0);
	kldsim_synth_pointer(synth, set, at + 2 * w, any_function(maker), 0);
}

static void
add_sysctls(struct kldsim_synth *kernel, uint32_t osreldate)
{
	static const struct kldsim_synth_oid oids[] = {
		{ .parent = "", .name = "kern", .number = 1, .kind = 1 },
		{ .parent = "_kern", .name = "ipc", .number = 32, .kind = 1 },
		{ .parent = "_kern", .name = "maxvnodes", .number = 5,
		    .kind = 2 },
	};
	size_t i;

	kldsim_synth_option(kernel, KLDSIM_SYNTH_SYSCTL_TREE,
	    model_sysctl_tree(osreldate));
	for (i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		(void)kldsim_synth_sysctl(kernel, &oids[i]);
}

/* What is asked of the kernel's own (M-46, L-25). */
static void
add_variables(struct kldsim_synth *kernel, const struct model_graph *graph)
{
	const unsigned w = graph->machine->word;
	unsigned char type[32] = { 0 }, probe[64] = { 0 };

	model_put(graph->machine, type + w, w,
	    model_malloc_number(graph->osreldate));
	(void)kldsim_synth_object(kernel, "M_TEMP", type, 4 * w, 8);
	(void)kldsim_synth_object(kernel, "sdt_kernel_probe", probe,
	    sizeof(probe), 8);
	if (model_patches_tracepoints(graph->osreldate))
		(void)kldsim_synth_func(kernel, "sdt_tracepoint_valid");
}

void
model_kernel_parts(struct kldsim_synth *kernel,
    const struct model_graph *graph)
{
	add_sysctls(kernel, graph->osreldate);
	add_variables(kernel, graph);
}
