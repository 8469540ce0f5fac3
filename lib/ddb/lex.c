/* SPDX-License-Identifier: BSD-2-Clause */

/* Tokens: sys/ddb/db_lex.c (B-40 to B-43). */

#include "ddb/ddb.h"

/* Operators, the longer ones first. */
static const struct operator {
	const char *text;
	enum kldsim__ddb_token token;
	bool newer; /* than 9 (B-49) */
} operators[] = {
	{ "..", KLDSIM__DDB_DOTDOT, false },
	{ "<<", KLDSIM__DDB_SHIFT_L, false },
	{ ">>", KLDSIM__DDB_SHIFT_R, false },
	{ "<=", KLDSIM__DDB_LESS_EQ, true },
	{ ">=", KLDSIM__DDB_GREATER_EQ, true },
	{ "==", KLDSIM__DDB_LOG_EQ, true },
	{ "!=", KLDSIM__DDB_LOG_NOT_EQ, true },
	{ "&&", KLDSIM__DDB_LOG_AND, true },
	{ "||", KLDSIM__DDB_LOG_OR, true },
	{ "::", KLDSIM__DDB_COLONCOLON, true },
	{ "+", KLDSIM__DDB_PLUS, false },
	{ "-", KLDSIM__DDB_MINUS, false },
	{ ".", KLDSIM__DDB_DOT, false },
	{ "*", KLDSIM__DDB_STAR, false },
	{ "/", KLDSIM__DDB_SLASH, false },
	{ "=", KLDSIM__DDB_EQ, false },
	{ "%", KLDSIM__DDB_PCT, false },
	{ "#", KLDSIM__DDB_HASH, false },
	{ "(", KLDSIM__DDB_LPAREN, false },
	{ ")", KLDSIM__DDB_RPAREN, false },
	{ ",", KLDSIM__DDB_COMMA, false },
	{ "\"", KLDSIM__DDB_DITTO, false },
	{ "$", KLDSIM__DDB_DOLLAR, false },
	{ "!", KLDSIM__DDB_EXCL, false },
	{ ";", KLDSIM__DDB_SEMI, false },
	{ "<", KLDSIM__DDB_LESS, true },
	{ ">", KLDSIM__DDB_GREATER, true },
	{ "&", KLDSIM__DDB_BIT_AND, true },
	{ "|", KLDSIM__DDB_BIT_OR, true },
	{ ":", KLDSIM__DDB_COLON, true },
	{ "?", KLDSIM__DDB_QUESTION, true },
	{ "~", KLDSIM__DDB_TILDE, true },
};

/* B-40: what is longer is cut; a line ends where it does for a terminal. */
void
kldsim__ddb_set_line(struct kldsim_ddb *ddb, const char *line, size_t size)
{
	size_t n = 0;

	while (n < size && n < KLDSIM__DDB_LINE - 1 && line[n] != '\n' &&
	    line[n] != '\r')
		n++;
	memcpy(ddb->line, line, n);
	ddb->at = 0;
	ddb->end = n;
	ddb->look = KLDSIM__DDB_NONE;
}

void
kldsim__ddb_flush_lex(struct kldsim_ddb *ddb)
{
	ddb->at = ddb->end = 0;
	ddb->look = KLDSIM__DDB_NONE;
}

/* The next byte, -1 at the end of the line. */
static int
peek(const struct kldsim_ddb *ddb)
{
	return (ddb->at < ddb->end ? (unsigned char)ddb->line[ddb->at] : -1);
}

static int
take(struct kldsim_ddb *ddb)
{
	const int c = peek(ddb);

	ddb->at += c >= 0;
	return (c);
}

