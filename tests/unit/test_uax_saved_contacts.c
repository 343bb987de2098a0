/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations that are read: when the refresh is due, which
 * contacts are removed, which numbers are left out, and what the row of a
 * server says of all of its rows. */
#include "saved_rows.h"

#define FORMER "sip:u1@192.0.2.9:5060"
#define THIRD "sip:u1@192.0.2.7:5060"

/* When the refresh is due. */
START_TEST(a_refresh_is_due_when_it_was)
{
	static const struct
	{
		const char *sentence;
		int64_t until, due;
		int is_online, due_in, left;
	} row[] = {
			{"later", UNIT_NOW + 300, UNIT_NOW + 200, 1, 200, 300},
			{"now", UNIT_NOW + 300, UNIT_NOW, 1, 0, 300},
			{"overdue", UNIT_NOW + 300, UNIT_NOW - 1000, 1, 0, 300},
			{"never, in a row without it", UNIT_NOW + 300, 0, 1, 0, 300},
			{"not after the end", UNIT_NOW + 300, UNIT_NOW + 500, 1, 300, 300},
			{"in the last second", UNIT_NOW + 1, UNIT_NOW + 1, 1, 1, 1},
			{"lapsed now", UNIT_NOW, UNIT_NOW - 100, 0, 0, 0},
			{"lapsed long ago", 1, 1, 0, 0, 0},
			{"never registered", 0, 0, 0, 0, 0},
	};
	struct uax_saved saved = unit_saved_good();
	struct uax_warm w;

	saved.number[UAX_SV_registered_until] = row[_i].until;
	saved.number[UAX_SV_next_due] = row[_i].due;
	w = unit_saved_read(&saved, 0);
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
			{"the same", UNIT_OURS, UNIT_OURS, 0},
			{"a host in capitals", "SIP:u1@HOST.example.org",
					"sip:u1@host.EXAMPLE.org", 0},
			{"an escape that need not be one", "sip:u%31@192.0.2.1:5060",
					UNIT_OURS, 0},
			{"a parameter on one side", UNIT_OURS ";x=1", UNIT_OURS, 0},
			{"a user in capitals", "sip:U1@192.0.2.1:5060", UNIT_OURS, 1},
			{"another address", FORMER, UNIT_OURS, 1},
			{"another port", "sip:u1@192.0.2.1:5061", UNIT_OURS, 1},
			{"another transport", UNIT_OURS ";transport=tcp", UNIT_OURS, 1},
			{"another scheme", "sips:u1@192.0.2.1:5060", UNIT_OURS, 1},
			{"ours is no URI that we could compare", UNIT_OURS, "192.0.2.1", 1},
			{"none", "", UNIT_OURS, 0},
	};
	struct uax_saved saved = unit_saved_good();
	struct uax_saved_about about = unit_saved_about();
	struct uax_warm w;
	int is_lapsed;

	saved.text[UAX_SV_contact] = unit_str(row[_i].registered);
	about.contact = unit_str(row[_i].ours);
	for(is_lapsed = 0; is_lapsed < 2; is_lapsed++) {
		if(is_lapsed)
			saved.number[UAX_SV_registered_until] = UNIT_NOW - 1;
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
			{"we were to put ours in its place, and were killed", FORMER,
					UNIT_OURS, 0, 0, {FORMER}, 1},
			{"and gave it away before that was known", FORMER " " UNIT_OURS,
					UNIT_OURS, 1, 0, {FORMER}, 1},
			{"it had ours, and maybe put its own in its place", UNIT_OURS,
					FORMER, 0, 0, {FORMER}, 1},
			{"that was its last word", UNIT_OURS, FORMER, 1, 0, {NULL}, 1},
			{"it had another's, and maybe its own", THIRD, FORMER, 0, 0,
					{THIRD, FORMER}},
			{"two of before", THIRD " " FORMER, UNIT_OURS, 0, 0,
					{THIRD, FORMER}, 1},
			{"twice the same", FORMER " " FORMER, FORMER, 0, 0, {FORMER}},
			{"it had none yet", "", FORMER, 0, 1, {FORMER}},
			{"what it had is over", THIRD, FORMER, 0, 1, {FORMER}},
			{"all is over", THIRD, FORMER, 1, 1, {NULL}},
			{"a shared address", UNIT_OURS, UNIT_OURS, 0, 0, {NULL}, 1},
			{"more than are removed at once",
					"sip:a@h  sip:b@h sip:c@h sip:d@h", FORMER, 0, 0,
					{"sip:a@h", "sip:b@h", "sip:c@h", "sip:d@h"}},
	};
	struct uax_saved saved = unit_saved_good();
	struct uax_saved_about about = unit_saved_about();
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
	struct uax_saved saved = unit_saved_good();
	struct uax_warm w;
	int is_proxy;

	for(is_proxy = 0; is_proxy < 2; is_proxy++) {
		saved.text[UAX_SV_proxy_challenge] =
				unit_str(is_proxy ? UNIT_DIGEST : "");
		saved.text[UAX_SV_challenge] = unit_str(is_proxy ? "" : UNIT_DIGEST);
		saved.number[UAX_SV_cseq] = row[_i].cseq;
		saved.number[UAX_SV_nc] = is_proxy ? 99 : row[_i].nc;
		saved.number[UAX_SV_proxy_nc] = is_proxy ? row[_i].nc : 99;
		saved.number[UAX_SV_is_exact] = row[_i].is_exact;
		w = unit_saved_read(&saved, 0);
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
	struct uax_saved row = unit_saved_good();
	struct uax_saved_about about = unit_saved_about();
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

Suite *suite_uax_saved_contacts(void)
{
	Suite *s = suite_create("uax_saved_contacts");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_refresh_is_due_when_it_was, 0, 9);
	tcase_add_loop_test(t, another_contact_is_removed_at_once, 0, 11);
	tcase_add_loop_test(t, headers_that_remove, 0, 3);
	tcase_add_loop_test(t, what_may_be_registered_is_removed_as_well, 0, 13);
	tcase_add_loop_test(
			t, counts_go_on_with_a_gap_unless_the_row_is_exact, 0, 11);
	tcase_add_test(t, a_server_that_ended_in_order_is_exact);
	tcase_add_loop_test(t, a_server_has_a_row_of_its_own, 0, 3);
	suite_add_tcase(s, t);
	return s;
}
