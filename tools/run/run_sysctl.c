/* SPDX-License-Identifier: BSD-2-Clause */

/* The commands that other programs and parts of the kernel stand behind. */

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "report/core.h"
#include "run/run.h"

#define FB_EINVAL 22
#define FB_ENOENT 2

/* The name and, after a '=', the value; *value_ret is NULL without one. */
static size_t
cut_name(const char *text, const char **value_ret)
{
	size_t length = strcspn(text, "=");

	*value_ret = text[length] == '=' ? text + length + 1 : NULL;
	return (length);
}

static bool
is_name(const char *text, size_t length, const char *name)
{
	return (strlen(name) == length && strncmp(text, name, length) == 0);
}

/* How a write ended, in the words of sysctl(8). */
static int
written(struct run *run, const char *text, enum kldsim_status status,
    const struct kldsim_result *result, const struct kldsim_error *error)
{
	if (status != KLDSIM_OK)
		return (complain_host(run, error));
	if (result->error != 0)
		return (refuse(run, result->error, "sysctl: %s: %s", text,
		    kldsim_errno_text(result->error)));
	return (0);
}

static int
module_path(struct run *run, const char *text, const char *value)
{
	struct kldsim_result result;
	struct kldsim_error error;
	char *old;
	int end;

	if (value == NULL) {
		say(run, "kern.module_path: %s",
		    kldsim_module_path(run->sim));
		return (0);
	}
	old = need(strdup(kldsim_module_path(run->sim)));
	/* Without the NUL, which is what leaves stale text behind (K-12). */
	end = written(run, text, kldsim_set_module_path(run->sim, value,
	    strlen(value), &result, &error), &result, &error);
	if (end == 0)
		say(run, "kern.module_path: %s -> %s", old,
		    kldsim_module_path(run->sim));
	free(old);
	return (end);
}

static int
securelevel(struct run *run, const char *text, const char *value)
{
	struct kldsim_result result;
	struct kldsim_error error;
	int old = kldsim_securelevel(run->sim);
	uint64_t level;
	bool minus = value != NULL && value[0] == '-';
	int end;

	if (value == NULL) {
		say(run, "kern.securelevel: %d", old);
		return (0);
	}
	if (*value == '\0')
		return (refuse(run, FB_EINVAL, "sysctl: empty numeric value"));
	if (!parse_number(value + minus, INT_MAX, &level))
		return (refuse(run, FB_EINVAL, "sysctl: invalid integer '%s'",
		    value));
	end = written(run, text, kldsim_set_securelevel(run->sim,
	    minus ? -(int)level : (int)level, &result, &error), &result,
	    &error);
	if (end == 0)
		say(run, "kern.securelevel: %d -> %d", old,
		    kldsim_securelevel(run->sim));
	return (end);
}

/* The names, a line each; sysctl -b writes them as they are. */
static int
function_list(struct run *run, const char *value)
{
	size_t size = kldsim_function_list(run->sim, NULL, 0);
	char *list;

	if (value != NULL)
		return (refuse(run, 1, "sysctl: oid 'kern.function_list' is "
		    "read only"));
	list = need(malloc(size));
	(void)kldsim_function_list(run->sim, list, size);
	for (const char *name = list; *name != '\0';
	    name += strlen(name) + 1)
		say(run, "%s", name);
	free(list);
	return (0);
}

/* L-21: releases before 13 have neither. */
static int
base_address(struct run *run, const char *name, const char *value)
{
	kldsim_addr base, relbase;

	if (kldsim_base_address(run->sim, &base, &relbase) != KLDSIM_OK)
		return (refuse(run, FB_ENOENT, "sysctl: unknown oid '%s'",
		    name));
	if (value != NULL)
		return (refuse(run, 1, "sysctl: oid '%s' is read only", name));
	say(run, "%s: %" PRIu64, name, strcmp(name, "kern.base_address") == 0 ?
	    base : relbase);
	return (0);
}

int
run_sysctl(struct run *run, const struct run_call *call)
{
	const char *text = call->operands[0], *value;
	size_t length = cut_name(text, &value);

	if (is_name(text, length, "kern.module_path"))
		return (module_path(run, text, value));
	if (is_name(text, length, "kern.securelevel"))
		return (securelevel(run, text, value));
	if (is_name(text, length, "kern.function_list"))
		return (function_list(run, value));
	if (is_name(text, length, "kern.base_address"))
		return (base_address(run, "kern.base_address", value));
	if (is_name(text, length, "kern.relbase_address"))
		return (base_address(run, "kern.relbase_address", value));
	return (refuse(run, FB_ENOENT, "sysctl: unknown oid '%.*s'",
	    (int)length, text));
}

/* --- references of the kernel's own parts (K-35) --- */

int
run_reference(struct run *run, const struct run_call *call)
{
	const char *name = call->operands[0];
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_reference_module(run->sim, name, NULL, &result, &error) !=
	    KLDSIM_OK)
		return (complain_host(run, &error));
	if (result.panicked)
		return (RUN_PANIC);
	if (result.error != 0)
		return (refuse(run, result.error, "reference %s: %s", name,
		    kldsim_errno_text(result.error)));
	say(run, "%d", result.fileid);
	return (0);
}

int
run_release(struct run *run, const struct run_call *call)
{
	const char *name = call->operands[0];
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_release_module(run->sim, name, NULL, &result, &error) !=
	    KLDSIM_OK)
		return (complain_host(run, &error));
	if (result.panicked)
		return (RUN_PANIC);
	if (result.error != 0)
		return (refuse(run, result.error, "release %s: %s", name,
		    kldsim_errno_text(result.error)));
	return (0);
}

/* --- for debuggers --- */

int
run_core(struct run *run, const struct run_call *call)
{
	struct kldsim_error error;

	if (write_core(run->sim, call->operands[0],
	    run->options->verbosity == QUIET, &error) != 0)
		return (complain_host(run, &error));
	return (0);
}

int
run_vmcore(struct run *run, const struct run_call *call)
{
	struct kldsim_error error;

	if (write_minidump(run->sim, call->operands[0],
	    run->options->verbosity == QUIET, &error) != 0)
		return (complain_host(run, &error));
	return (0);
}

/* linker_ctf_get(), as DTrace and DDB ask (B-30). */
int
run_ctf(struct run *run, const struct run_call *call)
{
	const char *name = call->operands[0];
	struct kldsim_result result;
	struct kldsim_error error;
	kldsim_size size;
	int fileid;

	if (kldsim_kldfind(run->sim, name, &fileid) != KLDSIM_OK)
		return (refuse(run, FB_ENOENT, "ctf %s: %s", name,
		    kldsim_errno_text(FB_ENOENT)));
	if (kldsim_ctf_get(run->sim, fileid, &size, &result, &error) !=
	    KLDSIM_OK)
		return (complain_host(run, &error));
	if (result.error != 0)
		return (refuse(run, result.error, "ctf %s: %s", name,
		    kldsim_errno_text(result.error)));
	say(run, "%ju", (uintmax_t)size);
	return (0);
}
