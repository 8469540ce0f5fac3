/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts that differ between FreeBSD releases, as one table.
 *
 * Numbers are of sys/param.h.  A change lies between two bumps of that number;
 * the row has the first number at which every kernel has the change.  Rows
 * marked ASSUMED have a point that no source or commit date has shown; the
 * comment says what was seen.  A change that is only known to lie between two
 * releases is dated to the later one.
 */

#include "release/release.h"

#include <string.h>

#define END UINT32_MAX

/* The first number of each branch: below it, the one before. */
#define B12 1200000
#define B13 1300000
#define B14 1400000
#define B15 1500000
#define B16 1600000

/* releng/13.0, for what is in 13.0, was not in 13-CURRENT of April 2019. */
#define R13_0 1300139

#define KNOWN false
#define ASSUMED true

/* The value 1 from a number on, in that branch and all later ones. */
#define SINCE(from) { (from), END, 1 }
/* The value 1 on a stable branch, from a merge to the branch's end. */
#define MERGED(from, end) { (from), (end), 1 }
#define NEVER { 0, 0, 0 }
#define ALWAYS { 0, END, 1 }

#define FLAG(field, rules, how, ...) { #field, (rules), false, (how), 0, \
	offsetof(struct kldsim__facts, field), { __VA_ARGS__ } }
#define NUMBER(field, rules, how, otherwise, ...) { #field, (rules), true, \
	(how), (otherwise), offsetof(struct kldsim__facts, field), \
	{ __VA_ARGS__ } }

