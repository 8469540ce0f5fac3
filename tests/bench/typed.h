/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_TYPED_H
#define BENCH_TYPED_H

/*
 * Types of a kernel, in the proportions of FreeBSD's own and the same every
 * time: structures, pointers among them, enums, functions.
 */

#include <stdio.h>

#include <kldsim/synth.h>
#include <kldsim/synth_ctf.h>

#define NEAR 4000 /* types of one file are next to each other */

static unsigned long types_state = 1;
static int types_later; /* a member of one structure of fifty has another name */

static inline unsigned
types_any(unsigned below)
{
	types_state = types_state * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(types_state >> 33) % below;
}

/* Names as people make them: a prefix of their file, and a word. */
static inline const char *
types_name(char text[48])
{
	static const char *const words[] = { "flags", "next", "lock", "count",
		"softc", "ifp", "refs", "addr", "state", "queue", "len",
		"mtu", "list", "entry", "priv", "timeout" };

	snprintf(text, 48, "%c%c_%s%u", 'a' + types_any(26), 'a' + types_any(26),
	    words[types_any(16)], types_any(1000));
	return text;
}

static inline int
ref(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind, const char *text,
    int type)
{
	return kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = text, .type = type });
}

static inline int
sized(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *text, unsigned size)
{
	return kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = text, .size = size });
}

/* A pointer from the NEAR types before type n; int, if there is none yet. */
static inline int
pointer(int n)
{
	int blocks = n / 20, near = blocks < NEAR / 20 ? blocks : NEAR / 20;

	return near == 0 ? 1 : 2 + 20 * (blocks - 1 - (int)types_any((unsigned)near))
	    + 4 + (int)types_any(7);
}

/* 20 types, in the proportions of a kernel; n: how many there are before. */
static inline void
add_types(struct kldsim_synth *s, int n)
{
	char text[48];
	int id;

	for (int i = 0; i < 3; i++) {
		unsigned members = 4 + types_any(24);
		int later = types_later && n % 1000 == 20 * i + 1;

		id = sized(s, KLDSIM_SYNTH_CTF_STRUCT, types_name(text), members * 8);
		for (unsigned m = 0; m < members; m++) {
			int type = m % 3 == 0 ? 1 : pointer(n);
			const char *called = types_name(text);

			kldsim_synth_ctf_member(s, id, later && m == 0 ?
			    "later" : called, type, m * 64);
		}
	}
	id = sized(s, KLDSIM_SYNTH_CTF_ENUM, types_name(text), 4);
	for (int i = 0; i < 24; i++)
		kldsim_synth_ctf_enumerator(s, id, types_name(text), i);
	for (int i = 0; i < 7; i++)
		ref(s, KLDSIM_SYNTH_CTF_POINTER, NULL,
		    1 + (int)types_any((unsigned)n));
	for (int i = 0; i < 3; i++)
		ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, types_name(text), n);
	ref(s, KLDSIM_SYNTH_CTF_CONST, NULL, n + 1);
	for (int i = 0; i < 2; i++)
		kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
		    .kind = KLDSIM_SYNTH_CTF_ARRAY, .type = 1, .index = 1,
		    .elements = 4, .size = 16 });
	for (int i = 0; i < 2; i++) {
		id = ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, 1);
		for (int a = 0; a < 3; a++)
			kldsim_synth_ctf_argument(s, id, n + a);
	}
	sized(s, KLDSIM_SYNTH_CTF_FORWARD, types_name(text), 0);
}

/* About so many types; the first of all is int.  How many there are then. */
static inline int
make_types(struct kldsim_synth *s, int types)
{
	int n = 1;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_INTEGER, .name = "int", .size = 4,
	    .encoding = KLDSIM_SYNTH_CTF_SIGNED, .bits = 32 });
	for (; n < types; n += 20)
		add_types(s, n);
	return n;
}

/* A function that takes up to four of the first n types. */
static inline void
make_function(struct kldsim_synth *s, int symbol, int n)
{
	int arguments[4];
	unsigned count = types_any(5);

	for (unsigned a = 0; a < count; a++)
		arguments[a] = 1 + (int)types_any((unsigned)n);
	kldsim_synth_ctf_func(s, symbol, 1, arguments, count);
}

#endif
