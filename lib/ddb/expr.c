/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Expressions: sys/ddb/db_expr.c (B-44 to B-50).
 *
 * The kernel descends a level of its grammar a function.  Here what waits for
 * an operand stands on a stack: no line can use up the host's, which counts the
 * more as the order in which tokens are read and mistakes are found has to be
 * the kernel's.
 */

#include "ddb/ddb.h"

/* Levels of binary operators, the loosest first. */
enum level {
	LOG_OR,
	LOG_AND,
	RELATION,
	SHIFT,
	ADD,
	MULT /* its right side is a term and no prefixed one (B-45) */
};

static const struct operator {
	enum kldsim__ddb_token token;
	enum level level;
	const char *text;
} binaries[] = {
	{ KLDSIM__DDB_LOG_OR, LOG_OR, "||" },
	{ KLDSIM__DDB_LOG_AND, LOG_AND, "&&" },
	{ KLDSIM__DDB_LOG_EQ, RELATION, "==" },
	{ KLDSIM__DDB_LOG_NOT_EQ, RELATION, "!=" },
	{ KLDSIM__DDB_LESS, RELATION, "<" },
	{ KLDSIM__DDB_LESS_EQ, RELATION, "<=" },
	{ KLDSIM__DDB_GREATER, RELATION, ">" },
	{ KLDSIM__DDB_GREATER_EQ, RELATION, ">=" },
	{ KLDSIM__DDB_SHIFT_L, SHIFT, "<<" },
	{ KLDSIM__DDB_SHIFT_R, SHIFT, ">>" },
	{ KLDSIM__DDB_PLUS, ADD, "+" },
	{ KLDSIM__DDB_MINUS, ADD, "-" },
	{ KLDSIM__DDB_BIT_OR, ADD, "|" },
	{ KLDSIM__DDB_STAR, MULT, "*" },
	{ KLDSIM__DDB_SLASH, MULT, "/" },
	{ KLDSIM__DDB_PCT, MULT, "%" },
	{ KLDSIM__DDB_HASH, MULT, "#" },
	{ KLDSIM__DDB_BIT_AND, MULT, "&" },
}, prefixes[] = {
	{ KLDSIM__DDB_MINUS, MULT, "-" },
	{ KLDSIM__DDB_STAR, MULT, "*" },
	{ KLDSIM__DDB_EXCL, MULT, "!" },
	{ KLDSIM__DDB_TILDE, MULT, "~" },
}, paren = { KLDSIM__DDB_LPAREN, LOG_OR, "(" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum kind {
	PAREN,
	PREFIX,
	BINARY
};

/* What waits for an operand on its right. */
struct waiting {
	enum kind kind;
	const struct operator *operator;
	int64_t left; /* BINARY */
};

/* Each byte of the line opens one at most. */
struct stack {
	struct waiting all[KLDSIM__DDB_LINE];
	size_t count;
};

static const struct operator *
find(const struct operator *rows, size_t count, enum kldsim__ddb_token token)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].token == token)
			return (&rows[i]);
	return (NULL);
}

static const struct operator *
find_prefix(const struct kldsim_ddb *ddb, enum kldsim__ddb_token token)
{
	/* 9 reads a !, and has no use for it. */
	if (token == KLDSIM__DDB_EXCL && !ddb->sim->facts.ddb_c_operators)
		return (NULL);
	return (find(prefixes, COUNT(prefixes), token));
}

static void
push(struct stack *stack, enum kind kind, const struct operator *operator,
    int64_t left)
{
	stack->all[stack->count++] = (struct waiting){ kind, operator, left };
}

/* The innermost that waits; NULL: none. */
static struct waiting *
top(struct stack *stack)
{
	return (stack->count == 0 ? NULL : &stack->all[stack->count - 1]);
}

/* --- values --- */

/*
 * FIDELITY: a count of more than the word has bits is taken modulo that, as
 * most machines do, and the least number divided by -1 is itself, on which
 * some machines trap.
 */
