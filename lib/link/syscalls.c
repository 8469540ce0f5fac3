/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The system calls that change a simulated kernel: kldload(2), kldunloadf(2),
 * and what vimage(9) does for jails.  Each is one transaction (call.h).
 */

#include <string.h>

#include "kern/bad_news.h"
#include "kern/interface.h"
#include "kern/pcpu.h"
#include "link/call.h"
#include "link/init_main.h"
#include "link/link.h"
#include "linker_class/ctf.h"
#include "vnet/vnet.h"
#include "search/search.h"
#include "util/path.h"

int
kldsim__forbidden(struct kldsim *sim, const char *name)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(name) };

	return (kldsim__refuse(sim, KLDSIM__EPERM, KLDSIM__F_FORBIDDEN,
	    &where, "the securelevel is %d: above 0 nothing is loaded or "
	    "unloaded, and it cannot be lowered",
	    sim->policy.securelevel));
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
	const struct kldsim__where nowhere = { .file = NULL };
	struct kldsim__file *file;
	int error;

	if (strlen(name) >= KLDSIM__MAXPATHLEN)
		return (kldsim__refuse(sim, KLDSIM__ENAMETOOLONG,
		    KLDSIM__F_REQUEST, &nowhere, "the name has %zu "
		    "characters, and the kernel takes %u", strlen(name),
		    KLDSIM__MAXPATHLEN - 1));
	/* Before anybody looks for the file (K-02). */
	if (sim->policy.securelevel > 0)
		return (kldsim__forbidden(sim, name));
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
	struct kldsim__call call;
	int error;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = load(sim, request, &result_ret->fileid);
	return (kldsim__call_end(sim, &call, error, result_ret, error_ret));
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
	struct kldsim__request request = { .image = NULL };

	if (strpbrk(name, "/.") != NULL)
		request.kldname = name;
	else
		request.modname = name;
	return (kldload(sim, &request, result_ret, error_ret));
}

static int
refuse_unload(struct kldsim *sim, const struct kldsim__file *file,
    const char *why)
{
	const struct kldsim__where where = { .file = file->filename };
	const struct kldsim__file *user = file == sim->linker.kernel ? NULL :
	    kldsim__dependent_of(sim, file);

	return (kldsim__refuse(sim, KLDSIM__EBUSY, KLDSIM__F_UNLOAD_REFUSED,
	    &where, "%s%s%s%s", why, user != NULL ? ": " : "",
	    user != NULL ? user->filename : "", user != NULL ?
	    " depends on it, and has to go first" : ""));
}

/* What is found meanwhile is why it stays. */
static int
unload(struct kldsim *sim, struct kldsim__file *file, int flags)
{
	const size_t before = sim->report.nfindings;
	const int error = kldsim__linker_file_unload(sim, file, flags);

	if (error > 0 && sim->report.nfindings > before)
		kldsim__report_refuses(&sim->report,
		    sim->report.nfindings - 1);
	return (error);
}

/* L-10: an id leads to what is linked. */
static int
refuse_id(struct kldsim *sim, int fileid)
{
	const struct kldsim__where nowhere = { .file = NULL };
	const struct kldsim__linker *linker = &sim->linker;

	if (fileid > 0 && (size_t)fileid < linker->files_by_id_cap &&
	    linker->files_by_id[fileid] != NULL)
		return (kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_REQUEST, &nowhere, "the file that has the id "
		    "%d, %s, is not linked: it is a left-over of a failed "
		    "load", fileid, linker->files_by_id[fileid]->filename));
	return (kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_REQUEST,
	    &nowhere, "no file has the id %d", fileid));
}

/* kern_kldunload() (U-01 to U-04). */
static int
unload_id(struct kldsim *sim, int fileid, int flags)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct kldsim__file *file;
	int error;

	if (flags != KLDSIM_UNLOAD_NORMAL && flags != KLDSIM_UNLOAD_FORCE)
		return (kldsim__refuse(sim, KLDSIM__EINVAL,
		    KLDSIM__F_REQUEST, &nowhere, "there are no flags 0x%x "
		    "of kldunloadf(2)", (unsigned)flags));
	if (sim->policy.securelevel > 0)
		return (kldsim__forbidden(sim, "kldunload"));
	file = kldsim__find_file_by_id(&sim->linker, fileid);
	if (file == NULL)
		return (refuse_id(sim, fileid));
	if (file->userrefs == 0) {
		kldsim__console(sim, "kldunload: attempt to unload file that "
		    "was loaded by the kernel");
		return (refuse_unload(sim, file, file == sim->linker.kernel ?
		    "it is the kernel itself" :
		    "nobody has loaded it by hand"));
	}
	if (sim->facts.kldunload_refs_busy && file->refs > 1)
		return (refuse_unload(sim, file, "it is in use"));
	if (!KLDSIM__SET(&sim->undo, file->userrefs, file->userrefs - 1))
		return (kldsim__nomem(sim));
	error = unload(sim, file, flags);
	if (error > 0)
		file->userrefs++; /* saved above */
	return (error);
}

enum kldsim_status
kldsim_kldunload(struct kldsim *sim, int fileid, int flags,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct kldsim__call call;
	int error;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = unload_id(sim, fileid, flags);
	return (kldsim__call_end(sim, &call, error, result_ret, error_ret));
}