static bool
is_digit(int c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_letter(int c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

/* What a digit counts in a base; -1: it is none. */
static int
digit(int c, int64_t base)
{
	if (is_digit(c))
		return (base == 8 && c > '7' ? -1 : c - '0');
	if (base != 16 || !is_letter(c) || (c | 0x20) > 'f')
		return (-1);
	return ((c | 0x20) - 'a' + 10);
}

/* The base of a number, its prefix taken off (B-41). */
static int64_t
take_base(struct kldsim_ddb *ddb)
{
	int64_t base = ddb->radix;

	if (peek(ddb) != '0')
		return (base);
	ddb->at++;
	switch (peek(ddb)) {
	case 'x': case 'X':
		base = 16;
		break;
	case 't': case 'T':
		base = 10;
		break;
	case 'o': case 'O':
		base = 8;
		break;
	default:
		ddb->at--;
		return (base);
	}
	ddb->at++;
	return (base);
}

static enum kldsim__ddb_token
number(struct kldsim_ddb *ddb)
{
	const int64_t base = take_base(ddb);
	uint64_t value = 0;
	int n;

	while ((n = digit(peek(ddb), base)) >= 0) {
		value = value * (uint64_t)base + (unsigned)n;
		ddb->at++;
	}
	if (is_digit(peek(ddb)) || is_letter(peek(ddb)) || peek(ddb) == '_') {
		kldsim__ddb_error(ddb, "Bad character in number\n");
		return (KLDSIM__DDB_EOL);
	}
	ddb->tok_number = kldsim__ddb_expr(ddb, value);
	return (KLDSIM__DDB_NUMBER);
}

static bool
begins_name(int c)
{
	return (is_letter(c) || c == '_' || c == '\\');
}

/* B-42 */
static enum kldsim__ddb_token
identifier(struct kldsim_ddb *ddb)
{
	size_t n = 0;

	do {
		int c = take(ddb);

		if (c == '\\' && (c = take(ddb)) < 0) {
			kldsim__ddb_error(ddb, "Bad escape\n");
			return (KLDSIM__DDB_EOL);
		}
		ddb->tok_string[n++] = (char)c;
		if (n == sizeof(ddb->tok_string)) {
			kldsim__ddb_error(ddb, "String too long\n");
			return (KLDSIM__DDB_EOL);
		}
	} while (begins_name(peek(ddb)) || is_digit(peek(ddb)) ||
	    peek(ddb) == ':' || peek(ddb) == '.');
	ddb->tok_string[n] = '\0';
	return (KLDSIM__DDB_IDENT);
}

static enum kldsim__ddb_token
operator(struct kldsim_ddb *ddb)
{
	const size_t left = ddb->end - ddb->at;

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		const struct operator *row = &operators[i];
		const size_t length = strlen(row->text);

		if (length > left ||
		    memcmp(ddb->line + ddb->at, row->text, length) != 0 ||
		    (row->newer && !ddb->sim->facts.ddb_c_operators))
			continue;
		ddb->at += length;
		return (row->token);
	}
	kldsim__ddb_puts(ddb, "Bad character\n");
	kldsim__ddb_flush_lex(ddb);
	return (KLDSIM__DDB_EOF);
}

static enum kldsim__ddb_token
lex(struct kldsim_ddb *ddb)
{
	while (peek(ddb) >= 0 && (peek(ddb) <= ' ' || peek(ddb) > '~'))
		ddb->at++;
	if (peek(ddb) < 0)
		return (KLDSIM__DDB_EOL);
	if (is_digit(peek(ddb)))
		return (number(ddb));
	if (begins_name(peek(ddb)))
		return (identifier(ddb));
	return (operator(ddb));
}

enum kldsim__ddb_token
kldsim__ddb_read_token(struct kldsim_ddb *ddb)
{
	const enum kldsim__ddb_token token = ddb->look;

	if (ddb->thrown)
		return (KLDSIM__DDB_EOL);
	ddb->look = KLDSIM__DDB_NONE;
	return (token != KLDSIM__DDB_NONE ? token : lex(ddb));
}

void
kldsim__ddb_unread_token(struct kldsim_ddb *ddb, enum kldsim__ddb_token token)
{
	ddb->look = token;
}

void
kldsim__ddb_skip_to_eol(struct kldsim_ddb *ddb)
{
	while (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_EOL)
		;
}
