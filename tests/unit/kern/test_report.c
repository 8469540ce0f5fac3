/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console lines and findings.
 */

#include "support_base.h"

#include <errno.h>

#include "report/report.h"

struct world {
	struct support_base base;
	struct kldsim__report report;
};

static void
world_init(struct world *world, size_t max_findings)
{
	support_base_init(&world->base, -1);
	kldsim__report_init(&world->report, &world->base.alloc, max_findings);
}

static void
world_fini(struct world *world)
{
	kldsim__report_fini(&world->report);
	support_base_fini(&world->base);
}

static void find_it(struct world *, enum kldsim__finding, enum kldsim__weight,
    const struct kldsim__where *, const char *, ...) KLDSIM__PRINTF(5, 6);

static void
find_it(struct world *world, enum kldsim__finding which,
    enum kldsim__weight weight, const struct kldsim__where *where,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	kldsim__report_finding(&world->report, which, weight, where, format,
	    args);
	va_end(args);
}

static void
console_keeps_lines_in_order(void **state)
{
	struct world world;
	char longer[3000];

	(void)state;
	world_init(&world, 10);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	kldsim__report_console(&world.report,
	    "kldload: unexpected relocation type %ld", 42L);
	kldsim__report_console(&world.report, "%s", "");
	/* 511, 512 and 513 characters, and many. */
	for (int n = 511; n <= 513; n++)
		kldsim__report_console(&world.report, "%.*s", n, longer);
	kldsim__report_console(&world.report, "<%s>", longer);
	kldsim__report_console(&world.report, "%s", "caf\xe9 \x01 100%");
	assert_int_equal(world.report.nconsole, 7);
	assert_string_equal(world.report.console[0],
	    "kldload: unexpected relocation type 42");
	assert_string_equal(world.report.console[1], "");
	for (size_t i = 2; i < 5; i++)
		assert_int_equal(strlen(world.report.console[i]), 509 + i);
	assert_int_equal(strlen(world.report.console[5]), 3001);
	assert_int_equal(world.report.console[5][3000], '>');
	assert_string_equal(world.report.console[6], "caf\xe9 \x01 100%");
	assert_false(world.report.failed);
	world_fini(&world);
}

static void
findings_say_where(void **state)
{
	struct world world;
	char file[] = "a.ko";
	const struct kldsim__where where = { .file = file, .section = ".text",
		.section_index = 3, .has_offset = true, .offset = 0x123456789,
		.symbol = "foo" };
	const struct kldsim__where nowhere = { .file = NULL };
	const struct kldsim_finding *finding;

	(void)state;
	world_init(&world, 10);
	find_it(&world, KLDSIM__F_UNKNOWN_RELOCATION, KLDSIM__ASIDE, &where,
	    "type %d", 42);
	find_it(&world, KLDSIM__F_IFUNC_UNANSWERED, KLDSIM__ASIDE, &nowhere, "it");
	find_it(&world, KLDSIM__F_MODSPACE_FREE, KLDSIM__PANIC, &nowhere, "dead");
	memcpy(file, "b.ko", 4); /* what is reported is a copy */
	assert_int_equal(world.report.nfindings, 3);
	finding = world.report.findings[0];
	assert_string_equal(finding->code, "unknown-relocation");
	assert_string_equal(finding->rules, "R-03");
	assert_int_equal(finding->severity, KLDSIM_WARNING);
	assert_string_equal(finding->file, "a.ko");
	assert_string_equal(finding->section, ".text");
	assert_int_equal(finding->section_index, 3);
	assert_true(finding->has_offset && finding->offset == 0x123456789);
	assert_string_equal(finding->symbol, "foo");
	assert_string_equal(finding->text, "type 42");
	finding = world.report.findings[1];
	assert_int_equal(finding->severity, KLDSIM_NOTE);
	assert_null(finding->file);
	assert_null(finding->section);
	assert_null(finding->symbol);
	assert_int_equal(finding->section_index, -1);
	assert_false(finding->has_offset);
	assert_int_equal(world.report.findings[2]->severity, KLDSIM_PANIC);
	world_fini(&world);
}

/* Finding number i, which says how many of a code were left out. */
static void
check_left_out(const struct world *world, size_t i, const char *text)
{
	const struct kldsim_finding *finding = world->report.findings[i];

	assert_string_equal(finding->code, "findings-left-out");
	assert_int_equal(finding->severity, KLDSIM_WARNING);
	assert_string_equal(finding->rules, "");
	assert_null(finding->file);
	assert_string_equal(finding->text, text);
}

/*
 * Remarks of the same code come before the reason for a refusal: it is told all
 * the same, once in each call, and further reasons count as others do.
 */
