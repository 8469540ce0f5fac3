/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The report for people: the kldstat(8) table, then where everything went,
 * then what became of each MODULE, what the kernel said, and what we found.
 */

#include "report/report_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_load.h"
#include "report/names.h"
#include "report/output.h"
#include "report/report_finding.h"

#define PLACES 4 /* of findings that say the same, without -v */

/* Escape sequences by what they mark; made visible by --color only. */
static const char *const severity_colors[] = {
	[KLDSIM_NOTE] = "\033[36m",
	[KLDSIM_WARNING] = "\033[33m",
	[KLDSIM_PANIC] = "\033[1;31m",
};

static const char *const outcome_colors[] = {
	[OUTCOME_NOT_TRIED] = "\033[2m",
	[OUTCOME_LOADED] = "\033[32m",
	[OUTCOME_REFUSED] = "\033[31m",
	[OUTCOME_PANIC] = "\033[1;31m",
	[OUTCOME_FAILED] = "\033[31m",
};

static const struct set_words {
	enum kldsim_set set;
	const char *title;
	const char *instance; /* one CPU or vnet, number follows */
	const char *noun;
	const char *absent;
	const char *option;   /* tells where modspace is */
} sets[] = {
	{ KLDSIM_SET_DPCPU, "DPCPU", "cpu", "CPU",
	    "the kernel has no set_pcpu", "--dpcpu-modspace" },
	{ KLDSIM_SET_VNET, "VNET", "vnet", "vnet",
	    "the kernel has no set_vnet (no VIMAGE)", "--vnet-modspace" },
};

struct page {
	const struct load_run *run;
	struct kldsim *sim;
	FILE *out;
	enum verbosity verbosity;
	bool color;
};

static void
put_colored(const struct page *page, const char *color, const char *text)
{
	if (page->color)
		fputs(color, page->out);
	put(page->out, "%s", text);
	if (page->color)
		fputs("\033[0m", page->out);
}

/* Columns of an address: "0x" and a word's digits. */
static int
address_width(const struct page *page)
{
	return ((int)page->run->info.word_bits / 4 + 2);
}

/* An address right-aligned, as kldstat(8) does it. */
static void
put_address(const struct page *page, kldsim_addr address)
{
	char text[19];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, address);
	put(page->out, "%*s", address_width(page), text);
}

/* Rule K-42. */
static void
kldstat_table(const struct page *page)
{
	struct kldsim_filestat stat;

	put_line(page->out, "Id Refs %-*s %8s Name", address_width(page),
	    "Address", "Size");
	for (int id = 0; next_file(page->sim, &id);) {
		if (kldsim_kldstat(page->sim, id, &stat) != KLDSIM_OK)
			continue;
		put(page->out, "%2d %4d ", stat.id, stat.refs);
		put_address(page, stat.address);
		put_line(page->out, " %8" PRIx64 " %s", stat.size, stat.name);
	}
}

/* The protection of the pages that an address lies in. */
static const char *
prot_at(const struct page *page, int id, kldsim_addr address, char text[4])
{
	struct kldsim_protection run;

	for (size_t i = 0; kldsim_file_protection(page->sim, id, i, &run) ==
	    KLDSIM_OK; i++)
		if (address - run.start < run.size)
			return (prot_text(run.prot, text));
	return ("-");
}

static void
section_row(const struct page *page, int id,
    const struct kldsim_section *section)
{
	char prot[4];

	put(page->out, "  %3u ", section->index);
	put_address(page, section->address);
	put(page->out, " %8" PRIx64 " %-7s", section->size,
	    region_name(section->region));
	if (page->verbosity >= VERBOSE)
		put(page->out, " %-4s",
		    prot_at(page, id, section->address, prot));
	put(page->out, " %s", section->name);
	if (page->verbosity >= VERBOSE &&
	    (section->region == KLDSIM_REGION_DPCPU ||
	    section->region == KLDSIM_REGION_VNET))
		put(page->out, " (hole at 0x%" PRIx64 ")", section->hole);
	putc('\n', page->out);
}

