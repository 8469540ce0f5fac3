/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * pprint, as the kernel has it: sys/ddb/db_pprint.c and db_ctf.c (Y-10 to Y-14),
 * with what is odd about it.
 *
 * FIDELITY: which releases took a member's offset in bits for one in bytes, and
 * showed a pointer's own bytes for what it points to, is not known: 14.0 may
 * have.  It is left out.
 */

#include "ddb/types.h"

#include "inspect/lookup.h"
#include "kern/file_types.h"
#include "kern/linker_file.h"

#define STARS 5 /* of a pointer, at most */

/* What is being printed, and waits for its parts. */
struct frame {
	struct kldsim_type type; /* STRUCT, UNION or ARRAY */
	kldsim_type_id id;
	kldsim_addr address;
	uint64_t next;
	uint64_t size;  /* ARRAY: from one element to the next */
	uint32_t depth;
};

struct printer {
	struct kldsim_ddb *ddb;
	const struct kldsim_types *types;
	uint32_t max_depth;
	int64_t indent; /* db_indent */
	struct frame *frames;
	size_t count;
	size_t cap;
};

/*
 * db_iprintf() of nothing: the blanks before it.  $tabstops may be such that
 * tabs print nothing, so they take steps.
 */
static void
indent(struct printer *printer)
{
	int64_t left = printer->indent;

	for (; left >= 8 && kldsim__ddb_step(printer->ddb); left -= 8)
		kldsim__ddb_putc(printer->ddb, '\t');
	while (left-- > 0)
		kldsim__ddb_putc(printer->ddb, ' ');
}

static void
put_hex(struct printer *printer, int64_t value)
{
	kldsim__ddb_puts(printer->ddb, "0x");
	kldsim__ddb_number(printer->ddb, value, 16, 0, 0);
}

static void
put_integer(struct printer *printer, const struct kldsim_type *type,
    kldsim_addr address)
{
	const unsigned bytes = type->bits / 8 != 0 ? type->bits / 8 : 1;

	if (type->bits > 64)
		kldsim__ddb_printf(printer->ddb, "Invalid size '%u' found for "
		    "integer type\n", type->bits);
	else
		put_hex(printer, kldsim__ddb_get_value(printer->ddb, address,
		    bytes, (type->encoding & KLDSIM_TYPE_SIGNED) != 0));
}

static void
put_enum(struct printer *printer, kldsim_type_id id, kldsim_addr address)
{
	const int64_t value = kldsim__ddb_get_value(printer->ddb, address, 4,
	    false);
	struct kldsim_type_value row;

	for (uint64_t i = 0; kldsim_type_value(printer->types, id, i, &row) ==
	    KLDSIM_OK && kldsim__ddb_step(printer->ddb); i++) {
		if (row.value != value || row.name[0] == '\0')
			continue;
		kldsim__ddb_puts(printer->ddb, row.name);
		kldsim__ddb_puts(printer->ddb, " (");
		put_hex(printer, value);
		kldsim__ddb_putc(printer->ddb, ')');
		return;
	}
	put_hex(printer, value);
}

/* What is at the end of a pointer's chain, and what it is called (Y-13). */
struct pointee {
	kldsim_type_id id;
	const char *name;
	const char *word; /* before the name */
	int stars;
};

static bool
follow(const struct printer *printer, kldsim_type_id id,
    struct pointee *pointee)
{
	static const char *const words[] = {
		[KLDSIM_TYPE_STRUCT] = "struct ",
		[KLDSIM_TYPE_VOLATILE] = "volatile ",
		[KLDSIM_TYPE_CONST] = "const ",
		[KLDSIM_TYPE_RESTRICT] = "restrict ",
	};
	struct kldsim_type type;

	pointee->word = "";
	pointee->stars = 1;
	for (;;) {
		if (!kldsim__ddb_step(printer->ddb) ||
		    kldsim_type_get(printer->types, id, &type) != KLDSIM_OK)
			return (false);
		if (type.kind < sizeof(words) / sizeof(*words) &&
		    words[type.kind] != NULL)
			pointee->word = words[type.kind];
		if (type.kind == KLDSIM_TYPE_POINTER)
			pointee->stars += pointee->stars < STARS;
		else if (type.kind < KLDSIM_TYPE_TYPEDEF)
			break;
		id = type.target;
	}
	pointee->id = id;
	pointee->name = type.name;
	return (true);
}

