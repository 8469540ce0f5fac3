/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of an existing file.  They are read into a builder of their own,
 * without a judgement; if that builder makes the very same section of them,
 * the spec can tell them, and if not, the section is kept as bytes.
 */

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "spec/from_impl.h"
#include "synth/ctf.h"

enum { CTF_MAX = 64 << 20, TYPES_MAX = 1 << 20 }; /* C-04, C-54 */

/* The section's header, whose words have these places (C-03). */
enum word { PARLABEL, PARNAME, LBLOFF, OBJTOFF, FUNCOFF, TYPEOFF, STROFF,
    STRLEN, WORDS };

/* Reading the section, whose compressed part is inflated already. */
struct reader {
	struct kldsim__from *from;
	struct kldsim_synth *synth;
	const struct kldsim__synth_ctf_format *format;
	unsigned char *bytes;
	size_t size;
	uint32_t words[WORDS];
	size_t at; /* the next thing to take, and where its part ends */
	size_t end;
	bool bad;
};

static uint64_t
take(struct reader *reader, unsigned width)
{
	size_t at = reader->at;

	if (reader->bad || width > reader->end - at) {
		reader->bad = true;
		return 0;
	}
	reader->at += width;
	return kldsim__synth_get(&reader->from->order, reader->bytes + at,
	    width);
}

static bool
start_part(struct reader *reader, enum word first, enum word last)
{
	size_t data = reader->size - KLDSIM__SYNTH_CTF_HEADER;

	if (reader->words[first] > reader->words[last] ||
	    reader->words[last] > data)
		reader->bad = true;
	reader->at = KLDSIM__SYNTH_CTF_HEADER + (size_t)reader->words[first];
	reader->end = KLDSIM__SYNTH_CTF_HEADER + (size_t)reader->words[last];
	return !reader->bad;
}

static const char *
string(struct reader *reader, uint32_t offset)
{
	const uint32_t *words = reader->words;
	const char *strings = (const char *)reader->bytes +
	    KLDSIM__SYNTH_CTF_HEADER + words[STROFF];

	if (offset >= words[STRLEN] || memchr(strings + offset, '\0',
	    words[STRLEN] - offset) == NULL) {
		reader->bad = true;
		return "";
	}
	return strings + offset;
}

static const char *
take_name(struct reader *reader)
{
	return string(reader, (uint32_t)take(reader, 4));
}

/* An id as the builder has it: the file's own, or the parent's, negative. */
static int
take_id(struct reader *reader)
{
	uint32_t id = (uint32_t)take(reader, reader->format->id_width);
	uint32_t child = reader->format->child;

	if (id > INT32_MAX && !reader->synth->ctf->child)
		reader->bad = true;
	if (!reader->synth->ctf->child || id == 0)
		return (int)id;
	if ((id & child) != 0)
		return (int)(id & ~child);
	if (id >= KLDSIM__SYNTH_CTF_PARENTS)
		reader->bad = true;
	return -(int)id;
}

/* Kind, root and vlen of an info word. */
struct info {
	unsigned kind;
	bool root;
	uint32_t vlen;
};

static struct info
take_info(struct reader *reader)
{
	const struct kldsim__synth_ctf_format *format = reader->format;
	uint32_t word = (uint32_t)take(reader, format->info_width);

	return (struct info){word >> format->kind_shift,
	    (word >> format->root_shift & 1) != 0, word & format->max_vlen};
}

/* C-12: the struct's size says which form its members have. */
static void
take_members(struct reader *reader, int id, uint64_t size, uint32_t count)
{
	const struct kldsim__synth_ctf_format *format = reader->format;
	const char *name;
	uint64_t bit;
	int member;

	for (; count != 0 && !reader->bad; count--) {
		name = take_name(reader);
		member = take_id(reader);
		if (size < format->long_members) {
			bit = take(reader, format->id_width);
		} else {
			(void)take(reader, 4 - format->id_width);
			bit = take(reader, 4) << 32;
			bit |= take(reader, 4);
		}
		kldsim_synth_ctf_member(reader->synth, id, name, member, bit);
	}
}

