/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two modules, one of which calls the other (I-25); for test_kbi_linked.py.  Of
 * what they share the kernel knows struct mtx alone.
 */

#include "kbi.h"

#define USED __attribute__((used))

struct mod_depend { int minimum, preferred, maximum; };
struct mod_version { int version; };
struct mod_metadata { int version, type; void *data; const char *name; };

struct lkpi_dev {
	struct mtx lock;
#ifdef WIDE
	long devt;
#endif
	int unit;
	int (*release)(struct lkpi_dev *);
};

struct its_own { int kept_for_itself; };

#ifdef PROVIDER
USED static struct mod_version version = { 1 };
USED static struct mod_metadata metadata = { 1, 3, &version, "lkpi" };

/* As with EXPORT_SYMS unset: other modules find it all the same (I-26). */
USED static int
#ifdef LONG
lkpi_register(struct lkpi_dev *dev, long flags)
#else
lkpi_register(struct lkpi_dev *dev)
#endif
{
	return (dev->unit);
}

#ifdef MIXED
/* A global symbol besides a local one: nobody can say whose each type is (C-24). */
int lkpi_ready(void);

int
lkpi_ready(void)
{
	return (1);
}
#endif
#else
USED static struct mod_depend depend = { 1, 1, 1 };
USED static struct mod_metadata metadata = { 1, 1, &depend, "lkpi" };

int lkpi_register(struct lkpi_dev *);

USED static struct lkpi_dev devs[2];
USED static struct its_own its_own;

USED static int
use(struct vnode *vp)
{
	vref(vp);
	return (lkpi_register(&devs[1]));
}
#endif

USED __attribute__((section("set_modmetadata_set"))) static void *const set =
    &metadata;
