/* SPDX-License-Identifier: BSD-2-Clause */

/* Cores for debuggers: files of the host, with holes where there are zeros. */

#include "report/core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/output.h"
#include "sandbox/sandbox.h"

struct out {
	int fd;
	off_t offset;
};

static int
write_bytes(void *user, const void *bytes, uint64_t size)
{
	struct out *out = user;
	const char *from = bytes;

	while (from != NULL && size != 0) {
		size_t most = size < (1u << 30) ? (size_t)size : 1u << 30;
		ssize_t n = pwrite(out->fd, from, most, out->offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (errno);
		from += n;
		size -= (uint64_t)n;
		out->offset += n;
	}
	out->offset += (off_t)size;
	return (0);
}

typedef enum kldsim_status make_fn(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret);

/* The host's errno as an error about a file. */
static int
fail(const char *path, int error, struct kldsim_error *error_ret)
{
	error_ret->status = KLDSIM_SYS;
	error_ret->sys_errno = error;
	error_ret->has_offset = 0;
	(void)snprintf(error_ret->text, sizeof(error_ret->text), "%s: %s", path,
	    strerror(error));
	return (-1);
}

/* Make one file; what was begun and not ended is taken away. */
static int
make_file(struct kldsim *sim, const char *path,
    const struct kldsim_core_options *options, make_fn *make,
    struct kldsim_error *error_ret)
{
	struct out out = { .fd = sandbox_create(path) };
	int failed = 0;

	if (out.fd < 0)
		return (fail(path, errno, error_ret));
	if (make(sim, options, write_bytes, &out, error_ret) != KLDSIM_OK)
		failed = error_ret->status == KLDSIM_SYS ?
		    fail(path, error_ret->sys_errno, error_ret) : -1;
	else if (ftruncate(out.fd, out.offset) != 0)
		failed = fail(path, errno, error_ret);
	if (close(out.fd) != 0 && !failed)
		failed = fail(path, errno, error_ret);
	if (failed)
		(void)sandbox_remove(path);
	return (failed);
}

void
tell_finding(void *user, const struct kldsim_finding *f)
{
	(void)user;
	complain("%s: %s%s%s [%s %s]", kldsim_severity_name(f->severity),
	    f->file == NULL ? "" : f->file, f->file == NULL ? "" : ": ",
	    f->text, f->code, f->rules);
}

/* printf("%s%s%s") into memory of its own. */
static char *
join(const char *one, const char *two, const char *three)
{
	size_t size = strlen(one) + strlen(two) + strlen(three) + 1;
	char *text = need(malloc(size));

	(void)snprintf(text, size, "%s%s%s", one, two, three);
	return (text);
}

struct file {
	const char *suffix;
	make_fn *make;
};

static int
write_files(struct kldsim *sim, const char *name, bool quiet,
    const struct file *files, size_t count, struct kldsim_error *error_ret)
{
	char *folder = sandbox_here();
	bool below = folder != NULL && name[0] != '/';
	char *core = join(below ? folder : "", below ? "/" : "", name);
	struct kldsim_core_options options;
	int failed = 0;

	kldsim_core_options_init(&options, sizeof(options));
	options.name = core;
	options.folder = folder;
	for (size_t i = 0; i < count && !failed; i++) {
		char *path = join(name, files[i].suffix, "");

		options.found = i == 0 && !quiet ? tell_finding : NULL;
		failed = make_file(sim, path, &options, files[i].make,
		    error_ret);
		free(path);
	}
	free(core);
	free(folder);
	return (failed);
}

static const struct file core_files[] = {
	{ "", kldsim_core_write },
	{ ".gdb", kldsim_core_write_gdb },
	{ ".lldb", kldsim_core_write_lldb },
};

#define NCORE_FILES (sizeof(core_files) / sizeof(core_files[0]))

void
will_write_core(const char *name)
{
	for (size_t i = 0; i < NCORE_FILES; i++) {
		char *path = join(name, core_files[i].suffix, "");

		sandbox_will_write(path);
		free(path);
	}
}

int
write_core(struct kldsim *sim, const char *name, bool quiet,
    struct kldsim_error *error_ret)
{
	return (write_files(sim, name, quiet, core_files, NCORE_FILES,
	    error_ret));
}

int
write_minidump(struct kldsim *sim, const char *name, bool quiet,
    struct kldsim_error *error_ret)
{
	static const struct file file = { "", kldsim_core_write_minidump };

	return (write_files(sim, name, quiet, &file, 1, error_ret));
}

int
write_cores(struct kldsim *sim, const char *core, const char *minidump,
    bool quiet)
{
	struct kldsim_error error;
	int failed = 0;

	if (core != NULL)
		failed = write_core(sim, core, quiet, &error);
	if (failed)
		complain("%s", error.text);
	if (minidump == NULL || write_minidump(sim, minidump, quiet,
	    &error) == 0)
		return (failed);
	complain("%s", error.text);
	return (-1);
}
