/* SPDX-License-Identifier: BSD-2-Clause */

/* One file: the entries of its modmetadata_set become records (H-03). */

#include "kldxref/kldxref.h"

#include <stdlib.h>

#include <kldsim/report.h>

uint64_t
kldsim__xref_word(const struct kldsim__xref_file *file, const uint8_t *bytes)
{
	return (kldsim__load(bytes, file->ptrsz, file->elf.big));
}

uint32_t
kldsim__xref_int(const struct kldsim__xref_file *file, const uint8_t *bytes)
{
	return (kldsim__load32(bytes, file->elf.big));
}

int
kldsim__xref_refuse(const struct kldsim__xref_file *file, const char *why)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING, "%s: %s", file->path,
	    why);
	return (KLDSIM__EFTYPE);
}

int
kldsim__xref_refuse_bare(const struct kldsim__xref_file *file, const char *why)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING, "%s", why);
	return (KLDSIM__EFTYPE);
}

/*
 * FIDELITY: a set that is NOBITS, and so has nothing but null pointers, may be
 * larger than its file; the tool goes through it if it has so much memory.
 */
bool
kldsim__xref_set(struct kldsim__xref_file *file, kldsim_addr *set_ret,
    int64_t *count_ret)
{
	return (file->ops->lookup_set(file, set_ret, count_ret) == 0 &&
	    (uint64_t)*count_ret <= file->elf.size / file->ptrsz &&
	    file->ops->check(file, *set_ret, (uint64_t)*count_ret *
	    file->ptrsz, true) == 0);
}

int
kldsim__xref_entry(struct kldsim__xref_file *file, kldsim_addr set, int64_t i,
    struct kldsim__xref_entry *entry)
{
	const unsigned ptrsz = file->ptrsz;
	const size_t size = file->xref->facts.modstat_v3 ?
	    KLDSIM__XREF_NAME_V3 + 1 : KLDSIM__XREF_NAME_V1 + 1;
	const bool relocated = !file->as_it_stands;
	uint8_t bytes[24 + KLDSIM__XREF_SLACK];
	kldsim_addr cval;
	int error;

	error = file->ops->read(file, set + (uint64_t)i * ptrsz, ptrsz,
	    relocated, bytes);
	if (error == 0)
		error = file->ops->read(file, kldsim__xref_word(file, bytes),
		    8 + 2 * ptrsz, relocated, bytes);
	if (error != 0)
		return (error);
	entry->type = kldsim__xref_int(file, bytes + 4);
	entry->data = kldsim__xref_word(file, bytes + 8);
	cval = kldsim__xref_word(file, bytes + 8 + ptrsz);
	return (file->ops->read_string(file, cval, size, entry->cval));
}

static int
module_record(struct kldsim__xref_file *file, const struct kldsim__xref_entry *entry)
{
	kldsim__xref_record_int(file->xref, KLDSIM__MDT_MODULE);
	kldsim__xref_record_string(file->xref, entry->cval);
	kldsim__xref_record_string(file->xref, file->name);
	return (0);
}

static int
version_record(struct kldsim__xref_file *file, const struct kldsim__xref_entry *entry)
{
	uint8_t bytes[4 + KLDSIM__XREF_SLACK];
	/* The old tool does not relocate a number. */
	int error = file->ops->read(file, entry->data, 4,
	    kldsim__xref_is_new(file), bytes);

	if (error != 0)
		return (error);
	kldsim__xref_record_int(file->xref, KLDSIM__MDT_VERSION);
	kldsim__xref_record_string(file->xref, entry->cval);
	kldsim__xref_record_int(file->xref, kldsim__xref_int(file, bytes));
	kldsim__xref_record_string(file->xref, file->name);
	return (0);
}

static int
pnp_record(struct kldsim__xref_file *file, const struct kldsim__xref_entry *entry)
{
	return (kldsim__xref_pnp(file, entry->data, entry->cval));
}

static int
no_record(struct kldsim__xref_file *file, const struct kldsim__xref_entry *entry)
{
	(void)file;
	(void)entry;
	return (0);
}

