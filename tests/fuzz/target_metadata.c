/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: module metadata as kldxref(8) reads it from a file (H-02 to
 * H-09).  What it writes can be read, and is the same each time.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[FUZZ_FOLDER], path[FUZZ_FOLDER + 8];

static void
forget_folder(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
make_folder(void)
{
	if (folder[0] != '\0')
		return;
	fuzz_folder(folder);
	FUZZ_CHECK(atexit(forget_folder) == 0, "atexit");
	(void)snprintf(path, sizeof(path), "%s/m.ko", folder);
}

/* kldxref(8) looks into folders: ours has this one file. */
static void
write_file(const struct fuzz_bytes *file)
{
	FILE *out = fopen(path, "wb");

	FUZZ_CHECK(out != NULL && fwrite(file->at, 1, file->left, out) ==
	    file->left && fclose(out) == 0, "%s", path);
}

struct made {
	void *bytes;
	size_t size;
	enum kldsim_status status;
};

static struct made
build(uint32_t osreldate)
{
	struct made made = { NULL, 0, KLDSIM_OK };
	struct kldsim_hints_options options;
	struct kldsim_hints_result result;
	struct kldsim_error error;

	kldsim_hints_options_init(&options);
	options.osreldate = osreldate;
	made.status = kldsim_hints_build(folder, &options, &made.bytes,
	    &made.size, &result, &error);
	return (made);
}

/* Every record is a whole one: the last ends where the file does. */
static void
read_back(const struct made *made)
{
	struct kldsim_hints_record record;
	struct kldsim_error error;
	enum kldsim_status status;
	size_t at = 0;

	while ((status = kldsim_hints_next(made->bytes, made->size, &at,
	    &record, &error)) == KLDSIM_OK)
		FUZZ_CHECK(record.kind >= KLDSIM_HINTS_MODULE &&
		    record.kind <= KLDSIM_HINTS_PNP, "record of kind %d",
		    record.kind);
	FUZZ_CHECK(status == KLDSIM_NOENT, "%s", error.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);
	uint32_t osreldate = fuzz_release(fuzz_choose(&choices, 5));
	struct made one, two;

	make_folder();
	write_file(&file);
	one = build(osreldate);
	two = build(osreldate);
	FUZZ_CHECK(one.status == two.status && one.size == two.size &&
	    (one.size == 0 || memcmp(one.bytes, two.bytes, one.size) == 0),
	    "two runs differ");
	if (one.status == KLDSIM_OK && one.size != 0)
		read_back(&one);
	kldsim_hints_free(one.bytes);
	kldsim_hints_free(two.bytes);
	return (0);
}
