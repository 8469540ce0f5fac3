/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYNTH_CTF_INSIDE_H
#define KLDSIM_SYNTH_CTF_INSIDE_H

/*
 * The section .SUNW_ctf.  ctf.c keeps types as they were asked for; ctf_emit.c
 * makes the section's bytes of them, by what ctf_format.c says of the two
 * versions; ctf_override.c breaks the bytes, ctf_pack.c compresses them.
 */

#include <kldsim/synth_ctf.h>

#include "synth/impl.h"

/* What a record is followed by. */
enum kldsim__synth_ctf_tail {
	KLDSIM__SYNTH_CTF_NOTHING,
	KLDSIM__SYNTH_CTF_ENCODING,
	KLDSIM__SYNTH_CTF_ELEMENTS,
	KLDSIM__SYNTH_CTF_ARGUMENTS,
	KLDSIM__SYNTH_CTF_MEMBERS,
	KLDSIM__SYNTH_CTF_ENUMERATORS
};

/* A kind as data (C-11). */
struct kldsim__synth_ctf_row {
	enum kldsim__synth_ctf_tail tail;
	bool sized; /* has a size, where others refer to a type */
	bool one;   /* vlen is 1, though nothing is counted */
};

/* A version as data (C-10, C-12). */
struct kldsim__synth_ctf_format {
	unsigned version;
	unsigned info_width; /* bytes of an info word */
	unsigned id_width;   /* bytes of an id, and of the size word */
	unsigned kind_shift;
	unsigned root_shift;
	uint32_t max_vlen;
	uint32_t max_id;       /* the next one would say: long head */
	uint32_t child;        /* the bit of ids of a child */
	uint64_t long_size;    /* from this size on there is a long head */
	uint64_t long_members; /* from this size on members are long */
};

/* A piece of a type: a member, an enumerator or an argument. */
struct kldsim__synth_ctf_part {
	uint32_t name; /* in names; see kldsim__synth_ctf */
	uint32_t next; /* part of the same owner, 0: the last one */
	int32_t value; /* of an enumerator; else a type */
	uint64_t bit;
};

/* The pieces of one owner, in order. */
struct kldsim__synth_ctf_parts {
	uint32_t first;
	uint32_t last;
	uint32_t count;
};

struct kldsim__synth_ctf_type {
	uint64_t size;
	int32_t type;
	int32_t index;
	uint32_t name;
	uint32_t word; /* elements, or the encoding as it is stored */
	struct kldsim__synth_ctf_parts parts;
	uint8_t kind;
	bool root;
	struct kldsim__synth_origin origin;
};

/* What a symbol is: a variable of a type, or a function that returns it. */
struct kldsim__synth_ctf_symbol {
	uint32_t symbol;
	int32_t type;
	bool function;
	struct kldsim__synth_ctf_parts arguments;
	struct kldsim__synth_origin origin;
};

struct kldsim__synth_ctf_label {
	uint32_t name;
	uint32_t last;
};

/* All of it as asked for; element 0 of names, parts and types is unused. */
struct kldsim__synth_ctf {
	struct kldsim__synth_ctf_type *types;
	size_t ntypes;
	size_t types_cap;
	struct kldsim__synth_ctf_part *parts;
	size_t nparts;
	size_t parts_cap;
	struct kldsim__synth_ctf_symbol *symbols;
	size_t nsymbols;
	size_t symbols_cap;
	struct kldsim__synth_ctf_label *labels;
	size_t nlabels;
	size_t labels_cap;
	uint32_t *names; /* where each is in text; the same are kept once */
	size_t nnames;
	size_t names_cap;
	struct kldsim__synth_buf text;
	struct kldsim__synth_index index;
	uint32_t parent_label;
	uint32_t parent_name;
	bool child;
};

/* The section while it is made, and where its records are in bytes. */
struct kldsim__synth_ctf_out {
	struct kldsim_synth *synth;
	const struct kldsim__synth_ctf *ctf;
	const struct kldsim__synth_ctf_format *format;
	struct kldsim__synth_buf bytes; /* the header and what follows it */
	struct kldsim__synth_buf strings;
	uint32_t *string_at; /* of each name, 0: not there yet */
	uint32_t *type_at;
	uint32_t *symbol_at; /* record of each symbol; 0: none */
	uint32_t *said;      /* of each symbol, from 1; 0: nothing */
	uint32_t labels, objects, functions, types; /* where each begins */
};

enum {
	KLDSIM__SYNTH_CTF_HEADER = 36,
	KLDSIM__SYNTH_CTF_OFFSETS = 12, /* of lbloff and what follows it */
	KLDSIM__SYNTH_CTF_COMPRESSED = 1,
	KLDSIM__SYNTH_CTF_PARENTS = 1 << 30 /* types of a parent that specs tell */
};

/* ctf.c */
struct kldsim__synth_ctf *kldsim__synth_ctf_start(struct kldsim_synth *synth);
void kldsim__synth_ctf_change(struct kldsim_synth *synth,
    int32_t (*change)(const void *arg, int32_t type), const void *arg);
void kldsim__synth_ctf_free(struct kldsim__synth_ctf *ctf);

/* ctf_format.c */
const struct kldsim__synth_ctf_format *kldsim__synth_ctf_format(
    uint64_t version);
const struct kldsim__synth_ctf_row *kldsim__synth_ctf_row(unsigned kind);
bool kldsim__synth_ctf_counts(const struct kldsim_synth *synth,
    uint32_t symbol);

/* ctf_emit.c: symbols are in the order of their records. */
bool kldsim__synth_ctf_emit(struct kldsim__synth_ctf_out *out,
    struct kldsim_synth *synth, const uint32_t *symbols, size_t nsymbols);
void kldsim__synth_ctf_done(struct kldsim__synth_ctf_out *out);

/* ctf_override.c */
bool kldsim__synth_ctf_is_override(const struct kldsim_synth *synth,
    const struct kldsim__synth_override *override);
void kldsim__synth_ctf_break(struct kldsim__synth_ctf_out *out);

/* ctf_pack.c */
void kldsim__synth_ctf_place(struct kldsim__synth_layout *layout,
    uint32_t symtab);

#endif
