/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

/*
 * Changes files the way a hostile or careless producer would: an ELF file by
 * its structures (headers, tables, names, sets, module metadata), a
 * linker.hints and the boot loader's metadata by their records.  What is
 * changed may itself be damaged in any way; nothing is read or written outside
 * of it.  The same seed makes the same change.
 *
 * Fuzzing engines call it through mutator_libfuzzer.c and mutator_afl.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stream of numbers that depends on its seed alone. */
struct fuzz_random {
	uint64_t state;
};

/* What is changed: size bytes of a buffer that holds max. */
struct fuzz_input {
	uint8_t *data;
	size_t size;
	size_t max;
};

/* The ways to change an ELF file. */
enum fuzz_mutation {
	FUZZ_FIELD,      /* a field of a structure gets a telling value */
	FUZZ_BORROW,     /* a field gets the value of another entry's */
	FUZZ_SWAP,       /* two entries of a table change places */
	FUZZ_COPY,       /* an entry is overwritten by another */
	FUZZ_REMOVE,     /* an entry goes, what follows moves down */
	FUZZ_INSERT,     /* the table moves to the file's end and grows */
	FUZZ_NAME,       /* a section or symbol gets a telling name */
	FUZZ_BOUND,      /* __start_X or __stop_X moves */
	FUZZ_EDGE,       /* a relocation goes to the edge of a section */
	FUZZ_CHAIN,      /* a hash chain becomes endless */
	FUZZ_TERMINATOR, /* a string table loses its last NUL */
	FUZZ_METADATA,   /* what a set of metadata points to changes */
	FUZZ_CUT,        /* the file becomes shorter or longer */
	FUZZ_MUTATIONS
};

/* The ways to change a linker.hints. */
enum fuzz_hints_mutation {
	FUZZ_HINTS_VERSION,  /* of the file */
	FUZZ_HINTS_LENGTH,   /* of a record */
	FUZZ_HINTS_TYPE,     /* of a record */
	FUZZ_HINTS_STRING,   /* the length of a string */
	FUZZ_HINTS_TEXT,     /* a character of a string */
	FUZZ_HINTS_NUMBER,   /* a word of a record */
	FUZZ_HINTS_COPY,     /* a record comes twice */
	FUZZ_HINTS_REMOVE,   /* a record goes */
	FUZZ_HINTS_CUT,      /* the file ends within a record */
	FUZZ_HINTS_MUTATIONS
};

/* The ways to change the boot loader's block of metadata. */
enum fuzz_preload_mutation {
	FUZZ_PRELOAD_TYPE,   /* of a record */
	FUZZ_PRELOAD_LENGTH, /* of a record */
	FUZZ_PRELOAD_DATA,   /* a word of its data */
	FUZZ_PRELOAD_COPY,   /* a record comes twice */
	FUZZ_PRELOAD_REMOVE, /* a record goes */
	FUZZ_PRELOAD_CUT,    /* the block ends at or within a record */
	FUZZ_PRELOAD_MUTATIONS
};

struct fuzz_random fuzz_seed(uint64_t seed);

/* A number below n; 0 for 0. */
uint64_t fuzz_below(struct fuzz_random *random, uint64_t n);

/* True if something changed; false if the file has nothing of the kind. */
bool fuzz_elf_mutate(struct fuzz_input *input, enum fuzz_mutation how,
    struct fuzz_random *random);
bool fuzz_hints_mutate(struct fuzz_input *input, enum fuzz_hints_mutation how,
    struct fuzz_random *random);
bool fuzz_preload_mutate(struct fuzz_input *input,
    enum fuzz_preload_mutation how, struct fuzz_random *random);

/* Whether the file looks like a linker.hints, of either byte order. */
bool fuzz_is_hints(const uint8_t *data, size_t size);

/* Where the ELF header is: targets may put bytes before it; size if nowhere. */
size_t fuzz_elf_start(const uint8_t *data, size_t size);
/* The same for a block of metadata, of either byte order. */
size_t fuzz_preload_start(const uint8_t *data, size_t size);

/*
 * Change the input in one to four ways that fit what it is; false if it is
 * none of the formats, and then nothing has changed.
 */
bool fuzz_mutate(struct fuzz_input *input, struct fuzz_random *random);

/* Change some bytes, knowing nothing of formats. */
void fuzz_mutate_bytes(struct fuzz_input *input, struct fuzz_random *random);

/*
 * Make one of two: the first, with a table or a record of the second.  input
 * holds the first; false as for fuzz_mutate().
 */
bool fuzz_cross(struct fuzz_input *input, const uint8_t *other,
    size_t other_size, struct fuzz_random *random);

#endif
