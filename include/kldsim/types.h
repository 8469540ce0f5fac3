/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_TYPES_H
#define KLDSIM_TYPES_H

/*
 * The C types that a kernel or a module was built with, as its file tells them:
 * structures and their members, and the types of its functions and variables.
 *
 * They are a graph, and keep what the file says: names, typedefs, qualifiers,
 * bit-fields, the file's own ids.  A type is a number from 1 on; 0 stands for
 * void.  Nothing is read that was not checked, whatever the file says.
 *
 * Thread: a graph never changes; any number of threads may ask it.
 * Ownership: what a graph gives lasts as long as the graph.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/options.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_types;

typedef uint32_t kldsim_type_id;

/* The numbers are CTF's own. */
enum kldsim_type_kind {
	KLDSIM_TYPE_UNKNOWN = 0, /* there is a type, and nobody says which */
	KLDSIM_TYPE_INTEGER = 1,
	KLDSIM_TYPE_FLOAT = 2,
	KLDSIM_TYPE_POINTER = 3,
	KLDSIM_TYPE_ARRAY = 4,
	KLDSIM_TYPE_FUNCTION = 5,
	KLDSIM_TYPE_STRUCT = 6,
	KLDSIM_TYPE_UNION = 7,
	KLDSIM_TYPE_ENUM = 8,
	KLDSIM_TYPE_FORWARD = 9, /* a tag without members */
	KLDSIM_TYPE_TYPEDEF = 10,
	KLDSIM_TYPE_VOLATILE = 11,
	KLDSIM_TYPE_CONST = 12,
	KLDSIM_TYPE_RESTRICT = 13
};

/* Bits of an integer's encoding. */
enum kldsim_type_encoding {
	KLDSIM_TYPE_SIGNED = 1,
	KLDSIM_TYPE_CHAR = 2,
	KLDSIM_TYPE_BOOL = 4,
	KLDSIM_TYPE_VARARGS = 8
};

struct kldsim_type {
	enum kldsim_type_kind kind;
	const char *name;      /* "" if it has none */
	kldsim_size size;      /* sizeof; 0 where there is none or nobody says */
	/* Of a pointer, typedef or qualifier: to what; of an array: of what; of
	   a function: what it returns. */
	kldsim_type_id target;
	/* Members, arguments, values; of an array: elements. */
	uint64_t count;
	bool variadic;         /* FUNCTION */
	/* INTEGER, FLOAT: as the file has them; a bit-field's type has fewer
	   bits than its size.  An integer's encoding is of kldsim_type_encoding,
	   a float's is CTF's number: 1 single, 2 double, 6 long double ... */
	unsigned encoding;
	unsigned bits;
	unsigned bit_offset;
	/* FORWARD: what it is a tag of; UNKNOWN: CTF does not say. */
	enum kldsim_type_kind tag;
	bool root;             /* CTF's flag: more than a part of others */
	/* ENUM: as many values as fit, and there may have been more. */
	bool cut;
	/* No type of the file's own: FUNCTION, the prototype of a symbol; a type
	   of its parent's, or UNKNOWN for whatever is there (C-30). */
	bool made;
	uint64_t offset;       /* where it is in the section, uncompressed */
};

struct kldsim_type_member {
	const char *name;      /* "" if it has none */
	kldsim_type_id type;
	/* From the structure's first byte, in the order of memory: from each
	   byte's lowest bit on where the target is little-endian, else from its
	   highest. */
	uint64_t bit_offset;
	uint32_t bits;         /* of a bit-field; 0: as many as its type has */
	bool bits_at_most;     /* CTF does not say how many bits an enum has */
};

struct kldsim_type_value {
	const char *name;
	int64_t value;
};

/* A function or variable whose type is known. */
struct kldsim_typed_symbol {
	const char *name;
	kldsim_type_id type;   /* FUNCTION, if it is one */
	bool function;
	uint32_t index;        /* in the file's symbol table */
};

/* Something odd that did not keep the types from being read. */
struct kldsim_types_remark {
	const char *rules;     /* of docs/kbi-semantics.md */
	uint64_t offset;       /* in the section, uncompressed */
	const char *text;
};

