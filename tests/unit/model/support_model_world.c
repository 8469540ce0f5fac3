/* SPDX-License-Identifier: BSD-2-Clause */

/* A kernel and a folder of modules; see support_model_world.h. */

#include "support_model_world.h"

#include <dirent.h>
#include <unistd.h>

const uint32_t world_releases[WORLD_RELEASES] = { R121, R130, R140, R141,
    R150 };

void
world_init(struct world *world, uint32_t osreldate)
{
	memset(world, 0, sizeof(*world));
	world->osreldate = osreldate;
	scratch_folder(world->folder, "world");
}

void
world_boot(struct world *world)
{
	support_alloc_init(&world->alloc, -1);
	kern_init(&world->kern, world->osreldate);
	world->kern.options.module_path = world->folder;
	world->kern.options.allocator = support_allocator(&world->alloc);
	kern_boot(&world->kern);
	world->events = 0;
}

void
world_halt(struct world *world)
{
	kern_fini(&world->kern);
	assert_int_equal(world->alloc.live, 0);
}

void
world_fini(struct world *world)
{
	DIR *dir = opendir(world->folder);
	struct dirent *item;
	char path[512];

	assert_non_null(dir);
	while ((item = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", world->folder,
		    item->d_name);
		(void)unlink(path);
	}
	(void)closedir(dir);
	(void)rmdir(world->folder);
}

struct kldsim_synth *
world_module(const struct world *world, const char *name, int version)
{
	struct kldsim_synth *module = module_new(world->osreldate);
	int func = kldsim_synth_func(module, "func");

	kldsim_synth_mdt_version(module, name, version);
	(void)kldsim_synth_sysinit(module, "start", 0x3100000, 9, func, 0);
	(void)kldsim_synth_sysuninit(module, "start", 0x3100000, 9, func, 0);
	return module;
}

void
world_needs(struct kldsim_synth *module, const char *name)
{
	kldsim_synth_mdt_depend(module, name, 1, 1, 9);
}

void
world_write(const struct world *world, struct kldsim_synth *module,
    const char *name)
{
	struct kldsim_error error;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s.ko", world->folder, name);
	if (kldsim_synth_write(module, path, &error) != KLDSIM_OK)
		fail_msg("%s: %s", path, error.text);
	kldsim_synth_free(module);
}

void
world_add(const struct world *world, const char *name, ...)
{
	struct kldsim_synth *module = world_module(world, name, 1);
	const char *need;
	va_list needs;

	va_start(needs, name);
	while ((need = va_arg(needs, const char *)) != NULL)
		world_needs(module, need);
	va_end(needs);
	world_write(world, module, name);
}

int
world_load(struct world *world, const char *name)
{
	struct kern *kern = &world->kern;
	enum kldsim_status status = kldsim_kldload(kern->sim, name,
	    &kern->result, &kern->error);

	if (status != KLDSIM_OK)
		fail_msg("%s: %s", name, kern->error.text);
	assert_false(kern->result.panicked);
	return kern->result.error;
}

int
world_id(const struct world *world, const char *name)
{
	int id;

	if (kldsim_kldfind(world->kern.sim, name, &id) != KLDSIM_OK)
		fail_msg("there is no file %s", name);
	return id;
}

void
world_unload(struct world *world, const char *name)
{
	kern_unload(&world->kern, world_id(world, name));
}

void
world_forget(struct world *world)
{
	world->events = kldsim_event_count(world->kern.sim);
}

/* A text that grows. */
struct text {
	char bytes[8192];
	size_t size;
};

static void
say(struct text *text, const char *before, const char *what)
{
	text->size += (size_t)snprintf(text->bytes + text->size,
	    sizeof(text->bytes) - text->size, "%s%s", before, what);
	assert_true(text->size < sizeof(text->bytes));
}

/* Base name of a file without .ko. */
static const char *
short_name(const char *name, char out[64])
{
	(void)snprintf(out, 64, "%s", name);
	if (strlen(out) > 3 && strcmp(out + strlen(out) - 3, ".ko") == 0)
		out[strlen(out) - 3] = '\0';
	return out;
}

static void
say_file(const struct kern *kern, struct text *text, int id)
{
	struct kldsim_filestat stat = kern_stat(kern, id);
	char line[128], name[64];
	size_t i;
	int dep;

	(void)snprintf(line, sizeof(line), "%s %d %d %d:",
	    short_name(stat.name, name), id, stat.refs, stat.userrefs);
	say(text, text->size == 0 ? "" : ", ", line);
	for (i = 0; i < stat.ndeps; i++) {
		assert_int_equal(kldsim_file_dep(kern->sim, id, i, &dep),
		    KLDSIM_OK);
		say(text, " ", short_name(kern_stat(kern, dep).name, name));
	}
}

void
world_files(const struct world *world, const char *want)
{
	static struct text text;
	int id = 1;

	text.size = 0;
	text.bytes[0] = '\0';
	while (kldsim_kldnext(world->kern.sim, id, &id) == KLDSIM_OK &&
	    id != 0)
		say_file(&world->kern, &text, id);
	assert_string_equal(text.bytes, want);
}

void
world_console(const struct world *world, const char *want)
{
	const struct kldsim_result *result = &world->kern.result;
	static struct text text;
	size_t i;

	text.size = 0;
	text.bytes[0] = '\0';
	for (i = 0; i < result->nconsole; i++) {
		const char *line = kldsim_console_line(world->kern.sim,
		    result->first_console + i);
		const char *folder = strstr(line, world->folder);

		if (folder != NULL) {
			text.size += (size_t)snprintf(text.bytes + text.size,
			    sizeof(text.bytes) - text.size, "%.*sFOLDER",
			    (int)(folder - line), line);
			line = folder + strlen(world->folder);
		}
		say(&text, line, "\n");
	}
	assert_string_equal(text.bytes, want);
}

void
world_events(const struct world *world, const char *want)
{
	static const char *const marks[] = {
		[KLDSIM_EVENT_SYSINIT] = "+", [KLDSIM_EVENT_SYSUNINIT] = "-",
		[KLDSIM_EVENT_MOD_LOAD] = "L", [KLDSIM_EVENT_MOD_UNLOAD] = "U",
		[KLDSIM_EVENT_MOD_QUIESCE] = "Q"
	};
	struct kldsim *sim = world->kern.sim;
	static struct text text;
	char name[64];
	size_t i;

	text.size = 0;
	text.bytes[0] = '\0';
	for (i = world->events; i < kldsim_event_count(sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(sim, i);

		if (event->kind >= KLDSIM_EVENT_KLD_LOAD)
			continue; /* no call of the file's own (L-14) */
		if (event->kind == KLDSIM_EVENT_SYSINIT &&
		    strcmp(event->symbol, "module_register_init") == 0)
			continue;
		say(&text, text.size == 0 ? "" : " ", marks[event->kind]);
		say(&text, "", event->module != NULL ? event->module :
		    short_name(event->file, name));
	}
	assert_string_equal(text.bytes, want);
}
