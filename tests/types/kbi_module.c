/* SPDX-License-Identifier: BSD-2-Clause */

/* A module that uses most of the kernel; for test_kbi.py. */

#include "kbi.h"

#define USED __attribute__((used))

struct softc {
	struct mtx sc_mtx;
	struct rmlock sc_rmlock;
	struct list_head sc_queue;
	int sc_unit;
};

struct request {
	struct epoch_tracker rq_tracker; /* of its own size, so it breaks */
	int rq_state;
};

USED static struct softc softcs[2];
USED static struct request requests[4];

static int
its_open(struct cdev *dev, int flags, int type, struct thread *td)
{
	return (flags + type + (dev != 0) + (td->td_state == TDS_CAN_RUN));
}

USED static struct cdevsw its_cdevsw = {
	.d_version = 0x17122009,
	.d_name = "its",
	.d_open = its_open,
};

USED static int
its_work(struct vnode *vp, struct bio *bp, struct buf *b, struct epoch *e,
    struct ucred *cr, struct umtxq_chain *uc)
{
	struct uidinfo *ui = uifind(0);

	(void)make_dev(&its_cdevsw, 0, "its");
	__mtx_lock_flags(&softcs[0].sc_mtx.mtx_lock, 0, "f", 1);
	_epoch_enter_preempt(e, &requests[0].rq_tracker);
	epoch_exit_preempt(e, &requests[0].rq_tracker);
	rm_init_flags(&softcs[0].sc_rmlock, "its", 0);
	vref(vp);
	biodone(bp);
	brelse(b);
	crfree(cr);
	umtxq_busy(uc);
	pmap_invalidate(0, &all_cpus);
	return (vn_lock(vp, 1) + (int)ui->ui_uid);
}
