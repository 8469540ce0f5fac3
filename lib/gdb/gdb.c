/* SPDX-License-Identifier: BSD-2-Clause */

/* Connections: what one has, and bytes in and out of it. */

#include "gdb/gdb.h"

#include "kern/question.h"

#define IN_MAX (4 * KLDSIM__GDB_PACKET) /* bytes that wait to be answered */
#define OUT_MAX 0x40000u /* answers that wait to be sent, before one more */
#define FRAME 4u         /* '$', '#' and two digits */

enum kldsim_status
kldsim_gdb_new(struct kldsim *sim, const char *folder,
    struct kldsim_gdb **gdb_ret)
{
	struct kldsim_gdb *gdb = kldsim__calloc(&sim->alloc, 1, sizeof(*gdb));

	*gdb_ret = NULL;
	if (gdb == NULL)
		return (KLDSIM_NOMEM);
	gdb->sim = sim;
	gdb->shown[0] = gdb->shown[1] = -1;
	kldsim__text_init(&gdb->libraries, &sim->alloc);
	kldsim__text_init(&gdb->answer, &sim->alloc);
	kldsim__text_init(&gdb->in, &sim->alloc);
	kldsim__text_init(&gdb->out, &sim->alloc);
	if (folder != NULL)
		gdb->folder = kldsim__strdup(&sim->alloc, folder);
	if (folder != NULL && gdb->folder == NULL) {
		kldsim_gdb_free(gdb);
		return (KLDSIM_NOMEM);
	}
	*gdb_ret = gdb;
	return (KLDSIM_OK);
}

void
kldsim_gdb_free(struct kldsim_gdb *gdb)
{
	if (gdb == NULL)
		return;
	kldsim__overlay_fini(&gdb->overlay);
	kldsim__text_fini(&gdb->libraries);
	kldsim__text_fini(&gdb->answer);
	kldsim__text_fini(&gdb->in);
	kldsim__text_fini(&gdb->out);
	kldsim__free(&gdb->sim->alloc, gdb->folder);
	kldsim__free(&gdb->sim->alloc, gdb);
}

bool
kldsim__gdb_refresh(struct kldsim_gdb *gdb)
{
	struct kldsim__question question;
	int error;

	if (gdb->made && gdb->changes == gdb->sim->undo.changes)
		return (true);
	kldsim__overlay_fini(&gdb->overlay);
	gdb->libraries.size = 0;
	question = kldsim__question_begin(gdb->sim);
	error = kldsim__overlay_init(&gdb->overlay, gdb->sim, gdb->folder);
	kldsim__question_end(gdb->sim, &question);
	gdb->made = error == 0;
	gdb->changes = gdb->sim->undo.changes;
	return (gdb->made);
}

/* No memory for an answer spoils that answer, and not what comes after it. */
static bool
answer(struct kldsim_gdb *gdb, const char *packet, size_t size)
{
	gdb->answer.size = 0;
	gdb->answer.failed = false;
	kldsim__gdb_answer(gdb, packet, size);
	return (!gdb->answer.failed);
}

enum kldsim_status
kldsim_gdb_packet(struct kldsim_gdb *gdb, const char *packet, size_t size,
    const char **answer_ret, size_t *answer_size_ret)
{
	if (!answer(gdb, packet, size))
		return (KLDSIM_NOMEM);
	*answer_ret = gdb->answer.size == 0 ? "" : gdb->answer.bytes;
	*answer_size_ret = gdb->answer.size;
	return (KLDSIM_OK);
}

/* --- frames: $packet#checksum --- */

