/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one place that knows how Kamailio releases differ (5.6 to 6.2). A
 * difference that is avoidable by using the common subset is not here. */
#ifndef KAM_COMPAT_H
#define KAM_COMPAT_H

#include "core/pvar.h"
#include "core/sr_module.h"
#include "core/usr_avp.h"
#include "core/xavp.h"

#ifndef VERSIONVAL
#error "compile with the C_DEFS of a Kamailio source tree (see config.mak)"
#endif
#if VERSIONVAL < 5006000
#error "Kamailio 5.6 is the oldest release supported"
#endif

/* 5.7 made the integers of pseudo-variables and XAVPs long. */
#if VERSIONVAL >= 5007000
typedef long kam_int_t;
#define KAM_XAVP_INT SR_XTYPE_LONG
#define kam_xavp_int(xavp) ((xavp)->val.v.l)
#else
typedef int kam_int_t;
#define KAM_XAVP_INT SR_XTYPE_INT
#define kam_xavp_int(xavp) ((xavp)->val.v.i)
#define RPC_RET_ARRAY RET_ARRAY
#define RPC_RET_VALUE RET_VALUE
#endif

/* 5.8 widened the message flags. */
/* 5.8's usrloc leaves the XAVP of a contact as it is when an update brings
 * none; before, it was dropped. */
#define KAM_XAVP_STAYS (VERSIONVAL >= 5008000)

#if VERSIONVAL < 5008000
typedef unsigned int msg_flags_t;
#endif

/* 6.0 gave AVP names and flags types of their own. A wrong type here
 * overruns the variable, so these are exact. */
#if VERSIONVAL >= 6000000
typedef avp_flags_t kam_avp_type_t;
#else
typedef unsigned short kam_avp_type_t;
#endif

/* tm sends of a request that event_route[tm:local-request] dropped: marked
 * since 5.8, visible by the return value 0 everywhere. */
#ifndef TMCB_LOCAL_REQUEST_DROP
#define TMCB_LOCAL_REQUEST_DROP 0
#endif

/* The longest address of record that usrloc and registrar pass around. */
#if VERSIONVAL >= 6000000
#define KAM_AOR_MAX 511
#else
#define KAM_AOR_MAX 255
#endif

#endif
