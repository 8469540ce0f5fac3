/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The order in which SYSINITs of preloaded files run: with the kernel's, by
 * key, and by each release's way with equal keys (M-34, M-35, V-52).
 */

#include "support_preload.h"

#include <stdio.h>

#define SI_SUB_DUMMY 0u
#define SI_SUB_DONE 1u
#define SI_SUB_KLD 0x2000000u
#define SI_SUB_DRIVERS 0x3100000u
/* Before and after the preloaded files arrive. */
#define EARLY 0x1800000u
#define LATE 0x4000000u

/* One SYSINIT; its function has its name. */
struct init {
	const char *name;
	uint32_t subsystem, order;
};

static void
world_init(struct preloaded *world, uint32_t osreldate)
{
	preloaded_init(world, osreldate);
	/* V-51; preloaded_init knows it of modules only. */
	kldsim_synth_option(world->kern.synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
}

/* Boot; every file must be taken. */
static void
boot(struct preloaded *world)
{
	if (preloaded_try_boot(world) != KLDSIM_OK)
		fail_msg("boot: %s", world->kern.error.text);
	for (size_t i = 0; i < world->count; i++) {
		assert_int_equal(kldsim_preload_result(world->kern.sim, i,
		    &world->kern.result), KLDSIM_OK);
		assert_int_equal(world->kern.result.error, 0);
	}
}

/* SYSINITs in this order, until a name that is NULL. */
static void
add_inits(struct kldsim_synth *synth, const struct init *inits)
{
	for (; inits->name != NULL; inits++)
		(void)kldsim_synth_sysinit(synth, inits->name,
		    inits->subsystem, inits->order, kldsim_synth_func(synth,
		    inits->name), 0);
}

/* What ran since an event, by function or module: "a b c". */
static void
ran_since(const struct kern *kern, size_t first, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = first; i < kldsim_event_count(kern->sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern->sim,
		    i);

		if (event->kind >= KLDSIM_EVENT_KLD_LOAD)
			continue; /* no call of the file's own */
		/* The event that follows it says more. */
		if (event->kind == KLDSIM_EVENT_SYSINIT &&
		    event->symbol != NULL && strcmp(event->symbol,
		    "module_register_init") == 0)
			continue;
		assert_true(used < size);
		used += (size_t)snprintf(text + used, size - used, "%s%s",
		    used == 0 ? "" : " ", event->kind ==
		    KLDSIM_EVENT_MOD_LOAD ? event->module : event->symbol !=
		    NULL ? event->symbol : "?");
	}
}

static void
assert_ran(const struct preloaded *world, const char *want)
{
	char have[256];

	ran_since(&world->kern, 0, have, sizeof(have));
	assert_string_equal(have, want);
}

/* What the kernel, a.ko and b.ko have, and what runs of the files'. */
struct row {
	uint32_t osreldate;
	struct init kernel[4];
	struct init a[4];
	struct init b[4];
	const char *want;
};

static void
try_row(const struct row *row)
{
	struct kldsim_synth *a = module_new(row->osreldate);
	struct kldsim_synth *b = module_new(row->osreldate);
	struct preloaded world;

	world_init(&world, row->osreldate);
	add_inits(world.kern.synth, row->kernel);
	add_inits(a, row->a);
	(void)kldsim_synth_func(a, "unused"); /* never without contents */
	add_inits(b, row->b);
	(void)kldsim_synth_func(b, "unused");
	preloaded_add(&world, a, "a.ko");
	preloaded_add(&world, b, "b.ko");
	boot(&world);
	assert_ran(&world, row->want);
	preloaded_fini(&world);
}

/*
 * M-34, M-30 with orders 5, 5 of a and 3, 5 of b.  Exchange: [a1 a2 b1 b2], of
 * which i=0 swaps a1 with b1: [b1 a2 a1 b2]; no more is greater than what
 * follows.  Stable: b1 a1 a2 b2.
 */
