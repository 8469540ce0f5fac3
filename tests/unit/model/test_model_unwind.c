/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A load with dependencies that is refused at each step leaves what the
 * kernel's own unwinding leaves, and one that finds no host memory nothing at
 * all (K-22, K-23, K-31, U-10, U-11, O-81, O-82).
 */

#include "support_model_world.h"

#define LEVELS 4 /* a needs b, which needs c, which needs d */
#define PART 16  /* bytes of set_pcpu and of set_vnet that each has */
#define MODSPACE 128

static const char *const names[LEVELS] = { "a", "b", "c", "d" };

/* What is wrong with one of the four. */
enum wrong {
	NOTHING, UNDEFINED, NO_PCPU, NO_VNET, NAME_TAKEN, INTERFACE_TAKEN,
	MISSING
};

static void
add_set(struct kldsim_synth *module, const char *set, int fill, size_t size)
{
	unsigned char bytes[2 * MODSPACE];
	int section = kldsim_synth_section_named(module, set);

	memset(bytes, fill, sizeof(bytes));
	(void)kldsim_synth_append(module, section, bytes, size);
}

static void
write_level(const struct world *world, size_t level, enum wrong wrong)
{
	struct kldsim_synth *module = world_module(world, names[level], 1);
	int handler = kldsim_synth_func(module, "handler");

	(void)kldsim_synth_declare_module(module, wrong == NAME_TAKEN ?
	    "taken" : names[level], handler, 0x3100000, 0);
	add_set(module, "set_pcpu", 0x10 * (int)level + 1,
	    wrong == NO_PCPU ? 2 * MODSPACE : PART);
	add_set(module, "set_vnet", 0x10 * (int)level + 2,
	    wrong == NO_VNET ? 2 * MODSPACE : PART);
	if (level + 1 < LEVELS)
		world_needs(module, names[level + 1]);
	if (wrong == MISSING)
		world_needs(module, "nope");
	if (wrong == INTERFACE_TAKEN)
		kldsim_synth_mdt_version(module, "kernel",
		    (int)world->osreldate);
	if (wrong == UNDEFINED)
		(void)module_slot(module, kldsim_synth_ref(module, "nosuch"),
		    0);
	world_write(world, module, names[level]);
}

/* The four of them, one of which may be wrong; a kernel with a module. */
static void
start(struct world *world, uint32_t osreldate, size_t level, enum wrong wrong)
{
	struct kern *kern = &world->kern;
	size_t i;

	world_init(world, osreldate);
	for (i = 0; i < LEVELS; i++)
		write_level(world, i, i == level ? wrong : NOTHING);
	support_alloc_init(&world->alloc, -1);
	kern_init(kern, osreldate);
	(void)kldsim_synth_dpcpu_modspace(kern->synth, MODSPACE);
	(void)kldsim_synth_vnet_modspace(kern->synth, MODSPACE);
	(void)kldsim_synth_mdt_module(kern->synth, "taken", 0, 0);
	kern->options.module_path = world->folder;
	kern->options.vnets = 2;
	kern->options.allocator = support_allocator(&world->alloc);
	kern_boot(kern);
}

static void
stop(struct world *world)
{
	world_halt(world);
	world_fini(world);
}

static void
answer(struct world *world, const char *module, enum kldsim_modevent event,
    int error)
{
	assert_int_equal(kldsim_module_answer(world->kern.sim, module, event,
	    error), KLDSIM_OK);
}

/* O-82: the first byte of a level's part, and its own bytes or zeros. */
static void
check_part(const struct world *world, enum kldsim_set set, size_t level,
    bool written, bool copied)
{
	const struct kern *kern = &world->kern;
	uint64_t at = kern_set(kern, set).modspace_start + level * PART;
	uint64_t fill = 0x10 * level + (set == KLDSIM_SET_VNET ? 2 : 1);

	assert_hex(kern_read(kern, at, 1), written ? fill : 0);
	assert_hex(kern_copy(kern, set, 1, at, 1), copied ? fill : 0);
}

/* All space is free again, and nothing is left but bytes. */
static void
check_empty(const struct world *world)
{
	world_files(world, "");
	assert_int_equal(kern_stat(&world->kern, 1).refs, 1);
	assert_free_list(&world->kern, KLDSIM_SET_DPCPU, { 0, MODSPACE });
	assert_free_list(&world->kern, KLDSIM_SET_VNET, { 0, MODSPACE });
}

