/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types of random worlds.  All files have the same, as if one set of headers
 * had been compiled into each; what symbols are is drawn for each file.  Of two
 * worlds of one seed the smaller one has the first types of the larger one.
 */

#include <stdlib.h>
#include <string.h>

#include "world/world_impl.h"

enum { MEMBERS = 12, LARGEST = 1 << 16, UNSIGNED = 2, BIT_FIELD = 8, LATER = 64 };

/* The types while they are made for a file. */
struct drawing {
	struct kldsim__world *world;
	struct kldsim_synth *synth;
	uint32_t word;
	uint32_t made; /* of world->ask.types */
};

/* C-02: ctfmerge writes version 3 from 13.1 on, main since March 2022. */
static uint64_t
version_of(uint32_t osreldate)
{
	return osreldate >= 1301000 &&
	    (osreldate < 1400000 || osreldate >= 1400054) ? 3 : 2;
}

static uint32_t
up(uint32_t value, uint32_t align)
{
	return (value + align - 1) / align * align;
}

/* Make a type; one with a size can be held by others. */
static int
make(struct drawing *drawing, const struct kldsim_synth_ctf_type *type,
    uint32_t size, uint32_t align)
{
	struct kldsim__world *world = drawing->world;
	int id = kldsim_synth_ctf_type(drawing->synth, type);

	drawing->made++;
	if (size != 0)
		world->shapes[world->nshapes++] =
		    (struct kldsim__world_shape){id, size, align};
	return id;
}

static const struct kldsim__world_shape *
any_shape(struct drawing *drawing)
{
	struct kldsim__world *world = drawing->world;

	return &world->shapes[kldsim__world_below(world, world->nshapes)];
}

/* Any type made so far; 0, none, seldom. */
static int
any_type(struct drawing *drawing)
{
	return (int)kldsim__world_below(drawing->world, drawing->made + 1);
}

/* What C has by itself. */
static void
make_bases(struct drawing *drawing)
{
	const uint32_t word = drawing->word;
	const struct kldsim_synth_ctf_type bases[] = {
		{.name = "int", .size = 4, .bits = 32, .encoding = 1},
		{.name = "unsigned int", .size = 4, .bits = 32},
		{.name = "unsigned long", .size = word, .bits = word * 8},
		{.name = "char", .size = 1, .bits = 8, .encoding = 3},
		{.name = "unsigned char", .size = 1, .bits = 8, .encoding = 2},
		{.name = "uint64_t", .size = 8, .bits = 64},
		{.name = "void"},
		{.name = "unsigned int", .size = 4, .bits = 3,
		    .root = KLDSIM_SYNTH_CTF_HIDDEN},
	};
	struct kldsim_synth_ctf_type base;
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]) &&
	    drawing->made < drawing->world->ask.types; i++) {
		base = bases[i];
		base.kind = KLDSIM_SYNTH_CTF_INTEGER;
		(void)make(drawing, &base, base.root ==
		    KLDSIM_SYNTH_CTF_HIDDEN ? 0 : (uint32_t)base.size,
		    (uint32_t)base.size);
	}
}

/* Half of those that could be are bit-fields, somewhere in their unit. */
static void
add_member(struct drawing *drawing, int id, int type, uint32_t number,
    uint32_t at)
{
	uint64_t bit = (uint64_t)at * 8;
	char name[16];

	(void)snprintf(name, sizeof(name), "m%u", (unsigned)number);
	if (type == UNSIGNED && drawing->world->ask.types >= BIT_FIELD &&
	    kldsim__world_below(drawing->world, 2) == 0) {
		type = BIT_FIELD;
		bit += kldsim__world_below(drawing->world, 30);
	}
	kldsim_synth_ctf_member(drawing->synth, id, name, type, bit);
}

/* Members are chosen before the struct, whose size they make. */
static void
make_struct(struct drawing *drawing, const char *name, bool is_union)
{
	const struct kldsim__world_shape *shapes[MEMBERS], *shape;
	uint32_t n = 1 + kldsim__world_below(drawing->world, MEMBERS), i;
	uint32_t at[MEMBERS], size = 0, align = 1, end;
	int id;

	for (i = 0; i < n; i++) {
		shapes[i] = shape = any_shape(drawing);
		at[i] = is_union ? 0 : up(size, shape->align);
		end = at[i] + shape->size;
		if (end > LARGEST)
			break;
		size = end > size ? end : size;
		align = shape->align > align ? shape->align : align;
	}
	size = up(size, align);
	n = i;
	id = make(drawing, &(struct kldsim_synth_ctf_type){
	    .kind = is_union ? KLDSIM_SYNTH_CTF_UNION :
	    KLDSIM_SYNTH_CTF_STRUCT, .name = name, .size = size}, size, align);
	for (i = 0; i < n; i++)
		add_member(drawing, id, shapes[i]->id, i, at[i]);
}

