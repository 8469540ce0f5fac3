/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A DIE's attributes, each by its row.  libdw hands them over before it knows
 * whether they are whole, so strings are looked at first.
 */

#include "dwarf/die.h"

#include <dwarf.h>
#include <string.h>

#include "dwarf/bytes.h"

/* How an attribute is read. */
enum how { NOTHING, TEXT, NUMBER, EXPRESSION, REFERENCE };

struct row {
	uint8_t how;
	uint16_t at;  /* in struct die_values */
	uint16_t has;
};

#define VALUE(field) offsetof(struct die_values, field)

static const struct row rows[] = {
	[DW_AT_name] = { TEXT, VALUE(name), 0 },
	[DW_AT_producer] = { TEXT, VALUE(producer), 0 },
	[DW_AT_comp_dir] = { TEXT, VALUE(directory), 0 },
	[DW_AT_type] = { REFERENCE, VALUE(type), DIE_TYPE },
	[DW_AT_abstract_origin] = { REFERENCE, VALUE(origin), DIE_ORIGIN },
	[DW_AT_specification] = { REFERENCE, VALUE(origin), DIE_ORIGIN },
	[DW_AT_signature] = { REFERENCE, VALUE(signature), DIE_SIGNATURE },
	[DW_AT_byte_size] = { NUMBER, VALUE(byte_size), DIE_BYTE_SIZE },
	[DW_AT_bit_size] = { NUMBER, VALUE(bit_size), DIE_BIT_SIZE },
	[DW_AT_bit_offset] = { NUMBER, VALUE(bit_offset), DIE_BIT_OFFSET },
	[DW_AT_data_bit_offset] = { NUMBER, VALUE(data_bit_offset),
	    DIE_DATA_BIT_OFFSET },
	[DW_AT_data_member_location] = { NUMBER, VALUE(location), 0 },
	[DW_AT_count] = { NUMBER, VALUE(count), DIE_COUNT },
	[DW_AT_upper_bound] = { NUMBER, VALUE(upper), DIE_UPPER },
	[DW_AT_const_value] = { NUMBER, VALUE(value), 0 },
	[DW_AT_low_pc] = { NUMBER, VALUE(address), DIE_ADDRESS },
	[DW_AT_location] = { EXPRESSION, VALUE(address), DIE_ADDRESS },
	[DW_AT_encoding] = { NUMBER, VALUE(encoding), 0 },
	[DW_AT_language] = { NUMBER, VALUE(language), DIE_LANGUAGE },
	[DW_AT_inline] = { NUMBER, VALUE(inlined), 0 },
	[DW_AT_decl_file] = { NUMBER, VALUE(file), 0 },
	[DW_AT_declaration] = { NUMBER, VALUE(declaration), 0 },
	[DW_AT_external] = { NUMBER, VALUE(external), 0 },
	[DW_AT_prototyped] = { NUMBER, VALUE(prototyped), 0 },
};

struct reading {
	const struct die_section *section;
	struct die_values *values;
};

static bool
read_uleb(const uint8_t *at, uint64_t size, uint64_t *number_ret,
    unsigned *used_ret)
{
	unsigned shift = 0, i;

	*number_ret = 0;
	for (i = 0; i < size && shift < 64; i++, shift += 7) {
		*number_ret |= (uint64_t)(at[i] & 0x7f) << shift;
		if ((at[i] & 0x80) == 0) {
			*used_ret = i + 1;
			return (true);
		}
	}
	return (false);
}

/* Of expressions these alone: an address, and a constant to add. */
static bool
read_expression(const Dwarf_Block *block, bool big, uint64_t *number_ret)
{
	unsigned used;

	if (block->length == 0)
		return (false);
	if (block->data[0] == DW_OP_addr &&
	    (block->length == 5 || block->length == 9)) {
		*number_ret = load_number(block->data + 1,
		    (unsigned)block->length - 1, big);
		return (true);
	}
	return (block->data[0] == DW_OP_plus_uconst &&
	    read_uleb(block->data + 1, block->length - 1, number_ret, &used) &&
	    used == block->length - 1);
}

/* W-04: the form that is meant stands before the value, and it is no other
   of the kind. */
static bool
resolve_indirect(const struct reading *reading, Dwarf_Attribute *attribute)
{
	const uint8_t *at = attribute->valp;
	const struct die_section *section = reading->section;
	uint64_t form;
	unsigned used;

	if (at < section->bytes || at >= section->bytes + section->size ||
	    !read_uleb(at, (uint64_t)(section->bytes + section->size - at),
	    &form, &used) || form == DW_FORM_indirect || form > UINT16_MAX)
		return (false);
	attribute->form = (unsigned)form;
	attribute->valp += used;
	return (true);
}

static uint8_t
bytes_of(unsigned form)
{
	return (form == DW_FORM_data1 ? 1 : form == DW_FORM_data2 ? 2 :
	    form == DW_FORM_data4 ? 4 : form == DW_FORM_data8 ? 8 : 0);
}

