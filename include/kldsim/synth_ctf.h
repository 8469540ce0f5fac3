/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYNTH_CTF_H
#define KLDSIM_SYNTH_CTF_H

/*
 * The types of a file that the builder of synth.h makes: its section
 * .SUNW_ctf, in version 2 or 3, compressed or not (docs/spec.md).  The section
 * is there as soon as one of these functions is called.
 *
 * A type is a small positive number, its id in the section: the first type made
 * is 1, the next 2.  A type may be named before it is made; one that never is,
 * kldsim_synth_finish() tells of.  0 is no type; where a type has to be, it means
 * that none is known.
 *
 *	int i = kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
 *	    .kind = KLDSIM_SYNTH_CTF_INTEGER, .name = "int", .size = 4,
 *	    .encoding = KLDSIM_SYNTH_CTF_SIGNED, .bits = 32});
 *	int foo = kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
 *	    .kind = KLDSIM_SYNTH_CTF_STRUCT, .name = "foo", .size = 8});
 *	kldsim_synth_ctf_member(s, foo, "a", i, 0);
 *	kldsim_synth_ctf_member(s, foo, "b", i, 32);
 *	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "x", NULL, 8, 4), foo);
 *
 * kldsim_synth_override() reaches every field, before the section is compressed:
 * "ctf_header.cth_stroff" and its like; "ctf_label[0].ctl_typeidx";
 * "ctf_object[x]", "ctf_func[f].info" (also kind, root, vlen, return) and
 * "ctf_func_arg[f][0]" by the symbol's name; "ctf_type[3].ctt_name" (also
 * ctt_info or its parts kind, root and vlen, ctt_size or ctt_type, ctt_lsizehi,
 * ctt_lsizelo) by the type's id or its name; "ctf_encoding[1].bits" (also
 * offset, encoding); "ctf_array[5].cta_nelems" (also cta_contents, cta_index);
 * "ctf_arg[9][0]"; "ctf_member[3][0].ctm_type" (also ctm_name, ctm_offset;
 * of large structs ctlm_name, ctlm_type, ctlm_offsethi, ctlm_offsetlo);
 * "ctf_enum[6][0].cte_value" (also cte_name); and "ctf_byte[0x10]", which counts
 * from the header's first byte.
 *
 * Thread: one thread at a time uses a builder.
 * Ownership: what is handed in is copied.
 * Errors: kldsim_synth_finish() tells of them; a call that makes something
 * answers 0 then.
 */

#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>
#include <kldsim/synth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of types, CTF's numbers. */
enum kldsim_synth_ctf_kind {
	KLDSIM_SYNTH_CTF_UNKNOWN = 0, /* an id without a type */
	KLDSIM_SYNTH_CTF_INTEGER = 1,
	KLDSIM_SYNTH_CTF_FLOAT = 2,
	KLDSIM_SYNTH_CTF_POINTER = 3,
	KLDSIM_SYNTH_CTF_ARRAY = 4,
	KLDSIM_SYNTH_CTF_FUNCTION = 5,
	KLDSIM_SYNTH_CTF_STRUCT = 6,
	KLDSIM_SYNTH_CTF_UNION = 7,
	KLDSIM_SYNTH_CTF_ENUM = 8,
	KLDSIM_SYNTH_CTF_FORWARD = 9,
	KLDSIM_SYNTH_CTF_TYPEDEF = 10,
	KLDSIM_SYNTH_CTF_VOLATILE = 11,
	KLDSIM_SYNTH_CTF_CONST = 12,
	KLDSIM_SYNTH_CTF_RESTRICT = 13
};

/* What an integer is, added up; CTF's numbers. */
enum kldsim_synth_ctf_integer {
	KLDSIM_SYNTH_CTF_SIGNED = 1,
	KLDSIM_SYNTH_CTF_CHAR = 2,
	KLDSIM_SYNTH_CTF_BOOL = 4,
	KLDSIM_SYNTH_CTF_VARARGS = 8
};

/* What a float is, CTF's numbers; others are accepted as they are. */
enum kldsim_synth_ctf_float {
	KLDSIM_SYNTH_CTF_SINGLE = 1,
	KLDSIM_SYNTH_CTF_DOUBLE = 2,
	KLDSIM_SYNTH_CTF_COMPLEX = 3,
	KLDSIM_SYNTH_CTF_DOUBLE_COMPLEX = 4,
	KLDSIM_SYNTH_CTF_LONG_DOUBLE_COMPLEX = 5,
	KLDSIM_SYNTH_CTF_LONG_DOUBLE = 6
};

