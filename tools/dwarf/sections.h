/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_SECTIONS_H
#define DWARF_SECTIONS_H

/*
 * The debug sections of one ELF file, as libdw is to see them: inflated,
 * relocated, and with unit headers that it will not stumble over (W-30, W-32,
 * W-41).  What needs none of that stays where it is; the rest is copied.
 */

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#include <kldsim/image.h>

#include "report/output.h"

enum dwarf_section_name {
	DWARF_INFO,
	DWARF_TYPES,
	DWARF_ABBREV,
	DWARF_STR,
	DWARF_LINE_STR,
	DWARF_STR_OFFSETS,
	DWARF_ADDR,
	DWARF_LINE,
	DWARF_SECTIONS
};

struct dwarf_section {
	const uint8_t *bytes; /* NULL: the file has none */
	uint64_t size;
	uint64_t stored;      /* bytes in the file */
	uint8_t *own;         /* a copy, to be freed; NULL: the file's */
	size_t index;         /* of its header */
};

struct dwarf_sections {
	const char *file;
	const void *bytes;
	size_t size;
	Elf *elf;
	GElf_Ehdr ehdr;
	bool big;
	bool wide;            /* 64 bits */
	bool as_it_stands;    /* libdw may read the file itself */
	bool compressed;
	struct dwarf_section all[DWARF_SECTIONS];
	uint8_t *made;        /* the file that libdw reads, if that is another */
};

/*
 * The sections of an image.  KLDSIM_NOENT: there is no .debug_info; the others
 * say why it is of no use.
 */
enum kldsim_status dwarf_sections_open(const struct kldsim_image *image,
    struct dwarf_sections *sections, struct kldsim_error *error);
void dwarf_sections_close(struct dwarf_sections *sections);

/* A section's bytes, to be changed. */
uint8_t *dwarf_section_own(struct dwarf_sections *sections,
    enum dwarf_section_name name);

/* An ELF file of the sections, for libdw; it lives as long as they do. */
const uint8_t *dwarf_sections_file(struct dwarf_sections *sections,
    size_t *size_ret);

/* Why the debug information cannot be used; the status. */
enum kldsim_status dwarf_fail(struct kldsim_error *error,
    enum kldsim_status status, const char *file, const char *format, ...)
    PRINTF_LIKE(4, 5);

const char *dwarf_section_called(enum dwarf_section_name name);

/* --- inflate.c --- */

/* Load now what it takes. */
void dwarf_inflate_prepare(void);

/* W-32: a compressed section's bytes, in section->own. */
enum kldsim_status dwarf_inflate(struct dwarf_sections *sections,
    enum dwarf_section_name name, bool old_style, struct kldsim_error *error);

/* --- relocate.c --- */

/* W-30: apply what a relocatable file has for its debug sections. */
enum kldsim_status dwarf_relocate(struct dwarf_sections *sections,
    struct kldsim_error *error);

#endif