struct kldsim_types_info {
	const char *file;      /* the name of the image */
	const char *format;    /* "CTF" */
	unsigned version;      /* of the format */
	unsigned word_bits;    /* of the target */
	bool big_endian;
	bool compressed;
	kldsim_size stored;    /* bytes of the section in the file */
	kldsim_size size;      /* and of its data with the header, uncompressed */
	const char *label;     /* what the build called itself; "" */
	const char *parent;    /* the file that has its other types; "" */
	uint32_t types;        /* of the file; its ids are 1 to types */
	uint32_t ids;          /* last id: after the file's, those made */
	uint32_t functions;    /* with a type, and without */
	uint32_t untyped_functions;
	uint32_t variables;
	uint32_t untyped_variables;
	const char *no_functions; /* why none has a type; NULL: they may */
	const char *no_variables;
	uint32_t remarks;
};

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_types_options {
	size_t size;                 /* sizeof(struct kldsim_types_options) */
	struct kldsim_limits limits; /* symbols, sections, type...; 0: default */
	struct kldsim_allocator allocator;
	/*
	 * The types of the file that this one may call its parent (C-30): the
	 * kernel's.  They are taken over if their label is the one that the file
	 * names, and else nothing is known of what is in the parent.  NULL: none.
	 * Of kldsim_types_read() alone.
	 */
	const struct kldsim_types *parent;
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_types_options_init(struct kldsim_types_options *options,
    size_t size);

/**
 * Read the types of a file: its section .SUNW_ctf (C-01).  Options of NULL are
 * the defaults.
 *
 * Ownership: the caller frees them with kldsim_types_free(); the image may go
 * before.
 * Errors: KLDSIM_NOENT if the file has no types, KLDSIM_NOT_ELF,
 * KLDSIM_MALFORMED, KLDSIM_UNSUPPORTED for CTF that nobody can read (C-18) and for
 * a section that ELF's own compression has,
 * KLDSIM_LIMIT, KLDSIM_NOMEM, KLDSIM_ARG.  The text has the section and the
 * offset in it; in compressed CTF that of the bytes inflated, and then the error
 * has no offset in the file.
 * Kernel: version 2 and 3, of either byte order (C-02).  Functions and
 * variables of a module whose symbols were put in another order have no types,
 * for those that the file gives them are others' (C-24).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_read(
    const struct kldsim_image *image,
    const struct kldsim_types_options *options,
    struct kldsim_types **types_ret, struct kldsim_error *error_ret);

/** Free types; NULL is fine. */
KLDSIM_API void kldsim_types_free(struct kldsim_types *types);

/** Say what the types were read from, and how many there are. */
KLDSIM_API void kldsim_types_info(const struct kldsim_types *types,
    struct kldsim_types_info *info_ret);

/**
 * Say what a type is.
 *
 * Errors: KLDSIM_NOENT for 0 and for what is no id.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_type_get(
    const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret);

/**
 * One member of a structure or union, in the file's order.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT after the last, and for a type that has none.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_type_member(
    const struct kldsim_types *types, kldsim_type_id id, uint64_t index,
    struct kldsim_type_member *member_ret);

/**
 * One value of an enum, in the file's order.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT after the last, and for a type that has none.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_type_value(
    const struct kldsim_types *types, kldsim_type_id id, uint64_t index,
    struct kldsim_type_value *value_ret);

/**
 * The type of one argument of a function.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT after the last, and for a type that has none.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_type_argument(
    const struct kldsim_types *types, kldsim_type_id id, uint64_t index,
    kldsim_type_id *argument_ret);

/** The type without its typedefs and qualifiers; 0 for void. */
KLDSIM_API kldsim_type_id kldsim_type_strip(const struct kldsim_types *types,
    kldsim_type_id id);

/**
 * Write the declaration of something of a type, "int (*f)(struct foo *)".
 *
 * Units: size counts bytes of the text, its NUL included; what is longer ends
 * in "...", and so does what has no end, a pointer to itself.
 */
KLDSIM_API void kldsim_type_text(const struct kldsim_types *types,
    kldsim_type_id id, const char *name, char *text, size_t size);

/** The name of a kind: "integer", "struct"; "?" for an unknown one. */
KLDSIM_API const char *kldsim_type_kind_name(enum kldsim_type_kind kind);

/**
 * Find the types of a name one after the other, tags, typedefs and base types
 * alike.  `after` is 0 at first, then what was found; 0 if there are no more.
 */
KLDSIM_API kldsim_type_id kldsim_types_find(const struct kldsim_types *types,
    const char *name, kldsim_type_id after);

/**
 * One function or variable whose type is known.
 *
 * Units: index counts from 0, in the order of the symbol table.
 * Errors: KLDSIM_NOENT after the last.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_symbol(
    const struct kldsim_types *types, uint32_t index,
    struct kldsim_typed_symbol *symbol_ret);

/**
 * Find the functions and variables of a name one after the other; *next is 0
 * at first.
 *
 * Errors: KLDSIM_NOENT if there are no more.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_find_symbol(
    const struct kldsim_types *types, const char *name, uint32_t *next,
    struct kldsim_typed_symbol *symbol_ret);

/**
 * Find the function or variable at an index of the file's symbol table.
 *
 * Errors: KLDSIM_NOENT if its type is not known.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_symbol_at(
    const struct kldsim_types *types, uint32_t index,
    struct kldsim_typed_symbol *symbol_ret);

/**
 * One remark.
 *
 * Units: index counts from 0, in the order of the file.
 * Errors: KLDSIM_NOENT after the last.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_types_remark(
    const struct kldsim_types *types, uint32_t index,
    struct kldsim_types_remark *remark_ret);

#ifdef __cplusplus
}
#endif

#endif