/* A structure, union or array begins; false: it is shown as it is. */
static bool
push(struct printer *printer, const struct frame *frame)
{
	struct kldsim_ddb *ddb = printer->ddb;

	if (!kldsim__grow(&ddb->sim->alloc, &printer->frames, &printer->cap,
	    printer->count + 1, sizeof(*frame))) {
		ddb->out.failed = true;
		return (false);
	}
	printer->frames[printer->count++] = *frame;
	return (true);
}

static void
begin_record(struct printer *printer, struct frame *frame)
{
	if (frame->depth > printer->max_depth) {
		kldsim__ddb_puts(printer->ddb, "{ ... }");
		return;
	}
	kldsim__ddb_puts(printer->ddb, "{\n");
	(void)push(printer, frame);
}

/*
 * The kernel steps by what it takes for the element's size: of a pointer or a
 * typedef that word is the id of its target.
 */
static void
begin_array(struct printer *printer, struct frame *frame)
{
	struct kldsim_type element;

	if (kldsim_type_get(printer->types, frame->type.target, &element) !=
	    KLDSIM_OK) {
		kldsim__ddb_fault(printer->ddb, 0);
		return;
	}
	frame->size = element.kind == KLDSIM_TYPE_POINTER ||
	    element.kind == KLDSIM_TYPE_FUNCTION ||
	    element.kind >= KLDSIM_TYPE_TYPEDEF ? element.target :
	    element.kind == KLDSIM_TYPE_ARRAY ||
	    element.kind == KLDSIM_TYPE_FORWARD ? 0 : element.size;
	if (frame->size == 0)
		frame->type.count = 0;
	printer->indent = frame->depth;
	kldsim__ddb_puts(printer->ddb, "[\n");
	(void)push(printer, frame);
}

/* Also what a pointer leads to; *id and *address are then that. */
static bool
put_pointer(struct printer *printer, const struct kldsim_type *type,
    struct frame *at)
{
	struct kldsim_ddb *ddb = printer->ddb;
	const int64_t value = kldsim__ddb_get_value(ddb, at->address,
	    kldsim__ddb_word(ddb), false);
	struct pointee pointee;

	if (!follow(printer, type->target, &pointee)) {
		kldsim__ddb_fault(ddb, 0);
		return (false);
	}
	if (at->depth < printer->max_depth && value != 0) {
		at->id = pointee.id;
		at->address = kldsim__ddb_addr(ddb, value);
		at->depth++;
		return (true);
	}
	printer->indent = at->depth;
	kldsim__ddb_putc(ddb, '(');
	kldsim__ddb_puts(ddb, pointee.word);
	kldsim__ddb_puts(ddb, pointee.name);
	kldsim__ddb_printf(ddb, " %.*s) ", pointee.stars, "*****");
	put_hex(printer, value);
	return (false);
}

/* db_pprint_type(): print it, or push what has parts. */
static void
begin(struct printer *printer, kldsim_type_id id, kldsim_addr address,
    uint32_t depth)
{
	struct frame at = { .id = id, .address = address, .depth = depth };

	do {
		at.id = kldsim_type_strip(printer->types, at.id);
		if (kldsim_type_get(printer->types, at.id, &at.type) !=
		    KLDSIM_OK) {
			kldsim__ddb_puts(printer->ddb, "unknown type");
			return;
		}
	} while (at.type.kind == KLDSIM_TYPE_POINTER &&
	    put_pointer(printer, &at.type, &at));
	switch (at.type.kind) {
	case KLDSIM_TYPE_INTEGER:
		put_integer(printer, &at.type, at.address);
		break;
	case KLDSIM_TYPE_ENUM:
		put_enum(printer, at.id, at.address);
		break;
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
		begin_record(printer, &at);
		break;
	case KLDSIM_TYPE_ARRAY:
		begin_array(printer, &at);
		break;
	case KLDSIM_TYPE_FUNCTION:
	case KLDSIM_TYPE_FLOAT:
		printer->indent = at.depth;
		indent(printer);
		put_hex(printer, kldsim__ddb_expr(printer->ddb, at.address));
		break;
	default:
		break;
	}
}

