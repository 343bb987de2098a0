/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The machine of a remote registration: every cell, and what holds for all
 * of them. */
#include <stdio.h>

#include "fsm.h"
#include "unit.h"

#define CELL(state, event, next, action, timer)                     \
	{                                                               \
		UAX_S_##state, UAX_E_##event, UAX_S_##next, UAX_A_##action, \
				UAX_T_##timer                                       \
	}

/* Every cell there is; what is not here changes nothing. */
static const struct
{
	enum uax_state state;
	enum uax_event event;
	enum uax_state next;
	enum uax_action action;
	enum uax_timer timer;
} cells[] = {
		/* off: only the operator brings it back */
		CELL(OFF, ENABLE, INIT, NONE, NOW),

		CELL(INIT, DUE, TRYING, SEND, STOP),
		CELL(INIT, REGISTER, INIT, NONE, NOW),
		CELL(INIT, DISABLE, OFF, NONE, STOP),
		CELL(INIT, UNREGISTER, LEAVING, NONE, NOW),
		CELL(INIT, RELEASE, AWAY, NONE, STOP),

		CELL(TRYING, OK, ONLINE, NONE, REFRESH),
		CELL(TRYING, CHALLENGE, AUTHING, SEND, STOP),
		/* W-U10: asked again at once, not at the next tick */
		CELL(TRYING, TOO_BRIEF, TRYING, SEND, STOP),
		/* U3261-11 */
		CELL(TRYING, REDIRECT, TRYING, SEND, STOP),
		/* U3261-10 */
		CELL(TRYING, BUSY, BACKOFF, NONE, AFTER),
		/* U3261-9, W-U7: one failure is not the end */
		CELL(TRYING, UNREACHABLE, BACKOFF, NONE, RETRY),
		CELL(TRYING, REJECTED, BACKOFF, NONE, RETRY),
		CELL(TRYING, REFUSED, BACKOFF, NONE, RETRY),
		CELL(TRYING, DISABLE, OFF, NONE, STOP),
		CELL(TRYING, UNREGISTER, LEAVING, NONE, NOW),

		CELL(AUTHING, OK, ONLINE, NONE, REFRESH),
		CELL(AUTHING, CHALLENGE, AUTHING, SEND, STOP),
		CELL(AUTHING, TOO_BRIEF, AUTHING, SEND, STOP),
		CELL(AUTHING, REDIRECT, TRYING, SEND, STOP),
		CELL(AUTHING, BUSY, BACKOFF, NONE, AFTER),
		CELL(AUTHING, UNREACHABLE, BACKOFF, NONE, RETRY),
		CELL(AUTHING, REJECTED, BACKOFF, NONE, RETRY),
		CELL(AUTHING, REFUSED, BACKOFF, NONE, RETRY),
		CELL(AUTHING, DISABLE, OFF, NONE, STOP),
		CELL(AUTHING, UNREGISTER, LEAVING, NONE, NOW),

		CELL(ONLINE, DUE, TRYING, SEND, STOP),
		CELL(ONLINE, REGISTER, ONLINE, NONE, NOW),
		CELL(ONLINE, DISABLE, OFF, NONE, STOP),
		CELL(ONLINE, UNREGISTER, LEAVING, NONE, NOW),
		CELL(ONLINE, RELEASE, AWAY, NONE, STOP),

		CELL(BACKOFF, DUE, TRYING, SEND, STOP),
		CELL(BACKOFF, REGISTER, BACKOFF, NONE, NOW),
		CELL(BACKOFF, DISABLE, OFF, NONE, STOP),
		CELL(BACKOFF, UNREGISTER, LEAVING, NONE, NOW),
		CELL(BACKOFF, RELEASE, AWAY, NONE, STOP),

		CELL(LEAVING, DUE, REMOVING, SEND, STOP),
		CELL(LEAVING, REGISTER, INIT, NONE, NOW),
		CELL(LEAVING, ENABLE, INIT, NONE, NOW),
		CELL(LEAVING, DISABLE, OFF, NONE, STOP),

		/* U3261-6, W-U12: a removal ends unregistered, however it ends */
		CELL(REMOVING, OK, IDLE, NONE, STOP),
		CELL(REMOVING, CHALLENGE, REMOVING_AUTH, SEND, STOP),
		CELL(REMOVING, TOO_BRIEF, IDLE, NONE, STOP),
		CELL(REMOVING, REDIRECT, REMOVING, SEND, STOP),
		CELL(REMOVING, BUSY, IDLE, NONE, STOP),
		CELL(REMOVING, UNREACHABLE, IDLE, NONE, STOP),
		CELL(REMOVING, REJECTED, IDLE, NONE, STOP),
		CELL(REMOVING, REFUSED, IDLE, NONE, STOP),
		CELL(REMOVING, REGISTER, INIT, NONE, NOW),
		CELL(REMOVING, ENABLE, INIT, NONE, NOW),
		CELL(REMOVING, DISABLE, OFF, NONE, STOP),

		CELL(REMOVING_AUTH, OK, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, CHALLENGE, REMOVING_AUTH, SEND, STOP),
		CELL(REMOVING_AUTH, TOO_BRIEF, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, REDIRECT, REMOVING, SEND, STOP),
		CELL(REMOVING_AUTH, BUSY, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, UNREACHABLE, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, REJECTED, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, REFUSED, IDLE, NONE, STOP),
		CELL(REMOVING_AUTH, REGISTER, INIT, NONE, NOW),
		CELL(REMOVING_AUTH, ENABLE, INIT, NONE, NOW),
		CELL(REMOVING_AUTH, DISABLE, OFF, NONE, STOP),

		CELL(IDLE, ENABLE, INIT, NONE, NOW),
		CELL(IDLE, REGISTER, INIT, NONE, NOW),
		CELL(IDLE, DISABLE, OFF, NONE, STOP),
		CELL(IDLE, UNREGISTER, LEAVING, NONE, NOW),

		/* another server's: a wish is kept in mind, nothing is sent */
		CELL(AWAY, CLAIM, INIT, NONE, NOW),
		CELL(AWAY, DISABLE, OFF, NONE, STOP),
		CELL(AWAY, UNREGISTER, IDLE, NONE, STOP),
};

