/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of From and To replacement share among themselves. */
#ifndef UA_REPLACE_PRIV_H
#define UA_REPLACE_PRIV_H

#include "core/data_lump.h"
#include "core/pvar.h"
#include "modules/dialog/dlg_load.h"
#include "modules/rr/api.h"
#include "modules/tm/tm_load.h"

#include "ua_replace.h"
#include "uricodec.h"

/** Set once by ua_replace_setup(), then only read. */
struct ua_replace_ctx
{
	enum ua_restore_mode mode;
	struct tm_binds tm;
	rr_api_t rr;
	int has_dlg; /**< dialog variables are used */
	struct dlg_binds dlg;
	struct uax_key key;
	str rr_name[2]; /**< by enum ua_side, as all pairs */
	int has_avp[2];
	pv_spec_t avp[2];
};
extern struct ua_replace_ctx ua_rpl;

/* ---- ua_replace_hdr.c: the header and its lumps ---- */

/** From or To of a message; views into it. */
struct ua_hdr
{
	enum ua_side side;
	struct uax_addr addr;
	str tag; /**< empty when there is none */
};

/** Read a header. @return 0, or -1 logged at debug level */
int ua_hdr_read(sip_msg_t *msg, enum ua_side side, struct ua_hdr *out);

/** The tag of a header; empty when it has none or can't be read. */
str ua_hdr_tag(sip_msg_t *msg, enum ua_side side);

/** The change that is already made to a header, or NULL. */
struct lump *ua_hdr_change(sip_msg_t *msg, const struct ua_hdr *hdr);

/**
 * Replace the address of a header. A change made before is replaced.
 *
 * @param text copied
 * @return the change, or NULL: no memory (logged), the message is unchanged
 */
struct lump *ua_hdr_set(
		sip_msg_t *msg, const struct ua_hdr *hdr, const str *text);

/** Let tm build CANCEL and ACK from what is sent, not from what came. */
void ua_hdr_mark(sip_msg_t *msg, enum ua_side side);

/* ---- ua_replace_reply.c: replies ---- */

/**
 * Have every reply to a request carry the address that the request came
 * with.
 *
 * @return 0, or -1 logged
 */
int ua_reply_watch(sip_msg_t *msg, const struct ua_hdr *hdr);

/* ---- ua_replace_keep.c, ua_replace_dlg.c: where the addresses are kept --- */

/** Where a request is looked for what was kept; filled by its finder. */
struct ua_source
{
	/** Parameters of the Route header that brought the request to us. */
	str params;
	/** Its dialog, held, or NULL. */
	struct dlg_cell *dlg;
};

/** One kept change. */
struct ua_kept
{
	struct uax_change change; /**< views into mem or text */
	int is_upstream;		  /**< the request goes against the first one */
	char mem[UAX_TOKEN_SCRATCH];
	str text[4];
};

/**
 * Keep a change for the later requests of the dialog that a request begins.
 *
 * @return 0, or -1 logged: nothing is kept
 */
int ua_keep(sip_msg_t *msg, enum ua_side side, const struct uax_change *change);

/**
 * Find what was kept.
 *
 * @param side which header of the request that began the dialog
 * @param out  [out] release with ua_kept_release(), also on failure
 * @return 0, or -1: nothing, or it did not verify (logged)
 */
int ua_kept_find(sip_msg_t *msg, const struct ua_source *src, enum ua_side side,
		struct ua_kept *out);

/** Free what a find took; no-op when it took nothing. */
void ua_kept_release(struct ua_kept *kept);

/** Bind the dialog module. @return 0, or -1 logged */
int ua_dlg_setup(void);

/** As ua_keep(); 1: there is no dialog to keep it in. */
int ua_dlg_keep(
		sip_msg_t *msg, enum ua_side side, const struct uax_change *change);

/** The dialog of a request, held, or NULL; NULL without restore_dlg. */
struct dlg_cell *ua_dlg_get(sip_msg_t *msg);

/** Give it back; NULL is fine. */
void ua_dlg_put(struct dlg_cell *dlg);

/** As ua_kept_find(), silent when there is nothing. */
int ua_dlg_find(sip_msg_t *msg, struct dlg_cell *dlg, enum ua_side side,
		struct ua_kept *out);

/* ---- ua_replace.c ---- */

/** Change both headers of a request within a dialog, whichever way it goes,
 * once. */
void ua_restore_both(sip_msg_t *msg, const struct ua_source *src);

#endif
