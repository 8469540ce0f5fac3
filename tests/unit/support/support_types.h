/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_TYPES_H
#define SUPPORT_TYPES_H

/* CTF sections and symbol tables, byte by byte, and what is read of them. */

#include "support_base.h"

#include <kldsim/types.h>

#include "types/ctf.h"

/* the same in version 2 and 3. */
#define X01_SIZE 245
#define X02_SIZE 313
extern const uint8_t support_x01[X01_SIZE];
extern const uint8_t support_x02[X02_SIZE];

/* A symbol table of amd64's. */
#define SUPPORT_SYMBOLS 16
struct support_symtab {
	uint8_t syms[SUPPORT_SYMBOLS * 24];
	char strings[256];
	uint32_t count;
	size_t strings_size;
};

/* The first symbol is there; name NULL: st_name 0. */
void support_symtab_init(struct support_symtab *table);
void support_symtab_add(struct support_symtab *table, const char *name,
    unsigned bind, unsigned type, uint16_t shndx, uint64_t value);
/* */
void support_symtab_x03(struct support_symtab *table);

/*
 * Read a section beside symbols (NULL: there are none), as that of a kernel.
 * The caller frees what comes out, which is NULL for a refusal.
 */
struct kldsim_types *support_types_read(const uint8_t *bytes, size_t size,
    const struct support_symtab *table, struct kldsim_error *error_ret);
/* The same with all that there is to choose. */
struct kldsim_types *support_types_read_as(
    const struct kldsim__ctf_section *section,
    const struct support_symtab *table,
    const struct kldsim_types_options *options,
    struct kldsim_error *error_ret);

/* A section of this order with symbols; the bytes are the caller's. */
struct kldsim__ctf_section support_section(const uint8_t *bytes, size_t size,
    bool big);

/* What a type is called, with its id: for comparisons. */
void support_type_is(const struct kldsim_types *types, kldsim_type_id id,
    const char *declaration);

#endif