/* Answers, and no answer: what ends or goes on with an attempt. */
static int is_reply(enum uax_event event)
{
	return event >= UAX_E_OK && event <= UAX_E_REFUSED;
}

static int is_operator(enum uax_event event)
{
	return event >= UAX_E_ENABLE && event <= UAX_E_UNREGISTER;
}

/* Where nothing is due: it is meant to stay until somebody wants it. */
static int is_rest(enum uax_state state)
{
	return state == UAX_S_OFF || state == UAX_S_IDLE || state == UAX_S_AWAY;
}

static int find_cell(enum uax_state state, enum uax_event event)
{
	int i;

	for(i = 0; i < (int)UNIT_ROWS(cells); i++) {
		if(cells[i].state == state && cells[i].event == event)
			return i;
	}
	return -1;
}

/* One state per run, all events. */
START_TEST(every_cell_does_what_it_should_and_the_others_nothing)
{
	static const struct uax_step untouched = {UAX_S_COUNT, 77, 99};
	int event;

	for(event = 0; event < UAX_E_COUNT; event++) {
		struct uax_step got = untouched;
		int i = find_cell(_i, event);
		int err = uax_fsm_step(_i, event, 1, &got);
		char name[64];

		snprintf(name, sizeof(name), "%s + %s", uax_state_name(_i),
				uax_event_name(event));
		if(i < 0) {
			ck_row(err == KX_E_NONE, name);
			ck_row(memcmp(&got, &untouched, sizeof(got)) == 0, name);
			continue;
		}
		ck_row(err == KX_OK, name);
		ck_row(got.next == cells[i].next, name);
		ck_row(got.action == cells[i].action, name);
		ck_row(got.timer == cells[i].timer, name);
	}
}
END_TEST

