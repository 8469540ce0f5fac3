/* SPDX-License-Identifier: BSD-2-Clause */
/* What a failed assertion says. */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/impl.h"

static void
print_files(struct kldsim *sim)
{
	struct kldsim_filestat stat;
	int id = 0;

	print_error("kldstat:\n  Id Refs Address                Size Name\n");
	while (kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0)
		if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK)
			print_error("  %2d %4d 0x%016" PRIx64 " %8" PRIx64
			    " %s%s\n", stat.id, stat.refs, stat.address,
			    stat.size, stat.name,
			    stat.linked ? "" : " (not linked)");
	if (kldsim_is_dead(sim))
		print_error("  the kernel is dead\n");
}

static void
print_sets(struct kldsim *sim)
{
	static const char *const names[] = {"DPCPU", "VNET"};
	struct kldsim_extent_info extent;
	struct kldsim_set_info info;
	size_t i;
	int set;

	for (set = 0; set < 2; set++) {
		kldsim_set_info(sim, (enum kldsim_set)set, &info);
		if (!info.present)
			continue;
		print_error("%s: %zu instances, %" PRIu64 " of %" PRIu64
		    " bytes of modspace free:", names[set], info.ninstances,
		    info.modspace_free, info.modspace_size);
		for (i = 0; kldsim_set_free_extent(sim, (enum kldsim_set)set,
		    i, &extent) == KLDSIM_OK; i++)
			print_error(" 0x%" PRIx64 "+0x%" PRIx64, extent.start,
			    extent.size);
		print_error("\n");
	}
}

static void
print_reports(struct kldsim *sim)
{
	const struct kldsim_finding *finding;
	size_t i, n = kldsim_console_count(sim);

	print_error("console:%s\n", n == 0 ? " nothing" : "");
	for (i = 0; i < n; i++)
		print_error("  %s\n", kldsim_console_line(sim, i));
	n = kldsim_finding_count(sim);
	print_error("findings:%s\n", n == 0 ? " none" : "");
	for (i = 0; i < n; i++) {
		finding = kldsim_finding_at(sim, i);
		print_error("  %s: %s%s%s: %s [%s %s]\n",
		    kldsim_severity_name(finding->severity),
		    finding->file == NULL ? "kernel" : finding->file,
		    finding->section == NULL ? "" : " ",
		    finding->section == NULL ? "" : finding->section,
		    finding->text, finding->code, finding->rules);
	}
}

void
kldsim__test_fail(const struct kldsim__test *test, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_error("%s\n", text);
	if (test->sim != NULL) {
		print_files(test->sim);
		print_sets(test->sim);
		print_reports(test->sim);
	}
	_fail(test->file, test->line);
}
