/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The commands that people know: kldload(8), kldunload(8) and kldstat(8) with
 * their output and their error texts (rules K-40 to K-42), the system calls
 * that have no command of their own, and vnets.
 */

#include <sys/stat.h>

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"

/* FreeBSD's errnos, which are not the host's. */
enum {
	FB_ENOENT = 2,
	FB_ENOEXEC = 8,
	FB_EFAULT = 14,
	FB_EEXIST = 17,
	FB_EINVAL = 22,
	FB_EOPNOTSUPP = 45
};

/* As warn(3): the text of an errno ends the message. */
static int
warn_with(struct run *run, const char *what, const char *name, int error)
{
	return (refuse(run, error, "%s%s: %s", what, name,
	    kldsim_errno_text(error)));
}

/* --- kldload --- */

/*
 * Is there such a file in a folder of the path, and is it the one that lies
 * here?
 */
static bool
is_in(const struct run *run, const char *folder, size_t length,
    const char *name, bool *same_ret)
{
	size_t size = length + strlen(name) + 2;
	char *path = need(malloc(size));
	bool slash = length == 0 || folder[length - 1] != '/';
	struct kldsim_source_file file;
	struct stat here, there;
	bool found;

	(void)snprintf(path, size, "%.*s%s%s", (int)length, folder,
	    slash ? "/" : "", name);
	found = kldsim_source_stat(run->options->boot.source, path, &file,
	    NULL) == KLDSIM_OK;
	*same_ret = found && stat(name, &here) == 0 &&
	    stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	    here.st_ino == there.st_ino;
	free(path);
	return (found);
}

/*
 * K-40: a file that lies in the current directory is not loaded from there,
 * but from the module path; kldload(8) says so, or gives up.
 */
static bool
path_is_fine(struct run *run, const char *name, bool quiet)
{
	const char *folder = kldsim_module_path(run->sim);
	bool same = false;
	struct stat here;
	size_t length;

	if (strchr(name, '/') != NULL || strstr(name, ".ko") == NULL ||
	    stat(name, &here) != 0)
		return (true);
	for (; folder != NULL; folder += length + 1) {
		length = strcspn(folder, ";");
		if (is_in(run, folder, length, name, &same))
			break;
		if (folder[length] == '\0') {
			folder = NULL;
			break;
		}
	}
	if (folder == NULL)
		return (false);
	if (!quiet && !same)
		say(run, "kldload: %s will be loaded from %.*s, not the "
		    "current directory", name, (int)length, folder);
	return (true);
}

/* What kldload(8) says of an errno. */
static int
kldload_refused(struct run *run, const struct run_call *call, bool verbose,
    int error)
{
	const char *name = call->operands[0];

	if (error == FB_EEXIST && call->option['n'] != NULL) {
		if (verbose)
			say(run, "%s is already loaded", name);
		return (0);
	}
	if (error == FB_EEXIST)
		return (refuse(run, error, "kldload: can't load %s: module "
		    "already loaded or in kernel", name));
	if (error == FB_ENOEXEC)
		return (refuse(run, error, "kldload: an error occurred while "
		    "loading module %s. Please check dmesg(8) for more "
		    "details.", name));
	return (warn_with(run, "kldload: can't load ", name, error));
}

int
run_kldload(struct run *run, const struct run_call *call)
{
	/* The last one wins. */
	const bool quiet = call->rank['q'] > call->rank['v'];
	const bool verbose = call->rank['v'] > call->rank['q'];
	const char *name = call->operands[0];
	struct kldsim_result result;
	struct kldsim_error error;

	if (!path_is_fine(run, name, quiet))
		return (refuse(run, FB_ENOENT, "kldload: %s is not in the "
		    "module path", name));
	if (kldsim_kldload(run->sim, name, &result, &error) != KLDSIM_OK)
		return (complain_host(run, &error));
	if (result.panicked)
		return (RUN_PANIC);
	if (result.error != 0)
		return (kldload_refused(run, call, verbose, result.error));
	if (verbose)
		say(run, "Loaded %s, id=%d", name, result.fileid);
	return (0);
}

/* --- kldunload --- */

/* K-41: by id, or by the name of a file; an errno, said already, or 0. */
static int
find_file(struct run *run, const struct run_call *call, int *fileid_ret)
{
	const char *name = call->operands[0];

	if (call->option['i'] == NULL) {
		if (kldsim_kldfind(run->sim, name, fileid_ret) == KLDSIM_OK)
			return (0);
		/* errx(3), unlike what kldstat(8) says of that. */
		return (refuse(run, FB_ENOENT, "kldunload: can't find file "
		    "%s", name));
	}
	/* The program prints the argument of an option that takes none. */
	*fileid_ret = (int)strtol(name, NULL, 10);
	if (*fileid_ret < 0)
		return (refuse(run, FB_EINVAL,
		    "kldunload: Invalid ID (null)"));
	return (0);
}