static int64_t
shift(struct kldsim_ddb *ddb, bool to_left, int64_t left, int64_t count)
{
	const bool plain = ddb->sim->facts.ddb_c_operators;
	const unsigned bits = kldsim__ddb_word(ddb) * 8;
	const unsigned n = (unsigned)count & (bits - 1);
	const kldsim_addr value = kldsim__ddb_addr(ddb, left);

	if (count < 0) {
		kldsim__ddb_printf(ddb, plain ? "Negative shift amount %jd\n" :
		    "Negative shift amount\n", (intmax_t)count);
		kldsim__ddb_error(ddb, NULL);
		return (0);
	}
	if (to_left)
		return ((int64_t)(value << n));
	/* B-49: 9 shifts an int. */
	return ((int64_t)(plain ? value >> n : (uint32_t)value >> (n & 31)));
}

static int64_t
divide(struct kldsim_ddb *ddb, enum kldsim__ddb_token token, int64_t left,
    int64_t right)
{
	if (right == 0) {
		kldsim__ddb_error(ddb, ddb->sim->facts.ddb_c_operators ?
		    "Division by 0\n" : "Divide by 0\n");
		return (0);
	}
	/* Up to the next multiple: what is left over is dropped again. */
	if (token == KLDSIM__DDB_HASH)
		left = kldsim__ddb_expr(ddb, (uint64_t)left + (uint64_t)right -
		    1);
	if (right == -1)
		return (token == KLDSIM__DDB_PCT ? 0 :
		    token == KLDSIM__DDB_HASH ? left :
		    (int64_t)-(uint64_t)left);
	if (token == KLDSIM__DDB_PCT)
		return (left % right);
	return (token == KLDSIM__DDB_SLASH ? left / right :
	    left / right * right);
}

static int64_t
compute(struct kldsim_ddb *ddb, enum kldsim__ddb_token token, int64_t left,
    int64_t right)
{
	switch (token) {
	case KLDSIM__DDB_LOG_OR:
		return (left != 0 || right != 0);
	case KLDSIM__DDB_LOG_AND:
		return (left != 0 && right != 0);
	case KLDSIM__DDB_LOG_EQ:
		return (left == right);
	case KLDSIM__DDB_LOG_NOT_EQ:
		return (left != right);
	case KLDSIM__DDB_LESS:
		return (left < right);
	case KLDSIM__DDB_LESS_EQ:
		return (left <= right);
	case KLDSIM__DDB_GREATER:
		return (left > right);
	case KLDSIM__DDB_GREATER_EQ:
		return (left >= right);
	case KLDSIM__DDB_PLUS:
		return ((int64_t)((uint64_t)left + (uint64_t)right));
	case KLDSIM__DDB_MINUS:
		return ((int64_t)((uint64_t)left - (uint64_t)right));
	case KLDSIM__DDB_BIT_OR:
		return (left | right);
	case KLDSIM__DDB_BIT_AND:
		return (left & right);
	case KLDSIM__DDB_STAR:
		return ((int64_t)((uint64_t)left * (uint64_t)right));
	case KLDSIM__DDB_SHIFT_L:
	case KLDSIM__DDB_SHIFT_R:
		return (shift(ddb, token == KLDSIM__DDB_SHIFT_L, left, right));
	default:
		return (divide(ddb, token, left, right));
	}
}

static int64_t
prefixed(struct kldsim_ddb *ddb, enum kldsim__ddb_token token, int64_t value)
{
	switch (token) {
	case KLDSIM__DDB_MINUS:
		return ((int64_t)-(uint64_t)value);
	case KLDSIM__DDB_EXCL:
		return (value == 0);
	case KLDSIM__DDB_TILDE:
		return (~value);
	default: /* B-47 */
		return (kldsim__ddb_get_value(ddb,
		    kldsim__ddb_addr(ddb, value), kldsim__ddb_word(ddb),
		    false));
	}
}

/* Take the innermost off, its operand being there. */
static int64_t
finish(struct kldsim_ddb *ddb, struct stack *stack, int64_t value)
{
	const struct waiting *done = &stack->all[--stack->count];
	const enum kldsim__ddb_token token = done->operator->token;

	value = done->kind == PREFIX ? prefixed(ddb, token, value) :
	    compute(ddb, token, done->left, value);
	return (kldsim__ddb_expr(ddb, (uint64_t)value));
}

/* --- the grammar --- */

