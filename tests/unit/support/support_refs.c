/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_refs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "elf/image.h"
#include "support_scratch.h"

/* The image as a file of the host; remove it. */
static void
write_image(const struct kldsim_image *image, char path[SCRATCH_PATH])
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);
	int fd;

	scratch_template(path, "refs");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(close(fd), 0);
}

static const char *
text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void
assert_same(const struct kldsim_refs *refs, const struct kldsim_refs *other)
{
	const struct kldsim_refs_info a = refs_info(refs),
	    b = refs_info(other);
	struct kldsim_refs_variable v, w;
	uint32_t i;

	assert_int_equal(a.use, b.use);
	assert_int_equal(a.imports, b.imports);
	assert_int_equal(a.own, b.own);
	assert_int_equal(a.references, b.references);
	assert_int_equal(a.own_references, b.own_references);
	for (i = 0; kldsim_refs_variable(refs, i, &v) == KLDSIM_OK; i++) {
		assert_int_equal(kldsim_refs_variable(other, i, &w),
		    KLDSIM_OK);
		assert_string_equal(v.name, w.name);
		assert_int_equal(v.references, w.references);
		assert_int_equal(v.section_offset, w.section_offset);
		assert_string_equal(text_or_empty(v.section),
		    text_or_empty(w.section));
		assert_string_equal(text_or_empty(v.function),
		    text_or_empty(w.function));
	}
}

enum kldsim_status
refs_try(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *options, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	enum kldsim_status status = kldsim_refs_read(image, kernels, options,
	    refs_ret, error_ret);
	struct kldsim_refs *other = NULL;
	char path[SCRATCH_PATH];

	write_image(image, path);
	assert_int_equal(kldsim_refs_read_path(NULL, path, kernels, options,
	    &other, &error), status);
	assert_int_equal(unlink(path), 0);
	if (status == KLDSIM_OK)
		assert_same(*refs_ret, other);
	else
		/* All but the file's name. */
		assert_string_equal(error.text + strlen(path),
		    strchr(error_ret->text, ':'));
	kldsim_refs_free(other);
	return status;
}

struct kldsim_refs *
refs_read(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels)
{
	struct kldsim_refs *refs = NULL;
	struct kldsim_error error;

	if (refs_try(image, kernels, NULL, &refs, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(image);
	return refs;
}

struct kldsim_refs *
refs_read_spec(const char *spec, const char *name,
    const struct kldsim_refs_kernels *kernels)
{
	return refs_read(kern_spec(spec, name), kernels);
}

struct kldsim_refs_info
refs_info(const struct kldsim_refs *refs)
{
	struct kldsim_refs_info info;

	kldsim_refs_info(refs, &info);
	return info;
}
