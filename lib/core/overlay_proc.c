/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One process with one thread, and the way from it to vnet0, for who looks for
 * those in a minidump (E-71): kgdb shows a thread, and libkvm's set-up for VNET
 * variables comes to an end.  Where members are is told by the kernel's
 * constants (E-07), else by its types.
 */

#include <inttypes.h>

#include <kldsim/memory.h>

#include "core/overlay.h"
#include "kern/bad_news.h"
#include "kern/file_types.h"
#include "kern/linker_file.h"
#include "kern/question.h"

#define TID 100000          /* of the first thread of every kernel */
#define MSG_MAGIC 0x063062  /* of sys/msgbuf.h */
#define MSG_BYTES 4000      /* of the console's last lines */

/* Members that are written; a symbol NULL: types alone tell. */
enum member {
	P_LIST, P_PID, P_COMM, P_THREADS, P_UCRED,
	TD_TID, TD_NAME, TD_ONCPU, TD_PCB, TD_PLIST,
	CR_PRISON, PR_VNET,
	MSG_PTR, MSG_MAGIC_WORD, MSG_SIZE, MSG_WSEQ,
	MEMBERS
};

static const struct {
	const char *symbol;
	const char *structure;
	const char *member;
} members[MEMBERS] = {
	[P_LIST] = { "proc_off_p_list", "proc", "p_list" },
	[P_PID] = { "proc_off_p_pid", "proc", "p_pid" },
	[P_COMM] = { "proc_off_p_comm", "proc", "p_comm" },
	[P_THREADS] = { "proc_off_p_threads", "proc", "p_threads" },
	[P_UCRED] = { NULL, "proc", "p_ucred" },
	[TD_TID] = { "thread_off_td_tid", "thread", "td_tid" },
	[TD_NAME] = { "thread_off_td_name", "thread", "td_name" },
	[TD_ONCPU] = { "thread_off_td_oncpu", "thread", "td_oncpu" },
	[TD_PCB] = { "thread_off_td_pcb", "thread", "td_pcb" },
	[TD_PLIST] = { "thread_off_td_plist", "thread", "td_plist" },
	[CR_PRISON] = { NULL, "ucred", "cr_prison" },
	[PR_VNET] = { NULL, "prison", "pr_vnet" },
	[MSG_PTR] = { NULL, "msgbuf", "msg_ptr" },
	[MSG_MAGIC_WORD] = { NULL, "msgbuf", "msg_magic" },
	[MSG_SIZE] = { NULL, "msgbuf", "msg_size" },
	[MSG_WSEQ] = { NULL, "msgbuf", "msg_wseq" },
};

struct proc {
	struct kldsim__overlay *overlay;
	const struct kldsim_types *types; /* NULL: the kernel tells none */
	unsigned word;
	bool big;
	const char *missing; /* the first that was asked for in vain */
	kldsim_size offset[MEMBERS];
	bool known[MEMBERS];
	int error;
};

/* --- where things are --- */

/* A variable of the kernel; 0: it has none. */
static kldsim_addr
variable(struct proc *proc, const char *name)
{
	struct kldsim *sim = proc->overlay->sim;
	struct kldsim__question question = kldsim__question_begin(sim);
	kldsim_addr address = 0;
	kldsim_size size;
	int error = kldsim__kernel_symbol(sim, name, &address, &size);

	kldsim__question_end(sim, &question);
	if (error != 0)
		proc->error = error;
	if (address == 0 && proc->missing == NULL)
		proc->missing = name;
	return (address);
}

static bool
constant(struct proc *proc, const char *name, kldsim_size *value_ret)
{
	struct kldsim *sim = proc->overlay->sim;
	const char *missing = proc->missing;
	kldsim_addr address = variable(proc, name);
	uint8_t bytes[4];

	/* Types may tell. */
	proc->missing = missing;
	if (address == 0 || kldsim__overlay_read(proc->overlay, address, bytes,
	    sizeof(bytes)) != sizeof(bytes))
		return (false);
	*value_ret = kldsim__load32(bytes, kldsim__arch_big(sim->arch));
	return (true);
}

/* A structure that has its members; 0: the types have none of this name. */
static kldsim_type_id
find_struct(const struct proc *proc, const char *name,
    struct kldsim_type *type_ret)
{
	kldsim_type_id id = 0;

	while (proc->types != NULL &&
	    (id = kldsim_types_find(proc->types, name, id)) != 0)
		if (kldsim_type_get(proc->types, id, type_ret) == KLDSIM_OK &&
		    type_ret->kind == KLDSIM_TYPE_STRUCT)
			return (id);
	return (0);
}

