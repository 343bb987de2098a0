/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of a Contact is kept although it means nothing here (RFC 3261 10.3
 * step 7): the display name and unknown parameters, in one text: the name as
 * it came, then ";a=b;c"; both may be missing. */
#ifndef RGR_KEPT_H
#define RGR_KEPT_H

#include "rgr.h"

/** Whether a display name is one that can be sent back: tokens, or one
 * quoted-string without control bytes (RFC 3261 25.1). Not an empty one. */
int rgr_kept_is_name(const str *name);

/**
 * Take the kept text apart again.
 *
 * @param name   [out] view, empty: none
 * @param params [out] view, from the first ';' outside of quotes
 */
void rgr_kept_split(const str *kept, str *name, str *params);

#endif
