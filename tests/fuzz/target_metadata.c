/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: module metadata as kldxref(8) reads it from a file (H-02 to
 * H-09), and as the boot loader does (P-15).  What kldxref(8) writes can be
 * read, and is the same each time.
 */

#include "fuzz.h"

#include <string.h>

#include "meta/kldxref.h"

/* A run of kldxref(8) that looks into this one file. */
static enum kldsim_status
run(struct kldsim__xref *xref, struct kldsim_image *image, uint32_t osreldate)
{
	memset(xref, 0, sizeof(*xref));
	kldsim__alloc_init(&xref->alloc, NULL);
	kldsim__facts_for(osreldate, &xref->facts);
	if (kldsim__xref_begin(xref))
		kldsim__xref_read_image(xref, image, "./m.ko", "m.ko");
	FUZZ_CHECK((xref->status == KLDSIM_OK) == (xref->text[0] == '\0'),
	    "%s: '%s'", kldsim_status_name(xref->status), xref->text);
	return (xref->status);
}

static void
forget(struct kldsim__xref *xref)
{
	kldsim__free(&xref->alloc, xref->record);
	kldsim__free(&xref->alloc, xref->arch_name);
	kldsim__free(&xref->alloc, xref->out.bytes);
}

/* Every record is a whole one: the last ends where the file does. */
static void
read_back(const struct kldsim__xref_out *made)
{
	struct kldsim_hints_record record;
	struct kldsim_error error;
	enum kldsim_status status;
	unsigned records = 0;
	size_t at = 0;

	while ((status = kldsim_hints_next(made->bytes, made->size, &at,
	    &record, &error)) == KLDSIM_OK) {
		records++;
		FUZZ_CHECK(record.kind >= KLDSIM_HINTS_MODULE &&
		    record.kind <= KLDSIM_HINTS_PNP, "record of kind %d",
		    record.kind);
	}
	FUZZ_CHECK(status == KLDSIM_NOENT, "%s", error.text);
	FUZZ_CHECK(records == made->records, "%u of %u records", records,
	    made->records);
}

/* The boot loader's walk ends, and tells nothing but versions and depends. */
static bool
told(void *user, enum kldsim__mdt type, const char *name, const int *numbers)
{
	(void)numbers;
	FUZZ_CHECK(type == KLDSIM__MDT_VERSION || type == KLDSIM__MDT_DEPEND,
	    "told of type %d", (int)type);
	FUZZ_CHECK(strlen(name) <= KLDSIM__XREF_NAME_V3, "a long name");
	return (--*(int *)user > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);
	uint32_t osreldate = fuzz_release(fuzz_choose(&choices, 5));
	struct kldsim_image *image = fuzz_image(&file, "m.ko");
	struct kldsim__xref one, two;
	int entries = 10000;

	FUZZ_CHECK(run(&one, image, osreldate) == run(&two, image, osreldate),
	    "two runs end differently");
	FUZZ_CHECK(one.out.size == two.out.size && (one.out.size == 0 ||
	    memcmp(one.out.bytes, two.out.bytes, one.out.size) == 0),
	    "two runs differ");
	if (one.status == KLDSIM_OK && one.out.size != 0)
		read_back(&one.out);
	FUZZ_CHECK(kldsim__xref_walk(image, &one.alloc, told, &entries) !=
	    KLDSIM_NOMEM, "the loader's walk has no memory");
	forget(&one);
	forget(&two);
	kldsim_image_unref(image);
	return (0);
}