/* --- what other parts of the kernel call (K-35) --- */

/* linker_ctf_get(), of a file that has an id. */
static int
ctf_get(struct kldsim *sim, int fileid, kldsim_size *size_ret)
{
	struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);
	int error;

	if (file == NULL)
		return (refuse_id(sim, fileid));
	error = kldsim__link_elf_ctf_get(sim, file);
	if (error == 0)
		*size_ret = (kldsim_size)file->ctfcnt;
	return (error);
}

enum kldsim_status
kldsim_ctf_get(struct kldsim *sim, int fileid, kldsim_size *size_ret,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	struct kldsim__call call;
	int error;

	*size_ret = 0;
	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = ctf_get(sim, fileid, size_ret);
	return (kldsim__call_end(sim, &call, error, result_ret, error_ret));
}

/* linker_reference_module(). */
static int
reference(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *range, int *fileid_ret)
{
	const struct kldsim__request request = { .modname = modname,
		.range = range };
	const struct kldsim__interface *provider =
	    kldsim__modlist_lookup2(&sim->linker, modname, range);
	struct kldsim__file *file;
	int error;

	if (provider != NULL) {
		file = provider->file;
		error = kldsim__ref_file(sim, file, 1);
	} else {
		/* No reference of a user: kldunload(2) cannot take it away. */
		error = kldsim__linker_load_module(sim, &request, &file);
	}
	if (error == 0)
		*fileid_ret = file->id;
	return (error);
}

/* The kernel's form of a range, NULL for any version. */
static const struct kldsim__mod_depend *
take_range(const struct kldsim_version_range *given,
    struct kldsim__mod_depend *range)
{
	if (given == NULL)
		return (NULL);
	range->minimum = given->minimum;
	range->preferred = given->preferred;
	range->maximum = given->maximum;
	return (range);
}

enum kldsim_status
kldsim_reference_module(struct kldsim *sim, const char *modname,
    const struct kldsim_version_range *range,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	struct kldsim__mod_depend depend;
	enum kldsim_status status;
	struct kldsim__call call;
	int error;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = reference(sim, modname, take_range(range, &depend),
	    &result_ret->fileid);
	return (kldsim__call_end(sim, &call, error, result_ret, error_ret));
}

/* linker_release_module(), by interface or by file. */
static int
release(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *range, int fileid)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct kldsim__file *file = NULL;

	if (modname != NULL) {
		const struct kldsim__interface *provider =
		    kldsim__modlist_lookup2(&sim->linker, modname, range);

		if (provider == NULL)
			return (kldsim__refuse(sim, KLDSIM__ESRCH,
			    KLDSIM__F_REQUEST, &nowhere, "no file provides "
			    "the module %s in such a version", modname));
		file = provider->file;
	} else {
		file = kldsim__find_file_by_id(&sim->linker, fileid);
		if (file == NULL)
			return (kldsim__fail(sim, KLDSIM_NOENT,
			    "there is no file %d", fileid));
	}
	return (unload(sim, file, KLDSIM_UNLOAD_NORMAL));
}

static enum kldsim_status
release_call(struct kldsim *sim, const char *modname,
    const struct kldsim_version_range *range, int fileid,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	struct kldsim__mod_depend depend;
	enum kldsim_status status;
	struct kldsim__call call;
	int error;

	status = kldsim__call_begin_with_result(sim, &call, result_ret,
	    error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = release(sim, modname, take_range(range, &depend), fileid);
	return (kldsim__call_end(sim, &call, error, result_ret, error_ret));
}

enum kldsim_status
kldsim_release_module(struct kldsim *sim, const char *modname,
    const struct kldsim_version_range *range,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	return (release_call(sim, modname, range, 0, result_ret, error_ret));
}

enum kldsim_status
kldsim_release_file(struct kldsim *sim, int fileid,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	return (release_call(sim, NULL, NULL, fileid, result_ret,
	    error_ret));
}

/* --- vnets --- */

static enum kldsim_status
begin_vnet(struct kldsim *sim, struct kldsim__call *call,
    struct kldsim_error *error_ret)
{
	enum kldsim_status status = kldsim__call_begin(sim, call, error_ret);

	if (status == KLDSIM_OK && !sim->vnet.present) {
		(void)kldsim__fail(sim, KLDSIM_STATE,
		    "this kernel is built without options VIMAGE");
		return (kldsim__call_failed(sim, call, error_ret));
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
	struct kldsim__call call;
	int error;

	status = begin_vnet(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	error = kldsim__vnet_ready(sim, NULL);
	if (error == 0)
		error = kldsim__vnet_alloc(sim, &vnet);
	status = kldsim__call_end(sim, &call, error, &result, error_ret);
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
	if (error == 0)
		error = kldsim__vnet_struct_free(sim, vnet);
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
	struct kldsim__call call;

	status = begin_vnet(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	return (kldsim__call_end(sim, &call, destroy_vnet(sim, vnet), &result,
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
	struct kldsim__call call;

	status = kldsim__call_begin(sim, &call, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim__call_end(sim, &call, kldsim__add_cpu(sim, &cpu),
	    &result, error_ret);
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