/* Whether a type can be found by its name. */
enum kldsim_synth_ctf_root {
	KLDSIM_SYNTH_CTF_NAMED = 0, /* if it has one */
	KLDSIM_SYNTH_CTF_ROOT = 1,
	KLDSIM_SYNTH_CTF_HIDDEN = 2 /* clones for bit-fields (C-13) */
};

/* A type; what its kind has no use for stays 0. */
struct kldsim_synth_ctf_type {
	enum kldsim_synth_ctf_kind kind;
	enum kldsim_synth_ctf_root root;
	const char *name;  /* without "struct" and its like; NULL: none */
	uint64_t size;     /* bytes: integer, float, array, struct, union, enum */
	int type;          /* what it refers to, returns or has elements of */
	int index;         /* array: the type of its index */
	uint32_t elements; /* array */
	uint32_t encoding; /* integer or float, as the enums above */
	uint32_t offset;   /* integer or float: bits before its value */
	uint32_t bits;     /* integer or float: bits of its value */
};

/**
 * Make a type; the answer is its id.
 *
 * Errors: an unknown kind; bits and their like that do not fit their field.
 * Kernel: kinds and records of C-10 to C-16.
 */
KLDSIM_API int kldsim_synth_ctf_type(struct kldsim_synth *synth,
    const struct kldsim_synth_ctf_type *type);

/**
 * Add a member to a struct or union that was made before.
 *
 * Units: bit counts from the start of the struct, in memory order.
 * Errors: a type that has no members; an offset that its version cannot say.
 * Kernel: a bit-field is a member whose integer has fewer bits (C-12, C-13).
 */
KLDSIM_API void kldsim_synth_ctf_member(struct kldsim_synth *synth, int type,
    const char *name, int member, uint64_t bit);

/**
 * Add a constant to an enum that was made before.
 *
 * Errors: a type that is no enum.
 * Kernel: values are cut to 32 bits by whoever makes CTF (C-17).
 */
KLDSIM_API void kldsim_synth_ctf_enumerator(struct kldsim_synth *synth,
    int type, const char *name, int32_t value);

/**
 * Add an argument to a function type that was made before.
 *
 * Errors: a type that is no function.
 * Kernel: argument 0 at the end stands for "..." (C-11).
 */
KLDSIM_API void kldsim_synth_ctf_argument(struct kldsim_synth *synth, int type,
    int argument);

/**
 * Say of which type a variable is.
 *
 * Units: object is a symbol of the builder.
 * Errors: a symbol that the section has no place for.
 * Kernel: STT_OBJECT symbols have one id each, in their table's order (C-20);
 * those without a type have 0.
 */
KLDSIM_API void kldsim_synth_ctf_object(struct kldsim_synth *synth, int object,
    int type);

/**
 * Say what a function takes and returns.
 *
 * Units: function is a symbol of the builder; arguments counts types.
 * Errors: as kldsim_synth_ctf_object().
 * Kernel: STT_FUNC symbols have one record each (C-20), in which a variadic
 * function has no 0 at its end (C-23).
 */
KLDSIM_API void kldsim_synth_ctf_func(struct kldsim_synth *synth, int function,
    int returns, const int *argument, size_t arguments);

/**
 * Add a label, which covers the types up to an id.
 *
 * Units: last 0 is the last type that there will be.
 * Kernel: ctfmerge writes one, with what VERSION says (C-06).
 */
KLDSIM_API void kldsim_synth_ctf_label(struct kldsim_synth *synth,
    const char *name, int last);

/**
 * Say that the types of another file, the parent, go before these.
 *
 * The ids of this file's types then have the child bit.  A type of the parent
 * is told by its id, negative: -3 is the parent's type 3.
 *
 * Kernel: foreign to FreeBSD, which makes no such files (C-30).
 */
KLDSIM_API void kldsim_synth_ctf_parent(struct kldsim_synth *synth,
    const char *label, const char *name);

#ifdef __cplusplus
}
#endif

#endif
