/* SPDX-License-Identifier: BSD-2-Clause */

/* The packets that ask in words: q and Q. */

#include <stdio.h>

#include "gdb/gdb.h"

static void
supported(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_printf(&gdb->answer, "PacketSize=%x;QStartNoAckMode+;"
	    "qXfer:features:read+;qXfer:libraries:read+", KLDSIM__GDB_PACKET);
}

static void
no_acks(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	gdb->no_acks = true;
	kldsim__text_puts(&gdb->answer, "OK");
}

static void
thread(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "QC1");
}

static void
first_threads(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "m1");
}

static void
no_more_threads(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "l");
}

/* It was there before, so that who leaves detaches. */
static void
attached(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "1");
}

/* --- qXfer --- */

/* Part of a document: offset and length are next. */
static void
transfer(struct kldsim_gdb *gdb, struct kldsim__gdb_words words,
    const char *bytes, size_t size)
{
	uint64_t offset, length;
	size_t at;

	if (!kldsim__gdb_take_number(&words, &offset) ||
	    !kldsim__gdb_take(&words, ',') ||
	    !kldsim__gdb_take_number(&words, &length) ||
	    words.at != words.end) {
		kldsim__text_puts(&gdb->answer, "E01");
		return;
	}
	/* Escaped, each byte may become two. */
	if (length > KLDSIM__GDB_PACKET / 2 - 16)
		length = KLDSIM__GDB_PACKET / 2 - 16;
	at = offset < size ? (size_t)offset : size;
	if (length > size - at)
		length = size - at;
	kldsim__text_puts(&gdb->answer, at + length < size ? "m" : "l");
	for (size_t i = at; i < at + length; i++) {
		const char c = bytes[i];

		if (c == '#' || c == '$' || c == '}' || c == '*') {
			const char escaped[2] = { '}', (char)(c ^ 0x20) };

			kldsim__text_add(&gdb->answer, escaped, 2);
		} else {
			kldsim__text_add(&gdb->answer, &c, 1);
		}
	}
}

/* The bare name of the machine will do (E-52). */
static void
features(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "<?xml version=\"1.0\"?>"
	    "<target version=\"1.0\"><architecture>%s</architecture>"
	    "</target>", gdb->sim->arch->debug.gdb);
	transfer(gdb, words, text, strlen(text));
}

static void
libraries(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	if (!kldsim__gdb_refresh(gdb)) {
		gdb->answer.failed = true;
		return;
	}
	if (gdb->libraries.size == 0)
		kldsim__gdb_list_libraries(gdb);
	if (gdb->libraries.failed) {
		gdb->libraries.failed = false;
		gdb->libraries.size = 0;
		gdb->answer.failed = true;
		return;
	}
	gdb->listed = true;
	gdb->listed_changes = gdb->sim->undo.changes;
	transfer(gdb, words, gdb->libraries.bytes, gdb->libraries.size);
}

/* --- qRcmd --- */

/* A terminal shows it: of control characters, lines alone. */
static void
put_shown(struct kldsim__text *answer, const struct kldsim__text *said)
{
	for (size_t i = 0; i < said->size; i++) {
		char c = said->bytes[i];

		if (((unsigned char)c < ' ' && c != '\n') || c == 0x7f)
			c = '?';
		kldsim__gdb_put_hex(answer, &c, 1);
	}
}

/*
 * `monitor`: a command in hexadecimal digits, and so is what it says; each says
 * something.
 */
static void
monitor(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	const size_t size = (size_t)(words.end - words.at) / 2;
	struct kldsim__text said;
	char command[512];
	uint64_t byte;

	if (size >= sizeof(command) || words.at + 2 * size != words.end) {
		kldsim__text_puts(&gdb->answer, "E01");
		return;
	}
	for (size_t i = 0; i < size; i++) {
		struct kldsim__gdb_words two = { words.at + 2 * i,
			words.at + 2 * i + 2 };

		if (!kldsim__gdb_take_number(&two, &byte) ||
		    two.at != two.end) {
			kldsim__text_puts(&gdb->answer, "E01");
			return;
		}
		command[i] = (char)byte;
	}
	command[size] = '\0';
	kldsim__text_init(&said, &gdb->sim->alloc);
	kldsim__gdb_monitor(gdb, command, &said);
	if (said.failed)
		gdb->answer.failed = true;
	else
		put_shown(&gdb->answer, &said);
	kldsim__text_fini(&said);
}

static const struct {
	const char *name;
	void (*answer)(struct kldsim_gdb *gdb, struct kldsim__gdb_words words);
} queries[] = {
	{ "qSupported", supported },
	{ "QStartNoAckMode", no_acks },
	{ "qC", thread },
	{ "qfThreadInfo", first_threads },
	{ "qsThreadInfo", no_more_threads },
	{ "qAttached", attached },
	{ "qXfer:features:read:target.xml:", features },
	{ "qXfer:libraries:read::", libraries },
	{ "qRcmd,", monitor },
};

/* A name ends where a list of values may begin. */
static bool
is_name(const char *name, const struct kldsim__gdb_words *words)
{
	const size_t length = strlen(name);
	const size_t size = (size_t)(words->end - words->at);
	const char last = name[length - 1];

	if (size < length || memcmp(words->at, name, length) != 0)
		return (false);
	return (last == ':' || last == ',' || size == length ||
	    words->at[length] == ':');
}

void
kldsim__gdb_query(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		if (!is_name(queries[i].name, &words))
			continue;
		words.at += strlen(queries[i].name);
		queries[i].answer(gdb, words);
		return;
	}
}