static const struct {
	uint32_t type;
	int (*make)(struct kldsim__xref_file *file,
	    const struct kldsim__xref_entry *entry);
} makers[] = {
	{ KLDSIM__MDT_DEPEND, no_record }, /* H-03 */
	{ KLDSIM__MDT_MODULE, module_record },
	{ KLDSIM__MDT_VERSION, version_record },
	{ KLDSIM__MDT_PNP_INFO, pnp_record },
};

#define NMAKERS (sizeof(makers) / sizeof(makers[0]))

/* A record is written whole or, after an error, not at all. */
static void
write_record(struct kldsim__xref_file *file, const struct kldsim__xref_entry *entry)
{
	size_t i = 0;

	kldsim__xref_record_start(file->xref);
	while (i < NMAKERS && makers[i].type != entry->type)
		i++;
	if (i == NMAKERS)
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "unknown metadata record %d in file %s",
		    (int)entry->type, file->name);
	else if (makers[i].make(file, entry) == 0)
		kldsim__xref_record_end(file->xref);
}

/* Which entries a pass is about. */
enum pass {
	PASS_ALL,          /* the old tool: one pass in set order (H-07) */
	PASS_FIRST_MODULE, /* since then: one MDT_MODULE, (H-08) */
	PASS_OTHERS        /* and then what is no MDT_MODULE */
};

static bool
wanted(enum pass pass, const struct kldsim__xref_entry *entry)
{
	bool module = entry->type == KLDSIM__MDT_MODULE;

	return (pass == PASS_ALL || module == (pass == PASS_FIRST_MODULE));
}

/* An entry that cannot be read ends the file. */
static int
read_pass(struct kldsim__xref_file *file, enum pass pass, kldsim_addr set,
    int64_t count)
{
	struct kldsim__xref_entry entry;

	for (int64_t i = 0; i < count; i++) {
		int error = kldsim__xref_entry(file, set, i, &entry);

		if (file->xref->status != KLDSIM_OK)
			return (KLDSIM__ENOMEM);
		if (error != 0) {
			kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
			    "error while reading %s: %s", file->path,
			    kldsim_errno_text(error));
			return (error);
		}
		if (!wanted(pass, &entry))
			continue;
		write_record(file, &entry);
		if (pass == PASS_FIRST_MODULE)
			break;
	}
	return (0);
}

static void
read_set(struct kldsim__xref_file *file)
{
	kldsim_addr set = 0;
	int64_t count = 0;

	if (!kldsim__xref_set(file, &set, &count))
		return;
	if (!file->xref->facts.kldxref_first_module_only)
		(void)read_pass(file, PASS_ALL, set, count);
	else if (read_pass(file, PASS_FIRST_MODULE, set, count) == 0)
		(void)read_pass(file, PASS_OTHERS, set, count);
}

void
kldsim__xref_read_image(struct kldsim__xref *xref, struct kldsim_image *image,
    const char *path, const char *name)
{
	struct kldsim__xref_file file = {
		.xref = xref,
		.path = path,
		.name = name,
		.image = image,
	};

	kldsim__arena_init(&file.arena, &xref->alloc);
	if (kldsim__xref_open(&file) == 0)
		read_set(&file);
	kldsim__arena_fini(&file.arena);
}

void
kldsim__xref_read_kld(struct kldsim__xref *xref, const char *path,
    const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	xref->files++;
	kldsim__xref_say(xref, KLDSIM_LOG_INFO, "%s", path);
	if (kldsim_source_image(xref->source, path, &image,
	    &error) != KLDSIM_OK) {
		if (error.status == KLDSIM_NOMEM)
			(void)kldsim__xref_fail(xref, KLDSIM_NOMEM, 0,
			    "%s", error.text);
		else /* the tools say so with -v only; here it matters */
			kldsim__xref_say(xref, KLDSIM_LOG_WARNING, "%s",
			    error.text);
		return;
	}
	kldsim__xref_read_image(xref, image, path, name);
	kldsim_image_unref(image);
}