static void
equal_keys_of_two_files(void **state)
{
	static const uint32_t exchange[] = { R121, R130 };
	static const uint32_t stable[] = { R141, R150 };
	/* Each behind the first that is not lower: the last comes first. */
	static const uint32_t reversed[] = { 1400095, 1500000 };
	struct row row = { 0, { { NULL, 0, 0 } },
		{ { "a1", LATE, 5 }, { "a2", LATE, 5 }, { NULL, 0, 0 } },
		{ { "b1", LATE, 3 }, { "b2", LATE, 5 }, { NULL, 0, 0 } },
		NULL };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		row.osreldate = exchange[i];
		row.want = "b1 a2 a1 b2";
		try_row(&row);
		row.osreldate = stable[i];
		row.want = "b1 a1 a2 b2";
		try_row(&row);
		row.osreldate = reversed[i];
		row.want = "b1 b2 a2 a1";
		try_row(&row);
	}
}

/*
 * [a5 b5 c3]: i=0 swaps a with c: [c3 b5 a5].  Stable: c a b.  The subsystem
 * counts before the order, and both are unsigned.
 */
static void
equal_keys_of_one_file(void **state)
{
	struct row row = { R121, { { NULL, 0, 0 } },
		{ { "a", LATE, 5 }, { "b", LATE, 5 }, { "c", LATE, 3 },
		    { NULL, 0, 0 } },
		{ { "z", 0xf0000000, 0 }, { "y", LATE - 1, 0xfffffff },
		    { NULL, 0, 0 } },
		NULL };

	(void)state;
	/*
	 * [a b c z y], y lowest: i=0: a>c: [c b a z y]; c>y: [y b a z c];
	 * i=1: b>c: [y c a z b]; i=2: a=b; i=3: z>b: [y c a b z].
	 */
	row.want = "y c a b z";
	try_row(&row);
	row.osreldate = R141;
	row.want = "y c a b z";
	try_row(&row);
	row.b[1].name = NULL;
	/* [a b c z]: [c b a z]. */
	row.osreldate = R121;
	row.want = "c b a z";
	try_row(&row);
	row.osreldate = R141;
	row.want = "c a b z";
	try_row(&row);
}

/*
 * M-35: the kernel's entries take part.  k has the key of a and b:
 * [k5 a5 b5 c3]: i=0 swaps k with c: [c a b k].  Without k it is c b a.
 */
static void
kernel_entries_take_part_in_the_exchange(void **state)
{
	struct row row = { R121,
		{ { "k", LATE, 5 }, { NULL, 0, 0 } },
		{ { "a", LATE, 5 }, { "b", LATE, 5 }, { "c", LATE, 3 },
		    { NULL, 0, 0 } },
		{ { NULL, 0, 0 } }, "c a b" };

	(void)state;
	try_row(&row);
	row.kernel[0].name = NULL;
	row.want = "c b a";
	try_row(&row);
	/*
	 * The kernel's are sorted before: [k9 l5 m5] gives [l5 k9 m5], then
	 * [l5 m5 k9].  With a5 b5 c3: i=0: l>c: [c m k a b l]; i=1: m5 is not
	 * greater than any; i=2: k>a: [c m a k b l]; i=3: k>b: [c m a b k l];
	 * i=4: k>l: [c m a b l k].
	 */
	row.kernel[0] = (struct init){ "k", LATE, 9 };
	row.kernel[1] = (struct init){ "l", LATE, 5 };
	row.kernel[2] = (struct init){ "m", LATE, 5 };
	row.want = "c a b";
	try_row(&row);
}

/*
 * M-34: what has run is DONE (1) when it is sorted again.  k ran, key 1:
 * [k1 a b c]: i=1: a>c: [k c b a].  Were its key still EARLY 5, as that of a
 * and b: [k a b c]: i=0: k>c: [c a b k].  Early entries run all the same.
 */
static void
what_has_run_is_done(void **state)
{
	struct row row = { R121,
		{ { "k", EARLY, 5 }, { NULL, 0, 0 } },
		{ { "a", EARLY, 5 }, { "b", EARLY, 5 }, { "c", EARLY, 3 },
		    { NULL, 0, 0 } },
		{ { "d", SI_SUB_KLD, 0 }, { "e", LATE, 0 },
		    { NULL, 0, 0 } }, "c b a d e" };

	(void)state;
	try_row(&row);
	row.osreldate = R130;
	try_row(&row);
	row.osreldate = R141;
	row.want = "c a b d e";
	try_row(&row);
}

