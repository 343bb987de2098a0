/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "answer.h"
#include "bindings.h"

static struct rgr_answer_policy show(void)
{
	struct rgr_answer_policy pol = {
			.received_param = unit_str("received"),
			.owner = {unit_str("alice"), unit_str("example.com"), 0, 0xab,
					unit_str("example.com")},
			.now = UNIT_T,
	};

	return pol;
}

static char mem[4096];

static str contacts(
		const struct rgr_answer_policy *pol, struct rgr_binding *binding, int n)
{
	struct unit_store st = {binding, n};
	struct rgr_bindings all = unit_bindings(&st);
	struct kx_buf b;
	str out = {0, 0};

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(rgr_answer_contacts(&b, pol, &all), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	return out;
}

START_TEST(r3261_19_lists_every_living_binding)
{
	struct rgr_answer_policy pol = show();
	struct rgr_binding b[3] = {unit_binding("sip:a@h"), unit_binding("sip:b@h"),
			unit_binding("sip:c@h")};

	ck_str_is(contacts(&pol, b, 0), "");
	ck_str_is(contacts(&pol, b, 1), "Contact: <sip:a@h>;expires=100\r\n");
	b[0].expires = 0; /* permanent: the longest there is */
	ck_str_is(
			contacts(&pol, b, 1), "Contact: <sip:a@h>;expires=2147483647\r\n");
	b[0].expires = UNIT_T;
	b[1].q = 500;
	b[2].expires = UNIT_T + 1;
	ck_str_is(contacts(&pol, b, 3), "Contact: <sip:b@h>;q=0.5;expires=100, "
									"<sip:c@h>;expires=1\r\n");
	/* none that lives: no header */
	ck_str_is(contacts(&pol, b, 1), "");
}
END_TEST

START_TEST(shows_what_a_binding_has)
{
	static const struct
	{
		const char *name;
		const char *received, *received_param, *instance;
		uint32_t reg_id;
		int q, with_gruu;
		const char *want;
	} row[] = {
			{"the source address", "sip:1.2.3.4:5", "received", "", 0, -1, 0,
					";expires=100;received=\"sip:1.2.3.4:5\""},
			{"by its configured name", "sip:1.2.3.4:5", "src", "", 0, -1, 0,
					";expires=100;src=\"sip:1.2.3.4:5\""},
			{"or not at all", "sip:1.2.3.4:5", "", "", 0, -1, 0,
					";expires=100"},
			{"R3261-23: q", "", "received", "", 0, 0, 0, ";q=0;expires=100"},
			{"the instance", "", "received", "<urn:1>", 0, -1, 0,
					";expires=100;+sip.instance=\"<urn:1>\""},
			{"R5626: the flow", "", "received", "<urn:1>", 2, 1000, 0,
					";q=1;expires=100;+sip.instance=\"<urn:1>\";reg-id=2"},
			{"R5627-1: the GRUUs of an instance", "", "received", "<urn:1>", 0,
					-1, 1,
					";expires=100"
					";pub-gruu=\"sip:alice@example.com;gr=urn:1\""
					";temp-gruu=\"sip:ruid-7-000000ab@example.com;gr\""
					";+sip.instance=\"<urn:1>\""},
			{"R5627-1: none without an instance", "", "received", "", 0, -1, 1,
					";expires=100"},
			{"quoted-pairs go back as they came", "", "received",
					"<urn:\\\"\\\\>", 0, -1, 0,
					";expires=100;+sip.instance=\"<urn:\\\"\\\\>\""},
			{"a text that came from elsewhere ends no quotes", "a\"b\\",
					"received", "", 0, -1, 0,
					";expires=100;received=\"a\\\"b\\\\\""},
	};
	char want[512];
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_answer_policy pol = show();
		struct rgr_binding b = unit_binding("sip:a@h");

		pol.received_param = unit_str(row[i].received_param);
		pol.with_gruu = row[i].with_gruu;
		b.received = unit_str(row[i].received);
		b.instance = unit_str(row[i].instance);
		b.ruid = unit_str("ruid-7");
		b.reg_id = row[i].reg_id;
		b.q = row[i].q;
		snprintf(want, sizeof(want), "Contact: <sip:a@h>%s\r\n", row[i].want);
		ck_row_str(contacts(&pol, &b, 1), want, row[i].name);
	}
}
END_TEST

START_TEST(a_line_end_is_never_sent)
{
	struct rgr_answer_policy pol = show();
	struct rgr_binding b = unit_binding("sip:a@h");
	struct unit_store st = {&b, 1};
	struct rgr_bindings all = unit_bindings(&st);
	struct kx_buf out;

	b.received = unit_str("sip:x\r\nContact: <sip:evil>");
	kx_buf_init(&out, mem, sizeof(mem));
	ck_assert_int_eq(rgr_answer_contacts(&out, &pol, &all), KX_E_SYNTAX);
}
END_TEST