static bool
typed(const struct proc *proc, enum member which, kldsim_size *value_ret)
{
	struct kldsim_type_member member;
	struct kldsim_type type;
	const kldsim_type_id id = find_struct(proc, members[which].structure,
	    &type);

	for (uint64_t i = 0; id != 0 && kldsim_type_member(proc->types, id, i,
	    &member) == KLDSIM_OK; i++)
		if (strcmp(member.name, members[which].member) == 0) {
			*value_ret = member.bit_offset / 8;
			return (true);
		}
	return (false);
}

static void
find_members(struct proc *proc)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		const char *symbol = members[i].symbol;

		proc->known[i] = (symbol != NULL &&
		    constant(proc, symbol, &proc->offset[i])) ||
		    typed(proc, (enum member)i, &proc->offset[i]);
	}
}

static bool
all_known(const struct proc *proc, const enum member *which, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!proc->known[which[i]])
			return (false);
	return (true);
}

/* Bytes of a structure, as types tell. */
static size_t
size_of(const struct proc *proc, const char *name)
{
	struct kldsim_type type = { .size = 0 };

	return (find_struct(proc, name, &type) != 0 && type.size < 1 << 20 ?
	    (size_t)type.size : 1);
}

/* --- writing --- */

static void
put_bytes(struct proc *proc, kldsim_addr address, const void *from,
    size_t size)
{
	uint8_t *bytes;

	/* Members may be told to lie anywhere, over each other too. */
	if (proc->error != 0 || !kldsim__aspace_mapped(
	    &proc->overlay->sim->space, address, size) ||
	    !kldsim__overlay_is_free(proc->overlay, address, size))
		return;
	proc->error = kldsim__overlay_replace(proc->overlay, address, size,
	    &bytes);
	if (proc->error == 0)
		memcpy(bytes, from, size);
}

static void
put(struct proc *proc, kldsim_addr address, unsigned width, uint64_t value)
{
	uint8_t bytes[8];

	kldsim__store(bytes, width, proc->big, value);
	put_bytes(proc, address, bytes, width);
}

/* A structure on the heap. */
struct made {
	kldsim_addr address; /* 0: there is none */
	uint8_t *bytes;
	size_t size;
};

static struct made
make(struct proc *proc, size_t size)
{
	struct made made = { .size = size };

	if (proc->error == 0)
		proc->error = kldsim__overlay_add(proc->overlay, size,
		    &made.address, &made.bytes);
	if (proc->error != 0)
		made.address = 0;
	return (made);
}

static void
set(const struct proc *proc, const struct made *made, enum member which,
    unsigned width, uint64_t value)
{
	if (kldsim__in_range(proc->offset[which], width, made->size))
		kldsim__store(made->bytes + proc->offset[which], width,
		    proc->big, value);
}

/* --- the parts --- */

/* allproc leads to proc0, that to thread0: the thread that dumps. */
static void
put_thread(struct proc *proc, kldsim_addr allproc, kldsim_addr proc0,
    kldsim_addr thread0, kldsim_addr dumppcb)
{
	const kldsim_size *offset = proc->offset;
	const kldsim_addr threads = proc0 + offset[P_THREADS];
	const kldsim_addr plist = thread0 + offset[TD_PLIST];

	put(proc, allproc, proc->word, proc0);
	put(proc, proc0 + offset[P_LIST], proc->word, 0);
	put(proc, proc0 + offset[P_LIST] + proc->word, proc->word, allproc);
	put(proc, proc0 + offset[P_PID], 4, 0);
	put(proc, threads, proc->word, thread0);
	put(proc, threads + proc->word, proc->word, plist);
	put(proc, plist, proc->word, 0);
	put(proc, plist + proc->word, proc->word, threads);
	put(proc, thread0 + offset[TD_TID], 4, TID);
	put(proc, thread0 + offset[TD_PCB], proc->word, dumppcb);
	if (proc->known[TD_ONCPU])
		put(proc, thread0 + offset[TD_ONCPU], 4, 0);
	if (proc->known[P_COMM])
		put_bytes(proc, proc0 + offset[P_COMM], "kernel", 7);
	if (proc->known[TD_NAME])
		put_bytes(proc, thread0 + offset[TD_NAME], "swapper", 8);
}

