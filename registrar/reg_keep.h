/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Contact parameters nobody here knows, kept with a binding (RFC 3261 10.3,
 * RFC 3840). usrloc has no field for them; they travel in the XAVP that its
 * parameter xavp_contact names. Part of the adapter to usrloc. */
#ifndef REG_KEEP_H
#define REG_KEEP_H

#include "core/str.h"

struct _sr_xavp;

/**
 * Find the XAVP, if the parameter keep_params is on (in mod_init only).
 *
 * @return 0, or -1: usrloc keeps no XAVPs
 */
int reg_keep_init(void);

/** Whether parameters are kept. */
int reg_keep_is_on(void);

/**
 * Put the parameters where usrloc finds them; before it stores a contact.
 * reg_keep_end() follows in any case.
 *
 * @param former what is kept with the contact now; NULL: nothing
 * @return 0, or -1 when memory is short
 */
int reg_keep_begin(const str *params, struct _sr_xavp *former);

/** Take them away again. */
void reg_keep_end(void);

/** The parameters kept with a contact: ";a=b;c", or empty. A view. */
str reg_keep_read(struct _sr_xavp *kept);

#endif
