/* SPDX-License-Identifier: BSD-2-Clause */

/* What the linker tells of itself changes nothing, and is what it does. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include <kldsim/trace.h>

struct notes {
	char text[4096];
	unsigned relocs;
	struct kldsim_trace_reloc last;
	char place[64]; /* of printf's last one */
};

static void
note_lookup(void *user, const struct kldsim_trace_lookup *lookup)
{
	struct notes *notes = user;
	const size_t n = strlen(notes->text);

	(void)snprintf(notes->text + n, sizeof(notes->text) - n,
	    "%s for %s: %zu %s %s; ", lookup->symbol, lookup->file,
	    lookup->step, lookup->asked, lookup->value != 0 ? "yes" : "no");
}

static void
note_reloc(void *user, const struct kldsim_trace_reloc *reloc)
{
	struct notes *notes = user;

	notes->relocs++;
	notes->last = *reloc;
	if (reloc->symbol != NULL && strcmp(reloc->symbol, "printf") == 0)
		(void)snprintf(notes->place, sizeof(notes->place),
		    "%d %s+%d", reloc->section_index > 0, reloc->section,
		    (int)reloc->offset);
}

/* One that has the symbol, and one that wants it and depends on the other. */
static void
load_both(struct kern *kern)
{
	struct kldsim_synth *module = module_new(kern->osreldate);

	(void)kldsim_synth_func(module, "exported");
	kldsim_synth_mdt_version(module, "lib", 1);
	(void)kern_load(kern, module, "lib.ko");
	module = module_new(kern->osreldate);
	kldsim_synth_mdt_depend(module, "lib", 1, 1, 1);
	(void)module_slot(module, kldsim_synth_ref(module, "exported"), 6);
	(void)module_slot(module, kldsim_synth_ref(module, "printf"), 0);
	(void)kern_load(kern, module, "user.ko");
}

static char *
digest(uint32_t osreldate, const struct kldsim_trace *trace)
{
	struct kern kern;
	char *text;

	kern_init(&kern, osreldate);
	kern.options.trace = trace;
	kern_boot(&kern);
	load_both(&kern);
	text = kern_digest(&kern);
	kern_fini(&kern);
	return (text);
}

static void
it_changes_nothing(void **state)
{
	static const uint32_t releases[] = { R121, R130, R150 };

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct notes notes = { .relocs = 0 };
		const struct kldsim_trace trace = { note_lookup, note_reloc,
			&notes };
		const struct kldsim_trace silent = { NULL, NULL, NULL };
		char *without = digest(releases[i], NULL);
		char *with = digest(releases[i], &trace);
		char *half = digest(releases[i], &silent);

		assert_string_equal(with, without);
		assert_string_equal(half, without);
		assert_true(notes.relocs > 2);
		free(without);
		free(with);
		free(half);
	}
}

/* O-60: the file itself, the kernel, and what it depends on, in that order. */
static void
who_is_asked(void **state)
{
	struct notes notes = { .relocs = 0 };
	const struct kldsim_trace trace = { note_lookup, note_reloc, &notes };
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.trace = &trace;
	kern_boot(&kern);
	load_both(&kern);
	assert_non_null(strstr(notes.text, "exported for user.ko: 0 "
	    "/boot/modules/user.ko no; exported for user.ko: 1 "
	    "/boot/kernel/kernel no; exported for user.ko: 2 "
	    "/boot/modules/lib.ko yes; "));
	assert_non_null(strstr(notes.text, "printf for user.ko: 1 "
	    "/boot/kernel/kernel yes; "));
	/* The last relocation: R_X86_64_64 of printf, S + A. */
	assert_hex(notes.last.S, kern_symbol(&kern, "printf"));
	assert_hex(notes.last.result, notes.last.S);
	assert_string_equal("S + A", notes.last.formula);
	assert_hex(notes.last.width, 8);
	assert_hex(kern_read(&kern, notes.last.P, 8), notes.last.result);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(notes.last.before[i], 0);
		assert_int_equal(notes.last.after[i],
		    notes.last.result >> 8 * i & 0xff);
	}
	kern_fini(&kern);
}

/* What is asked for a finding's sake is no part of the load. */
static void
what_is_looked_up_to_be_told(void **state)
{
	struct notes notes = { .relocs = 0 };
	const struct kldsim_trace trace = { note_lookup, note_reloc, &notes };
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.trace = &trace;
	kern_boot(&kern);
	(void)module_slot(module, kldsim_synth_ref(module, "none"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "neither"), 0);
	kern_refuse(&kern, module, "user.ko", FB_ENOEXEC);
	assert_string_equal(notes.text, "none for user.ko: 0 "
	    "/boot/modules/user.ko no; none for user.ko: 1 "
	    "/boot/kernel/kernel no; ");
	assert_int_equal(notes.last.outcome, KLDSIM_TRACE_FAILED);
	assert_int_equal(kern_findings(&kern, "undefined-symbol"), 2);
	kern_fini(&kern);
}

/* The place of a relocation, as its file's section headers have it. */
static void
where_a_relocation_is(void **state)
{
	for (int shared = 0; shared < 2; shared++) {
		struct notes notes = { .relocs = 0 };
		const struct kldsim_trace trace = { note_lookup, note_reloc,
			&notes };
		struct kldsim_synth *module;
		struct kern kern;
		char want[64];

		(void)state;
		kern_init(&kern, R121);
		kern.options.trace = &trace;
		kern_boot(&kern);
		module = shared ? kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_DYN) : module_new(R121);
		(void)kldsim_synth_func(module, "f");
		/* A section before it that has no memory, whatever it says. */
		if (shared) {
			kldsim_synth_override(module,
			    "shdr[.dynsym].sh_flags", 0);
			kldsim_synth_override(module,
			    "shdr[.dynsym].sh_size", 0x100000);
		}
		(void)kldsim_synth_object(module, "before", "x", 1, 1);
		(void)kldsim_synth_align(module, kldsim_synth_section_named(
		    module, ".data"), 8);
		(void)snprintf(want, sizeof(want), "1 .data+%d",
		    (int)module_slot(module, kldsim_synth_ref(module,
		    "printf"), 0));
		(void)kern_load(&kern, module, "m.ko");
		assert_string_equal(notes.place, want);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_changes_nothing),
		cmocka_unit_test(who_is_asked),
		cmocka_unit_test(what_is_looked_up_to_be_told),
		cmocka_unit_test(where_a_relocation_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