/* The next member; false: there are no more. */
static bool
next_member(struct printer *printer, struct frame *frame)
{
	const uint32_t depth = frame->depth;
	const kldsim_addr address = frame->address;
	struct kldsim_type_member member;

	if (frame->next != 0)
		kldsim__ddb_puts(printer->ddb, ",\n");
	if (kldsim_type_member(printer->types, frame->id, frame->next++,
	    &member) != KLDSIM_OK)
		return (false);
	printer->indent = depth;
	indent(printer);
	if (member.name[0] != '\0') {
		kldsim__ddb_puts(printer->ddb, member.name);
		kldsim__ddb_puts(printer->ddb, " = ");
	}
	/* A bit-field comes out as its whole first byte. */
	begin(printer, member.type, kldsim__ddb_addr(printer->ddb,
	    (int64_t)(address + member.bit_offset / 8)), depth + 1);
	return (true);
}

static bool
next_element(struct printer *printer, struct frame *frame)
{
	if (frame->next == frame->type.count)
		return (false);
	if (frame->next != 0)
		kldsim__ddb_puts(printer->ddb, ",\n");
	indent(printer);
	begin(printer, frame->type.target, kldsim__ddb_addr(printer->ddb,
	    (int64_t)(frame->address + frame->next++ * frame->size)),
	    frame->depth);
	return (true);
}

static void
end(struct printer *printer, const struct frame *frame)
{
	const bool array = frame->type.kind == KLDSIM_TYPE_ARRAY;

	if (array)
		kldsim__ddb_putc(printer->ddb, '\n');
	printer->indent = (int64_t)frame->depth - 1;
	indent(printer);
	kldsim__ddb_putc(printer->ddb, array ? ']' : '}');
}

static void
print(struct kldsim_ddb *ddb, const struct kldsim_types *types,
    uint32_t max_depth, kldsim_type_id id, kldsim_addr address)
{
	struct printer printer = { .ddb = ddb, .types = types,
		.max_depth = max_depth };

	begin(&printer, id, address, 0);
	while (printer.count != 0 && kldsim__ddb_step(ddb)) {
		struct frame *frame = &printer.frames[printer.count - 1];
		const bool more = frame->type.kind == KLDSIM_TYPE_ARRAY ?
		    next_element(&printer, frame) :
		    next_member(&printer, frame);

		if (!more)
			end(&printer, &printer.frames[--printer.count]);
	}
	kldsim__free(&ddb->sim->alloc, printer.frames);
}

/* A file's types if they are what the kernel reads: version 3. */
static const struct kldsim_types *
types_of(struct kldsim_ddb *ddb, const struct kldsim__file *file)
{
	const struct kldsim_types *types;
	struct kldsim_types_info info;

	if (kldsim__file_types(ddb->sim, file, &types) != KLDSIM_OK)
		ddb->out.failed = true;
	if (types == NULL)
		return (NULL);
	kldsim_types_info(types, &info);
	return (info.version == 3 ? types : NULL);
}

/* The first file that has the symbol, and types. */
static const struct kldsim_types *
find_symbol(struct kldsim_ddb *ddb, const char *name,
    struct kldsim__debug_symbol *symbol)
{
	KLDSIM__FOREACH(l, &ddb->sim->linker.files) {
		const struct kldsim_types *types;

		if (kldsim__lookup_debug_in(ddb->sim, KLDSIM__FILE(l), name,
		    symbol) != 0)
			continue;
		types = types_of(ddb, symbol->file);
		if (types != NULL)
			return (types);
	}
	kldsim__ddb_puts(ddb, "failed to look up symbol and CTF info for ");
	kldsim__ddb_puts(ddb, name);
	kldsim__ddb_puts(ddb, ": error 2\n");
	kldsim__ddb_error(ddb, "Symbol not found\n");
	return (NULL);
}

/* What each_symbol() is looking for. */
struct sought {
	const char *name;
	bool found;
};

static void
compare(void *user, const struct kldsim__told_symbol *symbol)
{
	struct sought *sought = user;

	if (symbol->defined && strcmp(symbol->name, sought->name) == 0)
		sought->found = true;
}

