/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel's walk over linker.hints; see linker_hints.h. */

#include "meta/linker_hints.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"

#define HINTS_VERSION 1 /* H-01 */
#define INT 4

/* The kernel's locals, as offsets: they may go below the buffer (Z-61). */
struct walk {
	const uint8_t *bytes;
	int64_t size;
	bool big;
	const char *modname;
	size_t modnamelen;
	const struct kldsim__mod_depend *dep;
	int64_t record;  /* where the record in hand begins */
	int64_t chosen;  /* offset of the file name's length byte; 0: none */
	int64_t chosen_record;
	int version;     /* of what is chosen, found or best so far */
	bool found;
	struct kldsim__hints_result *result;
};

static bool
outside(struct walk *w, const char *rule)
{
	w->result->outcome = KLDSIM__HINTS_OUTSIDE;
	w->result->rule = rule;
	w->result->offset = (uint64_t)w->record;
	return (false);
}

static bool
need(struct walk *w, int64_t at, int64_t length)
{
	if (at >= 0 && length <= w->size && at <= w->size - length)
		return (true);
	return (outside(w, at < 0 ? "Z-61" : "Z-60"));
}

static bool
get_int(struct walk *w, int64_t at, int *value_ret)
{
	uint32_t bits;

	if (!need(w, at, INT))
		return (false);
	if (at % INT != 0)
		w->result->unaligned = true; /* Z-62 */
	bits = kldsim__load32(w->bytes + at, w->big);
	memcpy(value_ret, &bits, sizeof(bits));
	return (true);
}

/* Keep a record as the answer so far (K-13, step 5). */
static void
choose(struct walk *w, int64_t file, int version)
{
	w->chosen = file;
	w->chosen_record = w->record;
	w->version = version;
}

/*
 * The body of an MDT_VERSION record.  Nothing of it is held against the
 * record's length: the kernel does not either.
 */
static bool
version_record(struct walk *w)
{
	int64_t at = w->record + 2 * INT;
	int version;
	uint8_t length;

	if (!need(w, at, 1))
		return (false);
	length = w->bytes[at++];
	if (length != w->modnamelen)
		return (true);
	if (!need(w, at, length))
		return (false);
	if (memcmp(w->bytes + at, w->modname, length) != 0)
		return (true);
	w->result->named = true;
	at += length;
	at = (at + INT - 1) / INT * INT; /* relative to the file (H-01) */
	if (!get_int(w, at, &version) || !need(w, at + INT, 1))
		return (false);
	at += INT;
	if (w->dep == NULL || version == w->dep->preferred) {
		choose(w, at, version);
		w->found = true;
	} else if (version >= w->dep->minimum &&
	    version <= w->dep->maximum && version > w->version) {
		choose(w, at, version);
	}
	return (true);
}

/* One record; false when the kernel left its buffer. */
static bool
one_record(struct walk *w)
{
	int length, type;

	if (w->record < 0)
		return (outside(w, "Z-61"));
	if (!get_int(w, w->record, &length) ||
	    !get_int(w, w->record + INT, &type))
		return (false);
	if (type == KLDSIM__MDT_VERSION && !version_record(w))
		return (false);
	/*
	 * A negative length walks backwards.
	 * FIDELITY: pointers of a 32-bit kernel would wrap around at a length
	 * near 2^31; here they go past the end, as those of 64 bits do.
	 */
	w->record += (int64_t)length + INT;
	return (true);
}

/*
 * All records.  There are at most `size` different places for one, and what
 * is remembered only grows, so more steps than that are an endless loop.
 */
static bool
walk_records(struct walk *w)
{
	int64_t steps = 0;

	w->record = INT;
	while (w->record < w->size && !w->found) {
		if (steps++ > w->size) {
			w->result->outcome = KLDSIM__HINTS_LOOP; /* Z-61 */
			w->result->rule = "Z-61";
			w->result->offset = (uint64_t)w->record;
			return (false);
		}
		if (!one_record(w))
			return (false);
	}
	return (true);
}

/* Does the name, appended to "folder/", stay in that folder? */
static bool
escapes(const char *file)
{
	return (strchr(file, '/') != NULL || strcmp(file, "..") == 0);
}

/* Copy the chosen file name, which is printed with "%.*s". */
static void
take_file(struct walk *w)
{
	struct kldsim__hints_result *result = w->result;
	int64_t at = w->chosen + 1;
	uint8_t length = w->bytes[w->chosen];

	w->record = w->chosen_record;
	for (uint8_t i = 0; i < length; i++) {
		if (!need(w, at + i, 1)) {
			result->file[0] = '\0';
			return;
		}
		result->file[i] = (char)w->bytes[at + i];
		if (result->file[i] == '\0')
			break;
	}
	result->outcome = w->found ? KLDSIM__HINTS_FOUND :
	    KLDSIM__HINTS_REMEMBERED;
	result->version = w->version;
	result->offset = (uint64_t)w->chosen_record;
	result->escapes = escapes(result->file);
}

/* Steps 2 and 4: what the kernel refuses; false with the message. */
static bool
acceptable(struct walk *w, uint64_t size, const struct kldsim__facts *facts)
{
	struct kldsim__hints_result *result = w->result;
	const char *what = facts->hints_names_linker ? /* V-02 */
	    "linker.hints file" : "hints file";
	int version;

	result->outcome = KLDSIM__HINTS_REFUSED;
	if (size > (uint64_t)facts->hints_size_limit) { /* V-01 */
		(void)snprintf(result->message, sizeof(result->message),
		    "%s too large %" PRId64, what, (int64_t)size);
		return (false);
	}
	if (facts->hints_checks_truncated && size < INT) {
		(void)snprintf(result->message, sizeof(result->message),
		    "%s truncated", what);
		return (false);
	}
	w->size = (int64_t)size;
	if (!get_int(w, 0, &version)) /* Z-60: fewer than four bytes */
		return (false);
	if (version != HINTS_VERSION) {
		(void)snprintf(result->message, sizeof(result->message),
		    "%s version mismatch %d", what, version);
		return (false);
	}
	result->outcome = KLDSIM__HINTS_NONE;
	return (true);
}

void
kldsim__hints_find(const uint8_t *bytes, uint64_t size, bool big_endian,
    const struct kldsim__facts *facts, const char *modname,
    const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result)
{
	struct walk w = {
		.bytes = bytes,
		.big = big_endian,
		.modname = modname,
		.modnamelen = strlen(modname),
		.dep = dep,
		.result = result,
	};

	memset(result, 0, sizeof(*result));
	if (acceptable(&w, size, facts) && walk_records(&w) && w.chosen != 0)
		take_file(&w);
}

void
kldsim__hints_short_read(uint64_t missing,
    struct kldsim__hints_result *result)
{
	memset(result, 0, sizeof(*result));
	result->outcome = KLDSIM__HINTS_REFUSED;
	(void)snprintf(result->message, sizeof(result->message),
	    "can't read %" PRIu64, missing);
}
