/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $ulc(profile=>attr)[index]. */
#ifndef REG_PV_H
#define REG_PV_H

#include "core/kemi.h"
#include "core/pvar.h"

/** The variables of the module, ended by a zero row. */
extern pv_export_t reg_pv_exports[];

/** KEMI: an attribute of a profile as a whole (aor, count); null when there
 * is no such profile or attribute. */
sr_kemi_xval_t *ki_ulc_rget(sip_msg_t *msg, str *profile, str *attr);

/** KEMI: an attribute of one contact of a profile (addr, socket and all
 * others of $ulc); null when there is none. */
sr_kemi_xval_t *ki_ulc_cget(sip_msg_t *msg, str *profile, str *attr, int index);

#endif
