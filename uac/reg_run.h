/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sending REGISTERs and taking their answers; the only reg file that calls
 * tm. */
#ifndef UA_REG_RUN_H
#define UA_REG_RUN_H

#include "reg_rec.h"

/** Bind tm, in mod_init. @return 0, or -1 with the reason logged */
int ua_run_init(void);

/**
 * It is a record's turn: start its attempt. A place in its hop's window was
 * taken for it.
 *
 * @param rec        the caller's reference passes on
 * @param started_ms when that place was taken
 */
void ua_run_start(struct ua_rec *rec, int64_t started_ms);

/**
 * Unregister a record at once and wait for nothing: the server is ending. No
 * window is asked, and no answer will be seen; a nonce that is kept is used.
 *
 * @param rec borrowed
 * @return whether a request was sent: the record was online and has none
 *         under way
 */
int ua_run_farewell(struct ua_rec *rec);

#endif