static const struct kldsim__fact table[] = {
	/*
	 * Search and load flow.
	 */
	/* In 13.0; commit not seen. */
	FLAG(hints_names_linker, "V-02 K-13", ASSUMED, SINCE(R13_0)),
	/* Not at 1500012, in a main of 2025; taken to be in 15.0. */
	FLAG(hints_checks_truncated, "V-01 K-13 Z-60", ASSUMED, SINCE(1500030)),
	NUMBER(hints_size_limit, "V-01 K-13", KNOWN, 1048576, NEVER),
	/*
	 * In main at 1500012, not in autumn 2023; in a stable/14 of after
	 * April 2024, so taken to be in 14.1; a merge to 13 was not seen.
	 */
	FLAG(eexist_stops_classes, "V-04 K-20 K-21", ASSUMED,
	    MERGED(1400510, B15), SINCE(1500012)),
	FLAG(root_not_mounted_enxio, "V-05 K-05", ASSUMED, SINCE(R13_0)),
	/* In 14-CURRENT at 1400081, of May 2021; merge by its MFC line. */
	FLAG(kldload_busy_serialises, "V-13 L-24 K-02", ASSUMED,
	    MERGED(1300510, B14), SINCE(1400019)),
	/*
	 * f43ff3e15c8b: absent at 1500012, so not of Nov 2023 (that is the
	 * review); f1994d1eb215 on stable/14, from there a2f57656620d on
	 * stable/13.  Dates are those of 39450eba8e6c, which took the same
	 * way.
	 */
	FLAG(kldunload_refs_busy, "V-08 U-03", ASSUMED,
	    MERGED(1303503, B14), MERGED(1400511, B15), SINCE(1500018)),
	/*
	 * From d9ce8a41eac9 to 39450eba8e6c (26 Mar 2024); merged to stable/13
	 * by a7b2c455505a on 9 Apr 2024, after 13.3.
	 */
	FLAG(kernel_userrefs_regression, "V-12 P-28 L-20", KNOWN,
	    { 0, 1303503, 1 }, MERGED(B14, 1400511), MERGED(B15, 1500018)),
	/* D53938, end of Nov 2025: after 15.0; merge to 15 not seen. */
	FLAG(unload_events_only_linked, "V-09 L-14 U-10", ASSUMED,
	    MERGED(1501000, B16), SINCE(1600008)),
	/*
	 * Not at 1500012 nor in stable/14 of 2024; what needs it (D44306) was
	 * not yet in main in April 2024, and wanted something else then; in a
	 * main of 2025.
	 */
	FLAG(this_linker_file, "V-14 O-60", ASSUMED, SINCE(1500030)),
	/* 95c20faf11a1 of Nov 2021 and its follow-up; in stable/13 files. */
	FLAG(leak_locals_knob_obj, "V-15 O-62", ASSUMED,
	    MERGED(1300522, B14), SINCE(1400044)),
	FLAG(leak_locals_knob_elf, "V-15 D-60", ASSUMED,
	    MERGED(1300522, B14), SINCE(1400044)),

	/*
	 * ET_REL.
	 */
	/* 5e6989ba4f26 (D29049, Mar 2021), e37ad9ef372d on stable/13. */
	FLAG(obj_init_arrays, "V-19 O-04 O-15 O-18", ASSUMED,
	    MERGED(1300521, B14), SINCE(1400006)),
	FLAG(obj_first_ctors_wins, "V-20 O-18", ASSUMED,
	    MERGED(1300521, B14), SINCE(1400006)),
	/* 9e575fadf491 of 2021; in stable/13 files with the above. */
	FLAG(obj_destructors, "V-21 O-80 O-81", ASSUMED,
	    MERGED(1300521, B14), SINCE(1400027)),
	/* 7ef5c19b219e (D44559, Apr 2024), 19621b977df3 on stable/14. */
	FLAG(obj_dtors_need_ctors, "V-21 O-80", ASSUMED,
	    MERGED(1400511, B15), SINCE(1500018)),
	FLAG(obj_local_reloc_errors_fatal, "V-25 O-43", ASSUMED,
	    SINCE(R13_0)),
	/* In stable/13 files of after 13.1 and in main at 1500012. */
	FLAG(obj_two_global_passes, "V-26 O-46", ASSUMED,
	    MERGED(1301500, B14), SINCE(1400058)),
	FLAG(superpage_colour, "V-29 O-12", ASSUMED, SINCE(R13_0)),
	FLAG(map_failure_enomem, "V-30 O-12", ASSUMED, SINCE(R13_0)),
	FLAG(wire_failure_unmaps_lowest, "V-64 O-81", ASSUMED,
	    { 0, R13_0, 1 }),
	/* r353729 of 18 Oct 2019; merged in Nov 2019, in 12 of June 2020. */
	FLAG(obj_wx, "V-31 O-70 O-17", ASSUMED,
	    MERGED(1201503, B13), SINCE(1300054)),
	/* Not at 1500012; in the newest files of both classes. */
	FLAG(obj_debug_ifunc_symbol_values, "O-63 D-63", ASSUMED,
	    SINCE(1500030)),

	/*
	 * ET_DYN.
	 */
	NUMBER(maxsegs, "D-03", KNOWN, 4, NEVER),
	FLAG(elf_debug_lookup_after_failure, "D-60", ASSUMED,
	    MERGED(1300522, B14), SINCE(1400044)),
	/* 2ef2c26f3f13 of Apr 2023; merge to 13 by its MFC habit only. */
	FLAG(elf_hash_lp64_bug, "V-43 D-62", ASSUMED,
	    { 0, 1302506, 1 }, MERGED(B14, 1400087)),
	/* Of r353729's series; merged with it, as far as one can tell. */
	FLAG(preload_dyn_protects_amd64, "V-32 P-25", ASSUMED,
	    MERGED(1201503, B13), SINCE(1300054)),
	/* In stable/14 files; needs arm64's pmap_change_prot of 2022. */
	FLAG(preload_dyn_protects_arm64, "V-32 P-25", ASSUMED,
	    SINCE(1400055)),
	/* r348808 made this number. */
	FLAG(i386_set_padding, "V-34 D-32 D-72", KNOWN, SINCE(1300031)),
	/* Both in 14-CURRENT of early 2021, so taken to be in 13.0. */
	FLAG(i386_pae, "V-65 D-05", ASSUMED, SINCE(R13_0)),
	FLAG(powerpc64_kernel_map, "V-66 L-23 D-05", ASSUMED, SINCE(R13_0)),

	/*
	 * DPCPU and VNET.
	 */
	/* 110113bc086f, cf7974fd9e55 of Sept 2023; not in stable/14 of 2024. */
	FLAG(propagates_vnets_after_sysctls, "V-38 A-31 O-24 K-22", ASSUMED,
	    SINCE(1500002)),
	FLAG(vnet_shadow, "V-39 A-40 L-22", ASSUMED, SINCE(1500002)),
	/* r353274 made this number. */
	FLAG(vnet_has_shutdown, "A-33 A-34", KNOWN, SINCE(1300049)),
	/* r358020 made this number. */
	NUMBER(vnet_magic, "V-37 A-34", KNOWN, 0x3e0d8f29,
	    { 1300078, END, 0x5e4a6f28 }),

	/*
	 * Relocations.
	 */
	FLAG(reloc_message_has_symidx, "V-49 R-03", ASSUMED, SINCE(R13_0)),
	FLAG(amd64_plt32, "V-45", KNOWN, ALWAYS),
	/* In 12-STABLE at 1201517 and in 13.0, not in April 2019. */
	FLAG(amd64_relative_relocaddr, "V-44 D-53", ASSUMED,
	    MERGED(1201512, B13), SINCE(1300077)),
	/* Not at 1400081, in main at 1500012; taken not to be in 14.0. */
	FLAG(i386_jmp_slot, "V-46", ASSUMED,
	    MERGED(1400504, B15), SINCE(1500008)),
	/* r356947 of Jan 2020, MFC after 2 weeks; in 12 at 1201517. */
	FLAG(arm64_branch_relocs, "V-47 R-13", ASSUMED,
	    MERGED(1201512, B13), SINCE(1300077)),
	/* Not in 14-CURRENT of early 2021, in it at 1400081. */
	FLAG(riscv_addend, "V-48", ASSUMED,
	    MERGED(1301000, B14), SINCE(1400044)),
	/* In 14-CURRENT of early 2021, so taken to be in 13.0. */
	FLAG(riscv_looks_up_pcrel, "V-48", ASSUMED, SINCE(R13_0)),
	FLAG(powerpc_irelative, "V-50 R-20", ASSUMED, SINCE(R13_0)),
	/* In 13-CURRENT before IRELATIVE; of the second ABI only. */
	FLAG(powerpc64_jmp_slot_stores, "V-50 D-40", ASSUMED, SINCE(R13_0)),
	FLAG(powerpc_secure_plt_check, "V-50 D-11", ASSUMED, SINCE(R13_0)),

	/*
	 * Metadata, SYSINIT, preload, tools.
	 */
	/* cedc82c0466a, July 2023. */
	FLAG(sysinit_has_link, "V-51 M-05", ASSUMED, SINCE(1400094)),
	/* 9a7add6d01f3; 71679cf468ba of Sept 2023 is in 14.0. */
	NUMBER(boot_sysinit_sort, "V-52 M-34", ASSUMED, KLDSIM__SORT_EXCHANGE,
	    { 1400094, 1400097, KLDSIM__SORT_MERGE_REVERSED },
	    { 1400097, B15, KLDSIM__SORT_MERGE_STABLE },
	    { B15, 1500001, KLDSIM__SORT_MERGE_REVERSED },
	    { 1500001, END, KLDSIM__SORT_MERGE_STABLE }),
	/* After 13.0, "14 era". */
	FLAG(modstat_v3, "V-57 K-45", ASSUMED, SINCE(1400058)),
	/* Both forms in stable/14 of 2024, one in the newest files. */
	FLAG(preload_numberless_types, "V-61 P-06 L-17", ASSUMED,
	    SINCE(1500030)),
	/* Fixed at 1500012; taken to be fixed in 14.0. */
	FLAG(loader_symtab_counted_twice, "V-60 P-11", ASSUMED,
	    { 0, B14, 1 }),
	/*
	 * Not in a 14-CURRENT whose loader has no module_verbose yet, in main
	 * at 1500012; taken to be in 14.0.
	 */
	FLAG(loader_checks_bounds, "P-12", ASSUMED, SINCE(1400097)),
	/* 0299afdff145 (D42966) of 12 Dec 2023, without an MFC line. */
	FLAG(kldxref_target_order, "V-55 H-07 H-08", KNOWN, SINCE(1500008)),
	/* D20405, May 2019: two passes; that only the first counts, H-08. */
	FLAG(kldxref_first_module_only, "V-55 H-08", ASSUMED,
	    SINCE(1300030)),
	FLAG(ctf_v3, "V-56 B-30", ASSUMED, SINCE(1400054)),
	/* Not at 1500012 nor in stable/14 of 2024. */
	FLAG(ctf_eager, "V-56 K-22 P-29", ASSUMED, SINCE(1500018)),
	/* Scripts of 2025. */
	FLAG(gdb_set_origins, "V-59 B-21 L-22 O-17", ASSUMED, SINCE(1600002)),
	FLAG(base_address_sysctls, "V-62 L-21", ASSUMED, SINCE(R13_0)),
	/* Removed at the turn to 2022. */
	FLAG(has_mips, "V-63 L-02", ASSUMED, { 0, 1400047, 1 }),
	/* r357455 made this number. */
	FLAG(has_sparc64, "V-63 L-02", KNOWN, { 0, 1300077, 1 }),
};

