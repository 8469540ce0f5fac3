/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The commands that look at memory, as ddb(4) does: print, x, and what a name
 * stands for (rules B-10 to B-16).  The symbol at an address is the linker's
 * (O-64), as that of the command sym.
 *
 * An expression is a sum of terms: numbers, $db_cpu, $db_vnet, and names.
 */

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"

#define FB_ENOENT 2
#define FB_EFAULT 14

#define EXAMINE_LIMIT 65536
#define MAX_OFFSET 0x10000 /* DDB's db_maxoff: nothing is near beyond */
#define ROW 16

/* An expression being read, and what it has come to. */
struct expr {
	const char *text;
	uint64_t value;
	const char *set;  /* of the last variable: "pcpu", "vnet", or NULL */
	unsigned instance;
};

static bool
in_name(char c)
{
	return (isalnum((unsigned char)c) || (c != '\0' &&
	    strchr("_.$@", c) != NULL));
}

/* What the library says to a name. */
static int
lookup(struct run *run, const char *name, struct expr *expr, uint64_t *value)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	enum kldsim_ddb_kind kind;

	error.status = kldsim_ddb_value(run->sim, name, run->db_cpu,
	    run->db_vnet, value, &kind);
	if (error.status == KLDSIM_NOENT)
		return (refuse(run, FB_ENOENT, "Symbol '%s' not found",
		    name));
	if (error.status == KLDSIM_FAULT)
		return (refuse(run, FB_EFAULT, "Symbol '%s': a fault on the "
		    "way to it; is there a vnet %d?", name,
		    run->db_vnet < 0 ? 0 : run->db_vnet));
	if (error.status != KLDSIM_OK) {
		(void)snprintf(error.text, sizeof(error.text), "%s",
		    kldsim_status_name(error.status));
		return (complain_host(run, &error));
	}
	expr->set = kind == KLDSIM_DDB_DPCPU ? "pcpu" :
	    kind == KLDSIM_DDB_VNET ? "vnet" : NULL;
	expr->instance = (unsigned)(kind == KLDSIM_DDB_DPCPU ?
	    (run->db_cpu < 0 ? 0 : run->db_cpu) :
	    (run->db_vnet < 0 ? 0 : run->db_vnet));
	return (0);
}

/* One of DDB's own variables. */
static bool
variable(const struct run *run, const char *name, uint64_t *value)
{
	const struct {
		const char *name;
		int value;
	} variables[] = {
		{ "$db_cpu", run->db_cpu },
		{ "$db_vnet", run->db_vnet },
	};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		if (strcmp(variables[i].name, name) != 0)
			continue;
		*value = (uint64_t)(int64_t)variables[i].value;
		return (true);
	}
	return (false);
}

static int
take_name(struct run *run, struct expr *expr, uint64_t *value)
{
	size_t length = 0;
	char *name;
	int error = 0;

	while (in_name(expr->text[length]))
		length++;
	name = need(strndup(expr->text, length));
	expr->text += length;
	if (!variable(run, name, value))
		error = lookup(run, name, expr, value);
	free(name);
	return (error);
}

static int
take_term(struct run *run, const struct run_call *call, struct expr *expr,
    uint64_t *value)
{
	char *end;

	if (isdigit((unsigned char)expr->text[0])) {
		if (!read_number(expr->text, &end, UINT64_MAX, value))
			return (complain_usage(run, call->command));
		expr->text = end;
		return (0);
	}
	if (!in_name(expr->text[0]))
		return (complain_usage(run, call->command));
	return (take_name(run, expr, value));
}

/* An expression: a term, and more of them with a sign before each. */
static int
evaluate(struct run *run, const struct run_call *call, struct expr *expr)
{
	char sign = '+';

	memset(expr, 0, sizeof(*expr));
	expr->text = call->operands[0];
	for (;;) {
		uint64_t value = 0;
		int error = take_term(run, call, expr, &value);

		if (error != 0)
			return (error);
		expr->value += sign == '+' ? value : -value;
		if (*expr->text == '\0')
			break;
		sign = *expr->text++;
		if (sign != '+' && sign != '-')
			return (complain_usage(run, call->command));
	}
	if (run->info.word_bits == 32)
		expr->value &= UINT32_MAX;
	return (0);
}

/* "name+0x10", no more than so far from the name; false if there is none. */
static bool
symbol_text(struct run *run, uint64_t address, uint64_t max, char **text_ret,
    int *fileid)
{
	const char *name;
	kldsim_size offset;
	size_t size;

	if (kldsim_search_symbol(run->sim, address, &name, &offset, fileid) !=
	    KLDSIM_OK || offset > max)
		return (false);
	size = strlen(name) + 20;
	*text_ret = need(malloc(size));
	if (offset == 0)
		(void)snprintf(*text_ret, size, "%s", name);
	else
		(void)snprintf(*text_ret, size, "%s+0x%" PRIx64, name, offset);
	return (true);
}

/* With --verbose: whose variable it is. */
static void
tell_instance(struct run *run, const struct expr *expr)
{
	if (run->options->verbosity >= VERBOSE && expr->set != NULL)
		say_part(run, "\t(%s %u)", strcmp(expr->set, "pcpu") == 0 ?
		    "cpu" : expr->set, expr->instance);
	say(run, "%s", "");
}

