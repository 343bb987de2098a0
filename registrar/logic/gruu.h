/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Globally routable user agent URIs (RFC 5627): writing and reading. */
#ifndef RGR_GRUU_H
#define RGR_GRUU_H

#include "rgr.h"

/** Whose GRUU it is. */
struct rgr_gruu_owner
{
	str aor_user;	   /**< user part of the AoR, without escapes */
	str aor_domain;	   /**< its domain, or the host it was asked for at */
	int is_sips;	   /**< the AoR is a sips URI: so is its GRUU */
	uint32_t aor_hash; /**< usrloc's hash of the AoR */
	str host;		   /**< host of the To URI: of temporary GRUUs */
};

/**
 * Take the AoR of a GRUU apart: the public one is the same however the AoR
 * is written in a request.
 *
 * @param aor   canonical; user@domain with has_domain, else the user
 * @param host  of the To URI: the domain of an AoR that has none
 * @param owner [out] aor_user, aor_domain and host are set, others stay
 */
void rgr_gruu_owner_read(const str *aor, int has_domain, const str *host,
		struct rgr_gruu_owner *owner);

/**
 * Append the public GRUU of an instance (RFC 5627 3.1.1): the AoR with the
 * instance as value of ;gr, escaped where a URI parameter cannot hold it.
 *
 * @param instance without quotes; angle brackets are left out, and something
 *        stands between them: ";gr=" alone would be a temporary GRUU
 * @return as kx_buf_add()
 */
int rgr_gruu_pub_write(struct kx_buf *b, const struct rgr_gruu_owner *owner,
		const str *instance);

/**
 * Append the temporary GRUU of a binding in the stock format: the binding's
 * ruid and the hash of its AoR as user part. It finds the binding again, but
 * stays the same for the binding's life.
 *
 * @return as kx_buf_add()
 */
int rgr_gruu_temp_write(
		struct kx_buf *b, const struct rgr_gruu_owner *owner, const str *ruid);

/** A URI taken apart as a GRUU. */
struct rgr_gruu
{
	enum
	{
		RGR_GRUU_NONE, /**< an ordinary URI */
		RGR_GRUU_PUB,
		RGR_GRUU_TEMP
	} kind;
	str instance;	   /**< PUB: value of gr, escapes not resolved */
	str ruid;		   /**< TEMP */
	uint32_t aor_hash; /**< TEMP */
};

/**
 * Tell whether a URI is a GRUU and which.
 *
 * A gr parameter without a value on a user part that is no temporary GRUU of
 * ours gives TEMP with an empty ruid: there is no such binding.
 *
 * @param user   user part
 * @param params URI parameters
 */
void rgr_gruu_read(const str *user, const str *params, struct rgr_gruu *out);

/** Whether a binding's instance is the one a public GRUU names; escapes in
 * the GRUU and angle brackets around either do not count. A GRUU in the stock
 * format, which escapes nothing, is known as well. */
int rgr_gruu_is_instance(const str *gr, const str *instance);

#endif
