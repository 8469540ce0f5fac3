/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The system calls that change a simulated kernel: kldload(2), kldunloadf(2),
 * and what vimage(9) does for jails.  Each is one transaction: the kernel's
 * answer is committed, a host failure leaves no trace, a panic leaves only its
 * finding and a dead kernel (docs/DESIGN.md).
 */

#include <string.h>

#include "link/kern_sysinit.h"

struct call {
	size_t undo;
	struct kldsim__report_mark report;
};

static enum kldsim_status
begin(struct kldsim *sim, struct call *call, struct kldsim_error *error_ret)
{
	if (sim->dead) {
		if (error_ret != NULL) {
			error_ret->status = KLDSIM_STATE;
			error_ret->sys_errno = 0;
			(void)strcpy(error_ret->text,
			    "this simulated kernel has panicked");
		}
		return (KLDSIM_STATE);
	}
	call->undo = kldsim__undo_begin(&sim->undo);
	call->report = kldsim__report_mark(&sim->report);
	memset(&sim->abort, 0, sizeof(sim->abort));
	return (KLDSIM_OK);
}

/* The same for a call that has a result, which says nothing yet. */
static enum kldsim_status
begin_with_result(struct kldsim *sim, struct call *call,
    struct kldsim_result *result, struct kldsim_error *error_ret)
{
	memset(result, 0, sizeof(*result));
	result->fileid = -1;
	return (begin(sim, call, error_ret));
}

static enum kldsim_status
host_failed(struct kldsim *sim, const struct call *call,
    struct kldsim_error *error_ret)
{
	kldsim__undo_rollback(&sim->undo, call->undo);
	kldsim__report_release(&sim->report, call->report);
	if (error_ret != NULL)
		*error_ret = sim->abort.error;
	return (sim->abort.error.status);
}

/* End a call: keep what it did, or take it back. */
static enum kldsim_status
end(struct kldsim *sim, const struct call *call, int error,
    struct kldsim_result *result, struct kldsim_error *error_ret)
{
	bool panicked = error < 0 && sim->abort.panic;

	if (sim->report.failed) {
		(void)kldsim__nomem(sim);
		return (host_failed(sim, call, error_ret));
	}
	if (error < 0 && !panicked)
		return (host_failed(sim, call, error_ret));
	if (panicked) {
		kldsim__undo_rollback(&sim->undo, call->undo);
		sim->dead = true;
	} else {
		kldsim__undo_commit(&sim->undo);
	}
	result->error = panicked ? 0 : error;
	result->panicked = panicked;
	result->first_console = call->report.nconsole;
	result->nconsole = sim->report.nconsole - call->report.nconsole;
	result->first_finding = call->report.nfindings;
	result->nfindings = sim->report.nfindings - call->report.nfindings;
	return (KLDSIM_OK);
}

/*
 * kern_kldload().  K-03 says which names are file names; a path whose file the
 * caller has picked is taken as it is.
 */
static int
load(struct kldsim *sim, const struct kldsim__request *request,
    int *fileid_ret)
{
	const char *name = request->path != NULL ? request->path :
	    request->kldname != NULL ? request->kldname : request->modname;
	struct kldsim__file *file;
	int error;

	if (strlen(name) >= 1024)
		return (KLDSIM__ENAMETOOLONG);
	error = kldsim__linker_load_module(sim, request, &file);
	if (error != 0)
		return (error);
	file->userrefs = 1; /* the file is as new as the call */
	*fileid_ret = file->id;
	return (0);
}

