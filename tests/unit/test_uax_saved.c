/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations: how they are written, and what one that was
 * read means. */
#include <stdio.h>
#include <stdlib.h>

#include "saved.h"
#include "unit.h"
#include "unit_hashes.h"

enum
{
	NOW = 1790000000,
	UNTIL = NOW + 300, /* of a binding of 600 seconds */
	DUE = NOW + 200
};

#define PRINT "0123456789abcdef0123456789abcdef"
#define OURS "sip:u1@192.0.2.1:5060"
#define FORMER "sip:u1@192.0.2.9:5060"
#define THIRD "sip:u1@192.0.2.7:5060"
#define DIGEST "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\""

/* A registration that is online. */
static struct uax_saved good(void)
{
	struct uax_saved row;

	memset(&row, 0, sizeof(row));
	row.text[UAX_SV_l_uuid] = unit_str("u1");
	row.text[UAX_SV_node] = unit_str("sip:192.0.2.1:5060");
	row.text[UAX_SV_account] = unit_str(PRINT);
	row.text[UAX_SV_state] = unit_str("online");
	row.text[UAX_SV_contact] = unit_str(OURS);
	row.text[UAX_SV_callid] = unit_str("00112233445566778899aabbccddeeff");
	row.text[UAX_SV_fromtag] = unit_str("0123456789abcdef");
	row.text[UAX_SV_challenge] = unit_str(DIGEST);
	row.text[UAX_SV_service_route] = unit_str("<sip:way;lr>, <sip:on;lr>");
	row.number[UAX_SV_registered_until] = UNTIL;
	row.number[UAX_SV_granted] = 600;
	row.number[UAX_SV_next_due] = DUE;
	row.number[UAX_SV_cseq] = 7;
	row.number[UAX_SV_nc] = 3;
	row.number[UAX_SV_is_exact] = 1;
	row.number[UAX_SV_saved] = NOW - 100;
	return row;
}

static struct uax_saved_about about_it(void)
{
	return (struct uax_saved_about){
			.fingerprint = PRINT, .contact = unit_str(OURS), .now_s = NOW};
}

static struct uax_warm read_good(const struct uax_saved *row, int is_take_over)
{
	struct uax_saved_about about = about_it();
	struct uax_warm warm;
	enum uax_saved_fault fault;

	about.is_take_over = is_take_over;
	fault = uax_saved_read(row, &about, &warm);
	ck_assert_msg(
			fault == UAX_SAVED_GOOD, "the row %s", uax_saved_fault_text(fault));
	return warm;
}

START_TEST(a_valid_binding_goes_on_as_it_was)
{
	struct uax_saved row = good();
	struct uax_warm w = read_good(&row, 0);
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
		TEXT("a good one of a proxy", proxy_challenge, DIGEST, GOOD),
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
				NOW + 600, GOOD),
		NUMBER("a clock that is a minute ahead", registered_until, NOW + 660,
				GOOD),
		NUMBER("registered for longer than was granted", registered_until,
				NOW + 661, TIME),
		NUMBER("saved a minute ahead", saved, NOW + 60, GOOD),
		NUMBER("saved tomorrow", saved, NOW + 61, TIME),
		NUMBER("due as late as can be", next_due, NOW + 4294967 + 60, GOOD),
		NUMBER("due later", next_due, NOW + 4294967 + 61, TIME),
		NUMBER("due in a hundred years", next_due, NOW + INT64_C(3155760000),
				TIME),
		NUMBER("due in a million years", next_due, INT64_C(1) << 45, TIME),
#undef TEXT
#undef NUMBER
};