/* reg_retry_interval 0: what would be tried again is off, all else stays. */
START_TEST(without_retries_a_failure_ends_in_off)
{
	size_t i;

	for(i = 0; i < UNIT_ROWS(cells); i++) {
		struct uax_step got;
		const char *name = uax_event_name(cells[i].event);
		int is_failure = cells[i].timer == UAX_T_RETRY;

		ck_row(uax_fsm_step(cells[i].state, cells[i].event, 0, &got) == KX_OK,
				name);
		ck_row(got.next == (is_failure ? UAX_S_OFF : cells[i].next), name);
		ck_row(got.timer == (is_failure ? UAX_T_STOP : cells[i].timer), name);
		ck_row(got.action == cells[i].action, name);
	}
}
END_TEST

/* No event can leave a registration where nothing will ever happen again,
 * but those states in which it is meant to stay. */
START_TEST(every_step_leaves_something_that_goes_on)
{
	int state, event, can_retry;
	struct uax_step got;

	for(state = 0; state < UAX_S_COUNT; state++)
		for(event = 0; event < UAX_E_COUNT; event++)
			for(can_retry = 0; can_retry < 2; can_retry++) {
				if(uax_fsm_step(state, event, can_retry, &got) != KX_OK)
					continue;
				/* to send and to be on the way are one */
				ck_assert_int_eq(got.action == UAX_A_SEND,
						uax_state_is_ongoing(got.next));
				if(is_rest(got.next) || uax_state_is_ongoing(got.next))
					ck_assert_int_eq(got.timer, UAX_T_STOP);
				else
					ck_assert_int_gt(got.timer, UAX_T_STOP);
			}
}
END_TEST

/* W-U28, U4320-1: whatever the end of a request, there is a way on. */
START_TEST(w_u28_every_ongoing_state_knows_every_end)
{
	int state, event;
	struct uax_step got;

	for(state = 0; state < UAX_S_COUNT; state++)
		for(event = UAX_E_OK; event <= UAX_E_REFUSED; event++)
			ck_assert_msg((uax_fsm_step(state, event, 1, &got) == KX_OK)
								  == uax_state_is_ongoing(state),
					"%s + %s", uax_state_name(state), uax_event_name(event));
}
END_TEST

/* U3261-4, W-U7b: nothing is started while something is under way; only an
 * answer or the operator ends it. */
START_TEST(w_u7b_a_random_walk_waits_for_every_answer)
{
	uint64_t random = 71;
	enum uax_state state = UAX_S_INIT;
	int seen[UAX_S_COUNT] = {0}, i;

	for(i = 0; i < 400000; i++) {
		enum uax_event event = unit_random(&random) % UAX_E_COUNT;
		struct uax_step got;

		if(uax_fsm_step(state, event, unit_random(&random) % 2, &got) != KX_OK)
			continue;
		if(uax_state_is_ongoing(state))
			ck_often(is_reply(event) || is_operator(event), "%s + %s",
					uax_state_name(state), uax_event_name(event));
		else
			ck_often(!is_reply(event), "%s + %s", uax_state_name(state),
					uax_event_name(event));
		/* a removal is never turned into its opposite by an answer */
		if(uax_state_is_removal(state) && is_reply(event))
			ck_assert(uax_state_is_removal(got.next) || got.next == UAX_S_IDLE);
		state = got.next;
		seen[state]++;
	}
	for(i = 0; i < UAX_S_COUNT; i++)
		ck_assert_msg(
				seen[i] > 100, "%s is hardly ever reached", uax_state_name(i));
}
END_TEST

/* The operator gets what he asks for in every state: the state that stays
 * when nobody answers any more and nothing fails. */
