/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The sysctls of sys/kern/kern_linker.c, kern.module_path and
 * kern.function_list, and kern.securelevel of sys/kern/kern_mib.c.
 */

#include <string.h>

#include "link/call.h"
#include "kern/bad_news.h"
#include "search/search.h"

/* sysctl_handle_string() takes what leaves room for a NUL. */
static int
write_module_path(struct kldsim *sim, const char *value, size_t length)
{
	const struct kldsim__where nowhere = { .file = NULL };

	if (length >= KLDSIM__MAXPATHLEN)
		return (kldsim__refuse(sim, KLDSIM__EINVAL,
		    KLDSIM__F_REQUEST, &nowhere, "kern.module_path of %zu "
		    "bytes: the kernel's buffer takes %u", length,
		    KLDSIM__MAXPATHLEN - 1));
	if (!KLDSIM__SET(&sim->undo, sim->search.path_written, true))
		return (kldsim__nomem(sim));
	return (kldsim__module_path_write(sim, value, length));
}

enum kldsim_status
kldsim_set_module_path(struct kldsim *sim, const char *value, size_t length,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct kldsim__call call;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	return (kldsim__call_end(sim, &call, write_module_path(sim, value,
	    length), result_ret, error_ret));
}

const char *
kldsim_module_path(const struct kldsim *sim)
{
	return (sim->search.path);
}

/* It never goes down (L-15). */
static int
raise_securelevel(struct kldsim *sim, int level)
{
	const struct kldsim__where nowhere = { .file = NULL };

	if (level < sim->policy.securelevel)
		return (kldsim__refuse(sim, KLDSIM__EPERM,
		    KLDSIM__F_FORBIDDEN, &nowhere, "the securelevel is %d and "
		    "can only be raised", sim->policy.securelevel));
	if (!KLDSIM__SET(&sim->undo, sim->policy.securelevel, level))
		return (kldsim__nomem(sim));
	return (0);
}

enum kldsim_status
kldsim_set_securelevel(struct kldsim *sim, int level,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct kldsim__call call;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	return (kldsim__call_end(sim, &call, raise_securelevel(sim, level),
	    result_ret, error_ret));
}

int
kldsim_securelevel(const struct kldsim *sim)
{
	return (sim->policy.securelevel);
}

/* --- kern.function_list (K-48) --- */

struct output {
	char *bytes;
	size_t size;   /* of bytes */
	size_t length; /* of all that was said */
};

/* SYSCTL_OUT(): as much as there is room for. */
static void
out(struct output *output, const char *bytes, size_t length)
{
	if (output->length < output->size) {
		size_t room = output->size - output->length;

		memcpy(output->bytes + output->length, bytes,
		    length < room ? length : room);
	}
	output->length += length;
}

static int
out_name(void *user, const char *name, kldsim_addr address)
{
	(void)address;
	out(user, name, strlen(name) + 1);
	return (0);
}

size_t
kldsim_function_list(const struct kldsim *sim, void *buffer, size_t size)
{
	struct output output = { buffer, size, 0 };

	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__ENTRY(l,
		    const struct kldsim__file, link);

		file->class->each_function(file, out_name, &output);
	}
	out(&output, "", 1);
	return (output.length);
}