static int write_all(void *param)
{
	struct rgr_answer_policy pol = show();
	struct rgr_binding b[4];
	struct unit_store st = {b, 4};
	struct rgr_bindings all = unit_bindings(&st);
	struct kx_buf out;
	int i, err;

	for(i = 0; i < 4; i++) {
		b[i] = unit_binding("sip:somebody@a.host.with.a.long.name:5060");
		b[i].instance = unit_str("<urn:uuid:0>");
		b[i].received = unit_str("sip:10.0.0.1:5060");
	}
	pol.with_gruu = 1;
	kx_buf_init_grow(&out, NULL, 0, &unit_alloc, 65535);
	err = rgr_answer_contacts(&out, &pol, &all);
	if(err != KX_OK)
		ck_assert_int_eq(err, KX_E_NOMEM);
	kx_buf_release(&out);
	return err == KX_OK;
}

START_TEST(no_memory_is_reported)
{
	unit_ladder(write_all, NULL);
}
END_TEST

/* The headers for a verdict about a contact with reg-id 1. */
struct headers_row
{
	const char *name;
	enum rgr_verdict v;
	enum rgr_outbound_mode mode;
	int supports_outbound;
	uint32_t reg_id, granted;
	uint32_t flow_timer, retry_after;
	const char *path;
	int supports_path;
	const char *want;
};