/* M-34: DUMMY (0) and up to 13 DONE (1) are skipped; a kldload runs DONE. */
static void
dummy_and_done_are_skipped(void **state)
{
	static const struct init inits[] = { { "dummy", SI_SUB_DUMMY, 0 },
		{ "done", SI_SUB_DONE, 0 }, { "two", 2, 0 },
		{ NULL, 0, 0 } };
	struct kldsim_synth *module = module_new(R121);
	struct row row = { R121, { { NULL, 0, 0 } }, { { NULL, 0, 0 } },
		{ { NULL, 0, 0 } }, "two" };
	struct kern kern;
	char have[64];

	(void)state;
	/* M-31: not by kldload. */
	kern_start(&kern, R121);
	add_inits(module, inits);
	(void)kern_load(&kern, module, "m.ko");
	ran_since(&kern, 0, have, sizeof(have));
	assert_string_equal(have, "done two");
	kern_fini(&kern);
	memcpy(row.a, inits, sizeof(inits));
	try_row(&row);
	row.osreldate = R130;
	try_row(&row);
}

/* P-27, M-34: sets come in the order of finalisation, not of the blob. */
static void
sets_in_the_order_of_finalisation(void **state)
{
	static const uint32_t releases[] = { R121, R130, R141, R150 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const uint32_t release = releases[i];
		struct kldsim_synth *a = module_new(release);
		struct kldsim_synth *b = module_new(release);
		struct preloaded world;

		world_init(&world, release);
		add_inits(a, (const struct init[]){ { "a", LATE, 5 },
		    { NULL, 0, 0 } });
		kldsim_synth_mdt_depend(a, "libb", 1, 1, 1);
		add_inits(b, (const struct init[]){ { "b", LATE, 5 },
		    { NULL, 0, 0 } });
		kldsim_synth_mdt_version(b, "libb", 1);
		preloaded_add(&world, a, "a.ko");
		preloaded_add(&world, b, "b.ko");
		boot(&world);
		assert_ran(&world, "b a");
		preloaded_fini(&world);
	}
}

/*
 * M-34: an array of its own is sorted; the file's own set keeps its order,
 * which kldload's does not (M-30).  V-53: kldload exchanges in all releases.
 */
static void
the_set_itself_is_not_sorted(void **state)
{
	static const uint32_t releases[] = { R121, R150 };
	static const struct init inits[] = { { "a", LATE, 5 },
		{ "b", LATE, 5 }, { "c", LATE, 3 }, { NULL, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct preloaded world;
		uint64_t at, size, first;
		size_t events;
		char have[64];
		int id;

		world_init(&world, releases[i]);
		add_inits(module, inits);
		preloaded_add(&world, module, "p.ko");
		boot(&world);
		assert_ran(&world, i == 0 ? "c b a" : "c a b");
		at = kern_section(&world.kern, world.kern.result.fileid,
		    "set_sysinit_set").address;
		size = i == 0 ? 24 : 32; /* M-05 */
		first = kern_read(&world.kern, at, 8);
		assert_hex(kern_read(&world.kern, at + 8, 8), first + size);
		assert_hex(kern_read(&world.kern, at + 16, 8),
		    first + 2 * size);
		events = kldsim_event_count(world.kern.sim);
		module = module_new(releases[i]);
		add_inits(module, inits);
		id = kern_load(&world.kern, module, "l.ko");
		ran_since(&world.kern, events, have, sizeof(have));
		assert_string_equal(have, "c b a");
		/* [a b c] has become [c b a]. */
		at = kern_section(&world.kern, id, "set_sysinit_set").address;
		first = kern_read(&world.kern, at + 16, 8);
		assert_hex(kern_read(&world.kern, at, 8), first + 2 * size);
		preloaded_fini(&world);
	}
}

/*
 * L-12, M-21: MOD_LOADs among the other SYSINITs, by key; the last to succeed
 * is the head of its file's list.
 */
static void
mod_loads_by_key(void **state)
{
	static const char *const heads[] = { "m2", "m3", "m1" };
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct kldsim_modinfo info;
		struct preloaded world;

		(void)kldsim_synth_declare_module(module, "m1", 0,
		    SI_SUB_DRIVERS, 1);
		(void)kldsim_synth_declare_module(module, "m2", 0,
		    SI_SUB_DRIVERS, 3);
		add_inits(module, (const struct init[]){ { "f",
		    SI_SUB_DRIVERS, 2 }, { NULL, 0, 0 } });
		(void)kldsim_synth_declare_module(module, "m3", 0,
		    SI_SUB_DRIVERS, 2);
		world_init(&world, releases[i]);
		preloaded_add(&world, module, "a.ko");
		boot(&world);
		/*
		 * Set order 1, 3, 2 (f), 2 (m3).  Exchange: i=1: m2>f: m1 f
		 * m2 m3; i=2: m2>m3: m1 f m3 m2.  Stable: the same.
		 */
		assert_ran(&world, "m1 f m3 m2");
		assert_int_equal(kern_stat(&world.kern,
		    world.kern.result.fileid).nmodules, 3);
		for (size_t j = 0; j < 3; j++) {
			assert_int_equal(kldsim_file_module(world.kern.sim,
			    world.kern.result.fileid, j, &info), KLDSIM_OK);
			assert_string_equal(info.name, heads[j]);
		}
		preloaded_fini(&world);
	}
}

