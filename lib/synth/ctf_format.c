/* SPDX-License-Identifier: BSD-2-Clause */
/* What CTF's two versions and its kinds are like, as data. */

#include <string.h>

#include "synth/ctf.h"

static const struct kldsim__synth_ctf_format formats[] = {
	{.version = 2, .info_width = 2, .id_width = 2, .kind_shift = 11,
	    .root_shift = 10, .max_vlen = 0x3ff, .max_id = 0xfffe,
	    .child = 0x8000, .long_size = 0xffff, .long_members = 8192},
	{.version = 3, .info_width = 4, .id_width = 4, .kind_shift = 26,
	    .root_shift = 25, .max_vlen = 0xffffff, .max_id = 0xfffffffe,
	    .child = 0x80000000, .long_size = 0xffffffff,
	    .long_members = UINT64_C(1) << 29},
};

static const struct kldsim__synth_ctf_row rows[] = {
	[KLDSIM_SYNTH_CTF_UNKNOWN] = {KLDSIM__SYNTH_CTF_NOTHING, true, false},
	[KLDSIM_SYNTH_CTF_INTEGER] = {KLDSIM__SYNTH_CTF_ENCODING, true, true},
	[KLDSIM_SYNTH_CTF_FLOAT] = {KLDSIM__SYNTH_CTF_ENCODING, true, true},
	[KLDSIM_SYNTH_CTF_POINTER] = {KLDSIM__SYNTH_CTF_NOTHING, false, false},
	[KLDSIM_SYNTH_CTF_ARRAY] = {KLDSIM__SYNTH_CTF_ELEMENTS, true, true},
	[KLDSIM_SYNTH_CTF_FUNCTION] = {KLDSIM__SYNTH_CTF_ARGUMENTS, false,
	    false},
	[KLDSIM_SYNTH_CTF_STRUCT] = {KLDSIM__SYNTH_CTF_MEMBERS, true, false},
	[KLDSIM_SYNTH_CTF_UNION] = {KLDSIM__SYNTH_CTF_MEMBERS, true, false},
	[KLDSIM_SYNTH_CTF_ENUM] = {KLDSIM__SYNTH_CTF_ENUMERATORS, true, false},
	[KLDSIM_SYNTH_CTF_FORWARD] = {KLDSIM__SYNTH_CTF_NOTHING, true, false},
	[KLDSIM_SYNTH_CTF_TYPEDEF] = {KLDSIM__SYNTH_CTF_NOTHING, false, false},
	[KLDSIM_SYNTH_CTF_VOLATILE] = {KLDSIM__SYNTH_CTF_NOTHING, false,
	    false},
	[KLDSIM_SYNTH_CTF_CONST] = {KLDSIM__SYNTH_CTF_NOTHING, false, false},
	[KLDSIM_SYNTH_CTF_RESTRICT] = {KLDSIM__SYNTH_CTF_NOTHING, false,
	    false},
};

/* NULL: there is no such version. */
const struct kldsim__synth_ctf_format *
kldsim__synth_ctf_format(uint64_t version)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].version == version)
			return &formats[i];
	return NULL;
}

/* NULL: there is no such kind. */
const struct kldsim__synth_ctf_row *
kldsim__synth_ctf_row(unsigned kind)
{
	return kind < sizeof(rows) / sizeof(rows[0]) ? &rows[kind] : NULL;
}

/* Is there a record for a symbol (C-20, C-21)? */
bool
kldsim__synth_ctf_counts(const struct kldsim_synth *synth, uint32_t symbol)
{
	const struct kldsim__synth_symbol *of = &synth->symbols[symbol];
	const char *name = kldsim__synth_symbol_name(synth, symbol);

	if (of->type != STT_OBJECT && of->type != STT_FUNC)
		return false;
	if (*name == '\0' || strcmp(name, "_START_") == 0 ||
	    strcmp(name, "_END_") == 0 || of->section == KLDSIM_SYNTH_UNDEF)
		return false;
	return of->type == STT_FUNC || of->section != KLDSIM_SYNTH_ABS ||
	    of->value != 0;
}