/* Console lines from the file at fault up to the one asked for. */
static void
check_console(const struct world *world, const char *first, size_t level,
    bool eexist)
{
	bool quiet = eexist && world->osreldate >= R141;
	char text[2048], line[256];

	(void)snprintf(text, sizeof(text), "%s", first);
	while (level-- > 0) {
		(void)snprintf(line, sizeof(line), "KLD %s.ko: depends on %s "
		    "- not available or version mismatch\n", names[level],
		    names[level + 1]);
		(void)strcat(text, line);
		(void)snprintf(line, sizeof(line), "linker_load_file: "
		    "FOLDER/%s.ko - unsupported file type\n", names[level]);
		if (!quiet)
			(void)strcat(text, line);
	}
	world_console(world, text);
}

static const char *
unsupported(const char *before, size_t level, char out[512])
{
	(void)snprintf(out, 512, "%slinker_load_file: FOLDER/%s.ko - "
	    "unsupported file type\n", before, names[level]);
	return out;
}

/* What runs and is undone below a level whose own sections were read. */
static const char *const below[LEVELS] = {
	"Ld +d Lc +c Lb +b Qb Ub -b Qc Uc -c Qd Ud -d",
	"Ld +d Lc +c Qc Uc -c Qd Ud -d",
	"Ld +d Qd Ud -d",
	""
};

/* O-46: found out after the dependencies were loaded. */
static void
an_undefined_symbol_at_each_level(void **state)
{
	struct world world;
	char first[512];
	size_t r, level, i;

	(void)state;
	for (r = 0; r < WORLD_RELEASES; r++)
		for (level = 0; level < LEVELS; level++) {
			start(&world, world_releases[r], level, UNDEFINED);
			assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
			check_console(&world, unsupported(
			    "link_elf_obj: symbol nosuch undefined\n", level,
			    first), level, false);
			world_events(&world, below[level]);
			check_empty(&world);
			for (i = 0; i < LEVELS; i++) {
				check_part(&world, KLDSIM_SET_DPCPU, i, true,
				    true);
				check_part(&world, KLDSIM_SET_VNET, i, true,
				    i > level || world.osreldate < R150);
			}
			stop(&world);
		}
}

/* O-21: found out before what is below is looked for. */
static void
no_space_at_each_level(void **state)
{
	struct world world;
	char first[512], before[256];
	size_t r, level, i;

	(void)state;
	for (r = 0; r < 2 * WORLD_RELEASES; r++)
		for (level = 0; level < LEVELS; level++) {
			bool vnet = r >= WORLD_RELEASES;

			start(&world, world_releases[r % WORLD_RELEASES],
			    level, vnet ? NO_VNET : NO_PCPU);
			assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
			(void)snprintf(before, sizeof(before),
			    "link_elf_load_file: %s module space is out of "
			    "space; cannot allocate 0x100 for FOLDER/%s.ko\n",
			    vnet ? "vnet" : "pcpu", names[level]);
			check_console(&world, unsupported(before, level,
			    first), level, false);
			world_events(&world, "");
			check_empty(&world);
			for (i = 0; i < LEVELS; i++)
				check_part(&world, KLDSIM_SET_DPCPU, i,
				    i < level + vnet, i < level + vnet);
			stop(&world);
		}
}

/* K-30, step 3: before anything below. */
static void
a_taken_interface_at_each_level(void **state)
{
	struct world world;
	char first[512], before[256];
	size_t r, level;

	(void)state;
	for (r = 0; r < WORLD_RELEASES; r++)
		for (level = 0; level < LEVELS; level++) {
			bool stops = world_releases[r] >= R141;

			start(&world, world_releases[r], level,
			    INTERFACE_TAKEN);
			assert_int_equal(world_load(&world, "a"),
			    stops ? FB_EEXIST : FB_ENOEXEC);
			(void)snprintf(before, sizeof(before),
			    "interface kernel.%u already present in the KLD "
			    "'kernel'!\n", world.osreldate);
			check_console(&world, stops ? before : unsupported(
			    before, level, first), level, true);
			world_events(&world, "");
			check_empty(&world);
			stop(&world);
		}
}

/* K-31: what was loaded for it goes again. */
static void
a_missing_dependency_at_each_level(void **state)
{
	struct world world;
	char first[512], before[256];
	size_t level;

	(void)state;
	for (level = 0; level < LEVELS; level++) {
		start(&world, R140, level, MISSING);
		assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
		(void)snprintf(before, sizeof(before), "KLD %s.ko: depends on "
		    "nope - not available or version mismatch\n",
		    names[level]);
		check_console(&world, unsupported(before, level, first),
		    level, false);
		world_events(&world, below[level]);
		check_empty(&world);
		stop(&world);
	}
}