static void
take_enumerators(struct reader *reader, int id, uint32_t count)
{
	const char *name;

	for (; count != 0 && !reader->bad; count--) {
		name = take_name(reader);
		kldsim_synth_ctf_enumerator(reader->synth, id, name,
		    (int32_t)take(reader, 4));
	}
}

/* C-11: version 2 pads them to a whole word. */
static void
take_arguments(struct reader *reader, int id, uint32_t count)
{
	const bool odd = count % 2 != 0 && reader->format->id_width == 2;

	for (; count != 0 && !reader->bad; count--)
		kldsim_synth_ctf_argument(reader->synth, id, take_id(reader));
	if (odd)
		(void)take(reader, 2);
}

/* What a type has before its parts; the answer is its id. */
static int
take_head(struct reader *reader, const struct kldsim__synth_ctf_row *row,
    struct kldsim_synth_ctf_type *type)
{
	const struct kldsim__synth_ctf_format *format = reader->format;
	uint32_t word;

	if (row->sized) {
		type->size = take(reader, format->id_width);
		if (type->size == format->long_size) {
			type->size = take(reader, 4) << 32;
			type->size |= take(reader, 4);
		}
	} else {
		type->type = take_id(reader);
	}
	if (row->tail == KLDSIM__SYNTH_CTF_ENCODING) {
		word = (uint32_t)take(reader, 4);
		type->encoding = word >> 24;
		type->offset = word >> 16 & 0xff;
		type->bits = word & 0xffff;
	} else if (row->tail == KLDSIM__SYNTH_CTF_ELEMENTS) {
		type->type = take_id(reader);
		type->index = take_id(reader);
		type->elements = (uint32_t)take(reader, 4);
	}
	return reader->bad ? 0 : kldsim_synth_ctf_type(reader->synth, type);
}

static void
take_type(struct reader *reader)
{
	const char *name = take_name(reader);
	struct info info = take_info(reader);
	const struct kldsim__synth_ctf_row *row =
	    kldsim__synth_ctf_row(info.kind);
	struct kldsim_synth_ctf_type type = {.name = name,
	    .kind = (enum kldsim_synth_ctf_kind)info.kind,
	    .root = info.root ? KLDSIM_SYNTH_CTF_ROOT :
	    KLDSIM_SYNTH_CTF_HIDDEN};
	int id;

	if (reader->bad || row == NULL) {
		reader->bad = true;
		return;
	}
	id = take_head(reader, row, &type);
	if (row->tail == KLDSIM__SYNTH_CTF_MEMBERS)
		take_members(reader, id, type.size, info.vlen);
	else if (row->tail == KLDSIM__SYNTH_CTF_ENUMERATORS)
		take_enumerators(reader, id, info.vlen);
	else if (row->tail == KLDSIM__SYNTH_CTF_ARGUMENTS)
		take_arguments(reader, id, info.vlen);
	if (reader->synth->ctf->ntypes > TYPES_MAX)
		reader->bad = true;
}

static void
take_types(struct reader *reader)
{
	(void)start_part(reader, TYPEOFF, STROFF);
	while (!reader->bad && reader->at < reader->end)
		take_type(reader);
}

static void
take_labels(struct reader *reader)
{
	const char *name;
	uint64_t last;

	(void)start_part(reader, LBLOFF, OBJTOFF);
	while (!reader->bad && reader->end - reader->at >= 8) {
		name = take_name(reader);
		last = take(reader, 4);
		if (last > INT32_MAX)
			reader->bad = true;
		else
			kldsim_synth_ctf_label(reader->synth, name, (int)last);
	}
}

