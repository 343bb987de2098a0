/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations for the tests of uac/logic/saved.c. */
#include "saved_rows.h"

enum
{
	UNTIL = UNIT_NOW + 300, /* of a binding of 600 seconds */
	DUE = UNIT_NOW + 200
};

struct uax_saved unit_saved_good(void)
{
	struct uax_saved row;

	memset(&row, 0, sizeof(row));
	row.text[UAX_SV_l_uuid] = unit_str("u1");
	row.text[UAX_SV_node] = unit_str("sip:192.0.2.1:5060");
	row.text[UAX_SV_account] = unit_str(UNIT_PRINT);
	row.text[UAX_SV_state] = unit_str("online");
	row.text[UAX_SV_contact] = unit_str(UNIT_OURS);
	row.text[UAX_SV_callid] = unit_str("00112233445566778899aabbccddeeff");
	row.text[UAX_SV_fromtag] = unit_str("0123456789abcdef");
	row.text[UAX_SV_challenge] = unit_str(UNIT_DIGEST);
	row.text[UAX_SV_service_route] = unit_str("<sip:way;lr>, <sip:on;lr>");
	row.number[UAX_SV_registered_until] = UNTIL;
	row.number[UAX_SV_granted] = 600;
	row.number[UAX_SV_next_due] = DUE;
	row.number[UAX_SV_cseq] = 7;
	row.number[UAX_SV_nc] = 3;
	row.number[UAX_SV_is_exact] = 1;
	row.number[UAX_SV_saved] = UNIT_NOW - 100;
	return row;
}

struct uax_saved_about unit_saved_about(void)
{
	return (struct uax_saved_about){.fingerprint = UNIT_PRINT,
			.contact = unit_str(UNIT_OURS),
			.now_s = UNIT_NOW};
}

struct uax_warm unit_saved_read(const struct uax_saved *row, int is_take_over)
{
	struct uax_saved_about about = unit_saved_about();
	struct uax_warm warm;
	enum uax_saved_fault fault;

	about.is_take_over = is_take_over;
	fault = uax_saved_read(row, &about, &warm);
	ck_assert_msg(
			fault == UAX_SAVED_GOOD, "the row %s", uax_saved_fault_text(fault));
	return warm;
}