static void
print_symbol(struct run *run, uint64_t value)
{
	char *text;
	int fileid;

	if (!symbol_text(run, value, MAX_OFFSET - 1, &text, &fileid)) {
		say_part(run, "0x%" PRIx64, value);
		return;
	}
	say_part(run, "%s", text);
	free(text);
}

int
run_print(struct run *run, const struct run_call *call)
{
	struct expr expr;
	int error = evaluate(run, call, &expr);
	int64_t number;

	if (error != 0)
		return (error);
	number = run->info.word_bits == 32 ?
	    (int64_t)(int32_t)(uint32_t)expr.value : (int64_t)expr.value;
	switch (call->modifier) {
	case 'd':
		say_part(run, "%11" PRId64, number);
		break;
	case 'u':
		say_part(run, "%11" PRIu64, expr.value);
		break;
	case 'o':
		say_part(run, "%16" PRIo64, expr.value);
		break;
	case 'a':
		print_symbol(run, expr.value);
		break;
	default:
		say_part(run, "%8" PRIx64, expr.value);
		break;
	}
	tell_instance(run, &expr);
	return (0);
}

/* One line of a dump: address, bytes in hexadecimal, bytes as text. */
static void
dump_row(const struct run *run, uint64_t address, const unsigned char *bytes,
    size_t count)
{
	say_part(run, "0x%" PRIx64 " ", address);
	for (size_t i = 0; i < ROW; i++) {
		if (i < count)
			say_part(run, " %02x", bytes[i]);
		else
			say_part(run, "   ");
	}
	say_part(run, "  |");
	for (size_t i = 0; i < count; i++)
		say_part(run, "%c", bytes[i] >= 0x20 && bytes[i] < 0x7f ?
		    bytes[i] : '.');
	say(run, "|");
}

/* The first byte of a range that cannot be read. */
static uint64_t
first_fault(const struct run *run, uint64_t address)
{
	unsigned char byte;

	while (kldsim_read(run->sim, address, &byte, 1) == KLDSIM_OK)
		address++;
	return (address);
}

int
run_examine(struct run *run, const struct run_call *call)
{
	unsigned char *bytes;
	uint64_t size = ROW;
	struct expr expr;
	int error;

	if (call->noperands == 2 && (!parse_number(call->operands[1],
	    EXAMINE_LIMIT, &size) || size == 0))
		return (complain_usage(run, call->command));
	error = evaluate(run, call, &expr);
	if (error != 0)
		return (error);
	bytes = need(malloc((size_t)size));
	if (kldsim_read(run->sim, expr.value, bytes, (size_t)size) !=
	    KLDSIM_OK)
		error = refuse(run, FB_EFAULT, "*** error reading from "
		    "address %" PRIx64 " ***", first_fault(run, expr.value));
	for (uint64_t at = 0; error == 0 && at < size; at += ROW)
		dump_row(run, expr.value + at, bytes + at,
		    size - at < ROW ? (size_t)(size - at) : ROW);
	free(bytes);
	return (error);
}

/* The name of a file, linked or not. */
static const char *
name_of(const struct run *run, int fileid)
{
	struct kldsim_ddb_file file;

	for (size_t i = 0; kldsim_file_at(run->sim, i, &file) == KLDSIM_OK;
	    i++)
		if (file.id == fileid)
			return (file.name);
	return ("?");
}

int
run_symbol(struct run *run, const struct run_call *call)
{
	struct expr expr;
	char *text;
	int fileid;
	int error = evaluate(run, call, &expr);

	if (error != 0)
		return (error);
	if (!symbol_text(run, expr.value, UINT64_MAX, &text, &fileid))
		return (refuse(run, FB_ENOENT, "no symbol is near 0x%" PRIx64,
		    expr.value));
	say(run, "%s (%s)", text, name_of(run, fileid));
	free(text);
	return (0);
}

/* A number from -1 on. */
static bool
parse_choice(const char *text, int max, int *choice_ret)
{
	uint64_t n;

	if (strcmp(text, "-1") == 0) {
		*choice_ret = -1;
		return (true);
	}
	if (max < 0 || !parse_number(text, (uint64_t)max, &n))
		return (false);
	*choice_ret = (int)n;
	return (true);
}

int
run_set_cpu(struct run *run, const struct run_call *call)
{
	/* B-12: up to mp_maxid. */
	if (!parse_choice(call->operands[0],
	    (int)run->options->boot.cpus - 1, &run->db_cpu))
		return (complain_usage(run, call->command));
	return (0);
}

int
run_set_vnet(struct run *run, const struct run_call *call)
{
	/* B-12: nobody looks whether there is such a vnet. */
	if (!parse_choice(call->operands[0], INT_MAX, &run->db_vnet))
		return (complain_usage(run, call->command));
	return (0);
}

/* K-43: with the files that are not linked. */
int
run_ddb_kldstat(struct run *run, const struct run_call *call)
{
	const int width = (int)run->info.word_bits / 4 + 2;
	struct kldsim_ddb_file file;

	(void)call;
	say(run, "Id Refs Address%*c Size     Name", width - 7, ' ');
	for (size_t i = 0; kldsim_file_at(run->sim, i, &file) == KLDSIM_OK;
	    i++)
		say(run, "%2d %4d 0x%" PRIx64 " %-8" PRIx64 " %s", file.id,
		    file.refs, file.address, file.size, file.name);
	return (0);
}
