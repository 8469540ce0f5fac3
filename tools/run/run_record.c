/* SPDX-License-Identifier: BSD-2-Clause */

/* The commands that say what should be, and look at what was recorded. */

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "run/run.h"

#define ERRNO_LIMIT 256

/* An errno by FreeBSD's name, "0" or "ok"; -1 if there is none. */
static int
parse_errno(const char *name)
{
	if (strcmp(name, "ok") == 0)
		return (0);
	for (int error = 0; error < ERRNO_LIMIT; error++)
		if (strcmp(kldsim_errno_name(error), name) == 0 &&
		    strcmp(name, "E?") != 0)
			return (error);
	return (-1);
}

/* What a command's end is called. */
static const char *
end_name(int error)
{
	return (error == 0 ? "success" : kldsim_errno_name(error));
}

int
run_expect(struct run *run, const struct run_call *call)
{
	int want = parse_errno(call->operands[0]);
	int have;

	if (want < 0) {
		complain_line(run, "there is no errno %s", call->operands[0]);
		return (RUN_USAGE);
	}
	have = run_words(run, call->operands + 1, call->noperands - 1);
	if (have < 0)
		return (have);
	if (have == want) {
		if (have != 0)
			say(run, "%s", run->reason);
		return (0);
	}
	complain_line(run, "expected %s, got %s%s%s", end_name(want),
	    end_name(have), have == 0 ? "" : ": ",
	    have == 0 ? "" : run->reason);
	return (RUN_UNMET);
}

int
run_expect_console(struct run *run, const struct run_call *call)
{
	const char *text = call->operands[0];
	size_t count = kldsim_console_count(run->sim);

	for (size_t i = run->last.console; i < count; i++)
		if (strstr(kldsim_console_line(run->sim, i), text) != NULL)
			return (0);
	complain_line(run, "the last command printed no console line with "
	    "\"%s\"", text);
	for (size_t i = run->last.console; i < count; i++)
		complain_line(run, "console: %s",
		    kldsim_console_line(run->sim, i));
	return (RUN_UNMET);
}

int
run_console(struct run *run, const struct run_call *call)
{
	size_t count = kldsim_console_count(run->sim);

	(void)call;
	for (size_t i = run->last.console; i < count; i++)
		say(run, "%s", kldsim_console_line(run->sim, i));
	return (0);
}

/* --- what others of the kernel are to do from now on --- */

/* An event that a module's handler is told of. */
static bool
parse_modevent(const char *name, enum kldsim_modevent *event_ret)
{
	static const struct {
		const char *name;
		enum kldsim_modevent event;
	} events[] = {
		{ "load", KLDSIM_MOD_LOAD },
		{ "unload", KLDSIM_MOD_UNLOAD },
		{ "quiesce", KLDSIM_MOD_QUIESCE },
		{ "shutdown", KLDSIM_MOD_SHUTDOWN },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(events[i].name, name) == 0) {
			*event_ret = events[i].event;
			return (true);
		}
	return (false);
}

/* The library keeps what it was told, or has no memory for it. */
static int
kept(struct run *run, enum kldsim_status status)
{
	struct kldsim_error error = { status, 0, "no memory" };

	return (status == KLDSIM_OK ? 0 : complain_host(run, &error));
}

int
run_answer(struct run *run, const struct run_call *call)
{
	int answer = parse_errno(call->operands[2]);
	enum kldsim_modevent event;

	if (answer < 0 || !parse_modevent(call->operands[1], &event))
		return (complain_usage(run, call->command));
	return (kept(run, kldsim_module_answer(run->sim, call->operands[0],
	    event, answer)));
}

int
run_raise(struct run *run, const struct run_call *call)
{
	enum kldsim_modevent event;
	uint64_t level;

	if (!parse_number(call->operands[2], INT_MAX, &level) ||
	    !parse_modevent(call->operands[1], &event))
		return (complain_usage(run, call->command));
	return (kept(run, kldsim_module_raises(run->sim, call->operands[0],
	    event, (int)level)));
}

int
run_mac(struct run *run, const struct run_call *call)
{
	int answer = parse_errno(call->operands[0]);

	if (answer < 0)
		return (complain_usage(run, call->command));
	return (kept(run, kldsim_mac_answer(run->sim, answer)));
}

/* --- what was recorded --- */

/* A call that was not made, in the words of `kldsim load -v`. */
static void
event_row(const struct run *run, const struct kldsim_event *event)
{
	if (event->kind >= KLDSIM_EVENT_KLD_LOAD) {
		say(run, "%s of %s", kldsim_event_name(event->kind),
		    event->file != NULL ? event->file : "?");
		return;
	}
	say_part(run, "%s ", kldsim_event_name(event->kind));
	if (event->module != NULL)
		say_part(run, "%s ", event->module);
	else
		say_part(run, "0x%07" PRIx32 " 0x%07" PRIx32 " ",
		    event->subsystem, event->order);
	if (event->symbol != NULL)
		say_part(run, "%s", event->symbol);
	else
		say_part(run, "0x%" PRIx64, event->func);
	say_part(run, "(0x%" PRIx64 ") of %s", event->arg,
	    event->file != NULL ? event->file : "?");
	if (event->kind == KLDSIM_EVENT_VNET_SYSINIT ||
	    event->kind == KLDSIM_EVENT_VNET_SYSUNINIT)
		say_part(run, " in vnet%u", event->vnet);
	if (event->error != 0)
		say_part(run, " answers %s", kldsim_errno_name(event->error));
	say(run, "%s", "");
}

int
run_events(struct run *run, const struct run_call *call)
{
	size_t count = kldsim_event_count(run->sim);

	(void)call;
	for (size_t i = run->last.events; i < count; i++)
		event_row(run, kldsim_event_at(run->sim, i));
	return (0);
}