static unsigned
checksum(const char *bytes, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (unsigned char)bytes[i];
	return (sum & 0xff);
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	return (c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

static void
send_frame(struct kldsim_gdb *gdb)
{
	const char *bytes = gdb->answer.size == 0 ? "" : gdb->answer.bytes;

	kldsim__text_add(&gdb->out, "$", 1);
	kldsim__text_add(&gdb->out, bytes, gdb->answer.size);
	kldsim__text_printf(&gdb->out, "#%02x",
	    checksum(bytes, gdb->answer.size));
}

/*
 * The frame at the start of bytes: its size, 0 if it is not all there.  Where
 * another one begins before it ends, *skip_ret is how far away that is.
 */
static size_t
frame_size(const char *bytes, size_t size, size_t *skip_ret)
{
	const char *hash = memchr(bytes, '#', size);
	const char *end = hash != NULL ? hash : bytes + size;

	*skip_ret = 0;
	for (const char *at = bytes + 1; at < end; at++)
		if (*at == '$')
			*skip_ret = (size_t)(at - bytes);
	if (hash == NULL || (size_t)(hash - bytes) + 3 > size)
		return (0);
	return ((size_t)(hash - bytes) + 3);
}

/*
 * E-51: gdb sends its packet again when it has waited too long for a sign of
 * life; whoever answers both is one answer behind from then on.
 */
static bool
comes_again(const char *bytes, size_t length, size_t size)
{
	for (size_t at = length; at < size; at++)
		if (bytes[at] == '$')
			return (size - at >= length &&
			    memcmp(bytes, bytes + at, length) == 0);
	return (false);
}

static bool
take_frame(struct kldsim_gdb *gdb, const char *bytes, size_t length,
    size_t size)
{
	const int high = digit(bytes[length - 2]);
	const int low = digit(bytes[length - 1]);

	if (gdb->no_acks || (high >= 0 && low >= 0 && (unsigned)(high * 16 +
	    low) == checksum(bytes + 1, length - FRAME))) {
		if (!gdb->no_acks && comes_again(bytes, length, size))
			return (true);
		if (!gdb->no_acks)
			kldsim__text_add(&gdb->out, "+", 1);
		if (!answer(gdb, bytes + 1, length - FRAME))
			return (false);
		/* Who kills expects no answer, but for that to vKill. */
		if (gdb->state != KLDSIM_GDB_KILLED || gdb->answer.size != 0)
			send_frame(gdb);
	} else {
		kldsim__text_add(&gdb->out, "-", 1);
	}
	return (!gdb->out.failed);
}

/* Answer as many packets as there are, and as answers may wait. */
static enum kldsim_status
answer_all(struct kldsim_gdb *gdb)
{
	size_t at = 0, length, skip;

	while (at < gdb->in.size && gdb->state == KLDSIM_GDB_TALKS &&
	    gdb->out.size - gdb->sent < OUT_MAX) {
		const char *bytes = gdb->in.bytes + at;
		const size_t size = gdb->in.size - at;

		/* Acknowledgments, and ^C, to which nothing runs. */
		if (*bytes != '$') {
			at++;
			continue;
		}
		length = frame_size(bytes, size, &skip);
		if (skip != 0) {
			at += skip;
			continue;
		}
		if (length == 0 && size < IN_MAX)
			break;
		/* Nobody has a packet of that size to send: a flood. */
		if (length == 0)
			length = size;
		else if (!take_frame(gdb, bytes, length, size))
			return (KLDSIM_NOMEM);
		at += length;
	}
	if (at != 0 && at < gdb->in.size)
		memmove(gdb->in.bytes, gdb->in.bytes + at, gdb->in.size - at);
	gdb->in.size -= at;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_gdb_input(struct kldsim_gdb *gdb, const void *bytes, size_t size,
    size_t *taken_ret)
{
	size_t room = IN_MAX - gdb->in.size;

	*taken_ret = size < room ? size : room;
	if (*taken_ret != 0)
		kldsim__text_add(&gdb->in, bytes, *taken_ret);
	if (gdb->in.failed)
		return (KLDSIM_NOMEM);
	return (answer_all(gdb));
}

const void *
kldsim_gdb_output(const struct kldsim_gdb *gdb, size_t *size_ret)
{
	*size_ret = gdb->out.size - gdb->sent;
	return (*size_ret == 0 ? NULL : gdb->out.bytes + gdb->sent);
}

void
kldsim_gdb_sent(struct kldsim_gdb *gdb, size_t size)
{
	gdb->sent += size;
	if (gdb->sent < gdb->out.size)
		return;
	gdb->sent = 0;
	gdb->out.size = 0;
}

enum kldsim_gdb_state
kldsim_gdb_wants(const struct kldsim_gdb *gdb)
{
	return (gdb->state);
}
