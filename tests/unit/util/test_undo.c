/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a simulated kernel is put back: the undo log, and the lists that are
 * changed through it.
 */

#include "support_base.h"
#include "util/list.h"

/* What was dropped, in order. */
static int dropped[16];
static size_t ndropped;

static void
note_drop(void *owner, void *object)
{
	assert_ptr_equal(owner, dropped);
	assert_true(ndropped < COUNT(dropped));
	dropped[ndropped++] = *(int *)object;
}

static int
setup(void **state)
{
	static struct support_base base;

	ndropped = 0;
	support_base_init(&base, -1);
	*state = &base;
	return (0);
}

static int
teardown(void **state)
{
	support_base_fini(*state);
	return (0);
}

static void
oldest_bytes_come_back(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	char text[] = "abcdefgh";
	int number = 1;
	size_t mark = kldsim__undo_begin(undo);

	assert_true(kldsim__undo_save(undo, text + 2, 3));
	memcpy(text + 2, "XYZ", 3);
	/* The same bytes and some more, saved in their second state. */
	assert_true(kldsim__undo_save(undo, text + 1, 6));
	memcpy(text + 1, "......", 6);
	assert_true(KLDSIM__SET(undo, number, 2));
	assert_true(KLDSIM__SET(undo, number, 3));
	assert_string_equal(text, "a......h");
	assert_int_equal(number, 3);
	kldsim__undo_rollback(undo, mark);
	assert_string_equal(text, "abcdefgh");
	assert_int_equal(number, 1);
	assert_int_equal(undo->nentries, 0);
	assert_int_equal(undo->nbytes, 0);
}

static void
commit_is_final(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	int number = 1, made = 10, gone_a = 20, gone_b = 30;
	size_t mark = kldsim__undo_begin(undo);

	assert_true(KLDSIM__SET(undo, number, 2));
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &gone_a));
	assert_true(kldsim__undo_made(undo, note_drop, dropped, &made));
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &gone_b));
	kldsim__undo_commit(undo);
	kldsim__undo_rollback(undo, mark); /* nothing is left to undo */
	assert_int_equal(number, 2);
	/* What was given up goes now, oldest first; what was made stays. */
	assert_int_equal(ndropped, 2);
	assert_int_equal(dropped[0], 20);
	assert_int_equal(dropped[1], 30);
}

static void
rollback_plays_backwards(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	int made_a = 1, made_b = 2, gone = 3;
	size_t mark = kldsim__undo_begin(undo);

	assert_true(kldsim__undo_made(undo, note_drop, dropped, &made_a));
	/* The number that made_b's drop sees is the one it was made with. */
	assert_true(kldsim__undo_made(undo, note_drop, dropped, &made_b));
	assert_true(KLDSIM__SET(undo, made_b, 99));
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &gone));
	kldsim__undo_rollback(undo, mark);
	assert_int_equal(ndropped, 2);
	assert_int_equal(dropped[0], 2);
	assert_int_equal(dropped[1], 1);
}

static void
inner_transaction_goes_alone(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	int number = 1, made = 5;
	size_t outer = kldsim__undo_begin(undo), inner;

	assert_true(KLDSIM__SET(undo, number, 2));
	inner = kldsim__undo_begin(undo);
	assert_true(KLDSIM__SET(undo, number, 3));
	assert_true(kldsim__undo_made(undo, note_drop, dropped, &made));
	kldsim__undo_rollback(undo, inner);
	assert_int_equal(number, 2);
	assert_int_equal(ndropped, 1);
	assert_true(KLDSIM__SET(undo, number, 4));
	kldsim__undo_rollback(undo, outer);
	assert_int_equal(number, 1);
	assert_int_equal(ndropped, 1);
}

/* A snapshot is a transaction that stays open over commits. */
static void
snapshot_outlives_commits(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	int number = 1, gone = 7;
	size_t snapshot = kldsim__undo_begin(undo);

	undo->snapshots++;
	(void)kldsim__undo_begin(undo);
	assert_true(KLDSIM__SET(undo, number, 2));
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &gone));
	kldsim__undo_commit(undo);
	assert_int_equal(ndropped, 0);
	(void)kldsim__undo_begin(undo);
	assert_true(KLDSIM__SET(undo, number, 3));
	kldsim__undo_commit(undo);
	kldsim__undo_rollback(undo, snapshot);
	assert_int_equal(number, 1);
	assert_int_equal(ndropped, 0);
	/* Without the snapshot the next commit is final again. */
	undo->snapshots--;
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &gone));
	kldsim__undo_commit(undo);
	assert_int_equal(ndropped, 1);
}

/* The oldest of two snapshots goes, and the younger one's marks move. */
static void
settled_entries_go(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	char text[] = "abc";
	int number = 1, early = 7, late = 8;
	size_t mark;

	assert_int_equal(kldsim__undo_begin(undo), 0);
	undo->snapshots = 1;
	assert_true(KLDSIM__SET(undo, number, 2));
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &early));
	kldsim__undo_commit(undo);
	mark = kldsim__undo_begin(undo);
	assert_int_equal(mark, 2);
	assert_true(kldsim__undo_save(undo, text, 3));
	memcpy(text, "xyz", 3);
	assert_true(kldsim__undo_gone(undo, note_drop, dropped, &late));
	assert_true(KLDSIM__SET(undo, number, 3));
	kldsim__undo_commit(undo);
	kldsim__undo_settle(undo, mark);
	/* What was given up before the mark is dropped, and nothing else. */
	assert_int_equal(ndropped, 1);
	assert_int_equal(dropped[0], 7);
	assert_int_equal(undo->nentries, 3);
	kldsim__undo_rollback(undo, 0);
	assert_string_equal(text, "abc");
	assert_int_equal(number, 2);
	assert_int_equal(ndropped, 1);
	assert_int_equal(undo->nbytes, 0);
	undo->snapshots = 0;
}

