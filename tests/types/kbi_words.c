/* SPDX-License-Identifier: BSD-2-Clause */

/* A kernel's words, one of each kind of I-60 to I-65; for test_kbi_text.py. */

#define USED __attribute__((used))

struct malloc_type { struct malloc_type *next; unsigned long version; };
struct g_class { const char *name; unsigned version; };
struct sysctl_oid { void *oid_arg1; long oid_arg2; const char *oid_name; };
struct mod_metadata { int version, type; void *data; const char *name; };

USED int osreldate = OSRELDATE;
USED int mp_maxcpus = 1024;
USED long all_cpus[16];
USED struct { int version; void *methods[20]; } null_cdevsw = { 0x5c48c353 };
USED struct malloc_type M_TEMP[1] = { { 0, 2024073001 } };
USED static struct { unsigned version; } devfs_vfsconf = { 0x20180504 };
USED static struct g_class g_dev_class = { "DEV", 0x20041207 };
USED static struct sysctl_oid sysctl___debug_sizeof_vnode = { 0, 472, "v" };
USED static struct sysctl_oid sysctl___debug_sizeof_buf = { 0, 880, "b" };

/* Its size is the version (16 here: an int, and a pointer). */
USED static struct { int version; void *name; } probe = { 16, 0 };
USED __attribute__((section("set_sdt_probes_set"))) static void *const
    in_probes = &probe;

USED static int ng_abi = 12 + 0x20000, mac = 6;
USED static struct mod_metadata netgraph = { 1, 3, &ng_abi, "netgraph" };
USED static struct mod_metadata policies = { 1, 3, &mac, "kernel_mac_support" };
USED __attribute__((section("set_modmetadata_set"))) static void *const
    in_metadata[] = { &netgraph, &policies };

extern void *const __start_set_sdt_probes_set[], *const
    __start_set_modmetadata_set[], *const __stop_set_modmetadata_set[];
USED void *const *bounds[] = { __start_set_sdt_probes_set,
    __start_set_modmetadata_set, __stop_set_modmetadata_set };