#define FACTS (sizeof(table) / sizeof(table[0]))

/*
 * Oldest first; a branch's names stand together.
 *
 * 13.0 to 14.1 are the numbers of the release tags (sys/param.h, as nixpkgs
 * lists them).  13.4, 13.5, 14.2 and 14.3 follow the custom that releng/X.Y
 * begins with XY000 while the stable branch goes on with XY500; the Porter's
 * Handbook has 1301000 for the one, and 1304500 (1 Aug 2024) and 1402500 (31
 * Oct 2024) for the other.
 */
static const struct release {
	const char *name;
	uint32_t osreldate;
} releases[] = {
	{ "12.1", 1201000 },
	{ "12.2", 1202000 },
	{ "13.0", 1300139 },
	{ "13.3", 1303001 },
	{ "13.4", 1304000 },
	{ "13.5", 1305000 },
	{ "14.0", 1400097 },
	{ "14.1", 1401000 },
	{ "14.2", 1402000 },
	{ "14.3", 1403000 },
	{ "15.0", 1500068 },
	/*
	 * Pinned: a main (n289791, 16.0-CURRENT) met in 2026.  The sources
	 * behind the rows are of the turn to 2026.
	 */
	{ "main", 1600026 },
};

#define RELEASES (sizeof(releases) / sizeof(releases[0]))