static bool
take_expression(const struct reading *reading, Dwarf_Attribute *attribute,
    uint64_t *to)
{
	const struct die_section *section = reading->section;
	Dwarf_Block block;

	return (section->dw->dwarf_formblock(attribute, &block) == 0 &&
	    read_expression(&block, section->big, to));
}

/* What is no constant is not there: a bound that is only known at run time. */
static bool
take_number(const struct reading *reading, Dwarf_Attribute *attribute,
    uint64_t *to)
{
	const struct die_section *section = reading->section;
	const unsigned form = attribute->form;
	Dwarf_Addr address;
	Dwarf_Word word;
	bool flag;

	switch (form) {
	case DW_FORM_exprloc:
	case DW_FORM_block:
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
		return (take_expression(reading, attribute, to));
	case DW_FORM_flag:
	case DW_FORM_flag_present:
		if (section->dw->dwarf_formflag(attribute, &flag) != 0)
			return (false);
		*to = flag;
		return (true);
	case DW_FORM_addr:
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
		if (section->dw->dwarf_formaddr(attribute, &address) != 0)
			return (false);
		*to = address;
		return (true);
	default:
		if (section->dw->dwarf_formudata(attribute, &word) != 0)
			return (false);
		*to = word;
		reading->values->value_bytes = bytes_of(form);
		return (true);
	}
}

/* libdw's own offset; a type unit's is in another section before version 5. */
static bool
take_reference(const struct reading *reading, Dwarf_Attribute *attribute,
    uint64_t *to)
{
	const struct die_section *section = reading->section;
	const unsigned form = attribute->form;
	bool in_types = section->in_types;
	Dwarf_Die die;
	Dwarf_Half version;
	uint8_t type;

	switch (form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		break;
	case DW_FORM_ref_addr:
		in_types = false;
		break;
	case DW_FORM_ref_sig8:
		break;
	default:
		return (false);
	}
	if (section->dw->dwarf_formref_die(attribute, &die) == NULL)
		return (false);
	if (form == DW_FORM_ref_sig8) {
		if (section->dw->dwarf_cu_info(die.cu, &version, &type, NULL, NULL, NULL,
		    NULL, NULL) != 0)
			return (false);
		in_types = version < 5;
	}
	*to = section->dw->dwarf_dieoffset(&die) | (in_types ? DIE_IN_TYPES : 0);
	return (true);
}

/* One that does not end in the section is none. */
static const char *
take_text(const struct reading *reading, Dwarf_Attribute *attribute)
{
	const struct die_section *section = reading->section;
	const uint8_t *at = attribute->valp;

	if (attribute->form != DW_FORM_string)
		return (section->dw->dwarf_formstring(attribute));
	if (at < section->bytes || at >= section->bytes + section->size ||
	    memchr(at, '\0', (size_t)(section->bytes + section->size - at)) ==
	    NULL)
		return (NULL);
	return ((const char *)at);
}

static bool (*const takers[])(const struct reading *, Dwarf_Attribute *,
    uint64_t *) = {
	[NUMBER] = take_number,
	[EXPRESSION] = take_expression,
	[REFERENCE] = take_reference
};

static int
take(Dwarf_Attribute *attribute, void *argument)
{
	const struct reading *reading = argument;
	struct die_values *values = reading->values;
	const unsigned what = attribute->code;
	const struct row *row = &rows[what < sizeof(rows) / sizeof(rows[0]) ?
	    what : 0];
	bool there;

	if (row->how == NOTHING)
		return (DWARF_CB_OK);
	if (attribute->form == DW_FORM_indirect &&
	    !resolve_indirect(reading, attribute)) {
		values->bad = "an attribute of no form";
		return (DWARF_CB_ABORT);
	}
	if (row->how == TEXT) {
		const char *text = take_text(reading, attribute);

		*(const char **)(void *)((char *)values + row->at) = text;
		if (text == NULL)
			values->bad = "a name that is not there";
		return (text != NULL ? DWARF_CB_OK : DWARF_CB_ABORT);
	}
	there = takers[row->how](reading, attribute,
	    (uint64_t *)(void *)((char *)values + row->at));
	if (there)
		values->has |= row->has;
	else if (row->how == REFERENCE && what != DW_AT_signature)
		values->bad = "a reference to no DIE";
	return (values->bad == NULL ? DWARF_CB_OK : DWARF_CB_ABORT);
}

bool
die_read(Dwarf_Die *die, const struct die_section *section,
    struct die_values *values)
{
	struct reading reading = { section, values };

	memset(values, 0, sizeof(*values));
	if (section->dw->dwarf_getattrs(die, take, &reading, 0) == -1 &&
	    values->bad == NULL)
		values->bad = "a DIE of no known form";
	return (values->bad == NULL);
}
