/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The part of the pretended library (fake_kldsim.c) that says where files come
 * from: the host, and what they are called is where they are.
 */

#include <string.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

struct kldsim_source {
	int refs;
};

void
kldsim_source_options_init(struct kldsim_source_options *options, size_t size)
{
	memset(options, 0, size);
}

enum kldsim_status
kldsim_source_new(const struct kldsim_source_options *options,
    struct kldsim_source **source_ret, struct kldsim_error *error_ret)
{
	static struct kldsim_source source;

	(void)options;
	(void)error_ret;
	*source_ret = &source;
	return (KLDSIM_OK);
}

void
kldsim_source_prepare(void)
{
}

enum kldsim_status
kldsim_source_confine(struct kldsim_source *source, const char *here,
    const struct kldsim_source_folder *folders, size_t nfolders,
    struct kldsim_error *error_ret)
{
	(void)source;
	(void)here;
	(void)folders;
	(void)nfolders;
	(void)error_ret;
	return (KLDSIM_OK);
}

void
kldsim_source_unref(struct kldsim_source *source)
{
	(void)source;
}

enum kldsim_status
kldsim_source_kernel(struct kldsim_source *source, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	(void)source;
	return (kldsim_image_open(name, image_ret, error_ret));
}

enum kldsim_status
kldsim_source_module(struct kldsim_source *source, const char *name,
    const char **path_ret, struct kldsim_error *error_ret)
{
	(void)source;
	(void)error_ret;
	*path_ret = name;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_source_folder(struct kldsim_source *source, const char *name,
    const char **path_ret, struct kldsim_error *error_ret)
{
	return (kldsim_source_module(source, name, path_ret, error_ret));
}

enum kldsim_status
kldsim_source_stat(struct kldsim_source *source, const char *path,
    struct kldsim_source_file *file_ret, struct kldsim_error *error_ret)
{
	(void)source;
	file_ret->type = KLDSIM_SOURCE_FOLDER;
	(void)error_ret;
	return (access(path, F_OK) == 0 ? KLDSIM_OK : KLDSIM_SYS);
}

const char *
kldsim_source_remark(struct kldsim_source *source, size_t index)
{
	(void)source;
	(void)index;
	return (NULL);
}

/* Nobody asks who has a name. */
enum kldsim_status
kldsim_names_new(struct kldsim_source *source, struct kldsim_names **names_ret,
    struct kldsim_error *error_ret)
{
	(void)source;
	*names_ret = NULL;
	(void)error_ret;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_names_add(struct kldsim_names *names, const char *path,
    struct kldsim_error *error_ret)
{
	(void)names;
	(void)path;
	(void)error_ret;
	return (KLDSIM_OK);
}

void
kldsim_names_unref(struct kldsim_names *names)
{
	(void)names;
}
