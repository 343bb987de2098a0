/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contacts of a REGISTER: reading their parameters and refusing what may
 * not be stored, before anything changes (RFC 3261 10.3 steps 6 and 7). */
#ifndef RGR_CONTACTS_H
#define RGR_CONTACTS_H

#include "rgr.h"

/**
 * Read a q value (RFC 3261 25.1, qvalue): 0 to 1, more than three decimals
 * are cut.
 *
 * @param text empty: no q
 * @param out  [out] thousandths, or RGR_Q_UNSET for an empty text
 * @return KX_OK or KX_E_SYNTAX
 */
int rgr_q_read(const str *text, int *out);

/** Write a q value the way it is sent, up to 5 bytes: 0, 1, 0.5, 0.125;
 * returns where it ends. */
char *rgr_q_put(char *at, int q);

/**
 * Split the URI of a contact into its parts and judge it: it must be a URI
 * (RFC 3261 25.1) with a scheme, no byte that would break the header it will be
 * sent in, and not itself a GRUU of anybody (RFC 5627 4.2).
 *
 * A contact that names the AoR would make lookup() loop and is refused,
 * whatever its parameters: the same user at the same host, at one of the two
 * ports. One with maddr is sent elsewhere.
 *
 * @param c          its parts are filled when it is a URI
 * @param aor_user   user part of the AoR's URI as received
 * @param aor_domain its host
 * @param own_port   ports that lead here, 0: the scheme's own
 * @return RGR_V_FINE, RGR_V_CONTACT_PARSE, RGR_V_CONTACT_GRUU or
 *         RGR_V_CONTACT_POLICY
 */
enum rgr_verdict rgr_contact_judge(struct rgr_contact *c, const str *aor_user,
		const str *aor_domain, const uint16_t own_port[2]);

/**
 * Read the parameters of every contact and check the request as a whole:
 * star rules, lengths, q, reg-id, lifetimes, Path and outbound. After
 * RGR_V_FINE nothing the client wrote can fail the request any more but the
 * order of its CSeq and the number of bindings.
 *
 * The second part of each req->contact is filled, also `granted`.
 *
 * @param pol        the settings for this request
 * @param req        changed in its contacts only
 * @param aor_user, aor_domain of the To URI, see rgr_contact_judge()
 * @param allow_random see rgr_expires_grant()
 * @param rnd        uniform 32-bit value; every contact gets another of it
 * @return RGR_V_FINE, or the first verdict against the request
 */
enum rgr_verdict rgr_request_check(const struct rgr_policy *pol,
		struct rgr_request *req, const str *aor_user, const str *aor_domain,
		int allow_random, uint32_t rnd);

#endif