/* M-21: two files declare m; both LOADs are delivered to the first. */
static void
two_declarations_deliver_to_the_first(void **state)
{
	struct kldsim_synth *a = module_new(R121);
	struct kldsim_synth *b = module_new(R121);
	const struct kldsim_event *event;
	struct preloaded world;
	size_t loads = 0;

	(void)state;
	(void)kldsim_synth_declare_module(a, "m", kldsim_synth_func(a, "ha"),
	    LATE, 0);
	(void)kldsim_synth_declare_module(b, "m", kldsim_synth_func(b, "hb"),
	    LATE, 0);
	world_init(&world, R121);
	preloaded_add(&world, a, "a.ko");
	preloaded_add(&world, b, "b.ko");
	boot(&world);
	for (size_t i = 0; i < kldsim_event_count(world.kern.sim); i++) {
		event = kldsim_event_at(world.kern.sim, i);
		if (event->kind != KLDSIM_EVENT_MOD_LOAD)
			continue;
		loads++;
		assert_string_equal(event->symbol, "ha");
		assert_string_equal(event->file, "a.ko");
	}
	assert_int_equal(loads, 2);
	preloaded_fini(&world);
}

/*
 * M-35, A-32, A-36: VNET_SYSINITs of the kernel and of a file by key, in
 * vnet0, each as its SYSINIT registers it.
 */
static void
vnet_sysinits_interleave(void **state)
{
	static const uint32_t releases[] = { R121, R150 };
	static const char *const functions[] = { "vnet_register_sysinit",
		"vnet_deregister_sysinit", "vnet_register_sysuninit",
		"vnet_deregister_sysuninit" };
	static const char *const want[] = { "k1", "a2", "k3", "a4" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct preloaded world;
		struct kldsim_synth *kernel;
		size_t n = 0;

		world_init(&world, releases[i]);
		kernel = world.kern.synth;
		for (size_t f = 0; f < 4; f++)
			(void)kldsim_synth_func(kernel, functions[f]);
		(void)kldsim_synth_vnet_sysinit(kernel, "k1", LATE, 1,
		    kldsim_synth_func(kernel, "k1"), 0);
		(void)kldsim_synth_vnet_sysinit(kernel, "k3", LATE, 3,
		    kldsim_synth_func(kernel, "k3"), 0);
		(void)kldsim_synth_vnet_sysinit(module, "a2", LATE, 2,
		    kldsim_synth_func(module, "a2"), 0);
		(void)kldsim_synth_vnet_sysinit(module, "a4", LATE, 4,
		    kldsim_synth_func(module, "a4"), 0);
		preloaded_add(&world, module, "a.ko");
		boot(&world);
		for (size_t e = 0; e < kldsim_event_count(world.kern.sim);
		    e++) {
			const struct kldsim_event *event =
			    kldsim_event_at(world.kern.sim, e);

			if (event->kind != KLDSIM_EVENT_VNET_SYSINIT)
				continue;
			assert_true(n < 4);
			assert_string_equal(event->symbol, want[n]);
			assert_string_equal(event->file,
			    want[n][0] == 'k' ? "kernel" : "a.ko");
			assert_int_equal(event->vnet, 0);
			n++;
		}
		assert_int_equal(n, 4);
		preloaded_fini(&world);
	}
}

/* --- the kernel's own modules (L-12) --- */

