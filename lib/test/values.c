/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions about symbols, variables, modspace, calls and reports. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/impl.h"

/* What the two sets are called. */
static const struct {
	const char *prefix;
	const char *instance;
	const char *set;
} sets[] = {
	[KLDSIM_SET_DPCPU] = {"pcpu_entry_", "CPU", "DPCPU"},
	[KLDSIM_SET_VNET] = {"vnet_entry_", "vnet", "VNET"},
};

void
kldsim_test_symbol(struct kldsim *sim, int fileid, const char *name,
    kldsim_addr address, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	kldsim_addr found = 0;
	kldsim_size size;

	if (kldsim_kldsym(sim, fileid, name, &found, &size) != KLDSIM_OK)
		kldsim__test_fail(&test, "%s: expected 0x%" PRIx64
		    ", found no such symbol", name, address);
	if (found != address)
		kldsim__test_fail(&test, "%s: expected 0x%" PRIx64
		    ", found 0x%" PRIx64, name, address, found);
}

void
kldsim_test_no_symbol(struct kldsim *sim, int fileid, const char *name,
    const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	kldsim_addr found = 0;
	kldsim_size size;

	if (kldsim_kldsym(sim, fileid, name, &found, &size) == KLDSIM_OK)
		kldsim__test_fail(&test, "%s: expected no such symbol, found 0x%"
		    PRIx64, name, found);
}

/* Where one CPU or vnet keeps a variable. */
static kldsim_addr
find_variable(const struct kldsim__test *test, enum kldsim_set set,
    unsigned id, const char *name)
{
	char symbol[256];
	kldsim_addr reference = 0, address = 0;
	kldsim_size size;

	(void)snprintf(symbol, sizeof(symbol), "%s%s", sets[set].prefix, name);
	if (kldsim_kldsym(test->sim, 0, symbol, &reference, &size) !=
	    KLDSIM_OK)
		kldsim__test_fail(test, "%s %s: there is no symbol %s",
		    sets[set].set, name, symbol);
	if (kldsim_set_translate(test->sim, set, id, reference, &address) !=
	    KLDSIM_OK)
		kldsim__test_fail(test, "%s %s at 0x%" PRIx64
		    ": there is no %s %u, or it has no such place",
		    sets[set].set, name, reference, sets[set].instance, id);
	return address;
}

static void
hex(char *room, size_t size, const unsigned char *bytes, size_t n)
{
	size_t i, at = 0;

	room[0] = '\0';
	for (i = 0; i < n && at + 8 < size; i++)
		at += (size_t)snprintf(room + at, size - at, "%s%02x",
		    i == 0 ? "" : " ", bytes[i]);
	if (i < n)
		(void)snprintf(room + at, size - at, " ...");
}

void
kldsim_test_variable(struct kldsim *sim, enum kldsim_set set, unsigned id,
    const char *name, const void *bytes, size_t size, const char *file,
    int line)
{
	struct kldsim__test test = {sim, file, line};
	kldsim_addr address = find_variable(&test, set, id, name);
	char want[200], have[200];
	unsigned char *found = calloc(1, size + 1);
	bool same, readable;

	if (found == NULL)
		kldsim__test_fail(&test, "no memory");
	readable = kldsim_read(sim, address, found, size) == KLDSIM_OK;
	same = readable && memcmp(found, bytes, size) == 0;
	hex(want, sizeof(want), bytes, size);
	hex(have, sizeof(have), found, size);
	free(found);
	if (!readable)
		kldsim__test_fail(&test, "%s %s in %s %u: 0x%" PRIx64
		    " cannot be read", sets[set].set, name,
		    sets[set].instance, id, address);
	if (!same)
		kldsim__test_fail(&test, "%s %s in %s %u (at 0x%" PRIx64
		    "): expected %s, found %s", sets[set].set, name,
		    sets[set].instance, id, address, want, have);
}

/* P-02, P-05: the loader's block begins with MODINFO_NAME, the number 1. */
static bool
is_big_endian(const struct kldsim *sim)
{
	size_t size;
	const unsigned char *block = kldsim_preload_metadata(sim, &size);

	return size != 0 && block[0] == 0;
}

