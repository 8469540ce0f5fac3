/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SOURCE_H
#define SUPPORT_SOURCE_H

/* What a source says, as text that is easy to compare. */

#include "support_kern.h"

#include <errno.h>
#include <stdio.h>

#include <kldsim/source.h>

#include "support_hints_folder.h"

static struct folder folder;
static struct kldsim_error error;

static inline struct kldsim_source *
source_new(const char *root, bool read_once)
{
	struct kldsim_source_options options;
	struct kldsim_source *source;

	kldsim_source_options_init(&options, sizeof(options));
	options.root = root;
	options.read_once = read_once;
	if (kldsim_source_new(&options, &source, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return source;
}

static inline struct kldsim_image *
text_image(const char *text)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_image_open_memory(text, strlen(text), "text",
	    NULL, NULL, &image, &error), KLDSIM_OK);
	return image;
}

static inline void
add_text(struct kldsim_source *source, const char *path, const char *text)
{
	struct kldsim_image *image = text_image(text);

	if (kldsim_source_add(source, path, image, &error) != KLDSIM_OK)
		fail_msg("%s: %s", path, error.text);
	kldsim_image_unref(image);
}

static inline void
write_text(const char *name, const char *text)
{
	write_file(&folder, name, text, strlen(text));
}

/* --- lists --- */

struct list {
	char text[512];
	unsigned left; /* of visits, before it is enough */
};

/* "name f5 " for a file of five bytes, "name/ " for a folder. */
static inline bool
note(void *user, const struct kldsim_source_file *file)
{
	struct list *list = user;
	size_t length = strlen(list->text);
	char *end = list->text + length;
	const size_t room = sizeof(list->text) - length;

	if (file->type == KLDSIM_SOURCE_FOLDER)
		(void)snprintf(end, room, "%s/ ", file->name);
	else
		(void)snprintf(end, room, "%s %c%u ", file->name,
		    "?f?lo"[file->type], (unsigned)file->size);
	return --list->left != 0;
}

static inline const char *
list(struct kldsim_source *source, const char *path)
{
	static struct list list;

	memset(&list, 0, sizeof(list));
	list.left = 100;
	if (kldsim_source_list(source, path, note, &list, &error) != KLDSIM_OK)
		return strerror(error.sys_errno);
	return list.text;
}

/* What a path is, "f5", or why it is not. */
static inline const char *
what(struct kldsim_source *source, const char *path)
{
	static char text[2300];
	struct kldsim_source_file file;

	if (kldsim_source_stat(source, path, &file, &error) != KLDSIM_OK)
		return strerror(error.sys_errno);
	if (file.type == KLDSIM_SOURCE_FOLDER)
		return "folder";
	(void)snprintf(text, sizeof(text), "%s %c%u", file.name,
	    "?f?lo"[file.type], (unsigned)file.size);
	return text;
}

static inline const char *
contents(struct kldsim_source *source, const char *path)
{
	static char text[2300];
	struct kldsim_image_info info;
	struct kldsim_image *image;

	if (kldsim_source_image(source, path, &image, &error) != KLDSIM_OK)
		return strerror(error.sys_errno);
	kldsim_image_info(image, &info);
	(void)snprintf(text, sizeof(text), "%s, %u bytes", info.name,
	    (unsigned)info.size);
	kldsim_image_unref(image);
	return text;
}

/* A module that has an interface and a function, and one that wants them. */

static inline struct kldsim_synth *
provider(const char *interface)
{
	struct kldsim_synth *module = module_new(R121);

	(void)kldsim_synth_func(module, "exported");
	kldsim_synth_mdt_version(module, interface, 1);
	return module;
}

static inline struct kldsim_synth *
user(const char *interface)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_depend(module, interface, 1, 1, 1);
	(void)module_slot(module, kldsim_synth_ref(module, "exported"), 0);
	return module;
}

static inline void
add_module(struct kldsim_source *source, const char *path,
    struct kldsim_synth *module)
{
	struct kldsim_image *image = kern_image(module, path);

	if (kldsim_source_add(source, path, image, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(image);
}

#endif
