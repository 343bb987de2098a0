/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of kept registrations for the tests of uac/logic/saved.c: a good one to
 * change, and what it is read against. */
#ifndef SAVED_ROWS_H
#define SAVED_ROWS_H

#include "saved.h"
#include "unit.h"

enum
{
	/** Now, in every test; seconds. */
	UNIT_NOW = 1790000000
};

/** Fingerprint of the account. */
#define UNIT_PRINT "0123456789abcdef0123456789abcdef"
/** The contact that this server registers. */
#define UNIT_OURS "sip:u1@192.0.2.1:5060"
/** A challenge that can be answered. */
#define UNIT_DIGEST \
	"Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\""

/** A registration that is online with UNIT_OURS, granted 600 seconds of which
 * 300 are left, due in 200; saved 100 seconds ago with CSeq 7, nc 3, exact. */
struct uax_saved unit_saved_good(void);

/** What the good row is read against: nothing has changed, no take-over. */
struct uax_saved_about unit_saved_about(void);

/**
 * Read a row that has to be without a fault.
 *
 * @param is_take_over by another server than wrote it
 * @return borrows from the row
 */
struct uax_warm unit_saved_read(const struct uax_saved *row, int is_take_over);

#endif
