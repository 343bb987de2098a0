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

#include "kam/kam_compat.h"
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

/* ---- ua_replace_hdr.c: what is read of a message, and its lumps ---- */

/** From or To of a message; views into it. */
struct ua_hdr
{
	enum ua_side side;
	int is_there; /**< and readable; nothing else is set otherwise */
	struct uax_addr addr;
};

/** A request, read once for all that is done with it; views into it. */
struct ua_request
{
	sip_msg_t *msg;
	struct ua_hdr hdr[2];
	str tag[2]; /**< empty when there is none */
	str callid;
	/** Parameters of the Route header that brought the request to us. */
	str params;
	/** Its dialog, or NULL; held by who made this. */
	struct dlg_cell *dlg;
};

/** Read a header; look at is_there. */
void ua_hdr_read(sip_msg_t *msg, enum ua_side side, struct ua_hdr *out);

/** Read a request; params and dlg are empty. @return 0, or -1 when it has no
 * Call-ID */
int ua_request_read(sip_msg_t *msg, struct ua_request *out);

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

/** The same with a text that stays where it is as long as the message. */
void ua_hdr_lend(sip_msg_t *msg, const struct ua_hdr *hdr, const str *text);

/** The flag of a message that says this header of it is changed. */
static inline msg_flags_t ua_side_flag(enum ua_side side)
{
	return side == UA_FROM ? FL_USE_UAC_FROM : FL_USE_UAC_TO;
}

/** Set that flag; and let tm build CANCEL and ACK from what is sent, not from what came. */
void ua_hdr_mark(sip_msg_t *msg, enum ua_side side);

/* ---- ua_replace_reply.c: replies ---- */

/**
 * Have every reply to a request carry an address that the request came with,
 * if ua_hdr_mark() follows.
 *
 * @param hdr of r
 * @return 0, or -1 logged
 */
int ua_reply_watch(const struct ua_request *r, const struct ua_hdr *hdr);

/* ---- ua_replace_keep.c, ua_replace_dlg.c: where the addresses are kept --- */

/** What a header of a request within a dialog must become. */
struct ua_kept
{
	int is_upstream;		 /**< the request goes against the first one */
	struct uax_addr_new now; /**< of the next two */
	str uri;
	str display;
	int has_display; /**< the display name becomes display, else it stays */
	struct kx_buf b; /**< what the texts point into */
	char mem[UAX_TOKEN_SCRATCH];
};

/**
 * Keep a change for the later requests of the dialog that a request begins.
 *
 * @return 0, or -1 logged: nothing is kept
 */
int ua_keep(const struct ua_request *r, enum ua_side side,
		const struct uax_change *change);

/**
 * Find what was kept.
 *
 * @param side which header of the request that began the dialog
 * @param out  [out] release with ua_kept_release(), also on failure
 * @return 0; 1: the header is changed already; -1: nothing, or it did not
 *         verify (logged)
 */
int ua_kept_find(
		const struct ua_request *r, enum ua_side side, struct ua_kept *out);

/** The header of a request that is the side of the first one. */
static inline enum ua_side ua_kept_side(
		const struct ua_kept *kept, enum ua_side side)
{
	return kept->is_upstream ? (enum ua_side) !side : side;
}

/** Free what a find took; no-op when it took nothing. */
void ua_kept_release(struct ua_kept *kept);

/** Bind the dialog module. @return 0, or -1 logged */
int ua_dlg_setup(void);

/** As ua_keep(); 1: there is no dialog to keep it in. */
int ua_dlg_keep(const struct ua_request *r, enum ua_side side,
		const struct uax_change *change);

/** The dialog of a request, held, or NULL; NULL without restore_dlg. */
struct dlg_cell *ua_dlg_get(sip_msg_t *msg);

/** Give it back; NULL is fine. */
void ua_dlg_put(struct dlg_cell *dlg);

/** As ua_kept_find(), silent when there is nothing. */
int ua_dlg_find(
		const struct ua_request *r, enum ua_side side, struct ua_kept *out);

/* ---- ua_replace.c ---- */

/** Change both headers of a request within a dialog, whichever way it goes,
 * once. */
void ua_restore_both(const struct ua_request *r);

#endif