static void
make_array(struct drawing *drawing)
{
	const struct kldsim__world_shape of = *any_shape(drawing);
	uint32_t n = 1 + kldsim__world_below(drawing->world, 16);
	uint32_t size = of.size * n;

	(void)make(drawing, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_ARRAY, .size = size, .type = of.id,
	    .index = 1, .elements = n}, size <= LARGEST ? size : 0, of.align);
}

static void
make_enum(struct drawing *drawing, const char *name)
{
	uint32_t n = 1 + kldsim__world_below(drawing->world, MEMBERS), i;
	char constant[48];
	int id;

	id = make(drawing, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_ENUM, .name = name, .size = 4}, 4, 4);
	for (i = 0; i < n; i++) {
		(void)snprintf(constant, sizeof(constant), "%s_%u", name,
		    (unsigned)i);
		kldsim_synth_ctf_enumerator(drawing->synth, id, constant,
		    (int32_t)i);
	}
}

static void
make_function(struct drawing *drawing)
{
	uint32_t n = kldsim__world_below(drawing->world, 6);
	int returns = any_type(drawing), id;

	id = make(drawing, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_FUNCTION, .type = returns}, 0, 0);
	for (; n != 0; n--)
		kldsim_synth_ctf_argument(drawing->synth, id,
		    any_type(drawing));
}

/* A pointer may be to what comes later, as in lists; nothing comes of the last. */
static void
make_pointer(struct drawing *drawing)
{
	uint32_t type = 1 + kldsim__world_below(drawing->world,
	    drawing->made + LATER);

	if (type > drawing->world->ask.types)
		type = 0;
	(void)make(drawing, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_POINTER, .type = (int)type},
	    drawing->word, drawing->word);
}

/* Another name for a type, or a qualified one. */
static void
make_other(struct drawing *drawing, const char *name)
{
	static const enum kldsim_synth_ctf_kind kinds[] = {
	    KLDSIM_SYNTH_CTF_TYPEDEF, KLDSIM_SYNTH_CTF_CONST,
	    KLDSIM_SYNTH_CTF_VOLATILE, KLDSIM_SYNTH_CTF_TYPEDEF};
	const struct kldsim__world_shape of = *any_shape(drawing);
	enum kldsim_synth_ctf_kind kind =
	    kinds[kldsim__world_below(drawing->world, 4)];

	(void)make(drawing, &(struct kldsim_synth_ctf_type){.kind = kind,
	    .name = kind == KLDSIM_SYNTH_CTF_TYPEDEF ? name : NULL,
	    .type = of.id}, of.size, of.align);
}

static void
make_drawn(struct drawing *drawing)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "t%u", (unsigned)drawing->made);
	switch (kldsim__world_below(drawing->world, 16)) {
	case 0:
		make_struct(drawing, name, true);
		break;
	case 1:
		make_enum(drawing, name);
		break;
	case 2:
		make_function(drawing);
		break;
	case 3:
	case 4:
		make_array(drawing);
		break;
	case 5:
	case 6:
	case 7:
		make_other(drawing, name);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		make_pointer(drawing);
		break;
	default:
		make_struct(drawing, name, false);
		break;
	}
}

/* The types of a file; nothing of this changes what else is drawn. */
void
kldsim__world_types(struct kldsim__world *world, struct kldsim_synth *synth)
{
	struct drawing drawing = {world, synth, 0, 0};
	const uint64_t random = world->random;

	if (world->ask.types == 0 || synth == NULL)
		return;
	drawing.word = kldsim__synth_word(synth);
	world->random = world->ask.seed ^ 0x435446;
	world->nshapes = 0;
	kldsim_synth_option(synth, KLDSIM_SYNTH_CTF_VERSION,
	    version_of(world->ask.osreldate));
	kldsim_synth_ctf_label(synth, "world", 0);
	make_bases(&drawing);
	while (drawing.made < world->ask.types)
		make_drawn(&drawing);
	world->random = random;
}

/* Any type, one of the first rather than one of the last. */
static int
near_type(struct kldsim__world *world)
{
	uint32_t most = 1 + kldsim__world_below(world, world->ask.types + 1);

	return (int)kldsim__world_below(world, most);
}

/* What a symbol is, by its number in the file. */
void
kldsim__world_symbol_type(struct kldsim__world *world,
    struct kldsim_synth *synth, int symbol, bool function)
{
	const uint64_t random = world->random;
	int arguments[6];
	uint32_t n, i;

	if (world->ask.types == 0 || symbol == 0)
		return;
	world->random ^= (uint64_t)symbol;
	n = kldsim__world_below(world, 6);
	for (i = 0; i < n; i++)
		arguments[i] = near_type(world);
	i = (uint32_t)near_type(world);
	if (function)
		kldsim_synth_ctf_func(synth, symbol, (int)i, arguments, n);
	else
		kldsim_synth_ctf_object(synth, symbol, (int)i);
	world->random = random;
}