static void
section_table(const struct page *page, int id)
{
	struct kldsim_section section;

	put_line(page->out, "  %3s %-*s %8s %-7s %sSection", "Nr",
	    address_width(page), "Address", "Size", "Region",
	    page->verbosity >= VERBOSE ? "Prot " : "");
	for (size_t i = 0; kldsim_file_section(page->sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		section_row(page, id, &section);
}

/* What the file stands on, and what it offers. */
static void
file_links(const struct page *page, int id)
{
	struct kldsim_interface interface;
	struct kldsim_modinfo module;
	int dep;

	for (size_t i = 0; kldsim_file_dep(page->sim, id, i, &dep) ==
	    KLDSIM_OK; i++)
		put_line(page->out, "  depends on  %s",
		    file_name(page->sim, dep));
	for (size_t i = 0; kldsim_file_interface(page->sim, id, i,
	    &interface) == KLDSIM_OK; i++)
		put_line(page->out, "  provides    %s version %d",
		    interface.name, interface.version);
	for (size_t i = 0; kldsim_file_module(page->sim, id, i, &module) ==
	    KLDSIM_OK; i++)
		put_line(page->out, "  module      %s, id %d, refs %d",
		    module.name, module.id, module.refs);
}

/* What was done to its pages, and what would have been called. */
static void
file_pages(const struct page *page, int id)
{
	struct kldsim_protection run;
	kldsim_addr address;
	char prot[4];

	for (size_t i = 0; kldsim_file_constructor(page->sim, id, i,
	    &address) == KLDSIM_OK; i++)
		put_line(page->out, "  constructor 0x%" PRIx64, address);
	for (size_t i = 0; kldsim_file_protection(page->sim, id, i, &run) ==
	    KLDSIM_OK; i++)
		put_line(page->out, "  protection  %s 0x%" PRIx64 "-0x%" PRIx64,
		    prot_text(run.prot, prot), run.start,
		    run.start + run.size);
}

/* What the kernel would have called, in calling order. */
static void
file_calls(const struct page *page, const char *file)
{
	for (size_t i = 0; i < kldsim_event_count(page->sim); i++) {
		const struct kldsim_event *event =
		    kldsim_event_at(page->sim, i);

		if (event->file == NULL || strcmp(event->file, file) != 0)
			continue;
		if (event->kind >= KLDSIM_EVENT_KLD_LOAD) {
			put_line(page->out, "  event       %s",
			    kldsim_event_name(event->kind));
			continue;
		}
		put(page->out, "  call        %s ",
		    kldsim_event_name(event->kind));
		if (event->module != NULL)
			put(page->out, "%s ", event->module);
		else
			put(page->out, "0x%07" PRIx32 " 0x%07" PRIx32 " ",
			    event->subsystem, event->order);
		put(page->out, "%s(0x%" PRIx64 ")",
		    event->symbol != NULL ? event->symbol : "?", event->arg);
		if (event->kind == KLDSIM_EVENT_VNET_SYSINIT ||
		    event->kind == KLDSIM_EVENT_VNET_SYSUNINIT)
			put(page->out, " in vnet%u", event->vnet);
		if (event->error != 0)
			put(page->out, " answers %s",
			    kldsim_errno_name(event->error));
		putc('\n', page->out);
	}
}

/* Each file but the first, which is the kernel. */
static void
file_tables(const struct page *page)
{
	struct kldsim_filestat stat;
	int id = 0;

	for ((void)next_file(page->sim, &id); next_file(page->sim, &id);) {
		if (kldsim_kldstat(page->sim, id, &stat) != KLDSIM_OK)
			continue;
		putc('\n', page->out);
		put_line(page->out, "%s: id %d, %s, %s", stat.name, id,
		    stat.class_name, stat.path);
		if (page->verbosity >= VERBOSE) {
			file_links(page, id);
			file_pages(page, id);
			file_calls(page, stat.name);
		}
		section_table(page, id);
	}
}

/* One line of a set: what, from where to where, how many bytes. */
static void
range(const struct page *page, const char *what, kldsim_addr start,
    kldsim_size size)
{
	char stop[19];

	put(page->out, "  %-9s ", what);
	put_address(page, start);
	(void)snprintf(stop, sizeof(stop), "0x%" PRIx64, start + size);
	put(page->out, "-%-*s %7" PRIu64 " bytes", address_width(page), stop,
	    size);
}

/* A file's part of modspace, and where CPUs or vnets have theirs. */
static void
part_rows(const struct page *page, const struct set_words *words,
    const struct kldsim_set_part *part)
{
	const char *section = section_name(page->sim, part->fileid,
	    part->section_index);
	struct kldsim_instance instance;
	kldsim_addr address;
	char what[32];

	range(page, "part", part->start, part->size);
	put_line(page->out, ": %s%s%s", file_name(page->sim, part->fileid),
	    section == NULL ? "" : " ", section == NULL ? "" : section);
	for (size_t i = 0; page->verbosity >= VERBOSE &&
	    kldsim_set_instance(page->sim, words->set, i, &instance) ==
	    KLDSIM_OK; i++) {
		if (kldsim_set_translate(page->sim, words->set, instance.id,
		    part->start, &address) != KLDSIM_OK)
			continue;
		(void)snprintf(what, sizeof(what), "  %s%u", words->instance,
		    instance.id);
		range(page, what, address, part->size);
		putc('\n', page->out);
	}
}

static void
modspace_rows(const struct page *page, const struct set_words *words,
    const struct kldsim_set_info *info)
{
	struct kldsim_extent_info extent;
	struct kldsim_set_part part;

	if (!info->has_modspace) {
		put_line(page->out, "  modspace  unknown: the kernel is "
		    "stripped of its symbol (%s)", words->option);
		return;
	}
	range(page, "modspace", info->modspace_start, info->modspace_size);
	put_line(page->out, ": %" PRIu64 " used, %" PRIu64 " free",
	    info->modspace_size - info->modspace_free, info->modspace_free);
	for (size_t i = 0; kldsim_set_part(page->sim, words->set, i, &part) ==
	    KLDSIM_OK; i++)
		part_rows(page, words, &part);
	for (size_t i = 0; kldsim_set_free_extent(page->sim, words->set, i,
	    &extent) == KLDSIM_OK; i++) {
		range(page, "free", extent.start, extent.size);
		putc('\n', page->out);
	}
}

/* Every CPU's or vnet's whole copy. */
static void
instance_rows(const struct page *page, const struct set_words *words,
    const struct kldsim_set_info *info)
{
	struct kldsim_instance instance;
	char what[32];

	for (size_t i = 0; kldsim_set_instance(page->sim, words->set, i,
	    &instance) == KLDSIM_OK; i++) {
		(void)snprintf(what, sizeof(what), "%s%u", words->instance,
		    instance.id);
		range(page, what, instance.area, info->stop - info->start);
		put_line(page->out, ": base 0x%" PRIx64, instance.base);
	}
}

static void
set_block(const struct page *page, const struct set_words *words)
{
	struct kldsim_set_info info;

	kldsim_set_info(page->sim, words->set, &info);
	putc('\n', page->out);
	if (!info.present) {
		put_line(page->out, "%s: %s", words->title, words->absent);
		return;
	}
	put_line(page->out, "%s: %zu %s%s", words->title, info.ninstances,
	    words->noun, info.ninstances == 1 ? "" : "s");
	range(page, "reference", info.start, info.stop - info.start);
	putc('\n', page->out);
	modspace_rows(page, words, &info);
	if (page->verbosity >= VERBOSE)
		instance_rows(page, words, &info);
}

/* Console lines, each behind some blanks. */
static void
console_lines(const struct page *page, size_t first, size_t count,
    const char *indent)
{
	for (size_t i = first; i < first + count; i++)
		put_line(page->out, "%s%s", indent,
		    kldsim_console_line(page->sim, i));
}

static void
result_row(const struct page *page, const struct attempt *attempt)
{
	const struct kldsim_result *result = &attempt->result;
	const char *color = outcome_colors[attempt->outcome];

	put(page->out, "  %s: ", attempt->name);
	if (attempt->outcome != OUTCOME_REFUSED)
		put_colored(page, color, outcome_name(attempt->outcome));
	else
		put_colored(page, color, kldsim_errno_name(result->error));
	if (attempt->outcome == OUTCOME_LOADED)
		put(page->out, ", id %d", result->fileid);
	else if (attempt->outcome == OUTCOME_REFUSED)
		put(page->out, " (%d), %s", result->error,
		    kldsim_errno_text(result->error));
	else if (attempt->outcome == OUTCOME_FAILED)
		put(page->out, ": %s", attempt->failure);
	putc('\n', page->out);
	if (attempt->outcome == OUTCOME_REFUSED ||
	    attempt->outcome == OUTCOME_PANIC)
		console_lines(page, result->first_console, result->nconsole,
		    "      ");
}

/* A block's title, before its first line only. */
static void
title(const struct page *page, const char *text, bool *shown)
{
	if (*shown)
		return;
	if (page->verbosity > QUIET)
		putc('\n', page->out);
	put_line(page->out, "%s:", text);
	*shown = true;
}

static void
results(const struct page *page)
{
	const struct attempt *attempt = page->run->attempts;
	const struct attempt *end = attempt + page->run->options->nmodules;
	bool shown = false;

	for (; attempt < end; attempt++) {
		if (page->verbosity <= QUIET &&
		    attempt->outcome == OUTCOME_LOADED)
			continue;
		title(page, "results", &shown);
		result_row(page, attempt);
	}
}

/* One finding and those that say the same; gives their count. */
static size_t
finding_row(const struct page *page, size_t first)
{
	const struct kldsim_finding *f = kldsim_finding_at(page->sim, first);
	const struct findings all = { .sim = page->sim };
	size_t count;
	char *words = finding_words(&all, first,
	    page->verbosity >= VERBOSE ? SIZE_MAX : PLACES, &count);

	put(page->out, "  ");
	put_colored(page, severity_colors[f->severity],
	    kldsim_severity_name(f->severity));
	put_line(page->out, ": %s", words);
	free(words);
	return (count);
}

/* Everything the kernel said; results have shown what refusals are about. */
static void
console(const struct page *page)
{
	bool shown = false;

	if (kldsim_console_count(page->sim) == 0)
		return;
	title(page, "console", &shown);
	console_lines(page, 0, kldsim_console_count(page->sim), "  ");
}

static void
findings(const struct page *page)
{
	const struct kldsim_finding *f;
	bool shown = false;
	size_t count;

	for (size_t i = 0; (f = kldsim_finding_at(page->sim, i)) != NULL;
	    i += count) {
		count = 1;
		if (page->verbosity <= QUIET && f->severity < KLDSIM_WARNING)
			continue;
		title(page, "findings", &shown);
		count = finding_row(page, i);
	}
}

void
report_text(const struct load_run *run, FILE *out)
{
	const struct page page = {
		.run = run,
		.sim = run->sim,
		.out = out,
		.verbosity = run->options->verbosity,
		.color = run->options->color,
	};

	if (page.verbosity > QUIET) {
		kldstat_table(&page);
		file_tables(&page);
		for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
			set_block(&page, &sets[i]);
	}
	results(&page);
	if (page.verbosity > QUIET)
		console(&page);
	findings(&page);
}