/* Whether a file's symbol of that name is a variable. */
static bool
is_object(const struct kldsim__file *file, const char *name)
{
	struct sought sought = { .name = name };

	file->class->each_symbol(file, KLDSIM__OBJECTS, compare, &sought);
	return (sought.found);
}

/* Y-11: st_value as it stands, which a shared object's module is not at. */
static kldsim_addr
bare_value(const struct kldsim *sim, const struct kldsim__debug_symbol *symbol)
{
	const bool moved = symbol->file != sim->linker.kernel &&
	    strstr(symbol->file->class_name, "_obj") == NULL;

	return (symbol->value - (moved ? symbol->file->address : 0));
}

static void
print_symbol(struct kldsim_ddb *ddb, uint32_t max_depth, const char *name)
{
	struct kldsim__debug_symbol symbol;
	const struct kldsim_types *types = find_symbol(ddb, name, &symbol);
	struct kldsim_type type;
	kldsim_type_id id;

	if (types == NULL)
		return;
	if (!is_object(symbol.file, name)) {
		kldsim__ddb_error(ddb, "Symbol is not a variable\n");
		return;
	}
	id = kldsim__type_of_symbol(types, name);
	if (kldsim_type_get(types, id, &type) != KLDSIM_OK) {
		kldsim__ddb_error(ddb, "Can't find CTF type info\n");
		return;
	}
	if (type.name[0] != '\0') {
		kldsim__ddb_puts(ddb, type.name);
		kldsim__ddb_putc(ddb, ' ');
	}
	kldsim__ddb_puts(ddb, name);
	kldsim__ddb_puts(ddb, " = ");
	print(ddb, types, max_depth, id, bare_value(ddb->sim, &symbol));
}

static void
print_struct(struct kldsim_ddb *ddb, uint32_t max_depth, const char *name,
    kldsim_addr address)
{
	const struct kldsim_types *types = NULL;
	kldsim_type_id id = 0;

	KLDSIM__FOREACH(l, &ddb->sim->linker.files) {
		types = types_of(ddb, KLDSIM__FILE(l));
		id = types == NULL ? 0 : kldsim_types_find(types, name, 0);
		if (id != 0)
			break;
	}
	if (id == 0) {
		kldsim__ddb_error(ddb, "Can't find CTF type info\n");
		return;
	}
	kldsim__ddb_puts(ddb, "struct ");
	kldsim__ddb_puts(ddb, name);
	kldsim__ddb_putc(ddb, ' ');
	kldsim__ddb_pointer(ddb, address);
	kldsim__ddb_puts(ddb, " = ");
	print(ddb, types, max_depth, id, address);
}

/* [/d N]; false after an error.  *token is then the one behind it. */
static bool
take_depth(struct kldsim_ddb *ddb, uint32_t *depth_ret,
    enum kldsim__ddb_token *token)
{
	*depth_ret = 1;
	*token = kldsim__ddb_read_token(ddb);
	if (*token != KLDSIM__DDB_SLASH)
		return (!ddb->thrown);
	if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT ||
	    strcmp(ddb->tok_string, "d") != 0)
		kldsim__ddb_error(ddb, "Invalid flag passed\n");
	else if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_NUMBER)
		kldsim__ddb_error(ddb, "Invalid depth provided\n");
	*depth_ret = (uint32_t)ddb->tok_number;
	*token = kldsim__ddb_read_token(ddb);
	return (!ddb->thrown);
}

void
kldsim__ddb_pprint(struct kldsim_ddb *ddb, const struct kldsim__ddb_call *call)
{
	enum kldsim__ddb_token token;
	int64_t address = call->addr;
	uint32_t depth;

	if (!take_depth(ddb, &depth, &token))
		return;
	if (token != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "Invalid subcommand\n");
	} else if (strcmp(ddb->tok_string, "struct") != 0) {
		print_symbol(ddb, depth, ddb->tok_string);
	} else if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "Invalid struct type name provided\n");
	} else if (!kldsim__ddb_expression(ddb, &address)) {
		kldsim__ddb_error(ddb, "Address not provided\n");
	} else {
		/* Names in the address have taken the type's place. */
		print_struct(ddb, depth, ddb->tok_string,
		    kldsim__ddb_addr(ddb, address));
	}
	kldsim__ddb_skip_to_eol(ddb);
}