static enum kldsim_status
kldload(struct kldsim *sim, const struct kldsim__request *request,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct call call;
	int error;

	status = begin_with_result(sim, &call, result_ret, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = load(sim, request, &result_ret->fileid);
	return (end(sim, &call, error, result_ret, error_ret));
}

enum kldsim_status
kldsim_kldload_image(struct kldsim *sim, struct kldsim_image *image,
    const char *path, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret)
{
	const struct kldsim__request request = { .image = image,
		.path = path };

	return (kldload(sim, &request, result_ret, error_ret));
}

enum kldsim_status
kldsim_kldload_path(struct kldsim *sim, const char *path,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	return (kldsim_kldload_image(sim, NULL, path, result_ret, error_ret));
}

enum kldsim_status
kldsim_kldload(struct kldsim *sim, const char *name,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	struct kldsim__request request = { NULL, NULL, NULL, NULL };

	if (strpbrk(name, "/.") != NULL)
		request.kldname = name;
	else
		request.modname = name;
	return (kldload(sim, &request, result_ret, error_ret));
}

/* kern_kldunload() (U-01 to U-04). */
static int
unload_id(struct kldsim *sim, int fileid, int flags)
{
	struct kldsim__file *file;
	int error;

	if (flags != KLDSIM_UNLOAD_NORMAL && flags != KLDSIM_UNLOAD_FORCE)
		return (KLDSIM__EINVAL);
	file = kldsim__find_file_by_id(sim, fileid);
	if (file == NULL)
		return (KLDSIM__ENOENT);
	if (file->userrefs == 0) {
		kldsim__console(sim, "kldunload: attempt to unload file that "
		    "was loaded by the kernel");
		return (KLDSIM__EBUSY);
	}
	if (sim->facts.kldunload_refs_busy && file->refs > 1)
		return (KLDSIM__EBUSY);
	if (!KLDSIM__SET(&sim->undo, file->userrefs, file->userrefs - 1))
		return (kldsim__nomem(sim));
	error = kldsim__linker_file_unload(sim, file, flags);
	if (error > 0)
		file->userrefs++; /* saved above */
	return (error);
}

enum kldsim_status
kldsim_kldunload(struct kldsim *sim, int fileid, int flags,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct call call;
	int error;

	status = begin_with_result(sim, &call, result_ret, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = unload_id(sim, fileid, flags);
	return (end(sim, &call, error, result_ret, error_ret));
}

/* --- vnets --- */

static enum kldsim_status
begin_vnet(struct kldsim *sim, struct call *call,
    struct kldsim_error *error_ret)
{
	enum kldsim_status status = begin(sim, call, error_ret);

	if (status == KLDSIM_OK && !sim->vnet.present) {
		(void)kldsim__fail(sim, KLDSIM_STATE,
		    "this kernel is built without options VIMAGE");
		return (host_failed(sim, call, error_ret));
	}
	return (status);
}

enum kldsim_status
kldsim_vnet_alloc(struct kldsim *sim, unsigned *vnet_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim_instance vnet;
	struct kldsim_result result;
	enum kldsim_status status;
	struct call call;
	int error;

	status = begin_vnet(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = kldsim__vnet_alloc(sim, &vnet);
	status = end(sim, &call, error, &result, error_ret);
	if (status == KLDSIM_OK)
		*vnet_ret = vnet.id;
	return (status);
}

static int
destroy_vnet(struct kldsim *sim, unsigned vnet)
{
	int error;

	if (vnet == 0)
		return (kldsim__fail(sim, KLDSIM_ARG,
		    "vnet 0 is the host's and stays"));
	if (kldsim__set_find_instance(&sim->vnet, vnet) == NULL)
		return (kldsim__fail(sim, KLDSIM_NOENT, "there is no vnet %u",
		    vnet));
	error = kldsim__vnet_ready(sim, NULL);
	if (error == 0)
		error = kldsim__vnet_destruct(sim, vnet);
	if (error != 0)
		return (error);
	return (kldsim__accessed(sim, kldsim__set_remove_instance(&sim->vnet,
	    vnet)));
}

enum kldsim_status
kldsim_vnet_destroy(struct kldsim *sim, unsigned vnet,
    struct kldsim_error *error_ret)
{
	struct kldsim_result result;
	enum kldsim_status status;
	struct call call;

	status = begin_vnet(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	return (end(sim, &call, destroy_vnet(sim, vnet), &result,
	    error_ret));
}

/* --- CPUs --- */

enum kldsim_status
kldsim_cpu_add(struct kldsim *sim, unsigned *cpu_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim_instance cpu;
	struct kldsim_result result;
	enum kldsim_status status;
	struct call call;

	status = begin(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	status = end(sim, &call, kldsim__add_cpu(sim, &cpu), &result,
	    error_ret);
	if (status == KLDSIM_OK)
		*cpu_ret = cpu.id;
	return (status);
}

bool
kldsim_is_dead(const struct kldsim *sim)
{
	return (sim->dead);
}

uint32_t
kldsim_osreldate(const struct kldsim *sim)
{
	return (sim->osreldate);
}
