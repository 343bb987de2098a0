/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"
#include "push.h"

START_TEST(r8599_1_an_unknown_service_is_refused)
{
	static const struct
	{
		const char *name;
		const char *ours, *uri;
		enum rgr_verdict want;
	} row[] = {
			{"one of ours", "fcm, apns", "sip:a@h;pn-provider=apns;pn-prid=x",
					RGR_V_FINE},
			{"in other letters", "fcm", "sip:a@h;PN-Provider=FCM", RGR_V_FINE},
			{"another", "fcm,apns", "sip:a@h;pn-provider=acme",
					RGR_V_PUSH_UNKNOWN},
			{"the beginning of one", "fcm", "sip:a@h;pn-provider=fc",
					RGR_V_PUSH_UNKNOWN},
			{"a list is none of them", "fcm,apns",
					"sip:a@h;pn-provider=fcm,apns", RGR_V_PUSH_UNKNOWN},
			{"a question", "fcm", "sip:a@h;pn-provider", RGR_V_FINE},
			{"a question with an equals sign", "fcm",
					"sip:a@h;pn-provider=", RGR_V_FINE},
			{"no push", "fcm", "sip:a@h;transport=tcp", RGR_V_FINE},
			{"not our business", "", "sip:a@h;pn-provider=acme", RGR_V_FINE},
			{"no SIP URI", "fcm", "tel:+1;pn-provider=acme", RGR_V_FINE},
			{"no URI", "fcm", "pn-provider=acme", RGR_V_FINE},
			{"nothing", "fcm", "", RGR_V_FINE},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str ours = unit_str(row[i].ours), uri = unit_str(row[i].uri);

		ck_row(rgr_push_check(&ours, &uri) == row[i].want, row[i].name);
	}
}
END_TEST

#define CAPS(name) "Feature-Caps: *;+sip.pns=\"" name "\"\r\n"

START_TEST(r8599_2_4_tells_which_there_are)
{
	static const struct
	{
		const char *name;
		const char *uri[2];
		const char *want;
	} row[] = {
			{"nobody asks", {"sip:a@h", "sip:b@h"}, ""},
			{"the one that is used", {"sip:a@h;pn-provider=fcm", "sip:b@h"},
					CAPS("fcm")},
			{"the second contact's",
					{"sip:b@h", "sip:a@h;pn-provider=APNS;pn-prid=1"},
					CAPS("apns")},
			{"both, once each",
					{"sip:a@h;pn-provider=fcm", "sip:b@h;pn-provider=apns"},
					CAPS("apns") CAPS("fcm")},
			{"all to a question", {"sip:a@h;pn-provider", "sip:b@h"},
					CAPS("apns") CAPS("fcm")},
	};
	str ours = KX_STR("apns , fcm");
	char mem[256];
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_contact c[2] = {
				unit_contact(row[i].uri[0]), unit_contact(row[i].uri[1])};
		struct rgr_request req = unit_request(c, 2);
		struct kx_buf b;
		str out;

		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(rgr_push_write(&b, &ours, &req) == KX_OK, row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
	}
}
END_TEST

Suite *suite_push(void)
{
	Suite *s = suite_create("push");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r8599_1_an_unknown_service_is_refused);
	tcase_add_test(t, r8599_2_4_tells_which_there_are);
	suite_add_tcase(s, t);
	return s;
}
