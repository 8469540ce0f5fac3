/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: module metadata as kldxref(8) reads it from a file (H-02 to
 * H-09), and as the boot loader does (P-15).  What kldxref(8) writes can be
 * read, and is the same each time.
 *
 * What is no ELF file is the block that the boot loader hands to the kernel, of
 * any word size and byte order (P-01 to P-04).
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "kldxref/kldxref.h"
#include "meta/preload_metadata.h"

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

/* The walk ends, and tells of nothing but modules, versions and depends. */
static bool
told(void *user, enum kldsim__mdt type, const char *name, const int *numbers)
{
	(void)numbers;
	FUZZ_CHECK(type == KLDSIM__MDT_MODULE ||
	    type == KLDSIM__MDT_VERSION || type == KLDSIM__MDT_DEPEND,
	    "told of type %d", (int)type);
	FUZZ_CHECK(strlen(name) <= KLDSIM__XREF_NAME_V3, "a long name");
	return (--*(int *)user > 0);
}

static void
read_elf(const struct fuzz_bytes *file, uint32_t osreldate)
{
	struct kldsim_image *image = fuzz_image(file, "m.ko");
	struct kldsim__xref one, two;
	int entries = 10000;

	FUZZ_CHECK(run(&one, image, osreldate) == run(&two, image, osreldate),
	    "two runs end differently");
	FUZZ_CHECK(one.out.size == two.out.size && (one.out.size == 0 ||
	    memcmp(one.out.bytes, two.out.bytes, one.out.size) == 0),
	    "two runs differ");
	if (one.status == KLDSIM_OK && one.out.size != 0)
		read_back(&one.out);
	for (int i = 0; i < 2; i++)
		FUZZ_CHECK(kldsim__xref_walk(image, &one.alloc, i != 0, told,
		    &entries) != KLDSIM_NOMEM,
		    "the loader's walk has no memory");
	forget(&one);
	forget(&two);
	kldsim_image_unref(image);
}

/* --- the boot loader's block --- */

/* All that is found of one file lies in the block. */
static void
read_records(const struct kldsim__preload_metadata *md, size_t mod)
{
	static const uint32_t types[] = { KLDSIM__MODINFO_NAME,
		KLDSIM__MODINFO_TYPE, KLDSIM__MODINFO_ADDR,
		KLDSIM__MODINFO_ARGS, KLDSIM__MODINFOMD_ELFHDR,
		KLDSIM__MODINFOMD_SHDR };
	uint64_t word;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t size = 0;
		const uint8_t *data = kldsim__preload_search_info(md, mod,
		    types[i], &size);
		const char *text = kldsim__preload_string(md, mod, types[i]);
		bool is_word = kldsim__preload_word(md, mod, types[i], &word);

		FUZZ_CHECK(data == NULL || (data >= md->bytes + mod &&
		    size <= (size_t)(md->bytes + md->size - data)),
		    "a record outside of the block");
		FUZZ_CHECK(text == NULL || (data != NULL &&
		    strlen(text) < size), "a string without an end (Z-91)");
		FUZZ_CHECK(is_word == (data != NULL && size >= md->word),
		    "a word of %zu bytes", size);
	}
}

/* As a file goes: its name is found no longer, and all comes back. */
static void
delete(struct kldsim__preload_metadata *md, size_t mod)
{
	const char *name = kldsim__preload_string(md, mod,
	    KLDSIM__MODINFO_NAME);
	uint8_t *before = malloc(md->size);
	struct kldsim__alloc alloc;
	struct kldsim__undo undo;
	unsigned files;
	size_t mark;

	FUZZ_CHECK(before != NULL, "malloc");
	if (name != NULL) {
		memcpy(before, md->bytes, md->size);
		FUZZ_CHECK(kldsim__preload_search_by_name(md, name) <= mod,
		    "the first of a name is behind another");
		kldsim__alloc_init(&alloc, NULL);
		kldsim__undo_init(&undo, &alloc);
		mark = kldsim__undo_begin(&undo);
		FUZZ_CHECK(kldsim__preload_delete_name(md, &undo, name,
		    &files) && files > 0, "nothing to delete");
		FUZZ_CHECK(kldsim__preload_search_by_name(md, name) ==
		    KLDSIM__NO_MOD, "a deleted name");
		kldsim__undo_rollback(&undo, mark);
		kldsim__undo_fini(&undo);
		FUZZ_CHECK(memcmp(before, md->bytes, md->size) == 0,
		    "rolled back to something else");
	}
	free(before);
}

/* A walk ends, whatever the lengths say (Z-90). */
static void
read_block(const struct fuzz_bytes *file, unsigned word, bool big)
{
	struct kldsim__preload_metadata md = { malloc(file->left + 1),
		file->left, word, big };
	size_t mod = KLDSIM__NO_MOD, last = 0;
	unsigned names = 0;

	FUZZ_CHECK(md.bytes != NULL, "malloc");
	memcpy(md.bytes, file->at, file->left);
	while ((mod = kldsim__preload_search_next_name(&md, mod)) !=
	    KLDSIM__NO_MOD && names < 64) {
		FUZZ_CHECK(mod < md.size && (names++ == 0 || mod > last),
		    "the walk goes back");
		last = mod;
		read_records(&md, mod);
		delete(&md, mod);
	}
	mod = kldsim__preload_search_by_type(&md, KLDSIM__TYPE_KERNEL);
	FUZZ_CHECK(mod == KLDSIM__NO_MOD || mod < md.size, "a kernel nowhere");
	free(md.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);

	if (file.left >= 4 && memcmp(file.at, "\177ELF", 4) == 0) {
		read_elf(&file, fuzz_release(fuzz_choose(&choices, 5)));
		return (0);
	}
	for (unsigned i = 0; i < 4; i++)
		read_block(&file, i & 1 ? 8 : 4, i & 2);
	return (0);
}
