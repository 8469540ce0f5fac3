/* SPDX-License-Identifier: BSD-2-Clause */

/* The commands that say what should be, and look at what was recorded. */

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "run/run.h"

/* An errno by FreeBSD's name or number, or "ok"; if there is none, say so. */
static bool
parse_errno(const struct run *run, const char *text, int *error_ret)
{
	*error_ret = 0;
	if (strcmp(text, "ok") == 0 ||
	    kldsim_errno_parse(text, error_ret) == KLDSIM_OK)
		return (true);
	complain_line(run, "unknown errno %s", text);
	return (false);
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
	int want, have;

	if (!parse_errno(run, call->operands[0], &want))
		return (RUN_USAGE);
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

/*
 * The library keeps what it was told, or has no memory for it.  A pseudo errno
 * is no answer to everything.
 */
static int
kept(struct run *run, const struct run_call *call, enum kldsim_status status)
{
	struct kldsim_error error = { .status = status,
		.text = "no memory" };

	if (status == KLDSIM_ARG) {
		complain_line(run, "%s is an answer to MOD_LOAD only",
		    call->operands[call->noperands - 1]);
		return (RUN_USAGE);
	}
	return (status == KLDSIM_OK ? 0 : complain_host(run, &error));
}

int
run_answer(struct run *run, const struct run_call *call)
{
	enum kldsim_modevent event;
	int answer;

	if (!parse_modevent(call->operands[1], &event))
		return (complain_usage(run, call->command));
	if (!parse_errno(run, call->operands[2], &answer))
		return (RUN_USAGE);
	return (kept(run, call, kldsim_module_answer(run->sim,
	    call->operands[0], event, answer)));
}

int
run_raise(struct run *run, const struct run_call *call)
{
	enum kldsim_modevent event;
	uint64_t level;

	if (!parse_number(call->operands[2], INT_MAX, &level) ||
	    !parse_modevent(call->operands[1], &event))
		return (complain_usage(run, call->command));
	return (kept(run, call, kldsim_module_raises(run->sim,
	    call->operands[0], event, (int)level)));
}

int
run_mac(struct run *run, const struct run_call *call)
{
	int answer;

	if (!parse_errno(run, call->operands[0], &answer))
		return (RUN_USAGE);
	return (kept(run, call, kldsim_mac_answer(run->sim, answer)));
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
