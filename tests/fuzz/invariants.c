/* SPDX-License-Identifier: BSD-2-Clause */

/* What is true of a simulated kernel whatever it was given; see fuzz.h. */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* What of an area is looked at: a gigabyte of zeros says no more. */
#define LOOK 65536u

/* --- states as numbers --- */

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return (hash ^ hash >> 29);
}

static uint64_t
mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t lanes[4] = { 1, 2, 3, 4 }, word;

	/* Four that do not wait for each other. */
	for (; size >= 32; size -= 32, at += 32)
		for (unsigned i = 0; i < 4; i++) {
			memcpy(&word, at + 8 * i, 8);
			lanes[i] = mix(lanes[i], word);
		}
	for (unsigned i = 0; i < 4; i++)
		hash = mix(hash, lanes[i]);
	for (; size >= 8; size -= 8, at += 8) {
		memcpy(&word, at, 8);
		hash = mix(hash, word);
	}
	word = size;
	memcpy(&word, at, size);
	return (mix(hash, word));
}

static uint64_t
mix_text(uint64_t hash, const char *text)
{
	return (text == NULL ? mix(hash, 1) :
	    mix_bytes(hash, text, strlen(text)));
}

/* Bytes at `start` of a buffer that are free modspace read as zeros. */
static void
blank(kldsim_addr free_start, kldsim_size free_size, kldsim_addr start,
    uint8_t *buffer, size_t size)
{
	kldsim_addr from = free_start > start ? free_start : start;
	kldsim_addr to = free_start + free_size;

	if (to > start + size)
		to = start + size;
	if (from < to)
		memset(buffer + (from - start), 0, (size_t)(to - from));
}

/* In the reference copy, and in every instance. */
static void
blank_free(const struct kldsim *sim, enum kldsim_set set, kldsim_addr start,
    uint8_t *buffer, size_t size)
{
	struct kldsim_extent_info extent;
	struct kldsim_instance instance;

	for (size_t e = 0; kldsim_set_free_extent(sim, set, e, &extent) ==
	    KLDSIM_OK; e++) {
		blank(extent.start, extent.size, start, buffer, size);
		for (size_t i = 0; kldsim_set_instance(sim, set, i,
		    &instance) == KLDSIM_OK; i++)
			blank(extent.start + instance.base, extent.size,
			    start, buffer, size);
	}
}

/* What of memory belongs to a state: all, or what is nobody's to change. */
enum memory { ALL, KEPT };

static uint64_t
mix_memory(uint64_t hash, const struct kldsim *sim, kldsim_addr address,
    kldsim_size size, enum memory memory)
{
	static uint8_t buffer[LOOK];

	if (size > LOOK)
		size = LOOK;
	if (kldsim_read(sim, address, buffer, (size_t)size) != KLDSIM_OK)
		return (mix(hash, 2));
	for (int set = KLDSIM_SET_DPCPU; memory == KEPT &&
	    set <= KLDSIM_SET_VNET; set++)
		blank_free(sim, (enum kldsim_set)set, address, buffer,
		    (size_t)size);
	return (mix_bytes(hash, buffer, (size_t)size));
}

static uint64_t
mix_file(uint64_t hash, const struct kldsim *sim,
    const struct kldsim_filestat *stat)
{
	struct kldsim_interface interface;
	struct kldsim_modinfo module;
	int dep;

	hash = mix(hash, (uint64_t)stat->refs << 32 |
	    (unsigned)stat->userrefs);
	hash = mix_text(mix_text(hash, stat->path), stat->class_name);
	hash = mix(mix(hash, stat->address), stat->size);
	for (size_t i = 0; kldsim_file_dep(sim, stat->id, i, &dep) ==
	    KLDSIM_OK; i++)
		hash = mix(hash, (uint64_t)dep);
	for (size_t i = 0; kldsim_file_interface(sim, stat->id, i,
	    &interface) == KLDSIM_OK; i++)
		hash = mix(mix_text(hash, interface.name),
		    (uint64_t)interface.version);
	for (size_t i = 0; kldsim_file_module(sim, stat->id, i, &module) ==
	    KLDSIM_OK; i++)
		hash = mix(mix_text(hash, module.name),
		    (uint64_t)module.id << 32 | (unsigned)module.refs);
	return (hash);
}

