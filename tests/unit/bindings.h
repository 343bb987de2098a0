/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A store of bindings for the tests of registrar/logic: an array. */
#ifndef BINDINGS_H
#define BINDINGS_H

#include "rgr.h"
#include "unit.h"

/** An array of bindings, walked in order. */
struct unit_store
{
	struct rgr_binding *binding;
	int n;
};

/** rgr_bindings.next over a unit_store. What is not wanted is no good: who
 * reads it is caught. */
const void *unit_store_next(const void *owner, const void *at,
		enum rgr_want want, struct rgr_binding *out);

/** rgr_bindings.read over a unit_store. */
void unit_store_read(
		const void *owner, const void *ref, struct rgr_binding *out);

/** The store as the logic sees it. */
static inline struct rgr_bindings unit_bindings(const struct unit_store *st)
{
	struct rgr_bindings all = {st, unit_store_next, unit_store_read};
	return all;
}

/** A living binding of the URI, made at T - 100 with Call-ID "call", CSeq 10,
 * that expires at T + 100; `ref` is the store's own. */
struct rgr_binding unit_binding(const char *uri);

/** A REGISTER at T with Call-ID "call", CSeq 11, no Expires header. */
struct rgr_request unit_request(struct rgr_contact *contact, int n_contacts);

/** A checked contact of the URI, granted 3600 seconds, with its parts. */
struct rgr_contact unit_contact(const char *uri);

/** Nothing set but what a default configuration has. */
struct rgr_policy unit_policy(void);

enum
{
	/** Now, in every test. */
	UNIT_T = 1000000
};

#endif