/* proc0's credentials are of prison0, whose vnet is vnet0. */
static void
put_vnet(struct proc *proc, kldsim_addr proc0)
{
	static const enum member wanted[] = { P_UCRED, CR_PRISON, PR_VNET };
	struct kldsim *sim = proc->overlay->sim;
	kldsim_addr vnet0, prison0;
	struct made ucred;

	if (!all_known(proc, wanted, sizeof(wanted) / sizeof(wanted[0])) ||
	    kldsim_vnet_address(sim, 0, &vnet0) != KLDSIM_OK)
		return;
	prison0 = variable(proc, "prison0");
	if (prison0 == 0)
		return;
	ucred = make(proc, size_of(proc, "ucred"));
	if (ucred.address == 0)
		return;
	set(proc, &ucred, CR_PRISON, proc->word, prison0);
	put(proc, prison0 + proc->offset[PR_VNET], proc->word, vnet0);
	put(proc, proc0 + proc->offset[P_UCRED], proc->word,
	    ucred.address);
}

/* The last lines of the console, as dmesg(8) and kgdb look for them. */
static size_t
copy_console(const struct kldsim__report *report, uint8_t *to)
{
	size_t size = 0, first = report->nconsole;

	while (first > 0 && size + strlen(report->console[first - 1]) + 1 <=
	    MSG_BYTES)
		size += strlen(report->console[--first]) + 1;
	for (size_t i = first; i < report->nconsole; i++) {
		const size_t length = strlen(report->console[i]);

		memcpy(to, report->console[i], length);
		to[length] = '\n';
		to += length + 1;
	}
	return (size);
}

static void
put_messages(struct proc *proc)
{
	static const enum member wanted[] = { MSG_PTR, MSG_MAGIC_WORD,
		MSG_SIZE, MSG_WSEQ };
	const char *missing = proc->missing;
	const kldsim_addr msgbufp = variable(proc, "msgbufp");
	const size_t head = size_of(proc, "msgbuf");
	struct made msgbuf;
	size_t size;

	/* Nobody needs them to find anything else. */
	proc->missing = missing;
	if (msgbufp == 0 || !all_known(proc, wanted, sizeof(wanted) /
	    sizeof(wanted[0])))
		return;
	msgbuf = make(proc, head + MSG_BYTES);
	if (msgbuf.address == 0)
		return;
	size = copy_console(&proc->overlay->sim->report, msgbuf.bytes + head);
	msgbuf.size = head;
	set(proc, &msgbuf, MSG_PTR, proc->word, msgbuf.address + head);
	set(proc, &msgbuf, MSG_MAGIC_WORD, 4, MSG_MAGIC);
	set(proc, &msgbuf, MSG_SIZE, 4, MSG_BYTES);
	set(proc, &msgbuf, MSG_WSEQ, 4, size);
	put(proc, msgbufp, proc->word, msgbuf.address);
}

static void
put_all(struct proc *proc)
{
	static const enum member wanted[] = { P_LIST, P_PID, P_THREADS, TD_TID,
		TD_PCB, TD_PLIST };
	const kldsim_addr allproc = variable(proc, "allproc");
	const kldsim_addr proc0 = variable(proc, "proc0");
	const kldsim_addr dumptid = variable(proc, "dumptid");
	const kldsim_addr dumppcb = variable(proc, "dumppcb");
	const char *missing = proc->missing;
	kldsim_addr thread0 = variable(proc, "thread0_st");

	if (thread0 == 0) {
		/* Its name before 13. */
		proc->missing = missing;
		thread0 = variable(proc, "thread0");
	}
	put_messages(proc);
	if (allproc == 0 || proc0 == 0 || dumptid == 0 || thread0 == 0 ||
	    dumppcb == 0)
		return;
	if (!all_known(proc, wanted, sizeof(wanted) / sizeof(wanted[0]))) {
		proc->missing = members[P_LIST].symbol;
		return;
	}
	put_thread(proc, allproc, proc0, thread0, dumppcb);
	put(proc, dumptid, 4, TID);
	put_vnet(proc, proc0);
}

int
kldsim__overlay_proc(struct kldsim__overlay *overlay)
{
	struct kldsim *sim = overlay->sim;
	struct proc proc = { .overlay = overlay,
		.word = kldsim__arch_ptrsz(sim->arch),
		.big = kldsim__arch_big(sim->arch) };

	if (kldsim__file_types(sim, sim->linker.kernel, &proc.types) !=
	    KLDSIM_OK)
		proc.error = kldsim__nomem(sim);
	if (proc.error == 0)
		find_members(&proc);
	if (proc.error == 0)
		put_all(&proc);
	if (proc.error == 0 && proc.missing != NULL)
		kldsim__find(sim, KLDSIM__F_DEBUGGER_BLIND,
		    &(struct kldsim__where){
		    .file = sim->linker.kernel->filename,
		    .symbol = proc.missing }, "the kernel has no symbol %s: "
		    "kgdb finds no thread in a minidump, and libkvm no vnet",
		    proc.missing);
	return (proc.error);
}
