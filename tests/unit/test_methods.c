/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "methods.h"
#include "unit.h"

START_TEST(reads_lists_of_methods)
{
	static const struct
	{
		const char *name;
		const char *text;
		int err;
		uint32_t want;
	} row[] = {
			{"one", "INVITE", KX_OK, RGR_METHOD_INVITE},
			{"all of them",
					"INVITE,ACK,CANCEL,BYE,OPTIONS,NOTIFY,REFER,MESSAGE,"
					"SUBSCRIBE,INFO,PRACK,UPDATE,PUBLISH,REGISTER",
					KX_OK, (1 << 14) - 1},
			{"in either case", "Invite,bYE", KX_OK,
					RGR_METHOD_INVITE | RGR_METHOD_BYE},
			{"blanks between", " INVITE ,\tACK\t, BYE ", KX_OK,
					RGR_METHOD_INVITE | RGR_METHOD_ACK | RGR_METHOD_BYE},
			{"twice", "ACK, ACK", KX_OK, RGR_METHOD_ACK},
			{"another one", "INVITE, PING", KX_E_SYNTAX, 0},
			{"the beginning of one", "INVIT", KX_E_SYNTAX, 0},
			{"more than one", "INVITES", KX_E_SYNTAX, 0},
			{"the longest", "SUBSCRIBE", KX_OK, RGR_METHOD_SUBSCRIBE},
			{"the longest with another first letter", "TUBSCRIBE", KX_E_SYNTAX,
					0},
			{"the longest without it", "UBSCRIBE", KX_E_SYNTAX, 0},
			{"eight letters and one before", "XREGISTER", KX_E_SYNTAX, 0},
			{"longer than the longest", "RESUBSCRIBE", KX_E_SYNTAX, 0},
			{"a letter of another kind", "INV)TE", KX_E_SYNTAX, 0},
			{"no comma", "INVITE ACK", KX_E_SYNTAX, 0},
			{"nothing between commas", "INVITE,,ACK", KX_E_SYNTAX, 0},
			{"nothing at the end", "INVITE,", KX_E_SYNTAX, 0},
			{"nothing", "", KX_E_SYNTAX, 0},
			{"a line fold", "INVITE,\r\n ACK", KX_E_SYNTAX, 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);
		uint32_t got = 0;

		ck_row(rgr_methods_read(&text, &got) == row[i].err, row[i].name);
		ck_row(got == row[i].want, row[i].name);
	}
}
END_TEST

Suite *suite_methods(void)
{
	Suite *s = suite_create("methods");
	TCase *t = tcase_create("all");

	tcase_add_test(t, reads_lists_of_methods);
	suite_add_tcase(s, t);
	return s;
}
