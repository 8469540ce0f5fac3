/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GDB_GDB_H
#define GDB_GDB_H

/* A connection of gdb's remote protocol. */

#include <kldsim/gdb.h>

#include "core/overlay.h"
#include "kern/sim.h"
#include "util/text.h"

#define KLDSIM__GDB_PACKET 0x4000u /* bytes of a packet, both ways */

struct kldsim_gdb {
	struct kldsim *sim;
	char *folder;
	enum kldsim_gdb_state state;
	bool no_acks;        /* QStartNoAckMode */
	int shown[2];        /* by set: which instance, -1: reference copy */

	/* What the kernel was like when these were made. */
	bool made;
	uint64_t changes;
	struct kldsim__overlay overlay;
	struct kldsim__text libraries; /* empty until asked for */
	bool listed;         /* the debugger has that list, */
	uint64_t listed_changes; /* of the kernel as it was then */

	struct kldsim__text answer;
	struct kldsim__text in;  /* not answered yet */
	struct kldsim__text out; /* not sent yet, from `sent` on */
	size_t sent;
};

/* The next word of a packet that is being taken apart. */
struct kldsim__gdb_words {
	const char *at;
	const char *end;
};

/* Bytes as hexadecimal digits, appended to the answer. */
void kldsim__gdb_put_hex(struct kldsim__text *text, const void *bytes,
    size_t size);
/* A hexadecimal number, taken off; false if there is none that fits. */
bool kldsim__gdb_take_number(struct kldsim__gdb_words *words,
    uint64_t *number_ret);
/* One byte, taken off. */
bool kldsim__gdb_take(struct kldsim__gdb_words *words, char byte);

/* Make what follows the kernel anew if that has changed; false: no memory. */
bool kldsim__gdb_refresh(struct kldsim_gdb *gdb);

/* --- packet.c --- */

/* Answer a packet into gdb->answer. */
void kldsim__gdb_answer(struct kldsim_gdb *gdb, const char *packet,
    size_t size);

/* --- query.c --- */

/* A packet that begins with q or Q. */
void kldsim__gdb_query(struct kldsim_gdb *gdb,
    struct kldsim__gdb_words words);

/* --- libraries.c --- */

/* The list of modules, for qXfer:libraries. */
void kldsim__gdb_list_libraries(struct kldsim_gdb *gdb);

/* --- monitor.c --- */

/* A command of gdb's `monitor`; what it says goes to `text`. */
void kldsim__gdb_monitor(struct kldsim_gdb *gdb, char *command,
    struct kldsim__text *text);

#endif
