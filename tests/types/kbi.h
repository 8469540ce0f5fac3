/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Structures of FreeBSD in miniature, with the members that options add to them
 * (G-30), and a module's own; for test_kbi.py.
 */

typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned char u_char;
typedef unsigned long uintptr_t;

#ifndef MAXCPU
#define MAXCPU 1024
#endif

struct cdev;
struct epoch;
struct pmap;

struct _cpuset { long __bits[MAXCPU / 64]; };
typedef struct _cpuset cpuset_t;

struct lock_object {
	const char *lo_name;
	u_int lo_flags;
	u_int lo_data;
	struct witness *lo_witness;
};

struct mtx {
	struct lock_object lock_object;
#ifdef MTX_OTHERWISE
	long mtx_before;
#endif
	volatile uintptr_t mtx_lock;
};
struct stack { int depth; uintptr_t pcs[18]; };

struct lock {
	struct lock_object lock_object;
	volatile uintptr_t lk_lock;
	u_int lk_exslpfail;
	int lk_timo;
	int lk_pri;
#ifdef DEBUG_LOCKS
	struct stack lk_stack;
#endif
};

struct rmlock {
	struct lock_object lock_object;
	volatile cpuset_t rm_writecpus;
	struct mtx rm_lock_mtx;
};

struct list_head { struct list_head *tqe_next, **tqe_prev; };

struct epoch_tracker {
	struct list_head et_link;
	struct thread *et_td;
	u_int et_bucket;
	u_char et_old_priority;
#ifdef EPOCH_TRACE
	struct epoch *et_epoch;
	struct { struct epoch_tracker *sle_next; } et_tlink;
	const char *et_file;
	int et_line;
	int et_flags;
#endif
};

enum td_states { TDS_INACTIVE, TDS_INHIBITED, TDS_CAN_RUN };

struct thread {
	struct mtx *volatile td_lock;
	struct proc *td_proc;
	int td_tid;
	u_char td_owepreempt;
	int td_pinned;
	u_int td_critnest;
	struct ucred *td_ucred;
	struct vnet *td_vnet;
	enum td_states td_state;
#ifdef EPOCH_TRACE
	struct { struct epoch_tracker *slh_first; } td_epochs;
#endif
};

struct bio {
	unsigned short bio_cmd, bio_flags;
	struct cdev *bio_dev;
	long bio_offset;
	void (*bio_done)(struct bio *);
#ifdef DIAGNOSTIC
	void *_bio_caller1;
	void *_bio_caller2;
	unsigned short _bio_cflags;
#endif
#ifdef BUF_TRACKING
	struct buf *bio_track_bp;
#endif
	long bio_completed;
};

struct buf {
	long b_bcount;
	void *b_data;
	struct lock b_lock;
#ifdef BUF_TRACKING
	const char *b_io_tracking;
#endif
	int b_npages;
};

struct vnode {
	int v_type;
	int v_state;
	struct vop_vector *v_op;
	struct lock v_lock;
	struct mtx v_interlock;
	u_int v_usecount;
	u_int v_iflag;
};

struct uidinfo {
	struct list_head ui_hash;
	long ui_vmsize;
	u_int ui_uid;
	u_int ui_ref;
#ifdef RACCT
	struct racct *ui_racct;
#endif
};

struct ucred {
	u_int cr_ref;
	u_int cr_uid;
	struct uidinfo *cr_uidinfo;
	union { int cr_kind; struct { short low, high; }; };
	u_int cr_spare[2];
};

struct umtxq_chain {
	struct mtx uc_lock;
	struct list_head uc_queue[2];
#ifdef UMTX_PROFILING
	u_int length;
	u_int max_length;
#endif
};

struct cdevsw {
	int d_version;
	u_int d_flags;
	const char *d_name;
	int (*d_open)(struct cdev *, int, int, struct thread *);
	int (*d_ioctl)(struct cdev *, u_long, void *, int, struct thread *);
	struct selinfo *d_spare2;
};

struct selinfo { struct list_head si_tdlist; struct mtx *si_mtx; };

int vn_lock(struct vnode *, int);
void vrele(struct vnode *);
void vref(struct vnode *);
void __mtx_lock_flags(volatile uintptr_t *, int, const char *, int);
void _epoch_enter_preempt(struct epoch *, struct epoch_tracker *);
void epoch_exit_preempt(struct epoch *, struct epoch_tracker *);
void rm_init_flags(struct rmlock *, const char *, int);
void biodone(struct bio *);
void brelse(struct buf *);
struct uidinfo *uifind(u_int);
void crfree(struct ucred *);
struct cdev *make_dev(struct cdevsw *, int, const char *, ...);
void umtxq_busy(struct umtxq_chain *);
void pmap_invalidate(struct pmap *, cpuset_t *);
void lockinit(struct lock *, int, const char *, int, int);
extern struct thread *curthread_of_cpu[];
extern cpuset_t all_cpus;