static void
a_refusal_has_a_reason(void **state)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct world world;

	(void)state;
	world_init(&world, 2);
	for (unsigned call = 0; call < 2; call++) {
		const size_t before = world.report.nfindings;

		(void)kldsim__report_mark(&world.report);
		for (int i = 0; i < 3; i++)
			find_it(&world, KLDSIM__F_UNDEFINED_SYMBOL,
			    KLDSIM__ASIDE, &nowhere, "remark %d", i);
		for (int i = 0; i < 2; i++)
			find_it(&world, KLDSIM__F_UNDEFINED_SYMBOL,
			    KLDSIM__REFUSAL, &nowhere, "reason %d", i);
		kldsim__report_end(&world.report);
		assert_int_equal(world.report.nfindings, before + 4);
		assert_string_equal(world.report.findings[before + 2]->text,
		    "reason 0");
		assert_true(world.report.findings[before + 2]->refusal);
		check_left_out(&world, before + 3, "undefined-symbol: 2 more, "
		    "left out as they are over the limit findings=2");
	}
	world_fini(&world);
}

/*
 * 3 of each code in each call, and how many more there were; a panic is told
 * in any case, and last.
 */
static void
findings_of_one_code_are_capped(void **state)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct world world;

	(void)state;
	world_init(&world, 3);
	(void)kldsim__report_mark(&world.report);
	for (int i = 0; i < 10; i++) {
		find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__ASIDE, &nowhere,
		    "%d", i);
		if (i < 2)
			find_it(&world, KLDSIM__F_RELOC_OFFSET, KLDSIM__ASIDE,
			    &nowhere, "%d", i);
	}
	assert_int_equal(world.report.nfindings, 5);
	assert_string_equal(world.report.findings[4]->text, "2");
	find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__PANIC, &nowhere, "panic");
	assert_int_equal(world.report.nfindings, 7);
	check_left_out(&world, 5, "value-truncated: 7 more, left out as they "
	    "are over the limit findings=3"); /* 10 - 3 */
	assert_int_equal(world.report.findings[6]->severity, KLDSIM_PANIC);
	/* It has been said. */
	kldsim__report_end(&world.report);
	assert_int_equal(world.report.nfindings, 7);
	/* The next call begins at 0 again. */
	(void)kldsim__report_mark(&world.report);
	for (int i = 0; i < 10; i++) {
		find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__ASIDE, &nowhere,
		    "%d", i);
		if (i < 4)
			find_it(&world, KLDSIM__F_RELOC_OFFSET, KLDSIM__ASIDE,
			    &nowhere, "%d", i);
	}
	assert_int_equal(world.report.nfindings, 13);
	kldsim__report_end(&world.report);
	/* One for each code, in the order of the table. */
	assert_int_equal(world.report.nfindings, 15);
	check_left_out(&world, 13, "value-truncated: 7 more, left out as they "
	    "are over the limit findings=3");
	check_left_out(&world, 14, "relocation-offset: 1 more, left out as they "
	    "are over the limit findings=3");
	/* What a call that failed has left out is nobody's. */
	for (int i = 0; i < 5; i++)
		find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__ASIDE, &nowhere,
		    "%d", i);
	(void)kldsim__report_mark(&world.report);
	kldsim__report_end(&world.report);
	assert_int_equal(world.report.nfindings, 15);
	world_fini(&world);
}

static void
reports_are_taken_back(void **state)
{
	const struct kldsim__where where = { .file = "x.ko" };
	struct world world;
	struct kldsim__report_mark mark;
	size_t live;

	(void)state;
	world_init(&world, 1000);
	kldsim__report_console(&world.report, "first");
	find_it(&world, KLDSIM__F_RELOC_OFFSET, KLDSIM__ASIDE, &where, "first");
	mark = kldsim__report_mark(&world.report);
	live = world.base.count.live;
	for (int i = 0; i < 500; i++) {
		kldsim__report_console(&world.report, "line %d", i);
		find_it(&world, KLDSIM__F_RELOC_OFFSET, KLDSIM__ASIDE, &where, "%d",
		    i);
	}
	kldsim__report_release(&world.report, mark);
	assert_int_equal(world.base.count.live, live);
	assert_int_equal(world.report.nconsole, 1);
	assert_int_equal(world.report.nfindings, 1);
	assert_string_equal(world.report.console[0], "first");
	assert_string_equal(world.report.findings[0]->text, "first");
	assert_string_equal(world.report.findings[0]->file, "x.ko");
	world_fini(&world);
}

/* Whatever has no memory: the report says so, once the call is over. */
static void
no_memory_is_remembered(void **state)
{
	const struct kldsim__where where = { .file = "f", .section = "s",
		.symbol = "y" };
	long n = 0;
	bool failed;

	(void)state;
	do {
		struct world world;
		struct kldsim__report_mark mark;

		world_init(&world, 29); /* one of 30 is left out */
		mark = kldsim__report_mark(&world.report);
		world.base.count.fail_at = n++;
		for (int i = 0; i < 30; i++) {
			kldsim__report_console(&world.report, "%0600d", i);
			find_it(&world, KLDSIM__F_METADATA, KLDSIM__ASIDE, &where,
			    "%0700d", i);
		}
		kldsim__report_end(&world.report);
		failed = world.report.failed;
		assert_int_equal(failed, world.base.count.failed != 0);
		kldsim__report_release(&world.report, mark);
		assert_false(world.report.failed);
		assert_int_equal(world.report.nfindings, 0);
		world_fini(&world);
	} while (failed);
	assert_true(n > 10);
}

/* --- the table of findings ------------------------------------------------ */

