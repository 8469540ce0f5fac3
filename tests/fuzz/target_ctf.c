/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose the types of a file, and some of these to be
 * wrong.  The file's spec must tell the types, or keep them as they are; and
 * the file that is made of that spec must have the same spec.
 */

#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define KINDS 14
#define WRONG 4

static const char *const names[] = { NULL, "int", "foo", "foo_t", "a", "b",
	"odd \\ 'name'\n\x80", "unsigned int" };

/* Around the sizes where records change their form (C-10, C-12). */
static const uint64_t sizes[] = { 0, 1, 4, 8, 16, 8191, 8192, 65534, 65535,
	65536, (1 << 29) - 1, 1 << 29, UINT32_MAX - 1, UINT32_MAX,
	UINT64_C(1) << 32 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A type, or one that is not there. */
static int
choose_type(struct fuzz_bytes *bytes, unsigned types)
{
	return ((int)fuzz_choose(bytes, types + 2));
}

static void
add_parts(struct kldsim_synth *synth, struct fuzz_bytes *bytes, int id,
    enum kldsim_synth_ctf_kind kind, unsigned types)
{
	unsigned n = fuzz_choose(bytes, 6);
	const char *name;

	for (; n != 0; n--) {
		name = names[fuzz_choose(bytes, COUNT(names))];
		if (kind == KLDSIM_SYNTH_CTF_STRUCT ||
		    kind == KLDSIM_SYNTH_CTF_UNION)
			kldsim_synth_ctf_member(synth, id, name,
			    choose_type(bytes, types), fuzz_number(bytes, 2));
		else if (kind == KLDSIM_SYNTH_CTF_ENUM)
			kldsim_synth_ctf_enumerator(synth, id, name,
			    (int32_t)fuzz_number(bytes, 4));
		else if (kind == KLDSIM_SYNTH_CTF_FUNCTION)
			kldsim_synth_ctf_argument(synth, id,
			    choose_type(bytes, types));
	}
}

static void
add_type(struct kldsim_synth *synth, struct fuzz_bytes *bytes, unsigned types)
{
	struct kldsim_synth_ctf_type type = {
		.kind = (enum kldsim_synth_ctf_kind)fuzz_choose(bytes, KINDS),
		.root = (enum kldsim_synth_ctf_root)fuzz_choose(bytes, 3),
		.name = names[fuzz_choose(bytes, COUNT(names))],
		.size = sizes[fuzz_choose(bytes, COUNT(sizes))],
		.type = choose_type(bytes, types),
	};

	if (type.kind == KLDSIM_SYNTH_CTF_ARRAY) {
		type.index = choose_type(bytes, types);
		type.elements = (uint32_t)fuzz_number(bytes, 4);
	} else if (type.kind == KLDSIM_SYNTH_CTF_INTEGER ||
	    type.kind == KLDSIM_SYNTH_CTF_FLOAT) {
		type.encoding = (uint32_t)fuzz_number(bytes, 1);
		type.offset = (uint32_t)fuzz_number(bytes, 1);
		type.bits = (uint32_t)fuzz_number(bytes, 2);
	}
	add_parts(synth, bytes, kldsim_synth_ctf_type(synth, &type), type.kind,
	    types);
}

static void
add_symbols(struct kldsim_synth *synth, struct fuzz_bytes *bytes,
    unsigned types)
{
	unsigned n = fuzz_choose(bytes, 8), i;
	int arguments[4];
	char name[16];
	size_t j;

	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		for (j = 0; j < COUNT(arguments); j++)
			arguments[j] = choose_type(bytes, types);
		if (fuzz_choose(bytes, 2) == 0)
			kldsim_synth_ctf_object(synth, kldsim_synth_object(
			    synth, name, NULL, 4, 4), arguments[0]);
		else
			kldsim_synth_ctf_func(synth, kldsim_synth_func(synth,
			    name), arguments[0], arguments + 1,
			    fuzz_choose(bytes, COUNT(arguments)));
	}
}

/* Bytes of the section, honest until now. */
static void
spoil(struct kldsim_synth *synth, struct fuzz_bytes *bytes)
{
	unsigned n = fuzz_choose(bytes, WRONG + 1);
	char name[32];

	for (; n != 0; n--) {
		(void)snprintf(name, sizeof(name), "ctf_byte[%u]",
		    (unsigned)fuzz_number(bytes, 1));
		kldsim_synth_override(synth, name, fuzz_number(bytes, 1));
	}
}

static struct kldsim_synth *
build(struct fuzz_bytes *bytes)
{
	struct kldsim_synth *synth = kldsim_synth_new(kldsim_synth_machine(
	    fuzz_choose(bytes, FUZZ_MACHINES)), fuzz_choose(bytes, 2) == 0 ?
	    KLDSIM_SYNTH_REL : KLDSIM_SYNTH_DYN);
	unsigned types = fuzz_choose(bytes, 24), i;

	FUZZ_CHECK(synth != NULL, "no builder");
	kldsim_synth_option(synth, KLDSIM_SYNTH_CTF_VERSION,
	    2 + fuzz_choose(bytes, 2));
	kldsim_synth_option(synth, KLDSIM_SYNTH_CTF_COMPRESS,
	    fuzz_choose(bytes, 2));
	for (i = fuzz_choose(bytes, 3); i != 0; i--)
		kldsim_synth_ctf_label(synth, names[i], (int)i - 1);
	if (fuzz_choose(bytes, 8) == 0)
		kldsim_synth_ctf_parent(synth, names[1], names[2]);
	for (i = 0; i < types; i++)
		add_type(synth, bytes, types);
	add_symbols(synth, bytes, types);
	spoil(synth, bytes);
	return (synth);
}

/* The spec of what is built; NULL if the builder refuses. */
static char *
told(struct kldsim_synth *synth)
{
	struct kldsim_error error;
	size_t size, length;
	void *file;
	char *text;

	if (kldsim_synth_finish(synth, &file, &size, &error) != KLDSIM_OK)
		return (NULL);
	FUZZ_CHECK(kldsim_synth_from_bytes(file, size, "made", &text, &length,
	    &error) == KLDSIM_OK, "%s", error.text);
	kldsim_synth_free_bytes(file);
	return (text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	struct kldsim_synth *synth = build(&bytes), *again;
	char *first = told(synth), *second;
	struct kldsim_error error;

	if (first != NULL) {
		FUZZ_CHECK(kldsim_synth_spec_bytes(first, strlen(first),
		    "told", &again, &error) == KLDSIM_OK, "%s", error.text);
		second = told(again);
		FUZZ_CHECK(second != NULL && strcmp(first, second) == 0,
		    "told as\n%s\nand then as\n%s", first,
		    second == NULL ? "nothing" : second);
		kldsim_synth_free_bytes(second);
		kldsim_synth_free(again);
	}
	kldsim_synth_free_bytes(first);
	kldsim_synth_free(synth);
	return (0);
}