static int
value_at(const struct kldsim__fact *fact, uint32_t osreldate)
{
	const struct kldsim__fact_span *span;
	size_t i;

	for (i = 0; i < KLDSIM__FACT_SPANS; i++) {
		span = &fact->spans[i];
		if (osreldate >= span->from && osreldate < span->to)
			return span->value;
	}
	return fact->otherwise;
}

/* Through memcpy, as the offset says nothing of the type to the compiler. */
static void
store(struct kldsim__facts *facts, const struct kldsim__fact *fact, int value)
{
	bool flag = value != 0;
	char *field = (char *)facts + fact->offset;

	if (fact->number)
		memcpy(field, &value, sizeof(value));
	else
		memcpy(field, &flag, sizeof(flag));
}

void
kldsim__facts_for(uint32_t osreldate, struct kldsim__facts *facts_ret)
{
	size_t i;

	memset(facts_ret, 0, sizeof(*facts_ret));
	for (i = 0; i < FACTS; i++)
		store(facts_ret, &table[i], value_at(&table[i], osreldate));
}

const struct kldsim__fact *
kldsim__fact_at(size_t i)
{
	return i < FACTS ? &table[i] : NULL;
}

int
kldsim__fact_value(const struct kldsim__facts *facts,
    const struct kldsim__fact *fact)
{
	const char *field = (const char *)facts + fact->offset;
	bool flag;
	int value;

	if (fact->number) {
		memcpy(&value, field, sizeof(value));
		return value;
	}
	memcpy(&flag, field, sizeof(flag));
	return flag;
}

enum kldsim_status
kldsim__release_by_name(const char *name, uint32_t *osreldate_ret)
{
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		if (strcmp(releases[i].name, name) == 0) {
			*osreldate_ret = releases[i].osreldate;
			return KLDSIM_OK;
		}
	}
	return KLDSIM_ARG;
}

const char *
kldsim__release_name(uint32_t osreldate)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		if (releases[i].osreldate / 100000 != osreldate / 100000)
			continue;
		if (name == NULL || releases[i].osreldate <= osreldate)
			name = releases[i].name;
	}
	return name;
}

const char *
kldsim__release_at(size_t i)
{
	return i < RELEASES ? releases[i].name : NULL;
}
