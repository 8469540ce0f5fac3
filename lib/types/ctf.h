/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_CTF_H
#define TYPES_CTF_H

/*
 * CTF, versions 2 and 3 (docs/kbi-semantics.md, section 2): a header, then
 * labels, objects, functions, types and strings, which ctfmerge(1) compresses.
 * Every word is looked at as if somebody had chosen it to do harm.
 */

#include "elf/image.h"
#include "types/build.h"

#define KLDSIM__CTF_SECTION ".SUNW_ctf"
#define KLDSIM__CTF_HEADER 36u

/* A section as it is in a file, and what its records stand beside. */
struct kldsim__ctf_section {
	const char *file;
	const uint8_t *bytes;
	uint64_t size;
	uint64_t offset;         /* in the file */
	unsigned word_bits;
	bool big;
	bool kernel;             /* no symbol of it was made local (C-24) */
	const char *no_symbols;  /* why there are none; NULL: they are next */
	struct kldsim__symview symbols;
};

/* What differs between the versions (C-10 to C-12). */
struct kldsim__ctf_format {
	unsigned version;
	unsigned word;         /* bytes of an info word, and of an id */
	uint32_t sized;        /* as size: the next two words are */
	unsigned kind_shift;
	uint32_t root;
	uint32_t vlen;
	uint32_t child;        /* bit of ids that are not the parent's */
	uint64_t large;        /* from this size on members are larger */
	uint64_t types;        /* as many have ids */
};

/* The words of the header, and then the data, as offsets from its end. */
struct kldsim__ctf_header {
	uint32_t parlabel, parname;
	uint32_t lbloff, objtoff, funcoff, typeoff, stroff, strlen;
};

struct kldsim__ctf {
	struct kldsim__build *build;
	const struct kldsim__ctf_section *section;
	const struct kldsim__ctf_format *format;
	const struct kldsim_types *offered; /* as parent; NULL: nobody */
	struct kldsim__ctf_header header;
	bool big;              /* most significant byte first */
	bool plain_words;      /* words are the host's own of 32 bits */
	bool compressed;
	bool unmerged;         /* another file's CTF follows (C-31) */
	const uint8_t *data;
	uint64_t size;         /* stroff + strlen, all of it there */
	uint8_t *inflated;     /* the same as data, or NULL */
	uint64_t mapped;       /* of so many bytes that the host gave; 0: none */
	uint32_t strings;      /* where they are in the graph's */
	uint32_t names_end;    /* a string below it needs no look */
	bool long_names;       /* there are such, so each needs one */
	uint32_t types;        /* of the file */
	uint32_t plain;        /* ids up to it are the file's own as they stand */
	const struct kldsim_types *parent; /* whose types follow; NULL: unknown */
	uint32_t parents;      /* references to a parent's (C-30) */
	uint64_t first_parent; /* where the first of them is */
};

/* error may be NULL. */
enum kldsim_status kldsim__ctf_read(const struct kldsim__ctf_section *section,
    const struct kldsim_types_options *options,
    struct kldsim_types **types_ret, struct kldsim_error *error_ret);

/* --- of ctf.c, for the two below --- */

/* A place in the data as an offset in the section. */
static inline uint64_t
kldsim__ctf_at(uint64_t place)
{
	return (KLDSIM__CTF_HEADER + place);
}

static inline uint32_t
kldsim__ctf_u32(const struct kldsim__ctf *ctf, uint64_t place)
{
	if (ctf->plain_words) /* there are many, and most are such */
		return (kldsim__load32(ctf->data + place, KLDSIM__HOST_BIG));
	return (kldsim__load32(ctf->data + place, ctf->big));
}

/* An info word or an id. */
static inline uint32_t
kldsim__ctf_word(const struct kldsim__ctf *ctf, uint64_t place)
{
	if (ctf->plain_words)
		return (kldsim__load32(ctf->data + place, KLDSIM__HOST_BIG));
	return (ctf->format->word == 2 ?
	    kldsim__load16(ctf->data + place, ctf->big) :
	    kldsim__load32(ctf->data + place, ctf->big));
}

bool kldsim__ctf_odd_name(struct kldsim__ctf *ctf, uint64_t place,
    uint32_t *name_ret);
bool kldsim__ctf_odd_id(const struct kldsim__ctf *ctf, uint32_t *id);
bool kldsim__ctf_take_id(struct kldsim__ctf *ctf, uint64_t place,
    uint32_t *id_ret);

/* A reference to a string; false if there is none (C-05), or a long one. */
static inline bool
kldsim__ctf_name(struct kldsim__ctf *ctf, uint64_t place, uint32_t *name_ret)
{
	const uint32_t reference = kldsim__ctf_u32(ctf, place);

	if (reference >= ctf->names_end)
		return (kldsim__ctf_odd_name(ctf, place, name_ret));
	*name_ret = reference != 0 ? ctf->strings + reference : 0;
	return (true);
}

/*
 * A reference to a type; false if there is none (C-18, C-30, C-51).  The second
 * form says so, and counts those to a parent.
 */
static inline bool
kldsim__ctf_resolve(const struct kldsim__ctf *ctf, uint64_t place,
    uint32_t *id_ret)
{
	*id_ret = kldsim__ctf_word(ctf, place);
	return (*id_ret <= ctf->plain || kldsim__ctf_odd_id(ctf, id_ret));
}

static inline bool
kldsim__ctf_id(struct kldsim__ctf *ctf, uint64_t place, uint32_t *id_ret)
{
	*id_ret = kldsim__ctf_word(ctf, place);
	return (*id_ret <= ctf->plain ||
	    kldsim__ctf_take_id(ctf, place, id_ret));
}

/* --- ctf_inflate.c --- */

bool kldsim__ctf_inflate(struct kldsim__ctf *ctf);
/* The graph's strings are those inflated; false: they have to be copied. */
bool kldsim__ctf_keep_strings(struct kldsim__ctf *ctf);
/* Give back what that took. */
void kldsim__ctf_release(struct kldsim__ctf *ctf);

/* --- ctf_types.c --- */

/* How many there are; false if a record is none. */
bool kldsim__ctf_count_types(struct kldsim__ctf *ctf,
    struct kldsim__build_rows *rows);
bool kldsim__ctf_take_types(struct kldsim__ctf *ctf);

/* --- ctf_symbols.c --- */

/* One of the two sections of symbols' types, and how far it was read. */
struct kldsim__ctf_part {
	uint64_t place;
	uint64_t end;
	uint32_t symbols;   /* that may have a record */
	uint32_t typed;
	uint32_t untyped;
	const char *no;     /* why none has a type; NULL: they may */
};

struct kldsim__ctf_symbols {
	struct kldsim__ctf *ctf;
	uint32_t strings;   /* where the symbols' are in the graph's */
	uint64_t arguments; /* of functions that have a type */
	bool local, global; /* there is one that counts */
	struct kldsim__ctf_part functions;
	struct kldsim__ctf_part objects;
};

/* Look at them, and say how many there are; take them behind all types. */
void kldsim__ctf_check_symbols(struct kldsim__ctf *ctf,
    struct kldsim__ctf_symbols *symbols_ret, struct kldsim__build_rows *rows);
void kldsim__ctf_take_symbols(struct kldsim__ctf_symbols *symbols);

#endif
