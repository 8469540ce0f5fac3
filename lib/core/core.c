/* SPDX-License-Identifier: BSD-2-Clause */

/* The public calls: questions that write a file. */

#include <stdio.h>

#include "core/core.h"
#include "core/placed.h"
#include "kern/bad_news.h"
#include "kern/question.h"
#include "util/sized.h"

void
kldsim_core_options_init(struct kldsim_core_options *options, size_t size)
{
	static const struct kldsim_core_options defaults = { .name = "core" };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

int
kldsim__core_put(struct kldsim__core *core, const void *bytes, uint64_t size)
{
	int error = size == 0 ? 0 : core->write(core->user, bytes, size);

	if (error == 0)
		return (0);
	(void)kldsim__fail(core->sim, KLDSIM_SYS, "%s: cannot write: errno %d",
	    core->options.name, error);
	core->sim->abort.error.sys_errno = error;
	return (KLDSIM__ABORT);
}

/* A debugger opens files itself, and unpacks none. */
static void
judge_file(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__where where = { .file = file->filename };

	if (kldsim__image_is_packed(file->image))
		kldsim__find(sim, KLDSIM__F_DEBUGGER_PACKED, &where,
		    "%s is packed: debuggers cannot open it, and their scripts "
		    "leave it out", kldsim__image_name(file->image));
}

/* Which modules will be misplaced by whom is not told the scripts. */
static int
judge_layouts(struct kldsim__core *core)
{
	struct kldsim *sim = core->sim;
	struct kldsim__placed placed;
	int error = 0;

	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__FILE(l);

		judge_file(sim, file);
		if (file == sim->linker.kernel || error != 0)
			continue;
		error = kldsim__placed_init(&placed, sim, file);
		if (error == 0)
			kldsim__placed_judge(&placed, sim, file);
		kldsim__placed_fini(&placed);
	}
	return (error);
}

static int
write_core(struct kldsim__core *core)
{
	int error = judge_layouts(core);

	return (error == 0 ? kldsim__core_elf(core) : error);
}

static int
write_minidump(struct kldsim__core *core)
{
	int error = judge_layouts(core);

	if (error == 0)
		error = kldsim__overlay_proc(&core->overlay);
	return (error == 0 ? kldsim__core_minidump(core) : error);
}

/* Findings are of this call alone: whoever asked is told, and they go. */
static void
tell(const struct kldsim__core *core, size_t first)
{
	const struct kldsim__report *report = &core->sim->report;

	for (size_t i = first; i < report->nfindings; i++)
		core->options.found(core->options.found_user,
		    report->findings[i]);
}

static int
take_options(struct kldsim__core *core,
    const struct kldsim_core_options *options)
{
	const char *wrong;

	kldsim_core_options_init(&core->options, sizeof(core->options));
	wrong = kldsim__sized_take(&core->options, sizeof(core->options),
	    options);
	return (wrong == NULL ? 0 :
	    kldsim__fail(core->sim, KLDSIM_ARG, "%s", wrong));
}

static enum kldsim_status
ask(struct kldsim *sim, const struct kldsim_core_options *options,
    int (*make)(struct kldsim__core *core), kldsim_write_fn write, void *user,
    struct kldsim_error *error_ret)
{
	struct kldsim__core core = { .sim = sim, .write = write,
		.user = user };
	struct kldsim__question question = kldsim__question_begin(sim);
	const size_t first = sim->report.nfindings;
	int error = take_options(&core, options);

	if (error == 0)
		error = kldsim__overlay_init(&core.overlay, sim,
		    core.options.folder);
	if (error == 0)
		error = make(&core);
	kldsim__report_end(&sim->report);
	if (error == 0 && sim->report.failed)
		error = kldsim__nomem(sim);
	if (error == 0 && core.options.found != NULL)
		tell(&core, first);
	kldsim__overlay_fini(&core.overlay);
	kldsim__question_end(sim, &question);
	if (error == 0)
		return (KLDSIM_OK);
	if (error_ret != NULL)
		*error_ret = sim->abort.error;
	return (sim->abort.error.status);
}

enum kldsim_status
kldsim_core_write(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(sim, options, write_core, write, user, error_ret));
}

enum kldsim_status
kldsim_core_write_minidump(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(sim, options, write_minidump, write, user, error_ret));
}

enum kldsim_status
kldsim_core_write_gdb(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(sim, options, kldsim__core_gdb, write, user, error_ret));
}

enum kldsim_status
kldsim_core_write_lldb(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(sim, options, kldsim__core_lldb, write, user, error_ret));
}