/* K-22, step 1; K-21: EEXIST whatever the release, masked above it. */
static void
a_taken_module_name_at_each_level(void **state)
{
	struct world world;
	char first[512];
	size_t r, level;

	(void)state;
	for (r = 0; r < WORLD_RELEASES; r++)
		for (level = 0; level < LEVELS; level++) {
			start(&world, world_releases[r], level, NAME_TAKEN);
			assert_int_equal(world_load(&world, "a"), level == 0 ||
			    world.osreldate >= R141 ? FB_EEXIST : FB_ENOEXEC);
			(void)snprintf(first, sizeof(first), "module_register:"
			    " cannot register taken from %s.ko; already loaded"
			    " from kernel\nModule taken failed to register: "
			    "17\n", names[level]);
			check_console(&world, first, level, true);
			world_events(&world, below[level]);
			check_empty(&world);
			stop(&world);
		}
}

/* K-22, step 7: SYSINITs ran, so SYSUNINITs do. */
static void
a_module_that_fails_at_each_level(void **state)
{
	static const char *const events[LEVELS] = {
		"Ld +d Lc +c Lb +b La Ua +a -a Qb Ub -b Qc Uc -c Qd Ud -d",
		"Ld +d Lc +c Lb Ub +b -b Qc Uc -c Qd Ud -d",
		"Ld +d Lc Uc +c -c Qd Ud -d",
		"Ld Ud +d -d"
	};
	struct world world;
	const char *line;
	size_t level;

	(void)state;
	for (level = 0; level < LEVELS; level++) {
		start(&world, R130, LEVELS, NOTHING);
		answer(&world, names[level], KLDSIM_MOD_LOAD, 6);
		assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
		line = kldsim_console_line(world.kern.sim, 0);
		assert_memory_equal(line, "module_register_init: MOD_LOAD (",
		    32);
		assert_string_equal(line + strlen(line) - 8, " error 6");
		assert_int_equal(world.kern.result.nconsole, 1 + 2 * level);
		world_events(&world, events[level]);
		check_empty(&world);
		answer(&world, names[level], KLDSIM_MOD_LOAD, 0);
		assert_int_equal(world_load(&world, "a"), 0);
		stop(&world);
	}
}

/* U-10, step 9: who does not want to go stays, with what it needs. */
static void
a_dependency_that_refuses_to_go_stays(void **state)
{
	static const char *const left[LEVELS] = { "",
		("b 3 1 0: kernel kernel c, c 4 1 0: kernel kernel d, "
		"d 5 1 0: kernel kernel"),
		"c 4 1 0: kernel kernel d, d 5 1 0: kernel kernel",
		"d 5 1 0: kernel kernel" };
	struct world world;
	size_t level;

	(void)state;
	for (level = 1; level < LEVELS; level++) {
		start(&world, R150, 0, UNDEFINED);
		answer(&world, names[level], KLDSIM_MOD_UNLOAD, FB_EBUSY);
		assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
		world_files(&world, left[level]);
		/* U-02: nobody can ask it again. */
		answer(&world, names[level], KLDSIM_MOD_UNLOAD, 0);
		kern_keep(&world.kern, world_id(&world, names[level]),
		    KLDSIM_UNLOAD_FORCE, FB_EBUSY);
		stop(&world);
	}
}

/* K-23, Z-81: not linked, and there for ever, with its interface. */
static void
a_zombie_keeps_its_name_and_its_space(void **state)
{
	struct kldsim_synth *module;
	struct kldsim_filestat stat;
	struct world world;
	int dep;

	(void)state;
	start(&world, R141, LEVELS, NOTHING);
	module = world_module(&world, "z", 1);
	(void)kldsim_synth_mdt_module(module, "z1", 0, 0);
	(void)kldsim_synth_mdt_module(module, "taken", 0, 0);
	add_set(module, "set_pcpu", 0x77, PART);
	world_write(&world, module, "z");
	world_add(&world, "user", "z", NULL);
	assert_int_equal(world_load(&world, "z"), FB_EEXIST);
	world_console(&world, "module_register: cannot register taken from "
	    "z.ko; already loaded from kernel\n"
	    "Module taken failed to register: 17\n");
	world_events(&world, "Qz1 Uz1"); /* modevent_nop says EBUSY */
	world_files(&world, "");
	assert_int_equal(world_id(&world, "z.ko"), 2);
	assert_int_equal(kldsim_kldstat(world.kern.sim, 2, &stat),
	    KLDSIM_NOENT);
	kern_keep(&world.kern, 2, KLDSIM_UNLOAD_FORCE, FB_ENOENT);
	assert_int_equal(world_load(&world, "z.ko"), FB_EEXIST);
	assert_int_equal(kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_free,
	    MODSPACE - PART);
	assert_int_equal(world_load(&world, "user"), 0);
	assert_int_equal(kldsim_file_dep(world.kern.sim,
	    world.kern.result.fileid, 1, &dep), KLDSIM_OK);
	assert_int_equal(dep, 2);
	world_unload(&world, "user");
	assert_int_equal(world_id(&world, "z.ko"), 2);
	stop(&world);
}