static void
take_function(struct reader *reader, int symbol)
{
	struct info info = take_info(reader);
	int returns, *arguments;
	uint32_t i;

	if (reader->bad || (info.kind == 0 && !info.root && info.vlen == 0))
		return;
	returns = take_id(reader);
	if (info.vlen > (reader->end - reader->at) / reader->format->id_width) {
		reader->bad = true;
		return;
	}
	arguments = kldsim__from_alloc(reader->from, info.vlen,
	    sizeof(*arguments));
	for (i = 0; arguments != NULL && i < info.vlen; i++)
		arguments[i] = take_id(reader);
	if (arguments != NULL)
		kldsim_synth_ctf_func(reader->synth, symbol, returns,
		    arguments, info.vlen);
	free(arguments);
}

/* C-20: one record for each symbol of the type that counts. */
static void
take_symbols(struct reader *reader, uint8_t type)
{
	const struct kldsim_synth *synth = reader->synth;
	uint32_t i;
	int id;

	(void)(type == STT_FUNC ? start_part(reader, FUNCOFF, TYPEOFF) :
	    start_part(reader, OBJTOFF, FUNCOFF));
	for (i = 1; i < synth->nsymbols && !reader->bad &&
	    reader->at < reader->end; i++) {
		if (synth->symbols[i].type != type ||
		    !kldsim__synth_ctf_counts(synth, i))
			continue;
		if (type == STT_FUNC) {
			take_function(reader, (int)i);
			continue;
		}
		id = take_id(reader);
		if (id != 0)
			kldsim_synth_ctf_object(reader->synth, (int)i, id);
	}
}

/*
 * The builder has a symbol for each entry of .symtab, with its number.  All
 * that are in a section lie where a common does: only C-21 asks where.
 */
static void
take_symtab(struct reader *reader, uint32_t section)
{
	struct kldsim__from *from = reader->from;
	uint32_t count = kldsim__from_table_size(from, from->symtab), i;
	struct kldsim__from_symbol symbol;
	int place;

	for (i = 1; i < count && !kldsim__from_bad(from); i++) {
		kldsim__from_symbol(from, from->symtab, i, &symbol);
		place = symbol.shndx == SHN_UNDEF ? KLDSIM_SYNTH_UNDEF :
		    symbol.shndx == SHN_ABS ? KLDSIM_SYNTH_ABS :
		    KLDSIM_SYNTH_COMMON;
		(void)kldsim_synth_symbol(reader->synth, symbol.name,
		    STB_LOCAL, symbol.type, place, symbol.st_value, 0);
		if (symbol.shndx == section)
			reader->bad = true;
	}
}

/* Does the builder make what was read? */
static bool
is_same(struct reader *reader)
{
	struct kldsim_synth *synth = reader->synth;
	struct kldsim__synth_ctf_out out = {0};
	uint32_t *order = kldsim__from_alloc(reader->from, synth->nsymbols,
	    sizeof(*order)), i;
	bool same;

	for (i = 0; order != NULL && i < synth->nsymbols; i++)
		order[i] = i;
	same = order != NULL &&
	    kldsim__synth_ctf_emit(&out, synth, order, synth->nsymbols) &&
	    out.bytes.size == reader->size &&
	    memcmp(out.bytes.data, reader->bytes, reader->size) == 0;
	kldsim__synth_ctf_done(&out);
	free(order);
	return same;
}

/* The bytes after the header, inflated if need be; all bounded by C-04. */
static bool
read_data(struct reader *reader, const unsigned char *section, uint64_t size)
{
	const uint64_t data = (uint64_t)reader->words[STROFF] +
	    reader->words[STRLEN];
	uint64_t packed = size - KLDSIM__SYNTH_CTF_HEADER;
	unsigned char *to;
	uLongf length = (uLongf)data;
	int status;

	if (data > CTF_MAX || (section[3] == 0 ? data != packed :
	    section[3] != KLDSIM__SYNTH_CTF_COMPRESSED ||
	    data / 1100 > size + 64))
		return false;
	reader->size = KLDSIM__SYNTH_CTF_HEADER + (size_t)data;
	reader->bytes = kldsim__from_alloc(reader->from, reader->size, 1);
	if (reader->bytes == NULL)
		return false;
	memcpy(reader->bytes, section, KLDSIM__SYNTH_CTF_HEADER);
	to = reader->bytes + KLDSIM__SYNTH_CTF_HEADER;
	section += KLDSIM__SYNTH_CTF_HEADER;
	if (reader->bytes[3] == 0) {
		memcpy(to, section, (size_t)packed);
		return true;
	}
	reader->bytes[3] = 0;
	status = uncompress(to, &length, section, (uLong)packed);
	if (status == Z_MEM_ERROR)
		kldsim__from_fail(reader->from, KLDSIM_NOMEM, "no memory");
	return status == Z_OK && length == data;
}

