/* SPDX-License-Identifier: BSD-2-Clause */

/* Which rows a machine has in a release, and what is seldom; see reloc.h. */

#include "reloc/reloc.h"

#include <stdio.h>
#include <string.h>

/* The least and the most that a word holds are neighbours, wrapped around. */
static void
set_range(struct kldsim__plain *plain, const struct kldsim__reloc_row *row)
{
	const unsigned bits = row->width * 8u;

	plain->above = UINT64_MAX;
	if (row->range == KLDSIM__ANY || bits == 64)
		return;
	plain->above = (UINT64_C(1) << bits) - 1;
	if (row->range == KLDSIM__UNSIGNED)
		return;
	plain->least = -(UINT64_C(1) << (bits - 1));
	if (row->range != KLDSIM__SIGNED)
		plain->above += UINT64_C(1) << (bits - 1);
}

static void
set_plain(struct kldsim__plain *plain, const struct kldsim__reloc_row *row)
{
	const bool minus_p = row->formula == KLDSIM__S_PLUS_A_MINUS_P;

	memset(plain, 0, sizeof(*plain));
	if ((row->formula != KLDSIM__S_PLUS_A && !minus_p) ||
	    (row->width != 4 && row->width != 8) || row->encoding != NULL ||
	    row->ifunc || row->relocaddr || row->addend_in_place ||
	    row->section_addend || row->lookup_ignored)
		return;
	plain->width = row->width;
	plain->minus_p = minus_p ? UINT64_MAX : 0;
	set_range(plain, row);
}

void
kldsim__relocator_init(struct kldsim__relocator *relocator,
    const struct kldsim__arch *arch, const struct kldsim__facts *facts)
{
	relocator->arch = arch;
	relocator->mask = kldsim__arch_ptrsz(arch) == 8 ? UINT64_MAX :
	    UINT32_MAX;
	relocator->names_symbols = facts->reloc_message_has_symidx;
	memset(relocator->row, 0, sizeof(relocator->row));
	memset(relocator->plain, 0, sizeof(relocator->plain));
	for (size_t i = 0; i < arch->nrows; i++) {
		const struct kldsim__reloc_row *row = &arch->rows[i];

		if (!kldsim__holds(row->when, facts))
			continue;
		relocator->row[row->type] = (uint8_t)(i + 1);
		if (row->type < KLDSIM__PLAIN_TYPES)
			set_plain(&relocator->plain[row->type], row);
	}
}

/* A number as %ld or %d would print it. */
static intmax_t
printed(const struct kldsim__relocator *relocator, uint32_t number)
{
	if (relocator->arch->long_numbers)
		return ((intmax_t)number);
	return (number <= INT32_MAX ? (intmax_t)number :
	    -(intmax_t)(UINT32_MAX - number) - 1);
}

void
kldsim__reloc_refusal(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint32_t type, uint32_t symbol,
    char *text, size_t size)
{
	char what[96], index[40] = "";

	if (row != NULL)
		(void)snprintf(what, sizeof(what), "%s", row->refusal);
	else
		(void)snprintf(what, sizeof(what),
		    "kldload: unexpected relocation type %jd",
		    printed(relocator, type));
	if (relocator->names_symbols &&
	    (row == NULL || row->formula == KLDSIM__REFUSED))
		(void)snprintf(index, sizeof(index), ", symbol index %jd",
		    printed(relocator, symbol));
	(void)snprintf(text, size, "%s%s", what, index);
}

uint64_t
kldsim__reloc_value(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct kldsim__reloc *reloc)
{
	const uint64_t mask = relocator->mask;
	struct kldsim__reloc it = *reloc;

	if (row->section_addend && it.S > it.B &&
	    it.S <= ((it.B + it.A) & mask))
		it.S = it.B;
	return (kldsim__reloc_formula(row, &it) & mask);
}

/* An address of the machine as a signed number of 64 bits. */
static uint64_t
sign_extended(const struct kldsim__relocator *relocator, uint64_t value)
{
	if ((value & ~(relocator->mask >> 1)) != 0)
		return (value | ~relocator->mask);
	return (value);
}