static void check_headers(const struct headers_row *row, size_t n)
{
	size_t i;

	for(i = 0; i < n; i++) {
		struct rgr_policy pol = unit_policy();
		struct rgr_contact c = unit_contact("sip:a@h");
		struct rgr_request req = unit_request(&c, 1);
		struct kx_buf b;
		str out = {0, 0};

		pol.outbound_mode = row[i].mode;
		req.supports_outbound = row[i].supports_outbound;
		req.supports_path = row[i].supports_path;
		req.path = unit_str(row[i].path);
		c.reg_id = row[i].reg_id;
		c.granted = row[i].granted;
		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(rgr_answer_headers(&b, row[i].v, &pol, &req, row[i].flow_timer,
					   row[i].retry_after)
						== KX_OK,
				row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
	}
}

START_TEST(headers_of_a_success)
{
	static const struct headers_row row[] = {
			{"nothing to say", RGR_V_FINE, RGR_OUTBOUND_NONE, 1, 1, 60, 120, 5,
					"", 1, ""},
			{"R3327-3: Path goes back", RGR_V_FINE, RGR_OUTBOUND_NONE, 0, 0, 60,
					0, 0, "<sip:p;lr>", 1, "Path: <sip:p;lr>\r\n"},
			{"not to a client that can't read it", RGR_V_FINE,
					RGR_OUTBOUND_NONE, 0, 0, 60, 0, 0, "<sip:p;lr>", 0, ""},
			{"R5626-7: a flow", RGR_V_FINE, RGR_OUTBOUND_SUPPORTED, 1, 1, 60,
					120, 0, "", 0,
					"Require: outbound\r\nSupported: outbound\r\n"
					"Flow-Timer: 120\r\n"},
			{"no timer", RGR_V_FINE, RGR_OUTBOUND_REQUIRED, 1, 1, 60, 0, 0, "",
					0, "Require: outbound\r\nSupported: outbound\r\n"},
			{"W-R9: no flow, no Require", RGR_V_FINE, RGR_OUTBOUND_SUPPORTED, 1,
					0, 60, 120, 0, "", 0, "Supported: outbound\r\n"},
			{"W-R9: a flow that is removed", RGR_V_FINE, RGR_OUTBOUND_SUPPORTED,
					1, 1, 0, 120, 0, "", 0, "Supported: outbound\r\n"},
			{"a client without outbound", RGR_V_FINE, RGR_OUTBOUND_SUPPORTED, 0,
					1, 60, 120, 0, "", 0, "Supported: outbound\r\n"},
	};

	check_headers(row, UNIT_ROWS(row));
}
END_TEST

START_TEST(headers_of_a_refusal)
{
	static const struct headers_row row[] = {
			{"R3327-2: 420 names path and shows what was found",
					RGR_V_PATH_UNSUPPORTED, RGR_OUTBOUND_NONE, 0, 0, 60, 0, 5,
					"<sip:p;lr>", 0,
					"Unsupported: path\r\nPath: <sip:p;lr>\r\n"
					"P-Registrar-Error: No support for found Path "
					"indicated\r\n"},
			{"R3261-2: 420 names outbound", RGR_V_OUTBOUND_UNSUPPORTED,
					RGR_OUTBOUND_NONE, 1, 0, 60, 0, 0, "", 0,
					"Unsupported: outbound\r\n"
					"P-Registrar-Error: No support for Outbound on "
					"server\r\n"},
			{"421 requires it", RGR_V_OUTBOUND_REQUIRED, RGR_OUTBOUND_REQUIRED,
					0, 0, 60, 120, 0, "", 0,
					"Require: outbound\r\nSupported: outbound\r\n"
					"P-Registrar-Error: No support for Outbound "
					"indicated\r\n"},
			{"439", RGR_V_OUTBOUND_EDGE, RGR_OUTBOUND_SUPPORTED, 1, 1, 60, 120,
					0, "", 0,
					"P-Registrar-Error: No support for Outbound on edge "
					"proxy\r\n"},
			{"R3261-13: 423 says how long", RGR_V_TOO_BRIEF, RGR_OUTBOUND_NONE,
					0, 0, 0, 0, 5, "", 0,
					"Min-Expires: 60\r\n"
					"P-Registrar-Error: Interval too brief\r\n"},
			{"503 says when", RGR_V_TOO_MANY, RGR_OUTBOUND_NONE, 0, 0, 60, 0,
					30, "", 0,
					"P-Registrar-Error: Too many registered contacts\r\n"
					"Retry-After: 30\r\n"},
			{"500 as well", RGR_V_STORAGE, RGR_OUTBOUND_NONE, 0, 0, 60, 0, 30,
					"<sip:p>", 1,
					"P-Registrar-Error: usrloc storage failed\r\n"
					"Retry-After: 30\r\n"},
			{"400 does not", RGR_V_BAD_CSEQ, RGR_OUTBOUND_SUPPORTED, 1, 1, 60,
					120, 30, "<sip:p>", 1,
					"P-Registrar-Error: Invalid CSeq number\r\n"},
	};

	check_headers(row, UNIT_ROWS(row));
}
END_TEST

START_TEST(r3327_5_path_of_a_query_stays_here)
{
	struct rgr_policy pol = unit_policy();
	struct rgr_request req = unit_request(NULL, 0);
	struct kx_buf b;

	req.path = unit_str("<sip:p>");
	req.supports_path = 1;
	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(
			rgr_answer_headers(&b, RGR_V_FINE, &pol, &req, 0, 0), KX_OK);
	ck_assert_uint_eq(b.len, 0);
	pol.path_mode = RGR_PATH_OFF;
	req.n_contacts = 1;
	req.contact = &(struct rgr_contact){.granted = 60};
	ck_assert_int_eq(
			rgr_answer_headers(&b, RGR_V_FINE, &pol, &req, 0, 0), KX_OK);
	ck_assert_uint_eq(b.len, 0);
	kx_buf_init(&b, mem, 8);
	ck_assert_int_eq(rgr_answer_headers(&b, RGR_V_TOO_BRIEF, &pol, &req, 0, 0),
			KX_E_TOO_LONG);
}
END_TEST

/* The statuses clients and scripts know (interface A.9). */
START_TEST(every_verdict_has_its_status)
{
	static const struct
	{
		enum rgr_verdict v;
		int code;
	} row[] = {
			{RGR_V_FINE, 200},
			{RGR_V_INTERNAL, 500},
			{RGR_V_STORAGE, 500},
			{RGR_V_AOR_TOO_LONG, 500},
			{RGR_V_PARSE, 400},
			{RGR_V_CONTACT_GRUU, 403},
			{RGR_V_BAD_CSEQ, 400},
			{RGR_V_BAD_REGID, 400},
			{RGR_V_PATH_UNSUPPORTED, 420},
			{RGR_V_OUTBOUND_UNSUPPORTED, 420},
			{RGR_V_OUTBOUND_REQUIRED, 421},
			{RGR_V_OUTBOUND_EDGE, 439},
			{RGR_V_TOO_BRIEF, 423},
			{RGR_V_TOO_MANY, 503},
	};
	size_t i;
	int v;

	for(i = 0; i < UNIT_ROWS(row); i++)
		ck_assert_int_eq(rgr_verdict_line(row[i].v)->code, row[i].code);
	for(v = 0; v < RGR_VERDICT_COUNT; v++) {
		const struct rgr_answer_line *line = rgr_verdict_line(v);

		ck_assert_ptr_nonnull(line->name);
		/* R3261-22: no 6xx */
		ck_assert_int_ge(line->code, 200);
		ck_assert_int_lt(line->code, 600);
		ck_assert_int_gt(line->reason.len, 0);
		ck_assert_int_eq(line->reason.len, (int)strlen(line->reason.s));
		ck_assert_int_eq(line->error.len, (int)strlen(line->error.s));
		ck_row((line->error.len == 0) == (v == RGR_V_FINE), line->name);
	}
}
END_TEST

static void ask_for_no_verdict(void)
{
	ck_assert_int_eq(rgr_verdict_line(RGR_VERDICT_COUNT)->code, 500);
	ck_assert_int_eq(rgr_verdict_line(-1)->code, 500);
}

START_TEST(a_verdict_that_is_none_is_an_internal_error)
{
	unit_bug(ask_for_no_verdict);
}
END_TEST

Suite *suite_answer(void)
{
	Suite *s = suite_create("answer");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r3261_19_lists_every_living_binding);
	tcase_add_test(t, shows_what_a_binding_has);
	tcase_add_test(t, a_line_end_is_never_sent);
	tcase_add_test(t, no_memory_is_reported);
	tcase_add_test(t, headers_of_a_success);
	tcase_add_test(t, headers_of_a_refusal);
	tcase_add_test(t, r3327_5_path_of_a_query_stays_here);
	tcase_add_test(t, every_verdict_has_its_status);
	tcase_add_test(t, a_verdict_that_is_none_is_an_internal_error);
	suite_add_tcase(s, t);
	return s;
}
