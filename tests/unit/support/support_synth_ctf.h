/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SYNTH_CTF_H
#define SUPPORT_SYNTH_CTF_H

/* The vectors, literal, and how they are built. */

#include "support_synth_file.h"

#include <kldsim/spec.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE(synth, ...) kldsim_synth_ctf_type(synth, \
	&(struct kldsim_synth_ctf_type){.kind = KLDSIM_SYNTH_CTF_ ## __VA_ARGS__})

/* */
static const unsigned char version2[] = {
	0xf1, 0xcf, 0x02, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x08, 0, 0, 0, 0x0c, 0, 0, 0, 0x18, 0, 0, 0, 0xa0, 0, 0, 0,
	0x31, 0, 0, 0,
	0x01, 0, 0, 0, 0x09, 0, 0, 0,                  /* label */
	0x01, 0x00, 0x00, 0x00,                        /* objects */
	0x02, 0x2c, 0x01, 0, 0x04, 0, 0x01, 0, 0, 0, 0, 0, /* functions */
	0x03, 0, 0, 0, 0x01, 0x0c, 0x04, 0, 0x20, 0, 0, 0x01, /* <1> */
	0x07, 0, 0, 0, 0x01, 0x08, 0x04, 0, 0x03, 0, 0, 0,    /* [2] */
	0x14, 0, 0, 0, 0x03, 0x34, 0x10, 0,                   /* <3> */
	0x18, 0, 0, 0, 0x01, 0, 0x00, 0,
	0x1a, 0, 0, 0, 0x02, 0, 0x20, 0,
	0x1c, 0, 0, 0, 0x04, 0, 0x40, 0,
	0x00, 0, 0, 0, 0x00, 0x18, 0x03, 0,                   /* [4] */
	0x00, 0, 0, 0, 0x01, 0x20, 0x10, 0, 0x01, 0, 0x01, 0, /* [5] */
	0x04, 0, 0, 0,
	0x21, 0, 0, 0, 0x02, 0x44, 0x04, 0,                   /* <6> */
	0x23, 0, 0, 0, 0, 0, 0, 0, 0x25, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
	0x27, 0, 0, 0, 0x00, 0x4c, 0x00, 0,                   /* <7> */
	0x2b, 0, 0, 0, 0x00, 0x54, 0x03, 0,                   /* <8> */
	0x00, 0, 0, 0, 0x03, 0x28, 0x01, 0, 0x04, 0, 0x01, 0, /* [9] */
	0x00, 0, 0, 0,
	0, 'L', 0, 'i', 'n', 't', 0, 'u', 'n', 's', 'i', 'g', 'n', 'e', 'd',
	' ', 'i', 'n', 't', 0, 'f', 'o', 'o', 0, 'a', 0, 'b', 0, 'n', 'e',
	'x', 't', 0, 'e', 0, 'A', 0, 'B', 0, 'b', 'a', 'r', 0, 'f', 'o', 'o',
	'_', 't', 0,
};

/* */
static const unsigned char version3[] = {
	0xf1, 0xcf, 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x08, 0, 0, 0, 0x10, 0, 0, 0, 0x24, 0, 0, 0, 0xe4, 0, 0, 0,
	0x31, 0, 0, 0,
	0x01, 0, 0, 0, 0x09, 0, 0, 0,                  /* label */
	0x01, 0, 0, 0, 0, 0, 0, 0,                     /* objects */
	0x02, 0, 0, 0x16, 0x01, 0, 0, 0, 0x04, 0, 0, 0, /* functions */
	0x01, 0, 0, 0, 0, 0, 0, 0,
	0x03, 0, 0, 0, 0x01, 0, 0, 0x06, 0x04, 0, 0, 0, /* <1> */
	0x20, 0, 0, 0x01,
	0x07, 0, 0, 0, 0x01, 0, 0, 0x04, 0x04, 0, 0, 0, /* [2] */
	0x03, 0, 0, 0,
	0x14, 0, 0, 0, 0x03, 0, 0, 0x1a, 0x10, 0, 0, 0, /* <3> */
	0x18, 0, 0, 0, 0x01, 0, 0, 0, 0x00, 0, 0, 0,
	0x1a, 0, 0, 0, 0x02, 0, 0, 0, 0x20, 0, 0, 0,
	0x1c, 0, 0, 0, 0x04, 0, 0, 0, 0x40, 0, 0, 0,
	0x00, 0, 0, 0, 0x00, 0, 0, 0x0c, 0x03, 0, 0, 0, /* [4] */
	0x00, 0, 0, 0, 0x01, 0, 0, 0x10, 0x10, 0, 0, 0, /* [5] */
	0x01, 0, 0, 0, 0x01, 0, 0, 0, 0x04, 0, 0, 0,
	0x21, 0, 0, 0, 0x02, 0, 0, 0x22, 0x04, 0, 0, 0, /* <6> */
	0x23, 0, 0, 0, 0, 0, 0, 0, 0x25, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
	0x27, 0, 0, 0, 0x00, 0, 0, 0x26, 0x00, 0, 0, 0, /* <7> */
	0x2b, 0, 0, 0, 0x00, 0, 0, 0x2a, 0x03, 0, 0, 0, /* <8> */
	0x00, 0, 0, 0, 0x03, 0, 0, 0x14, 0x01, 0, 0, 0, /* [9] */
	0x04, 0, 0, 0, 0x01, 0, 0, 0, 0x00, 0, 0, 0,
	0, 'L', 0, 'i', 'n', 't', 0, 'u', 'n', 's', 'i', 'g', 'n', 'e', 'd',
	' ', 'i', 'n', 't', 0, 'f', 'o', 'o', 0, 'a', 0, 'b', 0, 'n', 'e',
	'x', 't', 0, 'e', 0, 'A', 0, 'B', 0, 'b', 'a', 'r', 0, 'f', 'o', 'o',
	'_', 't', 0,
};

/* The symbols of X-03; what is typed is handed back. */
static inline void
vector_symbols(struct kldsim_synth *s, int *g_ret, int *y_ret)
{
	int text = kldsim_synth_section_named(s, ".text");
	int data = kldsim_synth_section_named(s, ".data");

	(void)kldsim_synth_append(s, text, NULL, 32);
	(void)kldsim_synth_append(s, data, NULL, 8);
	(void)kldsim_synth_symbol(s, "u.c", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FILE, KLDSIM_SYNTH_ABS, 0, 0);
	*g_ret = kldsim_synth_symbol(s, "g", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, text, 0, 16);
	*y_ret = kldsim_synth_symbol(s, "y", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, data, 0, 4);
	(void)kldsim_synth_symbol(s, "f", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_FUNC, text, 16, 16);
	(void)kldsim_synth_symbol(s, "x", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, 4, 4);
	(void)kldsim_synth_ref(s, "und");
	(void)kldsim_synth_symbol(s, "z0", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 0);
	(void)kldsim_synth_symbol(s, "nt", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_NOTYPE, text, 0, 0);
}

/* The types of. */
static inline void
vector_types(struct kldsim_synth *s)
{
	int foo, e, function;

	(void)TYPE(s, INTEGER, .name = "int", .size = 4, .bits = 32, .encoding =
	    KLDSIM_SYNTH_CTF_SIGNED);
	(void)TYPE(s, INTEGER, .name = "unsigned int", .size = 4, .bits = 3,
	    .root = KLDSIM_SYNTH_CTF_HIDDEN);
	foo = TYPE(s, STRUCT, .name = "foo", .size = 16);
	kldsim_synth_ctf_member(s, foo, "a", 1, 0);
	kldsim_synth_ctf_member(s, foo, "b", 2, 32);
	kldsim_synth_ctf_member(s, foo, "next", 4, 64);
	(void)TYPE(s, POINTER, .type = foo);
	(void)TYPE(s, ARRAY, .size = 16, .type = 1, .index = 1, .elements = 4);
	e = TYPE(s, ENUM, .name = "e", .size = 4);
	kldsim_synth_ctf_enumerator(s, e, "A", 0);
	kldsim_synth_ctf_enumerator(s, e, "B", -1);
	(void)TYPE(s, FORWARD, .name = "bar");
	(void)TYPE(s, TYPEDEF, .name = "foo_t", .type = foo);
	function = TYPE(s, FUNCTION, .type = 1);
	kldsim_synth_ctf_argument(s, function, 4);
	kldsim_synth_ctf_argument(s, function, 1);
	kldsim_synth_ctf_argument(s, function, 0);
}

static inline struct kldsim_synth *
vector(const char *machine, unsigned version)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, KLDSIM_SYNTH_REL);
	int g, y;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, version);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 0);
	vector_symbols(s, &g, &y);
	kldsim_synth_ctf_label(s, "L", 0);
	vector_types(s);
	kldsim_synth_ctf_object(s, y, 1);
	kldsim_synth_ctf_func(s, g, 1, (const int[]){4, 1}, 2);
	return s;
}

static inline struct kldsim_synth *
bare(unsigned version)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, version);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 0);
	return s;
}

#endif