START_TEST(the_last_wish_of_the_operator_holds)
{
	static const struct
	{
		enum uax_event wish;
		enum uax_state end;
	} row[] = {{UAX_E_DISABLE, UAX_S_OFF}, {UAX_E_UNREGISTER, UAX_S_IDLE},
			{UAX_E_REGISTER, UAX_S_ONLINE}, {UAX_E_ENABLE, UAX_S_ONLINE}};
	int state, i;

	for(state = 0; state < UAX_S_COUNT; state++) {
		enum uax_state at = state;
		struct uax_step got;

		if(uax_fsm_step(at, row[_i].wish, 1, &got) == KX_OK)
			at = got.next;
		for(i = 0; i < 4; i++) {
			enum uax_event event =
					uax_state_is_ongoing(at) ? UAX_E_OK : UAX_E_DUE;

			if(at == UAX_S_ONLINE)
				break;
			if(uax_fsm_step(at, event, 1, &got) == KX_OK)
				at = got.next;
		}
		if(state == UAX_S_OFF && row[_i].wish != UAX_E_ENABLE)
			ck_assert_int_eq(at, UAX_S_OFF);
		else if(state == UAX_S_AWAY && row[_i].end == UAX_S_ONLINE)
			ck_assert_int_eq(at, UAX_S_AWAY); /* online elsewhere */
		else
			ck_assert_msg(at == row[_i].end, "%s + %s ends %s",
					uax_state_name(state), uax_event_name(row[_i].wish),
					uax_state_name(at));
	}
}
END_TEST

/* Whatever happens to an account that is given away: once nothing is under
 * way, it is either away or where the operator wanted it, and comes back. */
START_TEST(what_is_given_away_ends_and_comes_back)
{
	enum uax_state at = _i;
	struct uax_step got;
	int i;

	/* the answer that is waited for, and then again */
	for(i = 0; i < 4 && uax_state_is_busy(at); i++) {
		ck_assert(uax_fsm_step(at, UAX_E_RELEASE, 1, &got) == KX_E_NONE);
		if(uax_fsm_step(
				   at, uax_state_is_ongoing(at) ? UAX_E_OK : UAX_E_DUE, 1, &got)
				== KX_OK)
			at = got.next;
	}
	ck_assert(!uax_state_is_busy(at));
	if(uax_fsm_step(at, UAX_E_RELEASE, 1, &got) == KX_OK) {
		ck_assert_int_eq(got.next, UAX_S_AWAY);
		ck_assert_int_eq(got.timer, UAX_T_STOP);
		ck_assert(uax_fsm_step(UAX_S_AWAY, UAX_E_CLAIM, 1, &got) == KX_OK);
		ck_assert_int_eq(got.next, UAX_S_INIT);
	} else {
		ck_assert(is_rest(at));
		ck_assert((uax_fsm_step(at, UAX_E_CLAIM, 1, &got) == KX_OK)
				  == (at == UAX_S_AWAY));
	}
}
END_TEST

START_TEST(shows_the_flags_of_the_stock_module)
{
	static const struct
	{
		enum uax_state state;
		int is_ongoing, is_removal;
		int flags;
	} row[] = {
			{UAX_S_OFF, 0, 0, UAX_F_DISABLED},
			{UAX_S_INIT, 0, 0, 0},
			{UAX_S_TRYING, 1, 0, UAX_F_INIT | UAX_F_ONGOING},
			{UAX_S_AUTHING, 1, 0, UAX_F_INIT | UAX_F_ONGOING | UAX_F_AUTHSENT},
			{UAX_S_ONLINE, 0, 0, UAX_F_INIT},
			{UAX_S_BACKOFF, 0, 0, UAX_F_INIT},
			{UAX_S_LEAVING, 0, 0, UAX_F_INIT},
			{UAX_S_REMOVING, 1, 1, UAX_F_INIT | UAX_F_ONGOING},
			{UAX_S_REMOVING_AUTH, 1, 1,
					UAX_F_INIT | UAX_F_ONGOING | UAX_F_AUTHSENT},
			{UAX_S_IDLE, 0, 0, UAX_F_INIT},
			{UAX_S_AWAY, 0, 0, UAX_F_INIT},
	};
	int i;

	ck_assert_int_eq(UNIT_ROWS(row), UAX_S_COUNT);
	for(i = 0; i < UAX_S_COUNT; i++) {
		const char *name = uax_state_name(i);
		/* W-U9: a valid binding shows whatever the attempt does */
		int online =
				i == UAX_S_OFF ? row[i].flags : (row[i].flags | UAX_F_ONLINE);

		ck_assert_int_eq(row[i].state, i);
		ck_row(uax_state_is_ongoing(i) == row[i].is_ongoing, name);
		ck_row(uax_state_is_removal(i) == row[i].is_removal, name);
		/* what waits to be removed is not done with, either */
		ck_row(uax_state_is_busy(i)
						== (row[i].is_ongoing || i == UAX_S_LEAVING),
				name);
		ck_row(uax_state_flags(i, 0) == row[i].flags, name);
		ck_row(uax_state_flags(i, 1) == online, name);
	}
}
END_TEST