void
kldsim_test_variable_int(struct kldsim *sim, enum kldsim_set set, unsigned id,
    const char *name, uint64_t value, size_t size, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	const bool big = is_big_endian(sim);
	unsigned char bytes[8];
	size_t i;

	if (size == 0 || size > sizeof(bytes))
		kldsim__test_fail(&test, "%s: an integer of %zu bytes", name,
		    size);
	for (i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] =
		    (unsigned char)(value >> 8 * i);
	kldsim_test_variable(sim, set, id, name, bytes, size, file, line);
}

void
kldsim_test_modspace_free(struct kldsim *sim, enum kldsim_set set,
    kldsim_size bytes, const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	struct kldsim_set_info info;

	kldsim_set_info(sim, set, &info);
	if (!info.present || !info.has_modspace)
		kldsim__test_fail(&test, "%s: this kernel has no modspace",
		    sets[set].set);
	if (info.modspace_free != bytes)
		kldsim__test_fail(&test, "%s modspace: expected %" PRIu64
		    " bytes free, found %" PRIu64, sets[set].set, bytes,
		    info.modspace_free);
}

static bool
is_module_event(enum kldsim_event_kind kind)
{
	return kind == KLDSIM_EVENT_MOD_LOAD ||
	    kind == KLDSIM_EVENT_MOD_UNLOAD ||
	    kind == KLDSIM_EVENT_MOD_QUIESCE;
}

/* The index-th call that is asked about; NULL after the last. */
static const char *
call_name(struct kldsim *sim, const char *file_name,
    enum kldsim_event_kind kind, size_t index)
{
	const struct kldsim_event *event;
	const char *name;
	size_t i;

	for (i = 0; i < kldsim_event_count(sim); i++) {
		event = kldsim_event_at(sim, i);
		if (event->kind != kind || (file_name != NULL &&
		    (event->file == NULL ||
		    strcmp(event->file, file_name) != 0)) || index-- != 0)
			continue;
		name = is_module_event(kind) ? event->module : event->symbol;
		return name == NULL ? "?" : name;
	}
	return NULL;
}

void
kldsim_test_calls(struct kldsim *sim, const char *file_name,
    enum kldsim_event_kind kind, const char *const *names, size_t count,
    const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	char all[600] = "";
	const char *found;
	size_t i, at = 0;

	for (i = 0; (found = call_name(sim, file_name, kind, i)) != NULL; i++)
		if (at + strlen(found) + 8 < sizeof(all))
			at += (size_t)snprintf(all + at, sizeof(all) - at,
			    " %s", found);
	for (i = 0; i <= count; i++) {
		found = call_name(sim, file_name, kind, i);
		if (i == count && found == NULL)
			return;
		if (i < count && found != NULL && strcmp(found, names[i]) == 0)
			continue;
		kldsim__test_fail(&test, "%s call %zu of %s: expected %s, "
		    "found %s; all:%s", kldsim_event_name(kind), i,
		    file_name == NULL ? "all files" : file_name,
		    i < count ? names[i] : "no more", found == NULL ?
		    "no more" : found, all);
	}
}

void
kldsim_test_no_findings(struct kldsim *sim, enum kldsim_severity severity,
    const char *file, int line)
{
	struct kldsim__test test = {sim, file, line};
	const struct kldsim_finding *finding;
	size_t i;

	for (i = 0; i < kldsim_finding_count(sim); i++) {
		finding = kldsim_finding_at(sim, i);
		if (finding->severity >= severity)
			kldsim__test_fail(&test,
			    "expected no findings, found %s", finding->code);
	}
}

void
kldsim_test_finding(struct kldsim *sim, const char *code, const char *file,
    int line)
{
	struct kldsim__test test = {sim, file, line};
	size_t i;

	for (i = 0; i < kldsim_finding_count(sim); i++)
		if (strcmp(kldsim_finding_at(sim, i)->code, code) == 0)
			return;
	kldsim__test_fail(&test, "expected the finding %s", code);
}

void
kldsim_test_console(struct kldsim *sim, const char *text, const char *file,
    int line)
{
	struct kldsim__test test = {sim, file, line};
	size_t i;

	for (i = 0; i < kldsim_console_count(sim); i++)
		if (strstr(kldsim_console_line(sim, i), text) != NULL)
			return;
	kldsim__test_fail(&test, "expected \"%s\" on the console", text);
}