START_TEST(one_bad_column_is_enough)
{
	struct uax_saved row = good();
	struct uax_saved_about about = about_it();
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
	struct uax_saved row = good();
	struct uax_saved_about about = about_it();
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
				struct uax_saved row = good();
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
					row.number[UAX_SV_registered_until] = NOW;
				snprintf(name, sizeof(name), "%s%s%s",
						uax_state_name(states[_i].state),
						is_take_over ? ", taken over" : "",
						is_lapsed ? ", lapsed" : "");
				w = read_good(&row, is_take_over);
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

/* When the refresh is due. */
START_TEST(a_refresh_is_due_when_it_was)
{
	static const struct
	{
		const char *sentence;
		int64_t until, due;
		int is_online, due_in, left;
	} row[] = {
			{"later", NOW + 300, NOW + 200, 1, 200, 300},
			{"now", NOW + 300, NOW, 1, 0, 300},
			{"overdue", NOW + 300, NOW - 1000, 1, 0, 300},
			{"never, in a row without it", NOW + 300, 0, 1, 0, 300},
			{"not after the end", NOW + 300, NOW + 500, 1, 300, 300},
			{"in the last second", NOW + 1, NOW + 1, 1, 1, 1},
			{"lapsed now", NOW, NOW - 100, 0, 0, 0},
			{"lapsed long ago", 1, 1, 0, 0, 0},
			{"never registered", 0, 0, 0, 0, 0},
	};
	struct uax_saved saved = good();
	struct uax_warm w;

	saved.number[UAX_SV_registered_until] = row[_i].until;
	saved.number[UAX_SV_next_due] = row[_i].due;
	w = read_good(&saved, 0);
	ck_row(w.is_online == row[_i].is_online, row[_i].sentence);
	ck_row((int)w.left_s == row[_i].left, row[_i].sentence);
	if(w.is_online)
		ck_row((int)w.due_in_s == row[_i].due_in, row[_i].sentence);
}
END_TEST

/* The contact that is registered, against the one we register. */
START_TEST(another_contact_is_removed_at_once)
{
	static const struct
	{
		const char *sentence, *registered, *ours;
		int is_former;
	} row[] = {
			{"the same", OURS, OURS, 0},
			{"a host in capitals", "SIP:u1@HOST.example.org",
					"sip:u1@host.EXAMPLE.org", 0},
			{"an escape that need not be one", "sip:u%31@192.0.2.1:5060", OURS,
					0},
			{"a parameter on one side", OURS ";x=1", OURS, 0},
			{"a user in capitals", "sip:U1@192.0.2.1:5060", OURS, 1},
			{"another address", FORMER, OURS, 1},
			{"another port", "sip:u1@192.0.2.1:5061", OURS, 1},
			{"another transport", OURS ";transport=tcp", OURS, 1},
			{"another scheme", "sips:u1@192.0.2.1:5060", OURS, 1},
			{"ours is no URI that we could compare", OURS, "192.0.2.1", 1},
			{"none", "", OURS, 0},
	};
	struct uax_saved saved = good();
	struct uax_saved_about about = about_it();
	struct uax_warm w;
	int is_lapsed;

	saved.text[UAX_SV_contact] = unit_str(row[_i].registered);
	about.contact = unit_str(row[_i].ours);
	for(is_lapsed = 0; is_lapsed < 2; is_lapsed++) {
		if(is_lapsed)
			saved.number[UAX_SV_registered_until] = NOW - 1;
		ck_assert_int_eq(uax_saved_read(&saved, &about, &w), UAX_SAVED_GOOD);
		/* one that lapsed needs no removal */
		ck_row(w.n_former == (row[_i].is_former && !is_lapsed),
				row[_i].sentence);
		if(w.n_former > 0)
			ck_row_str(w.former[0], row[_i].registered, row[_i].sentence);
		if(!is_lapsed)
			ck_row(w.due_in_s == (row[_i].is_former ? 0 : 200),
					row[_i].sentence);
	}
}
END_TEST

/* Of a server that was killed it is not known whether it registered after it
 * wrote the row. */
START_TEST(what_may_be_registered_is_removed_as_well)
{
	static const struct
	{
		const char *sentence, *registered, *own;
		int is_exact, is_lapsed;
		const char *former[UAX_FORMER_MAX];
		int is_ours;
	} row[] = {
			{"it had registered", FORMER, FORMER, 0, 0, {FORMER}},
			{"we were to put ours in its place, and were killed", FORMER, OURS,
					0, 0, {FORMER}, 1},
			{"and gave it away before that was known", FORMER " " OURS, OURS, 1,
					0, {FORMER}, 1},
			{"it had ours, and maybe put its own in its place", OURS, FORMER, 0,
					0, {FORMER}, 1},
			{"that was its last word", OURS, FORMER, 1, 0, {NULL}, 1},
			{"it had another's, and maybe its own", THIRD, FORMER, 0, 0,
					{THIRD, FORMER}},
			{"two of before", THIRD " " FORMER, OURS, 0, 0, {THIRD, FORMER}, 1},
			{"twice the same", FORMER " " FORMER, FORMER, 0, 0, {FORMER}},
			{"it had none yet", "", FORMER, 0, 1, {FORMER}},
			{"what it had is over", THIRD, FORMER, 0, 1, {FORMER}},
			{"all is over", THIRD, FORMER, 1, 1, {NULL}},
			{"a shared address", OURS, OURS, 0, 0, {NULL}, 1},
			{"more than are removed at once",
					"sip:a@h  sip:b@h sip:c@h sip:d@h", FORMER, 0, 0,
					{"sip:a@h", "sip:b@h", "sip:c@h", "sip:d@h"}},
	};
	struct uax_saved saved = good();
	struct uax_saved_about about = about_it();
	struct uax_warm w;
	int i;

	saved.text[UAX_SV_contact] = unit_str(row[_i].registered);
	saved.text[UAX_SV_own_contact] = unit_str(row[_i].own);
	saved.number[UAX_SV_is_exact] = row[_i].is_exact;
	if(row[_i].is_lapsed)
		saved.number[UAX_SV_registered_until] = 0;
	about.is_take_over = 1;
	ck_assert_int_eq(uax_saved_read(&saved, &about, &w), UAX_SAVED_GOOD);
	for(i = 0; i < UAX_FORMER_MAX && row[_i].former[i] != NULL; i++) {
		ck_row(i < w.n_former, row[_i].sentence);
		ck_row_str(w.former[i], row[_i].former[i], row[_i].sentence);
	}
	ck_row(w.n_former == i, row[_i].sentence);
	ck_row(w.is_ours == row[_i].is_ours, row[_i].sentence);
	if(!row[_i].is_lapsed)
		ck_row(w.due_in_s == (i > 0 ? 0 : 200), row[_i].sentence);
}
END_TEST

START_TEST(headers_that_remove)
{
	static const struct
	{
		const char *former, *headers;
	} row[] = {
			{"", ""},
			{FORMER, "Contact: <" FORMER ">;expires=0\r\n"},
			{FORMER "  " THIRD " ",
					"Contact: <" FORMER ">;expires=0\r\nContact: <" THIRD
					">;expires=0\r\n"},
	};
	char mem[256];
	struct kx_buf b;
	str got;

	kx_buf_init(&b, mem, sizeof(mem));
	uax_former_write(&b, row[_i].former);
	ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
	ck_row_str(got, row[_i].headers, row[_i].former);
}
END_TEST

START_TEST(counts_go_on_with_a_gap_unless_the_row_is_exact)
{
	static const struct
	{
		const char *sentence;
		int64_t cseq, nc;
		int is_exact;
		uint32_t cseq_is, nc_is;
	} row[] = {
			{"exact", 7, 3, 1, 7, 3},
			{"not exact", 7, 3, 0, 23, 19},
			{"none is none", 0, 0, 0, 0, 16},
			{"near the end, exact", 0x7fffffff - 17, 3, 1, 0x7fffffff - 17, 3},
			{"near the end", 0x7fffffff - 17, 3, 0, 0x7fffffff - 1, 19},
			{"too near, exact", 0x7fffffff - 16, 3, 1, 0, 3},
			{"too near", 0x7fffffff - 16, 3, 0, 0, 19},
			{"the last", 0x7fffffff, 3, 0, 0, 19},
			{"nc in the middle", 7, 0x7ffffffe, 0, 23, 0x7ffffffe + 16u},
			{"nc half way", 7, 0x7fffffff, 1, 7, 0},
			{"the last nc", 7, UINT32_MAX, 0, 23, 0},
	};
	struct uax_saved saved = good();
	struct uax_warm w;
	int is_proxy;

	for(is_proxy = 0; is_proxy < 2; is_proxy++) {
		saved.text[UAX_SV_proxy_challenge] = unit_str(is_proxy ? DIGEST : "");
		saved.text[UAX_SV_challenge] = unit_str(is_proxy ? "" : DIGEST);
		saved.number[UAX_SV_cseq] = row[_i].cseq;
		saved.number[UAX_SV_nc] = is_proxy ? 99 : row[_i].nc;
		saved.number[UAX_SV_proxy_nc] = is_proxy ? row[_i].nc : 99;
		saved.number[UAX_SV_is_exact] = row[_i].is_exact;
		w = read_good(&saved, 0);
		ck_row(w.cseq == row[_i].cseq_is, row[_i].sentence);
		ck_row(w.nc[is_proxy] == row[_i].nc_is, row[_i].sentence);
		/* no count without a nonce, no nonce with a count that is over */
		ck_row(w.nc[!is_proxy] == 0, row[_i].sentence);
		ck_row(w.challenge[is_proxy].nonce.is_given == (row[_i].nc_is > 0),
				row[_i].sentence);
		ck_row(w.challenge[is_proxy].is_proxy
						== (is_proxy && row[_i].nc_is > 0),
				row[_i].sentence);
		/* without a Call-ID nothing is known to be registered */
		ck_row(w.is_online == (row[_i].cseq > 0), row[_i].sentence);
	}
}
END_TEST

/* What became of the server that wrote it says the same of all its rows. */
START_TEST(a_server_that_ended_in_order_is_exact)
{
	struct uax_saved row = good();
	struct uax_saved_about about = about_it();
	struct uax_warm w;

	row.number[UAX_SV_is_exact] = 0;
	about.is_sealed = 1;
	ck_assert_int_eq(uax_saved_read(&row, &about, &w), UAX_SAVED_GOOD);
	ck_assert_int_eq(w.cseq, 7);
	ck_assert_int_eq(w.nc[0], 3);
}
END_TEST

START_TEST(a_server_has_a_row_of_its_own)
{
	static const struct
	{
		const char *node, *key;
	} row[] = {
			{"", "server here"},
			{"sip:192.0.2.1:5060", "server sip:192.0.2.1:5060"},
			{"0123456789012345678901234567890123456789012345678901234567890",
					"server "
					"01234567890123456789012345678901234567890123456789012345"},
	};
	char mem[UAX_SAVED_KEY_SIZE];
	str node = unit_str(row[_i].node), key;
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	uax_saved_seal_key(&b, &node);
	ck_assert_int_eq(kx_buf_end(&b, &key), KX_OK);
	ck_row_str(key, row[_i].key, row[_i].node);
}
END_TEST

/* A row that never sent anything says so, and is no fault. */
START_TEST(a_row_without_a_request_needs_no_identity)
{
	struct uax_saved row = good();
	struct uax_warm w;

	row.text[UAX_SV_state] = unit_str("waiting");
	row.text[UAX_SV_callid].len = row.text[UAX_SV_fromtag].len = 0;
	row.text[UAX_SV_contact].len = row.text[UAX_SV_challenge].len = 0;
	memset(row.number, 0, sizeof(row.number));
	w = read_good(&row, 0);
	ck_assert_int_eq(w.state, UAX_S_INIT);
	ck_assert_int_eq(w.cseq, 0);
	ck_assert_int_eq(w.is_online, 0);
}
END_TEST

/* A challenge as it came, written, read: what an answer needs is the same. */
static void comes_back(const char *body, int is_proxy)
{
	struct uax_saved row = good();
	struct uax_challenge before;
	struct uax_warm w;
	struct kx_cursor c;
	char mem[2048];
	struct kx_buf b;
	str text = unit_str(body), written;

	kx_cur_init(&c, &text);
	ck_assert_int_eq(uax_challenge_next(&c, &before), KX_OK);
	ck_row(before.unusable == UAX_CH_USABLE, body);
	kx_buf_init(&b, mem, sizeof(mem));
	ck_row(uax_saved_write_challenge(&b, &before) == KX_OK, body);
	ck_assert_int_eq(kx_buf_end(&b, &written), KX_OK);
	row.text[UAX_SV_challenge].len = 0;
	row.text[is_proxy ? UAX_SV_proxy_challenge : UAX_SV_challenge] =
			unit_bytes(written.s, written.len);
	w = read_good(&row, 0);
	ck_row(uax_text_same(&w.challenge[is_proxy].realm, &before.realm), body);
	ck_row(uax_text_same(&w.challenge[is_proxy].nonce, &before.nonce), body);
	ck_row(w.challenge[is_proxy].opaque.is_given == before.opaque.is_given,
			body);
	ck_row(uax_text_same(&w.challenge[is_proxy].opaque, &before.opaque), body);
	ck_row(w.challenge[is_proxy].algorithm.is_given
					== before.algorithm.is_given,
			body);
	ck_row(w.challenge[is_proxy].alg == before.alg, body);
	ck_row(w.challenge[is_proxy].is_sess == before.is_sess, body);
	ck_row(w.challenge[is_proxy].qops == before.qops, body);
	ck_row(w.challenge[is_proxy].is_userhash == before.is_userhash, body);
	ck_row(w.challenge[is_proxy].is_utf8 == before.is_utf8, body);
	ck_row(w.challenge[is_proxy].is_proxy == is_proxy, body);
	ck_row(w.challenge[!is_proxy].nonce.is_given == 0, body);
}

START_TEST(a_challenge_comes_back)
{
	static const char *const body[] = {
			DIGEST,
			"Digest realm=\"r\",nonce=\"n\"",
			"Digest realm=\"\", nonce=\"n\"",
			"Digest realm=\"a \\\"quoted\\\" \\\\ realm, x=y\", "
			"nonce=\"n\\\"\"",
			"Digest realm=bare,nonce=a/b+c==,algorithm=\"MD5\",qop=auth",
			"Digest realm=\"r\",nonce=\"n\",opaque=\"\"",
			"Digest realm=\"r\",nonce=\"n\",opaque=\"o\",qop=\"auth,auth-int\"",
			"Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\",stale=true",
			"Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256-sess,"
			"userhash=true,charset=UTF-8,domain=\"sip:a sip:b\"",
			"Digest realm=\"r\",nonce=\"n\",algorithm=sha-512-256,"
			"userhash=true,qop=\"auth\"",
			"Digest realm=\"r\",nonce=\"n\",qop=\"\"",
			"Digest realm=\"\xc3\xa9\",nonce=\"n\t'%\"",
	};

	comes_back(body[_i], 0);
	comes_back(body[_i], 1);
}
END_TEST

START_TEST(random_challenges_come_back)
{
	static const char piece[] = "abAB01 ,=;:'%+/\xc3\xa9";
	static const char *const alg[] = {"", ",algorithm=MD5",
			",algorithm=MD5-sess", ",algorithm=SHA-256",
			",algorithm=\"SHA-512-256\"", ",algorithm=SHA-256-sess"};
	static const char *const qop[] = {
			"", ",qop=\"auth\"", ",qop=auth-int", ",qop=\"x,auth,auth-int\""};
	static const char *const more[] = {
			"", ",userhash=true", ",charset=UTF-8", ",stale=true"};
	uint64_t random = 29;
	char body[512];
	int round, i, at, text;

	for(round = 0; round < 300; round++) {
		at = snprintf(body, sizeof(body), "Digest ");
		for(text = 0; text < 3; text++) {
			static const char *const name[] = {"realm", "nonce", "opaque"};
			int len = (int)(unit_random(&random) % 20);

			if(text == 2 && unit_random(&random) % 2 == 0)
				continue;
			at += snprintf(body + at, sizeof(body) - at, "%s%s=\"",
					text == 0 ? "" : ",", name[text]);
			for(i = 0; i < len + (text == 1); i++) {
				int pick = (int)(unit_random(&random) % sizeof(piece));

				if(pick == sizeof(piece) - 1) {
					body[at++] = '\\';
					body[at++] = unit_random(&random) % 2 ? '"' : '\\';
				} else {
					body[at++] = piece[pick];
				}
			}
			body[at++] = '"';
		}
		snprintf(body + at, sizeof(body) - at, "%s%s%s",
				alg[unit_random(&random) % 6], qop[unit_random(&random) % 4],
				more[unit_random(&random) % 4]);
		comes_back(body, (int)(unit_random(&random) % 2));
	}
}
END_TEST

/* Statements, whole. */
#define COLUMNS                                                                \
	"(l_uuid,node,account,state,contact,own_contact,callid,fromtag,challenge," \
	"proxy_challenge,service_route,path,associated_uri,registered_until,"      \
	"granted,next_due,failures,cseq,nc,proxy_nc,is_exact,saved) values "
#define ROW_1                                                             \
	"('u1','sip:192.0.2.1:5060','" PRINT "','online','" OURS              \
	"','','00112233445566778899aabbccddeeff','0123456789abcdef','" DIGEST \
	"','','<sip:way;lr>, <sip:on;lr>','','',1790000300,600,1790000200,0," \
	"7,3,0,1,1789999900)"
#define ROW_2(uuid) \
	"(" uuid ",'','','','','','','','','','','','',0,0,0,0,0,0,0,0,0)"
#define EXCLUDED(c) #c "=excluded." #c
#define VALUES(c) #c "=values(" #c ")"
#define UPDATES(X)                                                                                                                                                 \
	X(node)                                                                                                                                                        \
	"," X(account) "," X(state) "," X(contact) "," X(own_contact) "," X(callid) "," X(fromtag) "," X(challenge) "," X(proxy_challenge) "," X(service_route) "," X( \
			path) "," X(associated_uri) "," X(registered_until) "," X(granted) "," X(next_due) "," X(failures) "," X(cseq) "," X(nc) "," X(proxy_nc) "," X(is_exact) "," X(saved)

START_TEST(a_statement_for_each_database)
{
	static const struct
	{
		enum uax_sql sql;
		const char *one, *two;
	} want[] = {
			{UAX_SQL_MYSQL,
					"insert into t" COLUMNS ROW_1
					" on duplicate key update " UPDATES(VALUES),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("cast(x'6f276e65' as char)") " on duplicate key "
														   "update " UPDATES(
																   VALUES)},
			{UAX_SQL_POSTGRES,
					"insert into t" COLUMNS ROW_1
					" on conflict (l_uuid) do update set " UPDATES(EXCLUDED),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("convert_from(decode('6f276e65','hex'),'"
							  "UTF8')") " on conflict (l_uuid) do update "
										"set " UPDATES(EXCLUDED)},
			{UAX_SQL_SQLITE,
					"insert into t" COLUMNS ROW_1
					" on conflict (l_uuid) do update set " UPDATES(EXCLUDED),
					"insert into t" COLUMNS ROW_1
					"," ROW_2("cast(x'6f276e65' as text)") " on conflict "
														   "(l_uuid) do update "
														   "set " UPDATES(
																   EXCLUDED)},
	};
	struct uax_saved row[2] = {good()};
	str table = unit_str("t"), got;
	char mem[8192];
	struct kx_buf b;
	int n, i;

	row[1].text[UAX_SV_l_uuid] = unit_str("o'ne");
	/* no column takes less than nothing */
	row[1].number[UAX_SV_nc] = -5;
	for(n = 1; n <= 2; n++) {
		kx_buf_init(&b, mem, sizeof(mem));
		ck_assert_int_eq(uax_saved_write_head(&b, &table), KX_OK);
		for(i = 0; i < n; i++)
			ck_assert_int_eq(
					uax_saved_write_row(&b, want[_i].sql, &row[i], i == 0),
					KX_OK);
		ck_assert_int_eq(uax_saved_write_tail(&b, want[_i].sql), KX_OK);
		ck_assert_int_eq(kx_buf_end(&b, &got), KX_OK);
		ck_row_str(got, n == 1 ? want[_i].one : want[_i].two, "statement");
	}
}
END_TEST

static int write_all(void *param)
{
	struct uax_saved row = good();
	str table = unit_str("t");
	struct kx_buf b;
	int err;

	kx_buf_init_grow(&b, NULL, 0, &unit_alloc, 1 << 20);
	uax_saved_write_head(&b, &table);
	uax_saved_write_row(&b, UAX_SQL_MYSQL, &row, 1);
	uax_saved_write_row(&b, UAX_SQL_MYSQL, &row, 0);
	err = uax_saved_write_tail(&b, UAX_SQL_MYSQL);
	kx_buf_release(&b);
	return err == KX_OK;
}

START_TEST(without_memory_no_statement)
{
	unit_ladder(write_all, NULL);
}
END_TEST

static struct uax_row account(void)
{
	static const char *const text[UAX_R_COUNT] = {
			[UAX_R_l_uuid] = "u1",
			[UAX_R_l_username] = "l",
			[UAX_R_l_domain] = "local",
			[UAX_R_r_username] = "r",
			[UAX_R_r_domain] = "remote",
			[UAX_R_realm] = "realm",
			[UAX_R_auth_username] = "a",
			[UAX_R_auth_password] = "p",
			[UAX_R_auth_ha1] = "h",
			[UAX_R_auth_proxy] = "sip:proxy",
			[UAX_R_contact_addr] = "192.0.2.1",
			[UAX_R_socket] = "udp:192.0.2.1",
			[UAX_R_contact_user] = "c",
	};
	struct uax_row row = {.expires_s = 600};
	int i;

	for(i = 0; i < UAX_R_COUNT; i++)
		row.text[i] = unit_str(text[i]);
	return row;
}

static void print_of(const struct uax_row *row, char *out)
{
	uax_fingerprint(row, &unit_hashes, out);
	ck_assert_int_eq(strlen(out), UAX_FINGERPRINT_LEN);
	ck_assert_int_eq(strspn(out, "0123456789abcdef"), UAX_FINGERPRINT_LEN);
}

/* Kept in tables by other releases: it stays. Over each text with its length
 * before it, two bytes. */
START_TEST(a_fingerprint_stays_what_it_is)
{
	struct uax_row row = account();
	char got[UAX_FINGERPRINT_LEN + 1];

	print_of(&row, got);
	ck_assert_str_eq(got, "51751223d0be1e56d3bf66e5cf0f88b6");
}
END_TEST

/* What the registration depends on, and nothing else. */
START_TEST(a_fingerprint_changes_with_what_matters)
{
	static const int matters[UAX_R_COUNT] = {[UAX_R_l_uuid] = 1,
			[UAX_R_r_username] = 1,
			[UAX_R_r_domain] = 1,
			[UAX_R_realm] = 1,
			[UAX_R_auth_username] = 1,
			[UAX_R_auth_password] = 1,
			[UAX_R_auth_ha1] = 1,
			[UAX_R_auth_proxy] = 1};
	struct uax_row row = account();
	char before[UAX_FINGERPRINT_LEN + 1], after[UAX_FINGERPRINT_LEN + 1];

	print_of(&row, before);
	row.text[_i] = unit_str("other");
	print_of(&row, after);
	ck_row((strcmp(before, after) != 0) == matters[_i], uax_row_text_name(_i));
	row.text[_i] = (str){NULL, 0};
	print_of(&row, after);
	ck_row((strcmp(before, after) != 0) == matters[_i], uax_row_text_name(_i));
	row = account();
	row.expires_s = 1;
	row.reg_delay_s = 2;
	row.is_disabled = 1;
	print_of(&row, after);
	ck_assert_str_eq(before, after);
}
END_TEST

/* "ab" and "c" are not "a" and "bc". */
START_TEST(a_fingerprint_knows_where_texts_end)
{
	static const enum uax_row_text order[] = {UAX_R_l_uuid, UAX_R_r_username,
			UAX_R_r_domain, UAX_R_realm, UAX_R_auth_username,
			UAX_R_auth_password, UAX_R_auth_ha1, UAX_R_auth_proxy};
	struct uax_row one = account(), two = account();
	char before[UAX_FINGERPRINT_LEN + 1], after[UAX_FINGERPRINT_LEN + 1];

	one.text[order[_i]] = unit_str("ab");
	one.text[order[_i + 1]] = unit_str("c");
	two.text[order[_i]] = unit_str("a");
	two.text[order[_i + 1]] = unit_str("bc");
	print_of(&one, before);
	print_of(&two, after);
	ck_assert_str_ne(before, after);
	/* and which text is which */
	one.text[order[_i]] = unit_str("x");
	one.text[order[_i + 1]] = unit_str("");
	two.text[order[_i]] = unit_str("");
	two.text[order[_i + 1]] = unit_str("x");
	print_of(&one, before);
	print_of(&two, after);
	ck_assert_str_ne(before, after);
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
	tcase_add_loop_test(t, a_refresh_is_due_when_it_was, 0, 9);
	tcase_add_loop_test(t, another_contact_is_removed_at_once, 0, 11);
	tcase_add_loop_test(t, headers_that_remove, 0, 3);
	tcase_add_loop_test(t, what_may_be_registered_is_removed_as_well, 0, 13);
	tcase_add_loop_test(
			t, counts_go_on_with_a_gap_unless_the_row_is_exact, 0, 11);
	tcase_add_test(t, a_server_that_ended_in_order_is_exact);
	tcase_add_loop_test(t, a_server_has_a_row_of_its_own, 0, 3);
	tcase_add_test(t, a_row_without_a_request_needs_no_identity);
	tcase_add_loop_test(t, a_challenge_comes_back, 0, 12);
	tcase_add_test(t, random_challenges_come_back);
	tcase_add_loop_test(t, a_statement_for_each_database, 0, 3);
	tcase_add_test(t, without_memory_no_statement);
	tcase_add_test(t, a_fingerprint_stays_what_it_is);
	tcase_add_loop_test(
			t, a_fingerprint_changes_with_what_matters, 0, UAX_R_COUNT);
	tcase_add_loop_test(t, a_fingerprint_knows_where_texts_end, 0, 7);
	suite_add_tcase(s, t);
	return s;
}