static uint64_t
mix_files(uint64_t hash, const struct kldsim *sim, enum memory memory)
{
	struct kldsim_filestat stat;
	int id = 0;

	while (kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0) {
		FUZZ_CHECK(kldsim_kldstat(sim, id, &stat) == KLDSIM_OK,
		    "a file without kldstat");
		hash = mix_file(hash, sim, &stat);
		hash = mix_memory(hash, sim, stat.address, stat.size, memory);
	}
	return (hash);
}

static uint64_t
mix_set(uint64_t hash, const struct kldsim *sim, enum kldsim_set set,
    enum memory memory)
{
	struct kldsim_extent_info extent;
	struct kldsim_instance instance;
	struct kldsim_set_info info;
	struct kldsim_set_part part;

	kldsim_set_info(sim, set, &info);
	for (size_t i = 0; i < info.nfree; i++)
		if (kldsim_set_free_extent(sim, set, i, &extent) == KLDSIM_OK)
			hash = mix(mix(hash, extent.start), extent.size);
	for (size_t i = 0; i < info.nparts; i++)
		if (kldsim_set_part(sim, set, i, &part) == KLDSIM_OK)
			hash = mix(mix(hash, part.start), part.size);
	for (size_t i = 0; i < info.ninstances; i++) {
		if (kldsim_set_instance(sim, set, i, &instance) != KLDSIM_OK)
			continue;
		hash = mix(mix(hash, instance.area), instance.id);
		hash = mix_memory(hash, sim, instance.area,
		    info.stop - info.start, memory);
	}
	return (hash);
}

uint64_t
fuzz_shape(struct kldsim *sim)
{
	uint64_t hash = mix_files(0, sim, KEPT);

	hash = mix_set(hash, sim, KLDSIM_SET_DPCPU, KEPT);
	return (mix_set(hash, sim, KLDSIM_SET_VNET, KEPT));
}

static uint64_t
mix_events(uint64_t hash, struct kldsim *sim)
{
	for (size_t i = 0; i < kldsim_event_count(sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(sim, i);

		hash = mix_text(mix(hash, event->kind), event->file);
		hash = mix_text(mix_text(hash, event->module), event->symbol);
		hash = mix(mix(mix(hash, event->func), event->arg),
		    event->vnet);
	}
	return (hash);
}

uint64_t
fuzz_state(struct kldsim *sim)
{
	uint64_t hash = mix_files(kldsim_is_dead(sim), sim, ALL);

	hash = mix_set(hash, sim, KLDSIM_SET_DPCPU, ALL);
	hash = mix_set(hash, sim, KLDSIM_SET_VNET, ALL);
	hash = mix_events(hash, sim);
	for (size_t i = 0; i < kldsim_console_count(sim); i++)
		hash = mix_text(hash, kldsim_console_line(sim, i));
	for (size_t i = 0; i < kldsim_finding_count(sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, i);

		hash = mix_text(mix_text(mix(hash, finding->severity),
		    finding->code), finding->text);
		hash = mix(hash, finding->offset);
	}
	return (hash);
}

/* --- findings --- */

static void
check_findings(const struct kldsim *sim)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, i);
		const struct kldsim_finding_info *info =
		    kldsim_finding_info(finding->code);

		FUZZ_CHECK(info != NULL &&
		    strcmp(info->rules, finding->rules) == 0,
		    "finding %s (%s) is no row", finding->code,
		    finding->rules);
		FUZZ_CHECK(finding->text != NULL && *finding->text != '\0',
		    "finding %s says nothing", finding->code);
		FUZZ_CHECK(finding->severity != KLDSIM_PANIC ||
		    kldsim_is_dead(sim), "%s: a panic in a living kernel: %s",
		    finding->code, finding->text);
	}
}

/* --- sets --- */

/* A piece of modspace, given to a file or free. */
struct piece {
	kldsim_addr start;
	kldsim_size size;
};

static int
by_start(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	return (one->start < other->start ? -1 : one->start > other->start);
}

/* All pieces of a set with some bytes: parts of files are rounded. */
static size_t
collect(const struct kldsim *sim, enum kldsim_set set,
    const struct kldsim_set_info *info, unsigned word, struct piece *pieces)
{
	struct kldsim_extent_info extent;
	struct kldsim_set_part part;
	size_t n = 0;

	for (size_t i = 0; i < info->nfree; i++)
		if (kldsim_set_free_extent(sim, set, i, &extent) ==
		    KLDSIM_OK && extent.size != 0)
			pieces[n++] = (struct piece){ extent.start,
				extent.size };
	for (size_t i = 0; i < info->nparts; i++)
		if (kldsim_set_part(sim, set, i, &part) == KLDSIM_OK &&
		    part.size != 0)
			pieces[n++] = (struct piece){ part.start,
				(part.size + word - 1) / word * word };
	qsort(pieces, n, sizeof(*pieces), by_start);
	return (n);
}

