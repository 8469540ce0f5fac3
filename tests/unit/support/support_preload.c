/* SPDX-License-Identifier: BSD-2-Clause */

/* Booting with preloaded files; see support_preload.h. */

#include "support_preload.h"

void
preloaded_init(struct preloaded *world, uint32_t osreldate)
{
	memset(world, 0, sizeof(*world));
	kern_init(&world->kern, osreldate);
}

/* The builder is freed; the path is a literal. */
void
preloaded_add(struct preloaded *world, struct kldsim_synth *module,
    const char *path)
{
	struct kldsim_preload *entry = &world->list[world->count++];

	assert_true(world->count <= 8);
	entry->path = path;
	entry->image = module != NULL ? kern_image(module, path) : NULL;
}

enum kldsim_status
preloaded_try_boot(struct preloaded *world)
{
	world->kern.options.preloads = world->list;
	world->kern.options.npreloads = world->count;
	return kern_try_boot(&world->kern);
}

/* Boot; the result is that of the last preload, and with it the console. */
void
preloaded_boot(struct preloaded *world)
{
	if (preloaded_try_boot(world) != KLDSIM_OK)
		fail_msg("boot: %s", world->kern.error.text);
	assert_int_equal(kldsim_preload_result(world->kern.sim,
	    world->count - 1, &world->kern.result), KLDSIM_OK);
}

/* Whether a finding of a panic has these words. */
static bool
panics_with(const struct kldsim *sim, const char *words)
{
	const struct kldsim_finding *finding;

	for (size_t i = 0; (finding = kldsim_finding_at(sim, i)) != NULL; i++)
		if (finding->severity == KLDSIM_PANIC &&
		    strstr(finding->text, words) != NULL)
			return (true);
	return (false);
}

void
preloaded_dies(struct preloaded *world, const char *words)
{
	preloaded_boot(world);
	assert_true(world->kern.result.panicked);
	assert_true(kldsim_is_dead(world->kern.sim));
	if (!panics_with(world->kern.sim, words))
		fail_msg("no finding of a panic says: %s", words);
}

void
preloaded_fini(struct preloaded *world)
{
	for (size_t i = 0; i < world->count; i++)
		kldsim_image_unref(world->list[i].image);
	kern_fini(&world->kern);
}

/* The id of a preload that was taken. */
int
preloaded_id(const struct preloaded *world, size_t index)
{
	struct kldsim_result result;

	assert_int_equal(kldsim_preload_result(world->kern.sim, index,
	    &result), KLDSIM_OK);
	assert_int_equal(result.error, 0);
	assert_false(result.panicked);
	assert_true(result.fileid > 1);
	return result.fileid;
}

void
preloaded_refused(const struct preloaded *world, size_t index, int error)
{
	struct kldsim_result result;

	assert_int_equal(kldsim_preload_result(world->kern.sim, index,
	    &result), KLDSIM_OK);
	assert_int_equal(result.error, error);
	assert_int_equal(result.fileid, -1);
	assert_false(result.panicked);
}

void
preloaded_deps(const struct preloaded *world, int fileid, const int *want,
    size_t count)
{
	int dep;

	assert_int_equal(kern_stat(&world->kern, fileid).ndeps, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(kldsim_file_dep(world->kern.sim, fileid, i,
		    &dep), KLDSIM_OK);
		assert_int_equal(dep, want[i]);
	}
}


struct kldsim_synth *
plain_module(void)
{
	return module_with_set(R121, ".data", 8, 0x11);
}

void
preloaded_refused_alone(struct kldsim_synth *bad, int error)
{
	struct preloaded world;
	int id;

	preloaded_init(&world, R121);
	preloaded_add(&world, bad, "bad.ko");
	preloaded_add(&world, plain_module(), "good.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 0, error);
	id = preloaded_id(&world, 1);
	assert_int_equal(id, 2);
	assert_hex(kern_stat(&world.kern, id).address, KERN_BASE);
	assert_silent(&world.kern);
	preloaded_fini(&world);
}

/* Provides, needs, has a module of that name; NULL for none. */
struct kldsim_synth *
module_node(const char *provides, const char *needs, const char *module_name)
{
	struct kldsim_synth *module = plain_module();

	if (module_name != NULL)
		(void)kldsim_synth_mdt_module(module, module_name, 0, 0);
	if (needs != NULL)
		kldsim_synth_mdt_depend(module, needs, 1, 1, 1);
	if (provides != NULL)
		kldsim_synth_mdt_version(module, provides, 1);
	return module;
}

int
module_id(const struct preloaded *world, const char *name)
{
	int id = 0;

	assert_int_equal(kldsim_modfind(world->kern.sim, name, &id),
	    KLDSIM_OK);
	return id;
}
