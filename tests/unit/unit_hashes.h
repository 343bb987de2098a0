/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hash functions for the tests, and digest responses computed a second way:
 * both by OpenSSL, none of it by code under test. */
#ifndef UNIT_HASHES_H
#define UNIT_HASHES_H

#include "digest.h"

/** The port of uac/logic/digest.h, filled from OpenSSL. */
extern const struct uax_hashes unit_hashes;

/**
 * Hexadecimal hash of a text.
 *
 * @param alg "MD5", "SHA256" or "SHA512-256", as OpenSSL names them
 * @param out [out] at least 65 bytes
 */
void unit_hash_hex(const char *alg, const char *text, char *out);

/** As unit_hash_hex(), of a text built like printf() builds it. */
void unit_hash_fmt(char *out, const char *alg, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

#endif