int
run_kldunload(struct run *run, const struct run_call *call)
{
	struct kldsim_filestat stat;
	struct kldsim_result result;
	struct kldsim_error error;
	int fileid;
	int refused = find_file(run, call, &fileid);

	if (refused != 0)
		return (refused);
	if (call->option['v'] != NULL) {
		if (kldsim_kldstat(run->sim, fileid, &stat) != KLDSIM_OK)
			return (warn_with(run, "kldunload: can't stat file",
			    "", FB_ENOENT));
		say(run, "Unloading %s, id=%d", stat.name, fileid);
	}
	if (kldsim_kldunload(run->sim, fileid, call->option['f'] != NULL ?
	    KLDSIM_UNLOAD_FORCE : KLDSIM_UNLOAD_NORMAL, &result, &error) !=
	    KLDSIM_OK)
		return (complain_host(run, &error));
	if (result.panicked)
		return (RUN_PANIC);
	if (result.error != 0)
		return (warn_with(run, "kldunload: can't unload file", "",
		    result.error));
	return (0);
}

/* --- kldstat --- */

/* The column of addresses: "0x" and a word's digits. */
static int
address_width(const struct run *run)
{
	return ((int)run->info.word_bits / 4 + 2);
}

static void
file_header(const struct run *run)
{
	say(run, "Id Refs Address%*c %8s Name", address_width(run) - 7, ' ',
	    "Size");
}

static void
file_modules(const struct run *run, int fileid)
{
	struct kldsim_modinfo module;
	int id;

	say(run, "\tContains modules:");
	say(run, "\t\t Id Name");
	if (kldsim_kldfirstmod(run->sim, fileid, &id) != KLDSIM_OK)
		return;
	while (id != 0 && kldsim_modstat(run->sim, id, &module) == KLDSIM_OK) {
		say(run, "\t\t%3d %s", module.id, module.name);
		if (kldsim_modfnext(run->sim, id, &id) != KLDSIM_OK)
			return;
	}
}

static int
file_row(struct run *run, int fileid, bool verbose)
{
	struct kldsim_filestat stat;
	char address[19];

	if (kldsim_kldstat(run->sim, fileid, &stat) != KLDSIM_OK)
		return (refuse(run, FB_ENOENT, "kldstat: can't stat file id "
		    "%d: %s", fileid, kldsim_errno_text(FB_ENOENT)));
	(void)snprintf(address, sizeof(address), "0x%" PRIx64, stat.address);
	say_part(run, "%2d %4d %*s %8" PRIx64 " %s", stat.id, stat.refs,
	    address_width(run), address, stat.size, stat.name);
	if (!verbose) {
		say(run, "%s", "");
		return (0);
	}
	say(run, " (%s)", stat.path);
	file_modules(run, fileid);
	return (0);
}

/* One module, as kldstat -m and modstat show it. */
static int
module_table(struct run *run, const char *program, const char *name,
    bool quiet)
{
	struct kldsim_modinfo module;
	int id;

	if (kldsim_modfind(run->sim, name, &id) != KLDSIM_OK ||
	    kldsim_modstat(run->sim, id, &module) != KLDSIM_OK)
		return (refuse(run, FB_ENOENT, "%s: can't find module %s: %s",
		    program, name, kldsim_errno_text(FB_ENOENT)));
	if (quiet)
		return (0);
	say(run, "Id  Refs Name");
	say(run, "%3d %4d %s", module.id, module.refs, module.name);
	return (0);
}

static int
all_files(struct run *run, bool verbose)
{
	int error = 0;
	int id = 0;

	while (error == 0 && kldsim_kldnext(run->sim, id, &id) == KLDSIM_OK &&
	    id != 0)
		error = file_row(run, id, verbose);
	return (error);
}

/* Which file is asked for: 0 for all, -1 if it makes no sense. */
static int
parse_id(const char *text)
{
	uint64_t id = 0;

	if (text != NULL && !parse_number(text, INT_MAX, &id))
		return (-1);
	return ((int)id);
}

int
run_kldstat(struct run *run, const struct run_call *call)
{
	const bool quiet = call->option['q'] != NULL;
	const bool verbose = call->option['v'] != NULL;
	const char *name = call->option['n'];
	int fileid = parse_id(call->option['i']);

	if (fileid < 0)
		return (complain_usage(run, call->command));
	if (call->option['m'] != NULL)
		return (module_table(run, "kldstat", call->option['m'],
		    quiet));
	if (name != NULL) {
		if (kldsim_kldfind(run->sim, name, &fileid) != KLDSIM_OK)
			return (warn_with(run, "kldstat: can't find file ",
			    name, FB_ENOENT));
		if (quiet)
			return (0);
	}
	file_header(run);
	if (fileid != 0)
		return (file_row(run, fileid, verbose));
	return (all_files(run, verbose));
}