/* What is done to a kernel when memory runs out. */
struct call {
	size_t level;
	enum wrong wrong;
	bool unload;     /* of "a", after loading it */
	const char *busy; /* a module that refuses to go */
	int error;
};

static enum kldsim_status
do_call(struct world *world, const struct call *call)
{
	struct kern *kern = &world->kern;

	if (call->unload)
		return kldsim_kldunload(kern->sim, 2, KLDSIM_UNLOAD_NORMAL,
		    &kern->result, &kern->error);
	return kldsim_kldload(kern->sim, "a", &kern->result, &kern->error);
}

/* A kernel on which the call can be made. */
static void
ready(struct world *world, const struct call *call)
{
	struct kern *kern = &world->kern;
	unsigned vnet;

	kern_boot(kern);
	if (call->busy != NULL)
		answer(world, call->busy, KLDSIM_MOD_UNLOAD, FB_EBUSY);
	if (call->unload)
		assert_int_equal(world_load(world, "a"), 0);
	assert_int_equal(kldsim_vnet_alloc(kern->sim, &vnet, &kern->error),
	    KLDSIM_OK);
}

/* The nth allocation fails, then the call is made again; false: no nth. */
static bool
try_nth(struct world *world, const struct call *call, long n,
    const char *want)
{
	struct support_alloc *alloc = &world->alloc;
	enum kldsim_status status;
	char *before, *after;
	bool failed;

	ready(world, call);
	before = kern_digest(&world->kern);
	alloc->failed = 0;
	alloc->fail_at = alloc->calls + n;
	status = do_call(world, call);
	alloc->fail_at = -1;
	failed = alloc->failed != 0;
	if (failed) {
		assert_int_equal(status, KLDSIM_NOMEM);
		after = kern_digest(&world->kern);
		assert_string_equal(after, before);
		free(after);
		status = do_call(world, call);
	}
	assert_int_equal(status, KLDSIM_OK);
	assert_int_equal(world->kern.result.error, call->error);
	after = kern_digest(&world->kern);
	assert_string_equal(after, want);
	free(after);
	free(before);
	kldsim_destroy(world->kern.sim);
	world->kern.sim = NULL;
	assert_int_equal(alloc->live, 0);
	return failed;
}

static void
fail_every_allocation(uint32_t osreldate, const struct call *call)
{
	struct world world;
	char *want;
	long n;

	start(&world, osreldate, call->level, call->wrong);
	kldsim_destroy(world.kern.sim);
	ready(&world, call);
	assert_int_equal(do_call(&world, call), KLDSIM_OK);
	assert_int_equal(world.kern.result.error, call->error);
	want = kern_digest(&world.kern);
	kldsim_destroy(world.kern.sim);
	world.kern.sim = NULL;
	for (n = 0; try_nth(&world, call, n, want); n++)
		;
	assert_true(call->unload || n > 20);
	free(want);
	stop(&world);
}

/* Any of them fails: nothing happened, and the next try finds it so. */
static void
no_memory_leaves_everything_as_it_was(void **state)
{
	static const struct call calls[] = {
		{ LEVELS, NOTHING, false, NULL, 0 },
		{ 0, UNDEFINED, false, NULL, FB_ENOEXEC },
		{ 3, UNDEFINED, false, NULL, FB_ENOEXEC },
		{ 0, UNDEFINED, false, "c", FB_ENOEXEC },
		{ 2, NO_VNET, false, NULL, FB_ENOEXEC },
		{ 0, NAME_TAKEN, false, "b", FB_EEXIST },
		{ 1, MISSING, false, NULL, FB_ENOEXEC },
		{ LEVELS, NOTHING, true, NULL, 0 },
		{ LEVELS, NOTHING, true, "b", 0 },
		{ LEVELS, NOTHING, true, "a", FB_EBUSY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fail_every_allocation(R121, &calls[i]);
		fail_every_allocation(R150, &calls[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_undefined_symbol_at_each_level),
		cmocka_unit_test(no_space_at_each_level),
		cmocka_unit_test(a_taken_interface_at_each_level),
		cmocka_unit_test(a_missing_dependency_at_each_level),
		cmocka_unit_test(a_taken_module_name_at_each_level),
		cmocka_unit_test(a_module_that_fails_at_each_level),
		cmocka_unit_test(a_dependency_that_refuses_to_go_stays),
		cmocka_unit_test(a_zombie_keeps_its_name_and_its_space),
		cmocka_unit_test(no_memory_leaves_everything_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
