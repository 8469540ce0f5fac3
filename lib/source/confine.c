/* SPDX-License-Identifier: BSD-2-Clause */

/* The folders that a source is confined to. */

#include "source/impl.h"

static const char *
keep_plain(struct kldsim_source *source, const char *here, const char *path,
    int *failed_ret)
{
	char plain[KLDSIM__SOURCE_PATH];

	*failed_ret = kldsim__host_plain(here, path, plain);
	return (*failed_ret != 0 ? NULL :
	    kldsim__arena_strdup(&source->names, plain));
}

static enum kldsim_status
take(struct kldsim_source *source, const char *here,
    const struct kldsim_source_folder *from, struct kldsim__host_folder *to,
    struct kldsim_error *error)
{
	int failed, also;

	to->path = keep_plain(source, here, from->path, &failed);
	to->real = from->real == NULL ? to->path :
	    keep_plain(source, "/", from->real, &also);
	to->fd = from->fd;
	to->error = from->sys_errno;
	if (failed != 0 || (from->real != NULL && also != 0))
		return (kldsim__source_fail_path(error, from->path,
		    failed != 0 ? failed : also));
	return (to->path != NULL && to->real != NULL ? KLDSIM_OK :
	    kldsim__source_no_memory(error));
}

enum kldsim_status
kldsim_source_confine(struct kldsim_source *source, const char *here,
    const struct kldsim_source_folder *folders, size_t nfolders,
    struct kldsim_error *error_ret)
{
	struct kldsim__host host = { .nfolders = nfolders };
	enum kldsim_status status = KLDSIM_OK;
	int failed;

	if (nfolders == 0 || here[0] != '/' || source->host.nfolders != 0)
		return (kldsim__source_fail(error_ret, KLDSIM_ARG, 0, "a source "
		    "is confined once, to one folder or more, and begins in a "
		    "path that has a slash in front"));
	host.here = keep_plain(source, "/", here, &failed);
	host.folders = kldsim__calloc(&source->alloc, nfolders,
	    sizeof(*host.folders));
	if (failed != 0)
		status = kldsim__source_fail_path(error_ret, here, failed);
	else if (host.here == NULL || host.folders == NULL)
		status = kldsim__source_no_memory(error_ret);
	for (size_t i = 0; i < nfolders && status == KLDSIM_OK; i++)
		status = take(source, host.here, &folders[i], &host.folders[i],
		    error_ret);
	if (status == KLDSIM_OK)
		source->host = host;
	else
		kldsim__free(&source->alloc, host.folders);
	return (status);
}
