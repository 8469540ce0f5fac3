/* SPDX-License-Identifier: BSD-2-Clause */

/* CTF or DWARF, here or there; see file_types.h. */

#include "dwarf/file_types.h"

#include <stdio.h>
#include <string.h>

static bool
wants(const struct debug_options *where, const char *format)
{
	return (where->types == NULL || strcmp(where->types, format) == 0);
}

static void
say_source(struct file_types *found, const struct kldsim_image *image,
    const char *known)
{
	struct kldsim_types_info types;
	struct kldsim_image_info file;

	kldsim_types_info(found->types, &types);
	kldsim_image_info(image, &file);
	(void)snprintf(found->source, sizeof(found->source), "%s %s%u in %s%s",
	    types.format, strcmp(types.format, "CTF") == 0 ? "v" : "",
	    types.version, file.name, known);
}

static enum kldsim_status
read_dwarf(const struct kldsim_image *image, const struct kldsim_image *of,
    const struct kldsim_types_options *options, const char *known,
    struct file_types *found)
{
	enum kldsim_status status;

	dwarf_facts_free(&found->facts);
	status = dwarf_read(image, of, options, &found->types, &found->facts,
	    &found->error);
	if (status == KLDSIM_OK)
		say_source(found, image, known);
	else
		found->types = NULL;
	return (status);
}

/* W-33; that a file names none is no news. */
static enum kldsim_status
read_debug_file(const struct kldsim_image *image,
    const struct debug_options *where,
    const struct kldsim_types_options *options, struct file_types *found)
{
	const struct kldsim_error before = found->error;
	static const char *const known[] = {
		[DEBUG_NAMED] = "",
		[DEBUG_BUILD_ID] = " (checked by build-id)",
		[DEBUG_CRC] = " (checked by its CRC)"
	};
	struct kldsim_image *debug;
	enum debug_known how;
	enum kldsim_status status = debug_file_open(image, where, &debug,
	    &how, &found->error);

	if (status != KLDSIM_OK) {
		if (how == DEBUG_NONE)
			found->error = before;
		return (status);
	}
	status = read_dwarf(debug, image, options, known[how], found);
	kldsim_image_unref(debug);
	return (status);
}

enum kldsim_status
file_types_read(const struct kldsim_image *image,
    const struct debug_options *where,
    const struct kldsim_types_options *options, struct file_types *found)
{
	enum kldsim_status status = KLDSIM_NOENT;
	struct kldsim_error first;

	memset(found, 0, sizeof(*found));
	if (wants(where, "ctf")) {
		status = kldsim_types_read(image, options, &found->types,
		    &found->error);
		if (status == KLDSIM_OK)
			say_source(found, image, "");
		else
			found->types = NULL;
	}
	if (status != KLDSIM_NOENT || !wants(where, "dwarf"))
		return (status);
	first = found->error;
	status = read_dwarf(image, image, options, "", found);
	/* If there is nothing at all, what was looked for first is missing. */
	if (status == KLDSIM_NOENT && where->types == NULL)
		found->error = first;
	if (status == KLDSIM_NOENT)
		status = read_debug_file(image, where, options, found);
	return (status);
}

void
file_types_free(struct file_types *found)
{
	kldsim_types_free(found->types);
	dwarf_facts_free(&found->facts);
}
