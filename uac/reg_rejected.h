/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of the last load that could not be used, kept for an operator to ask
 * for. */
#ifndef UA_REG_REJECTED_H
#define UA_REG_REJECTED_H

#include "kx_str.h"

/** Make the list, in mod_init. @return 0, or -1 (logged) */
int ua_rejected_init(void);

/** A load of all rows begins: forget what the former one found. */
void ua_rejected_clear(void);

/** Note a row, and log it.
 *
 * @param column name of the column at fault, a literal
 * @param why    what is wrong with it, a literal */
void ua_rejected_add(const str *uuid, const char *column, const char *why);

/** Told about each; views valid for the call, no lock held. */
typedef void (*ua_rejected_fn)(
		void *param, const str *uuid, const char *column, const char *why);

/**
 * Walk over them, the oldest first.
 *
 * @return how many there were; the first thousand are kept
 */
int ua_rejected_each(ua_rejected_fn fn, void *param);

#endif