static bool
read_header(struct reader *reader, const struct kldsim__from_section *section)
{
	const unsigned char *bytes = reader->from->bytes + section->offset;
	const struct kldsim_synth *order = &reader->from->order;
	unsigned i;

	if (section->size < KLDSIM__SYNTH_CTF_HEADER)
		return false;
	for (i = 0; i < WORDS; i++)
		reader->words[i] = (uint32_t)kldsim__synth_get(order,
		    bytes + 4 + 4 * (size_t)i, 4);
	reader->format = kldsim__synth_ctf_format(bytes[2]);
	if (reader->format == NULL)
		return false;
	kldsim_synth_option(reader->synth, KLDSIM_SYNTH_CTF_VERSION, bytes[2]);
	kldsim_synth_option(reader->synth, KLDSIM_SYNTH_CTF_COMPRESS, 0);
	return read_data(reader, bytes, section->size);
}

static bool
read_parts(struct reader *reader)
{
	const uint32_t label = reader->words[PARLABEL];
	const uint32_t name = reader->words[PARNAME];

	if (kldsim__synth_ctf_start(reader->synth) == NULL)
		return false;
	if (label != 0 || name != 0)
		kldsim_synth_ctf_parent(reader->synth, string(reader, label),
		    string(reader, name));
	take_labels(reader);
	take_types(reader);
	take_symbols(reader, STT_OBJECT);
	take_symbols(reader, STT_FUNC);
	return !reader->bad;
}

/* Is there anything that the spec can say of them? */
static bool
says_something(const struct kldsim__synth_ctf *ctf)
{
	return ctf->ntypes > 1 || ctf->nlabels != 0 || ctf->nsymbols != 0 ||
	    ctf->child;
}

static bool
read_ctf(struct reader *reader, uint32_t index)
{
	struct kldsim__from *from = reader->from;

	reader->synth = kldsim_synth_new(from->machine->name,
	    KLDSIM_SYNTH_REL);
	if (reader->synth == NULL) {
		kldsim__from_fail(from, KLDSIM_NOMEM, "no memory");
		return false;
	}
	if (!read_header(reader, &from->sections[index]))
		return false;
	take_symtab(reader, index);
	return !kldsim__from_bad(from) && read_parts(reader) &&
	    says_something(reader->synth->ctf) && is_same(reader);
}

/*
 * The first section of the name counts (C-01).  If the spec can tell its types
 * it is a table like .symtab, made by the builder.
 */
void
kldsim__from_ctf(struct kldsim__from *from)
{
	struct reader reader = {.from = from};
	uint32_t i = 1;

	while (i < from->nsections &&
	    strcmp(from->sections[i].name, ".SUNW_ctf") != 0)
		i++;
	if (i == from->nsections || from->symtab == 0 ||
	    from->sections[i].type != SHT_PROGBITS ||
	    from->sections[i].flags != 0 || from->sections[i].entsize != 0)
		return;
	if (read_ctf(&reader, i)) {
		from->types = reader.synth;
		from->types_packed = from->bytes[from->sections[i].offset +
		    3] != 0;
		from->sections[i].type = SHT_NULL;
		from->sections[i].link = from->nsections;
	} else {
		if (reader.synth != NULL &&
		    reader.synth->error.status == KLDSIM_NOMEM)
			kldsim__from_fail(from, KLDSIM_NOMEM, "no memory");
		kldsim_synth_free(reader.synth);
	}
	free(reader.bytes);
}
