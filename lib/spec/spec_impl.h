/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPEC_SPEC_IMPL_H
#define SPEC_SPEC_IMPL_H

/*
 * The inside of spec files.  spec_read.c turns libyaml's events into items,
 * each an array of values with their places; what keys an item has is data
 * (spec_elf.c, spec_freebsd.c, spec_types.c), and a function there makes the
 * builder's calls of it.  spec_value.c turns text into values, spec_words.c has
 * the words, and spec_type_names.c knows which type a name means.
 */

#include <yaml.h>

#include "synth/impl.h"

enum {
	KLDSIM__SPEC_KEYS = 14,           /* of one item, at most */
	KLDSIM__SPEC_COLUMNS = 4,         /* keys of an item within an item */
	KLDSIM__SPEC_ROWS = 1 << 20,      /* items within one item */
	KLDSIM__SPEC_CONTENT = 256 << 20  /* bytes of all sections together */
};

enum kldsim__spec_type {
	KLDSIM__SPEC_TEXT,   /* a name; \xNN stands for a byte */
	KLDSIM__SPEC_NUMBER, /* up to 64 bits, may be negative */
	KLDSIM__SPEC_BOOL,
	KLDSIM__SPEC_BYTES,  /* hexadecimal digits in pairs */
	KLDSIM__SPEC_WORD,   /* one of words, or a number */
	KLDSIM__SPEC_FLAGS,  /* some of words and numbers, added up */
	KLDSIM__SPEC_ITEMS   /* a list of items with keys of their own */
};

struct kldsim__spec_word {
	const char *name; /* NULL ends the list */
	uint64_t number;
};

/* A key of an item; a name of NULL ends the list. */
struct kldsim__spec_key {
	const char *name;
	enum kldsim__spec_type type;
	bool required;
	const struct kldsim__spec_word *words;
	uint64_t max; /* of a number; 0: any */
};

struct kldsim__spec_value {
	bool given;
	struct kldsim__synth_origin origin;
	uint64_t number;
	char *text;  /* TEXT and BYTES; ends with a NUL that is not counted */
	size_t size;
	struct kldsim__spec_row *rows; /* ITEMS */
	size_t nrows;
	size_t rows_cap;
};

/* An item within an item. */
struct kldsim__spec_row {
	struct kldsim__spec_value values[KLDSIM__SPEC_COLUMNS];
};

struct kldsim__spec {
	yaml_parser_t parser;
	yaml_event_t event;
	const char *name;
	struct kldsim_synth *synth;
	struct kldsim_error error;
	char *machine;
	struct kldsim__spec_value kind;
	uint64_t content;
	struct kldsim__spec_type_ref *refs; /* types not yet looked up */
	size_t nrefs;
	size_t refs_cap;
	struct kldsim__spec_value values[KLDSIM__SPEC_KEYS];
};

/* A type that is told by its name. */
struct kldsim__spec_type_ref {
	char *name;
	struct kldsim__synth_origin origin;
	uint32_t stars; /* it is the last of so many pointers to the name */
	uint32_t bits;  /* of a bit-field, else 0 */
	int32_t type;   /* once it is known */
};

typedef void kldsim__spec_apply(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values);

/* A top-level key: a list of items, or one item. */
struct kldsim__spec_list {
	const char *name; /* NULL ends the table */
	const struct kldsim__spec_key *keys; /* the first may stand alone */
	kldsim__spec_apply *apply;
	bool single;
	const struct kldsim__spec_key *const *nested; /* keys of ITEMS, by key */
};

/* spec_read.c */
struct kldsim__synth_origin kldsim__spec_origin(yaml_mark_t mark);
void kldsim__spec_fail(struct kldsim__spec *spec,
    struct kldsim__synth_origin origin, const char *fmt, ...)
    KLDSIM__PRINTF(3, 4);
bool kldsim__spec_bad(const struct kldsim__spec *spec);
const char *kldsim__spec_quote(const char *text, char room[64]);

/* spec_value.c */
bool kldsim__spec_number(const char *text, uint64_t *number_ret);
void kldsim__spec_convert(struct kldsim__spec *spec,
    const struct kldsim__spec_key *key, const char *text, size_t length,
    struct kldsim__spec_value *value);

/* spec_words.c */
extern const struct kldsim__spec_word kldsim__spec_kinds[];
extern const struct kldsim__spec_word kldsim__spec_section_types[];
extern const struct kldsim__spec_word kldsim__spec_section_flags[];
extern const struct kldsim__spec_word kldsim__spec_bindings[];
extern const struct kldsim__spec_word kldsim__spec_symbol_types[];
extern const struct kldsim__spec_word kldsim__spec_places[];
extern const struct kldsim__spec_word kldsim__spec_segment_types[];
extern const struct kldsim__spec_word kldsim__spec_segment_flags[];
extern const struct kldsim__spec_word kldsim__spec_metadata_types[];
extern const struct kldsim__spec_word kldsim__spec_subsystems[];
extern const struct kldsim__spec_word kldsim__spec_orders[];
extern const struct kldsim__spec_word kldsim__spec_oid_kinds[];
extern const struct kldsim__spec_word kldsim__spec_type_kinds[];
extern const struct kldsim__spec_word kldsim__spec_integers[];
extern const struct kldsim__spec_word kldsim__spec_floats[];
extern const struct kldsim__spec_key kldsim__spec_options[]; /* by option */
const struct kldsim__spec_word *kldsim__spec_find_word(
    const struct kldsim__spec_word *words, const char *name, size_t length);
const char *kldsim__spec_word_name(const struct kldsim__spec_word *words,
    uint64_t number);

/* spec_elf.c */
extern const struct kldsim__spec_list kldsim__spec_elf_lists[];
int kldsim__spec_symbol(struct kldsim__spec *spec,
    const struct kldsim__spec_value *value);
bool kldsim__spec_account(struct kldsim__spec *spec,
    const struct kldsim__spec_value *where, uint64_t size);
void kldsim__spec_finish_symbol(struct kldsim__spec *spec, int symbol,
    const struct kldsim__spec_value *bind,
    const struct kldsim__spec_value *dynamic);

/* spec_freebsd.c */
extern const struct kldsim__spec_list kldsim__spec_freebsd_lists[];

/* spec_types.c */
extern const struct kldsim__spec_list kldsim__spec_type_lists[];

/* spec_type_names.c */
int kldsim__spec_type(struct kldsim__spec *spec,
    const struct kldsim__spec_value *value, uint32_t bits);
void kldsim__spec_resolve_types(struct kldsim__spec *spec);

#endif