/* what is free and what is given away is all there is. */
static void
check_set(const struct kldsim *sim, enum kldsim_set set, unsigned word)
{
	struct kldsim_set_info info;
	struct piece *pieces;
	kldsim_addr at;
	size_t n;

	kldsim_set_info(sim, set, &info);
	if (!info.present || !info.has_modspace)
		return;
	pieces = calloc(info.nfree + info.nparts + 1, sizeof(*pieces));
	FUZZ_CHECK(pieces != NULL, "no memory");
	n = collect(sim, set, &info, word, pieces);
	at = info.modspace_start;
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(pieces[i].start == at, "set %d: piece at 0x%llx "
		    "instead of 0x%llx", set,
		    (unsigned long long)pieces[i].start,
		    (unsigned long long)at);
		at += pieces[i].size;
	}
	FUZZ_CHECK(at == info.modspace_start + info.modspace_size,
	    "set %d: ends at 0x%llx", set, (unsigned long long)at);
	free(pieces);
}

/* The word size of a kernel: that of its class. */
static unsigned
word_of(const struct kldsim *sim)
{
	struct kldsim_filestat stat;

	return (kldsim_kldstat(sim, 1, &stat) == KLDSIM_OK &&
	    strstr(stat.class_name, "32") != NULL ? 4 : 8);
}

bool
fuzz_has_finding(const struct kldsim *sim, const char *code)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++)
		if (strcmp(kldsim_finding_at(sim, i)->code, code) == 0)
			return (true);
	return (false);
}

void
fuzz_invariants(struct kldsim *sim)
{
	check_findings(sim);
	check_set(sim, KLDSIM_SET_DPCPU, word_of(sim));
	check_set(sim, KLDSIM_SET_VNET, word_of(sim));
}

/* Whether a finding is the reason of a refusal. */
static bool
says_why(const struct kldsim *sim, const struct kldsim_result *result)
{
	for (size_t i = 0; i < result->nfindings; i++)
		if (kldsim_finding_at(sim, result->first_finding + i)->refusal)
			return (true);
	return (false);
}

void
fuzz_check_call(struct kldsim *sim, enum kldsim_status status,
    const struct kldsim_result *result, uint64_t before, uint64_t after)
{
	if (status != KLDSIM_OK) {
		FUZZ_CHECK(status == KLDSIM_LIMIT || status == KLDSIM_NOENT ||
		    status == KLDSIM_STATE || status == KLDSIM_ARG ||
		    status == KLDSIM_UNSUPPORTED, "status %s",
		    kldsim_status_name(status));
		FUZZ_CHECK(before == after, "a failure left a trace");
	} else {
		FUZZ_CHECK(result->panicked == kldsim_is_dead(sim),
		    "panicked %d, dead %d", result->panicked,
		    kldsim_is_dead(sim));
		FUZZ_CHECK(result->error >= 0 && result->error < 100,
		    "errno %d", result->error);
		FUZZ_CHECK(result->error == 0 || result->panicked ||
		    says_why(sim, result), "%s, and nobody says why",
		    kldsim_errno_name(result->error));
	}
	fuzz_invariants(sim);
}

/* --- one file --- */

static void
check_part(const struct kldsim *sim, enum kldsim_set set,
    const struct kldsim_set_part *part)
{
	static uint8_t first[LOOK], other[LOOK];
	struct kldsim_instance instance;
	size_t size = part->size < LOOK ? (size_t)part->size : LOOK;

	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		FUZZ_CHECK(kldsim_read(sim, part->start + instance.base,
		    i == 0 ? first : other, size) == KLDSIM_OK,
		    "instance %u cannot be read", instance.id);
		FUZZ_CHECK(i == 0 || memcmp(first, other, size) == 0,
		    "set %d: instance %u has other bytes", set, instance.id);
	}
}

void
fuzz_check_copies(const struct kldsim *sim, int fileid)
{
	struct kldsim_set_part part;

	for (int set = KLDSIM_SET_DPCPU; set <= KLDSIM_SET_VNET; set++)
		for (size_t i = 0; kldsim_set_part(sim, (enum kldsim_set)set,
		    i, &part) == KLDSIM_OK; i++)
			if (part.fileid == fileid)
				check_part(sim, (enum kldsim_set)set, &part);
}