/* --- system calls --- */

int
run_modstat(struct run *run, const struct run_call *call)
{
	return (module_table(run, "modstat", call->operands[0], false));
}

int
run_kldfind(struct run *run, const struct run_call *call)
{
	int fileid;

	if (kldsim_kldfind(run->sim, call->operands[0], &fileid) != KLDSIM_OK)
		return (warn_with(run, "kldfind: ", call->operands[0],
		    FB_ENOENT));
	say(run, "%d", fileid);
	return (0);
}

int
run_kldsym(struct run *run, const struct run_call *call)
{
	const char *name = call->operands[call->noperands - 1];
	const char *file = call->noperands == 2 ? call->operands[0] : NULL;
	struct kldsim_error error = { .status = KLDSIM_OK };
	kldsim_addr value;
	kldsim_size size;
	int fileid = 0;

	if (file != NULL && kldsim_kldfind(run->sim, file, &fileid) !=
	    KLDSIM_OK)
		return (warn_with(run, "kldsym: ", file, FB_ENOENT));
	error.status = kldsim_kldsym(run->sim, fileid, name, &value, &size);
	if (error.status == KLDSIM_NOENT)
		return (warn_with(run, "kldsym: ", name, FB_ENOENT));
	if (error.status == KLDSIM_FAULT)
		return (refuse(run, FB_EFAULT, "kldsym: on the way to %s the "
		    "kernel reads outside a string table", name));
	if (error.status != KLDSIM_OK) {
		(void)snprintf(error.text, sizeof(error.text), "kldsym: %s",
		    kldsim_status_name(error.status));
		return (complain_host(run, &error));
	}
	say(run, "0x%" PRIx64 " %" PRIu64 " %s", value, size, name);
	return (0);
}

/* --- vnets --- */

/* What the kernel would say to what the library finds impossible. */
static int
vnet_refused(struct run *run, const struct kldsim_error *error)
{
	static const struct {
		enum kldsim_status status;
		int error;
	} answers[] = {
		{ KLDSIM_NOENT, FB_ENOENT },
		{ KLDSIM_ARG, FB_EINVAL },
		{ KLDSIM_STATE, FB_EOPNOTSUPP },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (answers[i].status == error->status)
			return (refuse(run, answers[i].error, "vnet: %s",
			    error->text));
	return (complain_host(run, error));
}

int
run_vnet_create(struct run *run, const struct run_call *call)
{
	struct kldsim_error error;
	unsigned vnet;

	(void)call;
	if (kldsim_vnet_alloc(run->sim, &vnet, &error) != KLDSIM_OK)
		return (vnet_refused(run, &error));
	say(run, "vnet%u", vnet);
	return (0);
}

int
run_vnet_destroy(struct run *run, const struct run_call *call)
{
	struct kldsim_error error;
	uint64_t vnet;

	if (!parse_number(call->operands[0], UINT_MAX, &vnet))
		return (complain_usage(run, call->command));
	if (kldsim_vnet_destroy(run->sim, (unsigned)vnet, &error) !=
	    KLDSIM_OK)
		return (vnet_refused(run, &error));
	return (0);
}

/* in the form of kldsym, for x to show the bytes. */
int
run_vnet_initial(struct run *run, const struct run_call *call)
{
	const char *name = call->operands[0];
	enum kldsim_status status;
	kldsim_addr address;
	kldsim_size size;

	if (kldsim_kldsym(run->sim, 0, name, &address, &size) != KLDSIM_OK)
		return (warn_with(run, "vnet: ", name, FB_ENOENT));
	status = kldsim_vnet_initial(run->sim, address, &address);
	if (status == KLDSIM_NOENT)
		return (refuse(run, FB_EOPNOTSUPP, "vnet: this kernel keeps "
		    "no initial values"));
	if (status != KLDSIM_OK)
		return (refuse(run, FB_EINVAL, "vnet: %s is not a variable "
		    "of vnets", name));
	say(run, "0x%" PRIx64 " %" PRIu64 " %s", address, size, name);
	return (0);
}

int
run_vnet_list(struct run *run, const struct run_call *call)
{
	struct kldsim_instance vnet;

	(void)call;
	for (size_t i = 0; kldsim_set_instance(run->sim, KLDSIM_SET_VNET, i,
	    &vnet) == KLDSIM_OK; i++)
		say(run, "vnet%u: data 0x%" PRIx64 ", vnet_data_base 0x%"
		    PRIx64, vnet.id, vnet.area, vnet.base);
	return (0);
}
