/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a YAML scalar to a value. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decimal, or hexadecimal after 0x; a minus sign may stand before either. */
bool
kldsim__spec_number(const char *text, uint64_t *number_ret)
{
	bool minus = *text == '-';
	const char *at = text + minus;
	int base = 10;
	uint64_t n = 0;
	int d;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	if (*at == '\0')
		return false;
	for (; *at != '\0'; at++) {
		d = digit(*at);
		if (d < 0 || d >= base || n > (UINT64_MAX - (unsigned)d) /
		    (unsigned)base)
			return false;
		n = n * (unsigned)base + (unsigned)d;
	}
	if (minus && n > (uint64_t)INT64_MAX + 1)
		return false;
	*number_ret = minus ? 0 - n : n;
	return true;
}

static void
wrong(struct kldsim__spec *spec, const struct kldsim__spec_value *value,
    const char *key, const char *want, const char *found)
{
	char room[64];

	kldsim__spec_fail(spec, value->origin, "%s: expected %s, found %s", key,
	    want, kldsim__spec_quote(found, room));
}

static void
to_number(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	char want[64];

	if (!kldsim__spec_number(text, &value->number)) {
		wrong(spec, value, key->name,
		    "a number, decimal or hexadecimal after 0x", text);
	} else if (key->max != 0 && value->number > key->max) {
		(void)snprintf(want, sizeof(want), "a number from 0 to %llu",
		    (unsigned long long)key->max);
		wrong(spec, value, key->name, want, text);
	}
}

static void
to_bool(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	static const struct kldsim__spec_word words[] = {
		{"yes", 1}, {"true", 1}, {"1", 1}, {"no", 0}, {"false", 0},
		{"0", 0}, {NULL, 0},
	};
	const struct kldsim__spec_word *word = kldsim__spec_find_word(words,
	    text, strlen(text));

	if (word == NULL)
		wrong(spec, value, key->name, "yes or no", text);
	else
		value->number = word->number;
}

/* Say which words there are, as far as there is room. */
static void
unknown_word(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, const struct kldsim__spec_value *value)
{
	const struct kldsim__spec_word *word;
	char want[220];
	size_t n = 0;

	for (word = key->words; word->name != NULL; word++) {
		if (n + strlen(word->name) > sizeof(want) - 24) {
			n += (size_t)snprintf(want + n, sizeof(want) - n,
			    "..., ");
			break;
		}
		n += (size_t)snprintf(want + n, sizeof(want) - n, "%s, ",
		    word->name);
	}
	(void)snprintf(want + n, sizeof(want) - n, "or a number");
	wrong(spec, value, key->name, want, text);
}

static void
to_word(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	const struct kldsim__spec_word *word = kldsim__spec_find_word(
	    key->words, text, strlen(text));

	if (word != NULL)
		value->number = word->number;
	else if (!kldsim__spec_number(text, &value->number) ||
	    value->number > UINT32_MAX)
		unknown_word(spec, key, text, value);
}

static void
to_flags(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	const struct kldsim__spec_word *word;
	char part[32];
	uint64_t number;
	size_t length;

	for (;;) {
		text += strspn(text, " ,|\n");
		length = strcspn(text, " ,|\n");
		if (length == 0)
			return;
		(void)snprintf(part, sizeof(part), "%.*s",
		    length < sizeof(part) ? (int)length : 31, text);
		word = kldsim__spec_find_word(key->words, text, length);
		if (word != NULL) {
			value->number |= word->number;
		} else if (kldsim__spec_number(part, &number)) {
			value->number |= number;
		} else {
			unknown_word(spec, key, part, value);
			return;
		}
		text += length;
	}
}

/* A copy of the text, in which \xNN has become a byte. */
static void
to_text(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	size_t length = strlen(text);
	char *out = value->text = malloc(length + 1);

	if (out == NULL) {
		spec->error.status = KLDSIM_NOMEM;
		return;
	}
	for (; *text != '\0'; text++) {
		if (*text != '\\') {
			*out++ = *text;
			continue;
		}
		if (text[1] != 'x' || digit(text[2]) < 0 ||
		    digit(text[3]) < 0 ||
		    (text[2] == '0' && text[3] == '0')) {
			wrong(spec, value, key->name,
			    "\\x and the two digits of a byte above 00", text);
			break;
		}
		*out++ = (char)(digit(text[2]) * 16 + digit(text[3]));
		text += 3;
	}
	*out = '\0';
	value->size = (size_t)(out - value->text);
}

static void
to_bytes(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    const char *text, struct kldsim__spec_value *value)
{
	char *out = value->text = malloc(strlen(text) / 2 + 1);

	if (out == NULL) {
		spec->error.status = KLDSIM_NOMEM;
		return;
	}
	for (;;) {
		text += strspn(text, " \n\t_");
		if (*text == '\0')
			break;
		if (digit(text[0]) < 0 || digit(text[1]) < 0) {
			wrong(spec, value, key->name,
			    "pairs of hexadecimal digits", text);
			break;
		}
		*out++ = (char)(digit(text[0]) * 16 + digit(text[1]));
		text += 2;
	}
	*out = '\0';
	value->size = (size_t)(out - value->text);
}

/* The value's origin is set. */
void
kldsim__spec_convert(struct kldsim__spec *spec,
    const struct kldsim__spec_key *key, const char *text, size_t length,
    struct kldsim__spec_value *value)
{
	static void (*const converters[])(struct kldsim__spec *spec,
	    const struct kldsim__spec_key *key, const char *text,
	    struct kldsim__spec_value *value) = {
		[KLDSIM__SPEC_TEXT] = to_text,
		[KLDSIM__SPEC_NUMBER] = to_number,
		[KLDSIM__SPEC_BOOL] = to_bool,
		[KLDSIM__SPEC_BYTES] = to_bytes,
		[KLDSIM__SPEC_WORD] = to_word,
		[KLDSIM__SPEC_FLAGS] = to_flags,
	};

	if (strlen(text) != length) {
		wrong(spec, value, key->name, "text without a zero byte", text);
		return;
	}
	value->given = true;
	converters[key->type](spec, key, text, value);
}