START_TEST(names_are_there_and_differ)
{
	int i, j;

	ck_assert_str_eq(uax_state_name(UAX_S_OFF), "disabled");
	ck_assert_str_eq(uax_state_name(UAX_S_IDLE), "unregistered");
	ck_assert_str_eq(uax_state_name(UAX_S_AWAY), "elsewhere");
	ck_assert_str_eq(uax_state_name(UAX_S_COUNT), "invalid");
	ck_assert_str_eq(uax_state_name((enum uax_state) - 1), "invalid");
	ck_assert_str_eq(uax_event_name(UAX_E_DUE), "DUE");
	ck_assert_str_eq(uax_event_name(UAX_E_UNREGISTER), "UNREGISTER");
	ck_assert_str_eq(uax_event_name(UAX_E_RELEASE), "RELEASE");
	ck_assert_str_eq(uax_event_name(UAX_E_CLAIM), "CLAIM");
	ck_assert_str_eq(uax_event_name(UAX_E_COUNT), "INVALID");
	ck_assert_str_eq(uax_event_name((enum uax_event) - 1), "INVALID");
	for(i = 0; i < UAX_S_COUNT; i++)
		for(j = 0; j < i; j++)
			ck_assert_str_ne(uax_state_name(i), uax_state_name(j));
}
END_TEST

static void step_from_no_state(void)
{
	struct uax_step got;

	ck_assert(uax_fsm_step(UAX_S_COUNT, UAX_E_OK, 1, &got) != KX_OK);
}

static void step_by_no_event(void)
{
	struct uax_step got;

	ck_assert(uax_fsm_step(UAX_S_INIT, UAX_E_COUNT, 1, &got) != KX_OK);
}

START_TEST(a_state_or_event_that_is_none_is_a_bug)
{
	unit_bug(step_from_no_state);
	unit_bug(step_by_no_event);
}
END_TEST

Suite *suite_uax_fsm(void)
{
	Suite *s = suite_create("uax_fsm");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t,
			every_cell_does_what_it_should_and_the_others_nothing, 0,
			UAX_S_COUNT);
	tcase_add_test(t, without_retries_a_failure_ends_in_off);
	tcase_add_test(t, every_step_leaves_something_that_goes_on);
	tcase_add_test(t, w_u28_every_ongoing_state_knows_every_end);
	tcase_add_test(t, w_u7b_a_random_walk_waits_for_every_answer);
	tcase_add_loop_test(t, the_last_wish_of_the_operator_holds, 0, 4);
	tcase_add_loop_test(
			t, what_is_given_away_ends_and_comes_back, 0, UAX_S_COUNT);
	tcase_add_test(t, shows_the_flags_of_the_stock_module);
	tcase_add_test(t, names_are_there_and_differ);
	tcase_add_test(t, a_state_or_event_that_is_none_is_a_bug);
	suite_add_tcase(s, t);
	return s;
}
