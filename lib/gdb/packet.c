/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The packets, as rows, and those that read memory and registers.  A packet
 * reads: one that would write is refused, one that would run anything is
 * answered at once, as if it had stopped where it began (E-50).
 */

#include "gdb/gdb.h"

#define EFAULT_ANSWER "E0e"

static const char digits[] = "0123456789abcdef";

void
kldsim__gdb_put_hex(struct kldsim__text *text, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	char block[512];

	for (size_t n; size != 0; from += n, size -= n) {
		n = size < sizeof(block) / 2 ? size : sizeof(block) / 2;
		for (size_t i = 0; i < n; i++) {
			block[2 * i] = digits[from[i] >> 4];
			block[2 * i + 1] = digits[from[i] & 15];
		}
		kldsim__text_add(text, block, 2 * n);
	}
}

bool
kldsim__gdb_take_number(struct kldsim__gdb_words *words, uint64_t *number_ret)
{
	const char *start = words->at;
	uint64_t number = 0;

	for (; words->at < words->end; words->at++) {
		const char c = *words->at;
		unsigned value;

		if (c >= '0' && c <= '9')
			value = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			value = (unsigned)(c - 'A') + 10;
		else
			break;
		if (number >> 60 != 0)
			return (false);
		number = number << 4 | value;
	}
	*number_ret = number;
	return (words->at != start);
}

bool
kldsim__gdb_take(struct kldsim__gdb_words *words, char byte)
{
	if (words->at == words->end || *words->at != byte)
		return (false);
	words->at++;
	return (true);
}

/* --- memory --- */

/* How far a read goes in one piece, and from where instead (`monitor vnet`). */
static size_t
redirect(const struct kldsim_gdb *gdb, kldsim_addr address, size_t size,
    kldsim_addr *from_ret)
{
	const struct kldsim__set *sets[2] = {
		&gdb->sim->dpcpu, &gdb->sim->vnet
	};

	*from_ret = address;
	for (size_t i = 0; i < 2; i++) {
		const struct kldsim__set *set = sets[i];
		const struct kldsim_instance *shown = gdb->shown[i] < 0 ?
		    NULL : kldsim__set_find_instance(set,
		    (unsigned)gdb->shown[i]);

		if (shown == NULL || address >= set->stop)
			continue;
		if (address < set->start) {
			if (set->start - address < size)
				size = (size_t)(set->start - address);
			continue;
		}
		if (set->stop - address < size)
			size = (size_t)(set->stop - address);
		*from_ret = address + shown->base;
		if (kldsim__arch_ptrsz(gdb->sim->arch) == 4)
			*from_ret &= UINT32_MAX;
	}
	return (size);
}

/* m: as much as is mapped from the address on (E-51). */
static void
read_memory(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	uint8_t bytes[KLDSIM__GDB_PACKET / 2];
	uint64_t address, wanted;
	size_t size, done = 0, piece, got;
	kldsim_addr from;

	if (!kldsim__gdb_take_number(&words, &address) ||
	    !kldsim__gdb_take(&words, ',') ||
	    !kldsim__gdb_take_number(&words, &wanted) ||
	    words.at != words.end || !kldsim__gdb_refresh(gdb)) {
		kldsim__text_puts(&gdb->answer, "E01");
		return;
	}
	size = wanted < sizeof(bytes) ? (size_t)wanted : sizeof(bytes);
	do {
		piece = redirect(gdb, address + done, size - done, &from);
		got = kldsim__overlay_read(&gdb->overlay, from, bytes + done,
		    piece);
		done += got;
	} while (got == piece && done < size);
	if (done == 0 && size != 0)
		kldsim__text_puts(&gdb->answer, EFAULT_ANSWER);
	kldsim__gdb_put_hex(&gdb->answer, bytes, done);
}

/* --- the rest --- */

/* g: all registers are 0, and all of them have to be there (E-52). */
static void
registers(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	static const uint8_t zeros[64];
	size_t n;

	(void)words;
	for (size_t left = gdb->sim->arch->debug.registers; left != 0;
	    left -= n) {
		n = left < sizeof(zeros) ? left : sizeof(zeros);
		kldsim__gdb_put_hex(&gdb->answer, zeros, n);
	}
}

/* Where anything would run: it has stopped, and there may be news. */
static void
stopped(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "T05thread:1;");
	if (gdb->listed && gdb->listed_changes != gdb->sim->undo.changes)
		kldsim__text_puts(&gdb->answer, "library:;");
}

static void
refuse(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "E01");
}

static void
agree(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	kldsim__text_puts(&gdb->answer, "OK");
}

static void
detach(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	gdb->state = KLDSIM_GDB_DETACHED;
	agree(gdb, words);
}

static void
die(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)words;
	gdb->state = KLDSIM_GDB_KILLED;
}

static void
die_and_say_so(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	gdb->state = KLDSIM_GDB_KILLED;
	agree(gdb, words);
}

static void
nothing(struct kldsim_gdb *gdb, struct kldsim__gdb_words words)
{
	(void)gdb;
	(void)words;
}

/* By what a packet begins with; the first that fits.  The rest is unknown. */
static const struct {
	const char *name;
	void (*answer)(struct kldsim_gdb *gdb, struct kldsim__gdb_words words);
} packets[] = {
	{ "m", read_memory },
	{ "q", kldsim__gdb_query },
	{ "Q", kldsim__gdb_query },
	{ "g", registers },
	{ "?", stopped },
	{ "H", agree },
	{ "T", agree },
	{ "vCont?", nothing },
	{ "vCont;", stopped },
	{ "vKill;", die_and_say_so },
	{ "c", stopped },
	{ "s", stopped },
	{ "C", stopped },
	{ "S", stopped },
	{ "D", detach },
	{ "k", die },
	{ "p", refuse },
	{ "M", refuse },
	{ "X", refuse },
	{ "G", refuse },
	{ "P", refuse },
	{ "Z", refuse },
	{ "z", refuse },
};

void
kldsim__gdb_answer(struct kldsim_gdb *gdb, const char *packet, size_t size)
{
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		const size_t length = strlen(packets[i].name);
		struct kldsim__gdb_words words = { packet + length,
			packet + size };

		if (size < length ||
		    memcmp(packet, packets[i].name, length) != 0)
			continue;
		/* Queries have names of their own. */
		if (packets[i].answer == kldsim__gdb_query)
			words.at = packet;
		packets[i].answer(gdb, words);
		return;
	}
}
