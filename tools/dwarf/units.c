/* SPDX-License-Identifier: BSD-2-Clause */

/* Reads headers of units; see units.h. */

#include "dwarf/units.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf/bytes.h"

#define UNITS_MOST (1u << 16) /* W-43 */

struct scan {
	struct dwarf_sections *sections;
	struct dwarf_units *units;
	enum dwarf_section_name name;
	size_t room;
	uint64_t at;
};

static uint64_t
left(const struct scan *scan)
{
	return (scan->sections->all[scan->name].size - scan->at);
}

static uint64_t
number(const struct scan *scan, uint64_t at, unsigned bytes)
{
	return (load_number(scan->sections->all[scan->name].bytes + at, bytes,
	    scan->sections->big));
}

/* The length field: how long it is itself, and the rest of the unit. */
static bool
read_length(const struct scan *scan, unsigned *field_ret, uint64_t *length_ret)
{
	*field_ret = 4;
	if (left(scan) < 4)
		return (false);
	*length_ret = number(scan, scan->at, 4);
	if (*length_ret == 0xffffffff) {
		*field_ret = 12;
		if (left(scan) < 12)
			return (false);
		*length_ret = number(scan, scan->at + 4, 8);
	} else if (*length_ret >= 0xfffffff0) {
		return (false);
	}
	return (*length_ret <= left(scan) - *field_ret);
}

static bool
has_die(unsigned type)
{
	return (type == DW_UT_compile || type == DW_UT_partial ||
	    type == DW_UT_type);
}

/* What stands behind the version, by which the header's size is known. */
static const char *
read_rest(const struct scan *scan, unsigned word, uint64_t at,
    struct dwarf_unit_place *unit)
{
	uint64_t abbrev, address, size = word + 1;

	if (unit->version >= 5) {
		unit->type = (uint8_t)number(scan, at, 1);
		address = number(scan, at + 1, 1);
		abbrev = number(scan, at + 2, word);
		size++;
		if (!has_die(unit->type))
			return ("it is of a kind that FreeBSD does not make");
	} else {
		unit->type = unit->in_types ? DW_UT_type : DW_UT_compile;
		abbrev = number(scan, at, word);
		address = number(scan, at + word, 1);
	}
	if (unit->type == DW_UT_type)
		size += 8 + word;
	unit->first = at + size;
	if (unit->first > unit->end)
		return ("its header is longer than it is");
	if (address != 4 && address != 8)
		return ("its addresses have neither 4 nor 8 bytes");
	if (abbrev >= scan->sections->all[DWARF_ABBREV].size)
		return ("its abbreviations are not there");
	return (NULL);
}

/* An empty unit for libdw: version 2, and no DIEs. */
static void
hide(const struct scan *scan, const struct dwarf_unit_place *unit,
    unsigned field)
{
	uint8_t *bytes = dwarf_section_own(scan->sections, scan->name);
	const uint64_t at = unit->offset + field;

	memset(bytes + at, 0, (size_t)(unit->end - at));
	store_number(bytes + at, 2, scan->sections->big, 4);
	bytes[at + 2 + (field == 12 ? 8 : 4)] = 8;
}

static void
add(struct scan *scan, const struct dwarf_unit_place *unit)
{
	struct dwarf_units *units = scan->units;

	if (units->count == scan->room) {
		scan->room = scan->room != 0 ? 2 * scan->room : 64;
		units->all = need(realloc(units->all,
		    scan->room * sizeof(*units->all)));
	}
	units->all[units->count++] = *unit;
}

/* The shortest header that libdw takes: version, abbreviations, address. */
#define SHORTEST(word) (2u + (word) + 1u)

/* One unit; false: nobody knows where the next one is. */
static bool
scan_unit(struct scan *scan)
{
	struct dwarf_unit_place unit = { .offset = scan->at,
		.in_types = scan->name == DWARF_TYPES };
	unsigned field, word;
	uint64_t length;

	if (!read_length(scan, &field, &length)) {
		unit.bad = "it is longer than the section";
		unit.end = scan->at + left(scan);
		add(scan, &unit);
		return (false);
	}
	word = field == 12 ? 8 : 4;
	unit.end = scan->at + field + length;
	if (length < SHORTEST(word)) {
		unit.bad = "it has no header";
		add(scan, &unit);
		return (false);
	}
	unit.version = (uint8_t)number(scan, scan->at + field, 2);
	if (number(scan, scan->at + field, 2) < 2 ||
	    number(scan, scan->at + field, 2) > 5)
		unit.bad = "it is of another version than 2 to 5";
	else if (unit.version >= 5 && length < SHORTEST(word) + 1u)
		unit.bad = "it has no header";
	else
		unit.bad = read_rest(scan, word, scan->at + field + 2, &unit);
	if (unit.bad != NULL)
		hide(scan, &unit, field);
	add(scan, &unit);
	scan->at = unit.end;
	return (true);
}

static void
scan_section(struct dwarf_sections *sections, struct dwarf_units *units,
    enum dwarf_section_name name, size_t *room)
{
	struct dwarf_section *section = &sections->all[name];
	struct scan scan = { sections, units, name, *room, 0 };
	bool going = section->bytes != NULL;

	while (going && left(&scan) != 0 && units->count < UNITS_MOST)
		going = scan_unit(&scan);
	*room = scan.room;
	if (section->bytes == NULL || left(&scan) == 0)
		return;
	units->cut = units->count >= UNITS_MOST;
	/* libdw need not see what cannot be read. */
	sections->as_it_stands = false;
	section->size = scan.at;
	if (section->size == 0)
		section->bytes = NULL;
}

void
dwarf_units_find(struct dwarf_sections *sections, struct dwarf_units *units)
{
	size_t room = 0;

	memset(units, 0, sizeof(*units));
	scan_section(sections, units, DWARF_INFO, &room);
	scan_section(sections, units, DWARF_TYPES, &room);
}

void
dwarf_units_free(struct dwarf_units *units)
{
	free(units->all);
}