/* A term that is one token or a variable (B-46); false: there is none. */
static bool
simple(struct kldsim_ddb *ddb, enum kldsim__ddb_token token,
    int64_t *value_ret)
{
	switch (token) {
	case KLDSIM__DDB_IDENT:
		return (kldsim__ddb_value_of_name(ddb, ddb->tok_string,
		    value_ret));
	case KLDSIM__DDB_NUMBER:
		*value_ret = ddb->tok_number;
		return (true);
	case KLDSIM__DDB_DOT:
		*value_ret = kldsim__ddb_expr(ddb, ddb->dot);
		return (true);
	case KLDSIM__DDB_DOTDOT:
		*value_ret = kldsim__ddb_expr(ddb, ddb->prev);
		return (true);
	case KLDSIM__DDB_PLUS:
		*value_ret = kldsim__ddb_expr(ddb, ddb->next);
		return (true);
	case KLDSIM__DDB_DITTO:
		*value_ret = kldsim__ddb_expr(ddb, ddb->last_addr);
		return (true);
	case KLDSIM__DDB_DOLLAR:
		return (kldsim__ddb_get_variable(ddb, value_ret));
	default:
		kldsim__ddb_unread_token(ddb, token);
		return (false);
	}
}

/* Nothing comes after an operator or a parenthesis. */
static void
complain(struct kldsim_ddb *ddb, const struct waiting *after)
{
	if (ddb->sim->facts.ddb_c_operators)
		kldsim__ddb_printf(ddb, "Expression syntax error after "
		    "'%s'\n", after->operator->text);
	else
		kldsim__ddb_puts(ddb, "Syntax error\n");
	kldsim__ddb_error(ddb, NULL);
}

/* The next operand, and all that opens before it; false: there is none. */
static bool
operand(struct kldsim_ddb *ddb, struct stack *stack, int64_t *value_ret)
{
	for (;;) {
		const struct waiting *last = top(stack);
		const bool term = last != NULL && last->kind == BINARY &&
		    last->operator->level == MULT;
		const enum kldsim__ddb_token token =
		    kldsim__ddb_read_token(ddb);
		const struct operator *prefix = term ? NULL :
		    find_prefix(ddb, token);

		if (prefix != NULL)
			push(stack, PREFIX, prefix, 0);
		else if (token == KLDSIM__DDB_LPAREN)
			push(stack, PAREN, &paren, 0);
		else if (simple(ddb, token, value_ret))
			return (!ddb->thrown);
		else if (ddb->thrown || last == NULL)
			return (false);
		else {
			complain(ddb, last);
			return (false);
		}
	}
}

/* What binds its left and its right side tighter than a level. */
static bool
binds(struct stack *stack, enum level level)
{
	const struct waiting *last = top(stack);

	return (last != NULL && last->kind != PAREN &&
	    (last->kind == PREFIX || last->operator->level >= level));
}

/*
 * An operand is there: what has waited for it, and is done before the next
 * token is read.
 */
static int64_t
close_term(struct kldsim_ddb *ddb, struct stack *stack, int64_t value)
{
	while (!ddb->thrown && binds(stack, MULT))
		value = finish(ddb, stack, value);
	return (value);
}

/*
 * The token after an operand.  True: an operator, which waits for its right
 * side; else the expression ends, or has closed all that waited.
 */
static bool
go_on(struct kldsim_ddb *ddb, struct stack *stack, int64_t *value)
{
	enum kldsim__ddb_token token;
	const struct operator *binary;

	for (;;) {
		*value = close_term(ddb, stack, *value);
		token = kldsim__ddb_read_token(ddb);
		binary = find(binaries, COUNT(binaries), token);
		while (!ddb->thrown && binds(stack, binary != NULL ?
		    binary->level : LOG_OR))
			*value = finish(ddb, stack, *value);
		if (ddb->thrown)
			return (false);
		if (binary != NULL) {
			push(stack, BINARY, binary, *value);
			return (true);
		}
		if (top(stack) == NULL) {
			kldsim__ddb_unread_token(ddb, token);
			return (false);
		}
		if (token != KLDSIM__DDB_RPAREN) {
			kldsim__ddb_error(ddb, ddb->sim->facts.ddb_c_operators ?
			    "Expression syntax error -- expected ')'\n" :
			    "Syntax error\n");
			return (false);
		}
		stack->count--;
	}
}

bool
kldsim__ddb_expression(struct kldsim_ddb *ddb, int64_t *value_ret)
{
	struct stack stack = { .count = 0 };
	int64_t value = 0;

	do {
		if (!operand(ddb, &stack, &value))
			return (false);
	} while (go_on(ddb, &stack, &value));
	*value_ret = value;
	return (!ddb->thrown);
}
