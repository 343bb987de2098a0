/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations that are read: what is a fault, and how each
 * state goes on after a restart and at another server. */
#include <stdio.h>

#include "saved_rows.h"

START_TEST(a_valid_binding_goes_on_as_it_was)
{
	struct uax_saved row = unit_saved_good();
	struct uax_warm w = unit_saved_read(&row, 0);
	static const unsigned char tag[] = {
			0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

	ck_assert_int_eq(w.state, UAX_S_ONLINE);
	ck_assert_int_eq(w.is_online, 1);
	ck_assert_int_eq(w.left_s, 300);
	ck_assert_int_eq(w.granted_s, 600);
	ck_assert_int_eq(w.due_in_s, 200);
	ck_assert_int_eq(w.failures, 0);
	ck_assert_int_eq(w.cseq, 7);
	ck_assert_int_eq(w.callid[0], 0);
	ck_assert_int_eq(w.callid[15], 0xff);
	ck_assert_mem_eq(w.tag, tag, sizeof(tag));
	ck_assert_int_eq(w.n_former, 0);
	ck_str_is(w.challenge[0].nonce.s, "n");
	ck_assert_int_eq(w.challenge[0].is_proxy, 0);
	ck_assert_int_eq(w.challenge[1].nonce.is_given, 0);
	ck_assert_int_eq(w.nc[0], 3);
	ck_assert_int_eq(w.nc[1], 0);
	ck_assert_int_eq(w.learnt.n[UAX_LEARNT_SERVICE_ROUTE], 1);
	ck_str_is(w.learnt.part[UAX_LEARNT_SERVICE_ROUTE][0],
			"<sip:way;lr>, <sip:on;lr>");
	ck_assert_int_eq(w.learnt.n[UAX_LEARNT_PATH], 0);
	ck_assert_int_eq(w.learnt.n[UAX_LEARNT_ASSOCIATED], 0);
}
END_TEST

/* One column changed: a fault, or none. */
static const struct
{
	const char *sentence;
	int text; /* -1: a number */
	const char *to;
	int number;
	int64_t n;
	enum uax_saved_fault fault;
} faults[] = {
#define TEXT(sentence, column, to, fault)                      \
	{                                                          \
		sentence, UAX_SV_##column, to, 0, 0, UAX_SAVED_##fault \
	}
#define NUMBER(sentence, column, to, fault)                        \
	{                                                              \
		sentence, -1, NULL, UAX_SV_##column, to, UAX_SAVED_##fault \
	}
		TEXT("another password", account, "1123456789abcdef0123456789abcdef",
				ACCOUNT),
		TEXT("a fingerprint in capitals is not ours", account,
				"0123456789ABCDEF0123456789ABCDEF", ACCOUNT),
		TEXT("half a fingerprint", account, "0123456789abcdef", ACCOUNT),
		TEXT("no fingerprint", account, "", ACCOUNT),
		TEXT("no state", state, "", STATE),
		TEXT("an unknown state", state, "happy", STATE),
		TEXT("a state and more", state, "online ", STATE),
		TEXT("a state in capitals", state, "ONLINE", STATE),
		TEXT("no contact", contact, "", GOOD),
		TEXT("a contact without a scheme", contact, "192.0.2.1", CONTACT),
		TEXT("a phone number", contact, "tel:+15551212", CONTACT),
		TEXT("a web page", contact, "http://192.0.2.1/", CONTACT),
		TEXT("a contact that brings another header", contact,
				"sip:u1@192.0.2.1\r\nX: y", CONTACT),
		TEXT("a contact that ends its brackets", contact,
				"sip:u1@h>;expires=9,<sip:x@y", CONTACT),
		TEXT("a contact with DEL", contact, "sip:u\x7f@h", CONTACT),
		TEXT("a secure contact", contact, "sips:u1@192.0.2.9", GOOD),
		TEXT("a good contact and a bad one", contact, "sip:u1@h u1@h", CONTACT),
		TEXT("no Call-ID", callid, "", CALLID),
		TEXT("a Call-ID that is too short", callid,
				"00112233445566778899aabbccddeef", CALLID),
		TEXT("a Call-ID that is too long", callid,
				"00112233445566778899aabbccddeeff0", CALLID),
		TEXT("a Call-ID of another kind", callid,
				"00112233445566778899aabbccddee@h", CALLID),
		TEXT("a Call-ID with a bad first half of a byte", callid,
				"g0112233445566778899aabbccddeeff", CALLID),
		TEXT("a Call-ID in capitals is the same", callid,
				"00112233445566778899AABBCCDDEEFF", GOOD),
		TEXT("no From tag", fromtag, "", TAG),
		TEXT("a From tag that is too long", fromtag, "0123456789abcdef0", TAG),
		TEXT("a From tag with a blank", fromtag, "012345678 abcdef", TAG),
		TEXT("no challenge", challenge, "", GOOD),
		TEXT("a challenge of another scheme", challenge, "Basic realm=\"r\"",
				CHALLENGE),
		TEXT("a challenge without a nonce", challenge, "Digest realm=\"r\"",
				CHALLENGE),
		TEXT("an unknown algorithm", challenge,
				"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-1", CHALLENGE),
		TEXT("a nonce with a line break", challenge,
				"Digest realm=\"r\", nonce=\"a\r\nb\"", CHALLENGE),
		TEXT("blanks for a challenge", challenge, "  ", CHALLENGE),
		TEXT("a bad one of a proxy", proxy_challenge, "x", CHALLENGE),
		TEXT("a good one of a proxy", proxy_challenge, UNIT_DIGEST, GOOD),
		TEXT("a name of a server of any kind", node, "\xff'\\", GOOD),
		NUMBER("registered until before the epoch", registered_until, -1,
				NUMBER),
		NUMBER("until no clock", registered_until, INT64_MAX, NUMBER),
		NUMBER("granted nothing that is a number", granted, -1, NUMBER),
		NUMBER("granted too much", granted, INT64_C(1) << 31, NUMBER),
		NUMBER("due before the epoch", next_due, -1, NUMBER),
		NUMBER("due at no time", next_due, INT64_MAX, NUMBER),
		NUMBER("failed less than never", failures, -1, NUMBER),
		NUMBER("failed too often", failures, INT64_C(1) << 31, NUMBER),
		NUMBER("failed often", failures, INT32_MAX, GOOD),
		NUMBER("a negative CSeq", cseq, -1, NUMBER),
		NUMBER("a CSeq of 2^31", cseq, INT64_C(1) << 31, NUMBER),
		NUMBER("the last CSeq", cseq, INT32_MAX, GOOD),
		NUMBER("a negative nc", nc, -1, NUMBER),
		NUMBER("an nc of 2^32", nc, INT64_C(1) << 32, NUMBER),
		NUMBER("the last nc", nc, UINT32_MAX, GOOD),
		NUMBER("a negative nc of a proxy", proxy_nc, -1, NUMBER),
		NUMBER("an nc of 2^32 of a proxy", proxy_nc, INT64_C(1) << 32, NUMBER),
		NUMBER("more than exact", is_exact, 2, NUMBER),
		NUMBER("less than not exact", is_exact, -1, NUMBER),
		NUMBER("saved before the epoch", saved, -1, NUMBER),
		NUMBER("saved at no time", saved, INT64_MAX, NUMBER),
		NUMBER("registered for as long as was granted", registered_until,
				UNIT_NOW + 600, GOOD),
		NUMBER("a clock that is a minute ahead", registered_until,
				UNIT_NOW + 660, GOOD),
		NUMBER("registered for longer than was granted", registered_until,
				UNIT_NOW + 661, TIME),
		NUMBER("saved a minute ahead", saved, UNIT_NOW + 60, GOOD),
		NUMBER("saved tomorrow", saved, UNIT_NOW + 61, TIME),
		NUMBER("due as late as can be", next_due, UNIT_NOW + 4294967 + 60,
				GOOD),
		NUMBER("due later", next_due, UNIT_NOW + 4294967 + 61, TIME),
		NUMBER("due in a hundred years", next_due,
				UNIT_NOW + INT64_C(3155760000), TIME),
		NUMBER("due in a million years", next_due, INT64_C(1) << 45, TIME),
#undef TEXT
#undef NUMBER
};

START_TEST(one_bad_column_is_enough)
{
	struct uax_saved row = unit_saved_good();
	struct uax_saved_about about = unit_saved_about();
	struct uax_warm warm, untouched;
	enum uax_saved_fault got;

	if(faults[_i].text >= 0)
		row.text[faults[_i].text] = unit_str(faults[_i].to);
	else
		row.number[faults[_i].number] = faults[_i].n;
	memset(&untouched, 0x5a, sizeof(untouched));
	warm = untouched;
	got = uax_saved_read(&row, &about, &warm);
	ck_assert_msg(got == faults[_i].fault, "%s: it '%s', not '%s'",
			faults[_i].sentence, uax_saved_fault_text(got),
			uax_saved_fault_text(faults[_i].fault));
	if(got != UAX_SAVED_GOOD)
		ck_row(memcmp(&warm, &untouched, sizeof(warm)) == 0,
				faults[_i].sentence);
}
END_TEST

/* Each text column holds what it can hold, and not a byte more. */
START_TEST(a_text_longer_than_its_column_is_a_fault)
{
	static const int max[] = {
#define MAX(name, bytes) bytes,
			UAX_SAVED_TEXTS(MAX)
#undef MAX
	};
	struct uax_saved row = unit_saved_good();
	struct uax_saved_about about = unit_saved_about();
	struct uax_warm warm;
	char text[4096];

	if(_i == UAX_SV_account)
		return; /* another fault, sooner */
	memset(text, 'a', sizeof(text));
	row.text[_i] = unit_bytes(text, max[_i]);
	ck_assert_int_ne(uax_saved_read(&row, &about, &warm), UAX_SAVED_LONG);
	row.text[_i] = unit_bytes(text, max[_i] + 1);
	ck_assert_int_eq(uax_saved_read(&row, &about, &warm), UAX_SAVED_LONG);
}
END_TEST

START_TEST(every_fault_has_words_and_a_row_above)
{
	int i, j, is_there;

	for(i = UAX_SAVED_GOOD + 1; i < UAX_SAVED_FAULT_COUNT; i++) {
		ck_assert_int_gt(strlen(uax_saved_fault_text(i)), 10);
		is_there = i == UAX_SAVED_LONG;
		for(j = 0; j < (int)UNIT_ROWS(faults); j++)
			is_there |= faults[j].fault == (enum uax_saved_fault)i;
		ck_row(is_there, uax_saved_fault_text(i));
	}
}
END_TEST

/* How each state goes on: after a restart, and when another server takes the
 * account over; with a binding that is valid, and with one that lapsed.
 * Due: 200 as it was, 0 at once, -1 not at all. */
static const struct
{
	enum uax_state state;
	int failures;
	struct
	{
		enum uax_state state;
		int is_online, due, failures;
	} restart[2], take_over[2]; /* valid, lapsed */
} states[] = {
#define S(state) UAX_S_##state
		{S(OFF), 0, {{S(ONLINE), 1, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(OFF), 1, -1, 0}, {S(OFF), 0, -1, 0}}},
		/* a failure ended it: the next start tries again */
		{S(OFF), 3, {{S(ONLINE), 1, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(OFF), 1, -1, 3}, {S(OFF), 0, -1, 3}}},
		{S(INIT), 0, {{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}},
				{{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}}},
		{S(TRYING), 0, {{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}},
				{{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}}},
		{S(AUTHING), 2, {{S(ONLINE), 1, 200, 2}, {S(INIT), 0, -1, 2}},
				{{S(ONLINE), 1, 200, 2}, {S(INIT), 0, -1, 2}}},
		{S(ONLINE), 0, {{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}},
				{{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}}},
		{S(BACKOFF), 4, {{S(BACKOFF), 1, 200, 4}, {S(BACKOFF), 0, 200, 4}},
				{{S(BACKOFF), 1, 200, 4}, {S(BACKOFF), 0, 200, 4}}},
		/* unregistered at an operator's wish, which a restart ends; whether
		 * the removal came through is not known */
		{S(LEAVING), 0, {{S(INIT), 0, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(LEAVING), 1, -1, 0}, {S(IDLE), 0, -1, 0}}},
		{S(REMOVING), 0, {{S(INIT), 0, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(LEAVING), 1, -1, 0}, {S(IDLE), 0, -1, 0}}},
		{S(REMOVING_AUTH), 0, {{S(INIT), 0, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(LEAVING), 1, -1, 0}, {S(IDLE), 0, -1, 0}}},
		{S(IDLE), 1, {{S(INIT), 0, 0, 0}, {S(INIT), 0, 0, 0}},
				{{S(IDLE), 0, -1, 1}, {S(IDLE), 0, -1, 1}}},
		{S(AWAY), 0, {{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}},
				{{S(ONLINE), 1, 200, 0}, {S(INIT), 0, -1, 0}}},
		/* given away while it waited for its next try */
		{S(AWAY), 4, {{S(BACKOFF), 1, 200, 4}, {S(BACKOFF), 0, 200, 4}},
				{{S(BACKOFF), 1, 200, 4}, {S(BACKOFF), 0, 200, 4}}},
#undef S
};

START_TEST(every_state_goes_on)
{
	int is_take_over, is_lapsed, is_exact;

	for(is_take_over = 0; is_take_over < 2; is_take_over++)
		for(is_lapsed = 0; is_lapsed < 2; is_lapsed++)
			for(is_exact = 0; is_exact < 2; is_exact++) {
				struct uax_saved row = unit_saved_good();
				struct uax_warm w;
				char name[64];
				int due = (is_take_over ? states[_i].take_over
										: states[_i].restart)[is_lapsed]
								  .due;

				row.text[UAX_SV_state] =
						unit_str(uax_state_name(states[_i].state));
				row.number[UAX_SV_failures] = states[_i].failures;
				row.number[UAX_SV_is_exact] = is_exact;
				if(is_lapsed)
					row.number[UAX_SV_registered_until] = UNIT_NOW;
				snprintf(name, sizeof(name), "%s%s%s",
						uax_state_name(states[_i].state),
						is_take_over ? ", taken over" : "",
						is_lapsed ? ", lapsed" : "");
				w = unit_saved_read(&row, is_take_over);
				ck_row(w.state
								== (is_take_over
												? states[_i].take_over
												: states[_i].restart)[is_lapsed]
										   .state,
						name);
				ck_row(w.is_online
								== (is_take_over
												? states[_i].take_over
												: states[_i].restart)[is_lapsed]
										   .is_online,
						name);
				ck_row((int)w.failures
								== (is_take_over
												? states[_i].take_over
												: states[_i].restart)[is_lapsed]
										   .failures,
						name);
				if(due >= 0)
					ck_row((int)w.due_in_s == due, name);
				/* whatever becomes of it: who it is stays */
				ck_row(w.cseq == (is_exact ? 7 : 7 + UAX_SAVED_SKIP), name);
				ck_row(w.nc[0] == (is_exact ? 3 : 3 + UAX_SAVED_SKIP), name);
			}
}
END_TEST

START_TEST(the_table_of_states_is_whole)
{
	int i, j, is_there;

	for(i = 0; i < UAX_S_COUNT; i++) {
		for(j = 0, is_there = 0; j < (int)UNIT_ROWS(states); j++)
			is_there |= states[j].state == (enum uax_state)i;
		ck_row(is_there, uax_state_name(i));
	}
}
END_TEST

/* A row that never sent anything says so, and is no fault. */
START_TEST(a_row_without_a_request_needs_no_identity)
{
	struct uax_saved row = unit_saved_good();
	struct uax_warm w;

	row.text[UAX_SV_state] = unit_str("waiting");
	row.text[UAX_SV_callid].len = row.text[UAX_SV_fromtag].len = 0;
	row.text[UAX_SV_contact].len = row.text[UAX_SV_challenge].len = 0;
	memset(row.number, 0, sizeof(row.number));
	w = unit_saved_read(&row, 0);
	ck_assert_int_eq(w.state, UAX_S_INIT);
	ck_assert_int_eq(w.cseq, 0);
	ck_assert_int_eq(w.is_online, 0);
}
END_TEST

Suite *suite_uax_saved(void)
{
	Suite *s = suite_create("uax_saved");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_valid_binding_goes_on_as_it_was);
	tcase_add_loop_test(t, one_bad_column_is_enough, 0, UNIT_ROWS(faults));
	tcase_add_loop_test(
			t, a_text_longer_than_its_column_is_a_fault, 0, UAX_SV_TEXTS);
	tcase_add_test(t, every_fault_has_words_and_a_row_above);
	tcase_add_loop_test(t, every_state_goes_on, 0, UNIT_ROWS(states));
	tcase_add_test(t, the_table_of_states_is_whole);
	tcase_add_test(t, a_row_without_a_request_needs_no_identity);
	suite_add_tcase(s, t);
	return s;
}