static bool
is_code(const char *code)
{
	return (code[0] != '\0' &&
	    strspn(code, "abcdefghijklmnopqrstuvwxyz-") == strlen(code) &&
	    code[0] != '-' && code[strlen(code) - 1] != '-');
}

static void
codes_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < KLDSIM__F_COUNT; i++) {
		const char *code =
		    kldsim__finding_code((enum kldsim__finding)i);

		assert_true(is_code(code));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(code, kldsim__finding_code(
			    (enum kldsim__finding)j));
	}
}

/* The form of a rule's id; that the books have it, tests/tidy sees to. */
static bool
is_rule(const char *rule, size_t length)
{
	return (length >= 4 && rule[0] >= 'A' && rule[0] <= 'Z' &&
	    rule[1] == '-' && strspn(rule + 2, "0123456789") == length - 2);
}

static void
findings_cite_rules(void **state)
{
	(void)state;
	assert_false(is_rule("O-1", 3));
	assert_false(is_rule("O-46 ", 5));
	for (int i = 0; i < KLDSIM__F_COUNT; i++) {
		const char *rules =
		    kldsim__finding_rules((enum kldsim__finding)i);

		/* One that is not about the kernel. */
		if (i == KLDSIM__F_FINDINGS_LEFT_OUT) {
			assert_string_equal(rules, "");
			continue;
		}
		for (;;) {
			size_t length = strcspn(rules, ",");

			if (!is_rule(rules, length))
				fail_msg("no rule's id: %.*s", (int)length,
				    rules);
			if (rules[length] == '\0')
				break;
			rules += length + 1;
		}
	}
}

/* Which finding is why the kernel said no, and how many there have been. */
static void
refusals_are_marked(void **state)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct world world;

	(void)state;
	world_init(&world, 2);
	find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__ASIDE, &nowhere,
	    "aside");
	find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__REFUSAL, &nowhere,
	    "why");
	assert_false(world.report.findings[0]->refusal);
	assert_true(world.report.findings[1]->refusal);
	assert_int_equal(world.report.findings[1]->severity, KLDSIM_WARNING);
	/* One that is left out has been a reason all the same. */
	find_it(&world, KLDSIM__F_VALUE_TRUNCATED, KLDSIM__REFUSAL, &nowhere,
	    "too many");
	assert_int_equal(world.report.nfindings, 2);
	assert_int_equal(world.report.nrefusals, 2);
	kldsim__report_refuses(&world.report, 0);
	assert_true(world.report.findings[0]->refusal);
	assert_int_equal(world.report.nrefusals, 3);
	world_fini(&world);
}

/* The table is public: by number, by name, and what a finding says of itself. */
static void
codes_are_explained(void **state)
{
	struct world world;
	const struct kldsim_finding_info *info;

	(void)state;
	assert_int_equal(kldsim_finding_info_count(), KLDSIM__F_COUNT);
	assert_null(kldsim_finding_info_at(KLDSIM__F_COUNT));
	assert_null(kldsim_finding_info("no-such-code"));
	assert_null(kldsim_finding_info("UNDEFINED_SYMBOL"));
	assert_null(kldsim_finding_info(""));
	assert_null(kldsim_finding_info(NULL));
	for (size_t i = 0; i < KLDSIM__F_COUNT; i++) {
		info = kldsim_finding_info_at(i);
		assert_ptr_equal(kldsim_finding_info(info->code), info);
		assert_true(strlen(info->meaning) > 20);
		assert_true(strlen(info->kernel) > 20);
		assert_true(strlen(info->remedy) > 20);
	}
	world_init(&world, 10);
	find_it(&world, KLDSIM__F_SET_PADDING_LATER, KLDSIM__ASIDE,
	    &(struct kldsim__where){ .file = "a.ko" }, "text");
	info = kldsim_finding_info("set-padding-later");
	assert_int_equal(info->severity, KLDSIM_NOTE);
	assert_string_equal(info->code, world.report.findings[0]->code);
	assert_string_equal(info->rules, "D-32,D-72");
	world_fini(&world);
}

static void
severities_have_names(void **state)
{
	(void)state;
	assert_string_equal(kldsim_severity_name(KLDSIM_NOTE), "note");
	assert_string_equal(kldsim_severity_name(KLDSIM_WARNING), "warning");
	assert_string_equal(kldsim_severity_name(KLDSIM_PANIC), "panic");
	assert_string_equal(kldsim_severity_name((enum kldsim_severity)3), "?");
	assert_string_equal(kldsim_severity_name((enum kldsim_severity)-1),
	    "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(console_keeps_lines_in_order),
		cmocka_unit_test(findings_say_where),
		cmocka_unit_test(findings_of_one_code_are_capped),
		cmocka_unit_test(reports_are_taken_back),
		cmocka_unit_test(no_memory_is_remembered),
		cmocka_unit_test(codes_are_unique),
		cmocka_unit_test(findings_cite_rules),
		cmocka_unit_test(refusals_are_marked),
		cmocka_unit_test(a_refusal_has_a_reason),
		cmocka_unit_test(codes_are_explained),
		cmocka_unit_test(severities_have_names),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