static void
epochs_are_never_reused(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	unsigned first = undo->epoch, second, third;
	size_t mark = kldsim__undo_begin(undo);

	second = undo->epoch;
	kldsim__undo_rollback(undo, mark);
	third = undo->epoch;
	kldsim__undo_commit(undo);
	assert_true(first < second && second < third && third < undo->epoch);
}

static void
fini_drops_what_was_given_up(void **state)
{
	struct support_base base;
	int gone = 4;

	(void)state;
	support_base_init(&base, -1);
	base.undo.snapshots = 1;
	assert_true(kldsim__undo_gone(&base.undo, note_drop, dropped, &gone));
	support_base_fini(&base);
	assert_int_equal(ndropped, 1);
}

struct node {
	int number;
	struct kldsim__link link;
};

/* The list as digits, forwards; backwards it must be the same. */
static unsigned
digits(const struct kldsim__link *head)
{
	unsigned forwards = 0, backwards = 0, place = 1;

	KLDSIM__FOREACH(link, head)
		forwards = forwards * 10 +
		    (unsigned)KLDSIM__ENTRY(link, struct node, link)->number;
	for (struct kldsim__link *link = head->prev; link != head;
	    link = link->prev) {
		backwards += place *
		    (unsigned)KLDSIM__ENTRY(link, struct node, link)->number;
		place *= 10;
	}
	assert_int_equal(forwards, backwards);
	return (forwards);
}

static void
list_changes_are_undone(void **state)
{
	struct kldsim__undo *undo = &((struct support_base *)*state)->undo;
	struct node nodes[5];
	struct kldsim__link head;
	size_t mark;

	for (int i = 0; i < 5; i++)
		nodes[i].number = i + 1;
	kldsim__list_init(&head);
	assert_true(kldsim__list_empty(&head));
	for (int i = 0; i < 3; i++)
		assert_true(kldsim__list_insert_tail(undo, &head,
		    &nodes[i].link));
	assert_int_equal(digits(&head), 123);
	kldsim__undo_commit(undo);

	mark = kldsim__undo_begin(undo);
	assert_true(kldsim__list_insert_after(undo, &nodes[0].link,
	    &nodes[3].link));
	assert_true(kldsim__list_insert_after(undo, &head, &nodes[4].link));
	assert_int_equal(digits(&head), 51423);
	assert_true(kldsim__list_remove(undo, &nodes[1].link));
	assert_true(kldsim__list_remove(undo, &nodes[4].link));
	assert_int_equal(digits(&head), 143);
	assert_true(kldsim__list_insert_tail(undo, &head, &nodes[1].link));
	assert_int_equal(digits(&head), 1432);
	kldsim__undo_rollback(undo, mark);
	assert_int_equal(digits(&head), 123);
	for (int i = 0; i < 3; i++)
		assert_true(kldsim__list_remove(undo, &nodes[i].link));
	assert_true(kldsim__list_empty(&head));
}

/* Many saves, inserts and removals; request number `fail_at` is refused. */
static long
change_with_failure(long fail_at)
{
	struct support_base base;
	struct node nodes[40];
	struct kldsim__link head;
	char text[600];
	bool ok = true;
	long failed;

	support_base_init(&base, fail_at);
	kldsim__list_init(&head);
	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 40; i++)
		nodes[i].number = i;
	(void)kldsim__undo_begin(&base.undo);
	for (int i = 0; i < 40 && ok; i++) {
		ok = kldsim__list_insert_tail(&base.undo, &head,
		    &nodes[i].link);
		ok = ok && kldsim__undo_save(&base.undo, text, sizeof(text));
		if (ok)
			memset(text, 'b' + i % 20, sizeof(text));
		ok = ok && (i % 3 != 0 ||
		    kldsim__list_remove(&base.undo, &nodes[i].link));
	}
	assert_int_equal(ok, base.count.failed == 0);
	kldsim__undo_rollback(&base.undo, 0);
	assert_true(kldsim__list_empty(&head));
	assert_ptr_equal(head.prev, &head);
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(text[i], 'a');
	failed = base.count.failed;
	support_base_fini(&base);
	return (failed);
}

static void
every_failure_leaves_the_log_good(void **state)
{
	long n = 0;

	(void)state;
	while (change_with_failure(n) != 0)
		n++;
	assert_true(n > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(oldest_bytes_come_back, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(commit_is_final, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(rollback_plays_backwards, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(inner_transaction_goes_alone,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(snapshot_outlives_commits,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(settled_entries_go, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(epochs_are_never_reused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(fini_drops_what_was_given_up,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(list_changes_are_undone, setup,
		    teardown),
		cmocka_unit_test(every_failure_leaves_the_log_good),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