bool
kldsim__reloc_reaches(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint64_t value)
{
	if (row->encoding == NULL || row->encoding->reach == 0)
		return (true);
	return (kldsim__is_signed(sign_extended(relocator, value),
	    row->encoding->reach));
}

bool
kldsim__reloc_fits(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint64_t value)
{
	const struct kldsim__encoding *encoding = row->encoding;
	unsigned lowest;

	if (encoding == NULL)
		return (row->width * 8u >= relocator->arch->elf_class * 32u ||
		    kldsim__reloc_fits_word(row, value));
	if (row->range == KLDSIM__ANY)
		return (true);
	/* What is below the field has to be 0, unless rounding is for it. */
	lowest = encoding->piece[0].from;
	value = sign_extended(relocator, value) + encoding->round;
	return (kldsim__is_signed(value, encoding->bits) &&
	    (encoding->round != 0 ||
	    (value & ((UINT64_C(1) << lowest) - 1)) == 0));
}

uint64_t
kldsim__reloc_encode(const struct kldsim__reloc_row *row, uint64_t value,
    uint64_t word)
{
	const struct kldsim__encoding *encoding = row->encoding;

	if (encoding == NULL)
		return (value);
	value += encoding->round;
	for (unsigned i = 0; i < KLDSIM__PIECES; i++) {
		const struct kldsim__piece *piece = &encoding->piece[i];
		uint64_t ones = (UINT64_C(1) << piece->count) - 1;

		if (!encoding->keep)
			word &= ~(ones << piece->to);
		word |= ((value >> piece->from) & ones) << piece->to;
	}
	return (word);
}

/* --- for people --- */

const char *
kldsim__reloc_formula_text(const struct kldsim__reloc_row *row)
{
	static const char *const texts[] = {
		[KLDSIM__NOTHING] = "nothing",
		[KLDSIM__REFUSED] = "refused",
		[KLDSIM__UNSET] = "a variable that is never set",
		[KLDSIM__B_PLUS_A] = "B + A",
		[KLDSIM__CALL_B_PLUS_A] = "what the resolver at B + A answers",
		[KLDSIM__S] = "S",
		[KLDSIM__S_PLUS_A] = "S + A",
		[KLDSIM__S_PLUS_A_MINUS_P] = "S + A - P",
		[KLDSIM__S_MINUS_P] = "S - P",
		[KLDSIM__MEMORY_AT_S] = "the bytes at S",
		[KLDSIM__UNSET_AFTER_LOOKUP] = "a variable that is never set",
		[KLDSIM__NEVER_REACHES] = "nothing: no S is near enough",
	};

	if (row->section_addend)
		return ("S + A, and B + A if B < S <= B + A");
	return (texts[row->formula]);
}

void
kldsim__reloc_field_text(const struct kldsim__reloc_row *row,
    char text[KLDSIM__FIELD_TEXT])
{
	const struct kldsim__encoding *encoding = row->encoding;
	size_t n = 0;

	*text = '\0';
	if (row->width == 0)
		return;
	if (encoding == NULL) {
		(void)snprintf(text, KLDSIM__FIELD_TEXT, "%u bytes",
		    row->width);
		return;
	}
	for (unsigned i = 0; i < KLDSIM__PIECES &&
	    encoding->piece[i].count != 0; i++) {
		const struct kldsim__piece *piece = &encoding->piece[i];

		n += (size_t)snprintf(text + n, KLDSIM__FIELD_TEXT - n,
		    "%sbits %u to %u at bit %u", i == 0 ? "" : ", ",
		    piece->from, piece->from + piece->count - 1u, piece->to);
	}
	(void)snprintf(text + n, KLDSIM__FIELD_TEXT - n, " of %u bytes%s%s",
	    row->width, encoding->round != 0 ? ", rounded" : "",
	    encoding->keep ? ", over what is there (OR)" : "");
}
