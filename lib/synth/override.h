/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYNTH_OVERRIDE_H
#define KLDSIM_SYNTH_OVERRIDE_H

/*
 * Fields by name: override.c knows those of the ELF file, ctf_override.c those
 * of .SUNW_ctf, and override_path.c what both need.
 */

#include "synth/ctf.h"

/* A field of a record, some bits of an integer; bits 0: all of it. */
struct kldsim__synth_spot {
	unsigned char offset, width, shift, bits;
};

/* A record has two forms: ELFCLASS32 or CTF version 2, and the larger one. */
struct kldsim__synth_field {
	const char *name; /* NULL ends the table */
	struct kldsim__synth_spot small, large;
};

/* An override's name, taken apart: TABLE[KEY][KEY2].FIELD. */
struct kldsim__synth_path {
	struct kldsim__synth_layout *layout;
	struct kldsim__synth_ctf_out *ctf;
	const char *table;
	const char *key;
	const char *key2;
	const char *field;
};

/* A record that a path leads to. */
struct kldsim__synth_record {
	uint64_t offset;
	uint64_t width; /* of one without fields */
	const struct kldsim__synth_field *fields;
	bool is_value; /* without a field, its first one is meant */
};

/* Tables by name; a name of NULL ends them. */
struct kldsim__synth_finder {
	const char *name;
	bool (*find)(const struct kldsim__synth_path *path,
	    struct kldsim__synth_record *record);
};

/* Where the records are that overrides change. */
struct kldsim__synth_target {
	const struct kldsim__synth_finder *finders;
	unsigned char *bytes;
	bool large;
};

/* override_path.c */
bool kldsim__synth_path_number(const char *text, uint64_t *value_ret);
void kldsim__synth_apply(struct kldsim_synth *synth,
    struct kldsim__synth_path *path, const struct kldsim__synth_target *target,
    const struct kldsim__synth_override *override);

#endif