/* A module of the kernel's, with a SYSINIT or without (order UINT32_MAX). */
static void
own_module(struct preloaded *world, const char *name, uint32_t order)
{
	struct kldsim_synth *synth = world->kern.synth;

	if (order == UINT32_MAX)
		(void)kldsim_synth_mdt_module(synth, name, 0, 0);
	else
		(void)kldsim_synth_declare_module(synth, name, 0,
		    SI_SUB_DRIVERS, order);
}

/* Of the kernel's file, by kldstat -v's way and by modfnext(2)'s. */
static void
assert_listed(const struct kern *kern, const char *want)
{
	struct kldsim_modinfo module;
	char have[2][128] = { "", "" };
	size_t used = 0;
	int id;

	for (size_t i = 0; kldsim_file_module(kern->sim, 1, i, &module) ==
	    KLDSIM_OK; i++)
		used += (size_t)snprintf(have[0] + used, sizeof(have[0]) -
		    used, "%s%s", used == 0 ? "" : " ", module.name);
	used = 0;
	assert_int_equal(kldsim_kldfirstmod(kern->sim, 1, &id), KLDSIM_OK);
	while (id != 0) {
		assert_int_equal(kldsim_modstat(kern->sim, id, &module),
		    KLDSIM_OK);
		used += (size_t)snprintf(have[1] + used, sizeof(have[1]) -
		    used, "%s%s", used == 0 ? "" : " ", module.name);
		assert_int_equal(kldsim_modfnext(kern->sim, id, &id),
		    KLDSIM_OK);
	}
	assert_string_equal(have[0], want);
	assert_string_equal(have[1], want);
}

/*
 * The last one loaded is the first one listed; those that are never loaded are
 * the last.  With equal keys each release has its way (V-52): from a5 b5 c3,
 * the exchange makes c b a, the merge of 14.0-CURRENT c b a, a stable one c a b.
 */
static void
own_modules_are_listed_in_reverse(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *want;
	} rows[] = {
		{ R121, "a b c never" },
		{ R130, "a b c never" },
		{ 1400094, "a b c never" },
		{ R140, "b a c never" },
		{ R150, "b a c never" },
	};

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		const uint32_t rel = rows[i / 2].osreldate;
		struct preloaded world;
		uint64_t snapshot;

		world_init(&world, rel);
		own_module(&world, "never", UINT32_MAX);
		own_module(&world, "a", 5);
		own_module(&world, "b", 5);
		own_module(&world, "c", 3);
		if (i % 2 == 1) {
			struct kldsim_synth *m = module_new(rel);

			(void)kldsim_synth_func(m, "f");
			preloaded_add(&world, m, "m.ko");
		}
		boot(&world);
		assert_int_equal(kldsim_snapshot(world.kern.sim, &snapshot,
		    &world.kern.error), KLDSIM_OK);
		assert_listed(&world.kern, rows[i / 2].want);
		assert_int_equal(kldsim_restore(world.kern.sim, snapshot),
		    KLDSIM_OK);
		assert_listed(&world.kern, rows[i / 2].want);
		preloaded_fini(&world);
	}
}

/* U-10 step 5 of the kernel's own file asks the first one (V-12). */
static void
the_last_one_loaded_is_asked_first(void **state)
{
	struct preloaded world;
	size_t n;

	(void)state;
	world_init(&world, R121);
	own_module(&world, "a", 5);
	own_module(&world, "b", 6);
	boot(&world);
	kern_keep(&world.kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	/* MOD_QUIESCE of b and a, then MOD_UNLOAD of b, which refuses. */
	n = kldsim_event_count(world.kern.sim);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(kldsim_event_at(world.kern.sim,
		    n - 3 + i)->module, i == 1 ? "a" : "b");
	preloaded_fini(&world);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_keys_of_two_files),
		cmocka_unit_test(equal_keys_of_one_file),
		cmocka_unit_test(kernel_entries_take_part_in_the_exchange),
		cmocka_unit_test(what_has_run_is_done),
		cmocka_unit_test(dummy_and_done_are_skipped),
		cmocka_unit_test(sets_in_the_order_of_finalisation),
		cmocka_unit_test(the_set_itself_is_not_sorted),
		cmocka_unit_test(mod_loads_by_key),
		cmocka_unit_test(two_declarations_deliver_to_the_first),
		cmocka_unit_test(vnet_sysinits_interleave),
		cmocka_unit_test(own_modules_are_listed_in_reverse),
		cmocka_unit_test(the_last_one_loaded_is_asked_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
