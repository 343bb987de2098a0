/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Digest arithmetic (RFC 2617, 7616, 8760): HA1, HA2 and the response. Knows
 * no header; the hash functions are lent by the host. */
#ifndef UAX_DIGEST_H
#define UAX_DIGEST_H

#include "kx_buf.h"

/** Room for the hexadecimal digits of the longest hash, and a NUL. */
#define UAX_HEX_SIZE 65

/** Memory for any hash in progress; what is in it is the host's business. */
struct uax_hash_state
{
	_Alignas(16) unsigned char mem[256];
};

/** One hash function: begun, fed piece by piece, ended once. */
struct uax_hash
{
	void (*init)(struct uax_hash_state *state);
	void (*add)(struct uax_hash_state *state, const char *s, size_t len);
	/** Writes 16 bytes for MD5, 32 for the other two. */
	void (*end)(struct uax_hash_state *state, unsigned char *out);
};

/** The hash functions a host lends; all three are there. */
struct uax_hashes
{
	struct uax_hash md5;
	struct uax_hash sha256;
	struct uax_hash sha512_256; /**< FIPS 180-4 SHA-512/256 */
};

/** Hash algorithms, the weakest first; -sess is a flag beside it. */
enum uax_alg
{
	UAX_ALG_UNKNOWN,
	UAX_ALG_MD5,
	UAX_ALG_SHA256,
	UAX_ALG_SHA512_256
};

/** Quality of protection; a set in a challenge, one of them in an answer. */
enum uax_qop
{
	UAX_QOP_NONE = 0,
	UAX_QOP_AUTH = 1,
	UAX_QOP_AUTH_INT = 2
};

/**
 * A text as it came in a header parameter; a view. From a quoted-string it
 * is what stands between the quotes, quoted-pairs still in it, so that it
 * can be sent back byte for byte; it is compared and hashed without them.
 */
struct uax_text
{
	str s;
	unsigned char is_given;
	unsigned char is_quoted;
};

/** Who answers. Views; built for one request, never kept. */
struct uax_cred
{
	str user;
	/** Plain text. Empty or "*": any realm. */
	str realm;
	/** The password; with is_ha1 the hexadecimal H(user:realm:password). */
	str secret;
	int is_ha1;
	/** Which algorithm made the HA1; UAX_ALG_UNKNOWN: told by its length. */
	enum uax_alg ha1_alg;
};

/** What a response is computed from; views. */
struct uax_digest
{
	enum uax_alg alg;
	int is_sess;
	enum uax_qop qop; /**< one of them */
	struct uax_text realm;
	struct uax_text nonce;
	str method;
	str uri;
	str body; /**< read for auth-int only */
	/** Needed with qop and with -sess. */
	str cnonce;
	uint32_t nc; /**< read with qop only */
};

/** Name of an algorithm ("MD5", "SHA-256", "SHA-512-256"), letters in either
 * case, a "-sess" after it accepted; UAX_ALG_UNKNOWN for all else.
 *
 * @param is_sess [out] whether "-sess" is there; may be NULL */
enum uax_alg uax_alg_of(const str *name, int *is_sess);

/** Hexadecimal digits in a hash of this algorithm: 32 or 64, 0 for unknown.
 */
int uax_alg_hex_len(enum uax_alg alg);

/** Whether a received text, its quoted-pairs resolved, is this plain text. */
int uax_text_is(const struct uax_text *t, const str *plain);

/** Whether two received texts say the same, quoted-pairs resolved. */
int uax_text_same(const struct uax_text *a, const struct uax_text *b);

/** Append a received text as a quoted-string: one that came quoted goes back
 * byte for byte. Returns as kx_buf_quoted(). */
int uax_text_echo(struct kx_buf *b, const struct uax_text *t);

/** Append a received text without its quoted-pairs. Returns as kx_buf_add().
 */
int uax_text_plain(struct kx_buf *b, const struct uax_text *t);

/** Whether a credential is for this realm. */
int uax_cred_covers(const struct uax_cred *cred, const struct uax_text *realm);

/**
 * Whether a credential can answer this algorithm: a password can answer any
 * that is known, an HA1 (hexadecimal digits only) one of its own length and,
 * if ha1_alg is told, only that.
 */
int uax_cred_can(const struct uax_cred *cred, enum uax_alg alg);

/**
 * HA1 = H(user ":" realm ":" password), without -sess; a given HA1 is copied
 * in lower case.
 *
 * @param hex [out] digits and a NUL, at least UAX_HEX_SIZE bytes; a secret
 *            as good as the password: wipe it after use
 * @return KX_OK, or KX_E_RANGE when this credential can't answer alg
 */
int uax_digest_ha1(const struct uax_cred *cred, const struct uax_text *realm,
		enum uax_alg alg, const struct uax_hashes *h, char *hex);

/**
 * The username to send when the server asks for userhash (RFC 7616 3.4.4):
 * H(user ":" realm).
 *
 * @param hex [out] at least UAX_HEX_SIZE bytes
 * @return KX_OK, or KX_E_RANGE for an unknown algorithm
 */
int uax_digest_userhash(const str *user, const struct uax_text *realm,
		enum uax_alg alg, const struct uax_hashes *h, char *hex);

/**
 * The response (RFC 7616 3.4.1 to 3.4.3; without qop RFC 2617 3.2.2.1).
 *
 * @param hex [out] digits and a NUL, at least UAX_HEX_SIZE bytes
 * @return KX_OK; KX_E_RANGE when this credential can't answer the algorithm;
 *         KX_E_BUG when qop or -sess is there and no cnonce
 */
int uax_digest_response(const struct uax_digest *d, const struct uax_cred *cred,
		const struct uax_hashes *h, char *hex);

#endif
